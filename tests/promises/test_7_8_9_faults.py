"""Promises 7 to 9: nothing half-known switches, bad answers change nothing, secrets stay."""

import asyncio
from collections.abc import Sequence
import logging

import pytest

from simulator import World
from simulator.faults import Fault
from tests.home import DAY, HOUR, MINUTE, SECOND, Home

from .needs import (
    AMOUNT,
    APART,
    ASKING,
    END,
    EVENING,
    LATE,
    LIMIT,
    MACHINE,
    START,
    Need,
    at,
    look,
    night,
    pass_time,
    planned,
    ran,
    show,
)

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

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
ONLY_AMOUNT = {Fault.OTHER_UNITS}
BAD = set(Fault) - HARMLESS - EMPTY - ONLY_AMOUNT


# A slow server needs a clock that goes on while we wait; it has a test of its own.
FAULTS = sorted(set(Fault) - {Fault.SLOW})
# Those after which nobody asks anything for a while, for whatever schedule
SILENT = {Fault.TOO_MANY_REQUESTS, Fault.RETRY_AFTER, Fault.REFUSE}


def at_once(home: Home, world: World, rates: Sequence[float]) -> dict[str, Need]:
    """A home with a schedule of each kind that Flatpeak is asked for."""
    world.publication = None
    show(home, rates)
    return {need.add(home, name=need.name): need for need in ASKING}


def problems(caplog) -> list[str]:
    """Return what was said loudly."""
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_changes_no_plan_and_is_got_over(home, world, fault, caplog) -> None:
    """In the middle of a window, over its end, and past the next start."""
    needs = at_once(home, world, APART)
    await home.set_up(EVENING)
    await home.at(START)
    await home.at(at(0.2))
    for key, need in needs.items():
        if need is LIMIT and fault is Fault.EMPTY_DATA:
            continue  # that there is no time within a bound is an answer as good as any
        caplog.clear()
        world.faults = {fault}
        await home.update(key)
        assert planned(home, key) == [(0, 1), (3, 5)]
        assert need.planned(home, key) == 3
        assert need.runs_now(home, key)
        # one clear line, which names the schedule and not how the program is made
        said = problems(caplog)
        bad = fault in BAD and (need is AMOUNT or fault not in ONLY_AMOUNT)
        assert len(said) == bad or (fault in SILENT and not said), said
        assert not said or need.name in said[0]
        assert "Traceback" not in caplog.text

    await pass_time(home, at(3.25))
    world.faults = set()
    await pass_time(home, END)
    for key, need in needs.items():
        if fault is not Fault.EMPTY_DATA or need.chooses:
            assert ran(home, key) == [(0, 1), (3, 5)]
            assert need.delivered(home, START, END, key) == 3
    await pass_time(home, END + 2 * HOUR)
    for key in needs:
        assert home.sensor("status", key) == "planned"
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_from_the_beginning_is_got_over(home, world, fault) -> None:
    needs = at_once(home, world, LATE)
    world.faults = {fault}
    await home.set_up(EVENING)
    if fault not in HARMLESS:
        for need in needs.values():
            loaded = home.hass.states.get(f"binary_sensor.{need.name}_active")
            assert loaded is None or loaded.state in ("off", "unavailable")
    world.faults = set()
    for flow in home.hass.config_entries.flow.async_progress():
        home.hass.config_entries.flow.async_abort(flow["flow_id"])
    if home.entry.state.recoverable and home.entry.state.name != "LOADED":
        await home.hass.config_entries.async_reload(home.entry.entry_id)
    await pass_time(home, EVENING + 70 * MINUTE)
    for key in needs:
        assert home.sensor("status", key) == "planned"
    await pass_time(home, END)
    for key, need in needs.items():
        assert ran(home, key) == [(6, 9)]
        assert need.delivered(home, START, END, key) == 3


@pytest.mark.parametrize("fault", [Fault.NO_PRICES, Fault.PRICES_FAIL, Fault.UNAVAILABLE])
async def test_a_fault_of_the_prices_changes_no_plan_made_on_them(home, world, fault) -> None:
    """What a machine needs is planned on the prices of the home."""
    await night(home, MACHINE, APART)
    await home.at(START)
    await home.at(at(0.2))
    world.faults = {fault}
    await look(home)
    assert planned(home) == [(0, 1), (3, 5)]
    await pass_time(home, at(3.25))
    world.faults = set()
    await pass_time(home, END)
    assert ran(home) == [(0, 1), (3, 5)]


async def test_unknown_prices_switch_nothing(home, world, asking) -> None:
    world.faults = {Fault.UNKNOWN_PRICE}
    await night(home, asking)
    assert home.windows() == []
    assert home.sensor("status") in ("waiting", "planned")
    if asking.chooses:
        assert asking.shortfall(home) == 3
    await pass_time(home, at(1.5))
    assert not asking.runs_now(home)
    world.faults = set()
    await pass_time(home, END)
    if asking.chooses:
        assert asking.delivered(home, START, END) == pytest.approx(3, abs=0.01)


