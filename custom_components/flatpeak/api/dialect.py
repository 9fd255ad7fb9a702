"""How schedules and prices are asked for in each generation of the API.

Sources: API reference of zero (get slots by time and by threshold, get tariff rates, create
a schedule), anode and busbar (schedule by duration, by limit, by amount, retrieve a price),
guides on versioning and on schedules by amount.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
import math
from typing import Self, override
from urllib.parse import quote

from ..model import (
    MINUTE,
    AmountRequest,
    Demand,
    DurationRequest,
    PriceCap,
    PriceLimitRequest,
    PriceRequest,
    Span,
)

ZERO = "2024-08-24.zero"
ANODE = "2025-09-14.anode"
MIN_POWER = 0.001  # kW, since requests know whole watts
_OLD_NAME, _NEW_NAME = "direction", "tariff_direction"
_WITH_OLD_NAME = (None, "zero", "anode")  # all others are newer, and like busbar

type Body = Mapping[str, Body] | Sequence[Body] | str | float


@dataclass(frozen=True, slots=True)
class Call:
    """One request, in the words of a dialect. `version` None: the account's default."""

    method: str
    path: str
    version: str | None = None
    query: dict[str, str] | None = None
    body: dict[str, Body] | None = None


class Form(StrEnum):
    """Where the location and the question stand."""

    PATH = "path"  # anode, and the first pages of busbar
    BODY = "body"  # later pages of busbar; by amount also zero
    QUERY = "query"  # zero, but for schedules by amount


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is known of the language an account speaks. Learned from its answers, then kept."""

    version: str | None = ANODE
    form: Form = Form.PATH
    direction_name: str = _OLD_NAME

    @classmethod
    def of(cls, version: str | None) -> Self:
        """Return the way the documentation of a version asks."""
        raise NotImplementedError

    def elsewhere(self) -> list[Self]:
        """Return the other places where the question may stand."""
        raise NotImplementedError

    def with_other_direction_name(self) -> Self:
        """Return the same with the other spelling of the direction."""
        other = _NEW_NAME if self.direction_name == _OLD_NAME else _OLD_NAME
        return replace(self, direction_name=other)


@dataclass(frozen=True, slots=True)
class _MovedDialect(Dialect):
    """How one location is asked about: the question has a new place in each generation."""

    @classmethod
    @override
    def of(cls, version: str | None) -> Self:
        """Return the way the documentation of a version asks."""
        match _generation(version):
            case None | "anode":
                form = Form.PATH
            case "zero":
                form = Form.QUERY
            case _:
                form = Form.BODY
        return cls(version).with_form(form)

    @override
    def elsewhere(self) -> list[Self]:
        """Return the same version with the question in each place."""
        return [self.with_form(form) for form in Form]

    def with_form(self, form: Form) -> Self:
        """Return the same version with the question in another place."""
        old = form in self._old_forms()
        return replace(self, form=form, direction_name=_OLD_NAME if old else _NEW_NAME)

    def _old_forms(self) -> Sequence[Form]:
        """Return where the direction has its old name."""
        old = _generation(self.version) in _WITH_OLD_NAME
        return (Form.PATH, Form.QUERY) if old else ()

    def _asked(self, place: str, old_place: str, question: Mapping[str, Body]) -> Call:
        """Put a question that names its location to one of the places of the API."""
        details = dict(question)
        if self.form is Form.BODY:
            return Call("POST", place, self.version, body=details)
        location = quote(str(details.pop("location_id")), "")
        if self.form is Form.PATH:
            return Call("POST", f"{place}/{location}", self.version, body=details)
        query = {name: _plain(value) for name, value in details.items()}
        return Call("GET", f"{old_place}/{location}", self.version, query)

    def _question(
        self, location_id: str, request: DurationRequest | PriceLimitRequest | PriceRequest
    ) -> dict[str, Body]:
        """Return what all questions say."""
        return {
            "location_id": location_id,
            "start_time": timestamp(request.span.start),
            "end_time": timestamp(request.span.end),
            self.direction_name: request.direction.upper(),
        }


@dataclass(frozen=True, slots=True)
class DurationDialect(_MovedDialect):
    """How an account is asked for schedules by duration."""

    def call(self, location_id: str, request: DurationRequest) -> Call:
        """Ask for a schedule by duration, in whole minutes, rounded up."""
        question = self._question(location_id, request) | {
            "segment": request.segment.upper(),
            "duration": min(math.ceil(request.duration / MINUTE), _whole(request.span)),
        }
        return self._asked("/schedules/duration", "/slots/time", question)


@dataclass(frozen=True, slots=True)
class PriceLimitDialect(_MovedDialect):
    """How an account is asked for schedules by price limit."""

    def call(self, location_id: str, request: PriceLimitRequest) -> Call:
        """Ask for a schedule by price limit; a rate is named rather than a share."""
        question = self._question(location_id, request) | {
            "segment": request.segment.upper(),
            **_threshold(_effective(request.limit)),
        }
        return self._asked("/schedules/limit", "/slots/threshold", question)


@dataclass(frozen=True, slots=True)
class PriceDialect(_MovedDialect):
    """How an account is asked for its prices."""

    direction_name: str = _NEW_NAME

    @override
    def _old_forms(self) -> Sequence[Form]:
        """Return where the direction has its old name: anode's page of prices has the new."""
        return (Form.QUERY,)

    def call(self, location_id: str, request: PriceRequest) -> Call:
        """Ask for the prices of a span; zero leaves them out unless they are asked for."""
        question = self._question(location_id, request)
        if self.form is Form.QUERY:
            question["include_tariff"] = "true"
        return self._asked("/prices", "/tariffs/rates", question)


