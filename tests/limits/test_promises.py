"""The promises of a schedule by price limit: on time, kept, calm, counted, cheap in requests."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator import Unpublished
from simulator.faults import Fault
from tests.home import HOUR, MINUTE, SECOND, Home, hours, local
from tests.local.conftest import LocalHome

START = local("2026-05-01T22:00")
END = local("2026-05-02T07:00")
# 22 to 7 o'clock; below 15 ct are 23, 1 and 2 o'clock
RATES = [0.3, 0.1, 0.3, 0.1, 0.12, 0.3, 0.3, 0.2, 0.3]
PLANNED = [(1.0, 2.0), (3.0, 5.0)]
NOON = timedelta(hours=22)

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


def show(house: Home, rates: list[float | None]) -> None:
    """Let these be the prices of the night, and dear ones those around it."""
    house.world.import_prices = hours([*[0.5] * 22, *rates, *[0.5] * 40], START - NOON)


async def night(house: Home, rates: list[float | None] = RATES, **changes) -> None:
    """Set a schedule up two hours before its night."""
    show(house, rates)
    house.add_limit(**changes)
    await house.set_up("2026-05-01T20:00")


def at(clock: float) -> datetime:
    """Return a moment by the hours since 22:00."""
    return START + clock * HOUR


def planned(house: Home) -> list[tuple[float, float]]:
    """Return the plan in hours since 22:00."""
    return [((start - START) / HOUR, (end - START) / HOUR) for start, end in house.windows()]


def ran(house: Home) -> list[tuple[float, float]]:
    """Return what was switched, in hours since 22:00."""
    return [
        ((run.start - START) / HOUR, ((run.end or house.now) - START) / HOUR)
        for run in house.runs.get("schedule1", [])
    ]


async def look(house: Home) -> None:
    """Let the home learn what has changed."""
    if isinstance(house, LocalHome):
        await house.at(house.now + SECOND)  # its sensor says so
        await house.at(house.now + 10 * SECOND)
    else:
        await house.update()


# 2 Kept


async def test_there_may_be_no_time_within_the_limit(house) -> None:
    await night(house, limit=0.05)
    assert planned(house) == []
    assert house.sensor("status") == "planned"
    assert house.sensor("shortfall") == "0.0"
    assert house.sensor("planned_duration") == "0.0"
    assert not house.active()


async def test_while_flatpeak_is_away_it_is_planned_at_home(home, world) -> None:
    """Until it is back: then the plan is Flatpeak's again, and what runs goes on."""
    world.publication = None
    await night(home)
    await home.live(at(1.5), 5 * MINUTE)
    world.faults = {Fault.UNAVAILABLE}
    await home.set_number("limit", 0.11)
    assert planned(home) == [(1.0, 2.0), (3.0, 4.0)]
    assert home.sensor("plan_source") == "planner"
    await home.live(at(3.5), 5 * MINUTE)
    world.faults = set()
    await home.live(at(4.2), 5 * MINUTE)
    assert home.sensor("plan_source") == "flatpeak"
    await home.live(END, 5 * MINUTE)
    assert [(round(a, 3), round(b, 3)) for a, b in ran(home)] == [(1.0, 2.0), (3.0, 4.0)]


# 3 Calm


async def test_what_runs_is_never_cut_short(house) -> None:
    await night(house)
    await house.live(at(3.5), 10 * MINUTE)
    show(house, [*RATES[:3], 0.4, 0.4, 0.1, *RATES[6:]])
    await look(house)
    assert house.active()
    await house.live(END, 10 * MINUTE)
    assert ran(house) == [(1.0, 2.0), (3.0, 6.0)]


async def test_another_limit_counts_at_once_on_what_runs_too(house) -> None:
    await night(house)
    await house.live(at(4.5), 10 * MINUTE)
    assert house.active()
    await house.set_number("limit", 0.11)
    assert not house.active()
    await house.set_number("limit", 0.12)
    assert house.active()
    await house.set_number("limit", 0.3)
    assert planned(house)[-1] == (3.0, 9.0)
    await house.set_number("limit", -0.01)
    assert planned(house)[-1][1] == 4.5


async def test_a_limit_that_changes_nothing_leaves_what_runs_on(house) -> None:
    """In between it is never off."""
    await night(house)
    await house.live(at(4.5), 10 * MINUTE)
    seen = len(house.changes)
    await house.set_number("limit", 0.13)
    assert planned(house) == PLANNED
    told = [state for _, key, state in house.changes[seen:] if key == "schedule1_active"]
    assert "off" not in told


# 4 Minutes are counted


async def test_at_most_so_many_minutes_however_often_it_is_planned(house) -> None:
    await night(house, most=120)
    assert planned(house) == [(1.0, 2.0), (3.0, 4.0)]
    for clock in (1.5, 2.5, 3.2):
        await house.live(at(clock), 10 * MINUTE)
        await house.update()
    await house.live(at(4.5), 10 * MINUTE)
    show(house, [*RATES[:5], 0.01, 0.01, 0.01, 0.01])
    await look(house)
    await house.live(END, 10 * MINUTE)
    assert house.on_time(START, END) == 2 * HOUR
    assert ran(house) == [(1.0, 2.0), (3.0, 4.0)]


