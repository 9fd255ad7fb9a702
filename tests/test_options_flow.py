"""The limits of a home: what the form stores, and that every plan obeys at once."""

from datetime import date
import math
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType, InvalidData, section
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.faults import Fault
from simulator.state import Location

from .home import CHARGE, HOUR, MINUTE, Home, Load, hours, local, turned
from .prices.listed import LISTED

EVENING = "2025-10-06T20:00:00"  # a Monday
ALL = {
    "max_import_power": 11.0,
    "max_export_power": 5.0,
    "cap_absolute": 0.25,
    "cap_relative": 0.5,
    "floor": 0.1,
}
CHEAP = (local("2025-10-06T23:00"), local("2025-10-07T00:00"), local("2025-10-07T02:00"))

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")


@pytest.fixture
def choose(hass, home):
    """Open the form, look at it, and send it."""

    async def choose(**typed) -> dict[str, Any]:
        form = await open_form(home)
        result = await hass.config_entries.options.async_configure(form["flow_id"], typed)
        await home.settle()
        assert result["type"] is FlowResultType.CREATE_ENTRY
        return result

    return choose


async def open_form(home: Home) -> dict[str, Any]:
    form = await home.hass.config_entries.options.async_init(home.entry.entry_id)
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "init")
    assert not form["errors"]
    return form


def shown(form) -> dict[str, Any]:
    """Return the values that the form shows."""
    return {
        key.schema: key.description["suggested_value"]
        for key in form["data_schema"].schema
        if (key.description or {}).get("suggested_value") is not None
    }


def units(form) -> dict[str, str | None]:
    """Return the unit of each field."""
    return {
        key.schema: field.config.get("unit_of_measurement")
        for key, field in form["data_schema"].schema.items()
    }


def asked(home: Home) -> dict[str, Any]:
    """Return what was asked last."""
    return home.amount_calls()[-1].body


# What is stored


async def test_nothing_has_to_be_filled_in(hass, home, choose) -> None:
    await home.set_up(EVENING)
    assert shown(await open_form(home)) == {}
    assert units(await open_form(home)).keys() == ALL.keys()
    await choose()
    assert dict(home.entry.options) == {}
    assert home.entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    "typed",
    [ALL, *({name: value} for name, value in ALL.items()), {"cap_absolute": 0.2, "floor": -0.05}],
    ids=" ".join,
)
async def test_what_is_typed_is_what_is_stored_and_shown(hass, home, choose, typed) -> None:
    await home.set_up(EVENING)
    await choose(**typed)
    assert dict(home.entry.options) == typed
    assert shown(await open_form(home)) == typed


@pytest.mark.parametrize("name", ALL)
async def test_what_is_emptied_holds_no_longer(hass, home, choose, name) -> None:
    home.options(**ALL)
    await home.set_up(EVENING)
    rest = {key: value for key, value in ALL.items() if key != name}
    await choose(**rest)
    assert dict(home.entry.options) == rest
    assert shown(await open_form(home)) == rest


@pytest.mark.parametrize(
    "typed",
    [
        {"max_import_power": 0},
        {"max_import_power": 100.1},
        {"max_export_power": -1},
        {"max_export_power": "much"},
        {"cap_absolute": 100_001},
        {"cap_relative": 0},
        {"cap_relative": 1.01},
        {"floor": -100_001},
        {"color": "red"},
    ],
    ids=str,
)
async def test_what_cannot_be_is_told_where_it_was_typed(hass, home, choose, typed) -> None:
    home.options(**ALL)
    await home.set_up(EVENING)
    form = await open_form(home)
    with pytest.raises(InvalidData) as refused:
        await hass.config_entries.options.async_configure(form["flow_id"], ALL | typed)
    (field,) = typed
    assert list(refused.value.schema_errors) == ["base" if field == "color" else field]
    assert dict(home.entry.options) == ALL
    await choose(floor=0.2)
    assert dict(home.entry.options) == {"floor": 0.2}


async def test_what_is_no_number_is_told_and_the_rest_is_not_lost(hass, home) -> None:
    home.options(**ALL)
    await home.set_up(EVENING)
    form = await open_form(home)
    typed = {"max_import_power": 8.0, "floor": 0.3}
    form = await hass.config_entries.options.async_configure(
        form["flow_id"], typed | {"cap_absolute": math.nan}
    )
    assert form["errors"] == {"cap_absolute": "no_number"}
    assert typed.items() <= shown(form).items()
    assert "max_export_power" not in shown(form)
    assert dict(home.entry.options) == ALL
    await hass.config_entries.options.async_configure(form["flow_id"], typed)
    assert dict(home.entry.options) == typed


