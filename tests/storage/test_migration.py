"""A file of version 1 is read as it was meant; what is damaged there costs itself alone."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.storage import Store
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.flatpeak.engine import StoredHome
from custom_components.flatpeak.model import Direction, KindName
from custom_components.flatpeak.storage import FlatpeakStore
from custom_components.flatpeak.storage.migration import from_version_1
from custom_components.flatpeak.storage.records import (
    home_from_json,
    iso,
    prices_from_json,
    schedule_from_json,
)
from simulator.faults import Fault
from simulator.state import LOCATION
from tests.home import Home, local, turned

from .drawing import KINDS, homes, moments, names, prices, schedules, through_json
from .test_records import DAMAGES, DAMAGES_OF_ONE, damage
from .version_1 import PARTS, RECORDED, Kept, written

SCENARIOS = Path(__file__).parents[1] / "scenarios"
KEY = "flatpeak.home"

pytestmark = pytest.mark.freeze_time(RECORDED["taken_at"])


# Records


@st.composite
def kept(draw: st.DrawFn) -> Kept:
    """Return a schedule as it was kept then, when nobody counted what was in the savings."""
    schedule = draw(schedules(draw(KINDS)))
    amount = schedule.kind is KindName.AMOUNT
    known = schedule.fulfilment
    return Kept(
        replace(
            schedule,
            next_update=None if amount else schedule.next_update,
            fulfilment=replace(known, counted=known.metering.delivered),
        ),
        None if amount else draw(st.none() | moments),
        draw(moments),
    )


@settings(deadline=None)
@given(
    st.dictionaries(names, kept(), max_size=4),
    homes,
    st.none() | moments,
    st.dictionaries(st.sampled_from(Direction), prices()),
)
def test_all_of_a_file_comes_back(known, site, request_at, books) -> None:
    data = from_version_1(through_json(written(known, site, request_at, books)), "the entry")
    stored = {key: schedule_from_json(one) for key, one in data["home"]["schedules"].items()}
    assert stored == {key: one.schedule for key, one in known.items()}

    due = {key: one.request_at for key, one in known.items()} | {"the entry": request_at}
    seen = [one.seen for one in known.values() if one.schedule.kind is not KindName.AMOUNT]
    home = StoredHome(
        stored,
        {key: at for key, at in due.items() if at},
        site.rules,
        max([*seen, site.seen] if site.seen else seen, default=None),
        site.saved,
        site.counted,
    )
    assert home_from_json(data["home"], stored) == home
    assert {Direction(way): prices_from_json(one) for way, one in data["prices"].items()} == books


def recorded() -> Iterator[Any]:
    """Yield the stores of files that were recorded then."""
    yield pytest.param(RECORDED["file"]["data"], id="version_1")
    for file in sorted(SCENARIOS.glob("*.json")):
        store = json.loads(file.read_text())["data"]["store"]
        if "home" not in store:
            yield pytest.param(store, id=file.stem)


@pytest.mark.parametrize("data", recorded())
async def test_each_record_that_was_written_then_is_read(hass, hass_storage, data) -> None:
    store = await load(hass, hass_storage, deepcopy(data))
    for kind, part in PARTS.items():
        found = {key for key, one in store.home.schedules.items() if one.kind is kind}
        assert found == set(data.get(part, {}))
    assert store.home.seen is not None
    times = data.get("schedules", {}) | data.get("limits", {})
    assert store.home.due.keys() - {"home"} == {
        key for key, one in times.items() if one["request_at"]
    }
    assert ("home" in store.home.due) is bool(data.get("site", {}).get("request_at"))
    assert store.home.saved == data.get("site", {}).get("saved", 0)
    assert store.location is not None
    assert iso(store.connection.last_success) == data["connection"]["last_success"]
    if data["dialect"]:  # nothing was learned before the first answer
        assert store.dialects.duration.version == data["dialect"]["version"]
    assert {way.value for way in store.prices} == set(data.get("prices", {}))
    for way, one in store.prices.items():
        assert len(one.book.slots) == len(data["prices"][way]["slots"]) > 0


async def load(hass, hass_storage, data: dict[str, Any], version: int = 1) -> FlatpeakStore:
    """Read a file."""
    hass_storage[KEY] = {"version": version, "minor_version": 1, "key": KEY, "data": data}
    store = FlatpeakStore(hass, "home")
    await store.load()
    return store


# What is damaged

CHANGED = {
    **{f"target.{name}": f"wish.{name}" for name in ("end", "days", "enabled", "duration")},
    **{f"target.{name}": f"wish.{name}" for name in ("segment", "limit", "limit_kind", "energy")},
    "target": "wish",
}
# what was no part of a record then, or may be missing in one now
_NO_PART = ("kind", "fulfilment", "device_id", "next_update")
OF_THEN = {
    KindName.AMOUNT: [
        ("metering", [1.0]),
        ("metering", [1.0, "soon", 0.0, 0.0]),
        ("device_id", 5),
        ("misses", "often"),
        ("shortfall", None),
        ("shortfall", ...),
    ],
    **{
        kind: [
            ("next_update", "soon"),
            ("next_update", 5),
            *(("request_at", value) for value in ("soon", 5, [1], {"a": 1}, True)),
            *(("seen", value) for value in ("soon", "", "zzz", "9999", 5, None, ...)),
        ]
        for kind in (KindName.DURATION, KindName.PRICE_LIMIT)
    },
}


def damages() -> Iterator[Any]:
    """Yield what may be wrong with a record of each kind."""
    for kind in KindName:
        for one in (*DAMAGES, *DAMAGES_OF_ONE[kind]):
            path, value = one.values
            if path[0] not in _NO_PART:
                name = ".".join(path)
                yield pytest.param(
                    kind, CHANGED.get(name, name).split("."), value, id=f"{kind} {one.id}"
                )
        for name, value in OF_THEN[kind]:
            yield pytest.param(kind, [name], value, id=f"{kind} {name} {value!r}")
        for value in (None, [], "text", {}):
            yield pytest.param(kind, [], value, id=f"{kind} {value!r}")


@pytest.mark.parametrize(("kind", "path", "value"), damages())
async def test_a_damaged_record_costs_that_record_only(
    hass, hass_storage, kind, path, value
) -> None:
    whole = await load(hass, hass_storage, deepcopy(RECORDED["file"]["data"]))
    data = deepcopy(RECORDED["file"]["data"])
    key = max(data[PARTS[kind]])
    damage(data[PARTS[kind]], [key, *path], value)
    store = await load(hass, hass_storage, data)
    of_others = (
        {name: one for name, one in items.items() if name != key}
        for items in (store.home.schedules, store.home.due)
    )
    assert list(of_others) == [
        {name: one for name, one in items.items() if name != key}
        for items in (whole.home.schedules, whole.home.due)
    ]
    if path not in (["request_at"], ["seen"]):
        assert key not in store.home.schedules
    assert (store.home.rules, store.home.seen) == (whole.home.rules, whole.home.seen)
    assert (store.home.saved, store.home.counted) == (whole.home.saved, whole.home.counted)
    assert (store.prices, store.location) == (whole.prices, whole.location)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(("amounts", value) for value in (..., None, [], "text")),
        *(("schedules", value) for value in (..., None, [], "text")),
        *(("site", value) for value in (..., None, [], {}, "text")),
        *(("site.rules", value) for value in (..., None, ["much"], [*"abcdef"], [1, 2], {"a": 1})),
        *(("site.request_at", value) for value in (..., None, "soon", 5, [1])),
        *(("site.seen", value) for value in (..., None, "soon", "zzz", 5)),
        *(("site.saved", value) for value in (..., None, "a lot", [1])),
        *(("site.counted", value) for value in (..., None, "soon", 5)),
        *(("prices", value) for value in (..., None, [], "text")),
        *(("prices.import.slots", value) for value in (..., None, [[1]])),
        *(("location", value) for value in (..., None, [], {"id": 5})),
        *(("dialect", value) for value in (..., None, {"version": 5})),
        ("amount_dialect", {"version": None, "form": "round", "direction_name": "x"}),
    ],
)
async def test_a_damaged_part_costs_that_part_only(hass, hass_storage, path, value) -> None:
    whole = await load(hass, hass_storage, deepcopy(RECORDED["file"]["data"]))
    data = deepcopy(RECORDED["file"]["data"])
    damage(data, path.split("."), value)
    part, _, name = path.partition(".")
    store = await load(hass, hass_storage, data)

    gone = {"amounts": {KindName.AMOUNT}, "schedules": {KindName.DURATION}}.get(part, set())
    kept = {key: one for key, one in whole.home.schedules.items() if one.kind not in gone}
    assert store.home.schedules == kept
    due = {key: at for key, at in whole.home.due.items() if key == "home" or key in kept}
    if part == "site" and name in ("", "request_at"):
        due.pop("home")
    assert store.home.due == due
    assert store.home.seen == whole.home.seen
    if part != "site":
        assert (store.home.rules, store.home.saved) == (whole.home.rules, whole.home.saved)
        assert store.home.counted == whole.home.counted
    elif name and name not in ("saved", "rules"):
        assert (store.home.rules, store.home.saved) == (whole.home.rules, whole.home.saved)
    if part != "prices":
        assert store.prices == whole.prices
    elif name:
        assert store.prices.keys() == {Direction.EXPORT}
    if part != "location":
        assert store.location == whole.location
    assert store.connection == whole.connection


@pytest.mark.parametrize("value", [None, [], "text", 5, {}, {"other": 1}, {"schedules": []}])
async def test_a_file_that_is_something_else_is_empty(hass, hass_storage, value) -> None:
    store = await load(hass, hass_storage, value)
    assert store.home == StoredHome()
    assert (store.location, store.prices) == (None, {})


# Prices


async def test_prices_of_their_own_file_are_newer(hass, hass_storage) -> None:
    data = RECORDED["file"]["data"]
    old = data["prices"]["import"]
    new = {**old, "slots": old["slots"][1:], "read_at": "2025-10-06T19:00:00+00:00"}
    apart = f"{KEY}.prices"
    hass_storage[apart] = {
        "version": 1,
        "minor_version": 1,
        "key": apart,
        "data": {"import": new},
    }
    store = await load(hass, hass_storage, deepcopy(data))
    assert store.prices == {Direction.IMPORT: prices_from_json(new)}


# The whole of it


@pytest.fixture
def upgraded(hass, plain: Home, hass_storage) -> Home:
    """A home as the code of then has left it; it is not set up yet."""
    plain.options(**RECORDED["options"])
    plain.identify("home")
    for one in RECORDED["subentries"]:
        assert plain._add(one["subentry_type"], one["data"]) == one["subentry_id"]
    hass_storage[KEY] = deepcopy(RECORDED["file"])
    hass.states.async_set("sensor.soc", "54", {"unit_of_measurement": "%"})
    hass.states.async_set("sensor.meter", "5001.0", {"unit_of_measurement": "kWh"})
    plain.set_clock(plain.now)
    return plain


def shown(home: Home) -> dict[str, str]:
    """Return what the schedules' entities show."""
    entities = er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)
    return {
        one.unique_id: home.hass.states.get(one.entity_id).state
        for one in entities
        if one.config_subentry_id
    }


