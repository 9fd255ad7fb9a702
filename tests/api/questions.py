"""Questions and answers, short enough to read."""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from custom_components.flatpeak.model import (
    AmountRequest,
    Demand,
    Direction,
    DurationRequest,
    PriceCap,
    Segment,
    Span,
)

EXAMPLES = Path(__file__).parents[1] / "fixtures" / "flatpeak"

EVENING = datetime(2026, 1, 15, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def example(name: str) -> Any:
    """Return a body as the service documents it."""
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def question(
    *,
    start: datetime = EVENING,
    end: datetime = EVENING + 9 * HOUR,
    duration: timedelta = 3 * HOUR,
    direction: Direction = Direction.IMPORT,
    segment: Segment = Segment.LOW,
) -> DurationRequest:
    """Ask for the cheapest three hours of a night, unless told otherwise."""
    return DurationRequest(Span(start, end), direction, segment, duration)


def slot(**changes: Any) -> dict[str, Any]:
    """Return a slot of a good answer; what is changed to `...` is left out."""
    good = {
        "start_time": "2026-01-15T22:00:00Z",
        "end_time": "2026-01-15T23:00:00Z",
        "tariff": {"rate_avg": 0.25, "confidence": 1},
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def body(*slots: Any, **changes: Any) -> dict[str, Any]:
    """Return a good answer with these slots; what is changed to `...` is left out."""
    good = {
        "object": "schedule_duration",
        "live_mode": True,
        "location_timezone": "Europe/Brussels",
        "currency_code": "EUR",
        "direction": "IMPORT",
        "next_update": "2026-01-16T12:00:00Z",
        "data": list(slots),
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def hours(first: int, last: int, price: float = 0.25, confidence: float = 1) -> dict[str, Any]:
    """Return a slot of 15 January 2026 by its hours in UTC."""
    return slot(
        start_time=f"2026-01-15T{first:02}:00:00Z",
        end_time=f"2026-01-15T{last:02}:00:00Z",
        tariff={"rate_avg": price, "confidence": confidence},
    )


# By amount of energy


def demand(
    device_id: str = "dev_car",
    *,
    direction: Direction = Direction.IMPORT,
    start: datetime = EVENING,
    end: datetime = EVENING + 9 * HOUR,
    energy: float = 24,
    max_power: float = 7.4,
) -> Demand:
    """Ask for 24 kWh in a night, unless told otherwise."""
    return Demand(device_id, direction, Span(start, end), energy, max_power)


def order(*demands: Demand, max_power: float = 11, cap: PriceCap | None = None) -> AmountRequest:
    """Ask for all of them under a limit of 11 kW; for the car alone when none is given."""
    return AmountRequest(demands or (demand(),), max_power, cap)


def part(first: int, last: int, watts: Any = 4000, **changes: Any) -> dict[str, Any]:
    """Return when a device runs, by the hours of 15 January 2026 in UTC, and its power."""
    good = {
        "start_time": f"2026-01-15T{first:02}:00:00Z",
        "end_time": f"2026-01-15T{last:02}:00:00Z",
        "power": {"units": "W", "value": watts},
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def device(*parts: Any, **changes: Any) -> dict[str, Any]:
    """Return a device of a good answer, as the guide spells it."""
    good = {
        "device_id": "dev_car",
        "tariff_direction": "IMPORT",
        "start_time": "2026-01-15T21:00:00Z",
        "end_time": "2026-01-16T06:00:00Z",
        "max_power": {"units": "W", "value": 7400},
        "energy": {"units": "WH", "value": 24000},
        "cost": {"value": 2, "confidence": 1},
        "savings": {"value": 0.5, "percentage": 20},
        "schedule": list(parts),
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def amounts(*devices: Any, **changes: Any) -> dict[str, Any]:
    """Return a good answer to a schedule by amount, as the guide spells it."""
    good = {
        "object": "schedule_amount",
        "live_mode": True,
        "location_timezone": "Europe/Brussels",
        "currency_code": "EUR",
        "max_power": {"units": "W", "value": 11000},
        "cost": {"value": 3, "confidence": 1},
        "savings": {"value": 1, "percentage": 25},
        "data": list(devices),
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}
