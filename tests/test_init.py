"""Setting a location up, unloading it, removing it: whatever the server and the file say."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from simulator.faults import Fault
from simulator.state import Location

from .home import HOUR, MINUTE, SECOND, hours, local, turned

EVENING = "2025-10-06T20:00:00"

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")


# The first time


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({"faults": {Fault.UNAVAILABLE}}, id="under repair"),
        pytest.param({"faults": {Fault.CUT_OFF}}, id="cut off"),
        pytest.param({"faults": {Fault.NOT_JSON}}, id="not JSON"),
        pytest.param({"account_disabled": True}, id="account disabled"),
    ],
)
async def test_a_first_start_that_fails_is_tried_again(hass, plain, trouble) -> None:
    plain.add()
    with turned(plain.world, **trouble):
        await plain.set_up(EVENING)
    assert plain.entry.state is ConfigEntryState.SETUP_RETRY
    assert plain.entry.reason

    await plain.at("2025-10-06T20:05:00")
    assert plain.entry.state is ConfigEntryState.LOADED
    assert plain.sensor("planned_duration") == "180.0"


async def test_slow_down_at_the_first_start_is_heeded(hass, plain) -> None:
    """Home Assistant would try again at once; a location that is set up waits as told."""
    plain.add()
    with turned(plain.world, faults={Fault.RETRY_AFTER}, retry_after=600):
        await plain.set_up(EVENING)
        calls = len(plain.world.calls)
        await plain.live("2025-10-06T20:09:30", MINUTE)
        assert len(plain.world.calls) == calls
    assert plain.sensor("status") == "problem"
    await plain.live("2025-10-06T20:12", 10 * SECOND)
    assert plain.sensor("status") == "planned"


async def test_no_prices_yet_do_not_keep_a_location_from_starting(hass, plain) -> None:
    plain.add()
    with turned(plain.world, import_prices=()):
        await plain.set_up(EVENING)
    assert plain.entry.state is ConfigEntryState.LOADED
    assert plain.sensor("status") == "waiting"


async def test_refused_credentials_are_asked_for_at_the_start(hass, plain) -> None:
    plain.add()
    with turned(plain.world, faults={Fault.REFUSE}):
        await plain.set_up(EVENING)
    assert plain.entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = plain.entry.async_get_active_flows(hass, {SOURCE_REAUTH})
    assert flow["step_id"] == "reauth_confirm"

    data = plain.entry.data
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"account_id": data["account_id"], "api_key": data["api_key"]}
    )
    await plain.settle()
    assert result["reason"] == "reauth_successful"
    assert plain.entry.state is ConfigEntryState.LOADED
    assert plain.sensor("planned_duration") == "180.0"


async def test_credentials_refused_later_are_asked_for_and_the_plan_goes_on(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    plain.set_clock("2025-10-06T20:10:00")
    with turned(plain.world, faults={Fault.REFUSE}):
        await plain.update()
    (flow,) = plain.entry.async_get_active_flows(hass, {SOURCE_REAUTH})
    assert flow["step_id"] == "reauth_confirm"
    assert plain.sensor("planned_duration") == "180.0"
    await plain.at("2025-10-06T23:00:00")
    assert plain.active()


async def test_a_location_that_is_not_in_the_list_is_set_up_all_the_same(hass, plain) -> None:
    plain.typed(location_id="loc_unlisted")
    plain.add()
    await plain.set_up(EVENING)
    assert plain.entry.state is ConfigEntryState.LOADED
    assert plain.state("binary_sensor", "active") == "off"

    plain.world.locations = [*plain.world.locations, Location(id="loc_unlisted")]
    await plain.live("2025-10-06T21:30:00", HOUR / 2)
    assert plain.sensor("planned_duration") == "180.0"


# The end


async def test_unloaded_all_is_quiet_and_loaded_again_all_is_there(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    windows, calls = plain.windows(), len(plain.world.calls)
    await plain.stop()
    assert plain.entry.state is ConfigEntryState.NOT_LOADED
    assert plain.state("binary_sensor", "active") == "unavailable"
    await plain.at("2025-10-06T21:00:00")
    assert len(plain.world.calls) == calls

    await plain.start("2025-10-06T21:10:00")
    assert plain.windows() == windows
    assert len(plain.world.calls) == calls


async def test_unloaded_in_a_window_and_loaded_again_it_runs(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    await plain.at("2025-10-06T23:00:00")
    await plain.stop()
    plain.world.faults = {Fault.UNAVAILABLE}
    await plain.start("2025-10-06T23:30:00")
    assert plain.active()
    await plain.at("2025-10-07T00:00:00")
    assert not plain.active()
    assert plain.sensor("planned_duration") == "180.0"


async def test_a_removed_location_leaves_nothing(hass, plain, hass_storage) -> None:
    plain.add()
    await plain.set_up(EVENING)
    key = f"flatpeak.{plain.entry.entry_id}"
    await plain.at("2025-10-06T20:02:00")
    assert {key, f"{key}.prices"} <= hass_storage.keys()
    await plain.set_duration(120)  # is not in the file yet
    await hass.config_entries.async_remove(plain.entry.entry_id)
    await plain.settle()
    assert not [one for one in hass_storage if one.startswith(key)]
    assert not dr.async_get(hass).devices
    assert not er.async_get(hass).entities
    calls = len(plain.world.calls)
    await plain.at("2025-10-07T14:00:00")
    assert len(plain.world.calls) == calls
    assert not [one for one in hass_storage if one.startswith(key)]


async def test_a_location_that_never_was_can_be_removed(hass, plain, hass_storage) -> None:
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await plain.set_up(EVENING)
        await hass.config_entries.async_remove(plain.entry.entry_id)
        await plain.settle()
    key = f"flatpeak.{plain.entry.entry_id}"
    assert not [one for one in hass_storage if one.startswith(key)]


async def test_no_secret_is_stored_outside_of_the_entry(hass, plain, hass_storage) -> None:
    plain.add()
    await plain.set_up(EVENING)
    await plain.stop()
    key = f"flatpeak.{plain.entry.entry_id}"
    stored = str([hass_storage[key], hass_storage[f"{key}.prices"]])
    assert plain.entry.data["api_key"] not in stored
    assert plain.entry.data["account_id"] not in stored
    assert not [token for token in plain.world._tokens if token in stored]


# Time zones


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC"])
async def test_hours_are_those_of_the_location(hass, plain, zone) -> None:
    await hass.config.async_set_time_zone(zone)
    plain.add()
    await plain.set_up(EVENING)
    assert plain.windows() == [
        (local("2025-10-06T23:00"), local("2025-10-07T00:00")),
        (local("2025-10-07T02:00"), local("2025-10-07T04:00")),
    ]
    asked = plain.schedule_calls()[-1].body
    assert asked["start_time"] == "2025-10-06T20:00:00Z"


@pytest.mark.parametrize("zone", ["", "Nowhere/Atlantis", "Europe", "/etc/localtime", "../UTC"])
async def test_without_a_known_time_zone_home_assistants_counts(hass, plain, zone) -> None:
    plain.world.locations = [NoZone(time_zone=zone)]
    plain.add()
    await plain.set_up(EVENING)
    assert plain.entry.state is ConfigEntryState.LOADED
    assert plain.windows()[0] == (local("2025-10-06T23:00"), local("2025-10-07T00:00"))


class NoZone(Location):
    """A location whose answers name no time zone."""

    __slots__ = ()

    @property
    def zone(self) -> Any:
        return local("2025-01-01T00:00").tzinfo


async def test_a_location_that_moves_to_another_zone_takes_its_hours_along(hass, home) -> None:
    home.world.import_prices = hours([0.30] * 96, local("2025-10-06T00:00"))
    home.add(start="22:00:00", end="02:00:00", duration={"hours": 4, "minutes": 0})
    await home.set_up(EVENING)
    assert home.windows() == [(local("2025-10-06T22:00"), local("2025-10-07T02:00"))]

    home.world.locations = [Location(time_zone="Europe/London")]
    home.set_clock("2025-10-06T20:10:00")
    await home.update()
    await home.at("2025-10-06T20:12:00")
    await home.at("2025-10-06T20:14:00")
    assert home.entry.state is ConfigEntryState.LOADED
    assert home.windows() == [(local("2025-10-06T23:00"), local("2025-10-07T03:00"))]


# A damaged file


def set_at(data: Any, path: str, value: Any) -> None:
    """Set a value deep inside."""
    *way, last = (int(part) if part.isdigit() else part for part in path.split("/"))
    for part in way:
        data = data[part]
    data[last] = value


SCHEDULE = "home/schedules/schedule1"
PLAN = f"{SCHEDULE}/plan"
TARGET = f"{SCHEDULE}/target"
PLACES = [
    "location",
    "location/id",
    "location/time_zone",
    "location/currency",
    "location/live",
    "location/reference",
    "dialect",
    "dialect/form",
    "dialect/version",
    "connection",
    "connection/connected",
    "connection/last_success",
    "home",
    "home/schedules",
    SCHEDULE,
    f"{SCHEDULE}/kind",
    f"{SCHEDULE}/form",
    f"{SCHEDULE}/form/segment",
    f"{SCHEDULE}/form/duration",
    TARGET,
    f"{TARGET}/segment",
    f"{TARGET}/direction",
    f"{TARGET}/duration",
    f"{TARGET}/duration/hours",
    f"{TARGET}/start",
    f"{TARGET}/end",
    f"{TARGET}/days",
    f"{TARGET}/enabled",
    PLAN,
    f"{PLAN}/period",
    f"{PLAN}/period/0",
    f"{PLAN}/period/1",
    f"{PLAN}/windows",
    f"{PLAN}/windows/0",
    f"{PLAN}/windows/0/0",
    f"{PLAN}/windows/0/1",
    f"{PLAN}/windows/0/2",
    f"{PLAN}/windows/0/3",
    f"{PLAN}/answered",
    f"{SCHEDULE}/following",
    f"{SCHEDULE}/next_update",
    f"{SCHEDULE}/device_id",
    f"{SCHEDULE}/fulfilment",
    "home/due",
    "home/due/schedule1",
    "home/rules",
    "home/rules/limits",
    "home/rules/limits/import",
    "home/rules/caps",
    "home/rules/caps/import",
    "home/rules/caps/import/0",
    "home/seen",
    "home/saved",
    "home/counted",
    "prices/import",
    "prices/import/source",
    "prices/import/slots",
    "prices/import/slots/0",
    "prices/import/slots/0/0",
    "prices/import/slots/0/2",
    "prices/import/next_update",
    "prices/import/read_at",
]
VALUES = [None, 5, -1.5, "nonsense", "", [], ["a"], {}, {"a": 1}, True]


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("path", PLACES)
async def test_one_damaged_value_never_prevents_a_start(hass, plain, hass_storage, path) -> None:
    plain.options(max_import_power=11.0, cap_relative=0.9)
    plain.add()
    await plain.set_up(EVENING)
    await plain.stop()
    key = f"flatpeak.{plain.entry.entry_id}"
    whole = {one: deepcopy(hass_storage[one]) for one in (key, f"{key}.prices")}
    if path.startswith("prices/"):
        key, path = f"{key}.prices", path.removeprefix("prices/")
    broken = []
    for value in VALUES:
        hass_storage |= deepcopy(whole)
        set_at(hass_storage[key]["data"], path, value)
        try:
            await plain.start("2025-10-06T20:10:00")
            await plain.at("2025-10-06T20:15:00")
            if plain.entry.state is not ConfigEntryState.LOADED:
                broken.append((value, plain.entry.state.value))
                continue
            missing = [
                entity.unique_id
                for entity in er.async_get(hass).entities.values()
                if entity.config_subentry_id
                and hass.states.get(entity.entity_id).state == "unavailable"
            ]
            if missing:
                broken.append((value, missing))
            await plain.enable(True)
            await plain.set_time("end", "06:59:00")
            await plain.set_duration(181)
            await plain.at("2025-10-06T20:16:00")
            if plain.sensor("planned_duration") != "181.0":
                broken.append((value, plain.sensor("planned_duration")))
        except Exception as error:  # noqa: BLE001  all damages are tried, then all told
            broken.append((value, repr(error)))
        finally:
            await hass.config_entries.async_unload(plain.entry.entry_id)
            await plain.settle()
    assert broken == []


@pytest.mark.parametrize(
    "value",
    [
        *(None, [], "text", {}, {"other": 1}),
        *({"schedules": None}, {"schedules": []}, {"home": None}, {"home": []}),
        *({"home": {"schedules": None}}, {"home": {"schedules": [], "due": {}}}),
        *({"import": None}, {"import": []}, {"import": {"slots": []}}),
    ],
    ids=str,
)
@pytest.mark.parametrize(("end", "minor"), [("", 1), ("", 2), (".prices", 1)])
async def test_a_file_that_is_something_else_never_prevents_a_start(
    hass, plain, hass_storage, end, minor, value
) -> None:
    plain.add()
    key = f"flatpeak.{plain.entry.entry_id}{end}"
    hass_storage[key] = {"version": 1, "minor_version": minor, "key": key, "data": value}
    await plain.set_up(EVENING)
    assert plain.entry.state is ConfigEntryState.LOADED
    assert plain.sensor("planned_duration") == "180.0"


async def test_one_damaged_plan_leaves_the_others_alone(hass, home, hass_storage) -> None:
    home.add()
    other = home.add(name="Boiler")
    await home.set_up(EVENING)
    windows, asked = home.windows(other), len(home.asked())
    await home.stop()
    data = hass_storage[f"flatpeak.{home.entry.entry_id}"]["data"]
    data["home"]["schedules"]["schedule1"]["plan"] = {"period": "nonsense"}
    await home.start("2025-10-06T20:10:00")
    assert home.windows(other) == windows
    assert home.sensor("planned_duration") == "180.0"
    assert len(home.asked()) == asked + 1


async def test_a_file_of_long_ago_does_no_harm(hass, home) -> None:
    home.add()
    await home.set_up(EVENING)
    await home.stop()
    home.world.import_prices = tuple(
        type(slot)(slot.start + timedelta(days=70), slot.end + timedelta(days=70), slot.rate)
        for slot in home.world.import_prices
    )
    await home.start("2025-12-15T20:00:00")
    await home.at("2025-12-15T20:01:00")
    assert home.sensor("planned_duration") == "180.0"
    assert home.windows()[0][0] >= local("2025-12-15T22:00")
