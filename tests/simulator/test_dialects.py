"""One question, five wordings."""

from datetime import time

import pytest

from simulator import Dialect

from .conftest import TODAY, example, wish

PATHS = {
    "GET /slots/time/{id}": {Dialect.ZERO},
    "POST /schedules/duration/{id}": {Dialect.ANODE, Dialect.ANODE_GUIDE, Dialect.BUSBAR_A},
    "POST /schedules/duration": {Dialect.BUSBAR_B},
}


async def ask(client, dialect: Dialect, **changes):
    client.simulator.world.version = dialect
    location = client.simulator.world.locations[0].id
    fields = wish(**changes)
    match dialect:
        case Dialect.ZERO:
            return await client.get(f"/slots/time/{location}", params=fields)
        case Dialect.BUSBAR_B:
            fields["location_id"] = location
            return await client.send("POST", "/schedules/duration", json=fields)
        case _:
            return await client.send("POST", f"/schedules/duration/{location}", json=fields)


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("path", list(PATHS))
async def test_only_the_paths_of_the_dialect_exist(client, world, dialect, path) -> None:
    world.version = dialect
    method, _, target = path.partition(" ")
    target = target.replace("{id}", world.locations[0].id)
    fields = wish(location_id=world.locations[0].id)
    sent = {"params": fields} if method == "GET" else {"json": fields}
    answer = await client.send(method, target, **sent)
    if dialect in PATHS[path]:
        assert answer.status == 200
    else:
        assert answer.status in (404, 405)
        assert answer.body.keys() == {"message"}


@pytest.mark.parametrize(
    ("dialect", "version"),
    [
        (Dialect.ZERO, "2024-08-24.zero"),
        (Dialect.ANODE, "2025-09-14.anode"),
        (Dialect.ANODE_GUIDE, "2025-09-14.anode"),
        (Dialect.BUSBAR_A, "2026-03-02.busbar"),
        (Dialect.BUSBAR_B, "2026-03-02.busbar"),
    ],
)
async def test_version_header(client, dialect, version) -> None:
    assert (await ask(client, dialect)).headers["Flatpeak-Version"] == version


async def test_anode_is_as_documented(client) -> None:
    body = (await ask(client, Dialect.ANODE)).body
    documented = example("anode_schedules_duration_200")
    assert body.keys() == documented.keys()
    assert body["request"].keys() == documented["request"].keys()
    assert body["data"][0].keys() == documented["data"][0].keys()
    assert body["data"][0]["tariff"].keys() == documented["data"][0]["tariff"].keys()
    assert body["object"] == documented["object"]
    assert body["request"] == wish(direction="IMPORT")


async def test_documented_request_is_understood(client, world, freezer) -> None:
    freezer.move_to("2023-06-15T08:00:00Z")
    await client.login()
    answer = await client.send(
        "POST",
        f"/schedules/duration/{world.locations[0].id}",
        json=example("anode_schedules_duration_request"),
    )
    assert (answer.status, answer.body["code"]) == (422, "no_price_data")


async def test_zero(client) -> None:
    body = (await ask(client, Dialect.ZERO)).body
    assert body["id"].startswith("sta_")
    assert body["object"] == "slot_time"
    assert body["direction"] == "IMPORT"
    assert body["request"] == wish(direction="IMPORT")
    assert body["data"] == [
        {
            "start_time": "2026-01-15T01:00:00Z",
            "end_time": "2026-01-15T03:00:00Z",
            "tariff": {"rate_avg": 0.08342, "confidence": 1},
        }
    ]


async def test_zero_starts_now_by_itself(client, freezer) -> None:
    freezer.move_to("2026-01-15T12:00:00Z")
    await client.login()
    answer = await ask(client, Dialect.ZERO, start_time=..., segment="HIGH", duration="90.5")
    assert answer.body["request"]["start_time"] == "2026-01-15T12:00:00Z"
    assert answer.body["request"]["duration"] == 90.5
    assert answer.slots == [("2026-01-15T16:29:30Z", "2026-01-15T18:00:00Z")]


async def test_guide_of_anode(client) -> None:
    body = (await ask(client, Dialect.ANODE_GUIDE, tariff_direction="EXPORT")).body
    assert body.keys() == (
        example("anode_schedules_duration_200").keys() - {"direction"} | {"tariff_direction"}
    )
    assert body["tariff_direction"] == "EXPORT"
    assert body["request"]["tariff_direction"] == "EXPORT"
    assert body["data"][0]["price"] == {"average": 0.08342, "confidence": 1}
    assert "tariff" not in body["data"][0]


async def test_busbar_a(client) -> None:
    body = (await ask(client, Dialect.BUSBAR_A, tariff_direction="LOCAL")).body
    assert body["tariff_direction"] == "LOCAL"
    assert body["data"][0]["price"] == {"average": 0.08342, "confidence": 1}
    assert {"next_update", "request"} <= body.keys()


async def test_busbar_b(client) -> None:
    body = (await ask(client, Dialect.BUSBAR_B, device_id="dev_1")).body
    assert body["device_id"] == "dev_1"
    assert body["data"][0]["price"] == {"value": 0.08342, "confidence": 1}
    assert body["data"][0]["vpp_event"] is False
    assert {"next_update", "request"}.isdisjoint(body)
    assert "device_id" not in (await ask(client, Dialect.BUSBAR_B)).body


@pytest.mark.parametrize(
    ("dialect", "heard", "ignored"),
    [
        (Dialect.ZERO, "direction", "tariff_direction"),
        (Dialect.ANODE, "direction", "tariff_direction"),
        (Dialect.ANODE_GUIDE, "tariff_direction", "direction"),
        (Dialect.BUSBAR_A, "tariff_direction", "direction"),
        (Dialect.BUSBAR_B, "tariff_direction", "direction"),
    ],
)
async def test_name_of_the_direction(client, dialect, heard, ignored) -> None:
    body = (await ask(client, dialect, **{heard: "EXPORT"})).body
    assert body[heard] == "EXPORT"
    assert ignored not in body
    assert (await ask(client, dialect, **{ignored: "EXPORT"})).body[heard] == "IMPORT"
    assert (await ask(client, dialect, **{ignored: "NONSENSE"})).status == 200
    assert (await ask(client, dialect, **{heard: "NONSENSE"})).status == 422


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_one_truth(client, world, freezer, dialect) -> None:
    """Whatever the wording, the times are the same."""
    world.publication = time(13)
    freezer.move_to(f"{TODAY}T08:00:00Z")
    await client.login()
    assert (await ask(client, dialect)).slots == [("2026-01-15T01:00:00Z", "2026-01-15T03:00:00Z")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pending": True}, "Connect is processing link to tariff source."),
        ({"import_prices": ()}, "No price data for the requested period"),
    ],
)
async def test_zero_refuses_with_a_bare_message(client, world, change, message) -> None:
    for name, value in change.items():
        setattr(world, name, value)
    answer = await ask(client, Dialect.ZERO)
    assert (answer.status, answer.body) == (422, {"message": message})