async def test_every_field_has_words(hass, home) -> None:
    await home.set_up(EVENING)
    form = await open_form(home)
    texts = await async_get_translations(hass, "en", "options", {"flatpeak"})
    at = "component.flatpeak.options.step.init"
    for name in units(form):
        assert texts[f"{at}.data.{name}"]
        assert texts[f"{at}.data_description.{name}"]
    assert texts[f"{at}.title"]
    assert texts[f"{at}.description"]
    assert texts["component.flatpeak.options.error.no_number"]


async def test_a_browser_can_show_and_send_it(
    hass, home, hass_client, hass_access_token, hass_admin_user
) -> None:
    """All of it goes through JSON, which takes less than Python does."""
    assert await async_setup_component(hass, "config", {})
    home.options(cap_absolute=0.12345)
    await home.set_up(EVENING)
    # the clock was turned, so the token of the fixture has expired
    (login, *_) = hass_admin_user.refresh_tokens.values()
    client = await hass_client(hass.auth.async_create_access_token(login))
    path = "/api/config/config_entries/options/flow"
    answer = await client.post(path, json={"handler": home.entry.entry_id})
    assert answer.status == 200
    form = await answer.json()
    assert [field["name"] for field in form["data_schema"]] == list(ALL)
    assert not any(field.get("required") for field in form["data_schema"])

    answer = await client.post(f"{path}/{form['flow_id']}", json=ALL | {"floor": -0.00001})
    assert answer.status == 200
    await home.settle()
    assert dict(home.entry.options) == ALL | {"floor": -0.00001}


@pytest.mark.parametrize("loaded", [True, False])
async def test_prices_have_the_unit_of_the_home(hass, home, loaded) -> None:
    home.world.locations = [Location(currency="GBP", time_zone="Europe/London")]
    home.add_amount()
    if loaded:
        await home.set_up(EVENING)
    else:
        with turned(home.world, faults={Fault.UNAVAILABLE}):
            await home.set_up(EVENING)
    price = "GBP/kWh" if loaded else None  # nobody knows yet
    assert units(await open_form(home)) == {
        "max_import_power": "kW",
        "max_export_power": "kW",
        "cap_absolute": price,
        "cap_relative": None,
        "floor": price,
    }


# What follows


async def test_limits_hold_at_once_and_cost_one_request(hass, plain, choose) -> None:
    plain.add_amount()
    plain.add_amount(name="Boiler", energy=2.0, max_power=2.0)
    plain.add(name="Dryer")
    await plain.set_up(EVENING)
    before, requests = plain.entry.runtime_data, len(plain.asked())
    dryer = plain.windows("schedule3")
    await choose(max_import_power=11.0)
    assert plain.entry.state is ConfigEntryState.LOADED
    assert plain.entry.runtime_data is before
    assert len(plain.asked()) == requests + 1
    assert asked(plain)["max_power"] == {"units": "W", "value": 10000}
    # a schedule by duration has nothing to do with it
    assert plain.windows("schedule3") == dryer


async def test_the_same_again_changes_nothing(hass, plain, choose) -> None:
    plain.options(**ALL)
    plain.add_amount()
    await plain.set_up(EVENING)
    before, requests = plain.entry.runtime_data, len(plain.asked())
    await choose(**ALL)
    assert plain.entry.runtime_data is before
    assert len(plain.asked()) == requests


async def test_what_is_wished_stays(hass, plain, choose) -> None:
    plain.add_amount()
    plain.add_amount(name="Boiler")
    await plain.set_up(EVENING)
    await plain.set_number("energy", 10)
    await plain.enable(False, "schedule2")
    await choose(max_import_power=4.0)
    assert plain.state("number", "energy") == "10.0"
    assert plain.state("switch", "enabled", "schedule2") == "off"
    assert plain.sensor("planned_energy") == "10.0"


