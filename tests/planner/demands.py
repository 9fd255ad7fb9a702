"""What devices want, what they are given, and what must hold of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
import math
from random import Random

import pytest

from custom_components.flatpeak.model import (
    Demand,
    Direction,
    PowerSlot,
    PriceCap,
    Slot,
    Span,
    energy_of,
    within,
)
from custom_components.flatpeak.planner import Allocation, allocate

from .drawing import HOUR, MIDNIGHT, MINUTE, at

IMPORT, EXPORT = Direction.IMPORT, Direction.EXPORT
QUARTER = 15 * MINUTE


def chances(seed: int) -> Random:
    """Return what throws the dice, always the same way."""
    return Random(seed)


def demand(
    energy: float,
    power: float,
    start: float = 0,
    end: float = 24,
    *,
    minimum: float = 0.0,
    direction: Direction = IMPORT,
) -> Demand:
    """Return a demand; its hours count from midnight."""
    return Demand("", direction, Span(at(start), at(end)), energy, power, minimum)


@dataclass(frozen=True, slots=True)
class Case:
    """A question about one direction."""

    prices: Sequence[Slot]
    demands: Sequence[Demand]
    limit: float | None = None
    cap: PriceCap | None = None

    @property
    def direction(self) -> Direction:
        """Which way all of it flows."""
        return self.demands[0].direction

    def allocated(self) -> tuple[Allocation, ...]:
        """Ask the planner."""
        return allocate(
            {self.direction: self.prices},
            self.demands,
            limits={} if self.limit is None else {self.direction: self.limit},
            caps={} if self.cap is None else {self.direction: self.cap},
        )


def drawn(slots: Sequence[PowerSlot], hours: int) -> str:
    """Draw the power of each hour as a digit, `.` none.

    `+` and `-` are some power in the first or the second half, `?` is anything else.
    """

    def character(hour: int) -> str:
        parts = within(slots, at(hour), at(hour + 1))
        edges = tuple((edge - at(hour)) / HOUR for part in parts for edge in (part.start, part.end))
        known = {(): ".", (0, 0.5): "+", (0.5, 1): "-"}
        if edges == (0, 1) and parts[0].power in range(10):
            return f"{parts[0].power:.0f}"
        return known.get(edges, "?")

    return "".join(character(hour) for hour in range(hours))


def keeps_the_rules(case: Case, found: Sequence[Allocation]) -> None:
    """Check what must hold of every answer."""
    assert [one.demand for one in found] == list(case.demands)
    for one in found:
        target, slots = one.demand, one.slots
        edges = [edge for slot in slots for edge in (slot.start, slot.end)]
        assert edges == sorted(edges)
        assert all(target.span.start <= edge <= target.span.end for edge in edges)
        assert all(target.min_power - 1e-9 <= slot.power <= target.max_power for slot in slots)
        assert all(slot.power > 0 for slot in slots)
        for slot, later in pairwise(slots):
            same = (slot.power, slot.rate) == (later.power, later.rate)
            assert slot.end < later.start or not same, "a slot is cut for nothing"
        for slot in slots:
            parts = within(case.prices, slot.start, slot.end)
            assert sum((part.length for part in parts), timedelta(0)) == slot.length
            assert {part.rate for part in parts} == {slot.rate}
            assert min(part.confidence for part in parts) == slot.confidence
        assert one.shortfall >= 0
        assert energy_of(slots) + one.shortfall == pytest.approx(max(target.energy, 0), abs=1e-6)
        assert one.cost == pytest.approx(sum(slot.rate * slot.energy for slot in slots), abs=1e-9)
        assert one.confidence == min((slot.confidence for slot in slots), default=1.0)
        if slots:
            saved = sum(slot.saved * slot.energy for slot in slots)
            assert one.savings.value == pytest.approx(saved, abs=1e-8)
    if case.limit is not None:
        everything = [slot for one in found for slot in one.slots]
        for moment in {slot.start for slot in everything}:
            load = math.fsum(slot.power for slot in everything if slot.contains(moment))
            assert load <= case.limit + 1e-8


def energy(found: Sequence[Allocation]) -> float:
    """Return what all get together."""
    return math.fsum(energy_of(one.slots) for one in found)


def cost(found: Sequence[Allocation]) -> float:
    """Return what that costs; an income is a cost below zero."""
    return math.fsum(-one.cost if one.demand.direction is EXPORT else one.cost for one in found)


def turnover(found: Sequence[Allocation]) -> float:
    """Return the money that changes hands."""
    return math.fsum(abs(slot.rate) * slot.energy for one in found for slot in one.slots)


KINDS = {
    "many the same": lambda chance: chance.randint(-2, 4) / 10,
    "all different": lambda chance: round(chance.gauss(0.1, 0.1), 5),
    "day and night": lambda chance: chance.choice((0.1, 0.3)),
    "flat": lambda chance: 0.2,
}


def odd_case(chance: Random, *, minimum: bool = False) -> Case:
    """Make up a question that nobody would ask: gaps, odd lengths, too much, too late."""
    rate = KINDS[chance.choice(tuple(KINDS))]
    moment = MIDNIGHT + chance.choice((0, 0, 17)) * MINUTE
    prices = []
    for _ in range(chance.randint(1, 30)):
        if chance.random() < 0.1:
            moment += chance.choice((7, 15, 60)) * MINUTE
        end = moment + chance.choice((7, 15, 15, 30, 45, 60)) * MINUTE
        known = chance.random() < 0.95
        prices.append(Slot(moment, end, rate(chance) if known else None, chance.choice((1, 0.5))))
        moment = end
    minutes = int((moment - MIDNIGHT) / MINUTE)
    direction = chance.choice((IMPORT, EXPORT))
    demands = []
    for _ in range(chance.randint(1, 8)):
        power = chance.choice((1, 2, 2.3, 3.7, 7.4, 11, chance.uniform(0.5, 12)))
        start = chance.randint(-30, minutes - 1)
        end = chance.randint(start + 1, minutes + 60)
        if chance.random() < 0.4:
            start, end = 0, minutes
        wanted = (chance.uniform(0, 20), chance.randint(0, 20), power * chance.randint(1, 8) / 4)
        demands.append(
            demand(
                chance.choice(wanted),
                power,
                start / 60,
                end / 60,
                minimum=chance.choice((0, 1.4, 4.1, power)) if minimum else 0.0,
                direction=direction,
            )
        )
    limit = chance.choice((None, 5, 8, 11, 14, 20))
    caps = (
        PriceCap(relative=chance.uniform(0, 1)),
        PriceCap(absolute=chance.choice((0, 0.1, 0.2))),
        PriceCap(relative=0.5, absolute=0.3),
    )
    chance.shuffle(prices)
    return Case(prices, demands, limit, chance.choice((None, None, None, *caps)))


# kW, least kW, and between what kWh
DEVICES = (
    (11, 4.14, 8, 50),  # cars with three phases, that charge with 6 A or more
    (22, 4.14, 8, 60),
    (11, 1.38, 8, 40),  # that can switch to one
    (7.4, 1.38, 8, 40),  # cars with one phase
    (3.6, 1.38, 5, 20),
    (2.5, 2.5, 2, 8),  # a boiler
    (3, 1, 3, 12),  # a heat pump
    (5, 0, 2, 10),  # a battery
)


def household(chance: Random, record: Sequence[Slot]) -> Case:
    """Make up a night of a home with several devices, at real prices."""
    count = chance.choice((10, 24, 40))
    first = chance.randrange(len(record) - count)
    prices = record[first : first + count]
    start, end = prices[0].start, prices[-1].end
    demands = []
    for _ in range(chance.randint(2, 5)):
        power, minimum, low, high = chance.choice(DEVICES)
        span = Span(
            start + chance.choice((0, 0, 0.1, 0.2)) * (end - start),
            end - chance.choice((0, 0, 0.1, 0.2)) * (end - start),
        )
        demands.append(Demand("", IMPORT, span, chance.randint(low, high), power, minimum))
    return Case(prices, demands, chance.choice((7, 9, 11, 14, 17, 25)))
