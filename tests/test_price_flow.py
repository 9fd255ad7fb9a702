"""A home without an account: what can give prices is found, read, shown, and only then stored."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, date, datetime
import math
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType, InvalidData, section
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.flatpeak.const import DOMAIN
from custom_components.flatpeak.model import MINUTE
from custom_components.flatpeak.prices import (
    SOURCES,
    Choice,
    PriceSource,
    PriceSourceError,
    Reading,
)

from .home import NIGHT, hours
from .prices.listed import LISTED, METER, Listed, put

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

TODAY = date(2025, 10, 6)
ENTSOE, FRANK, SEK = LISTED["entsoe"], LISTED["frank_energie"], LISTED["nordpool"]
HOURS = {"start": "22:00:00", "end": "06:00:00", "amount": 0.05, "days": ["sat", "sun"]}
# A sensor that nobody has heard of.
OWN = "sensor.prices_of_my_village"


@pytest.fixture(autouse=True)
async def _brussels(hass) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    hass.config.currency = "EUR"


@pytest.fixture
def start(hass):
    """Choose prices that are in Home Assistant."""

    async def start() -> dict[str, Any]:
        menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        assert (menu["type"], menu["step_id"]) == (FlowResultType.MENU, "user")
        return await hass.config_entries.flow.async_configure(
            menu["flow_id"], {"next_step_id": "prices"}
        )

    return start


@pytest.fixture
def send(hass):
    """Send a form."""

    async def send(form, **typed) -> dict[str, Any]:
        result = await hass.config_entries.flow.async_configure(form["flow_id"], typed)
        await hass.async_block_till_done(wait_background_tasks=True)
        return result

    return send


@pytest.fixture
def local(hass):
    """Add a home that reads ENTSO-e, and say how it is changed."""

    def local(*, options=None, **data) -> MockConfigEntry:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="Cabin",
            unique_id="local_1",
            data={"location_id": "local_1", "source": data_of(ENTSOE), **data},
            options=options or {},
        )
        entry.add_to_hass(hass)
        return entry

    return local


def data_of(listed: Listed) -> dict[str, Any]:
    """Return what is stored of a source."""
    return {"source": listed.source, "entity_id": listed.entity_id}


def show(hass, *listed: Listed, day: date = TODAY) -> None:
    for one in listed:
        one.put(hass, day)


def village(hass, **attributes) -> None:
    """Show a sensor of the user's own, with prices in cents."""
    starts = [slot.start for slot in FRANK.slots([TODAY])]
    items = [{"at": at.isoformat(), "ct": 10 + n} for n, at in enumerate(starts)]
    shown = {"plan": items, "friendly_name": "My village", "unit_of_measurement": "ct/kWh"}
    put(hass, OWN, shown | attributes)


def shown(form) -> dict[str, Any]:
    """Return what a form has filled in, section by section."""
    return _shown(form["data_schema"].schema)


def _shown(schema) -> dict[str, Any]:
    filled = {}
    for key, value in schema.items():
        if isinstance(value, section):
            if inner := _shown(value.schema.schema):
                filled[key.schema] = inner
        elif (suggested := (key.description or {}).get("suggested_value")) is not None:
            filled[key.schema] = suggested
    return filled


def offered(form, field: str = "source") -> dict[str, str]:
    """Return what a list offers: labels with their values."""
    options = form["data_schema"].schema[field].config["options"]
    return {option["label"]: option["value"] for option in options}


def expanded(form) -> dict[str, bool]:
    """Return which sections of a form are open."""
    fields = form["data_schema"].schema.items()
    return {
        key.schema: not value.options["collapsed"]
        for key, value in fields
        if isinstance(value, section)
    }


async def check(form, send, label: str | None = None) -> dict[str, Any]:
    """Choose a source by its label, or the one that is chosen already."""
    picked = offered(form)[label] if label else shown(form)["source"]
    form = await send(form, source=picked)
    assert (form["type"], form["step_id"], form["errors"]) == (FlowResultType.FORM, "check", {})
    return form


# Found


async def test_the_menu_has_words(hass, start) -> None:
    await start()
    texts = await async_get_translations(hass, "en", "config", {DOMAIN})
    at = f"component.{DOMAIN}.config.step.user"
    assert texts[f"{at}.title"]
    for option in ("account", "prices"):
        assert texts[f"{at}.menu_options.{option}"]
        assert texts[f"{at}.menu_option_descriptions.{option}"]


