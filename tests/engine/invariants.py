"""The promises of the design, each as something that holds after every event."""

from collections.abc import Callable
from datetime import timedelta
import math

from custom_components.flatpeak.engine import (
    Answered,
    Ask,
    Failed,
    PlannedLocally,
    PricesFailed,
    ScheduleState,
    Show,
    Told,
    Woke,
    group_of,
    handle,
)
from custom_components.flatpeak.engine.delivery import needed, plan_of
from custom_components.flatpeak.model import (
    NEGLIGIBLE,
    UNCONSTRAINED,
    AmountTarget,
    Direction,
    DurationTarget,
    KindName,
    Source,
    Status,
    energy_of,
    total,
    within,
)
from custom_components.flatpeak.model.errors import FlatpeakError

from .ledger import overshoot
from .watch import Step, Violation, seen

_SECOND = timedelta(seconds=1)
_WATT = 0.0015  # sums of whole watts
# Every quarter of an hour while prices are not out, as Flatpeak asks; more is a storm.
_PER_DAY = 110


def edges_on_time(step: Step) -> None:
    """1: nobody sleeps over the edge of a window."""
    home = step.after
    if not home.started:
        return
    wake = step.watch.wake
    for key, state in home.schedules.items():
        if wake is None or wake > state.next_edge(home.now):
            raise Violation("1 edges on time", f"{key} has an edge before {wake}")
    if isinstance(step.event, Woke) and wake is not None and wake <= step.now:
        raise Violation("1 edges on time", "it wakes for ever at the same moment")


def shown_is_true(step: Step) -> None:
    """1: whatever changes is told to entities."""
    home = step.after
    if not home.started:
        return
    for key, _ in step.changed:
        says, is_so = step.watch.shown.get(key), seen(home, key, step.now)
        if says != is_so:
            raise Violation("1 what is shown is true", f"{key} shows {says}, is {is_so}")


def kept_through_faults(step: Step) -> None:
    """2: an error changes no plan; what is missing may be added, and what runs goes on."""
    if not _is_error(step):
        return
    base, _ = handle(step.before, Woke(), step.now)
    for key, state in step.after.schedules.items():
        was = base.schedules[key]
        if not was.answered or not state.answered:
            if was.answered:
                raise Violation("2 kept through faults", f"{key} has no plan any more")
            continue
        run, now = was.running(step.now), state.running(step.now)
        if run and (now is None or now.end < run.end):
            raise Violation("2 kept through faults", f"{key} stops: {run} became {now}")
        less = _useful(state) < _useful(was) - 1e-6
        if state.plan.windows != was.plan.windows and (
            less or state.plan.source is Source.FLATPEAK
        ):
            raise Violation(
                "2 kept through faults", f"{key}: {was.plan.windows} became {state.plan.windows}"
            )


def nothing_is_cut(step: Step) -> None:
    """3: what runs goes on to its end, but for its owner, its period and its sensor."""
    before, now = step.before, step.now
    for key, state in before.schedules.items():
        run, present = state.running(before.now), step.after.schedules.get(key)
        if run is None or run.end <= now or present is None or key in step.touched:
            continue
        if state.fresh:
            continue  # its owner wants something else, and this is the answer to that
        if run.end > state.plan.period.end:
            continue  # its owner has moved the hours while it had to run through: they end it
        goes_on = present.running(now)
        if goes_on is not None and goes_on.end >= run.end:
            continue
        if present.form.sensor and _is_done(present, state, step):
            continue
        raise Violation("3 nothing is cut", f"{key}: {run} became {goes_on}")


