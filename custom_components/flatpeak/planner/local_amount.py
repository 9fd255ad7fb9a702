"""Schedules by amount, made locally on the prices that are known.

The rule for prices that are not out yet is the one of `home`: as much energy as the unknown
time cannot hold goes into the cheapest known time, the rest is kept for the latest time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from ..model import (
    HOUR,
    MINUTE,
    NEGLIGIBLE,
    NOTHING,
    AmountRequest,
    Demand,
    DeviceSchedule,
    Direction,
    PowerSlot,
    Slot,
    Source,
    Span,
    energy_of,
    uncovered,
)
from ..model.tolerances import FLOAT_NOISE
from .amount import Allocation, allocate

# Time without a price is cut into parts of this length, so that the latest can be preferred.
_PART = 15 * MINUTE
# By how much one part is preferred to the one before, in money per kWh.
_STEP = 0.001


def amounts_planned_locally(
    request: AmountRequest, prices: Mapping[Direction, Sequence[Slot]], *, unknown: bool = True
) -> tuple[DeviceSchedule, ...]:
    """Answer a request from the prices that are known.

    Time without a price is used as well where `unknown` says so, but for a request with a
    price cap: nobody can tell whether it would be kept.
    """
    used = unknown and request.cap is None
    kept = {
        direction: tuple(_stand_ins(direction, request, prices.get(direction, ())))
        for direction in {demand.direction for demand in request.demands}
        if used
    }
    allocations = allocate(
        {way: (*prices.get(way, ()), *kept.get(way, ())) for way in {*prices, *kept}},
        request.demands,
        limits=dict.fromkeys(Direction, request.max_power),
        caps=dict.fromkeys(Direction, request.cap) if request.cap else {},
    )
    answers = tuple(_answer(one, kept.get(one.demand.direction, ())) for one in allocations)
    return _begun(answers, request)


def _begun(
    answers: tuple[DeviceSchedule, ...], request: AmountRequest
) -> tuple[DeviceSchedule, ...]:
    """Return answers with the energy that is kept moved to where it is to begin.

    Only where the site can take it: else the latest time has to do.
    """
    found = list(answers)
    for place, demand in enumerate(request.demands):
        others = [
            slot
            for other, one in enumerate(found)
            if other != place and one.direction is demand.direction
            for slot in one.slots
        ]
        moved = _moved(found[place].slots, demand)
        if all(
            _sum(slot, others) + slot.power <= request.max_power + FLOAT_NOISE for slot in moved
        ):
            found[place] = replace(found[place], slots=moved)
    return tuple(found)


def _moved(slots: tuple[PowerSlot, ...], demand: Demand) -> tuple[PowerSlot, ...]:
    """Return slots with those without a price begun at the fallback, one after the other."""
    if demand.fallback is None or demand.fallback < demand.span.start:
        return slots
    known = [slot for slot in slots if slot.rate is not None]
    energy = energy_of(slot for slot in slots if slot.rate is None)
    moved: list[PowerSlot] = []
    for free in uncovered(Span(demand.fallback, demand.span.end), known):
        length = min(free.length, energy / demand.max_power * HOUR)
        if length > NOTHING:
            end = free.start + length
            slot = PowerSlot(free.start, end, None, 0.0, demand.max_power)
            moved.append(slot)
            energy -= slot.energy
    if energy > NEGLIGIBLE:
        return slots  # begun there it would not be done in time
    return tuple(sorted((*known, *moved), key=lambda slot: slot.start))


def _sum(span: Span, slots: Iterable[PowerSlot]) -> float:
    """Return the most power that slots take at any moment of a span."""
    inside = [part for slot in slots if (part := slot.clip(span.start, span.end))]
    return max(
        (sum(one.power for one in inside if one.contains(part.start)) for part in inside),
        default=0.0,
    )


def _stand_ins(
    direction: Direction, request: AmountRequest, prices: Sequence[Slot]
) -> Iterator[Slot]:
    """Return time without a price at prices that make it wanted as it should be.

    What comes after the last known price is better than all that is known, the latest best:
    its price may still come. A gap before that is worse than all.
    """
    known = sorted((slot for slot in prices if slot.rate is not None), key=lambda slot: slot.start)
    spans = [demand.span for demand in request.demands if demand.direction is direction]
    whole = Span(min(span.start for span in spans), max(span.end for span in spans))
    rates = [slot.rate for slot in known if slot.rate is not None] or [0.0]
    sign = -1 if direction is Direction.EXPORT else 1
    best = min(sign * rate for rate in rates) - 1
    worst = max(sign * rate for rate in rates) + 1
    out = max((slot.end for slot in known), default=whole.start)
    for gap in uncovered(Slot(whole.start, whole.end, None, 0.0), known):
        base = best if gap.start >= out else worst
        for place, part in enumerate(_parts(gap)):
            yield replace(part, rate=sign * (base - place * _STEP))


def _parts(gap: Slot) -> Iterator[Slot]:
    """Cut a gap into quarters of an hour, counted from its end."""
    count = -(-(gap.length // timedelta(microseconds=1)) // (_PART // timedelta(microseconds=1)))
    for place in range(count - 1, -1, -1):
        if part := gap.clip(gap.end - (place + 1) * _PART, gap.end - place * _PART):
            yield part


def _answer(allocation: Allocation, kept: Sequence[Slot]) -> DeviceSchedule:
    """Return what a device is given; money is only known where all prices are."""
    demand = allocation.demand
    span = demand.span
    guessed = any(slot.clip(span.start, span.end) for slot in kept)
    slots = tuple(_true(slot, kept, guessed=guessed) for slot in allocation.slots)
    unpriced = any(slot.rate is None for slot in slots)
    return DeviceSchedule(
        demand.device_id,
        demand.direction,
        slots,
        None if unpriced else allocation.cost,
        None if guessed else allocation.savings,
        0.0 if unpriced else allocation.confidence,
        Source.PLANNER,
    )


def _true(slot: PowerSlot, kept: Sequence[Slot], *, guessed: bool) -> PowerSlot:
    """Return a slot with what is true of its price."""
    if any(part.contains(slot.start) for part in kept):
        return replace(slot, rate=None, saved=None, confidence=0.0)
    return replace(slot, saved=None) if guessed else slot
