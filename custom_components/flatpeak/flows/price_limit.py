"""The form of a schedule by price limit."""

from collections.abc import Iterable, Mapping
from typing import Any, override

from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import TextSelector
import voluptuous as vol

from ..const import (
    ABOVE,
    ABSOLUTE,
    BELOW,
    CONF_BOUNDS,
    CONF_CONDITION,
    CONF_DIRECTION,
    CONF_LEAST,
    CONF_LIMIT,
    CONF_LIMIT_KIND,
    RELATIVE,
)
from ..forms import read_price_limit
from ..forms.options import fields
from ..forms.price_limit import BOUNDS
from ..forms.selectors import choice, price
from ..model import MINUTE, Direction, KindName
from .common import (
    HOURS,
    ScheduleFlow,
    common_mistakes,
    finite,
)


def _form(directions: Iterable[Direction], *, collapsed: bool) -> vol.Schema:
    """Return the form, for a home that has prices of some directions."""
    bounds = vol.Schema(fields(BOUNDS))
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Required(CONF_CONDITION, default=BELOW): choice([BELOW, ABOVE], "condition"),
            vol.Required(CONF_LIMIT_KIND, default=ABSOLUTE): choice(
                [ABSOLUTE, RELATIVE], "limit_kind"
            ),
            vol.Required(CONF_LIMIT, default=0): price(None),
            vol.Required(CONF_DIRECTION, default=Direction.IMPORT.value): choice(
                [direction.value for direction in directions], "direction"
            ),
            **HOURS,
            # without a default of its own: it would hide the ones inside from the browser
            vol.Optional(CONF_BOUNDS): section(bounds, {"collapsed": collapsed}),
        }
    )


class PriceLimitFlow(ScheduleFlow):
    """A schedule by price limit."""

    kind = KindName.PRICE_LIMIT
    _bounds_are_open = False

    @override
    async def _schema(self) -> vol.Schema:
        """Return the form."""
        return _form(self._directions(), collapsed=not self._bounds_are_open)

    @override
    def _data(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is stored: flat, and of the bounds only what is set."""
        flat = {**user_input, **(user_input.get(CONF_BOUNDS) or {})}
        flat.pop(CONF_BOUNDS, None)
        data = {name: value for name, value in flat.items() if value is not None}
        if not data.get(CONF_LEAST):
            data.pop(CONF_LEAST, None)
        return data

    @override
    def _shown(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return stored values in their section."""
        bounds = {name: data[name] for one in BOUNDS if (name := one.key) in data}
        self._bounds_are_open = bool(bounds)
        return {**data, CONF_BOUNDS: bounds}

    @override
    def _mistakes(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Tell what is wrong with a schedule, by field."""
        if not all(map(finite, data.values())):
            return {"base": "invalid_value"}
        target = read_price_limit(data).target
        errors = common_mistakes(data, target.frame)
        if target.limit.relative is not None and not 0.01 <= target.limit.relative <= 1:
            errors[CONF_LIMIT] = "no_share"
        if target.minimum > target.frame.length:
            errors[CONF_BOUNDS] = "least_too_long"
        elif target.maximum is not None and target.maximum < max(target.minimum, MINUTE):
            errors[CONF_BOUNDS] = "most_too_short"
        return errors
