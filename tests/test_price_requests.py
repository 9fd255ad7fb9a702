"""Prices are asked for as seldom as schedules: when there is news, and never twice."""

from collections import Counter
from datetime import datetime, time
from itertools import pairwise
import logging

import pytest

from custom_components.flatpeak.model import Direction
from simulator.faults import Fault
from simulator.state import LOCATION
from tests.amounts.helpers import CLOSE, follow
from tests.home import BRUSSELS, DAY, HOUR, MINUTE, SECOND, Home, local

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

EVENING = "2025-10-06T20:00"
NIGHT = local("2025-10-06T22:00")
SELL = {"name": "Sell", "direction": "export", "segment": "high"}


def moments(home: Home, direction: str = "IMPORT") -> list[datetime]:
    """Return when the prices of a direction were asked for."""
    return [call.moment for call in home.price_calls() if direction in str(call.body)]


async def _days(home: Home, days: int) -> None:
    """Live some days, closely around the moment at which prices come out."""
    for day in range(days):
        noon = local("2025-10-07T12:58") + day * DAY
        await home.live(noon, 15 * MINUTE)
        await home.live(noon + 5 * MINUTE, 5 * SECOND)
    await home.live(local("2025-10-07T07:00") + days * DAY, 15 * MINUTE)


async def test_once_per_next_update_and_direction(home, world) -> None:
    home.identify("home")
    home.add()
    home.add(**SELL)
    await home.set_up(EVENING)
    await _days(home, 3)
    for direction in ("IMPORT", "EXPORT"):
        first, *rest = moments(home, direction)
        assert first == local(EVENING)
        assert len(rest) == 3
        clocks = {moment.astimezone(BRUSSELS).strftime("%H:%M") for moment in rest}
        assert clocks <= {"13:00", "13:01"}
    assert len(home.price_calls()) == 2 * (1 + 3)
    # each direction has a moment of its own, which is always the same
    spread = {(moment - local(EVENING)) % DAY for moment in moments(home, "EXPORT")[1:]}
    assert len(spread) == 1
    assert set(moments(home)[1:]).isdisjoint(moments(home, "EXPORT"))


async def test_in_the_morning_nothing_is_asked_before_one_o_clock(home, world) -> None:
    """Flatpeak says when there is more, so nobody tries in between."""
    home.add()
    await home.set_up("2025-10-07T07:30")
    await home.live("2025-10-07T12:58", 5 * MINUTE)
    assert len(home.price_calls()) == 1
    await home.live("2025-10-07T13:02", 5 * SECOND)
    assert len(home.price_calls()) == 2


async def test_prices_that_are_late_are_looked_for_every_quarter_of_an_hour(home, world) -> None:
    """Flatpeak says that it has more tomorrow, though it has nothing for tomorrow yet."""
    home.add()
    await home.set_up(EVENING)
    await home.live("2025-10-07T12:58", 15 * MINUTE)
    world.publication, world.faults = time(13, 40), {Fault.NEXT_UPDATE_FAR}
    await home.live("2025-10-07T15:00", 15 * SECOND)
    looked = moments(home)[1:]
    assert 3 <= len(looked) <= 5
    assert all(after - before >= 15 * MINUTE for before, after in pairwise(looked))
    assert home.entry.runtime_data.prices[Direction.IMPORT].data.at(local("2025-10-08T12:00"))


@pytest.mark.parametrize("trouble", ["no_tariff", "pending", "import_prices"])
async def test_prices_that_are_not_there_yet_are_no_error(home, world, caplog, trouble) -> None:
    """The schedule says that it waits, and the server is well."""
    home.add()
    world.no_tariff = {Direction.IMPORT} if trouble == "no_tariff" else set()
    world.pending = trouble == "pending"
    world.import_prices = () if trouble == "import_prices" else world.import_prices
    await home.set_up(EVENING)
    await home.live(home.now + 2 * HOUR, MINUTE)
    assert home.sensor("status") == "waiting"
    assert home.sensor("price", LOCATION) == "unavailable"
    assert len(home.price_calls()) <= 9
    ours = [one for one in caplog.records if one.name.startswith("custom_components")]
    assert not [one.getMessage() for one in ours if one.levelno >= logging.WARNING]


async def test_a_direction_that_nobody_uses_is_not_asked_for(home, world) -> None:
    home.add()
    await home.set_up(EVENING)
    await _days(home, 1)
    assert len(moments(home)) == len(home.price_calls()) == 2


async def test_a_restart_asks_for_no_prices_before_they_are_due(home, world) -> None:
    home.add()
    await home.set_up(EVENING)
    for clock in ("2025-10-06T20:10", "2025-10-06T23:00", "2025-10-07T12:59"):
        await home.live(clock, 5 * MINUTE)
        price = home.sensor("price", LOCATION)
        await home.stop()
        await home.start()
        assert home.sensor("price", LOCATION) == price != "unavailable"
        await home.live(home.now + 30 * SECOND, 5 * SECOND)
    assert len(home.price_calls()) == 1
    await home.live("2025-10-07T13:02", 5 * SECOND)
    assert len(home.price_calls()) == 2
    await home.stop()
    await home.start()
    await home.live(home.now + 5 * MINUTE, 5 * SECOND)
    assert len(home.price_calls()) == 2


