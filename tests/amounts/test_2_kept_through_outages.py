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
