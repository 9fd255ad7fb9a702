"""What is one source's own, of those that answer an action."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from custom_components.flatpeak.model import DAY, MINUTE, Direction, Slot, Span, total
from custom_components.flatpeak.prices.amber import FORECAST, AmberSource
from custom_components.flatpeak.prices.easyenergy import EasyEnergySource
from custom_components.flatpeak.prices.energyzero import EnergyZeroSource
from custom_components.flatpeak.prices.green_planet_energy import GreenPlanetSource
from custom_components.flatpeak.prices.nordpool_core import NordPoolSource
from custom_components.flatpeak.prices.omie_core import OmieSource
from custom_components.flatpeak.prices.source import PriceSource, PriceSourceError
from custom_components.flatpeak.prices.tibber import TibberSource
from custom_components.flatpeak.prices.tibber_prices import TibberPricesSource

from .other_side import (
    BRUSSELS,
    QUARTER,
    Amber,
    EasyEnergy,
    EnergyZero,
    GreenPlanet,
    NordPool,
    Omie,
    Tibber,
    TibberPrices,
    price,
    quarters,
    refused,
)

PLAIN = date(2026, 1, 14)
SPRING = date(2026, 3, 29)
AUTUMN = date(2026, 10, 25)


@pytest.fixture(autouse=True)
async def _clock(hass, freezer) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    hass.config.currency = "EUR"
    freezer.move_to("2026-01-14T11:00:00Z")


def local_day(day: date, days: int = 1, zone=BRUSSELS) -> Span:
    return Span(
        datetime.combine(day, time(), zone).astimezone(UTC),
        datetime.combine(day + days * DAY, time(), zone).astimezone(UTC),
    )


async def found(hass, source: PriceSource):
    return {choice.title: choice for choice in await source.find(hass)}


def rates(slots: Sequence[Slot]) -> dict[datetime, float | None]:
    return {slot.start: slot.rate for slot in slots}


def register(hass, side, platform: str, unique_id: str, **more) -> str:
    """Have an entity of the other side in the registry; return its id."""
    registry = er.async_get(hass)
    entity = registry.async_get_or_create(
        platform, side.domain, unique_id, config_entry=side.entry, **more
    )
    return entity.entity_id


# -- Nord Pool --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "asked"),
    [
        ("Europe/Helsinki", ["2026-01-13", "2026-01-14"]),
        ("Europe/Lisbon", ["2026-01-14", "2026-01-15"]),
        ("Europe/Brussels", ["2026-01-14"]),
    ],
)
async def test_nord_pool_days_are_not_the_home_s(hass, zone, asked) -> None:
    """A day in Helsinki begins while the market is still in yesterday."""
    await hass.config.async_set_time_zone(zone)
    side = NordPool(hass, PLAIN + DAY)
    source = NordPoolSource()
    choice = (await source.find(hass))[0]
    home = ZoneInfo(zone)
    reading = await source.read(hass, choice.data, local_day(PLAIN, zone=home))
    assert [str(call["date"]) for call in side.asked] == asked
    assert set(quarters(PLAIN, home)) <= set(rates(reading.slots))


async def test_nord_pool_tells_when_tomorrow_is_out(hass) -> None:
    """Its sensor of that does; of another area, or disabled, it is none."""
    side = NordPool(hass, PLAIN)
    sensor = register(hass, side, "binary_sensor", "SE3-tomorrow_price_available")
    register(
        hass,
        side,
        "binary_sensor",
        "NO2-tomorrow_price_available",
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    source = NordPoolSource()
    choices = await found(hass, source)
    assert source.watched(choices["Nord Pool SE3"].data) == (sensor,)
    assert source.watched(choices["Nord Pool NO2"].data) == ()


async def test_nord_pool_offline_is_not_tomorrow_missing(hass) -> None:
    side = NordPool(hass, PLAIN + DAY)
    source = NordPoolSource()
    choice = (await source.find(hass))[0]
    side.broken = refused("nordpool", "connection_error")
    with pytest.raises(PriceSourceError) as caught:
        await source.read(hass, choice.data, local_day(PLAIN + DAY))
    assert caught.value.key == "source_not_ready"


async def test_an_integration_added_again_goes_on(hass) -> None:
    """There is never more than one of it, so the choice does not name it."""
    side = NordPool(hass, PLAIN)
    source = NordPoolSource()
    choice = (await source.find(hass))[0]
    await hass.config_entries.async_remove(side.entry.entry_id)
    NordPool(hass, PLAIN)
    assert len((await source.read(hass, choice.data, local_day(PLAIN))).slots) == 96


# -- Tibber -----------------------------------------------------------------------------------


async def test_tibber_currency_is_the_home_s(hass) -> None:
    side = Tibber(hass, PLAIN)
    for home, unit in (("My home", "NOK/kWh"), ("Cabin", "SEK/kWh")):
        device = dr.async_get(hass).async_get_or_create(
            config_entry_id=side.entry.entry_id, identifiers={("tibber", home)}, name=home
        )
        register(
            hass,
            side,
            "sensor",
            home,
            device_id=device.id,
            translation_key="electricity_price",
            unit_of_measurement=unit,
        )
    source = TibberSource()
    choices = await found(hass, source)
    for title, currency in (("Tibber My home", "NOK"), ("Tibber Cabin", "SEK")):
        reading = await source.read(hass, choices[title].data, local_day(PLAIN))
        assert (reading.currency, reading.unit) == (currency, f"{currency}/kWh")


async def test_tibber_home_is_no_longer_there(hass) -> None:
    side = Tibber(hass, PLAIN)
    source = TibberSource()
    choices = await found(hass, source)
    side.homes = ("My home",)
    with pytest.raises(PriceSourceError) as caught:
        await source.read(hass, choices["Tibber Cabin"].data, local_day(PLAIN))
    assert caught.value.key == "source_gone"


async def test_tibber_does_not_answer_while_looking(hass) -> None:
    Tibber(hass, PLAIN).broken = HomeAssistantError("offline")
    assert await TibberSource().find(hass) == []


async def test_tibber_prices_says_that_it_is_offline(hass) -> None:
    """Without that word, no prices are prices that are not out."""
    side = TibberPrices(hass, PLAIN)
    sensor = register(hass, side, "binary_sensor", f"{side.entry.entry_id}_tomorrow_data_available")
    source = TibberPricesSource()
    choice = (await source.find(hass))[0]
    assert source.watched(choice.data) == (sensor,)
    nothing = {"success": True, "interval_count": 0, "price_info": []}
    side.serve("get_price", lambda call: nothing)
    assert (await source.read(hass, choice.data, local_day(PLAIN))).slots == ()
    nothing |= {"success": False, "reason": "price_data_unavailable"}
    with pytest.raises(PriceSourceError) as caught:
        await source.read(hass, choice.data, local_day(PLAIN))
    assert caught.value.key == "source_not_ready"


# -- the Netherlands --------------------------------------------------------------------------


async def test_easy_energy_buys_and_sells(hass) -> None:
    EasyEnergy(hass, PLAIN)
    directions = [choice.direction for choice in await EasyEnergySource().find(hass)]
    assert directions == [Direction.IMPORT, Direction.IMPORT, Direction.EXPORT]


async def test_easy_energy_has_one_word_for_all(hass) -> None:
    """Of tomorrow it means that the prices are not out, of today that something is wrong.

    What is over does not matter.
    """
    EasyEnergy(hass, PLAIN - 4 * DAY)
    source = EasyEnergySource()
    choice = (await source.find(hass))[0]
    for days in (-3, 1):
        assert (await source.read(hass, choice.data, local_day(PLAIN + days * DAY))).slots == ()
    with pytest.raises(PriceSourceError) as caught:
        await source.read(hass, choice.data, local_day(PLAIN))
    assert caught.value.key == "source_not_ready"


async def test_energy_zero_by_hours(hass) -> None:
    """Whatever the steps, what it answers counts; older releases had no ends."""
    side = EnergyZero(hass, PLAIN)
    side.serve(
        side.action,
        lambda call: {
            "prices": [
                {"timestamp": str(start), "price": price(start)}
                for start in [*quarters(PLAIN)][::4]
            ]
        },
    )
    source = EnergyZeroSource()
    choice = (await source.find(hass))[0]
    reading = await source.read(hass, choice.data, local_day(PLAIN))
    assert [slot.length for slot in reading.slots] == [60 * MINUTE] * 24


# -- OMIE -------------------------------------------------------------------------------------


async def test_omie_autumn_is_put_right(hass, freezer) -> None:
    """After the change its times are an hour late, and the last ones lie in the next day."""
    freezer.move_to("2026-10-24T20:00:00Z")
    Omie(hass, AUTUMN + DAY)
    source = OmieSource()
    choice = (await source.find(hass))[0]
    reading = await source.read(hass, choice.data, local_day(AUTUMN, 2))
    moments = [*quarters(AUTUMN), *quarters(AUTUMN + DAY)]
    assert rates(reading.slots) == {at: pytest.approx(price(at, "es")) for at in moments}


async def test_omie_spring_lacks_an_hour(hass, freezer) -> None:
    """From 03:00 to 04:00 its own later prices took the place of the right ones: a gap."""
    freezer.move_to("2026-03-28T20:00:00Z")
    Omie(hass, SPRING + DAY)
    source = OmieSource()
    choice = (await source.find(hass))[0]
    reading = await source.read(hass, choice.data, local_day(SPRING, 2))
    moments = [*quarters(SPRING), *quarters(SPRING + DAY)]
    lost = set(moments[8:12])
    assert rates(reading.slots) == {
        at: pytest.approx(price(at, "es")) for at in moments if at not in lost
    }


async def test_omie_in_portugal(hass) -> None:
    """Its day begins an hour after the market's."""
    await hass.config.async_set_time_zone("Europe/Lisbon")
    zone = ZoneInfo("Europe/Lisbon")
    Omie(hass, PLAIN)
    source = OmieSource()
    choice = (await found(hass, source))["OMIE Portugal"]
    reading = await source.read(hass, choice.data, local_day(PLAIN, zone=zone))
    assert total(reading.slots) == DAY
    inside = [slot.start for slot in reading.slots if slot.start in set(quarters(PLAIN, zone))]
    assert inside == [*quarters(PLAIN, zone)][:-4]


