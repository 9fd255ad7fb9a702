"""What a request for a schedule asks, checked field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
import json
import math
import re
from typing import NoReturn

from multidict import MultiMapping

from custom_components.flatpeak.model import Direction, Segment

from .refusals import RefusedError, unprocessable
from .state import Json, Location, World
from .times import UTC_STYLE, TimeStyle, read_time

CONTEXT = "api.schedule_duration"
# Zero documents 90 days. Three everywhere: who stays within three is right in all of them.
LONGEST = timedelta(days=3)
PAGE = 30


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


def read_body(world: World, raw: bytes) -> Mapping[str, Json]:
    """Return the JSON object of a request, or refuse."""
    try:
        body: Json = json.loads(raw.decode(), parse_constant=_no_constant)
    except ValueError, RecursionError:
        raise unprocessable(world, CONTEXT, "body_invalid", "Body is not valid JSON") from None
    if not isinstance(body, Mapping):
        raise unprocessable(world, CONTEXT, "body_invalid", "Body must be a JSON object")
    return body


def _no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and JSON does not know."""
    raise ValueError(name)


def read_query(world: World, query: MultiMapping[str]) -> dict[str, Json]:
    """Return the same fields from a query, where a number is text; or refuse."""
    fields: dict[str, Json] = {}
    for name in query:
        if len(query.getall(name)) > 1:
            raise _invalid(world, name, "is given twice")
        fields[name] = query[name]
    if (text := query.get("duration")) is not None:
        try:
            number = float(text)
        except ValueError:
            raise _invalid(world, "duration", "must be a number") from None
        if not math.isfinite(number):
            raise _invalid(world, "duration", "must be a number")
        fields["duration"] = int(number) if number.is_integer() else number
    return fields


def read_question(world: World, fields: Mapping[str, Json], now: datetime) -> Question:
    """Check the fields of a request for a schedule, or refuse."""
    shape = world.version.shape
    # zero alone can leave the start out, which then is now
    if shape.method == "GET" and "start_time" not in fields:
        fields = {"start_time": UTC_STYLE.write(now), **fields}
    start, _ = _time(world, fields, "start_time")
    end, style = _time(world, fields, "end_time")
    if end <= start:
        raise _invalid(world, "end_time", "must be after start_time")
    if end - start > LONGEST:
        raise _invalid(world, "end_time", "must be at most 3 days after start_time")
    segment = _choice(world, fields, "segment", Segment)
    duration = _number(world, fields, "duration")
    if duration <= 0:
        raise _invalid(world, "duration", "must be above 0")
    direction = _choice(world, {shape.direction: "IMPORT", **fields}, shape.direction, Direction)
    return Question(
        start=start,
        end=end,
        style=style,
        segment=segment,
        direction=direction,
        duration=_minutes(duration, end - start),
        echo={
            shape.direction: direction.upper(),
            "segment": segment.upper(),
            "duration": duration,
            "start_time": fields["start_time"],
            "end_time": fields["end_time"],
        },
    )


def text(world: World, fields: Mapping[str, Json], name: str) -> str:
    """Return a field that must be text, or refuse."""
    if name not in fields:
        raise unprocessable(world, CONTEXT, f"{name}_missing", f"{name} is required")
    value = fields[name]
    if not isinstance(value, str):
        raise _invalid(world, name, "must be a string")
    return value


def _time(world: World, fields: Mapping[str, Json], name: str) -> tuple[datetime, TimeStyle]:
    try:
        return read_time(text(world, fields, name))
    except ValueError:
        raise _invalid(world, name, "must be an RFC 3339 timestamp") from None


def _number(world: World, fields: Mapping[str, Json], name: str) -> float:
    if name not in fields:
        raise unprocessable(world, CONTEXT, f"{name}_missing", f"{name} is required")
    value = fields[name]
    # True and False are numbers to Python, and 1e999 reads as infinity
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) == math.inf:
        raise _invalid(world, name, "must be a number")
    return value


def _choice[E: StrEnum](world: World, fields: Mapping[str, Json], name: str, choices: type[E]) -> E:
    value = text(world, fields, name)
    for member in choices:
        if value == member.upper():
            return member
    raise _invalid(world, name, "has a value that is not supported")


def _minutes(duration: float, window: timedelta) -> timedelta:
    """Return a duration, at most the window: far larger numbers are no timedelta."""
    if duration >= window / timedelta(minutes=1):
        return window
    return max(timedelta(minutes=duration), timedelta.resolution)


def _invalid(world: World, name: str, reason: str) -> RefusedError:
    return unprocessable(world, CONTEXT, f"{name}_invalid", f"{name} {reason}")


def read_page(world: World, query: MultiMapping[str]) -> tuple[Sequence[Location], bool]:
    """Return the locations of the page that is asked for, and whether more follow; or refuse."""
    fields = read_query(world, query)
    limit = text(world, {"limit": str(PAGE), **fields}, "limit")
    if re.fullmatch(r"0*([1-9]\d?|100)", limit, re.ASCII) is None:
        raise _invalid(world, "limit", "must be between 1 and 100")
    homes = sorted(world.locations, key=lambda home: home.created, reverse=True)
    if "starting_after" in fields:
        last = text(world, fields, "starting_after")
        ids = [home.id for home in homes]
        if last not in ids:
            raise _invalid(world, "starting_after", "is no location of this account")
        homes = homes[ids.index(last) + 1 :]
    return homes[: int(limit)], len(homes) > int(limit)