@dataclass(frozen=True, slots=True)
class AmountDialect(Dialect):
    """How an account is asked for schedules by amount: like zero, until it says otherwise."""

    version: str | None = ZERO
    form: Form = Form.BODY

    @classmethod
    @override
    def of(cls, version: str | None) -> Self:
        """Return the way the documentation of a version asks."""
        if _generation(version) == "zero":
            return cls(version)
        return cls(version, Form.PATH, _NEW_NAME)

    @override
    def elsewhere(self) -> list[Self]:
        """Return the newer way, and for a newer one the other place for the location.

        Where busbar has it is not documented; its schedules by duration moved to the body.
        """
        if _generation(self.version) == "zero":
            return [self.of(ANODE)]
        return [replace(self, form=form) for form in (Form.PATH, Form.BODY)]

    def call(self, location_id: str, request: AmountRequest) -> Call:
        """Ask for a schedule by amount, in whole W and Wh; energy is rounded up."""
        question: dict[str, Body] = {
            "max_power": _quantity("W", math.floor(_thousand(request.max_power))),
            "data": [self._entry(demand) for demand in request.demands],
        }
        if request.cap is not None:
            question["shaving_threshold"] = _threshold(request.cap)
        if self.form is Form.PATH:
            path = f"/schedules/amount/{quote(location_id, '')}"
            return Call("POST", path, self.version, body=question)
        path = "/schedules" if _generation(self.version) == "zero" else "/schedules/amount"
        return Call("POST", path, self.version, body={"location_id": location_id, **question})

    def _entry(self, demand: Demand) -> Body:
        return {
            "device_id": demand.device_id,
            self.direction_name: demand.direction.upper(),
            "start_time": timestamp(demand.span.start),
            "end_time": timestamp(demand.span.end),
            "max_power": _quantity("W", math.floor(_thousand(demand.max_power))),
            "energy": _quantity("WH", max(math.ceil(_thousand(demand.energy)), 1)),
        }


@dataclass(frozen=True, slots=True)
class Dialects:
    """All that is known of how an account wants to be asked."""

    duration: DurationDialect = DurationDialect()
    amount: AmountDialect = AmountDialect()
    prices: PriceDialect = PriceDialect()
    limit: PriceLimitDialect = PriceLimitDialect()


def _quantity(units: str, value: float) -> Body:
    return {"units": units, "value": value}


def _thousand(value: float) -> float:
    """Return W for kW, without what only comes from the arithmetic of floats."""
    return round(value * 1000, 6)


def _threshold(cap: PriceCap) -> dict[str, Body]:
    given = {"relative": cap.relative, "absolute": cap.absolute}
    return {name: value for name, value in given.items() if value is not None}


def _effective(cap: PriceCap) -> PriceCap:
    """Return the cap that counts, without what only comes from the arithmetic of floats."""
    if cap.absolute is None:
        return cap
    return PriceCap(absolute=round(cap.absolute, 9))


def _plain(value: Body) -> str:
    """Write a text or a number for a query, a number without an exponent."""
    return format(Decimal(repr(value)), "f") if isinstance(value, (int, float)) else str(value)


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
