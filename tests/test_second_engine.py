"""When Flatpeak does not answer, plans are made locally on the prices that it told before."""

from datetime import datetime, timedelta

import pytest

from custom_components.flatpeak.model import Span
from simulator import Unpublished
from simulator.faults import Fault
from tests.amounts.helpers import CLOSE, Job, cheapest, follow, joined_loads
from tests.home import DAY, HOUR, MINUTE, SECOND, Home, Load, hours, local

# Flatpeak is away for 48 hours; it had told the prices of the first 30.
GONE = local("2025-10-06T18:00")
KNOWN = GONE + 30 * HOUR
BACK = GONE + 48 * HOUR
NIGHTS = [(GONE + n * DAY + 4 * HOUR, GONE + n * DAY + 13 * HOUR) for n in range(3)]
NOONS = [(GONE + n * DAY - 4 * HOUR, GONE + n * DAY + HOUR) for n in range(3)]
NOON = {"name": "Boiler", "start": "14:00:00", "end": "19:00:00"}

DOUBTFUL = [
    Fault.SERVER_ERROR,
    Fault.UNAVAILABLE,
    Fault.CUT_OFF,
    Fault.TOO_MANY_REQUESTS,
    Fault.RETRY_AFTER,
]
# It is there, and says something else: that is no reason to go another way.
CLEAR = [
    Fault.REFUSE,
    Fault.NOT_JSON,
    Fault.VERSION_REFUSED,
    Fault.MISSING_FIELD,
    Fault.EMPTY_DATA,
    Fault.UNKNOWN_PRICE,
]

START = local("2026-05-01T22:00")
END = local("2026-05-02T07:00")
RATES = [0.3, 0.1, 0.1, 0.3, 0.2, 0.3, 0.3, 0.3, 0.3]
BEST = [(START + HOUR, START + 3 * HOUR), (START + 4 * HOUR, START + 5 * HOUR)]


async def _away(home: Home, until: datetime) -> None:
    """Nothing runs, and nothing is planned, in time whose price is not known."""
    while home.now < until:
        await follow(home, min(home.now + 5 * MINUTE, until))
        for key in home.entry.subentries:
            assert home.now < KNOWN or not home.active(key)
            assert all(end <= KNOWN for _, end in home.windows(key) if end > home.now)


@pytest.mark.freeze_time("2025-10-06T13:00:00Z")
@pytest.mark.parametrize("unpublished", [Unpublished.ABSENT, Unpublished.UNKNOWN])
async def test_48_hours_without_flatpeak_by_duration(home, world, unpublished) -> None:
    world.unpublished = unpublished
    home.add()
    boiler = home.add(**NOON, duration={"hours": 2, "minutes": 0})
    await home.set_up("2025-10-06T15:00")
    planned = home.windows()

    # what Flatpeak planned is kept
    await home.live(GONE, 15 * MINUTE)
    world.faults = {Fault.UNAVAILABLE}
    await home.update()
    await _away(home, NIGHTS[0][1] - 10 * MINUTE)
    assert home.windows() == planned
    assert home.sensor("plan_source") == "flatpeak"
    await follow(home, NIGHTS[0][1])
    assert home.on_time(*NIGHTS[0]) == 3 * HOUR
    assert home.cost(*NIGHTS[0]) == pytest.approx(home.best_cost(*NIGHTS[0], 180))

    # the afternoon's prices are known
    assert home.sensor("plan_source", boiler) == "planner"
    assert home.sensor("status", boiler) == "planned"
    await _away(home, NOONS[1][1])
    assert home.on_time(*NOONS[1], boiler) == 2 * HOUR
    assert home.cost(*NOONS[1], boiler) == pytest.approx(home.best_cost(*NOONS[1], 120))

    # those of the night are until midnight
    assert home.sensor("plan_source") == "planner"
    assert home.sensor("shortfall") == "60.0"
    await _away(home, NIGHTS[1][1] - 10 * MINUTE)
    assert home.on_time(*NIGHTS[1]) == 2 * HOUR

    # and then none are
    await _away(home, BACK)
    assert home.on_time(KNOWN, BACK) == home.on_time(KNOWN, BACK, boiler) == timedelta(0)
    for key in ("schedule1", boiler):
        assert home.windows(key) == []
        assert home.sensor("status", key) == "problem"
        assert home.sensor("plan_source", key) == "unavailable"

    world.faults = set()
    await home.live(BACK + 20 * MINUTE)
    assert home.sensor("plan_source") == home.sensor("plan_source", boiler) == "flatpeak"
    await home.live(NOONS[2][1])
    assert home.on_time(*NOONS[2], boiler) >= 40 * MINUTE
    await home.live(NIGHTS[2][1], 5 * MINUTE)
    assert home.on_time(*NIGHTS[2]) == 3 * HOUR
    assert home.cost(*NIGHTS[2]) == pytest.approx(home.best_cost(*NIGHTS[2], 180))


