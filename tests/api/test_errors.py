"""Everything that can go wrong, and the one error it is. No text of it betrays a secret."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
import json

from aiohttp import ClientTimeout, web
import pytest

from custom_components.flatpeak.api import (
    FlatpeakAccountDisabledError,
    FlatpeakAuthError,
    FlatpeakConnectionError,
    FlatpeakError,
    FlatpeakNoTariffError,
    FlatpeakNotFoundError,
    FlatpeakNotYetError,
    FlatpeakRateLimitError,
    FlatpeakRefusedError,
    FlatpeakResponseError,
    FlatpeakVersionError,
    client as module,
)

from .conftest import client_of, refusal
from .questions import body, example, hours, question
from .server import KEY, Answer, Server, cut_off, hang_up, redirect, say_nothing

GOOD = Answer(body(hours(22, 23)))


def problem(code: str, message: str = "So it is", status: int = 422) -> Answer:
    return Answer({"object": "error", "type": "x", "code": code, "message": message}, status)


def message(text: str, status: int) -> Answer:
    return Answer({"message": text}, status)


# Refusals

REFUSALS = {
    "400": (message("Bad request", 400), FlatpeakRefusedError, "Bad request"),
    "401": (message("Unauthorized", 401), FlatpeakAuthError, "Unauthorized"),
    "402": (message("Pay first", 402), FlatpeakRefusedError, "Pay first"),
    "403": (message("Bad credentials", 403), FlatpeakAuthError, "Bad credentials"),
    "403, no message": (problem("access_denied", "", 403), FlatpeakAuthError, "access_denied"),
    "404": (message("Not Found", 404), FlatpeakNotFoundError, "Not Found"),
    "405": (message("No", 405), FlatpeakNotFoundError, "No"),
    "409": (message("Conflict", 409), FlatpeakRefusedError, "Conflict"),
    "418": (Answer(b"", 418), FlatpeakRefusedError, "HTTP status 418"),
    "422": (message("Not so", 422), FlatpeakRefusedError, "Not so"),
    "422, new code": (problem("duration_invalid"), FlatpeakRefusedError, "So it is"),
    "422, Connect works": (
        message("Connect is processing link to tariff source.", 422),
        FlatpeakNotYetError,
        "Connect is processing link to tariff source.",
    ),
    "429": (message("Slow", 429), FlatpeakRateLimitError, "Slow"),
    "500": (message("Internal Server Error", 500), FlatpeakConnectionError, "Internal"),
    "500, an object": (problem("x", "", 500), FlatpeakConnectionError, "x"),
    "502, a page": (
        Answer(b"<html>Bad gateway</html>", 502),
        FlatpeakConnectionError,
        "HTTP status 502",
    ),
    "503, nothing": (Answer(b"", 503), FlatpeakConnectionError, "HTTP status 503"),
    "no_tariff_connected": (problem("no_tariff_connected"), FlatpeakNoTariffError, "So it is"),
    "pending_connect": (problem("pending_connect"), FlatpeakNotYetError, "So it is"),
    "no_price_data": (problem("no_price_data", ""), FlatpeakNotYetError, "no_price_data"),
    "account_disabled": (problem("account_disabled"), FlatpeakAccountDisabledError, "So it is"),
    "account_disabled, 403": (
        problem("account_disabled", status=403),
        FlatpeakAccountDisabledError,
        "So it is",
    ),
    "no_price_data, 500": (problem("no_price_data", status=500), FlatpeakNotYetError, "So it is"),
    "odd code": (Answer({"code": 7, "message": ["x"]}, 422), FlatpeakRefusedError, "HTTP status"),
    "a list": (Answer([], 422), FlatpeakRefusedError, "HTTP status 422"),
    "not JSON": (Answer(b"no", 422), FlatpeakRefusedError, "HTTP status 422"),
    **{
        name: (Answer(example(name), status), kind, said)
        for name, status, kind, said in (
            ("error_403_message", 403, FlatpeakAuthError, "Bad credentials"),
            ("error_403_object", 403, FlatpeakAuthError, "access_denied"),
            ("error_422_account_disabled", 422, FlatpeakAccountDisabledError, "Your account is"),
            ("error_422_no_price_data", 422, FlatpeakNotYetError, "no_price_data"),
            ("error_422_no_tariff_connected", 422, FlatpeakNoTariffError, "No tariff connected"),
            ("error_422_pending_connect", 422, FlatpeakNotYetError, "Connect is processing"),
            ("error_429", 429, FlatpeakRateLimitError, "Too many requests."),
            ("error_500_message", 500, FlatpeakConnectionError, "Internal Server Error"),
            ("error_422_api_version_not_supported", 422, FlatpeakVersionError, "Requested API"),
        )
    },
}


@pytest.mark.parametrize(("answer", "kind", "said"), REFUSALS.values(), ids=REFUSALS)
async def test_every_refusal_has_its_error(client, server, answer, kind, said) -> None:
    server.says(answer)
    err = await refusal(kind, client.schedule_by_duration("loc_1", question()))
    assert str(err).startswith(said)
    assert err.retry_after is None
    server.says(GOOD)
    assert (await client.schedule_by_duration("loc_1", question())).slots


@pytest.mark.parametrize(
    ("answer", "kind", "said"), list(REFUSALS.values())[6:], ids=list(REFUSALS)[6:]
)
async def test_a_login_is_refused_in_the_same_words(client, server, answer, kind, said) -> None:
    server.login = answer
    err = await refusal(kind, client.location("loc_1"))
    assert str(err).startswith(said)
    assert not server.asked


async def test_the_version_of_a_refusal_is_kept(client, server) -> None:
    server.says(Answer(example("error_422_api_version_not_supported"), 422))
    err = await refusal(FlatpeakVersionError, client.location("loc_1"))
    assert err.version == "2025-08-01.anode"


def test_all_errors_are_of_one_family() -> None:
    """Whoever catches the family, or a branch of it, catches these."""
    kinds = {kind for _, kind, _ in REFUSALS.values()} | {FlatpeakResponseError}
    assert all(issubclass(kind, FlatpeakError) for kind in kinds)
    assert issubclass(FlatpeakNoTariffError, FlatpeakNotYetError)
    assert issubclass(FlatpeakNotFoundError, FlatpeakRefusedError)
    assert issubclass(FlatpeakRefusedError, FlatpeakResponseError)
    assert not issubclass(FlatpeakAuthError, FlatpeakResponseError)


# How long to wait

NOW = datetime(2026, 1, 15, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        pytest.param("120", 120, id="seconds"),
        pytest.param("0", 0, id="no seconds"),
        pytest.param("1.5", 1.5, id="a second and a half"),
        pytest.param(" 7 ", 7, id="blanks"),
        pytest.param(format_datetime(NOW + timedelta(hours=1), usegmt=True), 3600, id="a date"),
        pytest.param("Thu, 15 Jan 2026 23:30:00 +0100", 1800, id="a date with an offset"),
        pytest.param("Thu, 15 Jan 2026 22:10:00 -0000", 600, id="a date without a zone"),
        pytest.param(format_datetime(NOW - timedelta(hours=1), usegmt=True), None, id="past"),
        *[
            pytest.param(odd, None, id=f"garbage: {odd}")
            for odd in ("-5", "soon", "", "nan", "inf", "1e999", "12 minutes", "0x10")
        ],
        pytest.param("Thu, 99 Jan 2026 22:10:00 GMT", None, id="no such day"),
        pytest.param("Thu, 15 Jan 99999 22:10:00 GMT", None, id="no such year"),
        pytest.param("Thu, 15 Jan 2026 22:10:00 +9999", None, id="no such offset"),
    ],
)
async def test_retry_after_in_every_spelling(client, server, freezer, said, seconds) -> None:
    freezer.move_to(NOW)
    server.says(Answer(example("error_429"), 429, {"Retry-After": said}))
    err = await refusal(FlatpeakRateLimitError, client.location("loc_1"))
    assert err.retry_after == seconds


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(message("", 503), FlatpeakConnectionError), (problem("no_price_data"), FlatpeakNotYetError)],
    ids=["503", "not yet"],
)
async def test_any_refusal_may_say_how_long_to_wait(client, server, answer, kind) -> None:
    answer.headers["Retry-After"] = "900"
    server.says(answer)
    assert (await refusal(kind, client.location("loc_1"))).retry_after == 900


# No answer at all


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Wait a second for an answer: a busy machine takes its time for a good one."""
    monkeypatch.setattr(module, "_TIMEOUT", ClientTimeout(total=1))


