"""One token for its lifetime, and one login at a time."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from custom_components.flatpeak.api import (
    FlatpeakAuthError,
    FlatpeakConnectionError,
    FlatpeakResponseError,
)
from custom_components.flatpeak.api.wire import Token

from .conftest import client_of, refusal
from .server import ACCOUNT, KEY, Answer, token

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)

NO_LOCATIONS = Answer({"data": []})
REFUSED = [Answer({"message": "Bad credentials"}, 403), Answer({"code": "access_denied"}, 401)]


@pytest.fixture(autouse=True)
def _nothing(server) -> None:
    server.says(NO_LOCATIONS)


def gives(**said) -> Answer:
    return Answer({"bearer_token": "secret-1"} | said)


async def test_logs_in_with_the_account_and_its_key(client, server) -> None:
    await client.locations()
    (login,) = server.logins
    assert (login.method, login.body) == ("GET", None)
    assert login.authorization == aiohttp.encode_basic_auth(ACCOUNT, KEY)
    (asked,) = server.asked
    assert asked.authorization == "Bearer secret-1"
    assert asked.headers["Accept"] == "application/json"


async def test_nothing_is_asked_before_it_is_needed(client, server) -> None:
    assert not server.logins


@pytest.mark.parametrize(
    ("said", "life"),
    [
        pytest.param({"expires_in": 3600}, 55 * MINUTE, id="an hour: five minutes early"),
        pytest.param({"expires_in": "3600"}, 55 * MINUTE, id="in quotes"),
        pytest.param({"expires_in": 3600.0}, 55 * MINUTE, id="with a point"),
        pytest.param({"expires_in": 86400}, 1435 * MINUTE, id="a day: five minutes early"),
        pytest.param({"expires_in": 600}, 9 * MINUTE, id="ten minutes: a tenth early"),
        pytest.param({"expires_in": 10}, 9 * SECOND, id="ten seconds"),
        pytest.param({}, 25 * MINUTE, id="not said: less than half an hour"),
        pytest.param({"expires_in": None}, 25 * MINUTE, id="null"),
        pytest.param({"expires_in": 0}, 25 * MINUTE, id="none at all"),
        pytest.param({"expires_in": -60}, 25 * MINUTE, id="less than none"),
        pytest.param({"expires_in": 1e18}, 3650 * 1440 * MINUTE - 5 * MINUTE, id="for ever"),
    ],
)
async def test_a_token_is_kept_for_its_life(client, server, freezer, said, life) -> None:
    server.login = gives(**said)
    await client.locations()
    freezer.tick(life - SECOND)
    await client.locations()
    assert len(server.logins) == 1
    freezer.tick(SECOND)
    await client.locations()
    assert len(server.logins) == 2


@pytest.mark.parametrize(
    "said",
    [
        {"bearer_token": "secret-9"},
        {"bearer": "secret-9"},
        {"token": "secret-9"},
        {"bearer_token": "secret-9", "token": "secret-8"},
        {"bearer_token": None, "bearer": "", "token": "secret-9"},
    ],
    ids=["bearer_token", "bearer", "token", "two of them", "null and empty"],
)
async def test_every_spelling_of_the_token(client, server, said) -> None:
    server.login = Answer(said)
    await client.locations()
    assert server.asked[0].authorization == "Bearer secret-9"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        pytest.param({}, "bearer_token", id="none"),
        pytest.param({"bearer_token": 7}, "bearer_token", id="a number"),
        pytest.param({"bearer_token": ""}, "bearer_token", id="empty"),
        pytest.param({"bearer_token": "secret", "expires_in": "soon"}, "expires_in", id="its life"),
        pytest.param({"bearer_token": "secret", "expires_in": []}, "expires_in", id="a list"),
        pytest.param(["secret"], "JSON object", id="no object"),
        pytest.param(b"<html>secret</html>", "JSON", id="no JSON"),
    ],
)
async def test_a_login_that_is_not_understood(client, server, said, field) -> None:
    server.login = Answer(said)
    err = await refusal(FlatpeakResponseError, client.locations())
    assert field in str(err)
    assert not server.asked
    server.login = None
    await client.locations()


@pytest.mark.parametrize("unsendable", ["secret\nX-Other: 1", "secret\r", "secret\0"])
async def test_a_token_that_cannot_be_sent_is_not_sent(client, server, unsendable) -> None:
    server.login = gives(bearer_token=unsendable)
    await refusal(FlatpeakConnectionError, client.locations())
    assert not server.asked


@pytest.mark.parametrize("refused", REFUSED, ids=[403, 401])
async def test_a_refused_token_is_renewed_once(client, server, refused) -> None:
    server.says(NO_LOCATIONS, refused, NO_LOCATIONS)
    await client.locations()
    await client.locations()
    assert [asked.authorization for asked in server.asked] == [
        *("Bearer secret-1", "Bearer secret-1", "Bearer secret-2"),
    ]
    await client.locations()
    assert len(server.logins) == 2


@pytest.mark.parametrize("refused", REFUSED, ids=[403, 401])
async def test_a_fresh_token_that_is_refused_is_an_error(client, server, refused) -> None:
    server.says(refused)
    await refusal(FlatpeakAuthError, client.locations())
    assert (len(server.asked), len(server.logins)) == (2, 2)
    server.says(NO_LOCATIONS)
    await client.locations()


@pytest.mark.parametrize("refused", REFUSED, ids=[403, 401])
async def test_a_refused_login_is_an_error(client, server, refused) -> None:
    server.login = refused
    await refusal(FlatpeakAuthError, client.locations())
    assert (len(server.asked), len(server.logins)) == (0, 1)
    server.login = None
    await client.locations()


async def test_a_login_refused_in_the_middle_is_an_error(client, server) -> None:
    await client.locations()
    server.login = REFUSED[0]
    server.says(REFUSED[1])
    await refusal(FlatpeakAuthError, client.locations())
    assert len(server.logins) == 2
    # the token that was refused is not used again
    server.asked.clear()
    await refusal(FlatpeakAuthError, client.locations())
    assert not server.asked


async def test_a_login_that_failed_is_tried_again_by_the_next_call(client, server) -> None:
    server.login = Answer({"message": "Internal Server Error"}, 500)
    await refusal(FlatpeakConnectionError, client.locations())
    server.login = None
    await client.locations()
    assert len(server.logins) == 2


async def test_ten_calls_at_once_log_in_once(client, server) -> None:
    at_once = most = 0

    async def slowly(request):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.02)
        at_once -= 1
        return await (await token(len(server.logins)))(request)

    server.login = slowly
    await asyncio.gather(*(client.locations() for _ in range(10)))
    assert (most, len(server.logins), len(server.asked)) == (1, 1, 10)


async def test_ten_calls_refused_at_once_log_in_once_more(client, server) -> None:
    await client.locations()
    server.asked.clear()

    async def only_the_second_token(request):
        await asyncio.sleep(0.02)
        good = request.headers["Authorization"] == "Bearer secret-2"
        return await (NO_LOCATIONS if good else REFUSED[0])(request)

    server.says(only_the_second_token)
    await asyncio.gather(*(client.locations() for _ in range(10)))
    assert len(server.logins) == 2
    assert len(server.asked) == 20


async def test_a_call_that_is_given_up_leaves_the_way_free(client, server) -> None:
    async def never(request):
        await asyncio.sleep(5)

    server.login = never
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.locations(), 0.05)
    server.login = None
    await client.locations()


async def test_an_account_with_a_colon_cannot_log_in(session, server) -> None:
    wrong = client_of(session, server.url, account_id="acc:1")
    await refusal(FlatpeakAuthError, wrong.locations())
    assert not server.logins


def test_a_token_is_not_printed() -> None:
    assert "secret" not in f"{Token('secret-1', 3600)} {Token('secret-1', None)!r}"


async def test_who_waits_for_a_login_that_fails_does_not_try_again(client, server) -> None:
    """Ten calls at once with a wrong key are one refused login."""
    server.login = Answer({"message": "Bad credentials"}, 403)
    results = await asyncio.gather(*(client.locations() for _ in range(10)), return_exceptions=True)
    assert {type(result) for result in results} == {FlatpeakAuthError}
    assert len(server.logins) == 1
    # who comes later may try
    server.login = None
    server.says({"data": []})
    assert await client.locations() == ()
