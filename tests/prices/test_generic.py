"""Any entity that lists prices: what the user says of it, and what is guessed for the form."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.flatpeak.model import DAY, HOUR, Slot, Span
from custom_components.flatpeak.prices import SOURCES, PriceSourceError, Reading, suggest

from .listed import BRUSSELS, LISTED, price, put, starts

PLAIN, SPRING, AUTUMN = date(2026, 1, 14), date(2026, 3, 29), date(2026, 10, 25)
ANY_TIME = Span(datetime(2026, 1, 14, tzinfo=UTC), datetime(2026, 1, 15, tzinfo=UTC))
ENTITY = "sensor.power"
GENERIC = SOURCES["generic"]


@pytest.fixture(autouse=True)
async def _place(hass) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    hass.config.currency = "CHF"


async def read(hass, **data: Any) -> Reading:
    return await GENERIC.read(hass, {"entity_id": ENTITY} | data, ANY_TIME)


async def problem(hass, **data: Any) -> str:
    with pytest.raises(PriceSourceError) as raised:
        await read(hass, **data)
    return raised.value.key


def items(day: date, minutes: int = 60, factor: float = 1, **keys: str) -> list[dict[str, Any]]:
    """List a day under any keys."""
    return [
        {keys.get("start", "at"): start.isoformat(), keys.get("price", "ct"): price(start) * factor}
        for start in starts(day, minutes, BRUSSELS)
    ]


def slots(*days: date, minutes: int = 60) -> tuple[Slot, ...]:
    begin = [start.astimezone(UTC) for day in days for start in starts(day, minutes, BRUSSELS)]
    step = begin[1] - begin[0]
    return tuple(Slot(start, start + step, price(start)) for start in begin)


@pytest.mark.parametrize("day", [PLAIN, SPRING, AUTUMN], ids=str)
async def test_lists_as_the_user_says(hass, day) -> None:
    """Two attributes are one series; values are in the unit named."""
    put(hass, ENTITY, {"now": items(day, factor=100), "next": items(day + DAY, factor=100)})
    data = {"attributes": ["now", "next"], "start": "at", "price": "ct", "unit": "ct/kWh"}
    reading = await read(hass, **data)
    assert reading == Reading(slots(day, day + DAY), "CHF", "ct/kWh")
    assert (await read(hass, **data | {"attributes": ["next"]})).slots == slots(day + DAY)
    assert GENERIC.watched({"entity_id": ENTITY} | data) == (ENTITY,)
    assert await GENERIC.find(hass) == []


@pytest.mark.parametrize(
    ("said", "own", "rate", "currency", "text"),
    [
        ("EUR/MWh", "SEK/kWh", 0.05, "EUR", "EUR/MWh"),
        ("öre/kWh", None, 0.5, "SEK", "öre/kWh"),
        ("ct/kWh", "€/kWh", 0.5, "EUR", "ct/kWh"),
        ("kr/kWh", None, 50, "CHF", "kr/kWh"),
        (None, "EUR/MWh", 0.05, "EUR", "EUR/MWh"),
        ("", "ct/kWh", 0.5, "CHF", "ct/kWh"),
        (None, None, 50, "CHF", None),
    ],
)
async def test_units(hass, said, own, rate, currency, text) -> None:
    """What the user says counts; then the entity's own unit, then the home's currency per kWh."""
    put(hass, ENTITY, {"now": [{"at": "2026-01-14T00:00:00", "p": 50}], "unit_of_measurement": own})
    reading = await read(hass, attributes=["now"], start="at", price="p", unit=said)
    assert [slot.rate for slot in reading.slots] == [rate]
    assert (reading.currency, reading.unit) == (currency, text)


async def test_an_end_if_there_is_one(hass) -> None:
    put(hass, ENTITY, {"now": [{"a": "2026-01-14T00:00:00", "z": "2026-01-14T06:00:00", "p": 1}]})
    data: dict[str, Any] = {"attributes": ["now"], "start": "a", "price": "p", "unit": "EUR"}
    assert [slot.length.seconds // 60 for slot in (await read(hass, **data)).slots] == [15]
    data["end"] = "z"
    assert [slot.length.seconds // 60 for slot in (await read(hass, **data)).slots] == [360]


@pytest.mark.parametrize("day", [PLAIN, SPRING, AUTUMN], ids=str)
async def test_prices_by_their_start(hass, day) -> None:
    by_start = {start.isoformat(): price(start) for start in starts(day, 15, BRUSSELS)}
    put(hass, ENTITY, {"forecast": by_start})
    reading = await read(hass, attributes=["forecast"], unit="EUR/kWh")
    assert reading.slots == slots(day, minutes=15)


@pytest.mark.parametrize("day", [PLAIN, SPRING, AUTUMN, SPRING - DAY, AUTUMN - DAY], ids=str)
@pytest.mark.parametrize("minutes", [15, 30, 60])
async def test_numbers_of_today_and_tomorrow(hass, freezer, day, minutes) -> None:
    """The day is the one on which the list came: just after midnight it is still yesterday's."""
    numbers = [
        [price(start) for start in starts(one, minutes, BRUSSELS)] for one in (day, day + DAY)
    ]
    freezer.move_to(datetime(day.year, day.month, day.day, 23, 50, tzinfo=BRUSSELS))
    put(hass, ENTITY, {"today": numbers[0], "tomorrow": numbers[1]})
    data = {"attributes": ["today", "tomorrow"], "unit": "EUR/kWh"}
    assert (await read(hass, **data)).slots == slots(day, day + DAY, minutes=minutes)
    freezer.tick(900)
    assert (await read(hass, **data)).slots == slots(day, day + DAY, minutes=minutes)
    put(hass, ENTITY, {"today": numbers[1], "tomorrow": []})
    assert (await read(hass, **data)).slots == slots(day + DAY, minutes=minutes)
    # a number too few fits no day
    put(hass, ENTITY, {"today": numbers[1][1:], "tomorrow": None})
    assert await problem(hass, **data) == "source_unreadable"


