"""A schedule by amount that knows a state of charge: what is missing is worked out from it."""

from itertools import count, cycle

import pytest

from simulator.faults import Fault
from tests.home import DAY, HOUR, MINUTE, SECOND, hours, local

from .helpers import (
    CLOSE,
    MORNING,
    NEXT_DAY,
    NIGHT,
    StateOfCharge,
    follow,
    spring_night,
    unavailable,
)

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")

RATES = [0.1, 0.3, 0.1, 0.3, 0.1, 0.3, 0.3, 0.3, 0.3]
LONG = [0.1, 0.1, 0.1, *[0.3] * 6]
CAR = {"energy": None, "soc_entity": "sensor.soc", "capacity": 40.0, "target_soc": 80.0}
# From 35 to 80 per cent of 40 kWh, nine tenths of which arrive: two and a half hours at 8 kW.
START, NEEDED = 35, 20.0
# The dead band is two per cent, and whole per cent are shown: in kWh of the socket.
BAND = 0.03 * 40 / 0.9


async def charging_night(home, rates=tuple(RATES), soc: float = START, **changes) -> StateOfCharge:
    """Set up a night in which a car is charged to 80 per cent."""
    share = changes.pop("share", 1.0)
    home.add_amount(**CAR | changes)
    shown = StateOfCharge(home, "schedule1", soc, share=share)
    await spring_night(home, rates)
    return shown


async def test_what_is_missing_is_asked_for(home, world) -> None:
    await charging_night(home)
    (asked,) = home.schedule_calls()[-1].body["data"]
    assert asked["energy"] == {"units": "WH", "value": 20000}
    assert home.sensor("planned_energy") == "20.0"


@pytest.mark.parametrize("steps", [5, 1])
async def test_a_battery_that_does_as_planned_changes_nothing(home, world, steps) -> None:
    """It shows whole per cent, which is no news."""
    soc = await charging_night(home)
    planned, asked = home.loads(), len(home.asked())
    await follow(home, "2026-05-02T06:50", steps * MINUTE, each=soc.tell)
    assert len(home.asked()) == asked
    assert home.loads() == planned
    assert soc.level == pytest.approx(80, abs=0.5)


@pytest.mark.parametrize("share", [0.6, 0.8])
async def test_one_that_charges_slower_gets_more_time(home, world, share) -> None:
    soc = await charging_night(home, share=share)
    asked = len(home.asked())
    await follow(home, "2026-05-02T06:50", each=soc.tell)
    assert soc.level == pytest.approx(80, abs=3)
    assert len(home.asked()) - asked <= 9 * 4


@pytest.mark.parametrize("share", [1.15, 1.3])
async def test_one_that_is_full_early_is_stopped(home, world, share) -> None:
    soc = await charging_night(home, LONG, share=share)
    await follow(home, MORNING, MINUTE, each=soc.tell)
    assert 79 <= soc.level <= 81.5
    assert home.energy(NIGHT, MORNING) < NEEDED - 1


@pytest.mark.parametrize("how", ["unavailable", "unknown", "gone", "nonsense"])
@pytest.mark.parametrize("back", [True, False], ids=["for an hour", "for good"])
async def test_a_sensor_that_fails_leaves_the_plan_to_go_on(home, world, how, back) -> None:
    """A car that is asleep says nothing; it is charged as planned."""
    soc = await charging_night(home)
    asked = len(home.asked())
    await follow(home, NIGHT + 30 * MINUTE, each=soc.tell)
    nonsense = cycle(("on", "nan", "-3", "120", "", "1e999"))

    def fail() -> None:
        if how == "gone":
            soc.vanish()
        else:
            soc.show(next(nonsense) if how == "nonsense" else how)

    await follow(home, NIGHT + 150 * MINUTE, each=fail)
    await follow(home, "2026-05-02T06:45", each=soc.tell if back else fail)
    assert len(home.asked()) == asked
    assert home.energy(NIGHT, home.now) == pytest.approx(NEEDED)
    assert unavailable(home) == set()


