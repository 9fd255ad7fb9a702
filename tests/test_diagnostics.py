"""What a person can attach to a report: all that decides, nothing that is private.

The files in `scenarios` are such downloads (their part `data`), most of them in the shape that
the store had before November 2026. A file that is missing is written anew by the test that makes
its situation; a file from a report can be added as it is.
"""

from dataclasses import replace
import json
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.faults import Fault
from simulator.state import ACCOUNT, KEY, LOCATION

from .home import MINUTE, SECOND, Home, hours, local, turned

EVENING = "2025-10-06T20:00:00"  # a Monday
SCENARIOS = Path(__file__).parent / "scenarios"
NOWHERE = "http://127.0.0.1:1"

pytestmark = [
    pytest.mark.freeze_time("2025-10-06T18:00:00Z"),
    # the recorded states are those of all entities
    pytest.mark.usefixtures("entity_registry_enabled_by_default"),
]


@pytest.fixture
def download(hass, hass_client, hass_access_token, hass_admin_user):
    """Download diagnostics as the browser does."""

    async def download(entry, device=None) -> dict[str, Any]:
        assert await async_setup_component(hass, "diagnostics", {})
        # the clock was turned, so the token of the fixture has expired
        (login, *_) = hass_admin_user.refresh_tokens.values()
        client = await hass_client(hass.auth.async_create_access_token(login))
        path = f"/api/diagnostics/config_entry/{entry.entry_id}"
        if device:
            path += f"/device/{device.id}"
        response = await client.get(path)
        assert response.status == 200
        return json.loads(await response.text())

    return download


# The situations


async def in_a_window(home: Home) -> None:
    home.add()
    await home.set_up(EVENING)
    await home.at("2025-10-06T23:00:00")
    await home.at("2025-10-06T23:20:00")
    assert home.active()


async def waiting_for_prices(home: Home) -> None:
    home.add()
    home.world.import_prices = ()
    await home.set_up(EVENING)
    assert home.sensor("status") == "waiting"


async def with_changed_wishes(home: Home) -> None:
    home.add()
    home.add(name="Boiler", start="12:00:00", end="12:00:00")
    await home.set_up(EVENING)
    await home.set_time("start", "21:30:00")
    await home.at("2025-10-06T23:00:00")
    await home.at("2025-10-06T23:40:00")
    await home.set_duration(100)
    await home.enable(False, "schedule2")
    assert home.active()


async def too_early_to_plan(home: Home) -> None:
    home.add(days=["sat"])
    await home.set_up(EVENING)
    assert home.sensor("status") == "later"


async def when_the_night_is_over(home: Home) -> None:
    home.add()
    await home.set_up(EVENING)
    for edge in ("2025-10-06T23:00", "2025-10-07T00:00", "2025-10-07T02:00", "2025-10-07T04:00"):
        await home.at(edge)
    await home.at("2025-10-07T06:00:00")


async def charging_under_a_limit(home: Home) -> None:
    """Two share what the home may use, one has changed its mind, and what runs is half done."""
    home.options(max_import_power=8.0, cap_absolute=0.25)
    home.add_amount(min_power=1.4)
    home.add_amount(name="Boiler", energy=4.0, max_power=4.0, end="23:00:00")
    home.add(name="Dryer")
    await home.set_up(EVENING)
    await home.set_number("energy", 20)
    await home.set_time("end", "05:30:00", "schedule2")
    await home.at("2025-10-06T23:00:00")
    await home.at("2025-10-06T23:20:00")
    assert home.active()
    assert home.sensor("status") == "planned"


