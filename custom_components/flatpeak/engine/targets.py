"""What owners and automations change: it takes effect at once, on the running window too."""

from collections.abc import Mapping
from dataclasses import replace

from ..model import KindName, Metering, SiteRules, before, within
from ..planner import Question as Part, joined, within_power_limits
from .delivery import plan_of, target_of
from .events import Added, FormChanged, TargetChanged
from .kinds import KINDS, kind_of
from .lifecycle import group_of, refitted
from .requests import ask_now
from .state import HomeState, RequestState, ScheduleState
from .turn import Turn


def changed(turn: Turn, event: TargetChanged) -> None:
    """Want something else from now on."""
    state = turn.home.schedules.get(event.key)
    if state is None or state.target == event.target:
        return
    resumed = event.target.enabled and not state.target.enabled
    state = replace(
        refitted(turn.home, state, event.target, turn.now),
        fresh=True,
        changed_at=turn.now,
        resumed=state.resumed or resumed,
    )
    fulfilment = replace(state.fulfilment, unplaced=None, misses=0)
    turn.put(replace(state, fulfilment=fulfilment))
    _ask(turn, state)


def form_changed(turn: Turn, event: FormChanged) -> None:
    """Take what a form just sent."""
    state = turn.home.schedules.get(event.key)
    if state is None:
        return
    form, old = event.form, state.form
    fulfilment = state.fulfilment
    if form.sensor != old.sensor:
        fulfilment = replace(fulfilment, metering=Metering(), counted=0.0)
    turn.put(
        replace(
            state,
            name=event.name,
            form=form,
            fulfilment=fulfilment,
            reading=state.reading if form.sensor == old.sensor else None,
            device_id=state.device_id if form.device_id == old.device_id else form.device_id,
        )
    )
    turn.home = with_unique_devices(turn.home)
    changed(turn, TargetChanged(event.key, event.target))


def added(turn: Turn, event: Added) -> None:
    """Begin to plan for a new schedule."""
    period = event.form.target.frame.period(turn.now, turn.home.zone)
    state = ScheduleState(
        event.key,
        event.name,
        event.kind,
        event.form,
        event.form.target,
        KINDS[event.kind].empty(period),
        device_id=event.form.device_id,
    )
    turn.put(state)
    key = group_of(turn.home, state)
    if key not in turn.home.requests:
        turn.put_request(RequestState(key))
    turn.home = with_unique_devices(turn.home)
    _ask(turn, state)


def removed(turn: Turn, key: str) -> None:
    """Forget a schedule; the others go on as they are."""
    state = turn.home.schedules.get(key)
    if state is None:
        return
    schedules = {one: other for one, other in turn.home.schedules.items() if one != key}
    turn.home = replace(turn.home, schedules=schedules)
    if not kind_of(state).shared:
        requests = {one: other for one, other in turn.home.requests.items() if one != key}
        turn.home = replace(turn.home, requests=requests)


def rules_changed(turn: Turn, rules: SiteRules) -> None:
    """Cut all plans down to limits that were changed, at once; ask for better ones."""
    turn.home = replace(turn.home, rules=rules)
    states = [one for one in turn.home.schedules.values() if one.kind is KindName.AMOUNT]
    if not states:
        return
    turn.put(*_limited(states, rules, turn))
    ask_now(turn, turn.home.key)


def _limited(states: list[ScheduleState], rules: SiteRules, turn: Turn) -> list[ScheduleState]:
    parts = {one.key: Part(target_of(one), plan_of(one), None) for one in states}
    ahead = {one.key: within(plan_of(one).windows, turn.now, one.plan.period.end) for one in states}
    fitting = within_power_limits(ahead, parts, rules.limits, turn.now)
    return [
        replace(
            one,
            plan=replace(
                plan_of(one),
                windows=joined((*before(plan_of(one).windows, turn.now), *fitting[one.key])),
            ),
            fresh=True,
        )
        for one in states
    ]


def with_unique_devices(home: HomeState) -> HomeState:
    """Return a home in which no two schedules share a device: answers would be mixed up."""
    taken: set[str] = set()
    states: dict[str, ScheduleState] = {}
    for key, state in home.schedules.items():
        shared = state.device_id in taken
        states[key] = replace(state, device_id=None) if shared else state
        if state.device_id:
            taken.add(state.device_id)
    return replace(home, schedules=states)


def devices_known(turn: Turn, devices: Mapping[str, str | None]) -> None:
    """Remember which devices stand for schedules."""
    known = turn.home.schedules
    turn.put(
        *(
            replace(known[key], device_id=device_id)
            for key, device_id in devices.items()
            if key in known
        )
    )


def _ask(turn: Turn, state: ScheduleState) -> None:
    key = group_of(turn.home, state)
    request = turn.home.requests[key]
    turn.put_request(replace(request, failures=0))
    ask_now(turn, key)
