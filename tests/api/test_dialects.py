"""A schedule by duration in every dialect of the API, and how the dialect is learned."""

import pytest

from custom_components.flatpeak.api import (
    Dialects,
    DurationDialect,
    FlatpeakNotFoundError,
    FlatpeakNotYetError,
    FlatpeakRefusedError,
    FlatpeakResponseError,
    FlatpeakVersionError,
    Form,
)
from custom_components.flatpeak.model import Direction, Segment, total
from simulator import Dialect as Spoken, Fault, World
from simulator.state import ACCOUNT, KEY, LOCATION

from .conftest import client_of, refusal
from .questions import EVENING, HOUR, body, hours, question
from .server import Answer

DIRECTIONS = pytest.mark.parametrize("direction", list(Direction))
DIALECTS = pytest.mark.parametrize("spoken", list(Spoken))

# How each dialect is spoken once it is known, and how many questions it takes to find out:
# (import, export); a direction that was not understood is asked for once more.
KNOWN = {
    Spoken.ZERO: (DurationDialect(form=Form.QUERY), 3, 3),
    Spoken.ANODE: (DurationDialect(), 1, 1),
    Spoken.ANODE_GUIDE: (DurationDialect(direction_name="tariff_direction"), 1, 2),
    Spoken.BUSBAR_A: (DurationDialect("2026-03-02.busbar", Form.PATH, "tariff_direction"), 3, 3),
    Spoken.BUSBAR_B: (DurationDialect("2026-03-02.busbar", Form.BODY, "tariff_direction"), 2, 2),
}


def questions(world: World) -> int:
    """Count the requests for schedules, and forget them."""
    count = sum(call.path.startswith(("/schedules", "/slots")) for call in world.calls)
    world.calls.clear()
    return count


@DIALECTS
@DIRECTIONS
@pytest.mark.parametrize("segment", list(Segment))
async def test_a_schedule_comes_in_every_dialect(home, world, spoken, direction, segment) -> None:
    world.version = spoken
    answer = await home.schedule_by_duration(
        LOCATION, question(direction=direction, segment=segment)
    )
    assert answer.direction is direction
    assert total(answer.slots) == 3 * HOUR
    assert all(EVENING <= slot.start < slot.end <= EVENING + 9 * HOUR for slot in answer.slots)
    assert all(slot.rate > 0 and slot.confidence == 1 for slot in answer.slots)
    assert (answer.currency, answer.time_zone, answer.live) == ("EUR", "Europe/Brussels", False)
    assert (answer.next_update is None) == (spoken is Spoken.BUSBAR_B)


@DIALECTS
async def test_dear_time_is_dearer_than_cheap_time(home, world, spoken) -> None:
    world.version = spoken
    low, high = [
        await home.schedule_by_duration(LOCATION, question(segment=segment)) for segment in Segment
    ]
    assert max(slot.rate for slot in low.slots) < min(slot.rate for slot in high.slots)


@DIALECTS
@pytest.mark.parametrize("direction", [Direction.IMPORT, Direction.EXPORT])
async def test_what_was_learned_is_remembered(home, world, spoken, direction) -> None:
    world.version = spoken
    await home.schedule_by_duration(LOCATION, question(direction=direction))
    assert questions(world) == KNOWN[spoken][1 + (direction is Direction.EXPORT)]
    await home.schedule_by_duration(LOCATION, question(direction=direction))
    assert questions(world) == 1


@DIALECTS
async def test_a_new_client_is_told_what_an_old_one_learned(
    home, world, session, simulator, spoken
) -> None:
    world.version = spoken
    await home.schedule_by_duration(LOCATION, question(direction=Direction.EXPORT))
    questions(world)
    assert home.dialects.duration == KNOWN[spoken][0]
    new = client_of(session, simulator.url, account_id=ACCOUNT, api_key=KEY, dialects=home.dialects)
    for direction in Direction:
        answer = await new.schedule_by_duration(LOCATION, question(direction=direction))
        assert answer.direction is direction
        assert questions(world) == 1


