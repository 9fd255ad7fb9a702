"""The action that finds windows without planning anything."""

from datetime import datetime, timedelta
import math
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
import voluptuous as vol

from simulator.faults import Fault
from simulator.state import Location

from .home import Home, hours, local, turned

EVENING = "2025-10-06T20:00:00"  # a Monday
TOO_MUCH = 60 * 24 + 1

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")


async def find(hass: HomeAssistant, **asked) -> dict[str, Any]:
    """Call the action."""
    return await hass.services.async_call(
        "flatpeak", "find_windows", asked, blocking=True, return_response=True
    )


def length(answer) -> timedelta:
    """Add up the windows of an answer."""
    return sum(
        (
            datetime.fromisoformat(window["end"]) - datetime.fromisoformat(window["start"])
            for window in answer["windows"]
        ),
        timedelta(0),
    )


def question(home: Home) -> dict[str, Any]:
    """Return what was asked last."""
    return home.schedule_calls()[-1].body


async def second_home(home: Home) -> MockConfigEntry:
    """Set another location of the account up."""
    boat = Location(id="loc_boat", time_zone="Europe/London", currency="GBP")
    home.world.locations = [*home.world.locations, boat]
    entry = MockConfigEntry(
        domain="flatpeak",
        title="Boat",
        unique_id=boat.id,
        data={**home.entry.data, "location_id": boat.id},
    )
    entry.add_to_hass(home.hass)
    assert await home.hass.config_entries.async_setup(entry.entry_id)
    await home.settle()
    return entry


# What is answered


async def test_a_duration_is_enough_to_ask(hass, plain) -> None:
    await plain.set_up(EVENING)
    answer = await find(hass, duration={"hours": 3})
    assert answer == {
        "windows": [
            {
                "start": "2025-10-06T23:00:00+02:00",
                "end": "2025-10-07T00:00:00+02:00",
                "rate": 0.1,
                "confidence": 1.0,
            },
            {
                "start": "2025-10-07T02:00:00+02:00",
                "end": "2025-10-07T04:00:00+02:00",
                "rate": 0.13,
                "confidence": 1.0,
            },
        ],
        "average_rate": pytest.approx(0.12),
        "currency": "EUR",
        "confidence": 1.0,
        "shortfall": 0.0,
        "next_update": "2025-10-07T13:00:00+02:00",
    }
    asked = question(plain)
    assert (asked["start_time"], asked["end_time"]) == (
        "2025-10-06T18:00:00Z",
        "2025-10-07T18:00:00Z",
    )
    assert (asked["segment"], asked["direction"]) == ("LOW", "IMPORT")


@pytest.mark.parametrize(
    ("segment", "direction", "start", "rate"),
    [
        ("low", "import", "2025-10-06T23:00:00+02:00", 0.10),
        ("high", "import", "2025-10-06T20:00:00+02:00", 0.30),
        ("low", "export", "2025-10-07T01:00:00+02:00", 0.01),
        ("high", "export", "2025-10-07T18:00:00+02:00", 0.40),
        ("low", "local", "2025-10-07T12:00:00+02:00", 0.00),
        ("HIGH", "Export", "2025-10-07T18:00:00+02:00", 0.40),
    ],
)
async def test_either_end_of_each_price_can_be_found(
    hass, plain, segment, direction, start, rate
) -> None:
    midnight = local("2025-10-06T00:00")
    special = {25: 0.01, 42: 0.40}
    plain.world.export_prices = hours([special.get(hour, 0.05) for hour in range(96)], midnight)
    plain.world.local_prices = hours([0.0 if hour == 36 else 0.02 for hour in range(96)], midnight)
    await plain.set_up(EVENING)
    answer = await find(hass, duration={"hours": 1}, segment=segment, direction=direction)
    (window,) = answer["windows"]
    assert (window["start"], window["rate"]) == (start, rate)


@pytest.mark.parametrize(
    "duration",
    [
        {"hours": 1, "minutes": 30},
        {"minutes": 90},
        {"hours": 1, "minutes": 30, "seconds": 0},
        "01:30",
        "1:30",
        "01:30:00",
        90,
        90.0,
        "90",
    ],
    ids=str,
)
async def test_a_duration_can_be_said_in_many_ways(hass, plain, duration) -> None:
    await plain.set_up(EVENING)
    assert length(await find(hass, duration=duration)) == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param("2025-10-07 00:30:00", "2025-10-07 03:00:00", id="by the location's clock"),
        pytest.param("2025-10-06T22:30:00Z", "2025-10-07T01:00:00+00:00", id="with an offset"),
        pytest.param("2025-10-06 18:30:00-04:00", "2025-10-07 03:00", id="one and one"),
    ],
)
async def test_times_without_a_zone_are_read_by_the_locations_clock(
    hass, plain, start, end
) -> None:
    await plain.set_up(EVENING)
    await hass.config.async_set_time_zone("America/New_York")
    answer = await find(hass, duration=60, start=start, end=end)
    asked = question(plain)
    assert (asked["start_time"], asked["end_time"]) == (
        "2025-10-06T22:30:00Z",
        "2025-10-07T01:00:00Z",
    )
    assert [window["start"] for window in answer["windows"]] == ["2025-10-07T02:00:00+02:00"]


