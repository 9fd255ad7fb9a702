"""What a sensor of a device says, in the units of the engine."""

from collections.abc import Callable
import math

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfEnergy
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util.unit_conversion import EnergyConverter

from ..engine import HomeState, Reading
from ..model import Form


class SensorWatch:
    """Hears of all sensors of schedules, and knows what is new in what they say."""

    def __init__(self, hass: HomeAssistant, changed: Callable[[], None]) -> None:
        """Watch nothing yet."""
        self._hass = hass
        self._changed = changed
        self._watched = frozenset[str]()
        self._unsubscribe: CALLBACK_TYPE | None = None

    def watch(self, home: HomeState) -> None:
        """Hear of the sensors of today."""
        wanted = frozenset(one.form.sensor for one in home.schedules.values() if one.form.sensor)
        if wanted != self._watched:
            self.close()
            self._watched = wanted
            self._unsubscribe = async_track_state_change_event(self._hass, wanted, self._on_change)

    def close(self) -> None:
        """Hear no more."""
        if self._unsubscribe:
            self._unsubscribe()
            self._unsubscribe = None

    def news(self, home: HomeState) -> dict[str, Reading | None]:
        """Return what sensors say that a home does not know yet."""
        return {
            key: reading
            for key, one in home.schedules.items()
            if one.form.sensor and (reading := sensor_reading(self._hass, one.form)) != one.reading
        }

    @callback
    def _on_change(self, _event: Event[EventStateChangedData]) -> None:
        self._changed()


def sensor_reading(hass: HomeAssistant, form: Form) -> Reading | None:
    """Return what the sensor of a schedule says, None where there is none."""
    state = hass.states.get(form.sensor) if form.sensor else None
    if state is None:
        return None
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    value = _level(state.state) if form.battery else _energy(state.state, unit)
    return Reading(value, state.last_reported, state.last_changed)


def _level(text: str) -> float | None:
    """Read a state of charge in per cent; None where it is no number that says something."""
    value = _number(text)
    return value if value is not None and value <= 100 else None


def _energy(text: str, unit: str | None) -> float | None:
    """Read a meter in kWh; None where it is no number that says something."""
    value = _number(text)
    if value is None or unit not in EnergyConverter.VALID_UNITS:
        return value
    return EnergyConverter.convert(value, unit, UnitOfEnergy.KILO_WATT_HOUR)


def _number(text: str) -> float | None:
    """Read what neither a meter nor a battery can have less of than nothing."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
