"""The data of a schedule by amount of energy."""

from typing import Any, cast

from homeassistant.const import UnitOfPower

from ..const import (
    CONF_CAPACITY,
    CONF_DEVICE_ID,
    CONF_DIRECTION,
    CONF_EFFICIENCY,
    CONF_ENERGY,
    CONF_ENERGY_ENTITY,
    CONF_FALLBACK,
    CONF_MAX_POWER,
    CONF_MIN_POWER,
    CONF_SOC_ENTITY,
    CONF_TARGET_SOC,
    DEFAULT_EFFICIENCY,
    MAX_POWER,
)
from ..model import AmountTarget, Battery, Direction, Form
from .common import Json, frame_as_json, read_frame
from .options import CLOCK, SENSOR_ID, AnyOption, Option, number, read, written

SOC = Option(CONF_SOC_ENTITY, "soc_entity", SENSOR_ID)
METER = Option(CONF_ENERGY_ENTITY, "energy_entity", SENSOR_ID)
MIN_POWER = Option(CONF_MIN_POWER, "min_power", number(0, MAX_POWER, 0.1, UnitOfPower.KILO_WATT))
FALLBACK = Option(CONF_FALLBACK, "fallback", CLOCK)

TARGET: tuple[AnyOption, ...] = (MIN_POWER, FALLBACK)
SENSORS: tuple[AnyOption, ...] = (SOC, METER)


def read_amount(data: Json) -> Form[AmountTarget]:
    """Read what the form of a schedule by amount stored. Raises KeyError or ValueError."""
    soc_entity = data.get(CONF_SOC_ENTITY)
    battery = None
    if soc_entity:
        efficiency = data.get(CONF_EFFICIENCY, DEFAULT_EFFICIENCY)
        battery = Battery(float(data[CONF_CAPACITY]), float(efficiency) / 100)
    target = AmountTarget(
        Direction(data[CONF_DIRECTION]),
        read_frame(data),
        float(data[CONF_MAX_POWER]),
        energy=None if battery else float(data[CONF_ENERGY]),
        target_soc=float(data[CONF_TARGET_SOC]) if battery else None,
        **read(TARGET, data),
    )
    return Form(target, data.get(CONF_DEVICE_ID) or None, battery, **read(SENSORS, data))


def amount_as_json(form: Form) -> dict[str, Any]:
    """Write it again; what is not set is left out."""
    target = cast(AmountTarget, form.target)
    battery = form.battery and {
        CONF_CAPACITY: form.battery.capacity,
        CONF_EFFICIENCY: round(form.battery.efficiency * 100, 6),
    }
    given = {
        CONF_DIRECTION: target.direction.value,
        CONF_ENERGY: target.energy,
        CONF_TARGET_SOC: target.target_soc,
        CONF_MAX_POWER: target.max_power,
        CONF_DEVICE_ID: form.device_id,
        **written(TARGET, target),
        **written(SENSORS, form),
        **(battery or {}),
        **frame_as_json(target.frame),
    }
    return {name: value for name, value in given.items() if value is not None}
