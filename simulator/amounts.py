"""What is answered to a schedule by amount."""

from collections.abc import Sequence
from datetime import datetime
import math

from custom_components.flatpeak.model import Direction, Savings, Slot, within
from custom_components.flatpeak.planner import Allocation, allocate

from .demands import AmountQuestion, Entry
from .faults import Fault
from .quantities import write_power, write_quantity
from .schedules import check_tariff, head, no_price, number, tail
from .spoil import spoil_body, spoil_windows
from .state import Json, Location, World
from .steps import Step, steps


def by_amount(
    world: World, home: Location, question: AmountQuestion, now: datetime
) -> dict[str, Json]:
    """Answer a request for a schedule by amount, or refuse."""
    shape = world.version.shape
    allocations = _allocations(world, home, question, now)
    body = head(world, home, shape.amount_prefix, shape.amount_kind)
    body["max_power"] = write_quantity(question.max_power, world)
    if question.threshold is not None:
        body["shaving_threshold"] = question.threshold
    cost, savings = _total(allocations)
    confidence = min((allocation.confidence for allocation in allocations), default=1.0)
    body |= {shape.money: _money(world, cost, confidence), "savings": _savings(savings)}
    # the answer is documented to need no data
    if question.entries:
        rounded = steps(allocations, question.max_power.milli)
        parts = zip(question.entries, allocations, rounded, strict=True)
        body["data"] = _spoilt([_device(world, question, *part) for part in parts], world)
    return spoil_body(body | tail(world, now), world)


def _spoilt(data: list[Json], world: World) -> list[Json]:
    """Apply the faults that concern the devices as they do the slots."""
    if Fault.EMPTY_DATA in world.faults:
        return []
    return data[::-1] if Fault.UNSORTED in world.faults else data


def _allocations(
    world: World, home: Location, question: AmountQuestion, now: datetime
) -> tuple[Allocation, ...]:
    """Plan on what is known; the site's limit and the cap count for each direction."""
    ways = question.directions
    return allocate(
        {way: _prices(world, home, question, way, now) for way in ways},
        [entry.demand for entry in question.entries],
        limits=dict.fromkeys(ways, question.max_power.kilo),
        caps={} if question.cap is None else dict.fromkeys(ways, question.cap),
    )


def _prices(
    world: World, home: Location, question: AmountQuestion, way: Direction, now: datetime
) -> Sequence[Slot]:
    """Return what is known of a direction, or refuse: no tariff, none yet, no price for anyone.

    A device for whose time alone no price is known gets nothing; the others go ahead.
    """
    check_tariff(world, way)
    prices = world.known_prices(way, home, now)
    spans = [entry.demand.span for entry in question.entries if entry.demand.direction is way]
    asked = (slot for span in spans for slot in within(prices, span.start, span.end))
    if all(slot.rate is None for slot in asked):
        raise no_price(world)
    return prices


def _device(
    world: World,
    question: AmountQuestion,
    entry: Entry,
    allocation: Allocation,
    running: tuple[Step, ...],
) -> dict[str, Json]:
    """Write a device's part, in the units and the style of time it was asked in."""
    shape, demand, style = world.version.shape, entry.demand, entry.style
    body: dict[str, Json] = {
        "device_id": demand.device_id,
        shape.direction: demand.direction.upper(),
        "start_time": entry.start_time,
        "end_time": entry.end_time,
    }
    if entry.max_power is not None:
        body["max_power"] = write_quantity(entry.max_power, world)
    units = (entry.max_power or question.max_power).units
    return body | {
        "energy": write_quantity(entry.energy, world),
        shape.money: _money(world, allocation.cost, allocation.confidence),
        "savings": _savings(allocation.savings),
        "schedule": [
            {
                "start_time": style.write(step.start),
                "end_time": style.write(step.end),
                "power": write_power(step.milliwatts, units, world),
            }
            for step in spoil_windows(running, world)
        ],
    }


def _total(allocations: Sequence[Allocation]) -> tuple[float, Savings]:
    """Add up what all of it costs, less what it earns; where all is sold, what it earns."""
    bought = any(one.demand.direction is Direction.IMPORT for one in allocations)
    sign = {Direction.IMPORT: 1, Direction.EXPORT: -1 if bought else 1}
    cost = math.fsum(sign[one.demand.direction] * one.cost for one in allocations)
    saved = math.fsum(one.savings.value for one in allocations)
    # what it would have cost, or earned, without a plan
    baseline = cost + saved if bought else cost - saved
    return cost, Savings(saved, 100 * saved / baseline if baseline > 0 else None)


def _money(world: World, value: float, confidence: float) -> dict[str, Json]:
    if Fault.UNKNOWN_PRICE in world.faults:
        value = confidence = 0.0
    return {"value": number(value), "confidence": number(confidence)}


def _savings(savings: Savings) -> dict[str, Json]:
    """Write savings; the percentage is required, so it is 0 where there is none."""
    return {
        "value": number(savings.value),
        "percentage": number(round(savings.percentage or 0.0, 2)),
    }