@pytest.mark.freeze_time("2025-10-06T13:00:00Z")
@pytest.mark.parametrize("unpublished", [Unpublished.ABSENT, Unpublished.UNKNOWN])
async def test_48_hours_without_flatpeak_by_amount(home, world, unpublished) -> None:
    world.unpublished = unpublished
    home.options(max_import_power=9.0)
    home.add_amount()
    boiler = home.add_amount(**NOON, energy=4.0, max_power=2.0)
    await home.set_up("2025-10-06T15:00")
    planned = home.loads()

    await follow(home, GONE)
    world.faults = {Fault.UNAVAILABLE}
    await home.update()
    await _away(home, NIGHTS[0][1] - 10 * MINUTE)
    assert home.loads() == planned
    assert home.sensor("plan_source") == "flatpeak"
    await follow(home, NIGHTS[0][1])
    assert home.energy(*NIGHTS[0]) == pytest.approx(24, abs=CLOSE)

    assert home.sensor("plan_source", boiler) == "planner"
    assert home.sensor("status", boiler) == "planned"
    await _away(home, NOONS[1][1])
    assert home.energy(*NOONS[1], boiler) == pytest.approx(4, abs=CLOSE)
    least = cheapest(world.import_prices, [Job(Span(*NOONS[1]), 4, 2)])
    assert home.bill(*NOONS[1], boiler) == pytest.approx(least, abs=0.01)

    assert home.sensor("plan_source") == "planner"
    assert home.sensor("shortfall") == "8.0"
    await _away(home, NIGHTS[1][1] - 10 * MINUTE)
    assert home.energy(*NIGHTS[1]) == pytest.approx(16, abs=CLOSE)

    await _away(home, BACK)
    for key in ("schedule1", boiler):
        assert home.energy(KNOWN, BACK, key) == 0
        assert home.windows(key) == []
        assert home.sensor("status", key) == "problem"
        assert home.sensor("plan_source", key) == "unavailable"

    world.faults = set()
    await follow(home, BACK + 20 * MINUTE, MINUTE)
    assert home.sensor("plan_source") == home.sensor("plan_source", boiler) == "flatpeak"
    await follow(home, NOONS[2][1])
    assert home.energy(*NOONS[2], boiler) >= 2 * 40 / 60 - CLOSE
    await follow(home, NIGHTS[2][1])
    assert home.energy(*NIGHTS[2]) == pytest.approx(24, abs=CLOSE)
    least = cheapest(world.import_prices, [Job(Span(*NIGHTS[2]), 24, 8)])
    assert home.bill(*NIGHTS[2]) == pytest.approx(least, abs=0.01)


async def _planned_at_home(home: Home, fault: Fault = Fault.UNAVAILABLE) -> None:
    """Set up with known prices, and target for a plan once Flatpeak is gone."""
    home.world.publication = None
    home.world.import_prices = hours(RATES, START)
    await home.set_up("2026-05-01T20:00")
    await home.enable(False)
    home.world.faults = {fault}
    await home.enable(True)


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
@pytest.mark.parametrize("fault", DOUBTFUL)
@pytest.mark.parametrize("kind", ["duration", "amount"])
async def test_planned_at_home_where_the_next_hours_are_in_doubt(home, world, kind, fault) -> None:
    home.add() if kind == "duration" else home.add_amount()
    await _planned_at_home(home, fault)
    assert home.sensor("plan_source") == "planner"
    assert home.sensor("status") == "planned"
    assert home.windows() == BEST
    world.faults = set()
    await home.live("2026-05-01T20:10", 10 * SECOND)
    assert home.sensor("plan_source") == "flatpeak"
    assert home.windows() == BEST


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
@pytest.mark.parametrize("fault", CLEAR)
@pytest.mark.parametrize("kind", ["duration", "amount"])
async def test_an_answer_that_is_clear_is_no_reason_to(home, world, kind, fault) -> None:
    home.add() if kind == "duration" else home.add_amount()
    await _planned_at_home(home, fault)
    assert home.sensor("plan_source") != "planner"
    assert home.windows() == []
    world.faults = set()
    await home.live("2026-05-01T21:20", MINUTE)
    assert home.windows() == BEST


