"""What holds for every source that answers an action, against the shape in which each answers."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
import json

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import SupportsResponse
from homeassistant.exceptions import HomeAssistantError
import pytest
import voluptuous as vol

from custom_components.flatpeak.model import DAY, Slot, Span
from custom_components.flatpeak.prices import SOURCES
from custom_components.flatpeak.prices.actions import ActionSource
from custom_components.flatpeak.prices.easyenergy import EasyEnergySource
from custom_components.flatpeak.prices.energyzero import EnergyZeroSource
from custom_components.flatpeak.prices.nordpool_core import NordPoolSource
from custom_components.flatpeak.prices.omie_core import OmieSource
from custom_components.flatpeak.prices.source import PriceSourceError
from custom_components.flatpeak.prices.tibber import TibberSource
from custom_components.flatpeak.prices.tibber_prices import TibberPricesSource

from .other_side import (
    BRUSSELS,
    QUARTER,
    EasyEnergy,
    EnergyZero,
    MendedOmie,
    NordPool,
    OtherSide,
    Tibber,
    TibberPrices,
    price,
    quarters,
)

# Source, other side, and by which word each of its choices has another price.
PAIRS = [
    pytest.param(NordPoolSource, NordPool, ("SE3", "NO2"), id="nordpool"),
    pytest.param(TibberSource, Tibber, ("My home", "Cabin"), id="tibber"),
    pytest.param(EnergyZeroSource, EnergyZero, ("all_in", "market"), id="energyzero"),
    pytest.param(EasyEnergySource, EasyEnergy, ("invoice", "market", "return"), id="easyenergy"),
    pytest.param(OmieSource, MendedOmie, ("es", "pt"), id="omie"),
    pytest.param(TibberPricesSource, TibberPrices, ("",), id="tibber_prices"),
]
each = pytest.mark.parametrize(("kind", "side", "words"), PAIRS)

PLAIN = date(2026, 1, 14)
SPRING = date(2026, 3, 29)
AUTUMN = date(2026, 10, 25)


@pytest.fixture(autouse=True)
async def _clock(hass, freezer) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    hass.config.currency = "EUR"


def local_day(day: date, days: int = 1) -> Span:
    return Span(
        datetime.combine(day, time(), BRUSSELS).astimezone(UTC),
        datetime.combine(day + days * DAY, time(), BRUSSELS).astimezone(UTC),
    )


def at_noon(freezer, day: date) -> None:
    freezer.move_to(datetime.combine(day, time(12), BRUSSELS))


def expected(moments: Iterable[datetime], word: str) -> list[Slot]:
    return [
        Slot(moment, moment + QUARTER, pytest.approx(price(moment, word))) for moment in moments
    ]


async def read(hass, source: ActionSource, span: Span, number: int = 0) -> tuple[Slot, ...]:
    choices = await source.find(hass)
    return (await source.read(hass, choices[number].data, span)).slots


@each
@pytest.mark.parametrize("day", [PLAIN, SPRING, AUTUMN], ids=["plain", "spring", "autumn"])
async def test_a_day_is_read_to_the_quarter(hass, freezer, kind, side, words, day) -> None:
    """Every choice has its own prices: no quarter too many, none missing, none in its place."""
    at_noon(freezer, day - DAY)
    side(hass, day)
    source = kind()
    choices = await source.find(hass)
    assert len(choices) == len(words)
    for choice, word in zip(choices, words, strict=True):
        reading = await source.read(hass, choice.data, local_day(day))
        inside = [slot for slot in reading.slots if local_day(day).contains(slot.start)]
        assert inside == expected(quarters(day), word)


@each
async def test_choices(hass, freezer, kind, side, words, snapshot) -> None:
    """They can be stored, they are told apart by their titles, and they say what they are."""
    at_noon(freezer, PLAIN)
    other = side(hass, PLAIN)
    source = kind()
    choices = await source.find(hass)
    assert {type(SOURCES[choice.source]) for choice in choices} == {kind}
    assert len({choice.title for choice in choices}) == len(choices)
    units = set()
    for choice in choices:
        data = json.loads(json.dumps(choice.data))
        assert data == choice.data
        reading = await source.read(hass, data, local_day(PLAIN))
        units.add((reading.currency, reading.unit))
    told = json.dumps([(choice.title, choice.direction, dict(choice.data)) for choice in choices])
    assert json.loads(told.replace(other.entry.entry_id, "ENTRY")) == snapshot
    assert units == snapshot


@each
async def test_tomorrow_is_not_out(hass, freezer, kind, side, words) -> None:
    """What is out is read; the day after is asked for once, and what is further off never."""
    at_noon(freezer, PLAIN)
    other = side(hass, PLAIN)
    source = kind()
    choice = (await source.find(hass))[0]
    other.asked.clear()
    reading = await source.read(hass, choice.data, local_day(PLAIN, 3))
    assert list(reading.slots) == expected(quarters(PLAIN), words[0])
    assert len(other.asked) <= 2
    other.last_day += DAY
    reading = await source.read(hass, choice.data, local_day(PLAIN, 2))
    assert len(reading.slots) == 192


@each
async def test_prices_that_are_missing_are_gaps(hass, freezer, kind, side, words) -> None:
    at_noon(freezer, PLAIN)
    other = side(hass, PLAIN + DAY)
    moments = [*quarters(PLAIN), *quarters(PLAIN + DAY)]
    other.unknown = {moments[7], *moments[180:]}
    slots = await read(hass, kind(), local_day(PLAIN, 2))
    known = [moment for moment in moments if moment not in other.unknown]
    assert list(slots) == expected(known, words[0])


@each
async def test_a_span_that_begins_now_has_the_running_quarter(
    hass, freezer, kind, side, words
) -> None:
    freezer.move_to("2026-01-14T12:07:00Z")
    side(hass, PLAIN)
    now = datetime(2026, 1, 14, 12, 7, tzinfo=UTC)
    slots = await read(hass, kind(), Span(now, now + 3 * QUARTER))
    assert [slot.rate for slot in slots if slot.contains(now)] == [
        pytest.approx(price(datetime(2026, 1, 14, 12, tzinfo=UTC), words[0]))
    ]


@each
@pytest.mark.parametrize(
    "error",
    [HomeAssistantError("offline"), ConnectionError("reset"), TimeoutError(), KeyError("data")],
    ids=lambda error: type(error).__name__,
)
async def test_trouble_is_not_taken_for_an_empty_day(
    hass, freezer, kind, side, words, error
) -> None:
    """Then it answers again, and everything is there."""
    at_noon(freezer, PLAIN)
    other = side(hass, PLAIN)
    source = kind()
    choice = (await source.find(hass))[0]
    other.broken = error
    with pytest.raises(PriceSourceError) as caught:
        await source.read(hass, choice.data, local_day(PLAIN))
    assert caught.value.key == "source_not_ready"
    await source.find(hass)
    other.broken = None
    assert len((await source.read(hass, choice.data, local_day(PLAIN))).slots) == 96


@each
async def test_an_entry_comes_and_goes(hass, freezer, kind, side, words) -> None:
    at_noon(freezer, PLAIN)
    other = side(hass, PLAIN)
    source = kind()
    choice = (await source.find(hass))[0]
    other.entry.mock_state(hass, ConfigEntryState.SETUP_RETRY)
    assert await source.find(hass) == []
    with pytest.raises(PriceSourceError) as caught:
        await source.read(hass, choice.data, local_day(PLAIN))
    assert caught.value.key == "source_not_ready"

    other.entry.mock_state(hass, ConfigEntryState.NOT_LOADED)
    await hass.config_entries.async_remove(other.entry.entry_id)
    with pytest.raises(PriceSourceError) as caught:
        await source.read(hass, choice.data, local_day(PLAIN))
    assert caught.value.key == "source_gone"


@each
async def test_the_action_is_not_there(hass, freezer, kind, side, words) -> None:
    """An entry of that domain may be another integration's, as Nord Pool's is."""
    at_noon(freezer, PLAIN)
    other = side(hass, PLAIN)
    source = kind()
    choice = (await source.find(hass))[0]
    for action in list(hass.services.async_services_for_domain(other.domain)):
        hass.services.async_remove(other.domain, action)
    assert await source.find(hass) == []
    with pytest.raises(PriceSourceError) as caught:
        await source.read(hass, choice.data, local_day(PLAIN))
    assert caught.value.key == "source_not_ready"


STRANGE = [{}, {"prices": None}, {"prices": "none"}, {"prices": [1]}, {"prices": [{"at": 1}]}]


@each
@pytest.mark.parametrize("answer", STRANGE, ids=repr)
async def test_another_shape_is_said(hass, freezer, kind, side, words, answer) -> None:
    at_noon(freezer, PLAIN)
    other: OtherSide = side(hass, PLAIN)
    source = kind()
    choice = (await source.find(hass))[-1]
    for action in list(hass.services.async_services_for_domain(other.domain)):
        other.serve(action, lambda call: answer)
    await source.find(hass)
    with pytest.raises(PriceSourceError) as caught:
        await source.read(hass, choice.data, local_day(PLAIN))
    assert caught.value.key == "source_unreadable"


@each
async def test_an_action_that_takes_other_data(hass, freezer, kind, side, words) -> None:
    """The next release may have renamed a field."""
    at_noon(freezer, PLAIN)
    other: OtherSide = side(hass, PLAIN)
    source = kind()
    choice = (await source.find(hass))[0]

    async def handle(call) -> dict:
        raise AssertionError("never called")

    for action in list(hass.services.async_services_for_domain(other.domain)):
        hass.services.async_register(
            other.domain,
            action,
            handle,
            vol.Schema({vol.Required("new"): str}),
            SupportsResponse.ONLY,
        )
    with pytest.raises(PriceSourceError) as caught:
        await source.read(hass, choice.data, local_day(PLAIN))
    assert caught.value.key == "source_unreadable"
