"""The action that plans energy for devices without planning anything for good."""

from datetime import datetime
from pathlib import Path
import re
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
import voluptuous as vol

from simulator import Dialect
from simulator.faults import Fault
from simulator.state import Location

from .home import HOUR, Home, hours, local, turned

EVENING = "2025-10-06T20:00:00"  # a Monday
NIGHT = {"start": "2025-10-06 22:00", "end": "2025-10-07 07:00"}
CAR = {"energy": 24, "power": 8}
MANUAL = Path(__file__).parents[1] / "docs/usage.md"
_YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")


@pytest.fixture
def trading(plain: Home) -> Home:
    """The plain home, which is paid 0.40 from 18 to 19 o'clock, 0.20 from 19 to 20, else 0.05."""
    dear = {18: 0.40, 19: 0.20}
    plain.world.export_prices = hours(
        [dear.get(hour % 24, 0.05) for hour in range(96)], local("2025-10-06T00:00")
    )
    return plain


async def plan(hass: HomeAssistant, **asked) -> dict[str, Any]:
    """Call the action."""
    return await hass.services.async_call(
        "flatpeak", "plan_energy", asked, blocking=True, return_response=True
    )


def question(home: Home) -> dict[str, Any]:
    """Return what was asked last."""
    return home.amount_calls()[-1].body


