"""The action that returns prices: of today and tomorrow, or of any stretch of time."""

from datetime import UTC, datetime, timedelta
import math
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
import voluptuous as vol

from custom_components.flatpeak.model import DAY, Direction
from simulator import Unpublished
from simulator.faults import Fault
from simulator.prices import read_prices

from .home import HOUR, MINUTE, hours, local, turned
from .local.conftest import PRICES, LocalHome
from .test_services import second_home

EVENING = "2025-10-06T20:00:00"  # a Monday
MIDNIGHT = local("2025-10-06T00:00")

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")


async def prices(hass: HomeAssistant, **asked) -> dict[str, Any]:
    """Call the action."""
    return await hass.services.async_call(
        "flatpeak", "get_prices", asked, blocking=True, return_response=True
    )


def spans(answer: dict[str, Any]) -> list[tuple[datetime, datetime, float]]:
    """Return the prices of an answer, in UTC."""
    return [
        (
            datetime.fromisoformat(one["start"]).astimezone(UTC),
            datetime.fromisoformat(one["end"]).astimezone(UTC),
            one["price"],
        )
        for one in answer["prices"]
    ]


# What is answered


async def test_today_and_tomorrow_are_enough_to_ask_for(hass, house, plain) -> None:
    house.world.import_prices = plain.world.import_prices
    await house.set_up(EVENING)
    answer = await prices(hass)
    assert answer["prices"][:2] == [
        {
            "start": "2025-10-06T00:00:00+02:00",
            "end": "2025-10-06T01:00:00+02:00",
            "price": 0.3,
            "confidence": 1.0,
        },
        {
            "start": "2025-10-06T01:00:00+02:00",
            "end": "2025-10-06T02:00:00+02:00",
            "price": 0.3,
            "confidence": 1.0,
        },
    ]
    assert len(answer["prices"]) == 48
    assert answer["prices"][-1]["end"] == "2025-10-08T00:00:00+02:00"
    assert answer["direction"] == "import"
    assert answer["currency"] == "EUR"
    assert answer["unit"] == "EUR/kWh"
    assert answer["confidence"] == 1.0
    assert datetime.fromisoformat(answer["next_update"]) > house.now
    keys = {"prices", "direction", "currency", "unit", "confidence", "next_update"}
    assert answer.keys() == keys


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ({"start": "2025-10-06 22:00", "end": "2025-10-07 07:00"}, 22, 31),
        ({"start": "2025-10-06T20:00:00Z"}, 22, 44),
        ({"start": "2025-10-05 22:00", "end": "2025-10-06 02:00"}, -2, 2),
        ({"end": "2025-10-06 03:00"}, 0, 3),
        ({"start": "2025-10-06 22:20", "end": "2025-10-06 22:50"}, 22 + 20 / 60, 22 + 50 / 60),
    ],
)
async def test_from_when_to_when(hass, house, asked, start, end) -> None:
    """What is asked for, cut at its edges; what is over is there as well."""
    house.world.import_prices = hours([hour / 100 for hour in range(-24, 96)], MIDNIGHT - DAY)
    await house.set_up(EVENING)
    if isinstance(house, LocalHome):
        start = max(start, 0)  # its sensor does not know yesterday
    found = spans(await prices(hass, **asked))
    assert found[0][0] == MIDNIGHT + start * HOUR
    assert found[-1][1] == MIDNIGHT + end * HOUR
    assert [price for _, _, price in found] == [
        pytest.approx(hour / 100) for hour in range(math.floor(start), math.ceil(end))
    ]


@pytest.mark.parametrize(
    ("file", "now", "length"),
    [
        ("autumn_2024.csv", "2024-10-27T15:00", 25),
        ("spring_2024.csv", "2024-03-31T15:00", 23),
    ],
)
async def test_the_days_on_which_the_clocks_change(hass, house, file, now, length) -> None:
    house.world.import_prices = read_prices(PRICES / file)
    await house.set_up(now)
    found = spans(await prices(hass))
    start = local(now[:11] + "00:00")
    assert found[0][0] == start
    today = [one for one in found if one[0] < start + length * HOUR]
    assert today[-1][1] == start + length * HOUR
    assert found[-1][1] == start + (length + 24) * HOUR
    assert found == [
        (slot.start, slot.end, pytest.approx(slot.rate))
        for slot in house.world.import_prices
        if start <= slot.start < start + (length + 24) * HOUR
    ]


async def test_each_direction_has_its_own(hass, plain) -> None:
    """Also one that no schedule uses."""
    plain.world.export_prices = hours([0.05] * 96, MIDNIGHT)
    plain.world.local_prices = hours([0.0] * 96, MIDNIGHT)
    await plain.set_up(EVENING)
    for direction, price in (("export", 0.05), ("LOCAL", 0.0), ("Import", 0.3)):
        answer = await prices(hass, direction=direction)
        assert answer["prices"][0]["price"] == price
        assert answer["direction"] == direction.lower()


@pytest.mark.parametrize("unpublished", Unpublished)
async def test_before_the_publication(hass, plain, unpublished) -> None:
    """What is not known is left out; what is guessed says so."""
    plain.world.unpublished = unpublished
    await plain.set_up("2025-10-06T10:00")
    answer = await prices(hass)
    if unpublished is Unpublished.FORECAST:
        assert len(answer["prices"]) == 48
        assert answer["confidence"] == 0.6
        assert {one["confidence"] for one in answer["prices"]} == {1.0, 0.6}
    else:
        assert len(answer["prices"]) == 24
        assert answer["confidence"] == 1.0


# What it costs


