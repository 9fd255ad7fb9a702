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


def displaced(question: Question, answer: DeviceSchedule, now: datetime) -> datetime | None:
    """Return the end of what runs where an answer would have something else run then.

    The rest was planned beside a run that is not in the answer, so it may be better planned
    once that is over.
    """
    run = _committed(question, now)
    if run is None:
        return None
    ran = energy_of(_running(question, now))
    would = energy_of(within(answer.slots, run.start, run.end))
    return run.end if abs(ran - would) > 2 * NEGLIGIBLE else None


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
        key: _taken(question, answers[key], now) if key in answers else kept[key]
        for key, question in questions.items()
    }
    if _fit(kept, questions, limits) and _all_well(questions, answers, kept, new, news=news):
        chosen = kept
    else:
        chosen = {
            key: kept[key]
            if _settled(question, kept[key], new[key], answers.get(key), news=news)
            else new[key]
            for key, question in questions.items()
        }
        if not _fit(chosen, questions, limits):
            chosen = new
    chosen = limited(chosen, questions, limits, now)
    return {
        key: _plan(question, chosen[key], now, answered=key in answers)
        for key, question in questions.items()
    }


def _all_well(
    questions: Mapping[str, Question],
    answers: Mapping[str, DeviceSchedule],
    kept: Mapping[str, Sequence[PowerSlot]],
    new: Mapping[str, Sequence[PowerSlot]],
    *,
    news: bool,
) -> bool:
    """Tell whether nobody needs an answer, and it is not better for all together."""
    gains: list[float] = []
    begun = False
    for key, question in questions.items():
        if question.demand is None or key not in answers:
            continue
        if not (_certain(kept[key]) and _whole(question, kept[key])):
            return False
        begun |= _begun(question)
        gain = _gain(question, kept[key], new[key])
        if gain is None:
            return False
        gains.append(gain)
    return not news if begun else math.fsum(gains) <= _ROUNDING


def _whole(question: Question, slots: Sequence[PowerSlot]) -> bool:
    """Tell whether slots of a plan that counts hold what is asked for, and no more."""
    if question.fresh or question.plan.source is None or question.demand is None:
        return False
    return abs(energy_of(slots) - question.demand.energy) <= 2 * NEGLIGIBLE


def _certain(slots: Iterable[PowerSlot]) -> bool:
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
    return after - before if question.wish.direction is Direction.EXPORT else before - after


def _ahead(question: Question, now: datetime) -> tuple[PowerSlot, ...]:
    """Return what is planned from now on; what nobody needs any more is not."""
    ahead = within(question.plan.windows, now, question.plan.period.end)
    if question.demand is None and energy_of(ahead) > question.needed + NEGLIGIBLE:
        return ()
    return ahead


def _committed(question: Question, now: datetime) -> Span | None:
    """Return what is left of the run that now lies in, None where nothing has to be kept."""
    if question.fresh:
        return None
    run = next((run for run in runs(question.plan.windows) if run.contains(now)), None)
    return run and run.clip(now, run.end)


def _taken(question: Question, answer: DeviceSchedule, now: datetime) -> tuple[PowerSlot, ...]:
    """Return what an answer plans for a schedule, after what is committed.

    What runs goes on at its power; only where the rest would not get all its energy, the
    answer may raise it. Of an answer that holds more than was asked, or more power, or time
    outside the question, only what was asked is used; what rests on unknown prices is not.
    """
    demand = question.demand
    if demand is None:
        return ()
    start, end = max(demand.span.start, now), demand.span.end
    known = within((slot for slot in answer.slots if slot.confidence > 0), start, end)
    parts = [part for slot in known if (part := _adapted(slot, demand)) is not None]
    run = _committed(question, now)
    if run is None:
        return _trimmed(parts, demand.energy)
    running = _repriced(_running(question, now), answer)
    wanted = demand.energy - energy_of(running)
    later = _trimmed(within(parts, run.end, end), wanted)
    if energy_of(later) < wanted - NEGLIGIBLE:
        _, beyond = _split(parts, running)
        return _added(running, _trimmed(beyond, wanted))
    return running + later


def _split(
    slots: Iterable[PowerSlot], running: Sequence[PowerSlot]
) -> tuple[list[PowerSlot], list[PowerSlot]]:
    """Return the power of slots that runs anyway, and what goes beyond it."""
    anyway: list[PowerSlot] = []
    beyond: list[PowerSlot] = []
    for slot in slots:
        edges = {slot.start, slot.end}
        edges |= {edge for part in running for edge in _edges(part) if slot.contains(edge)}
        for start, end in pairwise(sorted(edges)):
            power = next((part.power for part in running if part.contains(start)), 0.0)
            power = min(power, slot.power)
            for parts, share in ((anyway, power), (beyond, slot.power - power)):
                if share > _NOISE:
                    parts.append(replace(slot, start=start, end=end, power=share))
    return anyway, beyond


def _added(running: Sequence[PowerSlot], more: Sequence[PowerSlot]) -> tuple[PowerSlot, ...]:
    """Return what runs with more power on top of it, and beside it."""
    parts = [*running, *more]
    edges = sorted({edge for part in parts for edge in _edges(part)})
    added: list[PowerSlot] = []
    for start, end in pairwise(edges):
        here = [part for part in parts if part.contains(start)]
        if here:
            power = math.fsum(part.power for part in here)
            # the price is that of the answer, where it has one
            added.append(replace(here[-1], start=start, end=end, power=power))
    return joined(added)


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


def _settled(
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
    return gain is not None and gain > _ROUNDING


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
        shares = {key: _split(chosen[key], _running(questions[key], now)) for key in keys}
        parts: dict[str, list[PowerSlot]] = {key: [] for key in keys}
        for first in (True, False):
            for key in keys:
                anyway, beyond = shares[key]
                for slot in anyway if first else beyond:
                    # on top of what runs anyway any power will do
                    top = not first and any(part.contains(slot.start) for part in anyway)
                    least = 0.0 if top else questions[key].wish.min_power
                    fitting = _under(slot, used, limit, least)
                    parts[key] += fitting
                    used += fitting
        result |= {key: _added((), slots) for key, slots in parts.items()}
    return result


def _running(question: Question, now: datetime) -> tuple[PowerSlot, ...]:
    """Return what is left of the run that now lies in."""
    run = _committed(question, now)
    return () if run is None else within(question.plan.windows, run.start, run.end)


def _under(
    slot: PowerSlot, used: Sequence[PowerSlot], limit: float, least: float
) -> list[PowerSlot]:
    """Return the parts of a slot at the power that the others leave."""
    beside = within(used, slot.start, slot.end)
    taken = _profile(beside)
    if all(
        slot.power + power <= limit + NEGLIGIBLE / 10 for power in (0.0, *(one for _, one in taken))
    ):
        return [slot]
    edges = sorted({slot.start, slot.end, *(edge for span, _ in taken for edge in _edges(span))})
    parts = []
    for start, end in pairwise(edges):
        others = next((power for span, power in taken if span.contains(start)), 0.0)
        room = limit - others
        power = slot.power if slot.power <= room + NEGLIGIBLE / 10 else room
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