async def test_what_cannot_be_placed_is_the_shortfall(hass, plain) -> None:
    plain.world.import_prices = hours([0.2, 0.1], local("2025-10-06T22:00"))
    await plain.set_up(EVENING)
    answer = await find(hass, duration="02:45")
    assert answer["shortfall"] == 45.0
    assert length(answer) == timedelta(hours=2)


async def test_no_window_at_all_is_an_answer_too(hass, plain) -> None:
    await plain.set_up(EVENING)
    with turned(plain.world, faults={Fault.EMPTY_DATA, Fault.NEXT_UPDATE_MISSING}):
        answer = await find(hass, duration=60)
    assert answer == {
        "windows": [],
        "average_rate": None,
        "currency": "EUR",
        "confidence": None,
        "shortfall": 60.0,
        "next_update": None,
    }


async def test_a_forecast_says_so(hass, plain) -> None:
    plain.world.import_prices = [
        type(slot)(slot.start, slot.end, slot.rate, 0.7) for slot in plain.world.import_prices
    ]
    await plain.set_up(EVENING)
    answer = await find(hass, duration=60)
    assert answer["confidence"] == answer["windows"][0]["confidence"] == 0.7


async def test_finding_windows_plans_nothing(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    before = {state.entity_id: state.state for state in hass.states.async_all()}
    await find(hass, duration=60, segment="high")
    await plain.settle()
    assert {state.entity_id: state.state for state in hass.states.async_all()} == before


# What a machine needs


@pytest.mark.parametrize(
    ("asked", "windows", "shortfall"),
    [
        pytest.param({"in_one_piece": True}, ["01-04"], 0, id="in one piece"),
        pytest.param({"run_through": True}, ["01-04"], 0, id="run through"),
        pytest.param({"most_starts": 1}, ["01-04"], 0, id="one start"),
        pytest.param({"most_starts": 2}, ["23-00", "02-04"], 0, id="two starts"),
        pytest.param({"shortest_run": 180}, ["01-04"], 0, id="long runs"),
        pytest.param({"shortest_run": 1000}, ["01-04"], 0, id="longer than the duration"),
        pytest.param({"shortest_pause": 180}, ["22-00", "03-04"], 0, id="long pauses"),
        pytest.param({"never_above": 0.12}, ["23-00", "02-03"], 60, id="never above"),
        pytest.param({"never_above": 0.05}, [], 180, id="never above what there is"),
        pytest.param(
            {"always_below": 0.14, "duration": 60}, ["23-00", "02-04"], 0, id="also below"
        ),
        pytest.param(
            {"always_below": 0.14, "never_above": 0.1, "duration": 60},
            ["23-00"],
            0,
            id="never wins",
        ),
        pytest.param(
            {
                "prefer": "late",
                "duration": 60,
                "start": "2025-10-07 05:00",
                "end": "2025-10-07 10:00",
            },
            ["09-10"],
            0,
            id="late",
        ),
        pytest.param(
            {
                "segment": "high",
                "in_one_piece": True,
                "start": "2025-10-07 02:00",
                "end": "2025-10-07 06:00",
            },
            ["03-06"],
            0,
            id="the dearest in one piece",
        ),
        pytest.param(
            {
                "segment": "high",
                "never_above": 0.13,
                "start": "2025-10-07 02:00",
                "end": "2025-10-07 05:00",
            },
            ["03-05"],
            60,
            id="the dearest, never below",
        ),
    ],
)
async def test_what_a_machine_needs_can_be_asked_for(
    hass, house, plain, asked, windows, shortfall
) -> None:
    """Planned locally on the prices that are known: Flatpeak cannot be asked for it."""
    house.world.import_prices = plain.world.import_prices
    await house.set_up(EVENING)
    answer = await find(hass, **{"duration": 180} | asked)
    found = [f"{window['start'][11:13]}-{window['end'][11:13]}" for window in answer["windows"]]
    assert found == windows
    assert answer["shortfall"] == shortfall
    assert answer["currency"] == "EUR"
    assert plain.asked() == []


async def test_without_prices_a_machine_is_told_so(hass, plain) -> None:
    plain.world.import_prices = ()
    await plain.set_up(EVENING)
    with pytest.raises(HomeAssistantError) as failed:
        await find(hass, duration=60, in_one_piece=True)
    assert not isinstance(failed.value, ServiceValidationError)
    assert failed.value.translation_key in ("no_prices", "not_yet")


# Which home


async def test_with_two_homes_it_has_to_be_said_which(hass, plain) -> None:
    await plain.set_up(EVENING)
    boat = await second_home(plain)
    with pytest.raises(ServiceValidationError):
        await find(hass, duration=60)

    answer = await find(hass, duration=60, config_entry_id=boat.entry_id)
    assert answer["currency"] == "GBP"
    assert answer["windows"][0]["start"] == "2025-10-06T22:00:00+01:00"
    answer = await find(hass, duration=60, config_entry_id=plain.entry.entry_id)
    assert answer["currency"] == "EUR"
    assert answer["windows"][0]["start"] == "2025-10-06T23:00:00+02:00"


@pytest.mark.parametrize("loaded", [True, False], ids=["unknown", "not loaded"])
async def test_a_home_that_is_not_there_is_told_as_such(hass, plain, loaded) -> None:
    await plain.set_up(EVENING)
    entry_id = "nowhere" if loaded else plain.entry.entry_id
    if not loaded:
        await plain.stop()
    with pytest.raises(ServiceValidationError) as refused:
        await find(hass, duration=60, config_entry_id=entry_id)
    assert refused.value.translation_key
    if not loaded:
        await plain.start()
    assert await find(hass, duration=60)


# What is wrong


@pytest.mark.parametrize(
    ("asked", "key", "text"),
    [
        pytest.param(
            {"start": "2025-10-07 02:00", "end": "2025-10-07 02:00"},
            "end_before_start",
            "The end has to be after the start",
            id="no time between",
        ),
        pytest.param(
            {"start": "2025-10-07 02:00", "end": "2025-10-07 01:00"},
            "end_before_start",
            "The end has to be after the start",
            id="end before start",
        ),
        pytest.param(
            {"end": "2025-10-06 19:00"},
            "end_before_start",
            "The end has to be after the start",
            id="end in the past",
        ),
        pytest.param(
            {"start": "2025-10-07 00:00", "end": "2025-10-10 00:01"},
            "span_too_long",
            "Start and end may be three days apart at most",
            id="more than three days",
        ),
        pytest.param(
            {"start": "0001-01-01 00:00"},
            "span_too_long",
            "Start and end may be three days apart at most",
            id="the first day there is",
        ),
        pytest.param(
            {"duration": 0}, "no_duration", "The duration has to be longer than zero", id="zero"
        ),
        pytest.param(
            {"duration": {"minutes": 0}},
            "no_duration",
            "The duration has to be longer than zero",
            id="zero minutes",
        ),
        pytest.param(
            {"duration": -5},
            "no_duration",
            "The duration has to be longer than zero",
            id="negative",
        ),
        pytest.param(
            {"duration": TOO_MUCH},
            "duration_longer_than_span",
            "The duration is longer than the time between start and end",
            id="more than a day in a day",
        ),
    ],
)
async def test_what_cannot_be_asked_is_refused_in_words(hass, plain, asked, key, text) -> None:
    await plain.set_up(EVENING)
    with pytest.raises(ServiceValidationError) as refused:
        await find(hass, **{"duration": 60} | asked)
    assert refused.value.translation_key == key
    assert str(refused.value) == text
    assert plain.asked() == []
    assert await find(hass, duration=60)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"duration": "soon"},
        {"duration": None},
        {"duration": []},
        {"duration": "nan"},
        {"duration": "inf"},
        {"duration": 1e300},
        {"duration": 60, "segment": "middle"},
        {"duration": 60, "direction": "sideways"},
        {"duration": 60, "start": "tomorrow"},
        {"duration": 60, "end": "25:00"},
        {"duration": 60, "until": "07:00"},
        {"duration": 60, "shortest_run": "nan"},
        {"duration": 60, "shortest_run": -1},
        {"duration": 60, "shortest_run": math.inf},
        {"duration": 60, "shortest_pause": math.nan},
        {"duration": 60, "shortest_pause": 1e9},
        {"duration": 60, "most_starts": 0},
        {"duration": 60, "most_starts": -1},
        {"duration": 60, "most_starts": math.inf},
        {"duration": 60, "most_starts": math.nan},
        {"duration": 60, "never_above": math.nan},
        {"duration": 60, "never_above": -math.inf},
        {"duration": 60, "never_above": "cheap"},
        {"duration": 60, "always_below": math.inf},
        {"duration": 60, "always_below": 1e6},
        {"duration": 60, "prefer": "never"},
        {"duration": 60, "in_one_piece": "maybe"},
        {"duration": 60, "machine": {"in_one_piece": True}},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused(hass, plain, asked) -> None:
    await plain.set_up(EVENING)
    with pytest.raises(vol.Invalid):
        await find(hass, **asked)
    assert plain.asked() == []
    assert await find(hass, duration=60)


