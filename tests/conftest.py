"""A real Home Assistant, a real server on loopback, and a clock that tests turn."""

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest

# Before Home Assistant mounts its test configuration, which has a custom_components too.
import custom_components.flatpeak  # noqa: F401

from simulator import Simulator, World
from simulator.prices import read_prices

from .home import Home
from .words import watch_words

PRICES = Path(__file__).parent / "fixtures" / "prices"


@pytest.fixture(autouse=True)
def _custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load the integration."""


@pytest.fixture(autouse=True)
def _words() -> Generator[None]:
    """Fail a test in which something is said that has no words."""
    problems: set[str] = set()
    with watch_words(problems):
        yield
    assert not problems, "\n".join(sorted(problems))


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
    return Home(hass, freezer, simulator)
