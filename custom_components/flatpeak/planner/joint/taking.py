"""What an answer means for one schedule: what runs goes on, the rest is taken."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ...model import (
    HOUR,
    NEGLIGIBLE,
    Demand,
    DeviceSchedule,
    PowerSlot,
    Source,
    energy_of,
    runs,
    within,
)
from .power import added, split, trimmed
from .question import Question, committed, running


def taken(question: Question, answer: DeviceSchedule, now: datetime) -> tuple[PowerSlot, ...]:
    """Return what an answer plans for a schedule, after what is committed.

    What runs goes on at its power; only where the rest would not get all its energy, the
    answer may raise it. Of an answer that holds more than was asked, or more power, or time
    outside the question, only what was asked is used; what rests on unknown prices is not,
    unless our own planner keeps it for prices to come.
    """
    demand = question.demand
    if demand is None:
        return ()
    start, end = max(demand.span.start, now), demand.span.end
    kept = answer.source is Source.PLANNER  # it keeps time for prices to come on purpose
    known = within((slot for slot in answer.slots if kept or slot.confidence > 0), start, end)
    adapted = [part for slot in known if (part := _adapted(slot, demand)) is not None]
    parts = _without_tiny_runs(adapted)
    run = committed(question, now)
    if run is None:
        return trimmed(parts, demand.energy)
    anyway = _repriced(running(question, now), answer)
    wanted = demand.energy - energy_of(anyway)
    later = trimmed(within(parts, run.end, end), wanted)
    if energy_of(later) < wanted - NEGLIGIBLE:
        _, beyond = split(parts, anyway)
        return added(anyway, trimmed(beyond, wanted))
    return anyway + later


def _without_tiny_runs(slots: Sequence[PowerSlot]) -> list[PowerSlot]:
    """Return slots without the runs that would be over before anything has moved."""
    moving = [
        run for run in runs(slots) if energy_of(within(slots, run.start, run.end)) > NEGLIGIBLE
    ]
    return [slot for slot in slots if any(run.contains(slot.start) for run in moving)]


def _repriced(slots: Sequence[PowerSlot], answer: DeviceSchedule) -> tuple[PowerSlot, ...]:
    """Return what runs at the price an answer has for the same time, where it has one."""
    known = [part for part in answer.slots if part.rate is not None and part.confidence > 0]
    # the answer begins with a whole second, so not where the slot does
    news = [
        next((part for part in known if part.clip(slot.start, slot.end)), None) for slot in slots
    ]
    return tuple(
        replace(slot, rate=new.rate, confidence=new.confidence, saved=new.saved) if new else slot
        for slot, new in zip(slots, news, strict=True)
    )


def _adapted(slot: PowerSlot, demand: Demand) -> PowerSlot | None:
    """Return a slot at a power that the device can run at: the same energy, for less time."""
    if demand.min_power > demand.max_power:
        return None
    power = min(slot.power, demand.max_power)
    lacking = (demand.min_power - power) * (slot.length / HOUR)
    if lacking <= NEGLIGIBLE:
        return replace(slot, power=max(power, demand.min_power))
    end = slot.start + slot.length * (power / demand.min_power)
    return replace(slot, end=end, power=demand.min_power) if end > slot.start else None
