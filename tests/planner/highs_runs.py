"""Machines with constraints for HiGHS: for every minute, whether it runs and whether it starts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from .machines import Rules

type Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Optimum:
    """What a plan places of the duration, what it leaves out of the time that is always used."""

    missing: int
    left_out: int
    filler: int
    cost: float


class Programme:
    """The variables: each minute on or off, then each minute a start or none."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        count = rules.count
        self.costs = np.array([cost or 0 for cost in rules.costs] + [0] * count, dtype=float)
        self.cheap = np.array([*rules.cheap, *[False] * count], dtype=float)
        self.on = np.repeat((1.0, 0.0), count)
        self.rows: list[dict[int, float]] = []
        self.minimum: list[float] = []
        self.maximum: list[float] = []
        self.lower, self.upper = np.zeros(2 * count), np.ones(2 * count)
        self._bound()
        self._tie()
        terms = [
            (row, column, value)
            for row, values in enumerate(self.rows)
            for column, value in values.items()
        ]
        rows, columns, values = zip(*terms, strict=True)
        shape = (len(self.rows), 2 * count)
        matrix = coo_array((values, (rows, columns)), shape=shape).tocsr()
        self.kept = [LinearConstraint(matrix, self.minimum, self.maximum)]

    def _bound(self) -> None:
        """Say which minutes cannot be on, and which must be."""
        rules, count = self.rules, self.rules.count
        off = [cost is None for cost in rules.costs]
        if rules.must is None:
            off[: rules.free] = [True] * len(off[: rules.free])
        else:
            self.lower[: rules.must] = 1
        self.upper[:count][off] = 0
        self.upper[count + max(count - max(rules.shortest, 1) + 1, 0) :] = 0

    def _tie(self) -> None:
        """Say what a start and a stop are, and what has to follow them."""
        rules, count = self.rules, self.rules.count
        for minute in range(count):
            stop = self._stop(minute)
            self._row(stop, minimum=0, constant=self._before(minute))
            both = {**stop, count + minute: 2.0}
            self._row(both, maximum=1, constant=self._before(minute))
            run = {count + then: 1.0 for then in self._lately(minute, rules.shortest)}
            self._row({**run, minute: -1.0}, maximum=0)
            pause: dict[int, float] = {minute: 1.0}
            lately = self._lately(minute, rules.pause)
            for then in lately:
                for column, value in self._stop(then).items():
                    pause[column] = pause.get(column, 0) + value
            self._row(pause, maximum=1, constant=sum(self._before(then) for then in lately))
        if rules.starts is not None:
            self._row({count + minute: 1.0 for minute in range(count)}, maximum=rules.starts)

    def _before(self, minute: int) -> float:
        """Return whether it was on before the first minute."""
        return 1.0 if minute == 0 and self.rules.must is not None else 0.0

    def _stop(self, minute: int) -> dict[int, float]:
        """Return a stop: it was on, or starts, and is not on."""
        stop = {minute: -1.0, self.rules.count + minute: 1.0}
        if minute:
            stop[minute - 1] = 1.0
        return stop

    @staticmethod
    def _lately(minute: int, length: int) -> range:
        return range(max(minute - length + 1, 0), minute + 1 if length else 0)

    def _row(
        self,
        terms: dict[int, float],
        *,
        minimum: float = -np.inf,
        maximum: float = np.inf,
        constant: float = 0,
    ) -> None:
        self.rows.append(terms)
        self.minimum.append(minimum - constant)
        self.maximum.append(maximum - constant)

    def solve(self, goal: Numbers, *more: LinearConstraint) -> Numbers | None:
        """Return the plan that makes least of a goal, None where there is none."""
        found = milp(
            goal,
            constraints=[*self.kept, *more],
            integrality=np.ones(len(goal)),
            bounds=Bounds(self.lower, self.upper),
            options={"mip_rel_gap": 0},
        )
        assert found.status in {0, 2}
        return None if found.x is None else np.round(found.x)

    def exactly(self, numbers: Numbers, minimum: float, maximum: float) -> LinearConstraint:
        """Bound a sum."""
        return LinearConstraint(numbers[None], minimum, maximum)


def optimum(rules: Rules) -> Optimum:
    """Solve it goal by goal."""
    task = Programme(rules)
    heavy = 1 + 2 * np.abs(task.costs).sum()
    up_to = task.exactly(task.on, 0, rules.wanted)
    plan = task.solve(task.costs - heavy * task.on, up_to)
    placed = -1 if plan is None else int(task.on @ plan)
    found = []
    if placed < rules.wanted and (short := rules.short()):
        worths = [rules.objective(runs) for runs in short]
        found += [
            Optimum(0, objective.left_out, objective.filler, objective.cost) for objective in worths
        ]
        placed = rules.wanted + 1
    elif plan is not None and not rules.exceeds:
        found.append(Optimum(rules.wanted - placed, 0, 0, float(task.costs @ plan)))
    if rules.exceeds and (more := _with_all_cheap_time(task, placed, heavy)):
        found.append(more)
    return min(found, key=lambda one: (one.left_out, one.filler, one.cost))


def _with_all_cheap_time(task: Programme, placed: int, heavy: float) -> Optimum | None:
    """Go on with the time that is always used: it, the least of other time, the cost."""
    rules = task.rules
    enough = task.exactly(task.on, placed, np.inf)
    plan = task.solve(-task.cheap, enough)
    if plan is None:
        return None
    cheap = round(task.cheap @ plan)
    always = task.exactly(task.cheap, cheap, cheap)
    plan = task.solve(heavy * task.on + task.costs, enough, always)
    assert plan is not None
    total = round(task.on @ plan)
    return Optimum(
        max(rules.wanted - total, 0),
        sum(rules.cheap) - cheap,
        max(total - max(rules.wanted, cheap), 0),
        float(task.costs @ plan),
    )
