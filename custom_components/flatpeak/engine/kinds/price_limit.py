"""Schedules by price limit: all time below (above) a price."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import cast, override

from ...model import (
    MINUTE,
    DurationSchedule,
    KindName,
    PriceCap,
    PriceLimitRequest,
    PriceLimitTarget,
    Segment,
    Slot,
    Span,
    Target,
    merge,
    runs,
    within,
)
from ...planner import (
    Situation,
    bound_of,
    limit_outstanding,
    limit_planned_locally,
    limit_refitted,
    limit_revised,
    still_within,
)
from ..questions import PriceLimitQuestion, Question
from ..state import AnyPlan, HomeState, ScheduleState
from .time import TimeKind


class PriceLimitKind(TimeKind[PriceLimitTarget, PriceLimitRequest]):
    """All time below (above) a price, within bounds if given."""

    name = KindName.PRICE_LIMIT
    numbers = ("limit",)

    @override
    def refitted(
        self, home: HomeState, state: ScheduleState, target: Target, period: Span, now: datetime
    ) -> AnyPlan:
        """Return what is left of a plan; what runs is not switched off for a moment."""
        old, target = cast(PriceLimitTarget, state.target), cast(PriceLimitTarget, target)
        left = limit_refitted(state.plan, old, target, period, now)
        same = old.direction == target.direction and target.enabled and period.contains(now)
        if not same or left.running(now):
            return left
        prices = home.known_prices(target.direction)
        on = still_within(replace(state.plan, period=period), target, prices, now)
        return replace(left, windows=merge((*left.windows, *on)))

    @override
    def wanted(self, target: PriceLimitTarget) -> timedelta:
        """Return the time that is wanted at least."""
        return target.minimum

    @override
    def outstanding(
        self, home: HomeState, plan: AnyPlan, target: PriceLimitTarget, *, keep_running: bool
    ) -> PriceLimitRequest | None:
        """Return the time that is up for choice."""
        request = limit_outstanding(plan, target, home.now, keep_running=keep_running)
        if request is None or target.limit.absolute is not None:
            return request
        begun = request.span.start > plan.period.start
        if not begun and target.segment is Segment.LOW:
            return request
        # A share means another price in what is left of a period, and pages of Flatpeak
        # contradict each other about shares of the dearest; a price is plain.
        bound = bound_of(target.limit, _known(home, plan.period, target))
        return request if bound is None else replace(request, limit=PriceCap(absolute=bound))

    @override
    def asking(
        self,
        home: HomeState,
        question: Question,
        target: PriceLimitTarget,
        request: PriceLimitRequest,
    ) -> Question:
        """Return the question that asks for it."""
        (one,) = question.asked.values()
        return PriceLimitQuestion(
            question.group,
            question.number,
            question.at,
            question.asked,
            question.answerer,
            target,
            one.plan,
            request,
            home.known_prices(target.direction),
        )

    @override
    def requested(self, question: Question) -> PriceLimitRequest:
        """Return what a question asks for."""
        return cast(PriceLimitQuestion, question).request

    @override
    def revised(
        self,
        plan: AnyPlan,
        target: PriceLimitTarget,
        answer: DurationSchedule,
        request: PriceLimitRequest,
        *,
        calm: bool,
    ) -> AnyPlan:
        """Return a plan with an answer in the place of what was planned ahead."""
        return limit_revised(plan, target, answer.slots, request)

    @override
    def has_room(self, plan: AnyPlan, target: PriceLimitTarget, now: datetime) -> bool:
        """Tell whether there is no answer, or less than the least."""
        return plan.source is None or target.minimum - plan.length >= MINUTE

    @override
    def planned(
        self, home: HomeState, state: ScheduleState, plan: AnyPlan, situation: Situation
    ) -> Callable[[], AnyPlan]:
        """Return how to plan on the prices that are known."""
        target = cast(PriceLimitTarget, state.target)
        return partial(
            limit_planned_locally, plan, target, home.known_prices(target.direction), situation
        )

    @override
    def is_news(self, home: HomeState, state: ScheduleState, plan: AnyPlan) -> bool:
        """Tell whether new prices say something else than the latest answer."""
        target = cast(PriceLimitTarget, state.target)
        known = _known(home, plan.period, target)
        if not known or plan.source is None:
            return False
        meant = limit_planned_locally(plan, target, known, Situation(home.now))
        return runs(meant.windows) != runs(plan.windows)


def _known(home: HomeState, period: Span, target: PriceLimitTarget) -> tuple[Slot, ...]:
    """Return the prices of a period, none where Flatpeak may know more of them."""
    prices = home.prices.get(target.direction)
    if prices is None:
        return ()
    known = within(prices.book.slots, period.start, period.end)
    whole = bool(known) and known[-1].end == period.end
    return known if whole or prices.is_fresh(home.now) else ()
