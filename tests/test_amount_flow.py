"""The form of a schedule by amount: what it stores, what it refuses, what follows from a change."""

import math
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType, InvalidData, section
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from custom_components.flatpeak.const import DAYS
from simulator.faults import Fault
from simulator.state import LOCATION, Device

from .home import CHARGE, NIGHT, Home, local, turned

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

EVENING = "2025-10-06T20:00:00"  # a Monday
HOURS = {"start": "22:00:00", "end": "07:00:00", "days": list(DAYS)}
BATTERY = {"soc_entity": "sensor.battery", "capacity": 10.0, "target_soc": 80.0, "efficiency": 95.0}
ADVANCED = {"min_power": 1.4, "energy_entity": "sensor.meter", "device_id": "dev_mine"}
# What a browser sends where nothing was typed into the sections.
EMPTY = {"battery": {"efficiency": 90.0}, "advanced": {}}
FULL = {name: value for name, value in CHARGE.items() if name != "energy"} | {
    "name": "Battery",
    "direction": "export",
    "start": "16:00:00",
    "end": "23:30:00",
    "days": ["mon", "wed", "sun"],
    "battery": BATTERY,
    "advanced": ADVANCED,
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
            (home.entry.entry_id, "amount"), context={"source": SOURCE_USER}
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
    """Return what the form shows: suggested values, else defaults, in their sections."""
    return _shown(form["data_schema"])


def _shown(schema) -> dict[str, Any]:
    values = {}
    for key, field in schema.schema.items():
        suggested = (key.description or {}).get("suggested_value")
        if isinstance(field, section):
            values[key.schema] = _shown(field.schema)
        elif suggested is not None:
            values[key.schema] = suggested
        elif callable(key.default):
            values[key.schema] = key.default()
    return values


def is_open(form, name: str) -> bool:
    """Tell whether a section shows its fields."""
    return not form["data_schema"].schema[name].options["collapsed"]


def offered(form) -> dict[str, str]:
    """Return the devices that the form offers: their names, by what is stored."""
    inner = form["data_schema"].schema["advanced"].schema.schema
    return {one["value"]: one["label"] for one in inner["device_id"].config["options"]}


def stored(home: Home, subentry_id: str | None = None) -> dict[str, Any]:
    """Return what is stored of a schedule, of the only one if none is named."""
    if subentry_id is None:
        (subentry_id,) = home.entry.subentries
    return dict(home.entry.subentries[subentry_id].data)


def flat(typed: dict[str, Any]) -> dict[str, Any]:
    """Return a form as it is stored: without its sections."""
    rest = {name: value for name, value in typed.items() if name not in EMPTY}
    return rest | typed.get("battery", {}) | typed.get("advanced", {})


def set_soc(home: Home, value: float | str = 50) -> None:
    home.hass.states.async_set("sensor.battery", str(value), {"unit_of_measurement": "%"})


def set_meter(home: Home, unit: str | None = "kWh", entity_id: str = "sensor.meter") -> None:
    attributes = {"unit_of_measurement": unit} if unit else {}
    home.hass.states.async_set(entity_id, "5000", attributes)


def entities(hass, subentry_id: str) -> list[er.RegistryEntry]:
    """Return the entities of a schedule."""
    return [
        entity
        for entity in er.async_get(hass).entities.values()
        if entity.config_subentry_id == subentry_id
    ]


def device_of(home: Home, index: int = -1, part: int = 0) -> str:
    """Return the device that one of the requests named."""
    return home.amount_calls()[index].body["data"][part]["device_id"]


# What is stored


async def test_a_name_and_an_energy_are_enough(hass, home, add, send) -> None:
    await home.set_up()
    form = await add()
    assert shown(form) == {"direction": "import", "max_power": 7.4, **HOURS, **EMPTY}
    assert not is_open(form, "battery")
    assert not is_open(form, "advanced")

    result = await send(form, {"name": "Car", "energy": 24.0})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = home.entry.subentries.values()
    assert (subentry.title, subentry.subentry_type) == ("Car", "amount")
    assert dict(subentry.data) == CHARGE | {"max_power": 7.4}
    assert subentry.unique_id is None
    assert home.sensor("planned_energy", subentry.subentry_id) == "24.0"


async def test_what_a_browser_sends_of_empty_sections_is_not_stored(hass, home, add, send) -> None:
    await home.set_up()
    await send(await add(), CHARGE | EMPTY)
    assert stored(home) == CHARGE


async def test_a_state_of_charge_takes_the_place_of_an_energy(hass, home, add, send) -> None:
    await home.set_up()
    set_soc(home)
    set_meter(home)
    home.world.devices = [Device(id="dev_mine", reference_id="Battery")]
    result = await send(await add(), FULL)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert stored(home) == flat(FULL)


async def test_an_energy_beside_a_state_of_charge_stands_for_nothing(hass, home, add, send) -> None:
    await home.set_up()
    set_soc(home)
    await send(await add(), CHARGE | {"battery": BATTERY})
    (subentry_id,) = home.entry.subentries
    assert stored(home) == {
        name: value for name, value in (CHARGE | BATTERY).items() if name != "energy"
    }
    assert home.state("number", "target_soc", subentry_id) == "80.0"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(CHARGE | ADVANCED, id="an energy"),
        pytest.param(flat(FULL), id="a state of charge"),
    ],
)
@pytest.mark.parametrize("at_once", [False, True], ids=["in the form", "without a form"])
async def test_what_is_stored_can_be_sent_as_it_is(hass, home, add, send, typed, at_once) -> None:
    await home.set_up()
    set_soc(home)
    set_meter(home)
    home.world.devices = [Device(id="dev_mine", reference_id="Mine")]
    if at_once:
        result = await hass.config_entries.subentries.async_init(
            (home.entry.entry_id, "amount"), context={"source": SOURCE_USER}, data=typed
        )
        await home.settle()
    else:
        result = await send(await add(), typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert stored(home) == typed


@pytest.mark.parametrize("direction", ["import", "export"])
async def test_power_can_be_bought_or_sold(hass, home, add, send, direction) -> None:
    await home.set_up()
    await send(await add(), CHARGE | {"direction": direction})
    assert stored(home)["direction"] == direction
    (part,) = home.amount_calls()[-1].body["data"]
    # as the account spells it
    assert direction.upper() in (part.get("direction"), part.get("tariff_direction"))


async def test_blanks_are_left_out(hass, home, add, send) -> None:
    await home.set_up()
    home.world.devices = [Device(id="dev_mine", reference_id="Mine")]
    await send(await add(), CHARGE | {"name": "  Car ", "advanced": {"device_id": " dev_mine "}})
    (subentry,) = home.entry.subentries.values()
    assert (subentry.title, subentry.data["name"]) == ("Car", "Car")
    assert subentry.data["device_id"] == "dev_mine"


@pytest.mark.parametrize(
    "advanced", [{}, {"min_power": 0}, {"device_id": ""}, {"device_id": "  "}], ids=str
)
async def test_what_is_left_empty_asks_for_nothing(hass, home, add, send, advanced) -> None:
    await home.set_up()
    await send(await add(), CHARGE | {"advanced": advanced})
    assert stored(home) in (CHARGE, CHARGE | {"min_power": 0})
    (device,) = home.world.devices
    assert device.reference_id == f"home-assistant-{next(iter(home.entry.subentries))}"
    assert device_of(home) == device.id


async def test_a_browser_can_show_and_send_it(
    hass, home, hass_client, hass_access_token, hass_admin_user
) -> None:
    """All of it goes through JSON, which takes less than Python does."""
    assert await async_setup_component(hass, "config", {})
    home.world.devices = [Device(id="dev_mine", reference_id="Mine")]
    await home.set_up(EVENING)
    set_soc(home)
    set_meter(home)
    # the clock was turned, so the token of the fixture has expired
    (login, *_) = hass_admin_user.refresh_tokens.values()
    client = await hass_client(hass.auth.async_create_access_token(login))
    path = "/api/config/config_entries/subentries/flow"
    answer = await client.post(path, json={"handler": [home.entry.entry_id, "amount"]})
    assert answer.status == 200
    form = await answer.json()
    fields = {field["name"]: field for field in form["data_schema"]}
    assert [field["name"] for field in fields["battery"]["schema"]] == list(BATTERY)
    assert fields["battery"]["expanded"] is fields["advanced"]["expanded"] is False

    answer = await client.post(f"{path}/{form['flow_id']}", json=CHARGE | {"energy": 99})
    assert answer.status == 200
    form = await answer.json()
    assert form["errors"] == {"energy": "energy_too_much"}
    answer = await client.post(f"{path}/{form['flow_id']}", json=FULL)
    assert answer.status == 200
    await home.settle()
    assert stored(home) == flat(FULL)

    (subentry_id,) = home.entry.subentries
    ask = {"handler": [home.entry.entry_id, "amount"], "subentry_id": subentry_id}
    answer = await client.post(path, json=ask)
    assert answer.status == 200
    form = await answer.json()
    fields = {field["name"]: field for field in form["data_schema"]}
    assert fields["battery"]["expanded"] is fields["advanced"]["expanded"] is True
    assert fields["max_power"]["description"] == {"suggested_value": 8.0}


# What is refused


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        pytest.param({"name": "  "}, {"name": "no_name"}, id="a blank name"),
        pytest.param({"days": []}, {"days": "no_days"}, id="no days"),
        pytest.param({"energy": None}, {"energy": "no_energy"}, id="no energy"),
        pytest.param(
            {"energy": None, "battery": {"capacity": 10.0}},
            {"energy": "no_sensor"},
            id="a capacity without a sensor",
        ),
        pytest.param(
            {"energy": None, "battery": {"target_soc": 80.0}},
            {"energy": "no_sensor"},
            id="a state of charge without a sensor",
        ),
        pytest.param(
            {"energy": None, "battery": {"soc_entity": "sensor.battery"}},
            {"battery": "battery_incomplete"},
            id="a sensor alone",
        ),
        pytest.param(
            {"battery": {"soc_entity": "sensor.battery", "capacity": 10.0}},
            {"battery": "battery_incomplete"},
            id="no state of charge to reach",
        ),
        pytest.param(
            {"battery": {"soc_entity": "sensor.battery", "target_soc": 80.0}},
            {"battery": "battery_incomplete"},
            id="no capacity",
        ),
        pytest.param(
            {"energy": 72.1}, {"energy": "energy_too_much"}, id="more than fits into a night"
        ),
        pytest.param(
            {"start": "07:00:00", "end": "22:00:00", "energy": 120.1},
            {"energy": "energy_too_much"},
            id="more than fits into a day from morning to evening",
        ),
        pytest.param(
            {"start": "07:00:00", "end": "07:00:00", "energy": 192.1},
            {"energy": "energy_too_much"},
            id="more than fits into 24 hours",
        ),
        pytest.param(
            {"advanced": {"min_power": 8.1}},
            {"advanced": "power_below_minimum"},
            id="a least power above the power",
        ),
        pytest.param(
            {"advanced": {"energy_entity": "sensor.battery"}},
            {"advanced": "no_energy_meter"},
            id="a meter of something else",
        ),
        pytest.param(
            {"advanced": {"energy_entity": "sensor.plain"}},
            {"advanced": "no_energy_meter"},
            id="a meter without a unit",
        ),
        pytest.param(
            {"advanced": {"device_id": "dev_taken"}},
            {"advanced": "device_in_use"},
            id="a device of another schedule",
        ),
        pytest.param(
            {"advanced": {"device_id": "Car"}},
            {"advanced": "unknown_device"},
            id="a device that is none",
        ),
        pytest.param(
            {"energy": None, "battery": BATTERY | {"soc_entity": "sensor.energy"}},
            {"battery": "no_percentage"},
            id="a state of charge in kWh",
        ),
        pytest.param(
            {"energy": math.nan}, {"base": "invalid_value"}, id="energy that is no number"
        ),
        pytest.param(
            {"energy": None, "battery": BATTERY | {"capacity": math.nan}},
            {"base": "invalid_value"},
            id="a battery that is no number",
        ),
        pytest.param(
            {"name": "", "days": [], "energy": 80.0, "advanced": {"min_power": 9.0}},
            {
                "name": "no_name",
                "days": "no_days",
                "energy": "energy_too_much",
                "advanced": "power_below_minimum",
            },
            id="all at once",
        ),
        pytest.param(
            {"name": "", "days": [], "energy": None},
            {"name": "no_name", "days": "no_days", "energy": "no_energy"},
            id="all at once without an energy",
        ),
        pytest.param(
            {
                "name": "",
                "days": [],
                "battery": {"soc_entity": "sensor.battery"},
                "advanced": {"min_power": 9.0},
            },
            {
                "name": "no_name",
                "days": "no_days",
                "battery": "battery_incomplete",
                "advanced": "power_below_minimum",
            },
            id="all at once with a sensor",
        ),
    ],
)
async def test_what_cannot_be_is_told_where_it_was_typed_and_nothing_is_lost(
    hass, home, add, change, send, typed, errors
) -> None:
    other = home.add_amount(name="Van", device_id="dev_taken")
    home.world.devices = [Device(id="dev_taken", reference_id="Van")]
    await home.set_up(EVENING)
    set_soc(home)
    set_meter(home, None, "sensor.plain")
    set_meter(home, "kWh", "sensor.energy")
    typed = {name: value for name, value in (CHARGE | typed).items() if value is not None}
    expected = EMPTY | typed | {"battery": EMPTY["battery"] | typed.get("battery", {})}
    expected["name"] = typed["name"].strip()

    form = await send(await add(), typed)
    assert (form["step_id"], form["errors"]) == ("user", errors)
    assert {"name": ""} | shown(form) == expected
    assert list(home.entry.subentries) == [other]
    # what has to be mended is not hidden
    for name in EMPTY.keys() & (errors.keys() | typed.keys()):
        assert is_open(form, name)

    assert (await send(form, CHARGE | EMPTY))["type"] is FlowResultType.CREATE_ENTRY
    _, subentry_id = home.entry.subentries

    form = await send(await change(subentry_id), typed)
    assert (form["step_id"], form["errors"]) == ("reconfigure", errors)
    assert {"name": ""} | shown(form) == expected
    assert stored(home, subentry_id) == CHARGE
    result = await send(form, CHARGE | {"energy": 16.0} | EMPTY)
    assert result["reason"] == "reconfigure_successful"
    assert stored(home, subentry_id) == CHARGE | {"energy": 16.0}


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param({"direction": "local"}, id="direction"),
        pytest.param({"energy": -0.1}, id="less than no energy"),
        pytest.param({"energy": 1000.1}, id="too much energy"),
        pytest.param({"max_power": 0}, id="no power"),
        pytest.param({"max_power": 100.1}, id="too much power"),
        pytest.param({"start": "25:00:00"}, id="start"),
        pytest.param({"end": "soon"}, id="end"),
        pytest.param({"days": ["someday"]}, id="days"),
        pytest.param({"battery": {"soc_entity": "light.battery"}}, id="state of charge of a light"),
        pytest.param({"battery": {"capacity": 0}}, id="no capacity"),
        pytest.param({"battery": {"target_soc": 101}}, id="more than full"),
        pytest.param({"battery": {"target_soc": -1}}, id="less than empty"),
        pytest.param({"battery": {"efficiency": 9}}, id="nothing arrives"),
        pytest.param({"battery": {"efficiency": 101}}, id="more arrives than goes in"),
        pytest.param({"advanced": {"min_power": -1}}, id="least power"),
        pytest.param({"advanced": {"energy_entity": "switch.meter"}}, id="a switch as a meter"),
    ],
)
async def test_what_no_field_offers_is_not_taken(hass, home, add, send, typed) -> None:
    await home.set_up()
    form = await add()
    with pytest.raises(InvalidData) as refused:
        await send(form, CHARGE | typed)
    (field,) = typed
    # Home Assistant cannot place what is wrong inside a section
    assert list(refused.value.schema_errors) == ["base" if field in EMPTY else field]
    assert (await send(form, CHARGE))["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param({"capacity": "large"}, id="capacity"),
        pytest.param({"target_soc": 101}, id="target"),
        pytest.param({"efficiency": "high"}, id="efficiency"),
        pytest.param({"min_power": "little"}, id="least power"),
        pytest.param({"energy_entity": "meter"}, id="meter"),
    ],
)
async def test_what_is_sent_without_its_section_is_checked_as_well(
    hass, home, add, send, typed
) -> None:
    await home.set_up()
    set_soc(home)
    sent = flat(CHARGE | {"battery": BATTERY}) | typed
    form = await send(await add(), sent)
    assert form["errors"] == {"base": "invalid_value"}
    assert flat(shown(form)) == sent
    assert not home.entry.subentries
    assert (await send(form, CHARGE))["type"] is FlowResultType.CREATE_ENTRY


