"""The cheapest, or dearest, minutes of a series of prices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from ..model import NOTHING, Segment, Slot, Span, merge, total, within


@dataclass(frozen=True, slots=True)
class Selection:
    """The windows chosen, in order, and the time that could not be placed."""

    windows: tuple[Slot, ...]
    shortfall: timedelta


def select(
    prices: Iterable[Slot],
    duration: timedelta,
    segment: Segment,
    *,
    start: datetime,
    end: datetime,
) -> Selection:
    """Choose the minutes with the lowest (highest) sum of prices between two moments.

    The windows last exactly `duration`, or all there is; what is missing is the
    shortfall. Slots may have any length, gaps between them and a first one that has
    begun already are allowed, slots without a known price are left alone.

    Rule: all time cheaper than a marginal price is used, none dearer, and of the
    time at that price as much as is missing. Only there is a choice, and it never
    costs money. It is made for (1) the fewest windows, and among those for (2) the
    plan that runs at the first moment at which two plans differ, the earlier one.
    """
    sign = 1 if segment is Segment.LOW else -1
    known = [
        (sign * part.rate, part)
        for slot in prices
        if (part := slot.clip(start, end)) and part.rate is not None
    ]
    missing = duration
    chosen: list[Slot] = []
    for price in sorted({price for price, _ in known}):
        level = [part for cost, part in known if cost == price]
        if (length := total(level)) <= missing:
            chosen += level
            missing -= length
            continue
        if missing > NOTHING:
            chosen += _marginal(level, chosen, missing)
            missing = NOTHING
        break
    return Selection(merge(chosen), max(missing, NOTHING))


@dataclass(frozen=True, slots=True)
class _Run:
    """Touching slots of the marginal price, and whether chosen time touches them."""

    slots: tuple[Slot, ...]
    length: timedelta
    before: bool
    after: bool

    @property
    def bridge(self) -> bool:
        """Used in full, it makes two windows one."""
        return self.before and self.after

    @property
    def island(self) -> bool:
        """Used at all, it is a window more."""
        return not (self.before or self.after)

    def take(self, amount: timedelta) -> tuple[Slot, ...]:
        """Return the earliest part that touches the chosen time, if any does."""
        start, end = self.slots[0].start, self.slots[-1].end
        if self.after and not self.before:
            return within(self.slots, end - amount, end)
        return within(self.slots, start, start + amount)


def _marginal(level: list[Slot], chosen: Sequence[Span], missing: timedelta) -> list[Slot]:
    """Place what is missing in slots that cost the same, by the rule of `select`."""
    runs = _runs(level, chosen)
    windows = _fewest(runs, missing)
    placed: list[Slot] = []
    for index, run in enumerate(runs):
        amount, windows = _maximum(run, runs[index + 1 :], missing, windows)
        placed += run.take(amount)
        missing -= amount
    return placed


def _runs(level: list[Slot], chosen: Sequence[Span]) -> list[_Run]:
    """Join touching slots of one price."""
    starts, ends = {span.start for span in chosen}, {span.end for span in chosen}
    groups: list[list[Slot]] = []
    for slot in sorted(level, key=lambda slot: slot.start):
        if groups and groups[-1][-1].end == slot.start:
            groups[-1].append(slot)
        else:
            groups.append([slot])
    return [
        _Run(tuple(group), total(group), group[0].start in ends, group[-1].end in starts)
        for group in groups
    ]


def _bridges(runs: Sequence[_Run]) -> list[timedelta]:
    """Return the lengths of the gaps between windows, the shortest first."""
    return sorted(run.length for run in runs if run.bridge)


def _fewest(runs: Sequence[_Run], amount: timedelta) -> int:
    """Count how many windows more (below 0: fewer) it takes to place an amount that fits.

    Each gap closed between two windows saves one, so the shortest come first. An island
    costs one, so islands are used only when all that touches a window is full, the longest
    first.
    """
    bridges = _bridges(runs)
    islands = sorted((run.length for run in runs if run.island), reverse=True)
    room = sum((run.length for run in runs if not run.island), NOTHING)
    if amount <= room:
        return -_fitting(bridges, amount)
    amount -= room
    full = _fitting(islands, amount)
    begun = sum(islands[:full], NOTHING) < amount
    return full + begun - len(bridges)


def _fitting(lengths: Sequence[timedelta], amount: timedelta) -> int:
    """Count how many lengths, taken in order, fit into an amount."""
    return sum(1 for length in accumulate(lengths) if length <= amount)


def _maximum(
    run: _Run, later: Sequence[_Run], missing: timedelta, windows: int
) -> tuple[timedelta, int]:
    """Return the most that a run may hold, and how many windows that leaves to the later ones.

    `windows` is how many placing all that is missing may add. More in an earlier run is
    always earlier, so the runs are filled in order of time, each as far as the later ones
    can still do the rest with the windows that are left.
    """
    begun = windows - run.island
    spared = sum(_bridges(later)[: max(-begun, 0)], NOTHING)
    for amount, left in (
        (run.length, windows + run.bridge - run.island),
        (min(run.length, missing - spared), begun),
    ):
        if NOTHING < amount <= missing and _fewest(later, missing - amount) <= left:
            return amount, left
    return NOTHING, windows
