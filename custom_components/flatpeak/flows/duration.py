"""The form of a schedule by duration."""

from collections.abc import Iterable, Mapping
from typing import Any, override

from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    DurationSelector,
    DurationSelectorConfig,
    TextSelector,
)
import voluptuous as vol

from ..const import (
    CONF_DIRECTION,
    CONF_DURATION,
    CONF_MACHINE,
    CONF_SEGMENT,
)
from ..forms import read_duration
from ..forms.duration import MACHINE
from ..forms.options import fields
from ..forms.selectors import choice
from ..model import MINUTE, Direction, DurationTarget, KindName, Segment
from .common import (
    HOURS,
    ScheduleFlow,
    common_mistakes,
    fallback_mistakes,
    finite,
)


def _form(directions: Iterable[Direction], unit: str | None, *, collapsed: bool) -> vol.Schema:
    """Return the form, for a home that has prices of some directions."""
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Required(CONF_SEGMENT, default=Segment.LOW.value): choice(
                [segment.value for segment in Segment], "segment"
            ),
            vol.Required(CONF_DIRECTION, default=Direction.IMPORT.value): choice(
                [direction.value for direction in directions], "direction"
            ),
            vol.Required(CONF_DURATION, default={"hours": 3, "minutes": 0}): DurationSelector(
                DurationSelectorConfig(enable_second=False)
            ),
            **HOURS,
            # without a default of its own: it would hide the ones inside from the browser
            vol.Optional(CONF_MACHINE): section(
                vol.Schema(fields(MACHINE, unit)), {"collapsed": collapsed}
            ),
        }
    )


class DurationFlow(ScheduleFlow):
    """A schedule by duration."""

    kind = KindName.DURATION
    _machine_is_open = False

    @override
    async def _schema(self) -> vol.Schema:
        """Return the form."""
        return _form(self._directions(), self._price_unit(), collapsed=not self._machine_is_open)

    @override
    def _data(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is stored: of a machine only what it asks for."""
        data = dict(user_input)
        machine = data.pop(CONF_MACHINE, None) or {}
        # a price of zero is asked for, too
        asked = {
            name: value
            for name, value in machine.items()
            if not (value is None or value is False or value == "")
        }
        return {**data, CONF_MACHINE: asked} if asked else data

    @override
    def _shown(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return stored values; what a machine asks for is seen at once."""
        self._machine_is_open = bool(data.get(CONF_MACHINE))
        return dict(data)

    @override
    def _mistakes(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Tell what is wrong with a schedule, by field."""
        machine = data.get(CONF_MACHINE, {})
        if not all(map(finite, machine.values())):
            return {CONF_MACHINE: "invalid_value"}
        target = read_duration(data).target
        errors = common_mistakes(data, target.frame)
        errors |= fallback_mistakes(machine, target.frame, CONF_MACHINE)
        if key := _machine_mistake(target):
            errors[CONF_MACHINE] = key
        if target.duration < MINUTE:
            errors[CONF_DURATION] = "no_duration"
        elif target.duration > target.frame.length:
            errors[CONF_DURATION] = "duration_too_long"
        return errors


def _machine_mistake(target: DurationTarget) -> str | None:
    """Tell what is wrong with the bounds of a machine."""
    bounds = target.constraints
    if bounds.shortest_run > target.duration:
        return "run_too_long"
    never, always = bounds.never_beyond, bounds.always_within
    if never is not None and always is not None:
        beyond = always > never if target.segment is Segment.LOW else always < never
        return "always_beyond_never" if beyond else None
    return None
