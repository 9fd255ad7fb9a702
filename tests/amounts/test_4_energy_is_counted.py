"""Promise 4 of schedules by amount: 24 kWh stay 24 kWh, however often they are planned."""

import pytest

from custom_components.flatpeak.model import Span
from simulator.faults import Fault
from tests.home import HOUR, MINUTE, SECOND, Load, hours, local

from .helpers import (
    BATTERY,
    CLOSE,
    MORNING,
    NIGHT,
    Job,
    cheapest,
    follow,
    spring_night,
    total,
)

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
@pytest.mark.parametrize("minutes", [23])
async def test_a_request_every_few_minutes(home, world, minutes) -> None:
    """Two devices under one limit: all the energy, at the best price, under the limit."""
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**BATTERY)
    await home.set_up("2025-10-06T20:00")
    start, end = local("2025-10-06T22:00"), local("2025-10-07T07:00")
    asked = len(home.amount_calls())
    while home.now < end:
        await follow(home, min(home.now + minutes * MINUTE, end))
        await home.update()
    assert len(home.amount_calls()) > asked + 9 * 60 // minutes / 2
    assert total(home, start, end) == {"schedule1": 24, "schedule2": 5}
    span = Span(start, end)
    best = cheapest(world.import_prices, [Job(span, 24, 8), Job(span, 5, 5)], 11)
    bill = home.bill(start, end) + home.bill(start, end, "schedule2")
    assert bill == pytest.approx(best, abs=0.002)
    assert home.highest_power(start, end) <= 11.001


@pytest.mark.freeze_time("2024-01-01T12:00:00Z")
@pytest.mark.parametrize(
    ("day", "length"),
    [
        pytest.param("2026-03-29", 23 * HOUR, id="23 hours"),
        pytest.param("2026-10-25", 25 * HOUR, id="25 hours"),
    ],
)
async def test_whole_days_of_23_and_25_hours(home, world, day, length) -> None:
    """A device that runs all day: as many kWh as the day has hours."""
    start = local(f"{day}T00:00")
    world.import_prices = hours([0.2, 0.1, 0.3] * 32, start - 24 * HOUR)
    world.publication = None
    home.add_amount(energy=48.0, max_power=2.0, start="00:00:00", end="00:00:00")
    await home.set_up(start - 4 * HOUR)
    # all of the day in question, and none of another one
    await follow(home, start + length)
    wanted = min(48.0, 2 * (length / HOUR))
    assert home.energy(start, start + length) == pytest.approx(wanted, abs=CLOSE)
    shortfall = 48 - wanted
    assert home.delivered(start, start + length)[0].start == start
    await follow(home, start + length + 24 * HOUR)
    assert home.energy(start + length, home.now) == pytest.approx(48, abs=CLOSE)
    assert home.energy(start, home.now) == pytest.approx(96 - shortfall, abs=2 * CLOSE)


@pytest.mark.parametrize("power", [3.0, 4.0, 12.0])
async def test_another_power_while_it_runs(home, world, power) -> None:
    home.add_amount()
    start = await spring_night(home, [0.1, 0.1, 0.1, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3])
    await home.at(start)
    await home.at(start + HOUR)
    await home.set_number("max_power", power)
    assert home.power() == power
    await follow(home, MORNING)
    assert home.energy(NIGHT, MORNING) == pytest.approx(24, abs=CLOSE)
    assert max(load.power for load in home.delivered(start + HOUR, MORNING)) == power


