"""Prices and plans in one line: an hour is a character.

`#` is a whole hour, `+` the first half of one, `-` the second half, `.` none of it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from custom_components.flatpeak.model import (
    Direction,
    DurationTarget,
    Frame,
    Plan,
    Segment,
    Slot,
    Source,
    Span,
    average_rate,
    merge,
    within,
)

MIDNIGHT = datetime(2026, 1, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

GAP = "no slot at all"
UNKNOWN = None

type Price = float | str | None

_HALVES = {"#": (0, 1), "+": (0, 0.5), "-": (0.5, 1)}


def at(hours: float) -> datetime:
    """Return a moment of the drawing."""
    return MIDNIGHT + hours * HOUR


def priced(*prices: Price, step: timedelta = HOUR, confidence: float = 1.0) -> tuple[Slot, ...]:
    """Return slots that follow each other, but for the gaps."""
    return tuple(
        Slot(MIDNIGHT + hour * step, MIDNIGHT + (hour + 1) * step, price, confidence)
        for hour, price in enumerate(prices)
        if not isinstance(price, str)
    )


def draw(windows: Iterable[Span], hours: int) -> str:
    """Draw windows that start and end on half hours."""
    windows = tuple(windows)

    def character(hour: int) -> str:
        parts = within(windows, at(hour), at(hour + 1))
        if not parts:
            return "."
        (part,) = parts
        edges = ((part.start - at(hour)) / HOUR, (part.end - at(hour)) / HOUR)
        return next(sign for sign, half in _HALVES.items() if half == edges)

    return "".join(character(hour) for hour in range(hours))


def drawn(drawing: str, prices: Sequence[Slot] = (), confidence: float = 1.0) -> tuple[Slot, ...]:
    """Return the windows of a drawing, at the average of the prices."""
    halves = (
        (at(hour + _HALVES[sign][0]), at(hour + _HALVES[sign][1]))
        for hour, sign in enumerate(drawing)
        if sign != "."
    )
    return merge(
        Slot(
            start,
            end,
            average_rate(within(prices, start, end)) if prices else 0.0,
            confidence,
        )
        for start, end in halves
    )


def planned(drawing: str, prices: Sequence[Slot] = (), confidence: float = 1.0) -> Plan:
    """Return a plan, drawn over its period."""
    return Plan(
        Span(MIDNIGHT, at(len(drawing))), drawn(drawing, prices, confidence), Source.FLATPEAK
    )


def wished(
    hours: float,
    segment: Segment = Segment.LOW,
    direction: Direction = Direction.IMPORT,
    *,
    enabled: bool = True,
) -> DurationTarget:
    """Return a target; its frame matters to nobody who has a period already."""
    day = Frame(MIDNIGHT.time(), MIDNIGHT.time())
    return DurationTarget(segment, direction, hours * HOUR, day, enabled)


def is_plan(windows: Sequence[Span], start: datetime, end: datetime) -> bool:
    """Tell whether windows are in order, apart from each other and between two moments."""
    edges = [start, *(edge for window in windows for edge in (window.start, window.end)), end]
    apart = all(a.end < b.start for a, b in pairwise(windows))
    return edges == sorted(edges) and apart
