"""The same demand said in four ways, and a home that learns of it.

Each is three hours of a night of nine hours in which three hours are cheap: so many minutes,
what a machine needs, all time up to a price, and so much energy at a certain power.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import math
from typing import Any

from homeassistant.util.async_ import get_scheduled_timer_handles

from simulator.faults import Fault
from simulator.state import Call
from tests.home import HOUR, SECOND, Home, hours, local
from tests.local.conftest import LocalHome

# What the second, third and fourth hour cost: a bound lies between any two of them.
CHEAP = (0.10, 0.11, 0.12, 0.13)
FIRST, SECOND_BEST, THIRD, FOURTH = CHEAP
DEAR = 0.3
POWER = 8.0  # kW
START = local("2026-05-01T22:00")
END = local("2026-05-02T07:00")
EVENING = START - 2 * HOUR
# The three cheap hours in a row, at the beginning and at the end, and apart
EARLY = (*CHEAP[:3], *[DEAR] * 6)
LATE = (*[DEAR] * 6, *CHEAP[:3])
MIDDLE = (DEAR, *CHEAP[:3], *[DEAR] * 5)
APART = (FIRST, DEAR, DEAR, SECOND_BEST, THIRD, DEAR, DEAR, DEAR, DEAR)

type Windows = list[tuple[float, float]]


@dataclass(frozen=True)
class Need:
    """What a device needs, and how to say and read it.

    Flatpeak `asks` for it, or the planner at home does; one that `chooses` takes the best hours
    and makes up for what was missed, another one takes all that are good.
    """

    name: str
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)
    asks: bool = True
    chooses: bool = True

    def __str__(self) -> str:
        return self.name

    def add(self, house: Home, wanted: float = 3, **changes) -> str:
        """Add it to a home that is not set up yet, with so many hours; return its subentry id."""
        add = {"duration": house.add, "limit": house.add_limit, "amount": house.add_amount}
        return add[self.kind](**{"name": "Car", **self.form(wanted), **changes})

    def form(self, wanted: float) -> dict[str, Any]:
        """Return what the form says of so many hours."""
        match self.kind:
            case "duration":
                return {**self.data, "duration": {"minutes": wanted * 60}}
            case "limit":
                return {**self.data, "limit": _bound(wanted)}
            case _:
                return {**self.data, "energy": wanted * POWER}

    async def want(self, house: Home, wanted: float, key: str = "schedule1") -> None:
        """Want another number of hours from now on."""
        match self.kind:
            case "duration":
                await house.set_duration(wanted * 60, key)
            case "limit":
                await house.set_number("limit", _bound(wanted), key)
            case _:
                await house.set_number("energy", wanted * POWER, key)

    def number(self, house: Home, key: str = "schedule1") -> str:
        """Return what the entity says that is wanted."""
        name = {"duration": "duration", "limit": "limit", "amount": "energy"}[self.kind]
        return house.state("number", name, key)

    def delivered(
        self, house: Home, start: datetime, end: datetime, key: str = "schedule1"
    ) -> float:
        """Return what was delivered between two moments, in hours."""
        if self.kind == "amount":
            return round(house.energy(start, end, key) / POWER, 2)
        return house.on_time(start, end, key) / HOUR

    def bill(self, house: Home, start: datetime, end: datetime, key: str = "schedule1") -> float:
        """Return what one kW of it cost."""
        if self.kind == "amount":
            return house.bill(start, end, key) / POWER
        return house.cost(start, end, key)

    def planned(self, house: Home, key: str = "schedule1") -> float:
        """Return what is planned, in hours."""
        if self.kind == "amount":
            return float(house.sensor("planned_energy", key)) / POWER
        return float(house.sensor("planned_duration", key)) / 60

    def shortfall(self, house: Home, key: str = "schedule1") -> float:
        """Return what is missing, in hours."""
        return float(house.sensor("shortfall", key)) / (POWER if self.kind == "amount" else 60)

    def runs_now(self, house: Home, key: str = "schedule1") -> bool:
        """Whether it runs; power says the same where there is one."""
        active = house.active(key)
        if self.kind == "amount":
            assert house.power(key) == (POWER if active else 0)
        return active

    def asked(self, call: Call) -> float:
        """Return how many hours a request was for; a bound is for as many as it is met by."""
        match self.kind:
            case "duration":
                return call.body["duration"] / 60
            case "limit":
                return round((call.body["absolute"] - 0.095) * 100)
            case _:
                return call.body["data"][0]["energy"]["value"] / 1000 / POWER


def _bound(wanted: float) -> float:
    return round(0.095 + wanted / 100, 3)


DURATION = Need("duration", "duration")
MACHINE = Need("machine", "duration", {"machine": {"shortest_run": 30}}, asks=False)
LIMIT = Need("limit", "limit", chooses=False)
AMOUNT = Need("amount", "amount", {"max_power": POWER})
NEEDS = (DURATION, MACHINE, LIMIT, AMOUNT)
# Those that Flatpeak is asked for, and those that take the best hours of a night
ASKING = tuple(need for need in NEEDS if need.asks)
CHOOSING = tuple(need for need in NEEDS if need.chooses)


def is_local(house: Home) -> bool:
    """Whether a home has no account."""
    return isinstance(house, LocalHome)


def show(house: Home, rates: Sequence[float | None], around: float | None = 0.5) -> None:
    """Let these be the prices of the night, and dear ones those before and after it."""
    ahead = [] if around is None else [around] * 22
    after = [] if around is None else [around] * 40
    house.world.import_prices = hours([*ahead, *rates, *after], START - len(ahead) * HOUR)


async def night(
    house: Home, need: Need, rates: Sequence[float] = EARLY, wanted: float = 3, **changes
) -> None:
    """Set a schedule up two hours before its night; all prices are known."""
    house.world.publication = None
    show(house, rates)
    need.add(house, wanted, **changes)
    await house.set_up(EVENING)


def at(clock: float) -> datetime:
    """Return a moment by the hours since 22:00."""
    return START + clock * HOUR


def planned(house: Home, key: str = "schedule1") -> Windows:
    """Return the plan in hours since 22:00; windows that touch are one."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in house.windows(key):
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [(_clock(start), _clock(end)) for start, end in joined]


