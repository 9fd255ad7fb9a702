"""A series of prices of one direction."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .location import Direction
from .spans import Slot, Span, runs, total, uncovered, within


@dataclass(frozen=True, slots=True)
class PriceRequest:
    """A question for the prices of a span."""

    span: Span
    direction: Direction


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Prices as they were published: in order, without overlaps, not merged.

    Slots may have any length and gaps between them. `time_zone` is an IANA name,
    `next_update` the moment from which asking again is worth it.
    """

    slots: tuple[Slot, ...]
    direction: Direction | None = None
    currency: str | None = None
    time_zone: str | None = None
    next_update: datetime | None = None
    live: bool | None = None


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All prices of one direction that are known, and when there may be more.

    `slots` have a known rate each, are in order and do not overlap. `read_at` is when they
    were last read with success.
    """

    slots: tuple[Slot, ...] = ()
    next_update: datetime | None = None
    read_at: datetime | None = None

    def at(self, moment: datetime) -> Slot | None:
        """Return the price of a moment."""
        place = bisect_right(self.slots, moment, key=_start) - 1
        return self.slots[place] if place >= 0 and self.slots[place].contains(moment) else None

    def after(self, moment: datetime) -> Slot | None:
        """Return the first price that begins after a moment."""
        place = bisect_right(self.slots, moment, key=_start)
        return self.slots[place] if place < len(self.slots) else None

    def next_edge(self, now: datetime) -> datetime | None:
        """Return the next moment at which a price begins or ends."""
        present, following = self.at(now), self.after(now)
        if present is None:
            return following.start if following else None
        return present.end

    def covers(self, span: Span) -> bool:
        """Tell whether every moment of a span has a price."""
        return total(within(self.slots, span.start, span.end)) == span.length

    def overlaid(self, news: Iterable[Slot], since: datetime) -> tuple[Slot, ...]:
        """Return the prices since a moment, the news over what was known.

        What is not in the news stays: sources drop a day once it is over, or fail for a
        while. A price that is said to be unknown is, and a forecast that is not repeated has
        expired.
        """
        told = sorted(news, key=_start)
        lasting = (slot for slot in self.slots if slot.confidence >= 1)
        covers = runs(told)
        kept = [part for slot in lasting for part in uncovered(slot, covers)]
        known = [slot for slot in (*kept, *told) if slot.rate is not None and slot.end > since]
        return tuple(sorted(known, key=_start))


def _start(slot: Slot) -> datetime:
    return slot.start