# -- Amber ------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["general", "feed_in"])
async def test_amber_knows_now_and_foresees_the_rest(hass, channel) -> None:
    """Starts are on the border, not a second after; feed-in prices are what one earns."""
    now = datetime(2026, 1, 14, 11, 5, tzinfo=UTC)
    side = Amber(hass, PLAIN)
    side.run(now)
    source = AmberSource()
    choices = {choice.data["channel"]: choice for choice in await source.find(hass)}
    assert {name: choice.direction for name, choice in choices.items()} == {
        "general": Direction.IMPORT,
        "feed_in": Direction.EXPORT,
    }
    assert source.watched(choices[channel].data) == (side.sensors[channel],)
    reading = await source.read(hass, choices[channel].data, local_day(PLAIN))
    first, *ahead = reading.slots
    assert first == Slot(now, now + 5 * MINUTE, price(now, channel), 1.0)
    assert {slot.confidence for slot in ahead} == {FORECAST}
    assert [slot.length for slot in ahead[:6]] == [*[5 * MINUTE] * 5, 30 * MINUTE]
    assert ahead[0].start == first.end
    assert total(reading.slots) == timedelta(hours=24)
    assert all(slot.rate == price(slot.start, channel) for slot in reading.slots)
    assert reading.currency == "AUD"


