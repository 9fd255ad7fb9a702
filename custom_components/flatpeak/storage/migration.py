"""What was stored before November 2026, in the shape of today."""

from typing import Any

from homeassistant.util import dt as dt_util

from ..model import Direction

_KINDS = {"schedules": "duration", "limits": "limit", "amounts": "amount"}
_FULFILMENT = ("metering", "unplaced", "missed", "misses", "lacking", "shortfall")


def from_version_1(data: dict[str, Any], entry_id: str) -> dict[str, Any]:
    """Return a file of version 1.1 as one of 1.2; what is damaged there still is.

    Each kind had records of its own; the prices stood in the same file.
    """
    due: dict[str, Any] = {}
    seen: list[str] = []
    schedules: dict[str, Any] = {}
    for part, kind in _KINDS.items():
        for key, record in _items(data.get(part)):
            if not isinstance(record, dict):
                continue
            if record.get("request_at"):
                due[key] = record["request_at"]
            if _is_moment(record.get("seen")):
                seen.append(record["seen"])
            schedules[key] = {
                "kind": kind,
                "target": record.get("wish"),
                **{name: record.get(name) for name in ("form", "plan", "following")},
                **{name: record.get(name) for name in ("next_update", "device_id")},
                "fulfilment": {name: record.get(name) for name in _FULFILMENT}
                if kind == "amount"
                else None,
            }
    site = data["site"] if isinstance(data.get("site"), dict) else {}
    if site.get("request_at"):
        due[entry_id] = site["request_at"]
    if _is_moment(site.get("seen")):
        seen.append(site["seen"])
    kept = ("location", "dialect", "amount_dialect", "price_dialect", "limit_dialect", "connection")
    return {
        **{name: data.get(name) for name in kept},
        "prices": data.get("prices"),
        "home": {
            "schedules": schedules,
            "due": due,
            "rules": _rules(site.get("rules")),
            "seen": max(seen, default=None),
            "saved": site.get("saved") or 0.0,
            "counted": site.get("counted"),
        },
    }


def _items(part: object) -> list[tuple[str, Any]]:
    return list(part.items()) if isinstance(part, dict) else []


def _rules(stored: object) -> dict[str, Any] | None:
    """Read the limits of buying and selling, then what caps of each have relative and absolute."""
    if not isinstance(stored, list) or len(stored) != 6:
        return None
    ways = (Direction.IMPORT.value, Direction.EXPORT.value)
    caps = dict(zip(ways, (stored[2:4], stored[4:6]), strict=True))
    return {
        "limits": {
            way: limit for way, limit in zip(ways, stored[:2], strict=True) if limit is not None
        },
        "caps": {way: cap for way, cap in caps.items() if cap != [None, None]},
    }


def _is_moment(text: object) -> bool:
    return isinstance(text, str) and dt_util.parse_datetime(text) is not None