def runs(answer: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Return the windows of an answer or a device by the clock, with their power."""
    return [
        (window["start"][8:16], window["end"][8:16], round(window["power"], 3))
        for window in answer["windows"]
    ]


def energy(device: dict[str, Any]) -> float:
    """Add up what the windows of a device hold."""
    return sum(
        window["power"]
        * (datetime.fromisoformat(window["end"]) - datetime.fromisoformat(window["start"]))
        / HOUR
        for window in device["windows"]
    )


def together(answer: dict[str, Any], direction: str = "import") -> float:
    """Return the highest power that the devices of a direction have together."""
    windows = [
        (
            datetime.fromisoformat(window["start"]),
            datetime.fromisoformat(window["end"]),
            window["power"],
        )
        for device in answer["devices"]
        if device["direction"] == direction
        for window in device["windows"]
    ]
    return max(
        sum(power for start, end, power in windows if start <= at < end) for at, _, _ in windows
    )


# What is answered


async def test_an_energy_and_a_power_are_enough_to_ask(hass, plain) -> None:
    await plain.set_up(EVENING)
    answer = await plan(hass, energy=24, power=8)
    windows = [
        {
            "start": "2025-10-06T23:00:00+02:00",
            "end": "2025-10-07T00:00:00+02:00",
            "power": 8.0,
            "rate": 0.12,
            "confidence": 1.0,
        },
        {
            "start": "2025-10-07T02:00:00+02:00",
            "end": "2025-10-07T04:00:00+02:00",
            "power": 8.0,
            "rate": 0.12,
            "confidence": 1.0,
        },
    ]
    money = {
        # 8 kWh at 0.10, 0.12 and 0.14 each
        "cost": pytest.approx(2.88),
        # at once it would be 24 kWh at 0.30
        "savings": pytest.approx(4.32),
        "savings_percentage": 60.0,
    }
    assert answer == {
        "windows": windows,
        "devices": [
            {
                "name": "1",
                "direction": "import",
                "windows": windows,
                "energy": 24.0,
                "shortfall": 0.0,
                **money,
            }
        ],
        "energy": 24.0,
        "shortfall": 0.0,
        **money,
        "confidence": 1.0,
        "currency": "EUR",
    }
    (asked,) = question(plain)["data"]
    assert (asked["start_time"], asked["end_time"]) == (
        "2025-10-06T18:00:00Z",
        "2025-10-07T18:00:00Z",
    )
    assert asked["max_power"] == {"units": "W", "value": 8000}
    assert asked["energy"] == {"units": "WH", "value": 24000}


@pytest.mark.parametrize("dialect", [Dialect.ZERO, Dialect.ANODE, Dialect.ANODE_GUIDE])
async def test_every_dialect_is_spoken(hass, trading, dialect) -> None:
    trading.world.version = dialect
    await trading.set_up(EVENING)
    for _ in range(2):
        answer = await plan(
            hass, devices=[{**CAR, **NIGHT}, {"energy": 5, "power": 5, "direction": "export"}]
        )
        car, battery = answer["devices"]
        assert runs(car) == [("06T23:00", "07T00:00", 8.0), ("07T02:00", "07T04:00", 8.0)]
        assert runs(battery) == [("07T18:00", "07T19:00", 5.0)]


async def test_several_devices_are_planned_together_under_the_limit_of_the_home(
    hass, plain
) -> None:
    plain.options(max_import_power=11.0)
    await plain.set_up(EVENING)
    answer = await plan(
        hass,
        **NIGHT,
        devices=[
            {"name": "Car", "energy": 24, "power": 8},
            {"name": "Boiler", "energy": 6, "power": 6},
            {"energy": 1.5, "power": 2},
        ],
    )
    assert [one["name"] for one in answer["devices"]] == ["Car", "Boiler", "3"]
    assert [one["energy"] for one in answer["devices"]] == [24.0, 6.0, 1.5]
    assert [energy(one) for one in answer["devices"]] == pytest.approx([24, 6, 1.5], abs=0.01)
    assert together(answer) <= 11.0 + 1e-6
    assert "windows" not in answer
    # 31.5 kWh: 11 at 0.10, 11 at 0.12, 9.5 at 0.14
    assert answer["cost"] == pytest.approx(1.1 + 1.32 + 1.33, abs=0.001)
    assert answer["cost"] == pytest.approx(sum(one["cost"] for one in answer["devices"]))
    # at once: 3 hours of the car and one of each other, the second of them cheap
    baseline = 8 * (0.3 + 0.1 + 0.3) + 6 * 0.3 + 1.5 * 0.3
    assert answer["savings"] == pytest.approx(baseline - 3.75, abs=0.001)
    assert answer["savings_percentage"] == pytest.approx(100 * (1 - 3.75 / baseline), abs=0.02)
    assert (answer["energy"], answer["shortfall"]) == (31.5, 0.0)
    assert len(question(plain)["data"]) == 3
    assert question(plain)["max_power"] == {"units": "W", "value": 11000}


async def test_selling_is_planned_for_the_dearest_time_and_earns(hass, trading) -> None:
    await trading.set_up("2025-10-06T12:00:00")
    answer = await plan(hass, energy=6, power=4, direction="export", end="2025-10-06 22:00")
    assert runs(answer) == [("06T18:00", "06T19:30", 4.0)]
    (device,) = answer["devices"]
    for part in (answer, device):
        assert part["cost"] == pytest.approx(4 * 0.40 + 2 * 0.20)  # the income
        # at once it would be 6 kWh at 0.05
        assert part["savings"] == pytest.approx(2.0 - 0.3)
        assert part["savings_percentage"] == pytest.approx(566.67)
    assert device["direction"] == "export"


async def test_what_is_earned_is_taken_off_what_is_paid(hass, trading) -> None:
    await trading.set_up("2025-10-06T12:00:00")
    answer = await plan(
        hass,
        devices=[
            {"name": "Charge", "energy": 5, "power": 5, "end": "2025-10-07 07:00"},
            {"name": "Sell", "energy": 5, "power": 5, "direction": "Export"},
        ],
        end="2025-10-06 22:00",
    )
    charge, sell = answer["devices"]
    assert (charge["direction"], sell["direction"]) == ("import", "export")
    assert charge["cost"] == pytest.approx(0.5)
    assert sell["cost"] == pytest.approx(2.0)
    assert answer["cost"] == pytest.approx(-1.5)
    # at once: buy at 0.30, sell at 0.05
    assert answer["savings"] == pytest.approx(1.0 + 1.75)
    assert answer["savings_percentage"] == pytest.approx(100 * 2.75 / 1.25)


@pytest.mark.parametrize(
    ("rate", "cost"), [pytest.param(0.0, 0.0, id="zero"), pytest.param(-0.1, -0.8, id="negative")]
)
async def test_a_baseline_that_is_not_positive_has_no_percentage(hass, plain, rate, cost) -> None:
    plain.world.import_prices = hours([rate] * 96, local("2025-10-06T00:00"))
    await plain.set_up(EVENING)
    answer = await plan(hass, energy=8, power=8)
    assert answer["cost"] == pytest.approx(cost)
    assert answer["savings"] == pytest.approx(0)
    assert answer["savings_percentage"] is None
    assert answer["devices"][0]["savings_percentage"] is None


async def test_hours_of_the_call_are_those_of_the_devices_that_have_none(hass, plain) -> None:
    await plain.set_up(EVENING)
    await plan(
        hass,
        **NIGHT,
        devices=[
            CAR,
            {**CAR, "end": "2025-10-07 04:00"},
            {**CAR, "start": "2025-10-06T23:00:00+02:00"},
        ],
    )
    assert [(one["start_time"], one["end_time"]) for one in question(plain)["data"]] == [
        ("2025-10-06T20:00:00Z", "2025-10-07T05:00:00Z"),
        ("2025-10-06T20:00:00Z", "2025-10-07T02:00:00Z"),
        ("2025-10-06T21:00:00Z", "2025-10-07T05:00:00Z"),
    ]


async def test_times_without_a_zone_are_read_by_the_locations_clock(hass, plain) -> None:
    await plain.set_up(EVENING)
    await hass.config.async_set_time_zone("America/New_York")
    answer = await plan(hass, **CAR, **NIGHT)
    (asked,) = question(plain)["data"]
    assert (asked["start_time"], asked["end_time"]) == (
        "2025-10-06T20:00:00Z",
        "2025-10-07T05:00:00Z",
    )
    assert answer["windows"][0]["start"] == "2025-10-06T23:00:00+02:00"


async def test_what_is_over_is_not_planned(hass, plain) -> None:
    """A start in the past is now: else the cheap hour that is over would be missing."""
    await plain.set_up("2025-10-07T01:30:00")
    answer = await plan(hass, **CAR, **NIGHT)
    assert answer["shortfall"] == 0.0
    assert answer["cost"] == pytest.approx(8 * (0.12 + 0.14 + 0.30))
    # at once: half an hour before two o'clock, the two cheap hours and the rest
    assert answer["savings"] == pytest.approx(4 * 0.3 + 8 * 0.26 + 4 * 0.3 - 4.48, abs=0.001)
    assert all(start >= "07T01:30" for start, _, _ in runs(answer))
    (asked,) = question(plain)["data"]
    assert asked["start_time"] == "2025-10-06T23:30:00Z"


async def test_an_answer_that_takes_its_time_does_not_cut_the_plan(hass, plain) -> None:
    """What was asked from now on begins now, though the answer comes five seconds later."""
    plain.world.import_prices = hours([0.1] + [0.3] * 23, local(EVENING))
    await plain.set_up(EVENING)
    await plan(hass, energy=1, power=1)  # the account is known from here on
    answers = []

    async def ask() -> None:
        answers.append(await plan(hass, energy=50, power=50))

    with turned(plain.world, faults={Fault.SLOW}, slowness=5):
        await plain.patiently(ask())
    (answer,) = answers
    assert runs(answer) == [("06T20:00", "06T21:00", 50.0)]
    assert answer["shortfall"] == 0.0


@pytest.mark.parametrize("least", [3.0, 8.0])
async def test_less_than_the_least_power_is_never_planned(hass, plain, least) -> None:
    plain.options(max_import_power=8.0)
    await plain.set_up(EVENING)
    answer = await plan(
        hass,
        **NIGHT,
        devices=[{**CAR, "min_power": least}, {"energy": 9, "power": 3}],
    )
    car, _ = answer["devices"]
    assert min(window["power"] for window in car["windows"]) >= least
    assert together(answer) <= 8.0 + 1e-6
    assert car["energy"] + car["shortfall"] == pytest.approx(24.0)


async def test_what_cannot_be_placed_is_the_shortfall(hass, plain) -> None:
    plain.world.import_prices = hours([0.2, 0.1], local("2025-10-06T22:00"))
    await plain.set_up(EVENING)
    answer = await plan(
        hass, **NIGHT, devices=[CAR, {"energy": 5, "power": 5}, {"energy": 30, "power": 5}]
    )
    assert [(one["energy"], one["shortfall"]) for one in answer["devices"]] == [
        (16.0, 8.0),
        (5.0, 0.0),
        (10.0, 20.0),
    ]
    assert (answer["energy"], answer["shortfall"]) == (31.0, 28.0)


async def test_a_device_whose_prices_are_not_known_yet_gets_nothing(hass, plain) -> None:
    await plain.set_up(EVENING)
    later = {"start": "2025-10-08 22:00", "end": "2025-10-09 07:00"}
    answer = await plan(hass, devices=[{**CAR, **NIGHT}, {**CAR, **later}])
    car, other = answer["devices"]
    assert car["energy"] == other["shortfall"] == 24.0
    assert other["windows"] == []


@pytest.mark.parametrize("fault", [Fault.EMPTY_DATA, Fault.UNKNOWN_PRICE])
async def test_no_window_at_all_is_an_answer_too(hass, plain, fault) -> None:
    await plain.set_up(EVENING)
    with turned(plain.world, faults={fault}):
        answer = await plan(hass, **CAR)
    money = {"cost": 0, "savings": 0, "savings_percentage": None}
    device = {
        "name": "1",
        "direction": "import",
        "windows": [],
        "energy": 0.0,
        "shortfall": 24.0,
        **money,
    }
    assert answer == {
        "windows": [],
        "devices": [device],
        "energy": 0.0,
        "shortfall": 24.0,
        **money,
        "confidence": None,
        "currency": "EUR",
    }
    assert (await plan(hass, **CAR))["energy"] == 24.0


async def test_a_forecast_says_so(hass, plain) -> None:
    plain.world.import_prices = [
        type(slot)(slot.start, slot.end, slot.rate, 0.7) for slot in plain.world.import_prices
    ]
    await plain.set_up(EVENING)
    answer = await plan(hass, **CAR)
    assert answer["confidence"] == answer["windows"][0]["confidence"] == 0.7


# Limits


@pytest.mark.parametrize(
    ("options", "asked", "planned"),
    [
        pytest.param({}, {"cap": 0.13}, 16.0, id="a price limit of the call"),
        pytest.param({}, {"cap": "0.13"}, 16.0, id="as a text"),
        pytest.param({}, {"cap": 0}, 0.0, id="nothing that costs"),
        pytest.param({}, {"cap": -0.1}, 0.0, id="below zero"),
        pytest.param({"cap_absolute": 0.13}, {}, 16.0, id="one of the home"),
        pytest.param({"cap_absolute": 0.13}, {"cap": None}, 16.0, id="left empty"),
        pytest.param({"cap_absolute": 0.13}, {"cap": 0.11}, 8.0, id="the call's wins"),
        pytest.param({"cap_absolute": 0.11}, {"cap": 0.5}, 24.0, id="also where it is higher"),
        pytest.param({"cap_relative": 0.15}, {}, 16.0, id="a share of the range"),
        pytest.param({"cap_relative": 0.01}, {"cap": 0.5}, 24.0, id="a price beats it"),
        pytest.param({"floor": 0.5}, {}, 24.0, id="for selling only"),
    ],
)
async def test_nothing_is_bought_above_the_price_limit(hass, plain, options, asked, planned):
    plain.options(**options)
    await plain.set_up(EVENING)
    answer = await plan(hass, **CAR, **asked)
    assert answer["energy"] == planned
    assert answer["shortfall"] == 24.0 - planned


@pytest.mark.parametrize(
    ("options", "asked", "planned"),
    [
        ({}, {}, 10.0),
        ({}, {"cap": 0.2}, 8.0),
        ({}, {"cap": 0.3}, 4.0),
        ({"floor": 0.3}, {}, 4.0),
        ({"floor": 0.3}, {"cap": 0.1}, 8.0),
        ({"cap_absolute": 0.01}, {}, 10.0),
    ],
)
async def test_nothing_is_sold_below_the_price_limit(hass, trading, options, asked, planned):
    trading.options(**options)
    await trading.set_up("2025-10-06T12:00:00")
    answer = await plan(
        hass, energy=10, power=4, direction="export", end="2025-10-06 22:00", **asked
    )
    assert answer["energy"] == planned


async def test_each_direction_has_its_limit(hass, trading) -> None:
    trading.options(max_import_power=4.0, max_export_power=2.0)
    await trading.set_up("2025-10-06T12:00:00")
    answer = await plan(hass, devices=[CAR, {"energy": 4, "power": 4, "direction": "export"}])
    assert together(answer) == pytest.approx(4.0)
    assert together(answer, "export") == pytest.approx(2.0)
    assert answer["shortfall"] == 0.0


# What it leaves alone


async def test_no_schedule_is_disturbed(hass, plain, hass_storage) -> None:
    plain.options(max_import_power=8.0)
    plain.add_amount()
    plain.add(name="Dryer")
    await plain.set_up(EVENING)
    await plain.at("2025-10-06T23:00:00")
    before = {state.entity_id: state.state for state in hass.states.async_all()}
    assert plain.active()
    await plan(hass, **CAR, **NIGHT)
    await plain.settle()
    assert {state.entity_id: state.state for state in hass.states.async_all()} == before

    asked = len(plain.asked())
    await plain.live("2025-10-07T06:00:00", HOUR)
    assert len(plain.asked()) == asked
    start = local("2025-10-06T22:00")
    assert plain.energy(start, plain.now) == pytest.approx(24.0)


async def test_a_call_has_devices_of_its_own_which_are_used_again(hass, plain) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    (own,) = plain.world.devices
    await plan(hass, **CAR)
    await plan(hass, devices=[CAR, CAR])
    await plan(hass, devices=[CAR, CAR])
    await plain.stop()
    await plain.start()
    await plan(hass, devices=[CAR, CAR])
    assert len(plain.world.devices) == 3
    used = {one["device_id"] for one in question(plain)["data"]}
    assert used == {device.id for device in plain.world.devices} - {own.id}


@pytest.mark.parametrize("dialect", [Dialect.ZERO, Dialect.ANODE, Dialect.ANODE_GUIDE])
async def test_devices_that_somebody_deleted_are_made_again(hass, plain, dialect) -> None:
    plain.world.version = dialect
    await plain.set_up(EVENING)
    await plan(hass, devices=[CAR, CAR])
    plain.world.devices.clear()
    answer = await plan(hass, devices=[CAR, CAR])
    assert answer["energy"] == 48.0
    assert len(plain.world.devices) == 2


# Which home


async def second_home(home: Home) -> MockConfigEntry:
    """Set another location of the account up."""
    boat = Location(id="loc_boat", time_zone="Europe/London", currency="GBP")
    home.world.locations = [*home.world.locations, boat]
    entry = MockConfigEntry(
        domain="flatpeak",
        title="Boat",
        unique_id=boat.id,
        data={**home.entry.data, "location_id": boat.id},
        options={"max_import_power": 4.0},
    )
    entry.add_to_hass(home.hass)
    assert await home.hass.config_entries.async_setup(entry.entry_id)
    await home.settle()
    return entry


async def test_with_two_homes_it_has_to_be_said_which(hass, plain) -> None:
    await plain.set_up(EVENING)
    boat = await second_home(plain)
    with pytest.raises(ServiceValidationError):
        await plan(hass, **CAR)
    answer = await plan(hass, **CAR, config_entry_id=boat.entry_id)
    assert answer["currency"] == "GBP"
    assert answer["windows"][0]["start"].endswith("+01:00")
    assert together(answer) == 4.0
    answer = await plan(hass, **CAR, config_entry_id=plain.entry.entry_id)
    assert answer["currency"] == "EUR"
    assert together(answer) == 8.0


@pytest.mark.parametrize("loaded", [True, False], ids=["unknown", "not loaded"])
async def test_a_home_that_is_not_there_is_told_as_such(hass, plain, loaded) -> None:
    await plain.set_up(EVENING)
    entry_id = "nowhere" if loaded else plain.entry.entry_id
    if not loaded:
        await plain.stop()
    with pytest.raises(ServiceValidationError) as refused:
        await plan(hass, **CAR, config_entry_id=entry_id)
    assert refused.value.translation_key
    if not loaded:
        await plain.start()
    assert (await plan(hass, **CAR))["energy"] == 24.0


# What is wrong


@pytest.mark.parametrize(
    ("asked", "key", "text"),
    [
        *(
            pytest.param(
                asked,
                "no_demand",
                "Say how much energy is needed and at what power, or list the devices",
                id=name,
            )
            for name, asked in {
                "nothing": {},
                "an energy alone": {"energy": 24},
                "a power alone": {"power": 8},
                "no devices": {"devices": []},
                "both": {**CAR, "devices": [CAR]},
                "a list and an energy": {"energy": 24, "devices": [CAR]},
            }.items()
        ),
        *(
            pytest.param(
                {**CAR, **hours}, "end_before_start", "The end has to be after the start", id=name
            )
            for name, hours in {
                "no time between": {"start": "2025-10-07 02:00", "end": "2025-10-07 02:00"},
                "end before start": {"start": "2025-10-07 02:00", "end": "2025-10-07 01:00"},
                "end in the past": {"end": "2025-10-06 19:00"},
                "all in the past": {"start": "2025-10-06 17:00", "end": "2025-10-06 19:00"},
            }.items()
        ),
        *(
            pytest.param(
                {**CAR, **hours},
                "span_too_long",
                "Start and end may be three days apart at most",
                id=name,
            )
            for name, hours in {
                "three days": {"start": "2025-10-07 00:00", "end": "2025-10-10 00:01"},
                "the last day there is": {"start": "9999-12-31 23:59"},
            }.items()
        ),
        pytest.param(
            {"energy": 192.1, "power": 8},
            "energy_longer_than_span",
            "This is more energy than fits between start and end at this power",
            id="more than a day",
        ),
        pytest.param(
            {**NIGHT, "devices": [CAR, {"energy": 72.1, "power": 8}]},
            "energy_longer_than_span",
            "This is more energy than fits between start and end at this power",
            id="one of several",
        ),
        pytest.param(
            {**CAR, "min_power": 8.1},
            "least_above_most",
            "The least power is above the power",
            id="least above most",
        ),
    ],
)
async def test_what_cannot_be_asked_is_refused_in_words(hass, plain, asked, key, text) -> None:
    await plain.set_up(EVENING)
    calls = len(plain.world.calls)
    with pytest.raises(ServiceValidationError) as refused:
        await plan(hass, **asked)
    assert refused.value.translation_key == key
    assert str(refused.value) == text
    assert len(plain.world.calls) == calls
    assert await plan(hass, **CAR)


@pytest.mark.parametrize(
    "asked",
    [
        {"energy": "much"},
        {"energy": None},
        {"energy": 0},
        {"energy": -1},
        {"energy": 1000.1},
        {"energy": "nan"},
        {"energy": "inf"},
        {"power": 0},
        {"power": 100.1},
        {"power": "nan"},
        {"min_power": -0.1},
        {"min_power": "nan"},
        {"direction": "local"},
        {"direction": "sideways"},
        {"start": "tomorrow"},
        {"end": "25:00"},
        {"cap": "low"},
        {"cap": "nan"},
        {"cap": "inf"},
        {"until": "07:00"},
        {"devices": "car"},
        {"devices": [{"energy": 24}]},
        {"devices": [{"power": 8}]},
        {"devices": [{**CAR, "color": "red"}]},
        {"devices": [{**CAR, "energy": 0}]},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused(hass, plain, asked) -> None:
    await plain.set_up(EVENING)
    calls = len(plain.world.calls)
    with pytest.raises(vol.Invalid):
        await plan(hass, **({} if "devices" in asked else CAR) | asked)
    assert len(plain.world.calls) == calls
    assert await plan(hass, **CAR)


async def test_what_the_call_says_once_counts_for_every_device_that_says_nothing(
    hass, trading
) -> None:
    """Devices that were meant to sell must not be planned as if they bought."""
    await trading.set_up(EVENING)
    answer = await plan(hass, devices=[CAR, {**CAR, "direction": "import"}], direction="export")
    assert [one["direction"] for one in answer["devices"]] == ["export", "import"]
    with pytest.raises(ServiceValidationError) as refused:
        await plan(hass, devices=[CAR], min_power=8.1)
    assert refused.value.translation_key == "least_above_most"
    assert await plan(hass, devices=[{**CAR, "min_power": 1.4}], min_power=8.1)


async def test_one_device_need_not_stand_in_a_list(hass, plain) -> None:
    await plain.set_up(EVENING)
    answer = await plan(hass, devices={"name": "Car", **CAR})
    assert [one["name"] for one in answer["devices"]] == ["Car"]
    assert answer["windows"] == answer["devices"][0]["windows"]


async def test_it_answers_only_who_wants_an_answer(hass, plain) -> None:
    await plain.set_up(EVENING)
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call("flatpeak", "plan_energy", CAR, blocking=True)


@pytest.mark.parametrize("known", [False, True], ids=["at first", "later"])
@pytest.mark.parametrize(
    ("trouble", "key"),
    [
        pytest.param({"faults": {Fault.UNAVAILABLE}}, "cannot_connect", id="under repair"),
        pytest.param({"faults": {Fault.CUT_OFF}}, "cannot_connect", id="cut off"),
        pytest.param({"faults": {Fault.TOO_MANY_REQUESTS}}, "rate_limit", id="too many requests"),
        pytest.param({"faults": {Fault.NOT_JSON}}, "bad_answer", id="not JSON"),
        pytest.param({"faults": {Fault.VERSION_REFUSED}}, "version", id="version refused"),
        pytest.param({"account_disabled": True}, "account_disabled", id="account disabled"),
        pytest.param({"no_tariff": {"import"}}, "no_tariff", id="no tariff"),
        pytest.param({"pending": True}, "not_yet", id="not connected yet"),
        pytest.param({"import_prices": ()}, "not_yet", id="no prices yet"),
        pytest.param({"locations": ()}, "not_found", id="location deleted"),
    ],
)
async def test_what_flatpeak_cannot_answer_is_an_error_in_words(
    hass, plain, trouble, key, known
) -> None:
    await plain.set_up(EVENING)
    if known:
        await plan(hass, **CAR)
    with turned(plain.world, **trouble), pytest.raises(HomeAssistantError) as failed:
        await plan(hass, **CAR)
    assert not isinstance(failed.value, ServiceValidationError)
    assert failed.value.translation_key == key
    assert (await plan(hass, **CAR))["energy"] == 24.0


async def test_asking_for_a_price_that_no_schedule_uses_is_no_repair(hass, trading) -> None:
    trading.add_amount()
    await trading.set_up(EVENING)
    with (
        turned(trading.world, no_tariff={"export"}),
        pytest.raises(HomeAssistantError, match="No tariff is connected"),
    ):
        await plan(hass, **CAR, direction="export")
    assert not [one for one in ir.async_get(hass).issues.values() if one.domain == "flatpeak"]


async def test_nobody_asks_before_the_time_that_flatpeak_named_is_over(hass, plain) -> None:
    await plain.set_up(EVENING)
    with turned(plain.world, faults={Fault.RETRY_AFTER}), pytest.raises(HomeAssistantError):
        await plan(hass, **CAR)
    calls = len(plain.world.calls)
    await plain.at("2025-10-06T20:01:59")
    with pytest.raises(HomeAssistantError) as failed:
        await plan(hass, **CAR)
    assert failed.value.translation_key == "rate_limit"
    assert len(plain.world.calls) == calls
    await plain.at("2025-10-06T20:02:00")
    assert (await plan(hass, **CAR))["energy"] == 24.0


async def test_refused_credentials_are_asked_for_anew(hass, plain) -> None:
    await plain.set_up(EVENING)
    with turned(plain.world, faults={Fault.REFUSE}), pytest.raises(HomeAssistantError) as failed:
        await plan(hass, **CAR)
    await plain.settle()
    assert failed.value.translation_key == "invalid_auth"
    (flow,) = plain.entry.async_get_active_flows(hass, {SOURCE_REAUTH})
    assert flow["step_id"] == "reauth_confirm"
    assert await plan(hass, **CAR)
    assert not list(plain.entry.async_get_active_flows(hass, {SOURCE_REAUTH}))


# As people use it


async def test_a_script_plans_and_goes_on_with_the_plan(hass, plain) -> None:
    await plain.set_up(EVENING)
    sequence = [
        {
            "action": "flatpeak.plan_energy",
            "data": {
                "end": "{{ (now() + timedelta(hours=11)).isoformat() }}",
                "devices": [
                    {"name": "Car", "energy": "{{ kwh }}", "power": 8},
                    {"name": "Boiler", "energy": 4, "power": 2},
                ],
            },
            "response_variable": "plan",
        },
        {
            "event": "planned",
            "event_data": {
                "first": "{{ plan.devices[0].windows[0].start | as_datetime | as_timestamp }}",
                "power": "{{ plan.devices[0].windows[0].power }}",
                "cost": "{{ plan.cost | round(2) }} {{ plan.currency }}",
            },
        },
    ]
    assert await async_setup_component(hass, "script", {"script": {"car": {"sequence": sequence}}})
    events = async_capture_events(hass, "planned")
    await hass.services.async_call("script", "car", {"kwh": 16}, blocking=True)
    await plain.settle()
    (event,) = events
    assert event.data == {
        "first": local("2025-10-06T23:00").timestamp(),
        "power": 8.0,
        # the car at 0.10 and 0.12, the boiler at 0.10 and 0.12 as well
        "cost": f"{round(16 * 0.11 + 4 * 0.11, 2)} EUR",
    }


async def test_the_example_of_the_manual_works(hass, plain) -> None:
    """As it stands there."""
    (example,) = (
        block for block in _YAML.findall(MANUAL.read_text("utf-8")) if "plan_energy" in block
    )
    sequence = [*parse_yaml(example)["actions"], {"stop": "done", "response_variable": "plan"}]
    await plain.set_up(EVENING)
    assert await async_setup_component(hass, "script", {"script": {"car": {"sequence": sequence}}})
    answer = await hass.services.async_call(
        "script", "car", {}, blocking=True, return_response=True
    )
    assert answer["shortfall"] == 0.0
    last = max(window["end"] for one in answer["devices"] for window in one["windows"])
    assert datetime.fromisoformat(last) <= local("2025-10-07T07:30")
