"""What holds for all devices of a home together: its limits, its price cap and floor."""

import pytest

from custom_components.flatpeak.model import Direction, Span
from simulator.faults import Fault
from tests.home import HOUR, MINUTE, SECOND, Home, hours, local

from .helpers import BATTERY, CLOSE, MORNING, NIGHT, Job, cheapest, follow, spring_night, total

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")

SELL = {"name": "Sell", "direction": "export", "energy": 10.0, "max_power": 5.0}
BOTH_NIGHT = Span(NIGHT, MORNING)


def questions(home: Home) -> list[dict[str, object]]:
    """Return what the latest questions, of one moment, say of the home."""
    calls = [call for call in home.amount_calls() if call.status == 200]
    latest = [call.body for call in calls if call.moment == calls[-1].moment]
    return [
        {
            "power": body["max_power"]["value"],
            "cap": body.get("shaving_threshold"),
            "ways": sorted(
                {part.get("direction") or part["tariff_direction"] for part in body["data"]}
            ),
        }
        for body in latest
    ]


async def _asked_once_more(home: Home, rates=(0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.1, 0.2, 0.3)) -> None:
    """Set up, and ask again, when the account's version is known."""
    await spring_night(home, rates)
    home.set_clock("2026-05-01T20:30")
    await home.update()


# One question or two


async def test_without_any_rule_one_question_serves_all(home, world) -> None:
    home.add_amount()
    home.add_amount(**BATTERY)
    home.add_amount(**SELL)
    await _asked_once_more(home)
    (asked,) = questions(home)
    assert asked["ways"] == ["EXPORT", "IMPORT"]
    assert asked["cap"] is None
    assert asked["power"] >= 13000  # nobody is in another one's way


@pytest.mark.parametrize(
    ("options", "power"),
    [
        pytest.param(
            {"max_import_power": 11.0}, 11000, id="one for import that leaves export free"
        ),
        pytest.param({"max_import_power": 9.0, "max_export_power": 9.0}, 9000, id="the same"),
        pytest.param({"max_import_power": 9.0, "max_export_power": 30.0}, 9000, id="out of reach"),
        # the only one that sells is held by its own power
        pytest.param({"max_import_power": 11.0, "max_export_power": 3.0}, 11000, id="one seller"),
    ],
)
async def test_a_limit_that_serves_both_needs_one_question(home, world, options, power) -> None:
    home.options(**options)
    home.add_amount()
    home.add_amount(**BATTERY)
    home.add_amount(**SELL)
    await _asked_once_more(home)
    (asked,) = questions(home)
    assert asked["ways"] == ["EXPORT", "IMPORT"]
    assert asked["power"] == power


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"max_import_power": 4.0}, id="one that export must not have"),
        pytest.param({"cap_absolute": 0.25}, id="a cap"),
        pytest.param({"cap_relative": 0.5}, id="a relative cap"),
        pytest.param({"floor": 0.15}, id="a floor"),
        pytest.param({"cap_absolute": 0.25, "floor": 0.15}, id="a cap and a floor"),
    ],
)
async def test_rules_that_differ_need_a_question_for_each_direction(home, world, options) -> None:
    home.options(**options)
    home.add_amount()
    home.add_amount(**BATTERY)
    home.add_amount(**SELL)
    await _asked_once_more(home)
    asked = questions(home)
    assert sorted(one["ways"] for one in asked) == [["EXPORT"], ["IMPORT"]]
    by_way = {one["ways"][0]: one for one in asked}
    cap = {name.removeprefix("cap_"): value for name, value in options.items() if "cap" in name}
    assert by_way["IMPORT"]["cap"] == (cap or None)
    floor = options.get("floor")
    assert by_way["EXPORT"]["cap"] == ({"absolute": floor} if floor else None)
    await follow(home, MORNING)
    for way in ("import", "export"):
        limit = options.get(f"max_{way}_power", 99)
        assert 0 < home.highest_power(NIGHT, MORNING, way) <= limit + 0.001


