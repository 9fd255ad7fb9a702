"""The best runs under the constraints of a machine, by dynamic programming.

The state of a machine at a moment is whether it runs, how many runs have been started, and
how many minutes have been placed; for each the best worth is kept. It may stop once the
shortest run is over, and be started once the shortest pause is, so both are jumps. Two
things make this quick in plain Python.

First, neither running on nor staying off is any work: of a machine that is off the minutes
placed stay as they are, of one that runs they grow with the clock, so the row of those is
kept by the difference. Only starts and stops cost time, whole rows at once.

Second, few moments and few amounts matter. Hold the order of all starts, stops and slot
edges fixed: what is left is a linear programme, with an optimum in a corner. There each
edge of a run is tied to an edge of a slot, to the start or to the end, or to another edge of
a run by the shortest run or pause; these chains lie on the slots' grid (the greatest common
divisor of everything said, but for the start). Only the duration can set chains free. If two
were free, one could make room for the other, with gain or without loss until one is tied. So
at most one is free, and as starts and stops alternate in a chain, moving it by a minute
changes the duration by one or not at all: the duration says where on the grid it lies. The
same holds among plans at the same cost, for the sum of the moments. Hence minutes are looked
at by their remainder on the grid, and only a few remainders occur:

* of the minutes placed: before the free chain what the first run leaves (it may begin where
  the slots' grid is not), after it that of the duration;
* of moments: the differences of those.

So the number of states follows the number of slots, hardly the number of minutes.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import gcd

from .minutes import Minute, Objective

type Row = list[int]
# For each number of starts, and each remainder: the best worth by the minutes placed.
type Rows = list[list[Row | None]]
type Run = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be planned, in minutes. The first `lead` are before the start.

    They cannot be used, and put the edges of the slots on multiples of `grid`. `since` says
    for each moment from when on all time up to it can be used. `held` is the moment until
    which a run that goes on at the start must go on, None where there is none; new runs are
    allowed from `free` on. `beyond`: more than is wanted may be placed.
    """

    objective: Objective
    since: list[int]
    grid: int
    lead: int
    wanted: int
    shortest_run: int
    shortest_pause: int
    starts: int | None
    held: int | None
    free: int
    beyond: bool

    @property
    def end(self) -> int:
        """The last moment."""
        return len(self.since) - 1

    @property
    def remainders(self) -> list[int]:
        """What the minutes placed, and those less the clock, can leave on the grid."""
        if self.held is None:
            some = {0, -self.free, self.wanted}
        else:
            some = {-self.lead, self.held - self.lead, self.wanted}
        return sorted({number % self.grid for number in some})


@dataclass(frozen=True, slots=True)
class Found:
    """The best plan of its kind, and how many minutes it places."""

    placed: int
    objective: int
    runs: tuple[Run, ...]


def grid_of(minutes: list[Minute], *steps: int) -> int:
    """Return the grid on which the edges of the slots lie, seen from the end."""
    count = len(minutes)
    edges = (count - place for place in range(1, count) if minutes[place] != minutes[place - 1])
    return gcd(*edges, *steps) or count


