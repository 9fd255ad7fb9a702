"""Promise 1 of schedules by amount: edges and steps of power to the second, every night."""

import asyncio
from datetime import datetime, time
from itertools import pairwise

from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed_exact

from custom_components.flatpeak.model import total as length_of
from simulator.faults import Fault
from simulator.prices import read_prices
from tests.conftest import PRICES
from tests.home import DAY, HOUR, MINUTE, SECOND, Home, hours, local

from .helpers import BATTERY, MORNING, NIGHT, amounts, follow, spring_night

QUARTER = 15 * MINUTE

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


async def _edges_are_exact(home: Home) -> None:
    """Go to a second before each edge, then to the edge; the plan as of now is what counts."""
    plans = {key: home.loads(key) for key in amounts(home)}
    edges = {edge for plan in plans.values() for load in plan for edge in (load.start, load.end)}
    assert edges

    def expected(key: str, moment: datetime) -> float:
        return sum(load.power for load in plans[key] if load.contains(moment))

    for edge in sorted(edges):
        for moment in (edge - SECOND, edge):
            await home.at(moment)
            for key in plans:
                power = expected(key, moment)
                assert home.power(key) == pytest.approx(power, abs=0.002), (key, moment)
                assert home.active(key) == (power > 0), (key, moment)


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_on_an_ordinary_night(home) -> None:
    """Three devices, quarter hours, under a limit that makes them share."""
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**BATTERY)
    home.add_amount(name="Sell", direction="export", energy=4.0, max_power=4.0)
    await home.set_up("2025-10-06T20:00")
    assert {load.power for key in amounts(home) for load in home.loads(key)} >= {3.0, 4.0, 8.0}
    await _edges_are_exact(home)


async def test_a_step_of_power_inside_a_run(home) -> None:
    """The battery gets what the car leaves, and then all it can take: one run, two powers."""
    home.options(max_import_power=11.0)
    home.add_amount(energy=8.0)
    home.add_amount(**BATTERY | {"energy": 8.0})
    await spring_night(home, [0.1, 0.12, *[0.3] * 7])
    steps = [
        (before.power, after.power)
        for key in amounts(home)
        for before, after in pairwise(home.loads(key))
        if before.end == after.start
    ]
    assert steps
    await _edges_are_exact(home)
    for key in amounts(home):
        assert home.energy(NIGHT, MORNING, key) == pytest.approx(8, abs=0.01)


NIGHTS = {
    # file, evening before, the wished hours, how long that night is
    "spring": ("spring_2024", "2024-03-30", 8 * HOUR),
    "autumn": ("autumn_2024", "2024-10-26", 10 * HOUR),
}


@pytest.mark.freeze_time("2024-01-01T12:00:00Z")
@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("energy", [8.0, 24.0, 40.0, 62.0])
async def test_on_the_nights_when_the_clocks_change(home, world, night, energy) -> None:
    name, day, length = NIGHTS[night]
    world.import_prices = read_prices(PRICES / f"{name}.csv")
    start = local(f"{day}T22:00")
    end = start + length
    home.add_amount(energy=energy)
    await home.set_up(f"{day}T20:00")
    assert end == local(f"{day[:-2]}{int(day[-2:]) + 1:02}T07:00")

    await _edges_are_exact(home)
    await home.at(end + HOUR)

    # the source lacks an hour of either night; all others are there to choose from
    known = length_of(part for slot in world.import_prices if (part := slot.clip(start, end)))
    wanted = min(energy, 8 * (known / HOUR))
    assert home.energy(start, end) == pytest.approx(wanted, abs=0.01)
    best = 8 * home.best_cost(start, end, round(wanted / 8 * 60))
    assert home.bill(start, end) == pytest.approx(best, abs=0.005)


@pytest.mark.freeze_time("2026-10-24T12:00:00Z")
async def test_the_hour_that_comes_twice_is_two_hours(home, world) -> None:
    """Cheap is the second 02:00 to 03:00 only, by a clock that shows it twice."""
    midnight = local("2026-10-25T00:00")
    world.import_prices = hours([0.3, 0.3, 0.3, 0.1, 0.3, 0.3, 0.3, 0.3], midnight)
    world.publication = None
    home.add_amount(energy=8.0, start="00:00:00", end="07:00:00")
    await home.set_up("2026-10-24T20:00")
    second = local("2026-10-25T02:00", fold=1)
    assert home.windows() == [(second, second + HOUR)]
    for moment, power in (
        (local("2026-10-25T02:30"), 0),
        (second - SECOND, 0),
        (second, 8),
        (local("2026-10-25T03:00") - SECOND, 8),
        (local("2026-10-25T03:00"), 0),
    ):
        await home.at(moment)
        assert home.power() == power


