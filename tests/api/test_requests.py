"""What Flatpeak is asked, to the letter."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.flatpeak.api import Dialects, DurationDialect, Form
from custom_components.flatpeak.model import Direction, Segment

from .conftest import client_of
from .questions import EVENING, HOUR, MINUTE, body, hours, question
from .server import Asked

NIGHT = {
    "start_time": "2026-01-15T21:00:00Z",
    "end_time": "2026-01-16T06:00:00Z",
    "direction": "IMPORT",
    "segment": "LOW",
    "duration": 180,
}


async def asked(client, server, location: str = "loc_1", **changes) -> Asked:
    """Ask, and return what arrived."""
    said = changes.get("direction", Direction.IMPORT).upper()
    server.says(body(hours(22, 23), direction=said))
    await client.schedule_by_duration(location, question(**changes))
    return server.asked[-1]


async def test_in_the_path(client, server) -> None:
    seen = await asked(client, server)
    assert (seen.method, seen.path) == ("POST", "/schedules/duration/loc_1")
    assert (seen.query, seen.body) == ({}, NIGHT)
    assert seen.version == "2025-09-14.anode"
    assert seen.headers["Content-Type"] == "application/json"
    assert isinstance(seen.body["duration"], int)


async def test_in_the_body(client, server) -> None:
    client.dialects = Dialects(DurationDialect("2026-03-02.busbar", Form.BODY, "tariff_direction"))
    seen = await asked(client, server)
    assert (seen.method, seen.path, seen.query) == ("POST", "/schedules/duration", {})
    expected = NIGHT | {"location_id": "loc_1", "tariff_direction": "IMPORT"}
    assert seen.body == {name: value for name, value in expected.items() if name != "direction"}
    assert seen.version == "2026-03-02.busbar"


async def test_in_the_query(client, server) -> None:
    client.dialects = Dialects(DurationDialect("2024-08-24.zero", Form.QUERY))
    seen = await asked(client, server)
    assert (seen.method, seen.path) == ("GET", "/slots/time/loc_1")
    assert (seen.query, seen.body) == (NIGHT | {"duration": "180"}, None)
    assert seen.version == "2024-08-24.zero"


async def test_without_a_version_it_is_the_account_s_own(client, server) -> None:
    client.dialects = Dialects(DurationDialect(None))
    assert (await asked(client, server)).version is None


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("segment", list(Segment))
async def test_in_capitals(client, server, direction, segment) -> None:
    seen = await asked(client, server, direction=direction, segment=segment)
    assert (seen.body["direction"], seen.body["segment"]) == (direction.upper(), segment.upper())


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param(EVENING, "2026-01-15T21:00:00Z", id="UTC"),
        pytest.param(
            datetime(2026, 1, 15, 22, tzinfo=ZoneInfo("Europe/Brussels")),
            "2026-01-15T21:00:00Z",
            id="another zone",
        ),
        pytest.param(
            datetime(2025, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Brussels"), fold=1),
            "2025-10-26T01:30:00Z",
            id="the second of two",
        ),
        pytest.param(
            EVENING + timedelta(seconds=7, microseconds=999_999),
            "2026-01-15T21:00:07Z",
            id="no fractions",
        ),
    ],
)
async def test_times_are_in_utc_and_whole_seconds(client, server, start, expected) -> None:
    end = start.astimezone(UTC) + 9 * HOUR
    assert (await asked(client, server, start=start, end=end)).body["start_time"] == expected


@pytest.mark.parametrize(
    ("duration", "minutes"),
    [
        pytest.param(3 * HOUR, 180, id="whole"),
        pytest.param(MINUTE, 1, id="one"),
        pytest.param(timedelta(microseconds=1), 1, id="next to nothing"),
        pytest.param(61 * timedelta(seconds=1), 2, id="a second more"),
        pytest.param(3 * HOUR - timedelta(microseconds=1), 180, id="a little less"),
        pytest.param(3 * HOUR + timedelta(microseconds=1), 181, id="a little more"),
        pytest.param(20 * HOUR, 540, id="no more than the span"),
    ],
)
async def test_durations_are_whole_minutes_rounded_up(client, server, duration, minutes) -> None:
    assert (await asked(client, server, duration=duration)).body["duration"] == minutes


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize(
    ("location", "quoted"),
    [
        pytest.param("loc_1", "loc_1", id="as they are"),
        pytest.param("a/../b", "a%2F..%2Fb", id="a path"),
        pytest.param("a?b", "a%3Fb", id="a query"),
        pytest.param("a b#c%", "a%20b%23c%25", id="other signs"),
        pytest.param("Zürich", "Z%C3%BCrich", id="other letters"),
    ],
)
async def test_ids_are_quoted_in_paths(client, server, form, location, quoted) -> None:
    client.dialects = Dialects(DurationDialect(form=form))
    seen = await asked(client, server, location)
    if form is Form.BODY:
        assert seen.body["location_id"] == location
    else:
        assert seen.path.rpartition("/")[2] == quoted


async def test_ids_are_quoted_in_the_path_of_a_location(client, server) -> None:
    server.says({"id": "a/b"})
    await client.location("a/b?c")
    assert server.asked[-1].path == "/locations/a%2Fb%3Fc"


async def test_a_slash_at_the_end_of_the_address_does_no_harm(session, server) -> None:
    assert (await asked(client_of(session, f"{server.url}/"), server)).path.startswith("/sched")


async def test_three_days_are_the_most(client, server) -> None:
    await asked(client, server, end=EVENING + 72 * HOUR)
    with pytest.raises(ValueError, match="three days"):
        await client.schedule_by_duration(
            "loc_1", question(end=EVENING + 72 * HOUR + timedelta(seconds=1))
        )
    assert len(server.asked) == 1


@pytest.mark.parametrize("minutes", [0, -5])
async def test_no_time_is_no_question(client, server, minutes) -> None:
    with pytest.raises(ValueError, match="some of that time"):
        await client.schedule_by_duration("loc_1", question(duration=minutes * MINUTE))
    assert not server.logins
