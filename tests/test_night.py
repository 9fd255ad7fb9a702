"""A night as a house owner knows it: asked for in the evening, ready in the morning."""

from datetime import timedelta

import pytest

from .home import HOUR, local


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_three_cheapest_hours(home) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00:00")
    start, end = local("2025-10-06T22:00"), local("2025-10-07T07:00")
    assert home.sensor("planned_duration") == "180.0"
    assert not home.active()

    await home.live(end + HOUR)

    assert home.on_time(start, end) == 3 * HOUR
    assert home.cost(start, end) == pytest.approx(home.best_cost(start, end, 180))
    assert home.on_time(start - timedelta(days=1), end + HOUR) == 3 * HOUR
