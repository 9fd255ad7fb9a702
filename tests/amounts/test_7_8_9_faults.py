"""Promises 7 to 9 of schedules by amount: nothing half known, clear words, no secrets."""

from dataclasses import replace
from datetime import time
import logging

from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.flatpeak.model import Direction
from simulator.dialects import Dialect
from simulator.faults import Fault
from tests.home import DAY, HOUR, MINUTE, SECOND, hours, local

from .helpers import BATTERY, CLOSE, MORNING, NIGHT, amounts, follow, total

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

# What a fault does to a plan that is there, and to the connection.
HARMLESS = {
    Fault.EXPIRE,
    Fault.UNSORTED,
    Fault.NUMBERS_AS_STRINGS,
    Fault.NEXT_UPDATE_MISSING,
    Fault.NEXT_UPDATE_PAST,
    Fault.NEXT_UPDATE_FAR,
    Fault.OTHER_UNITS,
    # the prices alone; they have tests of their own
    Fault.NO_PRICES,
    Fault.PRICES_FAIL,
}
EMPTY = {Fault.EMPTY_DATA, Fault.UNKNOWN_PRICE}
BAD = set(Fault) - HARMLESS - EMPTY
# A slow server needs a clock that goes on while we wait; it has tests of its own.
FAULTS = sorted(set(Fault) - {Fault.SLOW})
START, END = local("2025-10-06T22:00"), local("2025-10-07T07:00")
DIALECTS = [Dialect.ZERO, Dialect.ANODE, Dialect.ANODE_GUIDE]


def problems(caplog) -> list[str]:
    """Return what was said loudly."""
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


@pytest.mark.parametrize("fault", [Fault.EXPIRE, Fault.UNAVAILABLE, Fault.NOT_JSON])
async def test_a_fault_is_said_of_each_and_changes_no_plan(home, world, fault, caplog) -> None:
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**BATTERY)
    await home.set_up("2025-10-06T20:00")
    planned = {key: home.loads(key) for key in amounts(home)}
    caplog.clear()

    world.faults = {fault}
    await home.update()
    assert {key: home.loads(key) for key in planned} == planned
    assert home.sensor("planned_energy") == "24.0"
    # one line for each schedule, which has entities of its own that are concerned
    assert len(problems(caplog)) == (len(planned) if fault in BAD else 0), problems(caplog)

    await follow(home, "2025-10-07T03:00")
    world.faults = set()
    await follow(home, "2025-10-07T05:15", MINUTE)
    await follow(home, END)
    assert total(home, START, END) == {"schedule1": 24, "schedule2": 5}
    assert home.highest_power(START, END) <= 11.001
    await follow(home, "2025-10-07T15:10", MINUTE)
    for key in planned:
        assert home.sensor("status", key) == "planned"
        assert home.sensor("planned_energy", key) != "unavailable"
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"


@pytest.mark.parametrize("field", ["device_id", "schedule", "start_time", "power", "cost", "data"])
async def test_a_field_that_is_missing_switches_nothing_wrongly(home, world, field) -> None:
    """Money may be missing, and then it is not known; without the rest there is no plan."""
    world.version = Dialect.ANODE_GUIDE
    home.add_amount()
    await home.set_up("2025-10-06T20:00")
    planned = home.loads()
    world.faults, world.missing_field = {Fault.MISSING_FIELD}, field
    await home.set_number("energy", 16)
    if field == "cost":
        assert home.sensor("planned_energy") == "16.0"
        assert home.sensor("cost") == "unknown"
    else:
        # what is left of the old plan, cut to the new target
        ahead = {(load.start, load.power) for load in planned}
        assert {(load.start, load.power) for load in home.loads()} <= ahead
    await follow(home, "2025-10-07T04:00")
    world.faults = set()
    await follow(home, END)
    assert home.energy(START, END) == pytest.approx(16, abs=CLOSE)


