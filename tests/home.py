"""A home in a test: its schedules, its clock, and a record of what was switched."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed_exact,
)

from custom_components.flatpeak.const import DOMAIN
from custom_components.flatpeak.model import Segment, Slot, Span
from simulator import Simulator, World
from simulator.state import ACCOUNT, KEY, LOCATION

BRUSSELS = ZoneInfo("Europe/Brussels")
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NIGHT = {
    "name": "Car",
    "segment": "low",
    "direction": "import",
    "duration": {"hours": 3, "minutes": 0},
    "start": "22:00:00",
    "end": "07:00:00",
    "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
}


def local(text: str, *, fold: int = 0) -> datetime:
    """Read a time by the clock in Brussels; `fold` 1 is the second of two in autumn."""
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS, fold=fold).astimezone(UTC)


@dataclass
class Run:
    """A stretch in which a schedule was active; no end while it lasts."""

    start: datetime
    end: datetime | None = None


class Home:
    """A config entry with schedules, in front of a simulator."""

    def __init__(self, hass, freezer, simulator: Simulator) -> None:
        self.hass = hass
        self.freezer = freezer
        self.simulator = simulator
        self.world = simulator.world
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="Home",
            unique_id=LOCATION,
            data={
                "account_id": ACCOUNT,
                "api_key": KEY,
                "location_id": LOCATION,
                "api_url": simulator.url,
            },
        )
        self._ids = count(1)
        self.runs: dict[str, list[Run]] = {}
        self.changes: list[tuple[datetime, str, str]] = []

    def add(self, **changes) -> str:
        """Add a schedule before the entry is set up; return its subentry id."""
        subentry_id = f"schedule{next(self._ids)}"
        data = NIGHT | changes
        subentry = ConfigSubentryData(
            subentry_id=subentry_id,
            subentry_type="duration",
            title=data["name"],
            unique_id=None,
            data=data,
        )
        before = [part.as_dict() for part in self.entry.subentries.values()]
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            entry_id=self.entry.entry_id,
            title=self.entry.title,
            unique_id=self.entry.unique_id,
            data=self.entry.data,
            subentries_data=[*before, subentry],
        )
        return subentry_id

    def typed(self, **data) -> None:
        """Type other things into the account's form before the entry is set up."""
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title=self.entry.title,
            unique_id=data.get("location_id", self.entry.unique_id),
            data={**self.entry.data, **data},
        )

    # The clock

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def set_clock(self, moment: datetime | str) -> None:
        """Turn the clock without letting anything happen."""
        self.freezer.move_to(local(moment) if isinstance(moment, str) else moment)

    async def at(self, moment: datetime | str) -> None:
        """Go straight to a moment and let happen what is due."""
        self.set_clock(moment)
        async_fire_time_changed_exact(self.hass, self.now)
        await self.settle()

    async def live(self, until: datetime | str, step: timedelta = MINUTE) -> None:
        """Live on to a moment, step by step on full steps."""
        end = local(until) if isinstance(until, str) else until
        while self.now < end:
            past = self.now.timestamp() % step.total_seconds()
            await self.at(min(self.now + step - timedelta(seconds=past), end))

    async def patiently(self, *actions: Coroutine[Any, Any, None]) -> None:
        """Let the clock go on, second by second, until some actions are done."""
        doing = asyncio.gather(*actions)
        while not doing.done():
            self.freezer.tick(SECOND)
            async_fire_time_changed_exact(self.hass, self.now)
            for _ in range(20):
                await asyncio.sleep(0)
        await doing

    async def settle(self) -> None:
        await self.hass.async_block_till_done(wait_background_tasks=True)

    # The integration

    async def set_up(self, moment: datetime | str | None = None) -> None:
        """Set the entry up, at a moment, and start to record."""
        if moment is not None:
            self.set_clock(moment)
        self.entry.add_to_hass(self.hass)
        self.hass.bus.async_listen("state_changed", self._record)
        await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.settle()

    async def spring_night(self, rates: list[float]) -> datetime:
        """Set up a schedule for a night of nine hours with given prices; return its start."""
        start = local("2026-05-01T22:00")
        self.world.publication = None
        self.world.import_prices = hours(rates, start)
        self.add()
        await self.set_up("2026-05-01T20:00")
        return start

    async def stop(self) -> None:
        """Unload, as before a restart."""
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.settle()

    async def start(self, moment: datetime | str | None = None) -> None:
        """Load again, as after a restart."""
        if moment is not None:
            self.set_clock(moment)
        await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.settle()

    def entity_id(self, platform: str, key: str, subentry_id: str = "schedule1") -> str:
        """Return the id of an entity by its fixed key."""
        entity_id = er.async_get(self.hass).async_get_entity_id(
            platform, DOMAIN, f"{subentry_id}_{key}"
        )
        assert entity_id, f"there is no {platform} {key}"
        return entity_id

    def device(self, identifier: str = "schedule1") -> dr.DeviceEntry | None:
        """Return the device of a schedule, or of the location."""
        devices = dr.async_entries_for_config_entry(dr.async_get(self.hass), self.entry.entry_id)
        return next((one for one in devices if (DOMAIN, identifier) in one.identifiers), None)

    def state(self, platform: str, key: str, subentry_id: str = "schedule1") -> str:
        return self.hass.states.get(self.entity_id(platform, key, subentry_id)).state

    def sensor(self, key: str, subentry_id: str = "schedule1") -> str:
        return self.state("sensor", key, subentry_id)

    def active(self, subentry_id: str = "schedule1") -> bool:
        return self.state("binary_sensor", "active", subentry_id) == "on"

    def windows(self, subentry_id: str = "schedule1") -> list[tuple[datetime, datetime]]:
        """Return the planned windows."""
        state = self.hass.states.get(self.entity_id("binary_sensor", "active", subentry_id))
        return [
            (
                datetime.fromisoformat(window["start"]).astimezone(UTC),
                datetime.fromisoformat(window["end"]).astimezone(UTC),
            )
            for window in state.attributes["windows"]
        ]

    async def set_duration(self, minutes: float, subentry_id: str = "schedule1") -> None:
        await self.hass.services.async_call(
            "number",
            "set_value",
            {"entity_id": self.entity_id("number", "duration", subentry_id), "value": minutes},
            blocking=True,
        )
        await self.settle()

    async def set_time(self, key: str, value: str, subentry_id: str = "schedule1") -> None:
        await self.hass.services.async_call(
            "time",
            "set_value",
            {"entity_id": self.entity_id("time", key, subentry_id), "time": value},
            blocking=True,
        )
        await self.settle()

    async def enable(self, on: bool, subentry_id: str = "schedule1") -> None:
        await self.hass.services.async_call(
            "switch",
            "turn_on" if on else "turn_off",
            {"entity_id": self.entity_id("switch", "enabled", subentry_id)},
            blocking=True,
        )
        await self.settle()

    async def update(self, subentry_id: str = "schedule1") -> None:
        """Ask by hand."""
        await self.hass.services.async_call(
            "homeassistant",
            "update_entity",
            {"entity_id": self.entity_id("binary_sensor", "active", subentry_id)},
            blocking=True,
        )
        await self.settle()

    # The record

    @callback
    def _record(self, event) -> None:
        new = event.data["new_state"]
        entity = er.async_get(self.hass).async_get(event.data["entity_id"])
        if entity is None or entity.platform != DOMAIN or new is None:
            return
        self.changes.append((self.now, entity.unique_id, new.state))
        if not entity.unique_id.endswith("_active"):
            return
        runs = self.runs.setdefault(entity.unique_id.removesuffix("_active"), [])
        was = bool(runs) and runs[-1].end is None
        # a restart shows as unavailable, and leaves a switch as it is
        if new.state == "on" and not was:
            runs.append(Run(self.now))
        elif new.state == "off" and was:
            runs[-1].end = self.now

    def on_time(self, start: datetime, end: datetime, subentry_id: str = "schedule1") -> timedelta:
        """Add up how long the schedule was active between two moments."""
        return sum(
            (
                max(min(run.end or self.now, end) - max(run.start, start), timedelta(0))
                for run in self.runs.get(subentry_id, [])
            ),
            timedelta(0),
        )

    def cost(self, start: datetime, end: datetime, subentry_id: str = "schedule1") -> float:
        """Return what one kW would have cost while the schedule was active."""
        return sum(
            price.rate * (part.length / HOUR)
            for run in self.runs.get(subentry_id, [])
            if (ran := _span(run.start, run.end or self.now))
            for price in self.world.import_prices
            if (part := price.clip(max(ran.start, start), min(ran.end, end)))
        )

    def best_cost(
        self, start: datetime, end: datetime, minutes: int, segment: Segment = Segment.LOW
    ) -> float:
        """Return the least (most) it can cost, reckoned minute by minute from the prices."""
        rates = [
            slot.rate
            for slot in self.world.import_prices
            for minute in range(int(slot.length / MINUTE))
            if start <= slot.start + minute * MINUTE < end
        ]
        return sum(sorted(rates, reverse=segment is Segment.HIGH)[:minutes]) / 60

    def asked(self) -> list[datetime]:
        """Return when schedules were asked for."""
        paths = ("/schedules/", "/slots/")
        return [call.moment for call in self.world.calls if call.path.startswith(paths)]

    def logins(self) -> int:
        return sum(call.path == "/login" for call in self.world.calls)


def _span(start: datetime, end: datetime) -> Span | None:
    return Span(start, end) if start < end else None


def hours(rates: list[float | None], start: datetime, length: timedelta = HOUR) -> tuple[Slot, ...]:
    """Return slots that follow each other."""
    return tuple(
        Slot(start + index * length, start + (index + 1) * length, rate)
        for index, rate in enumerate(rates)
    )


@contextmanager
def turned(world: World, **changes) -> Iterator[None]:
    """Turn the world for a while: `with turned(world, pending=True): …`."""
    before = {name: getattr(world, name) for name in changes}
    for name, value in changes.items():
        setattr(world, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(world, name, value)
