"""Promises 7 to 9: nothing half-known switches, bad answers change nothing, secrets stay."""

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
}
EMPTY = {Fault.EMPTY_DATA, Fault.UNKNOWN_PRICE}
BAD = set(Fault) - HARMLESS - EMPTY


# A slow server needs a clock that goes on while we wait; it has a test of its own.
FAULTS = sorted(set(Fault) - {Fault.SLOW})


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
