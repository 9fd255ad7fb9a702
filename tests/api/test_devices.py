"""The devices of an account: listed, and found by a reference of ours or made."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
import pytest

from custom_components.flatpeak.api import (
    FlatpeakAuthError,
    FlatpeakConnectionError,
    FlatpeakError,
    FlatpeakNotFoundError,
    FlatpeakRateLimitError,
    FlatpeakRefusedError,
    FlatpeakResponseError,
)
from custom_components.flatpeak.model import Device
from simulator import Device as Known, Dialect as Spoken, Fault, World
from simulator.state import LOCATION

from .conftest import refusal
from .questions import demand, example, order
from .server import KEY, Answer, Server
from .test_errors import REFUSALS

REFERENCE = "home-assistant-1"
OURS = {"id": "dev_1", "object": "device", "reference_id": REFERENCE}
NONE = Answer({"object": "list", "has_more": False, "data": []})
MADE = Answer(OURS, 201)
NOT_FOUND = Answer({"message": "Not Found"}, 404)
CONFLICT = Answer({"message": "Conflict"}, 409)
TYPE_MISSING = Answer({"object": "error", "code": "type_missing", "message": "type is needed"}, 422)
DIALECTS = pytest.mark.parametrize("spoken", list(Spoken))


def page(*devices: Any, more: object = False) -> Answer:
    """Return a page; a text stands for a device without a reference."""
    data = [{"id": one} if isinstance(one, str) else one for one in devices]
    return Answer({"object": "list", "has_more": more, "data": data})


def way(server: Server) -> list[tuple[str, dict[str, str], Any]]:
    """Return what the server was asked: how, about what, and with what body."""
    assert {asked.path for asked in server.asked} == {"/devices"}
    return [(asked.method, asked.query, asked.body) for asked in server.asked]


LOOKING = ("GET", {"limit": "100", "reference_id": REFERENCE}, None)
MAKING = ("POST", {}, {"reference_id": REFERENCE})
MAKING_NEWER = (
    "POST",
    {},
    {"reference_id": REFERENCE, "type": "OTHER", "locations": ["loc_1"]},
)


async def found(client) -> Device:
    return await client.find_or_create_device(REFERENCE, "loc_1")


# The list


async def test_the_documented_list(client, server) -> None:
    server.says(example("zero_devices_list_200"), NONE)
    assert await client.devices() == (Device("dev_63a6087272941ef077a8fd3e", "DEV1234567890"),)
    assert way(server) == [
        ("GET", {"limit": "100"}, None),
        ("GET", {"limit": "100", "starting_after": "dev_63a6087272941ef077a8fd3e"}, None),
    ]


async def test_all_pages_are_read(client, server) -> None:
    server.says(page("a", "b", more=True), page("c", more=True), page("d"))
    assert [device.id for device in await client.devices()] == ["a", "b", "c", "d"]
    assert [query.get("starting_after") for _, query, _ in way(server)] == [None, "b", "c"]


async def test_a_page_that_comes_again_is_the_last(client, server) -> None:
    server.says(page("a", "b", more=True))
    assert [device.id for device in await client.devices()] == ["a", "b"]
    assert len(server.asked) == 2


@pytest.mark.parametrize("answer", [NONE, NOT_FOUND], ids=["an empty list", "not found"])
async def test_none_is_an_answer(client, server, answer) -> None:
    server.says(answer)
    assert await client.devices() == ()
    server.says(page("a"))
    assert await client.devices() == (Device("a"),)


@pytest.mark.parametrize("odd", [..., None, 7, [], {}, "", " "])
async def test_all_but_the_id_may_be_missing_or_odd(client, server, odd) -> None:
    fields = ("reference_id", "live_mode", "last_seen", "type", "locations")
    said = {"id": " dev_1 "} | dict.fromkeys(fields, odd)
    server.says(page({name: value for name, value in said.items() if value is not ...}))
    assert await client.devices() == (Device("dev_1"),)


NOT_UNDERSTOOD = {
    "no list": ({}, "data"),
    "null": ({"data": None}, "data"),
    "an object": ({"data": {}}, "data"),
    "null in it": ({"data": [{"id": "a"}, None]}, "data[1]"),
    "no id": ({"data": [{"id": "a"}, {}]}, "data[1].id"),
    "a number": ({"data": [{"id": 7}]}, "data[0].id"),
    "a blank": ({"data": [{"id": " "}]}, "data[0].id"),
}


@pytest.mark.parametrize(("said", "field"), NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
async def test_the_error_names_the_field(client, server, said, field) -> None:
    server.says(said)
    err = await refusal(FlatpeakResponseError, client.devices())
    assert str(err).startswith(f"{field} ")
    err = await refusal(FlatpeakResponseError, found(client))
    assert str(err).startswith(f"{field} ")
    assert {asked.method for asked in server.asked} == {"GET"}
    server.says(page(OURS))
    assert (await found(client)).id == "dev_1"


# Found


async def test_a_device_is_found_by_its_reference(client, server) -> None:
    server.says(page(OURS))
    assert await found(client) == Device("dev_1", REFERENCE)
    assert way(server) == [LOOKING]


async def test_the_newest_of_two_is_taken(client, server) -> None:
    server.says(page(OURS, OURS | {"id": "dev_0"}))
    assert (await found(client)).id == "dev_1"


async def test_a_server_may_not_know_how_to_filter(client, server) -> None:
    others = [{"id": f"dev_1{number}", "reference_id": "Charger"} for number in range(7)]
    server.says(page(*others[:3], more=True), page(*others[3:], "dev_8", OURS, more=True))
    assert (await found(client)).id == "dev_1"
    # nobody reads on when it is found
    assert way(server) == [LOOKING, ("GET", LOOKING[1] | {"starting_after": "dev_12"}, None)]


@pytest.mark.parametrize("reference", ["Home-Assistant-1", "home-assistant-10", "", None, 1, ...])
async def test_a_device_of_another_name_is_another_device(client, server, reference) -> None:
    other = {"id": "dev_9", "reference_id": reference}
    server.says(page({key: value for key, value in other.items() if value is not ...}), MADE)
    assert (await found(client)).id == "dev_1"
    assert way(server) == [LOOKING, MAKING]


async def test_blanks_around_a_reference_do_no_harm(client, server) -> None:
    server.says(page(OURS | {"reference_id": f" {REFERENCE} "}))
    assert await found(client) == Device("dev_1", REFERENCE)


# Made


@pytest.mark.parametrize("nothing", [NONE, NOT_FOUND, page("a", "b")])
async def test_a_device_that_is_not_there_is_made(client, server, nothing) -> None:
    server.says(nothing, MADE)
    assert await found(client) == Device("dev_1", REFERENCE)
    assert way(server) == [LOOKING, MAKING]


async def test_the_documented_device(client, server) -> None:
    server.says(NONE, Answer(example("zero_device_201"), 201))
    made = await client.find_or_create_device("DEV1234567890", "loc_1")
    assert made == Device("dev_63a6087272941ef077a8fd3e", "DEV1234567890")


async def test_newer_versions_want_to_know_what_it_is_and_where(client, server) -> None:
    server.says(NONE, TYPE_MISSING, NONE, MADE)
    assert await found(client) == Device("dev_1", REFERENCE)
    assert way(server) == [LOOKING, MAKING, LOOKING, MAKING_NEWER]


@pytest.mark.parametrize("status", [400, 409, 422])
async def test_a_device_made_in_the_meantime_is_taken(client, server, status) -> None:
    server.says(NONE, Answer({"message": "Conflict"}, status), page(OURS))
    assert await found(client) == Device("dev_1", REFERENCE)
    assert way(server) == [LOOKING, MAKING, LOOKING]


async def test_a_conflict_with_nobody_is_an_error(client, server) -> None:
    server.says(NONE, CONFLICT, NONE, CONFLICT)
    err = await refusal(FlatpeakRefusedError, found(client))
    assert str(err) == "Conflict"
    assert way(server) == [LOOKING, MAKING, LOOKING, MAKING_NEWER]
    server.says(page(OURS))
    assert (await found(client)).id == "dev_1"


async def test_where_no_devices_can_be_made_nothing_more_is_tried(client, server) -> None:
    server.says(NONE, NOT_FOUND)
    await refusal(FlatpeakNotFoundError, found(client))
    assert way(server) == [LOOKING, MAKING, LOOKING]
    server.says(NONE, MADE)
    assert (await found(client)).id == "dev_1"


@pytest.mark.parametrize("said", [{}, {"id": None}, {"id": 7}, {"id": " "}])
@pytest.mark.parametrize("before", [(NONE,), (NONE, TYPE_MISSING, NONE)])
async def test_a_device_that_is_made_has_an_id(client, server, before, said) -> None:
    server.says(*before, Answer(said, 201))
    err = await refusal(FlatpeakResponseError, found(client))
    assert str(err) == "device.id is missing"


# Errors


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [row for row in REFUSALS.values() if row[1] is not FlatpeakNotFoundError],
    ids=[name for name, row in REFUSALS.items() if row[1] is not FlatpeakNotFoundError],
)
@pytest.mark.parametrize("call", [lambda client: client.devices(), found], ids=["list", "find"])
async def test_looking_may_be_refused(client, server, call, answer, kind, said) -> None:
    server.says(answer)
    err = await refusal(kind, call(client))
    assert str(err).startswith(said)
    assert {asked.method for asked in server.asked} == {"GET"}
    server.says(page(OURS))
    assert await call(client)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(Answer(example("error_403_message"), 403), FlatpeakAuthError, id="403"),
        pytest.param(Answer(example("error_403_object"), 403), FlatpeakAuthError, id="403 anode"),
        pytest.param(TYPE_MISSING, FlatpeakRefusedError, id="422"),
        pytest.param(
            Answer(example("error_429"), 429, {"Retry-After": "120"}),
            FlatpeakRateLimitError,
            id="429",
        ),
        pytest.param(Answer(example("error_500_message"), 500), FlatpeakConnectionError, id="500"),
        pytest.param(Answer(b"<html>"), FlatpeakResponseError, id="no JSON"),
    ],
)
@pytest.mark.parametrize("newer", [False, True], ids=["by name", "by type and place"])
async def test_making_may_be_refused(client, server, newer, answer, kind) -> None:
    async def strict(request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return await NONE(request)
        if newer and "type" not in await request.json():
            return await TYPE_MISSING(request)
        return await answer(request)

    server.says(strict)
    err = await refusal(kind, found(client))
    assert err.retry_after == (120 if kind is FlatpeakRateLimitError else None)
    made = [asked.body for asked in server.asked if asked.method == "POST"]
    again = kind is FlatpeakAuthError  # once more, with another token
    assert len(made) == 1 + newer + (again or (kind is FlatpeakRefusedError and not newer))
    server.says(NONE, MADE)
    assert (await found(client)).id == "dev_1"


def quoting(status: int, field: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Refuse, and quote in a field all that should be kept."""

    async def echo(request: web.Request) -> web.Response:
        said = f"{request.headers['Authorization']} {KEY} " + "long " * 1000
        return web.json_response({field: said}, status=status)

    return echo


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429, 500])
@pytest.mark.parametrize("field", ["message", "code"])
@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.location("loc_1"),
        found,
        lambda client: client.schedule_by_amount("loc_1", order()),
    ],
    ids=["location", "device", "schedule"],
)
async def test_a_server_that_quotes_secrets_is_not_quoted(
    client, server, call, field, status
) -> None:
    async def strict(request: web.Request) -> web.StreamResponse:
        answer = NONE if request.method == "GET" and request.path == "/devices" else None
        return await (answer or quoting(status, field))(request)

    server.says(strict)
    err = await refusal(FlatpeakError, call(client))
    assert str(err).startswith("Bearer *** *** long")
    assert len(str(err)) <= 300


