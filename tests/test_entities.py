"""What the entities say, and what a change of one does."""

from unittest.mock import PropertyMock, patch

from homeassistant.const import EntityCategory
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.json import json_bytes
import pytest

from simulator.faults import Fault
from simulator.state import LOCATION, Location

from .home import HOUR, hours, local, turned

EVENING = "2025-10-06T20:00:00"  # a Monday

CONFIG, DIAGNOSTIC = EntityCategory.CONFIG, EntityCategory.DIAGNOSTIC
SCHEDULE = [
    ("binary_sensor", "active", None, None, None),
    ("calendar", "plan", None, None, None),
    ("number", "duration", CONFIG, "duration", "min"),
    ("sensor", "average_rate", None, None, "EUR/kWh"),
    ("sensor", "confidence", DIAGNOSTIC, None, None),
    ("sensor", "next_end", None, "timestamp", None),
    ("sensor", "next_start", None, "timestamp", None),
    ("sensor", "next_update", DIAGNOSTIC, "timestamp", None),
    ("sensor", "plan_source", DIAGNOSTIC, "enum", None),
    ("sensor", "planned_duration", None, "duration", "min"),
    ("sensor", "shortfall", DIAGNOSTIC, "duration", "min"),
    ("sensor", "status", DIAGNOSTIC, "enum", None),
    ("switch", "enabled", CONFIG, None, None),
    ("time", "end", CONFIG, None, None),
    ("time", "start", CONFIG, None, None),
]
PRICES = {
    "price": (None, None, "EUR/kWh", "measurement"),
    "next_price": (None, None, "EUR/kWh", None),
    "lowest_price": (None, None, "EUR/kWh", None),
    "lowest_price_time": (None, "timestamp", None, None),
    "highest_price": (None, None, "EUR/kWh", None),
    "highest_price_time": (None, "timestamp", None, None),
    "price_level": (DIAGNOSTIC, None, "%", "measurement"),
}

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")


