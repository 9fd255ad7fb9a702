"""The fields of a request, checked one by one; what is missing or wrong is refused by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
import json
import math
import re
from typing import NoReturn

from multidict import MultiMapping

from .refusals import RefusedError, unprocessable
from .state import Json, World
from .times import TimeStyle, read_time

# Zero documents 90 days. Three everywhere: who stays within three is right in all of them.
LONGEST = timedelta(days=3)
# The older pages send numbers as text.
NUMERAL = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a request, or of an object inside it that stands in `place`."""

    world: World
    context: str
    values: Mapping[str, Json]
    place: str = ""

    def refused(self, code: str, message: str) -> RefusedError:
        """Return the refusal of the request."""
        return unprocessable(self.world, self.context, code, message)

    def invalid(self, name: str, reason: str) -> RefusedError:
        """Return the refusal of a field."""
        return self.refused(self._code(name, "invalid"), f"{self.place}{name} {reason}")

    def _code(self, name: str, what: str) -> str:
        """Return the code of a refusal: letters only, so without the numbers of a list."""
        words = re.findall(r"[a-z_]+", self.place + name)
        return "_".join([*words, what])

    def value(self, name: str) -> Json:
        """Return a field."""
        if name not in self.values:
            raise self.refused(self._code(name, "missing"), f"{self.place}{name} is required")
        return self.values[name]

    def text(self, name: str) -> str:
        """Return a field that must be text."""
        value = self.value(name)
        if not isinstance(value, str):
            raise self.invalid(name, "must be a string")
        return value

    def filled(self, name: str) -> str:
        """Return a field that must be text with something in it."""
        value = self.text(name)
        if not value:
            raise self.invalid(name, "must not be empty")
        return value

    def number(self, name: str) -> float:
        """Return a field that must be a number."""
        value = self.value(name)
        # True and False are numbers to Python, and 1e999 reads as infinity
        if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) == math.inf:
            raise self.invalid(name, "must be a number")
        return value

    def numeral(self, name: str) -> float:
        """Return a field that must be a number, which may be written as text."""
        value = self.value(name)
        if isinstance(value, str) and NUMERAL.fullmatch(value):
            number = float(value)
            value = int(number) if number.is_integer() else number
        return replace(self, values={name: value}).number(name)

    def time(self, name: str) -> tuple[datetime, TimeStyle]:
        """Return a field that must be a time."""
        try:
            return read_time(self.text(name))
        except ValueError:
            raise self.invalid(name, "must be an RFC 3339 timestamp") from None

    def window(self, longest: timedelta = LONGEST) -> tuple[datetime, datetime, TimeStyle]:
        """Return the start, the end and how the answer is to write its times."""
        start, _ = self.time("start_time")
        end, style = self.time("end_time")
        if end <= start:
            raise self.invalid("end_time", "must be after start_time")
        if end - start > longest:
            raise self.invalid("end_time", f"must be at most {longest.days} days after start_time")
        return start, end, style

    def choice[E: StrEnum](self, name: str, choices: Iterable[E]) -> E:
        """Return a field that must be one of the names, in capitals."""
        value = self.text(name)
        for member in choices:
            if value == member.upper():
                return member
        raise self.invalid(name, "has a value that is not supported")

    def optional(self, name: str) -> str | None:
        """Return a field that must be text where it is given."""
        return self.text(name) if name in self.values else None

    def inner(self, name: str) -> Fields:
        """Return the fields of a field that must be an object."""
        return self._object(name, self.value(name))

    def each(self, name: str) -> Iterator[Fields]:
        """Return the fields of each object of a field that must be a list of them."""
        for number, value in enumerate(self.items(name)):
            yield self._object(f"{name}[{number}]", value)

    def items(self, name: str) -> Sequence[Json]:
        """Return a field that must be a list."""
        value = self.value(name)
        if not isinstance(value, list):
            raise self.invalid(name, "must be a list")
        return value

    def _object(self, name: str, value: Json) -> Fields:
        if not isinstance(value, Mapping):
            raise self.invalid(name, "must be an object")
        return replace(self, values=value, place=f"{self.place}{name}.")


def read_body(world: World, context: str, raw: bytes) -> Fields:
    """Return the fields of a JSON object, or refuse."""
    none = Fields(world, context, {})
    try:
        body: Json = json.loads(raw.decode(), parse_constant=_no_constant)
    except ValueError, RecursionError:
        raise none.refused("body_invalid", "Body is not valid JSON") from None
    if not isinstance(body, Mapping):
        raise none.refused("body_invalid", "Body must be a JSON object")
    return replace(none, values=body)


def _no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and JSON does not know."""
    raise ValueError(name)


def read_query(
    world: World, context: str, query: MultiMapping[str], names: Sequence[str]
) -> Fields:
    """Return the named fields of a query, each of which may come once."""
    values = {name: query[name] for name in names if name in query}
    fields = Fields(world, context, values)
    for name in values:
        if len(query.getall(name)) > 1:
            raise fields.invalid(name, "is given twice")
    return fields
