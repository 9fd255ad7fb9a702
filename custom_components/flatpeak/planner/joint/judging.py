"""Whether plans may stay in the face of an answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
import math

from ...model import NEGLIGIBLE, DeviceSchedule, Direction, PowerSlot, energy_of
from ...model.tolerances import MONEY_ROUNDING
from .power import joined
from .question import Question


def all_well(
    questions: Mapping[str, Question],
    answers: Mapping[str, DeviceSchedule],
    kept: Mapping[str, Sequence[PowerSlot]],
    new: Mapping[str, Sequence[PowerSlot]],
    *,
    news: bool,
) -> bool:
    """Tell whether an answer with no more energy is not better for all together."""
    gains: list[float] = []
    begun = False
    for key, question in questions.items():
        if question.demand is None or key not in answers:
            continue
        if question.fresh or question.plan.source is None or not certain(kept[key]):
            return False
        if energy_of(kept[key]) > question.demand.energy + 2 * NEGLIGIBLE:
            return False
        begun |= _begun(question)
        gain = _gain(question, kept[key], new[key])
        if gain is None:
            return False
        gains.append(gain)
    return not news if begun else math.fsum(gains) <= MONEY_ROUNDING


def useful(chosen: Mapping[str, Sequence[PowerSlot]], questions: Mapping[str, Question]) -> float:
    """Add up the energy that somebody asked for."""
    return math.fsum(
        min(energy_of(chosen[key]), question.demand.energy)
        for key, question in questions.items()
        if question.demand
    )


def certain(slots: Iterable[PowerSlot]) -> bool:
    """Tell whether no part rests on a forecast."""
    return all(slot.confidence >= 1 for slot in slots)


def _begun(question: Question) -> bool:
    """Tell whether a part of a plan is over, or runs."""
    start = question.demand.span.start if question.demand else question.plan.period.end
    return any(slot.start < start for slot in question.plan.windows)


def _gain(question: Question, old: Sequence[PowerSlot], new: Sequence[PowerSlot]) -> float | None:
    """Return what new slots cost less, or earn more; None where that is not known."""
    before, after = _cost(old), _cost(new)
    if before is None or after is None:
        return None
    return after - before if question.target.direction is Direction.EXPORT else before - after


def may_stay(
    question: Question,
    old: Sequence[PowerSlot],
    new: Sequence[PowerSlot],
    answer: DeviceSchedule | None,
    *,
    news: bool,
) -> bool:
    """Tell whether a plan may stay in the face of an answer.

    More of the energy asked for comes first, then certain prices before forecasts, then
    the money. A plan on forecasts gives way to a newer forecast: its prices are outdated.
    """
    demand = question.demand
    if question.fresh or question.plan.source is None or demand is None or answer is None:
        return False
    was_sure = min((part.confidence for part in old), default=1.0)
    if was_sure < 1 and answer.slots and answer.confidence >= was_sure:
        return False
    had, has = min(energy_of(old), demand.energy), energy_of(new)
    if energy_of(old) > demand.energy + NEGLIGIBLE or abs(had - has) > NEGLIGIBLE:
        return has <= had and energy_of(old) <= demand.energy + NEGLIGIBLE
    if answer.confidence != was_sure:
        return answer.confidence < was_sure
    return not _is_better(question, old, new, news=news)


def _is_better(
    question: Question, old: Sequence[PowerSlot], new: Sequence[PowerSlot], *, news: bool
) -> bool:
    """Tell whether as much energy, as sure, is better placed."""
    if _same(old, new):
        return _cost(old) is None and _cost(new) is not None
    if _begun(question):
        return news
    gain = _gain(question, old, new)
    return gain is not None and gain > MONEY_ROUNDING


def no_news(old: Sequence[PowerSlot], new: Sequence[PowerSlot]) -> Sequence[PowerSlot]:
    """Return the old slots where the new ones are the same, and their price was certain."""
    known = certain(old) and _cost(old) is not None
    return old if known and _same(old, new) else new


def _same(old: Sequence[PowerSlot], new: Sequence[PowerSlot]) -> bool:
    """Tell whether two plans are the same but for the money."""
    shapes = [
        joined(replace(slot, rate=None, saved=None, confidence=1.0) for slot in slots)
        for slots in (old, new)
    ]
    return shapes[0] == shapes[1]


def _cost(slots: Iterable[PowerSlot]) -> float | None:
    parts = [None if slot.rate is None else slot.rate * slot.energy for slot in slots]
    known = [part for part in parts if part is not None]
    return math.fsum(known) if len(known) == len(parts) else None
