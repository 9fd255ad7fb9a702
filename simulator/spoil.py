"""What the faults make of an answer that would have been right."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from custom_components.flatpeak.model import Slot

from .faults import Fault
from .state import Json, World

YEAR = timedelta(days=365)
ECHO = "request"


def spoil_windows[S: Slot](windows: tuple[S, ...], world: World) -> tuple[S, ...]:
    """Apply the faults that concern which slots are sent, and in what order."""
    if Fault.EMPTY_DATA in world.faults or not windows:
        return ()
    if Fault.UNKNOWN_PRICE in world.faults:
        # how Flatpeak says that it knows no price
        windows = tuple(replace(slot, rate=0.0, confidence=0.0) for slot in windows)
    if Fault.UNSORTED in world.faults:
        # a single slot has no wrong order, so it is sent in two halves
        parts = _halves(windows[0]) if len(windows) == 1 else windows
        windows = tuple(reversed(parts))
    if Fault.OVERLAPPING in world.faults:
        windows = (*windows, _halves(windows[-1])[1])
    return windows


def spoil_next_update(moment: datetime, now: datetime, world: World) -> datetime | None:
    """Apply the faults that concern when to ask again."""
    if Fault.NEXT_UPDATE_MISSING in world.faults:
        return None
    if Fault.NEXT_UPDATE_PAST in world.faults:
        return now - timedelta(hours=1)
    if Fault.NEXT_UPDATE_FAR in world.faults:
        return now + YEAR
    return moment


def spoil_body(body: Mapping[str, Json], world: World) -> dict[str, Json]:
    """Apply the faults that concern how an answer is written; an echo of the request stays."""
    return {
        name: value if name == ECHO else _spoiled(value, world)
        for name, value in body.items()
        if not _missing(name, world)
    }


def _spoiled(value: Json, world: World) -> Json:
    if isinstance(value, Mapping):
        return {
            name: _spoiled(part, world) for name, part in value.items() if not _missing(name, world)
        }
    if isinstance(value, list):
        return [_spoiled(part, world) for part in value]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if number and Fault.NUMBERS_AS_STRINGS in world.faults else value


def _missing(name: str, world: World) -> bool:
    return Fault.MISSING_FIELD in world.faults and name == world.missing_field


def _halves[S: Slot](slot: S) -> tuple[S, S]:
    """Cut a slot in the middle, on a whole second."""
    middle = slot.start + timedelta(seconds=slot.length // timedelta(seconds=2))
    return replace(slot, end=middle), replace(slot, start=middle)
