"""Every fault on a schedule by amount and on devices, and the recovery after it."""

import json
import time

import aiohttp
import pytest

from simulator import Dialect, Fault, World

from .conftest import Answer, example
from .orders import CAR, DIALECTS, HEATER, hours, order, part, running, send, watt_hours, watts

ASKED = order(part(), part(HEATER.id, energy=watt_hours(2000), max_power=watts(2000)))


@pytest.fixture
def world() -> World:
    return World(import_prices=hours(0.1, 0.3, 0.2, 0.4), devices=[CAR, HEATER], publication=None)


def rest(answer: Answer) -> dict:
    """Return an answer without what is new in each."""
    return answer.body | {"id": "", "time_created": ""}


async def seen(client, world, *faults: Fault, asked=ASKED, dialect=Dialect.ANODE) -> Answer:
    """Ask before, with and after the faults; what comes after has to be what came before."""
    before = await send(client, asked, dialect)
    world.faults = set(faults)
    try:
        return await send(client, asked, dialect)
    finally:
        world.faults.clear()
        after = await send(client, asked, dialect)
        assert after.status == 200
        assert rest(after) == rest(before)


async def test_as_it_should_be(client) -> None:
    answer = await send(client, ASKED)
    assert running(answer, 0) == [("00:00:00", "01:00:00", 6000), ("02:00:00", "02:40:00", 6000)]
    assert running(answer, 1) == [("00:00:00", "01:00:00", 2000)]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.REFUSE, 403),
        (Fault.TOO_MANY_REQUESTS, 429),
        (Fault.RETRY_AFTER, 429),
        (Fault.SERVER_ERROR, 500),
        (Fault.UNAVAILABLE, 503),
        (Fault.VERSION_REFUSED, 422),
    ],
)
async def test_outages(client, world, dialect, fault, status) -> None:
    answer = await seen(client, world, fault, dialect=dialect)
    assert answer.status == status
    assert (answer.headers.get("Retry-After") == "120") is (fault is Fault.RETRY_AFTER)
    world.faults = {fault}
    for method, path in (("GET", "/devices"), ("POST", "/devices"), ("DELETE", "/devices/dev_car")):
        assert (await client.send(method, path, json={"reference_id": "A"})).status == status
    assert world.devices == [CAR, HEATER]


async def test_server_error_is_as_documented(client, world) -> None:
    answer = await seen(client, world, Fault.SERVER_ERROR, dialect=Dialect.ZERO)
    assert (answer.status, answer.body) == (500, example("error_500_message"))


async def test_expire(client, world) -> None:
    world.faults = {Fault.EXPIRE}
    assert (await send(client, ASKED)).status == 403
    await client.login()
    assert (await send(client, ASKED)).status == 200


async def test_not_json(client, world) -> None:
    answer = await seen(client, world, Fault.NOT_JSON)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    with pytest.raises(json.JSONDecodeError):
        assert answer.body
    world.faults = {Fault.NOT_JSON}
    made = await client.send("POST", "/devices", json={"reference_id": "A"})
    assert (made.status, made.headers["Content-Type"]) == (201, "text/html; charset=utf-8")


async def test_cut_off(client, world) -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        await seen(client, world, Fault.CUT_OFF)


@pytest.mark.parametrize(
    "field",
    [
        *("data", "schedule", "energy", "power", "units", "device_id", "end_time", "tariff"),
        *("percentage", "max_power"),
    ],
)
async def test_missing_field(client, world, field) -> None:
    world.missing_field = field
    assert f'"{field}"' in (await send(client, ASKED)).text
    answer = await seen(client, world, Fault.MISSING_FIELD)
    assert answer.status == 200
    assert f'"{field}"' not in answer.text
    assert "currency_code" in answer.body


async def test_empty_data(client, world) -> None:
    assert (await seen(client, world, Fault.EMPTY_DATA)).body["data"] == []


