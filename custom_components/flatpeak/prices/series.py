"""The one place where what sources say becomes slots: units, steps, zones, gaps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from statistics import median_low

from homeassistant.generated.currencies import ACTIVE_CURRENCIES

from ..const import MAX_PRICE
from ..model import HOUR, MINUTE, Slot
from .moments import Clock, moment_of

# How long a price counts whose source gives neither an end nor another price.
LONE = 15 * MINUTE

# What a unit of energy makes of a price per kWh.
_ENERGY = {"wh": 1000.0, "kwh": 1.0, "mwh": 1 / 1000, "gwh": 1 / 1_000_000}

_CENT = 1 / 100

# Words for money that are no currency code. Some belong to several currencies: to none, then.
_MONEY: Mapping[str, tuple[float, str | None]] = {
    **dict.fromkeys(("c", "ct", "cts", "cent", "cents", "¢"), (_CENT, None)),
    **dict.fromkeys(("c€", "€c", "ct€", "€ct", "ceur", "eurct", "snt"), (_CENT, "EUR")),
    **dict.fromkeys(("p", "penny", "pence"), (_CENT, "GBP")),
    **dict.fromkeys(("rp", "rappen"), (_CENT, "CHF")),
    "öre": (_CENT, "SEK"),
    "øre": (_CENT, None),
    "ore": (_CENT, None),
    "gr": (_CENT, "PLN"),
    "€": (1.0, "EUR"),
    "euro": (1.0, "EUR"),
    "£": (1.0, "GBP"),
    "kč": (1.0, "CZK"),
    "zł": (1.0, "PLN"),
    "ft": (1.0, "HUF"),
    "lei": (1.0, "RON"),
    "kr": (1.0, None),
    "$": (1.0, None),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A price as a source says it; anything may be missing, or be of another type.

    `start` and `end` are datetimes, texts, or seconds or milliseconds since 1970; `value` is a
    number or a text. Confidence below 1 marks a forecast.
    """

    start: object
    value: object
    end: object = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit means: by what a value is multiplied to get major units per kWh."""

    factor: float
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class _Price:
    """An entry that has been understood; its rate or its end may be unknown."""

    start: datetime
    end: datetime | None
    rate: float | None
    confidence: float


def slots_of(entries: Iterable[Entry], *, zone: tzinfo, factor: float = 1.0) -> tuple[Slot, ...]:
    """Return the slots of a source's entries, in order, without overlaps, in UTC.

    `zone` is the one of times that name none.

    Starts are rounded down to the minute, ends up. Of two entries with one start the last
    counts, but a known price more than an unknown one. A slot ends where the next one begins at
    the latest; one whose end is not after its start is left out. Without an end it lasts until
    the next start, or as long as those before it if that start is further away; never more than
    an hour. A price that is not known leaves a gap. A forecast fills only time without a price.
    """
    prices = list(_understood(entries, zone, factor))
    slots: list[Slot] = []
    for forecast in (False, True):
        laid_out = _laid_out([price for price in prices if (price.confidence < 1) is forecast])
        slots = sorted([*slots, *_outside(laid_out, slots)], key=lambda slot: slot.start)
    return tuple(slots)


def unit_of(text: str | None) -> Unit | None:
    """Read a unit such as "EUR/MWh", "SEK/kWh", "öre/kWh", "ct/kWh", "p/kWh", "GBP".

    None if it is no unit of a price. The currency is None where several have that name.
    Money without energy is per kWh.
    """
    money, *energy = (text or "").casefold().replace(" per ", "/").split("/")
    money, *energy = ("".join(word.split()).rstrip(".") for word in (money, *energy))
    if not energy and money in _ENERGY:
        return Unit(_ENERGY[money])
    factor, currency = _money(money)
    if len(energy) > 1 or factor is None:
        return None
    per_kwh = _ENERGY.get(energy[0] if energy else "kwh")
    return None if per_kwh is None else Unit(factor * per_kwh, currency)


def _money(word: str) -> tuple[float | None, str | None]:
    """Return how much of a currency a word stands for, and which, None for other words."""
    if word.upper() in ACTIVE_CURRENCIES:
        return 1.0, word.upper()
    return _MONEY.get(word, (None, None))


def _understood(entries: Iterable[Entry], zone: tzinfo, factor: float) -> Iterator[_Price]:
    """Yield the entries that have a start, as good as they can be read."""
    clock = Clock(zone)
    for entry in entries:
        start = clock.moment(entry.start)
        if start is None:
            continue
        yield _Price(
            start.replace(second=0, microsecond=0),
            _whole_minute(moment_of(entry.end, zone, after=start)),
            _rate(entry.value, factor),
            entry.confidence,
        )


def _whole_minute(end: datetime | None) -> datetime | None:
    """Round an end up: some sources say 00:59:59 where an hour is over."""
    if end is None or not (end.second or end.microsecond):
        return end
    return end.replace(second=0, microsecond=0) + MINUTE


def _rate(value: object, factor: float) -> float | None:
    """Return a price per kWh, None if the value is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        rate = float(value) * factor
    except ValueError, OverflowError:
        return None
    # 512.3 per MWh is 0.5123 per kWh, and not 0.5123000000000001
    return round(rate, 9) if abs(rate) <= MAX_PRICE else None  # not true of inf and nan either


def _laid_out(prices: Iterable[_Price]) -> Iterator[Slot]:
    """Yield the slots of prices, each until its end or the next start."""
    by_start: dict[datetime, _Price] = {}
    for price in prices:
        if price.rate is not None or price.start not in by_start:
            by_start[price.start] = price
    starts = sorted(by_start)
    latest = datetime.max.replace(tzinfo=UTC)
    nexts = [*starts[1:], latest]
    for start, lasts, following in zip(starts, _lengths(starts), nexts, strict=False):
        price = by_start[start]
        end = min(price.end or start + lasts, following)
        if price.rate is not None and start < end:
            yield Slot(start, end, price.rate, price.confidence)


def _lengths(starts: Sequence[datetime]) -> Iterator[timedelta]:
    """Yield how long each price lasts, going by the starts alone.

    The distance to the next start counts if it is no longer than those before, or if it comes
    twice in a row: then the steps have become longer. A single long step is a gap.
    """
    steps = [later - start for start, later in pairwise(starts)]
    usual = median_low(steps) if steps else LONE
    for step, further in zip(steps, [*steps, None][1:], strict=True):
        if step <= usual or step == further:
            usual = step
        yield min(usual, HOUR)
    yield min(usual, HOUR)  # of the last


def _outside(slots: Iterable[Slot], taken: Sequence[Slot]) -> Iterator[Slot]:
    """Yield the parts of slots that do not lie in the time of others, which are in order."""
    for slot in slots:
        start = slot.start
        for other in taken:
            if other.end <= start or slot.end <= other.start:
                continue
            if start < other.start:
                yield replace(slot, start=start, end=other.start)
            start = other.end
        if start < slot.end:
            yield replace(slot, start=start)
