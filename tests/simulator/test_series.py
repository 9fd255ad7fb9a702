"""The prices themselves: one question, three wordings."""

from datetime import time

import pytest

from custom_components.flatpeak.model import Direction
from simulator import Dialect, Fault, Unpublished, World
from simulator.state import LOCATION

from .conftest import Answer, Client, example
from .orders import hours

PATHS = {
    Dialect.ZERO: "GET /tariffs/rates/{id}",
    Dialect.ANODE: "POST /prices/{id}",
    Dialect.ANODE_GUIDE: "POST /prices/{id}",
    Dialect.BUSBAR_A: "POST /prices/{id}",
    Dialect.BUSBAR_B: "POST /prices",
}
NEWER = [dialect for dialect in Dialect if dialect is not Dialect.ZERO]


@pytest.fixture
def world() -> World:
    return World(
        import_prices=hours(0.1, 0.2, 0.2),
        export_prices=hours(0.01, -0.02, 0.03),
        publication=None,
    )


def wish(**changes):
    """Ask for the prices of three hours; a field changed to `...` is left out."""
    fields = {"start_time": "2026-01-15T00:00:00Z", "end_time": "2026-01-15T03:00:00Z"}
    return {name: value for name, value in (fields | changes).items() if value is not ...}


async def ask(client: Client, dialect: Dialect = Dialect.ANODE, **changes) -> Answer:
    client.simulator.world.version = dialect
    priced = {"include_tariff": "true"} if dialect is Dialect.ZERO else {}
    return await send(client, PATHS[dialect], wish(**(priced | changes)))


async def send(client: Client, path: str, fields) -> Answer:
    method, _, target = path.partition(" ")
    if "{id}" not in target:
        fields = {"location_id": LOCATION} | fields
    sent = {"params": fields} if method == "GET" else {"json": fields}
    return await client.send(method, target.replace("{id}", LOCATION), **sent)


def prices_of(answer: Answer) -> list[tuple[str, str, float, float]]:
    """Return from when to when by the clock, the price and how sure it is."""
    return [
        (
            entry["valid_from"][11:16],
            entry["valid_to"][11:16],
            *(entry["tariff"].values() if "tariff" in entry else entry["price"].values()),
        )
        for entry in answer.body["data"]
    ]


# Which prices


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_each_price_is_an_entry(client, dialect) -> None:
    """Also where two that touch are equal."""
    answer = await ask(client, dialect)
    assert answer.status == 200
    assert prices_of(answer) == [
        ("00:00", "01:00", 0.1, 1),
        ("01:00", "02:00", 0.2, 1),
        ("02:00", "03:00", 0.2, 1),
    ]


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("direction", list(Direction))
async def test_directions(client, world, dialect, direction) -> None:
    world.local_prices = hours(0.001)
    name = "direction" if dialect is Dialect.ZERO else "tariff_direction"
    answer = await ask(client, dialect, **{name: direction.upper()})
    assert answer.body[name] == direction.upper()
    first = {Direction.IMPORT: 0.1, Direction.EXPORT: 0.01, Direction.LOCAL: 0.001}[direction]
    assert prices_of(answer)[0][2] == first


async def test_entries_are_cut_at_the_window(client) -> None:
    answer = await ask(
        client, start_time="2026-01-15T00:20:00Z", end_time="2026-01-15T03:15:00+01:00"
    )
    times = [(entry["valid_from"], entry["valid_to"]) for entry in answer.body["data"]]
    assert times == [
        ("2026-01-15T01:20:00+01:00", "2026-01-15T02:00:00+01:00"),
        ("2026-01-15T02:00:00+01:00", "2026-01-15T03:00:00+01:00"),
        ("2026-01-15T03:00:00+01:00", "2026-01-15T03:15:00+01:00"),
    ]


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_an_unknown_price_is_0_with_confidence_0(client, world, dialect) -> None:
    world.import_prices = hours(None, 0.2)
    assert prices_of(await ask(client, dialect)) == [
        ("00:00", "01:00", 0, 0),
        ("01:00", "02:00", 0.2, 1),
    ]


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_they_begin_now_by_themselves(client, freezer, dialect) -> None:
    freezer.move_to("2026-01-15T01:30:00Z")
    await client.login()
    assert prices_of(await ask(client, dialect, start_time=...))[0][0] == "01:30"