async def test_half_of_the_night_without_prices_is_said(home, world) -> None:
    """Before the publication only two hours are known: they are planned, the rest is missing."""
    world.publication = time(23, 0)
    home.add_amount()
    await home.set_up("2025-10-06T20:00")
    assert home.sensor("planned_energy") == "16.0"
    assert home.sensor("shortfall") == "8.0"
    await follow(home, "2025-10-07T00:10", MINUTE)
    assert home.sensor("shortfall") == "0.0"
    await follow(home, END)
    assert home.energy(START, END) == pytest.approx(24, abs=CLOSE)


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_what_rests_on_forecasts_says_so(home, world) -> None:
    """It runs nevertheless, and gives way to what is certain."""
    sure = hours([0.3, 0.3, 0.3, 0.1, 0.1, 0.1, 0.3, 0.3, 0.3], NIGHT)
    guessed = hours([0.1, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3], NIGHT)
    home.add_amount()
    world.publication = None
    world.import_prices = [replace(slot, confidence=0.7) for slot in guessed]
    await home.set_up("2026-05-01T20:00")
    assert home.sensor("status") == "provisional"
    assert home.sensor("confidence") == "0.7"
    assert home.windows() == [(NIGHT, NIGHT + 3 * HOUR)]
    world.import_prices = sure
    await follow(home, "2026-05-01T21:30", MINUTE)
    assert home.sensor("status") == "planned"
    assert home.windows() == [(NIGHT + 3 * HOUR, NIGHT + 6 * HOUR)]
    await follow(home, MORNING)
    assert home.energy(NIGHT, MORNING) == pytest.approx(24)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_without_a_tariff_to_sell_the_car_still_gets_its_plan(home, world, dialect) -> None:
    world.version = dialect
    world.no_tariff = {Direction.EXPORT}
    home.add_amount()
    home.add_amount(name="Sell", direction="export", energy=5.0, max_power=5.0)
    await home.set_up("2025-10-06T20:00")
    assert home.sensor("status") == "planned"
    assert home.sensor("planned_energy") == "24.0"
    assert home.sensor("status", "schedule2") == "waiting"
    await follow(home, "2025-10-07T04:00")
    assert home.energy(START, home.now, "schedule2") == 0
    # what runs is not touched by the other one's trouble, and that one goes on when it is over
    world.no_tariff = set()
    await follow(home, END)
    assert home.energy(START, END) == pytest.approx(24, abs=CLOSE)
    await follow(home, END + DAY)
    done = total(home, START + DAY, END + DAY)
    assert done == {"schedule1": 24, "schedule2": 5}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_prices_that_are_not_out_are_no_problem(home, world, dialect) -> None:
    """In every dialect it is "not yet", which passes by itself, and no fault of anybody."""
    world.version = dialect
    prices, world.import_prices = world.import_prices, ()
    home.add_amount()
    await home.set_up("2025-10-06T21:50")
    assert home.sensor("status") == "waiting"
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"
    world.import_prices = prices
    await follow(home, "2025-10-06T22:30", MINUTE)
    assert home.sensor("status") == "planned"
    await follow(home, END)
    assert home.energy(START, END) == pytest.approx(24, abs=CLOSE)


@pytest.mark.parametrize(
    ("entity", "value"),
    [
        ("energy", -1),
        ("energy", 1001),
        ("energy", float("nan")),
        ("max_power", 0),
        ("max_power", 3.5),
        ("max_power", float("inf")),
    ],
)
async def test_a_wrong_number_is_refused_where_it_was_typed(home, world, entity, value) -> None:
    home.add_amount(min_power=4.0)
    await home.set_up("2025-10-06T20:00")
    planned, asked = home.loads(), len(home.asked())
    with pytest.raises(ServiceValidationError) as refused:
        await home.set_number(entity, value)
    assert str(refused.value)
    assert home.loads() == planned
    assert len(home.asked()) == asked
    assert float(home.state("number", "energy")) == 24
    await home.set_number("energy", 16)
    await follow(home, END)
    assert home.energy(START, END) == pytest.approx(16, abs=CLOSE)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_no_secret_in_the_log(home, world, caplog, dialect) -> None:
    world.version = dialect
    caplog.set_level(logging.DEBUG)
    home.add_amount()
    home.add_amount(name="Sell", direction="export", energy=5.0, max_power=5.0)
    await home.set_up("2025-10-06T20:00")
    tokens: set[str] = set()
    for fault in FAULTS:
        tokens |= world._tokens.keys()
        world.faults = {fault}
        await home.update()
        await home.live(home.now + 15 * SECOND, SECOND)
    assert tokens
    for secret in {world.key, world.account, *tokens}:
        assert secret not in caplog.text
