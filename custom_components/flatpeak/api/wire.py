"""JSON to model: the only place that knows Flatpeak's field names.

Reads every spelling that the generations zero, anode and busbar use, since the
documentation of one generation changed its names over time. Unknown fields are
ignored. What cannot be understood is a FlatpeakResponseError that names the field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
import json
import math
import re
from typing import Any

from ..const import MOST_PRICE
from ..model import (
    HOUR,
    AmountSchedule,
    Device,
    DeviceSchedule,
    Direction,
    DurationSchedule,
    Location,
    PowerSlot,
    PriceSeries,
    Savings,
    Slot,
    Span,
    merge,
)
from .errors import FlatpeakResponseError

# In order of preference: where a slot's price stands, and under what name.
_PRICE_BOXES = ("price", "tariff")
_MONEY_BOXES = ("cost", "tariff", "price")
_PRICE_NAMES = ("value", "average", "rate_avg", "rate")
_START_NAMES = ("start_time", "valid_from")
_END_NAMES = ("end_time", "valid_to")
_TOKEN_NAMES = ("bearer_token", "bearer", "token")
_DIRECTION_NAMES = ("tariff_direction", "direction")
_ADDRESS_NAMES = ("address_line1", "address_line2", "post_code", "city")

_HUGE = 1e300
_HUGE_POWER = 1e6  # kW
_NO_POWER = 1e-6  # kW: what is as good as none
_LONGEST_MESSAGE = 300

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(?:\.\w+)?")

type Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and for how many seconds it is good (None: not said)."""

    value: str
    expires_in: float | None

    def __repr__(self) -> str:
        """Keep the token out of logs."""
        return f"Token(expires_in={self.expires_in})"


@dataclass(frozen=True, slots=True)
class Problem:
    """What an error body says; the codes are the only part that can be counted on."""

    code: str | None
    message: str

    def without(self, *secrets: str) -> Problem:
        """Return the same without what a server should not have quoted, and not too long."""
        code, message = self.code or "", self.message
        for secret in secrets:
            code, message = (text.replace(secret, "***") for text in (code, message))
        return Problem(code[:_LONGEST_MESSAGE] or None, message[:_LONGEST_MESSAGE])

    def newer_version(self, asked: str | None) -> str | None:
        """Return the account's version where a refusal names it.

        The one that was asked for may be quoted by its date alone.
        """
        date = (asked or "").partition(".")[0]
        named = [
            version
            for version in _VERSION.findall(self.message)
            if version.partition(".")[0] != date
        ]
        return named[-1] if named else None