async def selling_what_the_battery_holds(home: Home) -> None:
    """Two sensors say what is missing; a floor leaves something out."""
    dear = [0.40 if hour == 22 else 0.05 for hour in range(96)]
    home.world.export_prices = hours(dear, local("2025-10-06T00:00"))
    home.hass.states.async_set("sensor.soc", "70", {"unit_of_measurement": "%"})
    home.hass.states.async_set("sensor.meter", "5000", {"unit_of_measurement": "kWh"})
    home.options(floor=0.13, max_export_power=5.0)
    battery = {"soc_entity": "sensor.soc", "capacity": 50.0, "target_soc": 20.0}
    home.add_amount(name="Battery", direction="export", energy=None, **battery)
    home.add_amount(energy_entity="sensor.meter")
    await home.set_up(EVENING)
    await home.at("2025-10-06T22:00:00")
    await home.at("2025-10-06T22:20:00")
    assert float(home.sensor("shortfall")) > 17
    assert home.active()


async def below_a_price(home: Home) -> None:
    """One of each kind, of which one was changed by hand, one is planned here and two run."""
    home.identify("home")  # the machine shows when prices are read again, which is spread by it
    home.options(max_import_power=11.0, cap_relative=0.9)
    home.add_limit(start="20:00:00", end="20:00:00")
    home.add(name="Dishwasher", machine={"in_one_piece": True, "fallback": "02:00:00"})
    home.add_amount(energy=6.0)
    await home.set_up(EVENING)
    await home.set_number("limit", 0.12)
    await home.at("2025-10-06T23:00:00")
    await home.at("2025-10-06T23:20:00")
    assert home.active()


async def missing_energy(home: Home) -> None:
    """A price limit leaves too little in the first night, and nothing in the second."""
    home.options(cap_absolute=0.13)
    home.add_amount()
    await home.set_up(EVENING)
    for edge in ("2025-10-06T23:00", "2025-10-07T00:00", "2025-10-07T02:00", "2025-10-07T03:00"):
        await home.at(edge)
    await home.live("2025-10-07T06:58:00", 10 * MINUTE)
    await home.live("2025-10-07T07:01:00", SECOND)
    await home.live("2025-10-07T20:00:00", 10 * MINUTE)
    assert home.sensor("shortfall") == "24.0"


SITUATIONS = [
    in_a_window,
    waiting_for_prices,
    with_changed_wishes,
    too_early_to_plan,
    when_the_night_is_over,
    charging_under_a_limit,
    selling_what_the_battery_holds,
    below_a_price,
    missing_energy,
]


# What is in them


async def test_all_that_decides_is_there(hass, plain, download) -> None:
    await in_a_window(plain)
    data = (await download(plain.entry))["data"]
    assert data["taken_at"] == "2025-10-06T21:20:00+00:00"
    assert data["time_zone"] == "Europe/Brussels"
    assert data["entry"] == {
        "data": {
            "account_id": "**REDACTED**",
            "api_key": "**REDACTED**",
            "location_id": "**REDACTED**",
            "api_url": plain.simulator.url,
        },
        "options": {},
        "subentries": [
            {
                "subentry_id": "schedule1",
                "subentry_type": "duration",
                "title": "Car",
                "data": dict(plain.entry.subentries["schedule1"].data),
            }
        ],
    }
    location = data["store"]["location"]
    assert (location["time_zone"], location["currency"], location["live"]) == (
        "Europe/Brussels",
        "EUR",
        False,
    )
    assert data["store"]["connection"]["connected"] is True
    plan = data["store"]["home"]["schedules"]["schedule1"]["plan"]
    assert plan["windows"][0][:3] == [
        "2025-10-06T21:00:00+00:00",
        "2025-10-06T22:00:00+00:00",
        0.1,
    ]
    assert data["schedules"] == {
        "schedule1": {"status": "planned", "last_update_success": True, "last_error": None}
    }
    entities = [
        entity
        for entity in er.async_get(hass).entities.values()
        if entity.config_subentry_id == "schedule1"
    ]
    assert data["states"] == {
        entity.unique_id: hass.states.get(entity.entity_id).state for entity in entities
    }


