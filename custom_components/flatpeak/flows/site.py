"""The options of an entry: what holds for all devices of a home."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import UnitOfPower
import voluptuous as vol

from ..const import (
    CONF_CAP_ABSOLUTE,
    CONF_CAP_RELATIVE,
    CONF_EXPORT_SOURCE,
    CONF_FLOOR,
    CONF_MAX_EXPORT_POWER,
    CONF_MAX_IMPORT_POWER,
    MAX_POWER,
)
from ..coordinator import FlatpeakConfigEntry
from ..forms.selectors import price, quantity
from .additions import ADDITIONS, additions_fields, additions_typed
from .common import finite, is_local


class SiteFlow(OptionsFlow):
    """The site's power, up to what price to buy or sell, and what is added to prices."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask; what is left empty does not hold."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = {name: "no_number" for name, value in user_input.items() if not finite(value)}
            limits = {name: user_input[name] for name in user_input if name not in ADDITIONS}
            additions = additions_typed(user_input, errors, self._additions())
            if not errors:
                return self.async_create_entry(data={**limits, **additions})
        shown = self.config_entry.options if user_input is None else user_input
        power = quantity(0.1, MAX_POWER, 0.1, UnitOfPower.KILO_WATT)
        unit = self._price_unit()
        schema = vol.Schema(
            {
                vol.Optional(CONF_MAX_IMPORT_POWER): power,
                vol.Optional(CONF_MAX_EXPORT_POWER): power,
                vol.Optional(CONF_CAP_ABSOLUTE): price(unit),
                vol.Optional(CONF_CAP_RELATIVE): quantity(0.01, 1, 0.01),
                vol.Optional(CONF_FLOOR): price(unit),
                **await additions_fields(self.hass, self._additions(), unit, shown),
            }
        )
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
        )

    def _additions(self) -> tuple[str, ...]:
        """Return what can be added to: an account's prices are those of a tariff already."""
        if not is_local(self.config_entry):
            return ()
        return ADDITIONS if CONF_EXPORT_SOURCE in self.config_entry.data else ADDITIONS[:1]

    def _price_unit(self) -> str | None:
        """Return the unit of prices, where the currency is known."""
        entry: FlatpeakConfigEntry = self.config_entry
        runtime = getattr(entry, "runtime_data", None)
        return runtime.location.price_unit if runtime else None
