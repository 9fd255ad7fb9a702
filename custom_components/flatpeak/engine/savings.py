"""What all schedules by amount cost and save together."""

from dataclasses import replace
from datetime import datetime
import math

from ..model import Direction, KindName, within
from .delivery import plan_of
from .state import HomeState, ScheduleState, Totals


def counted(home: HomeState, now: datetime) -> HomeState:
    """Return a home with what was saved since the last time, by what was delivered."""
    since = home.energy.counted
    states = [one for one in home.schedules.values() if one.kind is KindName.AMOUNT]
    if not states:
        return home
    if since is None:
        return replace(home, energy=replace(home.energy, counted=now))
    saved = math.fsum([home.energy.saved, *(_saved(one, since, now) for one in states)])
    known = {**home.schedules, **{one.key: _with_counted(one) for one in states}}
    return replace(home, schedules=known, energy=replace(home.energy, counted=now, saved=saved))


def totals(home: HomeState) -> Totals:
    """Add up all schedules by amount."""
    states = [
        one for one in home.schedules.values() if one.kind is KindName.AMOUNT and one.answered
    ]
    costs = [
        -cost if one.target.direction is Direction.EXPORT else cost
        for one in states
        if (cost := plan_of(one).cost) is not None
    ]
    savings = [saved for one in states if (saved := plan_of(one).savings) is not None]
    return Totals(
        math.fsum(costs) if costs else None,
        math.fsum(savings) if savings else None,
        home.energy.saved,
    )


def _is_metered(state: ScheduleState) -> bool:
    return state.form.energy_entity is not None and state.form.soc_entity is None


def _saved(state: ScheduleState, since: datetime, now: datetime) -> float:
    """Return what a schedule saved between two moments."""
    plan, known = plan_of(state), state.fulfilment
    if _is_metered(state):
        delivered = known.metering.delivered - known.counted
        if plan.savings and plan.energy > 0 and delivered > 0:
            return plan.savings / plan.energy * delivered
        return 0.0
    return math.fsum(
        slot.saved * slot.energy
        for slot in within(plan.windows, since, now)
        if slot.saved is not None
    )


def _with_counted(state: ScheduleState) -> ScheduleState:
    """Return a schedule whose energy delivered so far is counted."""
    known = state.fulfilment
    if not _is_metered(state) or known.counted == known.metering.delivered:
        return state
    return replace(state, fulfilment=replace(known, counted=known.metering.delivered))