async def test_where_all_buy_a_floor_is_no_reason_for_two(home, world) -> None:
    home.options(max_import_power=11.0, max_export_power=2.0, floor=0.15)
    home.add_amount()
    home.add_amount(**BATTERY)
    await _asked_once_more(home)
    assert len(questions(home)) == 1


async def test_one_direction_fails_the_other_is_planned(home, world) -> None:
    """Asked for apart; without a tariff to sell there is a plan to buy, and it is renewed."""
    home.options(max_import_power=11.0, floor=0.15)
    world.no_tariff = {Direction.EXPORT}
    home.add_amount()
    home.add_amount(**SELL)
    await spring_night(home, [0.1] * 3 + [0.3] * 6)
    assert home.sensor("planned_energy") == "24.0"
    assert home.sensor("status") == "planned"
    assert home.sensor("status", "schedule2") == "waiting"
    world.no_tariff = set()
    await follow(home, "2026-05-01T22:00", MINUTE)
    assert home.sensor("status", "schedule2") == "planned"
    await follow(home, MORNING)
    assert total(home, NIGHT, MORNING) == {"schedule1": 24, "schedule2": 10}


# Limits


async def test_a_limit_below_one_device_holds_for_it_alone(home, world) -> None:
    home.options(max_import_power=3.7)
    home.add_amount()
    await spring_night(home, [0.1] * 3 + [0.3] * 6)
    await follow(home, MORNING)
    assert home.energy(NIGHT, MORNING) == pytest.approx(24, abs=CLOSE)
    assert home.highest_power(NIGHT, MORNING) == pytest.approx(3.7, abs=0.002)


async def test_a_limit_lowered_while_all_run(home, world) -> None:
    """It counts at once, on what runs too; the energy comes later."""
    home.options(max_import_power=13.0)
    home.add_amount()
    home.add_amount(**BATTERY | {"energy": 10.0})
    start = await spring_night(home, [0.1] * 3 + [0.3] * 6)
    middle = start + 30 * MINUTE
    await follow(home, middle)
    assert home.power() + home.power("schedule2") == pytest.approx(13)
    await home.change_options(max_import_power=6.0)
    assert home.power() + home.power("schedule2") <= 6.001
    await follow(home, MORNING)
    assert home.highest_power(middle, MORNING) <= 6.001
    assert total(home, NIGHT, MORNING) == {"schedule1": 24, "schedule2": 10}


async def test_a_limit_lowered_in_an_outage(home, world) -> None:
    """Nobody can be asked: the plans are cut all the same; the rest is planned afterwards."""
    home.add_amount()
    home.add_amount(**BATTERY | {"energy": 10.0})
    start = await spring_night(home, [0.1] * 3 + [0.3] * 6)
    middle = start + 30 * MINUTE
    await follow(home, middle)
    world.faults = {Fault.UNAVAILABLE}
    await home.change_options(max_import_power=6.0)
    await follow(home, start + 3 * HOUR)
    assert home.highest_power(middle, home.now) <= 6.001
    assert home.energy(middle, home.now) + home.energy(middle, home.now, "schedule2") > 10
    world.faults = set()
    await follow(home, MORNING)
    assert home.highest_power(middle, MORNING) <= 6.001
    assert total(home, NIGHT, MORNING) == {"schedule1": 24, "schedule2": 10}


async def test_a_limit_lifted_while_all_run(home, world) -> None:
    """There is more room at once: it is used, where it is cheaper."""
    home.options(max_import_power=4.0)
    home.add_amount()
    start = await spring_night(home, [0.1] * 3 + [0.3] * 6)
    await follow(home, start + HOUR)
    await home.change_options()
    await follow(home, MORNING)
    assert home.energy(NIGHT, MORNING) == pytest.approx(24, abs=CLOSE)
    # one hour of 4 kW, two of 8 kW at the low price, and half an hour
    rest = [Job(Span(start + HOUR, MORNING), 20, 8)]
    bill = home.bill(start + HOUR, MORNING)
    assert bill == pytest.approx(cheapest(world.import_prices, rest), abs=0.01)