async def test_at_least_so_many_minutes_however_often_it_is_planned(house) -> None:
    await night(house, least=240)
    assert planned(house) == [*PLANNED, (7.0, 8.0)]
    await house.live(at(3.5), 10 * MINUTE)
    await house.stop()
    await house.start()
    show(house, [*RATES[:5], 0.19, 0.3, 0.3, 0.3])
    await look(house)
    await house.live(END, 10 * MINUTE)
    assert house.on_time(START, END) == 4 * HOUR
    assert ran(house)[-1] == (3.0, 6.0)


async def test_of_what_is_joined_the_best_part_is_used(house) -> None:
    """Flatpeak answers with the average of touching hours."""
    await night(house, [0.3, 0.14, 0.05, 0.3, 0.08, 0.3, 0.3, 0.3, 0.3], most=120)
    assert planned(house) == [(2.0, 3.0), (4.0, 5.0)]


async def test_the_best_of_more_than_the_most_without_prices_to_see(home, world) -> None:
    """Then Flatpeak is asked for the best of that length as well."""
    world.publication = None
    world.faults = {Fault.NO_PRICES}
    await night(home, [0.3, 0.14, 0.05, 0.3, 0.08, 0.3, 0.3, 0.3, 0.3], most=120)
    assert planned(home) == [(2.0, 3.0), (4.0, 5.0)]
    assert len(home.schedule_calls()) <= 3  # one of them taught the account's generation


# 6 Few requests


async def test_the_least_costs_a_second_request_and_no_more(home, world) -> None:
    world.publication = None
    await night(home, least=240)
    home.world.calls.clear()
    await home.update()
    limit, duration = home.schedule_calls()
    assert "/schedules/limit/" in limit.path
    assert "/schedules/duration/" in duration.path
    assert duration.body["duration"] == 240
    await home.live(at(-0.5), 5 * MINUTE)
    assert len(home.schedule_calls()) == 2


# 7 Nothing half-known


@pytest.mark.freeze_time("2025-10-06T06:00:00Z")
@pytest.mark.parametrize("unpublished", Unpublished)
async def test_prices_that_are_not_out(home, world, unpublished) -> None:
    world.unpublished = unpublished
    home.add_limit(limit=0.1)
    await home.set_up("2025-10-06T08:00")
    midnight, end = local("2025-10-07T00:00"), local("2025-10-07T07:00")
    if unpublished is Unpublished.FORECAST:
        assert home.sensor("status") == "provisional"
    else:
        assert all(until <= midnight for _, until in home.windows())
    await home.live("2025-10-06T13:10", 30 * SECOND)
    assert home.sensor("status") == "planned"
    good = [
        (part.start, part.end)
        for slot in world.import_prices
        if slot.rate <= 0.1 and (part := slot.clip(local("2025-10-06T22:00"), end))
    ]
    assert sum((b - a for a, b in home.windows()), timedelta(0)) == sum(
        (b - a for a, b in good), timedelta(0)
    )


async def test_nothing_is_known(home, world) -> None:
    world.import_prices = ()
    home.add_limit()
    await home.set_up("2026-05-01T20:00")
    assert home.sensor("status") == "waiting"
    assert not home.active()
    world.publication = None
    show(home, RATES)
    await home.live("2026-05-01T20:25", MINUTE)
    assert planned(home) == PLANNED


# Entities


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_hours_switch_and_calendar(hass, house) -> None:
    await night(house)
    await house.set_time("start", "23:30:00")
    assert planned(house) == [(1.5, 2.0), (3.0, 5.0)]
    await house.set_time("end", "02:00:00")
    assert planned(house) == [(1.5, 2.0), (3.0, 4.0)]
    entity_id = house.entity_id("calendar", "plan")
    events = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": entity_id, "start_date_time": START, "end_date_time": END},
        blocking=True,
        return_response=True,
    )
    starts = [
        datetime.fromisoformat(event["start"]).astimezone(UTC)
        for event in events[entity_id]["events"]
    ]
    assert starts == [at(1.5), at(3)]
    await house.enable(False)
    assert planned(house) == []
    assert house.sensor("status") == "off"
    await house.enable(True)
    assert planned(house) == [(1.5, 2.0), (3.0, 4.0)]


async def test_switched_off_in_the_middle_and_on_again(house) -> None:
    await night(house, most=120)
    await house.live(at(1.5), 10 * MINUTE)
    await house.enable(False)
    assert not house.active()
    await house.live(at(2.5), 10 * MINUTE)
    await house.enable(True)
    await house.live(END, 10 * MINUTE)
    assert ran(house) == [(1.0, 1.5), (3.0, 4.5)]
    assert house.on_time(START, END) == 2 * HOUR
