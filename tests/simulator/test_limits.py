"""A schedule by price limit: one question, five wordings, and the prices decide."""

from datetime import datetime, time, timedelta

import pytest

from custom_components.flatpeak.model import Slot
from simulator import Dialect, Fault, Unpublished, World
from simulator.state import LOCATION

from .conftest import Answer, Client, example
from .orders import HOUR, MIDNIGHT, hours

HUGE = 10**400
PATHS = {
    Dialect.ZERO: "GET /slots/threshold/{id}",
    Dialect.ANODE: "POST /schedules/limit/{id}",
    Dialect.ANODE_GUIDE: "POST /schedules/limit/{id}",
    Dialect.BUSBAR_A: "POST /schedules/limit",
    Dialect.BUSBAR_B: "POST /schedules/limit",
}


@pytest.fixture
def world() -> World:
    """Six hours at 10, 30, 20, 20, 40 and 15 ct."""
    return World(import_prices=hours(0.1, 0.3, 0.2, 0.2, 0.4, 0.15), publication=None)


def wish(**changes):
    """Ask for all time at 20 ct at most; a field changed to `...` is left out."""
    fields = {
        "start_time": "2026-01-15T00:00:00Z",
        "end_time": "2026-01-15T06:00:00Z",
        "segment": "LOW",
        "absolute": 0.2,
    }
    return {name: value for name, value in (fields | changes).items() if value is not ...}


async def ask(client: Client, dialect: Dialect = Dialect.ANODE, **changes) -> Answer:
    client.simulator.world.version = dialect
    return await send(client, PATHS[dialect], wish(**changes))


async def send(client: Client, path: str, fields) -> Answer:
    method, _, target = path.partition(" ")
    if "{id}" not in target:
        fields = {"location_id": LOCATION} | fields
    sent = {"params": fields} if method == "GET" else {"json": fields}
    return await client.send(method, target.replace("{id}", LOCATION), **sent)


def hours_of(answer: Answer) -> list[tuple[int, int]]:
    return [(int(start[11:13]), int(end[11:13])) for start, end in answer.slots]


# Which time


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({}, [(0, 1), (2, 4), (5, 6)], id="at the limit or below"),
        pytest.param({"segment": "HIGH"}, [(1, 5)], id="at the limit or above"),
        pytest.param({"absolute": 0.19999}, [(0, 1), (5, 6)], id="a little less"),
        pytest.param({"absolute": 0.05}, [], id="less than all"),
        pytest.param({"absolute": 0.5}, [(0, 6)], id="more than all"),
        pytest.param({"absolute": 0.5, "segment": "HIGH"}, [], id="more than all, above"),
        pytest.param({"absolute": -1, "segment": "HIGH"}, [(0, 6)], id="below nothing"),
        pytest.param({"absolute": ..., "relative": 0.01}, [(0, 1)], id="the lowest"),
        pytest.param({"absolute": ..., "relative": 1}, [(0, 6)], id="up to the highest"),
        pytest.param(
            {"absolute": ..., "relative": 1, "segment": "HIGH"}, [(4, 5)], id="the highest"
        ),
        pytest.param(
            {"absolute": ..., "relative": 0.01, "segment": "HIGH"}, [(0, 6)], id="from the lowest"
        ),
        pytest.param({"absolute": ..., "relative": 0.34}, [(0, 1), (2, 4), (5, 6)], id="a third"),
        pytest.param({"absolute": ..., "relative": 0.33}, [(0, 1), (5, 6)], id="less than it"),
        pytest.param({"absolute": 0.1, "relative": 1}, [(0, 1)], id="a rate before a share"),
        # between 20 and 40 ct the middle is 30, and 0.505 stands for it
        pytest.param(
            {"absolute": ..., "relative": 0.505, "start_time": "2026-01-15T01:00:00Z"}
            | {"end_time": "2026-01-15T05:00:00Z"},
            [(1, 4)],
            id="of the window asked about",
        ),
    ],
)
async def test_which_time(client, dialect, asked, expected) -> None:
    answer = await ask(client, dialect, **asked)
    assert answer.status == 200
    assert hours_of(answer) == expected
    assert answer.body["duration"] == 60 * sum(end - start for start, end in expected)


async def test_touching_slots_are_one_at_their_average(client) -> None:
    answer = await ask(client, segment="HIGH")
    assert answer.body["data"][0]["tariff"] == {"rate_avg": 0.275, "confidence": 1}


async def test_slots_are_cut_at_the_window(client) -> None:
    answer = await ask(client, start_time="2026-01-15T00:20:00Z", end_time="2026-01-15T03:00:30Z")
    assert answer.slots == [
        ("2026-01-15T00:20:00Z", "2026-01-15T01:00:00Z"),
        ("2026-01-15T02:00:00Z", "2026-01-15T03:00:30Z"),
    ]
    assert answer.body["duration"] == 100.5


async def test_prices_count_as_they_are_sent(client, world) -> None:
    world.import_prices = hours(0.1000001, 0.2)
    assert hours_of(await ask(client, absolute=0.1)) == [(0, 1)]


async def test_what_is_not_known_is_in_no_schedule(client, world) -> None:
    world.import_prices = hours(0.1, None, 0.1)
    assert hours_of(await ask(client)) == [(0, 1), (2, 3)]
    world.import_prices = hours(None, None)
    answer = await ask(client)
    assert (answer.status, answer.body["code"]) == (422, "no_price_data")