@pytest.mark.parametrize(
    ("key", "value", "in_the_end"),
    [
        pytest.param("start", "23:30:00", 24, id="a later start, after it"),
        pytest.param("start", "21:00:00", 24, id="an earlier start"),
        pytest.param("start", "00:30:00", 24, id="a start to come"),
        pytest.param("end", "02:30:00", 24, id="an earlier end"),
        pytest.param("end", "01:00:00", 12, id="an end that leaves too little time"),
        pytest.param("end", "10:00:00", 24, id="a later end"),
    ],
)
async def test_other_hours_in_the_middle(home, world, key, value, in_the_end) -> None:
    """What is delivered counts, whatever the hours are now."""
    home.add_amount()
    start = await spring_night(home, [0.1, 0.3, 0.3, 0.3, 0.3, 0.2, 0.2, *[0.3] * 10])
    await follow(home, start + 30 * MINUTE)
    await home.set_number("energy", 4)  # half an hour is done, and there are two of pause
    await follow(home, start + 2 * HOUR)
    await home.set_time(key, value)
    await home.set_number("energy", 24)
    assert float(home.sensor("planned_energy")) == pytest.approx(in_the_end, abs=CLOSE)
    await follow(home, MORNING)
    if (key, value) != ("end", "10:00:00"):
        assert home.energy(NIGHT, MORNING) == pytest.approx(in_the_end, abs=CLOSE)
        return
    await follow(home, MORNING + 3 * HOUR)
    assert home.energy(NIGHT, home.now) == pytest.approx(in_the_end, abs=CLOSE)


async def test_switched_off_another_gets_its_room(home, world) -> None:
    """One device less: the other one may have the site's power in the cheap hours."""
    home.options(max_import_power=8.0)
    home.add_amount(end="01:00:00")
    home.add_amount(**BATTERY | {"energy": 20.0})
    start = await spring_night(home, [0.1] * 3 + [0.3] * 6)
    await follow(home, start + HOUR)
    assert home.power() == 8
    await home.enable(False)
    assert home.power() == 0
    assert home.power("schedule2") == 5
    await follow(home, MORNING)
    assert total(home, NIGHT, MORNING) == {"schedule1": 8, "schedule2": 20}
    assert home.energy(NIGHT, start + 3 * HOUR, "schedule2") == pytest.approx(10)
    assert home.highest_power(NIGHT, MORNING) <= 8.001


async def test_a_slow_server_costs_no_energy_and_gives_none(home, world) -> None:
    home.add_amount()
    await spring_night(home, [0.1, 0.3, 0.12, 0.3, 0.11, 0.3, 0.3, 0.13, 0.3])
    world.slowness = 20
    while home.now < MORNING:
        world.faults = set()
        await follow(home, min(home.now + 17 * MINUTE, MORNING))
        if home.now < MORNING - 2 * MINUTE:
            world.faults = {Fault.SLOW}
            await home.patiently(home.update())
    assert home.energy(NIGHT, MORNING) == pytest.approx(24, abs=CLOSE)


async def test_two_changes_of_energy_in_one_run(home, world) -> None:
    home.add_amount(energy=8.0)
    start = await spring_night(home, [0.1] * 9)
    for minutes, energy in ((20, 16), (40, 12), (60, 20), (61, 18.5)):
        await follow(home, start + minutes * MINUTE, SECOND * 30)
        await home.set_number("energy", energy)
    await follow(home, MORNING)
    assert home.energy(NIGHT, MORNING) == pytest.approx(18.5, abs=CLOSE)


async def test_what_is_sold_is_counted_too(home, world) -> None:
    home.add_amount(name="Sell", direction="export", energy=10.0, max_power=4.0)
    world.export_prices = hours([0.05, 0.2, 0.1, 0.3, 0.25, 0.05, 0.05, 0.05, 0.3], NIGHT)
    await spring_night(home, [0.3] * 9)
    assert home.loads() == [
        Load(NIGHT + 3 * HOUR, NIGHT + 4 * HOUR + 30 * MINUTE, 4),
        Load(NIGHT + 8 * HOUR, NIGHT + 9 * HOUR, 4),
    ]
    while home.now < MORNING:
        await follow(home, min(home.now + 25 * MINUTE, MORNING))
        await home.update()
    assert home.energy(NIGHT, MORNING) == pytest.approx(10, abs=CLOSE)
    assert home.bill(NIGHT, MORNING) == pytest.approx(4 * 0.3 + 2 * 0.25 + 4 * 0.3, abs=0.01)
