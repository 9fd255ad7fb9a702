"""What a schedule by amount of energy shows."""

from dataclasses import replace
from datetime import datetime
import math
from typing import cast

from homeassistant.components.number import NumberDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfEnergy,
    UnitOfPower,
)

from ..const import MAX_ENERGY, MAX_POWER
from ..engine import ScheduleState
from ..model import AmountPlan, AmountTarget, Direction, Target, savings_percentage
from ..model.tolerances import WATT_NOISE
from .descriptions import (
    HEALTH,
    TIMES,
    Face,
    ScheduleSensorDescription,
    TargetNumberDescription,
    of_plan,
    shortfall,
)


def money(amount: float | None) -> float | None:
    """Round an amount to the five decimals that Flatpeak has."""
    return None if amount is None else round(amount, 5)


def _plan(state: ScheduleState) -> AmountPlan:
    return cast(AmountPlan, state.plan)


def _power(state: ScheduleState, now: datetime) -> int:
    # rounded down, so that several together stay below the limit
    return math.floor(state.power(now) * 1000 + WATT_NOISE)


def _percentage(state: ScheduleState) -> float | None:
    plan, sold = _plan(state), state.target.direction is Direction.EXPORT
    share = savings_percentage(plan.cost, plan.savings, sold=sold)
    return None if share is None else round(share, 2)


SENSORS = (
    *TIMES,
    ScheduleSensorDescription(
        key="power",
        switches=True,
        lasting=True,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=_power,
    ),
    ScheduleSensorDescription(
        key="planned_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value_fn=of_plan(lambda state: round(_plan(state).energy, 3)),
    ),
    ScheduleSensorDescription(
        key="cost",
        money=True,
        sold="income",
        suggested_display_precision=2,
        value_fn=of_plan(lambda state: money(_plan(state).cost)),
    ),
    ScheduleSensorDescription(
        key="savings",
        money=True,
        suggested_display_precision=2,
        value_fn=of_plan(lambda state: money(_plan(state).savings)),
    ),
    ScheduleSensorDescription(
        key="savings_percentage",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=of_plan(_percentage),
    ),
    ScheduleSensorDescription(
        key="shortfall",
        translation_key="energy_shortfall",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=of_plan(shortfall),
    ),
    *HEALTH,
)


def _too_weak(target: Target) -> tuple[str, dict[str, str]] | None:
    target = cast(AmountTarget, target)
    if target.max_power >= target.min_power:
        return None
    return "power_below_minimum", {"minimum": f"{target.min_power:g}"}


NUMBERS = (
    TargetNumberDescription(
        key="energy",
        device_class=NumberDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        native_min_value=0,
        native_max_value=MAX_ENERGY,
        native_step=0.1,
        read=lambda target: cast(AmountTarget, target).energy,
        changed=lambda target, value: replace(cast(AmountTarget, target), energy=value),
    ),
    TargetNumberDescription(
        key="target_soc",
        device_class=NumberDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        native_min_value=0,
        native_max_value=100,
        native_step=1,
        read=lambda target: cast(AmountTarget, target).target_soc,
        changed=lambda target, value: replace(cast(AmountTarget, target), target_soc=value),
    ),
    TargetNumberDescription(
        key="max_power",
        device_class=NumberDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        native_min_value=0.1,
        native_max_value=MAX_POWER,
        native_step=0.1,
        read=lambda target: cast(AmountTarget, target).max_power,
        changed=lambda target, value: replace(cast(AmountTarget, target), max_power=value),
        mistake=_too_weak,
    ),
)

FACE = Face(SENSORS, NUMBERS)
