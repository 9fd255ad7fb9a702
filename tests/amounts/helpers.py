"""What the tests of schedules by amount share."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
import math

from homeassistant.helpers import entity_registry as er
from scipy.optimize import linprog

from custom_components.flatpeak.const import SUBENTRY_AMOUNT
from custom_components.flatpeak.model import Slot, Span, runs, within
from tests.home import HOUR, MINUTE, Home, Load, hours, local
from tests.promises.needs import pass_time

# What is lost where times come in whole seconds and powers in whole watts, in kWh.
CLOSE = 0.02
EVENING = "2026-05-01T20:00"
NIGHT = local("2026-05-01T22:00")
MORNING = local("2026-05-02T07:00")
# Where these are known, no prices are looked for.
NEXT_DAY = [0.4] * 24
BATTERY = {"name": "Battery", "energy": 5.0, "max_power": 5.0}


def amounts(home: Home) -> list[str]:
    """Return the subentry ids of the schedules by amount."""
    subentries = home.entry.subentries.values()
    return [one.subentry_id for one in subentries if one.subentry_type == SUBENTRY_AMOUNT]


async def spring_night(home: Home, rates: Sequence[float], moment: str = EVENING) -> datetime:
    """Set up what was added for a night of nine hours with given prices; return its start."""
    home.world.publication = None
    home.world.import_prices = hours(rates, NIGHT)
    await home.set_up(moment)
    return NIGHT


async def follow(
    home: Home,
    until: datetime | str,
    step: timedelta = 5 * MINUTE,
    *,
    each: Callable[[], None] | None = None,
) -> None:
    """Live on to a moment and be there at every edge; do something at each step."""
    if each is None:
        await pass_time(home, until)
        return
    end = local(until) if isinstance(until, str) else until
    while home.now < end:
        past = timedelta(seconds=home.now.timestamp() % step.total_seconds())
        edges = (edge for key in amounts(home) for window in home.windows(key) for edge in window)
        ahead = [edge for edge in edges if edge > home.now]
        home.set_clock(min(home.now + step - past, end, *ahead))
        each()
        await home.at(home.now)


def planned_runs(home: Home, key: str = "schedule1") -> list[tuple[datetime, datetime]]:
    """Return what is planned; windows that touch are one run, whatever they say of the time."""
    return [(run.start, run.end) for run in runs(home.loads(key))]


def joined_loads(loads: Iterable[Load]) -> list[Load]:
    """Join what touches at the same power, to the watt."""
    joined: list[Load] = []
    for load in loads:
        power, last = round(load.power, 3), joined[-1] if joined else None
        if last and last.end == load.start and last.power == power:
            joined[-1] = replace(last, end=load.end)
        else:
            joined.append(replace(load, power=power))
    return joined


def total(home: Home, start: datetime, end: datetime) -> dict[str, float]:
    """Return the energy of each schedule between two moments, to the watt-hour."""
    return {key: round(home.energy(start, end, key), 2) for key in amounts(home)}


def good_calls(home: Home) -> list[datetime]:
    """Return when schedules by amount were asked for and answered."""
    return [call.moment for call in home.amount_calls() if call.status == 200]


class Sensor:
    """A sensor of another integration."""

    def __init__(self, home: Home, entity_id: str, unit: str, value: float | str = 0.0) -> None:
        """Be there from the beginning."""
        self.home = home
        self.entity_id = entity_id
        self.unit = unit
        self.show(value)

    def show(self, value: float | str) -> None:
        """Say something; the same again is said again."""
        self.home.hass.states.async_set(
            self.entity_id, str(value), {"unit_of_measurement": self.unit}, force_update=False
        )

    def vanish(self) -> None:
        """Be not there at all."""
        self.home.hass.states.async_remove(self.entity_id)


class Meter(Sensor):
    """A meter of a device that does what its schedule says, or not quite."""

    def __init__(
        self,
        home: Home,
        key: str,
        *,
        unit: str = "kWh",
        base: float = 1234.5,
        share: float = 1.0,
        entity_id: str = "sensor.meter",
    ) -> None:
        """Begin to count; `share` is how much of what is asked for the device does."""
        self.key, self.base, self.share = key, base, share
        self.since = home.now
        self.factor = {"Wh": 1000, "kWh": 1, "MWh": 0.001}[unit]
        super().__init__(home, entity_id, unit, base * self.factor)

    @property
    def moved(self) -> float:
        """What the device has moved, in kWh."""
        return self.share * self.home.energy(self.since, self.home.now, self.key)

    def tell(self) -> None:
        """Show what is true."""
        self.show(round((self.base + self.moved) * self.factor, 6))


class StateOfCharge(Sensor):
    """The state of charge of a battery that does what its schedule says."""

    def __init__(
        self,
        home: Home,
        key: str,
        soc: float,
        *,
        capacity: float = 40.0,
        efficiency: float = 0.9,
        share: float = 1.0,
        entity_id: str = "sensor.soc",
    ) -> None:
        """Begin at a level, in per cent."""
        self.key, self.soc, self.capacity, self.share = key, soc, capacity, share
        self.since = home.now
        self.sold = home.entry.subentries[key].data["direction"] == "export"
        self.gain = -1 / efficiency if self.sold else efficiency
        super().__init__(home, entity_id, "%", soc)

    @property
    def level(self) -> float:
        """The level that is true."""
        moved = self.share * self.home.energy(self.since, self.home.now, self.key)
        return self.soc + 100 * moved * self.gain / self.capacity

    def tell(self) -> None:
        """Show what is true, in whole per cent as cars do."""
        self.show(round(self.level))


@dataclass(frozen=True)
class Job:
    """What a device needs in one period: kWh in a span, with a power in kW."""

    span: Span
    energy: float
    power: float


def cheapest(
    prices: Iterable[Slot], jobs: Sequence[Job], limit: float = math.inf, *, sold: bool = False
) -> float:
    """Return the least that all jobs can cost under one limit, by an outside solver.

    What is sold earns the most instead. Fails where not all of the energy can be moved.
    """
    first, last = min(job.span.start for job in jobs), max(job.span.end for job in jobs)
    known = [slot for slot in within(prices, first, last) if slot.rate is not None]
    edges = {edge for slot in known for edge in (slot.start, slot.end)}
    edges |= {edge for job in jobs for edge in (job.span.start, job.span.end)}
    parts = [
        (part, index)
        for start, end in pairwise(sorted(edges))
        for price in known
        if (part := price.clip(start, end))
        for index, job in enumerate(jobs)
        if job.span.start <= part.start and part.end <= job.span.end
    ]
    spans = sorted({part.start for part, _ in parts})
    rows = [[0.0] * len(parts) for _ in spans]
    needs = [[0.0] * len(parts) for _ in jobs]
    room = [math.inf] * len(spans)
    for column, (part, index) in enumerate(parts):
        row = spans.index(part.start)
        rows[row][column] = 1.0
        room[row] = limit * (part.length / HOUR)
        needs[index][column] = 1.0
    found = linprog(
        [(-1 if sold else 1) * part.rate for part, _ in parts],
        A_ub=None if math.isinf(limit) else rows,
        b_ub=None if math.isinf(limit) else room,
        A_eq=needs,
        b_eq=[job.energy for job in jobs],
        bounds=[(0, jobs[index].power * (part.length / HOUR)) for part, index in parts],
        method="highs",
    )
    assert found.success, found.message
    return -found.fun if sold else found.fun


def unavailable(home: Home) -> set[str]:
    """Return the unique ids of our entities that are not available."""
    registry = er.async_get(home.hass)
    return {
        entity.unique_id
        for entity in registry.entities.values()
        if entity.platform == "flatpeak"
        and (state := home.hass.states.get(entity.entity_id))
        and state.state == "unavailable"
    }
