"""The form of a schedule by duration."""

from collections.abc import Iterable, Mapping
from typing import Any, override

from homeassistant.const import CONF_NAME, UnitOfTime
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    DurationSelector,
    DurationSelectorConfig,
    TextSelector,
    TimeSelector,
)
import voluptuous as vol

from ..const import (
    CONF_ALWAYS_BELOW,
    CONF_DIRECTION,
    CONF_DURATION,
    CONF_FALLBACK,
    CONF_IN_ONE_PIECE,
    CONF_MACHINE,
    CONF_MOST_STARTS,
    CONF_NEVER_ABOVE,
    CONF_PREFER,
    CONF_RUN_THROUGH,
    CONF_SEGMENT,
    CONF_SHORTEST_PAUSE,
    CONF_SHORTEST_RUN,
)
from ..forms import form_wish, wish_as_form
from ..model import MINUTE, Direction, Preference, Segment, Wish
from .common import (
    HOURS,
    ScheduleFlow,
    choice,
    common_mistakes,
    fallback_mistakes,
    finite,
    price,
    quantity,
)

_MOST_MINUTES = 24 * 60
_MOST_STARTS = 100


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
            vol.Optional(CONF_MACHINE): section(_machine(unit), {"collapsed": collapsed}),
        }
    )


def _machine(unit: str | None) -> vol.Schema:
    """Return the part about what a machine puts up with; prices are in this unit."""
    minutes = quantity(1, _MOST_MINUTES, 1, UnitOfTime.MINUTES)
    return vol.Schema(
        {
            vol.Optional(CONF_IN_ONE_PIECE): BooleanSelector(),
            vol.Optional(CONF_RUN_THROUGH): BooleanSelector(),
            vol.Optional(CONF_SHORTEST_RUN): minutes,
            vol.Optional(CONF_SHORTEST_PAUSE): minutes,
            vol.Optional(CONF_MOST_STARTS): quantity(1, _MOST_STARTS, 1),
            vol.Optional(CONF_NEVER_ABOVE): price(unit),
            vol.Optional(CONF_ALWAYS_BELOW): price(unit),
            vol.Optional(CONF_PREFER): choice([one.value for one in Preference], "prefer"),
            vol.Optional(CONF_FALLBACK): TimeSelector(),
        }
    )


class DurationFlow(ScheduleFlow):
    """A schedule by duration."""

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
        wish = form_wish(data)
        errors = common_mistakes(data, wish.frame)
        errors |= fallback_mistakes(machine, wish.frame, CONF_MACHINE)
        if key := _machine_mistake(wish):
            errors[CONF_MACHINE] = key
        if wish.duration < MINUTE:
            errors[CONF_DURATION] = "no_duration"
        elif wish.duration > wish.frame.length:
            errors[CONF_DURATION] = "duration_too_long"
        return errors

    @override
    def _wished(self) -> dict[str, Any]:
        """Return the wish of today."""
        subentry, runtime = self._get_reconfigure_subentry(), self._runtime()
        if runtime is None:
            return dict(subentry.data)
        return wish_as_form(runtime.durations[subentry.subentry_id].data.wish)

    @override
    async def _take_at_once(self, data: dict[str, Any]) -> None:
        """Let the form's values win over the entities'."""
        if runtime := self._runtime():
            schedule = runtime.durations[self._get_reconfigure_subentry().subentry_id]
            await schedule.async_take(form_wish(data))


def _machine_mistake(wish: Wish) -> str | None:
    """Tell what is wrong with the bounds of a machine."""
    bounds = wish.constraints
    if bounds.shortest_run > wish.duration:
        return "run_too_long"
    never, always = bounds.never_beyond, bounds.always_within
    if never is not None and always is not None:
        beyond = always > never if wish.segment is Segment.LOW else always < never
        return "always_beyond_never" if beyond else None
    return None
