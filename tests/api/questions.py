"""Questions and answers, short enough to read."""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from custom_components.flatpeak.model import Direction, DurationRequest, Segment, Span

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