@pytest.mark.freeze_time("2026-10-24T12:00:00Z")
async def test_a_run_around_the_hour_that_comes_twice_is_in_the_calendar(home, world) -> None:
    """By the clock on the wall it ends a quarter of an hour before it starts."""
    world.import_prices = hours(
        [0.3] * 10 + [0.1] * 3 + [0.3] * 10, local("2026-10-25T00:00"), QUARTER
    )
    world.publication = None
    assert await async_setup_component(home.hass, "calendar", {})
    home.add_amount(energy=6.0, start="00:00:00", end="05:00:00")
    await home.set_up("2026-10-24T20:00")
    start, end = local("2026-10-25T02:30"), local("2026-10-25T02:15", fold=1)
    assert home.windows() == [(start, end)]
    for moment, state in (
        (start - SECOND, "off"),
        (start, "on"),
        (end - SECOND, "on"),
        (end, "off"),
    ):
        await home.at(moment)
        assert home.state("calendar", "plan") == state
        assert home.active() == (state == "on")


async def test_an_edge_does_not_wait_for_an_answer(home, world) -> None:
    """Another schedule's wish is asked for at a slow server; mine begins all the same."""
    home.add_amount()
    home.add_amount(**BATTERY)
    start = await spring_night(home, [0.1] * 3 + [0.3] * 6)
    await home.at(start - 3 * SECOND)
    world.faults, world.slowness = {Fault.SLOW}, 20
    asking = asyncio.create_task(home.set_number("energy", 6, "schedule2"))
    for _ in range(5):
        home.freezer.tick(SECOND)
        async_fire_time_changed_exact(home.hass, home.now)
        for _ in range(200):
            await asyncio.sleep(0)
    assert not asking.done()
    assert home.power() == 8
    assert home.runs["schedule1"][-1].start == start
    world.faults = set()
    await home.patiently(asking)
    await follow(home, MORNING)
    assert home.energy(NIGHT, MORNING) == pytest.approx(24, abs=0.02)
    assert home.energy(NIGHT, MORNING, "schedule2") == pytest.approx(6, abs=0.02)


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_nothing_is_written_between_edges(home) -> None:
    """Neither by a schedule whose edge it is not, nor for anything but what an edge changes."""
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**BATTERY)
    await home.set_up("2025-10-06T20:00")
    edges = {
        key: {edge for window in home.windows(key) for edge in window} for key in amounts(home)
    }
    home.changes.clear()

    await follow(home, "2025-10-07T06:30", MINUTE)

    for key in amounts(home):
        own = {moment for moment, unique_id, _ in home.changes if unique_id.startswith(key)}
        assert own == edges[key]
    both = edges["schedule1"] | edges["schedule2"]
    assert {moment for moment, _, _ in home.said_of_plans()} == both


async def _day(home: Home, day: str) -> None:
    """Live on to 20:00, closely where the next night is asked for."""
    await follow(home, f"{day}T06:58")
    await follow(home, f"{day}T07:01", SECOND)
    await follow(home, f"{day}T20:00")


@pytest.mark.parametrize(
    ("publication", "budget"),
    [
        pytest.param(None, 15, id="prices known well ahead"),
        # the plan of the morning lacks the hours after midnight, and says so
        pytest.param(time(13), 26, id="prices out at one o'clock"),
    ],
)
async def test_few_states_are_written_in_a_day(home, world, publication, budget) -> None:
    """A night with one window, all entities of the schedule together."""
    day = local("2026-05-01T00:00")
    world.import_prices = hours(([0.1] * 6 + [0.3] * 18) * 5, day)
    world.publication = publication
    home.add_amount()
    await home.set_up("2026-05-01T20:00")
    await _day(home, "2026-05-02")
    home.changes.clear()

    await _day(home, "2026-05-03")

    own = [change for change in home.changes if change[1].startswith("schedule1")]
    assert len(own) <= budget, own
    assert home.energy(day + DAY, day + 3 * DAY) == pytest.approx(48, abs=0.02)


async def test_midnight_passes_unnoticed(home, world) -> None:
    """A run across midnight is one run, and so are two periods that touch there."""
    day = local("2026-05-01T00:00")
    world.import_prices = hours([0.3] * 22 + [0.1] * 4 + [0.3] * 46, day)
    world.publication = None
    home.add_amount(name="Night", energy=32.0)
    home.add_amount(name="Day", start="00:00:00", end="00:00:00", energy=16.0)
    await home.set_up("2026-05-01T20:00")
    await follow(home, "2026-05-01T23:58")
    await follow(home, "2026-05-02T00:02", SECOND)
    await follow(home, "2026-05-02T03:00")

    evening, night = local("2026-05-01T22:00"), local("2026-05-02T02:00")
    for key in amounts(home):
        assert [(run.start, run.end) for run in home.runs[key]] == [(evening, night)]
        assert [power for _, power in home.powers[key]] == [0, 8, 0]