async def test_the_same_numbers_every_day(hass, freezer) -> None:
    """A fixed table that is reported again is of the day of its report."""
    for day in (PLAIN, PLAIN + DAY):
        freezer.move_to(datetime(day.year, day.month, day.day, 12, tzinfo=BRUSSELS))
        put(hass, ENTITY, {"table": [0.1] * 24}, force=False)
        reading = await read(hass, attributes=["table"], unit="EUR/kWh")
        assert [slot.start for slot in reading.slots] == starts(day, 60, BRUSSELS)


async def test_what_goes_wrong(hass) -> None:
    data = {"attributes": ["now"], "start": "at", "price": "ct", "unit": "ct/kWh"}
    assert await problem(hass, **data) == "source_gone"
    put(hass, ENTITY, {}, state=STATE_UNAVAILABLE)
    assert await problem(hass, **data) == "source_not_ready"
    put(hass, ENTITY, {"now": []})
    assert await problem(hass, **data) == "source_not_ready"
    put(hass, ENTITY, {"later": items(PLAIN)})
    assert await problem(hass, **data) == "source_unreadable"
    put(hass, ENTITY, {"now": items(PLAIN, price="EUR")})
    assert await problem(hass, **data) == "source_unreadable"
    put(hass, ENTITY, {"now": items(PLAIN)})
    assert await problem(hass, **data | {"unit": "bananas"}) == "source_unreadable"
    assert len((await read(hass, **data)).slots) == 24


# What is guessed

KEYS = {
    "nordpool": (["raw_today", "raw_tomorrow"], "start", "value", "end"),
    "epex": (["data"], "start_time", "price_per_kwh", "end_time"),
    "epex_ct": (["data"], "start_time", "price_ct_per_kwh", "end_time"),
    "entsoe": (["prices_today", "prices", "prices_tomorrow"], "time", "price", None),
    "energi_data_service": (["raw_today", "raw_tomorrow"], "hour", "price", None),
    "frank_energie": (["prices"], "from", "price", "till"),
    "omie": (["today_hours", "tomorrow_hours"], None, None, None),
    "ge_spot": (["today_interval_prices", "tomorrow_interval_prices"], "time", "value", None),
    "stromligning": (["prices"], "start", "price", "end"),
    "awattar": (["data"], "start_timestamp", "marketprice", "end_timestamp"),
}


