"""Plans made locally: on the prices that are known, with time kept for those that are not.

The rule for prices that are not out yet (the last part of a period, after the last price
that is known): what is dearer than all of the unknown time could be need not be used, so of
the known time as much is certain to be wanted as the unknown time cannot hold. That is
planned in the cheapest known time. The rest is kept at the latest time that still meets the
end of the period, or from the fallback start on, and is planned anew when prices come.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..model import (
    HOUR,
    NOTHING,
    UNCONSTRAINED,
    Constraints,
    DurationTarget,
    Plan,
    Preference,
    PriceCap,
    PriceLimitTarget,
    Segment,
    Slot,
    Source,
    Span,
    before,
    merge,
    runs,
    total,
    uncovered,
    within,
)
from ..model.tolerances import FORECAST_SHARE, MONEY_NOISE, REWRITTEN_SHARE
from .constrained import arrange
from .duration import Selection, select
from .price_limit import bound_of, meets
from .revision import free_from


@dataclass(frozen=True, slots=True)
class Situation:
    """When a plan is made, and under what terms.

    A `calm` plan keeps what runs, and what is as good as the best. Where time without a
    price is to be used, the load is served without prices too: at the latest, or from
    `fallback` on. After the last run of the period before, `earlier`, a machine's pause may
    still be due. `resumed`: its owner has switched it off and on again.
    """

    now: datetime
    calm: bool = True
    unknown: bool = False
    fallback: datetime | None = None
    earlier: Span | None = None
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be placed in the time ahead; `prices` are the known ones there."""

    span: Span
    prices: tuple[Slot, ...]
    segment: Segment
    unknown: bool
    fallback: datetime | None
    earlier: Span | None

    @property
    def tail(self) -> Span | None:
        """The time after the last known price: its prices may still come."""
        start = max((slot.end for slot in self.prices), default=self.span.start)
        return Span(start, self.span.end) if start < self.span.end else None


@dataclass(frozen=True, slots=True)
class _Aim:
    """What plans are judged by: the time wanted, what is used in any case, and what never is.

    A run that is shorter than the `shortest` is none to change a plan for; one may go on from
    the `past`.
    """

    wanted: timedelta
    always: float | None = None
    never: float | None = None
    shortest: timedelta = NOTHING
    past: Sequence[Span] = ()

    def too_short(self, plan: Sequence[Span]) -> int:
        """Count the runs that are too short."""
        return sum(run.length < self.shortest for run in runs((*self.past, *plan)))


def planned_locally(
    plan: Plan,
    target: DurationTarget,
    prices: Iterable[Slot],
    situation: Situation,
) -> Plan:
    """Return the best plan on known prices for what a target still lacks.

    What is over or runs counts and is kept; a plan that is as good as the best stays as it
    is. When it is not calm, as for a changed target, what runs is up for choice as well, unless
    it has to run through.
    """
    keep = situation.calm or target.constraints.run_through
    task = _task(plan, target.segment, prices, situation, keep=keep)
    if task is None:
        return replace(plan, source=Source.PLANNER)
    past = before(plan.windows, task.span.start)
    wanted = min(max(target.duration - total(past), NOTHING), task.span.length)
    allowed = _allowed(task, target.constraints)
    if _is_free(target.constraints):
        always = PriceCap(absolute=target.constraints.always_within)
        new: Sequence[Slot] = _filled(allowed, _all_within(allowed, always), wanted)
    else:
        new = _arranged(
            allowed, _afresh(target, past) if situation.resumed else target, wanted, past
        )
    old = within(plan.windows, task.span.start, task.span.end)
    if situation.calm and plan.source is not None:
        bounds = target.constraints
        aim = _Aim(wanted, bounds.always_within, bounds.never_beyond, bounds.shortest_run, past)
        new = _with_hysteresis(task, aim, old, new)
    return replace(plan, windows=merge((*past, *new)), source=Source.PLANNER)


def limit_planned_locally(
    plan: Plan,
    target: PriceLimitTarget,
    prices: Sequence[Slot],
    situation: Situation,
) -> Plan:
    """Return all time ahead that a price limit allows, within the bounds of the target.

    What is over or runs counts and is kept. A relative limit counts all known prices of the
    period, those of the past too.
    """
    task = _task(plan, target.segment, prices, situation, keep=situation.calm)
    if task is None:
        return replace(plan, source=Source.PLANNER)
    past = before(plan.windows, task.span.start)
    bound = bound_of(target.limit, within(prices, plan.period.start, plan.period.end))
    chosen = _all_within(task, PriceCap(absolute=bound))
    new: Sequence[Slot] = _bounded(task, chosen, target, past)
    if situation.calm and plan.source is not None:
        old = within(plan.windows, task.span.start, task.span.end)
        new = _with_hysteresis(
            task, _Aim(max(target.minimum - total(past), NOTHING), bound), old, new
        )
    return replace(plan, windows=merge((*past, *new)), source=Source.PLANNER)


