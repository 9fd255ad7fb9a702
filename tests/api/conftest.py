"""A client, servers that say what a test wants or what Flatpeak does, and no Home Assistant."""

from collections.abc import AsyncIterator, Awaitable, Callable
import traceback

import aiohttp
import pytest

from custom_components.flatpeak.api import FlatpeakClient, FlatpeakError
from simulator import Simulator, World, built_in, state

from .questions import EVENING
from .server import ACCOUNT, KEY, Server

type Making = Callable[..., FlatpeakClient]


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Start no Home Assistant."""


@pytest.fixture(autouse=True)
def _words() -> None:
    """Nothing is said here."""


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[Server]:
    async with Server() as server:
        yield server


@pytest.fixture
def client(session: aiohttp.ClientSession, server: Server) -> FlatpeakClient:
    return client_of(session, server.url)


@pytest.fixture
def world() -> World:
    return World(import_prices=built_in("winter", EVENING.date()).prices, publication=None)


@pytest.fixture
async def simulator(world: World, socket_enabled: None) -> AsyncIterator[Simulator]:
    async with Simulator(world) as simulator:
        yield simulator


@pytest.fixture
def home(session: aiohttp.ClientSession, simulator: Simulator) -> FlatpeakClient:
    """A client of the simulator's account."""
    return client_of(session, simulator.url, account_id=state.ACCOUNT, api_key=state.KEY)


def client_of(session: aiohttp.ClientSession, url: str, **known) -> FlatpeakClient:
    return FlatpeakClient(
        session, **{"account_id": ACCOUNT, "api_key": KEY, "api_url": url} | known
    )


async def refusal[E: FlatpeakError](kind: type[E], call: Awaitable[object]) -> E:
    """Return the error that a call ends with: of this very class, and it betrays nothing."""
    with pytest.raises(FlatpeakError) as caught:
        await call
    assert isinstance(caught.value, kind), repr(caught.value)
    check_secrets(caught.value)
    return caught.value


def check_secrets(error: BaseException) -> None:
    """Look for the key, its form in a header, and any token in what can be printed of an error."""
    said = traceback.format_exception(error)
    chain: BaseException | None = error
    while chain is not None:
        said += [str(chain), repr(chain), repr(chain.args)]
        chain = chain.__cause__ or chain.__context__
    for secret in (KEY, aiohttp.encode_basic_auth(ACCOUNT, KEY).partition(" ")[2], "secret"):
        assert secret not in "".join(said)