async def test_what_no_field_asks_for_is_not_stored(hass, home, add, send) -> None:
    await home.set_up()
    await send(await add(), CHARGE | {"color": "red"})
    assert stored(home) == CHARGE


async def test_a_new_schedule_wants_something(hass, home, add, change, send) -> None:
    """Only for one that is there an automation, or its owner, may want nothing for once."""
    home.add_amount()
    await home.set_up(EVENING)
    form = await send(await add(), CHARGE | {"energy": 0.0})
    assert form["errors"] == {"energy": "no_energy"}
    assert shown(form) == CHARGE | EMPTY | {"energy": 0.0}

    result = await send(await change(), CHARGE | {"energy": 0.0})
    assert result["reason"] == "reconfigure_successful"
    assert stored(home) == CHARGE | {"energy": 0.0}
    assert home.state("number", "energy") == "0.0"
    assert home.loads() == []
    await home.stop()
    await home.start()
    assert home.state("number", "energy") == "0.0"
    await home.set_number("energy", 8)
    assert home.sensor("planned_energy") == "8.0"


@pytest.mark.parametrize(
    ("start", "end", "energy"),
    [
        pytest.param("22:00:00", "07:00:00", 72, id="an end before the start is tomorrow's"),
        pytest.param("07:00:00", "22:00:00", 120, id="an end after the start is today's"),
        pytest.param("07:00:00", "07:00:00", 192, id="equal times are 24 hours"),
    ],
)
async def test_the_energy_may_fill_the_whole_period(
    hass, home, add, send, start, end, energy
) -> None:
    await home.set_up()
    result = await send(await add(), CHARGE | {"start": start, "end": end, "energy": energy})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("unit", ["kWh", "Wh", "MWh", "MJ"])
