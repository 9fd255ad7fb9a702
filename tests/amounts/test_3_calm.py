"""Promise 3 of schedules by amount: what runs is kept, plans change for the better only."""

import pytest

from custom_components.flatpeak.model import Span
from simulator.faults import Fault
from tests.home import HOUR, MINUTE, Load, hours, local

from .helpers import (
    BATTERY,
    CLOSE,
    MORNING,
    NEXT_DAY,
    NIGHT,
    Job,
    cheapest,
    follow,
    joined_loads,
    planned_runs,
    spring_night,
    total,
)

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


async def test_beside_what_runs_the_rest_is_the_cheapest(home, world) -> None:
    """What runs became dear: it is kept, and the rest takes the best of what is left."""
    home.add_amount()
    start = await spring_night(home, [0.1, 0.3, 0.3, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3])
    await home.at(start)
    await home.at(start + 30 * MINUTE)
    world.import_prices = hours([0.5, 0.3, 0.3, 0.12, 0.1, 0.3, 0.3, 0.05, 0.3], start)
    await home.update()
    assert planned_runs(home)[0] == (start, start + HOUR)
    await follow(home, MORNING)
    assert home.energy(NIGHT, MORNING) == pytest.approx(24, abs=CLOSE)
    rest = [Job(Span(start + HOUR, MORNING), 16, 8)]
    bill = home.bill(start + HOUR, MORNING)
    assert bill == pytest.approx(cheapest(world.import_prices, rest), abs=0.005)


async def test_the_same_answer_changes_nothing_at_any_time(home, world) -> None:
    """Asked for again and again, in runs and between them, nothing but edges is written."""
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**BATTERY)
    await spring_night(home, [0.1, 0.3, 0.12, 0.3, 0.11, 0.3, 0.3, 0.13, 0.3])
    plans = {key: home.loads(key) for key in ("schedule1", "schedule2")}
    edges = {
        key: {edge for load in plan for edge in (load.start, load.end)}
        for key, plan in plans.items()
    }
    home.changes.clear()
    while home.now < local("2026-05-02T06:40"):
        await follow(home, home.now + 20 * MINUTE)
        await home.update()
        assert {key: home.loads(key) for key in plans} == plans
    for key in plans:
        own = {change for change in home.changes if change[1].startswith(key)}
        assert {moment for moment, _, _ in own} == edges[key], own


async def test_an_equal_answer_is_not_taken_in_the_middle_of_the_night(home, world) -> None:
    """After a dear first hour: an answer for the rest alone seems cheap, and is not.

    It comes because another schedule's target has changed, which is no news about prices.
    """
    home.add_amount()
    home.add_amount(**BATTERY)
    start = await spring_night(home, [0.1, 0.3, 0.3, 0.3, 0.3, 0.01, 0.01, 0.3, 0.3])
    await follow(home, start + 2 * HOUR)
    planned = home.loads()
    assert planned_runs(home)[1:] == [(start + 5 * HOUR, start + 7 * HOUR)]
    # the same two hours stay the best that there are, and another plan costs as much
    world.import_prices = hours([0.1, 0.3, 0.3, 0.01, 0.01, 0.01, 0.01, 0.3, 0.3], start)
    home.changes.clear()
    await home.set_number("energy", 6, "schedule2")
    assert home.loads() == planned
    assert not [change for change in home.changes if change[1].startswith("schedule1")]


async def test_a_changed_wish_of_another_does_not_cut_mine(home, world) -> None:
    """The battery suddenly needs a lot by midnight; the car runs on at its power."""
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**BATTERY | {"end": "00:00:00", "energy": 1.0})
    start = await spring_night(home, [0.1, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3])
    await follow(home, start + 30 * MINUTE)
    run, plan = planned_runs(home)[0], home.loads()
    assert run == (start, start + 3 * HOUR)
    await home.set_number("energy", 9.5, "schedule2")
    await follow(home, MORNING)
    ran = home.delivered(*run)
    assert joined_loads(ran) == joined_loads(plan)
    assert home.energy(NIGHT, MORNING) == pytest.approx(24, abs=CLOSE)
    # of the two hours until midnight the battery gets what the car leaves
    midnight = start + 2 * HOUR
    most = 1 + 11 * 1.5 - home.energy(start + 30 * MINUTE, midnight)
    assert home.energy(NIGHT, midnight, "schedule2") == pytest.approx(min(9.5, most), abs=0.5)
    assert home.highest_power(NIGHT, MORNING) <= 11.001


async def test_a_changed_wish_of_another_may_move_what_does_not_run(home, world) -> None:
    """Together they get all they want, under the limit, at the best price."""
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**BATTERY | {"energy": 3.0, "end": "01:00:00"})
    start = await spring_night(home, [0.2, 0.1, 0.1, 0.11, 0.3, 0.3, 0.3, 0.3, 0.3])
    await home.set_number("energy", 14, "schedule2")
    await follow(home, MORNING)
    assert total(home, NIGHT, MORNING) == {"schedule1": 24, "schedule2": 14}
    assert home.highest_power(NIGHT, MORNING) <= 11
    jobs = [Job(Span(NIGHT, MORNING), 24, 8), Job(Span(NIGHT, start + 3 * HOUR), 14, 5)]
    bills = home.bill(NIGHT, MORNING) + home.bill(NIGHT, MORNING, "schedule2")
    assert bills == pytest.approx(cheapest(world.import_prices, jobs, 11), abs=0.005)


async def test_the_limit_holds_at_every_moment_of_a_restless_night(home, world) -> None:
    """Targets and prices change all the time, and the server is slow."""
    home.options(max_import_power=10.0)
    home.add_amount()
    home.add_amount(**BATTERY)
    home.add_amount(name="Boiler", energy=4.0, max_power=4.0, min_power=2.0)
    rates = [0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.1, 0.2, 0.3]
    start = await spring_night(home, rates + NEXT_DAY)
    world.slowness = 7
    keys = ("schedule1", "schedule2", "schedule3")
    for round_ in range(24):
        await follow(home, start + round_ * 20 * MINUTE)
        rates = [0.1 + (7 * hour + 5 * round_) % 9 / 30 for hour in range(9)]
        world.import_prices = hours(rates + NEXT_DAY, start)
        world.faults = {Fault.SLOW} if round_ % 2 else set()
        key = keys[round_ % 3]
        target = 2 + (5 * round_) % 20
        await home.patiently(home.set_number("energy", target, key))
    world.faults = set()
    for key in keys:
        await home.set_number("energy", 25, key)
    await follow(home, MORNING)
    assert home.highest_power(NIGHT, MORNING) <= 10.001
    boiler = home.delivered(NIGHT, MORNING, "schedule3")
    assert boiler
    assert min(load.power for load in boiler) >= 2
    assert all(home.energy(NIGHT, MORNING, key) <= 25 + CLOSE for key in keys)


async def test_a_changed_wish_counts_at_once_on_what_runs_too(home, world) -> None:
    home.add_amount()
    start = await spring_night(home, [0.1] * 3 + [0.3] * 6)
    await home.at(start)
    await home.at(start + 30 * MINUTE)
    assert home.power() == 8
    await home.set_number("energy", 4)
    assert home.power() == 0
    await home.set_number("energy", 8)
    assert home.power() == 8
    assert planned_runs(home) == [(start, start + HOUR)]
    await home.set_number("max_power", 4)
    assert home.power() == 4
    assert home.loads()[-1] == Load(start + 30 * MINUTE, start + 90 * MINUTE, 4)
    await home.set_time("start", "23:00:00")
    assert home.power() == 0
