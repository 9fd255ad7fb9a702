"""How forms offer values."""

from typing import Literal

from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import MAX_PRICE

# A sensor of a device, or a number that its owner types.
SENSOR = EntitySelector(EntitySelectorConfig(domain=["sensor", "number", "input_number"]))


def choice(values: list[str], translation_key: str, *, several: bool = False) -> SelectSelector:
    """Offer values with translated names."""
    return SelectSelector(
        SelectSelectorConfig(
            options=values,
            translation_key=translation_key,
            multiple=several,
            mode=SelectSelectorMode.LIST if several else SelectSelectorMode.DROPDOWN,
        )
    )


def quantity(
    least: float, most: float, step: float | Literal["any"], unit: str | None = None
) -> NumberSelector:
    """Offer a box for a number."""
    return NumberSelector(
        NumberSelectorConfig(
            min=least,
            max=most,
            step=step,
            mode=NumberSelectorMode.BOX,
            **({"unit_of_measurement": unit} if unit else {}),
        )
    )


def price(unit: str | None) -> NumberSelector:
    """Offer a box for money per kWh, in any currency."""
    return quantity(-MAX_PRICE, MAX_PRICE, "any", unit)