@DIALECTS
@pytest.mark.parametrize("before", list(Spoken))
async def test_an_account_may_change_its_dialect_at_any_time(home, world, before, spoken) -> None:
    for version in (before, spoken):
        world.version = version
        answer = await home.schedule_by_duration(LOCATION, question(direction=Direction.EXPORT))
        assert answer.direction is Direction.EXPORT
    questions(world)
    await home.schedule_by_duration(LOCATION, question(direction=Direction.EXPORT))
    assert questions(world) == 1


async def test_a_refused_version_is_not_asked_for_without_end(home, world) -> None:
    await home.locations()
    world.calls.clear()
    world.faults.add(Fault.VERSION_REFUSED)
    await refusal(FlatpeakVersionError, home.schedule_by_duration(LOCATION, question()))
    assert questions(world) == 2
    assert home.dialects.duration == DurationDialect()
    world.faults.clear()
    assert (await home.schedule_by_duration(LOCATION, question())).slots


@DIALECTS
async def test_who_has_nothing_to_answer_yet_has_understood(home, world, spoken) -> None:
    world.version, world.pending = spoken, True
    await refusal(FlatpeakNotYetError, home.schedule_by_duration(LOCATION, question()))
    questions(world)
    world.pending = False
    assert (await home.schedule_by_duration(LOCATION, question())).slots
    assert questions(world) == 1


async def test_nothing_is_learned_from_an_answer_that_is_none(home, world) -> None:
    world.version = Spoken.BUSBAR_B
    world.faults.add(Fault.NOT_JSON)
    await refusal(FlatpeakResponseError, home.schedule_by_duration(LOCATION, question()))
    assert home.dialects.duration == DurationDialect()


@DIALECTS
async def test_a_location_that_is_not_there_is_not_found(home, world, spoken) -> None:
    world.version = spoken
    await refusal(FlatpeakNotFoundError, home.schedule_by_duration("loc_other", question()))
    assert questions(world) <= 4
    assert (await home.schedule_by_duration(LOCATION, question())).slots


# What a simulator does not say


def too_old(message: str, **headers: str) -> Answer:
    problem = {"object": "error", "code": "api_version_not_supported", "message": message}
    return Answer(problem, 422, headers)


@pytest.mark.parametrize(
    ("refused", "version", "form"),
    [
        pytest.param(
            too_old("Requested API version 2025-09-14.anode older than 2027-01-02.busbar."),
            "2027-01-02.busbar",
            Form.BODY,
            id="the account's, in a sentence",
        ),
        pytest.param(
            too_old("Requested API version 2025-09-14.anode older than account default 2027-01-02"),
            "2027-01-02",
            Form.PATH,
            id="a date alone",
        ),
        pytest.param(
            too_old("2025-09-14.anode is too new, use 2024-08-24"),
            "2024-08-24",
            Form.QUERY,
            id="the date of zero",
        ),
        pytest.param(
            too_old("Use 2024-08-24.zero"), "2024-08-24.zero", Form.QUERY, id="zero by name"
        ),
        pytest.param(
            too_old("older than 2030-01-01.yotta"), "2030-01-01.yotta", Form.BODY, id="a new name"
        ),
        pytest.param(
            too_old("no", **{"flatpeak-version": "2027-01-02.busbar"}),
            "2027-01-02.busbar",
            Form.BODY,
            id="in a header",
        ),
        pytest.param(too_old("no"), None, Form.PATH, id="nowhere: the account's default"),
        pytest.param(
            too_old("no 2025-09-14.anode here", **{"flatpeak-version": "2025-09-14.anode"}),
            None,
            Form.PATH,
            id="the one that is refused: the account's default",
        ),
    ],
)  # fmt: skip
async def test_the_version_is_learned_from_its_refusal(
    client, server, refused, version, form
) -> None:
    server.says(refused, body(hours(22, 23), direction=...))
    await client.schedule_by_duration("loc_1", question())
    assert [asked.version for asked in server.asked] == ["2025-09-14.anode", version]
    assert (client.dialects.duration.version, client.dialects.duration.form) == (version, form)


