"""Promise 6: one request per next update, new period and changed wish; never more."""

from datetime import timedelta
from itertools import pairwise

import pytest

from custom_components.flatpeak.model import Direction
from simulator.faults import Fault
from tests.home import HOUR, MINUTE, SECOND, hours, local

DAY = timedelta(days=1)


async def _week(home) -> None:
    """A week, closely around the moments at which something is asked."""
    end = home.now + 7 * DAY
    while home.now < end:
        clock = (home.now + 2 * HOUR).strftime("%H:%M")  # summer time in Brussels
        close = "06:55" <= clock < "07:05" or "12:55" <= clock < "13:05"
        await home.live(home.now + (5 * MINUTE), 5 * SECOND if close else 5 * MINUTE)


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_week(home, world) -> None:
    """Two requests a day: the night's end, and the market's publication."""
    home.add()
    await home.set_up("2025-10-06T20:00")
    await _week(home)
    asked = home.asked()
    assert len(asked) == 1 + 7 * 2
    clocks = {(moment + 2 * HOUR).strftime("%H:%M") for moment in asked[1:]}
    assert clocks <= {"06:58", "06:59", "13:00", "13:01"}
    # a token lives an hour here, so each request needs one of its own, and no more
    assert home.logins() == len(asked)
    for night in range(7):
        start = local("2025-10-06T22:00") + night * DAY
        assert home.on_time(start, start + 9 * HOUR) == 3 * HOUR
        assert home.cost(start, start + 9 * HOUR) == pytest.approx(
            home.best_cost(start, start + 9 * HOUR, 180)
        )


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_week_with_a_restart_every_day(home, world) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    for day in range(7):
        await home.live(local("2025-10-06T23:50") + day * DAY, 5 * MINUTE)
        await home.stop()
        await home.start()
        for clock in ("06:55", "12:55"):
            moment = local(f"2025-10-07T{clock}") + day * DAY
            await home.live(moment, 5 * MINUTE)
            await home.live(moment + 10 * MINUTE, 5 * SECOND)
            await home.stop()
            await home.start()
    assert len(home.asked()) == 1 + 7 * 2
    await home.live("2025-10-13T19:00", 15 * MINUTE)
    assert home.on_time(local("2025-10-06T22:00"), home.now) == 7 * 3 * HOUR


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_one_token_for_its_lifetime(home, world) -> None:
    world.token_lifetime = timedelta(hours=24)
    home.add()
    home.add(name="Two")
    home.add(name="Three")
    await home.set_up("2025-10-06T20:00")
    assert home.logins() == 1
    await home.live("2025-10-07T16:00", 5 * MINUTE)
    assert len(home.asked()) == 9
    assert home.logins() == 1
    await home.live("2025-10-08T08:00", 5 * MINUTE)
    assert home.logins() == 2


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_token_that_ended_early_is_renewed_once(home, world) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.EXPIRE}
    world.calls.clear()
    await home.update()
    assert [(call.path.split("/")[1], call.status) for call in world.calls] == [
        ("schedules", 403),
        ("login", 200),
        ("schedules", 200),
    ]


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_changed_wish_is_one_request(home, world) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    asked = len(home.asked())
    await home.set_duration(120)
    await home.set_duration(120)
    await home.set_time("end", "06:00:00")
    assert len(home.asked()) == asked + 2


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_nothing_missing_nothing_asked(home, world) -> None:
    home.add(duration={"hours": 9}, start="22:00:00", end="07:00:00")
    await home.set_up("2025-10-06T20:00")
    await home.live("2025-10-06T22:01")
    asked = len(home.asked())
    await home.update()
    assert len(home.asked()) == asked


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_homes_do_not_ask_in_the_same_second(home, world) -> None:
    for number in range(8):
        home.add(name=f"Number {number}")
    await home.set_up("2025-10-07T12:50")
    before = len(home.asked())
    await home.live("2025-10-07T13:02", SECOND)
    moments = home.asked()[before:]
    assert len(moments) == 8
    assert len(set(moments)) > 4
    assert all(moment > local("2025-10-07T13:00:04") for moment in moments)


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_slow_down_means_all_of_us_wait(home, world) -> None:
    """One schedule is told to wait 120 s; the other does not ask in the meantime."""
    home.add()
    home.add(name="Two")
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.RETRY_AFTER}
    await home.update()
    world.calls.clear()
    await home.update("schedule2")
    assert not home.asked()
    world.faults = set()
    await home.live(home.now + 119 * SECOND, SECOND)
    assert not home.asked()
    # then each after its own delay
    await home.live(home.now + 75 * SECOND, SECOND)
    assert len(home.asked()) == 2
    assert len(set(home.asked())) == 2
    assert home.sensor("planned_duration") == "180.0"


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_slow_down_without_a_time_grows(home, world) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.TOO_MANY_REQUESTS}
    world.calls.clear()
    await home.update()
    await home.live("2025-10-06T21:50", 10 * SECOND)
    moments = [call.moment for call in world.calls]
    gaps = [b - a for a, b in pairwise(moments)]
    assert len(gaps) >= 4
    assert all(b > a * 1.4 for a, b in pairwise(gaps))


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
@pytest.mark.parametrize("code", ["no_tariff", "pending", "no_prices"])
async def test_not_yet_waits_a_quarter_of_an_hour(home, world, code) -> None:
    prices = world.import_prices
    match code:
        case "no_tariff":
            world.no_tariff = {Direction.IMPORT}
        case "pending":
            world.pending = True
        case "no_prices":
            world.import_prices = ()
    world.token_lifetime = DAY
    home.add()
    await home.set_up("2025-10-06T21:50")
    assert home.sensor("status") == "waiting"
    assert home.state("binary_sensor", "active") == "off"
    await home.live("2025-10-07T01:50")
    gaps = [b - a for a, b in pairwise(home.asked())]
    assert gaps
    assert all(15 * MINUTE <= gap <= 20 * MINUTE for gap in gaps)

    world.no_tariff, world.pending, world.import_prices = set(), False, prices
    await home.live("2025-10-07T02:15")
    assert home.sensor("status") == "planned"


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_prices_that_are_not_out_are_asked_for_when_they_are(home, world) -> None:
    """A night after midnight: in the morning nothing is known; at one o'clock it is."""
    home.add(start="01:00:00", end="06:00:00")
    await home.set_up("2025-10-06T20:00")
    await home.live("2025-10-07T05:58", 5 * MINUTE)
    asked = len(home.asked())
    await home.live("2025-10-07T06:05", 10 * SECOND)
    assert home.sensor("status") == "waiting"
    await home.live("2025-10-07T13:02", MINUTE)
    assert home.sensor("status") == "planned"
    assert len(home.asked()) - asked <= 2


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_period_days_away_is_not_asked_for(home, world) -> None:
    home.add(days=["sat"])
    await home.set_up("2025-10-06T20:00")
    assert home.sensor("status") == "later"
    assert not home.asked()
    asking = local("2025-10-11T22:00") - 3 * DAY
    await home.live(asking, 15 * MINUTE)
    assert not home.asked()
    await home.live(asking + 2 * MINUTE, 10 * SECOND)
    assert len(home.asked()) == 1
    await home.live("2025-10-12T07:00", 5 * MINUTE)
    assert home.on_time(local("2025-10-11T22:00"), home.now) == 3 * HOUR


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
@pytest.mark.parametrize(
    ("fault", "shortest", "longest"),
    [
        (Fault.NEXT_UPDATE_MISSING, HOUR, 65 * MINUTE),
        (Fault.NEXT_UPDATE_PAST, HOUR, 65 * MINUTE),
        (Fault.NEXT_UPDATE_FAR, 8 * HOUR, 25 * HOUR),
    ],
)
async def test_a_strange_next_update_is_bounded(home, world, fault, shortest, longest) -> None:
    world.import_prices = hours([0.2] * 96, local("2026-05-01T00:00"))
    world.faults = {fault}
    home.add(start="20:00:00", end="20:00:00", duration={"hours": 1})
    await home.set_up("2026-05-01T20:30")
    await home.live("2026-05-02T19:50")
    gaps = [b - a for a, b in pairwise(home.asked())]
    assert all(shortest <= gap <= longest for gap in gaps)