async def test_all_devices_together_stay_under_the_limit(hass, plain, choose) -> None:
    plain.add_amount()
    plain.add_amount(name="Boiler", energy=9.0, max_power=3.0)
    await plain.set_up(EVENING)
    start, end = local("2025-10-06T22:00"), local("2025-10-07T07:00")
    assert {load.start for load in plain.loads()} & {
        load.start for load in plain.loads("schedule2")
    }
    await choose(max_import_power=8.0)
    assert asked(plain)["max_power"] == {"units": "W", "value": 8000}
    await plain.live(end, HOUR / 4)
    assert plain.highest_power(start, end) == pytest.approx(8.0, abs=0.001)
    assert plain.energy(start, end) == pytest.approx(24.0, abs=0.01)
    assert plain.energy(start, end, "schedule2") == pytest.approx(9.0, abs=0.01)


async def test_a_limit_without_an_end_to_it_can_be_taken_back(hass, plain, choose) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    whole = plain.loads()
    await choose(max_import_power=4.0)
    assert {load.power for load in plain.loads()} == {4.0}
    assert plain.sensor("planned_energy") == "24.0"
    await choose()
    assert plain.loads() == whole


async def test_a_lower_limit_holds_at_once_for_what_runs_whatever_the_server_does(
    hass, plain, choose
) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.at(CHEAP[0])
    await plain.at(CHEAP[0] + HOUR / 2)
    assert plain.power() == 8.0
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await choose(max_import_power=4.0)
        assert plain.power() == 4.0
        assert all(load.power <= 4.0 for load in plain.loads() if load.start >= plain.now)
    # what the plan lost by it was planned locally, and stays
    assert plain.sensor("planned_energy") == "24.0"

    await plain.at(plain.now + HOUR / 10)
    assert plain.power() == 4.0
    assert plain.sensor("planned_energy") == "24.0"
    assert all(load.power <= 4.0 for load in plain.loads() if load.start >= plain.now)


async def test_two_that_run_are_cut_together(hass, plain, choose) -> None:
    plain.add_amount(energy=8.0)
    plain.add_amount(name="Boiler", energy=3.0, max_power=3.0)
    await plain.set_up(EVENING)
    await plain.at(CHEAP[0])
    assert plain.power() + plain.power("schedule2") == 11.0
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await choose(max_import_power=5.0)
        assert 0 < plain.power() + plain.power("schedule2") <= 5.0
    await plain.live("2025-10-07T04:00:00")
    start, end = CHEAP[0], plain.now
    assert plain.highest_power(start + MINUTE, end) <= 5.0 + 0.001
    # edges lie on whole seconds, the clock goes on by minutes
    assert plain.energy(start, end) == pytest.approx(8.0, abs=0.1)
    assert plain.energy(start, end, "schedule2") == pytest.approx(3.0, abs=0.1)


# Price limits


@pytest.mark.parametrize(
    ("limits", "energy", "threshold"),
    [
        pytest.param({"cap_absolute": 0.14}, 24.0, {"absolute": 0.14}, id="up to a price itself"),
        pytest.param({"cap_absolute": 0.13}, 16.0, {"absolute": 0.13}, id="below the third hour"),
        pytest.param({"cap_absolute": 0.05}, 0.0, {"absolute": 0.05}, id="below all"),
        # the lowest price, 0.10, counts 0.01 and the highest, 0.30, counts 1
        pytest.param({"cap_relative": 0.15}, 16.0, {"relative": 0.15}, id="a share of the range"),
        pytest.param({"cap_relative": 1}, 24.0, {"relative": 1}, id="the whole range"),
        pytest.param({"cap_relative": 0.01}, 8.0, {"relative": 0.01}, id="the lowest only"),
        pytest.param({"floor": 0.5}, 24.0, None, id="for what is sold only"),
    ],
)
async def test_nothing_is_bought_above_the_price_limit(
    hass, plain, choose, limits, energy, threshold
) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await choose(**limits)
    assert asked(plain).get("shaving_threshold") == threshold
    if energy:
        assert float(plain.sensor("planned_energy")) == energy
        assert float(plain.sensor("shortfall")) == 24.0 - energy
    else:
        assert plain.loads() == []
        assert plain.sensor("shortfall") == "24.0"

    await choose()
    assert plain.sensor("planned_energy") == "24.0"
    assert plain.sensor("shortfall") == "0.0"


async def test_a_share_of_the_prices_is_one_of_the_whole_period(hass, plain) -> None:
    """Whatever is left of the period is asked about in the end: the cheap hours are over."""
    plain.options(cap_relative=0.01)
    plain.add_amount(energy=40.0)
    await plain.set_up(EVENING)
    assert plain.sensor("planned_energy") == "8.0"
    await plain.live("2025-10-07T06:58:00", 5 * MINUTE)
    assert plain.energy(local(EVENING), plain.now) == pytest.approx(8.0)
    assert plain.bill(local(EVENING), plain.now) == pytest.approx(0.8)


