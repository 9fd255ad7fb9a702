"""Nord Pool, as it comes with Home Assistant: the exchange's prices, without taxes."""

from datetime import date
from functools import partial

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..model import Span
from .actions import (
    MARKET,
    WATCH,
    ActionSource,
    Json,
    days_of,
    entries_of,
    published,
    reading_of,
    registered,
    rows_of,
)
from .series import Entry
from .source import Choice, Reading

AREA = "area"
PER_MWH = 1 / 1000


class NordPoolSource(ActionSource):
    """One choice per area. An answer without prices means that the day is not out yet."""

    key = "nordpool_core"
    domain = "nordpool"
    action = "get_prices_for_date"

    async def choices(self, hass: HomeAssistant, entry: ConfigEntry) -> list[Choice]:
        """Return the areas of the entry."""
        ids = {entity.unique_id: entity.entity_id for entity in registered(hass, entry)}
        return [
            Choice(
                self.key,
                f"{entry.title} {area}",
                {
                    AREA: area,
                    WATCH: [
                        entity_id
                        for unique_id, entity_id in ids.items()
                        if unique_id == f"{area}-tomorrow_price_available"
                    ],
                },
            )
            for area in entry.data.get("areas", ())
        ]

    async def reading(
        self, hass: HomeAssistant, entry: ConfigEntry, data: Json, span: Span
    ) -> Reading:
        """Read the market's days that the span touches; they are not the home's everywhere."""
        ask_day = partial(self._day, hass, entry, data[AREA])
        entries = await published(days_of(span, MARKET), ask_day)
        currency = entry.data.get("currency")
        return reading_of(entries, currency, unit=currency and f"{currency}/MWh", factor=PER_MWH)

    async def _day(
        self, hass: HomeAssistant, entry: ConfigEntry, area: str, day: date
    ) -> list[Entry]:
        answer = await self.ask(
            hass,
            {"config_entry": entry.entry_id, "date": day.isoformat(), "areas": [area]},
        )
        return entries_of(rows_of(answer, area))
