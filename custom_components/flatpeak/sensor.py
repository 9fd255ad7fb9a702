"""Sensors: when, for how much, and how sure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
import math
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .const import CONF_LOCATION_ID
from .duration import DurationCoordinator
from .entity import LocationEntity, ScheduleEntity, remove_entities
from .limit import LimitCoordinator
from .location import LocationCoordinator, rounded
from .model import (
    MINUTE,
    AmountOutlook,
    Direction,
    Outlook,
    Source,
    Status,
    average_rate,
    savings_percentage,
)
from .price_sensor import price_ids, price_sensors
from .runtime import AnySchedule, FlatpeakConfigEntry
from .site import SiteCoordinator, Totals

PARALLEL_UPDATES = 0

type Value = StateType | datetime


@dataclass(frozen=True, kw_only=True)
class ScheduleSensorDescription[O: Outlook](SensorEntityDescription):
    """A sensor, and how to read it from an outlook at a moment.

    A `lasting` one is there whatever Flatpeak does; a `price` is per kWh in the location's
    currency, `money` an amount of it. What a cost is called where energy is sold is `sold`.
    """

    value_fn: Callable[[O, datetime], Value]
    lasting: bool = False
    price: bool = False
    money: bool = False
    sold: str | None = None


def _of_plan[O: Outlook](read: Callable[[O], StateType]) -> Callable[[O, datetime], Value]:
    """Read a value of the plan, which there is only once Flatpeak has answered."""
    return lambda outlook, _now: read(outlook) if outlook.answered else None


def _next_start(outlook: Outlook, now: datetime) -> datetime | None:
    run = outlook.upcoming(now)
    return run.start if run else None


def _next_end(outlook: Outlook, now: datetime) -> datetime | None:
    run = outlook.running(now) or outlook.upcoming(now)
    return run.end if run else None


# What only comes from the arithmetic of floats, in W.
_HAIR = 1e-6


def _power(outlook: AmountOutlook, now: datetime) -> int:
    slot = outlook.plan.running(now)
    # rounded down, so that several together stay below the limit
    return math.floor(slot.power * 1000 + _HAIR) if slot else 0


def _percentage(outlook: AmountOutlook) -> float | None:
    sold = outlook.wish.direction is Direction.EXPORT
    share = savings_percentage(outlook.plan.cost, outlook.plan.savings, sold=sold)
    return None if share is None else round(share, 2)


# Any: what both kinds of outlooks have
TIMES: tuple[ScheduleSensorDescription[Any], ...] = (
    ScheduleSensorDescription(
        key="next_start", device_class=SensorDeviceClass.TIMESTAMP, value_fn=_next_start
    ),
    ScheduleSensorDescription(
        key="next_end", device_class=SensorDeviceClass.TIMESTAMP, value_fn=_next_end
    ),
)

HEALTH: tuple[ScheduleSensorDescription[Any], ...] = (
    ScheduleSensorDescription(
        key="confidence",
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=2,
        value_fn=_of_plan(lambda outlook: outlook.plan.confidence),
    ),
    ScheduleSensorDescription(
        key="plan_source",
        device_class=SensorDeviceClass.ENUM,
        options=list(Source),
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_of_plan(lambda outlook: outlook.plan.source),
    ),
    ScheduleSensorDescription(
        key="status",
        lasting=True,
        device_class=SensorDeviceClass.ENUM,
        options=list(Status),
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda outlook, _: outlook.status,
    ),
)

# Any: of a schedule by duration or by price limit, which have the same values
WINDOW_SENSORS: tuple[ScheduleSensorDescription[Any], ...] = (
    *TIMES,
    ScheduleSensorDescription(
        key="average_rate",
        price=True,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=4,
        value_fn=_of_plan(lambda outlook: rounded(average_rate(outlook.plan.windows))),
    ),
    ScheduleSensorDescription(
        key="planned_duration",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        value_fn=_of_plan(lambda outlook: outlook.plan.length / MINUTE),
    ),
    ScheduleSensorDescription(
        key="shortfall",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_of_plan(lambda outlook: outlook.shortfall / MINUTE),
    ),
    ScheduleSensorDescription(
        key="next_update",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda outlook, _: outlook.next_update,
    ),
    *HEALTH,
)

AMOUNT_SENSORS: tuple[ScheduleSensorDescription[AmountOutlook], ...] = (
    *TIMES,
    ScheduleSensorDescription(
        key="power",
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
        value_fn=_of_plan(lambda outlook: round(outlook.plan.energy, 3)),
    ),
    ScheduleSensorDescription(
        key="cost",
        money=True,
        sold="income",
        suggested_display_precision=2,
        value_fn=_of_plan(lambda outlook: money(outlook.plan.cost)),
    ),
    ScheduleSensorDescription(
        key="savings",
        money=True,
        suggested_display_precision=2,
        value_fn=_of_plan(lambda outlook: money(outlook.plan.savings)),
    ),
    ScheduleSensorDescription(
        key="savings_percentage",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=_of_plan(_percentage),
    ),
    ScheduleSensorDescription(
        key="shortfall",
        translation_key="energy_shortfall",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_of_plan(lambda outlook: outlook.shortfall),
    ),
    *HEALTH,
)


@dataclass(frozen=True, kw_only=True)
class TotalSensorDescription(SensorEntityDescription):
    """An amount of money of all schedules by amount, and how to read it."""

    value_fn: Callable[[Totals], float | None]


TOTALS = (
    TotalSensorDescription(
        key="planned_cost",
        suggested_display_precision=2,
        value_fn=lambda totals: money(totals.cost),
    ),
    TotalSensorDescription(
        key="planned_savings",
        suggested_display_precision=2,
        value_fn=lambda totals: money(totals.savings),
    ),
    TotalSensorDescription(
        key="savings_total",
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        value_fn=lambda totals: money(totals.saved),
    ),
)

LAST_SUCCESS = SensorEntityDescription(
    key="last_success",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)


def money(amount: float | None) -> float | None:
    """Round an amount to the five decimals that Flatpeak has."""
    return None if amount is None else round(amount, 5)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the location and of each schedule."""
    data = entry.runtime_data
    async_add_entities([LastSuccessSensor(data.location, LAST_SUCCESS)])
    if data.amounts:
        async_add_entities([TotalSensor(data.site, description) for description in TOTALS])
    else:
        # of schedules that were deleted
        location_id = entry.data[CONF_LOCATION_ID]
        remove_entities(hass, Platform.SENSOR, [f"{location_id}_{one.key}" for one in TOTALS])
    async_add_entities(price_sensors(data.location))
    unused = [way for way in Direction if way not in data.prices]
    remove_entities(hass, Platform.SENSOR, price_ids(entry.data[CONF_LOCATION_ID], unused))
    windows: dict[str, DurationCoordinator | LimitCoordinator] = {**data.durations, **data.limits}
    for subentry_id, schedule in windows.items():
        async_add_entities(
            [ScheduleSensor(schedule, description) for description in WINDOW_SENSORS],
            config_subentry_id=subentry_id,
        )
    for subentry_id, amount in data.amounts.items():
        async_add_entities(
            [ScheduleSensor(amount, description) for description in AMOUNT_SENSORS],
            config_subentry_id=subentry_id,
        )


