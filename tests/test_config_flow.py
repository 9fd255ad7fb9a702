"""The flow of an account: typed once, told plainly what is wrong, and never shown again."""

from collections.abc import Iterator
from typing import Any

import aiohttp
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_USER, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import get_schema_suggested_value

from custom_components.flatpeak.const import DEFAULT_API_URL, DOMAIN
from simulator import Simulator
from simulator.dialects import Dialect
from simulator.faults import Fault
from simulator.state import ACCOUNT, KEY, LOCATION, Location

from .home import NIGHT, turned

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

BOAT = Location(id="loc_boat", reference_id="Boat")

# What can be wrong when somebody logs in: how the world is then, and what is said.
TROUBLES = [
    pytest.param({"key": "sk_test_replaced"}, "invalid_auth", id="wrong key"),
    pytest.param({"account": "acc_other"}, "invalid_auth", id="wrong account"),
    pytest.param({"faults": {Fault.REFUSE}}, "invalid_auth", id="refused"),
    pytest.param({"faults": {Fault.UNAVAILABLE}}, "cannot_connect", id="under repair"),
    pytest.param({"faults": {Fault.SERVER_ERROR}}, "cannot_connect", id="server error"),
    pytest.param({"faults": {Fault.CUT_OFF}}, "cannot_connect", id="cut off"),
    pytest.param({"faults": {Fault.TOO_MANY_REQUESTS}}, "rate_limit", id="too many requests"),
    pytest.param({"account_disabled": True}, "account_disabled", id="account disabled"),
    pytest.param({"faults": {Fault.NOT_JSON}}, "bad_answer", id="not JSON"),
    pytest.param({"faults": {Fault.VERSION_REFUSED}}, "version", id="version refused"),
]


@pytest.fixture
def typed(simulator) -> dict[str, Any]:
    """What a person with a local server types."""
    return {"account_id": ACCOUNT, "api_key": KEY, "advanced": {"api_url": simulator.url}}


@pytest.fixture
def start(hass):
    """Open the form for an account."""

    async def start() -> dict[str, Any]:
        menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        assert (menu["type"], menu["step_id"]) == (FlowResultType.MENU, "user")
        assert menu["menu_options"] == ["account", "prices"]
        form = await hass.config_entries.flow.async_configure(
            menu["flow_id"], {"next_step_id": "account"}
        )
        assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "account")
        assert form["errors"] == {}
        return form

    return start


@pytest.fixture
def send(hass):
    """Send a form."""

    async def send(form, **typed) -> dict[str, Any]:
        result = await hass.config_entries.flow.async_configure(form["flow_id"], typed)
        await hass.async_block_till_done(wait_background_tasks=True)
        return result

    return send


def offers(form) -> dict[str, Any]:
    """Return what a form has filled in already, by field."""
    return dict(_offers(form["data_schema"].schema))


def _offers(schema) -> Iterator[tuple[str, Any]]:
    for key, value in schema.items():
        if isinstance(value, section):
            yield from _offers(value.schema.schema)
            continue
        if (suggested := (key.description or {}).get("suggested_value")) is not None:
            yield key.schema, suggested
        elif callable(key.default):
            yield key.schema, key.default()


def options(form) -> list[tuple[str, str]]:
    """Return the list of a location form: ids and labels."""
    selector = form["data_schema"].schema["location_id"]
    return [(option["value"], option["label"]) for option in selector.config["options"]]


# A new account


async def test_an_account_and_its_location_become_an_entry(hass, home, start, send, typed) -> None:
    form = await start()
    assert offers(form) == {"api_url": DEFAULT_API_URL}

    form = await send(form, **typed)
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "location")
    assert offers(form) == {"location_id": LOCATION}

    result = await send(form, location_id=LOCATION)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Home"
    assert result["data"] == {
        "account_id": ACCOUNT,
        "api_key": KEY,
        "location_id": LOCATION,
        "api_url": home.simulator.url,
    }
    entry = result["result"]
    assert entry.unique_id == LOCATION
    assert entry.state is ConfigEntryState.LOADED
    assert entry.options == {}


