"""What is read from an answer to a schedule by amount, however it is spelled."""

from collections.abc import Iterator
import copy
from datetime import UTC, datetime
from itertools import pairwise
import math
from typing import Any

from hypothesis import example as for_example, given, settings, strategies as st
import pytest

from custom_components.flatpeak.api import AmountDialect, Dialects, FlatpeakResponseError, wire
from custom_components.flatpeak.api.dialect import ANODE
from custom_components.flatpeak.model import (
    AmountSchedule,
    DeviceSchedule,
    Direction,
    PowerSlot,
    Savings,
)

from .conftest import refusal
from .questions import amounts, device, example, order, part
from .test_reading import ANY_JSON, NO_NUMBERS, NO_TIMES, result

TEN = datetime(2026, 1, 15, 22, tzinfo=UTC)
ELEVEN = datetime(2026, 1, 15, 23, tzinfo=UTC)


async def read(client, server, said: Any) -> AmountSchedule:
    """Let the server say it, and the client ask."""
    server.says(said)
    return await client.schedule_by_amount("loc_1", order())


def one(said: Any) -> DeviceSchedule:
    """Read the only device of an answer."""
    (found,) = wire.amount_schedule(said).devices
    return found


def powers(said: Any) -> list[tuple[int, int, float]]:
    """Read when the only device of an answer runs, by the hours, and at how many kW."""
    return [(slot.start.hour, slot.end.hour, slot.power) for slot in one(said).slots]


# The bodies of the documentation: a cost of 928.372 for two and a half hours at 11 kW

RATE, SAVED = 928.372 / 27.5, 0.2375 / 27.5
CAR = DeviceSchedule(
    "dev_664525107c44d88a37ca1ad7",
    Direction.IMPORT,
    (
        PowerSlot(
            datetime(2022, 2, 2, 2, tzinfo=UTC),
            datetime(2022, 2, 2, 4, 30, tzinfo=UTC),
            pytest.approx(RATE),
            1.0,
            11.0,
            pytest.approx(SAVED),
        ),
    ),
    928.372,
    Savings(0.2375, 0.11),
    1.0,
)
ALL = AmountSchedule((CAR,), 928.372, Savings(0.0239, 1.34), "GBP", "Europe/London", live=True)


@pytest.mark.parametrize(
    ("name", "version"),
    [("zero_schedules_post_200", None), ("anode_schedules_amount_200", ANODE)],
)
async def test_the_documented_answers(client, server, name, version) -> None:
    if version:
        client.dialects = Dialects(amount=AmountDialect.of(version))
    assert await read(client, server, example(name)) == ALL
    assert len(server.asked) == 1


async def test_the_answer_as_the_guide_spells_it(client, server) -> None:
    said = renamed(
        example("anode_schedules_amount_200"),
        {"tariff": "cost", "direction": "tariff_direction"},
    )
    assert set(said["data"][0]) >= {"cost", "tariff_direction"}
    assert await read(client, server, said) == ALL


def renamed(said: Any, names: dict[str, str]) -> Any:
    """Return a body with other names for some of its fields."""
    if isinstance(said, dict):
        return {names.get(key, key): renamed(value, names) for key, value in said.items()}
    return [renamed(value, names) for value in said] if isinstance(said, list) else said


# Power


@pytest.mark.parametrize(
    "power",
    [
        pytest.param({"units": "W", "value": 7400}, id="W"),
        pytest.param({"units": "KW", "value": 7.4}, id="KW"),
        pytest.param({"units": "w", "value": 7400}, id="w"),
        pytest.param({"units": "kW", "value": 7.4}, id="kW"),
        pytest.param({"units": " KW ", "value": 7.4}, id="blanks around"),
        pytest.param({"units": "W", "value": "7400"}, id="W in quotes"),
        pytest.param({"units": "KW", "value": "7.4"}, id="KW in quotes"),
        pytest.param({"units": "W", "value": 7.4e3}, id="with an exponent"),
        pytest.param({"value": 7400}, id="no unit: W, in which we asked"),
        pytest.param({"units": None, "value": 7400}, id="unit is null"),
        pytest.param({"units": "", "value": 7400}, id="unit is empty"),
        pytest.param({"units": "W", "value": 7400, "phases": 3}, id="with extra fields"),
    ],
)
def test_every_spelling_of_a_power(power) -> None:
    (slot,) = one(amounts(device(part(22, 23, power=power)))).slots
    assert (slot.start, slot.end) == (TEN, ELEVEN)
    assert slot.power == pytest.approx(7.4)
    assert slot.energy == pytest.approx(7.4)