async def test_a_car_that_speaks_only_when_it_is_awake(home, world) -> None:
    """Its last word stands for hours; while it charges it is silent."""
    soc = await charging_night(home, LONG)
    asked = len(home.asked())
    await follow(home, NIGHT + 25 * MINUTE, each=soc.tell)
    soc.show("unavailable")
    await follow(home, NIGHT + 150 * MINUTE)
    assert home.energy(NIGHT, home.now) == pytest.approx(NEEDED)
    soc.tell()
    await follow(home, "2026-05-02T06:45", each=soc.tell)
    assert len(home.asked()) == asked
    assert soc.level == pytest.approx(80, abs=0.5)


@pytest.mark.parametrize("to", [5, 95])
async def test_a_jump_for_half_a_minute_is_not_believed(home, world, to) -> None:
    soc = await charging_night(home, LONG)
    planned, asked = home.loads(), len(home.asked())
    await follow(home, NIGHT + HOUR, each=soc.tell)
    soc.show(to)
    await follow(home, home.now + 30 * SECOND, 5 * SECOND)
    soc.tell()
    await follow(home, home.now + 3 * MINUTE, 5 * SECOND)
    await follow(home, "2026-05-02T06:45", each=soc.tell)
    assert len(home.asked()) == asked
    assert home.loads() == planned


@pytest.mark.parametrize(("by", "energy"), [(20, NEEDED - 8 / 0.9), (-20, NEEDED + 8 / 0.9)])
async def test_a_jump_that_lasts_is_another_car(home, world, by, energy) -> None:
    """Somebody comes home, or drives away and back: planned anew, for what is missing then."""
    soc = await charging_night(home)
    await follow(home, NIGHT + 90 * MINUTE, each=soc.tell)
    soc.soc += by
    await follow(home, "2026-05-02T06:50", each=soc.tell)
    assert soc.level == pytest.approx(80, abs=3)
    assert home.energy(NIGHT, home.now) == pytest.approx(energy, abs=BAND)


@pytest.mark.parametrize("noise", [(1, -1, 0), (0, 1)])
async def test_noise_is_no_news(home, world, noise) -> None:
    soc = await charging_night(home)
    planned, asked = home.loads(), len(home.asked())
    rounds = count()

    def tell() -> None:
        soc.show(round(soc.level) + noise[next(rounds) % len(noise)])

    # when the last window is over a point more or less is another matter
    await follow(home, NIGHT + 4 * HOUR, each=tell)
    assert len(home.asked()) == asked
    assert home.loads() == planned


async def test_a_car_that_is_not_plugged_in(home, world) -> None:
    """It is tried all night, seldom asked for, and what is missing is said."""
    soc = await charging_night(home, share=0.0)
    asked = len(home.asked())
    await follow(home, "2026-05-02T06:45", each=soc.tell)
    assert len(home.asked()) - asked <= 9 * 4
    assert home.power() == 8
    assert float(home.sensor("shortfall")) > 15


async def test_a_car_that_is_plugged_in_late(home, world) -> None:
    soc = await charging_night(home, LONG, share=0.0)
    await follow(home, local("2026-05-02T02:10"), each=soc.tell)
    soc.share, soc.since = 1.0, home.now
    await follow(home, MORNING, each=soc.tell)
    assert soc.level == pytest.approx(80, abs=3)


async def test_one_that_is_full_needs_nothing(home, world) -> None:
    """No question, no run; when it is used in the evening there is a plan."""
    soc = await charging_night(home, soc=85)
    assert not home.asked()
    assert home.sensor("status") == "planned"
    assert home.sensor("planned_energy") == "0.0"
    assert home.sensor("shortfall") == "0.0"
    await follow(home, "2026-05-01T21:00", each=soc.tell)
    assert not home.asked()
    soc.soc = 60
    await follow(home, MORNING, each=soc.tell)
    assert soc.level == pytest.approx(80, abs=1)


