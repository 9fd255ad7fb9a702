"""The form of a schedule by duration."""

from collections.abc import Iterable, Mapping
from typing import Any, override

from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import DurationSelector, DurationSelectorConfig, TextSelector
import voluptuous as vol

from ..const import CONF_DIRECTION, CONF_DURATION, CONF_SEGMENT
from ..forms import form_wish, wish_as_form
from ..model import MINUTE, Direction, Segment
from .common import HOURS, ScheduleFlow, choice, common_mistakes, is_local


def _form(directions: Iterable[Direction]) -> vol.Schema:
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
        }
    )


class DurationFlow(ScheduleFlow):
    """A schedule by duration."""

    @override
    async def _schema(self) -> vol.Schema:
        """Return the form; only Flatpeak has prices for what a home makes itself."""
        if is_local(self._get_entry()):
            return _form([Direction.IMPORT, Direction.EXPORT])
        return _form(Direction)

    @override
    def _mistakes(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Tell what is wrong with a schedule, by field."""
        wish = form_wish(data)
        errors = common_mistakes(data, wish.frame)
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
