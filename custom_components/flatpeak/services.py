"""The actions, registered."""

from homeassistant.core import HomeAssistant, SupportsResponse, callback

from .actions import (
    FIND_WINDOWS_SCHEMA,
    GET_PRICES_SCHEMA,
    PLAN_ENERGY_SCHEMA,
    find_windows,
    get_prices,
    plan_energy,
)
from .const import DOMAIN


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, action, schema in (
        ("find_windows", find_windows, FIND_WINDOWS_SCHEMA),
        ("get_prices", get_prices, GET_PRICES_SCHEMA),
        ("plan_energy", plan_energy, PLAN_ENERGY_SCHEMA),
    ):
        hass.services.async_register(
            DOMAIN, name, action, schema=schema, supports_response=SupportsResponse.ONLY
        )
