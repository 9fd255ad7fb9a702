"""The form of a schedule: what it stores, what it refuses, and what follows from a change."""

import math
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from custom_components.flatpeak.const import DAYS
from simulator.faults import Fault
from simulator.state import LOCATION

from .home import NIGHT, turned

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

EVENING = {
    "name": "Battery",
    "segment": "high",
    "direction": "export",
    "duration": {"hours": 1, "minutes": 30},
    "start": "16:00:00",
    "end": "23:30:00",
    "days": ["mon", "wed", "sun"],
}


@pytest.fixture
def send(hass):
    """Send the form."""

    async def send(form, typed) -> dict[str, Any]:
        result = await hass.config_entries.subentries.async_configure(form["flow_id"], typed)
        await hass.async_block_till_done(wait_background_tasks=True)
        return result

    return send


@pytest.fixture
def add(hass, home):
    """Open the form for a new schedule."""

    async def add() -> dict[str, Any]:
        form = await hass.config_entries.subentries.async_init(
            (home.entry.entry_id, "duration"), context={"source": SOURCE_USER}
        )
        assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "user")
        assert form["errors"] == {}
        return form

    return add


@pytest.fixture
def change(hass, home):
    """Open the form of a schedule that is there."""

    async def change(subentry_id: str = "schedule1") -> dict[str, Any]:
        form = await home.entry.start_subentry_reconfigure_flow(hass, subentry_id)
        assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "reconfigure")
        assert form["errors"] == {}
        return form

    return change


def shown(form) -> dict[str, Any]:
    """Return what the form shows: suggested values, else defaults."""
    values = {}
    for key in form["data_schema"].schema:
        suggested = (key.description or {}).get("suggested_value")
        if suggested is not None:
            values[key.schema] = suggested
        elif callable(key.default):
            values[key.schema] = key.default()
    return values


def entities(hass, subentry_id: str) -> list[er.RegistryEntry]:
    """Return the entities of a schedule."""
    return [
        entity
        for entity in er.async_get(hass).entities.values()
        if entity.config_subentry_id == subentry_id
    ]


# What is stored