async def test_unsorted(client, world) -> None:
    answer = await seen(client, world, Fault.UNSORTED)
    assert [device["device_id"] for device in answer.body["data"]] == ["dev_heater", "dev_car"]
    # a single step is sent in two halves
    assert running(answer, 0) == [("00:30:00", "01:00:00", 2000), ("00:00:00", "00:30:00", 2000)]
    assert running(answer, 1) == [("02:00:00", "02:40:00", 6000), ("00:00:00", "01:00:00", 6000)]


async def test_overlapping(client, world) -> None:
    answer = await seen(client, world, Fault.OVERLAPPING)
    assert running(answer, 1) == [("00:00:00", "01:00:00", 2000), ("00:30:00", "01:00:00", 2000)]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_unknown_price(client, world, dialect) -> None:
    money = "cost" if dialect is Dialect.ANODE_GUIDE else "tariff"
    body = (await seen(client, world, Fault.UNKNOWN_PRICE, dialect=dialect)).body
    assert body[money] == {"value": 0, "confidence": 0}
    assert [device[money] for device in body["data"]] == [{"value": 0, "confidence": 0}] * 2
    assert all(device["schedule"] for device in body["data"])


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_numbers_as_strings(client, world, dialect) -> None:
    right = (await send(client, ASKED, dialect)).body["data"][0]
    body = (await seen(client, world, Fault.NUMBERS_AS_STRINGS, dialect=dialect)).body
    wrong = body["data"][0]
    assert body["max_power"] == watts("8000")
    assert body["live_mode"] is False
    assert wrong["schedule"][0]["power"] == watts("6000")
    assert wrong["energy"] == watt_hours("10000")
    assert wrong["savings"] == {name: str(value) for name, value in right["savings"].items()}


@pytest.mark.parametrize("fault", [Fault.NEXT_UPDATE_MISSING, Fault.NEXT_UPDATE_PAST])
async def test_nothing_to_spoil(client, world, fault) -> None:
    right = await send(client, ASKED)
    assert "next_update" not in right.body
    assert rest(await seen(client, world, fault)) == rest(right)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_other_units(client, world, dialect) -> None:
    body = (await seen(client, world, Fault.OTHER_UNITS, dialect=dialect)).body
    assert body["max_power"] == {"units": "KW", "value": 8}
    car = body["data"][0]
    assert car["max_power"] == {"units": "KW", "value": 6}
    assert car["energy"] == {"units": "KWH", "value": 10}
    assert [step["power"] for step in car["schedule"]] == [{"units": "KW", "value": 6}] * 2


async def test_other_units_the_other_way_round(client, world) -> None:
    asked = order(
        part(max_power={"units": "KW", "value": 7.4}, energy={"units": "KWH", "value": 1.3}),
        max_power={"units": "KW", "value": 0.7},
    )
    body = (await seen(client, world, Fault.OTHER_UNITS, asked=asked)).body
    assert body["max_power"] == watts(700)
    car = body["data"][0]
    assert car["max_power"] == watts(7400)
    assert car["energy"] == watt_hours(1300)
    assert car["schedule"][0]["power"] == watts(700)


async def test_other_units_change_no_other_schedule(client, world) -> None:
    right = await client.ask(end_time="2026-01-15T03:00:00Z")
    world.faults = {Fault.OTHER_UNITS}
    assert rest(await client.ask(end_time="2026-01-15T03:00:00Z")) == rest(right)


async def test_several_at_once(client, world) -> None:
    faults = (Fault.OTHER_UNITS, Fault.NUMBERS_AS_STRINGS, Fault.UNSORTED, Fault.OVERLAPPING)
    body = (await seen(client, world, *faults)).body
    powers = [step["power"] for step in body["data"][1]["schedule"]]
    assert powers == [{"units": "KW", "value": "6"}] * 3


# Time has to run for this.


async def test_slow(stranger, world) -> None:
    await stranger.login()
    world.slowness = 0.3
    world.faults = {Fault.SLOW}
    begun = time.monotonic()
    assert (await send(stranger, ASKED)).status == 200
    assert time.monotonic() - begun >= 0.3
    with pytest.raises(TimeoutError):
        await stranger.get("/devices", timeout=aiohttp.ClientTimeout(total=0.1))