async def test_a_meter_may_count_in_any_unit_of_energy(hass, home, add, send, unit) -> None:
    await home.set_up()
    set_meter(home, unit)
    typed = CHARGE | {"advanced": {"energy_entity": "sensor.meter"}}
    assert (await send(await add(), typed))["type"] is FlowResultType.CREATE_ENTRY
    assert stored(home)["energy_entity"] == "sensor.meter"


@pytest.mark.parametrize("state", [None, "unavailable", "unknown"])
@pytest.mark.parametrize(
    "typed",
    [{"advanced": {"energy_entity": "sensor.away"}}, {"battery": BATTERY}],
    ids=["meter", "battery"],
)
async def test_a_sensor_that_is_away_gets_the_benefit_of_the_doubt(
    hass, home, add, send, typed, state
) -> None:
    await home.set_up()
    if state:
        hass.states.async_set("sensor.away", state)
        hass.states.async_set("sensor.battery", state, {"unit_of_measurement": "kWh"})
    assert (await send(await add(), CHARGE | typed))["type"] is FlowResultType.CREATE_ENTRY


async def test_a_state_of_charge_may_come_without_a_unit(hass, home, add, send) -> None:
    """As that of many a helper."""
    await home.set_up()
    hass.states.async_set("sensor.battery", "50")
    typed = CHARGE | {"battery": BATTERY}
    assert (await send(await add(), typed))["type"] is FlowResultType.CREATE_ENTRY


