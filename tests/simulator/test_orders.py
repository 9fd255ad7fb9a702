"""Every field of a request for a schedule by amount, right and wrong."""

import pytest

from simulator import Dialect, World

from .conftest import example
from .orders import CAR, DIALECTS, hours, order, part, send, watt_hours, watts

HUGE = 10**400


@pytest.fixture
def world() -> World:
    return World(import_prices=hours(0.1, 0.3, 0.2, 0.4), devices=[CAR], publication=None)


def units(wrong: object) -> dict:
    return {"units": wrong, "value": 1}


def values(*wrong: object) -> list[tuple[object, str]]:
    return [(value, "must be a number") for value in wrong]


WRONG_POWER = [
    (None, "", "must be an object"),
    (7000, "", "must be an object"),
    ([], "", "must be an object"),
    ({}, ".units", "is required"),
    ({"units": "W"}, ".value", "is required"),
    ({"value": 1}, ".units", "is required"),
    *((units(wrong), ".units", "must be W or KW") for wrong in ("w", "kW", "KWH", "", " W", "MW")),
    *((units(wrong), ".units", "must be a string") for wrong in (None, 1)),
    *(
        (watts(wrong), ".value", "must be a number")
        for wrong in (None, True, "", "x", "1e3", "1,5", " 1", "nan", "inf", ".5", "1_000", [], "٣")
    ),
    *((watts(wrong), ".value", "must be above 0") for wrong in (0, -1, "0", "-1", -HUGE)),
    *((watts(wrong), ".value", "must be at most 1000000000") for wrong in (1e10, HUGE, "9" * 300)),
    (watts("9" * 400), ".value", "must be a number"),
]


@pytest.mark.parametrize(("value", "place", "message"), WRONG_POWER)
@pytest.mark.parametrize("outer", [True, False])
async def test_wrong_power(client, value, place, message, outer) -> None:
    asked = order(part(), max_power=value) if outer else order(part(max_power=value))
    answer = await send(client, asked)
    assert answer.status == 422
    name = f"{'' if outer else 'data[0].'}max_power{place}"
    assert answer.body["message"] == f"{name} {message}"
    kind = "missing" if message == "is required" else "invalid"
    code = f"max_power{place.replace('.', '_')}_{kind}"
    assert answer.body["code"] == (code if outer else f"data_{code}")
    assert answer.body["context"] == "api.schedule_amount"


@pytest.mark.parametrize(
    ("value", "place", "message"),
    [
        (..., "", "is required"),
        (None, "", "must be an object"),
        ({"value": 1}, ".units", "is required"),
        ({"units": "WH"}, ".value", "is required"),
        *((units(wrong), ".units", "must be WH or KWH") for wrong in ("W", "wh", "kWh", "")),
        *((watt_hours(wrong), ".value", "must be a number") for wrong in (None, "x", True)),
        *((watt_hours(wrong), ".value", "must be above 0") for wrong in (0, -5, "0.0")),
        (watt_hours(1e300), ".value", "must be at most 1000000000"),
    ],
)
async def test_wrong_energy(client, value, place, message) -> None:
    answer = await send(client, order(part(energy=value)))
    assert answer.status == 422
    assert answer.body["message"] == f"data[0].energy{place} {message}"


async def test_where_it_is_wrong(client) -> None:
    answer = await send(client, order(part(), part(), part(energy=...)))
    assert answer.body["message"] == "data[2].energy is required"
    assert answer.body["code"] == "data_energy_missing"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"device_id": ...}, "data[0].device_id is required"),
        ({"device_id": None}, "data[0].device_id must be a string"),
        ({"device_id": 7}, "data[0].device_id must be a string"),
        ({"device_id": ""}, "data[0].device_id: no device "),
        ({"start_time": ...}, "data[0].start_time is required"),
        ({"end_time": ...}, "data[0].end_time is required"),
        ({"start_time": "2026-01-15"}, "data[0].start_time must be an RFC 3339 timestamp"),
        ({"end_time": "2026-01-15T04:00:00"}, "data[0].end_time must be an RFC 3339 timestamp"),
        ({"end_time": 7}, "data[0].end_time must be a string"),
        ({"end_time": "2026-01-15T00:00:00Z"}, "data[0].end_time must be after start_time"),
        (
            {"end_time": "2026-01-18T00:00:01Z"},
            "data[0].end_time must be at most 3 days after start_time",
        ),
    ],
)
async def test_wrong_part(client, changes, message) -> None:
    answer = await send(client, order(part(**changes)))
    assert (answer.status, answer.body["message"]) == (422, message)
    assert answer.body.keys() == example("error_422_no_tariff_connected").keys()
    assert (await send(client, order(part(end_time="2026-01-18T00:00:00Z")))).status == 200


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_power": ...}, "max_power is required"),
        ({"data": None}, "data must be a list"),
        ({"data": {}}, "data must be a list"),
        ({"data": "all"}, "data must be a list"),
        ({"data": [None]}, "data[0] must be an object"),
        ({"data": [[]]}, "data[0] must be an object"),
        ({"shaving_threshold": None}, "shaving_threshold must be an object"),
        ({"shaving_threshold": 0.5}, "shaving_threshold must be an object"),
        (
            {"shaving_threshold": {"relative": 83}},
            "shaving_threshold.relative must be between 0 and 1",
        ),
        (
            {"shaving_threshold": {"relative": -0.1}},
            "shaving_threshold.relative must be between 0 and 1",
        ),
        (
            {"shaving_threshold": {"relative": None}},
            "shaving_threshold.relative must be a number",
        ),
        (
            {"shaving_threshold": {"absolute": "much"}},
            "shaving_threshold.absolute must be a number",
        ),
        (
            {"shaving_threshold": {"absolute": HUGE}},
            "shaving_threshold.absolute must be within 1000000000",
        ),
    ],
)
async def test_wrong_request(client, changes, message) -> None:
    answer = await send(client, order(part(), **changes))
    assert (answer.status, answer.body["message"]) == (422, message)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"max_power": NaN}'])
async def test_body_that_is_no_object(client, world, body) -> None:
    path = f"/schedules/amount/{world.locations[0].id}"
    answer = await client.send("POST", path, data=body)
    assert (answer.status, answer.body["code"]) == (422, "body_invalid")
    assert answer.body["context"] == "api.schedule_amount"


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_unknown_fields_are_ignored(client, dialect) -> None:
    asked = order(part(min_power=7, priority="high"), include_carbon=True)
    assert (await send(client, asked, dialect)).status == 200


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"location_id": None}, "location_id must be a string"),
        ({"max_power": ...}, "max_power is required"),
        ({"max_power": watts(0)}, "max_power.value must be above 0"),
        ({"data": [part(energy=...)]}, "data[0].energy is required"),
        ({"data": [part(energy=units("J"))]}, "data[0].energy.units must be WH or KWH"),
    ],
)
async def test_wrong_in_zero(client, changes, message) -> None:
    answer = await send(client, order(part(), **changes), Dialect.ZERO)
    assert (answer.status, answer.body) == (422, {"message": message})


async def test_zero_needs_a_known_home(client, world) -> None:
    world.version = Dialect.ZERO
    answer = await client.send("POST", "/schedules", json=order(part()))
    assert (answer.status, answer.body) == (422, {"message": "location_id is required"})
    asked = order(part(), location_id="loc_none")
    assert (await client.send("POST", "/schedules", json=asked)).status == 404


async def test_only_with_a_token(stranger) -> None:
    assert (await send(stranger, order(part()))).status == 403
