"""Number: how many minutes are wanted."""

from dataclasses import replace
import math
from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import FlatpeakConfigEntry
from .entity import LastingEntity
from .model import MINUTE

PARALLEL_UPDATES = 1


DURATION = NumberEntityDescription(
    key="duration",
    device_class=NumberDeviceClass.DURATION,
    native_unit_of_measurement=UnitOfTime.MINUTES,
    entity_category=EntityCategory.CONFIG,
    native_min_value=1,
    native_step=1,
    mode=NumberMode.BOX,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the duration of each schedule."""
    for subentry_id, schedule in entry.runtime_data.schedules.items():
        async_add_entities([DurationNumber(schedule, DURATION)], config_subentry_id=subentry_id)


class DurationNumber(LastingEntity, NumberEntity):
    """The minutes wanted in each period."""

    @property
    @override
    def native_value(self) -> float:
        """The minutes wanted."""
        return self.coordinator.data.wish.duration / MINUTE

    @property
    @override
    def native_max_value(self) -> float:
        """As long as a period lasts."""
        return self.coordinator.data.wish.frame.length / MINUTE

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Want another number of minutes, from now on."""
        if math.isnan(value):  # is neither below the least nor above the most
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_duration")
        await self.coordinator.async_wish(
            replace(self.coordinator.data.wish, duration=value * MINUTE)
        )
