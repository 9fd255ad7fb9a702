"""What the sensors of prices say: of now, to the second, and of today by the location's clock."""

from datetime import UTC, datetime
from itertools import pairwise

from homeassistant.helpers import entity_registry as er
import pytest

from simulator.faults import Fault
from simulator.state import LOCATION
from tests.home import DAY, HOUR, MINUTE, SECOND, Home, hours, local

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

EVENING = "2025-10-06T20:00"
MIDNIGHT = local("2025-10-07T00:00")


def shown(home: Home, key: str = "price") -> float:
    return float(home.sensor(key, LOCATION))


def moment(home: Home, key: str) -> datetime:
    return datetime.fromisoformat(home.sensor(key, LOCATION)).astimezone(UTC)


async def test_the_price_of_now_to_the_second(home, world) -> None:
    """A quarter of an hour each, over midnight."""
    await home.set_up(EVENING)
    slots = [one for one in world.import_prices if home.now <= one.start < MIDNIGHT + 2 * HOUR]
    for slot, following in pairwise(slots):
        for at in (slot.start, slot.end - SECOND):
            if at > home.now:
                await home.at(at)
            assert shown(home) == pytest.approx(slot.rate)
            assert shown(home, "next_price") == pytest.approx(following.rate)


async def test_lowest_and_highest_are_those_of_today(home, world) -> None:
    world.import_prices = hours([*range(1, 25), *range(48, 24, -1)], MIDNIGHT - DAY)
    await home.set_up(EVENING)
    assert [shown(home, key) for key in ("lowest_price", "highest_price")] == [1, 24]
    assert moment(home, "lowest_price_time") == MIDNIGHT - DAY
    assert moment(home, "highest_price_time") == MIDNIGHT - HOUR
    await home.live(MIDNIGHT - SECOND, 15 * MINUTE)
    assert shown(home, "highest_price") == 24
    await home.at(MIDNIGHT)
    assert [shown(home, key) for key in ("lowest_price", "highest_price")] == [25, 48]
    assert moment(home, "highest_price_time") == MIDNIGHT


async def test_where_now_stands_between_them(home, world) -> None:
    evening, next_day = [0.2, -0.1, 0.3, 0.1], [0.25] * 24
    world.import_prices = hours([0.2] * 20 + evening + next_day, MIDNIGHT - DAY)
    await home.set_up(EVENING)
    entity_id = home.entity_id("sensor", "price_level", LOCATION)
    er.async_get(home.hass).async_update_entity(entity_id, disabled_by=None)
    await home.stop()
    await home.start()
    levels = []
    for hour in range(5):
        await home.at(local(EVENING) + hour * HOUR)
        levels.append(shown(home, "price_level"))
    # where all of a day costs the same, nothing is above the lowest
    assert levels == pytest.approx([75, 0, 100, 50, 0])


async def test_prices_go_on_while_flatpeak_does_not_answer(home, world) -> None:
    """As long as they are known; then nothing is said rather than something old."""
    await home.set_up(EVENING)
    world.faults = {Fault.UNAVAILABLE}
    end = MIDNIGHT + DAY
    await home.live(end - 15 * MINUTE, 15 * MINUTE)
    assert shown(home) == pytest.approx(
        next(one.rate for one in world.import_prices if one.contains(home.now))
    )
    assert home.sensor("next_price", LOCATION) == "unknown"
    await home.live(end, MINUTE)
    assert home.sensor("price", LOCATION) == "unavailable"
    world.faults = set()
    await home.live(end + 20 * MINUTE)
    assert home.sensor("price", LOCATION) != "unavailable"


async def test_what_is_sold_has_prices_of_its_own(home, world) -> None:
    home.add(name="Sell", direction="export", segment="high")
    world.export_prices = hours([0.05] * 48, MIDNIGHT - DAY)
    await home.set_up(EVENING)
    assert shown(home, "export_price") == 0.05
    assert shown(home) != 0.05


async def test_statistics_and_the_energy_dashboard_can_use_it(home) -> None:
    """They want a unit of money per kWh, a state class, and a state that is a number."""
    await home.set_up(EVENING)
    state = home.hass.states.get(home.entity_id("sensor", "price", LOCATION))
    assert state.attributes["unit_of_measurement"] == "EUR/kWh"
    assert state.attributes["state_class"] == "measurement"
    assert float(state.state)