async def test_hours_without_a_price_are_not_used(house, need) -> None:
    """Price 0 with confidence 0 is not known; it is not the cheapest."""
    await night(house, need, [0.12, 0.3, None, None, None, 0.3, 0.11, 0.10, 0.3])
    assert planned(house) == [(0, 1), (6, 8)]
    await pass_time(house, END)
    assert ran(house) == [(0, 1), (6, 8)]


async def test_no_secret_in_a_state(home, world, need) -> None:
    await night(home, need)
    states = [str(state.as_dict()) for state in home.hass.states.async_all()]
    assert any("windows" in state for state in states)
    for secret in {world.key, world.account, *world._tokens}:
        assert not [state for state in states if secret in state]


async def test_a_refused_key_asks_for_a_new_one_and_takes_it_back(home, world, asking) -> None:
    asking.add(home)
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.REFUSE}
    await home.update()
    flows = home.hass.config_entries.flow.async_progress()
    assert [flow["context"]["source"] for flow in flows] == ["reauth"]
    assert home.windows()
    world.faults = set()
    await pass_time(home, "2025-10-06T21:30")
    assert home.hass.config_entries.flow.async_progress() == []
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"


async def test_no_secret_in_the_log(home, world, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    home.add()
    await home.set_up("2025-10-06T20:00")
    tokens: set[str] = set()
    for fault in FAULTS:
        tokens |= world._tokens.keys()
        world.faults = {fault}
        await home.update()
        await pass_time(home, home.now + 15 * SECOND)
    assert tokens
    for secret in {world.key, world.account, *tokens}:
        assert secret not in caplog.text


async def test_a_server_that_does_not_answer_keeps_nobody_waiting(home, world, asking) -> None:
    asking.add(home)
    await home.set_up("2025-10-06T20:00")
    planned = home.windows()
    world.faults, world.slowness = {Fault.SLOW}, 3600
    before = home.now
    await home.patiently(home.update())
    assert home.now - before <= 35 * SECOND
    assert home.windows() == planned
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "off"
    world.faults = set()
    await pass_time(home, home.now + 2 * MINUTE)
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"


async def test_a_mistake_of_ours_does_not_end_a_schedule(
    home, world, asking, monkeypatch, caplog
) -> None:
    asking.add(home)
    await home.set_up("2025-10-06T20:00")
    planned = home.windows()
    with monkeypatch.context() as broken:
        reader = "amount_schedule" if asking is AMOUNT else "duration_schedule"
        broken.setattr(f"custom_components.flatpeak.api.client.wire.{reader}", None)
        await home.update()
    assert "Unexpected error" in caplog.text or "TypeError" in caplog.text
    assert home.windows() == planned
    asked = len(home.asked())
    await pass_time(home, "2025-10-06T20:05")
    assert len(home.asked()) == asked + 1


@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.SERVER_ERROR, None])
async def test_an_answer_after_the_end_is_not_heard(home, world, asking, fault) -> None:
    """The home is deleted while a question is on its way."""
    asking.add(home)
    await home.set_up("2025-10-06T20:00")
    world.faults, world.slowness = {Fault.SLOW} | ({fault} if fault else set()), 10

    async def remove() -> None:
        await asyncio.sleep(0)
        await home.hass.config_entries.async_remove(home.entry.entry_id)

    state = home.hass.states.get(home.entity_id("binary_sensor", "active"))
    coordinator = home.entry.runtime_data.schedules["schedule1"]
    await home.patiently(coordinator.async_request_refresh(), remove())
    await home.settle()
    assert state.state == "off"
    assert home.hass.config_entries.flow.async_progress() == []
    assert home.hass.config_entries.async_entries("flatpeak") == []
    calls = len(world.calls)
    world.faults = set()
    await home.live(home.now + DAY, HOUR)
    assert len(world.calls) == calls


async def test_one_question_however_many_entities_are_updated(home, world, asking) -> None:
    asking.add(home)
    await home.set_up("2025-10-06T20:00")
    asked = len(home.asked())
    entities = [
        home.entity_id("binary_sensor", "active"),
        home.entity_id("sensor", "next_start"),
        home.entity_id("sensor", "next_end"),
        home.entity_id("binary_sensor", "connected", home.entry.unique_id),
    ]
    await home.hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": entities}, blocking=True
    )
    await pass_time(home, home.now + MINUTE)
    assert len(home.asked()) == asked + 1


async def test_slow_down_says_nothing_about_the_key(home, world, asking) -> None:
    asking.add(home)
    await home.set_up("2025-10-06T20:00")
    world.faults = {Fault.REFUSE}
    await home.update()
    world.faults = {Fault.TOO_MANY_REQUESTS}
    await pass_time(home, "2025-10-06T21:30")
    assert len(home.hass.config_entries.flow.async_progress()) == 1