async def test_it_answers_only_who_wants_an_answer(hass, plain) -> None:
    await plain.set_up(EVENING)
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call("flatpeak", "find_windows", {"duration": 60}, blocking=True)


@pytest.mark.parametrize(
    ("trouble", "key"),
    [
        pytest.param({"faults": {Fault.UNAVAILABLE}}, "cannot_connect", id="under repair"),
        pytest.param({"faults": {Fault.CUT_OFF}}, "cannot_connect", id="cut off"),
        pytest.param({"faults": {Fault.TOO_MANY_REQUESTS}}, "rate_limit", id="too many requests"),
        pytest.param({"faults": {Fault.NOT_JSON}}, "bad_answer", id="not JSON"),
        pytest.param({"faults": {Fault.MISSING_FIELD}}, "bad_answer", id="a field is missing"),
        pytest.param({"faults": {Fault.OVERLAPPING}}, "bad_answer", id="overlapping"),
        pytest.param({"faults": {Fault.VERSION_REFUSED}}, "version", id="version refused"),
        pytest.param({"account_disabled": True}, "account_disabled", id="account disabled"),
        pytest.param({"no_tariff": {"import"}}, "no_tariff", id="no tariff"),
        pytest.param({"pending": True}, "not_yet", id="not connected yet"),
        pytest.param({"import_prices": ()}, "not_yet", id="no prices yet"),
        pytest.param({"locations": ()}, "not_found", id="location deleted"),
    ],
)
async def test_what_flatpeak_cannot_answer_is_an_error_in_words(hass, plain, trouble, key) -> None:
    await plain.set_up(EVENING)
    with turned(plain.world, **trouble), pytest.raises(HomeAssistantError) as failed:
        await find(hass, duration=60)
    assert not isinstance(failed.value, ServiceValidationError)
    assert failed.value.translation_key == key
    assert length(await find(hass, duration=60)) == timedelta(hours=1)