async def test_where_no_device_is_known_any_may_be_typed(hass, home, add, send) -> None:
    """Flatpeak will say so, and then one is made."""
    await home.set_up(EVENING)
    await send(await add(), CHARGE | {"advanced": {"device_id": "Car"}})
    (subentry_id,) = home.entry.subentries
    assert home.sensor("planned_energy", subentry_id) == "24.0"
    (device,) = home.world.devices
    assert device_of(home) == device.id


# Devices


async def test_the_devices_of_the_account_are_offered_by_name(hass, home, add) -> None:
    home.world.devices = [
        Device(id="dev_car", reference_id="Car"),
        Device(id="dev_boiler", reference_id=""),
    ]
    await home.set_up()
    assert offered(await add()) == {"dev_car": "Car", "dev_boiler": "dev_boiler"}


async def test_a_device_that_is_chosen_is_asked_for_and_no_other_is_made(
    hass, home, add, send
) -> None:
    car = Device(id="dev_car", reference_id="Car")
    home.world.devices = [car]
    await home.set_up()
    await send(await add(), CHARGE | {"advanced": {"device_id": "dev_car"}})
    assert device_of(home) == "dev_car"
    assert home.world.devices == [car]


async def test_a_device_that_is_taken_is_not_offered(hass, home, add, change, send) -> None:
    """Neither one that was chosen, nor one that was made for a schedule."""
    home.world.devices = [
        Device(id="dev_car", reference_id="Car"),
        Device(id="dev_boiler", reference_id="Boiler"),
    ]
    home.add_amount(device_id="dev_car")
    other = home.add_amount(name="Van")
    await home.set_up(EVENING)
    assert len(home.world.devices) == 3
    assert offered(await add()) == {"dev_boiler": "Boiler"}
    # a schedule keeps its own
    assert offered(await change()).keys() == {"dev_car", "dev_boiler"}
    assert offered(await change(other)).keys() == {"dev_boiler"}

    hass.config_entries.async_remove_subentry(home.entry, "schedule1")
    await home.settle()
    assert offered(await add()) == {"dev_car": "Car", "dev_boiler": "Boiler"}


