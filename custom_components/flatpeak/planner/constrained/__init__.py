"""So many minutes at the best prices, in runs that a machine can do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from ...model import (
    MINUTE,
    NOTHING,
    UNCONSTRAINED,
    Constraints,
    Segment,
    Slot,
    Span,
    before,
    merge,
    runs,
    total,
    within,
)
from ..duration import Selection, select
from .minutes import Minute, Yardstick, by_minute, objective, stretches
from .search import Found, Run, Search, Task, grid_of

__all__ = ["arrange"]


def arrange(  # noqa: PLR0913
    prices: Iterable[Slot],
    duration: timedelta,
    segment: Segment,
    constraints: Constraints,
    *,
    start: datetime,
    end: datetime,
    past: Sequence[Span] = (),
) -> Selection:
    """Choose the best runs for what is still to be placed, between two moments.

    `past` are the windows of the period before `start`. Its runs count as starts, the last
    one asks for a pause. One that ends exactly at `start` may go on, which is no start and
    needs no pause; it has to, until it is as long as the shortest run.

    Of all plans that keep the constraints, the best one has, in this order:

    1. as much of the duration as can be placed, and no more;
    2. where there is time that is always used: as much as possible of that, also beyond the
       duration, and then as little other time beyond it as possible;
    3. the lowest cost (of the dearest time: the highest income);
    4. the fewest runs;
    5. the earliest, or latest, running time: the sum of all its moments.

    A target that cannot be met gives way in two places only, both about the shortest run.
    Where no stretch of usable time is as long, it is the longest of them. Where less than a
    shortest run is to be placed, and a run that goes on cannot take it, it is one run as
    long as that. Everything else holds, and what cannot be placed is the shortfall.

    Without constraints that is what `select` chooses. With them time counts in whole
    minutes: a start inside one is rounded up (a run that goes on bridges that), so is a
    duration. The answer is exact; `search` says why, and how it is found.
    """
    yardstick = Yardstick(segment, constraints)
    allowed = [slot for slot in prices if yardstick.allows(slot)]
    if _is_simple(constraints):
        return select(allowed, duration, segment, start=start, end=end)
    if start >= end or (duration <= NOTHING and constraints.always_within is None):
        return Selection((), max(duration, NOTHING))
    case = _Case(allowed, yardstick, duration, constraints, start, end, tuple(past))
    chosen = [part for span in case.spans() for part in within(allowed, span.start, span.end)]
    windows = merge(chosen)
    return Selection(windows, max(duration - total(windows), NOTHING))


def _is_simple(constraints: Constraints) -> bool:
    """Tell whether nothing but a worst price is asked for: there is a quicker way."""
    return replace(constraints, never_beyond=None) == UNCONSTRAINED


def _minutes(length: timedelta) -> int:
    """Return how many minutes hold a length of time."""
    return max(-(-length // MINUTE), 0)


@dataclass(frozen=True)
class _Case:
    """A question, step by step in the words of the search."""

    allowed: Sequence[Slot]
    yardstick: Yardstick
    duration: timedelta
    constraints: Constraints
    start: datetime
    end: datetime
    past: tuple[Span, ...]

    @cached_property
    def ran(self) -> tuple[Span, ...]:
        """The runs before the start."""
        return runs(before(self.past, self.start))

    @cached_property
    def begin(self) -> datetime:
        """The first full minute."""
        return min(self.start + _minutes_up(self.start), self.end)

    @cached_property
    def bridge(self) -> Span | None:
        """The rest of a minute that a run goes on through."""
        if self.begin == self.start or not self.ran or self.ran[-1].end != self.start:
            return None
        parts = within(self.allowed, self.start, self.begin)
        wanted = self.duration > NOTHING or all(
            self.yardstick.wants(self.yardstick.cost(part.rate or 0)) for part in parts
        )
        usable = total(parts) == self.begin - self.start
        return Span(self.start, self.begin) if usable and wanted else None

    @cached_property
    def wanted(self) -> int:
        """How many minutes are to be placed from the first full one on."""
        return _minutes(self.duration - (self.bridge.length if self.bridge else NOTHING))

    @cached_property
    def minutes(self) -> list[Minute]:
        """The minutes from the first full one on."""
        count = (self.end - self.begin) // MINUTE
        return by_minute(self.allowed, self.yardstick, self.begin, count)

    @cached_property
    def held(self) -> int | None:
        """How many minutes a run that goes on has to; None where there is none."""
        if not self.ran or not self.minutes or self.minutes[0] is None:
            return None
        last, bridged = self.ran[-1], self.bridge.length if self.bridge else NOTHING
        if last.end + bridged != self.begin:
            return None
        usable = next(stretches(self.minutes))[1]
        left = _minutes(self.constraints.shortest_run - last.length - bridged)
        return min(left, self.wanted, usable)

    @cached_property
    def free(self) -> int:
        """After how many minutes a new run may begin at the earliest."""
        pause = self.constraints.shortest_pause
        if self.held is not None:
            return self.held + _minutes(pause)
        if not self.ran:
            return 0
        last = self.begin if self.bridge else self.ran[-1].end
        return _minutes(last + pause - self.begin)

    @cached_property
    def shortest_run(self) -> int:
        """The shortest run, or the longest there can be."""
        longest = max((end - max(begin, self.free) for begin, end in stretches(self.minutes)),
                      default=0)  # fmt: skip
        shortest = _minutes(self.constraints.shortest_run)
        return min(shortest, longest) if longest > 0 else shortest

    @cached_property
    def starts(self) -> int | None:
        """How many runs may still be started; None where that bounds nothing."""
        most = self.constraints.starts
        if most is None:
            return None
        most = max(most - len(self.ran), 0)
        run, pause = max(self.shortest_run, 1), max(_minutes(self.constraints.shortest_pause), 1)
        room = (len(self.minutes) - self.free + pause) // (run + pause)
        if not self.beyond:
            room = min(room, self.wanted // run)
        return None if most >= max(room, 1) else most

    @property
    def beyond(self) -> bool:
        """Whether more than the duration may be used."""
        return self.constraints.always_within is not None

    @cached_property
    def task(self) -> Task:
        """What is searched for."""
        pause = _minutes(self.constraints.shortest_pause)
        grid = grid_of(self.minutes, self.shortest_run, pause)
        lead = -len(self.minutes) % grid
        minutes = [None] * lead + self.minutes
        since = list(range(len(minutes) + 1))
        for begin, end in stretches(minutes):
            since[begin : end + 1] = [begin] * (end + 1 - begin)
        return Task(
            objective=objective(minutes, self.constraints.preference, always=self.beyond),
            since=since,
            grid=grid,
            lead=lead,
            wanted=self.wanted,
            shortest_run=self.shortest_run,
            shortest_pause=pause,
            starts=self.starts,
            held=None if self.held is None else lead + self.held,
            free=lead + self.free,
            beyond=self.beyond,
        )

    def spans(self) -> list[Span]:
        """Return when to run."""
        found = [self.bridge] if self.bridge else []
        if self.minutes and (self.wanted or self.beyond):
            origin = self.begin - self.task.lead * MINUTE
            found += [
                Span(origin + begin * MINUTE, origin + end * MINUTE) for begin, end in self._runs()
            ]
        return found

    def _runs(self) -> tuple[Run, ...]:
        """Return the best runs.

        Without a bound on the starts the search is quicker by as much as the bound is. Where
        the best plan keeps to the bound all the same, it is the best under it.
        """
        if self.starts is not None and self.starts > 1:
            found = self._searched(replace(self.task, starts=None))
            goes_on = self.task.held is not None and found[:1] and found[0][0] == self.task.lead
            if len(found) - bool(goes_on) <= self.starts:
                return found
        return self._searched(self.task)

    def _searched(self, task: Task) -> tuple[Run, ...]:
        search = Search(task)
        best, most = search.best(), search.most()
        if best.placed < self.wanted:
            best = self._short() or best
        return min((plan for plan in (best, most) if plan), key=lambda plan: plan.objective).runs

    def _short(self) -> Found | None:
        """Return the best plan whose one new run is shorter than the shortest."""
        task = self.task
        held = () if task.held in {None, task.lead} else ((task.lead, task.held),)
        length = task.wanted - sum(end - begin for begin, end in held)
        if self.constraints.starts is not None and self.starts == 0:
            return None
        if not 0 < length < task.shortest_run:
            return None
        begins = [
            begin
            for begin in range(task.free, task.end - length + 1)
            if task.since[begin + length] <= begin
        ]
        if not begins:
            return None
        value, begin = min((task.objective.run(begin, begin + length), begin) for begin in begins)
        value += sum(task.objective.run(*run) - task.objective.start for run in held)
        return Found(task.wanted, value, (*held, (begin, begin + length)))


def _minutes_up(moment: datetime) -> timedelta:
    """Return how long it is until the next full minute."""
    gone = timedelta(seconds=moment.second, microseconds=moment.microsecond)
    return MINUTE - gone if gone else NOTHING
