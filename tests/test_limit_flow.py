"""The form of a schedule by price limit: what it stores, what it refuses, and what follows."""

import math
from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest

from custom_components.flatpeak.model import MINUTE
from tests.local.conftest import LocalHome

from .home import BELOW, Home, hours, local

START = local("2026-05-01T22:00")
RATES = [0.3, 0.1, 0.3, 0.1, 0.12, 0.3, 0.3, 0.2, 0.3]

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


@pytest.fixture
def add(hass):
    """Open the form for a new schedule, and send it."""

    async def add(house: Home, typed: dict[str, Any]) -> dict[str, Any]:
        form = await hass.config_entries.subentries.async_init(
            (house.entry.entry_id, "limit"), context={"source": SOURCE_USER}
        )
        assert (form["type"], form["step_id"], form["errors"]) == (FlowResultType.FORM, "user", {})
        return await send(house, form, typed)

    return add


async def send(house: Home, form: dict[str, Any], typed: dict[str, Any]) -> dict[str, Any]:
    result = await house.hass.config_entries.subentries.async_configure(form["flow_id"], typed)
    await house.settle()
    return result


async def change(house: Home, subentry_id: str = "schedule1") -> dict[str, Any]:
    """Open the form of a schedule that is there."""
    form = await house.entry.start_subentry_reconfigure_flow(house.hass, subentry_id)
    assert (form["step_id"], form["errors"]) == ("reconfigure", {})
    return form


def shown(form: dict[str, Any]) -> dict[str, Any]:
    """Return what the form suggests, sections included."""
    values = {}
    for key, value in form["data_schema"].schema.items():
        suggested = (key.description or {}).get("suggested_value")
        if hasattr(value, "schema") and hasattr(value, "options"):
            inside = value.schema.schema
            suggested = {
                one.schema: one.description["suggested_value"]
                for one in inside
                if (one.description or {}).get("suggested_value") is not None
            }
            if not suggested:
                continue
        if suggested is not None:
            values[key.schema] = suggested
    return values


def is_open(form: dict[str, Any], name: str = "bounds") -> bool:
    """Tell whether a section is shown open."""
    return not form["data_schema"].schema[name].options["collapsed"]


async def night(house: Home, **changes) -> None:
    house.world.import_prices = hours([*[0.5] * 22, *RATES, *[0.5] * 40], local("2026-05-01T00:00"))
    if changes:
        house.add_limit(**changes)
    await house.set_up("2026-05-01T20:00")


TYPED = {"name": "Heat", "condition": "below", "limit_kind": "absolute", "limit": 0.15}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({}, {}),
        ({"bounds": {}}, {}),
        ({"bounds": {"least": 0}}, {}),
        ({"bounds": {"least": 60}}, {"least": 60}),
        ({"bounds": {"least": 60, "most": 120}}, {"least": 60, "most": 120}),
        ({"bounds": {"most": 120}}, {"most": 120}),
        ({"limit": -0.05}, {"limit": -0.05}),
        (
            {"condition": "above", "limit_kind": "relative", "limit": 0.8},
            {"condition": "above", "limit_kind": "relative", "limit": 0.8},
        ),
        ({"name": "  Heat "}, {}),
    ],
    ids=str,
)
async def test_what_is_typed_is_what_is_stored(house, add, typed, stored) -> None:
    await night(house)
    result = await add(house, TYPED | typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = house.entry.subentries.values()
    assert (subentry.title, subentry.subentry_type) == ("Heat", "limit")
    assert dict(subentry.data) == BELOW | stored
    assert house.sensor("status", subentry.subentry_id) == "planned"


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"name": "  "}, {"name": "no_name"}),
        ({"days": []}, {"days": "no_days"}),
        ({"limit_kind": "relative", "limit": 0}, {"limit": "no_share"}),
        ({"limit_kind": "relative", "limit": 0.009}, {"limit": "no_share"}),
        ({"limit_kind": "relative", "limit": 1.01}, {"limit": "no_share"}),
        ({"limit_kind": "relative", "limit": -0.5}, {"limit": "no_share"}),
        ({"bounds": {"least": 541}}, {"bounds": "least_too_long"}),
        ({"bounds": {"least": 120, "most": 60}}, {"bounds": "most_too_short"}),
        ({"bounds": {"most": 0}}, {"bounds": "most_too_short"}),
        ({"bounds": {"most": 0.5}}, {"bounds": "most_too_short"}),
        ({"limit": math.nan}, {"base": "invalid_value"}),
        ({"bounds": {"least": math.nan}}, {"base": "invalid_value"}),
    ],
    ids=str,
)
async def test_what_cannot_be_is_told_where_it_was_typed(house, add, typed, errors) -> None:
    """What was typed is still there, and may be put right."""
    await night(house)
    form = await add(house, TYPED | typed)
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == errors
    if "bounds" in typed:
        assert is_open(form)
        assert math.isnan(typed["bounds"].get("least", 0)) or (
            shown(form)["bounds"] == typed["bounds"]
        )
    result = await send(house, form, TYPED)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "typed",
    [
        {"condition": "near"},
        {"limit_kind": "about"},
        {"limit": "cheap"},
        {"limit": 1e6},
        {"limit": math.inf},
        {"bounds": {"least": -1}},
        {"bounds": {"most": 1441}},
        {"direction": "sideways"},
    ],
    ids=str,
)
async def test_what_no_field_offers_is_not_taken(house, add, typed) -> None:
    await night(house)
    with pytest.raises(InvalidData):
        await add(house, TYPED | typed)


