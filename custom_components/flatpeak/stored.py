"""Records of the store: what is kept of a schedule, as JSON and back."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from homeassistant.util import dt as dt_util

from .forms import (
    AmountForm,
    Json,
    amount_as_form,
    amount_form,
    form_limit,
    form_wish,
    limit_as_form,
    wish_as_form,
)
from .model import (
    AmountPlan,
    AmountWish,
    Frame,
    LimitWish,
    Metering,
    Plan,
    PowerSlot,
    PriceBook,
    Slot,
    Source,
    Span,
    TimeWish,
    Wish,
)


@dataclass(frozen=True, slots=True)
class StoredSchedule[W: TimeWish]:
    """A schedule as it was when Home Assistant was last there.

    `form` is the wish as the form had it, `wish` as the entities had changed it.
    `seen` is the last moment at which the schedule was known to be alive.
    """

    form: W
    wish: W
    plan: Plan
    following: Plan | None
    next_update: datetime | None
    request_at: datetime | None
    seen: datetime

    def wished(self, form: W) -> W:
        """Return the wish of today: what entities changed is kept, unless the form changed it."""
        kept, before = self.wish, self.form
        start = kept.frame.start if form.frame.start == before.frame.start else form.frame.start
        end = kept.frame.end if form.frame.end == before.frame.end else form.frame.end
        number = _NUMBERS[type(form)]
        value = kept if getattr(form, number) == getattr(before, number) else form
        return replace(
            form,
            frame=Frame(start, end, form.frame.days),
            enabled=kept.enabled,
            **{number: getattr(value, number)},
        )

    def as_json(self) -> dict[str, Any]:
        """Write it for the store and the diagnostics."""
        return {
            "form": wish_as_json(self.form),
            "wish": wish_as_json(self.wish),
            "plan": _plan_as_json(self.plan),
            "following": _plan_as_json(self.following) if self.following else None,
            "next_update": iso(self.next_update),
            "request_at": iso(self.request_at),
            "seen": iso(self.seen),
        }

    @classmethod
    def from_json(cls, data: Json, read: Callable[[Json], W]) -> Self:
        """Read it back. Raises KeyError, TypeError or ValueError when it is not whole."""
        following = data["following"]
        return cls(
            read(data["form"]),
            read(data["wish"]),
            _plan_from_json(data["plan"]),
            _plan_from_json(following) if following else None,
            moment_of(data["next_update"]) if data["next_update"] else None,
            moment_of(data["request_at"]) if data["request_at"] else None,
            moment_of(data["seen"]),
        )


# What entities change of a wish, besides its hours.
_NUMBERS = {Wish: "duration", LimitWish: "limit"}


@dataclass(frozen=True, slots=True)
class StoredAmount:
    """A schedule by amount as it was when Home Assistant was last there.

    `form` is what the form said, `wish` what entities have made of it, `device_id` the
    device that stands for it in Flatpeak. `unplaced` is the least energy that an answer
    left out in this period (None: no answer), `missed` what was left out in the one before,
    `misses` counts such periods in a row. `lacking` is what the latest answer left out of
    what was asked for, `shortfall` of what is wanted.
    """

    form: AmountForm
    wish: AmountWish
    plan: AmountPlan
    following: AmountPlan | None = None
    metering: Metering = field(default_factory=Metering)
    device_id: str | None = None
    unplaced: float | None = None
    missed: float = 0.0
    misses: int = 0
    lacking: float = 0.0
    shortfall: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Write it for the store and the diagnostics."""
        return {
            "form": amount_as_form(self.form),
            "wish": {
                **amount_as_form(replace(self.form, wish=self.wish)),
                "enabled": self.wish.enabled,
            },
            "plan": _amount_plan_as_json(self.plan),
            "following": _amount_plan_as_json(self.following) if self.following else None,
            "metering": [
                *(self.metering.value, iso(self.metering.at)),
                *(self.metering.delivered, self.metering.owed),
            ],
            "device_id": self.device_id,
            "unplaced": self.unplaced,
            "missed": self.missed,
            "misses": self.misses,
            "lacking": self.lacking,
            "shortfall": self.shortfall,
        }

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read it back. Raises KeyError, TypeError or ValueError when it is not whole."""
        following, device_id = data["following"], data["device_id"]
        if not isinstance(device_id, str | None):
            raise TypeError("a device is named by a text")
        value, at, delivered, owed = data["metering"]
        return cls(
            amount_form(data["form"]),
            replace(amount_form(data["wish"]).wish, enabled=bool(data["wish"]["enabled"])),
            _amount_plan_from_json(data["plan"]),
            _amount_plan_from_json(following) if following else None,
            Metering(_number(value), moment_of(at) if at else None, float(delivered), float(owed)),
            device_id,
            _number(data["unplaced"]),
            float(data["missed"]),
            int(data["misses"]),
            float(data["lacking"]),
            float(data["shortfall"]),
        )


@dataclass(frozen=True, slots=True)
class StoredSite:
    """What is kept of all schedules by amount together.

    `rules` are the limits and price caps they were planned under. `saved` is what was
    saved since the beginning, counted up to `counted`.
    """

    rules: tuple[float | None, ...] = ()
    request_at: datetime | None = None
    seen: datetime | None = None
    counted: datetime | None = None
    saved: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Write it for the store and the diagnostics."""
        return {
            "rules": list(self.rules),
            "request_at": iso(self.request_at),
            "seen": iso(self.seen),
            "counted": iso(self.counted),
            "saved": self.saved,
        }

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read it back. Raises KeyError, TypeError or ValueError when it is not whole."""
        request_at, seen, counted = (
            moment_of(data[name]) if data[name] else None
            for name in ("request_at", "seen", "counted")
        )
        return cls(
            tuple(_number(rule) for rule in data["rules"]),
            request_at,
            seen,
            counted,
            float(data["saved"]),
        )


@dataclass(frozen=True, slots=True)
class StoredPrices:
    """The prices of one direction, and what they came from."""

    source: str
    book: PriceBook

    def as_json(self) -> dict[str, Any]:
        """Write it for the store and the diagnostics."""
        return {
            "source": self.source,
            "slots": [_slot_as_json(slot) for slot in self.book.slots],
            "next_update": iso(self.book.next_update),
            "read_at": iso(self.book.read_at),
        }

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read it back. Raises KeyError, TypeError or ValueError when it is not whole."""
        next_update, read_at = (
            moment_of(data[name]) if data[name] else None for name in ("next_update", "read_at")
        )
        slots = tuple(_slot_from_json(slot) for slot in data["slots"])
        return cls(str(data["source"]), PriceBook(slots, next_update, read_at))