async def test_the_first_schedule_is_offered_at_once(hass, home, start, send, typed) -> None:
    result = await send(await send(await start(), **typed), location_id=LOCATION)
    kind, flow_id = result["next_flow"]
    assert kind == "config_subentries_flow"
    assert [flow["step_id"] for flow in hass.config_entries.subentries.async_progress()] == ["user"]

    added = await hass.config_entries.subentries.async_configure(flow_id, NIGHT)
    await home.settle()

    assert added["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = result["result"].subentries.values()
    assert (subentry.title, dict(subentry.data)) == ("Car", NIGHT)
    assert home.sensor("planned_duration", subentry.subentry_id) == "180.0"


async def test_the_public_address_is_what_is_used_without_another(
    hass, home, start, send, monkeypatch
) -> None:
    asked = []

    async def unplugged(session, method, url, **options):
        asked.append(str(url))
        raise aiohttp.ClientConnectionError("unplugged")

    monkeypatch.setattr(aiohttp.ClientSession, "_request", unplugged)
    form = await send(await start(), account_id=ACCOUNT, api_key=KEY, advanced={})
    assert form["errors"] == {"base": "cannot_connect"}
    assert asked == [f"{DEFAULT_API_URL}/login"]


@pytest.mark.parametrize(("trouble", "error"), TROUBLES)
async def test_what_is_wrong_with_a_login_is_said_and_can_be_mended(
    hass, home, start, send, typed, trouble, error
) -> None:
    form = await start()
    with turned(home.world, **trouble):
        form = await send(form, **typed)
    assert (form["step_id"], form["errors"]) == ("account", {"base": error})
    assert offers(form) == {"account_id": ACCOUNT, "api_url": home.simulator.url}

    form = await send(form, **typed)
    assert form["step_id"] == "location"
    assert (await send(form, location_id=LOCATION))["type"] is FlowResultType.CREATE_ENTRY


async def test_an_account_without_a_location_is_told_so(hass, home, start, send, typed) -> None:
    form = await start()
    with turned(home.world, locations=()):
        form = await send(form, **typed)
    assert (form["step_id"], form["errors"]) == ("account", {"base": "no_location"})
    assert (await send(form, **typed))["step_id"] == "location"


async def test_a_server_that_is_not_there_is_told_as_such(hass, home, start, send, typed) -> None:
    nowhere = {"api_url": "http://127.0.0.1:1"}
    form = await send(await start(), **typed | {"advanced": nowhere})
    assert form["errors"] == {"base": "cannot_connect"}
    assert (await send(form, **typed))["step_id"] == "location"


async def test_an_error_nobody_thought_of_is_unknown_and_stands_in_the_log(
    hass, home, start, send, typed, monkeypatch, caplog
) -> None:
    async def broken(*args, **kwargs):
        raise LookupError("nobody thought of this")

    with monkeypatch.context() as broken_library:
        broken_library.setattr(aiohttp.ClientSession, "_request", broken)
        form = await send(await start(), **typed)
    assert form["errors"] == {"base": "unknown"}
    assert "nobody thought of this" in caplog.text
    assert KEY not in caplog.text
    assert (await send(form, **typed))["step_id"] == "location"


@pytest.mark.parametrize(
    "address",
    [
        "http://api.flatpeak.com",
        "http://192.168.1.5:8080",
        "http://localhost.example.com",
        "ftp://127.0.0.1",
        "https://somebody@api.flatpeak.com",
        "https://somebody:secret@api.flatpeak.com",
        "https://:secret@api.flatpeak.com",
        "https://api.flatpeak.com?key=1",
        "https://api.flatpeak.com#here",
        "https://",
        "https://api.flatpeak.com:99999",
        "api.flatpeak.com",
        "garbage",
        "  ",
        "file:///etc/passwd",
    ],
)
async def test_credentials_go_to_no_unsafe_address(
    hass, home, start, send, typed, address, monkeypatch
) -> None:
    async def must_not_be(session, method, url, **options):
        raise AssertionError(f"asked {url}")

    with monkeypatch.context() as watched:
        watched.setattr(aiohttp.ClientSession, "_request", must_not_be)
        form = await send(await start(), **typed | {"advanced": {"api_url": address}})
    assert form["errors"] == {"base": "invalid_url"}
    assert (await send(form, **typed))["step_id"] == "location"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080",
        "http://127.8.8.8:8080",
        "http://localhost:8080",
        "http://[::1]:8080",
        "https://api.flatpeak.com",
        "https://192.168.1.5:8443/flatpeak/",
        " https://api.flatpeak.com/ ",
    ],
)
async def test_credentials_go_to_this_machine_or_by_https(
    hass, home, start, send, typed, address, monkeypatch
) -> None:
    asked = []

    async def unplugged(session, method, url, **options):
        asked.append(str(url))
        raise aiohttp.ClientConnectionError("unplugged")

    monkeypatch.setattr(aiohttp.ClientSession, "_request", unplugged)
    form = await send(await start(), **typed | {"advanced": {"api_url": address}})
    assert form["errors"] == {"base": "cannot_connect"}
    assert asked == [f"{address.strip().rstrip('/')}/login"]