class Search:
    """One search; `best` and `most` tell what it found."""

    def __init__(self, task: Task) -> None:
        """Search."""
        self._task = task
        self._sums = task.objective.sums
        self._nothing = task.objective.nothing
        self._counted = 0 if task.starts is None else 1
        self._remainders = task.remainders
        self._sizes = [
            max((task.wanted - rest) // task.grid + 1, 0) for rest in self._remainders
        ] + [1]
        self._pairs = self._paired()
        self._off = self._empty()
        self._on = self._empty()
        self._times: list[list[list[int]]] = [[[] for _ in rows] for rows in self._off]
        self._rows: list[list[list[Row]]] = [[[] for _ in rows] for rows in self._off]
        self._moments: list[int] = []
        self._sweep()

    @property
    def _over(self) -> int:
        """One more than remainders: more than is wanted, by whatever."""
        return len(self._remainders)

    def best(self) -> Found:
        """Return the best plan with the most minutes, up to what is wanted; it may be empty."""
        ends = [
            (-rest - place * self._task.grid, objective, level, kind, place)
            for level, rows in enumerate(self._off)
            for kind, rest in enumerate(self._remainders)
            for place, objective in enumerate(rows[kind] or ())
            if objective < self._nothing // 2
        ]
        placed, objective, level, kind, place = min(ends)
        return Found(-placed, objective, self._runs(level, kind, place, objective))

    def most(self) -> Found | None:
        """Return the best plan with more minutes than are wanted."""
        ends = [
            (row[0], level) for level, rows in enumerate(self._off) if (row := rows[self._over])
        ]
        if not ends:
            return None
        objective, level = min(ends)
        runs = self._runs(level, self._over, 0, objective)
        return Found(sum(end - begin for begin, end in runs), objective, runs)

    # forwards

    def _paired(self) -> dict[int, list[tuple[int, int]]]:
        """Say for each remainder of a moment which rows a start or stop there connects."""
        pairs: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        kinds = list(enumerate(self._remainders))
        for (off, placed), (on, ahead) in product(kinds, kinds):
            at = pairs[(placed - ahead) % self._task.grid]
            if self._sizes[off]:
                at.append((off, on))
        if self._task.beyond:
            for at in pairs.values():
                at.append((self._over, self._over))
        return dict(pairs)

    def _empty(self) -> Rows:
        """Return rows in which nothing is reached."""
        levels = 1 + (self._task.starts or 0)
        return [[None] * (self._over + 1) for _ in range(levels)]

    def _place(self, moment: int, off: int, on: int) -> int:
        """Return where in the row of a machine that runs lies what the other begins with."""
        if off == self._over:
            return 0
        task, rests = self._task, self._remainders
        return (task.end + rests[off] - moment - rests[on]) // task.grid

    def _sweep(self) -> None:
        """Go through all moments that matter."""
        task = self._task
        run, pause, end = task.shortest_run, task.shortest_pause, task.end
        due: defaultdict[int, list[tuple[int, int, Row]]] = defaultdict(list)
        if task.held is None:
            kind = self._remainders.index(0)
            row = [0] + [self._nothing] * (self._sizes[kind] - 1)
            due[task.free].append((0, kind, row))
        before: dict[int, Rows] = {}
        for moment in range(task.lead, end + pause + 1):
            if moment % task.grid not in self._pairs:
                continue
            if moment <= end:
                self._moments.append(moment)
                since = task.since[moment]
                if since == moment:
                    self._on = self._empty()
                elif run and moment - run >= since and moment - run in before:
                    self._begin(moment - run, before[moment - run])
                self._trim(moment)
                due[moment + pause].extend(self._stopped(moment))
            for level, kind, row in due.pop(moment, ()):
                self._keep(moment, level, kind, row)
            if moment < end:
                before[moment] = [list(rows) for rows in self._off]
                if not run:
                    self._begin(moment, self._off)

    def _begin(self, moment: int, off: Rows) -> None:
        """Take up the runs that begin at a moment."""
        by = self._task.objective.start - self._sums[moment]
        for level in range(len(off) - self._counted):
            for kind, other in self._pairs[moment % self._task.grid]:
                if (row := off[level][kind]) is not None:
                    self._raise(level + self._counted, other, self._place(moment, kind, other),
                                [objective + by for objective in row])  # fmt: skip

    def _raise(self, level: int, kind: int, place: int, row: Row) -> None:
        """Put what is better into a row of a machine that runs."""
        old, end = self._on[level][kind], place + len(row)
        if old is None:
            self._on[level][kind] = [self._nothing] * place + row
            return
        if len(old) < end:
            old.extend([self._nothing] * (end - len(old)))
        old[place:end] = [min(yours, mine) for mine, yours in zip(old[place:end], row, strict=True)]

    def _trim(self, moment: int) -> None:
        """Take out what has become more than is wanted, and let the run go on that must."""
        task = self._task
        for level, rows in enumerate(self._on):
            for kind, rest in enumerate(self._remainders):
                keep = max((task.wanted - moment - rest + task.end) // task.grid + 1, 0)
                row = rows[kind]
                if row is None or len(row) <= keep:
                    continue
                if task.beyond and (least := min(row[keep:])) < self._nothing // 2:
                    self._raise(level, self._over, 0, [least])
                del row[keep:]
        if moment == task.held:
            kind = self._remainders.index(-task.lead % task.grid)
            place = (task.end - task.lead - self._remainders[kind]) // task.grid
            self._raise(0, kind, place, [-self._sums[task.lead]])

    def _stopped(self, moment: int) -> Iterator[tuple[int, int, Row]]:
        """Return what a stop at a moment comes to."""
        by = self._sums[moment]
        for level, rows in enumerate(self._on):
            for kind, other in self._pairs[moment % self._task.grid]:
                if (row := rows[other]) is None:
                    continue
                place = self._place(moment, kind, other)
                found = [objective + by for objective in row[place : place + self._sizes[kind]]]
                found += [self._nothing] * (self._sizes[kind] - len(found))
                yield level, kind, found

    def _keep(self, moment: int, level: int, kind: int, row: Row) -> None:
        """Put what is better into a row of a machine that is off, and remember when."""
        old = self._off[level][kind]
        if old is not None:
            row = [min(yours, mine) for mine, yours in zip(old, row, strict=True)]
            if row == old:
                return
        self._off[level][kind] = row
        self._times[level][kind].append(moment)
        self._rows[level][kind].append(row)

    # backwards

    def _runs(self, level: int, kind: int, place: int, objective: int) -> tuple[Run, ...]:
        """Find the runs that led to a state."""
        runs: list[Run] = []
        while objective or kind == self._over or place:
            rows = self._rows[level][kind]
            first = bisect_left(rows, -objective, key=lambda row: -row[place])
            end = self._times[level][kind][first] - self._task.shortest_pause
            placed = None
            if kind != self._over:
                placed = self._remainders[kind] + place * self._task.grid
            if self._went_on(end, level, placed, objective):
                runs.append((self._task.lead, end))
                break
            begin, level, kind, place, objective = next(self._before(end, level, placed, objective))
            runs.append((begin, end))
        return tuple(reversed(runs))

    def _went_on(self, end: int, level: int, placed: int | None, objective: int) -> bool:
        """Tell whether this is the run that goes on at the start."""
        task = self._task
        return (
            task.held is not None
            and level == 0
            and end >= task.held
            and task.since[end] <= task.lead
            and objective == self._sums[end] - self._sums[task.lead]
            and (end - task.lead > task.wanted if placed is None else end - task.lead == placed)
        )

    def _before(
        self, end: int, level: int, placed: int | None, objective: int
    ) -> Iterator[tuple[int, int, int, int, int]]:
        """Return where a run that ends at a moment can have begun, and in which state."""
        task = self._task
        level -= self._counted
        since = bisect_left(self._moments, task.since[end])
        until = bisect_right(self._moments, min(end - task.shortest_run, end - 1))
        for begin in reversed(self._moments[since:until]):
            old = objective - task.objective.run(begin, end)
            for kind, place in self._states(level, begin, end, placed, old):
                yield begin, level, kind, place, old

    def _states(
        self, level: int, begin: int, end: int, placed: int | None, objective: int
    ) -> Iterator[tuple[int, int]]:
        """Return the rows and places in which a worth stands when a run begins."""
        for kind, size in enumerate(self._sizes):
            last = bisect_right(self._times[level][kind], begin)
            if not last or not size:
                continue
            row = self._rows[level][kind][last - 1]
            if kind == self._over:
                places = range(size) if placed is None else range(0)
            else:
                places = self._places(kind, end - begin, placed)
            for place in places:
                if row[place] == objective:
                    yield kind, place

    def _places(self, kind: int, length: int, placed: int | None) -> range:
        """Return from which amounts a run of a length leads to another, or to too much."""
        grid, rest, size = self._task.grid, self._remainders[kind], self._sizes[kind]
        if placed is None:
            least = self._task.wanted - length - rest + 1
            return range(max(-(-least // grid), 0), size)
        place, odd = divmod(placed - length - rest, grid)
        return range(place, place + 1) if place >= 0 and not odd else range(0)