async def test_what_is_kept_is_not_asked_for_again(hass, plain) -> None:
    """A chart that looks every minute costs no request, tomorrow known or not."""
    await plain.set_up("2025-10-06T10:00")
    asked = len(plain.price_calls())
    for minute in range(5):
        await plain.at(local("2025-10-06T10:00") + minute * MINUTE)
        assert len((await prices(hass))["prices"]) == 24
    assert len(plain.price_calls()) == asked
    await plain.live("2025-10-06T13:05", 5 * MINUTE)
    asked = len(plain.price_calls())
    assert len((await prices(hass))["prices"]) == 48
    assert len(plain.price_calls()) == asked


async def test_an_outage_leaves_what_is_kept(hass, plain) -> None:
    await plain.set_up(EVENING)
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        assert len((await prices(hass))["prices"]) == 48
        # more than is kept cannot be had, what is kept can
        answer = await prices(hass, start="2025-10-05 12:00", end="2025-10-06 12:00")
        assert spans(answer)[0][0] == MIDNIGHT
        with pytest.raises(HomeAssistantError) as failed:
            await prices(hass, start="2025-10-04 12:00", end="2025-10-05 12:00")
    assert failed.value.translation_key == "cannot_connect"


async def test_nothing_is_planned(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    before = {state.entity_id: state.state for state in hass.states.async_all()}
    await prices(hass, start="2025-10-04 12:00", end="2025-10-06 12:00")
    await plain.settle()
    assert {state.entity_id: state.state for state in hass.states.async_all()} == before


# Which home


async def test_the_currency_is_that_of_the_home(hass, plain) -> None:
    await plain.set_up(EVENING)
    boat = await second_home(plain)
    with pytest.raises(ServiceValidationError):
        await prices(hass)
    answer = await prices(hass, config_entry_id=boat.entry_id)
    assert (answer["currency"], answer["unit"]) == ("GBP", "GBP/kWh")
    # today by the clock in London
    assert answer["prices"][0]["start"] == "2025-10-06T00:00:00+01:00"


# What is wrong


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"start": "2025-10-07 02:00", "end": "2025-10-07 02:00"}, "end_before_start"),
        ({"start": "2025-10-07 02:00", "end": "2025-10-07 01:00"}, "end_before_start"),
        ({"end": "2025-10-05 12:00"}, "end_before_start"),
        ({"start": "2025-10-06 00:00", "end": "2025-10-09 00:01"}, "span_too_long"),
        ({"start": "0001-01-01 00:00"}, "span_too_long"),
        ({"end": "9999-12-31 23:59"}, "span_too_long"),
    ],
)
async def test_what_cannot_be_asked_is_refused_in_words(hass, house, asked, key) -> None:
    await house.set_up(EVENING)
    with pytest.raises(ServiceValidationError) as refused:
        await prices(hass, **asked)
    assert refused.value.translation_key == key
    assert await prices(hass)


@pytest.mark.parametrize(
    "asked",
    [{"direction": "sideways"}, {"start": "tomorrow"}, {"end": "25:00"}, {"duration": 60}],
    ids=str,
)
async def test_what_makes_no_sense_is_refused(hass, plain, asked) -> None:
    await plain.set_up(EVENING)
    with pytest.raises(vol.Invalid):
        await prices(hass, **asked)


@pytest.mark.parametrize(
    ("trouble", "key"),
    [
        pytest.param({"faults": {Fault.UNAVAILABLE}}, "cannot_connect", id="under repair"),
        pytest.param({"faults": {Fault.TOO_MANY_REQUESTS}}, "rate_limit", id="too many requests"),
        pytest.param({"faults": {Fault.NOT_JSON}}, "bad_answer", id="not JSON"),
        pytest.param({"faults": {Fault.REFUSE}}, "invalid_auth", id="refused"),
        pytest.param({"pending": True}, "not_yet", id="not connected yet"),
        pytest.param({"import_prices": ()}, "not_yet", id="no prices yet"),
        pytest.param({"account_disabled": True}, "account_disabled", id="account disabled"),
    ],
)
async def test_what_flatpeak_cannot_answer_is_an_error_in_words(hass, plain, trouble, key) -> None:
    """A direction that nobody keeps is asked for there and then."""
    await plain.set_up(EVENING)
    if "import_prices" in trouble:
        trouble = {"export_prices": ()}
    with turned(plain.world, **trouble), pytest.raises(HomeAssistantError) as failed:
        await prices(hass, direction="export")
    assert not isinstance(failed.value, ServiceValidationError)
    assert failed.value.translation_key == key
    await plain.settle()
    assert await prices(hass, direction="export")


async def test_an_account_without_prices_says_so(hass, plain) -> None:
    plain.world.faults = {Fault.NO_PRICES}
    await plain.set_up(EVENING)
    with pytest.raises(HomeAssistantError) as failed:
        await prices(hass)
    assert failed.value.translation_key == "no_price_feed"


async def test_a_home_without_a_price_for_selling_says_so(hass, plain) -> None:
    plain.world.no_tariff = {Direction.EXPORT}
    await plain.set_up(EVENING)
    with pytest.raises(HomeAssistantError) as failed:
        await prices(hass, direction="export")
    assert failed.value.translation_key in ("no_prices", "no_tariff")


async def test_a_sensor_that_is_gone_leaves_what_is_kept(hass, freezer, plain) -> None:
    house = LocalHome(hass, freezer)
    house.world.import_prices = plain.world.import_prices
    await house.set_up(EVENING)
    house.lose()
    await house.at(house.now + timedelta(hours=2))
    assert len((await prices(hass))["prices"]) == 48
    with pytest.raises(HomeAssistantError) as failed:
        await prices(hass, direction="export")
    assert failed.value.translation_key in ("no_prices", "no_tariff")
