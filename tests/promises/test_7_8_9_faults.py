"""Promises 7 to 9: nothing half-known switches, bad answers change nothing, secrets stay."""

import asyncio
import logging

import pytest

from simulator.faults import Fault
from tests.home import HOUR, MINUTE, SECOND, local

# What a fault does to a plan that is there, and to the connection.
HARMLESS = {
    Fault.EXPIRE,
    Fault.UNSORTED,
    Fault.NUMBERS_AS_STRINGS,
    Fault.NEXT_UPDATE_MISSING,
    Fault.NEXT_UPDATE_PAST,
    Fault.NEXT_UPDATE_FAR,
    # the prices alone; they have tests of their own
    Fault.NO_PRICES,
    Fault.PRICES_FAIL,
}
EMPTY = {Fault.EMPTY_DATA, Fault.UNKNOWN_PRICE}
# What only schedules by amount hold
AMOUNT = {Fault.OTHER_UNITS}
BAD = set(Fault) - HARMLESS - EMPTY - AMOUNT


# A slow server needs a clock that goes on while we wait; it has a test of its own.
FAULTS = sorted(set(Fault) - {Fault.SLOW} - AMOUNT)


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_changes_no_plan_and_is_got_over(home, world, fault, caplog) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    start, end = local("2025-10-06T22:00"), local("2025-10-07T07:00")
    planned = home.windows()
    caplog.clear()

    world.faults = {fault}
    await home.update()
    assert home.windows() == planned
    assert home.sensor("planned_duration") == "180.0"
    errors = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(errors) == (fault in BAD), errors

    await home.live("2025-10-07T03:00", 5 * MINUTE)
    world.faults = set()
    await home.live("2025-10-07T05:15", MINUTE)
    await home.live(end, 5 * MINUTE)
    assert home.on_time(start, end) == 3 * HOUR
    assert home.cost(start, end) == pytest.approx(home.best_cost(start, end, 180))
    await home.live("2025-10-07T14:00", MINUTE)
    assert home.sensor("status") == "planned"
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_from_the_beginning_is_got_over(home, world, fault) -> None:
    home.add()
    world.faults = {fault}
    await home.set_up("2025-10-06T20:00")
    if fault not in HARMLESS:
        loaded = home.hass.states.get("binary_sensor.car_active")
        assert loaded is None or loaded.state in ("off", "unavailable")
    world.faults = set()
    for flow in home.hass.config_entries.flow.async_progress():
        home.hass.config_entries.flow.async_abort(flow["flow_id"])
    if home.entry.state.recoverable and home.entry.state.name != "LOADED":
        await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.live("2025-10-06T21:10", 10 * SECOND)
    assert home.sensor("status") == "planned"
    await home.live("2025-10-07T07:00", 5 * MINUTE)
    assert home.on_time(local("2025-10-06T22:00"), home.now) == 3 * HOUR


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_unknown_prices_switch_nothing(home, world) -> None:
    world.faults = {Fault.UNKNOWN_PRICE}
    home.add()
    await home.set_up("2025-10-06T21:59")
    assert home.windows() == []
    assert home.sensor("shortfall") == "180.0"
    await home.live("2025-10-06T23:30", 5 * MINUTE)
    assert not home.active()


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_refused_key_asks_for_a_new_one_and_takes_it_back(home, world) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.REFUSE}
    await home.update()
    flows = home.hass.config_entries.flow.async_progress()
    assert [flow["context"]["source"] for flow in flows] == ["reauth"]
    assert home.windows()
    world.faults = set()
    await home.live("2025-10-06T21:30", MINUTE)
    assert home.hass.config_entries.flow.async_progress() == []
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_no_secret_in_the_log(home, world, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    home.add()
    await home.set_up("2025-10-06T20:00")
    tokens: set[str] = set()
    for fault in FAULTS:
        tokens |= world._tokens.keys()
        world.faults = {fault}
        await home.update()
        await home.live(home.now + 15 * SECOND, SECOND)
    assert tokens
    for secret in {world.key, world.account, *tokens}:
        assert secret not in caplog.text


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_server_that_does_not_answer_keeps_nobody_waiting(home, world) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    planned = home.windows()
    world.faults, world.slowness = {Fault.SLOW}, 3600
    before = home.now
    await home.patiently(home.update())
    assert home.now - before <= 35 * SECOND
    assert home.windows() == planned
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "off"
    world.faults = set()
    await home.live(home.now + 2 * MINUTE, 10 * SECOND)
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_a_mistake_of_ours_does_not_end_a_schedule(home, world, monkeypatch, caplog) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    planned = home.windows()
    with monkeypatch.context() as broken:
        broken.setattr("custom_components.flatpeak.api.client.wire.duration_schedule", None)
        await home.update()
    assert "Unexpected error" in caplog.text
    assert home.windows() == planned
    asked = len(home.asked())
    await home.live("2025-10-06T20:05", 10 * SECOND)
    assert len(home.asked()) == asked + 1


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.SERVER_ERROR, None])
async def test_an_answer_after_the_end_is_not_heard(home, world, fault) -> None:
    """The home is deleted while a question is on its way."""
    home.add()
    await home.set_up("2025-10-06T20:00")
    world.faults, world.slowness = {Fault.SLOW} | ({fault} if fault else set()), 10

    async def remove() -> None:
        await asyncio.sleep(0)
        await home.hass.config_entries.async_remove(home.entry.entry_id)

    state = home.hass.states.get(home.entity_id("binary_sensor", "active"))
    coordinator = home.entry.runtime_data.schedules["schedule1"]
    await home.patiently(coordinator.async_refresh(), remove())
    await home.settle()
    assert state.state == "off"
    assert home.hass.config_entries.flow.async_progress() == []
    assert home.hass.config_entries.async_entries("flatpeak") == []


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_one_question_however_many_entities_are_updated(home, world) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    asked = len(home.asked())
    entities = [
        home.entity_id("binary_sensor", "active"),
        home.entity_id("sensor", "next_start"),
        home.entity_id("sensor", "average_rate"),
        home.entity_id("binary_sensor", "connected", home.entry.unique_id),
    ]
    await home.hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": entities}, blocking=True
    )
    await home.live(home.now + MINUTE, SECOND)
    assert len(home.asked()) == asked + 1


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
async def test_slow_down_says_nothing_about_the_key(home, world) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.REFUSE}
    await home.update()
    world.faults = {Fault.TOO_MANY_REQUESTS}
    await home.live("2025-10-06T21:30", MINUTE)
    assert len(home.hass.config_entries.flow.async_progress()) == 1