@pytest.mark.parametrize("value", [0, 0.0, -0.0, "0", 1e-310, 1e-9])
def test_no_power_is_no_part(value) -> None:
    said = amounts(device(part(20, 21), part(22, 23, value)))
    assert powers(said) == [(20, 21, 4.0)]


def test_a_part_of_no_length_is_no_part() -> None:
    """What rounding to whole seconds can leave of a short one."""
    said = amounts(device(part(5, 5), part(20, 21), part(20, 20, "9e3")))
    assert powers(said) == [(20, 21, 4.0)]
    assert [slot.rate for slot in one(said).slots] == [0.5]


def test_a_device_may_rest_all_the_time() -> None:
    found = one(amounts(device(part(20, 21, 0), part(20, 22, 0))))
    assert (found.slots, found.cost) == ((), 2.0)
    assert one(amounts(device())) == found


def test_a_part_may_have_less_than_the_full_power() -> None:
    said = amounts(device(part(20, 21, 7400), part(21, 22, 100), part(22, 23, 0)))
    assert powers(said) == [(20, 21, 7.4), (21, 22, 0.1)]


# Times


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param("2026-01-15T22:00:00Z", "2026-01-15T23:00:00Z", id="Z"),
        pytest.param("2026-01-15T23:00:00+01:00", "2026-01-16T00:00:00+01:00", id="+01:00"),
        pytest.param("2026-01-15T23:00:00+01:00", "2026-01-16T01:00:00+02:00", id="two offsets"),
        pytest.param(" 2026-01-15T22:00:00.000Z", "20260115T230000Z", id="odd"),
    ],
)
@pytest.mark.parametrize("names", [("start_time", "end_time"), ("valid_from", "valid_to")])
def test_every_spelling_of_a_time(start, end, names) -> None:
    times = {"start_time": ..., "end_time": ..., **dict(zip(names, (start, end), strict=True))}
    (slot,) = one(amounts(device(part(0, 1, **times)))).slots
    assert (slot.start, slot.end) == (TEN, ELEVEN)
    assert slot.start.tzinfo is slot.end.tzinfo is UTC


# Money: of the whole, spread evenly over the energy


@pytest.mark.parametrize(
    "money",
    [
        pytest.param({"cost": {"value": 2, "confidence": 1}}, id="cost"),
        pytest.param({"tariff": {"value": 2, "confidence": 1}}, id="tariff"),
        pytest.param({"price": {"value": 2, "confidence": 1}}, id="price"),
        pytest.param({"cost": {"value": "2", "confidence": "1"}}, id="numbers in quotes"),
        pytest.param({"cost": 2}, id="a plain number"),
        pytest.param({"tariff": "2"}, id="a plain number in quotes"),
        pytest.param({"cost": {"value": 2}}, id="nothing said about confidence"),
        pytest.param({"cost": {"value": 2, "confidence": None}}, id="confidence is null"),
        pytest.param({"cost": {"value": 2, "confidence": 7}}, id="surer than sure"),
        pytest.param({"cost": None, "tariff": {"value": 2}}, id="cost is null, tariff is not"),
        pytest.param({"cost": {"value": 2}, "tariff": {"value": 9}}, id="cost before tariff"),
        pytest.param({"tariff": {"value": 2}, "price": {"value": 9}}, id="tariff before price"),
        pytest.param({"cost": {"value": 2, "vat": 0.3}}, id="with extra fields"),
    ],
)
def test_every_spelling_of_the_money(money) -> None:
    money = {"cost": ..., **money}
    found = wire.amount_schedule(amounts(device(part(20, 22), **money), **money))
    assert found.cost == 2
    (car,) = found.devices
    assert (car.cost, car.confidence) == (2, 1)
    assert [(slot.rate, slot.confidence) for slot in car.slots] == [(0.25, 1)]


