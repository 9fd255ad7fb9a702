"""Schedules by amount of energy: asked for in one go, since they share the home's limit."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import cast, override

from ...model import (
    HOUR,
    AmountPlan,
    AmountTarget,
    Direction,
    KindName,
    Span,
    Target,
    energy_of,
)
from ...model.errors import FlatpeakError, FlatpeakNoTariffError, NoPricesError
from ...model.tolerances import FULL
from ...planner import (
    Question as Part,
    closed,
    combined,
    displaced,
    refitted_amount,
    with_hysteresis,
)
from .. import intervals
from ..delivery import plan_of, target_of
from ..events import Planned
from ..questions import Answer, Answerer, Asked, EnergyAnswer, EnergyQuestion, Question
from ..state import AnyPlan, HomeState, RequestState, ScheduleState
from ..turn import with_schedules
from .base import Kind
from .energy_checks import look_again, plan_to_ask, with_check
from .energy_parts import (
    energy_question,
    is_more,
    is_much,
    is_ours,
    not_asked,
    nothing_to_plan_on,
    part_of,
    plan_parts,
    present,
    with_answer,
    with_kept,
)


class AmountKind(Kind):
    """So much energy in each period, or a battery at a level."""

    name = KindName.AMOUNT
    shared = True
    numbers = ("energy", "target_soc", "max_power")
    horizon = intervals.AMOUNT_HORIZON

    # Targets

    @override
    def kept(self, target: Target, before: Target, now: Target) -> Target:
        """Return a target as entities left it; a power that is too low for the form now is not."""
        kept, says = cast(AmountTarget, super().kept(target, before, now)), cast(AmountTarget, now)
        return replace(kept, max_power=says.max_power) if kept.max_power < says.min_power else kept

    @override
    def empty(self, period: Span) -> AnyPlan:
        """Return a plan without energy."""
        return AmountPlan(period)

    @override
    def refitted(
        self, home: HomeState, state: ScheduleState, target: Target, period: Span, now: datetime
    ) -> AnyPlan:
        """Return what is left of a plan under another target."""
        target = cast(AmountTarget, target)
        return refitted_amount(plan_of(state), target_of(state), target, period, now)

    @override
    def closed(self, state: ScheduleState) -> ScheduleState:
        """Count whether every plan of a period that is over had to leave something out."""
        known, target, plan = state.fulfilment, target_of(state), plan_of(state)
        misses, missed, crammed = known.misses, known.missed, known.crammed
        if not target.enabled:
            misses = 0
        elif known.unplaced is not None:
            missed = known.unplaced
            maximum = target.max_power * (plan.period.length / HOUR)
            crammed = plan.energy > FULL * maximum
            misses = misses + 1 if is_much(known.unplaced, target) else 0
        fulfilment = replace(
            known,
            metering=closed(known.metering, plan),
            lacking=0.0,
            unplaced=None,
            missed=missed,
            misses=misses,
            crammed=crammed,
            fruitless=0,
            counted=0.0,
        )
        return replace(state, fulfilment=fulfilment)

    @override
    def opened(self, state: ScheduleState) -> ScheduleState:
        """Take over what the answer for this period left out."""
        known = state.fulfilment
        lacking, shortfall = known.following or (0.0, 0.0)
        unplaced = shortfall if known.following else None
        fulfilment = replace(
            known, lacking=lacking, shortfall=shortfall, unplaced=unplaced, following=None
        )
        return replace(state, fulfilment=fulfilment)

    @override
    def shortfall(self, state: ScheduleState) -> float:
        """Return the energy that is missing."""
        return state.fulfilment.shortfall

    # Asking

    @override
    def question(
        self,
        home: HomeState,
        request: RequestState,
        asked: Mapping[str, Asked],
        answerer: Answerer,
    ) -> Question | None:
        """Ask for all that is missing, and for what runs: only so the rest is planned beside it."""
        parts = {key: part_of(home, home.schedules[key], one.plan) for key, one in asked.items()}
        if not any(part.demand for part in parts.values()):
            return None
        return energy_question(home, request, asked, answerer, parts)

    @override
    def idle(self, home: HomeState, request: RequestState, asked: Mapping[str, Asked]) -> HomeState:
        """Nothing is missing: that is a plan too."""
        parts = {key: part_of(home, home.schedules[key], one.plan) for key, one in asked.items()}
        question = energy_question(home, request, asked, Answerer.FLATPEAK, parts)
        return self.apply(home, question, EnergyAnswer(), frozenset(asked))

    @override
    def apply(
        self, home: HomeState, question: Question, answer: Answer, keys: frozenset[str]
    ) -> HomeState:
        """Make plans of answers; without one a plan stays, or there is none yet."""
        question, answer = cast(EnergyQuestion, question), cast(EnergyAnswer, answer)
        now, answers = home.now, dict(answer.schedules)
        parts: dict[str, Part] = {}
        for key, part in question.parts.items():
            state = home.schedules.get(key)
            if state is None or key not in keys:
                answers.pop(key, None)
            if state is None:
                continue
            if key not in keys:
                # it was changed while we waited: what is left of its plan still takes its power
                parts[key] = present(home, state)
                continue
            later = part_of(home, state, plan_to_ask(home, state, home.requests[question.group]))
            # less what was delivered while we waited
            parts[key] = later if later.plan.period == part.plan.period else part
        if home.locally:
            prices = {way: home.known_prices(way) for way in Direction}
            parts, answers = with_hysteresis(parts, answers, prices, home.rules.caps, now)
        parts |= not_asked(home, question)
        news = home.energy.news_at is not None and now >= home.energy.news_at
        plans = combined(parts, answers, home.rules.limits, now, news=news)
        energy = replace(
            home.energy,
            without_tariff=answer.without_tariff,
            displaced={key: displaced(parts[key], one, now) for key, one in answers.items()},
            news_at=None,
        )
        states = []
        for key, plan in plans.items():
            if key not in question.parts:
                continue
            state = home.schedules[key]
            if key in answers or parts[key].demand is None:
                unpriced = key in answers and any(
                    slot.confidence <= 0 for slot in answers[key].slots
                )
                states.append(with_answer(state, parts[key], plan, now, unpriced=unpriced))
            else:
                states.append(with_kept(state, plan))
        return with_schedules(replace(home, energy=energy), *states)

    @override
    def checked(self, home: HomeState, request: RequestState) -> HomeState:
        """Ask again when there may be news, or shortly before a period ends."""
        if request.again and home.locally:
            home = replace(home, energy=replace(home.energy, news_at=home.now))
        for state in home.schedules.values():
            if state.kind is self.name and state.target.enabled:
                home = with_check(home, state, request)
        return home

    @override
    def expected_news(self, home: HomeState, state: ScheduleState) -> datetime | None:
        """Prices came before, so they will come when they usually do."""
        if home.last_success is None:
            return None
        request = home.requests[home.key]
        return look_again(home, state, plan_to_ask(home, state, request).period, certain=True)

    # Planning here

    @override
    def fallback(
        self, home: HomeState, question: Question, error: FlatpeakError
    ) -> Question | None:
        """Plan what is not planned yet on prices that Flatpeak told before.

        An error that is no reason to doubt the next hours only matters to those who have said
        when to begin without prices.
        """
        question = cast(EnergyQuestion, question)
        doubtful = isinstance(error, intervals.DOUBTFUL)
        lacking = {
            key: question.asked[key]
            for key, part in question.parts.items()
            if (doubtful or (part.demand and part.demand.fallback is not None))
            and (is_ours(part) or (part.demand and is_more(part.demand.energy, part, home.now)))
        }
        if not lacking:
            return None
        return replace(question, asked=lacking, answerer=Answerer.FALLBACK)

    @override
    def job(self, home: HomeState, question: Question) -> Callable[[], Planned]:
        """Plan all together; a home of its own uses time without a price, an account only some."""
        question = cast(EnergyQuestion, question)
        demands = [part.demand for part in question.parts.values() if part.demand]
        prices = {way: home.known_prices(way) for way in Direction}
        if question.answerer is Answerer.FALLBACK:
            # time without a price is only used where the owner has said when to begin then
            groups = {
                unknown: [one for one in demands if (one.fallback is not None) is unknown]
                for unknown in (False, True)
            }
            return partial(plan_parts, groups, prices, question.rules)
        ways = {one.direction for one in demands}
        if not all(home.prices[way].are_final for way in ways & home.prices.keys()):
            return partial(nothing_to_plan_on, NoPricesError("prices have not been read yet"))
        without = frozenset(ways - home.prices.keys())
        if without == ways:
            return partial(
                nothing_to_plan_on, FlatpeakNoTariffError("there is no price for selling")
            )
        served = [one for one in demands if one.direction not in without]
        return partial(plan_parts, {True: served}, prices, question.rules, without)

    @override
    def is_long(self, question: Question) -> bool:
        """All of them together take more than a few milliseconds."""
        return True

    @override
    def apply_local(
        self, home: HomeState, question: Question, result: Planned, keys: frozenset[str]
    ) -> HomeState:
        """Take plans that were made here."""
        question, answer = cast(EnergyQuestion, question), cast(EnergyAnswer, result)
        if question.answerer is not Answerer.FALLBACK:
            return self.apply(home, question, answer, keys)
        if keys != question.asked.keys():
            return home  # somebody wants something else by now, and is about to ask
        now, parts = home.now, question.parts
        answers = {
            key: one
            for key, one in answer.schedules.items()
            if one.slots
            and key in keys
            and (is_ours(parts[key]) or is_more(energy_of(one.slots), parts[key], now))
        }
        if not answers:
            return home
        known = {key: part for key, part in parts.items() if key in home.schedules}
        known |= not_asked(home, question)
        news = home.energy.new_prices
        plans = combined(known, answers, home.rules.limits, now, news=news)
        states = [with_answer(home.schedules[key], parts[key], plans[key], now) for key in answers]
        home = replace(home, energy=replace(home.energy, new_prices=False))
        return with_schedules(home, *states)
