"""How a schedule by duration is asked for in each generation of the API.

Sources: API reference of zero (get slots by time), anode and busbar (schedule by
duration), guide on versioning.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import math
from typing import Self
from urllib.parse import quote

from ..model import DurationRequest

ANODE = "2025-09-14.anode"
_GENERATIONS = ("zero", "anode")  # all others are newer, and like busbar


@dataclass(frozen=True, slots=True)
class Call:
    """One request, in the words of a dialect. `version` None: the account's default."""

    method: str
    path: str
    version: str | None = None
    query: dict[str, str] | None = None
    body: dict[str, str | float] | None = None


class Form(StrEnum):
    """Where the location and the question stand."""

    PATH = "path"  # anode, and the first pages of busbar
    BODY = "body"  # later pages of busbar
    QUERY = "query"  # zero


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is known of the language an account speaks. Learned from its answers, then kept."""

    version: str | None = ANODE
    form: Form = Form.PATH
    direction_name: str = "direction"

    @classmethod
    def of(cls, version: str | None) -> Self:
        """Return the way the documentation of a version asks."""
        if version is None:
            return cls(None)
        name = version.partition(".")[2] or ("zero" if version < "2025-08" else "anode")
        if name == "zero":
            return cls(version, Form.QUERY)
        if name == "anode":
            return cls(version)
        return cls(version, Form.BODY, "tariff_direction")

    def with_other_direction_name(self) -> Self:
        """Return the same with the other spelling of the direction."""
        names = {"direction": "tariff_direction", "tariff_direction": "direction"}
        return replace(self, direction_name=names[self.direction_name])

    def with_other_forms(self) -> Iterator[Self]:
        """Yield the other ways to ask, the likelier one first."""
        for form in Form:
            if form is not self.form:
                name = "tariff_direction" if form is Form.BODY else "direction"
                yield replace(self, form=form, direction_name=name)

    def duration_call(self, location_id: str, request: DurationRequest) -> Call:
        """Ask for a schedule by duration, in whole minutes, rounded up."""
        question: dict[str, str | float] = {
            "start_time": timestamp(request.span.start),
            "end_time": timestamp(request.span.end),
            self.direction_name: request.direction.upper(),
            "segment": request.segment.upper(),
            "duration": math.ceil(request.duration / timedelta(minutes=1)),
        }
        match self.form:
            case Form.QUERY:
                query = {name: str(value) for name, value in question.items()}
                return Call("GET", f"/slots/time/{quote(location_id, '')}", self.version, query)
            case Form.BODY:
                body = {"location_id": location_id, **question}
                return Call("POST", "/schedules/duration", self.version, body=body)
            case Form.PATH:
                path = f"/schedules/duration/{quote(location_id, '')}"
                return Call("POST", path, self.version, body=question)


def timestamp(moment: datetime) -> str:
    """Write a moment in UTC with Z and whole seconds, the style every version takes."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