async def test_the_only_source_becomes_a_home(hass, start, send) -> None:
    show(hass, ENTSOE)
    form = await start()
    assert (form["type"], form["step_id"], form["errors"]) == (FlowResultType.FORM, "prices", {})
    (label, other) = offered(form)
    assert (label, other) == ("ENTSO-e: Average electricity price", "other")
    assert shown(form) == {"source": offered(form)[label]}

    form = await check(form, send)
    prices = ENTSOE.slots([TODAY, date(2025, 10, 7)])
    assert form["description_placeholders"] == {
        "source": label,
        "start": "2025-10-06 00:00",
        "end": "2025-10-08 00:00",
        "count": "192",
        "step": "15 min",
        "unit": "EUR/kWh",
        "lowest": f"{min(slot.rate for slot in prices):.4f} EUR/kWh",
        "highest": f"{max(slot.rate for slot in prices):.4f} EUR/kWh",
    }
    assert shown(form) == {"name": label, "export_source": "none"}
    assert expanded(form) == {"additions": False, "export_additions": False}

    result = await send(form, name=" Cabin ", export_source="none")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["title"], result["options"]) == ("Cabin", {})
    location_id = result["data"]["location_id"]
    assert result["data"] == {"location_id": location_id, "source": data_of(ENTSOE)}
    entry = result["result"]
    assert entry.unique_id == location_id
    assert location_id.startswith("local_")
    assert len(location_id) == len("local_") + 26
    assert entry.state is ConfigEntryState.LOADED


