"""Login, tokens, versions, a disabled account, unknown paths."""

from datetime import timedelta

from aiohttp import encode_basic_auth
import pytest

from simulator import Dialect

from .conftest import MORNING, example


async def test_login(stranger) -> None:
    answer = await stranger.login()
    assert answer.status == 200
    assert answer.body.keys() == example("login_200").keys()
    assert answer.body["expires_in"] == 3600
    assert answer.headers["Flatpeak-Version"] == "2025-09-14.anode"


@pytest.mark.parametrize(("key", "live"), [("sk_test_1", False), ("sk_live_1", True)])
async def test_the_key_says_which_mode(stranger, world, key, live) -> None:
    world.key = key
    assert (await stranger.login()).body["live_mode"] is live


@pytest.mark.parametrize(
    "credentials",
    [
        {"account": "acc_other"},
        {"key": "sk_test_other"},
    ],
)
async def test_wrong_credentials(stranger, credentials) -> None:
    answer = await stranger.login(**credentials)
    assert (answer.status, answer.body) == (403, example("error_403_message"))


@pytest.mark.parametrize("header", ["Basic", "Basic ####", "Basic bm9jb2xvbg==", "Bearer x", ""])
async def test_no_credentials(stranger, header) -> None:
    answer = await stranger.get("/login", headers={"Authorization": header} if header else {})
    assert (answer.status, answer.body) == (403, example("error_403_message"))


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic {token}", "{token}", ""])
@pytest.mark.parametrize("path", ["/locations", "/locations/loc_1", "/locations/loc_1/status"])
async def test_wrong_token(stranger, path, header) -> None:
    token = (await stranger.login()).body["bearer_token"]
    stranger.headers = {"Authorization": header.format(token=token)} if header else {}
    answer = await stranger.get(path)
    assert answer.status == 403
    assert answer.body.keys() == example("error_403_object").keys()
    assert answer.body["code"] == "access_denied"


async def test_wrong_token_in_zero(stranger, world) -> None:
    world.version = Dialect.ZERO
    answer = await stranger.get("/locations")
    assert (answer.status, answer.body) == (403, example("error_403_message"))


async def test_token_expires_and_is_renewed(stranger, freezer) -> None:
    freezer.move_to(MORNING)
    await stranger.login()
    freezer.tick(timedelta(seconds=3599))
    assert (await stranger.get("/locations")).status == 200
    freezer.tick(timedelta(seconds=1))
    assert (await stranger.get("/locations")).status == 403
    await stranger.login()
    assert (await stranger.get("/locations")).status == 200


async def test_token_lifetime(stranger, world, freezer) -> None:
    freezer.move_to(MORNING)
    world.token_lifetime = timedelta(seconds=90)
    assert (await stranger.login()).body["expires_in"] == 90
    freezer.tick(timedelta(seconds=90))
    assert (await stranger.get("/locations")).status == 403


async def test_two_tokens_count_at_once(client) -> None:
    first = client.headers
    await client.login()
    assert first != client.headers
    assert (await client.get("/locations", headers=first)).status == 200


async def test_a_changed_key_ends_its_tokens(client, world) -> None:
    world.key = "sk_test_new"
    assert (await client.get("/locations")).status == 403
    await client.login()
    assert (await client.get("/locations")).status == 200


async def test_disabled_account(client, world) -> None:
    world.account_disabled = True
    for answer in (await client.login(), await client.get("/locations"), await client.ask()):
        assert answer.status == 422
        assert answer.body.keys() == example("error_422_account_disabled").keys()
        assert answer.body["code"] == "account_disabled"
    world.account_disabled = False
    assert (await client.ask()).status == 200


@pytest.mark.parametrize("path", ["/login", "/locations", "/locations/loc_1"])
async def test_older_version_is_refused(client, path) -> None:
    if path == "/login":
        await client.login()
        headers = {"Authorization": _basic(client)}
    else:
        headers = {}
    answer = await client.get(path, headers=headers | {"Flatpeak-Version": "2024-08-24.zero"})
    assert answer.status == 422
    assert answer.body.keys() == example("error_422_api_version_not_supported").keys()
    assert answer.body["message"] == (
        "Requested API version 2024-08-24.zero older than account default 2025-09-14.anode"
    )
    assert answer.headers["Flatpeak-Version"] == "2025-09-14.anode"


def _basic(client) -> str:
    return encode_basic_auth(client.simulator.world.account, client.simulator.world.key)


@pytest.mark.parametrize("version", ["2025-09-14.anode", "2025-09-14", "2026-03-02.busbar"])
async def test_same_or_newer_version_is_taken(client, version) -> None:
    answer = await client.get("/locations", headers={"Flatpeak-Version": version})
    assert answer.status == 200
    assert answer.headers["Flatpeak-Version"] == "2025-09-14.anode"


async def test_version_that_is_none(client) -> None:
    answer = await client.get("/locations", headers={"Flatpeak-Version": "anode"})
    assert (answer.status, answer.body["code"]) == (422, "api_version_not_supported")


async def test_raising_the_default_refuses_the_old_one(client, world) -> None:
    client.headers["Flatpeak-Version"] = "2025-09-14.anode"
    assert (await client.get("/locations")).status == 200
    world.version = Dialect.BUSBAR_B
    assert (await client.get("/locations")).status == 422
    del client.headers["Flatpeak-Version"]
    answer = await client.get("/locations")
    assert (answer.status, answer.headers["Flatpeak-Version"]) == (200, "2026-03-02.busbar")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/customers"),
        ("POST", "/costs/instant"),
        ("GET", "/locations/loc_1/tariffs"),
        ("GET", "/login/"),
        ("GET", "/v1/login"),
    ],
)
async def test_unknown_path(client, method, path) -> None:
    answer = await client.send(method, path)
    assert (answer.status, answer.body) == (404, {"message": "Not Found"})
    assert answer.headers["Flatpeak-Version"] == "2025-09-14.anode"


async def test_wrong_method(client) -> None:
    answer = await client.send("POST", "/login")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET"
