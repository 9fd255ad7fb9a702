"""A week of a home: four schedules, three devices, one limit, real prices, every dialect.

What it costs is compared with what scipy's HiGHS finds, which knows nothing of our planner.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from custom_components.flatpeak.model import Span
from simulator.dialects import Dialect
from simulator.faults import Fault
from simulator.prices import read_prices
from tests.conftest import PRICES
from tests.home import HOUR, MINUTE, Home, hours, local

from .helpers import CLOSE, Job, cheapest, follow

LIMIT = 9.0
DIALECTS = [Dialect.ZERO, Dialect.ANODE, Dialect.ANODE_GUIDE]
# The car and the boiler get into each other's way; the battery buys by day, sells in the evening.
CAR = {"name": "Car", "energy": 24.0, "max_power": 7.4, "start": "22:00:00", "end": "07:30:00"}
BOILER = {"name": "Boiler", "energy": 9.0, "max_power": 3.0, "start": "21:00:00", "end": "06:00:00"}
BUY = {"name": "Buy", "energy": 5.0, "max_power": 3.6, "start": "10:00:00", "end": "16:00:00"}
SELL = {"name": "Sell", "energy": 4.5, "max_power": 4.0, "start": "17:00:00", "end": "21:00:00"}
SELL |= {"direction": "export"}
NIGHTLY = {"schedule1": CAR, "schedule2": BOILER}
ALL = NIGHTLY | {"schedule3": BUY, "schedule4": SELL}


@dataclass(frozen=True)
class Bill:
    """What a job moved and cost, and the least it could have cost."""

    energy: float
    cost: float


def job(day: date, target: dict) -> Job:
    """Return what is to be done in the period that begins on a day."""
    later = day + timedelta(days=target["end"] <= target["start"])
    span = Span(local(f"{day}T{target['start']}"), local(f"{later}T{target['end']}"))
    return Job(span, target["energy"], target["max_power"])


def bill(home: Home, key: str, one: Job) -> Bill:
    """Return what came of it."""
    span = one.span
    return Bill(home.energy(span.start, span.end, key), home.bill(span.start, span.end, key))


def is_well_done(home: Home, day: date, *, close: float = 0.01) -> None:
    """All the energy in time, at the best price there was, of every period of a day."""
    for keys in (tuple(NIGHTLY), ("schedule3",), ("schedule4",)):
        jobs = [job(day, ALL[key]) for key in keys]
        bills = [bill(home, key, one) for key, one in zip(keys, jobs, strict=True)]
        for key, one, found in zip(keys, jobs, bills, strict=True):
            assert found.energy == pytest.approx(one.energy, abs=CLOSE), (day, key)
        sold = keys == ("schedule4",)
        prices = home.world.prices("export" if sold else "import")
        best = cheapest(prices, jobs, LIMIT, sold=sold)
        assert sum(one.cost for one in bills) == pytest.approx(best, abs=close), (day, keys)


def add_all(home: Home) -> None:
    home.options(max_import_power=LIMIT)
    for target in ALL.values():
        home.add_amount(**target)


@pytest.mark.freeze_time("2025-10-05T12:00:00Z")
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_week_at_the_best_price_under_the_limit(home, world, dialect) -> None:
    world.version = dialect
    add_all(home)
    await home.set_up("2025-10-05T14:30")
    days = [date(2025, 10, 6) + timedelta(days=number) for number in range(7)]
    await follow(home, "2025-10-13T08:00", 15 * MINUTE)
    for day in days:
        is_well_done(home, day)
    start, end = local("2025-10-05T14:30"), home.now
    assert LIMIT - 0.1 <= home.highest_power(start, end) <= LIMIT + 0.001
    assert home.highest_power(start, end, "export") <= 4.001
    # nobody runs outside the hours
    for key, target in ALL.items():
        inside = sum(bill(home, key, job(day, target)).energy for day in days)
        first = job(date(2025, 10, 5), target).span
        before = home.energy(first.start, first.end, key)
        assert home.energy(start, end, key) == pytest.approx(inside + before, abs=0.001)


@pytest.mark.freeze_time("2025-10-05T12:00:00Z")
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_week_with_trouble_every_day(home, world, dialect) -> None:
    """Outages, restarts and questions by hand at odd times: the same energy, at the same price."""
    world.version = dialect
    add_all(home)
    await home.set_up("2025-10-05T14:30")
    troubles = [Fault.UNAVAILABLE, Fault.NOT_JSON, Fault.SERVER_ERROR, Fault.EXPIRE]
    days = [date(2025, 10, 6) + timedelta(days=number) for number in range(4)]
    for day, trouble in zip(days, troubles, strict=True):
        await follow(home, local(f"{day}T15:10"), 15 * MINUTE)
        await home.update()
        world.faults = {trouble}
        await follow(home, local(f"{day}T23:40"), 15 * MINUTE)
        await home.update()
        await home.stop()
        await home.start()
        world.faults = set()
        tomorrow = day + timedelta(days=1)
        await follow(home, local(f"{tomorrow}T02:50"), 15 * MINUTE)
        await home.update()
        await home.stop()
        await home.start()
    await follow(home, local("2025-10-10T08:00"), 15 * MINUTE)
    for day in days:
        is_well_done(home, day)
    assert home.highest_power(local("2025-10-05T14:30"), home.now) <= LIMIT + 0.001


@pytest.mark.freeze_time("2024-01-01T12:00:00Z")
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("name", "day", "length"),
    [("spring_2024", "2024-03-30", 8.5 * HOUR), ("autumn_2024", "2024-10-26", 10.5 * HOUR)],
    ids=["spring", "autumn"],
)
async def test_the_nights_when_the_clocks_change(home, world, dialect, name, day, length) -> None:
    """Before, in and after the night; all of what there is to choose from is used."""
    world.version = dialect
    world.import_prices = read_prices(PRICES / f"{name}.csv")
    add_all(home)
    await home.set_up(local(f"{day}T09:00"))
    one = date.fromisoformat(day)
    night = job(one, CAR).span
    assert night.length == length
    await follow(home, night.end + HOUR, 15 * MINUTE)
    is_well_done(home, one, close=0.02)
    assert home.highest_power(local(f"{day}T09:00"), home.now) <= LIMIT + 0.001


@pytest.mark.freeze_time("2026-01-01T12:00:00Z")
@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"], ids=["spring", "autumn"])
async def test_no_hour_of_these_nights_is_lost_or_counted_twice(home, world, day) -> None:
    """Every hour of the night is needed: 8.5 of them in spring, 10.5 in autumn."""
    start = local(f"{day}T00:00")
    world.publication = None
    world.import_prices = hours([0.2, 0.1, 0.3, 0.15] * 18, start)
    night = job(date.fromisoformat(day), CAR).span
    most = 7.4 * (night.length / HOUR)
    home.add_amount(**CAR | {"energy": round(most + 5, 1)})
    await home.set_up(local(f"{day}T20:00"))
    assert float(home.sensor("shortfall")) == pytest.approx(round(most + 5, 1) - most, abs=CLOSE)
    await follow(home, night.end + HOUR, 15 * MINUTE)
    assert home.energy(night.start, night.end) == pytest.approx(most, abs=CLOSE)
    runs = home.runs["schedule1"]
    assert [(run.start, run.end) for run in runs] == [(night.start, night.end)]


@pytest.mark.freeze_time("2025-10-05T12:00:00Z")
async def test_a_week_that_asks_for_more_than_there_is(home, world) -> None:
    """Under half the limit not all can have all: as much as there can be, and never more."""
    home.options(max_import_power=4.0)
    home.add_amount(**CAR | {"energy": 30.0})
    home.add_amount(**BOILER | {"energy": 12.0})
    await home.set_up("2025-10-05T14:30")
    await follow(home, "2025-10-08T08:00", 15 * MINUTE)
    for number in range(3):
        day = date(2025, 10, 5) + timedelta(days=number)
        car, boiler = (job(day, target).span for target in (CAR, BOILER))
        car_got = home.energy(car.start, car.end)
        boiler_got = home.energy(boiler.start, boiler.end, "schedule2")
        # an hour of the boiler alone at 3 kW, then nine and a half of both at 4 kW
        assert car_got + boiler_got == pytest.approx(3 + 9.5 * 4, abs=0.1)
    assert home.highest_power(local("2025-10-05T14:30"), home.now) <= 4.001