@pytest.mark.parametrize(
    ("made", "loaded"),
    [
        pytest.param(False, True, id="chosen"),
        pytest.param(True, True, id="made for it"),
        pytest.param(False, False, id="chosen, and not loaded"),
    ],
)
async def test_two_schedules_with_the_same_device_are_refused(
    hass, home, add, change, send, made, loaded
) -> None:
    """By its id, which can be typed whatever is offered."""
    if not made:
        home.world.devices = [Device(id="dev_car", reference_id="Car")]
    home.add_amount(device_id=None if made else "dev_car")
    other = home.add_amount(name="Van")
    await home.set_up(EVENING)
    taken = device_of(home)
    if not loaded:
        await home.stop()
    typed = CHARGE | {"advanced": {"device_id": taken}}

    form = await send(await add(), typed)
    assert form["errors"] == {"advanced": "device_in_use"}
    assert shown(form)["advanced"] == {"device_id": taken}
    form = await send(await change(other), typed)
    assert form["errors"] == {"advanced": "device_in_use"}
    # its own schedule may name it
    result = await send(await change(), typed)
    assert result["reason"] == "reconfigure_successful"
    assert stored(home, "schedule1")["device_id"] == taken
    assert "device_id" not in stored(home, other)


async def test_a_device_that_turns_out_to_be_taken_is_not_shared(hass, home, add, send) -> None:
    """While nothing is loaded nobody knows which device was made for a schedule."""
    home.add_amount()
    await home.set_up(EVENING)
    made = device_of(home)
    await home.stop()
    await send(await add(), CHARGE | {"name": "Van", "advanced": {"device_id": made}})
    await home.start()
    _, van = home.entry.subentries
    first, second = home.amount_calls()[-1].body["data"]
    assert first["device_id"] != second["device_id"]
    assert home.sensor("planned_energy") == home.sensor("planned_energy", van) == "24.0"


async def test_a_device_of_an_other_home_is_none_of_this_home_s_business(hass, home, add) -> None:
    """Each home has its own entry; the devices are the account's."""
    home.world.devices = [Device(id="dev_car", reference_id="Car")]
    home.add_amount()
    await home.set_up(EVENING)
    assert "dev_car" in offered(await add())