async def test_nobody_asks_before_the_time_that_flatpeak_named_is_over(hass, plain) -> None:
    await plain.set_up(EVENING)
    with turned(plain.world, faults={Fault.RETRY_AFTER}), pytest.raises(HomeAssistantError):
        await find(hass, duration=60)
    asked = len(plain.asked())
    await plain.at("2025-10-06T20:01:59")
    with pytest.raises(HomeAssistantError) as failed:
        await find(hass, duration=60)
    assert failed.value.translation_key == "rate_limit"
    assert len(plain.asked()) == asked
    await plain.at("2025-10-06T20:02:00")
    assert length(await find(hass, duration=60)) == timedelta(hours=1)


async def test_refused_credentials_are_asked_for_anew(hass, plain) -> None:
    await plain.set_up(EVENING)
    with turned(plain.world, faults={Fault.REFUSE}), pytest.raises(HomeAssistantError) as failed:
        await find(hass, duration=60)
    await plain.settle()
    assert failed.value.translation_key == "invalid_auth"
    (flow,) = plain.entry.async_get_active_flows(hass, {SOURCE_REAUTH})
    assert flow["step_id"] == "reauth_confirm"

    # the key was good after all, so the question is taken back
    assert await find(hass, duration=60)
    assert not list(plain.entry.async_get_active_flows(hass, {SOURCE_REAUTH}))


# As people use it


async def test_a_script_finds_windows_and_goes_on_with_them(hass, plain) -> None:
    await plain.set_up(EVENING)
    sequence = [
        {
            "action": "flatpeak.find_windows",
            "data": {
                "duration": "{{ minutes }}",
                "end": "{{ (now() + timedelta(hours=11)).isoformat() }}",
            },
            "response_variable": "found",
        },
        {
            "event": "found",
            "event_data": {
                "first": "{{ found.windows[0].start | as_datetime | as_timestamp }}",
                "minutes": "{{ (as_datetime(found.windows[0].end) - "
                "as_datetime(found.windows[0].start)).total_seconds() / 60 }}",
                "price": "{{ found.average_rate | round(3) }} {{ found.currency }}",
            },
        },
    ]
    assert await async_setup_component(hass, "script", {"script": {"wash": {"sequence": sequence}}})
    events = async_capture_events(hass, "found")
    await hass.services.async_call("script", "wash", {"minutes": 30}, blocking=True)
    await plain.settle()
    (event,) = events
    assert event.data == {
        "first": local("2025-10-06T23:00").timestamp(),
        "minutes": 30.0,
        "price": "0.1 EUR",
    }
