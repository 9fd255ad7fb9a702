"""The question of a schedule by duration."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import math

from multidict import MultiMapping

from custom_components.flatpeak.model import Direction, Segment

from .fields import Fields, read_query
from .state import Json, World
from .times import UTC_STYLE, TimeStyle

CONTEXT = "api.schedule_duration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request for a schedule by duration; `echo` is the request as the answer repeats it."""

    start: datetime
    end: datetime
    style: TimeStyle
    segment: Segment
    direction: Direction
    duration: timedelta
    echo: dict[str, Json]


def read_slots_query(world: World, query: MultiMapping[str], now: datetime) -> Fields:
    """Return the fields of zero's query, where a number is text and the start may be left out."""
    names = ("start_time", "end_time", "direction", "segment", "duration")
    fields = read_query(world, CONTEXT, query, names)
    values = {"start_time": UTC_STYLE.write(now)} | dict(fields.values)
    if "duration" in values:
        try:
            number = float(fields.text("duration"))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise fields.invalid("duration", "must be a number")
        values["duration"] = int(number) if number.is_integer() else number
    return replace(fields, values=values)


def read_direction(fields: Fields, directions: Iterable[Direction]) -> Direction:
    """Return the direction, in the spelling of the dialect; IMPORT by default."""
    name = fields.world.version.shape.direction
    return fields.choice(name, directions) if name in fields.values else Direction.IMPORT


def read_question(fields: Fields) -> Question:
    """Check the fields of a request for a schedule, or refuse."""
    start, end, style = fields.window()
    segment = fields.choice("segment", Segment)
    duration = fields.number("duration")
    if duration <= 0:
        raise fields.invalid("duration", "must be above 0")
    direction = read_direction(fields, Direction)
    return Question(
        start=start,
        end=end,
        style=style,
        segment=segment,
        direction=direction,
        duration=_minutes(duration, end - start),
        echo={
            fields.world.version.shape.direction: direction.upper(),
            "segment": segment.upper(),
            "duration": duration,
            "start_time": fields.value("start_time"),
            "end_time": fields.value("end_time"),
        },
    )


def _minutes(duration: float, window: timedelta) -> timedelta:
    """Return a duration, at most the window: far larger numbers are no timedelta."""
    if duration >= window / timedelta(minutes=1):
        return window
    return max(timedelta(minutes=duration), timedelta.resolution)