def never_more(step: Step) -> None:
    """4: nobody is given more than was wanted."""
    for key, account in step.watch.ledger.closed:
        target, state = account.target, step.after.schedules.get(key)
        if account.touched or state is None:
            continue
        if isinstance(target, DurationTarget):
            bounds = target.constraints
            # what is always used comes on top, and a machine does not stop before its time
            free = bounds.always_within is None
            wanted = max(target.duration, bounds.shortest_run)
            # machines are planned in whole minutes
            noise = _SECOND if bounds == UNCONSTRAINED else 60 * _SECOND
            if free and overshoot(account, wanted) > noise:
                raise Violation("4 never more", f"{key} ran {account.length} of {wanted}")
        elif isinstance(target, AmountTarget) and target.energy and not state.form.sensor:
            limit = target.energy + 5 * NEGLIGIBLE
            if account.energy > limit:
                raise Violation("4 never more", f"{key} got {account.energy:.3f} of {limit} kWh")


def all_is_saved(step: Step) -> None:
    """5: what a restart would lose was given to the store."""
    if not step.after.started:
        return
    saved = step.watch.saved.schedules
    for key, state in step.changed:
        kept = saved.get(key)
        if kept is None or (
            (kept.form, kept.target, kept.plan, kept.following, kept.next_update, kept.device_id)
            != (
                state.form,
                state.target,
                state.plan,
                state.following,
                state.next_update,
                state.device_id,
            )
        ):
            raise Violation("5 what changes is stored", f"{key} is not, after {step.event}")


def few_requests(step: Step) -> None:
    """6: one question at a time, and never a storm of them."""
    for effect in step.effects:
        if not isinstance(effect, Ask):
            continue
        question, watch = effect.question, step.watch
        flight = watch.flights.get(question.group)
        if flight and flight.number != question.number and not _is_over(flight, step):
            raise Violation("6 few requests", f"{question.group} asks two things at once")
        day = step.now.astimezone(step.after.zone).date()
        if (count := watch.asks[question.group, day]) > _PER_DAY:
            raise Violation("6 few requests", f"{question.group} has asked {count} times on {day}")


def nobody_is_forgotten(step: Step) -> None:
    """6: whoever wants something is asked for some time."""
    home = step.after
    if not home.started or not home.polling:
        return
    for key, state in home.schedules.items():
        request = home.requests.get(group_of(home, state))
        if request is None:
            raise Violation("6 nobody is forgotten", f"{key} is in no group")
        if state.target.enabled and request.due is None and request.asking is None:
            raise Violation("6 nobody is forgotten", f"{key} is never asked for again")
    for way, prices in home.prices.items():
        if prices.due is None and not prices.reading:
            raise Violation("6 nobody is forgotten", f"prices of {way} are never read again")


def nothing_half_known(step: Step) -> None:
    """7: nothing runs at an unknown price, and what rests on a forecast says so."""
    for key, state in step.changed:
        ahead = [one for one in state.plan.windows if one.end > step.now]
        unknown = [one for one in ahead if one.rate is None or one.confidence <= 0]
        fallback = getattr(state.target, "fallback", None)
        if unknown and not step.after.locally and fallback is None and state.answered:
            raise Violation("7 nothing half known", f"{key} rests on {unknown}")
        foreseen = state.answered and any(one.confidence < 1 for one in state.plan.windows)
        if foreseen and state.status is not Status.PROVISIONAL:
            raise Violation("7 forecasts are marked", f"{key} says {state.status}")


def limits_hold(step: Step) -> None:
    """10: all together never take more than the site can, not even while entities change."""
    limits = step.after.rules.limits
    if not limits:
        return
    power = {key: (one.target.direction, one.power(step.now)) for key, one in _amounts(step.before)}
    after = dict(_amounts(step.after))
    for effect in step.effects:
        if isinstance(effect, Show):
            before = _sums(power)
            for key in effect.schedules:
                if key in after:
                    power[key] = (after[key].target.direction, after[key].power(step.now))
                    _check_limits(_sums(power), before, limits)
    now = {key: (one.target.direction, one.power(step.now)) for key, one in after.items()}
    _check_limits(_sums(now), {}, limits)


