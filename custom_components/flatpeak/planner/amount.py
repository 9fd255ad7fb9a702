"""So much energy for each device, at the best prices, within what the site can take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import math

from ..model import Demand, Direction, PowerSlot, PriceCap, Savings, Slot, lowest_confidence
from ..model.tolerances import ENERGY_ROUNDING, FLOAT_NOISE
from .sharing import HOUR, KILOWATT, Device, Piece, moment, number, share_out
from .tariff import Tariff


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one demand is given.

    `slots` are in order and do not overlap, each at one power and one price. `shortfall` is
    the energy that could not be placed. `cost` is the income where energy is sold.

    `savings` compares with the same energy taken at once: from the start of the span, at
    full power, whenever a price is known, without a cap and without the other devices.
    First the cap saves by leaving out dear time, then the plan by moving to cheap time. The
    two steps add up to the whole way, so what lies between them need not be known.
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
    """Give each device its energy: as much as there is way for, then as cheap as possible.

    A device runs only in its span, at no more than its power and at no price beyond the
    cap; all together stay within the limit of their direction at every moment. Slots may
    have any length and order, and gaps between them; those without a known price are left
    alone. Raises ValueError when slots overlap.

    Among plans with the same energy and cost the choice is for (1) few starts, (2) full
    power for a short time rather than little for long, (3) earlier. As long as the devices
    do not get into each other's way, each gets what `select` chooses for it. Where they do,
    who has to be ready first is served first, and the three are pursued as far as no two
    devices have to change at the same time.

    A device never runs below its least power. For one device that changes nothing, for
    several under a limit it is a puzzle, which `sharing.lifting` solves well, not perfectly.
    """
    found: dict[int, Allocation] = {}
    for direction in {demand.direction for demand in demands}:
        places = [place for place, demand in enumerate(demands) if demand.direction is direction]
        places.sort(key=lambda place: demands[place].span.end)
        allocations = _allocated(
            Tariff(prices.get(direction, ()), direction),
            [demands[place] for place in places],
            limits.get(direction, math.inf),
            caps.get(direction, PriceCap()),
        )
        found.update(zip(places, allocations, strict=True))
    return tuple(found[place] for place in range(len(demands)))


def _allocated(
    tariff: Tariff, demands: Sequence[Demand], limit: float, cap: PriceCap
) -> list[Allocation]:
    """Allocate in one direction; the first come first."""
    powers = [min(demand.max_power, limit) for demand in demands]
    able = [
        place
        for place, (demand, power) in enumerate(zip(demands, powers, strict=True))
        if power > FLOAT_NOISE and power >= demand.min_power and demand.energy > 0
    ]
    spans = [demands[place].span for place in able]
    devices = [_device(demands[place], powers[place]) for place in able]
    everyone = sum(device.power for device in devices)
    plan = share_out(
        tariff.intervals(spans, [tariff.ceiling(span, cap) for span in spans]),
        devices,
        everyone if math.isinf(limit) else min(round(limit * KILOWATT), everyone),
    )
    pieces = dict(zip(able, plan, strict=True))
    return [
        _allocation(tariff, demand, power, pieces.get(place, []))
        for place, (demand, power) in enumerate(zip(demands, powers, strict=True))
    ]


def _device(demand: Demand, power: float) -> Device:
    """Put a demand into whole numbers."""
    return Device(
        round(power * KILOWATT),
        round(demand.min_power * KILOWATT),
        round(demand.energy * KILOWATT) * HOUR,
        round(demand.energy / power * HOUR),
    )


def _allocation(
    tariff: Tariff, demand: Demand, maximum: float, pieces: Sequence[Piece]
) -> Allocation:
    """Say in slots what a device is given, and what that is worth."""
    runs = _joined(pieces, maximum)
    energies = [power * ((end - start) / HOUR) for start, end, power, _ in runs]
    energy = math.fsum(energies)
    cost = math.fsum(run[3] * part for run, part in zip(runs, energies, strict=True))
    at_once = tariff.at_once(number(demand.span.start), maximum, energy)
    # beyond nine digits is noise; a zero below zero is one as well
    saved = round(at_once - cost, 9) + 0.0
    usual = tariff.sign * round(at_once, 9)
    share = 100 * saved / usual if usual > 0 else None
    shortfall = demand.energy - energy
    return Allocation(
        demand,
        tuple(
            PowerSlot(
                moment(start),
                moment(end),
                tariff.sign * cost,
                tariff.confidence(start, end),
                power,
                saved / energy,
            )
            for start, end, power, cost in runs
        ),
        shortfall if shortfall > ENERGY_ROUNDING else 0.0,
        tariff.sign * cost,
        Savings(saved, share),
    )


def _joined(pieces: Sequence[Piece], maximum: float) -> list[tuple[int, int, float, float]]:
    """Put powers into kW, and join what touches at the same power and price."""
    runs: list[tuple[int, int, float, float]] = []
    for start, end, exact, cost in pieces:
        power = exact / KILOWATT
        power = maximum if power > maximum - FLOAT_NOISE else round(power, 9)
        if runs and runs[-1][1:] == (start, power, cost):
            runs[-1] = (runs[-1][0], end, power, cost)
        else:
            runs.append((start, end, power, cost))
    return runs
