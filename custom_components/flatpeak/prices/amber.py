"""Amber Electric, as it comes with Home Assistant: what a customer pays or earns next."""

from dataclasses import replace

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..model import MINUTE, Direction, Span
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
)
from .series import Entry
from .source import Choice, PriceSourceError, Reading

CHANNEL = "channel"
TITLES = {"general": "general use", "controlled_load": "controlled load", "feed_in": "feed-in"}

# Amber's market sets the price of an interval while it runs: all that is ahead is a forecast.
FORECAST = 0.8


class AmberSource(ActionSource):
    """One choice per channel of a site. Feed-in prices are what one earns: more is better."""

    key = "amberelectric"
    domain = "amberelectric"
    action = "get_forecasts"
    # if its sensors are disabled; reading asks nobody but Home Assistant
    refresh = 5 * MINUTE

    async def choices(self, hass: HomeAssistant, entry: ConfigEntry) -> list[Choice]:
        """Return the channels that the site has."""
        choices = []
        for channel, title in TITLES.items():
            try:
                await self._forecasts(hass, entry, channel)
            except PriceSourceError:
                continue
            price = _price_sensor(hass, entry, channel)
            choices.append(
                Choice(
                    self.key,
                    f"Amber Electric {entry.title}, {title}",
                    {ENTRY_ID: entry.entry_id, CHANNEL: channel, WATCH: [price] if price else []},
                    Direction.EXPORT if channel == "feed_in" else Direction.IMPORT,
                )
            )
        return choices

    async def reading(
        self, hass: HomeAssistant, entry: ConfigEntry, data: Json, span: Span
    ) -> Reading:
        """Read the forecasts, and the price of now, which only a sensor has."""
        channel = data[CHANNEL]
        forecasts = await self._forecasts(hass, entry, channel)
        return reading_of([*_now(hass, entry, channel), *forecasts], "AUD")

    async def _forecasts(
        self, hass: HomeAssistant, entry: ConfigEntry, channel: str
    ) -> list[Entry]:
        try:
            answer = await self.ask(
                hass, {"config_entry_id": entry.entry_id, "channel_type": channel}
            )
        except ActionRefusedError as err:
            if err.reason == "channel_not_found":
                raise PriceSourceError("source_gone", f"no channel {channel}") from err
            raise
        entries = entries_of(
            rows_of(answer, "forecasts"), start="start_time", value="per_kwh", end="end_time"
        )
        return [replace(entry, confidence=FORECAST) for entry in entries]


def _price_sensor(hass: HomeAssistant, entry: ConfigEntry, channel: str) -> str | None:
    """Return the sensor of a channel's price; its site's id is before the name in its own."""
    for entity in registered(hass, entry):
        if entity.unique_id.endswith(f"-current-{channel}"):
            return entity.entity_id
    return None


def _now(hass: HomeAssistant, entry: ConfigEntry, channel: str) -> list[Entry]:
    """Return the price of the running interval, as the sensor's attributes have it."""
    sensor = _price_sensor(hass, entry, channel)
    state = hass.states.get(sensor) if sensor else None
    if state is None or "per_kwh" not in state.attributes:
        return []
    told = state.attributes
    return [Entry(told.get("start_time"), told["per_kwh"], told.get("end_time"))]
