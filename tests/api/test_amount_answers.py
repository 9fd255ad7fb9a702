"""A schedule by amount through the simulator: what was asked for is what comes back."""

from dataclasses import replace
from itertools import pairwise

import pytest

from custom_components.flatpeak.api import (
    AmountDialect,
    Dialects,
    FlatpeakAccountDisabledError,
    FlatpeakAuthError,
    FlatpeakConnectionError,
    FlatpeakNoTariffError,
    FlatpeakNotFoundError,
    FlatpeakNotYetError,
    FlatpeakRateLimitError,
    FlatpeakRefusedError,
    FlatpeakResponseError,
    FlatpeakVersionError,
    Form,
)
from custom_components.flatpeak.api.dialect import ANODE
from custom_components.flatpeak.model import (
    NEGLIGIBLE,
    AmountRequest,
    AmountSchedule,
    Direction,
    PowerSlot,
    PriceCap,
    energy_of,
    runs,
    within,
)
from simulator import Device, Dialect as Spoken, Fault, Location, World
from simulator.state import ACCOUNT, KEY, LOCATION

from .conftest import client_of, refusal
from .questions import EVENING, HOUR, demand, order

SPOKEN = (Spoken.ZERO, Spoken.ANODE, Spoken.ANODE_GUIDE)
DIALECTS = pytest.mark.parametrize("spoken", SPOKEN)
DIRECTIONS = pytest.mark.parametrize("direction", [Direction.IMPORT, Direction.EXPORT])

# How each dialect is spoken once it is known, and how many questions it takes to find out:
# (import, export); a direction that was not understood is asked for once more.
KNOWN = {
    Spoken.ZERO: (AmountDialect(), 1, 1),
    Spoken.ANODE: (AmountDialect(ANODE, Form.PATH, "direction"), 2, 3),
    Spoken.ANODE_GUIDE: (AmountDialect.of(ANODE), 2, 2),
}

# What its money is called.
KNOWN_MONEY = {Spoken.ZERO: "tariff", Spoken.ANODE: "tariff", Spoken.ANODE_GUIDE: "cost"}

CAR = demand()
BOILER = demand(
    "dev_boiler", start=EVENING + 2 * HOUR, end=EVENING + 7 * HOUR, energy=6, max_power=3
)
BATTERY = demand("dev_battery", direction=Direction.EXPORT, energy=5, max_power=3)

ORDERS = {
    "a car": order(),
    "full power all the time": order(demand(energy=9 * 7.4)),
    "all at the limit of the site": order(demand(energy=18), demand("dev_boiler"), max_power=5),
    "both directions": order(CAR, BATTERY),
    "three under one limit": order(CAR, BOILER, BATTERY, max_power=8),
    "odd numbers": order(
        demand(energy=10.1237, max_power=3.68), demand("dev_boiler", energy=1 / 3), max_power=3.9
    ),
    "next to nothing": order(demand(energy=0.02, max_power=0.1), max_power=0.1),
}


@pytest.fixture(autouse=True)
def _devices(world: World) -> None:
    world.devices = [
        Device(id=name, reference_id=name) for name in ("dev_car", "dev_boiler", "dev_battery")
    ]


async def ask(home, request: AmountRequest) -> AmountSchedule:
    return await home.schedule_by_amount(LOCATION, request)


def questions(world: World) -> int:
    """Count the requests for schedules, and forget them."""
    count = sum(call.path.startswith("/schedules") for call in world.calls)
    world.calls.clear()
    return count


def slots_of(answer: AmountSchedule) -> dict[str, tuple[PowerSlot, ...]]:
    return {device.device_id: device.slots for device in answer.devices}


def money(slots: tuple[PowerSlot, ...], world: World) -> float:
    """Reckon what slots cost at the prices of the world."""
    return sum(
        price.rate * part.energy
        for slot in slots
        for price in world.import_prices
        if (part := slot.clip(price.start, price.end))
    )


