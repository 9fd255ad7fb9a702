"""The prices of a direction: read when there are new ones, and kept."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from ..model import DAY, WHOLE_DAY, Direction, PriceBook, PriceRequest, Slot, Span, within
from ..model.errors import (
    FlatpeakError,
    FlatpeakNoTariffError,
    FlatpeakNotYetError,
    FlatpeakRefusedError,
)
from . import intervals
from .events import PricesFailed, PricesRead, ReadPrices
from .requests import is_by_hand, prices_changed, retry_at
from .state import HomeState, PriceState
from .turn import Turn

# What is over is of no use but to the prices of today, in every time zone, and to a period
# that began yesterday.
_KEPT = timedelta(days=2)
# Prices are known until the end of tomorrow at most; forecasts go further.
_AHEAD = timedelta(days=3)
_NOON = time(12)
# From then on a source that does not answer is worth a word.
_GONE = DAY
# A direction that no schedule uses: its tariff will not be missed.
_NO_TARIFF = timedelta(hours=6)


def start(turn: Turn) -> None:
    """Read what is due, and tell of prices that nobody was told of."""
    for prices in turn.home.prices.values():
        due = prices.book.next_update or turn.now
        turn.put_prices(replace(prices, untold=False, due=due))
        if prices.untold:
            prices_changed(turn, prices.direction)


def read_due(turn: Turn) -> None:
    """Begin to read where it is time."""
    for prices in turn.home.prices.values():
        allowed = turn.home.polling or prices.pushed
        if prices.due and prices.due <= turn.now and allowed and not prices.reading:
            turn.put_prices(replace(prices, reading=True, due=None, pushed=False))
            turn.effects.append(reading_of(turn.home, prices.direction))


def with_sources(home: HomeState, sources: Mapping[Direction, str]) -> HomeState:
    """Return a home with the prices of the directions in use, and no others."""
    known = home.prices
    if sources.keys() == known.keys():
        return home
    prices = {
        way: known.get(way) or PriceState(way, f"{home.key}{way}", source, due=home.now)
        for way, source in sources.items()
    }
    return replace(home, prices=prices)


def reading_of(home: HomeState, direction: Direction) -> ReadPrices:
    """Return what is read of a direction."""
    today = WHOLE_DAY.period(home.now, home.zone)
    return ReadPrices(PriceRequest(Span(today.start, today.start + _AHEAD), direction))


def source_changed(turn: Turn, direction: Direction) -> None:
    """Read soon: the source has something new to say."""
    prices, soon = turn.home.prices.get(direction), turn.now + intervals.SLACK
    if prices is None:
        return
    if prices.reading:
        turn.put_prices(replace(prices, again=True))
    elif prices.due is None or prices.due > soon:
        turn.put_prices(replace(prices, due=soon, pushed=True))
    else:
        turn.put_prices(replace(prices, pushed=True))


def asked_by_hand(turn: Turn, direction: Direction) -> None:
    """Read because somebody said so; once, however many entities were named."""
    prices = turn.home.prices.get(direction)
    if prices is None or not is_by_hand(prices.by_hand, turn.now):
        return
    prices = replace(prices, by_hand=turn.now)
    if prices.reading:
        turn.put_prices(replace(prices, again=True))
    else:
        turn.put_prices(replace(prices, due=turn.now, pushed=True))


def were_read(turn: Turn, event: PricesRead) -> None:
    """Keep what was known where nothing newer is."""
    prices, now, zone = turn.home.prices.get(event.direction), turn.now, turn.home.zone
    if prices is None:
        return
    slots = _overlaid(prices.book, event.series.slots, now - _KEPT)
    book = PriceBook(slots, None, now)
    at = intervals.next_reading(
        event.series.next_update,
        event.refresh,
        now,
        zone,
        tomorrow=_knows_tomorrow(turn.home, book),
    )
    book = replace(book, next_update=at + intervals.delay(prices.key))
    prices = replace(prices, failures=0, failing_since=None, error=None, gone=False)
    turn.home = replace(turn.home, last_success=now)
    _keep(turn, prices, book)


def _overlaid(book: PriceBook, news: tuple[Slot, ...], since: datetime) -> tuple[Slot, ...]:
    """Return the prices since a moment; most readings say again what is known."""
    if not news or within(book.slots, news[0].start, news[-1].end) != news:
        return book.overlaid(news, since)
    repeated = Span(news[0].start, news[-1].end)
    return tuple(
        slot
        for slot in book.slots
        if slot.end > since and (slot.confidence >= 1 or repeated.contains(slot.start))
    )


def failed(turn: Turn, event: PricesFailed) -> None:
    """Read again some time after an error, which changes no price."""
    prices, now, error = turn.home.prices.get(event.direction), turn.now, event.error
    if prices is None:
        return
    if wait := _without(turn.home, prices, error):
        prices = replace(prices, error=None)
        _keep(turn, prices, replace(prices.book, next_update=now + wait, read_at=now))
        return
    failures = prices.failures + 1
    since = prices.failing_since or prices.book.read_at or now
    prices = replace(
        prices,
        failures=failures,
        failing_since=since,
        # the server is well where there is just nothing to know yet
        error=None if isinstance(error, FlatpeakNotYetError) else error,
        gone=now - since >= _GONE and failures >= intervals.TRIES,
    )
    at = retry_at(prices.key, error, failures, timedelta(hours=1), now)
    news = failures == intervals.TRIES and prices.book.read_at is None
    _keep(turn, prices, replace(prices.book, next_update=at), news=news)


def next_edge(home: HomeState, prices: PriceState, now: datetime) -> datetime:
    """Return the next moment at which a price begins or ends, or a day of the home's clock does."""
    midnight = _midnight(now.astimezone(home.zone).date(), home.zone)
    edge = prices.book.next_edge(now)
    return min(edge, midnight) if edge else midnight


@lru_cache(maxsize=8)  # asked at every event, and the same all day
def _midnight(day: date, zone: tzinfo) -> datetime:
    return WHOLE_DAY.period(datetime.combine(day, _NOON, zone), zone).end


def future(book: PriceBook, now: datetime) -> list[Slot]:
    """Return the prices that are not over."""
    return [slot for slot in book.slots if slot.end > now]


def _keep(turn: Turn, prices: PriceState, book: PriceBook, *, news: bool = False) -> None:
    """Take a book, and tell who plans on it when the future has changed."""
    before, now = prices.book, turn.now
    first = before.read_at is None and book.read_at is not None  # or that there are none
    news = news or first or future(book, now) != future(before, now)
    at = book.next_update
    if prices.again:
        at = now + intervals.SLACK
    turn.put_prices(
        replace(prices, book=book, reading=False, again=False, due=at, pushed=prices.again)
    )
    if news and turn.home.started:
        prices_changed(turn, prices.direction)
    elif news:
        turn.put_prices(replace(turn.home.prices[prices.direction], untold=True))


def _knows_tomorrow(home: HomeState, book: PriceBook) -> bool:
    """Tell whether the next day has prices: then its noon has one, in every market."""
    return book.at(WHOLE_DAY.period(home.now, home.zone).end + DAY / 2) is not None


def _without(home: HomeState, prices: PriceState, error: FlatpeakError) -> timedelta | None:
    """Return for how long there are none: an account may lack them, or a tariff."""
    if home.locally:
        return None
    if isinstance(error, FlatpeakRefusedError) and not prices.book.slots:
        return DAY  # who told prices of these days has some, and is only refusing for a while
    unused = prices.direction not in home.uses
    return _NO_TARIFF if isinstance(error, FlatpeakNoTariffError) and unused else None