@pytest.mark.parametrize(
    ("money", "cost", "confidence"),
    [
        pytest.param({"value": 0, "confidence": 0}, None, 0, id="0 at confidence 0: unknown"),
        pytest.param({"value": 2, "confidence": 0}, None, 0, id="confidence 0 is no cost"),
        pytest.param({"value": 0, "confidence": "0"}, None, 0, id="in quotes"),
        pytest.param({"confidence": 0}, None, 0, id="unknown, and not even 0"),
        pytest.param({"value": 2, "confidence": -1}, None, 0, id="less sure than unsure"),
        pytest.param({"value": 0, "confidence": 1}, 0, 1, id="0 at confidence 1: free"),
        pytest.param({"value": 0}, 0, 1, id="0, nothing more said: free"),
        pytest.param({"value": -1.5, "confidence": 0.6}, -1.5, 0.6, id="negative forecast"),
        pytest.param({"value": None, "confidence": 0.6}, None, 0.6, id="no value"),
        pytest.param({}, None, 1, id="nothing said"),
        pytest.param(None, None, 1, id="null"),
        pytest.param(..., None, 1, id="missing"),
    ],
)
def test_an_unknown_cost_is_not_a_cost_of_nothing(money, cost, confidence) -> None:
    found = wire.amount_schedule(amounts(device(part(20, 22), cost=money), cost=money))
    assert found.cost == cost
    (car,) = found.devices
    assert (car.cost, car.confidence) == (cost, confidence)
    (slot,) = car.slots
    assert (slot.rate, slot.confidence) == (None if cost is None else cost / 8, confidence)
    assert slot.energy == 8


def test_what_it_costs_is_spread_over_the_energy_not_the_time() -> None:
    said = device(part(20, 21, 3000), part(22, 23, 1000), cost={"value": 1})
    slots = one(amounts(said)).slots
    assert [slot.rate for slot in slots] == [0.25, 0.25]
    assert [slot.rate * slot.energy for slot in slots] == [0.75, 0.25]
    assert [slot.saved * slot.energy for slot in slots] == pytest.approx([0.375, 0.125])


@pytest.mark.parametrize(
    ("said", "savings"),
    [
        pytest.param({"value": 0.5, "percentage": 20}, Savings(0.5, 20), id="both"),
        pytest.param({"value": "0.5", "percentage": "20"}, Savings(0.5, 20), id="in quotes"),
        pytest.param({"value": -0.5, "percentage": -20}, Savings(-0.5, -20), id="it is dearer"),
        pytest.param({"value": 0, "percentage": 0}, Savings(0, 0), id="none at all"),
        pytest.param({"value": 0.5}, Savings(0.5), id="no percentage"),
        pytest.param({"value": 0.5, "percentage": None}, Savings(0.5), id="percentage is null"),
        pytest.param({"percentage": 20}, None, id="no value"),
        pytest.param({"value": None, "percentage": 20}, None, id="value is null"),
        pytest.param({}, None, id="nothing said"),
        *[pytest.param(odd, None, id=repr(odd)) for odd in (..., None, 7, "much", [], True)],
    ],
)
def test_savings_are_good_to_know(said, savings) -> None:
    found = wire.amount_schedule(amounts(device(part(20, 22), savings=said), savings=said))
    assert found.savings == savings
    (car,) = found.devices
    assert car.savings == savings
    assert [slot.saved for slot in car.slots] == [savings and savings.value / 8]