async def test_blanks_that_copying_adds_do_no_harm(hass, home, start, send) -> None:
    form = await send(
        await start(),
        account_id=f" {ACCOUNT}\t",
        api_key=f"{KEY}\n",
        advanced={"api_url": f" {home.simulator.url}/ "},
    )
    result = await send(form, location_id=f" {LOCATION} ")
    assert result["data"] == {
        "account_id": ACCOUNT,
        "api_key": KEY,
        "location_id": LOCATION,
        "api_url": home.simulator.url,
    }


# Which location


@pytest.mark.parametrize(
    ("location", "label"),
    [
        pytest.param(Location(), "Home", id="its reference"),
        pytest.param(
            Location(reference_id=" "), "1, Grand-Place, 1000, Brussels", id="its address"
        ),
        pytest.param(
            Location(
                reference_id="", address_line1="", address_line2="", post_code="", city="", state=""
            ),
            LOCATION,
            id="its id",
        ),
    ],
)
async def test_a_location_is_called_what_is_known_of_it(
    hass, home, start, send, typed, location, label
) -> None:
    home.world.locations = [location]
    form = await send(await start(), **typed)
    assert options(form) == [(LOCATION, label)]
    assert (await send(form, location_id=LOCATION))["title"] == label


async def test_one_of_many_locations_can_be_picked(hass, home, start, send, typed) -> None:
    home.world.locations = [
        Location(id=f"loc_{number:024x}", reference_id=f"House {number}") for number in range(250)
    ]
    form = await send(await start(), **typed)
    assert len(options(form)) == 250
    assert ("loc_0000000000000000000000f9", "House 249") in options(form)

    result = await send(form, location_id="loc_0000000000000000000000f9")
    assert result["title"] == "House 249"


async def test_an_id_that_is_not_in_the_list_can_be_typed(hass, home, start, send, typed) -> None:
    form = await send(await start(), **typed)
    home.world.locations = [*home.world.locations, BOAT]
    result = await send(form, location_id=BOAT.id)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["title"], result["data"]["location_id"]) == ("Boat", BOAT.id)


@pytest.mark.parametrize(
    ("location_id", "trouble", "error"),
    [
        pytest.param("loc_nowhere", {}, {"location_id": "location_not_found"}, id="no such id"),
        pytest.param("../login", {}, {"location_id": "location_not_found"}, id="a path"),
        pytest.param(
            "loc_boat", {"faults": {Fault.UNAVAILABLE}}, {"base": "cannot_connect"}, id="down"
        ),
        pytest.param(
            "loc_boat", {"faults": {Fault.NOT_JSON}}, {"base": "bad_answer"}, id="not JSON"
        ),
        pytest.param("loc_boat", {"key": "sk_test_new"}, {"base": "invalid_auth"}, id="wrong key"),
    ],
)
async def test_a_typed_id_that_cannot_be_found_is_told_where_it_was_typed(
    hass, home, start, send, typed, location_id, trouble, error
) -> None:
    form = await send(await start(), **typed)
    with turned(home.world, **trouble):
        form = await send(form, location_id=location_id)
    assert (form["step_id"], form["errors"]) == ("location", error)
    assert get_schema_suggested_value(form["data_schema"].schema, "location_id") == location_id
    assert (await send(form, location_id=LOCATION))["type"] is FlowResultType.CREATE_ENTRY


