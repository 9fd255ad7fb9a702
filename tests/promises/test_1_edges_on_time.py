"""Promise 1: edges on time, to the second, on every night of the year."""

import asyncio
from datetime import time, timedelta
from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed_exact

from custom_components.flatpeak.model import total
from simulator import Simulator, World
from simulator.faults import Fault
from simulator.prices import read_prices
from tests.conftest import PRICES
from tests.home import HOUR, MINUTE, NIGHT, SECOND, hours, local

QUARTER = timedelta(minutes=15)


async def _edges_are_exact(home) -> None:
    """Go to a second before each edge, then to the edge."""
    for start, end in home.windows():
        await home.at(start - SECOND)
        assert not home.active()
        await home.at(start)
        assert home.active()
        await home.at(end - SECOND)
        assert home.active()
        await home.at(end)
        assert not home.active()


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_on_an_ordinary_night(home) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    assert len(home.windows()) > 1
    await _edges_are_exact(home)


NIGHTS = {
    # file, evening before, the wished hours, how long that night is
    "spring": ("spring_2024", "2024-03-30", 8 * HOUR),
    "autumn": ("autumn_2024", "2024-10-26", 10 * HOUR),
}


@pytest.mark.freeze_time("2024-01-01T12:00:00Z")
@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("minutes", [60, 180, 300, 475])
async def test_on_the_nights_when_the_clocks_change(home, world, night, minutes) -> None:
    name, day, length = NIGHTS[night]
    world.import_prices = read_prices(PRICES / f"{name}.csv")
    start = local(f"{day}T22:00")
    end = start + length
    home.add(duration={"minutes": minutes})
    await home.set_up(f"{day}T20:00")
    assert end == local(f"{day[:-2]}{int(day[-2:]) + 1:02}T07:00")

    await _edges_are_exact(home)
    await home.at(end + HOUR)

    # the source lacks an hour of either night; all others are there to choose from
    known = total(part for slot in world.import_prices if (part := slot.clip(start, end)))
    wanted = min(minutes * MINUTE, known)
    assert home.on_time(start, end) == wanted
    assert home.cost(start, end) == pytest.approx(home.best_cost(start, end, int(wanted / MINUTE)))


@pytest.mark.freeze_time("2026-10-24T12:00:00Z")
async def test_the_hour_that_comes_twice_is_two_hours(home, world) -> None:
    """Cheap is the second 02:00 to 03:00 only, by a clock that shows it twice."""
    midnight = local("2026-10-25T00:00")
    world.import_prices = hours([0.3, 0.3, 0.3, 0.1, 0.3, 0.3, 0.3, 0.3], midnight)
    world.publication = None
    home.add(duration={"hours": 1}, start="00:00:00", end="07:00:00")
    await home.set_up("2026-10-24T20:00")
    second = local("2026-10-25T02:00", fold=1)
    assert home.windows() == [(second, second + HOUR)]

    await home.at(local("2026-10-25T02:30"))
    assert not home.active()
    await home.at(second)
    assert home.active()
    await home.at(local("2026-10-25T03:00"))
    assert not home.active()


@pytest.mark.freeze_time("2026-10-24T12:00:00Z")
async def test_a_window_around_the_hour_that_comes_twice_is_in_the_calendar(home, world) -> None:
    """By the clock on the wall it ends a quarter of an hour before it starts."""
    world.import_prices = hours(
        [0.3] * 10 + [0.1] * 3 + [0.3] * 10, local("2026-10-25T00:00"), QUARTER
    )
    world.publication = None
    assert await async_setup_component(home.hass, "calendar", {})
    home.add(duration={"minutes": 45}, start="00:00:00", end="05:00:00")
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


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_an_edge_does_not_wait_for_another_schedule_s_answer(home, world) -> None:
    """A schedule that is added asks a slow server; the others go on in the meantime."""
    start = await home.spring_night([0.1] * 3 + [0.3] * 6)
    await home.at(start - 3 * SECOND)
    world.faults, world.slowness = {Fault.SLOW}, 20
    home.hass.config_entries.async_add_subentry(
        home.entry,
        ConfigSubentry(
            data=MappingProxyType(NIGHT | {"name": "New"}),
            subentry_type="duration",
            title="New",
            unique_id=None,
        ),
    )
    for _ in range(5):
        home.freezer.tick(SECOND)
        async_fire_time_changed_exact(home.hass, home.now)
        for _ in range(200):
            await asyncio.sleep(0)
    assert home.active()
    world.faults = set()
    await home.patiently(home.settle())


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_nothing_is_written_between_edges(home, world) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    edges = {edge for window in home.windows() for edge in window}
    home.changes.clear()

    await home.live("2025-10-07T06:30")

    assert {moment for moment, _, _ in home.said_of_plans()} == edges
    priced = {slot.start for slot in world.import_prices}
    assert {moment for moment, _, _ in home.said_of_prices()} <= priced


async def _day(home, day: str) -> None:
    """Live on to 20:00, closely where the next night is asked for."""
    await home.live(f"{day}T06:58")
    await home.live(f"{day}T07:01", SECOND)
    await home.live(f"{day}T20:00")


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
@pytest.mark.parametrize(
    ("publication", "budget"),
    [
        pytest.param(None, 15, id="prices known well ahead"),
        # the plan of the morning lacks the hours after midnight, and says so
        pytest.param(time(13), 21, id="prices out at one o'clock"),
    ],
)
async def test_few_states_are_written_in_a_day(home, world, publication, budget) -> None:
    """A night with one window, all entities of the schedule together."""
    day = local("2026-05-01T00:00")
    world.import_prices = hours(([0.1] * 6 + [0.3] * 18) * 5, day)
    world.publication = publication
    home.add()
    await home.set_up("2026-05-01T20:00")
    await _day(home, "2026-05-02")
    home.changes.clear()

    await _day(home, "2026-05-03")

    assert len(home.said_of_plans()) <= budget, home.said_of_plans()
    assert home.on_time(day + timedelta(days=1), day + timedelta(days=3)) == 6 * HOUR


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_midnight_passes_unnoticed(home, world) -> None:
    """A window across midnight is one window, and so are two periods that touch there."""
    day = local("2026-05-01T00:00")
    world.import_prices = hours([0.3] * 22 + [0.1] * 4 + [0.3] * 46, day)
    world.publication = None
    home.add(name="Night", duration={"hours": 4})
    home.add(name="Day", start="00:00:00", end="00:00:00", duration={"hours": 2})
    await home.set_up("2026-05-01T20:00")
    await home.live("2026-05-02T03:00", 10 * SECOND)

    evening, night = local("2026-05-01T22:00"), local("2026-05-02T02:00")
    assert [(run.start, run.end) for run in home.runs["schedule1"]] == [(evening, night)]
    assert [(run.start, run.end) for run in home.runs["schedule2"]] == [(evening, night)]


async def test_a_foreign_simulator_can_be_told_apart(home, socket_enabled) -> None:
    """The tests above do talk to a server: another one hears nothing."""
    async with Simulator(World()) as other:
        home.add()
        await home.set_up()
        assert not other.world.calls
        assert home.world.calls