def test_money_of_no_energy_is_no_rate() -> None:
    found = one(amounts(device(part(20, 22, 0), cost={"value": 2})))
    assert (found.slots, found.cost) == ((), 2)


@pytest.mark.parametrize(("money", "rate"), [("cost", "rate"), ("savings", "saved")])
def test_no_rate_is_infinite(money, rate) -> None:
    """More money than there is, for next to no energy."""
    short = {"start_time": "2026-01-15T22:00:00Z", "end_time": "2026-01-15T22:00:00.001Z"}
    found = one(amounts(device(part(22, 23, 1, **short), **{money: {"value": 9e299}})))
    (slot,) = found.slots
    assert getattr(slot, rate) is None
    assert slot.energy > 0


# Several parts, several devices


def test_touching_parts_stay_apart() -> None:
    """They differ in power; whoever needs one window of them joins them."""
    said = amounts(device(part(20, 21), part(21, 22), part(22, 23, 1000)))
    assert powers(said) == [(20, 21, 4), (21, 22, 4), (22, 23, 1)]


def test_parts_are_sorted() -> None:
    said = amounts(device(part(22, 23), part(18, 19, 1000), part(20, 21)))
    assert powers(said) == [(18, 19, 1), (20, 21, 4), (22, 23, 4)]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((part(18, 20), part(19, 21)), id="partly"),
        pytest.param((part(18, 22), part(19, 20)), id="one in the other"),
        pytest.param((part(18, 20), part(18, 20)), id="twice the same"),
        pytest.param((part(19, 21), part(18, 20)), id="unsorted"),
        pytest.param((part(0, 1), part(18, 22), part(1, 2), part(19, 20)), id="two of four"),
    ],
)
async def test_parts_that_overlap_are_refused(client, server, parts) -> None:
    server.says(amounts(device(part(1, 2)), device(*parts, device_id="dev_2")))
    err = await refusal(FlatpeakResponseError, client.schedule_by_amount("loc_1", order()))
    assert str(err) == "data[1].schedule: two parts overlap"
    assert (await read(client, server, amounts(device(part(1, 2))))).devices


def test_a_pause_may_overlap_anything() -> None:
    said = amounts(device(part(18, 23, 0), part(18, 19), part(20, 23, 0), part(21, 22)))
    assert powers(said) == [(18, 19, 4), (21, 22, 4)]


def test_devices_may_run_at_the_same_time() -> None:
    said = amounts(device(part(18, 20)), device(part(18, 20), device_id="dev_2"))
    found = wire.amount_schedule(said)
    assert [car.device_id for car in found.devices] == ["dev_car", "dev_2"]


def test_the_id_of_a_device_may_have_blanks_around_it() -> None:
    assert one(amounts(device(device_id=" dev_car "))).device_id == "dev_car"


@pytest.mark.parametrize(
    ("said", "direction"),
    [
        pytest.param({"direction": "EXPORT"}, Direction.EXPORT, id="direction"),
        pytest.param({"tariff_direction": "EXPORT"}, Direction.EXPORT, id="tariff_direction"),
        pytest.param({"direction": " export "}, Direction.EXPORT, id="small, with blanks"),
        pytest.param(
            {"direction": "IMPORT", "tariff_direction": "EXPORT"}, Direction.EXPORT, id="both"
        ),
        pytest.param({"direction": "INBOUND"}, None, id="a new word"),
        pytest.param({"direction": 7}, None, id="a number"),
        pytest.param({}, None, id="neither"),
    ],
)
def test_every_spelling_of_the_direction(said, direction) -> None:
    assert one(amounts(device(**{"tariff_direction": ..., **said}))).direction is direction


# What may be missing


@pytest.mark.parametrize("data", [..., None, []], ids=["missing", "null", "empty"])
async def test_no_devices_are_an_answer(client, server, data) -> None:
    found = await read(client, server, amounts(data=data))
    assert found == AmountSchedule((), 3, Savings(1, 25), "EUR", "Europe/Brussels", live=True)


