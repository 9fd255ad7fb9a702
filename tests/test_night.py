"""A night as a house owner knows it: asked for in the evening, ready in the morning."""

from dataclasses import replace

import pytest

from custom_components.flatpeak.model import Segment
from simulator import Dialect

from .home import DAY, HOUR, MINUTE, local

START, END = local("2025-10-06T22:00"), local("2025-10-07T07:00")


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_three_cheapest_hours(home) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    assert home.sensor("planned_duration") == "180.0"
    assert not home.active()

    await home.live(END + HOUR)

    assert home.on_time(START, END) == 3 * HOUR
    assert home.cost(START, END) == pytest.approx(home.best_cost(START, END, 180))
    assert home.on_time(START - DAY, END + HOUR) == 3 * HOUR


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("direction", ["import", "export"])
async def test_in_every_dialect(home, world, dialect, direction) -> None:
    """Learned from the answers: nobody is told which one the account speaks."""
    world.version = dialect
    prices = world.import_prices
    if direction == "export":
        # prices of the other direction must not be taken for these
        world.export_prices = prices
        world.import_prices = tuple(replace(slot, rate=-slot.rate) for slot in prices)
    home.add(direction=direction)
    await home.set_up("2025-10-06T20:00")
    world.import_prices = prices  # by which the home reckons
    await home.live(END)
    assert home.on_time(START, END) == 3 * HOUR
    assert home.cost(START, END) == pytest.approx(home.best_cost(START, END, 180))
    # what was learned is kept: over the next period, and over a restart
    await home.live("2025-10-07T09:00", 10 * MINUTE)
    await home.stop()
    before = len(home.asked())
    await home.start()
    await home.set_duration(170)
    assert len(home.asked()) == before + 1


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
@pytest.mark.parametrize("minutes", [1, 17, 170, 539, 540])
async def test_any_number_of_minutes(home, minutes) -> None:
    home.add(duration={"minutes": minutes})
    await home.set_up("2025-10-06T20:00")
    await home.live(END)
    assert home.on_time(START, END) == minutes * MINUTE
    assert home.cost(START, END) == pytest.approx(home.best_cost(START, END, minutes))


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_dearest_hours_of_the_evening(home) -> None:
    home.add(segment="high", start="16:00:00", end="23:00:00", duration={"hours": 2})
    await home.set_up("2025-10-07T14:00")
    await home.live("2025-10-07T23:30")
    start, end = local("2025-10-07T16:00"), local("2025-10-07T23:00")
    assert home.on_time(start, end) == 2 * HOUR
    assert home.cost(start, end) == pytest.approx(home.best_cost(start, end, 120, Segment.HIGH))


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_only_on_the_chosen_days(home) -> None:
    home.add(days=["tue", "thu"])
    await home.set_up("2025-10-06T20:00")
    await home.live("2025-10-11T12:00", 5 * MINUTE)
    nights = {run.start.astimezone().date() for run in home.runs["schedule1"]}
    assert nights
    for evening, hours in (("06", 0), ("07", 3), ("08", 0), ("09", 3), ("10", 0)):
        start = local(f"2025-10-{evening}T22:00")
        assert home.on_time(start, start + 9 * HOUR) == hours * HOUR


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_whole_day_that_ends_where_it_begins(home, world) -> None:
    """Periods that touch: no gap at midnight, and each has its own minutes."""
    home.add(start="00:00:00", end="00:00:00", duration={"hours": 5})
    await home.set_up("2025-10-06T20:00")
    await home.live("2025-10-06T23:58", 5 * MINUTE)
    world.publication = None
    for day in ("2025-10-07", "2025-10-08"):
        await home.live(f"{day}T00:01", MINUTE / 30)
        await home.live(f"{day}T23:58", 5 * MINUTE)
    await home.live("2025-10-09T00:00", MINUTE / 30)
    for day in ("2025-10-07", "2025-10-08"):
        start = local(f"{day}T00:00")
        assert home.on_time(start, start + DAY) == 5 * HOUR
        assert home.cost(start, start + DAY) == pytest.approx(
            home.best_cost(start, start + DAY, 300)
        )
