"""Stretches of time, with and without a price, and their arithmetic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

NOTHING = timedelta(0)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time: its start belongs to it, its end does not.

    Raises ValueError when it is empty, reversed or without a time zone.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse what is no stretch of time."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a time without a time zone")
        if self.start >= self.end:
            raise ValueError("it ends before it starts")

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start

    def contains(self, moment: datetime) -> bool:
        """Tell whether the moment lies inside."""
        return self.start <= moment < self.end

    def overlaps(self, other: Span) -> bool:
        """Tell whether there is time that belongs to both."""
        return self.start < other.end and other.start < self.end

    def clip(self, start: datetime, end: datetime) -> Self | None:
        """Return the part between two moments, or None where there is none."""
        if start <= self.start and self.end <= end:
            return self  # most parts are whole, and cost nothing
        start, end = max(self.start, start), min(self.end, end)
        return replace(self, start=start, end=end) if start < end else None


@dataclass(frozen=True, slots=True)
class Slot(Span):
    """A span at one price.

    A rate of None means that the price is not known (Flatpeak says 0 with
    confidence 0); such a slot is never planned on. Confidence runs from 0 to 1,
    below 1 the price is a forecast. A window of a plan is a slot as well:
    a run of touching slots made one by `merge`.
    """

    rate: float | None
    confidence: float = 1.0


def merge(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Join touching slots, in order of time; the rate becomes their time-weighted average.

    The confidence of the joined slot is the lowest of its parts: what rests on a
    forecast in part, rests on a forecast. Known and unknown prices do not mix.
    Raises ValueError when slots overlap.
    """
    merged: list[Slot] = []
    for slot in sorted(slots, key=lambda slot: slot.start):
        last = merged[-1] if merged else None
        if last is not None and slot.start < last.end:
            raise ValueError("two slots overlap")
        if last is None or slot.start > last.end or (slot.rate is None) != (last.rate is None):
            merged.append(slot)
            continue
        merged[-1] = Slot(
            last.start,
            slot.end,
            average_rate((last, slot)),
            min(last.confidence, slot.confidence),
        )
    return tuple(merged)


def total(spans: Iterable[Span]) -> timedelta:
    """Add up the lengths."""
    return sum((span.length for span in spans), NOTHING)


def within[S: Span](spans: Iterable[S], start: datetime, end: datetime) -> tuple[S, ...]:
    """Return the parts of the spans between two moments."""
    return tuple(
        part
        for span in spans
        if span.start < end and start < span.end and (part := span.clip(start, end))
    )


def before[S: Span](spans: Iterable[S], moment: datetime) -> tuple[S, ...]:
    """Return the parts of the spans that are over at a moment."""
    return tuple(
        part for span in spans if span.start < moment and (part := span.clip(span.start, moment))
    )


def average_rate(slots: Sequence[Slot]) -> float | None:
    """Return the time-weighted average of the known rates, None where none is known."""
    known = [(slot.rate, slot.length.total_seconds()) for slot in slots if slot.rate is not None]
    if not known:
        return None
    first = known[0][0]
    if all(rate == first for rate, _ in known):
        return first  # equal prices stay equal to the last bit
    return sum(rate * seconds for rate, seconds in known) / sum(seconds for _, seconds in known)


def lowest_confidence(slots: Iterable[Slot]) -> float | None:
    """Return how sure the least sure price is, None where there is no slot."""
    return min((slot.confidence for slot in slots), default=None)


def runs(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join touching spans, in order of time, whatever they say of the time."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(Span(span.start, span.end))
    return tuple(joined)


def uncovered[S: Span](span: S, covers: Sequence[Span]) -> list[S]:
    """Return the parts of a span that none of some others, in order of time, lies over."""
    parts, start = list[S](), span.start
    for cover in covers:
        if cover.end <= start or cover.start >= span.end:
            continue
        if cover.start > start:
            parts.append(replace(span, start=start, end=cover.start))
        start = cover.end
    if start < span.end:
        parts.append(replace(span, start=start))
    return parts
