"""What survives a restart: the location, the dialects learned, every plan; prices beside it.

Two files per config entry: prices are large and come once a day. A stored value that cannot be
read is dropped alone: after a failed upgrade a plan is asked for again, which costs one request.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..api import (
    AmountDialect,
    Dialect,
    Dialects,
    DurationDialect,
    Form,
    PriceDialect,
    PriceLimitDialect,
)
from ..const import DOMAIN
from ..engine import HomeState, StoredHome, StoredPrices, StoredSchedule, remembered
from ..forms import Json
from ..model import Connection, Direction, Location
from .migration import from_version_1
from .records import (
    home_as_json,
    home_from_json,
    iso,
    moment_of,
    or_none,
    prices_as_json,
    prices_from_json,
    schedule_as_json,
    schedule_from_json,
)

# An older release can start on a file with a newer minor version.
_VERSION, _MINOR_VERSION = 1, 2
_PRICES_VERSION = 1
# Prices of several directions are written once; in seconds.
_GATHERED = 1
# How long something may be lost that a restart could find out again; in seconds.
_PATIENCE = 60


class _HomeFile(Store[dict[str, Any]]):
    """The file of a home."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Prepare; `async_load` reads."""
        super().__init__(
            hass,
            _VERSION,
            f"{DOMAIN}.{entry_id}",
            private=True,
            atomic_writes=True,
            minor_version=_MINOR_VERSION,
        )
        self._entry_id = entry_id

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: Any
    ) -> dict[str, Any]:
        """Take over what an older version stored."""
        return from_version_1(old_data, self._entry_id) if isinstance(old_data, dict) else {}


class FlatpeakStore:
    """The files of one config entry, kept in memory as well."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Prepare; `load` reads."""
        self._file = _HomeFile(hass, entry_id)
        self._prices_file: Store[dict[str, Any]] = Store(
            hass, _PRICES_VERSION, f"{DOMAIN}.{entry_id}.prices", private=True, atomic_writes=True
        )
        self._closed = self._is_saving = False
        self._prices_are_due = False
        # records as they were written last: most have not changed since
        self._written: dict[str, tuple[StoredSchedule, dict[str, Any]]] = {}
        self._state: Callable[[], HomeState] | None = None
        self.location: Location | None = None
        self.dialects = Dialects()
        self.connection = Connection()
        self.home = StoredHome()
        self.prices: dict[Direction, StoredPrices] = {}

    async def load(self) -> None:
        """Read the files. What cannot be read counts as not there."""
        data = await self._file.async_load()
        if not isinstance(data, dict):
            data = {}
        self.location = _read(_location, data.get("location"))
        self.dialects = Dialects(
            _read(partial(_dialect, DurationDialect), data.get("dialect")) or DurationDialect(),
            _read(partial(_dialect, AmountDialect), data.get("amount_dialect")) or AmountDialect(),
            prices=_read(partial(_dialect, PriceDialect), data.get("price_dialect"))
            or PriceDialect(),
            limit=_read(partial(_dialect, PriceLimitDialect), data.get("limit_dialect"))
            or PriceLimitDialect(),
        )
        self.connection = _read(_connection, data.get("connection")) or Connection()
        home = data["home"] if isinstance(data.get("home"), dict) else {}
        schedules = _read_all(schedule_from_json, home.get("schedules"))
        self.home = home_from_json(home, schedules)
        apart = await self._prices_file.async_load()
        prices = apart if isinstance(apart, dict) else data.get("prices")
        known = _read_all(prices_from_json, prices)
        self.prices = {way: known[way] for way in Direction if way in known}
        # they stood in the file of the home until November 2026
        self._prices_are_due = apart is None and bool(self.prices)

    def follow(self, state: Callable[[], HomeState]) -> None:
        """Write, from now on, the state of a home that is alive."""
        self._state = state

    @callback
    def save_soon(self, *, urgent: bool = False) -> None:
        """Write the file of the home, once for all that happens in a while."""
        if self._closed:
            return
        if not urgent:
            self._file.async_delay_save(self._home_as_json, _PATIENCE)
        elif not self._is_saving:
            self._is_saving = True
            self._file.hass.async_create_task(self._save_all_of_a_moment(), eager_start=False)

    async def _save_all_of_a_moment(self) -> None:
        self._is_saving = False
        await self.save()

    async def save(self) -> None:
        """Write the file of the home now."""
        if not self._closed:
            await self._file.async_save(self._home_as_json())

    @callback
    def save_prices(self) -> None:
        """Write the file of the prices."""
        if not self._closed:
            self._prices_are_due = True
            self._prices_file.async_delay_save(self._written_prices, _GATHERED)

    async def close(self) -> None:
        """Write the files for the last time: a late answer must not undo what follows."""
        await self.save()
        if self._prices_are_due:
            await self._prices_file.async_save(self._written_prices())
        self._closed = True

    async def remove(self) -> None:
        """Delete the files."""
        await self._file.async_remove()
        await self._prices_file.async_remove()

    def as_json(self) -> dict[str, Any]:
        """Write all of it, for the diagnostics."""
        return {**self._home_as_json(), "prices": self._prices_as_json()}

    def _home_as_json(self) -> dict[str, Any]:
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
            "home": self._state_as_json(),
        }

    def _state_as_json(self) -> dict[str, Any]:
        if self._state:
            self.home = remembered(self._state())
        return home_as_json(self.home, self._schedules_as_json())

    def _schedules_as_json(self) -> dict[str, dict[str, Any]]:
        """Write the schedules; only those anew that have changed."""
        before = self._written
        self._written = {
            key: before[key]
            if key in before and before[key][0] == one
            else (one, schedule_as_json(one))
            for key, one in self.home.schedules.items()
        }
        return {key: record for key, (_, record) in self._written.items()}

    def _written_prices(self) -> dict[str, Any]:
        self._prices_are_due = False
        return self._prices_as_json()

    def _prices_as_json(self) -> dict[str, Any]:
        if self._state:
            self.prices = {
                way: StoredPrices(one.source, one.book) for way, one in self._state().prices.items()
            }
        return {way.value: prices_as_json(one) for way, one in self.prices.items()}


def _read_all[T](reader: Callable[[Json], T], stored: object) -> dict[str, T]:
    """Read the records of a part; each damaged one is dropped alone."""
    items = stored.items() if isinstance(stored, dict) else ()
    read = {key: _read(reader, value) for key, value in items}
    return {key: value for key, value in read.items() if value is not None}


def _read[T](reader: Callable[[Json], T], stored: object) -> T | None:
    """Read a part of the file; one that is not there or damaged is none."""
    return or_none(reader, stored if isinstance(stored, dict) else None)


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
