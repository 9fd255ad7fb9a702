"""One schedule in a question to Flatpeak, and how many questions it takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import math

from ...model import (
    HOUR,
    NEGLIGIBLE,
    AmountPlan,
    AmountRequest,
    AmountTarget,
    Demand,
    DeviceSchedule,
    Direction,
    PowerSlot,
    SiteRules,
    Source,
    Span,
    energy_of,
    within,
)
from ...model.tolerances import FLOAT_NOISE

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Question:
    """One schedule in a question to Flatpeak; no demand where nothing is missing.

    `needed` is the energy in kWh that is missing, which may be more than can be asked for.
    `fresh`: its target has changed, at `changed_at`, so that nothing of what ran then has to
    be kept. `before` is what still runs of the period before the plan's, which nobody changes
    any more. `answerer` is who is asked.
    """

    target: AmountTarget
    plan: AmountPlan
    demand: Demand | None
    needed: float = 0.0
    fresh: bool = False
    before: tuple[PowerSlot, ...] = ()
    changed_at: datetime | None = None
    answerer: Source = Source.FLATPEAK


def demanded(
    device_id: str, target: AmountTarget, plan: AmountPlan, energy: float, now: datetime
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
    energy = min(energy, target.max_power * (span.length / HOUR))
    if energy <= NEGLIGIBLE:
        return None
    return Demand(device_id, target.direction, span, energy, target.max_power, target.min_power)


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
        min(bound, strength) <= together + FLOAT_NOISE
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


def committed(question: Question, now: datetime) -> Span | None:
    """Return what is left of the run that now lies in, None where nothing has to be kept."""
    run = question.plan.run(now)
    if run is None:
        return None
    since = question.changed_at
    if question.fresh and (since is None or run.start <= since):
        return None
    return run.clip(now, run.end)


def running(question: Question, now: datetime) -> tuple[PowerSlot, ...]:
    """Return what is left of the run that now lies in."""
    run = committed(question, now)
    return () if run is None else within(question.plan.windows, run.start, run.end)


def displaced(question: Question, answer: DeviceSchedule, now: datetime) -> datetime | None:
    """Return the end of what runs where an answer would have something else run then.

    The rest was planned beside a run that is not in the answer, so it may be better planned
    once that is over.
    """
    run = committed(question, now)
    if run is None:
        return None
    ran = energy_of(running(question, now))
    would = energy_of(within(answer.slots, run.start, run.end))
    return run.end if abs(ran - would) > 2 * NEGLIGIBLE else None
