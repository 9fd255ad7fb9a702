"""So much energy for each device, at the best prices, within what the site can take."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
import math

from ..model import (
    Demand,
    Direction,
    PowerSlot,
    PriceCap,
    Savings,
    Slot,
    Span,
    lowest_confidence,
)
from .flow import HOUR, KILOWATT, Device, Interval
from .packing import Piece
from .sharing import moment, number, share_out

# Two rates closer than this are the same to a cap.
CLOSE = 1e-9

# What is lost when times are rounded to microseconds, in kWh, is well below this.
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one demand is given.

    `slots` are in order and do not overlap, each at one power and one price; `shortfall`
    is the energy that could not be placed. `cost` is the income where energy is sold.
    """

    demand: Demand
    slots: tuple[PowerSlot, ...]
    shortfall: float
    cost: float
    savings: Savings

    @property
    def confidence(self) -> float:
        """The lowest confidence of the slots: below 1 the allocation is provisional."""
        lowest = lowest_confidence(self.slots)
        return 1.0 if lowest is None else lowest


def allocate(
    prices: Mapping[Direction, Sequence[Slot]],
    demands: Sequence[Demand],
    *,
    limits: Mapping[Direction, float] = {},
    caps: Mapping[Direction, PriceCap] = {},
) -> tuple[Allocation, ...]:
    """Give each device its energy in its span: as much as possible, then as cheap as possible.

    No device gets more than its power, all of a direction together no more than its limit
    at any moment, and nothing runs at a price beyond the cap. Where energy is sold, the
    dearest time is the best. Slots may have any length and order, and gaps between them;
    those without a known price are left alone. Raises ValueError when slots overlap.

    Among plans of the same energy and cost the choice is for (1) few starts, (2) full power
    for a short time, (3) earlier. As long as the devices do not get into each other's way,
    each gets what `select` chooses for it. Where they do, who has to be ready first is
    served first, and the rule holds as far as each device by itself can be improved.

    A device never runs below its least power. How to arrange that best for several devices
    is a puzzle without a quick exact solution: a device that would have to run lower at some
    time is kept off it, and the rest is planned anew.
    """
    allocations: dict[int, Allocation] = {}
    for direction in {demand.direction for demand in demands}:
        # who has to be ready first comes first
        order = sorted(
            (place for place, demand in enumerate(demands) if demand.direction is direction),
            key=lambda place: demands[place].span.end,
        )
        tariff = _Tariff(prices.get(direction, ()), direction)
        found = _allocated(
            tariff,
            [demands[place] for place in order],
            limits.get(direction, math.inf),
            caps.get(direction, PriceCap()),
        )
        allocations.update(zip(order, found, strict=True))
    return tuple(allocations[place] for place in range(len(demands)))


class _Tariff:
    """The known prices of a direction, in order of time, in numbers."""

    def __init__(self, slots: Sequence[Slot], direction: Direction) -> None:
        """Sort and check them."""
        ordered = sorted(slots, key=lambda slot: slot.start)
        if any(slot.end > later.start for slot, later in pairwise(ordered)):
            raise ValueError("two price slots overlap")
        known = [slot for slot in ordered if slot.rate is not None]
        self.sign = -1 if direction is Direction.EXPORT else 1
        self.starts = [number(slot.start) for slot in known]
        self.ends = [number(slot.end) for slot in known]
        self.costs = [self.sign * slot.rate for slot in known if slot.rate is not None]
        self.confidences = [slot.confidence for slot in known]

    def places(self, start: int, end: int) -> range:
        """Return which slots have a part between two moments."""
        return range(bisect_right(self.ends, start), bisect_left(self.starts, end))

    def ceiling(self, span: Span, cap: PriceCap) -> float:
        """Return the highest cost that a cap allows in a span.

        Seen from the costs, selling at the lowest price is as bad as buying at the highest.
        """
        if cap.absolute is not None:
            return self.sign * cap.absolute + CLOSE
        places = self.places(number(span.start), number(span.end))
        if cap.relative is None or not places:
            return math.inf
        costs = self.costs[places.start : places.stop]
        low, high = min(costs), max(costs)
        return low + (cap.relative - 0.01) / 0.99 * (high - low) + CLOSE

    def intervals(
        self, spans: Sequence[tuple[int, int]], ceilings: Sequence[float]
    ) -> list[Interval]:
        """Cut time where prices and spans begin and end, and join what makes no difference."""
        capped = any(ceiling < math.inf for ceiling in ceilings)
        found: list[Interval] = []
        for cut, until in pairwise(sorted({edge for span in spans for edge in span})):
            covering = [place for place, (a, b) in enumerate(spans) if a <= cut and until <= b]
            everyone = sum(1 << place for place in covering)
            for place in self.places(cut, until) if covering else ():
                start, end = max(self.starts[place], cut), min(self.ends[place], until)
                cost, devices = self.costs[place], everyone
                if capped:
                    devices = sum(1 << place for place in covering if cost <= ceilings[place])
                last = found[-1] if found else None
                if last and last[1:] == (start, cost, devices):
                    found[-1] = Interval(last.start, end, cost, devices)
                elif devices:
                    found.append(Interval(start, end, cost, devices))
        return found

    def at_once(self, start: int, power: float, energy: float) -> float:
        """Return what it costs to run from a moment on, whenever a price is known."""
        costs = []
        for place in range(bisect_right(self.ends, start), len(self.ends)):
            hours = (self.ends[place] - max(self.starts[place], start)) / HOUR
            amount = min(power * hours, energy)
            costs.append(self.costs[place] * amount)
            energy -= amount
            if energy <= 0:
                break
        return math.fsum(costs)

    def confidence(self, start: int, end: int) -> float:
        """Return the lowest confidence between two moments."""
        places = self.places(start, end)
        return min(self.confidences[places.start : places.stop])