# Through the simulator


def asked_of(world: World) -> list[tuple[str, str]]:
    """Return what was asked about devices, and forget it."""
    asked = [(call.method, call.path) for call in world.calls if call.path == "/devices"]
    world.calls.clear()
    return asked


GET, POST = ("GET", "/devices"), ("POST", "/devices")


@DIALECTS
async def test_a_device_is_made_once_in_every_dialect(home, world, spoken) -> None:
    world.version = spoken
    made = await home.find_or_create_device(REFERENCE, LOCATION)
    (known,) = world.devices
    assert made == Device(known.id, REFERENCE)
    busbar = spoken in (Spoken.BUSBAR_A, Spoken.BUSBAR_B)
    assert known.locations == ((LOCATION,) if busbar else ())
    assert asked_of(world) == ([GET, POST, GET, POST] if busbar else [GET, POST])
    assert await home.find_or_create_device(REFERENCE, LOCATION) == made
    assert asked_of(world) == [GET]
    other = await home.find_or_create_device("home-assistant-2", LOCATION)
    assert other.id != made.id
    assert await home.devices() == (other, made)


@DIALECTS
async def test_a_device_that_was_deleted_is_made_again(home, world, spoken) -> None:
    world.version = spoken
    first = await home.find_or_create_device(REFERENCE, LOCATION)
    world.devices.clear()
    again = await home.find_or_create_device(REFERENCE, LOCATION)
    assert again.reference == first.reference
    assert again.id != first.id


