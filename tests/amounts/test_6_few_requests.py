"""Promise 6 of schedules by amount: one request for all of them, when there is news; never more."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, pairwise

import pytest

from custom_components.flatpeak.engine import intervals
from simulator.faults import Fault
from tests.home import BRUSSELS, DAY, HOUR, MINUTE, SECOND, Home, hours, local

from .helpers import BATTERY, CLOSE, amounts, follow, good_calls, total

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

SELL = {"name": "Sell", "direction": "export", "energy": 5.0, "max_power": 5.0}
SELL |= {"start": "17:00:00", "end": "21:00:00"}
NIGHT_BATTERY = BATTERY | {"start": "23:00:00", "end": "06:00:00"}


def clock(moment: datetime) -> str:
    return moment.astimezone(BRUSSELS).strftime("%H:%M")


async def _days(home: Home, days: int) -> None:
    await follow(home, home.now + days * DAY)


async def test_days_of_three_schedules_is_asked_for_in_one_go(home, world) -> None:
    """One request at the end of each period and one at 14:00, each for all that is due."""
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**NIGHT_BATTERY)
    home.add_amount(**SELL)
    await home.set_up("2025-10-06T20:00")
    world.calls.clear()
    await _days(home, 3)
    asked = home.amount_calls()
    assert len(asked) <= 3 * 4
    clocks = Counter(clock(call.moment)[:4] for call in asked)
    assert set(clocks) == {"05:5", "06:5", "14:0", "20:5"}
    # whoever has all its energy already is left out
    sizes = [len(call.body["data"]) for call in asked if clock(call.moment) >= "14:00"]
    assert sizes == [3] * 2 * 3
    for night in range(2):
        start = local("2025-10-07T08:00") + night * DAY
        done = total(home, start, start + DAY)
        assert done == {"schedule1": 24, "schedule2": 5, "schedule3": 5}


def _id_with_delay(
    shorter_than: timedelta | None = None, longer_than: timedelta | None = None
) -> str:
    """Return an id whose requests come so soon, or so late, after the moment."""
    for number in count():
        delay = intervals.delay(f"home{number}")
        if (shorter_than and delay < shorter_than) or (longer_than and delay > longer_than):
            return f"home{number}"
    raise AssertionError


@pytest.mark.parametrize("longer", ["the schedule's", "the home's"])
async def test_a_schedule_by_duration_tells_when_there_is_news(home, world, longer) -> None:
    """Its next update is at 13:00; nobody asks again at 14:00, whatever their delays are."""
    delay = intervals.delay("schedule2")
    if longer == "the home's":
        home.identify(_id_with_delay(longer_than=delay))
    else:
        home.identify(_id_with_delay(shorter_than=delay - SECOND))
    home.add_amount()
    home.add()
    await home.set_up("2025-10-06T20:00")
    await _days(home, 3)
    asked = good_calls(home)
    clocks = Counter(clock(moment) for moment in asked[1:])
    # the home asks after its schedule by duration, whose answer says when there is more
    assert set(clocks) <= {"06:58", "06:59", "13:00", "13:01", "13:02"}
    assert len(asked) == 1 + 3 * 2
    start = local("2025-10-08T22:00")
    assert home.energy(start, start + 9 * HOUR) == pytest.approx(24, abs=CLOSE)
    bill = home.bill(start, start + 9 * HOUR)
    assert bill == pytest.approx(8 * home.best_cost(start, start + 9 * HOUR, 180), abs=0.01)


async def test_a_schedule_by_duration_that_is_off_tells_nothing(home, world) -> None:
    home.add_amount()
    home.add()
    await home.set_up("2025-10-06T20:00")
    await home.enable(False, "schedule2")
    await _days(home, 2)
    clocks = Counter(clock(moment) for moment in good_calls(home)[1:])
    assert set(clocks) <= {"06:58", "06:59", "14:00", "14:01"}
    assert clocks.total() == 2 * 2


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_hourly_while_the_prices_are_forecasts(home, world) -> None:
    """From 14:00 on, until they are certain; provisional is what the plan says it is."""
    home.add_amount()
    sure = hours([0.3] * 12 + [0.1] * 6 + [0.3] * 30, local("2026-05-02T12:00"))
    world.import_prices = [replace(slot, confidence=0.8) for slot in sure]
    world.publication = None
    await home.set_up("2026-05-02T12:30")
    assert home.sensor("status") == "provisional"
    assert home.sensor("confidence") == "0.8"
    await follow(home, "2026-05-02T13:59", MINUTE)
    assert len(good_calls(home)) == 1
    await follow(home, "2026-05-02T19:30", MINUTE)
    asked = good_calls(home)[1:]
    assert len(asked) == 6
    gaps = [after - before for before, after in pairwise(asked)]
    assert all(HOUR <= gap <= 62 * MINUTE for gap in gaps)
    world.import_prices = sure
    await follow(home, "2026-05-02T20:30", MINUTE)
    assert home.sensor("status") == "planned"
    known = len(good_calls(home))
    assert known == 1 + 7
    await follow(home, "2026-05-03T06:50", MINUTE)
    assert len(good_calls(home)) == known
    assert home.energy(local("2026-05-02T22:00"), home.now) == pytest.approx(24)


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_no_more_hourly_requests_once_the_forecasts_are_over(home, world) -> None:
    """The first window rested on a forecast; what is ahead is certain."""
    home.add_amount()
    sure = hours([0.1, 0.3, 0.3, 0.3, 0.3, 0.1, 0.1, 0.3, 0.3], local("2026-05-02T22:00"))
    world.import_prices = [replace(sure[0], confidence=0.8), *sure[1:]]
    world.publication = None
    await home.set_up("2026-05-02T21:30")
    await follow(home, "2026-05-03T00:45", MINUTE)
    known = len(good_calls(home))
    assert known >= 2
    await follow(home, "2026-05-03T06:50", MINUTE)
    assert len(good_calls(home)) == known
    assert home.energy(local("2026-05-02T22:00"), home.now) == pytest.approx(24, abs=CLOSE)


async def test_one_request_for_all(home, world) -> None:
    home.options(max_import_power=11.0)
    for number in range(5):
        home.add_amount(name=f"Number {number}", energy=4.0)
    home.add_amount(**SELL)
    await home.set_up("2025-10-06T20:00")
    assert len(home.schedule_calls()[-1].body["data"]) == 6
    asked = len(home.asked())
    await home.update()
    await home.at(home.now + 11 * SECOND)
    await home.update("schedule3")
    assert len(home.asked()) == asked + 2
    assert len(home.schedule_calls()[-1].body["data"]) == 6


async def test_a_changed_wish_is_one_request(home, world) -> None:
    home.add_amount()
    home.add_amount(**BATTERY)
    await home.set_up("2025-10-06T20:00")
    asked = len(home.asked())
    await home.set_number("energy", 20)
    await home.set_number("energy", 20)
    await home.set_time("end", "06:00:00")
    await home.set_number("max_power", 7, "schedule2")
    await home.enable(False)
    assert len(home.asked()) == asked + 4


async def test_several_changes_at_once_are_few_requests(home, world) -> None:
    """One action for five devices, as a script does: not a request for each of them."""
    for number in range(5):
        home.add_amount(name=f"Number {number}", energy=4.0)
    await home.set_up("2025-10-06T20:00")
    asked = len(home.asked())
    entities = [home.entity_id("number", "energy", key) for key in amounts(home)]
    await home.hass.services.async_call(
        "number", "set_value", {"entity_id": entities, "value": 6}, blocking=True
    )
    await home.settle()
    assert [home.sensor("planned_energy", key) for key in amounts(home)] == ["6.0"] * 5
    assert len(home.asked()) <= asked + 2


async def test_changes_while_the_server_is_slow_are_one_more_request(home, world) -> None:
    for number in range(4):
        home.add_amount(name=f"Number {number}", energy=4.0)
    await home.set_up("2025-10-06T20:00")
    asked = len(home.asked())
    world.faults, world.slowness = {Fault.SLOW}, 8

    async def later(key: str) -> None:
        while len(home.asked()) == asked:  # noqa: ASYNC110  the server is no event
            await asyncio.sleep(0)
        await home.enable(False, key)

    changes = [later(key) for key in ("schedule2", "schedule3", "schedule4")]
    await home.patiently(home.set_number("energy", 6), *changes)
    assert len(home.asked()) <= asked + 2
    assert home.sensor("planned_energy") == "6.0"


async def test_one_question_however_many_entities_are_updated(home, world) -> None:
    home.add_amount()
    home.add_amount(**BATTERY)
    await home.set_up("2025-10-06T20:00")
    asked = len(home.asked())
    entities = [
        home.entity_id("binary_sensor", "active"),
        home.entity_id("sensor", "next_start"),
        home.entity_id("sensor", "cost", "schedule2"),
        home.entity_id("sensor", "power", "schedule2"),
        home.entity_id("sensor", "savings_total", home.entry.unique_id),
        home.entity_id("binary_sensor", "connected", home.entry.unique_id),
    ]
    await home.hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": entities}, blocking=True
    )
    await home.live(home.now + MINUTE, SECOND)
    assert len(home.asked()) == asked + 1


@pytest.mark.parametrize("number", range(4))
async def test_homes_do_not_ask_in_the_same_second(home, world, number) -> None:
    """Each has a delay of its own, at every kind of moment, and keeps it."""
    home.identify(f"number {number}")
    delay = intervals.delay(f"number {number}")
    home.add_amount()
    home.add_amount(name="Weekend", days=["thu"], start="12:00:00", end="16:00:00", energy=4.0)
    await home.set_up("2025-10-07T09:00")
    world.calls.clear()
    # when the prices are out; when a period comes into sight; before one ends
    for moment, sooner in (
        ("2025-10-07T14:00", False),
        ("2025-10-08T07:00", True),
        ("2025-10-08T12:00", False),
    ):
        await follow(home, local(moment) - 3 * MINUTE)
        world.calls.clear()
        await follow(home, local(moment) + 3 * MINUTE)
        (asked,) = good_calls(home)
        off = local(moment) - asked if sooner else asked - local(moment)
        # to the second, since the clock goes in whole seconds
        assert abs(off - delay) <= SECOND, moment


async def test_prices_that_are_not_out_are_asked_for_once_for_two(home, world) -> None:
    """A night after midnight: in the morning nothing is known; at 14:00 it is."""
    home.add_amount(start="01:00:00", end="06:00:00")
    home.add_amount(**BATTERY | {"start": "01:00:00", "end": "06:00:00"})
    await home.set_up("2025-10-06T20:00")
    await follow(home, "2025-10-07T05:58")
    asked = len(home.amount_calls())
    await follow(home, "2025-10-07T06:05", 10 * SECOND)
    assert home.sensor("status") == "waiting"
    await follow(home, "2025-10-07T14:02", MINUTE)
    assert home.sensor("status") == "planned"
    assert len(home.amount_calls()) - asked <= 2
    await follow(home, "2025-10-08T06:00")
    assert home.energy(local("2025-10-08T01:00"), home.now) == pytest.approx(24)
