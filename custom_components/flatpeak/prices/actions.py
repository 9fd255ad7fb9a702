"""Sources that answer an action: which day to ask for, what a refusal means, what they say."""

from abc import abstractmethod
import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..model import DAY, Span
from .series import Entry, slots_of
from .source import Choice, PriceSource, PriceSourceError, Reading

type Json = Mapping[str, Any]

# Whatever stands behind an action: after this it is taken for silent.
PATIENCE = 60

# A day of Europe's day-ahead markets is a day by this clock, wherever the home is.
MARKET = ZoneInfo("Europe/Brussels")

ENTRY_ID = "entry_id"
WATCH = "watch"


class ActionRefusedError(PriceSourceError):
    """The integration did not answer; `reason` is its own word for why, where it has one."""

    def __init__(self, detail: str, reason: str | None = None) -> None:
        """Keep the reason: for some sources it means that prices are not out yet."""
        super().__init__("source_not_ready", detail)
        self.reason = reason


class ActionSource(PriceSource):
    """An integration whose prices are the response of an action.

    Where there may be several entries of it, the choice stores `entry_id`; else any will do,
    so that an integration which was removed and added again goes on.
    """

    domain: ClassVar[str]
    action: ClassVar[str]

    async def find(self, hass: HomeAssistant) -> list[Choice]:
        """Return what the loaded entries of the integration offer."""
        if not hass.services.has_service(self.domain, self.action):
            return []
        choices: list[Choice] = []
        for entry in hass.config_entries.async_loaded_entries(self.domain):
            with suppress(PriceSourceError):
                choices += await self.choices(hass, entry)
        return choices

    def watched(self, data: Json) -> tuple[str, ...]:
        """Return what was found to change when prices come: an action tells nobody."""
        return tuple(data.get(WATCH, ()))

    async def read(self, hass: HomeAssistant, data: Json, span: Span) -> Reading:
        """Ask the entry that the choice was made from."""
        return await self.reading(hass, self._entry(hass, data.get(ENTRY_ID)), data, span)

    @abstractmethod
    async def choices(self, hass: HomeAssistant, entry: ConfigEntry) -> list[Choice]:
        """Return what an entry offers. May raise PriceSourceError: it offers nothing then."""

    @abstractmethod
    async def reading(
        self, hass: HomeAssistant, entry: ConfigEntry, data: Json, span: Span
    ) -> Reading:
        """Read the prices of a choice from a loaded entry."""

    async def ask(
        self, hass: HomeAssistant, data: Mapping[str, object], action: str | None = None
    ) -> Json:
        """Call the action and return what it answers."""
        name = f"{self.domain}.{action or self.action}"
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await hass.services.async_call(
                    self.domain,
                    action or self.action,
                    dict(data),
                    blocking=True,
                    return_response=True,
                )
        except vol.Invalid as err:
            raise PriceSourceError("source_unreadable", f"{name} takes other data: {err}") from err
        except HomeAssistantError as err:
            raise ActionRefusedError(f"{name}: {err}", err.translation_key) from err
        except Exception as err:  # integrations let through what their libraries raise
            raise ActionRefusedError(f"{name}: {err!r}") from err
        return answer or {}

    def _entry(self, hass: HomeAssistant, entry_id: str | None) -> ConfigEntry:
        entries = [
            entry
            for entry in hass.config_entries.async_entries(self.domain, include_ignore=False)
            if entry_id in {None, entry.entry_id}
        ]
        if not entries:
            raise PriceSourceError("source_gone", f"no entry of {self.domain}")
        for entry in entries:
            if entry.state is ConfigEntryState.LOADED:
                return entry
        raise PriceSourceError("source_not_ready", f"{self.domain} is not loaded")


def days_of(span: Span, zone: tzinfo) -> list[date]:
    """Return the days by a clock that a span touches."""
    day = span.start.astimezone(zone).date()
    last = (span.end - timedelta.resolution).astimezone(zone).date()
    return [day + n * DAY for n in range((last - day).days + 1)]


def since_midnight(span: Span) -> datetime:
    """Return the home's midnight before a span: sources leave out what has begun already."""
    return dt_util.start_of_local_day(dt_util.as_local(span.start))


async def published(
    days: Iterable[date], ask: Callable[[date], Awaitable[list[Entry]]]
) -> list[Entry]:
    """Ask for one day after the other, until one that is not out yet."""
    entries: list[Entry] = []
    for day in days:
        more = await ask(day)
        if entries and not more:
            break
        entries += more
    return entries


def rows_of(answer: Json, *path: str) -> list[Json]:
    """Return the list at a place of an answer. Raises PriceSourceError where there is none."""
    found: object = answer
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise PriceSourceError("source_unreadable", f"no list at {'.'.join(path)}")
    return found


def entries_of(
    rows: Iterable[Json], *, start: str = "start", value: str = "price", end: str | None = "end"
) -> list[Entry]:
    """Return the prices of rows. Raises PriceSourceError where no row has a start and a price."""
    rows = list(rows)
    if rows and not any(start in row and value in row for row in rows):
        raise PriceSourceError("source_unreadable", f"no {start} and {value} in the rows")
    return [Entry(row.get(start), row.get(value), row.get(end) if end else None) for row in rows]


def reading_of(
    entries: Iterable[Entry], currency: str | None, *, unit: str | None = None, factor: float = 1.0
) -> Reading:
    """Return a reading of prices per kWh, if nothing else is said."""
    slots = slots_of(entries, zone=dt_util.get_default_time_zone(), factor=factor)
    return Reading(slots, currency, unit or (currency and f"{currency}/kWh"))


def registered(hass: HomeAssistant, entry: ConfigEntry) -> list[er.RegistryEntry]:
    """Return the entities of an entry that are in use."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return [entity for entity in entities if not entity.disabled]