def price(home: Home) -> str:
    """Return the price of now, as it is shown."""
    entity_id = er.async_get(home.hass).async_get_entity_id(
        "sensor", "flatpeak", f"{LOCATION}_price"
    )
    return home.hass.states.get(entity_id).state


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_after_the_upgrade_all_is_as_it_was(hass, upgraded) -> None:
    """Nothing is asked for, and what runs goes on."""
    await upgraded.set_up()
    assert upgraded.entry.state is ConfigEntryState.LOADED
    assert upgraded.world.calls == []
    expected = {
        key: "restored" if key.endswith("_plan_source") and value != "unknown" else value
        for key, value in RECORDED["states"].items()
    }
    assert shown(upgraded) == expected
    # the one whose period ends goes on with the plan of the next
    await upgraded.at("2025-10-06T23:20:45")
    assert upgraded.active("schedule5")
    assert upgraded.sensor("planned_duration", "schedule5") == str(
        60 + (60 * 60 - 20 * 60 - 45) / 60
    )


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_what_was_stored_then_outlasts_another_restart(hass, upgraded, hass_storage) -> None:
    """Flatpeak is away all the time, and the prices that it told before are of use."""
    upgraded.world.faults = {Fault.UNAVAILABLE}
    await upgraded.set_up()
    assert price(upgraded) == "0.1"
    before = shown(upgraded)
    for _ in range(2):
        await upgraded.stop()
        await upgraded.start()
        assert shown(upgraded) == before
        assert price(upgraded) == "0.1"
    assert "home" in hass_storage[KEY]["data"]


