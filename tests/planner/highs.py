"""The same question for HiGHS, a solver of linear programmes: the judge of the planner.

A variable is the energy that a device gets in an elementary interval, that is one in which
no price and no span begins or ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, diags_array, eye_array, hstack

from custom_components.flatpeak.model import Demand, Direction, PriceCap, Slot

type Numbers = NDArray[np.float64]

HOUR = 3600.0

# What a solver of integer programmes may be off when it keeps the energy of its first stage.
SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Optimum:
    """The most energy, and the lowest cost of it (of selling: what is not earned)."""

    energy: float
    cost: float


@dataclass(frozen=True, slots=True)
class Programme:
    """Amounts within bounds, so that the rows' sums stay within theirs."""

    costs: Numbers
    rows: csr_array  # the devices first, then the intervals
    maximum: Numbers
    lower: Numbers  # where a device runs at all
    upper: Numbers


def programme(
    prices: Sequence[Slot],
    demands: Sequence[Demand],
    limit: float | None = None,
    cap: PriceCap | None = None,
) -> Programme:
    """Put demands of one direction into a programme."""
    sign = -1 if demands[0].direction is Direction.EXPORT else 1
    known = sorted((slot for slot in prices if slot.rate is not None), key=lambda slot: slot.start)
    origin = min(demand.span.start for demand in demands)

    def hours(moments: Sequence[datetime]) -> Numbers:
        return np.array([(moment - origin).total_seconds() / HOUR for moment in moments])

    starts, ends = hours([slot.start for slot in known]), hours([slot.end for slot in known])
    begin = hours([demand.span.start for demand in demands])
    until = hours([demand.span.end for demand in demands])
    power = np.array([min(demand.max_power, limit or np.inf) for demand in demands])
    minimum = np.array([demand.min_power for demand in demands])

    edges = np.unique(np.concatenate((starts, ends, begin, until)))
    slot = np.searchsorted(starts, edges[:-1], side="right") - 1
    priced = (slot >= 0) & (edges[:-1] < np.append(ends, -np.inf)[slot])
    left, right, slot = edges[:-1][priced], edges[1:][priced], slot[priced]
    cost = sign * np.array([slot.rate for slot in known], dtype=float)[slot]

    usable = (
        (begin[:, None] <= left)
        & (right <= until[:, None])
        & (minimum <= power)[:, None]
        & (power > 0)[:, None]
    )
    if cap:
        usable &= cost <= np.array([ceiling(cost[row], sign, cap) for row in usable])[:, None]
    device, interval = np.nonzero(usable)
    length = (right - left)[interval]
    count = len(device)
    row, column = device, np.arange(count)
    maximum = np.array([demand.energy for demand in demands])
    if limit is not None:
        row, column = np.concatenate((row, len(demands) + interval)), np.tile(column, 2)
        maximum = np.concatenate((maximum, limit * (right - left)))
    return Programme(
        cost[interval],
        coo_array((np.ones(len(row)), (row, column)), shape=(len(maximum), count)).tocsr(),
        maximum,
        minimum[device] * length,
        power[device] * length,
    )


def ceiling(costs: Numbers, sign: int, cap: PriceCap) -> float:
    """Return the highest cost that a cap allows, of the costs in a span."""
    if cap.absolute is not None:
        return sign * cap.absolute + 1e-9
    if cap.relative is None or not costs.size:
        return np.inf
    share = (cap.relative - 0.01) / 0.99
    return float(costs.min() + share * (costs.max() - costs.min()) + 1e-9)


def optimum(task: Programme) -> Optimum:
    """Solve it in two stages: the most energy, then the lowest cost of so much."""
    if not task.costs.size:
        return Optimum(0.0, 0.0)
    bounds = np.column_stack((np.zeros_like(task.upper), task.upper))
    everything = np.ones_like(task.costs)
    limits = {"A_ub": task.rows, "b_ub": task.maximum, "bounds": bounds, "method": "highs"}
    first = linprog(-everything, **limits)
    second = linprog(task.costs, A_eq=everything[None], b_eq=[-first.fun], **limits)
    assert first.status == second.status == 0
    return Optimum(-first.fun, second.fun)


def at_one_go(task: Programme) -> float:
    """Return the lowest cost, found in one stage: all energy is worth more than it ever costs."""
    bounds = np.column_stack((np.zeros_like(task.upper), task.upper))
    objective = 1 + task.costs.max()
    found = linprog(
        task.costs - objective, A_ub=task.rows, b_ub=task.maximum, bounds=bounds, method="highs"
    )
    return float(task.costs @ found.x)


def optimum_with_least_power(task: Programme) -> Optimum:
    """Solve it with devices that are off or run at their least power, all through an interval."""
    if not task.costs.size:
        return Optimum(0.0, 0.0)
    count = task.costs.size
    nothing, everything = np.zeros(count), np.ones(count)
    constraints = [
        LinearConstraint(hstack((task.rows, csr_array(task.rows.shape))), ub=task.maximum),
        LinearConstraint(hstack((eye_array(count), -diags_array(task.upper))), ub=0),
        LinearConstraint(hstack((eye_array(count), -diags_array(task.lower))), lb=0),
    ]
    rules = {
        "integrality": np.concatenate((nothing, everything)),
        "bounds": Bounds(0, np.concatenate((task.upper, everything))),
    }
    total = np.concatenate((everything, nothing))
    first = milp(-total, constraints=constraints, **rules)
    kept = LinearConstraint(total[None], lb=-first.fun - SLACK * max(1, -first.fun))
    second = milp(np.concatenate((task.costs, nothing)), constraints=[*constraints, kept], **rules)
    assert first.status == second.status == 0
    return Optimum(-first.fun, second.fun)
