"""Sources that list their prices in attributes: found and read, each in its own shape."""

from dataclasses import replace
from datetime import UTC, date, datetime

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CoreState
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.flatpeak.model import DAY, HOUR, Direction, Span
from custom_components.flatpeak.prices import SOURCES, Choice, PriceSourceError, Reading

from .listed import LISTED, Listed, price, put, starts

PLAIN, SPRING, AUTUMN = date(2026, 1, 14), date(2026, 3, 29), date(2026, 10, 25)
ANY_TIME = Span(datetime(2026, 1, 14, tzinfo=UTC), datetime(2026, 1, 15, tzinfo=UTC))


async def found(hass) -> list[Choice]:
    return [choice for source in SOURCES.values() for choice in await source.find(hass)]


async def read(hass, choice: Choice) -> Reading:
    return await SOURCES[choice.source].read(hass, choice.data, ANY_TIME)


async def problem(hass, choice: Choice) -> str:
    with pytest.raises(PriceSourceError) as raised:
        await read(hass, choice)
    return raised.value.key


@pytest.fixture(params=LISTED)
async def listed(request, hass) -> Listed:
    """Each kind of integration in turn, in a home where it is used."""
    kind = LISTED[request.param]
    await hass.config.async_set_time_zone(kind.zone.key)
    return kind


@pytest.mark.parametrize("text", [False, True], ids=["objects", "json"])
@pytest.mark.parametrize("tomorrow", [True, False], ids=["two_days", "one_day"])
@pytest.mark.parametrize("day", [PLAIN, SPRING, AUTUMN, SPRING - DAY, AUTUMN - DAY], ids=str)
async def test_found_and_read(hass, listed: Listed, day, tomorrow, text) -> None:
    """Each price at its place, on the days on which the clocks are turned too."""
    listed.put(hass, day, tomorrow=tomorrow, text=text)

    (choice,) = await found(hass)
    assert (choice.source, choice.direction) == (listed.source, Direction.IMPORT)
    assert choice.data["entity_id"] == listed.entity_id
    assert hass.states.get(listed.entity_id).name in choice.title

    reading = await read(hass, choice)
    expected = listed.slots([day, day + DAY] if tomorrow else [day])
    if listed.source == "ge_spot" and AUTUMN in (day, day + DAY * tomorrow):
        # the hour that comes twice is known once, at the price of the second: the source's doing
        again = [slot for slot in expected if lost(slot.start)]
        assert len(again) == 4
        expected = tuple(
            replace(slot, rate=price(slot.start + HOUR)) if lost(slot.start + HOUR) else slot
            for slot in expected
            if slot not in again
        )
    assert reading == Reading(expected, listed.currency, listed.unit)


def lost(moment: datetime) -> bool:
    """Tell whether a moment lies in the hour that comes twice, the second time."""
    return datetime(2026, 10, 25, 1, tzinfo=UTC) <= moment < datetime(2026, 10, 25, 2, tzinfo=UTC)


async def test_what_is_watched(hass, listed: Listed) -> None:
    """All entities that have a part of the prices, the chosen one first."""
    listed.put(hass, PLAIN)
    (choice,) = await found(hass)
    watched = SOURCES[choice.source].watched(choice.data)
    assert watched[0] == listed.entity_id
    shown = listed.show(starts(PLAIN, listed.minutes, listed.zone), [])
    assert set(watched) <= set(shown)
    if listed.source in {"octopus_energy", "stromligning"}:
        assert set(watched) == set(shown)


async def test_what_goes_wrong_and_right_again(hass, listed: Listed) -> None:
    """Each trouble has its name, and is over when the entity is as it was."""
    listed.put(hass, PLAIN)
    (choice,) = await found(hass)
    good = await read(hass, choice)
    for other in SOURCES[choice.source].watched(choice.data)[1:]:
        hass.states.async_remove(other)

    hass.states.async_set(listed.entity_id, STATE_UNAVAILABLE, {"restored": True})
    assert await problem(hass, choice) == "source_not_ready"
    hass.states.async_set(listed.entity_id, STATE_UNKNOWN)
    assert await problem(hass, choice) == "source_not_ready"
    hass.states.async_set(listed.entity_id, "0.25", {"unit_of_measurement": "EUR/kWh"})
    assert await problem(hass, choice) == "source_unreadable"
    assert choice not in await found(hass)

    shape = SOURCES[listed.source].shapes[0]
    for value in ("soon", 7, [1, 2], [{"x": 1}]):
        hass.states.async_set(listed.entity_id, "0.25", dict.fromkeys(shape.attributes, value))
        assert await problem(hass, choice) == "source_unreadable"
    for value in (None, [], {}):
        hass.states.async_set(listed.entity_id, "0.25", dict.fromkeys(shape.attributes, value))
        assert await problem(hass, choice) == "source_not_ready"

    hass.states.async_remove(listed.entity_id)
    if listed.platform:
        # the registry knows it: it will be there once its integration is
        assert await problem(hass, choice) == "source_not_ready"
        er.async_get(hass).async_remove(listed.entity_id)
    assert await problem(hass, choice) == "source_gone"
    hass.set_state(CoreState.starting)
    assert await problem(hass, choice) == "source_not_ready"
    hass.set_state(CoreState.running)

    listed.put(hass, PLAIN)
    assert await read(hass, choice) == good