async def test_nobody_listens(session) -> None:
    async with Server() as server:
        url = server.url
    await refusal(FlatpeakConnectionError, client_of(session, url).locations())


async def test_there_is_no_such_name(session) -> None:
    err = await refusal(
        FlatpeakConnectionError, client_of(session, "http://nowhere.invalid").locations()
    )
    assert "nowhere.invalid" in str(err)


@pytest.mark.parametrize(
    "url", ["nowhere", "ftp://127.0.0.1", "http://", "http://[", "", "http://a:b"]
)
async def test_the_address_is_none(session, url) -> None:
    await refusal(FlatpeakConnectionError, client_of(session, url).locations())


@pytest.mark.parametrize("answer", [hang_up, cut_off, say_nothing])
async def test_the_answer_does_not_arrive(client, server, answer, impatient) -> None:
    server.says(answer)
    await refusal(FlatpeakConnectionError, client.schedule_by_duration("loc_1", question()))
    server.says(GOOD)
    assert (await client.schedule_by_duration("loc_1", question())).slots


@pytest.mark.parametrize("answer", [hang_up, cut_off, say_nothing])
async def test_the_answer_to_a_login_does_not_arrive(client, server, answer, impatient) -> None:
    server.login = answer
    await refusal(FlatpeakConnectionError, client.locations())
    server.login, server.answers = None, [Answer({"data": []})]
    assert await client.locations() == ()


