"""A Home Assistant as it runs in a house: it writes files, and nobody looks for mistakes."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_setup_component
import pytest

from custom_components.flatpeak.const import DOMAIN
from simulator import World
from tests.conftest import _custom_integrations, pytest_configure, world  # noqa: F401 - fixtures

from .living import Elsewhere


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Leave asyncio's debug mode off: it is a third of the time of a test."""


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Write files. The dictionary of the tests takes longer, and blocks the event loop."""
    return {}


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Write them to a folder that goes away."""
    return hass_tmp_config_dir


@pytest.fixture
async def core(hass: HomeAssistant) -> HomeAssistant:
    """Put a Home Assistant where the prices are from."""
    # A turned clock shows seconds since 1970, which are not as fine as the loop takes them to be:
    # what is due now would be due a little later, and that does not come while the clock stands.
    hass.loop._clock_resolution = 1e-6
    await hass.config.async_set_time_zone("Europe/Brussels")
    assert await async_setup_component(hass, "homeassistant", {})
    return hass


@pytest.fixture
def elsewhere(world: World, socket_enabled: None) -> Iterator[Elsewhere]:  # noqa: F811
    """Let Flatpeak listen."""
    with Elsewhere(world) as elsewhere:
        yield elsewhere


@pytest.fixture
def writes() -> Iterator[list[int]]:
    """Note the size of each file of the integration, every time that it is written."""
    sizes: list[int] = []
    write = Store._write_prepared_data

    def counted(store: Store[Any], mode: str, data: str | bytes) -> None:
        if store.key.startswith(DOMAIN):
            sizes.append(len(data.encode() if isinstance(data, str) else data))
        write(store, mode, data)

    with patch.object(Store, "_write_prepared_data", counted):
        yield sizes
