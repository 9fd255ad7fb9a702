"""Schedules by duration: so many minutes in each period."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import cast, override

from ...model import (
    UNCONSTRAINED,
    DurationRequest,
    DurationSchedule,
    DurationTarget,
    KindName,
    Span,
    Target,
    moment_in,
    runs,
)
from ...planner import (
    Situation,
    has_room,
    is_long,
    outstanding,
    planned_locally,
    refitted,
    revised,
)
from ..questions import DurationQuestion, Question
from ..state import AnyPlan, HomeState, ScheduleState
from .time import TimeKind


class DurationKind(TimeKind[DurationTarget, DurationRequest]):
    """So many minutes of the cheapest (dearest) time, with what a machine needs."""

    name = KindName.DURATION
    numbers = ("duration",)

    @override
    def refitted(
        self, home: HomeState, state: ScheduleState, target: Target, period: Span, now: datetime
    ) -> AnyPlan:
        """Return what is left of a plan; a machine that runs is not switched off for a moment.

        Whether it goes on says the plan that is made next, by its bounds.
        """
        old, target = cast(DurationTarget, state.target), cast(DurationTarget, target)
        same = (old.segment, old.direction) == (target.segment, target.direction)
        known = any(slot.contains(now) for slot in home.known_prices(target.direction))
        if same and known and self.needs_local(target) and period.contains(now):
            held = replace(target.constraints, run_through=True)
            target = replace(target, constraints=held)
        return refitted(state.plan, old, target, period, now)

    @override
    def closed(self, state: ScheduleState) -> ScheduleState:
        """Remember what ran last."""
        windows = state.plan.windows
        return replace(state, earlier=runs(windows)[-1]) if windows else state

    @override
    def wanted(self, target: DurationTarget) -> timedelta:
        """Return the minutes that are wanted."""
        return target.duration

    @override
    def outstanding(
        self, home: HomeState, plan: AnyPlan, target: DurationTarget, *, keep_running: bool
    ) -> DurationRequest | None:
        """Return the minutes that are missing."""
        return outstanding(plan, target, home.now, keep_running=keep_running)

    @override
    def asking(
        self, home: HomeState, question: Question, target: DurationTarget, request: DurationRequest
    ) -> Question:
        """Return the question that asks for them."""
        return DurationQuestion(
            question.group,
            question.number,
            question.at,
            question.asked,
            question.answerer,
            target,
            request,
        )

    @override
    def requested(self, question: Question) -> DurationRequest:
        """Return what a question asks for."""
        return cast(DurationQuestion, question).request

    @override
    def revised(
        self,
        plan: AnyPlan,
        target: DurationTarget,
        answer: DurationSchedule,
        request: DurationRequest,
        *,
        calm: bool,
    ) -> AnyPlan:
        """Return a plan with an answer worked in."""
        return revised(plan, answer.slots, request, calm=calm)

    @override
    def has_room(self, plan: AnyPlan, target: DurationTarget, now: datetime) -> bool:
        """Tell whether minutes are missing that the period still has."""
        return has_room(plan, target, now)

    @override
    def needs_local(self, target: DurationTarget) -> bool:
        """Flatpeak cannot be asked for a machine's bounds."""
        return target.constraints != UNCONSTRAINED

    @override
    def fallback_start(
        self, home: HomeState, target: DurationTarget, period: Span
    ) -> datetime | None:
        """Return when the owner has chosen to begin without prices."""
        return moment_in(period, target.fallback, home.zone) if target.fallback else None

    @override
    def planned(
        self, home: HomeState, state: ScheduleState, plan: AnyPlan, situation: Situation
    ) -> Callable[[], AnyPlan]:
        """Return how to plan on the prices that are known."""
        target = cast(DurationTarget, state.target)
        prices = home.known_prices(target.direction)
        situation = replace(situation, earlier=_run_before(state, plan.period))
        return partial(planned_locally, plan, target, prices, situation)

    @override
    def is_long(self, question: Question) -> bool:
        """Tell whether a machine's bounds make it hard."""
        return any(is_long(cast(DurationTarget, one.target)) for one in question.asked.values())


def _run_before(state: ScheduleState, period: Span) -> Span | None:
    """Return the last run before a period: a machine's pause after it may still be due."""
    present, earlier = state.plan, state.earlier
    if present.windows and present.period.end <= period.start:
        return runs(present.windows)[-1]
    return earlier if earlier and earlier.end <= period.start else None
