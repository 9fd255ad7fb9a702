"""What a supplier, the grid and the state add to a price, by time of day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, tzinfo

from ..model import Slot


@dataclass(frozen=True, slots=True)
class HourlyAmount:
    """An amount per kWh in some hours of the day, by the clock on the wall.

    An end at or before the start lies on the next day; equal times mean the whole day.
    The days are those on which the hours begin (Monday is 0).
    """

    start: time
    end: time
    amount: float
    days: frozenset[int] = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Additions:
    """What is added to a price: (price + fixed + the amounts of the hour) * (1 + percent / 100).

    Amounts are per kWh in major units of the currency.
    """

    fixed: float = 0.0
    percent: float = 0.0
    hours: tuple[HourlyAmount, ...] = ()


def added(slots: Sequence[Slot], additions: Additions, zone: tzinfo) -> tuple[Slot, ...]:
    """Return slots with the additions, cut where an hour of the table begins or ends."""
    raise NotImplementedError
