"""Prices minute by minute, and what a plan is worth, in whole numbers."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, groupby

from ...model import MINUTE, Constraints, Preference, Segment, Slot

# Money is counted in billionths, so that equal sums are equal whatever was added up.
BILLION = 10**9

_MICROSECOND = timedelta(microseconds=1)
_LENGTH = MINUTE // _MICROSECOND

# What a minute costs (of the dearest time: what it does not earn), and whether it is always
# wanted; None where it may not be used.
type Minute = tuple[int, bool] | None


class Yardstick:
    """What of a price counts: which way is better, how far it may go, what is always wanted."""

    def __init__(self, segment: Segment, constraints: Constraints) -> None:
        """Turn the dearest time round, so that less is better."""
        self._sign = 1 if segment is Segment.LOW else -1
        self._never, self._always = (
            None if rate is None else self.cost(rate)
            for rate in (constraints.never_beyond, constraints.always_within)
        )

    def cost(self, rate: float) -> int:
        """Return what a rate costs."""
        return round(self._sign * rate * BILLION)

    def allows(self, slot: Slot) -> bool:
        """Tell whether a slot may be used."""
        if slot.rate is None:
            return False
        return self._never is None or self.cost(slot.rate) <= self._never

    def wants(self, cost: int) -> bool:
        """Tell whether time at this cost is used in any case."""
        return self._always is not None and cost <= self._always


def by_minute(
    allowed: Iterable[Slot], yardstick: Yardstick, start: datetime, count: int
) -> list[Minute]:
    """Return so many minutes from a moment on.

    A minute with an edge inside costs the average of its time. It may be used, and is always
    wanted, where all of it is.
    """
    minutes: list[Minute] = [None] * count
    pieces: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for slot in allowed:
        begin = max((slot.start - start) // _MICROSECOND, 0)
        stop = min((slot.end - start) // _MICROSECOND, count * _LENGTH)
        if begin >= stop or slot.rate is None:
            continue
        cost = yardstick.cost(slot.rate)
        first, last = -(-begin // _LENGTH), stop // _LENGTH
        if first > last:
            pieces[last].append((stop - begin, cost))
            continue
        minutes[first:last] = [(cost, yardstick.wants(cost))] * (last - first)
        pieces[first - 1].append((first * _LENGTH - begin, cost))
        pieces[last].append((stop - last * _LENGTH, cost))
    for place, parts in pieces.items():
        if sum(length for length, _ in parts) == _LENGTH:
            cost = round(sum(length * cost for length, cost in parts) / _LENGTH)
            wanted = all(yardstick.wants(cost) for length, cost in parts if length)
            minutes[place] = (cost, wanted)
    return minutes


def stretches(minutes: Sequence[Minute]) -> Iterator[tuple[int, int]]:
    """Return where time that may be used begins and ends."""
    place = 0
    for usable, some in groupby(minutes, lambda minute: minute is not None):
        begin, place = place, place + sum(1 for _ in some)
        if usable:
            yield begin, place


@dataclass(frozen=True, slots=True)
class Objective:
    """What plans are worth, the goals packed into one number: less is better.

    From the first goal to the last: much of the time that is always wanted, little other
    time, little cost, few runs, early or late. `sums` is the worth of all minutes before
    each; a run is worth the difference, and `start` for being one. Of two plans of the same
    length the order is that of the goals; where nothing is always wanted the first two are
    left out. `nothing` is worse than any plan.
    """

    sums: list[int]
    start: int
    nothing: int

    def run(self, begin: int, end: int) -> int:
        """Return what a run is worth."""
        return self.sums[end] - self.sums[begin] + self.start


def objective(minutes: Sequence[Minute], preference: Preference, *, always: bool) -> Objective:
    """Weigh the goals, each so that all lesser ones together do not make up for one of it."""
    count = len(minutes)
    # the moments of a run add up to half the difference of the squares of its ends
    moment = 1 if preference is Preference.EARLY else -1
    start = 2 * count * count + 1
    money = start * (count + 2)
    other = wanted = 0
    top = 2 * money * (sum(abs(minute[0]) for minute in minutes if minute) + 1)
    if always:
        other, wanted = top, top * (count + 2)
        top = wanted * (count + 2)
    values = (
        moment * (2 * place + 1)
        + (money * minute[0] + (-wanted if minute[1] else other) if minute else 0)
        for place, minute in enumerate(minutes)
    )
    return Objective(list(accumulate(values, initial=0)), start, 8 * top)