async def test_the_first_schedule_is_offered_at_once(hass, start, send) -> None:
    show(hass, ENTSOE)
    result = await send(await check(await start(), send), name="Cabin", export_source="none")
    kind, flow_id = result["next_flow"]
    assert kind == "config_subentries_flow"
    added = await hass.config_entries.subentries.async_configure(flow_id, NIGHT)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert added["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = result["result"].subentries.values()
    assert dict(subentry.data) == NIGHT


async def test_one_of_several_sources_is_picked(hass, start, send) -> None:
    show(hass, ENTSOE, FRANK)
    form = await start()
    assert len(offered(form)) == 3
    assert list(offered(form))[-1] == "other"
    assert shown(form) == {}

    (label,) = (label for label in offered(form) if label.startswith("Frank"))
    form = await check(form, send, label)
    assert form["description_placeholders"]["step"] == "60 min"
    result = await send(form, name="Cabin", export_source="none")
    assert result["data"]["source"] == data_of(FRANK)


async def test_where_nothing_is_found_that_is_said_and_a_sensor_asked_for(
    hass, start, send
) -> None:
    form = await start()
    assert (form["step_id"], form["data_schema"].schema) == ("nothing", {})
    form = await send(form)
    assert form["step_id"] == "sensor"


async def patiently[T](freezer, action: Coroutine[Any, Any, T]) -> T:
    """Let the clock go on, second by second, until an action is done."""
    doing = asyncio.ensure_future(action)
    while not doing.done():
        freezer.tick(1)
        for _ in range(20):
            await asyncio.sleep(0)
    return doing.result()


class Odd(PriceSource):
    """A source whose behaviour a test decides, in a place of its own."""

    key = "odd"

    def __init__(self, found=(), read=None) -> None:
        self.found = found
        self.prices = read

    async def find(self, hass):
        return await self._answer(self.found)

    async def read(self, hass, data, span):
        return await self._answer(self.prices)

    async def _answer(self, answer):
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.parametrize("found", [None, LookupError("nobody thought of this")], ids=str)
async def test_a_source_that_fails_or_hangs_hides_no_other(
    hass, freezer, start, send, monkeypatch, caplog, found
) -> None:
    show(hass, ENTSOE)
    monkeypatch.setitem(SOURCES, "odd", Odd(found))
    form = await patiently(freezer, start())
    assert list(offered(form)) == ["ENTSO-e: Average electricity price", "other"]
    assert "prices of odd" in caplog.text
    await check(form, send)


# Read


@pytest.mark.parametrize(
    ("prices", "error"),
    [
        pytest.param(PriceSourceError("source_unreadable"), "source_unreadable", id="no shape"),
        pytest.param(LookupError("nobody thought of this"), "unknown", id="unexpected"),
        pytest.param(None, "source_not_ready", id="hangs"),
        pytest.param(Reading(()), "no_prices", id="nothing"),
        pytest.param(
            Reading(hours([None, None], datetime(2025, 10, 6, 18, tzinfo=UTC))),
            "no_prices",
            id="unknown",
        ),
        pytest.param(
            Reading(hours([0.1], datetime(2025, 10, 6, 17, tzinfo=UTC))), "old_prices", id="over"
        ),
        pytest.param(
            Reading(hours([0.1], datetime(2025, 10, 6, 19, tzinfo=UTC))), "old_prices", id="later"
        ),
    ],
)
async def test_what_is_wrong_with_a_source_is_said_where_it_was_chosen(
    hass, freezer, start, send, monkeypatch, prices, error
) -> None:
    odd = Odd([Choice("odd", "Odd")], prices)
    monkeypatch.setitem(SOURCES, "odd", odd)
    form = await start()
    form = await patiently(freezer, send(form, **shown(form)))
    assert (form["step_id"], form["errors"]) == ("prices", {"source": error})

    odd.prices = Reading(hours([0.1, -0.2], datetime(2025, 10, 6, 17, tzinfo=UTC)))
    form = await check(form, send)
    assert form["description_placeholders"] == {
        "source": "Odd",
        "start": "2025-10-06 19:00",
        "end": "2025-10-06 21:00",
        "count": "2",
        "step": "60 min",
        "unit": "EUR/kWh",
        "lowest": "-0.2000 EUR/kWh",
        "highest": "0.1000 EUR/kWh",
    }


async def test_a_sensor_that_went_away_is_told_as_such(hass, start, send) -> None:
    put(hass, OWN, FRANK.show(*_starts())[FRANK.entity_id])
    form = await start()
    hass.states.async_remove(OWN)
    form = await send(form, **shown(form))
    assert form["errors"] == {"source": "source_gone"}


def _starts() -> tuple[list[datetime], list[datetime]]:
    return [slot.start for slot in FRANK.slots([TODAY])], []


async def test_prices_of_yesterday_are_no_prices_of_now(hass, start, send) -> None:
    show(hass, ENTSOE, day=date(2025, 10, 3))
    form = await start()
    form = await send(form, **shown(form))
    assert form["errors"] == {"source": "old_prices"}
    show(hass, ENTSOE)
    await check(form, send)


@pytest.mark.parametrize(
    ("lengths", "step"),
    [
        ([60, 30, 15], "15 / 30 / 60 min"),
        ([60, 30, 15, 5], "5 … 60 min"),
        ([45], "45 min"),
    ],
)
async def test_steps_may_differ(hass, start, send, monkeypatch, lengths, step) -> None:
    begin, slots = datetime(2025, 10, 6, 18, tzinfo=UTC), []
    for length in lengths:
        slots += hours([0.1], begin, length * MINUTE)
        begin = slots[-1].end
    odd = Odd([Choice("odd", "Odd")], Reading(tuple(slots), "SEK", "SEK/MWh"))
    monkeypatch.setitem(SOURCES, "odd", odd)
    form = await check(await start(), send)
    told = form["description_placeholders"]
    assert (told["step"], told["unit"], told["lowest"]) == (step, "SEK/MWh", "0.1000 SEK/kWh")


# Only once


async def test_the_same_source_is_set_up_once(hass, start, send, local) -> None:
    show(hass, ENTSOE, FRANK)
    local()
    form = await start()
    (label,) = (label for label in offered(form) if label.startswith("ENTSO-e"))
    result = await send(form, source=offered(form)[label])
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_another_source_is_another_home(hass, start, send, local) -> None:
    show(hass, ENTSOE, FRANK)
    local(export_source=data_of(FRANK))
    form = await start()
    (label,) = (label for label in offered(form) if label.startswith("Frank"))
    result = await send(await check(form, send, label), name="Two", export_source="none")
    assert result["type"] is FlowResultType.CREATE_ENTRY


# A sensor of one's own


async def test_a_sensor_of_ones_own_is_described(hass, start, send) -> None:
    show(hass, FRANK)
    village(hass)
    form = await send(await start(), source="other")
    assert (form["step_id"], form["errors"], shown(form)) == ("sensor", {}, {})

    form = await send(form, entity_id=OWN)
    assert (form["step_id"], form["errors"]) == ("shape", {})
    guess = {"attributes": ["plan"], "start": "at", "price": "ct", "unit": "ct/kWh"}
    assert shown(form) == guess
    assert form["data_schema"].schema["attributes"].config["options"] == ["plan"]
    assert form["data_schema"].schema["start"].config["options"] == ["at", "ct"]

    form = await send(form, **guess)
    assert form["step_id"] == "check"
    assert form["description_placeholders"]["lowest"] == "0.1000 EUR/kWh"
    assert form["description_placeholders"]["unit"] == "ct/kWh"
    result = await send(form, name="Village", export_source="none")
    assert result["data"]["source"] == {"source": "generic", "entity_id": OWN, **guess}


@pytest.mark.parametrize("entity_id", ["sensor.sun", "sensor.nowhere"])
async def test_a_sensor_without_a_list_is_refused(hass, start, send, entity_id) -> None:
    hass.states.async_set("sensor.sun", "5", {"unit_of_measurement": "EUR/kWh", "parts": []})
    village(hass)
    form = await send(await send(await start()), entity_id=entity_id)
    assert (form["step_id"], form["errors"]) == ("sensor", {"entity_id": "no_list"})
    assert shown(form) == {"entity_id": entity_id}
    assert (await send(form, entity_id=OWN))["step_id"] == "shape"


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"attributes": []}, {"attributes": "no_attribute"}),
        ({"unit": "bananas"}, {"unit": "no_unit"}),
        ({"start": "name"}, {"base": "source_unreadable"}),
        ({"attributes": ["absent"]}, {"base": "source_unreadable"}),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_description_is_said(hass, start, send, typed, error) -> None:
    village(hass)
    form = await send(await send(await start()), entity_id=OWN)
    guess = shown(form)
    form = await send(form, **guess | typed)
    assert (form["step_id"], form["errors"]) == ("shape", error)
    assert shown(form) == guess | typed
    assert (await send(form, **guess))["step_id"] == "check"


