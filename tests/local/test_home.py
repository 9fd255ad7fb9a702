"""A home without an account: the same schedules, on prices that are in Home Assistant."""

from datetime import timedelta

import pytest

from simulator.prices import read_prices
from tests.home import local
from tests.local.conftest import PRICES

HOURS = timedelta(hours=1)


async def test_a_night_on_real_prices(home) -> None:
    home.add()
    await home.set_up("2025-10-06T18:00")
    assert home.sensor("plan_source") == "planner"
    assert home.sensor("status") == "planned"
    start, end = local("2025-10-06T22:00"), local("2025-10-07T07:00")
    await home.live("2025-10-07T08:00")
    assert home.on_time(start, end) == 3 * HOURS
    assert home.cost(start, end) == pytest.approx(home.best_cost(start, end, 180))


@pytest.mark.parametrize(
    ("prices", "eve", "day"),
    [
        ("autumn_2024.csv", "2024-10-26", "2024-10-27"),
        ("spring_2024.csv", "2024-03-30", "2024-03-31"),
    ],
)
async def test_both_nights_on_which_the_clocks_change(home, prices, eve, day) -> None:
    home.world.import_prices = read_prices(PRICES / prices)
    home.add()
    home.add_amount()
    await home.set_up(f"{eve}T12:00")
    start, end = local(f"{eve}T22:00"), local(f"{day}T07:00")
    await home.live(f"{day}T08:00")
    assert home.on_time(start, end) == 3 * HOURS
    assert home.cost(start, end) == pytest.approx(home.best_cost(start, end, 180))
    assert home.energy(start, end, "schedule2") == pytest.approx(24, abs=0.01)
    assert home.bill(start, end, "schedule2") == pytest.approx(
        8 * home.best_cost(start, end, 180), abs=0.001
    )


async def test_a_day_without_publication(home) -> None:
    midnight = local("2025-10-07T00:00")
    home.world.import_prices = tuple(
        slot for slot in home.world.import_prices if slot.start < midnight
    )
    home.add()
    home.add_amount()
    await home.set_up("2025-10-06T12:00")
    assert home.sensor("status") == "provisional"
    assert home.windows() == [(local("2025-10-07T04:00"), local("2025-10-07T07:00"))]
    await home.live("2025-10-07T08:00")
    assert [(run.start, run.end) for run in home.runs["schedule1"]] == [
        (local("2025-10-07T04:00"), local("2025-10-07T07:00"))
    ]
    assert home.energy(local("2025-10-06T22:00"), local("2025-10-07T07:00"), "schedule2") == 24


async def test_a_day_without_publication_and_a_start_that_was_chosen(home) -> None:
    midnight = local("2025-10-07T00:00")
    home.world.import_prices = tuple(
        slot for slot in home.world.import_prices if slot.start < midnight
    )
    home.add(machine={"fallback": "01:30:00"})
    home.add_amount(fallback="02:00:00")
    home.add_amount(name="Van", energy=8, fallback="03:00:00")
    home.options(max_import_power=12)
    await home.set_up("2025-10-06T12:00")
    await home.live("2025-10-07T08:00")
    assert [(run.start, run.end) for run in home.runs["schedule1"]] == [
        (local("2025-10-07T01:30"), local("2025-10-07T04:30"))
    ]
    night = local("2025-10-06T22:00"), local("2025-10-07T07:00")
    assert home.delivered(*night, "schedule2")[0].start == local("2025-10-07T02:00")
    assert home.energy(*night, "schedule2") == pytest.approx(24, abs=0.01)
    # beside the first it would be too much for the home at three o'clock
    assert home.energy(*night, "schedule3") == pytest.approx(8, abs=0.01)
    assert home.highest_power(*night) <= 12