async def test_amber_without_its_sensor(hass) -> None:
    """Then the running interval is a gap, and the rest goes on."""
    now = datetime(2026, 1, 14, 11, 5, tzinfo=UTC)
    side = Amber(hass, PLAIN)
    side.run(now)
    source = AmberSource()
    choice = (await source.find(hass))[0]
    hass.states.async_set(side.sensors["general"], "unavailable")
    reading = await source.read(hass, choice.data, local_day(PLAIN))
    assert reading.slots[0].start == now + 5 * MINUTE
    side.run(now + 5 * MINUTE)
    reading = await source.read(hass, choice.data, local_day(PLAIN))
    assert reading.slots[0].start == now + 5 * MINUTE
    assert reading.slots[0].confidence == 1.0


async def test_amber_channel_is_no_longer_there(hass) -> None:
    side = Amber(hass, PLAIN)
    side.run(datetime(2026, 1, 14, 11, 5, tzinfo=UTC))
    source = AmberSource()
    choices = {choice.data["channel"]: choice for choice in await source.find(hass)}
    side.channels = ("general",)
    with pytest.raises(PriceSourceError) as caught:
        await source.read(hass, choices["feed_in"].data, local_day(PLAIN))
    assert caught.value.key == "source_gone"


# -- Green Planet Energy ----------------------------------------------------------------------


async def green_planet(hass, freezer, now: str, last_day: date) -> dict[datetime, float | None]:
    freezer.move_to(now)
    GreenPlanet(hass, last_day)
    source = GreenPlanetSource()
    choice = (await source.find(hass))[0]
    reading = await source.read(hass, choice.data, local_day(last_day))
    assert {slot.length for slot in reading.slots} == {QUARTER}
    return rates(reading.slots)


async def test_green_planet_is_known_for_a_day(hass, freezer) -> None:
    found = await green_planet(hass, freezer, "2026-01-14T17:20:00Z", PLAIN + DAY)
    start = datetime(2026, 1, 14, 17, 15, tzinfo=UTC)
    assert found == {at: price(at) for at in (start + n * QUARTER for n in range(96))}


async def test_green_planet_autumn_lacks_an_hour(hass, freezer) -> None:
    """It knows 02:00 but once: the second time is a gap, not its neighbour's price."""
    found = await green_planet(hass, freezer, "2026-10-24T21:00:00Z", AUTUMN)
    second = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    assert not [at for at in found if second <= at < second + 4 * QUARTER]
    assert found == {at: price(at) for at in found}
    assert second + 4 * QUARTER in found


async def test_green_planet_spring(hass, freezer) -> None:
    found = await green_planet(hass, freezer, "2026-03-28T22:00:00Z", SPRING)
    assert found == {at: price(at) for at in found}
    assert max(found) - min(found) == (len(found) - 1) * QUARTER
