"""A schedule by amount in every dialect of the API, and how the dialect is learned."""

import pytest

from custom_components.flatpeak.api import (
    AmountDialect,
    Dialects,
    DurationDialect,
    FlatpeakAuthError,
    FlatpeakNoTariffError,
    FlatpeakNotFoundError,
    FlatpeakNotYetError,
    FlatpeakRefusedError,
    FlatpeakResponseError,
    FlatpeakVersionError,
    Form,
)
from custom_components.flatpeak.api.dialect import ANODE, ZERO
from custom_components.flatpeak.model import Direction

from .conftest import client_of, refusal
from .questions import amounts, body, demand, device, example, hours, order, part, question
from .server import Answer
from .test_errors import GOOD as A_DURATION, REFUSALS

BUSBAR = "2026-03-02.busbar"
GOOD = Answer(amounts(device(part(22, 23))))
NOT_FOUND = Answer({"message": "Not Found"}, 404)
DOCUMENTED = Answer(example("error_422_api_version_not_supported"), 422)


def too_old(message: str, **headers: str) -> Answer:
    problem = {"object": "error", "code": "api_version_not_supported", "message": message}
    return Answer(problem, 422, headers)


def exported(name: str = "EXPORT", **changes) -> Answer:
    """Answer that the car is to export, if the server knows which direction it was asked for."""
    return Answer(amounts(device(part(22, 23), tariff_direction=name, **changes)))


SELL = order(demand(direction=Direction.EXPORT))


async def ask(client, request=None):
    return await client.schedule_by_amount("loc_1", request or order())


def way(server) -> list[tuple[str | None, str]]:
    """Return in which version, and where, the server was asked."""
    return [(asked.version, asked.path) for asked in server.asked]


def directions(server) -> list[str]:
    """Return how the direction was spelled."""
    names = {"direction", "tariff_direction"}
    return [name for asked in server.asked for name in names & set(asked.body["data"][0])]


async def check_remembered(client, server) -> None:
    """Ask once more: the same way, and at once."""
    last = server.asked[-1]
    server.asked.clear()
    server.says(GOOD)
    await ask(client)
    (asked,) = server.asked
    assert (asked.version, asked.path) == (last.version, last.path)
    assert set(asked.body["data"][0]) == set(last.body["data"][0])


# The version


async def test_zero_is_asked_for_first_and_that_is_all(client, server) -> None:
    server.says(GOOD)
    await ask(client)
    assert way(server) == [(ZERO, "/schedules")]
    assert client.dialects == Dialects()


async def test_the_documented_refusal_names_the_version(client, server) -> None:
    server.says(DOCUMENTED, GOOD)
    answer = await ask(client)
    assert way(server) == [
        (ZERO, "/schedules"),
        ("2025-08-01.anode", "/schedules/amount/loc_1"),
    ]
    assert directions(server) == ["direction", "tariff_direction"]
    assert answer.devices[0].device_id == "dev_car"
    assert client.dialects.amount == AmountDialect(
        "2025-08-01.anode", Form.PATH, "tariff_direction"
    )
    await check_remembered(client, server)


async def test_a_new_client_is_told_what_an_old_one_learned(client, server, session) -> None:
    server.says(DOCUMENTED, GOOD)
    await ask(client)
    server.asked.clear()
    new = client_of(session, server.url, dialects=client.dialects)
    await ask(new)
    assert way(server) == [("2025-08-01.anode", "/schedules/amount/loc_1")]


@pytest.mark.parametrize(
    ("refused", "version"),
    [
        pytest.param(
            too_old("Requested API version 2024-08-24.zero older than 2025-09-14.anode."),
            ANODE,
            id="in a sentence",
        ),
        pytest.param(
            too_old("Requested API version 2024-08-24 older than account default 2025-09-14"),
            "2025-09-14",
            id="a date alone",
        ),
        pytest.param(
            too_old("Account default 2025-09-14.anode is newer than requested 2024-08-24"),
            ANODE,
            id="named first",
        ),
        pytest.param(
            too_old("no", **{"flatpeak-version": "2027-01-02.busbar"}),
            "2027-01-02.busbar",
            id="in a header",
        ),
        pytest.param(
            too_old("API version 2024-08-24 is not supported", **{"flatpeak-version": ANODE}),
            ANODE,
            id="in a header, and only the one asked for in the text",
        ),
        pytest.param(too_old("older than 2030-01-01.yotta"), "2030-01-01.yotta", id="a new name"),
        pytest.param(too_old("no"), None, id="nowhere: the account's default"),
        pytest.param(
            too_old("no 2024-08-24.zero here", **{"flatpeak-version": ZERO}),
            None,
            id="the one that is refused: the account's default",
        ),
        pytest.param(
            too_old("API version 2024-08-24 is not supported"),
            None,
            id="the date of the one that is refused: the account's default",
        ),
    ],
)
async def test_the_version_is_learned_from_its_refusal(client, server, refused, version) -> None:
    server.says(refused, GOOD)
    await ask(client)
    assert way(server) == [(ZERO, "/schedules"), (version, "/schedules/amount/loc_1")]
    assert client.dialects.amount == AmountDialect(version, Form.PATH, "tariff_direction")
    await check_remembered(client, server)


