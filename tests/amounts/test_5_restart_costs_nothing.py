"""Promise 5 of schedules by amount: after a restart the plan is there, nothing is asked."""

import pytest

from simulator.faults import Fault
from tests.home import MINUTE, SECOND, Home, hours, local

from .helpers import (
    BATTERY,
    CLOSE,
    EVENING,
    MORNING,
    NEXT_DAY,
    NIGHT,
    Meter,
    follow,
    planned_runs,
    spring_night,
)

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


@pytest.mark.parametrize("meter_is_late", [False, True], ids=["there", "late"])
@pytest.mark.parametrize("unit", ["kWh", "Wh"])
async def test_with_60_percent_measured_and_the_server_down(
    home, world, unit, meter_is_late
) -> None:
    """The car took it while Home Assistant was away; its meter says so."""
    home.add_amount(energy=20.0, energy_entity="sensor.meter")
    meter = Meter(home, "schedule1", unit=unit)
    await spring_night(home, [0.1] * 3 + [0.3] * 6 + NEXT_DAY)
    planned = planned_runs(home)
    assert planned == [(NIGHT, NIGHT + 150 * MINUTE)]
    await follow(home, NIGHT + 90 * MINUTE, each=meter.tell)
    assert meter.moved == pytest.approx(12)
    before = len(world.calls)

    await home.stop()
    if meter_is_late:
        meter.vanish()
    world.faults = {Fault.UNAVAILABLE}
    home.set_clock(home.now + 10 * MINUTE)
    if not meter_is_late:
        meter.tell()
    await home.start()

    assert home.power() == 8
    assert planned_runs(home) == planned
    assert home.sensor("planned_energy") == "20.0"
    await follow(home, home.now + 3 * MINUTE, MINUTE)
    await follow(home, local("2026-05-02T06:55"), each=meter.tell)
    assert len(world.calls) == before
    assert home.energy(NIGHT, MORNING) == pytest.approx(20, abs=CLOSE)
    assert meter.moved == pytest.approx(20, abs=CLOSE)


async def test_the_rest_of_a_run_with_steps_of_power_counts_too(home, world) -> None:
    """A charger that is on stays on while we are away, and is set right when we are back."""
    home.options(max_import_power=11.0)
    home.add_amount(energy=8.0)
    home.add_amount(**BATTERY | {"energy": 8.0})
    start = await spring_night(home, [0.1, 0.12, *[0.3] * 7])
    plans = {key: home.loads(key) for key in ("schedule1", "schedule2")}
    await follow(home, start + 30 * MINUTE)
    asked = len(home.asked())
    await home.stop()
    await home.start(start + 65 * MINUTE)
    for key, plan in plans.items():
        now = sum(load.power for load in plan if load.contains(home.now))
        assert home.power(key) == pytest.approx(now, abs=0.002)
        assert home.loads(key) == plan
    await home.at(home.now + SECOND)
    assert len(home.asked()) == asked


async def test_changed_wishes_survive(home, world) -> None:
    world.publication = None
    world.import_prices = hours([0.3] * 24, NIGHT)
    home.add_amount()
    home.add_amount(**BATTERY)
    await home.set_up(EVENING)
    await home.set_number("energy", 7.5)
    await home.set_number("max_power", 5)
    await home.set_time("end", "06:30:00")
    await home.enable(False, "schedule2")
    asked = len(home.asked())
    await home.stop()
    await home.start("2026-05-01T21:00")
    assert float(home.state("number", "energy")) == 7.5
    assert float(home.state("number", "max_power")) == 5
    assert home.state("time", "end") == "06:30:00"
    assert home.state("switch", "enabled", "schedule2") == "off"
    assert home.sensor("planned_energy") == "7.5"
    await home.live("2026-05-01T21:10", MINUTE)
    assert len(home.asked()) == asked


async def _told(home: Home) -> dict[str, str]:
    keys = ("planned_energy", "cost", "savings", "savings_percentage", "shortfall", "status")
    return {key: home.sensor(key) for key in (*keys, "confidence", "next_start", "next_end")}


@pytest.mark.parametrize("moment", ["2026-05-01T21:00", "2026-05-02T00:10", "2026-05-02T06:59:30"])
async def test_all_that_is_said_is_the_same_after_a_restart(home, world, moment) -> None:
    home.options(cap_absolute=0.25)
    home.add_amount(energy=40.0)
    await spring_night(home, [0.1, 0.3, 0.1, 0.2, 0.3, 0.3, 0.1, 0.3, 0.3, *[0.2] * 24])
    await follow(home, moment, 10 * SECOND)
    before = await _told(home)
    assert before["shortfall"] == "8.0"
    saved = home.sensor("savings_total", home.entry.unique_id)
    asked = len(home.asked())
    await home.stop()
    await home.start()
    assert await _told(home) == before
    assert home.sensor("savings_total", home.entry.unique_id) == saved
    await home.at(home.now + SECOND)
    assert len(home.asked()) == asked
    await follow(home, MORNING + MINUTE, SECOND * 5)
    assert home.energy(NIGHT, MORNING) == pytest.approx(32, abs=CLOSE)


async def test_a_restart_every_twenty_minutes(home, world) -> None:
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**BATTERY)
    await spring_night(home, [0.1, 0.3, 0.12, 0.3, 0.11, 0.3, 0.3, 0.13, 0.3])
    asked = len(home.amount_calls())
    while home.now < local("2026-05-02T06:40"):
        await follow(home, home.now + 20 * MINUTE)
        await home.stop()
        await home.start(home.now + 5 * SECOND)
    assert len(home.amount_calls()) == asked
    await follow(home, MORNING)
    # a run whose beginning fell into a restart lost these seconds, and no more
    assert home.energy(NIGHT, MORNING) == pytest.approx(24, abs=0.1)
    assert home.energy(NIGHT, MORNING, "schedule2") == pytest.approx(5, abs=0.1)