@pytest.mark.parametrize("text", [False, True], ids=["objects", "json"])
@pytest.mark.parametrize("tomorrow", [True, False], ids=["two_days", "one_day"])
@pytest.mark.parametrize("name", KEYS)
async def test_a_guess_that_reads_right(hass, name, tomorrow, text) -> None:
    """Of each source that is known, with tomorrow's attribute where it is still empty."""
    kind = LISTED[name]
    kind.put(hass, PLAIN, tomorrow=tomorrow, text=text)
    guess = suggest(hass, kind.entity_id)
    attributes, start, value, end = KEYS[name]
    expected = {"start": start, "price": value, "end": end}
    assert guess["attributes"] == attributes
    assert {key: guess.get(key) for key in expected} == expected
    reading = await GENERIC.read(
        hass, guess | ({"unit": "EUR/MWh"} if name == "awattar" else {}), ANY_TIME
    )
    both = tomorrow and name != "stromligning"  # its tomorrow is at another entity
    assert reading.slots == kind.slots([PLAIN, PLAIN + DAY] if both else [PLAIN])


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, {"unit": "CHF/kWh"}),
        ({"unit_of_measurement": "ct/kWh"}, {"unit": "ct/kWh"}),
        ({"unit_of_measurement": "W", "options": ["a", "b"]}, {"unit": "CHF/kWh"}),
        ({"today": [0.1] * 24, "tomorrow": []},
         {"unit": "CHF/kWh", "attributes": ["today", "tomorrow"]}),
        ({"rgb": [1, 2, 3], "day": [None]}, {"unit": "CHF/kWh"}),
        ({"list": [{"message": "soon"}, {"start": "2026-01-14", "level": "low", "energy": 0.1,
                                         "tax": 0.1, "total": 0.2}]},
         {"unit": "CHF/kWh", "attributes": ["list"], "start": "start", "price": "total"}),
        ({"forecasts": [{"duration": 5, "date": "2026-01-14", "nem_date":
                         "2026-01-14T11:05:00+00:00", "start_time": "2026-01-14T11:00:01+00:00",
                         "end_time": "2026-01-14T11:05:00+00:00", "per_kwh": 0.13,
                         "spot_per_kwh": 0.05, "renewables": 41}]},
         {"unit": "CHF/kWh", "attributes": ["forecasts"], "start": "start_time",
          "end": "end_time", "price": "per_kwh"}),
        ({"times": ["2026-01-14T00:00:00"], "x": {"a": 1}, "y": {}, "z": [{"at": "now"}]},
         {"unit": "CHF/kWh"}),
    ],
)  # fmt: skip
async def test_a_guess(hass, attributes, expected) -> None:
    """Nothing is guessed of what is no list of prices."""
    put(hass, ENTITY, attributes)
    assert suggest(hass, ENTITY) == {"entity_id": ENTITY} | expected


async def test_no_guess_without_an_entity(hass) -> None:
    assert suggest(hass, "sensor.nobody") == {}


@pytest.mark.parametrize("expected_lingering_timers", [True], ids=["template"])
@pytest.mark.parametrize("day", [PLAIN, SPRING, AUTUMN], ids=str)
async def test_the_template_in_the_docs(hass, freezer, day) -> None:
    """Who copies it has prices, on every day."""
    page = (Path(__file__).parents[2] / "docs/prices/generic.md").read_text("utf-8")
    freezer.move_to(datetime(day.year, day.month, day.day, 11, 59, tzinfo=BRUSSELS))
    assert await async_setup_component(hass, "template", parse_yaml(page.split("```yaml")[-1][:-4]))
    await hass.async_block_till_done()
    freezer.move_to(datetime(day.year, day.month, day.day, 12, tzinfo=BRUSSELS))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    (choice,) = await SOURCES["nordpool_hacs"].find(hass)
    reading = await SOURCES["nordpool_hacs"].read(hass, choice.data, ANY_TIME)
    midnight = starts(day, 60, BRUSSELS)[0].astimezone(UTC)
    assert [slot.start for slot in reading.slots] == [midnight + n * HOUR for n in range(48)]
    assert [slot.rate for slot in reading.slots] == [
        0.32 if 7 <= slot.start.astimezone(BRUSSELS).hour < 22 else 0.24 for slot in reading.slots
    ]