async def test_of_two_price_limits_the_price_counts(hass, plain, choose) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await choose(cap_absolute=0.13, cap_relative=1)
    assert plain.sensor("planned_energy") == "16.0"
    await choose(cap_relative=1)
    assert plain.sensor("planned_energy") == "24.0"


async def test_a_price_limit_may_be_below_zero(hass, plain, choose) -> None:
    cheap = {24: -0.10, 25: -0.05, 26: -0.01}
    plain.world.import_prices = hours(
        [cheap.get(hour, 0.30) for hour in range(96)], local("2025-10-06T00:00")
    )
    plain.add_amount()
    await plain.set_up(EVENING)
    await choose(cap_absolute=-0.05)
    assert plain.loads() == [Load(CHEAP[1], CHEAP[1] + 2 * HOUR, 8.0)]
    assert float(plain.sensor("cost")) == pytest.approx(-1.2)
    await choose(cap_absolute=0)
    assert plain.sensor("planned_energy") == "24.0"


@pytest.mark.parametrize(
    ("options", "loads"),
    [
        pytest.param({}, [(18, 19, 5.0), (20, 21, 5.0)], id="no limit"),
        pytest.param({"floor": 0.25}, [(20, 21, 5.0)], id="a floor"),
        pytest.param({"floor": 0.40}, [(20, 21, 5.0)], id="a floor at the price itself"),
        pytest.param({"floor": 0.41}, [], id="a floor above all"),
        pytest.param({"cap_absolute": 0.01}, [(18, 19, 5.0), (20, 21, 5.0)], id="for buying"),
        pytest.param({"max_export_power": 2.5}, [(17, 21, 2.5)], id="a limit"),
        pytest.param({"max_import_power": 1.0}, [(18, 19, 5.0), (20, 21, 5.0)], id="for the rest"),
    ],
)
async def test_selling_has_limits_of_its_own(hass, plain, choose, options, loads) -> None:
    dear = {17: 0.10, 18: 0.20, 19: 0.15, 20: 0.40}
    plain.world.export_prices = hours(
        [dear.get(hour, 0.05) for hour in range(96)], local("2025-10-06T00:00")
    )
    plain.add_amount(
        name="Battery",
        direction="export",
        energy=10.0,
        max_power=5.0,
        start="16:00:00",
        end="22:00:00",
    )
    await plain.set_up("2025-10-06T15:00:00")
    await choose(**options)
    assert plain.loads() == [
        Load(local(f"2025-10-06T{start}:00"), local(f"2025-10-06T{end}:00"), power)
        for start, end, power in loads
    ]


async def test_each_direction_is_asked_alone_where_one_limit_cannot_serve_both(
    hass, plain, choose
) -> None:
    plain.add_amount()
    plain.add_amount(name="Battery", direction="export", energy=5.0, max_power=5.0)
    await plain.set_up(EVENING)
    before = len(plain.amount_calls())
    await choose(max_import_power=4.0, max_export_power=3.0, floor=0.2)
    calls = plain.amount_calls()[before:]
    assert [call.body["max_power"]["value"] for call in calls] == [4000, 3000]
    assert [call.body.get("shaving_threshold") for call in calls] == [None, {"absolute": 0.2}]
    assert {load.power for load in plain.loads()} == {4.0}
    assert {load.power for load in plain.loads("schedule2")} == {3.0}


async def test_limits_survive_a_restart_and_cost_no_request(hass, plain, choose) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await choose(max_import_power=4.0, cap_absolute=0.25)
    requests, loads = len(plain.asked()), plain.loads()
    await plain.stop()
    await plain.start()
    assert len(plain.asked()) == requests
    assert plain.loads() == loads
    await plain.set_number("energy", CHARGE["energy"] / 2)
    assert asked(plain)["max_power"] == {"units": "W", "value": 4000}
    assert asked(plain)["shaving_threshold"] == {"absolute": 0.25}


# A home without an account

ADDED = {
    "fixed": 0.11,
    "percent": 21.0,
    "hours": [{"start": "07:00:00", "end": "22:00:00", "amount": 0.06, "days": ["mon", "tue"]}],
}
TAKEN_OFF = {"fixed": -0.01}