@DIALECTS
async def test_many_devices(home, world, spoken) -> None:
    world.version = spoken
    world.devices = [Known(id=f"dev_{n}", reference_id=f"{n}") for n in range(250)]
    assert [device.id for device in await home.devices()] == [
        f"dev_{n}" for n in range(249, -1, -1)
    ]
    assert asked_of(world) == [GET] * 3
    assert await home.find_or_create_device("0", LOCATION) == Device("dev_0", "0")
    assert asked_of(world) == [GET]


@DIALECTS
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.REFUSE, FlatpeakAuthError),
        (Fault.TOO_MANY_REQUESTS, FlatpeakRateLimitError),
        (Fault.SERVER_ERROR, FlatpeakConnectionError),
        (Fault.UNAVAILABLE, FlatpeakConnectionError),
        (Fault.CUT_OFF, FlatpeakConnectionError),
        (Fault.NOT_JSON, FlatpeakResponseError),
    ],
)
async def test_every_fault_is_one_error_and_then_it_is_over(
    home, world, spoken, fault, kind
) -> None:
    world.version = spoken
    world.faults.add(fault)
    await refusal(kind, home.devices())
    await refusal(kind, home.find_or_create_device(REFERENCE, LOCATION))
    assert world.devices == []
    world.faults.clear()
    await home.find_or_create_device(REFERENCE, LOCATION)
    assert [known.reference_id for known in world.devices] == [REFERENCE]


@DIALECTS
async def test_a_location_that_is_not_there_has_no_devices_in_busbar(home, world, spoken) -> None:
    world.version = spoken
    if spoken in (Spoken.BUSBAR_A, Spoken.BUSBAR_B):
        await refusal(FlatpeakRefusedError, home.find_or_create_device(REFERENCE, "loc_other"))
        assert world.devices == []
    else:
        await home.find_or_create_device(REFERENCE, "loc_other")
        assert len(world.devices) == 1


@pytest.mark.parametrize("spoken", [Spoken.ZERO, Spoken.ANODE, Spoken.ANODE_GUIDE])
async def test_a_device_that_is_made_can_be_asked_about(home, world, spoken) -> None:
    world.version = spoken
    made = await home.find_or_create_device(REFERENCE, LOCATION)
    answer = await home.schedule_by_amount(LOCATION, order(demand(made.id)))
    assert [one.device_id for one in answer.devices] == [made.id]
    assert answer.devices[0].slots
