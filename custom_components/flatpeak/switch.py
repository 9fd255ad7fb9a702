"""Switch: whether a schedule plans at all."""

from dataclasses import replace
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import FlatpeakConfigEntry
from .entity import EntityKeeper, LastingEntity, schedule_rows

# all changes of one action are to be in one request
PARALLEL_UPDATES = 0

ENABLED = SwitchEntityDescription(key="enabled", entity_category=EntityCategory.CONFIG)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switch of each schedule."""
    home = entry.runtime_data
    rows = schedule_rows(home, ENABLED, EnabledSwitch)
    await EntityKeeper(home, Platform.SWITCH, async_add_entities, rows).async_begin()


class EnabledSwitch(LastingEntity, SwitchEntity):
    """Off: no plan, no requests, nothing is switched on."""

    @property
    @override
    def is_on(self) -> bool:
        """Whether the schedule plans."""
        return self.coordinator.data.target.enabled

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Plan from now on."""
        await self._enable(enabled=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Plan no more."""
        await self._enable(enabled=False)

    async def _enable(self, *, enabled: bool) -> None:
        await self.coordinator.async_change(replace(self.coordinator.data.target, enabled=enabled))
