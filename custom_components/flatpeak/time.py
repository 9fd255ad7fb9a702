"""Times: between which hours a schedule may run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import time
from functools import partial
from typing import override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import FlatpeakConfigEntry
from .entity import EntityKeeper, LastingEntity, Row, schedule_row
from .model import Frame

# all changes of one action are to be in one request
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class FrameTimeDescription(TimeEntityDescription):
    """One side of the hours, how to read it and how to change it."""

    read: Callable[[Frame], time]
    changed: Callable[[Frame, time], Frame]


TIMES = (
    FrameTimeDescription(
        key="start",
        entity_category=EntityCategory.CONFIG,
        read=lambda frame: frame.start,
        changed=lambda frame, value: replace(frame, start=value),
    ),
    FrameTimeDescription(
        key="end",
        entity_category=EntityCategory.CONFIG,
        read=lambda frame: frame.end,
        changed=lambda frame, value: replace(frame, end=value),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the two times of each schedule."""
    home = entry.runtime_data

    def rows() -> Iterable[Row]:
        for schedule in home.schedules.values():
            for one in TIMES:
                yield schedule_row(schedule, one, partial(FrameTime, schedule, one))

    await EntityKeeper(home, Platform.TIME, async_add_entities, rows).async_begin()


class FrameTime(LastingEntity, TimeEntity):
    """One side of the hours a schedule may use, by the location's clock."""

    entity_description: FrameTimeDescription

    @property
    @override
    def native_value(self) -> time:
        """The time of day."""
        return self.entity_description.read(self.coordinator.data.target.frame)

    @override
    async def async_set_value(self, value: time) -> None:
        """Use other hours, from now on."""
        frame = self.entity_description.changed(self.coordinator.data.target.frame, value)
        await self.coordinator.async_change(replace(self.coordinator.data.target, frame=frame))