async def test_a_disabled_entity_is_gone(hass) -> None:
    kind = LISTED["nordpool"]
    kind.put(hass, PLAIN)
    (choice,) = await found(hass)
    er.async_get(hass).async_update_entity(
        kind.entity_id, disabled_by=er.RegistryEntryDisabler.USER
    )
    hass.states.async_remove(kind.entity_id)
    assert await problem(hass, choice) == "source_gone"


async def test_times_that_cannot_be_read(hass, listed: Listed) -> None:
    """Items with the right keys and nothing to make a price of."""
    listed.put(hass, PLAIN)
    (choice,) = await found(hass)
    shape = SOURCES[listed.source].shapes[0]
    for start, value, expected in (
        ("noon", 1.0, "source_unreadable"),
        ("2026-01-14T00:00:00+01:00", "much", "source_unreadable"),
        ("2026-01-14T00:00:00+01:00", None, "source_not_ready"),
    ):
        items = [{shape.start: start, shape.price: value}] if shape.start else {start: value}
        hass.states.async_set(
            listed.entity_id, "0.25", {shape.attributes[0]: items}, force_update=True
        )
        for other in SOURCES[listed.source].watched(choice.data)[1:]:
            hass.states.async_remove(other)
        assert await problem(hass, choice) == expected


async def test_nothing_in_a_home_without_prices(hass) -> None:
    """Entities that look a little like prices are none."""
    for number, attributes in enumerate(
        (
            {},
            {"data": [1, 2, 3]},
            {"data": [{"start_time": "2026-01-14T00:00:00+01:00", "rank": 3}]},
            {"forecast": [{"datetime": "2026-01-14T00:00:00Z", "temperature": 3}]},
            {"prices": [{"time": "2026-01-14T00:00:00Z", "price": 1.8}],
             "unit_of_measurement": "€/L"},
            {"raw_today": [], "raw_tomorrow": []},
            {"raw_today": None},
            {"raw_today": "unknown"},
            {"today": [0.1] * 24},
        )
    ):  # fmt: skip
        put(hass, f"sensor.other_{number}", attributes)
    assert await found(hass) == []


async def test_all_kinds_at_once(hass) -> None:
    """Each entity is offered by its own source, and by no other."""
    await hass.config.async_set_time_zone("Europe/Brussels")
    kinds = {kind.entity_id: kind for kind in LISTED.values()}
    for kind in kinds.values():
        kind.put(hass, PLAIN)
    choices = await found(hass)
    assert {choice.data["entity_id"]: choice.source for choice in choices} == {
        entity_id: kind.source for entity_id, kind in kinds.items()
    }
    assert len(choices) == len(kinds)


# Nordpool, and what looks like it


async def test_a_template_that_looks_like_nordpool(hass) -> None:
    """Whether it is in the registry as a template, or not at all."""
    kind = LISTED["nordpool"]
    for entity_id, platform in (("sensor.mine", None), ("sensor.yours", "template")):
        (attributes,) = kind.show(starts(PLAIN, 15, kind.zone), []).values()
        put(hass, entity_id, attributes | {"friendly_name": entity_id,
            "raw_tomorrow": [{"start": entity_id, "value": 1}]}, platform=platform)  # fmt: skip
    assert [choice.title for choice in await found(hass)] == [
        "Nordpool: sensor.mine",
        "Nordpool: sensor.yours",
    ]


async def test_an_integration_with_a_source_of_its_own_is_not_nordpool(hass) -> None:
    (attributes,) = LISTED["nordpool"].show(starts(PLAIN, 15, LISTED["nordpool"].zone), []).values()
    put(hass, "sensor.energi", attributes, platform="energidataservice")
    assert await found(hass) == []


async def test_the_nordpool_that_comes_with_home_assistant_lists_nothing(hass) -> None:
    put(hass, "sensor.nord_pool_se3_current_price", {"unit_of_measurement": "SEK/kWh"},
        platform="nordpool")  # fmt: skip
    assert await found(hass) == []