async def test_a_limit_of_its_own_for_what_is_sold(home, world) -> None:
    home.options(max_export_power=3.0, max_import_power=11.0)
    home.add_amount()
    home.add_amount(**SELL)
    home.add_amount(**SELL | {"name": "More", "energy": 6.0})
    world.export_prices = hours([0.1, 0.3, 0.2, 0.25, 0.1, 0.3, 0.2, 0.1, 0.1], NIGHT)
    await _asked_once_more(home)
    assert sorted((one["ways"], one["power"]) for one in questions(home)) == [
        (["EXPORT"], 3000),
        (["IMPORT"], 8000),
    ]
    await follow(home, MORNING)
    assert home.highest_power(NIGHT, MORNING, "export") <= 3.001
    assert home.highest_power(NIGHT, MORNING, "import") == pytest.approx(8)
    done = total(home, NIGHT, MORNING)
    assert done == {"schedule1": 24, "schedule2": 10, "schedule3": 6}
    jobs = [Job(BOTH_NIGHT, 10, 5), Job(BOTH_NIGHT, 6, 5)]
    best = cheapest(world.export_prices, jobs, 3, sold=True)
    earned = home.bill(NIGHT, MORNING, "schedule2") + home.bill(NIGHT, MORNING, "schedule3")
    assert earned == pytest.approx(best, abs=0.01)


async def test_two_periods_that_touch_share_the_limit_where_they_meet(home, world) -> None:
    """One ends when the other begins, and a third spans both: never more than the limit."""
    home.options(max_import_power=9.0)
    home.add_amount(start="22:00:00", end="01:00:00", energy=20.0)
    home.add_amount(name="Late", start="01:00:00", end="04:00:00", energy=20.0)
    home.add_amount(**BATTERY | {"energy": 12.0})
    start = await spring_night(home, [0.3, 0.3, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3, 0.3] * 3)
    await follow(home, start + 3 * HOUR - 2 * MINUTE)
    await follow(home, start + 3 * HOUR + 2 * MINUTE, SECOND)
    await follow(home, MORNING)
    assert home.highest_power(NIGHT, MORNING) <= 9.001
    done = total(home, NIGHT, MORNING)
    assert done == {"schedule1": 20, "schedule2": 20, "schedule3": 12}


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_least_power_beside_others(home, world) -> None:
    """It runs at its least power or not at all; and never goes over the limit for it."""
    home.options(max_import_power=10.0)
    home.add_amount(min_power=4.0)
    home.add_amount(**BATTERY | {"energy": 12.0, "min_power": 1.4})
    home.add_amount(name="Boiler", energy=6.0, max_power=3.0, min_power=3.0)
    await home.set_up("2025-10-06T20:00")
    start, end = local("2025-10-06T22:00"), local("2025-10-07T07:00")
    await follow(home, end)
    assert home.highest_power(start, end) <= 10.001
    for key, least in (("schedule1", 4.0), ("schedule2", 1.4), ("schedule3", 3.0)):
        assert min(load.power for load in home.delivered(start, end, key)) >= least - 0.001
    assert total(home, start, end) == {"schedule1": 24, "schedule2": 12, "schedule3": 6}


# Price caps


async def test_nothing_is_bought_above_the_cap(home, world) -> None:
    home.options(cap_absolute=0.2)
    home.add_amount(energy=40.0)
    start = await spring_night(home, [0.1, 0.21, 0.2, 0.3, 0.15, 0.3, 0.3, 0.3, 0.3])
    assert home.sensor("planned_energy") == "24.0"
    assert home.sensor("shortfall") == "16.0"
    await follow(home, MORNING)
    assert home.bill(NIGHT, MORNING) == pytest.approx(8 * (0.1 + 0.2 + 0.15))
    assert home.energy(start + HOUR, start + 2 * HOUR) == 0