async def test_an_account_default_that_is_refused_is_an_error(client, server) -> None:
    server.says(too_old("no"))
    err = await refusal(FlatpeakVersionError, client.schedule_by_duration("loc_1", question()))
    assert err.version is None
    client.dialects = Dialects(DurationDialect(None))
    server.asked.clear()
    await refusal(FlatpeakVersionError, client.schedule_by_duration("loc_1", question()))
    assert len(server.asked) == 1


async def test_another_direction_than_the_one_asked_for_is_no_answer(client, server) -> None:
    server.says(body(hours(22, 23), direction="EXPORT"))
    with pytest.raises(FlatpeakResponseError, match="direction"):
        await client.schedule_by_duration("loc_1", question())
    assert [set(asked.body) & {"direction", "tariff_direction"} for asked in server.asked] == [
        {"direction"},
        {"tariff_direction"},
    ]
    assert client.dialects.duration == DurationDialect()


@pytest.mark.parametrize("said", ["direction is unknown", "tariff_direction is required"])
async def test_a_direction_that_is_refused_is_spelled_the_other_way(client, server, said) -> None:
    server.says(Answer({"code": "x", "message": said}, 422), body(hours(22, 23)))
    await client.schedule_by_duration("loc_1", question())
    assert client.dialects.duration.direction_name == "tariff_direction"
    assert len(server.asked) == 2


async def test_a_direction_the_account_does_not_have_is_refused(client, server) -> None:
    said = "Direction LOCAL (beta) is not supported for your account"
    server.says(Answer({"code": "tariff_direction_not_supported", "message": said}, 422))
    asked = question(direction=Direction.LOCAL)
    await refusal(FlatpeakRefusedError, client.schedule_by_duration("loc_1", asked))
    assert len(server.asked) == 1


async def test_ever_newer_versions_are_not_followed_for_ever(client, server) -> None:
    newer = [too_old(f"older than 20{year}-01-01.busbar") for year in range(30, 60)]
    server.says(*newer, body(hours(22, 23)))
    await refusal(FlatpeakVersionError, client.schedule_by_duration("loc_1", question()))


@pytest.mark.parametrize(
    "said", [..., None, "", "SIDEWAYS", 7], ids=["missing", "null", "empty", "new", "a number"]
)
async def test_a_direction_that_is_not_said_is_the_one_asked_for(client, server, said) -> None:
    server.says(body(hours(22, 23), direction=said))
    asked = question(direction=Direction.EXPORT)
    assert (await client.schedule_by_duration("loc_1", asked)).direction is None
    assert len(server.asked) == 1


async def test_login_and_locations_are_asked_for_in_the_account_s_own_version(
    client, server
) -> None:
    server.says({"data": []})
    await client.locations()
    assert [asked.version for asked in server.logins + server.asked] == [None, None]


async def test_a_server_may_look_for_the_address_before_it_looks_at_the_version(
    client, server
) -> None:
    """The path of anode is gone, and the version is only refused where the new one is."""
    not_found = Answer({"message": "Not Found"}, 404)
    refused = too_old("older than account default 2026-03-01.busbar")
    server.says(not_found, refused, body(hours(22, 23), direction=...))
    await client.schedule_by_duration("loc_1", question())
    assert [asked.path for asked in server.asked] == [
        "/schedules/duration/loc_1",
        "/schedules/duration",
        "/schedules/duration",
    ]
    assert server.asked[-1].version == client.dialects.duration.version == "2026-03-01.busbar"


async def test_a_refusal_need_not_say_that_it_is_for_the_direction(client, server) -> None:
    refused = Answer({"object": "error", "code": "validation_error"}, 422)
    server.says(refused, body(hours(22, 23)))
    await client.schedule_by_duration("loc_1", question())
    assert "tariff_direction" in server.asked[-1].body
