"""Promise 2 of schedules by amount: a plan is kept until it runs out, whatever the network does."""

import pytest

from simulator.faults import Fault
from tests.home import DAY, HOUR, MINUTE, SECOND, local

from .helpers import BATTERY, CLOSE, MORNING, NIGHT, follow, spring_night, total, unavailable

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

START, END = local("2025-10-06T22:00"), local("2025-10-07T07:00")


async def test_a_day_without_flatpeak_from_the_middle_of_a_run(home, world) -> None:
    """No prices are known either, so there is nothing to plan on at home."""
    world.faults = {Fault.NO_PRICES}
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**BATTERY)
    await home.set_up("2025-10-06T20:00")
    plans = home.loads(), home.loads("schedule2")
    middle = plans[0][-1].start + 5 * MINUTE
    await follow(home, middle)
    assert home.active()

    world.faults = {Fault.UNAVAILABLE}
    await home.update()
    assert home.power() == 8
    assert (home.loads(), home.loads("schedule2")) == plans
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "off"
    await follow(home, END)
    assert total(home, START, END) == {"schedule1": 24, "schedule2": 5}

    # the next night has no plan: that is said, and nothing runs on a guess
    await follow(home, local("2025-10-08T00:30"))
    for key in ("schedule1", "schedule2"):
        assert home.state("binary_sensor", "active", key) == "off"
        assert home.power(key) == 0
        assert home.sensor("status", key) == "problem"
        assert home.sensor("plan_source", key) == "unavailable"

    world.faults = set()
    await follow(home, local("2025-10-08T01:00"), MINUTE)
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"
    assert home.sensor("plan_source") == "flatpeak"
    assert unavailable(home) == set()
    await follow(home, END + DAY)
    assert total(home, START + DAY, END + DAY) == {"schedule1": 24, "schedule2": 5}
    assert home.highest_power(START, END + DAY) <= 11


@pytest.mark.parametrize("fault", sorted(set(Fault) - {Fault.SLOW}))
async def test_no_trouble_cuts_what_runs(home, world, fault) -> None:
    """Each trouble in the middle of a run, over its end, and past the next start."""
    world.publication = None
    home.add_amount(energy=12.0)
    await home.set_up("2025-10-06T20:00")
    plan = home.loads()
    assert len(plan) > 1
    await home.at(plan[0].start)
    await home.at(plan[0].start + MINUTE)
    world.faults = {fault}
    await home.update()
    for load in plan:
        for moment in (load.start, load.end - SECOND, load.end):
            if moment > home.now:
                await home.at(moment)
                assert home.power() == (8 if moment < load.end else 0)
    world.faults = set()
    await follow(home, END + 20 * MINUTE)
    assert home.energy(START, END) == pytest.approx(12)
    assert home.sensor("status") == "planned"
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"


async def test_an_outage_does_not_hammer_the_server(home, world) -> None:
    world.token_lifetime = 2 * DAY
    home.add_amount()
    home.add_amount(**BATTERY)
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


async def test_an_outage_is_one_line_in_the_log(home, world, caplog) -> None:
    home.add_amount()
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
    assert home.sensor("status") == "planned"


async def test_a_schedule_that_never_had_an_answer_gets_one(home, world) -> None:
    world.faults = {Fault.NO_PRICES}
    home.add_amount()
    await home.set_up("2025-10-06T18:00")
    await home.stop()
    world.faults = {Fault.SERVER_ERROR}
    await home.start("2025-10-07T08:00")
    assert home.state("binary_sensor", "active") == "off"
    assert home.power() == 0
    assert home.sensor("status") == "problem"
    world.faults = set()
    await home.live("2025-10-07T08:05", 10 * SECOND)
    assert home.sensor("planned_energy") != "unavailable"
    await follow(home, END + DAY)
    assert home.energy(START + DAY, END + DAY) == pytest.approx(24)


async def test_a_period_that_begins_in_an_outage_is_planned_when_it_is_over(home, world) -> None:
    """The night of tomorrow could not be asked for; the server is back at midnight."""
    world.faults = {Fault.NO_PRICES}
    home.add_amount()
    await home.set_up("2025-10-06T20:00")
    await follow(home, "2025-10-07T06:50")
    world.faults = {Fault.CUT_OFF}
    await follow(home, "2025-10-08T00:00")
    assert not home.windows()
    world.faults = set()
    await follow(home, "2025-10-08T00:20", 10 * SECOND)
    assert home.sensor("status") == "planned"
    await follow(home, END + DAY)
    assert home.energy(START + DAY, END + DAY) == pytest.approx(24)
    begun = home.delivered(START + DAY, END + DAY)[0].start
    assert local("2025-10-08T00:00") < begun


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
@pytest.mark.parametrize(
    ("energy", "at_once", "in_the_end"),
    [
        pytest.param(32.0, 8, 32, id="more"),
        pytest.param(12.0, 8, 12, id="less"),
        pytest.param(4.0, 0, 8, id="less than there was"),
    ],
)
async def test_a_wish_that_changes_in_an_outage(home, world, energy, at_once, in_the_end) -> None:
    """What is left of the plan goes on as far as it fits; the rest comes with the answer."""
    home.add_amount()
    start = await spring_night(home, [0.1] * 3 + [0.3] * 6)
    await home.at(start)
    await home.at(start + HOUR)
    world.faults = {Fault.UNAVAILABLE}
    await home.set_number("energy", energy)
    assert home.power() == at_once
    await follow(home, start + 2 * HOUR)
    world.faults = set()
    await follow(home, "2026-05-02T06:30")
    assert home.sensor("status") == "planned"
    await follow(home, MORNING)
    assert home.energy(NIGHT, MORNING) == pytest.approx(in_the_end, abs=CLOSE)


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_one_that_is_not_due_yet_is_as_well_after_an_outage_as_before(home, world) -> None:
    """The sauna is too far ahead to be asked for; an outage is no news for it."""
    home.add_amount()
    home.add_amount(name="Sauna", days=["thu"])
    await spring_night(home, [0.1] * 33)
    before = home.sensor("status", "schedule2"), home.sensor("next_start", "schedule2")
    assert before == ("later", "unknown")
    nothing_to_say = unavailable(home)  # there is no price before the night
    world.faults = {Fault.UNAVAILABLE}
    await home.update()
    world.faults = set()
    await home.live(home.now + 5 * MINUTE, 10 * SECOND)
    assert home.sensor("status") == "planned"
    after = home.sensor("status", "schedule2"), home.sensor("next_start", "schedule2")
    assert after == before
    assert unavailable(home) == nothing_to_say
