"""Promise 6: one request per next update, new period and changed target; never more."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from custom_components.flatpeak.model import Direction, Slot
from simulator.faults import Fault
from tests.home import BRUSSELS, DAY, HOUR, MINUTE, SECOND, hours, local

from .needs import AMOUNT, DURATION, START, night, pass_time

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")


async def test_two_days(home, world, asking) -> None:
    """Two requests a day: the night's end, and when the prices of the next day should be out."""
    asking.add(home)
    if not asking.chooses:
        world.import_prices = [replace(slot, rate=_step(slot)) for slot in world.import_prices]
    await home.set_up("2025-10-06T20:00")
    await pass_time(home, "2025-10-08T20:00")
    asked = [call.moment for call in home.schedule_calls() if call.status == 200]
    assert len(asked) == 1 + 2 * 2
    clocks = {moment.astimezone(BRUSSELS).strftime("%H:%M") for moment in asked[1:]}
    out = {"14:00", "14:01"} if asking.kind == "amount" else {"13:00", "13:01"}
    assert clocks <= {"06:58", "06:59", *out}
    # a token lives an hour here, so each request needs one of its own, and no more
    assert home.logins() <= len(asked) + len(home.price_calls())
    assert len(home.price_calls()) == 1 + 2
    for day in range(2):
        start = local("2025-10-06T22:00") + day * DAY
        end = start + 9 * HOUR
        assert asking.delivered(home, start, end) == 3
        best = home.best_cost(start, end, 180)
        assert asking.bill(home, start, end) == pytest.approx(best, abs=0.001)


def _step(slot: Slot) -> float:
    """Return a price that exactly three hours of every night have."""
    clock = slot.start.astimezone(BRUSSELS).hour
    return {2: 0.10, 3: 0.11, 4: 0.12}.get(clock, 0.3)


async def test_days_with_restarts(home, world, asking) -> None:
    """Each night, and around the moments at which something is asked."""
    world.import_prices = [replace(slot, rate=_step(slot)) for slot in world.import_prices]
    asking.add(home)
    await home.set_up("2025-10-06T20:00")
    out = "13:58" if asking.kind == "amount" else "12:55"
    for day in range(2):
        await pass_time(home, local("2025-10-06T23:50") + day * DAY)
        await home.stop()
        await home.start()
        for clock in ("06:55", out):
            moment = local(f"2025-10-07T{clock}") + day * DAY
            await pass_time(home, moment)
            await pass_time(home, moment + 10 * MINUTE)
            await home.stop()
            await home.start()
    assert sum(call.status == 200 for call in home.schedule_calls()) == 1 + 2 * 2
    await pass_time(home, "2025-10-08T19:00")
    assert asking.delivered(home, local("2025-10-06T22:00"), home.now) == 6


async def test_one_token_for_its_lifetime(home, world, asking) -> None:
    world.token_lifetime = timedelta(hours=24)
    for name in ("One", "Two", "Three"):
        asking.add(home, name=name)
    await home.set_up("2025-10-06T20:00")
    assert home.logins() == 1
    await pass_time(home, "2025-10-07T16:00")
    # schedules by amount share their requests
    assert len(home.asked()) == (9 if asking.kind != "amount" else len(home.asked()))
    assert len(home.asked()) >= 3
    assert home.logins() == 1
    await pass_time(home, "2025-10-08T08:00")
    assert home.logins() == 2


async def test_a_token_that_ended_early_is_renewed_once(home, world, asking) -> None:
    asking.add(home)
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.EXPIRE}
    world.calls.clear()
    await home.update()
    paths = [call.path for call in world.calls]
    assert [call.status for call in world.calls] == [403, 200, 200]
    assert paths[0] == paths[2] == home.schedule_calls()[-1].path
    assert paths[1] == "/login"


async def test_a_changed_target_is_one_request(home, asking) -> None:
    asking.add(home)
    await home.set_up("2025-10-06T20:00")
    asked = len(home.asked())
    await asking.want(home, 2)
    await asking.want(home, 2)
    await home.set_time("end", "06:00:00")
    assert len(home.asked()) == asked + 2
    await home.enable(False)
    assert len(home.asked()) == asked + 2


@pytest.mark.parametrize("choosing", [DURATION, AMOUNT], ids=str)
async def test_nothing_missing_nothing_asked(home, choosing) -> None:
    """While the last of it runs, and when all is done."""
    await night(home, choosing)
    await pass_time(home, START + 3 * HOUR + MINUTE)
    asked = len(home.asked())
    await home.update()
    assert len(home.asked()) == asked
    assert choosing.planned(home) == 3
    assert home.sensor("status") == "planned"


async def test_all_that_is_left_runs_nothing_is_asked(home) -> None:
    home.add(duration={"hours": 9}, start="22:00:00", end="07:00:00")
    await home.set_up("2025-10-06T20:00")
    await pass_time(home, "2025-10-06T22:01")
    asked = len(home.asked())
    await home.update()
    assert len(home.asked()) == asked


