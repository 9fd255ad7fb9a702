"""Promise 1: edges on time, to the second, on every night of the year."""

import asyncio
from datetime import time, timedelta

from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed_exact

from custom_components.flatpeak.model import total
from simulator import Simulator, World
from simulator.faults import Fault
from simulator.prices import read_prices
from tests.conftest import PRICES
from tests.home import DAY, HOUR, SECOND, Home, hours, local

from .needs import (
    APART,
    DURATION,
    END,
    EVENING,
    FIRST,
    SECOND_BEST,
    START,
    Need,
    at,
    is_local,
    night,
    pass_time,
    planned,
    ran,
)

QUARTER = timedelta(minutes=15)

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


async def _edges_are_exact(house: Home, need: Need, *keys: str) -> None:
    """Go to a second before each edge, then to the edge."""
    plans = {key: house.windows(key) for key in keys or ("schedule1",)}
    edges = {edge for plan in plans.values() for window in plan for edge in window}
    assert edges
    for edge in sorted(edges):
        for moment in (edge - SECOND, edge):
            if moment < house.now:
                continue
            await house.at(moment)
            for key, plan in plans.items():
                expected = any(start <= moment < end for start, end in plan)
                assert need.runs_now(house, key) is expected, (key, moment)


async def test_edges_are_to_the_second(house, need) -> None:
    await night(house, need, APART)
    assert planned(house) == [(0, 1), (3, 5)]
    await _edges_are_exact(house, need)
    assert ran(house) == [(0, 1), (3, 5)]


NIGHTS = {
    # file, evening before, how long that night is
    "spring": ("spring_2024", "2024-03-30", 8 * HOUR),
    "autumn": ("autumn_2024", "2024-10-26", 10 * HOUR),
}
# An hour, several, and nearly all of the shorter night
WANTED = {"schedule1": 1.0, "schedule2": 3.0, "schedule3": 5.0, "schedule4": 7.75}


@pytest.mark.freeze_time("2024-01-01T12:00:00Z")
@pytest.mark.parametrize("clocks", NIGHTS)
async def test_on_the_nights_when_the_clocks_change(house, choosing, clocks) -> None:
    """Real prices: the best hours of the night, however many are wanted."""
    name, day, length = NIGHTS[clocks]
    house.world.import_prices = read_prices(PRICES / f"{name}.csv")
    start = local(f"{day}T22:00")
    end = start + length
    # without an account, hours that nobody knows a price of are used in the end
    every = dict(list(WANTED.items())[:3]) if is_local(house) else WANTED
    for wanted in every.values():
        choosing.add(house, wanted)
    await house.set_up(f"{day}T20:00")
    assert end == local(f"{day[:-2]}{int(day[-2:]) + 1:02}T07:00")

    await _edges_are_exact(house, choosing, *every)
    await house.at(end + HOUR)

    # the source lacks an hour of either night; all others are there to choose from
    prices = house.world.import_prices
    known = total(part for slot in prices if (part := slot.clip(start, end))) / HOUR
    for key, wanted in every.items():
        best = min(wanted, known)
        assert choosing.delivered(house, start, end, key) == best
        cost = choosing.bill(house, start, end, key)
        assert cost == pytest.approx(house.best_cost(start, end, round(best * 60)), abs=0.001)


@pytest.mark.freeze_time("2026-10-24T12:00:00Z")
async def test_the_hour_that_comes_twice_is_two_hours(house, need) -> None:
    """Cheap is the second 02:00 to 03:00 only, by a clock that shows it twice."""
    midnight = local("2026-10-25T00:00")
    rates = [*[0.5] * 24, 0.3, 0.3, 0.3, 0.1, 0.3, 0.3, 0.3, 0.3]
    house.world.import_prices = hours(rates, midnight - DAY)
    need.add(house, 1, start="00:00:00", end="07:00:00")
    await house.set_up("2026-10-24T20:00")
    second = local("2026-10-25T02:00", fold=1)
    assert house.windows() == [(second, second + HOUR)]
    for moment, runs in (
        (local("2026-10-25T02:30"), False),
        (second - SECOND, False),
        (second, True),
        (local("2026-10-25T03:00") - SECOND, True),
        (local("2026-10-25T03:00"), False),
    ):
        await house.at(moment)
        assert need.runs_now(house) is runs


