"""EnergyZero, as it comes with Home Assistant: its own price, or that of the exchange."""

from datetime import date
from functools import partial

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..model import Span
from .actions import (
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

PRICE_TYPE = "price_type"
TITLES = {
    "all_in": "EnergyZero, all-in price",
    "market": "EnergyZero, market price with VAT",
}


class EnergyZeroSource(ActionSource):
    """One choice per kind of price, by quarters of an hour."""

    key = "energyzero"
    domain = "energyzero"
    action = "get_energy_prices"

    async def choices(self, hass: HomeAssistant, entry: ConfigEntry) -> list[Choice]:
        """Return the kinds of prices."""
        return [Choice(self.key, title, {PRICE_TYPE: kind}) for kind, title in TITLES.items()]

    async def reading(
        self, hass: HomeAssistant, entry: ConfigEntry, data: Json, span: Span
    ) -> Reading:
        """Read the home's days one by one: one that is not out yet refuses a whole request."""
        days = days_of(span, dt_util.get_default_time_zone())
        ask_day = partial(self._day, hass, entry, data[PRICE_TYPE])
        return reading_of(await published(days, ask_day), "EUR")

    async def _day(
        self, hass: HomeAssistant, entry: ConfigEntry, price_type: str, day: date
    ) -> list[Entry]:
        try:
            answer = await self.ask(
                hass,
                {
                    "config_entry": entry.entry_id,
                    "incl_vat": True,
                    "start": day.isoformat(),
                    "end": day.isoformat(),
                    PRICE_TYPE: price_type,
                    "interval": "quarter",
                },
            )
        except ActionRefusedError as err:
            if err.reason == "no_data":
                return []
            raise
        return entries_of(rows_of(answer, "prices"), start="timestamp")