async def test_an_answer_that_takes_too_long_says_so(client, server, impatient) -> None:
    server.says(say_nothing)
    err = await refusal(FlatpeakConnectionError, client.location("loc_1"))
    assert str(err) == "no answer in time"


async def test_the_other_side_does_not_speak_tls(session, server) -> None:
    url = server.url.replace("http:", "https:")
    await refusal(FlatpeakConnectionError, client_of(session, url).locations())
    assert not server.logins


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param(b"<html>Welcome to the gateway</html>", "not JSON", id="a page"),
        pytest.param(b"", "not JSON", id="nothing"),
        pytest.param(b"\xff\xfe\xfd", "not JSON", id="no text"),
        pytest.param(b'{"data": [', "not JSON", id="a part"),
        pytest.param(b"[]", "JSON object", id="a list"),
        pytest.param(b"null", "JSON object", id="null"),
        pytest.param(b"7", "JSON object", id="a number"),
        pytest.param(b'"bearer"', "JSON object", id="a text"),
    ],
)
async def test_the_answer_is_no_json_object(client, server, said, reason) -> None:
    server.says(Answer(said))
    err = await refusal(FlatpeakResponseError, client.schedule_by_duration("loc_1", question()))
    assert reason in str(err)


async def test_the_kind_of_content_does_not_matter(client, server) -> None:
    said = json.dumps(body(hours(22, 23))).encode()
    server.says(Answer(said, 201, {"Content-Type": "text/plain; charset=latin-1"}))
    assert (await client.schedule_by_duration("loc_1", question())).slots


# Redirections


async def test_a_redirection_on_the_same_host_is_followed(client, server) -> None:
    server.says(redirect("/v2/schedules"), GOOD)
    assert (await client.schedule_by_duration("loc_1", question())).slots
    first, second = server.asked
    assert (second.method, second.path) == ("POST", "/v2/schedules")
    assert second.authorization == first.authorization == "Bearer secret-1"
    assert second.body == first.body


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_another_host_never_sees_the_token(client, server, status) -> None:
    async with Server() as other:
        other.says({"data": []})
        server.says(redirect(f"{other.url}/locations", status))
        assert await client.locations() == ()
        assert [asked.authorization for asked in other.asked] == [None]
        assert "secret" not in repr(other.asked)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_another_host_never_sees_the_key(client, server, status) -> None:
    async with Server() as other:
        server.login = redirect(f"{other.url}/login", status)
        server.says({"data": []})
        assert await client.locations() == ()
        assert [asked.authorization for asked in other.logins] == [None]


@pytest.mark.parametrize("login", [True, False])
async def test_a_redirection_in_a_circle_ends(client, server, login) -> None:
    if login:
        server.login = redirect("/login")
    else:
        server.says(redirect("/locations"))
    await refusal(FlatpeakConnectionError, client.locations())
    assert len(server.asked if not login else server.logins) <= 4


async def test_a_redirection_to_nowhere_ends(client, server) -> None:
    for target in ("http://", "ftp://127.0.0.1/", "//"):
        server.says(redirect(target))
        await refusal(FlatpeakConnectionError, client.locations())


async def test_a_server_that_quotes_secrets_is_not_quoted(client, server) -> None:
    async def echo(request: web.Request) -> web.Response:
        said = f"refused: {request.headers['Authorization']} {KEY} " + "long " * 1000
        return web.json_response({"code": "odd", "message": said}, status=422)

    server.says(echo)
    err = await refusal(FlatpeakRefusedError, client.locations())
    assert "refused: Bearer *** ***" in str(err)
    assert len(str(err)) <= 300