async def test_an_account_may_go_back_to_zero(client, server) -> None:
    client.dialects = Dialects(amount=AmountDialect.of(ANODE))
    server.says(too_old("2025-09-14.anode is too new, use 2024-08-24.zero"), GOOD)
    await ask(client)
    assert way(server)[1] == (ZERO, "/schedules")
    assert client.dialects.amount == AmountDialect()


async def test_a_version_that_is_refused_as_well_is_not_followed(client, server) -> None:
    newer = [too_old(f"older than 20{year}-01-01.busbar") for year in range(30, 60)]
    server.says(*newer, GOOD)
    err = await refusal(FlatpeakVersionError, ask(client))
    assert err.version == "2031-01-01.busbar"
    assert len(server.asked) == 2
    assert client.dialects == Dialects()


async def test_an_account_default_that_is_refused_is_an_error(client, server) -> None:
    client.dialects = Dialects(amount=AmountDialect.of(None))
    server.says(too_old("no"))
    await refusal(FlatpeakVersionError, ask(client))
    assert len(server.asked) == 1
    server.says(GOOD)
    assert (await ask(client)).devices


async def test_what_is_learned_by_amount_is_not_learned_by_duration(client, server) -> None:
    server.says(DOCUMENTED, GOOD, A_DURATION)
    await ask(client)
    await client.schedule_by_duration("loc_1", question())
    assert client.dialects.duration == DurationDialect()
    assert way(server)[2] == (ANODE, "/schedules/duration/loc_1")


async def test_what_is_learned_by_duration_is_not_learned_by_amount(client, server) -> None:
    server.says(too_old(f"older than {BUSBAR}"), body(hours(22, 23)), GOOD)
    await client.schedule_by_duration("loc_1", question())
    await ask(client)
    assert client.dialects.duration.version == BUSBAR
    assert client.dialects.amount == AmountDialect()
    assert way(server)[2] == (ZERO, "/schedules")


# The place


@pytest.mark.parametrize("status", [404, 405])
async def test_what_is_not_found_in_zero_is_looked_for_in_anode(client, server, status) -> None:
    server.says(Answer({"message": "No"}, status), GOOD)
    await ask(client)
    assert [path for _, path in way(server)] == ["/schedules", "/schedules/amount/loc_1"]
    assert client.dialects.amount == AmountDialect(way(server)[1][0], Form.PATH, "tariff_direction")
    await check_remembered(client, server)


async def test_a_newer_version_may_have_moved_the_location_to_the_body(client, server) -> None:
    server.says(too_old(f"older than {BUSBAR}"), NOT_FOUND, GOOD)
    await ask(client)
    assert way(server) == [
        (ZERO, "/schedules"),
        (BUSBAR, "/schedules/amount/loc_1"),
        (BUSBAR, "/schedules/amount"),
    ]
    assert server.asked[-1].body["location_id"] == "loc_1"
    assert client.dialects.amount == AmountDialect(BUSBAR, Form.BODY, "tariff_direction")
    await check_remembered(client, server)


async def test_and_back_to_the_path(client, server) -> None:
    client.dialects = Dialects(amount=AmountDialect(BUSBAR, Form.BODY, "tariff_direction"))
    server.says(NOT_FOUND, GOOD)
    await ask(client)
    assert way(server)[1] == (BUSBAR, "/schedules/amount/loc_1")
    await check_remembered(client, server)


async def test_a_version_without_schedules_by_amount(client, server) -> None:
    """Busbar documents none."""
    server.says(too_old(f"older than {BUSBAR}"), NOT_FOUND)
    await refusal(FlatpeakNotFoundError, ask(client))
    assert way(server) == [
        (ZERO, "/schedules"),
        (BUSBAR, "/schedules/amount/loc_1"),
        (BUSBAR, "/schedules/amount"),
    ]
    assert client.dialects == Dialects()
    server.says(GOOD)
    assert (await ask(client)).devices


async def test_what_is_found_nowhere(client, server) -> None:
    server.says(NOT_FOUND)
    await refusal(FlatpeakNotFoundError, ask(client))
    assert [path for _, path in way(server)] == [
        "/schedules",
        "/schedules/amount/loc_1",
        "/schedules/amount",
    ]
    assert client.dialects == Dialects()
    server.says(GOOD)
    assert (await ask(client)).devices


