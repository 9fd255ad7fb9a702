"""Single values in Flatpeak's JSON: prices, times, spans, whatever they are called.

What cannot be understood is a FlatpeakResponseError that names the field.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..const import MAX_PRICE
from ..model import Direction, Slot, Span
from ..model.errors import FlatpeakResponseError

# In order of preference: where a slot's price stands, and under what name.
PRICE_BOXES = ("price", "tariff")
_PRICE_NAMES = ("value", "average", "rate_avg", "rate")
_START_NAMES = ("start_time", "valid_from")
_END_NAMES = ("end_time", "valid_to")
_DIRECTION_NAMES = ("tariff_direction", "direction")

_HUGE = 1e300

type Json = Mapping[str, Any]


def slot(item: object, where: str) -> Slot | None:
    """Read a slot at a price; none where it lasts no time."""
    found = mapping(item, where)
    time = span(found, where)
    rate, confidence = _price(found, where)
    return None if time is None else Slot(time.start, time.end, rate, confidence)


def published(item: object, where: str) -> Slot | None:
    """Read a slot of a series: one without a price is not known, and spoils no other."""
    found = mapping(item, where)
    if any(not _empty(found.get(name)) for name in PRICE_BOXES):
        return slot(found, where)
    time = span(found, where)
    return None if time is None else Slot(time.start, time.end, None, 0.0)


def _empty(box: object) -> bool:
    """Tell whether no price is given where it would stand, under any name known."""
    if not isinstance(box, dict):
        return box is None
    given = [box[name] for name in _PRICE_NAMES if name in box]
    return bool(given) and all(value is None for value in given)


def span(found: Json, where: str) -> Span | None:
    """Read a stretch of time; rounding to seconds may have left nothing of it."""
    start, end = (_time(found, names, where) for names in (_START_NAMES, _END_NAMES))
    if start == end:
        return None
    try:
        return Span(start, end)
    except ValueError as err:
        raise FlatpeakResponseError(f"{where}.{_END_NAMES[0]}: {err}") from err


def _price(found: Json, where: str) -> tuple[float | None, float]:
    """Read rate and confidence. Confidence 0 means that the price is not known."""
    for name in PRICE_BOXES:
        box = found.get(name)
        if not isinstance(box, dict):
            box = {"value": box, "confidence": found.get("confidence")}
        said = box.get("confidence")
        if said is not None and number(said, f"{where}.{name}.confidence") <= 0:
            return None, 0.0
        for key in _PRICE_NAMES:
            if (value := box.get(key)) is not None:
                # nothing said about confidence means nothing said against the price
                confidence = 1.0 if said is None else min(float(said), 1.0)
                return _rate(value, f"{where}.{name}.{key}"), confidence
    given = [f"{name}.{_PRICE_NAMES[0]}" for name in PRICE_BOXES if found.get(name) is not None]
    raise FlatpeakResponseError(f"{where}.{given[0] if given else PRICE_BOXES[0]} is missing")


def _rate(value: object, where: str) -> float:
    """Read a price per kWh; what no currency has is none."""
    if abs(rate := number(value, where)) > MAX_PRICE:
        raise FlatpeakResponseError(f"{where} is no price")
    return rate


def direction(body: Json) -> Direction | None:
    """Read the direction, None where it is not given or new to us."""
    for name in _DIRECTION_NAMES:
        if value := text(body.get(name)):
            try:
                return Direction(value.lower())
            except ValueError:
                return None
    return None


def _time(found: Json, names: Sequence[str], where: str) -> datetime:
    """Read an RFC 3339 time with any offset; UTC from here on."""
    for name in names:
        if (value := found.get(name)) is not None:
            break
    else:
        raise FlatpeakResponseError(f"{where}.{names[0]} is missing")
    moment = _moment(value)
    if moment is None or moment.tzinfo is None:
        raise FlatpeakResponseError(f"{where}.{name} is no time with a zone")
    return moment.astimezone(UTC)


def next_update(value: object) -> datetime | None:
    """Read when to ask again. Only a recommendation, so a bad one is as good as none."""
    moment = _moment(value)
    if moment is None or moment.tzinfo is not None:
        return moment and moment.astimezone(UTC)
    return moment.replace(tzinfo=UTC)


def _moment(value: object) -> datetime | None:
    """Read a time in any style of ISO 8601; years that no zone can reach are none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip().upper())
    except ValueError:
        return None
    return moment if 1 < moment.year < 9999 else None


def number(value: object, where: str) -> float:
    """Read a number that may stand in quotes."""
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            number = float(value)
        except ValueError, OverflowError:
            pass
        else:
            if abs(number) < _HUGE:  # not true of inf and nan either
                return number
    raise FlatpeakResponseError(f"{where} is no number")


def items(value: object, where: str) -> Sequence[object]:
    """Read a list."""
    if not isinstance(value, list):
        raise FlatpeakResponseError(f"{where} is {'missing' if value is None else 'no list'}")
    return value


def mapping(value: object, where: str) -> Json:
    """Read an object."""
    if not isinstance(value, dict):
        raise FlatpeakResponseError(f"{where} is no object")
    return value


def text(value: object) -> str | None:
    """Read an optional text; blanks around it do occur."""
    return (value.strip() or None) if isinstance(value, str) else None


def truth(value: object) -> bool | None:
    """Read an optional yes or no."""
    return value if isinstance(value, bool) else None