async def test_no_price_at_all(client) -> None:
    nowhere = {"start_time": "2026-01-16T00:00:00Z", "end_time": "2026-01-17T00:00:00Z"}
    answer = await ask(client, **nowhere)
    assert (answer.status, answer.body["code"]) == (422, "no_price_data")


# What is known when: tomorrow appears at 13:00 local time, which is 12:00 UTC in winter; a day
# ends at 23:00 UTC.

LATE = {"start_time": "2026-01-15T22:00:00Z", "end_time": "2026-01-16T00:00:00Z"}
EVENING = ("22:00", "23:00", 0.2, 1)


@pytest.fixture
def market(world, client, freezer):
    freezer.move_to("2026-01-15T11:59:59Z")
    world.import_prices = hours(*[0.2] * 24)
    world.publication = time(13)
    return world


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize(
    ("unpublished", "later"),
    [
        (Unpublished.ABSENT, []),
        (Unpublished.UNKNOWN, [("23:00", "00:00", 0, 0)]),
        (Unpublished.FORECAST, [("23:00", "00:00", 0.22, 0.6)]),
    ],
)
async def test_tomorrow(client, market, freezer, dialect, unpublished, later) -> None:
    await client.login()
    market.unpublished = unpublished
    assert prices_of(await ask(client, dialect, **LATE)) == [EVENING, *later]
    freezer.tick(1)
    assert prices_of(await ask(client, dialect, **LATE)) == [EVENING, ("23:00", "00:00", 0.2, 1)]


async def test_a_forecast_of_a_negative_price_is_too_high_as_well(client, market) -> None:
    await client.login()
    market.unpublished = Unpublished.FORECAST
    market.import_prices = hours(*[-0.2] * 24)
    assert prices_of(await ask(client, **LATE))[1][2:] == (-0.18, 0.6)


async def test_tomorrow_alone(client, market) -> None:
    """It is refused where nothing is said of it, as schedules are, else there are entries."""
    await client.login()
    alone = LATE | {"start_time": "2026-01-15T23:00:00Z"}
    assert (await ask(client, **alone)).body["code"] == "no_price_data"
    market.unpublished = Unpublished.UNKNOWN
    assert prices_of(await ask(client, **alone)) == [("23:00", "00:00", 0, 0)]


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2026-01-15T11:59:59Z", "2026-01-14T12:00:00Z", "2026-01-15T12:00:00Z"),
        ("2026-01-15T12:00:00Z", "2026-01-15T12:00:00Z", "2026-01-16T12:00:00Z"),
        ("2026-01-15T23:30:00Z", "2026-01-15T12:00:00Z", "2026-01-16T12:00:00Z"),
    ],
)
async def test_updates(client, market, freezer, now, last, following) -> None:
    freezer.move_to(now)
    await client.login()
    body = (await ask(client)).body
    assert (body["last_updated"], body["next_update"]) == (last, following)


# How it is worded


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("path", sorted(set(PATHS.values())))
async def test_only_the_paths_of_the_dialect_exist(client, world, dialect, path) -> None:
    world.version = dialect
    answer = await send(client, path, wish())
    if PATHS[dialect] == path:
        assert answer.status == 200
    else:
        assert answer.status in (404, 405)
        assert answer.body.keys() == {"message"}


@pytest.mark.parametrize("dialect", [Dialect.ANODE, Dialect.ANODE_GUIDE])
async def test_anode_is_as_documented(client, dialect) -> None:
    body = (await ask(client, dialect)).body
    documented = example("anode_prices_200")
    assert body.keys() == documented.keys()
    assert body["request"].keys() == documented["request"].keys()
    assert body["data"][0].keys() == documented["data"][0].keys()
    assert body["data"][0]["price"].keys() == documented["data"][0]["price"].keys()
    assert (body["object"], body["id"][:4]) == (documented["object"], "prs_")
    assert body["request"] == wish(tariff_direction="IMPORT")


async def test_zero(client) -> None:
    body = (await ask(client, Dialect.ZERO)).body
    assert (body["object"], body["id"][:4]) == ("tariff_rate", "rts_")
    assert body["direction"] == body["request"]["direction"] == "IMPORT"
    assert body["data"][0]["tariff"] == {"rate": 0.1, "confidence": 1}
    assert {"next_update", "last_updated"} <= body.keys()


@pytest.mark.parametrize("asked", [{"include_tariff": ...}, {"include_tariff": "false"}])
async def test_zero_leaves_prices_out_unless_they_are_asked_for(client, asked) -> None:
    body = (await ask(client, Dialect.ZERO, **asked)).body
    assert [entry.keys() for entry in body["data"]] == [{"valid_from", "valid_to"}] * 3


