"""Tibber Prices (HACS): what a Tibber customer pays, taxes included."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..model import Span
from .actions import (
    ENTRY_ID,
    WATCH,
    ActionRefusedError,
    ActionSource,
    Json,
    entries_of,
    reading_of,
    registered,
    rows_of,
    since_midnight,
)
from .source import Choice, Reading


class TibberPricesSource(ActionSource):
    """One choice per entry, which is a home."""

    key = "tibber_prices"
    domain = "tibber_prices"
    action = "get_price"

    async def choices(self, hass: HomeAssistant, entry: ConfigEntry) -> list[Choice]:
        """Return the home of the entry."""
        tomorrow = [
            entity.entity_id
            for entity in registered(hass, entry)
            if entity.unique_id == f"{entry.entry_id}_tomorrow_data_available"
        ]
        data = {ENTRY_ID: entry.entry_id, WATCH: tomorrow}
        return [Choice(self.key, f"Tibber Prices {entry.title}", data)]

    async def reading(
        self, hass: HomeAssistant, entry: ConfigEntry, data: Json, span: Span
    ) -> Reading:
        """Read what there is: a missing day is left out, an outage is said."""
        answer = await self.ask(
            hass,
            {
                ENTRY_ID: entry.entry_id,
                "start_time": since_midnight(span).isoformat(),
                "end_time": span.end.isoformat(),
            },
        )
        if answer.get("success") is False:
            raise ActionRefusedError(f"Tibber Prices: {answer.get('reason')}")
        entries = entries_of(rows_of(answer, "price_info"), start="startsAt", value="total")
        return reading_of(entries, entry.data.get("currency") or hass.config.currency)
