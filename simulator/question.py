"""What a request asks, checked field by field."""

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

SCHEDULE_CONTEXT = "api.schedule_duration"
LIST_CONTEXT = "api.location_list"
# Zero documents 90 days. Three everywhere: who stays within three is right in all of them.
LONGEST = timedelta(days=3)
PAGE = 30


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a request; what is missing or of the wrong type is refused."""

    world: World
    context: str
    values: Mapping[str, Json]

    def refused(self, code: str, message: str) -> RefusedError:
        """Return the refusal of the request."""
        return unprocessable(self.world, self.context, code, message)

    def invalid(self, name: str, reason: str) -> RefusedError:
        """Return the refusal of a field."""
        return self.refused(f"{name}_invalid", f"{name} {reason}")

    def value(self, name: str) -> Json:
        """Return a field."""
        if name not in self.values:
            raise self.refused(f"{name}_missing", f"{name} is required")
        return self.values[name]

    def text(self, name: str) -> str:
        """Return a field that must be text."""
        value = self.value(name)
        if not isinstance(value, str):
            raise self.invalid(name, "must be a string")
        return value

    def number(self, name: str) -> float:
        """Return a field that must be a number."""
        value = self.value(name)
        # True and False are numbers to Python, and 1e999 reads as infinity
        if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) == math.inf:
            raise self.invalid(name, "must be a number")
        return value

    def time(self, name: str) -> tuple[datetime, TimeStyle]:
        """Return a field that must be a time."""
        try:
            return read_time(self.text(name))
        except ValueError:
            raise self.invalid(name, "must be an RFC 3339 timestamp") from None

    def choice[E: StrEnum](self, name: str, choices: type[E]) -> E:
        """Return a field that must be one of the names, in capitals."""
        value = self.text(name)
        for member in choices:
            if value == member.upper():
                return member
        raise self.invalid(name, "has a value that is not supported")


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


def read_body(world: World, raw: bytes) -> Fields:
    """Return the fields of a JSON object, or refuse."""
    none = Fields(world, SCHEDULE_CONTEXT, {})
    try:
        body: Json = json.loads(raw.decode(), parse_constant=_no_constant)
    except ValueError, RecursionError:
        raise none.refused("body_invalid", "Body is not valid JSON") from None
    if not isinstance(body, Mapping):
        raise none.refused("body_invalid", "Body must be a JSON object")
    return Fields(world, SCHEDULE_CONTEXT, body)


def _no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and JSON does not know."""
    raise ValueError(name)


def read_query(world: World, query: MultiMapping[str], now: datetime) -> Fields:
    """Return the fields of zero's query, where a number is text and the start may be left out."""
    names = ("start_time", "end_time", "direction", "segment", "duration")
    fields = _once(world, SCHEDULE_CONTEXT, query, names)
    values = {"start_time": UTC_STYLE.write(now)} | dict(fields.values)
    if "duration" in values:
        try:
            number = float(fields.text("duration"))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise fields.invalid("duration", "must be a number")
        values["duration"] = int(number) if number.is_integer() else number
    return Fields(world, SCHEDULE_CONTEXT, values)


def _once(world: World, context: str, query: MultiMapping[str], names: Sequence[str]) -> Fields:
    """Return the named fields of a query, each of which may come once."""
    values = {name: query[name] for name in names if name in query}
    fields = Fields(world, context, values)
    for name in values:
        if len(query.getall(name)) > 1:
            raise fields.invalid(name, "is given twice")
    return fields


def read_question(fields: Fields) -> Question:
    """Check the fields of a request for a schedule, or refuse."""
    shape = fields.world.version.shape
    start, _ = fields.time("start_time")
    end, style = fields.time("end_time")
    if end <= start:
        raise fields.invalid("end_time", "must be after start_time")
    if end - start > LONGEST:
        raise fields.invalid("end_time", "must be at most 3 days after start_time")
    segment = fields.choice("segment", Segment)
    duration = fields.number("duration")
    if duration <= 0:
        raise fields.invalid("duration", "must be above 0")
    direction = Direction.IMPORT
    if shape.direction in fields.values:
        direction = fields.choice(shape.direction, Direction)
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
            "start_time": fields.value("start_time"),
            "end_time": fields.value("end_time"),
        },
    )


def _minutes(duration: float, window: timedelta) -> timedelta:
    """Return a duration, at most the window: far larger numbers are no timedelta."""
    if duration >= window / timedelta(minutes=1):
        return window
    return max(timedelta(minutes=duration), timedelta.resolution)


def read_page(world: World, query: MultiMapping[str]) -> tuple[Sequence[Location], bool]:
    """Return the locations of the page that is asked for, and whether more follow; or refuse."""
    fields = _once(world, LIST_CONTEXT, query, ("limit", "starting_after"))
    limit = PAGE
    if "limit" in fields.values:
        if re.fullmatch(r"[1-9]\d?|100", fields.text("limit"), re.ASCII) is None:
            raise fields.invalid("limit", "must be between 1 and 100")
        limit = int(fields.text("limit"))
    homes = sorted(world.locations, key=lambda home: home.created, reverse=True)
    if "starting_after" in fields.values:
        ids = [home.id for home in homes]
        last = fields.text("starting_after")
        if last not in ids:
            raise fields.invalid("starting_after", "is no location of this account")
        homes = homes[ids.index(last) + 1 :]
    return homes[:limit], len(homes) > limit
