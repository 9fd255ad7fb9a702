"""Devices: listed, made, shown and deleted."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator import Device, Dialect, Location, World

from .conftest import example

CHARGER = Device(id="dev_1", reference_id="Charger")
BATTERY = Device(id="dev_2", reference_id="Battery", created=CHARGER.created + timedelta(1))
BUSBAR = (Dialect.BUSBAR_A, Dialect.BUSBAR_B)
HOMES = [Location(), Location(id="loc_boat")]


@pytest.fixture
def world() -> World:
    return World(locations=HOMES, devices=[CHARGER, BATTERY])


async def create(client, **fields):
    return await client.send("POST", "/devices", json=fields)


def ids(answer) -> list[str]:
    return [device["id"] for device in answer.body["data"]]


async def test_list_the_newest_first(client) -> None:
    answer = await client.get("/devices")
    assert ids(answer) == ["dev_2", "dev_1"]
    assert (answer.body["object"], answer.body["url"]) == ("list", "/devices")
    assert answer.body["has_more"] is False


async def test_made_in_the_same_second(client, world, freezer) -> None:
    freezer.move_to("2026-01-15T08:00:00Z")
    await client.login()
    first, second = [(await create(client, reference_id=name)).body["id"] for name in ("A", "B")]
    assert ids(await client.get("/devices")) == [second, first, "dev_2", "dev_1"]


async def test_pages(client, world) -> None:
    world.devices = [Device(id=f"dev_{number}", reference_id=str(number)) for number in range(35)]
    first = await client.get("/devices")
    assert (len(ids(first)), first.body["has_more"]) == (30, True)
    rest = await client.get("/devices", params={"starting_after": ids(first)[-1]})
    assert (len(ids(rest)), rest.body["has_more"]) == (5, False)
    assert ids(first) + ids(rest) == [f"dev_{number}" for number in range(34, -1, -1)]
    assert len(ids(await client.get("/devices", params={"limit": 7}))) == 7


@pytest.mark.parametrize(
    ("reference", "found"), [("Charger", ["dev_1"]), ("charger", []), ("Heat pump", []), ("", [])]
)
async def test_find_by_reference(client, reference, found) -> None:
    assert ids(await client.get("/devices", params={"reference_id": reference})) == found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "limit_invalid"),
        ("limit=101", "limit_invalid"),
        ("starting_after=dev_none", "starting_after_invalid"),
        ("reference_id=Charger&starting_after=dev_2", "starting_after_invalid"),
        ("reference_id=A&reference_id=B", "reference_id_invalid"),
    ],
)
async def test_invalid_page(client, query, code) -> None:
    answer = await client.get(f"/devices?{query}")
    assert answer.status == 422
    assert (answer.body["code"], answer.body["context"]) == (code, "api.device_list")


@pytest.mark.parametrize("dialect", [Dialect.ZERO, Dialect.ANODE, Dialect.ANODE_GUIDE])
async def test_documented_fields(client, world, dialect) -> None:
    world.version = dialect
    answer = await create(client, reference_id="DEV1234567890", last_seen="never")
    assert answer.status == 201
    assert answer.body.keys() == example("zero_device_201").keys()
    assert answer.body["object"] == "device"
    assert answer.body["reference_id"] == "DEV1234567890"
    assert answer.body["live_mode"] is False
    created = datetime.fromisoformat(answer.body["time_created"])
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)
    one = await client.get(f"/devices/{answer.body['id']}")
    assert (one.status, one.body) == (200, answer.body)
    listed = await client.get("/devices?reference_id=DEV1234567890")
    assert listed.body.keys() == example("zero_devices_list_200").keys()
    assert listed.body["data"] == [one.body]


async def test_last_seen(client, world) -> None:
    world.devices = [
        Device(id="dev_1", reference_id="A", last_seen=datetime(2026, 1, 1, tzinfo=UTC))
    ]
    assert (await client.get("/devices/dev_1")).body["last_seen"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_reference_that_is_taken(client, world, dialect) -> None:
    world.version = dialect
    busbar = {"type": "OTHER", "locations": [HOMES[0].id]}
    answer = await create(client, reference_id="Charger", **busbar)
    assert (answer.status, answer.body) == (409, {"message": "Conflict"})
    assert world.devices == [CHARGER, BATTERY]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, "reference_id_missing", "reference_id is required"),
        ({"reference_id": None}, "reference_id_invalid", "reference_id must be a string"),
        ({"reference_id": 7}, "reference_id_invalid", "reference_id must be a string"),
        ({"reference_id": ""}, "reference_id_invalid", "reference_id must not be empty"),
        (
            {"reference_id": "A", "location_id": 7},
            "location_id_invalid",
            "location_id must be a string",
        ),
        (
            {"reference_id": "A", "location_id": "loc_none"},
            "location_id_invalid",
            "location_id is no location of this account",
        ),
        ([], "body_invalid", "Body must be a JSON object"),
    ],
)
async def test_wrong_in_anode(client, world, body, code, message) -> None:
    answer = await client.send("POST", "/devices", json=body)
    assert answer.status == 422
    assert (answer.body["code"], answer.body["message"]) == (code, message)
    assert answer.body["context"] == "api.device_create"
    assert world.devices == [CHARGER, BATTERY]


async def test_location_in_anode(client, world) -> None:
    assert (await create(client, reference_id="A", location_id="loc_boat")).status == 201
    assert world.devices[-1].locations == ("loc_boat",)


async def test_zero_knows_no_location_of_a_device(client, world) -> None:
    world.version = Dialect.ZERO
    assert (await create(client, reference_id="A", location_id="loc_none")).status == 201
    answer = await create(client)
    assert (answer.status, answer.body) == (422, {"message": "reference_id is required"})


@pytest.mark.parametrize("dialect", BUSBAR)
@pytest.mark.parametrize(
    "kind", ["EV_CHARGER", "ELECTRIC_VEHICLE", "BATTERY_SYSTEM", "PV_SYSTEM", "OTHER"]
)
async def test_busbar(client, world, dialect, kind) -> None:
    world.version = dialect
    answer = await create(client, reference_id="A", type=kind, locations=["loc_boat"])
    assert answer.status == 201
    assert (answer.body["type"], answer.body["locations"]) == (kind, ["loc_boat"])
    assert (await client.get(f"/devices/{answer.body['id']}")).body == answer.body


async def test_devices_of_a_location_in_busbar(client, world) -> None:
    world.version = Dialect.BUSBAR_B
    made = await create(client, reference_id="A", type="OTHER", locations=["loc_boat"])
    boat = await client.get("/locations/loc_boat")
    assert boat.body["devices"] == [made.body["id"]]
    assert (await client.get(f"/locations/{HOMES[0].id}")).body["devices"] == []


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"reference_id": ...}, "reference_id_missing", "reference_id is required"),
        ({"type": ...}, "type_missing", "type is required"),
        ({"type": "other"}, "type_invalid", "type has a value that is not supported"),
        ({"locations": ...}, "locations_missing", "locations is required"),
        ({"locations": []}, "locations_invalid", "locations must not be empty"),
        ({"locations": "loc_boat"}, "locations_invalid", "locations must be a list"),
        (
            {"locations": ["loc_boat", 7]},
            "locations_invalid",
            "locations[1] is no location of this account",
        ),
        (
            {"locations": ["loc_none"]},
            "locations_invalid",
            "locations[0] is no location of this account",
        ),
    ],
)
async def test_wrong_in_busbar(client, world, changes, code, message) -> None:
    world.version = Dialect.BUSBAR_B
    fields = {"reference_id": "A", "type": "OTHER", "locations": ["loc_boat"]} | changes
    answer = await create(
        client, **{name: value for name, value in fields.items() if value is not ...}
    )
    assert answer.status == 422
    assert (answer.body["code"], answer.body["message"]) == (code, message)


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_delete(client, world, dialect) -> None:
    world.version = dialect
    answer = await client.send("DELETE", "/devices/dev_1")
    assert (answer.status, answer.body) == (202, {"message": "Accepted"})
    assert world.devices == [BATTERY]
    for method in ("GET", "DELETE"):
        answer = await client.send(method, "/devices/dev_1")
        assert (answer.status, answer.body) == (404, {"message": "Not Found"})


async def test_delete_behind_the_back_of_the_client(client, world) -> None:
    answer = await client.send("DELETE", "/simulator/devices/dev_1")
    assert (answer.status, answer.body["devices"]) == (200, ["dev_2"])
    assert world.devices == [BATTERY]
    assert (await client.send("DELETE", "/simulator/devices/dev_1")).status == 404
    assert world.calls == []


async def test_only_with_a_token(stranger, world) -> None:
    assert (await stranger.get("/devices")).status == 403
    assert (await stranger.get("/devices/dev_1")).status == 403
    assert (await create(stranger, reference_id="A")).status == 403
    assert (await stranger.send("DELETE", "/devices/dev_1")).status == 403
    assert world.devices == [CHARGER, BATTERY]
