"""Faults that can be switched on by name while the simulator runs."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from enum import StrEnum

from custom_components.flatpeak.model import Slot

YEAR = timedelta(days=365)


class Fault(StrEnum):
    """What can go wrong; several may be on at once.

    The first group answers every path of the API, the second spoils what the
    schedule call would have answered. `EXPIRE` ends all tokens that are out and
    then switches itself off; the others stay until they are switched off.
    """

    REFUSE = "refuse"
    EXPIRE = "expire"
    TOO_MANY_REQUESTS = "too-many-requests"
    RETRY_AFTER = "retry-after"
    SERVER_ERROR = "server-error"
    UNAVAILABLE = "unavailable"
    SLOW = "slow"
    CUT_OFF = "cut-off"
    NOT_JSON = "not-json"
    VERSION_REFUSED = "version-refused"

    MISSING_FIELD = "missing-field"
    EMPTY_DATA = "empty-data"
    UNSORTED = "unsorted"
    OVERLAPPING = "overlapping"
    NUMBERS_AS_STRINGS = "numbers-as-strings"
    UNKNOWN_PRICE = "unknown-price"
    NEXT_UPDATE_MISSING = "next-update-missing"
    NEXT_UPDATE_PAST = "next-update-past"
    NEXT_UPDATE_FAR = "next-update-far"


def spoil_windows(windows: tuple[Slot, ...], faults: AbstractSet[Fault]) -> tuple[Slot, ...]:
    """Apply the faults that concern which slots are sent, and in what order."""
    if Fault.EMPTY_DATA in faults or not windows:
        return ()
    if Fault.UNKNOWN_PRICE in faults:
        # how Flatpeak says that it knows no price
        windows = tuple(Slot(slot.start, slot.end, 0.0, 0.0) for slot in windows)
    if Fault.UNSORTED in faults:
        # a single slot has no wrong order, so it is sent in two halves
        parts = _halves(windows[0]) if len(windows) == 1 else windows
        windows = tuple(reversed(parts))
    if Fault.OVERLAPPING in faults:
        windows = (*windows, _halves(windows[-1])[1])
    return windows


def spoil_next_update(
    moment: datetime, now: datetime, faults: AbstractSet[Fault]
) -> datetime | None:
    """Apply the faults that concern when to ask again."""
    if Fault.NEXT_UPDATE_MISSING in faults:
        return None
    if Fault.NEXT_UPDATE_PAST in faults:
        return now - timedelta(hours=1)
    if Fault.NEXT_UPDATE_FAR in faults:
        return now + YEAR
    return moment


def _halves(slot: Slot) -> tuple[Slot, Slot]:
    """Cut a slot in the middle, on a whole second."""
    middle = slot.start + timedelta(seconds=slot.length // timedelta(seconds=2))
    return (
        Slot(slot.start, middle, slot.rate, slot.confidence),
        Slot(middle, slot.end, slot.rate, slot.confidence),
    )