def check_powers(answer: AmountSchedule, request: AmountRequest) -> None:
    """Check that no device, and not all together, ever go above what was asked for."""
    slots = slots_of(answer)
    for direction in Direction:
        demands = [one for one in request.demands if one.direction is direction]
        running = [slot for one in demands for slot in slots[one.device_id]]
        edges = sorted({edge for slot in running for edge in (slot.start, slot.end)})
        for start, end in pairwise(edges):
            parts = within(running, start, end)
            assert sum(part.power for part in parts) <= request.max_power + 1e-9
        for one in demands:
            assert all(slot.power <= one.max_power + 1e-9 for slot in slots[one.device_id])


@DIALECTS
@pytest.mark.parametrize("request_", ORDERS.values(), ids=ORDERS)
async def test_what_was_asked_for_comes_back(home, world, spoken, request_) -> None:
    world.version = spoken
    answer = await ask(home, request_)
    assert [one.device_id for one in answer.devices] == [one.device_id for one in request_.demands]
    for one, device in zip(request_.demands, answer.devices, strict=True):
        assert device.direction is one.direction
        assert energy_of(device.slots) == pytest.approx(one.energy, abs=NEGLIGIBLE / 2)
        assert all(one.span.start <= slot.start for slot in device.slots)
        assert all(slot.end <= one.span.end for slot in device.slots)
        assert device.confidence == 1
        assert device.cost == pytest.approx(money(device.slots, world), abs=1e-3)
        reckoned = sum(slot.rate * slot.energy for slot in device.slots)
        assert reckoned == pytest.approx(device.cost, abs=1e-9)
        saved = sum(slot.saved * slot.energy for slot in device.slots)
        assert saved == pytest.approx(device.savings.value, abs=1e-9)
    check_powers(answer, request_)
    assert (answer.currency, answer.time_zone, answer.live) == ("EUR", "Europe/Brussels", False)


@DIALECTS
async def test_what_all_of_it_costs(home, world, spoken) -> None:
    """What is sold is taken off what is bought."""
    world.version = spoken
    answer = await ask(home, ORDERS["three under one limit"])
    car, boiler, battery = answer.devices
    assert answer.cost == pytest.approx(car.cost + boiler.cost - battery.cost, abs=1e-4)
    saved = sum(device.savings.value for device in answer.devices)
    assert answer.savings.value == pytest.approx(saved, abs=1e-4)
    assert answer.savings.percentage > 0


@DIALECTS
async def test_the_car_is_charged_cheap_and_the_battery_sold_dear(home, world, spoken) -> None:
    world.version = spoken
    energy = {"energy": 3, "max_power": 3}
    bought, sold = (await ask(home, order(demand(**energy), BATTERY))).devices
    assert bought.slots[0].rate < sold.slots[-1].rate
    assert max(slot.rate for slot in bought.slots) < min(slot.rate for slot in sold.slots)


# Learning


@DIALECTS
@DIRECTIONS
async def test_what_was_learned_is_remembered(home, world, spoken, direction) -> None:
    world.version = spoken
    asked = order(demand(direction=direction))
    await ask(home, asked)
    assert questions(world) == KNOWN[spoken][1 + (direction is Direction.EXPORT)]
    await ask(home, asked)
    assert questions(world) == 1


@DIALECTS
async def test_a_new_client_is_told_what_an_old_one_learned(
    home, world, session, simulator, spoken
) -> None:
    world.version = spoken
    await ask(home, order(demand(direction=Direction.EXPORT)))
    questions(world)
    assert home.dialects == Dialects(amount=KNOWN[spoken][0])
    new = client_of(session, simulator.url, account_id=ACCOUNT, api_key=KEY, dialects=home.dialects)
    for direction in (Direction.IMPORT, Direction.EXPORT):
        (device,) = (await ask(new, order(demand(direction=direction)))).devices
        assert device.direction is direction
        assert questions(world) == 1


