"""What a home without an account tells those who help its owner."""

import json
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.flatpeak.const import DOMAIN
from custom_components.flatpeak.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
)
from tests.home import SECOND
from tests.local.conftest import BUY

EVENING = "2025-10-06T20:00"


async def download(hass, home) -> dict[str, Any]:
    return json.loads(json.dumps(await async_get_config_entry_diagnostics(hass, home.entry)))


async def test_diagnostics_have_all_that_decides(hass, home) -> None:
    home.options(additions={"fixed": 0.1}, max_import_power=10.0)
    home.add()
    home.add_amount()
    await home.set_up(EVENING)
    told = await download(hass, home)
    assert told["entry"]["data"]["source"] == {"source": "nordpool_hacs", "entity_id": BUY}
    assert told["entry"]["options"]["additions"] == {"fixed": 0.1}
    assert len(told["store"]["prices"]["import"]["slots"]) > 96
    assert told["prices"] == {"import": {"last_update_success": True, "last_error": None}}
    assert told["store"]["connection"]["connected"] is True
    assert {one["status"] for one in told["schedules"].values()} == {"planned"}

    home.lose()
    await home.at(home.now + 6 * SECOND)
    told = await download(hass, home)
    assert told["prices"]["import"]["last_update_success"] is False
    assert "price source" in told["prices"]["import"]["last_error"]
    assert told["store"]["connection"]["connected"] is False
    part = await async_get_device_diagnostics(hass, home.entry, home.device("schedule2"))
    assert set(part["schedules"]) == {"schedule2"}


async def test_diagnostics_do_not_say_where_somebody_lives(hass, home) -> None:
    """A home of Tibber may be called by its address, an entity of Octopus by its meter."""
    meter = "event.octopus_energy_electricity_21l1234567_1012345678901"
    home.entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        unique_id="local_home",
        data={
            "location_id": "local_home",
            "source": {"source": "tibber", "home": "Karl Johans gate 1"},
            "export_source": {
                "source": "octopus_energy",
                "entity_id": f"{meter}_export_current_day_rates",
                "more": [f"{meter}_export_next_day_rates"],
            },
        },
    )
    home.add()
    await home.set_up(EVENING)
    text = json.dumps(await download(hass, home))
    assert '"tibber"' in text
    assert "_export_next_day_rates" in text
    for private in ("Karl Johans", "1012345678901", "local_home"):
        assert private not in text


async def test_the_connection_is_the_one_to_the_source(hass, home) -> None:
    """What could be read last stays true while nothing can be."""
    home.add()
    await home.set_up(EVENING)
    success = home.entry.runtime_data.location.connection.last_success
    assert success == home.now
    home.lose()
    await home.at(home.now + 6 * SECOND)
    assert home.state("binary_sensor", "connected", "local_home") == "off"
    assert home.entry.runtime_data.location.connection.last_success == success
    home.silent = False
    home.show()
    await home.at(home.now + 6 * SECOND)
    assert home.state("binary_sensor", "connected", "local_home") == "on"
    assert home.entry.runtime_data.location.connection.last_success == home.now
    assert home.sensor("status") == "planned"
