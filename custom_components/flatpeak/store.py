"""What survives a restart: the location, the dialect learned, and every plan.

One file per config entry. A stored value that cannot be read is dropped alone:
after a failed upgrade a plan is asked for again, which costs one request.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Self

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .api import AmountDialect, Dialect, Dialects, DurationDialect, Form
from .const import (
    CONF_DAYS,
    CONF_DIRECTION,
    CONF_DURATION,
    CONF_END,
    CONF_SEGMENT,
    CONF_START,
    DAYS,
    DOMAIN,
    LOGGER,
)
from .model import (
    MINUTE,
    Connection,
    Direction,
    Frame,
    Location,
    Plan,
    Segment,
    Slot,
    Source,
    Span,
    Wish,
)

_VERSION = 1

type Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredSchedule:
    """A schedule as it was when Home Assistant was last there.

    `form` is the wish as the form had it, `wish` as the entities had changed it.
    `seen` is the last moment at which the schedule was known to be alive.
    """

    form: Wish
    wish: Wish
    plan: Plan
    following: Plan | None
    next_update: datetime | None
    request_at: datetime | None
    seen: datetime

    def wished(self, form: Wish) -> Wish:
        """Return the wish of today: what the form changed since wins, the rest is kept."""
        kept = self.wish
        if form.duration != self.form.duration:
            kept = replace(kept, duration=form.duration)
        if form.frame.start != self.form.frame.start:
            kept = replace(kept, frame=replace(kept.frame, start=form.frame.start))
        if form.frame.end != self.form.frame.end:
            kept = replace(kept, frame=replace(kept.frame, end=form.frame.end))
        return replace(
            kept,
            segment=form.segment,
            direction=form.direction,
            frame=replace(kept.frame, days=form.frame.days),
        )

    def as_json(self) -> dict[str, Any]:
        """Write it for the store and the diagnostics."""
        return {
            "form": wish_as_json(self.form),
            "wish": wish_as_json(self.wish),
            "plan": _plan_as_json(self.plan),
            "following": _plan_as_json(self.following) if self.following else None,
            "next_update": _iso(self.next_update),
            "request_at": _iso(self.request_at),
            "seen": _iso(self.seen),
        }

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read it back. Raises KeyError, TypeError or ValueError when it is not whole."""
        following = data["following"]
        return cls(
            wish_from_json(data["form"]),
            wish_from_json(data["wish"]),
            _plan_from_json(data["plan"]),
            _plan_from_json(following) if following else None,
            _moment(data["next_update"]) if data["next_update"] else None,
            _moment(data["request_at"]) if data["request_at"] else None,
            _moment(data["seen"]),
        )


class FlatpeakStore:
    """The file of one config entry, kept in memory as well."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Prepare; `load` reads."""
        self._store: Store[dict[str, Any]] = Store(
            hass, _VERSION, f"{DOMAIN}.{entry_id}", private=True
        )
        self._closed = False
        self.location: Location | None = None
        self.dialects = Dialects()
        self.connection = Connection()
        self.schedules: dict[str, StoredSchedule] = {}

    async def load(self) -> None:
        """Read the file. What cannot be read counts as not there."""
        data = await self._store.async_load()
        if not isinstance(data, dict):
            return
        self.location = _read(_location, data.get("location"))
        self.dialects = Dialects(
            _read(partial(_dialect, DurationDialect), data.get("dialect")) or DurationDialect(),
            _read(partial(_dialect, AmountDialect), data.get("amount_dialect")) or AmountDialect(),
        )
        self.connection = _read(_connection, data.get("connection")) or Connection()
        schedules = data.get("schedules")
        for subentry_id, stored in schedules.items() if isinstance(schedules, dict) else ():
            if schedule := _read(StoredSchedule.from_json, stored):
                self.schedules[subentry_id] = schedule

    def keep_only(self, subentry_ids: Collection[str]) -> None:
        """Forget the schedules that were deleted."""
        self.schedules = {
            key: value for key, value in self.schedules.items() if key in subentry_ids
        }

    async def save(self) -> None:
        """Write the file now."""
        if not self._closed:
            await self._store.async_save(self.as_json())

    async def close(self) -> None:
        """Write the file for the last time: a late answer must not undo what follows."""
        await self.save()
        self._closed = True

    async def remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()

    def as_json(self) -> dict[str, Any]:
        """Write all of it, for the file and the diagnostics."""
        location = self.location
        return {
            "location": location and {name: getattr(location, name) for name in Location.__slots__},
            "dialect": _dialect_as_json(self.dialects.duration),
            "amount_dialect": _dialect_as_json(self.dialects.amount),
            "connection": {
                "connected": self.connection.connected,
                "last_success": _iso(self.connection.last_success),
            },
            "schedules": {key: value.as_json() for key, value in self.schedules.items()},
        }