@pytest.mark.parametrize(
    ("before", "spoken"),
    [(one, other) for one in SPOKEN for other in SPOKEN if one.version <= other.version],
)
async def test_an_account_may_change_its_dialect_at_any_time(home, world, before, spoken) -> None:
    """Its version can be raised, and never be lowered again."""
    sold = order(demand(direction=Direction.EXPORT))
    for version in (before, spoken):
        world.version = version
        (device,) = (await ask(home, sold)).devices
        assert device.direction is Direction.EXPORT
        assert energy_of(device.slots) == pytest.approx(24, abs=NEGLIGIBLE / 2)
    questions(world)
    await ask(home, sold)
    assert questions(world) == 1


@pytest.mark.parametrize("spoken", [Spoken.BUSBAR_A, Spoken.BUSBAR_B])
@pytest.mark.parametrize("before", SPOKEN)
async def test_busbar_has_no_schedules_by_amount(home, world, before, spoken) -> None:
    world.version = before
    await ask(home, order())
    known = home.dialects
    questions(world)
    world.version = spoken
    await refusal(FlatpeakNotFoundError, ask(home, order()))
    assert questions(world) == 3
    assert home.dialects == known
    world.version = before
    assert (await ask(home, order())).devices
    assert questions(world) == 1


@DIALECTS
async def test_a_location_that_is_not_there_is_not_found(home, world, spoken) -> None:
    world.version = spoken
    await refusal(FlatpeakNotFoundError, home.schedule_by_amount("loc_other", order()))
    assert questions(world) <= 4
    assert home.dialects == Dialects()
    world.locations = [*world.locations, Location(id="loc_other")]
    assert (await home.schedule_by_amount("loc_other", order())).devices


@DIALECTS
async def test_a_device_that_is_not_there_is_refused(home, world, spoken) -> None:
    world.version = spoken
    car = world.devices.pop(0)
    await refusal(FlatpeakRefusedError, ask(home, order()))
    assert questions(world) <= 4
    world.devices.append(car)
    assert (await ask(home, order())).devices


async def test_a_refused_version_is_not_asked_for_without_end(home, world) -> None:
    world.faults.add(Fault.VERSION_REFUSED)
    home.dialects = Dialects(amount=KNOWN[Spoken.ANODE][0])
    await refusal(FlatpeakVersionError, ask(home, order()))
    world.faults.clear()
    await ask(home, order())
    questions(world)
    world.faults.add(Fault.VERSION_REFUSED)
    await refusal(FlatpeakVersionError, ask(home, order()))
    assert questions(world) == 2
    assert home.dialects == Dialects(amount=KNOWN[Spoken.ANODE][0])
    world.faults.clear()
    assert (await ask(home, order())).devices


# The price cap


@DIALECTS
@DIRECTIONS
@pytest.mark.parametrize(
    ("cap", "bound"),
    [
        pytest.param(PriceCap(absolute=0.12), 0.12, id="absolute"),
        pytest.param(PriceCap(0.01, 0.12), 0.12, id="the absolute one wins"),
        pytest.param(PriceCap(relative=0.5), None, id="relative"),
    ],
)
async def test_the_cap_is_understood(home, world, spoken, direction, cap, bound) -> None:
    world.version = spoken
    sold = direction is Direction.EXPORT
    prices = [slot.rate for slot in within(world.import_prices, EVENING, EVENING + 9 * HOUR)]
    if bound is None:
        # the highest price counts 1, the lowest 0.01; the other way round where it is sold
        low, high = (max(prices), min(prices)) if sold else (min(prices), max(prices))
        bound = low + (high - low) * (cap.relative - 0.01) / 0.99
    open_ = [rate for rate in prices if (rate >= bound if sold else rate <= bound)]
    assert 0 < len(open_) < len(prices)
    asked = order(demand(direction=direction, energy=9 * 7.4), cap=cap)
    (device,) = (await ask(home, asked)).devices
    assert energy_of(device.slots) == pytest.approx(len(open_) * 7.4)
    for slot in device.slots:
        for price in within(world.import_prices, slot.start, slot.end):
            assert price.rate in open_