def document(body: bytes) -> Json:
    """Read a body that has to be a JSON object."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as err:
        raise FlatpeakResponseError("the answer is not JSON") from err
    if not isinstance(found, dict):
        raise FlatpeakResponseError("the answer is not a JSON object")
    return found


def problem(body: bytes) -> Problem:
    """Read an error body of either shape; never fails."""
    try:
        found = document(body)
    except FlatpeakResponseError:
        return Problem(None, "")
    code, message = found.get("code"), found.get("message")
    return Problem(
        code if isinstance(code, str) else None,
        message if isinstance(message, str) else "",
    )


def token(body: Json) -> Token:
    """Read the answer of a login."""
    for name in _TOKEN_NAMES:
        if isinstance(value := body.get(name), str) and value:
            break
    else:
        raise FlatpeakResponseError(f"{_TOKEN_NAMES[0]} is missing")
    expires = body.get("expires_in")
    return Token(value, None if expires is None else _number(expires, "expires_in"))


def page[T](body: Json, read: Callable[[object, str], T]) -> tuple[tuple[T, ...], bool]:
    """Read one page of a list, and whether there are more."""
    items = _list(body.get("data"), "data")
    return (
        tuple(read(item, f"data[{index}]") for index, item in enumerate(items)),
        body.get("has_more") is True,
    )


def device(item: object, where: str = "device") -> Device:
    """Read one device; only its id is required."""
    found = _mapping(item, where)
    if (identifier := _text(found.get("id"))) is None:
        raise FlatpeakResponseError(f"{where}.id is missing")
    return Device(identifier, _text(found.get("reference_id")))


def location(item: object, where: str = "location") -> Location:
    """Read one location; only its id is required."""
    found = _mapping(item, where)
    if (identifier := _text(found.get("id"))) is None:
        raise FlatpeakResponseError(f"{where}.id is missing")
    address = found.get("postal_address")
    lines = address if isinstance(address, dict) else {}
    return Location(
        identifier,
        _text(found.get("reference_id")),
        ", ".join(filter(None, (_text(lines.get(name)) for name in _ADDRESS_NAMES))) or None,
        _text(found.get("timezone")),
        _text(found.get("currency_code")),
        _truth(found.get("live_mode")),
    )


def duration_schedule(body: Json) -> DurationSchedule:
    """Read a schedule by duration of any generation."""
    slots = [
        slot
        for index, item in enumerate(_list(body.get("data"), "data"))
        if (slot := _slot(item, f"data[{index}]")) is not None
    ]
    try:
        merged = merge(slots)
    except ValueError as err:
        raise FlatpeakResponseError(f"data: {err}") from err
    return DurationSchedule(
        merged,
        _direction(body),
        _text(body.get("currency_code")),
        _text(body.get("location_timezone")),
        _next_update(body.get("next_update")),
        _truth(body.get("live_mode")),
    )


def price_series(body: Json) -> PriceSeries:
    """Read prices of any generation, each as it was published; there may be none."""
    data = [] if body.get("data") is None else _list(body["data"], "data")
    read = [_published(item, f"data[{index}]") for index, item in enumerate(data)]
    if data and not any(box in _mapping(item, "data") for item in data for box in _PRICE_BOXES):
        raise FlatpeakResponseError(f"data[0].{_PRICE_BOXES[0]} is missing")
    slots = sorted((slot for slot in read if slot is not None), key=lambda slot: slot.start)
    if any(later.start < earlier.end for earlier, later in pairwise(slots)):
        raise FlatpeakResponseError("data: two slots overlap")
    return PriceSeries(
        tuple(slots),
        _direction(body),
        _text(body.get("currency_code")),
        _text(body.get("location_timezone")),
        _next_update(body.get("next_update")),
        _truth(body.get("live_mode")),
    )


def amount_schedule(body: Json) -> AmountSchedule:
    """Read a schedule by amount of either generation; an empty one may lack its data."""
    data = [] if body.get("data") is None else _list(body["data"], "data")
    money, confidence = _money(body, "")
    return AmountSchedule(
        tuple(_device_schedule(item, f"data[{index}]") for index, item in enumerate(data)),
        money if confidence > 0 else None,
        _savings(body, ""),
        _text(body.get("currency_code")),
        _text(body.get("location_timezone")),
        _truth(body.get("live_mode")),
    )


def _device_schedule(item: object, where: str) -> DeviceSchedule:
    """Read one device's part. What it costs is spread evenly over its energy."""
    found = _mapping(item, where)
    if (identifier := _text(found.get("device_id"))) is None:
        raise FlatpeakResponseError(f"{where}.device_id is missing")
    cost, confidence = _money(found, f"{where}.")
    savings = _savings(found, f"{where}.")
    schedule = enumerate(_list(found.get("schedule"), f"{where}.schedule"))
    read = (_power_entry(entry, f"{where}.schedule[{index}]") for index, entry in schedule)
    entries = [entry for entry in read if entry is not None]
    entries = sorted((entry for entry in entries if entry[1] > _NO_POWER), key=_start)
    if any(later.start < earlier.end for (earlier, _), (later, _) in pairwise(entries)):
        raise FlatpeakResponseError(f"{where}.schedule: two parts overlap")
    energy = math.fsum(power * (span.length / HOUR) for span, power in entries)
    rate = None if cost is None else _per(cost, energy)
    saved = None if savings is None else _per(savings.value, energy)
    slots = tuple(
        PowerSlot(span.start, span.end, rate, confidence, power, saved) for span, power in entries
    )
    return DeviceSchedule(identifier, _direction(found), slots, cost, savings, confidence)


def _per(amount: float, energy: float) -> float | None:
    """Spread an amount of money over energy; what comes out as infinite says nothing."""
    rate = amount / energy if energy else math.inf
    return rate if math.isfinite(rate) else None


def _start(entry: tuple[Span, float]) -> datetime:
    return entry[0].start


def _power_entry(item: object, where: str) -> tuple[Span, float] | None:
    """Read when, and at what power; None for a moment of no length."""
    found = _mapping(item, where)
    power = _quantity(found.get("power"), f"{where}.power")
    if not 0 <= power < _HUGE_POWER:
        raise FlatpeakResponseError(f"{where}.power.value is no power that a site has")
    span = _span(found, where)
    return None if span is None else (span, power)