@pytest.fixture
def all_enabled():
    """Enable what Home Assistant would leave disabled."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        PropertyMock(return_value=True),
    ):
        yield


async def events(home, start: str, end: str, subentry_id: str = "schedule1") -> list[dict]:
    """Return what stands in the calendar between two moments in Brussels."""
    entity_id = home.entity_id("calendar", "plan", subentry_id)
    answer = await home.hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": entity_id,
            "start_date_time": local(start).isoformat(),
            "end_date_time": local(end).isoformat(),
        },
        blocking=True,
        return_response=True,
    )
    return answer[entity_id]["events"]


# The contract


@pytest.mark.parametrize(
    "platform", ["binary_sensor", "calendar", "number", "sensor", "switch", "time"]
)
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_entities_stay_as_they_are(hass, plain, all_enabled, snapshot, platform) -> None:
    plain.add()
    await plain.set_up(EVENING)
    entities = sorted(
        er.async_entries_for_config_entry(er.async_get(hass), plain.entry.entry_id),
        key=lambda entity: entity.entity_id,
    )
    for entity in entities:
        if entity.domain == platform:
            assert entity == snapshot(name=f"{entity.entity_id}-entry")
            assert hass.states.get(entity.entity_id) == snapshot(name=f"{entity.entity_id}-state")


async def test_keys_categories_classes_and_units_are_a_contract(hass, home) -> None:
    home.add()
    await home.set_up(EVENING)
    registry = er.async_get(hass)
    entities = [
        entity for entity in registry.entities.values() if entity.config_subentry_id == "schedule1"
    ]
    assert all(entity.has_entity_name for entity in entities)
    # the calendar says a second time what `active` says
    assert [entity.domain for entity in entities if entity.disabled] == ["calendar"]
    found = sorted(
        (
            entity.domain,
            entity.unique_id.removeprefix("schedule1_"),
            entity.entity_category,
            entity.original_device_class,
            entity.unit_of_measurement,
        )
        for entity in entities
    )
    assert found == SCHEDULE
    assert [
        entity.translation_key for entity in sorted(entities, key=lambda one: one.unique_id)
    ] == (sorted(key for _, key, *_ in SCHEDULE))


async def test_the_connection_belongs_to_the_location(hass, home) -> None:
    home.add()
    await home.set_up(EVENING)
    entities = {
        entity.unique_id.removeprefix(f"{LOCATION}_"): entity
        for entity in er.async_get(hass).entities.values()
        if entity.platform == "flatpeak" and entity.config_subentry_id is None
    }
    assert set(entities) == {"connected", "last_success", *PRICES}
    assert entities["connected"].original_device_class == "connectivity"
    assert entities["last_success"].original_device_class == "timestamp"
    assert entities["last_success"].disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert entities["connected"].disabled_by is None
    device = home.device(LOCATION)
    assert all(entity.device_id == device.id for entity in entities.values())
    assert entities["connected"].entity_category is DIAGNOSTIC
    assert entities["last_success"].entity_category is DIAGNOSTIC


async def test_prices_of_each_direction_in_use_belong_to_the_location(hass, home) -> None:
    home.add()
    home.add(name="Sell", direction="export", segment="high")
    await home.set_up(EVENING)
    registry = er.async_get(hass)
    for way in ("", "export_"):
        for key, described in PRICES.items():
            entity = registry.async_get(home.entity_id("sensor", f"{way}{key}", LOCATION))
            assert entity.config_subentry_id is None
            assert (
                entity.entity_category,
                entity.original_device_class,
                entity.unit_of_measurement,
                (entity.capabilities or {}).get("state_class"),
            ) == described
            assert bool(entity.disabled) is (key == "price_level")
    found = {one.unique_id for one in registry.entities.values() if "price" in one.unique_id}
    assert len(found) == 2 * len(PRICES)


async def test_each_schedule_is_a_device_below_the_location(hass, home) -> None:
    home.add()
    home.add(name="Boiler")
    await home.set_up(EVENING)
    location = home.device(LOCATION)
    assert (location.manufacturer, location.entry_type) == ("Flatpeak", "service")
    assert location.configuration_url == "https://dashboard.flatpeak.com"
    for subentry_id, name in (("schedule1", "Car"), ("schedule2", "Boiler")):
        device = home.device(subentry_id)
        assert (device.name, device.entry_type) == (name, "service")
        assert device.via_device_id == location.id


@pytest.mark.parametrize(
    ("key", "name"),
    [("sk_test_mine", "Home (test mode)"), ("sk_live_mine", "Home")],
    ids=["test", "live"],
)
async def test_a_test_account_is_called_one(hass, home, key, name) -> None:
    home.world.key = key
    home.typed(api_key=key)
    home.add()
    await home.set_up(EVENING)
    assert home.device(LOCATION).name == name
    assert home.device().name == "Car"


async def test_windows_are_not_recorded_and_attributes_are_small(hass, home, all_enabled) -> None:
    home.add(start="00:00:00", end="00:00:00", duration={"hours": 8, "minutes": 0})
    await home.set_up(EVENING)
    await home.at("2025-10-07T00:00:00")
    state = hass.states.get(home.entity_id("binary_sensor", "active"))
    assert len(state.attributes["windows"]) > 4
    assert state.state_info["unrecorded_attributes"] == {"windows"}
    size = 0
    for entity in er.async_entries_for_config_entry(er.async_get(hass), home.entry.entry_id):
        state = hass.states.get(entity.entity_id)
        size += len(json_bytes(state.attributes))
        recorded = {
            name: value
            for name, value in state.attributes.items()
            if name not in state.state_info["unrecorded_attributes"]
        }
        assert len(json_bytes(recorded)) < 512
    assert size <= 4096


# Values


@pytest.mark.parametrize(
    ("moment", "active", "next_start", "next_end"),
    [
        ("2025-10-06T20:00:00", False, "2025-10-06T23:00", "2025-10-07T00:00"),
        ("2025-10-06T22:59:59", False, "2025-10-06T23:00", "2025-10-07T00:00"),
        ("2025-10-06T23:00:00", True, "2025-10-07T02:00", "2025-10-07T00:00"),
        ("2025-10-06T23:59:59", True, "2025-10-07T02:00", "2025-10-07T00:00"),
        ("2025-10-07T00:00:00", False, "2025-10-07T02:00", "2025-10-07T04:00"),
        ("2025-10-07T01:59:59", False, "2025-10-07T02:00", "2025-10-07T04:00"),
        ("2025-10-07T02:00:00", True, None, "2025-10-07T04:00"),
        ("2025-10-07T03:59:59", True, None, "2025-10-07T04:00"),
        ("2025-10-07T04:00:00", False, None, None),
        ("2025-10-07T06:58:00", False, None, None),
    ],
)
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_the_next_start_and_end_follow_the_edges(
    hass, plain, moment, active, next_start, next_end
) -> None:
    plain.add()
    await plain.set_up(EVENING)
    for edge in ("2025-10-06T23:00", "2025-10-07T00:00", "2025-10-07T02:00", "2025-10-07T04:00"):
        if local(edge) <= local(moment):
            await plain.at(edge)
    await plain.at(moment)
    assert plain.active() is active
    assert plain.sensor("next_start") == (
        local(next_start).isoformat() if next_start else "unknown"
    )
    assert plain.sensor("next_end") == (local(next_end).isoformat() if next_end else "unknown")
    assert plain.state("calendar", "plan") == ("on" if active else "off")
    # delivered minutes stay part of the plan
    assert plain.sensor("planned_duration") == "180.0"
    assert plain.sensor("shortfall") == "0.0"
    assert float(plain.sensor("average_rate")) == pytest.approx(0.12)


async def test_a_plan_says_where_it_came_from_and_when_it_is_renewed(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    assert plain.sensor("plan_source") == "flatpeak"
    assert plain.sensor("next_update") == local("2025-10-07T13:00").isoformat()
    assert plain.sensor("confidence") == "1.0"
    assert plain.sensor("status") == "planned"
    windows = plain.windows()

    await plain.stop()
    await plain.start()
    assert plain.sensor("plan_source") == "restored"
    assert plain.windows() == windows


async def test_windows_stand_in_the_locations_time_with_price_and_confidence(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    state = hass.states.get(plain.entity_id("binary_sensor", "active"))
    first, second = state.attributes["windows"]
    assert first == {
        "start": "2025-10-06T23:00:00+02:00",
        "end": "2025-10-07T00:00:00+02:00",
        "rate": 0.1,
        "confidence": 1.0,
    }
    assert second == {
        "start": "2025-10-07T02:00:00+02:00",
        "end": "2025-10-07T04:00:00+02:00",
        "rate": 0.13,
        "confidence": 1.0,
    }


@pytest.mark.parametrize(
    ("currency", "unit"),
    [
        pytest.param("GBP", "GBP/kWh", id="of the location"),
        pytest.param("", "SEK/kWh", id="of Home Assistant where the location has none"),
    ],
)
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_price_has_a_currency(hass, plain, currency, unit) -> None:
    await hass.config.async_update(currency="SEK")
    plain.world.locations = [Location(currency=currency)]
    plain.add()
    await plain.set_up(EVENING)
    state = hass.states.get(plain.entity_id("sensor", "average_rate"))
    assert state.attributes["unit_of_measurement"] == unit
    (event, _) = await events(plain, "2025-10-06T20:00", "2025-10-07T07:00")
    assert event["description"] == f"0.1000 {unit}"


async def test_time_that_cannot_be_placed_is_a_shortfall(hass, plain) -> None:
    plain.world.import_prices = hours([0.2, 0.1], local("2025-10-06T22:00"))
    plain.add()
    await plain.set_up(EVENING)
    assert plain.sensor("planned_duration") == "120.0"
    assert plain.sensor("shortfall") == "60.0"
    assert plain.sensor("status") == "planned"


async def test_the_least_sure_price_decides_how_sure_a_plan_is(hass, plain) -> None:
    sure, guessed, _ = plain.world.import_prices[23], *plain.world.import_prices[26:28]
    plain.world.import_prices = [
        type(slot)(slot.start, slot.end, slot.rate, 0.6 if slot == guessed else 1.0)
        for slot in plain.world.import_prices
    ]
    assert sure in plain.world.import_prices
    plain.add()
    await plain.set_up(EVENING)
    assert plain.sensor("confidence") == "0.6"
    assert plain.sensor("status") == "provisional"


async def test_waiting_for_prices_and_then_planned(hass, plain) -> None:
    prices, plain.world.import_prices = plain.world.import_prices, ()
    plain.add()
    await plain.set_up(EVENING)
    assert plain.sensor("status") == "waiting"
    for key in ("planned_duration", "shortfall", "average_rate", "next_start", "confidence"):
        assert plain.sensor(key) == "unknown"
    assert not plain.active()
    assert plain.state("binary_sensor", "active") == "off"
    assert plain.windows() == []

    plain.world.import_prices = prices
    await plain.at("2025-10-06T20:30:00")
    assert plain.sensor("status") == "planned"
    assert plain.sensor("planned_duration") == "180.0"


async def test_too_early_to_plan_and_then_planned(hass, home) -> None:
    home.add(days=["sat"])
    await home.set_up(EVENING)
    assert home.sensor("status") == "later"
    assert home.asked() == []
    assert home.state("binary_sensor", "active") == "off"
    # three days before; the prices come later still
    await home.at("2025-10-08T22:05:00")
    assert home.sensor("status") == "waiting"
    await home.live("2025-10-11T14:00:00", HOUR)
    assert home.sensor("status") == "planned"


async def test_switched_off_and_on(hass, home) -> None:
    home.add()
    await home.set_up(EVENING)
    await home.enable(False)
    assert home.sensor("status") == "off"
    await home.enable(True)
    assert home.sensor("status") == "planned"


async def test_no_answer_and_no_plan_is_a_problem_until_there_is_one(hass, plain) -> None:
    prices, plain.world.import_prices = plain.world.import_prices, ()
    plain.add()
    await plain.set_up(EVENING)
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await plain.update()
    assert plain.sensor("status") == "problem"
    plain.world.import_prices = prices
    await plain.at("2025-10-06T20:30:00")
    assert plain.sensor("status") == "planned"


async def test_without_a_plan_an_outage_is_told_and_nothing_runs(hass, plain) -> None:
    prices, plain.world.import_prices = plain.world.import_prices, ()
    plain.add()
    await plain.set_up(EVENING)
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await plain.update()
    assert plain.sensor("next_start") == "unavailable"
    assert plain.sensor("status") == "problem"
    assert plain.state("binary_sensor", "active") == "off"
    assert plain.state("number", "duration") == "180.0"
    assert plain.state("time", "start") == "22:00:00"
    assert plain.state("switch", "enabled") == "on"
    plain.world.import_prices = prices
    await plain.at("2025-10-06T20:30:00")
    assert plain.state("binary_sensor", "active") == "off"
    assert plain.sensor("planned_duration") == "180.0"


async def test_the_connection_and_the_last_answer(hass, home, all_enabled) -> None:
    home.add()
    await home.set_up(EVENING)
    connected = home.entity_id("binary_sensor", "connected", LOCATION)
    last = home.entity_id("sensor", "last_success", LOCATION)
    assert hass.states.get(connected).state == "on"
    assert hass.states.get(last).state == local(EVENING).isoformat()

    home.set_clock("2025-10-06T20:10:00")
    with turned(home.world, faults={Fault.UNAVAILABLE}):
        await home.update()
    assert hass.states.get(connected).state == "off"
    assert hass.states.get(last).state == local(EVENING).isoformat()
    assert home.sensor("planned_duration") == "180.0"

    home.set_clock("2025-10-06T20:20:00")
    await home.update()
    assert hass.states.get(connected).state == "on"
    assert hass.states.get(last).state == local("2025-10-06T20:20").isoformat()


async def test_an_account_that_is_disabled_is_still_a_connection(hass, home) -> None:
    home.add()
    await home.set_up(EVENING)
    with turned(home.world, account_disabled=True):
        await home.update()
    connected = home.entity_id("binary_sensor", "connected", LOCATION)
    assert hass.states.get(connected).state == "on"


# The calendar


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_the_calendar_keeps_the_past_windows_of_the_period(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    expected = [
        {
            "start": "2025-10-06T23:00:00+02:00",
            "end": "2025-10-07T00:00:00+02:00",
            "summary": "Car",
            "description": "0.1000 EUR/kWh",
        },
        {
            "start": "2025-10-07T02:00:00+02:00",
            "end": "2025-10-07T04:00:00+02:00",
            "summary": "Car",
            "description": "0.1300 EUR/kWh",
        },
    ]
    assert await events(plain, "2025-10-06T00:00", "2025-10-08T00:00") == expected
    for edge in ("2025-10-06T23:00", "2025-10-07T00:00", "2025-10-07T02:00", "2025-10-07T04:00"):
        await plain.at(edge)
    assert await events(plain, "2025-10-06T00:00", "2025-10-08T00:00") == expected


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2025-10-06T22:00", "2025-10-06T23:00", 0),
        ("2025-10-06T22:00", "2025-10-06T23:01", 1),
        ("2025-10-06T23:59", "2025-10-07T00:01", 1),
        ("2025-10-07T00:00", "2025-10-07T02:00", 0),
        ("2025-10-06T23:59", "2025-10-07T02:01", 2),
    ],
)
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_the_calendar_shows_what_overlaps(hass, plain, start, end, count) -> None:
    plain.add()
    await plain.set_up(EVENING)
    assert len(await events(plain, start, end)) == count


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_the_calendars_event_is_the_running_or_the_next_window(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    entity_id = plain.entity_id("calendar", "plan")

    def start() -> str | None:
        return hass.states.get(entity_id).attributes.get("start_time")

    assert start() == "2025-10-06 23:00:00"
    await plain.at("2025-10-06T23:00:00")
    assert start() == "2025-10-06 23:00:00"
    await plain.at("2025-10-07T00:00:00")
    assert start() == "2025-10-07 02:00:00"
    await plain.at("2025-10-07T02:00:00")
    await plain.at("2025-10-07T04:00:00")
    assert start() is None


# Settings


async def test_fewer_minutes_take_effect_at_once_on_the_running_window(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    await plain.at("2025-10-06T23:00:00")
    await plain.at("2025-10-06T23:30:00")
    assert plain.active()
    await plain.set_duration(30)
    assert not plain.active()
    assert plain.sensor("planned_duration") == "30.0"
    await plain.set_duration(45)
    assert plain.active()
    assert plain.sensor("planned_duration") == "45.0"
    await plain.at("2025-10-06T23:45:00")
    assert not plain.active()


async def test_more_minutes_take_effect_at_once(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    asked = len(plain.asked())
    await plain.set_duration(240)
    assert plain.sensor("planned_duration") == "240.0"
    assert len(plain.asked()) == asked + 1
    await plain.set_duration(240)
    assert len(plain.asked()) == asked + 1


@pytest.mark.parametrize(
    ("start", "end", "most"),
    [("22:00:00", "07:00:00", 540), ("07:00:00", "22:00:00", 900), ("07:00:00", "07:00:00", 1440)],
)
async def test_the_most_minutes_are_those_of_the_period(hass, home, start, end, most) -> None:
    home.add(start=start, end=end)
    await home.set_up(EVENING)
    attributes = hass.states.get(home.entity_id("number", "duration")).attributes
    assert (attributes["min"], attributes["max"], attributes["step"]) == (1, most, 1)


@pytest.mark.parametrize("minutes", [0, -5, 541, float("nan")])
async def test_minutes_that_cannot_be_are_refused(hass, home, minutes) -> None:
    home.add()
    await home.set_up(EVENING)
    with pytest.raises(ServiceValidationError):
        await home.set_duration(minutes)
    assert home.state("number", "duration") == "180.0"


async def test_an_earlier_end_takes_effect_at_once_on_the_running_window(hass, plain) -> None:
    plain.add(duration={"hours": 1, "minutes": 0})
    await plain.set_up(EVENING)
    await plain.at("2025-10-06T23:00:00")
    await plain.at("2025-10-06T23:30:00")
    await plain.set_time("end", "23:45:00")
    assert plain.state("time", "end") == "23:45:00"
    assert plain.active()
    assert plain.windows() == [(local("2025-10-06T23:00"), local("2025-10-06T23:45"))]
    assert plain.sensor("shortfall") == "15.0"
    await plain.at("2025-10-06T23:45:00")
    assert not plain.active()


async def test_a_later_start_takes_effect_at_once(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    await plain.set_time("start", "23:30:00")
    assert plain.windows()[0][0] >= local("2025-10-06T23:30")
    assert plain.sensor("planned_duration") == "180.0"
    assert plain.state("time", "start") == "23:30:00"


async def test_a_later_start_ends_the_running_window(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    await plain.at("2025-10-06T23:00:00")
    await plain.at("2025-10-06T23:20:00")
    assert plain.active()
    await plain.set_time("start", "23:50:00")
    assert not plain.active()


async def test_equal_times_are_a_whole_day(hass, home) -> None:
    home.add()
    await home.set_up(EVENING)
    await home.set_time("end", "22:00:00")
    assert hass.states.get(home.entity_id("number", "duration")).attributes["max"] == 1440


@pytest.mark.parametrize(
    ("key", "value", "room"), [("start", "04:01:00", 179), ("end", "00:59:00", 179)]
)
async def test_hours_that_are_too_short_are_used_up(home, key, value, room) -> None:
    home.add()
    await home.set_up(EVENING)
    await home.set_time(key, value)
    assert home.state("time", key) == value
    assert float(home.sensor("planned_duration")) == room
    assert float(home.sensor("shortfall")) == 180 - room
    await home.set_duration(10)
    assert float(home.sensor("planned_duration")) == 10
    assert float(home.sensor("shortfall")) == 0


async def test_settings_can_be_changed_while_the_server_is_down(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await plain.set_duration(60)
    assert plain.state("number", "duration") == "60.0"
    # what is left of the plan is the cheapest of it
    assert plain.windows() == [(local("2025-10-06T23:00"), local("2025-10-07T00:00"))]
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await plain.set_duration(120)
    # more is planned locally, on the prices that are known
    assert plain.sensor("shortfall") == "0.0"
    assert plain.sensor("plan_source") == "planner"
    await plain.at("2025-10-06T20:05:00")
    assert plain.sensor("planned_duration") == "120.0"
    assert plain.sensor("plan_source") == "flatpeak"


async def test_more_than_is_planned_waits_where_no_prices_are_known(hass, plain) -> None:
    plain.world.faults = {Fault.NO_PRICES}
    plain.add()
    await plain.set_up(EVENING)
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await plain.set_duration(60)
        await plain.set_duration(120)
    assert plain.sensor("shortfall") == "60.0"
    assert plain.sensor("plan_source") == "flatpeak"
    await plain.at("2025-10-06T20:05:00")
    assert plain.sensor("planned_duration") == "120.0"


async def test_settings_survive_a_restart(hass, home) -> None:
    home.add()
    await home.set_up(EVENING)
    await home.set_duration(95)
    await home.set_time("start", "21:00:00")
    await home.set_time("end", "06:30:00")
    await home.enable(False)
    asked = len(home.asked())
    await home.stop()
    await home.start()
    assert home.state("number", "duration") == "95.0"
    assert home.state("time", "start") == "21:00:00"
    assert home.state("time", "end") == "06:30:00"
    assert home.state("switch", "enabled") == "off"
    assert len(home.asked()) == asked


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_switched_off_nothing_is_planned_or_asked_for_days(hass, home) -> None:
    home.add()
    await home.set_up(EVENING)
    await home.enable(False)
    assert home.windows() == []
    assert await events(home, "2025-10-06T00:00", "2025-10-09T00:00") == []
    assert home.state("binary_sensor", "active") == "off"
    assert home.sensor("next_update") == "unknown"
    assert home.sensor("planned_duration") == "unknown"
    asked = len(home.asked())

    await home.live("2025-10-09T20:00:00", 2 * HOUR)
    await home.update()
    assert len(home.asked()) == asked
    assert home.runs.get("schedule1", []) == []

    await home.enable(True)
    assert len(home.asked()) == 2
    assert home.sensor("planned_duration") == "180.0"
    assert all(start >= local("2025-10-09T22:00") for start, _ in home.windows())


async def test_switched_off_in_a_window_and_on_again_counts_the_minutes(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    await plain.at("2025-10-06T23:00:00")
    await plain.at("2025-10-06T23:30:00")
    await plain.enable(False)
    assert not plain.active()
    await plain.at("2025-10-06T23:40:00")
    await plain.enable(True)
    assert plain.active()
    delivered, running, *_ = plain.windows()
    assert delivered == (local("2025-10-06T23:00"), local("2025-10-06T23:30"))
    assert running[0] == local("2025-10-06T23:40")
    assert plain.sensor("planned_duration") == "180.0"


async def test_two_schedules_live_side_by_side(hass, plain) -> None:
    plain.add()
    plain.add(name="Battery", segment="high", direction="export", start="06:00:00", end="22:00:00")
    plain.world.export_prices = hours(
        [0.05] * 18 + [0.4, 0.3] + [0.05] * 76, local("2025-10-06T00:00")
    )
    await plain.set_up("2025-10-06T17:00:00")
    assert plain.windows()[0] == (local("2025-10-06T23:00"), local("2025-10-07T00:00"))
    assert plain.windows("schedule2")[0][1] >= local("2025-10-06T20:00")
    asked = len(plain.asked())
    await plain.at("2025-10-06T18:00:00")
    assert (plain.active(), plain.active("schedule2")) == (False, True)
    await plain.set_duration(60)
    assert len(plain.asked()) == asked + 1
    assert plain.active("schedule2")
    await plain.enable(False, "schedule2")
    assert not plain.active("schedule2")
    assert plain.sensor("status") == "planned"
    assert plain.sensor("planned_duration") == "60.0"