@DIALECTS
async def test_a_cap_that_leaves_nothing_is_an_answer(home, world, spoken) -> None:
    world.version = spoken
    (device,) = (await ask(home, order(cap=PriceCap(absolute=0)))).devices
    assert (device.slots, device.cost) == ((), 0)
    assert (await ask(home, order())).devices[0].slots


# Not yet


@DIALECTS
async def test_without_a_tariff_in_a_direction(home, world, spoken) -> None:
    world.version = spoken
    world.no_tariff = {Direction.EXPORT}
    await refusal(FlatpeakNoTariffError, ask(home, order(CAR, BATTERY)))
    assert (await ask(home, order(CAR))).devices
    world.no_tariff.clear()
    assert len((await ask(home, order(CAR, BATTERY))).devices) == 2


@DIALECTS
async def test_a_home_that_only_sells(home, world, spoken) -> None:
    """A direction that is not read is taken for an import, for which there is no tariff."""
    world.version = spoken
    world.no_tariff = {Direction.IMPORT}
    (battery,) = (await ask(home, order(BATTERY))).devices
    assert battery.direction is Direction.EXPORT
    assert battery.slots


@DIALECTS
@pytest.mark.parametrize("trouble", ["pending", "no prices"])
async def test_not_yet(home, world, spoken, trouble) -> None:
    world.version = spoken
    prices = world.import_prices
    if trouble == "pending":
        world.pending = True
    else:
        world.import_prices = ()
    await refusal(FlatpeakNotYetError, ask(home, order()))
    assert questions(world) <= KNOWN[spoken][1]
    world.pending, world.import_prices = False, prices
    assert (await ask(home, order())).devices[0].slots
    assert questions(world) == 1


async def test_an_account_that_is_disabled(home, world) -> None:
    world.account_disabled = True
    await refusal(FlatpeakAccountDisabledError, ask(home, order()))
    world.account_disabled = False
    assert (await ask(home, order())).devices


# Faults, and the recovery from each

FAULTS = {
    Fault.REFUSE: FlatpeakAuthError,
    Fault.TOO_MANY_REQUESTS: FlatpeakRateLimitError,
    Fault.RETRY_AFTER: FlatpeakRateLimitError,
    Fault.SERVER_ERROR: FlatpeakConnectionError,
    Fault.UNAVAILABLE: FlatpeakConnectionError,
    Fault.CUT_OFF: FlatpeakConnectionError,
    Fault.NOT_JSON: FlatpeakResponseError,
    Fault.OVERLAPPING: FlatpeakResponseError,
    Fault.MISSING_FIELD: FlatpeakResponseError,
}


@DIALECTS
@pytest.mark.parametrize(("fault", "kind"), FAULTS.items())
async def test_every_fault_is_one_error_and_then_it_is_over(
    home, world, spoken, fault, kind
) -> None:
    world.version = spoken
    before = await ask(home, order())
    questions(world)
    world.faults.add(fault)
    err = await refusal(kind, ask(home, order()))
    assert err.retry_after == (120 if fault is Fault.RETRY_AFTER else None)
    assert questions(world) <= (2 if fault is Fault.REFUSE else 1)
    world.faults.clear()
    assert await ask(home, order()) == before


@DIALECTS
async def test_a_token_that_ends_too_early_is_replaced(home, world, spoken) -> None:
    world.version = spoken
    before = await ask(home, order())
    world.faults.add(Fault.EXPIRE)
    assert await ask(home, order()) == before


def told(answer: AmountSchedule) -> list[object]:
    """Return what an answer says, without the noise of floats."""
    return [
        (
            device.device_id,
            [
                (slot.start, slot.end, *(round(x, 9) for x in (slot.power, slot.rate, slot.saved)))
                for slot in device.slots
            ],
            (device.direction, device.cost, device.savings, device.confidence),
        )
        for device in answer.devices
    ] + [replace(answer, devices=())]