def _read[T](reader: Callable[[Json], T], stored: object) -> T | None:
    """Read a part of the file; one that is not there or damaged is none."""
    if not isinstance(stored, dict):
        return None
    try:
        return reader(stored)
    except (AttributeError, KeyError, TypeError, ValueError, vol.Invalid) as err:
        LOGGER.debug("Stored values not used: %r", err)
        return None


def _location(data: Json) -> Location:
    texts = {name: data[name] for name in Location.__slots__ if name != "live"}
    if not all(isinstance(text, str | None) for text in texts.values()):
        raise TypeError("a location is described in texts")
    return Location(**texts, live=data["live"])


def _dialect_as_json(dialect: Dialect) -> dict[str, Any]:
    return {name: getattr(dialect, name) for name in Dialect.__slots__}


def _dialect[D: Dialect](kind: type[D], data: Json) -> D:
    version, name = data["version"], data["direction_name"]
    if not isinstance(version, str | None) or not isinstance(name, str):
        raise TypeError("a dialect is described in texts")
    return kind(version, Form(data["form"]), name)


def _connection(data: Json) -> Connection:
    success = data["last_success"]
    return Connection(data["connected"], _moment(success) if success else None)


def form_wish(data: Json) -> Wish:
    """Read the wish that a subentry's form stored."""
    frame = Frame(
        cv.time(data[CONF_START]),
        cv.time(data[CONF_END]),
        frozenset(DAYS.index(day) for day in data.get(CONF_DAYS, DAYS)),
    )
    return Wish(
        Segment(data[CONF_SEGMENT]),
        Direction(data[CONF_DIRECTION]),
        cv.time_period_dict(data[CONF_DURATION]),
        frame,
    )


def wish_as_form(wish: Wish) -> dict[str, Any]:
    """Write a wish in the words of the form."""
    minutes, seconds = divmod(wish.duration, MINUTE)
    return {
        CONF_SEGMENT: wish.segment.value,
        CONF_DIRECTION: wish.direction.value,
        CONF_DURATION: {
            "hours": minutes // 60,
            "minutes": minutes % 60,
            "seconds": seconds.total_seconds(),
        },
        CONF_START: wish.frame.start.isoformat(),
        CONF_END: wish.frame.end.isoformat(),
        CONF_DAYS: [DAYS[day] for day in sorted(wish.frame.days)],
    }


def wish_as_json(wish: Wish) -> dict[str, Any]:
    """Write a wish for the store."""
    return {**wish_as_form(wish), "enabled": wish.enabled}


def wish_from_json(data: Json) -> Wish:
    """Read a wish back."""
    wish = form_wish(data)
    if not wish.frame.days:
        raise ValueError("no weekday is chosen")
    return replace(wish, enabled=bool(data["enabled"]))


def _plan_as_json(plan: Plan) -> dict[str, Any]:
    return {
        "period": [_iso(plan.period.start), _iso(plan.period.end)],
        "windows": [
            [_iso(window.start), _iso(window.end), window.rate, window.confidence]
            for window in plan.windows
        ],
        "answered": plan.source is not None,
    }


def _plan_from_json(data: Json) -> Plan:
    start, end = data["period"]
    return Plan(
        Span(_moment(start), _moment(end)),
        tuple(
            Slot(_moment(start), _moment(end), float(rate), float(confidence))
            for start, end, rate, confidence in data["windows"]
        ),
        Source.RESTORED if data["answered"] else None,
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str) -> datetime:
    moment = dt_util.parse_datetime(text, raise_on_error=True)
    return dt_util.as_utc(moment)