def _quantity(item: object, where: str) -> float:
    """Read a power in kW, given in W (also where no unit is given) or KW."""
    found = _mapping(item, where)
    units = found.get("units")
    named = "W" if units is None or units == "" else _text(units) or ""
    factor = {"W": 0.001, "KW": 1.0}.get(named.upper())
    if factor is None:
        raise FlatpeakResponseError(f"{where}.units is neither W nor KW")
    return _number(found.get("value"), f"{where}.value") * factor


def _money(found: Json, where: str) -> tuple[float | None, float]:
    """Read an amount of money, which may not be there, and how sure it is."""
    for name in _MONEY_BOXES:
        if found.get(name) is None:
            continue
        box = found[name]
        if not isinstance(box, dict):
            return _number(box, f"{where}{name}"), 1.0
        said = box.get("confidence")
        sure = 1.0 if said is None else min(_number(said, f"{where}{name}.confidence"), 1.0)
        if sure <= 0:
            return None, 0.0
        value = box.get("value")
        return (None if value is None else _number(value, f"{where}{name}.value")), sure
    return None, 1.0


def _savings(found: Json, where: str) -> Savings | None:
    """Read what is saved; nothing depends on it, so it may be missing."""
    box = found.get("savings")
    if not isinstance(box, dict) or box.get("value") is None:
        return None
    percentage = box.get("percentage")
    return Savings(
        _number(box["value"], f"{where}savings.value"),
        None if percentage is None else _number(percentage, f"{where}savings.percentage"),
    )


def _slot(item: object, where: str) -> Slot | None:
    found = _mapping(item, where)
    span = _span(found, where)
    rate, confidence = _price(found, where)
    return None if span is None else Slot(span.start, span.end, rate, confidence)


def _published(item: object, where: str) -> Slot | None:
    """Read a slot of a series: one without a price is not known, and spoils no other."""
    found = _mapping(item, where)
    if any(not _empty(found.get(name)) for name in _PRICE_BOXES):
        return _slot(found, where)
    span = _span(found, where)
    return None if span is None else Slot(span.start, span.end, None, 0.0)


def _empty(box: object) -> bool:
    """Tell whether no price is given where it would stand, under any name known."""
    if not isinstance(box, dict):
        return box is None
    given = [box[name] for name in _PRICE_NAMES if name in box]
    return bool(given) and all(value is None for value in given)


def _span(found: Json, where: str) -> Span | None:
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
    for name in _PRICE_BOXES:
        box = found.get(name)
        if not isinstance(box, dict):
            box = {"value": box, "confidence": found.get("confidence")}
        said = box.get("confidence")
        if said is not None and _number(said, f"{where}.{name}.confidence") <= 0:
            return None, 0.0
        for key in _PRICE_NAMES:
            if (value := box.get(key)) is not None:
                # nothing said about confidence means nothing said against the price
                confidence = 1.0 if said is None else min(float(said), 1.0)
                return _rate(value, f"{where}.{name}.{key}"), confidence
    given = [f"{name}.{_PRICE_NAMES[0]}" for name in _PRICE_BOXES if found.get(name) is not None]
    raise FlatpeakResponseError(f"{where}.{given[0] if given else _PRICE_BOXES[0]} is missing")


def _rate(value: object, where: str) -> float:
    """Read a price per kWh; what no currency has is none."""
    if abs(rate := _number(value, where)) > MOST_PRICE:
        raise FlatpeakResponseError(f"{where} is no price")
    return rate


def _direction(body: Json) -> Direction | None:
    """Read the direction, None where it is not given or new to us."""
    for name in _DIRECTION_NAMES:
        if value := _text(body.get(name)):
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


def _next_update(value: object) -> datetime | None:
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


def _number(value: object, where: str) -> float:
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


def _list(value: object, where: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise FlatpeakResponseError(f"{where} is {'missing' if value is None else 'no list'}")
    return value


def _mapping(value: object, where: str) -> Json:
    if not isinstance(value, dict):
        raise FlatpeakResponseError(f"{where} is no object")
    return value


def _text(value: object) -> str | None:
    """Read an optional text; blanks around it do occur."""
    return (value.strip() or None) if isinstance(value, str) else None


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
