"""How a schedule by duration is asked for in each generation of the API.

Sources: API reference of zero (get slots by time), anode and busbar (schedule by
duration), guide on versioning.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
import math
from typing import Self
from urllib.parse import quote

from ..model import MINUTE, DurationRequest, Span

ANODE = "2025-09-14.anode"
_OLD_NAME, _NEW_NAME = "direction", "tariff_direction"
_WITH_OLD_NAME = (None, "zero", "anode")  # all others are newer, and like busbar


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
    direction_name: str = _OLD_NAME

    @classmethod
    def of(cls, version: str | None) -> Self:
        """Return the way the documentation of a version asks."""
        match _generation(version):
            case None | "anode":
                return cls(version)
            case "zero":
                return cls(version, Form.QUERY)
            case _:
                return cls(version, Form.BODY, _NEW_NAME)

    def with_form(self, form: Form) -> Self:
        """Return the same version with the question in another place."""
        old = form is not Form.BODY and _generation(self.version) in _WITH_OLD_NAME
        return replace(self, form=form, direction_name=_OLD_NAME if old else _NEW_NAME)

    def with_other_direction_name(self) -> Self:
        """Return the same with the other spelling of the direction."""
        other = _NEW_NAME if self.direction_name == _OLD_NAME else _OLD_NAME
        return replace(self, direction_name=other)

    def duration_call(self, location_id: str, request: DurationRequest) -> Call:
        """Ask for a schedule by duration, in whole minutes, rounded up."""
        question: dict[str, str | float] = {
            "start_time": timestamp(request.span.start),
            "end_time": timestamp(request.span.end),
            self.direction_name: request.direction.upper(),
            "segment": request.segment.upper(),
            "duration": min(math.ceil(request.duration / MINUTE), _whole(request.span)),
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


def _generation(version: str | None) -> str | None:
    """Return the name in a version; a date alone is one of the first two."""
    if version is None:
        return None
    return version.partition(".")[2] or ("zero" if version < "2025-08" else "anode")


def _whole(span: Span) -> int:
    """Return how many whole minutes fit, one at the least: nobody can be given more."""
    return max(span.length // MINUTE, 1)


def timestamp(moment: datetime) -> str:
    """Write a moment in UTC with Z and whole seconds, the style every version takes."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
