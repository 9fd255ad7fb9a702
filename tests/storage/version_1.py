"""The file as it was written before November 2026: each kind had records of its own.

`version_1.json` is one that the code of then has left, with what its entities showed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
import json
from pathlib import Path
from typing import Any

from custom_components.flatpeak.engine import StoredHome, StoredPrices, StoredSchedule
from custom_components.flatpeak.forms import CODECS
from custom_components.flatpeak.model import (
    Direction,
    KindName,
    Plan,
    PowerSlot,
    PriceCap,
    SiteRules,
    Slot,
)

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("version_1.json").read_text())
PARTS = {
    KindName.DURATION: "schedules",
    KindName.PRICE_LIMIT: "limits",
    KindName.AMOUNT: "amounts",
}
WAYS = (Direction.IMPORT, Direction.EXPORT)


@dataclass(frozen=True)
class Kept:
    """A schedule with what its own record had: when it was due, and when it was last there."""

    schedule: StoredSchedule
    request_at: datetime | None
    seen: datetime


def written(
    schedules: Mapping[str, Kept],
    site: StoredHome,
    request_at: datetime | None,
    prices: Mapping[Direction, StoredPrices],
) -> dict[str, Any]:
    """Write all of it; `site` and `request_at` are what schedules by amount had in common."""
    data: dict[str, Any] = {part: {} for part in PARTS.values()}
    for key, kept in schedules.items():
        data[PARTS[kept.schedule.kind]][key] = _record(kept)
    return {
        **data,
        "prices": {way.value: _prices(one) for way, one in prices.items()},
        "site": {
            "rules": [] if site.rules is None else _rules(site.rules),
            "request_at": _iso(request_at),
            "seen": _iso(site.seen),
            "counted": _iso(site.counted),
            "saved": site.saved,
        },
    }


def _record(kept: Kept) -> dict[str, Any]:
    one = kept.schedule
    form = CODECS[one.kind].as_json(one.form)
    target = CODECS[one.kind].as_json(replace(one.form, target=one.target))
    enabled = {"enabled": one.target.enabled}
    plans = {"plan": _plan(one.plan), "following": one.following and _plan(one.following)}
    known = one.fulfilment
    if one.kind is KindName.AMOUNT:
        told = known.metering
        return {
            "form": form,
            "wish": target | enabled,
            **plans,
            "metering": [told.value, _iso(told.at), told.delivered, told.owed],
            "device_id": one.device_id,
            "unplaced": known.unplaced,
            "missed": known.missed,
            "misses": known.misses,
            "lacking": known.lacking,
            "shortfall": known.shortfall,
        }
    return {
        "form": form | enabled,
        "wish": target | enabled,
        **plans,
        "next_update": _iso(one.next_update),
        "request_at": _iso(kept.request_at),
        "seen": _iso(kept.seen),
    }


def _plan(plan: Plan[Slot]) -> dict[str, Any]:
    return {
        "period": [_iso(plan.period.start), _iso(plan.period.end)],
        "windows": [_slot(slot) for slot in plan.windows],
        "answered": plan.source is not None,
    }


def _slot(slot: Slot) -> list[Any]:
    power = [slot.power, slot.saved] if isinstance(slot, PowerSlot) else []
    return [_iso(slot.start), _iso(slot.end), slot.rate, slot.confidence, *power]


def _prices(prices: StoredPrices) -> dict[str, Any]:
    return {
        "source": prices.source,
        "slots": [_slot(slot) for slot in prices.book.slots],
        "next_update": _iso(prices.book.next_update),
        "read_at": _iso(prices.book.read_at),
    }


def _rules(rules: SiteRules) -> list[float | None]:
    caps = [rules.caps.get(way, PriceCap()) for way in WAYS]
    return [
        *(rules.limits.get(way) for way in WAYS),
        *(value for cap in caps for value in (cap.relative, cap.absolute)),
    ]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
