"""A schedule by amount whose device has an energy meter: what it shows is what counts."""

from itertools import count, cycle

import pytest

from simulator.faults import Fault
from tests.home import DAY, HOUR, MINUTE, Home, local

from .helpers import MORNING, NIGHT, Meter, follow, good_calls, spring_night, unavailable

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")

RATES = [0.1, 0.3, 0.1, 0.3, 0.1, 0.3, 0.3, 0.3, 0.3]
LONG = [0.1, 0.1, 0.1, *[0.3] * 6]
# What nobody notices, by meter: the dead band of the brief, 5 % of 24 kWh.
BAND = 1.2


async def measured_night(home: Home, rates=tuple(RATES), **meter) -> Meter:
    """Set up a night in which a meter counts."""
    home.add_amount(energy_entity="sensor.meter")
    shown = Meter(home, "schedule1", **meter)
    await spring_night(home, rates)
    return shown


@pytest.mark.parametrize("unit", ["kWh", "Wh", "MWh"])
async def test_a_good_meter_changes_nothing(home, world, unit) -> None:
    meter = await measured_night(home, unit=unit)
    planned, asked = home.loads(), len(home.asked())
    await follow(home, "2026-05-02T06:50", each=meter.tell)
    assert len(home.asked()) == asked
    assert home.loads() == planned
    assert meter.moved == pytest.approx(24)


async def test_a_meter_that_tells_every_few_seconds_changes_nothing(home, world) -> None:
    meter = await measured_night(home)
    asked = len(home.asked())
    await follow(home, NIGHT - MINUTE, each=meter.tell)
    home.changes.clear()
    await follow(home, NIGHT + 10 * MINUTE, 10 * MINUTE / 60, each=meter.tell)
    assert {moment for moment, *_ in home.said_of_plans()} == {NIGHT}
    assert len(home.asked()) == asked
    assert home.power() == 8


@pytest.mark.parametrize("share", [0.5, 0.8, 0.93])
async def test_a_device_that_takes_less_gets_more_time(home, world, share) -> None:
    meter = await measured_night(home, share=share)
    asked = len(home.asked())
    await follow(home, "2026-05-02T06:45", each=meter.tell)
    assert meter.moved == pytest.approx(24, abs=BAND)
    assert float(home.sensor("shortfall")) <= BAND
    # each quarter of an hour of the night at most
    assert len(home.asked()) - asked <= 9 * 4


@pytest.mark.parametrize("share", [1.15, 1.05])
async def test_a_device_that_takes_more_is_stopped_early(home, world, share) -> None:
    meter = await measured_night(home, LONG, share=share)
    await follow(home, MORNING, MINUTE, each=meter.tell)
    assert meter.moved == pytest.approx(24, abs=0.4)
    assert home.energy(NIGHT, MORNING) < 24


async def test_energy_that_comes_from_elsewhere_counts(home, world) -> None:
    """Somebody charges by hand at 01:30: that much less is planned, the run in between is kept."""
    meter = await measured_night(home)
    await follow(home, NIGHT + 210 * MINUTE, each=meter.tell)
    # 16 kWh are done; 4 more in half an hour
    for _ in range(6):
        meter.base += 4 / 6
        await follow(home, home.now + 5 * MINUTE, each=meter.tell)
    await follow(home, MORNING, each=meter.tell)
    assert meter.moved == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize("how", ["unavailable", "unknown", "gone", "nonsense"])
@pytest.mark.parametrize("back", [True, False], ids=["for an hour", "for good"])
async def test_a_meter_that_fails_leaves_the_plan_to_go_on(home, world, how, back) -> None:
    """Until it is back, energy counts as planned."""
    meter = await measured_night(home)
    asked = len(home.asked())
    await follow(home, NIGHT + 30 * MINUTE, each=meter.tell)
    nonsense = cycle(("on", "nan", "inf", "-7", "", "1e999"))

    def fail() -> None:
        if how == "gone":
            meter.vanish()
        else:
            meter.show(next(nonsense) if how == "nonsense" else how)

    await follow(home, NIGHT + 150 * MINUTE, each=fail)
    await follow(home, "2026-05-02T06:45", each=meter.tell if back else fail)
    assert len(home.asked()) == asked
    assert home.energy(NIGHT, home.now) == pytest.approx(24)
    assert home.sensor("shortfall") == "0.0"
    assert unavailable(home) == set()


async def test_a_meter_that_comes_late_begins_where_it_stands(home, world) -> None:
    """Not there at first; before its first value counts what was planned."""
    home.add_amount(energy_entity="sensor.meter")
    await spring_night(home, LONG)
    asked = len(home.asked())
    await follow(home, NIGHT + HOUR)
    meter = Meter(home, "schedule1", base=777.0)
    await follow(home, "2026-05-02T06:45", each=meter.tell)
    assert len(home.asked()) == asked
    assert home.energy(NIGHT, home.now) == pytest.approx(24)


@pytest.mark.parametrize("left", [0.0, 4.6], ids=["to nothing", "to something"])
async def test_a_meter_that_is_reset_goes_on(home, world, left) -> None:
    """In a pause, and in the middle of a run."""
    meter = await measured_night(home)
    asked = len(home.asked())
    for minutes in (90, 140):
        await follow(home, NIGHT + minutes * MINUTE, MINUTE, each=meter.tell)
        meter.base = left - meter.moved
    await follow(home, "2026-05-02T06:45", MINUTE, each=meter.tell)
    assert home.energy(NIGHT, home.now) == pytest.approx(24, abs=0.5)
    assert len(home.asked()) - asked <= 1


