"""The two files of a home: what is in them after a restart, and what is damaged there."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
import json
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.flatpeak.api import AmountDialect, Dialects, DurationDialect, Form
from custom_components.flatpeak.engine import (
    Added,
    HomeState,
    StoredHome,
    StoredPrices,
    StoredSchedule,
    restored,
)
from custom_components.flatpeak.forms import CODECS
from custom_components.flatpeak.model import (
    AmountPlan,
    Connection,
    Direction,
    KindName,
    Location,
    Plan,
    PowerSlot,
    PriceBook,
    PriceCap,
    SiteRules,
    Slot,
    Source,
    Span,
)
from custom_components.flatpeak.storage import FlatpeakStore
from simulator.state import ACCOUNT, KEY
from tests.home import BELOW, CHARGE, HOUR, MINUTE, NIGHT, SECOND, Home

from .drawing import NOW
from .test_records import DAMAGES, DAMAGES_OF_ONE, damage

EVENING = "2025-10-06T20:00:00"  # a Monday
FILE, PRICES_FILE = "flatpeak.entry", "flatpeak.entry.prices"
FORMS = {KindName.DURATION: NIGHT, KindName.PRICE_LIMIT: BELOW, KindName.AMOUNT: CHARGE}
ADDED: dict[KindName, Callable[..., str]] = {
    KindName.DURATION: Home.add,
    KindName.PRICE_LIMIT: Home.add_limit,
    KindName.AMOUNT: Home.add_amount,
}

pytestmark = pytest.mark.freeze_time(NOW)


def stored(kind: KindName) -> StoredSchedule:
    """Return a schedule that its owner has switched off."""
    form, period = CODECS[kind].read(FORMS[kind]), Span(NOW, NOW + 9 * HOUR)
    target = replace(form.target, enabled=False)
    if kind is KindName.AMOUNT:
        plan = AmountPlan(period, (PowerSlot(NOW, NOW + HOUR, 0.1, power=8.0),), Source.RESTORED)
        return StoredSchedule(kind, form, target, plan, plan, device_id="dev_car")
    plan = Plan(period, (Slot(NOW, NOW + HOUR, 0.1),), Source.RESTORED)
    return StoredSchedule(kind, form, target, plan, plan, NOW)


def home() -> StoredHome:
    """Return a home with a schedule of each kind."""
    return StoredHome(
        {str(kind): stored(kind) for kind in KindName},
        {"duration": NOW, "limit": NOW + HOUR, "entry": NOW + 2 * HOUR},
        SiteRules({Direction.IMPORT: 11.0}, {Direction.IMPORT: PriceCap(absolute=0.2)}),
        NOW,
        12.5,
        NOW - HOUR,
    )


def books() -> dict[Direction, StoredPrices]:
    """Return prices of two directions."""
    slots = (Slot(NOW, NOW + HOUR, 0.1), Slot(NOW + HOUR, NOW + 2 * HOUR, 0.2, 0.5))
    book = PriceBook(slots, NOW + 3 * HOUR, NOW)
    return {way: StoredPrices("flatpeak", book) for way in (Direction.IMPORT, Direction.EXPORT)}


async def opened(hass) -> FlatpeakStore:
    """Read the files."""
    store = FlatpeakStore(hass, "entry")
    await store.load()
    return store


async def written(hass) -> FlatpeakStore:
    """Write the files of a home with all that there may be."""
    store = await opened(hass)
    store.location = Location("loc_1", "Home", None, "Europe/Brussels", "EUR", live=True)
    store.connection = Connection(connected=True, last_success=NOW)
    store.home, store.prices = home(), books()
    store.save_prices()
    await store.close()
    return store


# What is there comes back


@pytest.mark.parametrize(
    ("location", "dialects", "connection"),
    [
        pytest.param(None, Dialects(), Connection(), id="nothing known"),
        pytest.param(Location("loc_1"), Dialects(), Connection(connected=False), id="little known"),
        pytest.param(
            Location("loc_1", "Home", "1, Grand-Place", "Europe/Brussels", "EUR", live=True),
            Dialects(DurationDialect.of("2026-02-01.busbar"), AmountDialect.of(None)),
            Connection(connected=True, last_success=NOW),
            id="all known",
        ),
        *(
            pytest.param(
                Location("loc_1", live=False),
                Dialects(amount=AmountDialect(form=form)),
                Connection(),
                id=f"form {form}",
            )
            for form in Form
        ),
    ],
)
async def test_a_file_comes_back(hass, hass_storage, location, dialects, connection) -> None:
    store = await opened(hass)
    assert (store.home, store.prices) == (StoredHome(), {})
    store.location, store.dialects, store.connection = location, dialects, connection
    store.home = home()
    await store.save()

    again = await opened(hass)
    assert (again.location, again.dialects, again.connection) == (location, dialects, connection)
    assert again.home == store.home
    assert again.as_json() == store.as_json()

    await again.remove()
    assert FILE not in hass_storage


async def test_prices_have_a_file_of_their_own(hass, hass_storage) -> None:
    store = await written(hass)
    again = await opened(hass)
    assert again.prices == books()
    assert again.home == home()
    assert again.as_json() == store.as_json()
    assert "prices" not in hass_storage[FILE]["data"]

    await again.remove()
    assert not {FILE, PRICES_FILE} & hass_storage.keys()


async def test_the_whole_may_be_in_one_file(hass, hass_storage) -> None:
    """As diagnostics have it: then they can be replayed."""
    whole = json.loads(json.dumps((await written(hass)).as_json()))
    del hass_storage[PRICES_FILE]
    hass_storage[FILE] = {"version": 1, "minor_version": 2, "key": FILE, "data": whole}
    again = await opened(hass)
    assert (again.home, again.prices) == (home(), books())


# When it is written


def alive(*kinds: KindName) -> HomeState:
    """Return a home that is up."""
    added = [Added(str(kind), kind, kind, CODECS[kind].read(FORMS[kind])) for kind in kinds]
    blank = HomeState("entry", dt_util.UTC, NOW)
    sources = {Direction.IMPORT: books()[Direction.IMPORT].source}
    return restored(blank, added, sources, StoredHome(), books())


async def test_what_comes_in_a_while_is_written_once(hass, hass_storage, freezer) -> None:
    store = await opened(hass)
    state = alive(KindName.DURATION)
    store.follow(lambda: state)
    store.save_soon()
    await pass_by(hass, freezer, 59 * SECOND)
    assert FILE not in hass_storage
    state = replace(state, now=NOW + MINUTE)
    await pass_by(hass, freezer, 2 * SECOND)
    # as it is when it is written, not when that was asked for
    assert hass_storage[FILE]["data"]["home"]["seen"] == state.now.isoformat()


async def test_what_a_restart_would_lose_is_written_at_once(hass, hass_storage, freezer) -> None:
    store = await opened(hass)
    store.follow(lambda: alive(KindName.DURATION))
    store.save_soon()
    store.save_soon(urgent=True)
    store.save_prices()
    assert not {FILE, PRICES_FILE} & hass_storage.keys()
    await pass_by(hass, freezer, 2 * SECOND)
    assert hass_storage[FILE]["data"]["home"]["schedules"].keys() == {"duration"}
    assert hass_storage[PRICES_FILE]["data"].keys() == {"import"}


async def test_it_is_not_put_off_for_ever(hass, hass_storage, freezer) -> None:
    """Something urgent is not made to wait by something that is not."""
    store = await opened(hass)
    store.follow(lambda: alive(KindName.DURATION))
    store.save_soon(urgent=True)
    store.save_soon()
    await pass_by(hass, freezer, 2 * SECOND)
    assert FILE in hass_storage


async def test_what_was_not_written_yet_is_written_at_the_end(hass, hass_storage) -> None:
    store = await opened(hass)
    store.follow(lambda: alive(*KindName))
    store.save_soon()
    store.save_prices()
    await store.close()
    assert hass_storage[FILE]["data"]["home"]["schedules"].keys() == set(map(str, KindName))
    assert hass_storage[PRICES_FILE]["data"].keys() == {"import"}


async def test_to_look_at_it_changes_nothing(hass, hass_storage) -> None:
    """Whoever downloads diagnostics does not keep prices from being written."""
    store = await opened(hass)
    store.follow(lambda: alive(KindName.DURATION))
    store.save_prices()
    assert store.as_json()["prices"].keys() == {"import"}
    await store.close()
    assert PRICES_FILE in hass_storage


async def test_after_the_end_nothing_is_written(hass, hass_storage, freezer) -> None:
    """A late answer must not undo what follows."""
    store = await opened(hass)
    store.follow(lambda: alive(KindName.DURATION))
    store.save_soon()
    store.save_prices()
    await store.close()
    await store.remove()
    store.save_soon()
    store.save_soon(urgent=True)
    store.save_prices()
    await store.save()
    await pass_by(hass, freezer, 2 * MINUTE)
    assert not {FILE, PRICES_FILE} & hass_storage.keys()


async def test_each_time_it_is_the_state_of_then(hass, hass_storage) -> None:
    """Also of those whose records were written before."""
    state = alive(*KindName)
    store = await opened(hass)
    store.follow(lambda: state)
    await store.save()
    before = deepcopy(hass_storage[FILE]["data"]["home"]["schedules"])
    changed = state.schedules["limit"]
    changed = replace(changed, target=replace(changed.target, enabled=False))
    schedules = {**state.schedules, "limit": changed}
    del schedules["amount"]
    state = replace(state, schedules=schedules)
    await store.save()
    kept = hass_storage[FILE]["data"]["home"]["schedules"]
    assert kept["duration"] == before["duration"]
    assert kept["limit"] == before["limit"] | {"target": before["limit"]["target"] | OFF}
    assert kept.keys() == {"duration", "limit"}


OFF = {"enabled": False}


async def pass_by(hass, freezer, time: timedelta) -> None:
    """Let time go by."""
    freezer.tick(time)
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()


# What is damaged


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(("schedules.limit", value) for value in (..., None, [], "text", {})),
        *(("due.limit", value) for value in (..., None, "soon", "", 5, [1], {})),
        *(("due", value) for value in (..., None, [], "text", 5)),
        *(("rules", value) for value in (..., None, [], "text", 5, {"limits": {}})),
        *(("rules.limits", value) for value in (None, [1], {"sideways": 5}, {"import": "much"})),
        *(("rules.caps", value) for value in (None, [1], {"import": [1]}, {"import": ["a", "b"]})),
        *(("seen", value) for value in (..., None, "soon", "", 5, [1], {"a": 1})),
        *(("saved", value) for value in (..., None, "a lot", [1], {})),
        *(("counted", value) for value in (..., None, "soon", "", 5, [1], {"a": 1})),
    ],
)
async def test_a_value_that_is_damaged_is_dropped_alone(hass, hass_storage, path, value) -> None:
    await written(hass)
    way = path.split(".")
    damage(hass_storage[FILE]["data"]["home"], way, value)
    expected = home()
    if way == ["schedules", "limit"]:
        schedules = {key: one for key, one in expected.schedules.items() if key != "limit"}
        expected = replace(expected, schedules=schedules)
    elif way == ["due", "limit"]:
        due = {key: at for key, at in expected.due.items() if key != "limit"}
        expected = replace(expected, due=due)
    else:
        nothing = {"due": {}, "saved": 0.0}.get(way[0])
        expected = replace(expected, **{way[0]: nothing})
    store = await opened(hass)
    assert store.home == expected
    assert store.prices == books()
    assert (store.location is not None, store.connection.connected) == (True, True)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(("location", value) for value in (..., None, [], {"id": 5})),
        ("location.currency", 5),
        *(("dialect", value) for value in (..., None, {"version": 5})),
        ("amount_dialect", {"version": None, "form": "round", "direction_name": "x"}),
        *(("connection", value) for value in (..., None, {"connected": True})),
        ("connection.last_success", "soon"),
        *(("home", value) for value in (..., None, [], "text", {})),
    ],
)
async def test_a_part_that_is_damaged_is_dropped_alone(hass, hass_storage, path, value) -> None:
    store = await written(hass)
    damage(hass_storage[FILE]["data"], path.split("."), value)
    part, _, _ = path.partition(".")
    again = await opened(hass)
    assert again.home == (StoredHome() if part == "home" else home())
    assert again.location == (None if part == "location" else store.location)
    assert again.dialects == Dialects()
    assert again.connection == (Connection() if part == "connection" else store.connection)
    assert again.prices == books()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(("import", value) for value in (..., None, [], {})),
        *(("import.source", value) for value in (...,)),
        *(("import.slots", value) for value in (..., None, [[1]], "text")),
        *(("import.next_update", value) for value in (..., "soon", 5)),
        *(("import.read_at", value) for value in (..., "soon", 5)),
    ],
)
async def test_prices_that_are_damaged_are_dropped_alone(hass, hass_storage, path, value) -> None:
    await written(hass)
    damage(hass_storage[PRICES_FILE]["data"], path.split("."), value)
    store = await opened(hass)
    assert store.prices == {Direction.EXPORT: books()[Direction.EXPORT]}
    assert store.home == home()


@pytest.mark.parametrize("value", [None, [], "text", 5, {}, {"other": 1}, {"home": []}])
async def test_a_home_that_is_something_else_leaves_its_prices(hass, hass_storage, value) -> None:
    await written(hass)
    hass_storage[FILE]["data"] = value
    store = await opened(hass)
    assert (store.home, store.location) == (StoredHome(), None)
    assert store.prices == books()


@pytest.mark.parametrize("value", [None, [], "text", 5, {}, {"sideways": {}}])
async def test_prices_that_are_something_else_leave_their_home(hass, hass_storage, value) -> None:
    await written(hass)
    hass_storage[PRICES_FILE]["data"] = value
    store = await opened(hass)
    assert (store.home, store.prices) == (home(), {})


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        pytest.param(kind, *one.values, id=f"{kind} {one.id}")
        for kind in KindName
        for one in (*DAMAGES[::3], *DAMAGES_OF_ONE[kind])
    ],
)
async def test_a_record_that_is_damaged_costs_one_request(
    hass, plain, hass_storage, kind, path, value
) -> None:
    """It is asked for again; the others go on as if nothing had happened."""
    ADDED[kind](plain)
    other = {"energy": 2.0, "max_power": 2.0} if kind is KindName.AMOUNT else {}
    ADDED[kind](plain, name="Boiler", **other)
    for one in [one for one in KindName if one is not kind]:
        ADDED[one](plain, name="Dryer")
    await plain.set_up(EVENING)
    keys = list(plain.entry.subentries)
    windows = {key: plain.windows(key) for key in keys}
    loads = [plain.loads(key) for key in keys[:2]] if kind is KindName.AMOUNT else []
    await plain.stop()
    records = file_of(plain, hass_storage)["home"]["schedules"]
    damage(records["schedule1"], path, value)

    asked, devices = len(plain.asked()), len(plain.world.devices)
    await plain.start()
    assert plain.entry.state is ConfigEntryState.LOADED
    assert {key: plain.windows(key) for key in keys} == windows
    if kind is KindName.AMOUNT:
        assert [plain.loads(key) for key in keys[:2]] == loads
    # asked for again, which costs one request and no other device
    assert len(plain.asked()) == asked + 1
    assert len(plain.world.devices) == devices
    alone = keys[2:] if kind is KindName.AMOUNT else keys[1:]
    assert {plain.sensor("plan_source", key) for key in alone} == {"restored"}
    assert plain.sensor("plan_source") == "flatpeak"
    await plain.stop()
    assert file_of(plain, hass_storage)["home"]["schedules"].keys() == set(keys)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(("home", value) for value in (None, {})),
        *(("home.schedules", value) for value in (..., None, [])),
        *(("home.due", value) for value in (..., None, {"schedule1": "soon"})),
        *(("home.rules", value) for value in (None, ["much"])),
        *(("home.seen", value) for value in (..., "soon")),
        *(("home.saved", value) for value in (..., "a lot")),
        *(("amount_dialect", value) for value in (None, {"version": 5})),
        ("amount_dialect", {"version": None, "form": "round", "direction_name": "x"}),
    ],
)
async def test_with_a_damaged_part_all_is_as_it_was(hass, plain, hass_storage, path, value) -> None:
    plain.options(max_import_power=11.0)
    for kind in KindName:
        ADDED[kind](plain)
    (car,) = (key for key, one in plain.entry.subentries.items() if one.subentry_type == "amount")
    await plain.set_up(EVENING)
    keys = list(plain.entry.subentries)
    windows, loads = {key: plain.windows(key) for key in keys}, plain.loads(car)
    await plain.stop()
    damage(file_of(plain, hass_storage), path.split("."), value)

    await plain.start()
    assert plain.entry.state is ConfigEntryState.LOADED
    assert {key: plain.windows(key) for key in keys} == windows
    assert plain.loads(car) == loads
    await plain.set_number("energy", 8, car)
    assert plain.sensor("planned_energy", car) == "8.0"
    await plain.stop()
    kept = file_of(plain, hass_storage)["home"]
    assert kept["schedules"].keys() == set(keys)
    assert kept["rules"] == {"limits": {"import": 11.0}, "caps": {}}


def file_of(home: Home, hass_storage) -> dict[str, Any]:
    """Return the file of a home."""
    return hass_storage[f"flatpeak.{home.entry.entry_id}"]["data"]


# What is in the files of a home


@pytest.mark.parametrize("kind", KindName)
async def test_a_schedule_that_is_gone_is_forgotten(hass, plain, hass_storage, kind) -> None:
    gone = ADDED[kind](plain)
    for one in KindName:
        ADDED[one](plain, name="Dryer")
    await plain.set_up(EVENING)
    hass.config_entries.async_remove_subentry(plain.entry, gone)
    await plain.settle()
    await plain.stop()
    kept = file_of(plain, hass_storage)["home"]
    assert kept["schedules"].keys() == {"schedule2", "schedule3", "schedule4"}
    assert gone not in kept["due"]


async def test_no_secret_is_in_the_files(hass, plain, hass_storage) -> None:
    for kind in KindName:
        ADDED[kind](plain)
    await plain.set_up(EVENING)
    await plain.stop()
    key = f"flatpeak.{plain.entry.entry_id}"
    text = json.dumps([hass_storage[key], hass_storage[f"{key}.prices"]])
    secrets = (ACCOUNT, KEY, *plain.world._tokens)
    assert [one for one in secrets if one in text] == []