def _allocated(
    tariff: _Tariff, demands: Sequence[Demand], limit: float, cap: PriceCap
) -> list[Allocation]:
    """Allocate in one direction."""
    powers = [max(min(demand.max_power, limit), 0.0) for demand in demands]
    devices = [_device(demand, power) for demand, power in zip(demands, powers, strict=True)]
    spans = [(number(demand.span.start), number(demand.span.end)) for demand in demands]
    ceilings = [
        # beyond all prices for who cannot run at all
        tariff.ceiling(demand.span, cap) if device.need else -math.inf
        for demand, device in zip(demands, devices, strict=True)
    ]
    everyone = sum(device.power for device in devices)
    pieces = share_out(
        tariff.intervals(spans, ceilings),
        devices,
        everyone if math.isinf(limit) else min(round(limit * KILOWATT), everyone),
    )
    return [
        _allocation(tariff, demand, power, found)
        for demand, power, found in zip(demands, powers, pieces, strict=True)
    ]


def _device(demand: Demand, power: float) -> Device:
    """Put a demand into whole numbers; who cannot run at this power needs nothing."""
    if power <= 0 or demand.min_power > power or demand.energy <= 0:
        return Device(round(power * KILOWATT), 0, 0, 0)
    return Device(
        round(power * KILOWATT),
        round(demand.min_power * KILOWATT),
        round(demand.energy * KILOWATT) * HOUR,
        round(demand.energy / power * HOUR),
    )


def _allocation(
    tariff: _Tariff, demand: Demand, power: float, pieces: Sequence[Piece]
) -> Allocation:
    """Say in slots what a device was given, and what that is worth."""
    runs = _joined(pieces)
    powers = [min(piece.power / KILOWATT, power) for piece in runs]
    energies = [
        power * ((piece.end - piece.start) / HOUR)
        for power, piece in zip(powers, runs, strict=True)
    ]
    energy = math.fsum(energies)
    cost = math.fsum(piece.cost * part for piece, part in zip(runs, energies, strict=True))
    baseline = tariff.at_once(number(demand.span.start), power, energy)
    value = baseline - cost
    usual = tariff.sign * baseline
    savings = Savings(value, 100 * value / usual if usual > 0 else None)
    slots = tuple(
        PowerSlot(
            moment(piece.start),
            moment(piece.end),
            tariff.sign * piece.cost,
            tariff.confidence(piece.start, piece.end),
            power,
            value / energy,
        )
        for power, piece in zip(powers, runs, strict=True)
    )
    shortfall = demand.energy - energy
    return Allocation(
        demand, slots, shortfall if shortfall > ROUNDING else 0.0, tariff.sign * cost, savings
    )


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join what touches at the same power and price."""
    runs: list[Piece] = []
    for piece in pieces:
        last = runs[-1] if runs else None
        if last and (last.end, last.power, last.cost) == (piece.start, piece.power, piece.cost):
            runs[-1] = last._replace(end=piece.end)
        else:
            runs.append(piece)
    return runs
