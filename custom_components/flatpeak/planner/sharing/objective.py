"""Which of two plans is better."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...model.tolerances import PLAN_ROUNDING
from .flow import Interval, Shares
from .packing import Piece


class Objective(NamedTuple):
    """How much energy there is, what it costs, and what without the signs of the prices."""

    energy: int
    cost: float
    turnover: float


def objective(pieces: Iterable[Piece]) -> Objective:
    """Add up pieces."""
    return _sum((cost, power * (end - start)) for start, end, power, cost in pieces)


def objective_of_flow(intervals: Sequence[Interval], shares: Shares) -> Objective:
    """Add up shares."""
    return _sum(
        (interval.cost, sum(share.values()))
        for interval, share in zip(intervals, shares, strict=True)
    )


def _sum(parts: Iterable[tuple[float, int]]) -> Objective:
    """Add up amounts, each with its price."""
    energy, cost, turnover = 0, 0.0, 0.0
    for price, amount in parts:
        energy += amount
        cost += price * amount
        turnover += abs(price) * amount
    return Objective(energy, cost, turnover)


def better(one: Objective, other: Objective, margin: float = PLAN_ROUNDING) -> bool:
    """Tell whether one has more energy than the other, or the same for less money.

    `margin` is the part of the money that makes no difference.
    """
    if abs(one.energy - other.energy) > PLAN_ROUNDING * max(one.energy, other.energy):
        return one.energy > other.energy
    return one.cost < other.cost - margin * max(one.turnover, other.turnover)
