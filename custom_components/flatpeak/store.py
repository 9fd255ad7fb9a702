"""What survives a restart: the location, the dialects learned, and every plan.

One file per config entry. A stored value that cannot be read is dropped alone:
after a failed upgrade a plan is asked for again, which costs one request.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
import voluptuous as vol

from .api import (
    AmountDialect,
    Dialect,
    Dialects,
    DurationDialect,
    Form,
    LimitDialect,
    PriceDialect,
)
from .const import DOMAIN, LOGGER
from .forms import Json
from .model import Connection, Direction, LimitWish, Location, Wish
from .stored import (
    StoredAmount,
    StoredPrices,
    StoredSchedule,
    StoredSite,
    iso,
    limit_from_json,
    moment_of,
    wish_from_json,
)

_VERSION = 1


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
        self.schedules: dict[str, StoredSchedule[Wish]] = {}
        self.limits: dict[str, StoredSchedule[LimitWish]] = {}
        self.prices: dict[Direction, StoredPrices] = {}
        self.amounts: dict[str, StoredAmount] = {}
        self.site = StoredSite()

    async def load(self) -> None:
        """Read the file. What cannot be read counts as not there."""
        data = await self._store.async_load()
        if not isinstance(data, dict):
            return
        self.location = _read(_location, data.get("location"))
        self.dialects = Dialects(
            _read(partial(_dialect, DurationDialect), data.get("dialect")) or DurationDialect(),
            _read(partial(_dialect, AmountDialect), data.get("amount_dialect")) or AmountDialect(),
            prices=_read(partial(_dialect, PriceDialect), data.get("price_dialect"))
            or PriceDialect(),
            limit=_read(partial(_dialect, LimitDialect), data.get("limit_dialect"))
            or LimitDialect(),
        )
        self.connection = _read(_connection, data.get("connection")) or Connection()
        self.site = _read(StoredSite.from_json, data.get("site")) or StoredSite()
        self.schedules = _read_all(
            partial(StoredSchedule[Wish].from_json, read=wish_from_json), data.get("schedules")
        )
        self.limits = _read_all(
            partial(StoredSchedule[LimitWish].from_json, read=limit_from_json), data.get("limits")
        )
        prices = _read_all(StoredPrices.from_json, data.get("prices"))
        self.prices = {way: prices[way] for way in Direction if way in prices}
        self.amounts = _read_all(StoredAmount.from_json, data.get("amounts"))

    def keep_only(self, subentry_ids: Collection[str]) -> None:
        """Forget the schedules that were deleted."""
        for stored in (self.schedules, self.limits, self.amounts):
            for key in stored.keys() - subentry_ids:
                del stored[key]

    def keep_prices(self, directions: Collection[Direction]) -> None:
        """Forget the prices that nobody uses any more."""
        self.prices = {way: kept for way, kept in self.prices.items() if way in directions}

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
            "price_dialect": _dialect_as_json(self.dialects.prices),
            "limit_dialect": _dialect_as_json(self.dialects.limit),
            "connection": {
                "connected": self.connection.connected,
                "last_success": iso(self.connection.last_success),
            },
            "schedules": {key: value.as_json() for key, value in self.schedules.items()},
            "limits": {key: value.as_json() for key, value in self.limits.items()},
            "prices": {way.value: value.as_json() for way, value in self.prices.items()},
            "amounts": {key: value.as_json() for key, value in self.amounts.items()},
            "site": self.site.as_json(),
        }


def _read_all[T](reader: Callable[[Json], T], stored: object) -> dict[str, T]:
    """Read the records of a part; each damaged one is dropped alone."""
    items = stored.items() if isinstance(stored, dict) else ()
    read = {key: _read(reader, value) for key, value in items}
    return {key: value for key, value in read.items() if value is not None}


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
    return Connection(data["connected"], moment_of(success) if success else None)
