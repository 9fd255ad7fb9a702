"""The form of a schedule by amount of energy."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, override

from homeassistant.config_entries import SOURCE_USER
from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    CONF_NAME,
    PERCENTAGE,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfEnergy,
    UnitOfPower,
)
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.util.unit_conversion import EnergyConverter
import voluptuous as vol

from ..const import (
    CONF_ADVANCED,
    CONF_BATTERY,
    CONF_CAPACITY,
    CONF_DAYS,
    CONF_DEVICE_ID,
    CONF_DIRECTION,
    CONF_EFFICIENCY,
    CONF_END,
    CONF_ENERGY,
    CONF_ENERGY_ENTITY,
    CONF_FALLBACK,
    CONF_MAX_POWER,
    CONF_MIN_POWER,
    CONF_SOC_ENTITY,
    CONF_START,
    CONF_TARGET_SOC,
    DEFAULT_EFFICIENCY,
    LOGGER,
    MAX_ENERGY,
    MAX_POWER,
    REFERENCE,
)
from ..forms import read_frame
from ..forms.amount import FALLBACK, METER, MIN_POWER, SOC
from ..forms.options import fields
from ..forms.selectors import choice, quantity
from ..model import HOUR, Device, Direction, KindName
from ..model.errors import FlatpeakError
from .common import (
    HOURS,
    ScheduleFlow,
    common_mistakes,
    fallback_mistakes,
    finite,
    is_local,
)

_KWH, _KW = UnitOfEnergy.KILO_WATT_HOUR, UnitOfPower.KILO_WATT
_BATTERY = (CONF_SOC_ENTITY, CONF_CAPACITY, CONF_TARGET_SOC, CONF_EFFICIENCY)
_ADVANCED = (CONF_MIN_POWER, CONF_ENERGY_ENTITY, CONF_FALLBACK, CONF_DEVICE_ID)
# What a charger on one phase of 32 A draws, in kW.
_USUAL_POWER = 7.4
# What a battery has to say besides how full it is.
_NEEDED = (CONF_CAPACITY, CONF_TARGET_SOC)
_NAMES = {
    *(CONF_NAME, CONF_DIRECTION, CONF_ENERGY, CONF_MAX_POWER, CONF_START, CONF_END, CONF_DAYS),
    *(*_BATTERY, *_ADVANCED),
}

BATTERY = vol.Schema(
    {
        **fields([SOC]),
        vol.Optional(CONF_CAPACITY): quantity(0.1, MAX_ENERGY, 0.1, _KWH),
        vol.Optional(CONF_TARGET_SOC): quantity(0, 100, 1, PERCENTAGE),
        vol.Optional(CONF_EFFICIENCY, default=DEFAULT_EFFICIENCY): quantity(10, 100, 1, PERCENTAGE),
    }
)


def _advanced(devices: list[SelectOptionDict] | None) -> vol.Schema:
    """Return the rest; without an account there are no devices to ask about."""
    schema = vol.Schema(fields([MIN_POWER, METER, FALLBACK]))
    if devices is None:
        return schema
    selector = SelectSelector(
        SelectSelectorConfig(options=devices, custom_value=True, mode=SelectSelectorMode.DROPDOWN)
    )
    return schema.extend({vol.Optional(CONF_DEVICE_ID): selector})


def _form(devices: list[SelectOptionDict] | None, shown: Mapping[str, Any]) -> vol.Schema:
    """Return the form; a section that holds something is open.

    What stands in a section may also be given without it, as it is stored.
    """
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Required(CONF_DIRECTION, default=Direction.IMPORT.value): choice(
                [Direction.IMPORT.value, Direction.EXPORT.value], "way"
            ),
            # automations may want none for once
            vol.Optional(CONF_ENERGY): quantity(0, MAX_ENERGY, 0.1, _KWH),
            vol.Required(CONF_MAX_POWER, default=_USUAL_POWER): quantity(0.1, MAX_POWER, 0.1, _KW),
            **HOURS,
            vol.Optional(CONF_BATTERY): section(
                BATTERY, {"collapsed": not any(shown.get(name) for name in _BATTERY[:3])}
            ),
            vol.Optional(CONF_ADVANCED): section(
                _advanced(devices), {"collapsed": not any(shown.get(name) for name in _ADVANCED)}
            ),
        },
        extra=vol.ALLOW_EXTRA,
    )


class AmountFlow(ScheduleFlow):
    """A schedule by amount of energy."""

    kind = KindName.AMOUNT
    _typed: dict[str, Any] | None = None
    _devices: tuple[Device, ...] | None = None

    @override
    async def _schema(self) -> vol.Schema:
        """Return the form, with the devices that are free."""
        shown = self._present() if self._typed is None else self._typed
        if is_local(self._get_entry()):
            return _form(None, shown)
        taken = dict(self._others())
        options = [
            SelectOptionDict(value=device.id, label=device.reference or device.id)
            for device in await self._known_devices()
            if device.id not in taken and not (device.reference or "").startswith(REFERENCE)
        ]
        return _form(options, shown)

    async def _known_devices(self) -> tuple[Device, ...]:
        """Return the devices of the account; without them the form works as well."""
        if self._devices is None:
            self._devices = ()
            if runtime := self._runtime():
                try:
                    self._devices = await runtime.location.devices()
                except FlatpeakError as err:
                    LOGGER.debug("No devices to choose from: %s", err)
        return self._devices

    @override
    def _data(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is stored: flat, without what is empty or stands for nothing."""
        flat = {**user_input, **(user_input.get(CONF_BATTERY) or {})}
        flat |= user_input.get(CONF_ADVANCED) or {}
        stripped = {
            name: value.strip() if isinstance(value, str) else value
            for name, value in flat.items()
            if name in _NAMES
        }
        self._typed = {name: value for name, value in stripped.items() if value not in (None, "")}
        data = dict(self._typed)
        for name in [CONF_ENERGY] if CONF_SOC_ENTITY in data else _BATTERY:
            data.pop(name, None)
        return data

    @override
    def _shown(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return stored values in their sections."""
        data = self._typed if self._typed is not None else data
        inner = {
            part: {name: data[name] for name in names if name in data}
            for part, names in ((CONF_BATTERY, _BATTERY), (CONF_ADVANCED, _ADVANCED))
        }
        return {**data, **inner}

    @override
    def _mistakes(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Tell what is wrong with a schedule, by field; a section names its own."""
        try:
            vol.Schema({**BATTERY.schema, **_advanced([]).schema}, extra=vol.REMOVE_EXTRA)(
                dict(data)
            )
        except vol.Invalid:
            return {"base": "invalid_value"}  # given without its section, which was not checked
        if not all(map(finite, data.values())):
            return {"base": "invalid_value"}
        frame = read_frame(data)
        return {
            **common_mistakes(data, frame),
            **self._energy_mistakes(data, data[CONF_MAX_POWER] * (frame.length / HOUR)),
            **self._advanced_mistakes(data),
            **fallback_mistakes(data, frame, CONF_ADVANCED),
        }

    def _energy_mistakes(self, data: Mapping[str, Any], most: float) -> dict[str, str]:
        """Tell what is wrong with how much is wanted; more than `most` kWh do not fit."""
        energy = data.get(CONF_ENERGY, 0.0)
        if CONF_SOC_ENTITY in data:
            if any(name not in data for name in _NEEDED):
                return {CONF_BATTERY: "battery_incomplete"}
            if not self._measures(data[CONF_SOC_ENTITY], {PERCENTAGE, None}):
                return {CONF_BATTERY: "no_percentage"}
        elif not energy and (CONF_ENERGY not in data or self.source == SOURCE_USER):
            incomplete = self._typed and any(name in self._typed for name in _NEEDED)
            return {CONF_ENERGY: "no_sensor" if incomplete else "no_energy"}
        elif energy > most:
            return {CONF_ENERGY: "energy_too_much"}
        return {}

    def _advanced_mistakes(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Tell what is wrong with the settings that most people do not need."""
        device_id = data.get(CONF_DEVICE_ID)
        if data.get(CONF_MIN_POWER, 0.0) > data[CONF_MAX_POWER]:
            return {CONF_ADVANCED: "power_below_minimum"}
        if device_id in dict(self._others()):
            return {CONF_ADVANCED: "device_in_use"}
        if not self._may_be(device_id):
            return {CONF_ADVANCED: "unknown_device"}
        if not self._measures(data.get(CONF_ENERGY_ENTITY), EnergyConverter.VALID_UNITS):
            return {CONF_ADVANCED: "no_energy_meter"}
        return {}

    def _measures(self, entity_id: str | None, units: Collection[str | None]) -> bool:
        """Tell whether a sensor may be the right one: one that is not there now may be."""
        state = self.hass.states.get(entity_id) if entity_id else None
        if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            return True
        return state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) in units

    def _may_be(self, device_id: str | None) -> bool:
        """Tell whether a device is one of the account, as far as they are known."""
        known = {device.id for device in self._devices or ()}
        return not known or device_id is None or device_id in known

    def _others(self) -> Iterator[tuple[str, str]]:
        """Return the devices of all other schedules by amount, with their subentry ids."""
        own = None if self.source == SOURCE_USER else self._get_reconfigure_subentry().subentry_id
        if runtime := self._runtime():
            for key, schedule in runtime.schedules.items():
                if key != own and (device_id := schedule.data.device_id):
                    yield device_id, key
        for key, subentry in self._get_entry().subentries.items():
            if key != own and (device_id := subentry.data.get(CONF_DEVICE_ID)):
                yield device_id, key
