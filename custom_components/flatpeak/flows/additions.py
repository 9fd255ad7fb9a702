"""What is added to prices, as forms ask for it."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.const import PERCENTAGE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    ObjectSelector,
    ObjectSelectorConfig,
    ObjectSelectorField,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TimeSelector,
)
import voluptuous as vol

from ..const import (
    CONF_ADDITIONS,
    CONF_AMOUNT,
    CONF_DAYS,
    CONF_END,
    CONF_EXPORT_ADDITIONS,
    CONF_FIXED,
    CONF_HOURS,
    CONF_PERCENT,
    CONF_START,
    DAYS,
)
from ..forms.selectors import price, quantity
from ..prices import Additions
from ..prices.additions import additions_as_form, additions_of
from .common import option_names

# The sections: for buying and, where there is a price for it, for selling.
ADDITIONS = (CONF_ADDITIONS, CONF_EXPORT_ADDITIONS)

# -100 per cent would make all prices the same.
_PERCENT = quantity(-99, 1000, "any", PERCENTAGE)


async def additions_fields(
    hass: HomeAssistant, names: Iterable[str], unit: str | None, shown: Mapping[str, Any]
) -> dict[vol.Marker, Any]:
    """Return a section for each name, open where it holds something."""
    days = await option_names(hass, "days")
    fields: dict[vol.Marker, Any] = {}
    for name in names:
        inner: dict[vol.Marker, Any] = {
            vol.Optional(CONF_FIXED): price(unit),
            vol.Optional(CONF_PERCENT): _PERCENT,
        }
        if name == CONF_ADDITIONS:
            inner[vol.Optional(CONF_HOURS)] = _table(unit, days)
        collapsed = not any(shown.get(name, {}).values())
        fields[vol.Optional(name)] = section(vol.Schema(inner), {"collapsed": collapsed})
    return fields


def _table(unit: str | None, days: Mapping[str, str]) -> ObjectSelector:
    """Return a table of hours. Browsers cannot translate what stands in its rows."""
    options = [SelectOptionDict(value=day, label=days.get(day, day)) for day in DAYS]
    rows: dict[str, ObjectSelectorField] = {
        CONF_START: {"selector": TimeSelector(), "required": True},
        CONF_END: {"selector": TimeSelector(), "required": True},
        # without a default a browser begins with the least number there is
        CONF_AMOUNT: {"selector": price(unit), "required": True, "default": 0},
        CONF_DAYS: {
            "selector": SelectSelector(SelectSelectorConfig(options=options, multiple=True))
        },
    }
    return ObjectSelector(
        ObjectSelectorConfig(fields=rows, multiple=True, translation_key="additions_hours")
    )


def additions_typed(
    typed: Mapping[str, Any], errors: dict[str, str], names: Iterable[str]
) -> dict[str, Any]:
    """Return what is stored of the sections with these names, or add what is wrong.

    What adds nothing is not stored, so that its box stays empty.
    """
    stored: dict[str, Any] = {}
    for name in names:
        given = typed.get(name) or {}
        rows = given.get(CONF_HOURS) or []
        try:
            additions = additions_of({**_filled(given), CONF_HOURS: [*map(_filled, rows)]})
        except vol.Invalid:
            errors[name] = "invalid_additions"
            continue
        if additions != Additions():
            form = additions_as_form(additions)
            stored[name] = {part: value for part, value in form.items() if value}
    return stored


def _filled(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is not empty."""
    return {name: value for name, value in given.items() if value not in (None, "", [])}
