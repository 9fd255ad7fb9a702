"""What a sensor tells of the energy that was moved, and what is still missing by it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from ..model import NEGLIGIBLE, AmountPlan, AmountTarget, Metering, before
from ..planner import Sensor, believable, demanded, deviates, metered, missing, planned
from .state import ScheduleState

# A value that the device cannot have come to counts once it has lasted as long as this.
SETTLING = timedelta(seconds=60)
# Before a period only the last look has to be exact; looks are a quarter of an hour apart.
_NEAR = timedelta(minutes=20)


def plan_of(state: ScheduleState) -> AmountPlan:
    """Return the plan of a schedule by amount."""
    return cast(AmountPlan, state.plan)


def target_of(state: ScheduleState) -> AmountTarget:
    """Return the target of a schedule by amount."""
    return cast(AmountTarget, state.target)


def read(state: ScheduleState, now: datetime) -> tuple[ScheduleState, bool]:
    """Return a schedule with what its sensor says, and whether to look when that has settled."""
    form, reading, target = state.form, state.reading, target_of(state)
    if form.sensor is None or reading is None or reading.value is None:
        return state, False
    value, at = reading.value, min(reading.reported_at, now)
    metering = state.fulfilment.metering
    if metering.at is not None and at <= metering.at and value == metering.value:
        return state, False  # it has said so before
    if form.battery is None:
        return with_metering(state, metered(metering, value, at, target, plan_of(state))), False
    settled = now - reading.changed_at >= SETTLING
    if settled or believable(metering, value, at, target, form.battery):
        return with_metering(state, Metering(value, at)), False
    return state, True


def with_metering(state: ScheduleState, metering: Metering) -> ScheduleState:
    """Return a schedule that knows something else of what was moved."""
    if metering == state.fulfilment.metering:
        return state
    return replace(state, fulfilment=replace(state.fulfilment, metering=metering))


def needed(state: ScheduleState, plan: AmountPlan, now: datetime) -> float:
    """Return the energy in kWh that is still to be moved in a plan's period."""
    if state.form.sensor is None:
        return missing(target_of(state), plan, now)
    told = state.fulfilment.metering
    if plan.period != state.plan.period:
        told = replace(told, delivered=0.0)
    silent = state.reading is None or state.reading.value is None
    return missing(target_of(state), plan, now, Sensor(told, state.form.battery, silent))


def is_early(state: ScheduleState, now: datetime) -> bool:
    """Tell whether the period is so far off that a rough plan will do."""
    return state.plan.period.start - now > _NEAR


def sensor_deviates(state: ScheduleState, now: datetime) -> bool:
    """Tell whether the sensor says something else than the plan expects."""
    if state.form.sensor is None or not state.answered:
        return False
    plan, target = plan_of(state), target_of(state)
    expected = planned(plan, now, plan.period.end) + state.fulfilment.lacking
    demand = demanded("", target, plan, needed(state, plan, now), now)
    wanted = demand.energy if demand else 0.0
    early = is_early(state, now)
    return deviates(wanted, expected, target, state.form.battery, early=early)


def with_shortfall(state: ScheduleState, now: datetime) -> ScheduleState:
    """Return what is missing when the sensor says something else than the last answer."""
    if state.form.sensor is None or not state.answered:
        return state
    plan = plan_of(state)
    lacking = max(needed(state, plan, now) - planned(plan, now, plan.period.end), 0.0)
    known = state.fulfilment
    if not deviates(lacking, known.shortfall, target_of(state), state.form.battery):
        return state
    return replace(state, fulfilment=replace(known, shortfall=round(lacking, 3)))


def stopped_when_done(state: ScheduleState, now: datetime) -> ScheduleState:
    """Return a schedule without what is planned when its sensor needs nothing more."""
    plan = plan_of(state)
    if not sensor_deviates(state, now) or needed(state, plan, now) > NEGLIGIBLE:
        return state
    return replace(
        state,
        plan=replace(plan, windows=before(plan.windows, now)),
        fulfilment=replace(state.fulfilment, lacking=0.0, unplaced=0.0, shortfall=0.0),
    )