async def test_a_sensor_that_goes_away_in_between_can_be_described_all_the_same(
    hass, start, send
) -> None:
    village(hass)
    form = await send(await send(await start()), entity_id=OWN)
    guess = shown(form)
    hass.states.async_remove(OWN)
    form = await send(form, **guess)
    assert form["errors"] == {"base": "source_gone"}


# What is added


async def test_what_is_added_is_stored(hass, start, send) -> None:
    show(hass, ENTSOE)
    additions = {"fixed": 0.1, "percent": 21, "hours": [HOURS, HOURS | {"days": []}]}
    form = await check(await start(), send)
    result = await send(form, name="Cabin", export_source="none", additions=additions)
    every_day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert result["options"] == {
        "additions": {
            "fixed": 0.1,
            "percent": 21.0,
            "hours": [HOURS, HOURS | {"days": every_day}],
        }
    }


@pytest.mark.parametrize(
    "additions", [{}, {"fixed": 0}, {"percent": 0, "fixed": 0}, {"hours": []}], ids=str
)
async def test_what_adds_nothing_is_not_stored(hass, start, send, additions) -> None:
    show(hass, ENTSOE)
    form = await check(await start(), send)
    result = await send(form, name="Cabin", export_source="none", additions=additions)
    assert result["options"] == {}


@pytest.mark.parametrize("name", ["additions", "export_additions"])
async def test_what_cannot_be_added_is_told_and_the_rest_is_not_lost(
    hass, start, send, name
) -> None:
    show(hass, ENTSOE)
    form = await check(await start(), send)
    typed = {"name": "Cabin", "export_source": "same", name: {"fixed": math.nan, "percent": 5.0}}
    form = await send(form, **typed)
    assert (form["step_id"], form["errors"]) == ("check", {name: "invalid_additions"})
    assert expanded(form)[name]
    assert shown(form)["name"] == "Cabin"
    result = await send(form, **typed | {name: {"percent": 5.0}})
    assert result["options"] == {name: {"percent": 5.0}}


@pytest.mark.parametrize(
    "additions",
    [
        {"percent": -100},
        {"fixed": "much"},
        {"hours": [{"start": "22:00:00", "end": "06:00:00"}]},
        {"hours": [HOURS | {"days": ["someday"]}]},
        {"hours": [HOURS | {"start": "25:00:00"}]},
        {"hours": [HOURS | {"color": "red"}]},
    ],
    ids=str,
)
async def test_what_is_no_addition_is_refused(hass, start, send, additions) -> None:
    show(hass, ENTSOE)
    form = await check(await start(), send)
    with pytest.raises(InvalidData):
        await send(form, name="Cabin", export_source="none", additions=additions)