async def test_busbar(client) -> None:
    old = (await ask(client, Dialect.BUSBAR_A)).body
    new = (await ask(client, Dialect.BUSBAR_B, device_id="dev_1")).body
    assert old["data"] == new["data"]
    assert {"next_update"}.isdisjoint(old)
    assert {"next_update", "request"}.isdisjoint(new)
    assert new["device_id"] == "dev_1"
    assert "last_updated" in new
    assert new["tariff_direction"] == "IMPORT"


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_name_of_the_direction(client, dialect) -> None:
    names = ["tariff_direction", "direction"]
    heard, ignored = names[::-1] if dialect is Dialect.ZERO else names
    assert (await ask(client, dialect, **{ignored: "EXPORT"})).body[heard] == "IMPORT"
    assert (await ask(client, dialect, **{ignored: "NONSENSE"})).status == 200
    assert (await ask(client, dialect, **{heard: "NONSENSE"})).status == 422


# Refusals and faults


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"end_time": ...}, 422),
        ({"end_time": "soon"}, 422),
        ({"start_time": "2026-01-15T03:00:00Z"}, 422),
        ({"end_time": "2026-04-15T00:00:00Z"}, 200),
        ({"end_time": "2026-04-15T00:00:01Z"}, 422),
    ],
)
async def test_window(client, dialect, changes, status) -> None:
    """Ninety days are the most."""
    answer = await ask(client, dialect, **changes)
    assert answer.status == status
    assert status == 200 or "_time " in answer.body["message"]


@pytest.mark.parametrize("said", ["", "yes", "True", "1"])
@pytest.mark.parametrize("name", ["include_tariff", "include_carbon"])
async def test_flags_of_zero(client, name, said) -> None:
    assert (await ask(client, Dialect.ZERO, **{name: said})).status == 422


@pytest.mark.parametrize("dialect", NEWER)
async def test_the_location_and_the_device(client, dialect) -> None:
    assert (await ask(client, dialect, device_id=7)).body["code"] == "device_id_invalid"
    path = PATHS[dialect].replace("{id}", "loc_other")
    answer = await send(client, path, wish(location_id="loc_other"))
    assert answer.status == 404


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_tariffs_are_connected_by_direction(client, world, dialect) -> None:
    world.no_tariff = {Direction.EXPORT}
    name = "direction" if dialect is Dialect.ZERO else "tariff_direction"
    answer = await ask(client, dialect, **{name: "EXPORT"})
    assert answer.status == 422
    assert answer.body["message"] == "No tariff connected for EXPORT direction"
    assert (await ask(client, dialect)).status == 200
    world.pending = True
    assert (await ask(client, dialect)).status == 422


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize(("fault", "status"), [(Fault.NO_PRICES, 404), (Fault.PRICES_FAIL, 500)])
async def test_faults_of_the_prices_alone(client, world, dialect, fault, status) -> None:
    world.version = dialect
    world.faults.add(fault)
    for path in sorted(set(PATHS.values())):
        assert (await send(client, path, wish())).status in (status, 404, 405)
    assert (await ask(client, dialect)).status == status
    assert (await client.get(f"/locations/{LOCATION}")).status == 200
    world.faults.clear()
    assert (await ask(client, dialect)).status == 200


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        (Fault.EMPTY_DATA, lambda body: body["data"] == []),
        (Fault.NUMBERS_AS_STRINGS, lambda body: body["data"][0]["price"]["value"] == "0.1"),
        (Fault.UNKNOWN_PRICE, lambda body: body["data"][0]["price"]["confidence"] == 0),
        (Fault.UNSORTED, lambda body: body["data"][0]["valid_from"][11:13] == "02"),
        (Fault.NEXT_UPDATE_MISSING, lambda body: "next_update" not in body),
        (Fault.NEXT_UPDATE_PAST, lambda body: body["next_update"] < body["time_created"]),
        (Fault.MISSING_FIELD, lambda body: "valid_to" not in body["data"][0]),
        (Fault.OVERLAPPING, lambda body: len(body["data"]) == 4),
    ],
)
async def test_faults_spoil_it(client, world, fault, changed) -> None:
    world.missing_field = "valid_to"
    assert not changed((await ask(client)).body)
    world.faults.add(fault)
    answer = await ask(client)
    assert answer.status == 200
    assert changed(answer.body)
