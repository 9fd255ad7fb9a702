"""Faults that can be switched on by name while the simulator runs."""

from enum import StrEnum


class Fault(StrEnum):
    """What can go wrong; several may be on at once.

    The first group answers every path of the API, the second spoils what a call for a
    schedule or for prices would have answered, the third a schedule by amount only.
    The fourth is for the prices alone: an account that has no such endpoint, or one
    that fails.
    `EXPIRE` ends all tokens that are out and then switches itself off; the
    others stay until they are switched off.
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

    OTHER_UNITS = "other-units"  # kW where W were asked for, and the other way round

    NO_PRICES = "no-prices"
    PRICES_FAIL = "prices-fail"
