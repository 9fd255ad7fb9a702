"""The prices of one direction: read when there are new ones, kept, and shown to the second."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from . import pace
from .alarm import Alarm
from .api import FlatpeakError, FlatpeakNotYetError, FlatpeakRateLimitError
from .const import LOGGER
from .failures import failure
from .model import DAY, WHOLE_DAY, Direction, PriceBook, PriceRequest, PriceSeries, Slot, Span
from .store import FlatpeakStore
from .stored import StoredPrices

# What is over is of no use but to the prices of today, in every time zone, and to a period
# that began yesterday.
_KEPT = timedelta(days=2)
# Prices are known until the end of tomorrow at most; forecasts go further.
_AHEAD = timedelta(days=3)
# Set-up waits for the very first prices, in seconds; they are read again if it takes longer.
_PATIENCE = 10
# A source that has never answered may be starting itself: this often it is waited for, which
# takes about a quarter of an hour. One that answered before may be starting as well.
_TRIES = 5
# From then on a source that does not answer is worth a word.
_GONE = DAY
_ONE_HAND = timedelta(seconds=10)


class PriceFeed(ABC):
    """Who gives the prices of a location, and knows how often that is worth asking."""

    zone: tzinfo
    store: FlatpeakStore

    @property
    @abstractmethod
    def prices_from(self) -> str:
        """What the prices come from: others than these are no longer true."""

    @abstractmethod
    async def read_prices(self, request: PriceRequest) -> PriceSeries:
        """Return the prices of a span, fewer where they are not out. Raises FlatpeakError."""

    def knows_tomorrow(self, book: PriceBook, now: datetime) -> bool:
        """Tell whether the next day has prices: then its noon has one, in every market."""
        return book.at(WHOLE_DAY.period(now, self.zone).end + DAY / 2) is not None

    def without_prices(self, error: FlatpeakError, direction: Direction) -> timedelta | None:
        """Return for how long an error means that there are none, None: for now only."""
        return None

    @abstractmethod
    def next_reading(self, book: PriceBook, series: PriceSeries, now: datetime) -> datetime:
        """Return when to read again after a success."""

    @abstractmethod
    def reading_failed(self, direction: Direction, *, long: bool) -> None:
        """Take note that prices cannot be read, and whether that has gone on for long."""

    @abstractmethod
    def reading_went_well(self, direction: Direction) -> None:
        """Take note that prices were read."""


class PriceCoordinator(DataUpdateCoordinator[PriceBook]):
    """Keeps the prices of one direction.

    Two timers: at the next edge of a price, for those who show it, and at the next reading.
    """

    config_entry: ConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, feed: PriceFeed, direction: Direction
    ) -> None:
        """Take up the stored prices, or begin with none."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{entry.title} {direction}",
            always_update=False,
        )
        self.direction = direction
        self._feed = feed
        self._delay = pace.delay(f"{entry.entry_id}{direction}")
        self._failures = 0
        self._failing_since: datetime | None = None
        self._reading = False
        self._again = False
        self._by_hand: datetime | None = None
        self._followers: list[Callable[[], None]] = []
        self._untold = False
        self._request = Alarm(hass, self._read)
        self._edge = Alarm(hass, self._pass_edge)
        stored = feed.store.prices.get(direction)
        self.data = stored.book if stored and stored.source == feed.prices_from else PriceBook()
        self._stored = self.data

    @callback
    def follow(self, follower: Callable[[], None]) -> CALLBACK_TYPE:
        """Call whenever prices of the future have changed; return how to end that."""
        self._followers.append(follower)
        return lambda: self._followers.remove(follower)

    @property
    def settled(self) -> bool:
        """Whether the prices there are, if any, are all that can be had for the moment."""
        return self.data.read_at is not None or self._failures >= _TRIES

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether asking before it is due would bring nothing new."""
        at = self.data.next_update
        return self.last_update_success and at is not None and at > now

    async def async_read_first(self) -> None:
        """Read what is due, so that nobody begins without prices that can be had."""
        if self.data.read_at is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self.async_refresh()

    def start(self) -> None:
        """Begin to keep time."""
        now = dt_util.utcnow()
        self._arm_edge(now)
        if self._untold:
            self._tell()
        at = self.data.next_update
        if at is None or at <= now:
            self.config_entry.async_create_task(self.hass, self._read())
        else:
            self._arm(at)

    @override
    async def async_shutdown(self) -> None:
        """Stop the timers."""
        await super().async_shutdown()
        self._request.cancel()
        self._edge.cancel()

    @callback
    def source_changed(self) -> None:
        """Read soon: the source has something new to say."""
        soon = dt_util.utcnow() + pace.SLACK
        if self._reading:
            self._again = True
        elif not self._shutdown_requested and not (self._request.at and self._request.at <= soon):
            self._request.set(soon)

    @override
    async def async_request_refresh(self) -> None:
        """Read because somebody said so; once, however many entities were named."""
        now = dt_util.utcnow()
        if self._by_hand is None or now - self._by_hand >= _ONE_HAND:
            self._by_hand = now
            await self._read()

    async def _read(self) -> None:
        if self._reading:
            self._again = True
            return
        await self.async_refresh()
        if self._again:
            self._again = False
            self.source_changed()

    @override
    async def _async_update_data(self) -> PriceBook:
        """Read, and keep what was known where nothing newer is."""
        now = dt_util.utcnow()
        today = WHOLE_DAY.period(now, self._feed.zone)
        span = Span(today.start, today.start + _AHEAD)
        self._reading = True
        try:
            series = await self._feed.read_prices(PriceRequest(span, self.direction))
        except FlatpeakError as err:
            if wait := self._feed.without_prices(err, self.direction):
                LOGGER.debug("%s: no prices to be had (%s)", self.name, err)
                now = dt_util.utcnow()
                self._keep(replace(self.data, next_update=now + wait, read_at=now), now)
                return self.data
            self._postpone(err)
            if isinstance(err, FlatpeakNotYetError):
                return self.data  # the server is well, there is just nothing to know yet
            raise failure(err, UpdateFailed) from err
        except Exception:
            # a mistake of ours: Home Assistant logs it, and the prices go on
            self._postpone(FlatpeakError())
            raise
        finally:
            self._reading = False
        if self._shutdown_requested:
            return self.data
        now = dt_util.utcnow()
        self._failures, self._failing_since = 0, None
        self._feed.reading_went_well(self.direction)
        slots = self.data.overlaid(series.slots, now - _KEPT)
        book = PriceBook(slots, None, now)
        book = replace(book, next_update=self._feed.next_reading(book, series, now) + self._delay)
        self._keep(book, now)
        return self.data

    def _postpone(self, error: FlatpeakError) -> None:
        """Read again some time after an error, which changes no price."""
        if self._shutdown_requested:
            return
        now = dt_util.utcnow()
        self._failures += 1
        self._failing_since = self._failing_since or self.data.read_at or now
        long = now - self._failing_since >= _GONE and self._failures >= _TRIES
        self._feed.reading_failed(self.direction, long=long)
        jitter = pace.jitter(f"{self.config_entry.entry_id}{self.direction}", now)
        at = now + pace.retry(error, self._failures, timedelta(hours=1), jitter)
        if isinstance(error, FlatpeakRateLimitError):
            at += self._delay  # all of us were told the same
        LOGGER.debug("%s: no prices (%s), next try at %s", self.name, error, at)
        self._keep(replace(self.data, next_update=at), now)
        if self._failures == _TRIES and self.data.read_at is None:
            self._tell()

    def _keep(self, book: PriceBook, now: datetime) -> None:
        """Take a book, store it, and tell who plans on it when the future has changed."""
        first = self.data.read_at is None and book.read_at is not None  # or that there are none
        news = first or _future(book, now) != _future(self.data, now)
        self.data = book
        self._feed.store.prices[self.direction] = StoredPrices(self._feed.prices_from, book)
        if news or self._is_due(book, now):
            self._stored = book
            self.config_entry.async_create_task(self.hass, self._feed.store.save())
        if book.next_update:
            self._arm(book.next_update)
        self._arm_edge(now)
        if news:
            LOGGER.debug("%s: prices known until %s", self.name, book.slots[-1:])
            self._tell()

    def _is_due(self, book: PriceBook, now: datetime) -> bool:
        """Tell whether a restart would read at another time than it should.

        Some sources say something every few seconds, which is no reason to write a file.
        """
        at, stored = book.next_update, self._stored.next_update
        return stored is None or stored <= now or (at is not None and at < stored)

    def _tell(self) -> None:
        """Tell who plans on the prices; at the start they are not there yet."""
        self._untold = not self._followers
        for follower in list(self._followers):
            follower()

    def _arm(self, at: datetime) -> None:
        if not self._shutdown_requested and not self.config_entry.pref_disable_polling:
            self._request.set(at)

    def _arm_edge(self, now: datetime) -> None:
        """Wake at the next edge of a price, and when a day of the location's clock ends."""
        if self._shutdown_requested:
            return
        midnight = WHOLE_DAY.period(now, self._feed.zone).end
        edge = self.data.next_edge(now)
        self._edge.set(min(edge, midnight) if edge else midnight)

    def _pass_edge(self) -> None:
        """Show the price of now."""
        self._arm_edge(dt_util.utcnow())
        self.async_update_listeners()


def _future(book: PriceBook, now: datetime) -> list[Slot]:
    return [slot for slot in book.slots if slot.end > now]
