"""Sensors: when, for how much, and how sure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .coordinator import FlatpeakConfigEntry
from .entity import LocationEntity, ScheduleEntity
from .location import rounded
from .model import MINUTE, DurationOutlook, Source, Status, average_rate

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ScheduleSensorDescription(SensorEntityDescription):
    """A sensor, and how to read it from an outlook at a moment.

    A `lasting` one is there whatever Flatpeak does; a `price` is per kWh in the location's
    currency.
    """

    value_fn: Callable[[DurationOutlook, datetime], StateType | datetime]
    lasting: bool = False
    price: bool = False


def _of_plan(
    read: Callable[[DurationOutlook], StateType],
) -> Callable[[DurationOutlook, datetime], StateType | datetime]:
    """Read a value of the plan, which there is only once Flatpeak has answered."""
    return lambda outlook, _now: read(outlook) if outlook.answered else None


def _next_start(outlook: DurationOutlook, now: datetime) -> datetime | None:
    window = outlook.upcoming(now)
    return window.start if window else None


def _next_end(outlook: DurationOutlook, now: datetime) -> datetime | None:
    window = outlook.running(now) or outlook.upcoming(now)
    return window.end if window else None


SENSORS = (
    ScheduleSensorDescription(
        key="next_start", device_class=SensorDeviceClass.TIMESTAMP, value_fn=_next_start
    ),
    ScheduleSensorDescription(
        key="next_end", device_class=SensorDeviceClass.TIMESTAMP, value_fn=_next_end
    ),
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
        key="confidence",
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=2,
        value_fn=_of_plan(lambda outlook: outlook.plan.confidence),
    ),
    ScheduleSensorDescription(
        key="next_update",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda outlook, _: outlook.next_update,
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

LAST_SUCCESS = SensorEntityDescription(
    key="last_success",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the location and of each schedule."""
    async_add_entities([LastSuccessSensor(entry.runtime_data.location, LAST_SUCCESS)])
    for subentry_id, schedule in entry.runtime_data.schedules.items():
        async_add_entities(
            [ScheduleSensor(schedule, description) for description in SENSORS],
            config_subentry_id=subentry_id,
        )


class ScheduleSensor(ScheduleEntity, SensorEntity):
    """A value of a schedule's outlook."""

    entity_description: ScheduleSensorDescription

    @property
    @override
    def available(self) -> bool:
        """Whether there is something to say; how it is doing, a schedule always can."""
        return super().available or self.entity_description.lasting

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """The value of this moment."""
        return self.entity_description.value_fn(self.coordinator.data, dt_util.utcnow())

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        """The unit; the one of a price depends on the location's currency."""
        if not self.entity_description.price:
            return super().native_unit_of_measurement
        return self.coordinator.location.price_unit


class LastSuccessSensor(LocationEntity, SensorEntity):
    """When Flatpeak last answered."""

    @property
    @override
    def native_value(self) -> datetime | None:
        """The moment of the last answer."""
        return self.coordinator.data.last_success