@pytest.mark.parametrize(
    ("unpublished", "expected"),
    [
        (Unpublished.ABSENT, [(22, 23)]),
        (Unpublished.UNKNOWN, [(22, 23)]),
        (Unpublished.FORECAST, [(22, 0)]),
    ],
)
async def test_tomorrow(client, world, freezer, unpublished, expected) -> None:
    freezer.move_to("2026-01-15T08:00:00Z")
    await client.login()
    late = MIDNIGHT + 22 * HOUR
    world.publication, world.unpublished = time(13), unpublished
    world.import_prices = [Slot(late + n * HOUR, late + (n + 1) * HOUR, 0.1) for n in range(2)]
    night = {"start_time": "2026-01-15T22:00:00Z", "end_time": "2026-01-16T01:00:00Z"}
    assert hours_of(await ask(client, **night)) == expected


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


async def test_anode_is_as_documented(client) -> None:
    body = (await ask(client, relative=0.5)).body
    documented = example("anode_schedules_limit_200")
    assert body.keys() == documented.keys()
    assert body["request"].keys() == documented["request"].keys()
    assert body["data"][0].keys() == documented["data"][0].keys()
    assert body["data"][0]["tariff"].keys() == documented["data"][0]["tariff"].keys()
    assert body["object"] == documented["object"]
    assert body["id"].startswith("spl_")
    assert body["request"] == wish(direction="IMPORT", relative=0.5)


async def test_zero(client) -> None:
    body = (await ask(client, Dialect.ZERO, absolute="0.1")).body
    assert (body["id"][:4], body["object"]) == ("slt_", "slot_threshold")
    assert body["request"] == wish(direction="IMPORT", absolute=0.1)
    assert body["data"] == [
        {
            "start_time": "2026-01-15T00:00:00Z",
            "end_time": "2026-01-15T01:00:00Z",
            "tariff": {"rate_avg": 0.1, "confidence": 1},
        }
    ]


async def test_zero_starts_now_by_itself(client, freezer) -> None:
    freezer.move_to("2026-01-15T03:30:00Z")
    await client.login()
    answer = await ask(client, Dialect.ZERO, start_time=...)
    assert answer.slots[0][0] == "2026-01-15T03:30:00Z"


@pytest.mark.parametrize("dialect", [Dialect.ANODE_GUIDE, Dialect.BUSBAR_A])
async def test_guide_of_anode_and_busbar_a(client, dialect) -> None:
    body = (await ask(client, dialect, tariff_direction="EXPORT")).body
    assert body["tariff_direction"] == body["request"]["tariff_direction"] == "EXPORT"
    assert body["data"][0]["price"] == {"average": 0.1, "confidence": 1}
    assert "next_update" in body


async def test_busbar_b(client) -> None:
    body = (await ask(client, Dialect.BUSBAR_B, device_id="dev_1")).body
    assert body["device_id"] == "dev_1"
    assert body["data"][0]["price"] == {"value": 0.1, "confidence": 1}
    assert body["data"][0]["vpp_event"] is False
    assert "next_update" in body
    assert "request" not in body


# Refusals and faults


@pytest.mark.parametrize("field", ["start_time", "end_time", "segment"])
async def test_missing(client, field) -> None:
    answer = await ask(client, **{field: ...})
    assert (answer.status, answer.body["code"]) == (422, f"{field}_missing")


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_a_limit_is_required(client, dialect) -> None:
    answer = await ask(client, dialect, absolute=...)
    assert answer.status == 422
    assert answer.body["message"] == "absolute or relative is required"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("absolute", value) for value in (None, True, "0.1", [], {}, HUGE, -HUGE)),
        *(("relative", value) for value in (None, False, "0.5", 0, 0.009, 1.01, 50, -0.5)),
        *(("segment", value) for value in (None, "low", "MIDDLE")),
        *(("direction", value) for value in (None, "BUY")),
        ("end_time", "2026-01-18T00:00:01Z"),
        ("device_id", 7),
    ],
)
async def test_wrong(client, field, value) -> None:
    answer = await ask(client, **{field: value})
    assert (answer.status, answer.body["code"]) == (422, f"{field}_invalid")
    assert (await ask(client)).status == 200


@pytest.mark.parametrize("value", ["", "cheap", "nan", "inf"])
@pytest.mark.parametrize("field", ["absolute", "relative"])
async def test_wrong_in_a_query(client, field, value) -> None:
    assert (await ask(client, Dialect.ZERO, **{field: value})).status == 422


async def test_unknown_location(client) -> None:
    answer = await client.send("POST", "/schedules/limit/loc_other", json=wish())
    assert (answer.status, answer.body) == (404, {"message": "Not Found"})


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        (Fault.EMPTY_DATA, lambda body: body["data"] == []),
        (Fault.NUMBERS_AS_STRINGS, lambda body: body["duration"] == "240"),
        (Fault.UNKNOWN_PRICE, lambda body: body["data"][0]["tariff"]["confidence"] == 0),
        (
            Fault.UNSORTED,
            lambda body: body["data"][0]["start_time"] > body["data"][1]["start_time"],
        ),
        (Fault.NEXT_UPDATE_MISSING, lambda body: "next_update" not in body),
        (Fault.MISSING_FIELD, lambda body: "end_time" not in body["data"][0]),
        (Fault.OVERLAPPING, lambda body: len(body["data"]) == 4),
    ],
)
async def test_faults_spoil_it(client, world, fault, changed) -> None:
    assert not changed((await ask(client)).body)
    world.faults.add(fault)
    answer = await ask(client)
    assert answer.status == 200
    assert changed(answer.body)
    if fault is Fault.UNSORTED:
        assert datetime.fromisoformat(answer.slots[0][0]) - MIDNIGHT == timedelta(hours=5)