async def test_a_device_that_is_chosen_later_is_asked_for_from_then_on(
    hass, home, add, change, send
) -> None:
    home.add_amount()
    await home.set_up(EVENING)
    made = device_of(home)
    home.world.devices.append(Device(id="dev_car", reference_id="Car"))
    await send(await change(), CHARGE | {"advanced": {"device_id": "dev_car"}})
    assert stored(home) == CHARGE | {"device_id": "dev_car"}
    await home.set_number("energy", 16)
    assert device_of(home) == "dev_car"
    # the one that was made is nothing to choose from: nobody would know what it is
    assert offered(await add()) == {}

    # and left to us again
    await send(await change(), CHARGE)
    await home.set_number("energy", 8)
    assert device_of(home) == made


async def test_a_device_that_is_chosen_with_another_wish_is_asked_for(
    hass, home, change, send
) -> None:
    home.add_amount()
    await home.set_up(EVENING)
    home.world.devices.append(Device(id="dev_car", reference_id="Car"))
    await send(await change(), CHARGE | {"energy": 16.0, "advanced": {"device_id": "dev_car"}})
    await home.set_number("energy", 8)
    assert device_of(home) == "dev_car"


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.CUT_OFF, Fault.NOT_JSON, Fault.REFUSE])
async def test_the_form_works_without_the_server(hass, home, add, change, send, fault) -> None:
    home.world.devices = [Device(id="dev_car", reference_id="Car")]
    await home.set_up(EVENING)
    with turned(home.world, faults={fault}):
        form = await add()
        assert offered(form) == {}
        form = await send(form, CHARGE | {"energy": 99.0})
        assert form["errors"] == {"energy": "energy_too_much"}
        result = await send(form, CHARGE | {"advanced": {"device_id": "dev_car"}})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        (subentry_id,) = home.entry.subentries
        form = await change(subentry_id)
        assert shown(form) == CHARGE | EMPTY | {"advanced": {"device_id": "dev_car"}}
    await home.update(subentry_id)
    assert device_of(home) == "dev_car"
    assert home.sensor("planned_energy", subentry_id) == "24.0"
    assert offered(await add()) == {}


async def test_a_form_asks_for_the_devices_once(hass, home, add, send) -> None:
    await home.set_up(EVENING)
    form = await add()
    for energy in (80.0, 81.0):
        form = await send(form, CHARGE | {"energy": energy})
    assert sum(call.path == "/devices" for call in home.world.calls) == 1


# Changing a schedule


async def test_the_form_shows_what_is_stored_in_its_sections(hass, home, change) -> None:
    home.world.devices = [Device(id="dev_mine", reference_id="Mine")]
    home.add_amount(energy=None, **flat(FULL))
    await home.set_up(EVENING)
    form = await change()
    assert shown(form) == FULL
    assert is_open(form, "battery")
    assert is_open(form, "advanced")


@pytest.mark.parametrize("name", ["min_power", "energy_entity", "device_id"])
async def test_a_section_that_holds_something_is_open(hass, home, change, name) -> None:
    home.world.devices = [Device(id="dev_mine", reference_id="Mine")]
    home.add_amount(**{name: ADVANCED[name]})
    await home.set_up(EVENING)
    form = await change()
    assert shown(form)["advanced"] == {name: ADVANCED[name]}
    assert is_open(form, "advanced")
    assert not is_open(form, "battery")


async def test_the_form_shows_what_the_entities_have_changed(hass, home, change) -> None:
    home.add_amount()
    await home.set_up(EVENING)
    await home.set_number("energy", 15.5)
    await home.set_number("max_power", 3.7)
    await home.set_time("start", "21:15:00")
    await home.set_time("end", "06:30:00")
    assert shown(await change()) == EMPTY | CHARGE | {
        "energy": 15.5,
        "max_power": 3.7,
        "start": "21:15:00",
        "end": "06:30:00",
    }


async def test_the_form_shows_the_state_of_charge_the_entity_has_changed(
    hass, home, change
) -> None:
    set_soc(home)
    home.add_amount(energy=None, **BATTERY)
    await home.set_up(EVENING)
    await home.set_number("target_soc", 65)
    assert shown(await change())["battery"] == BATTERY | {"target_soc": 65}


async def test_the_form_wins_over_the_entities_even_where_it_stays_as_it_was(
    hass, home, change, send
) -> None:
    home.add_amount()
    await home.set_up(EVENING)
    await home.set_number("energy", 10)
    await home.set_number("max_power", 3.7)
    await home.set_time("start", "21:15:00")

    result = await send(await change(), CHARGE)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert home.state("number", "energy") == "24.0"
    assert home.state("number", "max_power") == "8.0"
    assert home.state("time", "start") == "22:00:00"
    assert home.sensor("planned_energy") == "24.0"

    await home.stop()
    await home.start()
    assert home.state("number", "energy") == "24.0"
    assert home.state("number", "max_power") == "8.0"


