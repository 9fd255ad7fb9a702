"""Plans by amount that were made locally, held against an answer at the prices of now.

Flatpeak tells one cost for all of a plan. Here every part has its price, so that what is left of
a plan can be compared with what would be planned today.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
import math

from ..model import (
    NEGLIGIBLE,
    AmountPlan,
    DeviceSchedule,
    Direction,
    PowerSlot,
    PriceCap,
    Segment,
    Slot,
    before,
    energy_of,
    lowest_confidence,
    within,
)
from ..model.tolerances import MONEY_ROUNDING
from .joint import Question, joined
from .joint.question import running
from .local import min_gain_share, priced
from .price_limit import bound_of, meets


def with_hysteresis(
    questions: Mapping[str, Question],
    answers: Mapping[str, DeviceSchedule],
    prices: Mapping[Direction, Sequence[Slot]],
    caps: Mapping[Direction, PriceCap],
    now: datetime,
) -> tuple[dict[str, Question], dict[str, DeviceSchedule]]:
    """Return the questions with their plans at the prices of now, and what is to be made of them.

    Plans that are as good as the answer, for all together, are the answer.
    """
    told = {
        key: replace(question, plan=_at_prices(question, prices, caps, now))
        for key, question in questions.items()
    }
    kept = {key: within(told[key].plan.windows, now, told[key].plan.period.end) for key in answers}
    as_good = all(_suits(told[key], kept[key], answers[key]) for key in answers)
    if not as_good or _gain(kept, answers) > _minimum(questions, kept, answers, now):
        return told, dict(answers)
    return told, {
        key: replace(answer, slots=kept[key], confidence=lowest_confidence(kept[key]) or 0.0)
        if kept[key]
        else answer
        for key, answer in answers.items()
    }


def _at_prices(
    question: Question,
    prices: Mapping[Direction, Sequence[Slot]],
    caps: Mapping[Direction, PriceCap],
    now: datetime,
) -> AmountPlan:
    """Return a plan at the prices of now, without what they put beyond the cap."""
    plan, way = question.plan, question.target.direction
    known = prices.get(way, ())
    ahead = priced(within(plan.windows, now, plan.period.end), known)
    if cap := caps.get(way):
        bound = bound_of(cap, within(known, plan.period.start, plan.period.end))
        segment = Segment.HIGH if way is Direction.EXPORT else Segment.LOW
        runs = running(question, now)
        ahead = [
            slot
            for slot in ahead
            if meets(slot, bound, segment) or any(run.contains(slot.start) for run in runs)
        ]
    return replace(plan, windows=joined((*before(plan.windows, now), *ahead)))


def _suits(question: Question, kept: Sequence[PowerSlot], answer: DeviceSchedule) -> bool:
    """Tell whether a plan has the energy of an answer, and as much of it without a price."""
    demand = question.demand
    if demand is None or question.fresh or question.plan.source is None:
        return False
    energy, wanted = energy_of(kept), energy_of(answer.slots)
    if energy < wanted - NEGLIGIBLE or energy > demand.energy + 2 * NEGLIGIBLE:
        return False
    return _unpriced(kept) == _unpriced(answer.slots)


def _unpriced(slots: Iterable[PowerSlot]) -> tuple[PowerSlot, ...]:
    return joined(replace(slot, saved=None) for slot in slots if slot.rate is None)


def _gain(kept: Mapping[str, Sequence[PowerSlot]], answers: Mapping[str, DeviceSchedule]) -> float:
    """Return what the answers save, or earn more."""
    return math.fsum(_cost(kept[key], one) - _cost(one.slots, one) for key, one in answers.items())


def _cost(slots: Iterable[PowerSlot], answer: DeviceSchedule) -> float:
    """Return what slots cost, which is less than nothing where energy is sold."""
    sign = -1 if answer.direction is Direction.EXPORT else 1
    return sign * math.fsum(slot.rate * slot.energy for slot in slots if slot.rate is not None)


def _minimum(
    questions: Mapping[str, Question],
    kept: Mapping[str, Sequence[PowerSlot]],
    answers: Mapping[str, DeviceSchedule],
    now: datetime,
) -> float:
    """Return what has to be gained to be worth other plans."""
    old = [
        slot
        for key in answers
        for slot in within(questions[key].plan.windows, now, questions[key].plan.period.end)
    ]
    new = [slot for answer in answers.values() for slot in answer.slots]
    cost = math.fsum(abs(_cost(kept[key], answer)) for key, answer in answers.items())
    return max(min_gain_share(old, new) * cost, MONEY_ROUNDING)
