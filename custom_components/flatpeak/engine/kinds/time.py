"""What schedules have in common that are either on or off."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast, override

from ...model import (
    MINUTE,
    NOTHING,
    DurationRequest,
    DurationSchedule,
    Plan,
    PriceLimitRequest,
    Source,
    Span,
    Status,
    TimeTarget,
)
from ...model.errors import FlatpeakError
from ...planner import Situation
from .. import intervals
from ..events import Planned
from ..questions import Answer, Answerer, Asked, Question
from ..state import AnyPlan, HomeState, RequestState, ScheduleState
from ..turn import with_request, with_schedules
from .base import Kind


class TimeKind[T: TimeTarget, R: DurationRequest | PriceLimitRequest](Kind):
    """A kind of schedule that is on in windows of time, each asked for alone.

    `T` is what it wants, `R` what Flatpeak is asked. What Flatpeak cannot answer, or does not for
    the moment, is planned here on the prices that are known.
    """

    horizon = intervals.HORIZON

    # What these kinds differ in

    @abstractmethod
    def wanted(self, target: T) -> timedelta:
        """Return the time that is wanted in each period."""

    @abstractmethod
    def outstanding(
        self, home: HomeState, plan: AnyPlan, target: T, *, keep_running: bool
    ) -> R | None:
        """Return what is to be asked for, None where nothing is."""

    @abstractmethod
    def asking(self, home: HomeState, question: Question, target: T, request: R) -> Question:
        """Return the question that asks for it."""

    @abstractmethod
    def requested(self, question: Question) -> R:
        """Return what a question asks for."""

    @abstractmethod
    def revised(
        self, plan: AnyPlan, target: T, answer: DurationSchedule, request: R, *, calm: bool
    ) -> AnyPlan:
        """Return a plan with an answer worked in."""

    @abstractmethod
    def has_room(self, plan: AnyPlan, target: T, now: datetime) -> bool:
        """Tell whether something is missing that prices to come might bring."""

    @abstractmethod
    def planned(
        self, home: HomeState, state: ScheduleState, plan: AnyPlan, situation: Situation
    ) -> Callable[[], AnyPlan]:
        """Return how to make the plan that known prices give."""

    def needs_local(self, target: T) -> bool:
        """Tell whether a target has something that Flatpeak cannot be asked for."""
        return False

    def fallback_start(self, home: HomeState, target: T, period: Span) -> datetime | None:
        """Return when to begin in a period whose prices do not come."""
        return None

    # Targets

    @override
    def empty(self, period: Span) -> AnyPlan:
        """Return a plan without windows."""
        return Plan(period)

    @override
    def shortfall(self, state: ScheduleState) -> float:
        """Return the minutes that are missing."""
        missing = self.wanted(cast(T, state.target)) - state.plan.length
        return max(missing, NOTHING) / MINUTE

    # Asking

    @override
    def plans_locally(self, home: HomeState, state: ScheduleState) -> bool:
        """Tell whether there is nobody to ask for all that is wanted.

        An account may have no prices to plan on; it is better served without its bounds than
        not at all, and told so.
        """
        if home.locally or not self.needs_local(cast(T, state.target)):
            return home.locally
        prices = home.prices.get(state.target.direction)
        if prices is None or prices.book.read_at is None:
            return True
        return any(slot.end > home.now for slot in prices.book.slots)

    @override
    def lacks_prices(self, home: HomeState, state: ScheduleState) -> bool:
        """Tell whether bounds are not kept, since there are no prices to keep them by."""
        needed = state.target.enabled and self.needs_local(cast(T, state.target))
        return needed and not self.plans_locally(home, state)

    @override
    def question(
        self,
        home: HomeState,
        request: RequestState,
        asked: Mapping[str, Asked],
        answerer: Answerer,
    ) -> Question | None:
        """Ask for what is outstanding."""
        question = Question(request.key, request.asked + 1, home.now, asked, answerer)
        if answerer is not Answerer.FLATPEAK:
            return question
        (one,) = asked.values()
        target = cast(T, one.target)
        wanted = self.outstanding(home, one.plan, target, keep_running=one.keep_running)
        return None if wanted is None else self.asking(home, question, target, wanted)

    @override
    def idle(self, home: HomeState, request: RequestState, asked: Mapping[str, Asked]) -> HomeState:
        """Nothing is to be asked before the period ends."""
        states = [
            replace(
                home.schedules[key],
                next_update=one.plan.period.end,
                check_at=one.plan.period.end - request.lead,
            )
            for key, one in asked.items()
        ]
        return with_schedules(home, *states)

    @override
    def apply(
        self, home: HomeState, question: Question, answer: Answer, keys: frozenset[str]
    ) -> HomeState:
        """Work an answer in, and find out when to ask again."""
        answer = cast(DurationSchedule, answer)
        request = replace(home.requests[question.group], recommended=answer.next_update)
        home = with_request(home, request)
        for key in keys:
            state, one = home.schedules[key], question.asked[key]
            target = cast(T, one.target)
            late: R | None = self.requested(question)
            if one.keep_running and one.plan.running(home.now):
                # it may have begun while we waited for the answer, and is kept all the same
                late = self.outstanding(home, one.plan, target, keep_running=True)
            plan = one.plan
            if late:
                plan = self.revised(plan, target, answer, late, calm=one.calm)
            at = news = intervals.next_update(answer.next_update, question.at)
            if at > plan.period.start and self.has_room(plan, target, question.at):
                # there are minutes without a price; the market's pace would be too late for them
                at = min(at, question.at + intervals.incomplete(plan.period.start - question.at))
            state = replace(
                state.with_plan(plan),
                next_update=news,
                check_at=min(at + request.lead, plan.period.end - request.lead),
            )
            home = with_schedules(home, state)
        return home

    @override
    def checked(self, home: HomeState, request: RequestState) -> HomeState:
        """Each answer has said it already."""
        return home

    @override
    def expected_news(self, home: HomeState, state: ScheduleState) -> datetime | None:
        """Flatpeak itself has said it."""
        request = home.requests.get(state.key)
        return request.recommended if request else None

    # Planning here

    @override
    def fallback(
        self, home: HomeState, question: Question, error: FlatpeakError
    ) -> Question | None:
        """Plan what is not planned yet, on prices that Flatpeak told before.

        Without any, at the hour that the owner chose.
        """
        (one,) = question.asked.values()
        target = cast(T, one.target)
        start = self.fallback_start(home, target, one.plan.period)
        doubtful = isinstance(error, intervals.DOUBTFUL) or start is not None
        ours = one.plan.source not in {None, Source.FLATPEAK}
        if not (doubtful and (ours or self.has_room(one.plan, target, home.now))):
            return None
        return Question(
            question.group, question.number, home.now, question.asked, Answerer.FALLBACK
        )

    @override
    def job(self, home: HomeState, question: Question) -> Callable[[], Planned]:
        """Plan on the prices that are known; a home of its own is served without them too."""
        ((key, one),) = question.asked.items()
        state, target = home.schedules[key], cast(T, one.target)
        prices = home.prices.get(target.direction)
        start = self.fallback_start(home, target, one.plan.period)
        if question.answerer is Answerer.FALLBACK:
            situation = Situation(home.now, unknown=start is not None, fallback=start)
        else:
            # there may be no price for selling at all: then none is waited for either
            start = start if prices else None
            used = home.locally and prices is not None and prices.are_final
            situation = Situation(
                home.now,
                one.calm,
                unknown=used or start is not None,
                fallback=start,
                resumed=state.resumed,
            )
        return self.planned(home, state, one.plan, situation)

    @override
    def apply_local(
        self, home: HomeState, question: Question, result: Planned, keys: frozenset[str]
    ) -> HomeState:
        """Take a plan that was made here, if there was anything to plan on."""
        plan = cast(AnyPlan, result)
        for key in keys:
            state = home.schedules[key]
            planned = self._is_planned(home, plan, state)
            if planned:
                state = state.with_plan(plan)
            if question.answerer is Answerer.LOCAL:
                prices = home.prices.get(state.target.direction)
                # what is at hand is looked at so often that no moment of it is worth showing
                news = prices.book.next_update if prices and not home.locally else None
                end = plan.period.end
                at = end - home.requests[question.group].lead
                if not planned and not home.locally:
                    # prices may be missing for good: then Flatpeak is asked without the bounds
                    at = min(at, home.now + intervals.incomplete(plan.period.start - home.now))
                state = replace(
                    state,
                    pending=state.pending if planned else Status.WAITING,
                    next_update=news or end,
                    check_at=at,
                )
            home = with_schedules(home, state)
        return home

    def _is_planned(self, home: HomeState, plan: AnyPlan, state: ScheduleState) -> bool:
        """Tell whether prices were known, or the load is served without them."""
        if any(window.end > home.now for window in plan.windows):
            return True
        start = max(home.now, plan.period.start)
        prices = home.known_prices(state.target.direction)
        return any(slot.clip(start, plan.period.end) for slot in prices)