async def test_all_that_decides_about_energy_is_there(hass, plain, download) -> None:
    await charging_under_a_limit(plain)
    data = (await download(plain.entry))["data"]
    assert data["entry"]["options"] == {"max_import_power": 8.0, "cap_absolute": 0.25}
    assert {one["subentry_id"]: one["subentry_type"] for one in data["entry"]["subentries"]} == {
        "schedule1": "amount",
        "schedule2": "amount",
        "schedule3": "duration",
    }
    store, home = data["store"], data["store"]["home"]
    kinds = {key: one["kind"] for key, one in home["schedules"].items()}
    assert kinds == {"schedule1": "amount", "schedule2": "amount", "schedule3": "duration"}
    car = home["schedules"]["schedule1"]
    assert (car["form"]["energy"], car["target"]["energy"]) == (24.0, 20.0)
    assert car["target"]["min_power"] == 1.4
    assert home["schedules"]["schedule2"]["target"]["end"] == "05:30:00"
    window, *_ = (one for one in car["plan"]["windows"] if one[0] <= data["taken_at"] < one[1])
    assert window[3] == 1.0
    assert home["rules"] == {"limits": {"import": 8.0}, "caps": {"import": [None, 0.25]}}
    assert home["due"][plain.entry.entry_id] > data["taken_at"]
    assert store["amount_dialect"]["version"] == "2025-09-14.anode"
    assert data["schedules"].keys() == {"schedule1", "schedule2", "schedule3"}
    assert float(data["states"]["schedule1_power"]) == 1000 * window[4] > 0


@pytest.mark.parametrize("fault", [None, Fault.REFUSE, Fault.CUT_OFF, Fault.NOT_JSON])
async def test_nothing_private_is_there_of_energy_either(hass, plain, download, fault) -> None:
    home = replace(plain.world.locations[0], reference_id="LOC1234567890")
    plain.world.locations = (home,)
    await charging_under_a_limit(plain)
    hass.config_entries.async_update_entry(plain.entry, title="Villa Sole")
    await plain.settle()
    plain.set_clock("2025-10-06T23:21:00")
    if fault:
        with turned(plain.world, faults={fault}):
            await plain.update()
    text = json.dumps(await download(plain.entry))
    private = {ACCOUNT, KEY, LOCATION, "Villa Sole", "LOC1234567890", "Grand-Place"}
    assert [secret for secret in private | plain.world._tokens.keys() if secret in text] == []
    assert "Boiler" in text
    last = json.loads(text)["data"]["schedules"]["schedule1"]
    assert (last["last_error"] is None) is (fault is None)
    assert last["last_update_success"] is (fault is None)


async def test_an_error_stands_there_in_words(hass, plain, download) -> None:
    await in_a_window(plain)
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await plain.update()
    data = (await download(plain.entry))["data"]
    assert data["schedules"]["schedule1"]["last_update_success"] is False
    assert "could not be reached" in data["schedules"]["schedule1"]["last_error"]
    assert data["store"]["connection"]["connected"] is False

    await plain.at("2025-10-06T23:50:00")
    data = (await download(plain.entry))["data"]
    assert data["schedules"]["schedule1"]["last_update_success"] is True
    assert data["store"]["connection"]["connected"] is True


@pytest.mark.parametrize("of_device", [False, True], ids=["entry", "device"])
@pytest.mark.parametrize("fault", [None, Fault.REFUSE, Fault.CUT_OFF, Fault.NOT_JSON])
async def test_nothing_private_is_there(hass, plain, download, of_device, fault) -> None:
    home = replace(plain.world.locations[0], reference_id="LOC1234567890")
    plain.world.locations = (home,)
    await in_a_window(plain)
    hass.config_entries.async_update_entry(plain.entry, title="Villa Sole")
    await plain.settle()
    if fault:
        with turned(plain.world, faults={fault}):
            await plain.update()
    answer = await download(plain.entry, plain.device() if of_device else None)
    text = json.dumps(answer)
    private = {
        ACCOUNT,
        KEY,
        LOCATION,
        "Villa Sole",
        "LOC1234567890",
        "Grand-Place",
        "cus_65e421d1daa4a24082b4f590",
        *plain.world._tokens,
    }
    assert [secret for secret in private if secret in text] == []
    assert "Car" in text


