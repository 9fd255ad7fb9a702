"""A simulator on a real socket, and a plain client to ask it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
import json
from pathlib import Path

import aiohttp
import pytest

from simulator import Simulator, World, built_in
from simulator.state import LOCATION, Json

EXAMPLES = Path(__file__).parents[1] / "fixtures" / "flatpeak"

# A Thursday; the prices cover the 14th to the 17th.
TODAY = date(2026, 1, 15)
MORNING = "2026-01-15T08:00:00Z"


def example(name: str) -> dict[str, Json]:
    """Return a body as the service documents it."""
    return json.loads((EXAMPLES / f"{name}.json").read_text())


@dataclass
class Answer:
    """A response, read to its end."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self):
        return json.loads(self.text)

    @property
    def slots(self) -> list[tuple[str, str]]:
        return [(slot["start_time"], slot["end_time"]) for slot in self.body["data"]]


class Client:
    """Asks a simulator; without `login` it carries no token."""

    def __init__(self, session: aiohttp.ClientSession, simulator: Simulator) -> None:
        self.session = session
        self.simulator = simulator
        self.headers: dict[str, str] = {}

    async def send(self, method: str, path: str, **options) -> Answer:
        options["headers"] = self.headers | options.get("headers", {})
        async with self.session.request(
            method, f"{self.simulator.url}{path}", **options
        ) as response:
            return Answer(response.status, dict(response.headers), await response.text())

    async def get(self, path: str, **options) -> Answer:
        return await self.send("GET", path, **options)

    async def login(self, account: str | None = None, key: str | None = None) -> Answer:
        world = self.simulator.world
        credentials = aiohttp.encode_basic_auth(account or world.account, key or world.key)
        answer = await self.get("/login", headers={"Authorization": credentials})
        if answer.status == 200:
            self.headers = {"Authorization": f"Bearer {answer.body['bearer_token']}"}
        return answer

    async def ask(self, location: str = LOCATION, **changes) -> Answer:
        """Ask for the cheapest two hours of the 15th; a field changed to `...` is left out."""
        fields = wish(**changes)
        return await self.send("POST", f"/schedules/duration/{location}", json=fields)


def wish(**changes) -> dict[str, Json]:
    fields = {
        "start_time": "2026-01-14T23:00:00Z",
        "end_time": "2026-01-15T23:00:00Z",
        "segment": "LOW",
        "duration": 120,
    }
    return {name: value for name, value in (fields | changes).items() if value is not ...}


@pytest.fixture
def world() -> World:
    """A winter's day, all prices known."""
    return World(import_prices=built_in("winter", TODAY).prices, publication=None)


@pytest.fixture
async def simulator(world: World, socket_enabled: None) -> AsyncIterator[Simulator]:
    async with Simulator(world) as simulator:
        yield simulator


@pytest.fixture
async def stranger(simulator: Simulator) -> AsyncIterator[Client]:
    """A client that has not logged in."""
    async with aiohttp.ClientSession() as session:
        yield Client(session, simulator)


@pytest.fixture
async def client(stranger: Client) -> Client:
    """A client with a token."""
    assert (await stranger.login()).status == 200
    stranger.simulator.world.calls.clear()
    return stranger
