"""Promise 2: a plan is kept until it runs out, whatever the network does."""

import pytest

from simulator.faults import Fault
from tests.home import DAY, HOUR, MINUTE, hours

from .needs import (
    APART,
    END,
    EVENING,
    START,
    at,
    find,
    is_local,
    look,
    lose,
    night,
    pass_time,
    planned,
    ran,
)

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


def connected(house) -> str:
    return house.state("binary_sensor", "connected", house.entry.unique_id)


async def test_a_day_without_an_answer_from_the_middle_of_a_window(house, need) -> None:
    """Nobody answers, and there are no prices of the next night to plan on either."""
    house.world.publication = None
    house.world.import_prices = hours([*[0.5] * 22, *APART], START - 22 * HOUR)
    need.add(house)
    await house.set_up(EVENING)
    await pass_time(house, at(3.5))
    await lose(house)
    assert need.runs_now(house)
    assert planned(house)[-1] == (3, 5)
    await pass_time(house, END + HOUR)
    assert ran(house) == [(0, 1), (3, 5)]
    # whoever runs the last of what it wants has nothing to ask before the next night
    if need.asks or is_local(house):
        assert connected(house) == "off"

    # the next night has no plan: nothing runs on a guess before there is no other hour left
    await pass_time(house, START + DAY + 2.5 * HOUR)
    assert house.state("binary_sensor", "active") == "off"
    if need.asks and not is_local(house):
        assert house.sensor("status") == "problem"
        assert house.sensor("plan_source") == "unavailable"

    rates = [*[0.5] * 24, *[0.3] * 3, 0.1, 0.11, 0.12, *[0.3] * 3, *[0.5] * 30]
    house.world.import_prices = hours(rates, START)
    find(house)
    await look(house)
    await pass_time(house, START + DAY + 3 * HOUR)
    assert connected(house) == "on"
    assert house.sensor("status") == "planned"
    source = "flatpeak" if need.asks and not is_local(house) else "planner"
    assert house.sensor("plan_source") == source
    await pass_time(house, END + DAY)
    assert need.delivered(house, START + DAY, END + DAY) == 3
    assert ran(house)[-1] == (27, 30)


async def test_an_outage_does_not_hammer_the_server(home, world, need) -> None:
    world.token_lifetime = 2 * DAY
    need.add(home)
    await home.set_up("2025-10-06T20:00")
    await pass_time(home, "2025-10-07T06:00")
    world.calls.clear()
    world.faults = {Fault.UNAVAILABLE}
    await pass_time(home, "2025-10-08T06:00")
    # a quarter of an hour apart at the least, once the first tries are over
    assert 60 < len(home.asked()) < 110 if need.asks else not home.asked()
    # prices were due at one o'clock
    assert 40 < len(home.price_calls()) < 80
    assert len(world.calls) == len(home.asked()) + len(home.price_calls())


async def test_an_outage_is_one_line_in_the_log(home, world, need, caplog) -> None:
    need.add(home, name="Car")
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.UNAVAILABLE}
    caplog.clear()
    await pass_time(home, "2025-10-07T20:00")
    world.faults = set()
    await pass_time(home, "2025-10-07T21:00")
    ours = [record for record in caplog.records if record.name.startswith("custom_components")]
    said = [(one.levelname, "Car" in one.getMessage()) for one in ours if one.levelno > 10]
    # once for the schedule and once for the prices, which are shown by themselves
    own = [("ERROR", True), ("INFO", True)] if need.asks else []
    assert sorted(said) == sorted([("ERROR", False), ("INFO", False), *own])
    assert home.sensor("status") == "planned"


async def test_a_schedule_that_never_had_an_answer_gets_one(home, world, asking) -> None:
    world.faults = {Fault.NO_PRICES}
    await night(home, asking)
    await home.stop()
    world.faults = {Fault.SERVER_ERROR}
    await home.start(START - 12 * HOUR + DAY)
    assert home.state("binary_sensor", "active") == "off"
    assert home.sensor("status") == "problem"
    world.faults = set()
    await pass_time(home, home.now + 5 * MINUTE)
    assert asking.planned(home) == (3 if asking.chooses else 0)


@pytest.mark.parametrize("wanted", [2, 4])
async def test_a_target_that_changes_in_an_outage(house, need, wanted) -> None:
    """It is planned on the prices that are known, and takes effect at once."""
    rates = [0.10, 0.11, 0.12, 0.13, *[0.3] * 5]
    await night(house, need, rates)
    await house.at(START)
    await house.at(at(1))
    await lose(house)
    await need.want(house, wanted)
    assert planned(house) == [(0, wanted)]
    find(house)
    await pass_time(house, at(1.75))
    assert house.sensor("status") == "planned"
    await pass_time(house, END)
    assert ran(house) == [(0, wanted)]
    assert need.delivered(house, START, END) == wanted
