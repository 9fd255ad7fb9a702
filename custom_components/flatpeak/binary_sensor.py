"""Binary sensors: the one that switches the load, and the connection."""

from collections.abc import Iterable
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .coordinator import CONNECTION, SWITCHES, FlatpeakConfigEntry, ScheduleCoordinator
from .entity import EntityKeeper, HomeEntity, LastingEntity, Row, home_id, schedule_rows

PARALLEL_UPDATES = 0

ACTIVE = BinarySensorEntityDescription(key="active")
CONNECTED = BinarySensorEntityDescription(
    key="connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the connection, and one binary sensor for each schedule."""
    home = entry.runtime_data
    of_schedules = schedule_rows(home, ACTIVE, ActiveBinarySensor)

    def rows() -> Iterable[Row]:
        connected = home_id(home, CONNECTED.key)
        yield Row(connected, lambda: ConnectedBinarySensor(home, CONNECTED, CONNECTION))
        yield from of_schedules()

    await EntityKeeper(home, Platform.BINARY_SENSOR, async_add_entities, rows).async_begin()


class ActiveBinarySensor(LastingEntity, BinarySensorEntity):
    """On inside a window; without a plan it is off, lest a load stays on for want of an answer."""

    _unrecorded_attributes = frozenset({"windows"})

    def __init__(self, coordinator: ScheduleCoordinator, description: EntityDescription) -> None:
        """Be told first."""
        super().__init__(coordinator, description, SWITCHES)

    @property
    @override
    def is_on(self) -> bool:
        """Whether now lies in a window."""
        return self.coordinator.data.running(dt_util.utcnow()) is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """The windows, for cards and templates."""
        windows, location = self.coordinator.data.plan.windows, self.coordinator.location
        return {"windows": [location.window_as_json(window) for window in windows]}


class ConnectedBinarySensor(HomeEntity, BinarySensorEntity):
    """On while Flatpeak answers."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the last request was answered."""
        return self.coordinator.location.connection.connected
