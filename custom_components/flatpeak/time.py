"""Times: between which hours a schedule may run."""

from dataclasses import replace
from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import FlatpeakConfigEntry
from .entity import LastingEntity
from .model import Frame

PARALLEL_UPDATES = 1

START = TimeEntityDescription(key="start", entity_category=EntityCategory.CONFIG)
END = TimeEntityDescription(key="end", entity_category=EntityCategory.CONFIG)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the two times of each schedule."""
    for subentry_id, schedule in entry.runtime_data.schedules.items():
        async_add_entities(
            [StartTime(schedule, START), EndTime(schedule, END)], config_subentry_id=subentry_id
        )


class FrameTime(LastingEntity, TimeEntity):
    """One side of the hours a schedule may use, by the location's clock."""

    async def _async_set_frame(self, frame: Frame) -> None:
        """Use other hours, from now on. They have to leave room for the duration."""
        wish = self.coordinator.data.wish
        if wish.duration > frame.length:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="duration_too_long",
                translation_placeholders={
                    "start": f"{frame.start:%H:%M}",
                    "end": f"{frame.end:%H:%M}",
                },
            )
        await self.coordinator.async_wish(replace(wish, frame=frame))


class StartTime(FrameTime):
    """When a period begins."""

    @property
    @override
    def native_value(self) -> time:
        """The time of day."""
        return self.coordinator.data.wish.frame.start

    @override
    async def async_set_value(self, value: time) -> None:
        """Begin at another time."""
        await self._async_set_frame(replace(self.coordinator.data.wish.frame, start=value))


class EndTime(FrameTime):
    """When a period ends."""

    @property
    @override
    def native_value(self) -> time:
        """The time of day."""
        return self.coordinator.data.wish.frame.end

    @override
    async def async_set_value(self, value: time) -> None:
        """End at another time."""
        await self._async_set_frame(replace(self.coordinator.data.wish.frame, end=value))