async def test_an_empty_object_is_an_answer(client, server) -> None:
    assert await read(client, server, {}) == AmountSchedule(())


async def test_only_the_windows_are_needed(client, server) -> None:
    said = {"data": [{"device_id": "dev_car", "schedule": [part(22, 23)]}]}
    slot = PowerSlot(TEN, ELEVEN, None, 1.0, 4.0, None)
    assert (await read(client, server, said)).devices == (DeviceSchedule("dev_car", None, (slot,)),)


@pytest.mark.parametrize("odd", [..., None, 7, [], {}, "", "  "])
async def test_what_is_only_for_show_may_be_missing_or_odd(client, server, odd) -> None:
    around = ("currency_code", "location_timezone", "live_mode", "object", "id", "time_created")
    echoed = ("start_time", "end_time", "max_power", "energy")
    car = device(part(22, 23), **dict.fromkeys(echoed, odd))
    top = dict.fromkeys((*around, "max_power", "shaving_threshold"), odd)
    found = await read(client, server, amounts(car, **top))
    assert (found.currency, found.time_zone, found.live) == (None, None, None)
    assert found.devices == wire.amount_schedule(amounts(device(part(22, 23)))).devices


def test_unknown_fields_are_left_alone() -> None:
    plain = amounts(device(part(22, 23)))
    said = amounts(
        device(part(22, 23, vpp_event=True), carbon={"intensity": 7}), next_update=[], later=[1]
    )
    assert wire.amount_schedule(said) == wire.amount_schedule(plain)


# What cannot be understood, and the field that is to blame


def bad(name: str, *odds: Any, where: str | None = None, **around: Any) -> dict[str, Any]:
    """Return answers whose part has an odd field."""
    return {
        f"{name} is {odd!r}": (
            amounts(device(part(18, 19), part(22, 23, **{name: odd, **around}))),
            f"data[0].schedule[1].{where or name}",
        )
        for odd in odds
    }


NO_OBJECTS = (None, 7, "x", [], True)
NO_LISTS = ("", 7, {}, False)
NO_MONEY = tuple(odd for odd in NO_NUMBERS if odd != {})

MUTATIONS = {
    **{f"data is {odd!r}": (amounts(data=odd), "data") for odd in NO_LISTS},
    **{f"a device is {odd!r}": (amounts(device(), odd), "data[1]") for odd in NO_OBJECTS},
    **{
        f"device_id is {odd!r}": (amounts(device(device_id=odd)), "data[0].device_id")
        for odd in (..., None, 7, "", " ", [], {}, True)
    },
    **{
        f"schedule is {odd!r}": (amounts(device(schedule=odd)), "data[0].schedule")
        for odd in (..., None, *NO_LISTS)
    },
    **{
        f"a part is {odd!r}": (amounts(device(part(1, 2), odd)), "data[0].schedule[1]")
        for odd in NO_OBJECTS
    },
    **{
        key: value
        for name in ("start_time", "end_time")
        for key, value in bad(name, ..., None, *NO_TIMES).items()
    },
    **bad("valid_from", *NO_TIMES, start_time=...),
    **bad("valid_to", *NO_TIMES, end_time=...),
    "it ends before it starts": (amounts(device(part(5, 4))), "data[0].schedule[0].end_time"),
    **bad("power", ..., None, 7, "7400", [], True),
    **bad("power", {}, {"units": "W"}, {"units": "W", "value": None}, where="power.value"),
    **{
        key: value
        for odd in (*NO_NUMBERS, -1, -7400, "-1", -1e-3, 1e299, 1e12)
        for key, value in bad("power", {"units": "W", "value": odd}, where="power.value").items()
    },
    **{
        key: value
        for odd in ("MW", "WH", "KWH", "A", "W.", "watt", 7, 0, True, False, [], {}, ["W"])
        for key, value in bad("power", {"units": odd, "value": 7}, where="power.units").items()
    },
    **{
        f"{box} of {where} is {odd!r}": (said(box, odd), f"{where}{box}")
        for box in ("cost", "tariff", "price")
        for odd in NO_MONEY
        for where, said in (
            ("", lambda box, odd: amounts(**{"cost": ..., box: odd})),
            ("data[0].", lambda box, odd: amounts(device(**{"cost": ..., box: odd}))),
        )
    },
    **{
        f"{box}.{name} of {where} is {odd!r}": (
            said({box: {**rest, name: odd}}),
            f"{where}{box}.{name}",
        )
        for box, name, rest in (
            ("cost", "value", {}),
            ("cost", "confidence", {"value": 2}),
            ("savings", "value", {}),
            ("savings", "percentage", {"value": 2}),
        )
        for odd in NO_NUMBERS
        for where, said in (
            ("", lambda changes: amounts(**changes)),
            ("data[1].", lambda changes: amounts(device(), device(**changes))),
        )
    },
    "powers that no sum can hold": (
        amounts(
            device(
                *[
                    part(
                        0,
                        1,
                        power={"units": "KW", "value": 9.9e299},
                        start_time="0002-01-01T00:00:00Z",
                        end_time="9998-01-01T00:00:00Z",
                    )
                ]
                * 3
            )
        ),
        "data[0].schedule[0].power.value",
    ),
}


