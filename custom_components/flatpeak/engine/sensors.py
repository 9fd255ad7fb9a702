"""Looking at what sensors say, and asking anew where that differs from the plans."""

from dataclasses import replace
from datetime import timedelta

from ..model import KindName
from .delivery import SETTLING, is_early, read, sensor_deviates, stopped_when_done, with_shortfall
from .events import Told
from .requests import ask_now
from .state import ScheduleState
from .turn import Turn

# What a sensor says may cause a request this often at most.
_PACE = timedelta(minutes=15)
_EARLY_PACE = timedelta(hours=1)  # where the period is far off


def catch_up(turn: Turn) -> None:
    """Take what sensors say now."""
    for state in _sensing(turn):
        told, unsettled = read(state, turn.now)
        turn.unsettled |= unsettled
        if told is not state:
            turn.put(told)


def told(turn: Turn, event: Told) -> None:
    """Remember what sensors say; a value that has changed is looked at once it has settled."""
    for key, reading in event.readings.items():
        state = turn.home.schedules.get(key)
        if state is None:
            continue
        before = state.reading
        turn.put(replace(state, reading=reading))
        changed = (before and before.changed_at) != (reading and reading.changed_at)
        soon, energy = turn.now + SETTLING, turn.home.energy
        if turn.home.started and changed and (energy.look_at is None or energy.look_at > soon):
            turn.put_energy(replace(energy, look_at=soon))


def start(turn: Turn) -> None:
    """Look at the sensors soon, if there are any."""
    look_at = turn.now + SETTLING if _sensing(turn) else None
    turn.put_energy(replace(turn.home.energy, look_at=look_at))


def look(turn: Turn) -> None:
    """Compare what the sensors say with what is planned."""
    energy, request = turn.home.energy, turn.home.requests.get(turn.home.key)
    if energy.look_at is None or energy.look_at > turn.now:
        return
    states = _sensing(turn)
    if not states or request is None:
        turn.put_energy(replace(energy, look_at=None))
        return
    if request.asking:  # the answer to come is worked in first
        turn.put_energy(replace(energy, look_at=turn.now + SETTLING))
        return
    moving = any(one.reading and turn.now - one.reading.changed_at < SETTLING for one in states)
    wait = SETTLING if turn.unsettled or moving else _PACE
    turn.put_energy(replace(energy, look_at=turn.now + wait))
    turn.put(*(stopped_when_done(one, turn.now) for one in states))
    ask_for_sensors(turn)
    turn.put(*(with_shortfall(one, turn.now) for one in _sensing(turn)))


def ask_for_sensors(turn: Turn) -> None:
    """Ask when a sensor says something else than a plan, though not too often."""
    request, now = turn.home.requests[turn.home.key], turn.now
    if request.failures or request.asking:
        return
    wanting = [one for one in _sensing(turn) if sensor_deviates(one, now)]
    wait = _EARLY_PACE if all(is_early(one, now) for one in wanting) else _PACE
    last = turn.home.energy.looked_at
    if wanting and (last is None or now - last >= wait):
        turn.put_energy(replace(turn.home.energy, looked_at=now))
        ask_now(turn, turn.home.key, pushed=False)


def _sensing(turn: Turn) -> list[ScheduleState]:
    return [
        one
        for one in turn.home.schedules.values()
        if one.kind is KindName.AMOUNT and one.form.sensor
    ]
