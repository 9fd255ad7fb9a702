"""Promise 4: three hours stay three hours, however often they are planned."""

import pytest

from tests.home import DAY, HOUR, MINUTE, hours, local

from .needs import (
    AMOUNT,
    APART,
    DURATION,
    EARLY,
    END,
    START,
    at,
    is_local,
    look,
    night,
    pass_time,
    planned,
    ran,
    show,
)

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


async def test_a_request_every_few_minutes(house, need) -> None:
    await night(house, need, APART)
    while house.now < END:
        await pass_time(house, min(house.now + 17 * MINUTE, END))
        await look(house)
    assert need.delivered(house, START, END) == 3
    assert need.bill(house, START, END) == pytest.approx(0.33, abs=0.001)
    assert ran(house) == [(0, 1), (3, 5)]


async def test_other_prices_every_time(house, choosing) -> None:
    """They turn over again and again: no more, and no less, than is wanted."""
    await night(house, choosing, APART)
    for turn in range(11):
        show(house, [0.1 + (7 * hour + 5 * turn) % 9 / 30 for hour in range(9)])
        await look(house)
        await pass_time(house, at(0.4 + 0.8 * turn))
    await pass_time(house, END)
    assert choosing.delivered(house, START, END) == pytest.approx(3, abs=0.02)


@pytest.mark.freeze_time("2024-01-01T12:00:00Z")
@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
async def test_on_the_nights_when_the_clocks_change(house, need, day) -> None:
    start, end = local(f"{day}T22:00"), local(f"{day[:-2]}{int(day[-2:]) + 1}T07:00")
    rates = [0.3, 0.2, 0.10, 0.25, 0.11, 0.3, 0.15, 0.12, 0.4, 0.3]
    house.world.import_prices = hours([*[0.5] * 22, *rates, *[0.5] * 30], start - 22 * HOUR)
    need.add(house)
    await house.set_up(f"{day}T20:00")
    while house.now < end:
        await pass_time(house, min(house.now + 50 * MINUTE, end))
        await look(house)
    assert need.delivered(house, start, end) == 3
    assert need.bill(house, start, end) == pytest.approx(0.33, abs=0.001)


async def test_started_late_in_the_night(house, choosing) -> None:
    show(house, [*EARLY[:3], *[0.3] * 3, 0.2, 0.25, 0.3])
    choosing.add(house)
    await house.set_up("2026-05-02T01:23:45")
    now = house.now
    assert choosing.shortfall(house) == 0
    await pass_time(house, END)
    assert choosing.delivered(house, now, END) == pytest.approx(3, abs=0.01)


async def test_started_too_late(house, choosing) -> None:
    show(house, [0.3] * 9)
    choosing.add(house)
    await house.set_up("2026-05-02T05:00")
    assert choosing.runs_now(house)
    assert choosing.planned(house) == 2
    assert choosing.shortfall(house) == 1
    await pass_time(house, "2026-05-02T06:59:59")
    assert choosing.runs_now(house)
    assert choosing.shortfall(house) == 1


async def test_more_is_wanted_while_it_runs(house, need) -> None:
    await night(house, need, [0.10, 0.11, 0.3, 0.12, *[0.3] * 5], 2)
    assert planned(house) == [(0, 2)]
    await house.at(START)
    await house.at(at(1))
    await need.want(house, 3)
    assert planned(house) == [(0, 2), (3, 4)]
    if not is_local(house) and need in (DURATION, AMOUNT):
        assert need.asked(house.schedule_calls()[-1]) == 2
    if need.chooses:
        assert need.planned(house) == 3
    await pass_time(house, END)
    assert need.delivered(house, START, END) == 3


async def test_less_is_wanted_while_it_runs(house, need) -> None:
    await night(house, need, [0.10, 0.11, 0.3, 0.12, *[0.3] * 5])
    await house.at(START)
    await house.at(at(1))
    await need.want(house, 2)
    await pass_time(house, END)
    assert ran(house) == [(0, 2)]


async def test_switched_off_and_on_again(house, choosing) -> None:
    await night(house, choosing)
    await house.at(START)
    await house.at(at(1))
    await house.enable(False)
    assert not choosing.runs_now(house)
    await house.at(at(4))
    await house.enable(True)
    if not is_local(house) and choosing.asks:
        assert choosing.asked(house.schedule_calls()[-1]) == 2
    await pass_time(house, END)
    assert choosing.delivered(house, START, END) == 3


async def test_the_next_night_begins_at_nothing(house, need) -> None:
    """What one night had does not count for the next one."""
    house.world.publication = None
    rates = [*[0.5] * 22, *EARLY, *[0.5] * 15, *EARLY, *[0.5] * 15, *EARLY, *[0.5] * 40]
    house.world.import_prices = hours(rates, START - 22 * HOUR)
    need.add(house)
    await house.set_up("2026-05-01T20:00")
    await pass_time(house, END + 2 * DAY)
    for day in range(3):
        assert need.delivered(house, START + day * DAY, END + day * DAY) == 3
    assert ran(house) == [(0, 3), (24, 27), (48, 51)]
