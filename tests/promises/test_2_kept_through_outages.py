"""Promise 2: a plan is kept until it runs out, whatever the network does."""

from datetime import timedelta

import pytest

from simulator.faults import Fault
from tests.home import DAY, HOUR, MINUTE, SECOND, local


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_day_without_flatpeak_from_the_middle_of_a_window(home, world) -> None:
    """No prices are known either, so there is nothing to plan on at home."""
    world.faults = {Fault.NO_PRICES}
    home.add()
    await home.set_up("2025-10-06T20:00")
    start, end = local("2025-10-06T22:00"), local("2025-10-07T07:00")
    middle = local("2025-10-07T03:00")
    await home.live(middle)
    assert home.active()

    world.faults = {Fault.UNAVAILABLE}
    await home.update()
    assert home.active()
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "off"
    await home.live(end)
    assert home.on_time(start, end) == 3 * HOUR
    assert home.cost(start, end) == pytest.approx(home.best_cost(start, end, 180))

    # the next night has no plan: that is said, and nothing runs on a guess
    await home.live(middle + timedelta(hours=20), 5 * MINUTE)
    assert home.state("binary_sensor", "active") == "off"
    assert home.sensor("status") == "problem"
    assert home.sensor("plan_source") == "unavailable"

    world.faults = set()
    back = middle + timedelta(days=1)
    await home.live(back, MINUTE)
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"
    assert home.sensor("plan_source") == "flatpeak"
    await home.live("2025-10-08T07:00")
    assert home.on_time(local("2025-10-07T22:00"), local("2025-10-08T07:00")) == 3 * HOUR


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_an_outage_does_not_hammer_the_server(home, world) -> None:
    world.token_lifetime = 2 * DAY
    home.add()
    await home.set_up("2025-10-06T20:00")
    await home.live("2025-10-07T06:00", 15 * MINUTE)
    world.calls.clear()
    world.faults = {Fault.UNAVAILABLE}
    await home.live("2025-10-08T06:00")
    # a quarter of an hour apart at the least, once the first tries are over
    assert 60 < len(home.asked()) < 110
    # prices were due at one o'clock
    assert 40 < len(home.price_calls()) < 80
    assert len(world.calls) == len(home.asked()) + len(home.price_calls())


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_an_outage_is_one_line_in_the_log(home, world, caplog) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.UNAVAILABLE}
    caplog.clear()
    await home.live("2025-10-07T20:00", 5 * MINUTE)
    world.faults = set()
    await home.live("2025-10-07T21:00", MINUTE)
    ours = [record for record in caplog.records if record.name.startswith("custom_components")]
    said = [(one.levelname, "Car" in one.getMessage()) for one in ours if one.levelno > 10]
    # once for the schedule and once for the prices, which are shown by themselves
    assert sorted(said) == [("ERROR", False), ("ERROR", True), ("INFO", False), ("INFO", True)]


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_schedule_that_never_had_an_answer_gets_one(home, world) -> None:
    world.faults = {Fault.NO_PRICES}
    home.add()
    await home.set_up("2025-10-06T18:00")
    await home.stop()
    world.faults = {Fault.SERVER_ERROR}
    await home.start("2025-10-07T08:00")
    assert home.state("binary_sensor", "active") == "off"
    assert home.sensor("status") == "problem"
    world.faults = set()
    await home.live("2025-10-07T08:05", 10 * SECOND)
    assert home.sensor("planned_duration") != "unavailable"