async def test_a_name_is_enough_for_the_usual_night(hass, home, add, send) -> None:
    await home.set_up()
    form = await add()
    assert shown(form) == {name: value for name, value in NIGHT.items() if name != "name"}

    result = await send(form, {"name": "Car"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = home.entry.subentries.values()
    assert (subentry.title, subentry.subentry_type) == ("Car", "duration")
    assert dict(subentry.data) == NIGHT
    assert subentry.unique_id is None


@pytest.mark.parametrize("typed", [NIGHT, EVENING], ids=["night", "evening"])
async def test_what_is_typed_is_what_is_stored(hass, home, add, send, typed) -> None:
    await home.set_up()
    await send(await add(), typed)
    (subentry,) = home.entry.subentries.values()
    assert dict(subentry.data) == typed
    assert subentry.title == typed["name"]


@pytest.mark.parametrize("segment", ["low", "high"])
@pytest.mark.parametrize("direction", ["import", "export", "local"])
async def test_any_end_of_any_price_can_be_chosen(
    hass, home, add, send, segment, direction
) -> None:
    await home.set_up()
    await send(await add(), NIGHT | {"segment": segment, "direction": direction})
    (subentry,) = home.entry.subentries.values()
    assert (subentry.data["segment"], subentry.data["direction"]) == (segment, direction)
    (call,) = (call for call in home.world.calls if "/schedules/" in call.path)
    assert (call.body["segment"], call.body["direction"]) == (segment.upper(), direction.upper())


async def test_blanks_around_a_name_are_left_out(hass, home, add, send) -> None:
    await home.set_up()
    await send(await add(), NIGHT | {"name": "  Car "})
    (subentry,) = home.entry.subentries.values()
    assert (subentry.title, subentry.data["name"]) == ("Car", "Car")


async def test_two_schedules_may_have_the_same_name(hass, home, add, send) -> None:
    await home.set_up()
    await send(await add(), NIGHT)
    await send(await add(), NIGHT)
    first, second = home.entry.subentries
    assert home.active(first) is home.active(second) is False


# What is refused


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        pytest.param({"name": "  "}, {"name": "no_name"}, id="a blank name"),
        pytest.param({"days": []}, {"days": "no_days"}, id="no days"),
        pytest.param(
            {"duration": {"hours": 0, "minutes": 0}}, {"duration": "no_duration"}, id="no duration"
        ),
        pytest.param(
            {"duration": {"hours": 9, "minutes": 1}},
            {"duration": "duration_too_long"},
            id="longer than a night",
        ),
        pytest.param(
            {"start": "07:00:00", "end": "22:00:00", "duration": {"hours": 15, "minutes": 1}},
            {"duration": "duration_too_long"},
            id="longer than a day from morning to evening",
        ),
        pytest.param(
            {"start": "07:00:00", "end": "07:00:00", "duration": {"hours": 24, "minutes": 1}},
            {"duration": "duration_too_long"},
            id="longer than 24 hours",
        ),
        pytest.param(
            {"duration": {"days": 1, "hours": 0, "minutes": 0}},
            {"duration": "duration_too_long"},
            id="a day in a night",
        ),
        pytest.param(
            {"name": "", "days": [], "duration": {"hours": 0, "minutes": 0}},
            {"name": "no_name", "days": "no_days", "duration": "no_duration"},
            id="all at once",
        ),
    ],
)
async def test_what_cannot_be_is_told_where_it_was_typed(
    hass, home, add, change, send, typed, errors
) -> None:
    await home.set_up()
    form = await send(await add(), NIGHT | typed)
    assert (form["step_id"], form["errors"]) == ("user", errors)
    assert shown(form) == NIGHT | typed
    assert not home.entry.subentries

    assert (await send(form, NIGHT))["type"] is FlowResultType.CREATE_ENTRY
    (subentry_id,) = home.entry.subentries

    form = await send(await change(subentry_id), NIGHT | typed)
    assert (form["step_id"], form["errors"]) == ("reconfigure", errors)
    assert dict(home.entry.subentries[subentry_id].data) == NIGHT
    result = await send(form, EVENING)
    assert result["reason"] == "reconfigure_successful"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param({"segment": "middle"}, id="segment"),
        pytest.param({"direction": "sideways"}, id="direction"),
        pytest.param({"start": "25:00:00"}, id="start"),
        pytest.param({"end": "soon"}, id="end"),
        pytest.param({"days": ["someday"]}, id="days"),
        pytest.param({"duration": {"hours": -1, "minutes": 0}}, id="duration"),
    ],
)
async def test_what_no_field_offers_is_not_taken(hass, home, add, send, typed) -> None:
    await home.set_up()
    form = await add()
    with pytest.raises(InvalidData) as refused:
        await send(form, NIGHT | typed)
    assert list(refused.value.schema_errors) == list(typed)
    assert (await send(form, NIGHT))["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        pytest.param("22:00:00", "07:00:00", 9, id="an end before the start is tomorrow's"),
        pytest.param("07:00:00", "22:00:00", 15, id="an end after the start is today's"),
        pytest.param("07:00:00", "07:00:00", 24, id="equal times are 24 hours"),
        pytest.param("00:00:00", "00:00:00", 24, id="from midnight to midnight"),
    ],
)
async def test_a_duration_may_fill_the_whole_period(
    hass, home, add, send, start, end, hours
) -> None:
    await home.set_up()
    typed = {"start": start, "end": end, "duration": {"hours": hours, "minutes": 0}}
    await send(await add(), NIGHT | typed)
    (subentry_id,) = home.entry.subentries
    number = hass.states.get(home.entity_id("number", "duration", subentry_id))
    assert float(number.state) == number.attributes["max"] == hours * 60


# Changing a schedule


