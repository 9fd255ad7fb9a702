"""JSON to model: the only place that knows Flatpeak's field names.

Reads every spelling that the generations zero, anode and busbar use, since the
documentation of one generation changed its names over time. Unknown fields are
ignored. What cannot be understood is a FlatpeakResponseError that names the field.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
import json
import math
import re

from ..model import (
    HOUR,
    AmountSchedule,
    Device,
    DeviceSchedule,
    DurationSchedule,
    Location,
    PowerSlot,
    PriceSeries,
    Savings,
    Span,
    merge,
)
from ..model.errors import FlatpeakResponseError
from . import values
from .values import Json

# In order of preference: where a slot's price stands, and under what name.
_MONEY_BOXES = ("cost", "tariff", "price")
_TOKEN_NAMES = ("bearer_token", "bearer", "token")
_ADDRESS_NAMES = ("address_line1", "address_line2", "post_code", "city")

_HUGE_POWER = 1e6  # kW
_NO_POWER = 1e-6  # kW: what is as good as none
_LONGEST_MESSAGE = 300

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(?:\.\w+)?")


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
    return Token(value, None if expires is None else values.number(expires, "expires_in"))


def page[T](body: Json, read: Callable[[object, str], T]) -> tuple[tuple[T, ...], bool]:
    """Read one page of a list, and whether there are more."""
    items = values.items(body.get("data"), "data")
    return (
        tuple(read(item, f"data[{index}]") for index, item in enumerate(items)),
        body.get("has_more") is True,
    )


def device(item: object, where: str = "device") -> Device:
    """Read one device; only its id is required."""
    found = values.mapping(item, where)
    if (identifier := values.text(found.get("id"))) is None:
        raise FlatpeakResponseError(f"{where}.id is missing")
    return Device(identifier, values.text(found.get("reference_id")))


def location(item: object, where: str = "location") -> Location:
    """Read one location; only its id is required."""
    found = values.mapping(item, where)
    if (identifier := values.text(found.get("id"))) is None:
        raise FlatpeakResponseError(f"{where}.id is missing")
    address = found.get("postal_address")
    lines = address if isinstance(address, dict) else {}
    return Location(
        identifier,
        values.text(found.get("reference_id")),
        ", ".join(filter(None, (values.text(lines.get(name)) for name in _ADDRESS_NAMES))) or None,
        values.text(found.get("timezone")),
        values.text(found.get("currency_code")),
        values.truth(found.get("live_mode")),
    )


def duration_schedule(body: Json) -> DurationSchedule:
    """Read a schedule by duration of any generation."""
    slots = [
        slot
        for index, item in enumerate(values.items(body.get("data"), "data"))
        if (slot := values.slot(item, f"data[{index}]")) is not None
    ]
    try:
        merged = merge(slots)
    except ValueError as err:
        raise FlatpeakResponseError(f"data: {err}") from err
    return DurationSchedule(
        merged,
        values.direction(body),
        values.text(body.get("currency_code")),
        values.text(body.get("location_timezone")),
        values.next_update(body.get("next_update")),
        values.truth(body.get("live_mode")),
    )


def price_series(body: Json) -> PriceSeries:
    """Read prices of any generation, each as it was published; there may be none."""
    data = [] if body.get("data") is None else values.items(body["data"], "data")
    read = [values.published(item, f"data[{index}]") for index, item in enumerate(data)]
    if data and not any(
        box in values.mapping(item, "data") for item in data for box in values.PRICE_BOXES
    ):
        raise FlatpeakResponseError(f"data[0].{values.PRICE_BOXES[0]} is missing")
    slots = sorted((slot for slot in read if slot is not None), key=lambda slot: slot.start)
    if any(later.start < earlier.end for earlier, later in pairwise(slots)):
        raise FlatpeakResponseError("data: two slots overlap")
    return PriceSeries(
        tuple(slots),
        values.direction(body),
        values.text(body.get("currency_code")),
        values.text(body.get("location_timezone")),
        values.next_update(body.get("next_update")),
        values.truth(body.get("live_mode")),
    )


def amount_schedule(body: Json) -> AmountSchedule:
    """Read a schedule by amount of either generation; an empty one may lack its data."""
    data = [] if body.get("data") is None else values.items(body["data"], "data")
    money, confidence = _money(body, "")
    return AmountSchedule(
        tuple(_device_schedule(item, f"data[{index}]") for index, item in enumerate(data)),
        money if confidence > 0 else None,
        _savings(body, ""),
        values.text(body.get("currency_code")),
        values.text(body.get("location_timezone")),
        values.truth(body.get("live_mode")),
    )


def _device_schedule(item: object, where: str) -> DeviceSchedule:
    """Read one device's part. What it costs is spread evenly over its energy."""
    found = values.mapping(item, where)
    if (identifier := values.text(found.get("device_id"))) is None:
        raise FlatpeakResponseError(f"{where}.device_id is missing")
    cost, confidence = _money(found, f"{where}.")
    savings = _savings(found, f"{where}.")
    schedule = enumerate(values.items(found.get("schedule"), f"{where}.schedule"))
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
    return DeviceSchedule(identifier, values.direction(found), slots, cost, savings, confidence)


def _per(amount: float, energy: float) -> float | None:
    """Spread an amount of money over energy; what comes out as infinite says nothing."""
    rate = amount / energy if energy else math.inf
    return rate if math.isfinite(rate) else None


def _start(entry: tuple[Span, float]) -> datetime:
    return entry[0].start


def _power_entry(item: object, where: str) -> tuple[Span, float] | None:
    """Read when, and at what power; None for a moment of no length."""
    found = values.mapping(item, where)
    power = _quantity(found.get("power"), f"{where}.power")
    if not 0 <= power < _HUGE_POWER:
        raise FlatpeakResponseError(f"{where}.power.value is no power that a site has")
    span = values.span(found, where)
    return None if span is None else (span, power)


def _quantity(item: object, where: str) -> float:
    """Read a power in kW, given in W (also where no unit is given) or KW."""
    found = values.mapping(item, where)
    units = found.get("units")
    named = "W" if units is None or units == "" else values.text(units) or ""
    factor = {"W": 0.001, "KW": 1.0}.get(named.upper())
    if factor is None:
        raise FlatpeakResponseError(f"{where}.units is neither W nor KW")
    return values.number(found.get("value"), f"{where}.value") * factor


def _money(found: Json, where: str) -> tuple[float | None, float]:
    """Read an amount of money, which may not be there, and how sure it is."""
    for name in _MONEY_BOXES:
        if found.get(name) is None:
            continue
        box = found[name]
        if not isinstance(box, dict):
            return values.number(box, f"{where}{name}"), 1.0
        said = box.get("confidence")
        sure = 1.0 if said is None else min(values.number(said, f"{where}{name}.confidence"), 1.0)
        if sure <= 0:
            return None, 0.0
        value = box.get("value")
        return (None if value is None else values.number(value, f"{where}{name}.value")), sure
    return None, 1.0


def _savings(found: Json, where: str) -> Savings | None:
    """Read what is saved; nothing depends on it, so it may be missing."""
    box = found.get("savings")
    if not isinstance(box, dict) or box.get("value") is None:
        return None
    percentage = box.get("percentage")
    return Savings(
        values.number(box["value"], f"{where}savings.value"),
        None if percentage is None else values.number(percentage, f"{where}savings.percentage"),
    )
