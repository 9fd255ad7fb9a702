"""Records of the store: what is kept of a home, as JSON and back.

Reading raises KeyError, TypeError or ValueError where a record is not whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import LOGGER
from ..engine import Fulfilment, StoredHome, StoredPrices, StoredSchedule
from ..forms import CODECS, Json
from ..model import (
    AmountPlan,
    Direction,
    Form,
    KindName,
    Metering,
    Plan,
    PowerSlot,
    PriceBook,
    PriceCap,
    SiteRules,
    Slot,
    Source,
    Span,
    Target,
)


def home_as_json(home: StoredHome, schedules: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Write a home with the records of its schedules."""
    return {
        "schedules": dict(schedules),
        "due": {key: iso(at) for key, at in home.due.items()},
        "rules": home.rules and _rules_as_json(home.rules),
        "seen": iso(home.seen),
        "saved": home.saved,
        "counted": iso(home.counted),
    }


def home_from_json(data: Json, schedules: Mapping[str, StoredSchedule]) -> StoredHome:
    """Read it back; a value that is damaged costs no other."""
    stored = data.get("due")
    due = stored.items() if isinstance(stored, dict) else ()
    known = {str(key): or_none(moment_of, at) for key, at in due}
    return StoredHome(
        schedules,
        {key: at for key, at in known.items() if at},
        or_none(_rules_from_json, data.get("rules")),
        or_none(moment_of, data.get("seen")),
        or_none(float, data.get("saved")) or 0.0,
        or_none(moment_of, data.get("counted")),
    )


def or_none[T](reader: Callable[[Any], T], stored: object) -> T | None:
    """Read a part; one that is not there or damaged is none."""
    if stored is None:
        return None
    try:
        return reader(stored)
    except (AttributeError, KeyError, TypeError, ValueError, vol.Invalid) as err:
        LOGGER.debug("Stored values not used: %r", err)
        return None


def schedule_as_json(one: StoredSchedule) -> dict[str, Any]:
    """Write a schedule for the store and the diagnostics."""
    return {
        "kind": one.kind.value,
        "form": CODECS[one.kind].as_json(one.form),
        "target": {
            **CODECS[one.kind].as_json(replace(one.form, target=one.target)),
            "enabled": one.target.enabled,
        },
        "plan": _plan_as_json(one.plan),
        "following": one.following and _plan_as_json(one.following),
        "next_update": iso(one.next_update),
        "device_id": one.device_id,
        "fulfilment": _fulfilment_as_json(one.fulfilment) if one.kind is KindName.AMOUNT else None,
    }


def schedule_from_json(data: Json) -> StoredSchedule:
    """Read it back."""
    kind, following, device_id = KindName(data["kind"]), data["following"], data["device_id"]
    if not isinstance(device_id, str | None):
        raise TypeError("a device is named by a text")
    fulfilment = data["fulfilment"]
    return StoredSchedule(
        kind,
        _form(kind, data["form"]),
        _target(kind, data["target"]),
        _plan_from_json(kind, data["plan"]),
        _plan_from_json(kind, following) if following else None,
        _moment(data["next_update"]),
        device_id,
        _fulfilment_from_json(fulfilment) if fulfilment else Fulfilment(),
    )


def prices_as_json(prices: StoredPrices) -> dict[str, Any]:
    """Write the prices of a direction."""
    return {
        "source": prices.source,
        "slots": [_slot_as_json(slot) for slot in prices.book.slots],
        "next_update": iso(prices.book.next_update),
        "read_at": iso(prices.book.read_at),
    }


def prices_from_json(data: Json) -> StoredPrices:
    """Read them back."""
    slots = tuple(_slot_from_json(slot) for slot in data["slots"])
    book = PriceBook(slots, _moment(data["next_update"]), _moment(data["read_at"]))
    return StoredPrices(str(data["source"]), book)


def iso(moment: datetime | None) -> str | None:
    """Write a moment for the store."""
    return moment.isoformat() if moment else None


def moment_of(text: str) -> datetime:
    """Read a moment back, in UTC."""
    moment = dt_util.parse_datetime(text, raise_on_error=True)
    return dt_util.as_utc(moment)


def _moment(text: str | None) -> datetime | None:
    return moment_of(text) if text else None


def _form(kind: KindName, data: Json) -> Form:
    form = CODECS[kind].read(data)
    if not form.target.frame.days:
        raise ValueError("no weekday is chosen")
    return form


def _target(kind: KindName, data: Json) -> Target:
    return replace(_form(kind, data).target, enabled=bool(data["enabled"]))


def _rules_as_json(rules: SiteRules) -> dict[str, Any]:
    return {
        "limits": {way.value: limit for way, limit in rules.limits.items()},
        "caps": {way.value: [cap.relative, cap.absolute] for way, cap in rules.caps.items()},
    }


def _rules_from_json(data: Json) -> SiteRules:
    return SiteRules(
        {Direction(way): float(limit) for way, limit in data["limits"].items()},
        {
            Direction(way): PriceCap(_number(relative), _number(absolute))
            for way, (relative, absolute) in data["caps"].items()
        },
    )


def _fulfilment_as_json(one: Fulfilment) -> dict[str, Any]:
    told = one.metering
    return {
        "metering": [told.value, iso(told.at), told.delivered, told.owed],
        "unplaced": one.unplaced,
        "missed": one.missed,
        "misses": one.misses,
        "lacking": one.lacking,
        "shortfall": one.shortfall,
        "counted": one.counted,
    }


def _fulfilment_from_json(data: Json) -> Fulfilment:
    value, at, delivered, owed = data["metering"]
    return Fulfilment(
        Metering(_number(value), _moment(at), float(delivered), float(owed)),
        lacking=float(data["lacking"]),
        shortfall=float(data["shortfall"]),
        unplaced=_number(data["unplaced"]),
        missed=float(data["missed"]),
        misses=int(data["misses"]),
        counted=float(data.get("counted", delivered)),
    )


def _plan_as_json(plan: Plan[Slot]) -> dict[str, Any]:
    return {
        "period": [iso(plan.period.start), iso(plan.period.end)],
        "windows": [_slot_as_json(window) for window in plan.windows],
        "answered": plan.source is not None,
    }


def _plan_from_json(kind: KindName, data: Json) -> Plan[Slot]:
    start, end = data["period"]
    period = Span(moment_of(start), moment_of(end))
    source = Source.RESTORED if data["answered"] else None
    if kind is KindName.AMOUNT:
        return AmountPlan(period, tuple(map(_power_slot, data["windows"])), source)
    return Plan(period, tuple(map(_slot_from_json, data["windows"])), source)


def _slot_as_json(slot: Slot) -> list[Any]:
    power = [slot.power, slot.saved] if isinstance(slot, PowerSlot) else []
    return [iso(slot.start), iso(slot.end), slot.rate, slot.confidence, *power]


def _slot_from_json(data: list[Any]) -> Slot:
    start, end, rate, confidence = data
    return Slot(moment_of(start), moment_of(end), _number(rate), float(confidence))


def _power_slot(data: list[Any]) -> PowerSlot:
    *slot, power, saved = data
    known = _slot_from_json(slot)
    return PowerSlot(
        known.start, known.end, known.rate, known.confidence, float(power), _number(saved)
    )


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
