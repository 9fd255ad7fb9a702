"""What the entities of a schedule by amount say, and what a change of one does."""

import math
from unittest.mock import PropertyMock, patch

from homeassistant.const import EntityCategory
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.json import json_bytes
import pytest

from simulator.faults import Fault
from simulator.state import LOCATION, Location

from .home import DAY, HOUR, MINUTE, SECOND, Home, Load, hours, local, turned

EVENING = "2025-10-06T20:00:00"  # a Monday
# of the plain home: 24 kWh at 8 kW
EDGES = ("2025-10-06T23:00", "2025-10-07T00:00", "2025-10-07T02:00", "2025-10-07T04:00")
BATTERY = {
    "name": "Battery",
    "direction": "export",
    "energy": 5.0,
    "max_power": 5.0,
    "start": "16:00:00",
    "end": "22:00:00",
}
SOC = {
    "energy": None,
    "soc_entity": "sensor.soc",
    "capacity": 60.0,
    "target_soc": 80.0,
    "efficiency": 100.0,
}
METER = {"energy_entity": "sensor.meter"}

CONFIG, DIAGNOSTIC = EntityCategory.CONFIG, EntityCategory.DIAGNOSTIC
# platform, key, category, device class, unit, state class, name
SCHEDULE = [
    ("binary_sensor", "active", None, None, None, None, "Active"),
    ("calendar", "plan", None, None, None, None, "Plan"),
    ("number", "energy", CONFIG, "energy", "kWh", None, "Energy"),
    ("number", "max_power", CONFIG, "power", "kW", None, "Power"),
    ("sensor", "confidence", DIAGNOSTIC, None, None, None, "Price confidence"),
    ("sensor", "cost", None, "monetary", "EUR", None, "Cost"),
    ("sensor", "next_end", None, "timestamp", None, None, "Next end"),
    ("sensor", "next_start", None, "timestamp", None, None, "Next start"),
    ("sensor", "plan_source", DIAGNOSTIC, "enum", None, None, "Plan source"),
    ("sensor", "planned_energy", None, "energy", "kWh", None, "Planned energy"),
    ("sensor", "power", None, "power", "W", "measurement", "Power now"),
    ("sensor", "savings", None, "monetary", "EUR", None, "Savings"),
    ("sensor", "savings_percentage", None, None, "%", None, "Savings in percent"),
    ("sensor", "shortfall", DIAGNOSTIC, "energy", "kWh", None, "Missing energy"),
    ("sensor", "status", DIAGNOSTIC, "enum", None, None, "Status"),
    ("switch", "enabled", CONFIG, None, None, None, "Enabled"),
    ("time", "end", CONFIG, None, None, None, "Done by"),
    ("time", "start", CONFIG, None, None, None, "Not before"),
]
TARGET = ("number", "target_soc", CONFIG, "battery", "%", None, "Charge to")
TOTALS = {
    "planned_cost": (None, "Planned cost"),
    "planned_savings": (None, "Planned savings"),
    "savings_total": ("total", "Total savings"),
}
# There whatever Flatpeak does.
LASTING = {"active", "power", "status", "energy", "max_power", "enabled", "start", "end"}

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")


@pytest.fixture
def all_enabled():
    """Enable what Home Assistant would leave disabled."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        PropertyMock(return_value=True),
    ):
        yield


@pytest.fixture
def trading(plain: Home) -> Home:
    """The plain home, which is paid 0.40 from 18 to 19 o'clock, else 0.05."""
    plain.world.export_prices = hours(
        [0.40 if hour % 24 == 18 else 0.05 for hour in range(96)], local("2025-10-06T00:00")
    )
    return plain


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


def total(home: Home, key: str) -> str:
    """Return the state of one of the location's sums."""
    return home.sensor(key, LOCATION)


def of(hass, subentry_id: str = "schedule1") -> list[er.RegistryEntry]:
    """Return the entities of a schedule, by key."""
    entities = er.async_get(hass).entities.values()
    found = [entity for entity in entities if entity.config_subentry_id == subentry_id]
    return sorted(found, key=lambda entity: (entity.domain, entity.unique_id))


def described(entities: list[er.RegistryEntry]) -> list[tuple]:
    """Return what is fixed of entities."""
    return [
        (
            entity.domain,
            entity.unique_id.partition("_")[2],
            entity.entity_category,
            entity.original_device_class,
            entity.unit_of_measurement,
            (entity.capabilities or {}).get("state_class"),
            entity.original_name,
        )
        for entity in entities
    ]


def set_soc(home: Home, value: float) -> None:
    home.hass.states.async_set("sensor.soc", str(value), {"unit_of_measurement": "%"})


def set_meter(home: Home, value: float) -> None:
    home.hass.states.async_set("sensor.meter", str(value), {"unit_of_measurement": "kWh"})


# The contract