async def test_a_typed_id_with_nothing_in_it_is_not_found(hass, home, start, send, typed) -> None:
    form = await send(await start(), **typed)
    form = await send(form, location_id="  ")
    assert form["errors"] == {"location_id": "location_not_found"}


async def test_an_unexpected_error_at_a_typed_id_is_unknown_too(
    hass, home, start, send, typed, monkeypatch
) -> None:
    async def broken(*args, **kwargs):
        raise LookupError("nobody thought of this")

    form = await send(await start(), **typed)
    with monkeypatch.context() as broken_library:
        broken_library.setattr(aiohttp.ClientSession, "_request", broken)
        form = await send(form, location_id="loc_boat")
    assert form["errors"] == {"base": "unknown"}


async def test_a_location_is_set_up_once(hass, home, start, send, typed) -> None:
    await home.set_up()
    result = await send(await send(await start(), **typed), location_id=LOCATION)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


async def test_two_locations_of_one_account_live_side_by_side(
    hass, home, start, send, typed
) -> None:
    await home.set_up()
    home.world.locations = [*home.world.locations, BOAT]
    result = await send(await send(await start(), **typed), location_id=BOAT.id)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert [entry.title for entry in hass.config_entries.async_loaded_entries(DOMAIN)] == [
        "Home",
        "Boat",
    ]


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_an_account_of_any_generation_can_be_set_up(
    hass, home, start, send, typed, dialect
) -> None:
    home.world.version = dialect
    result = await send(await send(await start(), **typed), location_id=LOCATION)
    assert result["title"] == "Home"


# Credentials that are refused later


async def test_new_credentials_are_asked_for_while_the_plan_goes_on(hass, home, send) -> None:
    home.add()
    await home.set_up()
    windows = home.windows()
    home.world.key = "sk_test_new"
    form = await home.entry.start_reauth_flow(hass)
    assert (form["step_id"], form["errors"]) == ("reauth_confirm", {})
    assert offers(form) == {"account_id": ACCOUNT}

    form = await send(form, account_id=ACCOUNT, api_key="sk_test_wrong")
    assert form["errors"] == {"base": "invalid_auth"}
    assert offers(form) == {"account_id": ACCOUNT}
    assert home.entry.data["api_key"] == KEY

    result = await send(form, account_id=ACCOUNT, api_key=" sk_test_new ")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert home.entry.data == {
        "account_id": ACCOUNT,
        "api_key": "sk_test_new",
        "location_id": LOCATION,
        "api_url": home.simulator.url,
    }
    assert home.entry.state is ConfigEntryState.LOADED
    assert home.windows() == windows
    await home.set_duration(60)
    assert home.sensor("planned_duration") == "60.0"


async def test_new_credentials_bring_an_entry_to_life_that_never_was(hass, home, send) -> None:
    home.add()
    home.world.key = "sk_test_new"
    await home.set_up()
    assert home.entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = home.entry.async_get_active_flows(hass, {SOURCE_REAUTH})

    result = await send(flow, account_id=ACCOUNT, api_key="sk_test_new")
    assert result["reason"] == "reauth_successful"
    assert home.entry.state is ConfigEntryState.LOADED
    assert home.sensor("planned_duration") == "180.0"


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "not loaded"])
async def test_another_account_cannot_take_the_home_over(hass, home, send, loaded) -> None:
    if loaded:
        await home.set_up()
    else:
        home.entry.add_to_hass(hass)
    form = await home.entry.start_reauth_flow(hass)
    stranger = {"account": "acc_stranger", "key": "sk_test_stranger", "locations": [BOAT]}
    with turned(home.world, **stranger):
        form = await send(form, account_id="acc_stranger", api_key="sk_test_stranger")
    assert form["errors"] == {"base": "wrong_account"}
    assert home.entry.data["account_id"] == ACCOUNT

    result = await send(form, account_id=ACCOUNT, api_key=KEY)
    assert result["reason"] == "reauth_successful"
    assert home.entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(("trouble", "error"), TROUBLES)