def _bounded(
    task: _Task, chosen: Sequence[Slot], target: PriceLimitTarget, past: Sequence[Span]
) -> tuple[Slot, ...]:
    """Return chosen time, cut to the most that is wanted or filled up to the least."""
    span, done = task.span, total(past)
    if target.maximum is not None and total(chosen) > target.maximum - done:
        left = max(target.maximum - done, NOTHING)
        return select(chosen, left, target.segment, start=span.start, end=span.end).windows
    return _filled(task, chosen, min(max(target.minimum - done, NOTHING), span.length))


def _task(
    plan: Plan,
    segment: Segment,
    prices: Iterable[Slot],
    situation: Situation,
    *,
    keep: bool,
) -> _Task | None:
    """Return what is ahead of what runs, None where nothing is."""
    start = free_from(plan, situation.now, keep_running=keep)
    if start >= plan.period.end:
        return None
    span = Span(start, plan.period.end)
    known = within((slot for slot in prices if slot.rate is not None), span.start, span.end)
    return _Task(span, known, segment, situation.unknown, situation.fallback, situation.earlier)


def _is_free(constraints: Constraints) -> bool:
    """Tell whether time can be chosen minute by minute."""
    bounds = replace(constraints, never_beyond=None, always_within=None)
    return bounds == UNCONSTRAINED


def _allowed(task: _Task, constraints: Constraints) -> _Task:
    """Return the task without prices beyond the worst one; what is not known may be beyond."""
    if constraints.never_beyond is None:
        return task
    bound = constraints.never_beyond
    prices = tuple(slot for slot in task.prices if meets(slot, bound, task.segment))
    return replace(task, prices=prices, unknown=False)


def _all_within(task: _Task, limit: PriceCap) -> tuple[Slot, ...]:
    return tuple(slot for slot in task.prices if meets(slot, limit.absolute, task.segment))


def _filled(task: _Task, taken: Sequence[Slot], wanted: timedelta) -> tuple[Slot, ...]:
    """Return taken time with the best of the rest, up to what is wanted."""
    missing = wanted - total(taken)
    if missing <= NOTHING:
        return tuple(taken)
    span, tail = task.span, task.tail if task.unknown else None
    reserve = min(missing, tail.length) if tail else NOTHING
    free = [part for slot in task.prices for part in uncovered(slot, taken)]
    best = select(free, missing - reserve, task.segment, start=span.start, end=span.end)
    chosen = [*taken, *best.windows]
    if task.unknown:
        chosen += _kept(task, reserve, chosen)
        chosen += _latest(_rest(span, chosen), wanted - total(chosen))
    return tuple(chosen)


def _kept(task: _Task, reserve: timedelta, chosen: Sequence[Slot]) -> list[Slot]:
    """Return time kept for prices that may still come."""
    at = task.fallback
    if at is None or not task.span.contains(at):
        return _latest(_rest(task.span, chosen), reserve)
    found: list[Slot] = []
    for slot in _rest(Span(at, task.span.end), chosen):
        if reserve > NOTHING and (part := slot.clip(slot.start, slot.start + reserve)):
            found.append(part)
            reserve -= part.length
    return priced(found, task.prices)


def _rest(span: Span, chosen: Iterable[Slot]) -> list[Slot]:
    """Return what is left of a span."""
    return uncovered(_without_price(span), sorted(chosen, key=lambda slot: slot.start))


def _arranged(
    task: _Task, target: DurationTarget, wanted: timedelta, past: Sequence[Span]
) -> tuple[Slot, ...]:
    """Return the best runs of a machine that has its bounds.

    Time without prices may be better than all that is known, so it is used first, as late as
    possible; only what it cannot hold is certain to be wanted of the rest. Where it cannot
    hold all of it, and the known time can, it is not waited for: a machine that runs in one
    piece would have to run at the end every day.
    """
    tail = task.tail if wanted and task.unknown else None
    if tail is None or tail.length < target.duration:
        found = _best_runs(task, task.prices, target, wanted, past)
        if tail is None or not found.shortfall:
            return tuple(priced(found.windows, task.prices))
    usual = min(wanted, tail.length)
    preference = Preference.LATE
    if task.fallback and task.span.contains(task.fallback):
        preference = Preference.EARLY
        tail = Span(min(task.fallback, task.span.end - usual), task.span.end)
    prices = _hoped_for(task, target.constraints.always_within, tail)
    hoping = replace(target, constraints=replace(target.constraints, preference=preference))
    return tuple(priced(_best_runs(task, prices, hoping, wanted, past).windows, task.prices))


def _afresh(target: DurationTarget, past: Sequence[Span]) -> DurationTarget:
    """Return a target with all its starts: what its owner has stopped does not count as one."""
    if (starts := target.constraints.starts) is None:
        return target
    bounds = replace(
        target.constraints,
        one_piece=False,
        run_through=False,
        max_starts=starts + len(runs(past)),
    )
    return replace(target, constraints=bounds)