@pytest.mark.parametrize(
    "platform", ["binary_sensor", "calendar", "number", "sensor", "switch", "time"]
)
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_entities_stay_as_they_are(hass, trading, all_enabled, snapshot, platform) -> None:
    set_soc(trading, 60)
    trading.add_amount(min_power=1.4)
    trading.add_amount(**BATTERY | SOC | {"target_soc": 50.0})
    await trading.set_up("2025-10-06T12:00:00")
    entities = sorted(
        er.async_entries_for_config_entry(er.async_get(hass), trading.entry.entry_id),
        key=lambda entity: entity.entity_id,
    )
    for entity in entities:
        if entity.domain == platform:
            assert entity == snapshot(name=f"{entity.entity_id}-entry")
            assert hass.states.get(entity.entity_id) == snapshot(name=f"{entity.entity_id}-state")


async def test_keys_categories_classes_and_units_are_a_contract(hass, home) -> None:
    home.add_amount()
    await home.set_up(EVENING)
    entities = of(hass)
    assert all(entity.has_entity_name for entity in entities)
    # the calendar says a second time what `active` says
    assert [entity.domain for entity in entities if entity.disabled] == ["calendar"]
    assert described(entities) == SCHEDULE
    keys = {key: "energy_shortfall" if key == "shortfall" else key for _, key, *_ in SCHEDULE}
    assert [entity.translation_key for entity in entities] == list(keys.values())


async def test_a_state_of_charge_takes_the_place_of_the_energy(hass, home) -> None:
    set_soc(home, 50)
    home.add_amount(**SOC)
    await home.set_up(EVENING)
    energy = next(row for row in SCHEDULE if row[1] == "energy")
    assert described(of(hass)) == sorted(
        [row for row in SCHEDULE if row is not energy] + [TARGET], key=lambda row: row[:2]
    )


async def test_what_is_sold_has_an_income(hass, trading) -> None:
    trading.add_amount(**BATTERY)
    await trading.set_up("2025-10-06T12:00:00")
    cost = next(row for row in SCHEDULE if row[1] == "cost")
    assert described(of(hass)) == [
        (*cost[:-1], "Income") if row is cost else row for row in SCHEDULE
    ]
    state = hass.states.get(trading.entity_id("sensor", "cost"))
    assert (state.name, state.state) == ("Battery Income", "2.0")


async def test_the_sums_belong_to_the_location(hass, home) -> None:
    home.add_amount()
    home.add_amount(name="Boiler")
    await home.set_up(EVENING)
    entities = {
        entity.unique_id.removeprefix(f"{LOCATION}_"): entity
        for entity in er.async_get(hass).entities.values()
        if entity.platform == "flatpeak" and entity.config_subentry_id is None
    }
    others = {key for key in entities if "price" not in key}
    assert others == {"connected", "last_success", *TOTALS}
    device = home.device(LOCATION)
    for key, (state_class, name) in TOTALS.items():
        entity = entities[key]
        assert described([entity])[0][2:] == (None, "monetary", "EUR", state_class, name)
        assert (entity.device_id, entity.disabled_by) == (device.id, None)


async def test_without_a_schedule_by_amount_there_are_no_sums(hass, home) -> None:
    home.add()
    home.add_amount()
    await home.set_up(EVENING)
    home.entity_id("sensor", "planned_cost", LOCATION)
    hass.config_entries.async_remove_subentry(home.entry, "schedule2")
    await home.settle()
    keys = {
        entity.unique_id.removeprefix(f"{LOCATION}_")
        for entity in er.async_get(hass).entities.values()
        if entity.platform == "flatpeak" and entity.config_subentry_id is None
    }
    keys = {key for key in keys if "price" not in key}
    # none is left that is never available again
    assert keys == {"connected", "last_success"} or all(
        home.sensor(key, LOCATION) != "unavailable" for key in TOTALS
    )


async def test_each_schedule_is_a_device_below_the_location(hass, home) -> None:
    home.add_amount()
    home.add_amount(name="Boiler")
    await home.set_up(EVENING)
    location = home.device(LOCATION)
    for subentry_id, name in (("schedule1", "Car"), ("schedule2", "Boiler")):
        device = home.device(subentry_id)
        assert (device.name, device.entry_type) == (name, "service")
        assert device.via_device_id == location.id


@pytest.mark.parametrize("devices", [1, 3], ids=["alone", "under a limit"])
async def test_windows_are_not_recorded_and_attributes_are_small(
    hass, home, all_enabled, devices
) -> None:
    """On a day of real prices by the quarter of an hour, of half of which a device needs all."""
    home.options(**({} if devices == 1 else {"max_import_power": 11.0}))
    home.add_amount(start="00:00:00", end="00:00:00", energy=96.0)
    for index in range(devices - 1):
        home.add_amount(name=f"Heater {index}", start="00:00:00", end="00:00:00", energy=40.0)
    await home.set_up(EVENING)
    # across midnight, shortly before which the new day is asked for
    await home.live("2025-10-06T23:58:30", HOUR)
    await home.live("2025-10-07T00:00:00", SECOND)
    state = hass.states.get(home.entity_id("binary_sensor", "active"))
    assert len(state.attributes["windows"]) > 4
    assert state.state_info["unrecorded_attributes"] == {"windows"}
    for subentry_id in home.entry.subentries:
        size = 0
        for entity in of(hass, subentry_id):
            state = hass.states.get(entity.entity_id)
            size += len(json_bytes(state.attributes))
            recorded = {
                name: value
                for name, value in state.attributes.items()
                if name not in state.state_info["unrecorded_attributes"]
            }
            assert len(json_bytes(recorded)) < 512
        assert size <= 4096