async def test_selling_needs_a_price_for_it(house, add) -> None:
    """Flatpeak may know one; without an account it has to be named."""
    await night(house)
    result = await add(house, TYPED | {"direction": "export"})
    if isinstance(house, LocalHome):
        assert result["errors"] == {"direction": "no_export_price"}
    else:
        assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_the_form_shows_what_the_entities_have_changed(house) -> None:
    await night(house, least=60, most=240)
    await house.set_number("limit", 0.11)
    await house.set_time("start", "23:00:00")
    form = await change(house)
    assert shown(form) == {
        **{name: value for name, value in BELOW.items() if name != "limit"},
        "limit": 0.11,
        "start": "23:00:00",
        "bounds": {"least": 60, "most": 240},
    }
    assert is_open(form)


async def test_bounds_can_be_taken_away(house) -> None:
    await night(house, least=300)
    assert house.sensor("planned_duration") == "300.0"
    form = await change(house)
    result = await send(house, form, {**shown(form), "bounds": {}})
    assert result["reason"] == "reconfigure_successful"
    assert dict(house.entry.subentries["schedule1"].data) == BELOW
    assert house.sensor("planned_duration") == "180.0"
    assert not is_open(await change(house))


async def test_a_price_becomes_a_share(house) -> None:
    """The number's unit and its range change with it, and its value is the form's."""
    await night(house, limit=0.15)
    await house.set_number("limit", 0.12)
    entity_id = house.entity_id("number", "limit")
    state = house.hass.states.get(entity_id)
    assert state.attributes["unit_of_measurement"] == "EUR/kWh"
    form = await change(house)
    await send(house, form, {**shown(form), "limit_kind": "relative", "limit": 0.51})
    state = house.hass.states.get(entity_id)
    assert state.state == "0.51"
    assert "unit_of_measurement" not in state.attributes
    assert (state.attributes["min"], state.attributes["max"]) == (0.01, 1)
    assert house.sensor("planned_duration") == "240.0"  # up to 20 ct
    await house.set_number("limit", 0.01)
    assert house.sensor("planned_duration") == "120.0"


async def test_the_form_takes_effect_at_once_on_what_runs(house) -> None:
    await night(house, limit=0.15)
    await house.live(local("2026-05-02T02:30"), 10 * MINUTE)
    assert house.active()
    form = await change(house)
    await send(house, form, {**shown(form), "limit": 0.11})
    assert not house.active()
    form = await change(house)
    await send(house, form, {**shown(form), "condition": "above"})
    assert house.active()


async def test_a_price_for_selling_instead(home, world) -> None:
    """Its prices are read, its sensors are there, and those of buying as well."""
    world.publication = None
    world.export_prices = hours([0.05] * 24 + [0.4] * 40, local("2026-05-01T00:00"))
    await night(home, limit=0.3, condition="above", limit_kind="relative")
    form = await change(home)
    await send(home, form, {**shown(form), "direction": "export", "limit": 0.9})
    await home.at("2026-05-01T20:01")
    assert home.windows() == [(local("2026-05-02T00:00"), local("2026-05-02T07:00"))]
    assert home.sensor("export_price", home.entry.unique_id) == "0.05"
    form = await change(home)
    await send(home, form, {**shown(form), "direction": "import"})
    with pytest.raises(AssertionError):
        home.sensor("export_price", home.entry.unique_id)
    assert home.sensor("price", home.entry.unique_id) == "0.5"


async def test_a_schedule_of_a_home_that_is_not_loaded_can_be_changed(house) -> None:
    await night(house, limit=0.15)
    await house.stop()
    form = await change(house)
    assert shown(form) == {**BELOW, "limit": 0.15}
    await send(house, form, {**shown(form), "limit": 0.12})
    assert house.entry.subentries["schedule1"].data["limit"] == 0.12
    await house.start()
    assert house.state("number", "limit") == "0.12"