async def test_no_location_in_the_text_of_an_error(hass, plain, download) -> None:
    await in_a_window(plain)

    async def login(request: web.Request) -> web.Response:
        return web.json_response({"bearer_token": "secret", "expires_in": 3600})

    async def in_circles(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(request.path)

    app = web.Application()
    app.router.add_get("/login", login)
    app.router.add_route("*", "/{any:.*}", in_circles)
    async with TestServer(app) as server:
        address = f"http://{server.host}:{server.port}"
        hass.config_entries.async_update_entry(
            plain.entry, data={**plain.entry.data, "api_url": address}
        )
        await plain.settle()
        await plain.update()
        text = json.dumps(await download(plain.entry))
    assert "could not be reached" in text
    assert LOCATION not in text


@pytest.mark.parametrize("kind", ["add", "add_limit", "add_amount"])
async def test_a_device_tells_of_its_own_schedule_the_location_of_all(
    hass, home, download, kind
) -> None:
    add = getattr(home, kind)
    add()
    add(name="Boiler")
    await home.set_up(EVENING)
    whole = (await download(home.entry))["data"]
    car = (await download(home.entry, home.device("schedule1")))["data"]
    location = (await download(home.entry, home.device(LOCATION)))["data"]

    def schedules(data) -> list[set[str]]:
        return [
            {subentry["subentry_id"] for subentry in data["entry"]["subentries"]},
            set(data["store"]["home"]["schedules"]),
            set(data["schedules"]),
            {unique_id.split("_")[0] for unique_id in data["states"]},
        ]

    assert schedules(whole) == [{"schedule1", "schedule2"}] * 4
    assert schedules(car) == [{"schedule1"}] * 4
    assert location == whole


async def test_without_a_schedule_there_is_something_to_download_too(hass, home, download) -> None:
    await home.set_up(EVENING)
    data = (await download(home.entry))["data"]
    assert data["schedules"] == data["states"] == {}


# The same situation again


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
async def test_a_situation_is_the_one_in_its_file(hass, plain, download, situation) -> None:
    await situation(plain)
    made = await download(plain.entry)
    file = SCENARIOS / f"{situation.__name__}.json"
    if not file.exists():
        made["data"]["entry"]["data"]["api_url"] = NOWHERE
        file.write_text(json.dumps({"data": made["data"]}, indent=2) + "\n")
    recorded = json.loads(file.read_text())
    assert recorded["data"]["states"] == made["data"]["states"]
    assert recorded["data"]["taken_at"] == made["data"]["taken_at"]


@pytest.mark.parametrize("file", sorted(SCENARIOS.glob("*.json")), ids=lambda file: file.stem)
async def test_a_file_brings_its_situation_back_without_the_server(
    hass, hass_storage, freezer, socket_enabled, file
) -> None:
    data = json.loads(file.read_text())["data"]
    freezer.move_to(data["taken_at"])
    await hass.config.async_set_time_zone(data["time_zone"])
    store = data["store"]
    schedules = {one["subentry_id"] for one in data["entry"]["subentries"]}
    # what all schedules by amount are asked for with has the entry's id
    entry_id = next(iter(store.get("home", {}).get("due", {}).keys() - schedules), "home")
    entry = MockConfigEntry(
        domain="flatpeak",
        entry_id=entry_id,
        data={**data["entry"]["data"], "api_url": NOWHERE},
        unique_id="loc_replayed",
        options=data["entry"].get("options", {}),
        subentries_data=[
            ConfigSubentryData(**subentry, unique_id=None)
            for subentry in data["entry"]["subentries"]
        ],
    )
    key, minor = f"flatpeak.{entry_id}", 2 if "home" in store else 1
    hass_storage[key] = {"version": 1, "minor_version": minor, "key": key, "data": store}
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert entry.state is ConfigEntryState.LOADED
    registry = er.async_get(hass)
    states = {
        entity.unique_id: hass.states.get(entity.entity_id).state
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.config_subentry_id
    }
    assert states == {
        unique_id: "restored"
        if unique_id.endswith("_plan_source") and state in {"flatpeak", "planner"}
        else state
        for unique_id, state in data["states"].items()
    }