async def test_few_states_are_written_in_a_day(hass, home) -> None:
    """All entities of the home together: two schedules, each with one window, and the sums."""
    day = local("2025-10-06T00:00")
    home.world.import_prices = hours(([0.1] * 6 + [0.3] * 18) * 4, day)
    home.world.publication = None
    home.add_amount()
    home.add_amount(name="Boiler", energy=4.0, max_power=2.0)
    await home.set_up(EVENING)
    await _day(home, "2025-10-07")
    home.changes.clear()
    await _day(home, "2025-10-08")
    by_schedule = {
        key: [one for one in home.changes if one[1].startswith(f"{key}_")]
        for key in ("schedule1", "schedule2", LOCATION)
    }
    assert len(by_schedule["schedule1"]) <= 15
    assert len(by_schedule["schedule2"]) <= 15
    # what was saved, at each edge of either; the plan's sums when there is another plan
    assert len(by_schedule[LOCATION]) <= 15
    assert home.energy(day + DAY, day + 3 * DAY) == pytest.approx(48.0)


async def _day(home: Home, day: str) -> None:
    """Live on to 20:00, closely where the next night is asked for."""
    await home.live(f"{day}T06:58", 5 * MINUTE)
    await home.live(f"{day}T07:01", SECOND)
    await home.live(f"{day}T20:00", 5 * MINUTE)


# Values


@pytest.mark.parametrize(
    ("moment", "power", "next_start", "next_end"),
    [
        ("2025-10-06T20:00:00", 0, EDGES[0], EDGES[1]),
        ("2025-10-06T22:59:59", 0, EDGES[0], EDGES[1]),
        ("2025-10-06T23:00:00", 8000, EDGES[2], EDGES[1]),
        ("2025-10-06T23:59:59", 8000, EDGES[2], EDGES[1]),
        ("2025-10-07T00:00:00", 0, EDGES[2], EDGES[3]),
        ("2025-10-07T01:59:59", 0, EDGES[2], EDGES[3]),
        ("2025-10-07T02:00:00", 8000, None, EDGES[3]),
        ("2025-10-07T03:59:59", 8000, None, EDGES[3]),
        ("2025-10-07T04:00:00", 0, None, None),
        ("2025-10-07T06:58:00", 0, None, None),
    ],
)
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_power_and_the_next_start_and_end_follow_the_edges(
    hass, plain, moment, power, next_start, next_end
) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    for edge in EDGES:
        if local(edge) <= local(moment):
            await plain.at(edge)
    await plain.at(moment)
    assert plain.sensor("power") == str(power)
    assert plain.active() is (power > 0)
    assert plain.state("calendar", "plan") == ("on" if power else "off")
    for key, at in (("next_start", next_start), ("next_end", next_end)):
        assert plain.sensor(key) == (local(at).isoformat() if at else "unknown")
    # what was delivered stays part of the plan
    assert plain.sensor("planned_energy") == "24.0"
    assert plain.sensor("cost") == "2.88"
    # at once, from 22 o'clock on: 0.30, 0.10, 0.30
    assert plain.sensor("savings") == "2.72"
    assert plain.sensor("savings_percentage") == "48.57"
    assert plain.sensor("shortfall") == "0.0"
    assert plain.sensor("confidence") == "1.0"
    assert plain.sensor("status") == "planned"