async def test_the_form_shows_what_the_entities_have_changed(hass, home, change) -> None:
    home.add()
    await home.set_up()
    await home.set_duration(95)
    await home.set_time("start", "21:15:00")
    await home.set_time("end", "06:30:00")
    assert shown(await change()) == NIGHT | {
        "duration": {"hours": 1, "minutes": 35, "seconds": 0},
        "start": "21:15:00",
        "end": "06:30:00",
    }


async def test_the_form_wins_over_the_entities_even_where_it_stays_as_it_was(
    hass, home, change, send
) -> None:
    home.add()
    await home.set_up()
    await home.set_duration(95)
    await home.set_time("start", "21:15:00")

    result = await send(await change(), NIGHT)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert home.state("number", "duration") == "180.0"
    assert home.state("time", "start") == "22:00:00"
    assert home.sensor("planned_duration") == "180.0"

    await home.stop()
    await home.start()
    assert home.state("number", "duration") == "180.0"


async def test_what_the_form_was_sent_back_unchanged_keeps_the_entities_values(
    hass, home, change, send
) -> None:
    home.add()
    await home.set_up()
    await home.set_duration(95)
    windows, asked = home.windows(), len(home.asked())
    form = await change()
    await send(form, shown(form))
    assert home.state("number", "duration") == "95.0"
    assert home.windows() == windows
    assert len(home.asked()) == asked


async def test_a_schedule_that_is_off_stays_off_when_it_is_changed(
    hass, home, change, send
) -> None:
    home.add()
    await home.set_up()
    await home.enable(False)
    asked = len(home.asked())
    await send(await change(), EVENING)
    assert home.state("switch", "enabled") == "off"
    assert len(home.asked()) == asked
    await home.enable(True)
    assert home.sensor("planned_duration") == "90.0"


async def test_a_change_takes_effect_at_once_with_one_request(hass, home, change, send) -> None:
    home.add()
    other = home.add(name="Boiler", duration={"hours": 1, "minutes": 0})
    await home.set_up()
    asked, kept = len(home.asked()), home.windows(other)
    await send(await change(), EVENING)

    assert dict(home.entry.subentries["schedule1"].data) == EVENING
    assert home.state("number", "duration") == "90.0"
    assert (home.state("time", "start"), home.state("time", "end")) == ("16:00:00", "23:30:00")
    assert home.sensor("planned_duration") == "90.0"
    assert len(home.asked()) == asked + 1
    assert home.windows(other) == kept


async def test_a_new_name_shows_everywhere_and_changes_nothing_else(
    hass, home, change, send
) -> None:
    home.add()
    await home.set_up()
    asked, windows = len(home.asked()), home.windows()
    ids = {entity.entity_id for entity in entities(hass, "schedule1")}
    assert home.device().name == "Car"

    await send(await change(), NIGHT | {"name": " Van "})

    assert home.entry.subentries["schedule1"].title == "Van"
    assert home.device().name == "Van"
    assert {entity.entity_id for entity in entities(hass, "schedule1")} == ids
    state = hass.states.get(home.entity_id("binary_sensor", "active"))
    assert state.name == "Van Active"
    assert home.windows() == windows
    assert len(home.asked()) == asked


async def test_a_schedule_of_an_entry_that_is_not_loaded_can_be_changed(
    hass, home, change, send
) -> None:
    home.add()
    with turned(home.world, faults={Fault.UNAVAILABLE}):
        await home.set_up()
    assert home.entry.state is ConfigEntryState.SETUP_RETRY
    form = await change()
    assert shown(form) == NIGHT
    await send(form, EVENING)
    assert dict(home.entry.subentries["schedule1"].data) == EVENING

    await hass.config_entries.async_reload(home.entry.entry_id)
    await home.settle()
    assert home.entry.state is ConfigEntryState.LOADED
    assert home.state("number", "duration") == "90.0"
    assert home.sensor("planned_duration") == "90.0"


