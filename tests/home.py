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
from custom_components.flatpeak.model import Direction, Segment, Slot, Span
from simulator import Simulator, World
from simulator.state import ACCOUNT, KEY, LOCATION, Call

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
BELOW = {
    "name": "Heat",
    "direction": "import",
    "condition": "below",
    "limit_kind": "absolute",
    "limit": 0.15,
    "start": "22:00:00",
    "end": "07:00:00",
    "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
}
CHARGE = {
    "name": "Car",
    "direction": "import",
    "energy": 24.0,
    "max_power": 8.0,
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


@dataclass(frozen=True)
class Load(Span):
    """A stretch in which a schedule by amount asked for this power, in kW."""

    power: float

    @property
    def energy(self) -> float:
        """In kWh."""
        return self.power * (self.length / HOUR)


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
        self.powers: dict[str, list[tuple[datetime, float]]] = {}
        self.changes: list[tuple[datetime, str, str]] = []

    def add(self, **changes) -> str:
        """Add a schedule before the entry is set up; return its subentry id."""
        return self._add("duration", NIGHT | changes)

    def add_amount(self, **changes) -> str:
        """Add a schedule by amount likewise; what is changed to None is left out."""
        data = {name: value for name, value in (CHARGE | changes).items() if value is not None}
        return self._add("amount", data)

    def add_limit(self, **changes) -> str:
        """Add a schedule by price limit likewise."""
        return self._add("limit", BELOW | changes)

    def _add(self, kind: str, data: dict[str, Any]) -> str:
        subentry_id = f"schedule{next(self._ids)}"
        subentry = ConfigSubentryData(
            subentry_id=subentry_id,
            subentry_type=kind,
            title=data["name"],
            unique_id=None,
            data=data,
        )
        before = [part.as_dict() for part in self.entry.subentries.values()]
        self._make_entry(dict(self.entry.options), [*before, subentry])
        return subentry_id

    def options(self, **options) -> None:
        """Choose the options before the entry is set up."""
        before = [part.as_dict() for part in self.entry.subentries.values()]
        self._make_entry(options, before)

    def identify(self, entry_id: str) -> None:
        """Give the entry another id before it is set up: requests are spread by it."""
        before = [part.as_dict() for part in self.entry.subentries.values()]
        self._make_entry(dict(self.entry.options), before, entry_id)

    def _make_entry(
        self, options: dict[str, Any], subentries: list[Any], entry_id: str | None = None
    ) -> None:
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            entry_id=entry_id or self.entry.entry_id,
            title=self.entry.title,
            unique_id=self.entry.unique_id,
            data=self.entry.data,
            options=options,
            subentries_data=subentries,
        )

    async def change_options(self, **options) -> None:
        """Choose other options once the entry is set up: it is loaded again."""
        self.hass.config_entries.async_update_entry(self.entry, options=options)
        await self.settle()

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
        return [
            (
                datetime.fromisoformat(window["start"]).astimezone(UTC),
                datetime.fromisoformat(window["end"]).astimezone(UTC),
            )
            for window in self._windows(subentry_id)
        ]

    def loads(self, subentry_id: str = "schedule1") -> list[Load]:
        """Return the planned windows of a schedule by amount, with their power."""
        windows = zip(self.windows(subentry_id), self._windows(subentry_id), strict=True)
        return [Load(start, end, window["power"]) for (start, end), window in windows]

    def _windows(self, subentry_id: str) -> list[dict[str, Any]]:
        state = self.hass.states.get(self.entity_id("binary_sensor", "active", subentry_id))
        return state.attributes["windows"]

    def power(self, subentry_id: str = "schedule1") -> float:
        """Return the power that a schedule by amount asks for, in kW."""
        return float(self.sensor("power", subentry_id)) / 1000

    async def set_duration(self, minutes: float, subentry_id: str = "schedule1") -> None:
        await self.set_number("duration", minutes, subentry_id)

    async def set_number(self, key: str, value: float, subentry_id: str = "schedule1") -> None:
        await self.hass.services.async_call(
            "number",
            "set_value",
            {"entity_id": self.entity_id("number", key, subentry_id), "value": value},
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
        if entity.domain == "sensor" and entity.unique_id.endswith("_power"):
            # a restart leaves a charger as it is, too
            if new.state not in ("unavailable", "unknown"):
                powers = self.powers.setdefault(entity.unique_id.removesuffix("_power"), [])
                powers.append((self.now, float(new.state) / 1000))
            return
        if not entity.unique_id.endswith("_active"):
            return
        runs = self.runs.setdefault(entity.unique_id.removesuffix("_active"), [])
        was = bool(runs) and runs[-1].end is None
        # a restart shows as unavailable, and leaves a switch as it is
        if new.state == "on" and not was:
            runs.append(Run(self.now))
        elif new.state == "off" and was:
            runs[-1].end = self.now

    def said_of_plans(self) -> list[tuple[datetime, str, str]]:
        """Return all changes but those of prices, which have edges of their own."""
        return [one for one in self.changes if not _is_price(one[1])]

    def said_of_prices(self) -> list[tuple[datetime, str, str]]:
        """Return the changes of prices."""
        return [one for one in self.changes if _is_price(one[1])]

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

    def delivered(
        self, start: datetime, end: datetime, subentry_id: str = "schedule1"
    ) -> list[Load]:
        """Return what a schedule by amount asked for between two moments, from edge to edge."""
        powers = self.powers.get(subentry_id, [])
        ends = [moment for moment, _ in powers[1:]] + [self.now]
        loads = (
            Load(since, until, power)
            for (since, power), until in zip(powers, ends, strict=False)
            if power and since < until
        )
        return [part for load in loads if (part := load.clip(start, end))]

    def energy(self, start: datetime, end: datetime, subentry_id: str = "schedule1") -> float:
        """Return the energy asked for between two moments, in kWh."""
        return sum(load.energy for load in self.delivered(start, end, subentry_id))

    def bill(self, start: datetime, end: datetime, subentry_id: str = "schedule1") -> float:
        """Return what that energy costs, or earns where it is sold, by the world's prices."""
        way = Direction(self.entry.subentries[subentry_id].data["direction"])
        return sum(
            price.rate * (part.length / HOUR) * load.power
            for load in self.delivered(start, end, subentry_id)
            for price in self.world.prices(way)
            if (part := price.clip(load.start, load.end))
        )

    def highest_power(self, start: datetime, end: datetime, direction: str = "import") -> float:
        """Return the most that all schedules of a direction asked for together, in kW."""
        loads = [
            load
            for subentry_id in self.powers
            if self.entry.subentries[subentry_id].data["direction"] == direction
            for load in self.delivered(start, end, subentry_id)
        ]
        return max(
            (sum(load.power for load in loads if load.contains(one.start)) for one in loads),
            default=0.0,
        )

    def schedule_calls(self) -> list[Call]:
        """Return the requests for schedules, in whatever dialect."""
        paths = ("/schedules", "/slots/")
        return [call for call in self.world.calls if call.path.startswith(paths)]

    def price_calls(self) -> list[Call]:
        """Return the requests for prices, in whatever dialect."""
        paths = ("/prices", "/tariffs/rates/")
        return [call for call in self.world.calls if call.path.startswith(paths)]

    def asked(self) -> list[datetime]:
        """Return when schedules were asked for."""
        return [call.moment for call in self.schedule_calls()]

    def amount_calls(self) -> list[Call]:
        """Return the requests for schedules by amount, in whatever dialect."""
        return [
            call
            for call in self.schedule_calls()
            if call.path == "/schedules" or call.path.startswith("/schedules/amount/")
        ]

    def logins(self) -> int:
        return sum(call.path == "/login" for call in self.world.calls)


def _is_price(unique_id: str) -> bool:
    return unique_id.startswith(LOCATION) and "price" in unique_id


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