@pytest.mark.freeze_time("2026-10-24T12:00:00Z")
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_window_around_the_hour_that_comes_twice_is_in_the_calendar(house, need) -> None:
    """By the clock on the wall it ends a quarter of an hour before it starts."""
    rates = [*[0.5] * 96, *[0.3] * 10, *[0.1] * 3, *[0.3] * 90]
    house.world.import_prices = hours(rates, local("2026-10-24T00:00"), QUARTER)
    assert await async_setup_component(house.hass, "calendar", {})
    need.add(house, 0.75, start="00:00:00", end="05:00:00", **_bound(need))
    await house.set_up("2026-10-24T20:00")
    start, end = local("2026-10-25T02:30"), local("2026-10-25T02:15", fold=1)
    assert house.windows() == [(start, end)]
    for moment, state in (
        (start - SECOND, "off"),
        (start, "on"),
        (end - SECOND, "on"),
        (end, "off"),
    ):
        await house.at(moment)
        assert house.state("calendar", "plan") == state
        assert need.runs_now(house) == (state == "on")


def _bound(need: Need) -> dict[str, float]:
    """Return what cheap quarters are within; three of them are no number of hours."""
    return {} if need.chooses else {"limit": 0.2}


async def test_an_edge_does_not_wait_for_another_schedule_s_answer(home, world, need) -> None:
    """Another schedule's target is asked for at a slow server; mine begins all the same."""
    other = need if need.asks else DURATION
    other.add(home, 1, name="Other")
    await night(home, need)
    await home.at(START - 3 * SECOND)
    world.faults, world.slowness = {Fault.SLOW}, 20
    asking = asyncio.create_task(other.want(home, 2))
    for _ in range(5):
        home.freezer.tick(SECOND)
        async_fire_time_changed_exact(home.hass, home.now)
        for _ in range(200):
            await asyncio.sleep(0)
    assert not asking.done()
    assert need.runs_now(home, "schedule2")
    assert home.runs["schedule2"][-1].start == START
    world.faults = set()
    await home.patiently(asking)
    await pass_time(home, END)
    assert need.delivered(home, START, END, "schedule2") == 3
    assert other.delivered(home, START, END) == pytest.approx(2, abs=0.01)


async def test_nothing_is_written_between_edges(house, need) -> None:
    """Neither by a schedule whose edge it is not, nor for anything but what an edge changes."""
    need.add(house, 1)
    await night(house, need, APART)
    edges = {
        key: {at(clock) for window in planned(house, key) for clock in window}
        for key in ("schedule1", "schedule2")
    }
    assert edges["schedule1"] != edges["schedule2"]
    house.changes.clear()

    await pass_time(house, END - HOUR / 2, QUARTER)

    for key, own in edges.items():
        assert {one[0] for one in house.changes if one[1].startswith(key)} == own, [
            one for one in house.changes if one[0].second
        ]
    told = {moment for moment, name, _ in house.changes if "price" not in name}
    assert told == edges["schedule1"] | edges["schedule2"]
    priced = {slot.start for slot in house.world.import_prices}
    assert {moment for moment, name, _ in house.changes if "price" in name} <= priced


@pytest.mark.parametrize("publication", [None, time(13)], ids=["known well ahead", "at one"])
async def test_few_states_are_written_in_a_day(house, need, publication) -> None:
    """A night with one window, all entities of the schedule together."""
    day = local("2026-05-01T00:00")
    house.world.import_prices = hours(([FIRST] * 3 + [0.2] * 19 + [0.3] * 2) * 5, day)
    if is_local(house):
        house.publication = publication or time()
    else:
        house.world.publication = publication
    need.add(house, 1)
    await house.set_up("2026-05-01T20:00")
    await pass_time(house, "2026-05-02T20:00")
    house.changes.clear()

    await pass_time(house, "2026-05-03T20:00")

    own = [change for change in house.changes if change[1].startswith("schedule1")]
    # the plan of the morning lacks the hours after midnight, and says so
    assert len(own) <= (26 if publication else 15), own
    wanted = 2 * (1 if need.chooses else 3)
    assert need.delivered(house, day + DAY, day + 3 * DAY) == wanted


async def test_midnight_passes_unnoticed(house, need) -> None:
    """A window across midnight is one window, and so are two periods that touch there."""
    rates = [*[0.3] * 22, *[FIRST, SECOND_BEST] * 2, *[0.3] * 46]
    house.world.import_prices = hours(rates, START - 22 * HOUR)
    need.add(house, 4, name="Night")
    need.add(house, 2, name="Day", start="00:00:00", end="00:00:00")
    await house.set_up(EVENING)
    await pass_time(house, "2026-05-02T03:00")
    for key in ("schedule1", "schedule2"):
        assert ran(house, key) == [(0, 4)]
        if need.kind == "amount":
            assert [power for _, power in house.powers[key]] == [0, 8, 0]


async def test_a_foreign_simulator_can_be_told_apart(home, socket_enabled) -> None:
    """The tests above do talk to a server: another one hears nothing."""
    async with Simulator(World()) as other:
        home.add()
        await home.set_up()
        assert not other.world.calls
        assert home.world.calls