def _best_runs(
    task: _Task,
    prices: Sequence[Slot],
    target: DurationTarget,
    wanted: timedelta,
    past: Sequence[Span],
) -> Selection:
    """Return the best runs at some prices.

    A pause after the last run of the period before counts; itself it is no start of this one.
    """
    span, constraints, ran = task.span, target.constraints, past
    if task.earlier and constraints.starts != 1:
        ran = (task.earlier, *past)
        if constraints.max_starts is not None:
            maximum = constraints.max_starts + len(runs(ran)) - len(runs(past))
            constraints = replace(constraints, max_starts=maximum)
    return arrange(
        prices, wanted, target.segment, constraints, start=span.start, end=span.end, past=ran
    )


def _hoped_for(task: _Task, always: float | None, tail: Span) -> tuple[Slot, ...]:
    """Return prices with those of the last part as good as they could be.

    What is used in any case is known to be as good as that, so it is still better.
    """
    sign = 1 if task.segment is Segment.LOW else -1
    used = [slot for slot in task.prices if meets(slot, always, task.segment)]
    others = [slot for slot in task.prices if not meets(slot, always, task.segment)]
    best = min((sign * slot.rate for slot in others if slot.rate is not None), default=None)
    if always is None:
        hope = (best or 0.0) - 1
    else:
        hope = sign * always + 1 if best is None else (sign * always + best) / 2
    known = [part for slot in others for part in uncovered(slot, [tail])]
    unknown = uncovered(Slot(tail.start, tail.end, sign * hope, 0.0), used)
    return tuple(sorted((*used, *known, *unknown), key=lambda slot: slot.start))


def _without_price(span: Span) -> Slot:
    return Slot(span.start, span.end, None, 0.0)


def _latest(free: Sequence[Slot], missing: timedelta) -> list[Slot]:
    """Return the last part of free time that is as long as what is missing."""
    found: list[Slot] = []
    for slot in sorted(free, key=lambda slot: slot.start, reverse=True):
        if missing > NOTHING and (part := slot.clip(slot.end - missing, slot.end)):
            found.append(part)
            missing -= part.length
    return found


def priced[S: Slot](windows: Iterable[S], prices: Sequence[Slot]) -> list[S]:
    """Return windows at the prices that are known now, cut where these change."""
    parts: list[S] = []
    for window in windows:
        parts += (
            replace(
                window,
                start=price.start,
                end=price.end,
                rate=price.rate,
                confidence=price.confidence,
            )
            for price in within(prices, window.start, window.end)
        )
        parts += (replace(gap, rate=None, confidence=0.0) for gap in uncovered(window, prices))
    return sorted(parts, key=lambda part: part.start)


def _with_hysteresis(
    task: _Task, aim: _Aim, old: Sequence[Slot], new: Sequence[Slot]
) -> Sequence[Slot]:
    """Return the new plan where it is better than the old one at the prices of now."""
    if not task.prices and total(old) == total(new):
        return old  # the prices it was made on are forgotten; nobody knows better ones
    share = min_gain_share(old, new)
    old = priced(old, task.prices)
    spans = [[slot for slot in merge(plan) if slot.rate is None] for plan in (old, new)]
    never = aim.never
    broken = never is not None and any(not meets(slot, never, task.segment) for slot in old)
    if broken or spans[0] != spans[1]:
        return new
    if aim.too_short(new) > aim.too_short(old):
        return old
    was, would = (_objective(plan, task.segment, aim) for plan in (old, new))
    minimum = max(share * abs(was[1]), MONEY_NOISE)
    better = would[0] > was[0] or (would[0] == was[0] and would[1] < was[1] - minimum)
    return new if better else old


def min_gain_share(old: Sequence[Slot], new: Sequence[Slot]) -> float:
    """Return which share of the cost another plan has to save."""
    was_sure, is_sure = (all(slot.confidence >= 1 for slot in plan) for plan in (old, new))
    if not is_sure:
        return FORECAST_SHARE
    return REWRITTEN_SHARE if was_sure else 0.0


def _objective(
    plan: Sequence[Slot], segment: Segment, aim: _Aim
) -> tuple[tuple[timedelta, timedelta, timedelta], float]:
    """Return what a plan holds (useful time, cheap time, no time too much), and what it costs."""
    sign = 1 if segment is Segment.LOW else -1
    cheap = total(slot for slot in plan if meets(slot, aim.always, segment))
    length = total(plan)
    cost = sum(sign * slot.rate * (slot.length / HOUR) for slot in plan if slot.rate is not None)
    return (min(length, aim.wanted), cheap, -length), cost


def is_long(target: DurationTarget) -> bool:
    """Tell whether making a plan takes more than a few milliseconds."""
    return not _is_free(target.constraints)
