"""A home without an account: prices that are already in Home Assistant, planned on at home."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import hashlib
import json
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util

from . import pace
from .api import FlatpeakNoTariffError
from .const import CONF_ADDITIONS, CONF_EXPORT_ADDITIONS, CONF_EXPORT_SOURCE, CONF_SOURCE
from .failures import NoPricesError, SourceError
from .location import SOURCE_GONE, LocationCoordinator
from .model import (
    WHOLE_DAY,
    AmountRequest,
    AmountSchedule,
    Connection,
    Device,
    Direction,
    PriceBook,
    PriceRequest,
    PriceSeries,
    Span,
)
from .planner import amounts_at_home
from .prices import SOURCES, Additions, PriceSource, PriceSourceError, added, additions_of
from .store import FlatpeakStore

# Another integration is asked, which keeps what it knows: looking often costs little.
_LOOK = timedelta(hours=1)


class LocalLocation(LocationCoordinator):
    """Reads prices from another integration, and answers from them."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, store: FlatpeakStore) -> None:
        """Find out where prices come from."""
        super().__init__(hass, entry, store)
        self._sources: dict[Direction, Mapping[str, Any]] = {
            Direction.IMPORT: entry.data[CONF_SOURCE]
        }
        if export := entry.data.get(CONF_EXPORT_SOURCE):
            self._sources[Direction.EXPORT] = export
        options = entry.options
        self._additions = {
            Direction.IMPORT: additions_of(options.get(CONF_ADDITIONS, {})),
            Direction.EXPORT: additions_of(options.get(CONF_EXPORT_ADDITIONS, {})),
        }
        added_up = (options.get(CONF_ADDITIONS), options.get(CONF_EXPORT_ADDITIONS))
        text = json.dumps([*self._sources.items(), *added_up], sort_keys=True, default=str)
        self._fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]
        # the directions whose prices cannot be read, and whether that has gone on for long
        self._failing: dict[Direction, bool] = {}

    @override
    async def prepare(self) -> None:
        """Go by the clock and the money of Home Assistant; a source may know the money better."""

    @property
    @override
    def live(self) -> bool:
        """This home is real."""
        return True

    @property
    @override
    def at_home(self) -> bool:
        """There is nobody else to ask."""
        return True

    @override
    def directions(self, wanted: Collection[Direction]) -> Collection[Direction]:
        """Return the ones that there are prices for."""
        return tuple(self._sources)

    # Prices

    @override
    def watch(self) -> None:
        """Read prices again whenever their source has something new to say."""
        for direction, data in self._sources.items():
            source = _source(data)
            if source and (watched := source.watched(data)):
                self.config_entry.async_on_unload(
                    async_track_state_change_event(self.hass, watched, self._on_change(direction))
                )

    def _on_change(self, direction: Direction) -> Callable[[Event[EventStateChangedData]], None]:
        @callback
        def changed(_event: Event[EventStateChangedData]) -> None:
            self.prices[direction].source_changed()

        return changed

    @property
    @override
    def prices_from(self) -> str:
        """The sources and what is added to them."""
        return self._fingerprint

    @override
    async def read_prices(self, request: PriceRequest) -> PriceSeries:
        """Read the source. Raises SourceError."""
        data = self._sources.get(request.direction)
        if data is None:
            raise FlatpeakNoTariffError("there is no price for selling")
        if (source := _source(data)) is None:
            raise SourceError("source_gone")
        try:
            reading = await source.read(self.hass, data, self._published(request.span))
        except PriceSourceError as err:
            raise SourceError(err.key) from err
        now = dt_util.utcnow()
        if all(slot.end <= now for slot in reading.slots):
            raise SourceError("source_not_ready")  # it shows what it once knew
        if request.direction is Direction.IMPORT:
            self.facts = self.store.location = replace(self.facts, currency=reading.currency)
        additions = self._additions.get(request.direction, Additions())
        return PriceSeries(added(reading.slots, additions, self.zone), request.direction)

    def _published(self, span: Span) -> Span:
        """Return the part of a span that may have prices: markets know tomorrow at most."""
        tomorrow = WHOLE_DAY.period(WHOLE_DAY.period(dt_util.utcnow(), self.zone).end, self.zone)
        return span.clip(span.start, tomorrow.end) or span

    @override
    def next_reading(self, book: PriceBook, series: PriceSeries, now: datetime) -> datetime:
        """Return when the next day's prices should be there, or the next ones of a source."""
        at = pace.next_prices(now, self.zone, tomorrow=self.knows_tomorrow(book, now))
        data = self._sources.get(series.direction or Direction.IMPORT, {})
        source = _source(data)
        return min(at, now + ((source and source.refresh) or _LOOK))

    @override
    def reading_failed(self, direction: Direction, *, long: bool) -> None:
        """Tell the owner after a day; plans go on as far as prices are known."""
        self._failing[direction] = long
        self._note()
        if long:
            self.create_issue(SOURCE_GONE)

    @override
    def reading_went_well(self, direction: Direction) -> None:
        """Take that back, unless it is true of the other direction."""
        self._failing.pop(direction, None)
        if not any(self._failing.values()):
            self.delete_issues(SOURCE_GONE)
        self._note(success=dt_util.utcnow())

    def _note(self, success: datetime | None = None) -> None:
        self.store.connection = Connection(not self._failing, success or self.data.last_success)
        self.async_set_updated_data(self.store.connection)

    # Answers

    @override
    async def ask_amount(self, request: AmountRequest) -> AmountSchedule:
        """Plan on what is known, and keep time at the end for what is not."""
        directions = {demand.direction for demand in request.demands}
        if not directions <= self.prices.keys():
            raise FlatpeakNoTariffError("there is no price for selling")
        if not all(self.prices[direction].settled for direction in directions):
            raise NoPricesError("prices have not been read yet")
        prices = {direction: self.known_prices(direction) for direction in directions}
        devices = await self.hass.async_add_executor_job(amounts_at_home, request, prices)
        return AmountSchedule(devices, currency=self.currency)

    @override
    async def find_or_create_device(self, reference: str) -> str:
        """Return the reference: there is nobody who would have another name for it."""
        return reference

    @override
    async def devices(self) -> tuple[Device, ...]:
        """There are none: nobody else has to know them."""
        return ()

    @override
    def delete_stale_issues(self) -> None:
        """Keep all: whether prices can be read does not depend on schedules."""


def _source(data: Mapping[str, Any]) -> PriceSource | None:
    return SOURCES.get(data.get("source", ""))
