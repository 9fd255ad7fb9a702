"""Every field of a request for a schedule, right and wrong."""

import pytest

from simulator import Dialect

from .conftest import example, wish

HUGE = 10**400


@pytest.mark.parametrize("field", ["start_time", "end_time", "segment", "duration"])
async def test_missing(client, field) -> None:
    answer = await client.ask(**{field: ...})
    assert answer.status == 422
    assert answer.body.keys() == example("error_422_no_tariff_connected").keys()
    assert (answer.body["object"], answer.body["type"]) == ("error", "invalid_request")
    assert answer.body["code"] == f"{field}_missing"
    assert field in answer.body["message"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("start_time", value) for value in (None, 0, True, [], {}, "", "now", "2026-01-15")),
        ("start_time", "2026-01-15T08:00:00"),
        ("start_time", "2026-01-15 08:00:00Z"),
        ("start_time", "2026-01-15T08:00Z"),
        ("start_time", "20260115T080000Z"),
        ("start_time", "2026-W03-4T08:00:00Z"),
        ("start_time", "2026-02-30T08:00:00Z"),
        ("start_time", "2026-01-15T24:00:01Z"),
        ("start_time", "2026-01-15T08:00:00+25:00"),
        ("start_time", "2026-01-15T08:00:00+0100"),
        ("start_time", "0001-01-01T00:00:00+01:00"),
        ("end_time", "9999-12-31T23:59:59-01:00"),
        *(("end_time", value) for value in (None, 7, "", "2026-01-15T08:00:00")),
        *(("segment", value) for value in (None, 1, "", "low", "Low", "MIDDLE", "LOW ")),
        *(("direction", value) for value in (None, 1, "", "import", "BUY")),
        *(("duration", value) for value in (None, True, "60", [], {}, 0, -1, -0.5, -HUGE)),
    ],
)
async def test_wrong(client, field, value) -> None:
    answer = await client.ask(**{field: value})
    assert answer.status == 422
    assert answer.body["code"] == f"{field}_invalid"
    assert (await client.ask()).status == 200


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [
        ("2026-01-15T08:00:00Z", "2026-01-15T08:00:00Z", 422),
        ("2026-01-15T08:00:00Z", "2026-01-15T07:00:00Z", 422),
        # the clocks say the opposite of the moments
        ("2026-01-15T09:00:00+02:00", "2026-01-15T08:00:00Z", 200),
        ("2026-01-15T08:00:00Z", "2026-01-15T09:00:00+02:00", 422),
        ("2026-01-14T00:00:00Z", "2026-01-17T00:00:00Z", 200),
        ("2026-01-14T00:00:00Z", "2026-01-17T00:00:01Z", 422),
        ("2026-01-14T00:00:00Z", "2027-01-14T00:00:00Z", 422),
    ],
)
async def test_window(client, start, end, status) -> None:
    answer = await client.ask(start_time=start, end_time=end)
    assert answer.status == status
    if status == 422:
        assert answer.body["code"] == "end_time_invalid"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"duration": NaN}',
        b'{"duration": Infinity}',
        b'{"duration": ' + b"9" * 5000 + b"}",
        b"null",
        b"[]",
        b'"text"',
        b"7",
    ],
    ids=lambda body: body[:20].decode(errors="replace"),
)
async def test_body_that_is_no_object(client, world, body) -> None:
    path = f"/schedules/duration/{world.locations[0].id}"
    answer = await client.send("POST", path, data=body)
    assert answer.status == 422
    assert answer.body.keys() == example("error_422_no_tariff_connected").keys()
    assert answer.body["code"] == "body_invalid"


async def test_number_beyond_all_numbers(client, world) -> None:
    path = f"/schedules/duration/{world.locations[0].id}"
    body = '{"start_time":"2026-01-15T00:00:00Z","end_time":"2026-01-16T00:00:00Z",'
    body += '"segment":"LOW","duration":1e999}'
    answer = await client.send("POST", path, data=body)
    assert (answer.status, answer.body["code"]) == (422, "duration_invalid")


@pytest.mark.parametrize("duration", [1441, 1e300, HUGE])
async def test_more_than_there_is_gives_all_there_is(client, duration) -> None:
    answer = await client.ask(duration=duration)
    assert answer.slots == [("2026-01-14T23:00:00Z", "2026-01-15T23:00:00Z")]


@pytest.mark.parametrize("duration", [1e-9, 1e-300])
async def test_next_to_nothing(client, duration) -> None:
    assert (await client.ask(duration=duration)).status == 200


async def test_unknown_fields_are_ignored(client) -> None:
    answer = await client.ask(continuous=True, tariff_direction=7)
    assert answer.status == 200
    assert answer.body["direction"] == "IMPORT"


async def test_unknown_location_comes_before_the_fields(client) -> None:
    answer = await client.ask("loc_none", duration=0)
    assert (answer.status, answer.body) == (404, {"message": "Not Found"})


async def test_no_token_comes_before_the_location(stranger) -> None:
    assert (await stranger.ask("loc_none")).status == 403


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"duration": "an hour"}, "duration"),
        ({"duration": "nan"}, "duration"),
        ({"duration": "inf"}, "duration"),
        ({"duration": "0"}, "duration"),
        ({"duration": ...}, "duration"),
        ({"end_time": ...}, "end_time"),
        ({"segment": "low"}, "segment"),
        ({"direction": "BUY"}, "direction"),
    ],
)
async def test_wrong_in_the_query_of_zero(client, world, changes, text) -> None:
    world.version = Dialect.ZERO
    path = f"/slots/time/{world.locations[0].id}"
    answer = await client.get(path, params=wish(**changes))
    assert answer.status == 422
    assert answer.body.keys() == {"message"}
    assert text in answer.body["message"]


async def test_plus_sign_in_a_query_is_a_blank(client, world) -> None:
    world.version = Dialect.ZERO
    path = f"/slots/time/{world.locations[0].id}?segment=LOW&duration=60"
    path += "&start_time=2026-01-15T00:00:00%2B01:00&end_time=2026-01-16T00:00:00"
    assert (await client.get(f"{path}%2B01:00")).status == 200
    assert (await client.get(f"{path}+01:00")).status == 422


async def test_twice_in_a_query(client, world) -> None:
    world.version = Dialect.ZERO
    query = "segment=LOW&segment=HIGH&duration=60&end_time=2026-01-16T00:00:00Z"
    answer = await client.get(f"/slots/time/{world.locations[0].id}?{query}")
    assert answer.status == 422


@pytest.mark.parametrize("field", ["location_id", "device_id"])
@pytest.mark.parametrize("value", [None, 7, []])
async def test_wrong_in_the_body_of_busbar(client, world, field, value) -> None:
    world.version = Dialect.BUSBAR_B
    fields = wish(location_id=world.locations[0].id) | {field: value}
    answer = await client.send("POST", "/schedules/duration", json=fields)
    assert (answer.status, answer.body["code"]) == (422, f"{field}_invalid")


async def test_busbar_needs_a_known_location(client, world) -> None:
    world.version = Dialect.BUSBAR_B
    answer = await client.send("POST", "/schedules/duration", json=wish())
    assert (answer.status, answer.body["code"]) == (422, "location_id_missing")
    answer = await client.send("POST", "/schedules/duration", json=wish(location_id="loc_none"))
    assert answer.status == 404
