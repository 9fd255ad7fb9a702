"""The questions of a schedule by duration and by price limit, and what they share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import math

from multidict import MultiMapping

from custom_components.flatpeak.model import Direction, PriceCap, Segment

from .fields import Fields, read_query
from .quantities import LARGEST
from .state import Json
from .times import UTC_STYLE, TimeStyle

DURATION_CONTEXT = "api.schedule_duration"
LIMIT_CONTEXT = "api.schedule_limit"
# What the lowest price of a window counts for a relative limit; the highest counts 1.
LOWEST = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request for a schedule: for so much time, or for all time up to a price.

    `echo` is the request as the answer repeats it.
    """

    start: datetime
    end: datetime
    style: TimeStyle
    segment: Segment
    direction: Direction
    wanted: timedelta | PriceCap
    device_id: str | None
    echo: dict[str, Json]


def read_slots_query(
    fields: Fields, query: MultiMapping[str], now: datetime, numbers: Sequence[str]
) -> Fields:
    """Return the fields of zero's query, where a number is text and the start may be left out."""
    names = ("start_time", "end_time", "direction", "segment", *numbers)
    fields = read_query(fields.world, fields.context, query, names)
    values = {"start_time": UTC_STYLE.write(now)} | dict(fields.values)
    for name in numbers:
        if name in values:
            values[name] = _number(fields, name)
    return replace(fields, values=values)


def _number(fields: Fields, name: str) -> float:
    try:
        number = float(fields.text(name))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise fields.invalid(name, "must be a number")
    return int(number) if number.is_integer() else number


def read_direction(
    fields: Fields, directions: Iterable[Direction], name: str | None = None
) -> Direction:
    """Return the direction, in the spelling of the dialect; IMPORT by default."""
    name = name or fields.world.version.shape.direction
    return fields.choice(name, directions) if name in fields.values else Direction.IMPORT


def read_duration_question(fields: Fields) -> Question:
    """Check the fields of a request for a schedule by duration, or refuse."""
    start, end, _ = fields.window()
    duration = fields.number("duration")
    if duration <= 0:
        raise fields.invalid("duration", "must be above 0")
    return _question(fields, _minutes(duration, end - start), {"duration": duration})


def read_limit_question(fields: Fields) -> Question:
    """Check the fields of a request for a schedule by price limit, or refuse."""
    names = [name for name in ("relative", "absolute") if name in fields.values]
    limit = {name: fields.number(name) for name in names}
    if not limit:
        raise fields.refused("limit_missing", "absolute or relative is required")
    if not LOWEST <= limit.get("relative", 1) <= 1:
        raise fields.invalid("relative", f"must be between {LOWEST} and 1")
    if abs(limit.get("absolute", 0)) > LARGEST:
        raise fields.invalid("absolute", f"must be within {LARGEST:.0f}")
    return _question(fields, PriceCap(**limit), limit)


def _question(fields: Fields, wanted: timedelta | PriceCap, said: dict[str, float]) -> Question:
    """Read what both have in common; `said` is what is asked for, as the answer repeats it."""
    start, end, style = fields.window()
    segment = fields.choice("segment", Segment)
    direction = read_direction(fields, Direction)
    return Question(
        start=start,
        end=end,
        style=style,
        segment=segment,
        direction=direction,
        wanted=wanted,
        device_id=fields.optional("device_id"),
        echo={
            fields.world.version.shape.direction: direction.upper(),
            "segment": segment.upper(),
            **said,
            "start_time": fields.value("start_time"),
            "end_time": fields.value("end_time"),
        },
    )


def _minutes(duration: float, window: timedelta) -> timedelta:
    """Return a duration, at most the window: far larger numbers are no timedelta."""
    if duration >= window / timedelta(minutes=1):
        return window
    return max(timedelta(minutes=duration), timedelta.resolution)
