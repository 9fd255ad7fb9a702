"""Edges of schedules by amount that share a site's power, and steps of power inside a run."""

from datetime import datetime
from itertools import pairwise

import pytest

from tests.home import SECOND, Home

from .helpers import BATTERY, MORNING, NIGHT, amounts, spring_night

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


async def _edges_are_exact(home: Home) -> None:
    """Go to a second before each edge, then to the edge; the plan as of now is what counts."""
    plans = {key: home.loads(key) for key in amounts(home)}
    edges = {edge for plan in plans.values() for load in plan for edge in (load.start, load.end)}
    assert edges

    def expected(key: str, moment: datetime) -> float:
        return sum(load.power for load in plans[key] if load.contains(moment))

    for edge in sorted(edges):
        for moment in (edge - SECOND, edge):
            await home.at(moment)
            for key in plans:
                power = expected(key, moment)
                assert home.power(key) == pytest.approx(power, abs=0.002), (key, moment)
                assert home.active(key) == (power > 0), (key, moment)


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_on_an_ordinary_night(home) -> None:
    """Three devices, quarter hours, under a limit that makes them share."""
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**BATTERY)
    home.add_amount(name="Sell", direction="export", energy=4.0, max_power=4.0)
    await home.set_up("2025-10-06T20:00")
    assert {load.power for key in amounts(home) for load in home.loads(key)} >= {3.0, 4.0, 8.0}
    await _edges_are_exact(home)


async def test_a_step_of_power_inside_a_run(home) -> None:
    """The battery gets what the car leaves, and then all it can take: one run, two powers."""
    home.options(max_import_power=11.0)
    home.add_amount(energy=8.0)
    home.add_amount(**BATTERY | {"energy": 8.0})
    await spring_night(home, [0.1, 0.12, *[0.3] * 7])
    steps = [
        (before.power, after.power)
        for key in amounts(home)
        for before, after in pairwise(home.loads(key))
        if before.end == after.start
    ]
    assert steps
    await _edges_are_exact(home)
    for key in amounts(home):
        assert home.energy(NIGHT, MORNING, key) == pytest.approx(8, abs=0.01)
