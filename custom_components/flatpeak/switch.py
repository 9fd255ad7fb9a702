"""Switch: whether a schedule plans at all."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import LastingEntity
from .runtime import AnySchedule, FlatpeakConfigEntry

# all changes of one action are to be in one request
PARALLEL_UPDATES = 0

ENABLED = SwitchEntityDescription(key="enabled", entity_category=EntityCategory.CONFIG)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switch of each schedule."""
    for subentry_id, schedule in entry.runtime_data.schedules.items():
        async_add_entities([EnabledSwitch(schedule, ENABLED)], config_subentry_id=subentry_id)


class EnabledSwitch(LastingEntity[AnySchedule], SwitchEntity):
    """Off: no plan, no requests, nothing is switched on."""

    @property
    @override
    def is_on(self) -> bool:
        """Whether the schedule plans."""
        return self.coordinator.data.wish.enabled

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Plan from now on."""
        await self.coordinator.async_enable(enabled=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Stop at once."""
        await self.coordinator.async_enable(enabled=False)
