"""Every fault by name, and the recovery after it."""

import asyncio
from datetime import datetime, timedelta
import json
import time

import aiohttp
import pytest

from simulator import Fault, Simulator

from .conftest import example

NOW = "2026-01-15T08:00:00Z"


@pytest.fixture
async def client(client, freezer):
    """A client on the morning of the 15th."""
    freezer.move_to(NOW)
    await client.login()
    return client


async def seen(client, world, fault: Fault, **changes):
    """Ask twice, with the fault on and off again; the second answer has to be right."""
    world.faults.add(fault)
    try:
        return await client.ask(**changes)
    finally:
        world.faults.discard(fault)
        after = await client.ask(**changes)
        assert after.status == 200
        assert datetime.fromisoformat(after.body["next_update"]) > datetime.fromisoformat(NOW)
        assert after.body["data"]


async def test_refuse(client, world) -> None:
    assert (await seen(client, world, Fault.REFUSE)).status == 403
    world.faults = {Fault.REFUSE}
    answer = await client.login()
    assert (answer.status, answer.body) == (403, example("error_403_message"))


async def test_expire_ends_the_tokens_once(client, world) -> None:
    world.faults.add(Fault.EXPIRE)
    assert (await client.ask()).status == 403
    assert world.faults == set()
    assert (await client.ask()).status == 403
    await client.login()
    assert (await client.ask()).status == 200


@pytest.mark.parametrize(
    ("fault", "retry_after"), [(Fault.TOO_MANY_REQUESTS, None), (Fault.RETRY_AFTER, "120")]
)
async def test_too_many_requests(client, world, fault, retry_after) -> None:
    answer = await seen(client, world, fault)
    assert answer.status == 429
    assert answer.headers.get("Retry-After") == retry_after
    documented = example("error_429")
    assert answer.body == documented | {"time_created": NOW}


async def test_how_long_to_wait(client, world) -> None:
    world.retry_after = 7
    assert (await seen(client, world, Fault.RETRY_AFTER)).headers["Retry-After"] == "7"


async def test_server_error(client, world) -> None:
    answer = await seen(client, world, Fault.SERVER_ERROR)
    assert (answer.status, answer.body) == (500, example("error_500_message"))


async def test_unavailable(client, world) -> None:
    assert (await seen(client, world, Fault.UNAVAILABLE)).status == 503


@pytest.mark.parametrize(
    "fault",
    [
        Fault.REFUSE,
        Fault.TOO_MANY_REQUESTS,
        Fault.RETRY_AFTER,
        Fault.SERVER_ERROR,
        Fault.UNAVAILABLE,
        Fault.VERSION_REFUSED,
    ],
)
async def test_outages_are_everywhere(client, world, fault) -> None:
    world.faults = {fault}
    statuses = {(await client.get(path)).status for path in ("/locations", "/locations/loc_1")}
    statuses.add((await client.login()).status)
    assert len(statuses) == 1
    assert statuses.pop() >= 400


async def test_version_refused(client, world) -> None:
    answer = await seen(client, world, Fault.VERSION_REFUSED)
    assert answer.status == 422
    assert answer.body.keys() == example("error_422_api_version_not_supported").keys()
    assert answer.body["code"] == "api_version_not_supported"
    client.headers["Flatpeak-Version"] = "2025-09-14.anode"
    answer = await seen(client, world, Fault.VERSION_REFUSED)
    assert answer.body["message"].startswith("Requested API version 2025-09-14.anode older than")


async def test_not_json(client, world) -> None:
    answer = await seen(client, world, Fault.NOT_JSON)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    with pytest.raises(json.JSONDecodeError):
        assert answer.body
    assert (await client.get("/locations")).status == 200


async def test_cut_off(client, world) -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        await seen(client, world, Fault.CUT_OFF)
    assert world.calls[-2].status == 200


async def test_cut_off_errors_as_well(client, world) -> None:
    world.faults = {Fault.CUT_OFF, Fault.SERVER_ERROR}
    with pytest.raises(aiohttp.ClientPayloadError):
        await client.ask()


async def test_missing_field(client, world) -> None:
    answer = await seen(client, world, Fault.MISSING_FIELD)
    assert all("start_time" in slot and "end_time" not in slot for slot in answer.body["data"])
    assert answer.body["request"]["end_time"]
    world.missing_field = "data"
    assert "data" not in (await seen(client, world, Fault.MISSING_FIELD)).body


async def test_empty_data(client, world) -> None:
    assert (await seen(client, world, Fault.EMPTY_DATA)).body["data"] == []


async def test_unsorted(client, world) -> None:
    # the two peaks of the day
    right = (await client.ask(segment="HIGH", duration=600)).slots
    assert len(right) > 1
    wrong = (await seen(client, world, Fault.UNSORTED, segment="HIGH", duration=600)).slots
    assert wrong == right[::-1]


async def test_unsorted_parts_of_one(client, world) -> None:
    assert (await seen(client, world, Fault.UNSORTED)).slots == [
        ("2026-01-15T02:00:00Z", "2026-01-15T03:00:00Z"),
        ("2026-01-15T01:00:00Z", "2026-01-15T02:00:00Z"),
    ]