@pytest.mark.parametrize(
    ("said", "field"), MUTATIONS.values(), ids=[name[:60] for name in MUTATIONS]
)
def test_the_error_names_the_field(said, field) -> None:
    with pytest.raises(FlatpeakResponseError) as caught:
        wire.amount_schedule(said)
    assert type(caught.value) is FlatpeakResponseError
    assert str(caught.value).startswith((f"{field} ", f"{field}:"))


@pytest.mark.parametrize(
    "name", ["schedule is Ellipsis", "end_time is 'soon'", "cost.value of  is inf", "a part is 7"]
)
async def test_an_answer_that_is_not_understood_is_one_error(client, server, name) -> None:
    said, field = MUTATIONS[name]
    server.says(said)
    err = await refusal(FlatpeakResponseError, client.schedule_by_amount("loc_1", order()))
    assert field in str(err)
    assert len(server.asked) == 1
    assert (await read(client, server, amounts(device(part(1, 2))))).devices


# Anything at all


def check_numbers(found: AmountSchedule) -> None:
    """Check that all that is read can be reckoned with."""
    assert found.cost is None or math.isfinite(found.cost)
    for car in found.devices:
        assert car.device_id.strip() == car.device_id != ""
        assert 0 <= car.confidence <= 1
        assert car.confidence > 0 or car.cost is None
        assert all(later.start >= earlier.end for earlier, later in pairwise(car.slots))
        for slot in car.slots:
            assert slot.start.tzinfo is slot.end.tzinfo is UTC
            assert 0 < slot.power < math.inf
            assert 0 < slot.energy < math.inf
            assert slot.confidence == car.confidence
            assert slot.rate is None or math.isfinite(slot.rate)
            assert slot.saved is None or math.isfinite(slot.saved)


def understood_or_refused(said: Any) -> None:
    found = result(wire.amount_schedule, said)
    if isinstance(found, FlatpeakResponseError):
        assert type(found) is FlatpeakResponseError
        assert str(found)
        return
    assert isinstance(found, AmountSchedule)
    check_numbers(found)


GOOD = amounts(
    device(part(18, 19), part(20, 22, 7400)),
    device(
        part(18, 20, power={"units": "KW", "value": 2.5}),
        device_id="dev_battery",
        tariff_direction=...,
        direction="EXPORT",
        cost=...,
        tariff={"value": 1, "confidence": 0.6},
    ),
)