@DIALECTS
@pytest.mark.parametrize(
    "fault", [Fault.NUMBERS_AS_STRINGS, Fault.OTHER_UNITS, Fault.NEXT_UPDATE_MISSING]
)
async def test_how_it_is_written_makes_no_difference(home, world, spoken, fault) -> None:
    world.version = spoken
    before = await ask(home, ORDERS["odd numbers"])
    world.faults.add(fault)
    assert told(await ask(home, ORDERS["odd numbers"])) == told(before)


@DIALECTS
async def test_the_order_makes_no_difference(home, world, spoken) -> None:
    """The car's only part comes in two halves, the later one first."""
    world.version = spoken
    request = order(demand(energy=7.4), BOILER)
    before = slots_of(await ask(home, request))
    assert len(before["dev_car"]) == 1
    world.faults.add(Fault.UNSORTED)
    after = await ask(home, request)
    assert [one.device_id for one in after.devices] == ["dev_boiler", "dev_car"]
    for name, slots in slots_of(after).items():
        assert runs(slots) == runs(before[name])
        assert energy_of(slots) == pytest.approx(energy_of(before[name]))
        assert [slot.start for slot in slots] == sorted(slot.start for slot in slots)


@DIALECTS
@pytest.mark.parametrize("field", ["device_id", "schedule", "power", "value", "start_time"])
async def test_a_field_that_is_needed_is_named(home, world, spoken, field) -> None:
    world.version, world.missing_field = spoken, field
    await ask(home, order())
    world.faults.add(Fault.MISSING_FIELD)
    err = await refusal(FlatpeakResponseError, ask(home, order()))
    assert str(err).startswith("data[0].")
    assert f"{field} is " in str(err)
    world.faults.clear()
    assert (await ask(home, order())).devices[0].slots


@DIALECTS
@pytest.mark.parametrize(
    "field",
    [
        *("units", "direction", "tariff_direction", "energy", "max_power", "savings"),
        *("percentage", "confidence", "currency_code", "live_mode", "object", "id"),
    ],
)
async def test_a_field_that_is_not_needed_may_be_missing(home, world, spoken, field) -> None:
    world.version, world.missing_field = spoken, field
    before = await ask(home, order())
    world.faults.add(Fault.MISSING_FIELD)
    after = await ask(home, order())
    windows = [
        [(slot.start, slot.end, slot.power) for slot in slots_of(one)["dev_car"]]
        for one in (before, after)
    ]
    assert windows[0] == windows[1]
    assert after.devices[0].cost == before.devices[0].cost


@DIALECTS
async def test_without_a_price_there_is_a_plan_but_nobody_knows_its_cost(
    home, world, spoken
) -> None:
    world.version, world.missing_field = spoken, KNOWN_MONEY[spoken]
    world.faults.add(Fault.MISSING_FIELD)
    answer = await ask(home, order())
    (device,) = answer.devices
    assert (answer.cost, device.cost) == (None, None)
    assert energy_of(device.slots) == pytest.approx(24, abs=NEGLIGIBLE / 2)
    assert {slot.rate for slot in device.slots} == {None}


@DIALECTS
async def test_unknown_prices_are_unknown(home, world, spoken) -> None:
    world.version = spoken
    world.faults.add(Fault.UNKNOWN_PRICE)
    answer = await ask(home, order())
    (device,) = answer.devices
    assert (answer.cost, device.cost, device.confidence) == (None, None, 0)
    assert {(slot.rate, slot.confidence) for slot in device.slots} == {(None, 0)}


@DIALECTS
@pytest.mark.parametrize("fault", [Fault.EMPTY_DATA, Fault.MISSING_FIELD])
async def test_no_devices_are_an_answer(home, world, spoken, fault) -> None:
    world.version, world.missing_field = spoken, "data"
    world.faults.add(fault)
    answer = await ask(home, order())
    assert (answer.devices, answer.currency) == ((), "EUR")
    world.faults.clear()
    assert (await ask(home, order())).devices


async def test_nothing_asked_is_nothing_answered(home, world) -> None:
    answer = await ask(home, AmountRequest((), 11))
    assert (answer.devices, answer.cost) == ((), 0)
