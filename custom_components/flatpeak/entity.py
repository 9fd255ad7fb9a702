"""What all entities share: the device they belong to, and how they come and go."""

import asyncio
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_LOCATION_ID, DASHBOARD_URL, DOMAIN, MANUFACTURER
from .coordinator import FlatpeakCoordinator, ScheduleCoordinator


def location_device(home: FlatpeakCoordinator) -> DeviceInfo:
    """Describe the device of a home; a test account says so in the name."""
    entry = home.config_entry
    return DeviceInfo(
        identifiers={(DOMAIN, entry.data[CONF_LOCATION_ID])},
        translation_key="location" if home.location.live else "test_location",
        translation_placeholders={"name": entry.title},
        manufacturer=MANUFACTURER,
        entry_type=DeviceEntryType.SERVICE,
        configuration_url=None if home.location.plans_locally else DASHBOARD_URL,
    )


@callback
def name_devices(home: FlatpeakCoordinator) -> None:
    """Call the devices of schedules what these are called today."""
    registry = dr.async_get(home.hass)
    names = {key: one.data.name for key, one in home.schedules.items()}
    for device in dr.async_entries_for_config_entry(registry, home.config_entry.entry_id):
        for domain, key in device.identifiers:
            if domain == DOMAIN and device.name != names.get(key, device.name):
                registry.async_update_device(device.id, name=names[key])


@dataclass(frozen=True, slots=True)
class Row:
    """An entity that there is to be. Another `shape` makes it another entity."""

    unique_id: str
    build: Callable[[], Entity]
    subentry_id: str | None = None
    shape: Hashable = None


class EntityKeeper:
    """Sees to it that a platform has the entities of today, while the others stay as they are."""

    def __init__(
        self,
        home: FlatpeakCoordinator,
        platform: Platform,
        add: AddConfigEntryEntitiesCallback,
        rows: Callable[[], Iterable[Row]],
    ) -> None:
        """Keep nothing yet."""
        self._home, self._platform, self._add, self._rows = home, platform, add, rows
        self._present: dict[str, tuple[Hashable, Entity]] = {}

    async def async_begin(self) -> None:
        """Add what there is, and follow what changes.

        A schedule at a time, so that many of them do not hold the event loop.
        """
        self._remove_stale()
        for subentry_id, entities in self._missing().items():
            self._add(entities, config_subentry_id=subentry_id)
            await asyncio.sleep(0)
        self._home.async_on_structure(self._sync)

    @property
    def _hass(self) -> HomeAssistant:
        return self._home.hass

    def _remove_stale(self) -> None:
        """Remove what meant something before a schedule was changed or deleted."""
        wanted, registry = {row.unique_id for row in self._rows()}, er.async_get(self._hass)
        for entity in er.async_entries_for_config_entry(registry, self._home.config_entry.entry_id):
            if entity.domain == self._platform and entity.unique_id not in wanted:
                registry.async_remove(entity.entity_id)

    @callback
    def _sync(self) -> None:
        wanted = {row.unique_id: row for row in self._rows()}
        registry = er.async_get(self._hass)
        for unique_id in self._present.keys() - wanted.keys():
            del self._present[unique_id]
            entity_id = registry.async_get_entity_id(self._platform, DOMAIN, unique_id)
            if entity_id:
                registry.async_remove(entity_id)
        for unique_id, (shape, entity) in list(self._present.items()):
            row = wanted[unique_id]
            if shape != row.shape:
                self._home.config_entry.async_create_task(self._hass, self._replace(row, entity))
        for subentry_id, entities in self._missing().items():
            self._add(entities, config_subentry_id=subentry_id)

    def _missing(self) -> dict[str | None, list[Entity]]:
        """Build the entities that there are not yet, by subentry."""
        new: dict[str | None, list[Entity]] = {}
        for row in self._rows():
            if row.unique_id not in self._present:
                new.setdefault(row.subentry_id, []).append(self._built(row))
        return new

    def _built(self, row: Row) -> Entity:
        entity = row.build()
        self._present[row.unique_id] = row.shape, entity
        return entity

    async def _replace(self, row: Row, old: Entity) -> None:
        new = self._built(row)
        await old.async_remove(force_remove=True)
        self._add([new], config_subentry_id=row.subentry_id)


def schedule_rows(
    home: FlatpeakCoordinator,
    description: EntityDescription,
    build: Callable[[ScheduleCoordinator, EntityDescription], Entity],
) -> Callable[[], Iterable[Row]]:
    """Return the rows of an entity that every schedule has."""
    return lambda: [
        schedule_row(schedule, description, partial(build, schedule, description))
        for schedule in home.schedules.values()
    ]


def schedule_row(
    schedule: ScheduleCoordinator,
    description: EntityDescription,
    build: Callable[[], Entity],
    shape: Hashable = None,
) -> Row:
    """Return the row of an entity of a schedule."""
    return Row(f"{schedule.key}_{description.key}", build, schedule.key, shape)


class ScheduleEntity(CoordinatorEntity[ScheduleCoordinator]):
    """An entity of one schedule."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: ScheduleCoordinator,
        description: EntityDescription,
        context: str | None = None,
    ) -> None:
        """Place the entity on the schedule's device."""
        super().__init__(coordinator, context)
        self.entity_description = description
        self._attr_unique_id = f"{coordinator.key}_{description.key}"
        self._attr_translation_key = description.translation_key or description.key
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, coordinator.key)},
            name=coordinator.data.name,
            manufacturer=MANUFACTURER,
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=dr.async_get_device_id_by_identifier(
                coordinator.hass,
                (DOMAIN, coordinator.config_entry.data[CONF_LOCATION_ID]),
                config_entry_id=coordinator.config_entry.entry_id,
            ),
        )

    @property
    @override
    def available(self) -> bool:
        """Whether the schedule has something to say."""
        return self.coordinator.data.available


class LastingEntity(ScheduleEntity):
    """An entity that is there whatever Flatpeak does, as the one that switches, and targets."""

    @property
    @override
    def available(self) -> bool:
        """Always."""
        return True


class HomeEntity(CoordinatorEntity[FlatpeakCoordinator]):
    """An entity of the home itself."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: FlatpeakCoordinator,
        description: EntityDescription,
        context: str | None = None,
    ) -> None:
        """Place the entity on the home's device."""
        super().__init__(coordinator, context)
        self.entity_description = description
        self._attr_unique_id = home_id(coordinator, description.key)
        self._attr_translation_key = description.key
        self._attr_device_info = location_device(coordinator)

    @property
    @override
    def available(self) -> bool:
        """Always: what these entities report does not depend on an answer."""
        return True


def home_id(home: FlatpeakCoordinator, key: str) -> str:
    """Return the unique id of an entity of the home."""
    return f"{home.config_entry.data[CONF_LOCATION_ID]}_{key}"
