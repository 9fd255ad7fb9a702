"""What all entities share: the device they belong to, and where their values come from."""

from collections.abc import Iterable
from typing import Any, override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_LOCATION_ID, DASHBOARD_URL, DOMAIN, MANUFACTURER
from .location import LocationCoordinator
from .schedule import ScheduleCoordinator
from .site import SiteCoordinator


def location_device(location: LocationCoordinator) -> DeviceInfo:
    """Describe the device of a location; a test account says so in the name."""
    entry = location.config_entry
    return DeviceInfo(
        identifiers={(DOMAIN, entry.data[CONF_LOCATION_ID])},
        translation_key="location" if location.live else "test_location",
        translation_placeholders={"name": entry.title},
        manufacturer=MANUFACTURER,
        entry_type=DeviceEntryType.SERVICE,
        configuration_url=None if location.at_home else DASHBOARD_URL,
    )


def remove_entities(hass: HomeAssistant, platform: Platform, unique_ids: Iterable[str]) -> None:
    """Remove entities that meant something before a schedule was changed or deleted."""
    entities = er.async_get(hass)
    for unique_id in unique_ids:
        if entity_id := entities.async_get_entity_id(platform, DOMAIN, unique_id):
            entities.async_remove(entity_id)


class ScheduleEntity[C: ScheduleCoordinator[Any]](CoordinatorEntity[C]):
    """An entity of one schedule."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: C, description: EntityDescription) -> None:
        """Place the entity on the schedule's device."""
        super().__init__(coordinator)
        self.entity_description = description
        location, subentry = coordinator.location, coordinator.subentry
        self._attr_unique_id = f"{subentry.subentry_id}_{description.key}"
        self._attr_translation_key = description.translation_key or description.key
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            name=subentry.title,
            manufacturer=MANUFACTURER,
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=dr.async_get_device_id_by_identifier(
                coordinator.hass,
                (DOMAIN, coordinator.config_entry.data[CONF_LOCATION_ID]),
                config_entry_id=location.config_entry.entry_id,
            ),
        )

    @property
    @override
    def available(self) -> bool:
        """Whether the schedule has something to say."""
        return self.coordinator.available


class LastingEntity[C: ScheduleCoordinator[Any]](ScheduleEntity[C]):
    """An entity that is there whatever Flatpeak does, as the one that switches, and wishes."""

    @property
    @override
    def available(self) -> bool:
        """Always."""
        return True


class LocationEntity[C: LocationCoordinator | SiteCoordinator](CoordinatorEntity[C]):
    """An entity of the location itself."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: C, description: EntityDescription) -> None:
        """Place the entity on the location's device."""
        super().__init__(coordinator)
        self.entity_description = description
        location_id = coordinator.config_entry.data[CONF_LOCATION_ID]
        self._attr_unique_id = f"{location_id}_{description.key}"
        self._attr_translation_key = description.key
        self._attr_device_info = location_device(coordinator.location)

    @property
    @override
    def available(self) -> bool:
        """Always: what these entities report does not depend on an answer."""
        return True
