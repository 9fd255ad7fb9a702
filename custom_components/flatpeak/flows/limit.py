"""The form of a schedule by price limit."""

from collections.abc import Iterable, Mapping
from typing import Any, override

from homeassistant.const import CONF_NAME, UnitOfTime
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
    CONF_MOST,
    RELATIVE,
)
from ..forms import form_limit, limit_as_form
from ..model import MINUTE, Direction
from .common import (
    HOURS,
    ScheduleFlow,
    choice,
    common_mistakes,
    finite,
    price,
    quantity,
)

_MOST_MINUTES = 24 * 60
_BOUNDS = (CONF_LEAST, CONF_MOST)


def _form(directions: Iterable[Direction], *, collapsed: bool) -> vol.Schema:
    """Return the form, for a home that has prices of some directions."""
    minutes = quantity(0, _MOST_MINUTES, 1, UnitOfTime.MINUTES)
    bounds = vol.Schema({vol.Optional(name): minutes for name in _BOUNDS})
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


class LimitFlow(ScheduleFlow):
    """A schedule by price limit."""

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
        bounds = {name: data[name] for name in _BOUNDS if name in data}
        self._bounds_are_open = bool(bounds)
        return {**data, CONF_BOUNDS: bounds}

    @override
    def _mistakes(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Tell what is wrong with a schedule, by field."""
        if not all(map(finite, data.values())):
            return {"base": "invalid_value"}
        wish = form_limit(data)
        errors = common_mistakes(data, wish.frame)
        if wish.limit.relative is not None and not 0.01 <= wish.limit.relative <= 1:
            errors[CONF_LIMIT] = "no_share"
        if wish.least > wish.frame.length:
            errors[CONF_BOUNDS] = "least_too_long"
        elif wish.most is not None and wish.most < max(wish.least, MINUTE):
            errors[CONF_BOUNDS] = "most_too_short"
        return errors

    @override
    def _wished(self) -> dict[str, Any]:
        """Return the wish of today."""
        subentry, runtime = self._get_reconfigure_subentry(), self._runtime()
        if runtime is None:
            return dict(subentry.data)
        return limit_as_form(runtime.limits[subentry.subentry_id].data.wish)

    @override
    async def _take_at_once(self, data: dict[str, Any]) -> None:
        """Let the form's values win over the entities'."""
        if runtime := self._runtime():
            schedule = runtime.limits[self._get_reconfigure_subentry().subentry_id]
            await schedule.async_take(form_limit(data))