async def test_a_new_period_begins_with_a_new_plan(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    for edge in EDGES:
        await plain.at(edge)
    await plain.live("2025-10-07T07:00:00")
    # of the next night the hours before midnight are known: nothing is cheap in them
    assert plain.sensor("planned_energy") == "16.0"
    assert plain.sensor("cost") == "4.8"
    assert plain.sensor("savings") == "0.0"
    assert plain.sensor("savings_percentage") == "0.0"
    assert plain.sensor("shortfall") == "8.0"
    assert plain.sensor("power") == "0"
    await plain.live("2025-10-07T14:30:00", 5 * MINUTE)
    assert plain.sensor("planned_energy") == "24.0"
    assert plain.sensor("shortfall") == "0.0"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_power_changes_within_a_run(hass, plain) -> None:
    """The car takes what the boiler leaves of the limit; one run, two powers."""
    plain.world.import_prices = hours([0.1, 0.1, 0.3, 0.3], local("2025-10-06T22:00"))
    plain.world.publication = None
    plain.options(max_import_power=8.0)
    plain.add_amount(energy=12.0, end="00:00:00")
    plain.add_amount(name="Boiler", energy=4.0, max_power=4.0, end="23:00:00")
    await plain.set_up(EVENING)
    start, middle, end = (local("2025-10-06T22:00") + hour * HOUR for hour in range(3))
    assert plain.loads() == [
        Load(start, middle, pytest.approx(4.0)),
        Load(middle, end, pytest.approx(8.0)),
    ]
    assert plain.loads("schedule2") == [Load(start, middle, pytest.approx(4.0))]
    assert plain.sensor("next_end") == end.isoformat()
    (event,) = await events(plain, EVENING, "2025-10-07T12:00")
    assert (event["start"][11:16], event["end"][11:16]) == ("22:00", "00:00")
    assert event["description"] == "12.0 kWh, 0.1000 EUR/kWh"

    plain.changes.clear()
    seen = []
    for moment in (start, middle - SECOND, middle, end - SECOND, end):
        await plain.at(moment)
        seen.append((plain.sensor("power"), plain.sensor("power", "schedule2"), plain.active()))
    assert seen == [
        ("4000", "4000", True),
        ("4000", "4000", True),
        ("8000", "0", True),
        ("8000", "0", True),
        ("0", "0", False),
    ]
    # the run is one: its end did not move, and nothing flickered
    assert [state for _, key, state in plain.changes if key == "schedule1_active"] == ["on", "off"]


async def test_windows_stand_in_the_locations_time_with_power_and_price(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    state = hass.states.get(plain.entity_id("binary_sensor", "active"))
    assert state.attributes["windows"] == [
        {
            "start": f"{start}:00+02:00",
            "end": f"{end}:00+02:00",
            "power": 8.0,
            # Flatpeak says what all of it costs together
            "rate": 0.12,
            "confidence": 1.0,
        }
        for start, end in (EDGES[:2], EDGES[2:])
    ]


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_plan_says_where_it_came_from(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    assert plain.sensor("plan_source") == "flatpeak"
    before = {entity.unique_id: hass.states.get(entity.entity_id) for entity in of(hass)}
    await plain.stop()
    await plain.start()
    assert plain.sensor("plan_source") == "restored"
    for entity in of(hass):
        if not entity.unique_id.endswith("plan_source"):
            state = hass.states.get(entity.entity_id)
            assert state.state == before[entity.unique_id].state
            assert state.attributes == before[entity.unique_id].attributes


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_the_income_of_what_is_sold(hass, trading) -> None:
    trading.add_amount(**BATTERY)
    await trading.set_up("2025-10-06T12:00:00")
    assert trading.loads() == [Load(local("2025-10-06T18:00"), local("2025-10-06T19:00"), 5.0)]
    assert trading.sensor("cost") == "2.0"
    # at once it would have been 0.25
    assert trading.sensor("savings") == "1.75"
    assert trading.sensor("savings_percentage") == "700.0"
    (event,) = await events(trading, "2025-10-06T00:00", "2025-10-07T00:00")
    assert event["description"] == "5.0 kWh, 0.4000 EUR/kWh"


async def test_who_buys_instead_of_selling_has_a_cost_again(hass, trading) -> None:
    trading.add_amount(**BATTERY)
    await trading.set_up("2025-10-06T12:00:00")
    entity_id = trading.entity_id("sensor", "cost")
    subentry = trading.entry.subentries["schedule1"]
    hass.config_entries.async_update_subentry(
        trading.entry, subentry, data={**subentry.data, "direction": "import"}
    )
    await trading.settle()
    state = hass.states.get(entity_id)
    assert (state.name, state.state) == ("Battery Cost", "1.5")


@pytest.mark.parametrize(
    ("rates", "cost", "savings", "percentage"),
    [
        pytest.param([0.2, 0.1], "0.4", "0.4", "50.0", id="half"),
        pytest.param([0.2, 0.2], "0.8", "0.0", "0.0", id="nothing to save"),
        pytest.param([0.2, 0.0], "0.0", "0.8", "100.0", id="all"),
        pytest.param([0.2, -0.1], "-0.4", "1.2", "150.0", id="more than all"),
        pytest.param([0.0, 0.0], "0.0", "0.0", "unknown", id="free anyway"),
        pytest.param([0.0, -0.1], "-0.4", "0.4", "unknown", id="free at once"),
        pytest.param([-0.1, -0.2], "-0.8", "0.4", "unknown", id="paid at once"),
    ],
)
async def test_savings_are_against_starting_at_once(
    hass, plain, rates, cost, savings, percentage
) -> None:
    plain.world.import_prices = hours(rates, local("2025-10-06T22:00"))
    plain.world.publication = None
    plain.add_amount(energy=4.0, max_power=4.0, end="00:00:00")
    await plain.set_up(EVENING)
    assert float(plain.sensor("cost")) == pytest.approx(float(cost))
    assert float(plain.sensor("savings")) == pytest.approx(float(savings))
    assert plain.sensor("savings_percentage") == percentage


@pytest.mark.parametrize(
    ("rates", "percentage"),
    [
        pytest.param([0.1, 0.2], "100.0", id="twice as much"),
        pytest.param([0.0, 0.2], "unknown", id="nothing at once"),
        pytest.param([-0.1, 0.2], "unknown", id="paid for at once"),
    ],
)
async def test_so_are_those_of_selling(hass, plain, rates, percentage) -> None:
    plain.world.export_prices = hours(rates, local("2025-10-06T22:00"))
    plain.world.publication = None
    plain.add_amount(direction="export", energy=4.0, max_power=4.0, end="00:00:00")
    await plain.set_up(EVENING)
    assert float(plain.sensor("cost")) == pytest.approx(0.8)
    assert float(plain.sensor("savings")) == pytest.approx(0.8 - 4 * rates[0])
    assert plain.sensor("savings_percentage") == percentage


@pytest.mark.parametrize(
    ("currency", "unit"),
    [
        pytest.param("GBP", "GBP", id="of the location"),
        pytest.param("", "SEK", id="of Home Assistant where the location has none"),
    ],
)
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_money_has_a_currency(hass, plain, currency, unit) -> None:
    await hass.config.async_update(currency="SEK")
    plain.world.locations = [Location(currency=currency)]
    plain.add_amount()
    await plain.set_up(EVENING)
    for key, of_whom in (
        ("cost", "schedule1"),
        ("savings", "schedule1"),
        *dict.fromkeys([(key, LOCATION) for key in TOTALS]),
    ):
        state = hass.states.get(plain.entity_id("sensor", key, of_whom))
        assert state.attributes["unit_of_measurement"] == unit
    (event, _) = await events(plain, "2025-10-06T20:00", "2025-10-07T07:00")
    assert event["description"] == f"8.0 kWh, 0.1200 {unit}/kWh"


async def test_energy_that_cannot_be_placed_is_missing(hass, plain) -> None:
    plain.world.import_prices = hours([0.2, 0.1], local("2025-10-06T22:00"))
    plain.add_amount()
    await plain.set_up(EVENING)
    assert plain.sensor("planned_energy") == "16.0"
    assert plain.sensor("shortfall") == "8.0"
    assert plain.sensor("status") == "planned"


async def test_the_least_sure_price_decides_how_sure_a_plan_is(hass, plain) -> None:
    guessed = plain.world.import_prices[26]
    plain.world.import_prices = [
        type(slot)(slot.start, slot.end, slot.rate, 0.6 if slot == guessed else 1.0)
        for slot in plain.world.import_prices
    ]
    plain.add_amount()
    await plain.set_up(EVENING)
    assert plain.sensor("confidence") == "0.6"
    assert plain.sensor("status") == "provisional"


# How it is doing


async def test_waiting_for_prices_and_then_planned(hass, plain) -> None:
    prices, plain.world.import_prices = plain.world.import_prices, ()
    plain.add_amount()
    await plain.set_up(EVENING)
    assert plain.sensor("status") == "waiting"
    for key in (
        *("planned_energy", "cost", "savings", "savings_percentage", "shortfall"),
        *("next_start", "next_end", "confidence", "plan_source"),
    ):
        assert plain.sensor(key) == "unknown"
    assert plain.sensor("power") == "0"
    assert not plain.active()
    assert plain.windows() == []
    assert (total(plain, "planned_cost"), total(plain, "planned_savings")) == ("unknown",) * 2
    assert total(plain, "savings_total") == "0.0"

    plain.world.import_prices = prices
    await plain.live("2025-10-06T20:30:00")
    assert plain.sensor("status") == "planned"
    assert plain.sensor("planned_energy") == "24.0"
    assert total(plain, "planned_cost") == "2.88"


async def test_too_early_to_plan_and_then_planned(hass, home) -> None:
    home.add_amount(days=["sat"])
    await home.set_up(EVENING)
    assert home.sensor("status") == "later"
    assert home.asked() == []
    assert home.sensor("planned_energy") == "unknown"
    assert home.sensor("power") == "0"
    await home.live("2025-10-11T14:30:00", HOUR / 2)
    assert home.sensor("status") == "planned"
    assert home.sensor("planned_energy") == "24.0"


@pytest.mark.parametrize(
    "fault", [Fault.UNAVAILABLE, Fault.CUT_OFF, Fault.TOO_MANY_REQUESTS, Fault.VERSION_REFUSED]
)
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_without_a_plan_an_outage_is_told_and_nothing_runs(hass, plain, fault) -> None:
    prices, plain.world.import_prices = plain.world.import_prices, ()
    plain.add_amount()
    await plain.set_up(EVENING)
    with turned(plain.world, faults={fault}):
        await plain.update()
    for entity in of(hass):
        key = entity.unique_id.removeprefix("schedule1_")
        state = hass.states.get(entity.entity_id).state
        assert (state != "unavailable") is (key in LASTING), key
    assert plain.sensor("status") == "problem"
    assert plain.state("binary_sensor", "active") == "off"
    assert plain.sensor("power") == "0"
    assert plain.state("number", "energy") == "24.0"
    assert total(plain, "planned_cost") == "unknown"

    plain.world.import_prices = prices
    await plain.live("2025-10-06T21:30:00")
    assert plain.sensor("planned_energy") == "24.0"
    assert plain.sensor("status") == "planned"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_with_a_plan_an_outage_takes_nothing_away(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    before = {entity.unique_id: hass.states.get(entity.entity_id).state for entity in of(hass)}
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await plain.update()
        after = {entity.unique_id: hass.states.get(entity.entity_id).state for entity in of(hass)}
        assert after == before
        connected = hass.states.get(plain.entity_id("binary_sensor", "connected", LOCATION))
        assert connected.state == "off"
        await plain.at(EDGES[0])
        assert plain.sensor("power") == "8000"
        assert total(plain, "planned_cost") == "2.88"
    await plain.at(local(EDGES[0]) + HOUR / 2)
    connected = hass.states.get(plain.entity_id("binary_sensor", "connected", LOCATION))
    assert connected.state == "on"
    assert plain.sensor("power") == "8000"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_switched_off_and_on(hass, plain) -> None:
    plain.add_amount()
    plain.add_amount(name="Boiler", energy=2.0, max_power=2.0)
    await plain.set_up(EVENING)
    assert float(total(plain, "planned_cost")) == pytest.approx(2.88 + 0.2)
    await plain.enable(False)
    assert plain.state("switch", "enabled") == "off"
    assert plain.sensor("status") == "off"
    assert plain.sensor("power") == "0"
    assert plain.windows() == []
    assert plain.sensor("planned_energy") == "unknown"
    assert await events(plain, "2025-10-06T00:00", "2025-10-09T00:00") == []
    assert float(total(plain, "planned_cost")) == pytest.approx(0.2)
    await plain.enable(False, "schedule2")
    assert total(plain, "planned_cost") == "unknown"

    asked = len(plain.asked())
    await plain.live("2025-10-08T20:00:00", 2 * HOUR)
    await plain.update()
    assert len(plain.asked()) == asked
    assert plain.energy(local(EVENING), plain.now) == 0

    await plain.enable(True)
    assert plain.sensor("status") == "planned"
    assert plain.sensor("planned_energy") == "24.0"


async def test_switched_off_in_a_window_and_on_again_counts_the_energy(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.at(EDGES[0])
    await plain.at("2025-10-06T23:30:00")
    await plain.enable(False)
    assert plain.sensor("power") == "0"
    await plain.at("2025-10-06T23:45:00")
    await plain.enable(True)
    assert plain.sensor("power") == "8000"
    delivered, running, *_ = plain.loads()
    assert delivered == Load(local("2025-10-06T23:00"), local("2025-10-06T23:30"), 8.0)
    assert running.start == local("2025-10-06T23:45")
    assert plain.sensor("planned_energy") == "24.0"


# The calendar


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_the_calendar_says_how_much_and_at_what_price(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    expected = [
        {
            "start": f"{start}:00+02:00",
            "end": f"{end}:00+02:00",
            "summary": "Car",
            "description": f"{energy} kWh, 0.1200 EUR/kWh",
        }
        for start, end, energy in ((*EDGES[:2], "8.0"), (*EDGES[2:], "16.0"))
    ]
    assert await events(plain, "2025-10-06T00:00", "2025-10-08T00:00") == expected
    for edge in EDGES:
        await plain.at(edge)
    assert await events(plain, "2025-10-06T00:00", "2025-10-08T00:00") == expected


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_the_calendars_event_is_the_running_or_the_next_window(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)

    def start() -> str | None:
        state = hass.states.get(plain.entity_id("calendar", "plan"))
        return state.attributes.get("start_time")

    seen = [start()]
    for edge in EDGES:
        await plain.at(edge)
        seen.append(start())
    first, second = "2025-10-06 23:00:00", "2025-10-07 02:00:00"
    assert seen == [first, first, second, second, None]


# The sums of the home


async def test_what_is_earned_is_taken_off_what_is_paid(hass, trading) -> None:
    trading.add_amount()
    trading.add_amount(**BATTERY)
    await trading.set_up("2025-10-06T15:00:00")
    assert total(trading, "planned_cost") == "0.88"  # 2.88 paid, 2.00 earned
    assert total(trading, "planned_savings") == "4.47"  # 2.72 and 1.75
    assert total(trading, "savings_total") == "0.0"


async def test_the_total_counts_what_was_delivered(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    seen = [total(plain, "savings_total")]
    for edge in EDGES:
        await plain.at(edge)
        seen.append(total(plain, "savings_total"))
    assert [float(one) for one in seen] == pytest.approx(
        [0, 0, 2.72 / 3, 2.72 / 3, 2.72], abs=0.0001
    )


async def test_the_total_goes_on_over_restarts_and_periods(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.at(EDGES[0])
    await plain.at("2025-10-06T23:30:00")
    await plain.stop()
    await plain.start()
    for edge in EDGES[1:]:
        await plain.at(edge)
    assert float(total(plain, "savings_total")) == pytest.approx(2.72, abs=0.0001)
    await plain.stop()
    await plain.start("2025-10-07T05:00:00")
    assert float(total(plain, "savings_total")) == pytest.approx(2.72, abs=0.0001)

    await plain.live("2025-10-08T07:00:00", 5 * MINUTE)
    saved = float(total(plain, "savings_total"))
    assert plain.energy(local("2025-10-07T07:00"), plain.now) == pytest.approx(24.0, abs=0.1)
    at_once = 8 * (0.3 * 3)
    paid = plain.bill(local("2025-10-07T07:00"), plain.now)
    assert saved == pytest.approx(2.72 + at_once - paid, abs=0.05)


async def test_the_total_counts_nothing_that_was_not_delivered(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.at(EDGES[0])
    await plain.at("2025-10-06T23:30:00")
    await plain.enable(False)
    saved = total(plain, "savings_total")
    assert float(saved) == pytest.approx(2.72 / 6, abs=0.0001)
    for edge in EDGES[1:]:
        await plain.at(edge)
    assert total(plain, "savings_total") == saved


async def test_a_window_that_was_missed_while_away_saves_nothing(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.stop()
    await plain.start("2025-10-07T00:30:00")  # the hour from 23 o'clock did not run
    assert float(total(plain, "savings_total")) == 0
    await plain.live("2025-10-07T06:58:00", 5 * MINUTE)
    start = local("2025-10-07T00:00")
    assert plain.energy(start, plain.now) == pytest.approx(24.0, abs=0.1)
    paid = plain.bill(start, plain.now)
    # at once, since the beginning of the period
    at_once = 8 * (0.3 + 0.1 + 0.3)
    assert float(total(plain, "savings_total")) == pytest.approx(at_once - paid, abs=0.05)


@pytest.mark.parametrize(
    ("share", "saved"),
    [
        pytest.param(1.0, 2.72, id="all of it"),
        pytest.param(0.0, 0.0, id="the car was not at home"),
    ],
)
async def test_the_total_counts_what_the_meter_saw(hass, plain, share, saved) -> None:
    read = 100.0
    set_meter(plain, read)
    plain.add_amount(**METER)
    await plain.set_up(EVENING)
    await plain.live("2025-10-06T22:50:00", 5 * MINUTE)
    while plain.now < local("2025-10-07T06:58"):
        power = plain.power()
        await plain.at(plain.now + 5 * MINUTE)
        read += share * power / 12
        set_meter(plain, round(read, 4))
    await plain.settle()
    assert plain.energy(local(EVENING), plain.now) > 20
    assert float(total(plain, "savings_total")) == pytest.approx(saved, abs=0.05)


async def test_the_total_counts_both_directions(hass, trading) -> None:
    trading.add_amount()
    trading.add_amount(**BATTERY)
    await trading.set_up("2025-10-06T15:00:00")
    await trading.at("2025-10-06T18:00:00")
    await trading.at("2025-10-06T19:00:00")
    assert float(total(trading, "savings_total")) == pytest.approx(1.75)
    for edge in EDGES:
        await trading.at(edge)
    assert float(total(trading, "savings_total")) == pytest.approx(1.75 + 2.72, abs=0.0001)


# Numbers


@pytest.mark.parametrize(
    ("key", "least", "most", "step"),
    [("energy", 0, 1000, 0.1), ("max_power", 0.1, 100, 0.1), ("target_soc", 0, 100, 1)],
)
async def test_numbers_have_their_limits(hass, home, key, least, most, step) -> None:
    set_soc(home, 50)
    home.add_amount(**(SOC if key == "target_soc" else {}))
    await home.set_up(EVENING)
    attributes = hass.states.get(home.entity_id("number", key)).attributes
    assert (attributes["min"], attributes["max"], attributes["step"]) == (least, most, step)
    assert attributes["mode"] == "box"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("energy", value) for value in (-0.1, 1000.1, float("nan"), float("inf"))),
        *(("max_power", value) for value in (0, 0.05, 100.1, float("nan"), float("-inf"))),
        *(("target_soc", value) for value in (-1, 101, float("nan"))),
    ],
)
async def test_numbers_that_cannot_be_are_refused_in_words(hass, home, key, value) -> None:
    set_soc(home, 50)
    home.add_amount(**(SOC if key == "target_soc" else {}))
    await home.set_up(EVENING)
    before, asked = home.state("number", key), len(home.asked())
    with pytest.raises(ServiceValidationError) as refused:
        await home.set_number(key, value)
    assert refused.value.translation_key
    if math.isnan(value):
        assert str(refused.value) == "Enter a number"
    assert home.state("number", key) == before
    assert len(home.asked()) == asked


async def test_a_power_below_the_least_is_refused_in_words(hass, home) -> None:
    home.add_amount(min_power=1.4)
    await home.set_up(EVENING)
    asked = len(home.asked())
    with pytest.raises(ServiceValidationError) as refused:
        await home.set_number("max_power", 1.3)
    assert refused.value.translation_key == "power_below_minimum"
    assert str(refused.value) == "The device cannot run below 1.4 kW"
    assert home.state("number", "max_power") == "8.0"
    assert len(home.asked()) == asked
    await home.set_number("max_power", 1.4)
    assert home.state("number", "max_power") == "1.4"


async def test_more_energy_takes_effect_at_once_with_one_request(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    asked = len(plain.asked())
    await plain.set_number("energy", 32)
    assert plain.sensor("planned_energy") == "32.0"
    assert len(plain.asked()) == asked + 1
    await plain.set_number("energy", 32)
    assert len(plain.asked()) == asked + 1


async def test_less_energy_takes_effect_at_once_on_the_running_window(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.at(EDGES[0])
    await plain.at("2025-10-06T23:30:00")
    await plain.set_number("energy", 4)
    assert plain.sensor("power") == "0"
    assert plain.sensor("planned_energy") == "4.0"
    assert plain.sensor("shortfall") == "0.0"
    await plain.set_number("energy", 6)
    assert plain.sensor("power") == "8000"
    assert plain.sensor("planned_energy") == "6.0"
    await plain.at("2025-10-06T23:45:00")
    assert plain.sensor("power") == "0"


async def test_no_energy_is_a_wish_too(hass, plain) -> None:
    """The car is full, says an automation: nothing runs, and nothing is missing."""
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.at(EDGES[0])
    await plain.set_number("energy", 0)
    assert plain.state("number", "energy") == "0.0"
    assert plain.sensor("power") == "0"
    assert not plain.active()
    assert plain.sensor("shortfall") == "0.0"
    assert plain.sensor("status") == "planned"
    assert [load for load in plain.loads() if load.end > plain.now] == []
    calls = len(plain.world.calls)
    await plain.live("2025-10-07T06:00:00", HOUR)
    assert len(plain.world.calls) == calls
    await plain.stop()
    await plain.start()
    assert plain.state("number", "energy") == "0.0"
    await plain.set_number("energy", 8)
    assert plain.sensor("planned_energy") == "8.0"


async def test_less_power_takes_effect_at_once_on_the_running_window(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.at(EDGES[0])
    await plain.at("2025-10-06T23:30:00")
    await plain.set_number("max_power", 4)
    assert plain.sensor("power") == "4000"
    assert plain.sensor("planned_energy") == "24.0"
    assert all(load.power == 4.0 for load in plain.loads() if load.start >= plain.now)
    await plain.set_number("max_power", 8)
    assert plain.sensor("power") == "8000"
    assert plain.sensor("planned_energy") == "24.0"


async def test_a_state_of_charge_to_reach_takes_effect_at_once(hass, plain) -> None:
    set_soc(plain, 60)
    plain.add_amount(**SOC)
    await plain.set_up(EVENING)
    assert plain.sensor("planned_energy") == "12.0"  # 20 % of 60 kWh
    await plain.set_number("target_soc", 90)
    assert plain.sensor("planned_energy") == "18.0"
    await plain.set_number("target_soc", 50)
    assert plain.windows() == []
    assert plain.sensor("planned_energy") == "0.0"
    assert plain.sensor("shortfall") == "0.0"
    assert plain.sensor("status") == "planned"


async def test_settings_can_be_changed_while_the_server_is_down(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await plain.set_number("energy", 8)
        assert plain.state("number", "energy") == "8.0"
        # what is left of the plan
        assert plain.loads() == [Load(local(EDGES[0]), local(EDGES[1]), 8.0)]
        assert plain.sensor("planned_energy") == "8.0"
        await plain.set_number("energy", 16)
        # and what is missing then, on the prices that are known
        assert plain.sensor("planned_energy") == "16.0"
        assert plain.sensor("plan_source") == "planner"
    await plain.live("2025-10-06T20:10:00")
    assert plain.sensor("planned_energy") == "16.0"
    assert plain.sensor("shortfall") == "0.0"


# Times


async def test_an_earlier_end_takes_effect_at_once_on_the_running_window(hass, plain) -> None:
    plain.add_amount(energy=8.0)
    await plain.set_up(EVENING)
    await plain.at(EDGES[0])
    await plain.at("2025-10-06T23:30:00")
    await plain.set_time("end", "23:45:00")
    assert plain.state("time", "end") == "23:45:00"
    assert plain.loads()[-1].end == local("2025-10-06T23:45")
    assert plain.sensor("planned_energy") == "6.0"
    assert plain.sensor("shortfall") == "2.0"
    await plain.at("2025-10-06T23:45:00")
    assert plain.sensor("power") == "0"


async def test_a_later_start_ends_the_running_window(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.at(EDGES[0])
    await plain.at("2025-10-06T23:20:00")
    assert plain.sensor("power") == "8000"
    await plain.set_time("start", "23:50:00")
    assert plain.sensor("power") == "0"
    assert plain.state("time", "start") == "23:50:00"
    assert all(load.start >= local("2025-10-06T23:50") for load in plain.loads()[1:])


async def test_hours_that_are_too_short_are_taken_and_what_is_missing_is_told(hass, plain) -> None:
    """Unlike minutes, energy may lack: the other number can make up for it."""
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.set_time("start", "05:00:00")
    assert plain.sensor("planned_energy") == "16.0"
    assert plain.sensor("shortfall") == "8.0"
    await plain.set_number("max_power", 12)
    assert plain.sensor("planned_energy") == "24.0"
    assert plain.sensor("shortfall") == "0.0"


async def test_settings_survive_a_restart(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.set_number("energy", 10)
    await plain.set_number("max_power", 3.7)
    await plain.set_time("start", "21:00:00")
    await plain.set_time("end", "06:30:00")
    await plain.enable(False)
    asked = len(plain.asked())
    await plain.stop()
    await plain.start()
    assert plain.state("number", "energy") == "10.0"
    assert plain.state("number", "max_power") == "3.7"
    assert plain.state("time", "start") == "21:00:00"
    assert plain.state("time", "end") == "06:30:00"
    assert plain.state("switch", "enabled") == "off"
    assert len(plain.asked()) == asked


async def test_two_kinds_of_schedules_live_side_by_side(hass, plain) -> None:
    plain.add_amount()
    plain.add(name="Dryer")
    await plain.set_up(EVENING)
    dryer = plain.windows("schedule2")
    asked = len(plain.asked())
    await plain.set_number("energy", 8)
    assert len(plain.asked()) == asked + 1
    assert plain.windows("schedule2") == dryer
    await plain.set_duration(60, "schedule2")
    assert len(plain.asked()) == asked + 2
    assert plain.sensor("planned_energy") == "8.0"
    await plain.at(EDGES[0])
    assert plain.active()
    assert plain.active("schedule2")
    assert plain.sensor("power") == "8000"