async def test_a_relative_cap_is_a_share_of_the_range(home, world) -> None:
    """The lowest price counts 0.01, the highest 1: half of the way is 0.30 here."""
    home.options(cap_relative=0.5)
    home.add_amount(energy=40.0)
    await spring_night(home, [0.1, 0.29, 0.31, 0.5, 0.2, 0.4, 0.4, 0.4, 0.4])
    assert home.sensor("planned_energy") == "24.0"
    await follow(home, MORNING)
    assert home.bill(NIGHT, MORNING) == pytest.approx(8 * (0.1 + 0.29 + 0.2))


async def test_nothing_is_sold_below_the_floor(home, world) -> None:
    home.options(floor=0.25)
    home.add_amount(**SELL | {"energy": 20.0})
    world.export_prices = hours([0.1, 0.3, 0.2, 0.25, 0.1, 0.3, 0.2, 0.1, 0.24], NIGHT)
    await spring_night(home, [0.3] * 9)
    assert home.sensor("planned_energy") == "15.0"
    assert home.sensor("shortfall") == "5.0"
    await follow(home, MORNING)
    assert home.bill(NIGHT, MORNING) == pytest.approx(5 * (0.3 + 0.25 + 0.3))


async def test_a_negative_floor_and_a_cap_of_nothing(home, world) -> None:
    """0 is a price like any other: what is free is bought, what costs a cent to sell is not."""
    home.options(cap_absolute=0.0, floor=-0.01)
    home.add_amount(energy=40.0)
    home.add_amount(**SELL | {"energy": 40.0})
    world.export_prices = hours([-0.02, -0.01, 0.0, 0.1, -0.1, -0.1, -0.1, -0.1, -0.1], NIGHT)
    await spring_night(home, [0.0, -0.05, 0.01, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3])
    await follow(home, MORNING)
    assert home.energy(NIGHT, MORNING) == pytest.approx(16, abs=CLOSE)
    assert home.bill(NIGHT, MORNING) == pytest.approx(-0.4, abs=0.001)
    assert home.energy(NIGHT, MORNING, "schedule2") == pytest.approx(15, abs=CLOSE)


async def test_a_cap_that_comes_in_the_middle_of_a_run(home, world) -> None:
    """Options are targets: they count at once, on what runs too."""
    home.add_amount()
    start = await spring_night(home, [0.1, 0.2, 0.2, 0.3, 0.3, 0.12, 0.3, 0.3, 0.3])
    await follow(home, start + HOUR + 15 * MINUTE)
    spent = home.energy(start, home.now)
    await home.change_options(cap_absolute=0.15)
    await follow(home, home.now + MINUTE, SECOND)
    assert home.power() == 0
    await follow(home, MORNING)
    late = home.energy(start + 2 * HOUR, MORNING)
    assert late == pytest.approx(8, abs=CLOSE)
    assert home.energy(start, MORNING) == pytest.approx(spent + 8, abs=0.1)


async def test_a_cap_that_is_lifted_in_the_middle(home, world) -> None:
    home.options(cap_absolute=0.15)
    home.add_amount()
    start = await spring_night(home, [0.1, 0.2, 0.2, 0.3, 0.3, 0.12, 0.3, 0.3, 0.3])
    assert home.sensor("shortfall") == "8.0"
    await follow(home, start + 90 * MINUTE)
    await home.change_options()
    await follow(home, MORNING)
    assert home.energy(NIGHT, MORNING) == pytest.approx(24, abs=CLOSE)
    assert home.sensor("status") in ("planned", "waiting")


async def test_the_same_options_again_ask_nothing(home, world) -> None:
    home.options(max_import_power=11.0, cap_relative=0.9)
    home.add_amount()
    await spring_night(home, [0.1] * 3 + [0.3] * 6)
    planned, asked = home.loads(), len(home.asked())
    await home.stop()
    await home.start("2026-05-01T21:00")
    await home.live("2026-05-01T21:30", MINUTE)
    assert len(home.asked()) == asked
    assert home.loads() == planned
