"""Calendar: the windows of a plan as events."""

from datetime import datetime, timezone
from typing import override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.const import Platform, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .coordinator import FlatpeakConfigEntry
from .entity import EntityKeeper, ScheduleEntity, schedule_rows
from .model import NOTHING, PowerSlot, Span, average_rate, energy_of, runs, within

PARALLEL_UPDATES = 0

# It says what `active` says, a second time: who wants a calendar switches it on.
PLAN = CalendarEntityDescription(key="plan", entity_registry_enabled_default=False)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendar of each schedule."""
    home = entry.runtime_data
    await EntityKeeper(
        home, Platform.CALENDAR, async_add_entities, schedule_rows(home, PLAN, PlanCalendar)
    ).async_begin()


class WindowEvent(CalendarEvent):
    """A window as an event, right also in the hour that comes twice in autumn.

    Home Assistant compares times of its own zone by the clock on the wall, by which such
    a window may end before it starts. Times with a fixed offset are compared as they should.
    """

    @override
    def __post_init__(self) -> None:
        """Leave out the check by the clock on the wall: a window is a stretch of time."""

    @property
    @override
    def start_datetime_local(self) -> datetime:
        """The start by Home Assistant's clock."""
        return _fixed(super().start_datetime_local)

    @property
    @override
    def end_datetime_local(self) -> datetime:
        """The end by Home Assistant's clock."""
        return _fixed(super().end_datetime_local)


class PlanCalendar(ScheduleEntity, CalendarEntity):
    """The windows of this period, past ones too."""

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """The running window, else the next."""
        now, state = dt_util.utcnow(), self.coordinator.data
        run = state.running(now) or state.upcoming(now)
        return self._event(run) if run else None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the windows that overlap a range."""
        return [
            self._event(run)
            for run in runs(self.coordinator.data.plan.windows)
            if run.start < end_date and start_date < run.end
        ]

    def _event(self, run: Span) -> CalendarEvent:
        zone = self.coordinator.location.zone
        return WindowEvent(
            _fixed(run.start.astimezone(zone)),
            _fixed(run.end.astimezone(zone)),
            self.coordinator.data.name,
            self._description(run),
        )

    def _description(self, run: Span) -> str:
        """Say what it costs, and how much energy it is where that is known."""
        parts = within(self.coordinator.data.plan.windows, run.start, run.end)
        energy = energy_of(part for part in parts if isinstance(part, PowerSlot))
        said = [f"{energy:.1f} {UnitOfEnergy.KILO_WATT_HOUR}"] if energy else []
        if (rate := average_rate(parts)) is not None:
            said.append(f"{rate:.4f} {self.coordinator.location.price_unit}")
        return ", ".join(said)


def _fixed(local: datetime) -> datetime:
    """Return the same time by the same clock, with its offset fixed."""
    return local.astimezone(timezone(local.utcoffset() or NOTHING))