def places(said: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Walk a body: the way to everything in it."""
    if path:
        yield path
    inner = (
        said.items()
        if isinstance(said, dict)
        else enumerate(said)
        if isinstance(said, list)
        else ()
    )
    for key, value in inner:
        yield from places(value, (*path, key))


def changed(said: Any, path: tuple[str | int, ...], new: Any) -> None:
    """Put something else in a place, `...` nothing; another change may have taken the place."""
    *way, last = path
    try:
        for key in way:
            said = said[key]
        if new is ...:
            del said[last]
        else:
            said[last] = new
    except KeyError, IndexError, TypeError:
        pass


PLACES = sorted(places(GOOD), key=str)
# What is of the right kind, and still wrong, odd or extreme.
EDGES = st.sampled_from(
    [
        *(0, -0.0, 1, -1, 1e-310, 1e-9, 1e9, 1e299, 1e308, 10**400, float("nan"), float("inf")),
        *("0", "1e5", "-7", "nan", "Infinity", "1_0", "٣", "W", "KW", "kw", "KWH", "IMPORT"),
        *("2026-01-15T18:30:00Z", "2026-01-15T18:00:00", "9998-12-31T23:59:59-23:59"),
        *("2026-01-15\ud80022:00:00Z", "0002-01-01T00:00:00+14:00", "24:00"),
        *(True, False, None, [], {}, [[]], [{}], {"value": 1}, {"units": "KW", "value": 1}),
        part(18, 19),
        part(19, 18),
        device(part(18, 19)),
    ]
)
CHANGES = st.lists(
    st.tuples(st.sampled_from(PLACES), EDGES | ANY_JSON | st.just(...)), min_size=1, max_size=4
)


def test_the_good_answer_is_understood() -> None:
    found = wire.amount_schedule(GOOD)
    check_numbers(found)
    assert [len(car.slots) for car in found.devices] == [2, 1]
    assert [car.direction for car in found.devices] == [Direction.IMPORT, Direction.EXPORT]
    assert len(PLACES) > 50


@settings(max_examples=600, deadline=None)
@given(CHANGES)
@for_example([(("data", 0, "schedule", 0, "power", "value"), 1e-310)])
@for_example([(("data", 0, "schedule", 0, "power"), {"units": "KW", "value": 9e299})])
@for_example([(("data", 0, "cost", "value"), 9e299), (("data", 0, "savings", "value"), -9e299)])
@for_example([(("data", 1, "schedule", 0, "start_time"), "0002-01-01T00:00:00+14:00")])
def test_any_change_to_an_answer_is_understood_or_refused(changes) -> None:
    said = copy.deepcopy(GOOD)
    for path, new in changes:
        changed(said, path, copy.deepcopy(new))
    understood_or_refused(said)


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_a_single_odd_field_is_named_or_makes_no_difference_to_the_others(path) -> None:
    """What is told of a field that is not understood is where it stands."""
    blamed = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)[1:]
    for odd in (..., None, True, [], {}, "odd", 7, -7, float("nan")):
        said = copy.deepcopy(GOOD)
        changed(said, path, odd)
        found = result(wire.amount_schedule, said)
        if isinstance(found, FlatpeakResponseError):
            # the field itself, or what is missing in it; an element that is gone is not there
            assert str(found).startswith(blamed), (odd, str(found))
        else:
            check_numbers(found)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(), ANY_JSON, max_size=3), ANY_JSON, st.lists(ANY_JSON, max_size=2))
def test_any_object_is_understood_or_refused(extra, data, parts) -> None:
    understood_or_refused(extra)
    understood_or_refused(extra | {"data": data})
    understood_or_refused(extra | {"data": [data]})
    understood_or_refused(amounts(device(*parts)))


# Answers of devices


def test_numbers_of_a_device_have_no_part_in_another() -> None:
    found = wire.amount_schedule(GOOD)
    car, battery = found.devices
    assert [slot.rate for slot in car.slots] == [pytest.approx(2 / 18.8)] * 2
    assert [(slot.rate, slot.confidence) for slot in battery.slots] == [(0.2, 0.6)]
    assert (car.cost, battery.cost, found.cost) == (2, 1, 3)