async def test_a_form_that_was_changed_while_unloaded_wins_at_the_next_start(
    hass, home, change, send
) -> None:
    home.add()
    await home.set_up()
    await home.set_duration(95)
    await home.set_time("start", "21:00:00")
    await home.stop()
    await send(await change(), NIGHT | {"duration": {"hours": 2, "minutes": 0}})
    await home.start()
    assert home.state("number", "duration") == "120.0"
    assert home.state("time", "start") == "21:00:00"
    await home.at(home.now)  # the request that this makes due
    assert home.sensor("planned_duration") == "120.0"


async def test_a_day_that_is_taken_away_ends_the_plan_of_that_day(hass, home, change, send) -> None:
    home.add()
    await home.set_up("2025-10-06T20:00:00")  # a Monday
    assert home.windows()
    await send(await change(), NIGHT | {"days": [day for day in DAYS if day != "mon"]})
    assert not any(start < home.now.replace(day=7, hour=20) for start, _ in home.windows())


# Adding and deleting


async def test_a_new_schedule_brings_its_device_and_its_entities(hass, home, add, send) -> None:
    home.add()
    await home.set_up()
    asked, windows = len(home.asked()), home.windows()
    assert home.sensor("plan_source") == "flatpeak"

    await send(await add(), EVENING)
    _, new = home.entry.subentries
    assert home.device(new).name == "Battery"
    assert home.device(new).via_device_id == home.device(LOCATION).id
    assert {entity.unique_id.removeprefix(f"{new}_") for entity in entities(hass, new)} == {
        entity.unique_id.removeprefix("schedule1_") for entity in entities(hass, "schedule1")
    }
    assert home.sensor("planned_duration", new) == "90.0"
    assert len(home.asked()) == asked + 1
    assert home.windows() == windows


async def test_a_deleted_schedule_leaves_nothing_behind(hass, home, hass_storage) -> None:
    home.add()
    other = home.add(name="Boiler")
    await home.set_up()
    asked, windows = len(home.asked()), home.windows(other)

    hass.config_entries.async_remove_subentry(home.entry, "schedule1")
    await home.settle()

    assert entities(hass, "schedule1") == []
    assert home.device() is None
    assert not [state for state in hass.states.async_all() if "car" in state.entity_id]
    assert home.windows(other) == windows
    assert len(home.asked()) == asked

    await home.stop()
    stored = hass_storage[f"flatpeak.{home.entry.entry_id}"]["data"]["home"]["schedules"]
    assert set(stored) == {other}


async def test_the_last_schedule_can_be_deleted_and_another_one_added(
    hass, home, add, send
) -> None:
    home.add()
    await home.set_up()
    hass.config_entries.async_remove_subentry(home.entry, "schedule1")
    await home.settle()
    assert home.entry.state is ConfigEntryState.LOADED
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), home.entry.entry_id)
    assert [device.name for device in devices] == ["Home (test mode)"]

    await send(await add(), NIGHT)
    (new,) = home.entry.subentries
    assert home.sensor("planned_duration", new) == "180.0"


async def test_a_running_window_goes_on_when_another_schedule_is_added(
    hass, home, add, send
) -> None:
    home.add()
    await home.set_up()
    start, end = home.windows()[0]
    await home.at(start)
    assert home.active()
    await send(await add(), EVENING)
    assert home.active()
    assert home.windows()[0] == (start, end)
    await home.at(end)
    assert not home.active()


# What a machine needs

MACHINE = {
    "in_one_piece": True,
    "run_through": True,
    "shortest_run": 30,
    "shortest_pause": 15,
    "most_starts": 2,
    "never_above": 0.3,
    "always_below": -0.01,
    "prefer": "late",
    "fallback": "02:00:00",
}