async def test_a_sensor_that_never_spoke(home, world) -> None:
    """An unknown battery is charged in full rather than not at all, and never sold from."""
    home.add_amount(**CAR | {"target_soc": 50.0})
    home.add_amount(**CAR | {"name": "Sell", "direction": "export", "target_soc": 20.0})
    await spring_night(home, RATES)
    assert float(home.sensor("planned_energy")) == pytest.approx(40 * 0.5 / 0.9, abs=CLOSE)
    assert home.sensor("planned_energy", "schedule2") == "0.0"
    await follow(home, MORNING)
    assert home.energy(NIGHT, MORNING) == pytest.approx(40 * 0.5 / 0.9, abs=CLOSE)
    assert home.energy(NIGHT, MORNING, "schedule2") == 0


@pytest.mark.parametrize("steps", [5, 1])
async def test_a_home_battery_is_sold_down_to_a_level(home, world, steps) -> None:
    """From 90 to 20 per cent of 10 kWh: 6.3 kWh reach the grid, in the dearest time."""
    evening = {"start": "17:00:00", "end": "22:00:00", "max_power": 4.0}
    battery = {"capacity": 10.0, "target_soc": 20.0}
    home.add_amount(**CAR | evening | battery | {"name": "Sell", "direction": "export"})
    soc = StateOfCharge(home, "schedule1", 90, capacity=10.0)
    world.publication = None
    start = local("2026-05-02T17:00")
    world.import_prices = hours([0.1, 0.4, 0.2, 0.3, 0.1], start)
    await home.set_up(start - HOUR)
    asked = len(home.asked())
    assert home.sensor("planned_energy") == "6.3"
    await follow(home, start + 5 * HOUR - 5 * MINUTE, steps * MINUTE, each=soc.tell)
    assert soc.level == pytest.approx(20, abs=1)
    assert home.energy(start, home.now) == pytest.approx(6.3, abs=0.1)
    assert home.bill(start, home.now) == pytest.approx(4 * 0.4 + 2.3 * 0.3, abs=0.05)
    assert len(home.asked()) == asked


async def test_charged_and_sold_in_turn(home, world) -> None:
    """One battery, two schedules: cheap in, dear out, day after day, and few questions."""
    both = {"soc_entity": "sensor.soc", "capacity": 10.0, "energy": None, "max_power": 4.0}
    day = {"start": "10:00:00", "end": "16:00:00", "target_soc": 90.0}
    sale = {"start": "17:00:00", "end": "22:00:00", "target_soc": 20.0}
    home.add_amount(**both | day | {"name": "Buy"})
    home.add_amount(**both | sale | {"name": "Sell", "direction": "export"})
    soc = StateOfCharge(home, "schedule1", 20, capacity=10.0)

    def tell() -> None:
        bought = home.energy(soc.since, home.now)
        sold = home.energy(soc.since, home.now, "schedule2")
        soc.show(round(20 + (bought * 0.9 - sold / 0.9) * 10))

    world.publication = None
    midnight = local("2026-05-02T00:00")
    prices = (
        [0.3] * 10 + [0.1, 0.05, 0.06, 0.1, 0.1, 0.1] + [0.3, 0.3, 0.4, 0.5, 0.3, 0.3, 0.3, 0.3]
    )
    world.import_prices = hours(prices * 4, midnight)
    await home.set_up("2026-05-02T08:00")
    asked = len(home.asked())
    for number in range(3):
        start = midnight + number * DAY
        await follow(home, start + DAY, each=tell)
        assert home.energy(start, start + DAY) == pytest.approx(7 / 0.9, abs=0.4)
        assert home.energy(start, start + DAY, "schedule2") == pytest.approx(6.3, abs=0.4)
    assert len(home.asked()) - asked <= 3 * 10