async def _back_in_the_middle(home: Home) -> None:
    """Flatpeak is back half an hour into the first window; other prices are true now."""
    await follow(home, START + 90 * MINUTE)
    assert home.active()
    home.world.faults = set()
    home.world.import_prices = hours([0.3, 0.4, 0.4, 0.3, 0.3, 0.3, 0.05, 0.3, 0.3], START)
    await follow(home, START + 2 * HOUR, MINUTE)
    assert home.sensor("plan_source") == "flatpeak"
    assert home.active()
    await follow(home, END + MINUTE)


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_back_in_the_middle_of_a_window(home, world) -> None:
    """What runs goes on to its end; the rest is Flatpeak's, and the minutes are exact."""
    home.add()
    await _planned_at_home(home)
    await _back_in_the_middle(home)
    assert [(run.start, run.end) for run in home.runs["schedule1"]] == [
        (START + HOUR, START + 3 * HOUR),
        (START + 6 * HOUR, START + 7 * HOUR),
    ]


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_back_in_the_middle_of_a_run_of_a_schedule_by_amount(home, world) -> None:
    home.add_amount()
    await _planned_at_home(home)
    await _back_in_the_middle(home)
    assert joined_loads(home.delivered(START, END)) == [
        Load(START + HOUR, START + 3 * HOUR, 8.0),
        Load(START + 6 * HOUR, START + 7 * HOUR, 8.0),
    ]


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
@pytest.mark.parametrize("kind", ["duration", "amount"])
async def test_an_answer_that_is_no_better_changes_nothing(home, world, kind) -> None:
    """Another hour costs the same now, and is where Flatpeak would begin."""
    home.add() if kind == "duration" else home.add_amount()
    await _planned_at_home(home)
    await follow(home, START + 90 * MINUTE)
    world.faults = set()
    world.import_prices = hours([*RATES[:3], 0.2, *RATES[4:]], START)
    await follow(home, START + 2 * HOUR, MINUTE)
    assert home.sensor("plan_source") == "flatpeak"
    await follow(home, END)
    assert [(run.start, run.end) for run in home.runs["schedule1"]] == BEST


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
@pytest.mark.parametrize("kind", ["duration", "amount"])
async def test_a_restart_while_flatpeak_is_away(home, world, kind) -> None:
    """Plans and prices are both stored: what was planned stays, and more can be."""
    home.add() if kind == "duration" else home.add_amount()
    await _planned_at_home(home)
    await follow(home, START + 90 * MINUTE)
    await home.stop()
    await home.start()
    assert home.active()
    assert home.windows() == BEST
    assert home.sensor("plan_source") == "restored"
    await home.enable(False)
    await home.stop()
    await home.start()
    await home.enable(True)
    assert home.sensor("plan_source") == "planner"
    await follow(home, END)
    assert home.on_time(START, END) == 3 * HOUR


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_without_any_price_the_hour_that_the_owner_chose_counts(home, world) -> None:
    home.add(machine={"fallback": "02:00:00"})
    world.faults = {Fault.NO_PRICES}
    await home.set_up("2026-05-01T20:00")
    await home.enable(False)
    world.faults = {Fault.UNAVAILABLE}
    await home.enable(True)
    assert home.windows() == [(START + 4 * HOUR, START + 7 * HOUR)]
    assert home.sensor("plan_source") == "planner"
    assert home.sensor("status") == "provisional"


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_by_price_limit_as_well(home, world) -> None:
    home.add_limit(limit=0.15)
    await _planned_at_home(home)
    assert home.sensor("plan_source") == "planner"
    assert home.windows() == BEST[:1]
    await _back_in_the_middle(home)
    assert [(run.start, run.end) for run in home.runs["schedule1"]] == [
        (START + HOUR, START + 3 * HOUR),
        (START + 6 * HOUR, START + 7 * HOUR),
    ]


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
@pytest.mark.parametrize("kind", ["duration", "amount"])
async def test_what_is_missing_is_planned_at_home_once_its_prices_are_known(
    home, world, kind
) -> None:
    """Flatpeak planned what it could in the morning, told the prices, and was gone."""
    home.add() if kind == "duration" else home.add_amount()
    await home.set_up("2025-10-06T20:00")
    await follow(home, "2025-10-07T13:02")
    if kind == "amount":
        # schedules by amount ask an hour later
        assert float(home.sensor("shortfall")) == pytest.approx(8)
    world.faults = {Fault.UNAVAILABLE}
    await follow(home, NIGHTS[1][1] - 10 * MINUTE)
    assert home.sensor("shortfall") in ("0.0", "0")
    await follow(home, NIGHTS[1][1])
    assert home.on_time(*NIGHTS[1]) == 3 * HOUR
    assert home.cost(*NIGHTS[1]) == pytest.approx(home.best_cost(*NIGHTS[1], 180))
