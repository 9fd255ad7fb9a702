"""What the forms of schedules share."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
import math
from typing import Any, ClassVar

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    TimeSelector,
)
from homeassistant.helpers.translation import async_get_translations
import voluptuous as vol

from ..const import (
    CONF_DAYS,
    CONF_DIRECTION,
    CONF_END,
    CONF_EXPORT_SOURCE,
    CONF_FALLBACK,
    CONF_SOURCE,
    CONF_START,
    DAYS,
    DOMAIN,
)
from ..coordinator import FlatpeakConfigEntry, FlatpeakCoordinator
from ..forms import CODECS
from ..forms.selectors import choice
from ..model import Direction, Frame, KindName


async def option_names(hass: HomeAssistant, selector: str) -> dict[str, str]:
    """Return the names of a selector's options, for places that a browser cannot translate."""
    texts = await async_get_translations(hass, hass.config.language, "selector", {DOMAIN})
    root = f"component.{DOMAIN}.selector.{selector}.options."
    return {key.removeprefix(root): text for key, text in texts.items() if key.startswith(root)}


def finite(value: object) -> bool:
    """Tell whether a value is not one of the numbers that are none."""
    return not isinstance(value, float) or math.isfinite(value)


def is_local(entry: ConfigEntry) -> bool:
    """Tell whether a home has no account: its prices are those of Home Assistant."""
    return CONF_SOURCE in entry.data


HOURS: dict[vol.Marker, Any] = {
    vol.Required(CONF_START, default="22:00:00"): TimeSelector(),
    vol.Required(CONF_END, default="07:00:00"): TimeSelector(),
    vol.Required(CONF_DAYS, default=list(DAYS)): choice(list(DAYS), "days", several=True),
}


def common_mistakes(user_input: Mapping[str, Any], frame: Frame) -> dict[str, str]:
    """Tell what is wrong with what all schedules have, by field."""
    errors: dict[str, str] = {}
    if not user_input.get(CONF_NAME, "").strip():
        errors[CONF_NAME] = "no_name"
    if not frame.days:
        errors[CONF_DAYS] = "no_days"
    return errors


def fallback_mistakes(data: Mapping[str, Any], frame: Frame, section: str) -> dict[str, str]:
    """Tell whether a start without prices lies outside the hours, by its section."""
    if not data.get(CONF_FALLBACK) or frame.start == frame.end:
        return {}
    at = cv.time(data[CONF_FALLBACK])
    night = frame.start > frame.end
    inside = at >= frame.start or at < frame.end if night else frame.start <= at < frame.end
    return {} if inside else {section: "fallback_outside"}


class ScheduleFlow(ConfigSubentryFlow):
    """A schedule: the same questions to add and to change it."""

    kind: ClassVar[KindName]

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the schedule."""
        new = self.source == SOURCE_USER
        errors: dict[str, str] = {}
        if user_input is not None:
            data = self._data(user_input)
            errors = {**self._unsold(data), **self._mistakes(data)}
            if not errors:
                name = data[CONF_NAME] = data[CONF_NAME].strip()
                if new:
                    return self.async_create_entry(title=name, data=data)
                await self._take_at_once(data)
                return self.async_update_and_abort(
                    self._get_entry(), self._get_reconfigure_subentry(), title=name, data=data
                )
        shown = self._shown(self._data(user_input) if user_input is not None else self._present())
        schema = await self._schema()
        filled = self.add_suggested_values_to_schema(schema, shown)
        return self.async_show_form(
            step_id="user" if new else "reconfigure",
            data_schema=vol.Schema(filled.schema, extra=schema.extra),
            errors=errors,
        )

    async_step_reconfigure = async_step_user

    @abstractmethod
    async def _schema(self) -> vol.Schema:
        """Return the form."""

    @abstractmethod
    def _mistakes(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Tell what is wrong with a schedule, by field."""

    def _wanted_today(self) -> dict[str, Any]:
        """Return what is wanted today in the form's words: entities may have changed it."""
        subentry, runtime = self._get_reconfigure_subentry(), self._runtime()
        if runtime is None:
            return dict(subentry.data)
        state = runtime.schedules[subentry.subentry_id].data
        return CODECS[self.kind].as_json(replace(state.form, target=state.target))

    async def _take_at_once(self, data: dict[str, Any]) -> None:
        """Let the form's values win over the entities', even those it did not change."""
        if runtime := self._runtime():
            key = self._get_reconfigure_subentry().subentry_id
            await runtime.async_take_form(key, CODECS[self.kind].read(data))

    def _unsold(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Tell where something is to be sold and nobody knows for how much."""
        entry = self._get_entry()
        sells = not is_local(entry) or CONF_EXPORT_SOURCE in entry.data
        if sells or data[CONF_DIRECTION] != Direction.EXPORT:
            return {}
        return {CONF_DIRECTION: "no_export_price"}

    @abstractmethod
    def _data(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is stored of a form."""

    @abstractmethod
    def _shown(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return stored values as the form shows them."""

    def _present(self) -> dict[str, Any]:
        """Return the values of today."""
        if self.source == SOURCE_USER:
            return {}
        return {CONF_NAME: self._get_reconfigure_subentry().data[CONF_NAME], **self._wanted_today()}

    def _runtime(self) -> FlatpeakCoordinator | None:
        """Return what the entry consists of, None while it is not loaded."""
        entry: FlatpeakConfigEntry = self._get_entry()
        return entry.runtime_data if entry.state is ConfigEntryState.LOADED else None

    def _directions(self) -> list[Direction]:
        """Return the prices there may be; only Flatpeak has those of what a home makes itself."""
        local = is_local(self._get_entry())
        return [Direction.IMPORT, Direction.EXPORT] if local else list(Direction)

    def _price_unit(self) -> str | None:
        """Return the unit of prices, where it is known."""
        runtime = self._runtime()
        return runtime.location.price_unit if runtime else None