async def test_overlapping(client, world) -> None:
    assert (await seen(client, world, Fault.OVERLAPPING)).slots == [
        ("2026-01-15T01:00:00Z", "2026-01-15T03:00:00Z"),
        ("2026-01-15T02:00:00Z", "2026-01-15T03:00:00Z"),
    ]


async def test_numbers_as_strings(client, world) -> None:
    right = (await client.ask()).body["data"][0]["tariff"]
    wrong = (await seen(client, world, Fault.NUMBERS_AS_STRINGS)).body["data"][0]["tariff"]
    assert wrong == {"rate_avg": "0.08342", "confidence": "1"}
    assert {name: float(value) for name, value in wrong.items()} == right


async def test_unknown_price(client, world) -> None:
    answer = await seen(client, world, Fault.UNKNOWN_PRICE)
    assert answer.body["data"][0]["tariff"] == {"rate_avg": 0, "confidence": 0}


async def test_next_update_missing(client, world) -> None:
    assert "next_update" not in (await seen(client, world, Fault.NEXT_UPDATE_MISSING)).body


@pytest.mark.parametrize(
    ("fault", "update"),
    [
        (Fault.NEXT_UPDATE_PAST, "2026-01-15T08:00:00+01:00"),
        (Fault.NEXT_UPDATE_FAR, "2027-01-15T09:00:00+01:00"),
    ],
)
async def test_next_update_wrong(client, world, fault, update) -> None:
    answer = await seen(client, world, fault, end_time="2026-01-16T00:00:00+01:00")
    assert answer.body["next_update"] == update


async def test_several_at_once(client, world) -> None:
    world.faults = {Fault.NUMBERS_AS_STRINGS, Fault.OVERLAPPING, Fault.NEXT_UPDATE_MISSING}
    body = (await client.ask()).body
    assert len(body["data"]) == 2
    assert isinstance(body["data"][1]["tariff"]["rate_avg"], str)
    assert "next_update" not in body


async def test_unknown_path_whatever_the_fault(client, world) -> None:
    world.faults = {Fault.REFUSE}
    assert (await client.get("/nowhere")).status == 404


# Time has to run for these.


async def test_slow(stranger, world) -> None:
    await stranger.login()
    world.slowness = 0.3
    world.faults = {Fault.SLOW}
    begun = time.monotonic()
    assert (await stranger.ask()).status == 200
    assert time.monotonic() - begun >= 0.3
    with pytest.raises(TimeoutError):
        await stranger.get("/locations", timeout=aiohttp.ClientTimeout(total=0.1))
    assert world.calls[-1].path == "/locations"
    world.faults.clear()
    assert (await stranger.ask()).status == 200


async def test_closing_does_not_wait_for_the_slow(world, socket_enabled) -> None:
    world.slowness = 60
    world.faults = {Fault.SLOW}
    begun = time.monotonic()
    async with aiohttp.ClientSession() as session:
        async with Simulator(world) as simulator:
            asking = asyncio.create_task(session.get(f"{simulator.url}/login"))
            await asyncio.sleep(0.2)
            assert world.calls
        await asyncio.gather(asking, return_exceptions=True)
    # sooner than aiohttp's own patience, which a stopped clock would make endless
    assert time.monotonic() - begun < 0.8


# The route that switches them.


async def test_control_route(stranger, world) -> None:
    answer = await stranger.get("/simulator")
    assert answer.body["faults"] == []
    assert answer.body["known_faults"] == list(Fault)
    assert answer.body["calls"] == 0
    answer = await stranger.send("POST", "/simulator", json={"faults": ["slow", "refuse"]})
    assert (answer.status, answer.body["faults"]) == (200, ["refuse", "slow"])
    assert world.faults == {Fault.REFUSE, Fault.SLOW}
    answer = await stranger.send("POST", "/simulator", json={"faults": []})
    assert world.faults == set()
    assert world.calls == []


async def test_control_route_works_under_every_fault(stranger, world) -> None:
    world.faults = set(Fault)
    assert len((await stranger.get("/simulator")).body["faults"]) == len(Fault)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"faults": "slow"}',
        b'{"faults": ["nonsense"]}',
        b'{"faults": [["slow"]]}',
        b'{"faults": [7]}',
    ],
)
async def test_control_route_refuses(stranger, world, body) -> None:
    world.faults = {Fault.EMPTY_DATA}
    answer = await stranger.send("POST", "/simulator", data=body)
    assert answer.status == 422
    assert answer.body["message"]
    assert world.faults == {Fault.EMPTY_DATA}


async def test_log_of_calls(stranger) -> None:
    await stranger.login()
    await stranger.ask(duration=0)
    calls = (await stranger.get("/simulator/calls")).body
    assert [(call["path"].split("/")[1], call["status"]) for call in calls] == [
        ("login", 200),
        ("schedules", 422),
    ]
    assert calls[1]["body"]["duration"] == 0
    moment = datetime.fromisoformat(calls[1]["moment"])
    assert abs(moment - datetime.now(moment.tzinfo)) < timedelta(minutes=1)


async def test_unknown_control_route(stranger) -> None:
    assert (await stranger.get("/simulator/nowhere")).status == 404
