"""Binary sensors: the one that switches the load, and the connection."""

from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .entity import LastingEntity, LocationEntity
from .location import LocationCoordinator
from .runtime import AnySchedule, FlatpeakConfigEntry

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
    async_add_entities([ConnectedBinarySensor(entry.runtime_data.location, CONNECTED)])
    for subentry_id, schedule in entry.runtime_data.schedules.items():
        async_add_entities([ActiveBinarySensor(schedule, ACTIVE)], config_subentry_id=subentry_id)


class ActiveBinarySensor(LastingEntity[AnySchedule], BinarySensorEntity):
    """On inside a window; without a plan it is off, lest a load stays on for want of an answer."""

    _unrecorded_attributes = frozenset({"windows"})

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


class ConnectedBinarySensor(LocationEntity[LocationCoordinator], BinarySensorEntity):
    """On while Flatpeak answers."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the last request was answered."""
        return self.coordinator.data.connected