async def test_what_is_wrong_with_new_credentials_is_said(hass, home, send, trouble, error) -> None:
    await home.set_up()
    form = await home.entry.start_reauth_flow(hass)
    with turned(home.world, **trouble):
        form = await send(form, account_id=ACCOUNT, api_key=KEY)
    assert (form["step_id"], form["errors"]) == ("reauth_confirm", {"base": error})
    result = await send(form, account_id=ACCOUNT, api_key=KEY)
    assert result["reason"] == "reauth_successful"


# Changing the account


@pytest.mark.parametrize(
    "key", [{}, {"api_key": ""}, {"api_key": "  "}], ids=["left out", "empty", "blank"]
)
async def test_a_key_left_empty_stays_when_the_account_is_changed(hass, home, send, key) -> None:
    await home.set_up()
    form = await home.entry.start_reconfigure_flow(hass)
    assert (form["step_id"], form["errors"]) == ("reconfigure", {})
    assert offers(form) == {"account_id": ACCOUNT, "api_url": home.simulator.url}
    result = await send(form, account_id=ACCOUNT, advanced={"api_url": home.simulator.url}, **key)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert home.entry.data["api_key"] == KEY


async def test_account_key_and_address_can_be_changed(hass, home, send) -> None:
    home.add()
    await home.set_up()
    home.world.account, home.world.key = "acc_new", "sk_test_new"
    form = await home.entry.start_reconfigure_flow(hass)
    async with Simulator(home.world) as moved:
        result = await send(
            form,
            account_id="acc_new",
            api_key="sk_test_new",
            advanced={"api_url": f"{moved.url}/"},
        )
        assert result["reason"] == "reconfigure_successful"
        assert home.entry.data == {
            "account_id": "acc_new",
            "api_key": "sk_test_new",
            "location_id": LOCATION,
            "api_url": moved.url,
        }
        await home.set_duration(60)
        assert home.sensor("planned_duration") == "60.0"


async def test_an_entry_that_is_not_loaded_can_be_changed(hass, home, send) -> None:
    with turned(home.world, faults={Fault.UNAVAILABLE}):
        await home.set_up()
    assert home.entry.state is ConfigEntryState.SETUP_RETRY
    form = await home.entry.start_reconfigure_flow(hass)
    result = await send(form, account_id=ACCOUNT, advanced={"api_url": home.simulator.url})
    assert result["reason"] == "reconfigure_successful"
    assert home.entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(("trouble", "error"), TROUBLES)
async def test_a_change_that_does_not_work_is_not_stored(hass, home, send, trouble, error) -> None:
    await home.set_up()
    before = dict(home.entry.data)
    form = await home.entry.start_reconfigure_flow(hass)
    with turned(home.world, **trouble):
        form = await send(
            form, account_id=ACCOUNT, api_key=KEY, advanced={"api_url": home.simulator.url}
        )
    assert (form["step_id"], form["errors"]) == ("reconfigure", {"base": error})
    assert offers(form) == {"account_id": ACCOUNT, "api_url": home.simulator.url}
    assert home.entry.data == before
    result = await send(form, account_id=ACCOUNT, advanced={"api_url": home.simulator.url})
    assert result["reason"] == "reconfigure_successful"


@pytest.mark.parametrize(
    ("typed_instead", "trouble", "error"),
    [
        pytest.param({"api_url": "http://example.com"}, {}, "invalid_url", id="unsafe address"),
        pytest.param({}, {"locations": [BOAT]}, "wrong_account", id="home of somebody else"),
    ],
)
async def test_a_change_to_what_cannot_be_is_refused(
    hass, home, send, typed_instead, trouble, error
) -> None:
    await home.set_up()
    address = {"api_url": home.simulator.url}
    form = await home.entry.start_reconfigure_flow(hass)
    with turned(home.world, **trouble):
        form = await send(form, account_id=ACCOUNT, advanced=address | typed_instead)
    assert form["errors"] == {"base": error}
    result = await send(form, account_id=ACCOUNT, advanced=address)
    assert result["reason"] == "reconfigure_successful"


