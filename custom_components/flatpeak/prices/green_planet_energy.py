"""Green Planet Energy, as it comes with Home Assistant: the next 24 hours."""

from datetime import timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..model import Span
from .actions import ActionSource, Json, entries_of, reading_of, rows_of
from .source import Choice, Reading

# More the action does not give.
HOURS = 24


class GreenPlanetSource(ActionSource):
    """The one price there is."""

    key = "green_planet_energy"
    domain = "green_planet_energy"
    action = "get_prices"
    refresh = timedelta(hours=1)

    async def choices(self, hass: HomeAssistant, entry: ConfigEntry) -> list[Choice]:
        """Return the price."""
        return [Choice(self.key, entry.title)]

    async def reading(
        self, hass: HomeAssistant, entry: ConfigEntry, data: Json, span: Span
    ) -> Reading:
        """Read from the running quarter of an hour on, whatever the span.

        The action's ends jump over the hour that comes twice in autumn, as its starts do: a
        price would seem to last 75 minutes.
        """
        answer = await self.ask(hass, {"config_entry_id": entry.entry_id, "hours": HOURS})
        return reading_of(entries_of(rows_of(answer, "prices"), end=None), "EUR")
