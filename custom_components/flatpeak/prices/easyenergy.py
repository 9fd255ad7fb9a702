"""easyEnergy, as it comes with Home Assistant: the price of use, and that of what is returned."""

from datetime import date
from functools import partial

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..model import Direction, Span
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

KIND = "kind"
RETURN = "return"
TITLES = {
    "invoice": "easyEnergy, all-in price",
    "market": "easyEnergy, market price with VAT",
    RETURN: "easyEnergy, price of electricity returned",
}


class EasyEnergySource(ActionSource):
    """Two kinds of prices for use and one for selling, by quarters of an hour."""

    key = "easyenergy"
    domain = "easyenergy"
    action = "get_energy_usage_prices"
    return_action = "get_energy_return_prices"

    async def choices(self, hass: HomeAssistant, entry: ConfigEntry) -> list[Choice]:
        """Return the kinds of prices."""
        return [
            Choice(
                self.key,
                title,
                {KIND: kind},
                Direction.EXPORT if kind == RETURN else Direction.IMPORT,
            )
            for kind, title in TITLES.items()
        ]

    async def reading(
        self, hass: HomeAssistant, entry: ConfigEntry, data: Json, span: Span
    ) -> Reading:
        """Read the market's days one by one: which one is missing cannot be told otherwise."""
        ask_day = partial(self._day, hass, entry, data[KIND])
        return reading_of(await published(days_of(span, MARKET), ask_day), "EUR")

    async def _day(
        self, hass: HomeAssistant, entry: ConfigEntry, kind: str, day: date
    ) -> list[Entry]:
        asked: dict[str, object] = {
            "config_entry": entry.entry_id,
            "start": day.isoformat(),
            "end": day.isoformat(),
            "granularity": "quarter",
        }
        try:
            if kind == RETURN:
                answer = await self.ask(hass, asked, self.return_action)
            else:
                answer = await self.ask(hass, asked | {"incl_vat": True, "price_type": kind})
        except ActionRefusedError as err:
            # its one word for all that goes wrong; only today's prices are there for sure
            if err.reason == "fetch_prices_error" and day != dt_util.now(MARKET).date():
                return []
            raise
        return entries_of(rows_of(answer, "prices"), start="timestamp")