@pytest.mark.parametrize(
    ("changes", "rate", "currency", "unit"),
    [
        ({}, 0.5, "SEK", "SEK/kWh"),
        ({"unit_of_measurement": "Öre/kWh", "price_in_cents": True}, 0.005, "SEK", "Öre/kWh"),
        ({"unit_of_measurement": "Øre/kWh", "price_in_cents": True, "currency": "NOK"},
         0.005, "NOK", "Øre/kWh"),
        ({"unit_of_measurement": "c/kWh", "price_in_cents": True, "currency": "EUR"},
         0.005, "EUR", "c/kWh"),
        ({"unit_of_measurement": "SEK/MWh", "unit": "MWh"}, 0.0005, "SEK", "SEK/MWh"),
        # a template that took over the attributes and not the unit
        ({"unit_of_measurement": None}, 0.5, "SEK", None),
        ({"unit_of_measurement": None, "price_in_cents": True}, 0.005, "SEK", None),
        ({"unit_of_measurement": None, "unit": "MWh"}, 0.0005, "SEK", None),
        ({"unit_of_measurement": None, "unit": "MWh", "currency": None}, 0.0005, "EUR", None),
        ({"unit_of_measurement": None, "unit": None, "currency": "krona"}, None, None, None),
        ({"unit_of_measurement": "kr/kWh", "currency": "krona"}, 0.5, None, "kr/kWh"),
    ],
)  # fmt: skip
async def test_units_of_nordpool(hass, changes, rate, currency, unit) -> None:
    kind = LISTED["nordpool"]
    kind.put(hass, PLAIN)
    (choice,) = await found(hass)
    attributes = dict(hass.states.get(kind.entity_id).attributes) | {
        "raw_today": [{"start": "2026-01-14T00:00:00+01:00", "value": 0.5}],
        "raw_tomorrow": [],
    }
    attributes |= changes
    put(hass, kind.entity_id, {key: value for key, value in attributes.items() if value is not None
                               or key == "unit"})  # fmt: skip
    if rate is None:
        assert await problem(hass, choice) == "source_unreadable"
        return
    reading = await read(hass, choice)
    assert ([slot.rate for slot in reading.slots], reading.currency, reading.unit) == (
        [rate],
        currency,
        unit,
    )


async def test_a_nordpool_day_that_is_partly_there(hass) -> None:
    """Prices that are null leave a gap; the others stand."""
    kind = LISTED["nordpool"]
    kind.put(hass, PLAIN)
    attributes = dict(hass.states.get(kind.entity_id).attributes)
    for item in attributes["raw_tomorrow"][40:]:
        item["value"] = None
    attributes["raw_today"][7]["value"] = None
    put(hass, kind.entity_id, attributes)
    (choice,) = await found(hass)
    whole = kind.slots([PLAIN, PLAIN + DAY])
    assert (await read(hass, choice)).slots == (*whole[:7], *whole[8 : 96 + 40])


# Octopus Energy


async def test_meters_of_octopus(hass) -> None:
    """One choice per meter; gas is none; what an export meter counts is for selling."""
    kind = LISTED["octopus"]
    kind.put(hass, PLAIN)
    shown = kind.show(starts(PLAIN, 30, kind.zone), starts(PLAIN + DAY, 30, kind.zone))
    others = (("1012345678901", "1099999999999_export", 0.15), ("electricity", "gas", 0.05))
    for entity_id, attributes in shown.items():
        for old, new, rate in others:
            rates = [one | {"value_inc_vat": rate} for one in attributes["rates"]]
            put(
                hass,
                entity_id.replace(old, new),
                attributes | {"rates": rates},
                platform="octopus_energy",
            )
    bought, sold = await found(hass)
    assert (bought.direction, sold.direction) == (Direction.IMPORT, Direction.EXPORT)
    assert {slot.rate for slot in (await read(hass, sold)).slots} == {0.15}
    assert SOURCES["octopus_energy"].watched(sold.data) == tuple(
        f"event.octopus_energy_electricity_21l1234567_1099999999999_export_{which}_day_rates"
        for which in ("current", "previous", "next")
    )


async def test_what_is_paid_and_earned_at_one_rate(hass) -> None:
    """Equal rates are one choice for buying; for selling they are another."""
    kind = LISTED["octopus"]
    kind.put(hass, PLAIN)
    attributes = hass.states.get(kind.entity_id).attributes
    for meter in ("1099999999999_export", "1088888888888"):
        entity_id = kind.entity_id.replace("1012345678901", meter)
        put(hass, entity_id, dict(attributes), platform="octopus_energy")
    directions = [choice.direction for choice in await found(hass)]
    assert sorted(directions) == [Direction.EXPORT, Direction.IMPORT]


