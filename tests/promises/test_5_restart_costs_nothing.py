"""Promise 5: after a restart the plan is there, and nothing is asked before it is due."""

from copy import deepcopy

import pytest

from simulator.faults import Fault
from tests.home import DAY, HOUR, MINUTE, SECOND, Home

from .needs import (
    APART,
    EARLY,
    END,
    EVENING,
    LIMIT,
    MIDDLE,
    START,
    at,
    find,
    is_local,
    look,
    night,
    pass_time,
    planned,
    ran,
    show,
)

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


def calls(house: Home) -> int:
    """Return how often Flatpeak was asked for anything."""
    return 0 if is_local(house) else len(house.world.calls)


async def test_in_the_middle_of_a_window_with_nobody_to_answer(house, need) -> None:
    """More than half is delivered, and there is more to come."""
    await night(house, need, [0.10, 0.3, 0.11, 0.3, 0.12, 0.3, 0.3, 0.3, 0.3])
    before = planned(house)
    await pass_time(house, at(2.5))
    assert need.runs_now(house)
    asked = calls(house)

    await house.stop()
    if not is_local(house):
        house.world.faults = {Fault.UNAVAILABLE}
    await house.start(house.now + 25 * MINUTE)

    assert need.runs_now(house)
    assert planned(house) == before
    assert house.sensor("plan_source") == "restored"
    assert need.planned(house) == 3
    assert need.shortfall(house) == 0
    await pass_time(house, END - 5 * MINUTE)
    assert calls(house) == asked
    assert ran(house) == [(0, 1), (2, 3), (4, 5)]
    assert need.delivered(house, START, END) == 3
    find(house)
    await pass_time(house, END + 2 * HOUR)
    assert house.state("binary_sensor", "connected", house.entry.unique_id) == "on"


async def test_no_request_before_it_is_due(house, need) -> None:
    await night(house, need, APART)
    asked = calls(house)
    before = planned(house)
    for clock in (-1.8, 0.5, 2, 4.3):
        await pass_time(house, at(clock))
        await house.stop()
        await house.start()
        assert planned(house) == before
        await pass_time(house, house.now + 2 * MINUTE)
    assert calls(house) == asked
    # then it is due: a new period
    await pass_time(house, END + 2 * MINUTE)
    assert house.sensor("plan_source") == (
        "flatpeak" if need.asks and not is_local(house) else "planner"
    )
    assert ran(house) == [(0, 1), (3, 5)]


async def test_what_fell_due_meanwhile_is_asked_at_once(house, need) -> None:
    show(house, EARLY)
    need.add(house)
    await house.set_up(START - 14 * HOUR)
    await house.stop()
    asked = calls(house)
    show(house, EARLY)
    await house.start(START - 7 * HOUR)
    await house.at(house.now + SECOND)
    if need.asks and not is_local(house):
        assert calls(house) > asked
    assert need.planned(house) == 3


async def test_after_nights_away(house, need) -> None:
    """The stored plan is over; the next one is made, and nothing of the old one counts."""
    await night(house, need)
    await pass_time(house, at(2))
    await house.stop()
    nights = 3
    start = START + nights * DAY
    house.world.import_prices = [
        slot.__class__(slot.start + nights * DAY, slot.end + nights * DAY, slot.rate)
        for slot in house.world.import_prices
    ]
    await house.start(start - 2 * HOUR)
    await look(house)
    assert need.planned(house) == 3
    assert house.sensor("status") == "planned"
    await pass_time(house, start + 9 * HOUR)
    assert need.delivered(house, start, start + 9 * HOUR) == 3


async def test_a_window_that_was_slept_through_is_made_up_for(house, need) -> None:
    """Nobody was there to switch on: this time is not delivered."""
    await night(house, need, [0.3, 0.10, 0.11, 0.12, 0.3, 0.2, 0.2, 0.3, 0.3])
    await house.stop()
    await house.start(at(2.5))
    assert need.runs_now(house)
    await house.at(house.now + 10 * SECOND)
    await pass_time(house, END - 5 * MINUTE)
    assert need.shortfall(house) == 0
    # all that is within a bound is used, which is no more than is left
    wanted = 1.5 if need is LIMIT else 3
    assert need.delivered(house, START, house.now) == pytest.approx(wanted, abs=0.01)
    assert ran(house)[0] == (2.5, 4)


async def test_a_window_that_had_begun_counts_in_full(house, need) -> None:
    """What was switched on stays on while Home Assistant is away."""
    await night(house, need, [0.3, 0.10, 0.11, 0.12, 0.3, 0.2, 0.2, 0.3, 0.3])
    await house.at(at(1))
    asked = calls(house)
    await house.stop()
    await house.start(at(5))
    await house.at(house.now + SECOND)
    assert not need.runs_now(house)
    assert need.planned(house) == 3
    assert calls(house) == asked


async def test_a_restart_over_an_edge(house, need) -> None:
    """The end is when it was to be."""
    await night(house, need, APART)
    await pass_time(house, at(3.5))
    await house.stop()
    await house.start(at(4.25))
    assert need.runs_now(house)
    await pass_time(house, END)
    assert ran(house)[-1] == (3, 5)


async def test_changed_targets_survive(house, need) -> None:
    show(house, EARLY)
    need.add(house, name="One")
    need.add(house, name="Two")
    await house.set_up(EVENING)
    await need.want(house, 2)
    await house.set_time("end", "06:30:00")
    await house.enable(False, "schedule2")
    told = need.number(house)
    asked = calls(house)
    await house.stop()
    await house.start("2026-05-01T21:00")
    assert need.number(house) == told
    assert house.state("time", "end") == "06:30:00"
    assert house.state("switch", "enabled", "schedule2") == "off"
    assert need.planned(house) == 2
    await pass_time(house, "2026-05-01T21:10")
    assert calls(house) == asked


async def test_after_a_power_cut_the_file_is_as_it_was_last_written(
    house, need, hass_storage
) -> None:
    """No unloading, no last word: what was written at the window's start is enough."""
    await night(house, need, MIDDLE)
    await house.at(at(1))
    files = {
        name: deepcopy(file) for name, file in hass_storage.items() if name.startswith("flatpeak.")
    }
    asked = calls(house)
    await house.at(at(1.5))
    await house.stop()
    hass_storage.update(files)
    await house.start(at(1.75))
    await house.at(house.now + SECOND)
    assert need.runs_now(house)
    assert planned(house) == [(1, 4)]
    assert calls(house) == asked
    await pass_time(house, END)
    assert ran(house) == [(1, 4)]


async def test_a_restart_every_twenty_minutes(house, choosing) -> None:
    await night(house, choosing, APART)
    asked = calls(house)
    while house.now < at(8.5):
        await pass_time(house, house.now + 20 * MINUTE)
        await house.stop()
        await house.start(house.now + 5 * SECOND)
    assert calls(house) == asked
    # a window whose beginning fell into a restart lost these seconds, and no more
    assert choosing.delivered(house, START, END) == pytest.approx(3, abs=0.02)