def wish_as_json(wish: TimeWish) -> dict[str, Any]:
    """Write a wish for the store."""
    form = wish_as_form(wish) if isinstance(wish, Wish) else limit_as_form(wish)
    return {**form, "enabled": wish.enabled}


def wish_from_json(data: Json) -> Wish:
    """Read the wish of a schedule by duration back."""
    return _as_it_was(form_wish(data), data)


def limit_from_json(data: Json) -> LimitWish:
    """Read the wish of a schedule by price limit back."""
    return _as_it_was(form_limit(data), data)


def _as_it_was[W: TimeWish](wish: W, data: Json) -> W:
    if not wish.frame.days:
        raise ValueError("no weekday is chosen")
    return replace(wish, enabled=bool(data["enabled"]))


def _amount_plan_as_json(plan: AmountPlan) -> dict[str, Any]:
    return {
        "period": [iso(plan.period.start), iso(plan.period.end)],
        "windows": [
            [
                *(iso(slot.start), iso(slot.end), slot.rate, slot.confidence),
                *(slot.power, slot.saved),
            ]
            for slot in plan.windows
        ],
        "answered": plan.source is not None,
    }


def _amount_plan_from_json(data: Json) -> AmountPlan:
    start, end = data["period"]
    return AmountPlan(
        Span(moment_of(start), moment_of(end)),
        tuple(
            PowerSlot(
                moment_of(start),
                moment_of(end),
                _number(rate),
                float(confidence),
                float(power),
                _number(saved),
            )
            for start, end, rate, confidence, power, saved in data["windows"]
        ),
        Source.RESTORED if data["answered"] else None,
    )


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _plan_as_json(plan: Plan) -> dict[str, Any]:
    return {
        "period": [iso(plan.period.start), iso(plan.period.end)],
        "windows": [_slot_as_json(window) for window in plan.windows],
        "answered": plan.source is not None,
    }


def _plan_from_json(data: Json) -> Plan:
    start, end = data["period"]
    return Plan(
        Span(moment_of(start), moment_of(end)),
        tuple(_slot_from_json(window) for window in data["windows"]),
        Source.RESTORED if data["answered"] else None,
    )


def _slot_as_json(slot: Slot) -> list[Any]:
    return [iso(slot.start), iso(slot.end), slot.rate, slot.confidence]


def _slot_from_json(data: list[Any]) -> Slot:
    start, end, rate, confidence = data
    return Slot(moment_of(start), moment_of(end), _number(rate), float(confidence))


def iso(moment: datetime | None) -> str | None:
    """Write a moment for the store."""
    return moment.isoformat() if moment else None


def moment_of(text: str) -> datetime:
    """Read a moment back, in UTC. Raises ValueError or TypeError."""
    moment = dt_util.parse_datetime(text, raise_on_error=True)
    return dt_util.as_utc(moment)