async def test_a_meter_that_jumps_counts_nothing_for_it(home, world) -> None:
    """50 kWh in a moment are no energy; what flowed at that time may be lost."""
    meter = await measured_night(home)
    await follow(home, NIGHT + 30 * MINUTE, MINUTE, each=meter.tell)
    meter.base += 50
    await follow(home, NIGHT + 90 * MINUTE, MINUTE, each=meter.tell)
    meter.base -= 900
    await follow(home, "2026-05-02T06:45", MINUTE, each=meter.tell)
    assert home.energy(NIGHT, home.now) == pytest.approx(24, abs=0.5)


@pytest.mark.parametrize("base", [1234.5, 3.0])
async def test_noise_is_no_energy_and_no_news(home, world, base) -> None:
    """It goes up and down by as much as a tenth of a kWh."""
    meter = await measured_night(home, base=base)
    asked = len(home.asked())
    rounds = count()

    def tell() -> None:
        noise = (0, 0.1, -0.1, 0.05, -0.05)[next(rounds) % 5]
        meter.show(meter.base + meter.moved + noise)

    await follow(home, "2026-05-02T06:45", each=tell)
    assert len(home.asked()) == asked
    assert home.energy(NIGHT, home.now) == pytest.approx(24, abs=0.3)


@pytest.mark.parametrize("share", [0.97, 1.03])
async def test_small_differences_plan_nothing_anew(home, world, share) -> None:
    """Below the dead band nothing is asked, as long as anything runs as planned."""
    meter = await measured_night(home, share=share)
    planned, asked = home.loads()[:2], len(home.asked())
    await follow(home, NIGHT + 4 * HOUR - MINUTE, each=meter.tell)
    assert len(home.asked()) == asked
    assert home.loads()[:2] == planned


@pytest.mark.parametrize("minutes", [20, 45])
async def test_a_meter_that_seldom_speaks(home, world, minutes) -> None:
    meter = await measured_night(home)
    while home.now < local("2026-05-02T06:30"):
        await follow(home, home.now + minutes * MINUTE)
        meter.tell()
    await follow(home, MORNING)
    # after half an hour of silence what was planned does not count, until it speaks again
    assert home.energy(NIGHT, MORNING) == pytest.approx(24, abs=0.3 if minutes < 30 else 3)


async def test_a_device_that_never_moves(home, world) -> None:
    """Nobody plugged the car in: it is tried all night, seldom asked for, and said in the end."""
    meter = await measured_night(home, share=0.0)
    asked = len(good_calls(home))
    await follow(home, "2026-05-02T06:45", each=meter.tell)
    assert meter.moved == 0
    assert len(good_calls(home)) - asked <= 9 * 4
    assert float(home.sensor("shortfall")) > 20
    assert home.power() == 8


async def test_a_device_that_is_plugged_in_late(home, world) -> None:
    meter = await measured_night(home, LONG, share=0.0)
    late = local("2026-05-02T02:10")
    await follow(home, late, each=meter.tell)
    meter.share, meter.since = 1.0, home.now
    await follow(home, MORNING, each=meter.tell)
    assert meter.moved == pytest.approx(24, abs=BAND)


async def test_what_moves_outside_the_hours_does_not_count(home, world) -> None:
    """A heat pump heats by day as well; the night's energy is wanted all the same."""
    meter = await measured_night(home, [0.1] * 60)
    await follow(home, MORNING + HOUR, each=meter.tell)
    for _ in range(12 * 8):
        meter.base += 0.2
        await follow(home, home.now + 5 * MINUTE, each=meter.tell)
    await follow(home, NIGHT + DAY - MINUTE, each=meter.tell)
    assert float(home.sensor("planned_energy")) == pytest.approx(24)
    await follow(home, MORNING + DAY, each=meter.tell)
    assert home.energy(NIGHT + DAY, MORNING + DAY) == pytest.approx(24, abs=0.5)


async def test_every_night_begins_with_nothing(home, world) -> None:
    meter = await measured_night(home, RATES + [0.3] * 15 + RATES + [0.3] * 15 + RATES)
    for night in range(3):
        await follow(home, MORNING + night * DAY, each=meter.tell)
        start = NIGHT + night * DAY
        assert home.energy(start, home.now) == pytest.approx(24, abs=0.3)
    assert meter.moved == pytest.approx(72, abs=0.5)


async def test_a_meter_in_an_outage(home, world) -> None:
    """Nobody can be asked: the plan goes on, ends when the meter says so, and no later."""
    meter = await measured_night(home, LONG, share=1.2)
    await follow(home, NIGHT + HOUR, each=meter.tell)
    world.faults = {Fault.UNAVAILABLE}
    await home.update()
    await follow(home, NIGHT + 170 * MINUTE, MINUTE, each=meter.tell)
    assert home.power() == 0
    assert meter.moved == pytest.approx(24, abs=0.4)
    world.faults = set()
    await follow(home, "2026-05-02T06:45", each=meter.tell)
    assert home.sensor("status") == "planned"
    assert meter.moved == pytest.approx(24, abs=0.4)


async def test_another_wish_with_a_meter(home, world) -> None:
    """More and less, counted by what the meter says and not by what was planned."""
    meter = await measured_night(home, LONG, share=0.5)
    await follow(home, NIGHT + HOUR, each=meter.tell)
    await home.set_number("energy", 10)
    meter.share = 1.0
    meter.base += meter.moved / 2 - meter.moved
    await follow(home, MORNING, MINUTE, each=meter.tell)
    taken = home.energy(NIGHT, MORNING)
    # an hour at half of 8 kW, then 6 kWh more
    assert taken == pytest.approx(8 + 6, abs=0.7)
