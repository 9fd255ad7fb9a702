"""Promise 4: three hours stay three hours, however often they are planned."""

import pytest

from tests.home import HOUR, MINUTE, hours, local


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
@pytest.mark.parametrize("minutes", [7, 23, 60])
async def test_a_request_every_few_minutes(home, minutes) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    start, end = local("2025-10-06T22:00"), local("2025-10-07T07:00")
    while home.now < end:
        await home.live(min(home.now + minutes * MINUTE, end))
        await home.update()
    assert home.on_time(start, end) == 3 * HOUR
    assert home.cost(start, end) == pytest.approx(home.best_cost(start, end, 180))


@pytest.mark.freeze_time("2024-01-01T12:00:00Z")
@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
async def test_on_the_nights_when_the_clocks_change(home, world, day) -> None:
    start, end = local(f"{day}T22:00"), local(f"{day[:-2]}{int(day[-2:]) + 1}T07:00")
    rates = [0.3, 0.2, 0.1, 0.25, 0.1, 0.3, 0.15, 0.12, 0.4, 0.3]
    world.import_prices = hours(rates, start)
    world.publication = None
    home.add()
    await home.set_up(f"{day}T20:00")
    while home.now < end:
        await home.live(min(home.now + 30 * MINUTE, end), 5 * MINUTE)
        await home.update()
    assert home.on_time(start, end) == 3 * HOUR
    assert home.cost(start, end) == pytest.approx(home.best_cost(start, end, 180))


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_started_late_in_the_night(home) -> None:
    home.add()
    await home.set_up("2025-10-07T01:23:45")
    now, end = home.now, local("2025-10-07T07:00")
    assert home.sensor("shortfall") == "0.0"
    for start, stop in home.windows():
        await home.at(start)
        await home.at(stop)
    assert home.on_time(now, end) == 3 * HOUR


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_started_too_late(home) -> None:
    home.add()
    await home.set_up("2025-10-07T05:00")
    assert home.active()
    assert home.sensor("planned_duration") == "120.0"
    assert home.sensor("shortfall") == "60.0"


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_more_is_wanted_while_it_runs(home, world) -> None:
    start = local("2026-05-01T22:00")
    world.publication = None
    world.import_prices = hours([0.1, 0.1, 0.3, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3], start)
    home.add(duration={"hours": 2})
    await home.set_up("2026-05-01T20:00")
    await home.at(start + HOUR)
    await home.set_duration(180)
    assert home.windows() == [(start, start + 2 * HOUR), (start + 3 * HOUR, start + 4 * HOUR)]
    assert home.schedule_calls()[-1].body["duration"] == 120
    assert home.sensor("planned_duration") == "180.0"


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_switched_off_and_on_again(home, world) -> None:
    start = await home.spring_night([0.1] * 3 + [0.3] * 6)
    await home.at(start)
    await home.at(start + HOUR)
    await home.enable(False)
    assert not home.active()
    await home.at(start + 4 * HOUR)
    await home.enable(True)
    assert home.schedule_calls()[-1].body["duration"] == 120
    await home.live("2026-05-02T07:00", 5 * MINUTE)
    assert home.on_time(start, start + 9 * HOUR) == 3 * HOUR
