"""The steps that set up a home without an account, on prices that are in Home Assistant."""

from collections.abc import Iterable
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_ENTITY_ID, CONF_NAME
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.util.ulid import ulid_now
import voluptuous as vol

from ..const import CONF_EXPORT_SOURCE, CONF_LOCATION_ID, CONF_SOURCE
from ..model import Direction
from ..prices import Choice, Reading
from ..prices.generic import GenericSource
from ..prices.suggestion import suggest
from .additions import ADDITIONS, additions_fields, additions_typed
from .lists import list_choice, list_form, list_mistakes, lists_of
from .sources import choice_of, find_choices, price_unit, read, stored, summary

# Answers that are none of the choices: no price, the one for buying, a sensor of one's own.
NONE, SAME, OTHER = "none", "same", "other"

_ENTITY = EntitySelector(EntitySelectorConfig(domain=["sensor", "binary_sensor", "event"]))


class PriceFlow(ConfigFlow):
    """Where prices come from, whether they are the right ones, and what is added to them."""

    _bought: Choice
    _reading: Reading
    _entity_id: str

    def __init__(self) -> None:
        """Begin with nothing."""
        # what can be chosen; forms know each by its place here
        self._choices: list[Choice] = []
        # what the last step was sent with: from then on a sensor is one for selling
        self._typed: dict[str, Any] | None = None

    async def async_step_prices(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the prices for buying come from."""
        if not self._choices:
            self._choices = await find_choices(self.hass)
            self._choices += self._chosen_before()
        offered = [one for one in self._choices if one.direction is Direction.IMPORT]
        if not offered:
            return await self.async_step_nothing()
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input[CONF_SOURCE] == OTHER:
                return await self.async_step_sensor()
            errors = await self._buy(self._choices[int(user_input[CONF_SOURCE])], CONF_SOURCE)
            if not errors:
                return await self.async_step_check()
        shown = user_input or self._before(CONF_SOURCE)
        if not shown and len(offered) == 1:
            shown = {CONF_SOURCE: self._place(offered[0])}
        schema = vol.Schema({vol.Required(CONF_SOURCE): self._selector([], offered)})
        return self._show("prices", schema, shown, errors)

    async def async_step_nothing(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that nothing was found; there may be a sensor all the same."""
        if user_input is not None:
            return await self.async_step_sensor()
        return self.async_show_form(step_id="nothing", data_schema=vol.Schema({}))

    async def async_step_sensor(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a sensor with a list of prices."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._entity_id = user_input[CONF_ENTITY_ID]
            if lists_of(self.hass, self._entity_id):
                return await self.async_step_shape()
            errors[CONF_ENTITY_ID] = "no_list"
        schema = vol.Schema({vol.Required(CONF_ENTITY_ID): _ENTITY})
        return self._show("sensor", schema, user_input or self._described_before(), errors)

    async def async_step_shape(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how its list is to be read."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = list_mistakes(user_input) or await self._take_sensor(user_input)
            if not errors:
                return await self.async_step_check()
        before = self._described_before()
        if before.get(CONF_ENTITY_ID) != self._entity_id:
            before = suggest(self.hass, self._entity_id)
        schema = list_form(self.hass, self._entity_id)
        return self._show("shape", schema, user_input or before, errors, entity=self._entity_id)

    async def async_step_check(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Tell what was read, and ask for the rest."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._typed = user_input
            if user_input[CONF_EXPORT_SOURCE] == OTHER:
                return await self.async_step_sensor()
            sold = await self._sold(user_input[CONF_EXPORT_SOURCE], errors)
            # whose price for selling is gone has nothing to add to it either
            options = additions_typed(user_input, errors, ADDITIONS if sold else ADDITIONS[:1])
            if not user_input[CONF_NAME].strip():
                errors[CONF_NAME] = "no_name"
            if not errors:
                return await self._save(user_input[CONF_NAME].strip(), sold, options)
        shown = self._typed or self._suggested()
        return self._show(
            "check",
            await self._check_form(shown),
            shown,
            errors,
            source=self._bought.title,
            **summary(self.hass, self._reading),
        )

    async def _check_form(self, shown: dict[str, Any]) -> vol.Schema:
        """Return the last form: all but what is bought already can be sold at."""
        offered = [one for one in self._choices if stored(one) != stored(self._bought)]
        # prices for selling first
        offered.sort(key=lambda one: one.direction is Direction.IMPORT)
        unit = price_unit(self.hass, self._reading)
        additions = await additions_fields(self.hass, ADDITIONS, unit, shown)
        return vol.Schema(
            {
                vol.Required(CONF_NAME): TextSelector(),
                vol.Required(CONF_EXPORT_SOURCE): self._selector([NONE, SAME], offered),
                **additions,
            }
        )

    async def _take_sensor(self, typed: dict[str, Any]) -> dict[str, str]:
        """Take a sensor that was described, for buying or selling; return what is wrong."""
        if self._typed is None:
            choice = list_choice(self.hass, self._entity_id, typed, Direction.IMPORT)
            return await self._buy(choice, "base")
        choice = list_choice(self.hass, self._entity_id, typed, Direction.EXPORT)
        reading = await read(self.hass, choice)
        if isinstance(reading, str):
            return {"base": reading}
        self._choices.append(choice)
        self._typed[CONF_EXPORT_SOURCE] = self._place(choice)
        return {}

    async def _buy(self, choice: Choice, field: str) -> dict[str, str]:
        """Take a choice for buying, or return what is wrong with it."""
        self._async_abort_entries_match({CONF_SOURCE: stored(choice)})
        reading = await read(self.hass, choice)
        if isinstance(reading, str):
            return {field: reading}
        self._bought, self._reading = choice, reading
        return {}

    async def _sold(self, picked: str, errors: dict[str, str]) -> Choice | None:
        """Return the choice for selling, None for none, or add what is wrong with it."""
        if picked == NONE:
            return None
        if picked == SAME:
            return self._bought
        choice = self._choices[int(picked)]
        reading = await read(self.hass, choice)
        if isinstance(reading, str):
            errors[CONF_EXPORT_SOURCE] = reading
        elif len({reading.currency, self._reading.currency} - {None}) > 1:
            errors[CONF_EXPORT_SOURCE] = "other_currency"
        return choice

    async def _save(
        self, name: str, sold: Choice | None, options: dict[str, Any]
    ) -> ConfigFlowResult:
        """Store what was chosen and typed."""
        data = {CONF_SOURCE: stored(self._bought)}
        if sold is not None:
            data[CONF_EXPORT_SOURCE] = stored(sold)
        if self.source != SOURCE_RECONFIGURE:
            location_id = f"local_{ulid_now()}"
            await self.async_set_unique_id(location_id)
            return self.async_create_entry(
                title=name, data={CONF_LOCATION_ID: location_id, **data}, options=options
            )
        entry = self._get_reconfigure_entry()
        kept = {key: value for key, value in entry.options.items() if key not in ADDITIONS}
        return self._finish(
            entry,
            title=name,
            data={CONF_LOCATION_ID: entry.data[CONF_LOCATION_ID], **data},
            options={**kept, **options},
        )

    def _finish(self, entry: ConfigEntry, **changes: Any) -> ConfigFlowResult:
        """Store changes of an entry; a loaded one reloads by its update listener."""
        if entry.update_listeners:
            return self.async_update_and_abort(entry, **changes)
        return self.async_update_reload_and_abort(entry, **changes)

    # What was chosen before

    def _chosen_before(self) -> list[Choice]:
        """Return what a home uses that is not found now."""
        if self.source != SOURCE_RECONFIGURE:
            return []
        data, found = self._get_reconfigure_entry().data, [stored(one) for one in self._choices]
        used = [(CONF_SOURCE, Direction.IMPORT), (CONF_EXPORT_SOURCE, Direction.EXPORT)]
        return [
            choice_of(data[name], direction)
            for name, direction in used
            if name in data and data[name] not in found
        ]

    def _before(self, name: str) -> dict[str, Any]:
        """Return what a form shows of a choice that was made before."""
        if self.source != SOURCE_RECONFIGURE:
            return {}
        data = self._get_reconfigure_entry().data.get(name)
        chosen = next((one for one in self._choices if stored(one) == data), None)
        return {name: self._place(chosen)} if chosen else {}

    def _described_before(self) -> dict[str, Any]:
        """Return what was said before of a sensor of one's own."""
        if self.source != SOURCE_RECONFIGURE:
            return {}
        name = CONF_SOURCE if self._typed is None else CONF_EXPORT_SOURCE
        data: dict[str, Any] = self._get_reconfigure_entry().data.get(name, {})
        return data if data.get(CONF_SOURCE) == GenericSource.key else {}

    def _suggested(self) -> dict[str, Any]:
        """Return what the last form begins with."""
        if self.source != SOURCE_RECONFIGURE:
            return {CONF_NAME: self._bought.title, CONF_EXPORT_SOURCE: NONE}
        entry = self._get_reconfigure_entry()
        before = self._before(CONF_EXPORT_SOURCE) or {CONF_EXPORT_SOURCE: NONE}
        if entry.data.get(CONF_EXPORT_SOURCE) in (entry.data[CONF_SOURCE], stored(self._bought)):
            before = {CONF_EXPORT_SOURCE: SAME}
        return {CONF_NAME: entry.title, **before, **entry.options}

    # Forms

    def _place(self, choice: Choice) -> str:
        """Return how forms know a choice."""
        return str(self._choices.index(choice))

    def _selector(self, first: list[str], choices: Iterable[Choice]) -> SelectSelector:
        """Offer choices; a sensor of one's own comes last."""
        named = [SelectOptionDict(value=self._place(one), label=one.title) for one in choices]
        plain = [SelectOptionDict(value=name, label=name) for name in (*first, OTHER)]
        options = [*plain[:-1], *named, plain[-1]]
        return SelectSelector(
            SelectSelectorConfig(
                options=options, translation_key="price_choice", mode=SelectSelectorMode.DROPDOWN
            )
        )

    def _show(
        self,
        step_id: str,
        schema: vol.Schema,
        shown: dict[str, Any],
        errors: dict[str, str],
        **placeholders: str,
    ) -> ConfigFlowResult:
        """Show a form, filled in as far as it is known."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
            description_placeholders=placeholders,
        )
