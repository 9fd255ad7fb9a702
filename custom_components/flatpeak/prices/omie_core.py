"""OMIE, as it comes with Home Assistant: the Iberian exchange's prices, without taxes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import partial

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..model import DAY, Span
from .actions import (
    MARKET,
    ActionRefusedError,
    ActionSource,
    Json,
    days_of,
    entries_of,
    published,
    reading_of,
    rows_of,
)
from .series import Entry
from .source import Choice, Reading

COUNTRY = "country"
TITLES = {"es": "OMIE Spain", "pt": "OMIE Portugal"}


class OmieSource(ActionSource):
    """One choice per country."""

    key = "omie_core"
    domain = "omie"
    action = "get_prices_for_date"

    async def choices(self, hass: HomeAssistant, entry: ConfigEntry) -> list[Choice]:
        """Return the countries."""
        return [Choice(self.key, title, {COUNTRY: country}) for country, title in TITLES.items()]

    async def reading(
        self, hass: HomeAssistant, entry: ConfigEntry, data: Json, span: Span
    ) -> Reading:
        """Read the market's days that the span touches; Portugal's own begin an hour later."""
        ask_day = partial(self._day, hass, data[COUNTRY])
        return reading_of(await published(days_of(span, MARKET), ask_day), "EUR")

    async def _day(self, hass: HomeAssistant, country: str, day: date) -> list[Entry]:
        try:
            answer = await self.ask(hass, {"date": day.isoformat(), "countries": [country]})
        except ActionRefusedError as err:
            if err.reason == "data_not_available":
                return []
            raise
        return _mended(entries_of(rows_of(answer, country)), day)


def _mended(entries: Sequence[Entry], day: date) -> list[Entry]:
    """Put right the times of the days on which the clocks are changed.

    The integration counts a day's quarters along the clock on the wall as if nobody touched it:
    everything after the change is an hour off, the day ends an hour early or late, and in spring
    an hour is lost. By the end it shows whether that is so; a right answer stays as it is.
    """
    midnight, following = (
        datetime.combine(date, time(), MARKET).astimezone(UTC) for date in (day, day + DAY)
    )
    ends = [moment for entry in entries if (moment := dt_util.parse_datetime(str(entry.end)))]
    change = following - midnight - DAY
    if not change or not ends or max(ends) != following + change:
        return list(entries)
    return [
        replace(entry, start=_counted(entry.start, day, midnight), end=None) for entry in entries
    ]


def _counted(start: object, day: date, midnight: datetime) -> datetime | None:
    """Return the moment that lies as long after midnight as the clock's hands have turned."""
    moment = dt_util.parse_datetime(str(start))
    if moment is None:
        return None
    shown = moment.astimezone(MARKET).replace(tzinfo=None)
    return midnight + (shown - datetime.combine(day, time()))
