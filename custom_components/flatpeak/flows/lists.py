"""A sensor with a list of prices, and how the list is to be read."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.const import CONF_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from ..model import Direction
from ..prices import Choice
from ..prices.generic import ATTRIBUTES, END, PRICE, START, UNIT, GenericSource
from ..prices.series import unit_of

_KEYS = (START, END, PRICE)


def lists_of(hass: HomeAssistant, entity_id: str) -> list[str]:
    """Return the attributes of an entity that may list prices."""
    state = hass.states.get(entity_id)
    attributes = state.attributes if state else {}
    return [name for name, value in attributes.items() if value and isinstance(value, list | dict)]


def list_form(hass: HomeAssistant, entity_id: str) -> vol.Schema:
    """Ask which attributes list prices, and what is what in their items.

    What is there now can be picked; what is not can be typed.
    """
    keys = _selector(_keys_of(hass, entity_id))
    return vol.Schema(
        {
            vol.Required(ATTRIBUTES): _selector(lists_of(hass, entity_id), several=True),
            **{vol.Optional(name): keys for name in _KEYS},
            vol.Required(UNIT): TextSelector(),
        }
    )


def list_mistakes(typed: Mapping[str, Any]) -> dict[str, str]:
    """Tell what is wrong with such a form, as far as it can be seen without reading."""
    errors = {} if typed[ATTRIBUTES] else {ATTRIBUTES: "no_attribute"}
    if unit_of(typed[UNIT]) is None:
        errors[UNIT] = "no_unit"
    return errors


def list_choice(
    hass: HomeAssistant, entity_id: str, typed: Mapping[str, Any], direction: Direction
) -> Choice:
    """Return the choice that such a form describes."""
    state = hass.states.get(entity_id)
    data = {CONF_ENTITY_ID: entity_id, **{name: value for name, value in typed.items() if value}}
    return Choice(GenericSource.key, state.name if state else entity_id, data, direction)


def _selector(options: Iterable[str], *, several: bool = False) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=list(options),
            multiple=several,
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def _keys_of(hass: HomeAssistant, entity_id: str) -> dict[str, None]:
    """Return the keys of the items in an entity's lists, each once."""
    state = hass.states.get(entity_id)
    listed = state.attributes.values() if state else ()
    return dict.fromkeys(
        str(key)
        for items in listed
        if isinstance(items, list)
        for item in items[:1]
        if isinstance(item, Mapping)
        for key in item
    )