async def test_a_home_needs_a_name(hass, start, send) -> None:
    show(hass, ENTSOE)
    form = await check(await start(), send)
    form = await send(form, name="  ", export_source="none")
    assert (form["step_id"], form["errors"]) == ("check", {"name": "no_name"})


# Selling


async def test_power_can_be_sold_at_the_same_price(hass, start, send) -> None:
    show(hass, ENTSOE)
    form = await check(await start(), send)
    assert list(offered(form, "export_source")) == ["none", "same", "other"]
    sold = {"fixed": -0.01}
    result = await send(form, name="Cabin", export_source="same", export_additions=sold)
    assert result["data"]["export_source"] == data_of(ENTSOE)
    assert result["options"] == {"export_additions": {"fixed": -0.01}}


async def test_without_a_price_for_selling_nothing_is_added_to_it(hass, start, send) -> None:
    show(hass, ENTSOE)
    form = await check(await start(), send)
    result = await send(form, name="Cabin", export_source="none", export_additions={"percent": 5.0})
    assert result["options"] == {}
    assert "export_source" not in result["data"]


async def test_prices_for_selling_come_first_then_others(hass, start, send) -> None:
    octopus = LISTED["octopus"]
    show(hass, octopus, ENTSOE)
    (rates,) = (
        attributes
        for entity_id, attributes in octopus.show(*_starts()).items()
        if entity_id.endswith("_current_day_rates")
    )
    outgoing = f"{METER}_export_current_day_rates"
    put(hass, outgoing, rates | {"friendly_name": "Outgoing"}, platform="octopus_energy")
    form = await start()
    assert "Octopus Energy: Outgoing" not in offered(form)
    (label,) = (label for label in offered(form) if label.startswith("Octopus"))

    form = await check(form, send, label)
    assert list(offered(form, "export_source")) == [
        "none",
        "same",
        "Octopus Energy: Outgoing",
        "ENTSO-e: Average electricity price",
        "other",
    ]
    picked = offered(form, "export_source")["Octopus Energy: Outgoing"]
    result = await send(form, name="Cabin", export_source=picked)
    assert result["data"]["export_source"] == {
        "source": "octopus_energy",
        "entity_id": outgoing,
    }


async def test_a_price_for_selling_has_to_be_readable(hass, start, send) -> None:
    show(hass, ENTSOE, FRANK)
    form = await start()
    (entsoe, frank, _) = sorted(offered(form))
    form = await check(form, send, entsoe)
    picked = offered(form, "export_source")[frank]
    hass.states.async_set(FRANK.entity_id, "unavailable")
    form = await send(form, name="Cabin", export_source=picked)
    assert (form["step_id"], form["errors"]) == ("check", {"export_source": "source_not_ready"})
    show(hass, FRANK)
    result = await send(form, name="Cabin", export_source=picked)
    assert result["data"]["export_source"] == data_of(FRANK)


async def test_who_buys_in_one_currency_does_not_sell_in_another(hass, start, send) -> None:
    show(hass, ENTSOE, SEK)
    form = await start()
    (entsoe, sek, _) = sorted(offered(form))
    form = await check(form, send, entsoe)
    picked = offered(form, "export_source")[sek]
    form = await send(form, name="Cabin", export_source=picked)
    assert form["errors"] == {"export_source": "other_currency"}


async def test_power_can_be_sold_at_the_price_of_a_sensor_of_ones_own(hass, start, send) -> None:
    show(hass, ENTSOE)
    village(hass)
    form = await check(await start(), send)
    additions = {"additions": {"percent": 6.0}}
    form = await send(form, name="Cabin", export_source="other", **additions)
    assert form["step_id"] == "sensor"
    form = await send(form, entity_id=OWN)
    guess = shown(form)
    form = await send(form, **guess | {"start": "name"})
    assert (form["step_id"], form["errors"]) == ("shape", {"base": "source_unreadable"})

    form = await send(form, **guess)
    assert (form["step_id"], form["errors"]) == ("check", {})
    assert form["description_placeholders"]["source"] == "ENTSO-e: Average electricity price"
    picked = offered(form, "export_source")["My village"]
    assert shown(form) == {"name": "Cabin", "export_source": picked, **additions}
    result = await send(form, **shown(form))
    assert result["data"]["source"] == data_of(ENTSOE)
    assert result["data"]["export_source"] == {"source": "generic", "entity_id": OWN, **guess}