def machine_of(form) -> tuple[dict[str, Any], bool]:
    """Return what the section suggests, and whether it is open."""
    part = form["data_schema"].schema["machine"]
    suggested = {
        key.schema: key.description["suggested_value"]
        for key in part.schema.schema
        if (key.description or {}).get("suggested_value") is not None
    }
    return suggested, not part.options["collapsed"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({}, None),
        ({"in_one_piece": False, "run_through": False}, None),
        ({"never_above": 0}, {"never_above": 0}),
        ({"always_below": 0.0}, {"always_below": 0.0}),
        ({"prefer": "early"}, {"prefer": "early"}),
        (MACHINE, MACHINE),
    ],
    ids=str,
)
async def test_of_a_machine_only_what_it_asks_for_is_stored(
    hass, home, add, send, typed, stored
) -> None:
    await home.set_up()
    result = await send(await add(), NIGHT | {"machine": typed})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = home.entry.subentries.values()
    assert dict(subentry.data) == (NIGHT | {"machine": stored} if stored else NIGHT)


@pytest.mark.parametrize("name", sorted(MACHINE))
async def test_the_form_shows_what_a_machine_asks_for(hass, home, change, send, name) -> None:
    """Each by itself: it is stored, shown again, and can be taken back."""
    home.add()
    await home.set_up()
    form = await change()
    assert machine_of(form) == ({}, False)
    await send(form, NIGHT | {"machine": {name: MACHINE[name]}})
    form = await change()
    assert machine_of(form) == ({name: MACHINE[name]}, True)
    await send(form, shown(form) | {"name": "Car", "machine": {}})
    assert "machine" not in home.entry.subentries["schedule1"].data
    assert machine_of(await change()) == ({}, False)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"shortest_run": 181}, "run_too_long"),
        ({"never_above": 0.1, "always_below": 0.2}, "always_beyond_never"),
        ({"never_above": math.nan}, "invalid_value"),
        ({"shortest_pause": math.nan}, "invalid_value"),
    ],
    ids=str,
)
async def test_what_no_machine_can_is_told_in_its_section(
    hass, home, add, send, typed, error
) -> None:
    await home.set_up()
    form = await send(await add(), NIGHT | {"machine": typed})
    assert form["errors"] == {"machine": error}
    suggested, is_open = machine_of(form)
    assert is_open
    assert suggested.keys() == typed.keys()
    result = await send(form, NIGHT | {"machine": {"shortest_run": 180}})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("segment", "never", "always", "errors"),
    [
        ("low", 0.2, 0.2, {}),
        ("low", 0.2, 0.21, {"machine": "always_beyond_never"}),
        ("high", 0.2, 0.3, {}),
        ("high", 0.2, 0.1, {"machine": "always_beyond_never"}),
    ],
)
async def test_always_may_not_be_beyond_never(
    hass, home, add, send, segment, never, always, errors
) -> None:
    await home.set_up()
    machine = {"never_above": never, "always_below": always}
    result = await send(await add(), NIGHT | {"segment": segment, "machine": machine})
    assert (result.get("errors") or {}) == errors


@pytest.mark.parametrize(
    "typed",
    [
        {"shortest_run": 0},
        {"shortest_run": 1441},
        {"shortest_pause": -1},
        {"most_starts": 0},
        {"most_starts": 101},
        {"never_above": 1e6},
        {"always_below": math.inf},
        {"prefer": "never"},
        {"fallback": "soon"},
        {"noise": 1},
    ],
    ids=str,
)
async def test_what_no_field_of_a_machine_offers_is_not_taken(hass, home, add, send, typed) -> None:
    await home.set_up()
    with pytest.raises(InvalidData):
        await send(await add(), NIGHT | {"machine": typed})


async def test_a_machine_may_sell_instead(hass, home, world, change, send) -> None:
    """Its bounds then hold for the prices of what is sold, which are read for it."""
    home.add(machine={"in_one_piece": True})
    await home.set_up()
    form = await change()
    typed = NIGHT | {"direction": "export", "segment": "high", "machine": {"in_one_piece": True}}
    await send(form, typed)
    await home.settle()
    assert home.sensor("status") == "planned"
    assert home.sensor("plan_source") == "planner"
    assert len(home.windows()) == 1
    assert home.asked() == []