def numbers_are_sane(step: Step) -> None:
    """10: what is missing is never less than nothing, and plans are in order."""
    for key, state in step.changed:
        known, plan = state.fulfilment, state.plan
        numbers = (known.shortfall, known.lacking, known.missed, known.unplaced or 0.0)
        if min(numbers) < 0 or not all(map(math.isfinite, numbers)):
            raise Violation("10 sane numbers", f"{key} lacks {numbers}")
        end = None
        for one in plan.windows:
            if end is not None and one.start < end:
                raise Violation("10 plans are in order", f"{key} overlaps at {one.start}")
            end = one.end
        if end is not None and end > plan.period.end and state.running(step.now) is None:
            raise Violation("10 plans are in order", f"{key} goes on after its period")
        if state.following and state.following.period.start < plan.period.end:
            raise Violation("10 plans are in order", f"{key} has two plans of a time")
    if not math.isfinite(step.after.energy.saved):
        raise Violation("10 sane numbers", f"saved {step.after.energy.saved}")


def twice_is_once(step: Step) -> None:
    """8: an event that comes twice changes nothing the second time."""
    event = step.event
    if isinstance(event, PricesFailed):
        return  # who failed twice waits longer
    again, effects = handle(step.after, event, step.now)
    if isinstance(event, Woke | Answered | Failed | PlannedLocally | Told) and effects:
        raise Violation("8 twice is once", f"{type(event).__name__} does {effects} again")
    if again.schedules != step.after.schedules:
        raise Violation("8 twice is once", f"{type(event).__name__} changes schedules again")


ALWAYS: tuple[Callable[[Step], None], ...] = (
    edges_on_time,
    shown_is_true,
    kept_through_faults,
    nothing_is_cut,
    never_more,
    all_is_saved,
    few_requests,
    nobody_is_forgotten,
    nothing_half_known,
    limits_hold,
    numbers_are_sane,
)
THOROUGH = (*ALWAYS, twice_is_once)


def _is_error(step: Step) -> bool:
    event = step.event
    return isinstance(event, Failed | PricesFailed) or (
        isinstance(event, PlannedLocally) and isinstance(event.result, FlatpeakError)
    )


def _useful(state: ScheduleState) -> float:
    if state.kind is KindName.AMOUNT:
        return plan_of(state).energy
    return total(state.plan.windows) / timedelta(hours=1)


def _is_done(present: ScheduleState, state: ScheduleState, step: Step) -> bool:
    """Tell whether a sensor says that what is cut off is not needed any more."""
    left = energy_of(within(plan_of(state).windows, step.now, state.plan.period.end))
    return needed(present, plan_of(present), step.now) < left + NEGLIGIBLE


def _is_over(flight: object, step: Step) -> bool:
    """Tell whether nobody waits for an answer any more."""
    event = step.event
    if isinstance(event, Answered | Failed | PlannedLocally) and event.question is flight:
        return True
    group = getattr(flight, "group", None)
    before = step.before.requests.get(group) if isinstance(group, str) else None
    if before is None or before.asking is not flight:
        return True
    schedules = step.after.schedules
    return not any(
        key in schedules and schedules[key].target == one.target
        for key, one in before.asking.asked.items()
    )


def _amounts(home: object) -> list[tuple[str, ScheduleState]]:
    schedules = getattr(home, "schedules", {})
    return [(key, one) for key, one in schedules.items() if one.kind is KindName.AMOUNT]


def _sums(power: dict[str, tuple[Direction, float]]) -> dict[Direction, float]:
    sums = dict.fromkeys(Direction, 0.0)
    for way, one in power.values():
        sums[way] += one
    return sums


def _check_limits(sums: dict[Direction, float], before: dict, limits: object) -> None:
    for way, limit in getattr(limits, "items", dict)():
        # what was too much before a limit was lowered is on its way down
        if sums[way] > max(limit, before.get(way, 0.0)) + _WATT:
            raise Violation("10 limits hold", f"{sums[way]:.3f} of {limit} kW, {way}")
