"""Tibber, as it comes with Home Assistant: what the customer pays, taxes included."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from ..model import Span
from .actions import (
    ActionSource,
    Json,
    entries_of,
    reading_of,
    registered,
    rows_of,
    since_midnight,
)
from .series import unit_of
from .source import Choice, PriceSourceError, Reading

HOME = "home"


class TibberSource(ActionSource):
    """One choice per home. The action answers for all of them at once, by name."""

    key = "tibber"
    domain = "tibber"
    action = "get_prices"

    async def choices(self, hass: HomeAssistant, entry: ConfigEntry) -> list[Choice]:
        """Return the homes of the account: today's prices name them."""
        homes = (await self.ask(hass, {})).get("prices")
        return [
            Choice(self.key, f"Tibber {home}", {HOME: home})
            for home in (homes if isinstance(homes, dict) else ())
        ]

    async def reading(
        self, hass: HomeAssistant, entry: ConfigEntry, data: Json, span: Span
    ) -> Reading:
        """Read a home; without an end the action would leave out tomorrow."""
        home = data[HOME]
        answer = await self.ask(
            hass, {"start": since_midnight(span).isoformat(), "end": span.end.isoformat()}
        )
        prices = answer.get("prices")
        if isinstance(prices, dict) and home not in prices:
            raise PriceSourceError("source_gone", f"no home {home}")
        entries = entries_of(rows_of(answer, "prices", home), start="start_time")
        unit = _unit(hass, entry, home)
        known = unit_of(unit)
        return reading_of(entries, (known and known.currency) or hass.config.currency, unit=unit)


def _unit(hass: HomeAssistant, entry: ConfigEntry, home: str) -> str | None:
    """Return the unit of a home's price sensor, of any if none has its name; answers have none."""
    devices = dr.async_get(hass)
    units: dict[str | None, str | None] = {}
    for entity in registered(hass, entry):
        if entity.translation_key == "electricity_price":
            device = devices.async_get(entity.device_id) if entity.device_id else None
            units[device.name if device else None] = entity.unit_of_measurement
    return units.get(home, next(iter(units.values()), None))