async def test_a_server_may_look_for_the_address_before_it_looks_at_the_version(
    client, server
) -> None:
    """The path of zero is gone, and the version is only refused where the new one is."""

    async def strict(request):
        version = request.headers.get("Flatpeak-Version", BUSBAR)
        if request.path == "/schedules":
            return await NOT_FOUND(request)
        refused = too_old(f"older than account default {BUSBAR}")
        return await (GOOD if version >= BUSBAR else refused)(request)

    server.says(strict)
    await ask(client)
    assert len(server.asked) <= 3
    assert server.asked[-1].path == "/schedules/amount/loc_1"
    server.asked.clear()
    await ask(client)
    assert len(server.asked) == 1


# The spelling of the direction


async def test_a_direction_that_was_not_read_is_spelled_the_other_way(client, server) -> None:
    """A server that does not know the name takes it for an import."""
    client.dialects = Dialects(amount=AmountDialect.of(ANODE))
    server.says(exported("IMPORT"), exported())
    answer = await ask(client, SELL)
    assert directions(server) == ["tariff_direction", "direction"]
    assert answer.devices[0].direction is Direction.EXPORT
    assert client.dialects.amount == AmountDialect(ANODE, Form.PATH, "direction")
    server.asked.clear()
    await ask(client, SELL)
    assert directions(server) == ["direction"]


async def test_a_direction_may_be_spelled_anew_again(client, server) -> None:
    client.dialects = Dialects(amount=AmountDialect(ANODE, Form.PATH, "direction"))
    server.says(exported("IMPORT"), exported())
    await ask(client, SELL)
    assert client.dialects.amount == AmountDialect.of(ANODE)


async def test_the_other_direction_in_both_spellings_is_no_answer(client, server) -> None:
    server.says(exported("IMPORT"))
    err = await refusal(FlatpeakResponseError, ask(client, SELL))
    assert str(err) == "direction is not the one asked for"
    assert directions(server) == ["direction", "tariff_direction"]
    assert client.dialects == Dialects()
    server.says(exported())
    assert (await ask(client, SELL)).devices


async def test_each_device_has_its_own_direction(client, server) -> None:
    both = order(demand(), demand("dev_battery", direction=Direction.EXPORT))
    car = device(part(22, 23))
    wrong, right = (
        device(part(21, 22), device_id="dev_battery", **said)
        for said in ({}, {"tariff_direction": "EXPORT"})
    )
    server.says(amounts(car, wrong), amounts(right, car))
    answer = await ask(client, both)
    assert [one.direction for one in answer.devices] == [Direction.EXPORT, Direction.IMPORT]
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "said", [..., None, "", "SIDEWAYS", 7], ids=["missing", "null", "empty", "new", "a number"]
)
async def test_a_direction_that_is_not_said_is_the_one_asked_for(client, server, said) -> None:
    server.says(exported(said))
    answer = await ask(client, SELL)
    assert answer.devices[0].direction is None
    assert len(server.asked) == 1


async def test_a_device_nobody_asked_about_may_go_any_way(client, server) -> None:
    server.says(exported(device_id="dev_other"))
    answer = await ask(client)
    assert [one.device_id for one in answer.devices] == ["dev_other"]
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "refused",
    [
        Answer({"code": "data_direction_missing", "message": "data[0].direction is required"}, 422),
        Answer({"object": "error", "code": "validation_error"}, 422),
        Answer({"message": "Unknown field"}, 400),
    ],
)
async def test_a_refusal_may_be_for_the_spelling(client, server, refused) -> None:
    server.says(refused, GOOD)
    await ask(client)
    assert directions(server) == ["direction", "tariff_direction"]
    await check_remembered(client, server)


async def test_a_refusal_that_stays_is_the_answer(client, server) -> None:
    server.says(Answer({"message": "max_power is too much"}, 422))
    err = await refusal(FlatpeakRefusedError, ask(client))
    assert str(err) == "max_power is too much"
    assert len(server.asked) == 2
    server.says(GOOD)
    assert (await ask(client)).devices


async def test_a_direction_the_account_does_not_have_is_refused(client, server) -> None:
    said = "Direction LOCAL (beta) is not supported for your account"
    server.says(Answer({"code": "tariff_direction_not_supported", "message": said}, 422))
    await refusal(FlatpeakRefusedError, ask(client))
    assert len(server.asked) == 1


def no_tariff(direction: str) -> Answer:
    message = f"No tariff connected for {direction} direction"
    return Answer({"object": "error", "code": "no_tariff_connected", "message": message}, 422)