async def test_a_file_of_the_first_release_is_read(hass, plain, hass_storage) -> None:
    """It had one dialect, and no schedules by amount."""
    recorded = json.loads((SCENARIOS / "in_a_window.json").read_text())["data"]
    assert recorded["store"].keys() == {"location", "dialect", "connection", "schedules"}
    plain.add()
    plain.add_amount(name="Van")
    key = f"flatpeak.{plain.entry.entry_id}"
    data = deepcopy(recorded["store"])
    data["location"] |= {"id": LOCATION, "reference": "Home", "address": None}
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}
    await plain.set_up(local(recorded["taken_at"][:19]) + timedelta(hours=2))
    assert plain.entry.state is ConfigEntryState.LOADED

    assert plain.sensor("plan_source") == "restored"
    assert plain.active()
    assert plain.windows()[0] == (local("2025-10-06T23:00"), local("2025-10-07T00:00"))
    # what was learned then still holds, so that the new kind of schedule is all that is asked for
    assert plain.sensor("planned_energy", "schedule2") == "24.0"
    paths = {call.path for call in plain.world.calls}
    assert "/locations" not in paths
    assert f"/schedules/duration/{LOCATION}" not in paths

    await plain.stop()
    kept = hass_storage[key]["data"]
    assert kept["dialect"] == data["dialect"]
    kinds = {key: one["kind"] for key, one in kept["home"]["schedules"].items()}
    assert kinds == {"schedule1": "duration", "schedule2": "amount"}


async def test_what_entities_had_changed_then_is_still_changed(hass, upgraded) -> None:
    with turned(upgraded.world, faults={Fault.UNAVAILABLE}):
        await upgraded.set_up()
    assert upgraded.state("number", "duration") == "100.0"
    assert upgraded.state("time", "start") == "21:30:00"
    assert upgraded.state("number", "limit", "schedule5") == "0.12"
    assert upgraded.state("number", "energy", "schedule7") == "10.0"
    assert upgraded.state("switch", "enabled", "schedule8") == "off"


async def test_an_older_release_can_start_on_a_file_of_today(hass, plain, hass_storage) -> None:
    """After a downgrade: it knows nothing of the schedules, but is not kept from starting."""
    plain.add()
    await plain.set_up(local("2025-10-06T23:20:00"))
    await plain.stop()
    # as the releases before November 2026 read it
    store: Store[dict[str, Any]] = Store(hass, 1, f"flatpeak.{plain.entry.entry_id}", private=True)
    data = await store.async_load()
    assert data is not None
    assert data["location"]["id"] == LOCATION