# Changed later


async def test_the_same_again_changes_nothing(hass, send, local) -> None:
    show(hass, ENTSOE, FRANK)
    options = {
        "additions": {"fixed": 0.1, "hours": [HOURS]},
        "export_additions": {"fixed": -0.01},
        "max_import_power": 9.0,
    }
    entry = local(export_source=data_of(FRANK), options=options)
    before = dict(entry.data)
    form = await entry.start_reconfigure_flow(hass)
    form = await check(form, send)
    typed = shown(form)
    assert (
        typed.pop("export_source")
        == offered(form, "export_source")[
            next(label for label in offered(form, "export_source") if label.startswith("Frank"))
        ]
    )
    assert typed["name"] == "Cabin"
    assert typed["additions"] == options["additions"]
    assert expanded(form) == {"additions": True, "export_additions": True}
    result = await send(form, **shown(form))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert dict(entry.data) == before
    assert dict(entry.options) == options


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "not loaded"])
async def test_a_home_keeps_its_id_when_its_prices_change(hass, send, local, loaded) -> None:
    show(hass, ENTSOE, FRANK)
    entry = local(export_source=data_of(ENTSOE), options={"floor": 0.1})
    if loaded:
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    form = await entry.start_reconfigure_flow(hass)
    assert shown(form)["source"] == offered(form)["ENTSO-e: Average electricity price"]
    (label,) = (label for label in offered(form) if label.startswith("Frank"))

    form = await check(form, send, label)
    # who sold at the price of buying goes on to
    assert shown(form) == {"name": "Cabin", "export_source": "same"}
    result = await send(form, **shown(form) | {"name": "House"})
    assert result["reason"] == "reconfigure_successful"
    assert entry.data == {
        "location_id": "local_1",
        "source": data_of(FRANK),
        "export_source": data_of(FRANK),
    }
    assert (entry.title, entry.unique_id, entry.options) == ("House", "local_1", {"floor": 0.1})
    assert entry.state is ConfigEntryState.LOADED


async def test_who_sells_no_more_forgets_what_was_added(hass, send, local) -> None:
    show(hass, ENTSOE)
    sold = {"fixed": -0.01}
    entry = local(export_source=data_of(ENTSOE), options={"export_additions": sold})
    form = await check(await entry.start_reconfigure_flow(hass), send)
    await send(form, **shown(form) | {"export_source": "none"})
    assert "export_source" not in entry.data
    assert entry.options == {}


async def test_no_home_takes_the_source_of_another(hass, send, local) -> None:
    show(hass, ENTSOE, FRANK)
    local()
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id="local_2",
        data={"location_id": "local_2", "source": data_of(FRANK)},
    )
    entry.add_to_hass(hass)
    form = await entry.start_reconfigure_flow(hass)
    result = await send(form, source=offered(form)["ENTSO-e: Average electricity price"])
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert entry.data["source"] == data_of(FRANK)


async def test_what_is_used_stays_on_offer_though_it_is_gone(hass, send, local) -> None:
    show(hass, FRANK)
    entry = local(export_source={"source": "retired"})
    form = await entry.start_reconfigure_flow(hass)
    assert ENTSOE.entity_id in offered(form)
    assert shown(form) == {"source": offered(form)[ENTSOE.entity_id]}
    form = await send(form, **shown(form))
    assert form["errors"] == {"source": "source_gone"}

    show(hass, ENTSOE)
    form = await check(form, send, ENTSOE.entity_id)
    assert shown(form)["export_source"] == offered(form, "export_source")["retired"]
    form = await send(form, **shown(form))
    assert form["errors"] == {"export_source": "source_gone"}
    await send(form, **shown(form) | {"export_source": "same"})
    assert entry.data["export_source"] == data_of(ENTSOE)