async def test_what_the_form_was_sent_back_unchanged_keeps_the_entities_values(
    hass, home, change, send
) -> None:
    home.add_amount()
    await home.set_up(EVENING)
    await home.set_number("energy", 10)
    windows, asked = home.loads(), len(home.asked())
    form = await change()
    await send(form, shown(form))
    assert home.state("number", "energy") == "10.0"
    assert home.loads() == windows
    assert len(home.asked()) == asked


async def test_a_wish_of_nothing_can_be_shown_and_sent_back(hass, home, change, send) -> None:
    """An automation that wants nothing tonight does not lock the form."""
    home.add_amount()
    await home.set_up(EVENING)
    await home.set_number("energy", 0)
    form = await change()
    result = await send(form, shown(form) | {"name": "Van"})
    assert result["reason"] == "reconfigure_successful"
    assert home.device().name == "Van"


async def test_a_schedule_that_is_off_stays_off_when_it_is_changed(
    hass, home, change, send
) -> None:
    home.add_amount()
    await home.set_up(EVENING)
    await home.enable(False)
    asked = len(home.asked())
    await send(await change(), CHARGE | {"energy": 16.0})
    assert home.state("switch", "enabled") == "off"
    assert len(home.asked()) == asked
    await home.enable(True)
    assert home.sensor("planned_energy") == "16.0"


async def test_a_change_takes_effect_at_once_with_one_request(hass, plain, change, send) -> None:
    plain.add_amount()
    other = plain.add_amount(name="Boiler", energy=2.0, max_power=2.0)
    await plain.set_up(EVENING)
    asked, kept = len(plain.asked()), plain.loads(other)
    await send(
        await change(),
        CHARGE | {"energy": 6.0, "max_power": 6.0, "start": "21:00:00", "end": "23:30:00"},
    )
    assert plain.state("number", "energy") == "6.0"
    assert plain.state("number", "max_power") == "6.0"
    assert (plain.state("time", "start"), plain.state("time", "end")) == ("21:00:00", "23:30:00")
    assert plain.sensor("planned_energy") == "6.0"
    # the dear half hour before midnight's cheap one, and that
    assert [(load.start, load.end, load.power) for load in plain.loads()] == [
        (local("2025-10-06T22:30"), local("2025-10-06T23:30"), 6.0)
    ]
    assert len(plain.asked()) == asked + 1
    assert plain.loads(other) == kept


async def test_a_change_counts_at_once_on_what_runs(hass, plain, change, send) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.at("2025-10-06T23:00:00")
    await plain.at("2025-10-06T23:30:00")
    assert plain.power() == 8.0
    await send(await change(), CHARGE | {"energy": 10.0, "max_power": 4.0})
    # 4 of the 10 kWh are there; the rest fits into half an hour of now and the next cheap one
    assert plain.power() == 4.0
    assert plain.sensor("planned_energy") == "10.0"
    assert sum(load.energy for load in plain.loads()) == pytest.approx(10.0)
    await send(await change(), CHARGE | {"energy": 3.0, "max_power": 4.0})
    assert not plain.active()
    assert plain.power() == 0


async def test_what_is_emptied_is_gone(hass, home, change, send) -> None:
    home.world.devices = [Device(id="dev_mine", reference_id="Mine")]
    home.add_amount(energy=None, **flat(FULL))
    set_soc(home)
    set_meter(home)
    await home.set_up(EVENING)
    result = await send(await change(), CHARGE | EMPTY)
    assert result["reason"] == "reconfigure_successful"
    assert stored(home) == CHARGE
    assert home.state("number", "energy") == "24.0"
    unique_ids = {entity.unique_id for entity in entities(hass, "schedule1")}
    live = {entity for entity in unique_ids if hass.states.get(_entity_id(hass, entity))}
    assert "schedule1_target_soc" not in live


def _entity_id(hass, unique_id: str) -> str:
    return next(
        entity.entity_id
        for entity in er.async_get(hass).entities.values()
        if entity.unique_id == unique_id
    )


@pytest.mark.parametrize(
    ("before", "after", "kept", "gone"),
    [
        pytest.param(
            {}, {"energy": None, "battery": BATTERY}, "target_soc", "energy", id="now a battery"
        ),
        pytest.param(
            {"energy": None} | BATTERY, {"energy": 24.0}, "energy", "target_soc", id="no longer one"
        ),
    ],
)
async def test_a_number_that_means_nothing_any_more_goes(
    hass, home, change, send, before, after, kept, gone
) -> None:
    set_soc(home)
    home.add_amount(**before)
    await home.set_up(EVENING)
    home.entity_id("number", gone)
    typed = {name: value for name, value in (CHARGE | after).items() if value is not None}
    await send(await change(), typed)
    assert home.state("number", kept) in ("24.0", "80.0")
    keys = {entity.unique_id.removeprefix("schedule1_") for entity in entities(hass, "schedule1")}
    assert kept in keys
    assert gone not in keys