# As the browser does it


async def test_account_location_and_schedule_through_the_browsers_door(
    hass, home, typed, hass_client
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    texts: list[str] = []

    async def post(path: str, **body) -> dict[str, Any]:
        response = await client.post(f"/api/config/config_entries/{path}", json=body)
        texts.append(await response.text())
        assert response.status == 200, texts[-1]
        await home.settle()
        return await response.json()

    menu = await post("flow", handler=DOMAIN)
    flow = f"flow/{menu['flow_id']}"
    assert (menu["type"], menu["step_id"]) == ("menu", "user")
    form = await post(flow, next_step_id="account")
    assert form["step_id"] == "account"
    key, advanced = (
        next(field for field in form["data_schema"] if field["name"] == name)
        for name in ("api_key", "advanced")
    )
    assert key["selector"]["text"]["type"] == "password"
    assert (advanced["type"], advanced["expanded"]) == ("expandable", False)
    assert [field["name"] for field in advanced["schema"]] == ["api_url"]
    assert advanced["schema"][0]["default"] == DEFAULT_API_URL

    form = await post(flow, **typed | {"api_key": "sk_test_wrong"})
    assert form["errors"] == {"base": "invalid_auth"}
    form = await post(flow, **typed)
    assert form["step_id"] == "location"
    assert form["data_schema"][0]["selector"]["select"]["options"] == [
        {"value": LOCATION, "label": "Home"}
    ]
    result = await post(flow, location_id=LOCATION)
    assert result["type"] == "create_entry"
    kind, flow_id = result["next_flow"]
    assert kind == "config_subentries_flow"

    response = await client.get(f"/api/config/config_entries/subentries/flow/{flow_id}")
    form = await response.json()
    assert [field["name"] for field in form["data_schema"]] == [*NIGHT, "machine"]
    form = await post(f"subentries/flow/{flow_id}", **NIGHT | {"days": []})
    assert form["errors"] == {"days": "no_days"}
    result = await post(f"subentries/flow/{flow_id}", **NIGHT)
    assert result["type"] == "create_entry"
    (subentry_id,) = hass.config_entries.async_entries(DOMAIN)[0].subentries
    assert home.sensor("planned_duration", subentry_id) == "180.0"

    form = await post(
        "subentries/flow",
        handler=[hass.config_entries.async_entries(DOMAIN)[0].entry_id, "duration"],
        subentry_id=subentry_id,
    )
    assert form["step_id"] == "reconfigure"
    result = await post(f"subentries/flow/{form['flow_id']}", **NIGHT | {"name": "Boiler"})
    assert result["reason"] == "reconfigure_successful"

    # what is never sent to a browser
    assert not any(KEY in text or "sk_test_wrong" in text for text in texts)


async def test_the_account_is_changed_through_the_browsers_door(hass, home, hass_client) -> None:
    await home.set_up()
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    path = "/api/config/config_entries/flow"
    response = await client.post(path, json={"handler": DOMAIN, "entry_id": home.entry.entry_id})
    text = await response.text()
    assert KEY not in text
    form = await response.json()
    assert form["step_id"] == "reconfigure"
    response = await client.post(
        f"{path}/{form['flow_id']}",
        json={"account_id": ACCOUNT, "advanced": {"api_url": home.simulator.url}},
    )
    result = await response.json()
    await home.settle()
    assert (result["type"], result["reason"]) == ("abort", "reconfigure_successful")


async def test_a_location_typed_in_another_case_is_the_same_one(hass, home, monkeypatch) -> None:
    """What counts is how Flatpeak spells it."""
    lower = type(home.world).location
    monkeypatch.setattr(
        type(home.world), "location", lambda world, typed: lower(world, typed.lower())
    )
    home.entry.add_to_hass(hass)
    user = {"account_id": ACCOUNT, "api_key": KEY, "advanced": {"api_url": home.simulator.url}}
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"next_step_id": "account"}
    )
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], user)
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"location_id": f" {LOCATION.upper()} "}
    )
    assert (flow["type"], flow["reason"]) == ("abort", "already_configured")