async def test_no_tariff_for_a_direction_that_nobody_asked_about(client, server) -> None:
    """The server took it for an import."""
    server.says(no_tariff("IMPORT"), exported())
    await ask(client, SELL)
    assert directions(server) == ["direction", "tariff_direction"]
    server.asked.clear()
    await ask(client, SELL)
    assert directions(server) == ["tariff_direction"]


@pytest.mark.parametrize(
    ("request_", "direction"),
    [
        pytest.param(SELL, "EXPORT", id="sold"),
        pytest.param(order(), "IMPORT", id="bought"),
        pytest.param(
            order(demand(), demand("dev_2", direction=Direction.EXPORT)), "IMPORT", id="both"
        ),
    ],
)
async def test_no_tariff_for_the_direction_asked_about(client, server, request_, direction) -> None:
    server.says(no_tariff(direction))
    err = await refusal(FlatpeakNoTariffError, ask(client, request_))
    assert direction in str(err)
    assert len(server.asked) == 1
    assert client.dialects == Dialects()


async def test_no_tariff_in_either_spelling(client, server) -> None:
    server.says(no_tariff("IMPORT"))
    err = await refusal(FlatpeakNoTariffError, ask(client, SELL))
    assert str(err) == "No tariff connected for IMPORT direction"
    assert directions(server) == ["direction", "tariff_direction"]
    assert client.dialects == Dialects()
    server.says(exported())
    assert (await ask(client, SELL)).devices


async def test_no_tariff_is_the_reason_where_the_other_spelling_is_refused(client, server) -> None:
    server.says(no_tariff("IMPORT"), Answer({"message": "Unknown field"}, 422))
    err = await refusal(FlatpeakNoTariffError, ask(client, SELL))
    assert str(err) == "No tariff connected for IMPORT direction"
    assert len(server.asked) == 2


async def test_no_tariff_for_what_was_asked_is_learned_in_the_other_spelling(
    client, server
) -> None:
    server.says(no_tariff("IMPORT"), no_tariff("EXPORT"))
    err = await refusal(FlatpeakNoTariffError, ask(client, SELL))
    assert str(err) == "No tariff connected for EXPORT direction"
    assert client.dialects.amount.direction_name == "tariff_direction"


@pytest.mark.parametrize(
    "message",
    [
        "No tariff connected for IMPORT or EXPORT direction",
        "IMPORTANT: no tariff connected for the direction",
        "No tariff connected",
    ],
)
async def test_no_tariff_for_nothing_or_all_is_no_misunderstanding(client, server, message) -> None:
    server.says(Answer({"code": "no_tariff_connected", "message": message}, 422))
    await refusal(FlatpeakNoTariffError, ask(client, SELL))
    assert len(server.asked) == 1


# All three at once, and none


async def test_version_place_and_spelling_are_learned_in_one_go(client, server) -> None:
    unread = exported("IMPORT")
    server.says(too_old(f"older than {BUSBAR}"), NOT_FOUND, unread, exported())
    await ask(client, SELL)
    assert client.dialects.amount == AmountDialect(BUSBAR, Form.BODY, "direction")
    assert len(server.asked) == 4
    server.asked.clear()
    await ask(client, SELL)
    assert len(server.asked) == 1


@pytest.mark.parametrize(("answer", "kind", "said"), REFUSALS.values(), ids=REFUSALS)
async def test_every_refusal_has_its_error_and_teaches_nothing(
    client, server, answer, kind, said
) -> None:
    server.says(answer)
    err = await refusal(kind, ask(client))
    assert str(err).startswith(said)
    assert client.dialects == Dialects()
    most = {FlatpeakNotFoundError: 3, FlatpeakRefusedError: 2, FlatpeakVersionError: 2}
    # a token that is refused is replaced, and the question asked once more
    most |= {FlatpeakAuthError: 2}
    assert len(server.asked) == most.get(kind, 1)
    server.says(GOOD)
    assert (await ask(client)).devices


@pytest.mark.parametrize("code", ["no_price_data", "no_tariff_connected", "pending_connect"])
async def test_who_has_nothing_to_answer_yet_has_understood(client, server, code) -> None:
    """Nobody has to find out how to ask once more while waiting for prices."""
    server.says(DOCUMENTED, NOT_FOUND, Answer({"object": "error", "code": code}, 422))
    await refusal(FlatpeakNotYetError, ask(client))
    assert len(server.asked) == 3
    await check_remembered(client, server)


async def test_an_answer_that_is_not_understood_teaches_nothing(client, server) -> None:
    server.says(amounts(device(part(22, 23, "much"))))
    await refusal(FlatpeakResponseError, ask(client))
    assert len(server.asked) == 1
    assert client.dialects == Dialects()