async def test_a_new_name_shows_everywhere_and_changes_nothing_else(
    hass, home, change, send
) -> None:
    home.add_amount()
    await home.set_up(EVENING)
    asked, windows = len(home.asked()), home.loads()
    ids = {entity.entity_id for entity in entities(hass, "schedule1")}
    await send(await change(), CHARGE | {"name": " Van "})
    assert home.entry.subentries["schedule1"].title == "Van"
    assert home.device().name == "Van"
    assert {entity.entity_id for entity in entities(hass, "schedule1")} == ids
    assert home.loads() == windows
    assert len(home.asked()) == asked
    assert len(home.world.devices) == 1


async def test_a_schedule_of_an_entry_that_is_not_loaded_can_be_changed(
    hass, home, add, change, send
) -> None:
    home.add_amount()
    with turned(home.world, faults={Fault.UNAVAILABLE}):
        await home.set_up(EVENING)
    assert home.entry.state is ConfigEntryState.SETUP_RETRY
    form = await change()
    assert shown(form) == CHARGE | EMPTY
    assert offered(form) == {}
    result = await send(form, CHARGE | {"energy": 16.0})
    assert result["reason"] == "reconfigure_successful"
    assert stored(home) == CHARGE | {"energy": 16.0}
    result = await send(await add(), CHARGE | {"name": "Van", "energy": 8.0})
    assert result["type"] is FlowResultType.CREATE_ENTRY

    await hass.config_entries.async_reload(home.entry.entry_id)
    await home.settle()
    _, van = home.entry.subentries
    assert home.sensor("planned_energy") == "16.0"
    assert home.sensor("planned_energy", van) == "8.0"


async def test_a_form_that_was_changed_while_unloaded_wins_at_the_next_start(
    hass, home, change, send
) -> None:
    home.add_amount()
    await home.set_up(EVENING)
    await home.set_number("energy", 10)
    await home.set_number("max_power", 4)
    await home.set_time("start", "21:00:00")
    await home.stop()
    await send(await change(), CHARGE | {"energy": 12.0})
    await home.start()
    assert home.state("number", "energy") == "12.0"
    # what the form did not change stays as the entities left it
    assert home.state("number", "max_power") == "4.0"
    assert home.state("time", "start") == "21:00:00"
    await home.at(home.now)  # the request that this makes due
    assert home.sensor("planned_energy") == "12.0"


# Adding and deleting


async def test_a_new_schedule_brings_its_device_and_its_entities(hass, home, add, send) -> None:
    home.add_amount()
    home.add()
    await home.set_up(EVENING)
    asked, windows = len(home.asked()), home.loads()

    await send(await add(), CHARGE | {"name": "Boiler", "energy": 2.0, "max_power": 2.0})
    *_, new = home.entry.subentries
    assert home.device(new).name == "Boiler"
    assert home.device(new).via_device_id == home.device(LOCATION).id
    assert {entity.unique_id.removeprefix(f"{new}_") for entity in entities(hass, new)} == {
        entity.unique_id.removeprefix("schedule1_") for entity in entities(hass, "schedule1")
    }
    assert home.sensor("planned_energy", new) == "2.0"
    # one question holds both
    assert len(home.asked()) == asked + 1
    assert len(home.amount_calls()[-1].body["data"]) == 2
    assert home.loads() == windows


async def test_a_deleted_schedule_leaves_nothing_behind(hass, home, hass_storage) -> None:
    home.add_amount()
    other = home.add_amount(name="Boiler", energy=2.0, max_power=2.0)
    await home.set_up(EVENING)
    asked, windows = len(home.asked()), home.loads(other)

    hass.config_entries.async_remove_subentry(home.entry, "schedule1")
    await home.settle()
    assert entities(hass, "schedule1") == []
    assert home.device() is None
    assert not [state for state in hass.states.async_all() if "car" in state.entity_id]
    assert home.loads(other) == windows
    assert len(home.asked()) == asked

    await home.stop()
    stored = hass_storage[f"flatpeak.{home.entry.entry_id}"]["data"]["home"]["schedules"]
    assert set(stored) == {other}


async def test_the_last_schedule_can_be_deleted_and_the_totals_go_with_it(
    hass, home, add, send
) -> None:
    home.add_amount()
    await home.set_up(EVENING)
    hass.config_entries.async_remove_subentry(home.entry, "schedule1")
    await home.settle()
    assert home.entry.state is ConfigEntryState.LOADED
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), home.entry.entry_id)
    assert [device.name for device in devices] == ["Home (test mode)"]

    await send(await add(), CHARGE)
    (new,) = home.entry.subentries
    assert home.sensor("planned_energy", new) == "24.0"


async def test_both_kinds_of_schedules_can_be_added(hass, home, add, send) -> None:
    await home.set_up(EVENING)
    await send(await add(), CHARGE)
    form = await hass.config_entries.subentries.async_init(
        (home.entry.entry_id, "duration"), context={"source": SOURCE_USER}
    )
    await send(form, NIGHT)
    amount, duration = home.entry.subentries
    assert home.sensor("planned_energy", amount) == "24.0"
    assert home.sensor("planned_duration", duration) == "180.0"