async def test_a_day_of_ups_and_downs_before_the_hours(home, world) -> None:
    """A battery that is used all day is not asked about with every few per cent."""
    home.add_amount(**CAR | {"capacity": 10.0, "max_power": 4.0})
    soc = StateOfCharge(home, "schedule1", 90, capacity=10.0)
    world.publication = None
    world.import_prices = hours([0.2, 0.1, 0.3] * 16, local("2026-05-02T00:00"))
    await home.set_up("2026-05-02T08:00")
    asked = len(home.asked())
    while home.now < local("2026-05-02T22:00"):
        hour = (home.now - local("2026-05-02T08:00")) / HOUR
        # down to 20 until noon, up to 90 until 16:00, down to 30 at night
        soc.soc = (
            90 - 17.5 * hour
            if hour < 4
            else 20 + 17.5 * (hour - 4)
            if hour < 8
            else 90 - 10 * (hour - 8)
        )
        await follow(home, home.now + 5 * MINUTE, each=soc.tell)
    assert len(home.asked()) - asked <= 16
    await follow(home, "2026-05-03T07:00", each=soc.tell)
    assert soc.level == pytest.approx(80, abs=3)


async def test_another_target_in_the_middle(home, world) -> None:
    soc = await charging_night(home, LONG)
    await follow(home, NIGHT + HOUR, each=soc.tell)
    await home.set_number("target_soc", 90)
    await follow(home, NIGHT + 2 * HOUR, each=soc.tell)
    await home.set_number("target_soc", 60)
    assert home.power() == 0
    await follow(home, NIGHT + 3 * HOUR, each=soc.tell)
    await home.set_number("target_soc", 75)
    await follow(home, MORNING, each=soc.tell)
    assert soc.level == pytest.approx(75, abs=1)


async def test_a_lower_target_in_an_outage_stops_at_once(home, world) -> None:
    soc = await charging_night(home, LONG)
    await follow(home, NIGHT + HOUR, each=soc.tell)
    world.faults = {Fault.UNAVAILABLE}
    await home.set_number("target_soc", 40)
    await follow(home, home.now + 2 * MINUTE, 10 * SECOND, each=soc.tell)
    assert home.power() == 0
    world.faults = set()
    await follow(home, "2026-05-02T06:45", each=soc.tell)
    assert home.sensor("status") == "planned"
    assert soc.level < 55


async def test_full_early_in_an_outage(home, world) -> None:
    soc = await charging_night(home, LONG, share=1.3)
    await follow(home, NIGHT + HOUR, each=soc.tell)
    world.faults = {Fault.UNAVAILABLE}
    await home.update()
    await follow(home, NIGHT + 150 * MINUTE, MINUTE, each=soc.tell)
    assert home.power() == 0
    assert 79 <= soc.level <= 81.5
    world.faults = set()
    await follow(home, "2026-05-02T06:45", each=soc.tell)
    assert home.sensor("status") == "planned"


@pytest.mark.parametrize("sensor_is_late", [False, True], ids=["there", "late"])
async def test_a_restart_in_the_middle(home, world, sensor_is_late) -> None:
    """Nothing is asked, nothing is lost, whether the car speaks at once or not."""
    soc = await charging_night(home, LONG + NEXT_DAY)
    planned = home.loads()
    await follow(home, NIGHT + 90 * MINUTE, each=soc.tell)
    before = len(world.calls)
    await home.stop()
    if sensor_is_late:
        soc.vanish()
    world.faults = {Fault.UNAVAILABLE}
    await home.start(home.now + 10 * MINUTE)
    assert home.power() == 8
    assert home.loads() == planned
    await follow(home, home.now + 3 * MINUTE, MINUTE)
    await follow(home, "2026-05-02T06:55", each=soc.tell)
    assert len(world.calls) == before
    assert home.energy(NIGHT, MORNING) == pytest.approx(NEEDED, abs=CLOSE)
    assert soc.level == pytest.approx(80, abs=0.5)