async def test_how_a_sensor_is_read_can_be_changed(hass, send, local) -> None:
    village(hass, other=[1, 2])
    other = {"source": "generic", "entity_id": OWN, "attributes": ["plan"], "unit": "EUR/MWh"}
    other |= {"start": "at", "price": "ct"}
    entry = local(source=other, export_source=other)
    form = await entry.start_reconfigure_flow(hass)
    form = await send(form, source="other")
    assert shown(form) == {"entity_id": OWN}
    form = await send(form, **shown(form))
    assert shown(form) == {
        name: value for name, value in other.items() if name not in ("source", "entity_id")
    }
    form = await send(form, **shown(form) | {"unit": "ct/kWh"})
    assert form["description_placeholders"]["highest"] == "0.3300 EUR/kWh"
    form = await send(form, **shown(form) | {"export_source": "other"})
    assert shown(form) == {"entity_id": OWN}
    form = await send(form, **shown(form))
    assert shown(form)["unit"] == "EUR/MWh"
    form = await send(form, **shown(form))
    result = await send(form, **shown(form))
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["source"] == other | {"unit": "ct/kWh"}
    assert entry.data["export_source"] == other


# As the browser does it


async def test_a_home_is_set_up_through_the_browsers_door(hass, hass_client) -> None:
    """All of it goes through JSON, which takes less than Python does."""
    show(hass, ENTSOE)
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()

    async def post(path: str, **body) -> dict[str, Any]:
        response = await client.post(f"/api/config/config_entries/{path}", json=body)
        assert response.status == 200, await response.text()
        await hass.async_block_till_done(wait_background_tasks=True)
        return await response.json()

    menu = await post("flow", handler=DOMAIN)
    flow = f"flow/{menu['flow_id']}"
    form = await post(flow, next_step_id="prices")
    (field,) = form["data_schema"]
    form = await post(flow, source=field["description"]["suggested_value"])
    assert form["step_id"] == "check"
    names = [field["name"] for field in form["data_schema"]]
    assert names == ["name", "export_source", "additions", "export_additions"]
    (_, _, table) = form["data_schema"][2]["schema"]
    rows = table["selector"]["object"]["fields"]
    assert list(rows) == ["start", "end", "amount", "days"]
    assert rows["amount"]["selector"]["number"]["unit_of_measurement"] == "EUR/kWh"
    assert rows["amount"]["default"] == 0
    assert rows["days"]["selector"]["select"]["options"][0] == {"value": "mon", "label": "Monday"}

    additions = {"fixed": 0.02, "hours": [HOURS]}
    result = await post(flow, name="Cabin", export_source="same", additions=additions)
    assert result["type"] == "create_entry"
    assert result["result"]["title"] == "Cabin"
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.options["additions"] == {"fixed": 0.02, "hours": [HOURS]}


# Its schedules


@pytest.fixture
def add(hass):
    """Open the form of a schedule."""

    async def add(entry, kind: str) -> dict[str, Any]:
        return await hass.config_entries.subentries.async_init(
            (entry.entry_id, kind), context={"source": SOURCE_USER}
        )

    return add


CAR = {
    "name": "Car",
    "direction": "export",
    "energy": 5.0,
    "max_power": 7.0,
    "start": "22:00:00",
    "end": "07:00:00",
    "days": ["mon"],
}
POOL = {
    "name": "Pool",
    "direction": "export",
    "condition": "below",
    "limit_kind": "absolute",
    "limit": 0.1,
    "start": "22:00:00",
    "end": "07:00:00",
    "days": ["mon"],
}
SCHEDULES = {"duration": NIGHT | {"direction": "export"}, "amount": CAR, "limit": POOL}


@pytest.mark.parametrize("kind", SCHEDULES)
async def test_nothing_is_sold_without_a_price(hass, local, add, kind) -> None:
    entry = local()
    form = await add(entry, kind)
    configure = hass.config_entries.subentries.async_configure
    form = await configure(form["flow_id"], SCHEDULES[kind])
    assert form["errors"] == {"direction": "no_export_price"}
    result = await configure(form["flow_id"], SCHEDULES[kind] | {"direction": "import"})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("kind", SCHEDULES)
async def test_with_a_price_power_can_be_sold(hass, local, add, kind) -> None:
    entry = local(export_source=data_of(ENTSOE))
    form = await add(entry, kind)
    result = await hass.config_entries.subentries.async_configure(form["flow_id"], SCHEDULES[kind])
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("kind", ["duration", "limit"])
async def test_what_a_home_makes_itself_has_no_price(hass, local, add, kind) -> None:
    form = await add(local(), kind)
    assert form["data_schema"].schema["direction"].config["options"] == ["import", "export"]


async def test_there_are_no_devices_of_flatpeak_to_choose(hass, local, add) -> None:
    form = await add(local(), "amount")
    assert "device_id" not in form["data_schema"].schema["advanced"].schema.schema
