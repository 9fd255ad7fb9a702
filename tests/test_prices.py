"""What others make of the price sensors: the energy dashboard and long-term statistics."""

from datetime import datetime, timedelta
import logging
from typing import Any

from homeassistant.components.energy import validate
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import (
    list_statistic_ids,
    statistics_during_period,
    validate_statistics,
)
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.flatpeak.model import DAY
from simulator.prices import read_prices

from .home import HOUR, MINUTE, SECOND, Home, hours, local
from .local.conftest import PRICES

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock, enable_custom_integrations) -> None:
    """Let Home Assistant record, which has to begin before everything else."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


def price(home: Home, key: str = "price") -> str:
    """Return the state of a sensor of the location."""
    return home.sensor(key, home.entry.unique_id)


def moment(home: Home, key: str) -> datetime:
    return datetime.fromisoformat(price(home, key))


async def test_the_energy_dashboard_takes_it_as_a_price(hass, house) -> None:
    """Its own check of an entity with the current price finds nothing to complain about."""
    await house.set_up("2025-10-06T20:00")
    issues = validate.ValidationIssues()
    validate._async_validate_price_entity(
        hass,
        house.entity_id("sensor", "price", house.entry.unique_id),
        issues,
        validate.ENERGY_PRICE_UNITS,
        validate.ENERGY_PRICE_UNIT_ERROR,
    )
    assert issues.issues == {}


async def test_long_term_statistics_are_made_of_it(hass, house, caplog) -> None:
    """Minimum, mean and maximum of an hour, below zero too, and no word of warning."""
    start = local("2025-10-06T20:00")
    house.world.import_prices = hours([0.1, -0.2, 0.3, 0.4] * 60, start - 20 * HOUR, 15 * MINUTE)
    await house.set_up("2025-10-06T20:00")
    entity_id = house.entity_id("sensor", "price", house.entry.unique_id)
    for quarter in range(1, 5):
        await house.at(start + quarter * 15 * MINUTE)
    await async_wait_recording_done(hass)
    for five in range(12):
        do_adhoc_statistics(hass, start=start + five * 5 * MINUTE)
    await async_wait_recording_done(hass)

    def read() -> tuple[Any, Any, Any]:
        found = statistics_during_period(
            hass, start, None, {entity_id}, "5minute", None, {"mean", "min", "max"}
        )
        return found, list_statistic_ids(hass, {entity_id}), validate_statistics(hass)

    found, (known,), complaints = await get_instance(hass).async_add_executor_job(read)
    assert known["statistics_unit_of_measurement"] == "EUR/kWh"
    assert complaints == {}
    means = [one["mean"] for one in found[entity_id]]
    assert means == pytest.approx([0.1] * 3 + [-0.2] * 3 + [0.3] * 3 + [0.4] * 3)
    warned = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert [one for one in warned if entity_id in one] == []


@pytest.mark.parametrize(
    ("file", "day", "length"),
    [("autumn_2024.csv", "2024-10-27", 25), ("spring_2024.csv", "2024-03-31", 23)],
)
async def test_today_on_the_days_on_which_the_clocks_change(house, file, day, length) -> None:
    """From midnight to midnight by the clock on the wall, and to the second."""
    house.world.import_prices = read_prices(PRICES / file)
    start = local(f"{day}T00:00")
    today = [one for one in house.world.import_prices if 0 <= (one.start - start) / HOUR < length]
    lowest = min(today, key=lambda slot: slot.rate)
    highest = max(today, key=lambda slot: slot.rate)
    await house.set_up(start - HOUR)
    for at in (start + SECOND, start + length * HOUR - SECOND):
        await house.at(at)
        assert float(price(house, "lowest_price")) == pytest.approx(lowest.rate)
        assert float(price(house, "highest_price")) == pytest.approx(highest.rate)
        assert moment(house, "lowest_price_time") == lowest.start
        assert moment(house, "highest_price_time") == highest.start
    await house.at(start + length * HOUR)
    if price(house, "lowest_price_time") != "unavailable":
        assert moment(house, "lowest_price_time") >= start + length * HOUR


async def test_a_price_that_lasts_over_midnight_is_one_of_today(home) -> None:
    """As a tariff of two prices has it: the lowest of today begins at midnight."""
    home.world.publication = None
    midnight = local("2025-10-07T00:00")
    night, daytime = 8 * HOUR, 16 * HOUR
    slots = []
    start = midnight - 26 * HOUR
    for rate, length in [(0.1, night), (0.3, daytime)] * 4:
        slots += hours([rate], start, length)
        start += length
    home.world.import_prices = tuple(slots)
    await home.set_up("2025-10-06T20:00")
    assert moment(home, "lowest_price_time") == midnight - DAY
    await home.at(midnight)
    assert float(price(home)) == 0.1
    assert moment(home, "lowest_price_time") == midnight


async def test_sensors_of_what_is_no_longer_sold_are_removed(hass, home, world) -> None:
    """And those of buying stay, with their history."""
    home.add(direction="export", segment="high")
    await home.set_up("2025-10-06T20:00")
    entities = er.async_get(hass)
    sold = home.entity_id("sensor", "export_price", home.entry.unique_id)
    bought = home.entity_id("sensor", "price", home.entry.unique_id)
    hass.config_entries.async_remove_subentry(home.entry, "schedule1")
    await home.settle()
    assert entities.async_get(sold) is None
    assert hass.states.get(sold) is None
    assert hass.states.get(bought).state not in ("unavailable", "unknown")
    assert home.on_time(home.now, home.now) == timedelta(0)
