"""Numbers: how many minutes, how much energy, up to which price."""

from collections.abc import Iterable
from functools import partial
import math
from typing import override

from homeassistant.components.number import NumberEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import FlatpeakConfigEntry, FlatpeakCoordinator
from .entities import FACES, TargetNumberDescription
from .entity import EntityKeeper, LastingEntity, Row, schedule_row

# all changes of one action are to be in one request
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the numbers of each schedule."""
    home = entry.runtime_data
    await EntityKeeper(home, Platform.NUMBER, async_add_entities, lambda: _rows(home)).async_begin()


def _rows(home: FlatpeakCoordinator) -> Iterable[Row]:
    for schedule in home.schedules.values():
        for one in FACES[schedule.data.kind].numbers:
            if one.read(schedule.data.target) is not None:
                build = partial(TargetNumber, schedule, one)
                yield schedule_row(schedule, one, build, one.translation_key)


class TargetNumber(LastingEntity, NumberEntity):
    """A number of what is wanted."""

    entity_description: TargetNumberDescription

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        """The unit; the one of prices depends on the home's currency."""
        if self.entity_description.price:
            return self.coordinator.location.price_unit
        return self.entity_description.native_unit_of_measurement

    @property
    @override
    def native_max_value(self) -> float:
        """The most there may be."""
        if maximum := self.entity_description.maximum:
            return maximum(self.coordinator.data.target)
        return super().native_max_value

    @property
    @override
    def native_value(self) -> float | None:
        """The number."""
        return self.entity_description.read(self.coordinator.data.target)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Want something else, from now on."""
        description = self.entity_description
        if math.isnan(value):  # is neither below the least nor above the most
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key=description.not_a_number
            )
        target = description.changed(self.coordinator.data.target, value)
        if mistake := description.mistake(target):
            key, placeholders = mistake
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key=key,
                translation_placeholders=placeholders,
            )
        await self.coordinator.async_change(target)