async def test_prices_that_fell_due_meanwhile_are_asked_for_at_once(home, world) -> None:
    home.add()
    await home.set_up(EVENING)
    await home.stop()
    await home.start("2025-10-07T15:00")
    await home.live(home.now + 5 * MINUTE, 5 * SECOND)
    assert moments(home) == [local(EVENING), local("2025-10-07T15:00")]


async def test_slow_down_is_heeded_for_prices_too(home, world) -> None:
    """One is told to wait for two minutes; neither prices nor schedules are asked meanwhile."""
    home.add()
    home.add(**SELL)
    await home.set_up("2025-10-07T12:59")
    world.faults = {Fault.RETRY_AFTER}
    world.calls.clear()
    while not world.calls:
        await home.live(home.now + SECOND, SECOND)
    told = home.now
    await home.live(told + 119 * SECOND, SECOND)
    assert len(world.calls) == 1
    world.faults = set()
    await home.live(told + 5 * MINUTE, SECOND)
    answered = Counter(
        (call.path.split("/")[1], "IMPORT" in str(call.body))
        for call in (*home.price_calls(), *home.schedule_calls())
        if call.status == 200
    )
    assert answered == {(kind, way): 1 for kind in ("prices", "schedules") for way in (True, False)}


async def test_slow_down_without_a_time_grows_for_prices_too(home, world) -> None:
    await home.set_up(EVENING)
    await home.live("2025-10-07T12:59", 15 * MINUTE)
    world.faults = {Fault.TOO_MANY_REQUESTS}
    world.token_lifetime = DAY
    world.calls.clear()
    await home.live("2025-10-07T14:50", 10 * SECOND)
    tries = sorted({call.moment for call in world.calls})
    gaps = [after - before for before, after in pairwise(tries)]
    assert len(gaps) >= 4
    assert all(after > before * 1.4 for before, after in pairwise(gaps))


async def test_an_account_without_that_endpoint(home, world) -> None:
    """It is tried once a day, in all ways there are; everything else works."""
    world.faults = {Fault.NO_PRICES}
    home.add()
    home.add_amount(name="Battery", energy=5.0, max_power=5.0)
    await home.set_up(EVENING)
    one_try = len(home.price_calls())
    assert one_try <= 4
    await follow(home, NIGHT + 2 * DAY + 9 * HOUR)
    tries = sorted({call.moment for call in home.price_calls()})
    assert len(tries) == 3
    assert all(after - before >= DAY for before, after in pairwise(tries))
    assert len(home.price_calls()) == 3 * one_try
    for night in range(3):
        start = NIGHT + night * DAY
        assert home.on_time(start, start + 9 * HOUR) == 3 * HOUR
        assert home.energy(start, start + 9 * HOUR, "schedule2") == pytest.approx(5, abs=CLOSE)
    assert home.sensor("price", LOCATION) == "unavailable"
    assert home.state("binary_sensor", "connected", LOCATION) == "on"

    # should it come, it is found within a day
    world.faults = set()
    await home.live(home.now + 14 * HOUR, 15 * MINUTE)
    assert home.sensor("price", LOCATION) != "unavailable"


async def test_an_endpoint_that_fails_is_asked_at_a_quiet_pace(home, world) -> None:
    world.faults = {Fault.PRICES_FAIL}
    world.token_lifetime = 2 * DAY
    home.add()
    await home.set_up(EVENING)
    await home.live(NIGHT + 9 * HOUR, 5 * MINUTE)
    assert home.on_time(NIGHT, NIGHT + 9 * HOUR) == 3 * HOUR
    tries = moments(home)
    assert 30 < len(tries) < 50
    gaps = [after - before for before, after in pairwise(tries)]
    assert all(gap >= 15 * MINUTE for gap in gaps[5:])
    world.faults = set()
    await home.live(home.now + 20 * MINUTE)
    assert home.sensor("price", LOCATION) != "unavailable"
    asked = len(home.price_calls())
    await home.live("2025-10-07T12:59", 5 * MINUTE)
    assert len(home.price_calls()) == asked


async def test_a_direction_without_a_tariff_is_tried_four_times_a_day(home, world) -> None:
    """Nobody uses it any more: its schedule is off."""
    world.no_tariff = {Direction.EXPORT}
    home.add()
    home.add(**SELL)
    await home.set_up(EVENING)
    await home.enable(False, "schedule2")
    await home.live(home.now + 2 * HOUR, MINUTE)
    asked = len(moments(home, "EXPORT"))
    await home.live(home.now + DAY, 5 * MINUTE)
    assert len(moments(home, "EXPORT")) - asked <= 5


async def test_by_hand_it_is_one_request_however_many_are_named(home, world) -> None:
    await home.set_up(EVENING)
    asked = len(home.price_calls())
    entities = [
        home.entity_id("sensor", key, LOCATION)
        for key in ("price", "next_price", "lowest_price", "highest_price")
    ]
    await home.hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": entities}, blocking=True
    )
    await home.live(home.now + MINUTE, SECOND)
    assert len(home.price_calls()) == asked + 1