def ran(house: Home, key: str = "schedule1") -> Windows:
    """Return what was switched, in hours since 22:00."""
    runs = house.runs.get(key, [])
    return [(_clock(run.start), _clock(run.end or house.now)) for run in runs]


def _clock(moment: datetime) -> float:
    return round((moment - START) / HOUR, 3)


async def look(house: Home) -> None:
    """Let the home learn at once what has changed."""
    if is_local(house):
        await house.at(house.now + SECOND)  # its sensor says so
        await house.at(house.now + 10 * SECOND)
        return
    if "machine" in house.entry.subentries["schedule1"].data:
        # it is planned on the prices of the home, which are another question
        price = {"entity_id": house.entity_id("sensor", "price", house.entry.unique_id)}
        await house.hass.services.async_call("homeassistant", "update_entity", price, blocking=True)
    await house.update()


async def lose(house: Home) -> None:
    """Let nobody answer any more, and let the home see it."""
    if is_local(house):
        house.lose()
    else:
        house.world.faults = {Fault.UNAVAILABLE}
    await look(house)


def find(house: Home) -> None:
    """Let all be well again."""
    if is_local(house):
        house.silent = False
    else:
        house.world.faults = set()


async def pass_time(house: Home, until: datetime | str, step: timedelta = HOUR) -> None:
    """Live on to a moment, and be there to the second whenever anything is due.

    A home is woken by timers only, so that nothing can happen in between; the steps are for
    the sensors of others, which speak by themselves.
    """
    end = local(until) if isinstance(until, str) else until
    while house.now < end:
        past = timedelta(seconds=house.now.timestamp() % step.total_seconds())
        await house.at(min(house.now + step - past, end, _next_timer(house)))


def _next_timer(house: Home) -> datetime:
    """Return the first full second at which a timer is due, the next one at the earliest."""
    loop = house.hass.loop
    due = [one.when() for one in get_scheduled_timer_handles(loop) if not one.cancelled()]
    ahead = max(min(due, default=math.inf) - loop.time(), 0.001)
    if math.isinf(ahead):
        return house.now + HOUR
    moment = house.now + timedelta(seconds=ahead)
    whole = moment.replace(microsecond=0)
    # a timer is set by floats: what is less than a millisecond late is meant for that second
    return (
        whole if moment - whole < timedelta(milliseconds=1) < whole - house.now else whole + SECOND
    )
