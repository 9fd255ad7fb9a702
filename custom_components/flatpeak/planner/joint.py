"""Several schedules by amount under one limit: how an answer to all of them is worked in.

What `revision` is for one schedule by duration, this is for the devices of a site: what
runs is kept, and an answer that is not better changes nothing. New is that all have to
fit under the site's limit together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
import math

from ..model import (
    HOUR,
    NEGLIGIBLE,
    AmountPlan,
    AmountRequest,
    AmountWish,
    Demand,
    DeviceSchedule,
    Direction,
    PowerSlot,
    SiteRules,
    Source,
    Span,
    before,
    energy_of,
    runs,
    within,
)

_SECOND = timedelta(seconds=1)
# Money comes rounded to five decimals, so a smaller gain may be none.
_ROUNDING = 0.00001
# Power below this is the noise of sums, in kW.
_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class Question:
    """One schedule in a question to Flatpeak; no demand where nothing is missing.

    `needed` is the energy in kWh that is missing, which may be more than can be asked for.
    `fresh`: its wish has changed, so that nothing of what runs has to be kept. `before` is
    what still runs of the period before the plan's, which nobody changes any more.
    """

    wish: AmountWish
    plan: AmountPlan
    demand: Demand | None
    needed: float = 0.0
    fresh: bool = False
    before: tuple[PowerSlot, ...] = ()


def demanded(
    device_id: str, wish: AmountWish, plan: AmountPlan, energy: float, now: datetime
) -> Demand | None:
    """Return what is to be asked for, from now on, to move the energy that is missing.

    What runs is asked for too: only so the others are planned beside it. Nobody can be
    given more than full power all the time.
    """
    start = max(now, plan.period.start)
    if start.microsecond:
        start = start.replace(microsecond=0) + _SECOND  # requests know whole seconds
    if plan.period.end - start < _SECOND:
        return None
    span = Span(start, plan.period.end)
    energy = min(energy, wish.max_power * (span.length / HOUR))
    if energy <= NEGLIGIBLE:
        return None
    return Demand(device_id, wish.direction, span, energy, wish.max_power, wish.min_power)


def requests(demands: Iterable[Demand], rules: SiteRules) -> list[AmountRequest]:
    """Return the questions that hold all demands: one, if one limit and one cap serve all.

    A request has one limit and one price cap for both directions. Where they differ, and
    matter, each direction is asked for alone.
    """
    sides: dict[Direction, list[Demand]] = {}
    for demand in demands:
        limit = rules.limits.get(demand.direction, math.inf)
        power = min(demand.max_power, limit)
        sides.setdefault(demand.direction, []).append(replace(demand, max_power=power))
    if not sides:
        return []
    single = [_side(side, rules) for side in sides.values()]
    strengths = [math.fsum(demand.max_power for demand in side) for side in sides.values()]
    # a limit that cannot be reached leaves the choice to the others
    limits = [rules.limits.get(way, math.inf) for way in sides]
    bounds = [
        limit if limit < strength else math.inf
        for limit, strength in zip(limits, strengths, strict=True)
    ]
    together = min([*bounds, math.fsum(strengths)])
    caps = {request.cap for request in single}
    if len(caps) == 1 and all(
        min(bound, strength) <= together + _NOISE
        for bound, strength in zip(bounds, strengths, strict=True)
    ):
        everything = tuple(demand for side in sides.values() for demand in side)
        return [AmountRequest(everything, together, *caps)]
    return single


def _side(demands: Sequence[Demand], rules: SiteRules) -> AmountRequest:
    """Ask for the demands of one direction."""
    way = demands[0].direction
    power = min(rules.limits.get(way, math.inf), math.fsum(demand.max_power for demand in demands))
    return AmountRequest(tuple(demands), power, rules.caps.get(way))


def combined(
    questions: Mapping[str, Question],
    answers: Mapping[str, DeviceSchedule],
    limits: Mapping[Direction, float],
    now: datetime,
) -> dict[str, AmountPlan]:
    """Return the plans of all schedules with the answers worked in.

    Both mappings are by schedule; a question without an answer keeps its plan. A plan that
    is certain, whole and not dearer than the answer stays as it is, as long as the others'
    new plans fit beside it; if they do not, all are taken from the answer, which is the
    best for all together. What runs is kept in any case, and has the first right to the
    site's power.
    """
    kept = {key: _ahead(question, now) for key, question in questions.items()}
    new = {
        key: _taken(question, answers[key], now) if key in answers else kept[key]
        for key, question in questions.items()
    }
    calm = {
        key
        for key, question in questions.items()
        if key in answers and _not_better(question, kept[key], new[key], answers[key])
    }
    chosen = {key: kept[key] if key in calm else new[key] for key in questions}
    if not _fit(chosen, questions, limits):
        chosen = new
    chosen = limited(chosen, questions, limits, now)
    return {
        key: _plan(question, chosen[key], now, answered=key in answers)
        for key, question in questions.items()
    }


def _ahead(question: Question, now: datetime) -> tuple[PowerSlot, ...]:
    """Return what is planned from now on; what nobody needs any more is not."""
    if question.demand is None:
        return ()
    return within(question.plan.windows, now, question.plan.period.end)


def _committed(question: Question, now: datetime) -> Span | None:
    """Return what is left of the run that now lies in, None where nothing has to be kept."""
    if question.fresh:
        return None
    run = next((run for run in runs(question.plan.windows) if run.contains(now)), None)
    return run and run.clip(now, run.end)


def _taken(question: Question, answer: DeviceSchedule, now: datetime) -> tuple[PowerSlot, ...]:
    """Return what an answer plans for a schedule, after what is committed.

    Of an answer that holds more than was asked, or more power, or time outside the
    question, only what was asked is used; what rests on unknown prices is not.
    """
    demand = question.demand
    if demand is None:
        return ()
    start, running = max(demand.span.start, now), tuple[PowerSlot, ...]()
    if run := _committed(question, now):
        start = max(start, run.end)
        running = _repriced(within(question.plan.windows, run.start, run.end), answer)
    parts = within((slot for slot in answer.slots if slot.confidence > 0), start, demand.span.end)
    adapted = [part for slot in parts if (part := _adapted(slot, demand)) is not None]
    return running + _trimmed(adapted, demand.energy - energy_of(running))


def _repriced(slots: Sequence[PowerSlot], answer: DeviceSchedule) -> tuple[PowerSlot, ...]:
    """Return what runs at the price an answer has for the same time, where it has one."""
    known = [part for part in answer.slots if part.rate is not None and part.confidence > 0]
    # the answer begins with a whole second, so not where the slot does
    news = [
        next((part for part in known if part.clip(slot.start, slot.end)), None) for slot in slots
    ]
    return tuple(
        replace(slot, rate=new.rate, confidence=new.confidence, saved=new.saved) if new else slot
        for slot, new in zip(slots, news, strict=True)
    )


def _adapted(slot: PowerSlot, demand: Demand) -> PowerSlot | None:
    """Return a slot at a power that the device can run at: the same energy, for less time."""
    if demand.min_power > demand.max_power:
        return None
    power = min(slot.power, demand.max_power)
    lacking = (demand.min_power - power) * (slot.length / HOUR)
    if lacking <= NEGLIGIBLE:
        return replace(slot, power=max(power, demand.min_power))
    end = slot.start + slot.length * (power / demand.min_power)
    return replace(slot, end=end, power=demand.min_power) if end > slot.start else None


def _trimmed(slots: Sequence[PowerSlot], energy: float) -> tuple[PowerSlot, ...]:
    """Return the slots up to an amount of energy."""
    trimmed: list[PowerSlot] = []
    for slot in slots:
        if energy <= NEGLIGIBLE:
            break
        much = slot.energy > energy + NEGLIGIBLE
        end = slot.start + slot.length * (energy / slot.energy) if much else slot.end
        trimmed.append(replace(slot, end=end))
        energy -= slot.energy
    return tuple(trimmed)


def _not_better(
    question: Question,
    old: Sequence[PowerSlot],
    new: Sequence[PowerSlot],
    answer: DeviceSchedule,
) -> bool:
    """Tell whether a plan may stay in the face of an answer.

    More of the energy asked for comes first, then certain prices before forecasts, then
    the money. A plan on forecasts gives way to a newer forecast: its prices are outdated.
    """
    demand = question.demand
    if question.fresh or question.plan.source is None or demand is None:
        return False
    was_sure = min((part.confidence for part in old), default=1.0)
    if was_sure < 1 and answer.slots and answer.confidence >= was_sure:
        return False
    had, has = min(energy_of(old), demand.energy), energy_of(new)
    if energy_of(old) > demand.energy + NEGLIGIBLE or abs(had - has) > NEGLIGIBLE:
        return has <= had and energy_of(old) <= demand.energy + NEGLIGIBLE
    if answer.confidence != was_sure:
        return answer.confidence < was_sure
    cost, now_cost = _cost(old), _cost(new)
    if cost is None or now_cost is None:
        return cost is not None or not _same(old, new)
    gain = cost - now_cost
    return (
        _same(old, new)
        or (gain if demand.direction is not Direction.EXPORT else -gain) <= _ROUNDING
    )


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


def _fit(
    chosen: Mapping[str, Sequence[PowerSlot]],
    questions: Mapping[str, Question],
    limits: Mapping[Direction, float],
) -> bool:
    """Tell whether plans stay under the limit together at every moment."""
    for direction, limit in limits.items():
        slots = [
            slot
            for key, question in questions.items()
            if question.wish.direction is direction
            for slot in (*question.before, *chosen[key])
        ]
        if any(power > limit + NEGLIGIBLE / 10 for _, power in _profile(slots)):
            return False
    return True


def _profile(slots: Iterable[PowerSlot]) -> list[tuple[Span, float]]:
    """Return the sum of the power over time, without the times when it is nothing."""
    slots = list(slots)
    edges = sorted({edge for slot in slots for edge in (slot.start, slot.end)})
    profile = []
    for start, end in pairwise(edges):
        power = math.fsum(slot.power for slot in slots if slot.start <= start < slot.end)
        if power > _NOISE:
            profile.append((Span(start, end), power))
    return profile


def limited(
    chosen: Mapping[str, Sequence[PowerSlot]],
    questions: Mapping[str, Question],
    limits: Mapping[Direction, float],
    now: datetime,
) -> dict[str, tuple[PowerSlot, ...]]:
    """Return the plans cut down to the site's limit, whatever was answered.

    First comes what runs, of whichever schedule, then the plans that end first.
    """
    result = {key: tuple(slots) for key, slots in chosen.items()}
    for direction, limit in limits.items():
        keys = [key for key in chosen if questions[key].wish.direction is direction]
        keys.sort(key=lambda key: questions[key].plan.period.end)
        used = [slot for key in keys for slot in questions[key].before]
        parts: dict[str, list[PowerSlot]] = {key: [] for key in keys}
        for running in (True, False):
            for key in keys:
                run, least = _committed(questions[key], now), questions[key].wish.min_power
                for slot in chosen[key]:
                    if running is (run is not None and slot.start < run.end):
                        fitting = _under(slot, used, limit, least)
                        parts[key] += fitting
                        used += fitting
        result |= {key: tuple(slots) for key, slots in parts.items()}
    return result


def _under(
    slot: PowerSlot, used: Sequence[PowerSlot], limit: float, least: float
) -> list[PowerSlot]:
    """Return the parts of a slot at the power that the others leave."""
    beside = within(used, slot.start, slot.end)
    taken = _profile(beside)
    if all(power + slot.power <= limit + NEGLIGIBLE / 10 for _, power in taken) and (
        slot.power <= limit
    ):
        return [slot]
    edges = sorted({slot.start, slot.end, *(edge for span, _ in taken for edge in _edges(span))})
    parts = []
    for start, end in pairwise(edges):
        others = next((power for span, power in taken if span.contains(start)), 0.0)
        power = min(slot.power, limit - others)
        if power > NEGLIGIBLE and power >= least - _NOISE:
            parts.append(replace(slot, start=start, end=end, power=max(power, least)))
    return parts


def _edges(span: Span) -> tuple[datetime, datetime]:
    return span.start, span.end


def _plan(
    question: Question, ahead: Sequence[PowerSlot], now: datetime, *, answered: bool
) -> AmountPlan:
    """Return what is over and what is ahead as one plan."""
    plan = question.plan
    past = before(plan.windows, now)
    done = question.demand is None and question.wish.enabled
    source = Source.FLATPEAK if answered or done else plan.source
    return replace(plan, windows=joined((*past, *_rebased(question, ahead, now))), source=source)


def _rebased(question: Question, ahead: Sequence[PowerSlot], now: datetime) -> Sequence[PowerSlot]:
    """Return slots with what they save against a start at the beginning of the period.

    An answer of the middle of a period compares with starting in the middle of it, so the
    baseline of the plan that was there before stays.
    """
    plan, sign = question.plan, -1 if question.wish.direction is Direction.EXPORT else 1
    if now <= plan.period.start:
        return ahead
    known = [
        (slot.rate + sign * slot.saved, slot.energy)
        for slot in plan.windows
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
    same = slot.saved is not None and math.isclose(slot.saved, saved, abs_tol=_ROUNDING)
    return slot if same else replace(slot, saved=saved)


def joined(slots: Iterable[PowerSlot]) -> tuple[PowerSlot, ...]:
    """Join what touches and is the same but for the time."""
    result: list[PowerSlot] = []
    for slot in slots:
        last = result[-1] if result else None
        if (
            last
            and last.end == slot.start
            and replace(slot, start=last.start) == replace(last, end=slot.end)
        ):
            result[-1] = replace(last, end=slot.end)
        else:
            result.append(slot)
    return tuple(result)


def refitted_amount(
    plan: AmountPlan, old: AmountWish, wish: AmountWish, period: Span, now: datetime
) -> AmountPlan:
    """Return what is left of a plan under a changed wish, before anybody is asked.

    Energy delivered counts for the new period when it overlaps the old one. Windows that
    no longer fit go at once, the running one too; power and energy above what is wanted
    are cut. Where nothing is left of what is wanted, nobody has answered this wish.
    """
    overlap = plan.period.start < period.end and period.start < plan.period.end
    past = before(plan.windows, now) if overlap else ()
    same = wish.enabled and old.direction == wish.direction
    ahead = within(plan.windows, max(now, period.start), period.end) if same and overlap else ()
    parts = [
        replace(slot, power=min(slot.power, wish.max_power))
        for slot in ahead
        if min(slot.power, wish.max_power) >= wish.min_power
    ]
    if wish.energy is not None:
        parts = list(_trimmed(parts, wish.energy - energy_of(past)))
    answered = overlap and (
        parts or (wish.energy is not None and energy_of(past) >= wish.energy - NEGLIGIBLE)
    )
    return AmountPlan(period, joined((*past, *parts)), plan.source if answered else None)
