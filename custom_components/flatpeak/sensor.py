"""Sensors: when, for how much, and how sure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .coordinator import (
    CONNECTION,
    SWITCHES,
    FlatpeakConfigEntry,
    FlatpeakCoordinator,
    ScheduleCoordinator,
)
from .engine import Totals, totals
from .entities import FACES, ScheduleSensorDescription, Value, price_rows
from .entities.amount import money
from .entity import EntityKeeper, HomeEntity, Row, ScheduleEntity, home_id, schedule_row
from .model import Direction, KindName

PARALLEL_UPDATES = 0


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


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the home and of each schedule."""
    home = entry.runtime_data
    await EntityKeeper(home, Platform.SENSOR, async_add_entities, lambda: _rows(home)).async_begin()


def _rows(home: FlatpeakCoordinator) -> Iterable[Row]:
    yield Row(
        home_id(home, LAST_SUCCESS.key), lambda: LastSuccessSensor(home, LAST_SUCCESS, CONNECTION)
    )
    if home.of_kind(KindName.AMOUNT):
        for total in TOTALS:
            yield Row(home_id(home, total.key), partial(TotalSensor, home, total))
    yield from price_rows(home)
    for schedule in home.schedules.values():
        for one in FACES[schedule.data.kind].sensors:
            # what is sold has another name
            sold = one.sold and schedule.data.target.direction is Direction.EXPORT
            yield schedule_row(schedule, one, partial(ScheduleSensor, schedule, one), sold)


class ScheduleSensor(ScheduleEntity, SensorEntity):
    """A value of a schedule."""

    entity_description: ScheduleSensorDescription

    def __init__(
        self, coordinator: ScheduleCoordinator, description: ScheduleSensorDescription
    ) -> None:
        """Call a cost what it is, and give it the home's currency."""
        super().__init__(coordinator, description, SWITCHES if description.switches else None)
        if description.sold and coordinator.data.target.direction is Direction.EXPORT:
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
        """The unit; the one of money depends on the home's currency."""
        if self.entity_description.money:
            return self.coordinator.location.currency
        if self.entity_description.price:
            return self.coordinator.location.price_unit
        return self.entity_description.native_unit_of_measurement


class TotalSensor(HomeEntity, SensorEntity):
    """What all schedules by amount cost or save."""

    entity_description: TotalSensorDescription
    _attr_device_class = SensorDeviceClass.MONETARY

    @property
    @override
    def native_value(self) -> float | None:
        """The amount of money."""
        return self.entity_description.value_fn(totals(self.coordinator.data))

    @property
    @override
    def native_unit_of_measurement(self) -> str:
        """The home's currency."""
        return self.coordinator.location.currency


class LastSuccessSensor(HomeEntity, SensorEntity):
    """When somebody last answered."""

    @property
    @override
    def native_value(self) -> datetime | None:
        """The moment of the last answer."""
        return self.coordinator.location.connection.last_success