class ScheduleSensor[C: AnySchedule](ScheduleEntity[C], SensorEntity):
    """A value of a schedule's outlook."""

    # Any: of the kind of outlook that the coordinator has
    entity_description: ScheduleSensorDescription[Any]

    def __init__(self, coordinator: C, description: ScheduleSensorDescription[Any]) -> None:
        """Call a cost what it is, and give it the location's currency."""
        super().__init__(coordinator, description)
        if description.sold and coordinator.data.wish.direction is Direction.EXPORT:
            self._attr_translation_key = description.sold
        if description.money:
            self._attr_device_class = SensorDeviceClass.MONETARY

    @property
    @override
    def available(self) -> bool:
        """Whether there is something to say; how it is doing, a schedule always can."""
        return super().available or self.entity_description.lasting

    @property
    @override
    def native_value(self) -> Value:
        """The value of this moment."""
        return self.entity_description.value_fn(self.coordinator.data, dt_util.utcnow())

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        """The unit; the one of money depends on the location's currency."""
        if self.entity_description.money:
            return self.coordinator.location.currency
        if self.entity_description.price:
            return self.coordinator.location.price_unit
        return self.entity_description.native_unit_of_measurement


class TotalSensor(LocationEntity[SiteCoordinator], SensorEntity):
    """What all schedules by amount cost or save."""

    entity_description: TotalSensorDescription
    _attr_device_class = SensorDeviceClass.MONETARY

    @property
    @override
    def native_value(self) -> float | None:
        """The amount of money."""
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def native_unit_of_measurement(self) -> str:
        """The location's currency."""
        return self.coordinator.location.currency


class LastSuccessSensor(LocationEntity[LocationCoordinator], SensorEntity):
    """When Flatpeak last answered."""

    @property
    @override
    def native_value(self) -> datetime | None:
        """The moment of the last answer."""
        return self.coordinator.data.last_success