async def test_homes_do_not_ask_in_the_same_second(home, world) -> None:
    for number in range(8):
        home.add(name=f"Number {number}")
    await home.set_up("2025-10-07T12:50")
    before = len(home.asked())
    await pass_time(home, "2025-10-07T13:02")
    moments = home.asked()[before:]
    assert len(moments) == 8
    assert len(set(moments)) > 4
    assert all(moment > local("2025-10-07T13:00:04") for moment in moments)


async def test_slow_down_means_all_of_us_wait(home, world, asking) -> None:
    """One schedule is told to wait 120 s; the other does not ask in the meantime."""
    asking.add(home)
    home.add(name="Two")
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.RETRY_AFTER}
    await home.update()
    world.calls.clear()
    await home.update("schedule2")
    assert not home.asked()
    world.faults = set()
    await pass_time(home, home.now + 119 * SECOND)
    assert not home.asked()
    # then each after its own delay
    await pass_time(home, home.now + 75 * SECOND)
    assert len(home.asked()) == 2
    assert len(set(home.asked())) == 2
    assert home.sensor("status") == "planned"
    assert home.sensor("planned_duration", "schedule2") == "180.0"


async def test_slow_down_without_a_time_grows(home, world, asking) -> None:
    asking.add(home)
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.TOO_MANY_REQUESTS}
    world.calls.clear()
    await home.update()
    await pass_time(home, "2025-10-06T21:50")
    moments = [call.moment for call in world.calls]
    gaps = [b - a for a, b in pairwise(moments)]
    assert len(gaps) >= 4
    assert all(b > a * 1.4 for a, b in pairwise(gaps))


@pytest.mark.parametrize("code", ["no_tariff", "pending", "no_prices"])
async def test_not_yet_waits_a_quarter_of_an_hour(home, world, asking, code) -> None:
    prices = world.import_prices
    match code:
        case "no_tariff":
            world.no_tariff = {Direction.IMPORT}
        case "pending":
            world.pending = True
        case "no_prices":
            world.import_prices = ()
    world.token_lifetime = DAY
    asking.add(home)
    await home.set_up("2025-10-06T21:50")
    assert home.sensor("status") == "waiting"
    assert home.state("binary_sensor", "active") == "off"
    # the first time the account's generation is learned as well, and never again
    world.calls.clear()
    await pass_time(home, "2025-10-07T01:50")
    gaps = [b - a for a, b in pairwise(home.asked())]
    assert gaps
    assert all(15 * MINUTE <= gap <= 20 * MINUTE for gap in gaps)

    world.no_tariff, world.pending, world.import_prices = set(), False, prices
    await pass_time(home, "2025-10-07T02:15")
    assert home.sensor("status") == "planned"
    if asking.chooses:
        await pass_time(home, "2025-10-07T07:00")
        begun = local("2025-10-06T22:00")
        assert asking.delivered(home, begun, home.now) == pytest.approx(3, abs=0.01)


async def test_prices_that_are_not_out_are_asked_for_when_they_are(home, world, asking) -> None:
    """A night after midnight: in the morning nothing is known; after noon it is."""
    asking.add(home, start="01:00:00", end="06:00:00")
    await home.set_up("2025-10-06T20:00")
    await pass_time(home, "2025-10-07T05:58")
    asked = len(home.asked())
    await pass_time(home, "2025-10-07T06:05")
    assert home.sensor("status") == "waiting"
    await pass_time(home, "2025-10-07T14:02" if asking.kind == "amount" else "2025-10-07T13:02")
    assert home.sensor("status") == "planned"
    assert len(home.asked()) - asked <= 2


@pytest.mark.parametrize("choosing", [DURATION, AMOUNT], ids=str)
async def test_a_period_days_away_is_not_asked_for(home, choosing) -> None:
    choosing.add(home, days=["sat"])
    await home.set_up("2025-10-06T20:00")
    assert home.sensor("status") == "later"
    assert not home.asked()
    asking = local("2025-10-11T22:00") - (1 if choosing is AMOUNT else 3) * DAY
    await pass_time(home, asking - SECOND)
    assert not home.asked()
    await pass_time(home, asking + 2 * MINUTE)
    # the account's generation may have to be learned, which is another request
    assert len({call.moment for call in home.schedule_calls()}) == 1
    await pass_time(home, "2025-10-12T07:00")
    assert choosing.delivered(home, local("2025-10-11T22:00"), home.now) == 3


async def test_switched_off_nothing_is_asked(home, asking) -> None:
    asking.add(home)
    await home.set_up("2025-10-06T20:00")
    await home.enable(False)
    asked = len(home.asked())
    await pass_time(home, "2025-10-08T20:00")
    await home.update()
    assert len(home.asked()) == asked
    await home.enable(True)
    assert len(home.asked()) == asked + 1
    assert home.sensor("status") == "planned"


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
    await pass_time(home, "2026-05-02T19:50")
    gaps = [b - a for a, b in pairwise(home.asked())]
    assert all(shortest <= gap <= longest for gap in gaps)
