"""A real Home Assistant, a real server on loopback, and a clock that tests turn."""

from collections.abc import AsyncIterator, Generator
from datetime import time
import logging
import os
from pathlib import Path
from unittest.mock import patch

from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

# Before Home Assistant mounts its test configuration, which has a custom_components too.
import custom_components.flatpeak  # noqa: F401
from simulator import Simulator, World
from simulator.prices import read_prices

from .home import Home, hours, local
from .local.conftest import LocalHome
from .words import watch_words

# Turning the clock looks like a very slow task to asyncio's debug mode.
logging.getLogger("asyncio").setLevel(logging.ERROR)

PRICES = Path(__file__).parent / "fixtures" / "prices"


@pytest.fixture(autouse=True)
def _custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load the integration."""


if not os.environ.get("DEBUG_LOOP"):

    @pytest.fixture(autouse=True)
    def enable_event_loop_debug() -> None:
        """Leave asyncio's debug mode to the job that sets DEBUG_LOOP: it is a third of all time."""


@pytest.fixture(autouse=True)
def _words() -> Generator[None]:
    """Fail a test in which something is said that has no words."""
    problems: set[str] = set()
    with watch_words(problems):
        yield
    assert not problems, "\n".join(sorted(problems))


@pytest.fixture
def entity_registry_enabled_by_default() -> Generator[None]:
    """Switch on all entities, as an owner does who wants to see them."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default", return_value=True
    ):
        yield


@pytest.fixture
def world() -> World:
    """Ten days of real quarter-hour prices, from Sunday 2025-10-05 (Brussels) on."""
    return World(import_prices=read_prices(PRICES / "week_2025.csv"))


@pytest.fixture
async def simulator(world: World, socket_enabled: None) -> AsyncIterator[Simulator]:
    """The server of the world."""
    async with Simulator(world) as simulator:
        yield simulator


@pytest.fixture
async def home(hass, hass_storage, freezer, simulator: Simulator) -> Home:
    """A home whose clock a test can turn. Nothing is set up yet."""
    await hass.config.async_set_time_zone("Europe/Brussels")
    assert await async_setup_component(hass, "homeassistant", {})
    return Home(hass, freezer, simulator)


@pytest.fixture(params=["flatpeak", "local"])
def house(request: pytest.FixtureRequest, hass, freezer, home: Home) -> Home:
    """A home with an account, and one without; all prices are known at once."""
    if request.param == "flatpeak":
        home.world.publication = None
        return home
    house = LocalHome(hass, freezer)
    house.world.import_prices = home.world.import_prices
    house.publication = time()
    return house


def pytest_configure(config: pytest.Config) -> None:
    """Let pass what Home Assistant's own web server warns of; all else is an error."""
    config.addinivalue_line("filterwarnings", "ignore::aiohttp.web_exceptions.NotAppKeyWarning")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Write snapshots as Home Assistant does, without ids and times that change."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def plain(home: Home) -> Home:
    """A home whose prices can be reckoned by hand: 23-24 and 2-4 o'clock are cheap."""
    cheap = {23: 0.10, 26: 0.12, 27: 0.14}
    rates = [cheap.get(hour, 0.30) for hour in range(96)]
    home.world.import_prices = hours(rates, local("2025-10-06T00:00"))
    return home
