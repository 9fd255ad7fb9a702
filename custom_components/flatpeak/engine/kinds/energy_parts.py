"""What is asked for each schedule by amount, how it is planned here, and what an answer changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from ...model import (
    NEGLIGIBLE,
    AmountPlan,
    AmountTarget,
    Demand,
    DeviceSchedule,
    Direction,
    KindName,
    PowerSlot,
    SiteRules,
    Slot,
    Source,
    Status,
    moment_in,
    within,
)
from ...model.errors import FlatpeakError
from ...model.tolerances import LEFT_OUT, LEFT_OUT_SHARE
from ...planner import (
    Question as Part,
    amounts_planned_locally,
    demanded,
    measured,
    planned,
    requests,
)
from ..delivery import needed, plan_of, target_of
from ..questions import Answerer, Asked, EnergyAnswer, EnergyQuestion
from ..state import AnyPlan, HomeState, RequestState, ScheduleState

# Plans that were not made here.
_THEIRS = frozenset({None, Source.FLATPEAK})


def energy_question(
    home: HomeState,
    request: RequestState,
    asked: Mapping[str, Asked],
    answerer: Answerer,
    parts: Mapping[str, Part],
) -> EnergyQuestion:
    """Return a question that holds the parts of all schedules."""
    return EnergyQuestion(
        request.key,
        request.asked + 1,
        home.now,
        asked,
        answerer,
        parts,
        home.rules,
        {key: home.schedules[key].device_id for key in asked},
    )


def part_of(home: HomeState, state: ScheduleState, plan: AnyPlan) -> Part:
    """Return a schedule's part of a question."""
    now, target, asked = home.now, target_of(state), cast(AmountPlan, plan)
    wanted = lacking = needed(state, asked, now)
    running = tuple[PowerSlot, ...]()
    if plan.period != state.plan.period:
        running = within(plan_of(state).windows, now, state.plan.period.end)
    begun = plan.period.start < now and plan.source is not None and not state.fresh
    cap = home.rules.caps.get(target.direction)
    if begun and cap is not None and cap.absolute is None:
        # it counted the prices of the whole period; what is left of it has others
        wanted = min(wanted, planned(asked, now, plan.period.end))
    demand = demanded(state.key, target, asked, wanted, now)
    if demand and target.fallback:
        at = moment_in(plan.period, target.fallback, home.zone)
        demand = replace(demand, fallback=at)
    return Part(
        target, asked, demand, lacking, state.fresh, running, state.changed_at, _answerer(home)
    )


def present(home: HomeState, state: ScheduleState) -> Part:
    """Return the plan of this period as something that nobody is asked about."""
    plan, target, now = plan_of(state), target_of(state), home.now
    wanted = needed(state, plan, now) if target.enabled else 0.0
    demand = demanded(state.key, target, plan, wanted, now)
    return Part(target, plan, demand, wanted, fresh=True, answerer=_answerer(home))


def not_asked(home: HomeState, question: EnergyQuestion) -> dict[str, Part]:
    """Return what still runs of schedules that a question leaves out: it takes its power.

    Shortly before its period ends one is asked for the next, and not yet where that is far ahead.
    """
    parts: dict[str, Part] = {}
    for key, state in home.schedules.items():
        if state.kind is not KindName.AMOUNT or key in question.parts:
            continue
        if running := within(plan_of(state).windows, home.now, state.plan.period.end):
            target, period = target_of(state), state.plan.period
            parts[key] = Part(target, AmountPlan(period), None, before=running)
    return parts


def _answerer(home: HomeState) -> Source:
    return Source.PLANNER if home.locally else Source.FLATPEAK


def is_ours(part: Part) -> bool:
    """Tell whether a plan was made here."""
    return part.plan.source not in _THEIRS


def is_more(energy: float, part: Part, now: datetime) -> bool:
    """Tell whether energy is more than what a plan holds from now on, or there is no plan."""
    plan = part.plan
    ahead = planned(plan, now, plan.period.end)
    return plan.source is None or energy > ahead + 2 * NEGLIGIBLE


def plan_parts(
    groups: Mapping[bool, list[Demand]],
    prices: Mapping[Direction, tuple[Slot, ...]],
    rules: SiteRules,
    without: frozenset[Direction] = frozenset(),
) -> EnergyAnswer:
    """Plan the demands of each group; those of `True` use time without a price too."""
    answers: dict[str, DeviceSchedule] = {}
    for unknown, group in groups.items():
        for request in requests(group, rules):
            devices = amounts_planned_locally(request, prices, unknown=unknown)
            answers |= {one.device_id: one for one in devices}
    return EnergyAnswer(answers, without)


def nothing_to_plan_on(error: FlatpeakError) -> FlatpeakError:
    """Say why nothing can be planned here."""
    return error


def is_much(energy: float, target: AmountTarget) -> bool:
    """Tell whether energy that is left out is worth a word."""
    return energy > max(LEFT_OUT, LEFT_OUT_SHARE * (target.energy or 0.0))


def with_answer(
    state: ScheduleState, part: Part, plan: AmountPlan, now: datetime, *, unpriced: bool = False
) -> ScheduleState:
    """Return a schedule with a new plan, for this period or the next, and what that leaves out.

    `unpriced`: what is lacking has no price yet.
    """
    known = state.fulfilment
    if state.form.energy_entity and not state.form.soc_entity:
        plan = measured(known.metering, plan)
    placed = planned(plan, now, plan.period.end)
    lacking = max(part.demand.energy - placed, 0.0) if part.demand else 0.0
    shortfall = max(part.needed - placed, 0.0)
    shortfall = round(shortfall, 3) if shortfall > NEGLIGIBLE else 0.0
    if plan.period == state.plan.period:
        certain = (plan.confidence or 1.0) >= 1
        same = not part.fresh and NEGLIGIBLE < known.lacking <= lacking + NEGLIGIBLE
        # a device that took nothing is no target that could not be met
        minimum = known.unplaced if state.form.sensor else None
        known = replace(
            known,
            fruitless=known.fruitless + 1 if same and certain and not unpriced else 0,
            lacking=lacking,
            unplaced=shortfall if minimum is None else min(minimum, shortfall),
            shortfall=shortfall,
        )
    elif plan.period.start >= state.plan.period.end:
        known = replace(known, following=(lacking, shortfall))
        if unpriced:
            known = replace(known, fruitless=0)
    planned_state = state.with_plan(plan)
    return replace(planned_state, fulfilment=known, pending=None, fresh=False, changed_at=None)


def with_kept(state: ScheduleState, plan: AmountPlan) -> ScheduleState:
    """Return a schedule with what is left of a plan that nobody answered.

    The others may need its power.
    """
    same = plan.period == state.plan.period
    return replace(state, pending=Status.WAITING, plan=plan if same else state.plan)