async def test_events_of_octopus_by_other_names(hass) -> None:
    """Who renames the events still has them together."""
    kind = LISTED["octopus"]
    await hass.config.async_set_time_zone("Europe/London")
    kind.put(hass, PLAIN)
    registry = er.async_get(hass)
    for number, entity_id in enumerate(kind.show([], [])):
        state = hass.states.get(entity_id)
        hass.states.async_remove(entity_id)
        registry.async_update_entity(entity_id, new_entity_id=f"event.mine_{number}")
        hass.states.async_set(f"event.mine_{number}", state.state, state.attributes)
    (choice,) = await found(hass)
    assert SOURCES["octopus_energy"].watched(choice.data) == (
        "event.mine_1",
        "event.mine_0",
        "event.mine_2",
    )
    assert (await read(hass, choice)).slots == kind.slots([PLAIN, PLAIN + DAY])


async def test_octopus_keeps_yesterday_and_does_without_tomorrow(hass) -> None:
    """Each event brings what it has; only today's has to be there."""
    kind = LISTED["octopus"]
    await hass.config.async_set_time_zone("Europe/London")
    kind.put(hass, PLAIN)
    (choice,) = await found(hass)
    current, previous, following = SOURCES[kind.source].watched(choice.data)
    hass.states.async_set(following, STATE_UNAVAILABLE)
    (yesterday,) = [
        attributes
        for entity_id, attributes in kind.show([], starts(PLAIN - DAY, 30, kind.zone)).items()
        if entity_id == following
    ]
    hass.states.async_set(previous, "x", yesterday)
    assert (await read(hass, choice)).slots == kind.slots([PLAIN - DAY, PLAIN])
    hass.states.async_set(current, STATE_UNAVAILABLE)
    assert await problem(hass, choice) == "source_not_ready"


# Others


async def test_both_prices_of_epex_spot(hass) -> None:
    """The market's and the total price are two choices, as they differ."""
    kind = LISTED["epex"]
    kind.put(hass, PLAIN)
    attributes = dict(hass.states.get(kind.entity_id).attributes)
    attributes["data"] = [item | {"price_per_kwh": 0.1} for item in attributes["data"]]
    put(hass, "sensor.epex_spot_data_market_price", attributes, platform="epex_spot")
    assert len(await found(hass)) == 2


async def test_a_release_of_epex_spot_with_two_keys(hass) -> None:
    """Older releases list a price in two units; it is read in one."""
    kind = LISTED["epex_mwh"]
    kind.put(hass, PLAIN)
    attributes = dict(hass.states.get(kind.entity_id).attributes)
    attributes["data"] = [
        item | {"price_ct_per_kwh": item["price_eur_per_mwh"] / 10} for item in attributes["data"]
    ]
    put(hass, kind.entity_id, attributes)
    (choice,) = await found(hass)
    assert (await read(hass, choice)).slots == kind.slots([PLAIN, PLAIN + DAY])


async def test_the_forecast_of_energi_data_service(hass) -> None:
    """It is only for days whose prices are not out, and never taken for sure."""
    kind = LISTED["energi_data_service"]
    kind.put(hass, PLAIN)
    attributes = dict(hass.states.get(kind.entity_id).attributes)
    forecast = [
        {"hour": start, "price": 9.0}
        for day in (PLAIN + DAY, PLAIN + 2 * DAY)
        for start in starts(day, 60, kind.zone)
    ]
    put(hass, kind.entity_id, attributes | {"forecast": forecast})
    (choice,) = await found(hass)
    slots = (await read(hass, choice)).slots
    assert slots[:192] == kind.slots([PLAIN, PLAIN + DAY])
    assert [(slot.rate, slot.length, slot.confidence) for slot in slots[192:]] == [
        (9.0, HOUR, 0.5)
    ] * 24


async def test_hours_of_ge_spot(hass) -> None:
    """Other releases list hours."""
    kind = replace(LISTED["ge_spot"], minutes=60)
    await hass.config.async_set_time_zone("Europe/Brussels")
    kind.put(hass, PLAIN)
    attributes = dict(hass.states.get(kind.entity_id).attributes)
    for entity_id in kind.show([], []):
        hass.states.async_remove(entity_id)
    renamed = {key.replace("interval", "hourly"): value for key, value in attributes.items()}
    put(hass, kind.entity_id, renamed)
    (choice,) = await found(hass)
    assert (await read(hass, choice)).slots == kind.slots([PLAIN, PLAIN + DAY])
