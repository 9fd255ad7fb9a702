"""How a schedule goes through its periods: one after the other, and anew under another target."""

from dataclasses import replace
from datetime import datetime

from ..model import Target
from .kinds import kind_of
from .state import AnyPlan, HomeState, RequestState, ScheduleState


def group_of(home: HomeState, state: ScheduleState) -> str:
    """Return the key of the request that asks for a schedule."""
    return home.key if kind_of(state).shared else state.key


def members(home: HomeState, key: str) -> list[ScheduleState]:
    """Return the schedules that are asked for together."""
    if key in home.schedules:
        return [home.schedules[key]]
    return [one for one in home.schedules.values() if kind_of(one).shared]


def request_of(home: HomeState, state: ScheduleState) -> RequestState:
    """Return when a schedule is asked for."""
    key = group_of(home, state)
    return home.requests.get(key) or RequestState(key)


def plan_to_ask(home: HomeState, state: ScheduleState) -> AnyPlan:
    """Return the plan to ask for next."""
    return state.plan_to_ask(home.now, request_of(home, state).lead, home.zone)


def refitted(home: HomeState, state: ScheduleState, target: Target, now: datetime) -> ScheduleState:
    """Return a schedule with what is left of its plan for another target or period."""
    period = target.frame.period(now, home.zone)
    return replace(
        state,
        target=target,
        plan=kind_of(state).refitted(home, state, target, period, now),
        following=None,
        next_update=state.next_update if target.enabled else None,
        pending=None,
        fulfilment=replace(state.fulfilment, shortfall=0.0, following=None),
    )


def rolled(home: HomeState, state: ScheduleState, now: datetime) -> ScheduleState:
    """Return a schedule in the period of now: the next one when one is over."""
    kind, over = kind_of(state), state.plan.period
    period = state.target.frame.period(now, home.zone)
    if period == over:
        return state
    if period.start >= over.end:
        state = replace(kind.closed(state), resumed=False)
    if state.following and state.following.period == period:
        return kind.opened(replace(state, plan=state.following, following=None))
    return refitted(home, state, state.target, now)
