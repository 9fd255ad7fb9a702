"""The plans of all schedules with the answers worked in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
import math

from ...model import (
    NEGLIGIBLE,
    AmountPlan,
    AmountTarget,
    DeviceSchedule,
    Direction,
    PowerSlot,
    Span,
    before,
    energy_of,
    within,
)
from ...model.tolerances import MONEY_ROUNDING
from .judging import all_well, certain, may_stay, no_news, useful
from .power import joined, trimmed
from .power_limits import fit, within_power_limits
from .question import Question, running
from .taking import taken


def combined(
    questions: Mapping[str, Question],
    answers: Mapping[str, DeviceSchedule],
    limits: Mapping[Direction, float],
    now: datetime,
    *,
    news: bool = False,
) -> dict[str, AmountPlan]:
    """Return the plans of all schedules with the answers worked in.

    Both mappings are by schedule; a question without an answer keeps its plan. Plans that
    are certain and whole, and together not dearer than the answer, stay as they are. Where
    somebody needs a new plan, the others stay as long as the new one fits beside them; if it
    does not, all are taken from the answer, which is the best for all together. What runs is
    kept in any case, and has the first right to the site's power.

    What is left of a plan that has begun costs nobody knows what, since an answer gives one
    cost for all of it. Certain prices only change when there is `news`; without it such a
    plan stays, with it the answer is taken.
    """
    kept = {key: _ahead(question, now) for key, question in questions.items()}
    new = {
        key: taken(question, answers[key], now) if key in answers else kept[key]
        for key, question in questions.items()
    }
    best = within_power_limits(new, questions, limits, now)
    nothing_lost = useful(kept, questions) >= useful(best, questions) - NEGLIGIBLE
    calm = nothing_lost and fit(kept, questions, limits)
    if calm and all_well(questions, answers, kept, new, news=news):
        chosen = kept
    else:
        chosen = {
            key: kept[key]
            if may_stay(question, kept[key], new[key], answers.get(key), news=news)
            else new[key]
            for key, question in questions.items()
        }
        if not fit(chosen, questions, limits):
            chosen = new
    chosen = within_power_limits(chosen, questions, limits, now)
    at_least = within_power_limits(
        {
            key: _no_more(kept[key], question, now)
            if certain(kept[key]) and not question.fresh
            else new[key]
            for key, question in questions.items()
        },
        questions,
        limits,
        now,
    )
    if useful(chosen, questions) < useful(at_least, questions) - NEGLIGIBLE:
        chosen = at_least  # laid over what runs, the answer would lose energy
    return {
        key: _plan(question, no_news(kept[key], chosen[key]), now, answers.get(key))
        for key, question in questions.items()
    }


def _no_more(
    slots: Sequence[PowerSlot], question: Question, now: datetime
) -> tuple[PowerSlot, ...]:
    """Return slots up to the energy that is asked for; what runs is not cut."""
    wanted = question.demand.energy if question.demand else 0.0
    return trimmed(slots, max(wanted, energy_of(running(question, now))))


def _ahead(question: Question, now: datetime) -> tuple[PowerSlot, ...]:
    """Return what is planned from now on; what nobody needs any more is not."""
    ahead = within(question.plan.windows, now, question.plan.period.end)
    if question.demand is None and energy_of(ahead) > question.needed + NEGLIGIBLE:
        return ()
    return ahead


def _plan(
    question: Question,
    ahead: Sequence[PowerSlot],
    now: datetime,
    answer: DeviceSchedule | None,
) -> AmountPlan:
    """Return what is over and what is ahead as one plan."""
    plan = question.plan
    past = before(plan.windows, now)
    done = question.demand is None and question.target.enabled
    source = answer.source if answer else question.answerer if done else plan.source
    return replace(plan, windows=joined((*past, *_rebased(question, ahead, now))), source=source)


def _rebased(question: Question, ahead: Sequence[PowerSlot], now: datetime) -> Sequence[PowerSlot]:
    """Return slots with what each saves against a start at the beginning of the period.

    Said of each by its own price, it stays the same however often a plan is made again. An answer
    of the middle of a period compares with starting in the middle of it, so the baseline of the
    plan that was there before stays.
    """
    plan, sign = question.plan, -1 if question.target.direction is Direction.EXPORT else 1
    known = [
        (slot.rate + sign * slot.saved, slot.energy)
        for slot in (plan.windows if now > plan.period.start else ahead)
        if slot.rate is not None and slot.saved is not None
    ]
    energy = math.fsum(energy for _, energy in known)
    if not energy:
        return ahead
    base = math.fsum(rate * energy for rate, energy in known) / energy
    return [_saving(slot, base, sign) for slot in ahead]


def _saving(slot: PowerSlot, base: float, sign: int) -> PowerSlot:
    """Return a slot with what it saves against a base; the noise of sums is no news."""
    if slot.rate is None:
        return slot
    saved = sign * (base - slot.rate)
    same = slot.saved is not None and math.isclose(slot.saved, saved, abs_tol=MONEY_ROUNDING)
    return slot if same else replace(slot, saved=saved)


def refitted_amount(
    plan: AmountPlan, old: AmountTarget, target: AmountTarget, period: Span, now: datetime
) -> AmountPlan:
    """Return what is left of a plan under a changed target, before anybody is asked.

    Energy delivered counts for the new period when it overlaps the old one. Windows that
    no longer fit go at once, the running one too; power and energy above what is wanted
    are cut. Where nothing is left of what is wanted, nobody has answered this target.
    """
    overlap = plan.period.overlaps(period)
    past = before(plan.windows, now) if overlap else ()
    same = target.enabled and old.direction == target.direction
    ahead = within(plan.windows, max(now, period.start), period.end) if same and overlap else ()
    parts = [
        replace(slot, power=min(slot.power, target.max_power))
        for slot in ahead
        if min(slot.power, target.max_power) >= target.min_power
    ]
    if target.energy is not None:
        parts = list(trimmed(parts, target.energy - energy_of(past)))
    answered = overlap and (
        parts or (target.energy is not None and energy_of(past) >= target.energy - NEGLIGIBLE)
    )
    return AmountPlan(period, joined((*past, *parts)), plan.source if answered else None)