@pytest.fixture
def cabin(hass, home):
    """Put a home without an account in the place of the one with."""
    source = LISTED["entsoe"]
    source.put(hass, date(2025, 10, 6))

    def cabin(*, sells: bool = True, **options) -> MockConfigEntry:
        data = {"source": source.source, "entity_id": source.entity_id}
        sold = {"export_source": data} if sells else {}
        home.entry = MockConfigEntry(
            domain="flatpeak",
            unique_id="local_1",
            data={"location_id": "local_1", "source": data} | sold,
            options=options,
        )
        return home.entry

    return cabin


def inner(form) -> dict[str, dict[str, Any]]:
    """Return what the sections of a form show."""
    return {
        key.schema: {
            name.schema: name.description["suggested_value"]
            for name in value.schema.schema
            if name.description
        }
        for key, value in form["data_schema"].schema.items()
        if isinstance(value, section)
    }


async def test_what_is_added_to_the_prices_of_an_account_is_none_of_ours(hass, home) -> None:
    await home.set_up(EVENING)
    assert inner(await open_form(home)) == {}


@pytest.mark.parametrize(
    "added",
    [{"additions": ADDED, "export_additions": TAKEN_OFF}, {"additions": ADDED}],
    ids=["sells", "only buys"],
)
async def test_what_is_added_can_be_changed(hass, home, cabin, choose, added) -> None:
    entry = cabin(sells="export_additions" in added)
    await home.set_up(EVENING)
    form = await open_form(home)
    assert inner(form) == {name: {} for name in added}
    assert not any(opened(form))
    before = price_now(home)

    await choose(floor=0.1, **added)
    assert entry.options == {"floor": 0.1, **added}
    assert entry.state is ConfigEntryState.LOADED
    assert price_now(home) == pytest.approx((before + 0.11 + 0.06) * 1.21)
    form = await open_form(home)
    assert inner(form) == added
    assert all(opened(form))

    await choose(floor=0.1, **{name: {} for name in added})
    assert entry.options == {"floor": 0.1}
    assert price_now(home) == before
    await choose(additions=ADDED)
    await choose()
    assert entry.options == {}


def opened(form) -> list[bool]:
    """Return which sections of a form are open."""
    fields = form["data_schema"].schema.values()
    return [not value.options["collapsed"] for value in fields if isinstance(value, section)]


def price_now(home: Home) -> float:
    """Return what power costs now, with all that is added."""
    return float(home.state("sensor", "price", "local_1"))


async def test_what_cannot_be_added_is_told_and_the_rest_is_not_lost(
    hass, home, cabin, choose
) -> None:
    entry = cabin(additions=ADDED)
    await home.set_up(EVENING)
    form = await open_form(home)
    form = await hass.config_entries.options.async_configure(
        form["flow_id"],
        {"floor": 0.2, "additions": ADDED, "export_additions": {"fixed": math.nan}},
    )
    assert form["errors"] == {"export_additions": "invalid_additions"}
    assert shown(form) == {"floor": 0.2}
    assert inner(form)["additions"] == ADDED
    assert math.isnan(inner(form)["export_additions"]["fixed"])
    assert entry.options == {"additions": ADDED}


async def test_what_is_added_has_words_and_units(hass, home, cabin) -> None:
    cabin()
    await home.set_up(EVENING)
    form = await open_form(home)
    texts = await async_get_translations(hass, "en", "options", {"flatpeak"})
    at = "component.flatpeak.options"
    for key, value in form["data_schema"].schema.items():
        if not isinstance(value, section):
            continue
        assert texts[f"{at}.step.init.sections.{key.schema}.name"]
        assert texts[f"{at}.step.init.sections.{key.schema}.description"]
        for name in value.schema.schema:
            assert texts[f"{at}.step.init.sections.{key.schema}.data.{name}"]
            assert texts[f"{at}.step.init.sections.{key.schema}.data_description.{name}"]
        assert value.schema.schema["fixed"].config["unit_of_measurement"] == "EUR/kWh"
    assert texts[f"{at}.error.invalid_additions"]
    rows = form["data_schema"].schema["additions"].schema.schema["hours"].config
    texts = await async_get_translations(hass, "en", "selector", {"flatpeak"})
    for name in rows["fields"]:
        assert texts[f"component.flatpeak.selector.{rows['translation_key']}.fields.{name}.name"]
