"""Promise 5: after a restart the plan is there, and nothing is asked before it is due."""

from copy import deepcopy

import pytest

from simulator.faults import Fault
from tests.home import HOUR, MINUTE, SECOND, hours, local


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_in_the_middle_of_a_window_with_the_server_down(home, world) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    start, end = local("2025-10-06T22:00"), local("2025-10-07T07:00")
    planned = home.windows()
    await home.live("2025-10-07T03:10")
    assert home.active()
    before = len(world.calls)

    await home.stop()
    world.faults = {Fault.UNAVAILABLE}
    await home.start("2025-10-07T03:20")

    assert home.active()
    assert home.windows() == planned
    assert home.sensor("plan_source") == "restored"
    assert home.sensor("planned_duration") == "180.0"
    assert len(world.calls) == before
    await home.live(end)
    assert home.on_time(start, end) == 3 * HOUR


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_no_request_before_it_is_due(home, world) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    asked = len(home.asked())
    for moment in ("2025-10-06T20:10", "2025-10-06T23:00", "2025-10-07T04:50"):
        await home.live(moment)
        await home.stop()
        await home.start()
        await home.live(home.now + 2 * MINUTE)
    assert len(home.asked()) == asked
    # then it is due: a new period
    await home.live("2025-10-07T07:02", 10 * SECOND)
    assert len(home.asked()) == asked + 1
    assert home.sensor("plan_source") == "flatpeak"


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_what_fell_due_meanwhile_is_asked_at_once(home, world) -> None:
    home.add()
    await home.set_up("2025-10-07T08:00")
    await home.stop()
    asked = len(home.asked())
    await home.start("2025-10-07T15:00")
    await home.at(home.now + SECOND)
    assert len(home.asked()) == asked + 1
    assert home.sensor("planned_duration") == "180.0"


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_a_window_that_was_slept_through_is_made_up_for(home, world) -> None:
    """Nobody was there to switch on: these minutes are not delivered."""
    start = await home.spring_night([0.3, 0.1, 0.1, 0.1, 0.3, 0.2, 0.2, 0.3, 0.3])
    await home.stop()
    await home.start("2026-05-02T00:30")
    assert home.active()
    await home.at(home.now + SECOND)
    assert home.schedule_calls()[-1].body["duration"] == 90
    await home.live("2026-05-02T06:55", 5 * MINUTE)
    assert home.sensor("shortfall") == "0.0"
    assert home.on_time(start, home.now) == 3 * HOUR


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_a_window_that_had_begun_counts_in_full(home, world) -> None:
    """What was switched on stays on while Home Assistant is away."""
    start = await home.spring_night([0.3, 0.1, 0.1, 0.1, 0.3, 0.2, 0.2, 0.3, 0.3])
    await home.at(start + HOUR)
    asked = len(home.asked())
    await home.stop()
    await home.start("2026-05-02T03:00")
    await home.at(home.now + SECOND)
    assert not home.active()
    assert home.sensor("planned_duration") == "180.0"
    assert len(home.asked()) == asked


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_changed_wishes_survive(home, world) -> None:
    start = local("2026-05-01T22:00")
    world.publication = None
    world.import_prices = hours([0.3] * 24, start)
    home.add(name="One")
    home.add(name="Two")
    await home.set_up("2026-05-01T20:00")
    await home.set_duration(75)
    await home.set_time("end", "06:30:00")
    await home.enable(False, "schedule2")
    asked = len(home.asked())
    await home.stop()
    await home.start("2026-05-01T21:00")
    assert float(home.state("number", "duration")) == 75
    assert home.state("time", "end") == "06:30:00"
    assert home.state("switch", "enabled", "schedule2") == "off"
    assert home.sensor("planned_duration") == "75.0"
    await home.live("2026-05-01T21:10", MINUTE)
    assert len(home.asked()) == asked


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_after_a_power_cut_the_file_is_as_it_was_last_written(home, hass_storage) -> None:
    """No unloading, no last word: what was written at the window's start is enough."""
    start = await home.spring_night([0.3, 0.1, 0.1, 0.1, 0.3, 0.2, 0.2, 0.3, 0.3])
    await home.at(start + HOUR)
    file = deepcopy(hass_storage[f"flatpeak.{home.entry.entry_id}"])
    asked = len(home.asked())
    await home.at(start + 90 * MINUTE)
    await home.stop()
    hass_storage[f"flatpeak.{home.entry.entry_id}"] = file
    await home.start(start + 100 * MINUTE)
    await home.at(home.now + SECOND)
    assert home.active()
    assert home.windows() == [(start + HOUR, start + 4 * HOUR)]
    assert len(home.asked()) == asked
