"""Schedules by price limit and prices in every dialect, and how each is learned."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from custom_components.flatpeak.api import (
    Dialect,
    Dialects,
    FlatpeakClient,
    FlatpeakConnectionError,
    FlatpeakNoTariffError,
    FlatpeakNotFoundError,
    FlatpeakNotYetError,
    FlatpeakResponseError,
    FlatpeakVersionError,
    Form,
    PriceDialect,
    PriceLimitDialect,
)
from custom_components.flatpeak.model import (
    Direction,
    DurationSchedule,
    PriceCap,
    PriceLimitRequest,
    PriceRequest,
    PriceSeries,
    Segment,
    Span,
    total,
    within,
)
from simulator import Dialect as Spoken, Fault, Unpublished
from simulator.state import ACCOUNT, KEY, LOCATION, ONE_O_CLOCK

from .conftest import client_of, refusal
from .questions import EVENING, HOUR, body, hours
from .server import Answer

BUSBAR = "2026-03-02.busbar"
NIGHT = Span(EVENING, EVENING + 9 * HOUR)
DIALECTS = pytest.mark.parametrize("spoken", list(Spoken))


def within_power_limits(
    *,
    direction: Direction = Direction.IMPORT,
    segment: Segment = Segment.LOW,
    span: Span = NIGHT,
    absolute: float | None = 0.1,
    relative: float | None = None,
) -> PriceLimitRequest:
    """Ask for all time of a night at 10 ct at most, unless told otherwise."""
    return PriceLimitRequest(span, direction, segment, PriceCap(relative, absolute))


def priced(*, direction: Direction = Direction.IMPORT, span: Span = NIGHT) -> PriceRequest:
    """Ask for the prices of a night, unless told otherwise."""
    return PriceRequest(span, direction)


type Asking = Callable[..., Awaitable[DurationSchedule | PriceSeries]]


@dataclass(frozen=True)
class Kind:
    """One of the two questions, and how it is spoken once that is known.

    `known` holds the dialects and how many questions it takes to find them out (import,
    export); a direction that was not understood is asked for once more.
    """

    name: str
    places: tuple[str, str]
    known: dict[Spoken, tuple[Dialect, int, int]]

    def ask(self, client: FlatpeakClient, location: str = LOCATION, **changes: Any) -> Any:
        if self.name == "limit":
            return client.schedule_by_limit(location, within_power_limits(**changes))
        return client.prices(location, priced(**changes))

    def learned(self, client: FlatpeakClient) -> Dialect:
        return getattr(client.dialects, self.name)

    def questions(self, world) -> int:
        """Count the requests, and forget them."""
        count = sum(call.path.startswith(self.places) for call in world.calls)
        world.calls.clear()
        return count


LIMIT = Kind(
    "limit",
    ("/schedules/limit", "/slots/threshold"),
    {
        Spoken.ZERO: (PriceLimitDialect(form=Form.QUERY), 3, 3),
        Spoken.ANODE: (PriceLimitDialect(), 1, 1),
        Spoken.ANODE_GUIDE: (PriceLimitDialect(direction_name="tariff_direction"), 1, 2),
        Spoken.BUSBAR_A: (PriceLimitDialect(BUSBAR, Form.BODY, "tariff_direction"), 2, 2),
        Spoken.BUSBAR_B: (PriceLimitDialect(BUSBAR, Form.BODY, "tariff_direction"), 2, 2),
    },
)
PRICES = Kind(
    "prices",
    ("/prices", "/tariffs/rates"),
    {
        Spoken.ZERO: (PriceDialect(form=Form.QUERY, direction_name="direction"), 3, 3),
        Spoken.ANODE: (PriceDialect(), 1, 1),
        Spoken.ANODE_GUIDE: (PriceDialect(), 1, 1),
        Spoken.BUSBAR_A: (PriceDialect(BUSBAR), 3, 3),
        Spoken.BUSBAR_B: (PriceDialect(BUSBAR, Form.BODY), 2, 2),
    },
)
KINDS = pytest.mark.parametrize("kind", [LIMIT, PRICES], ids=["limit", "prices"])
DIRECTIONS = pytest.mark.parametrize("direction", list(Direction))


# In the simulator


@DIALECTS
@DIRECTIONS
async def test_prices_come_in_every_dialect(home, world, spoken, direction) -> None:
    world.version = spoken
    series = await home.prices(LOCATION, priced(direction=direction))
    assert series.slots == within(world.import_prices, NIGHT.start, NIGHT.end)
    assert series.direction is direction
    assert (series.currency, series.time_zone, series.live) == ("EUR", "Europe/Brussels", False)
    assert (series.next_update is None) == (spoken in (Spoken.BUSBAR_A, Spoken.BUSBAR_B))


@DIALECTS
@DIRECTIONS
@pytest.mark.parametrize("segment", list(Segment))
@pytest.mark.parametrize(
    "limit", [{"absolute": 0.1}, {"absolute": None, "relative": 0.4}], ids=["rate", "share"]
)
async def test_a_schedule_by_limit_comes_in_every_dialect(
    home, world, spoken, direction, segment, limit
) -> None:
    world.version = spoken
    answer = await home.schedule_by_limit(
        LOCATION, within_power_limits(direction=direction, segment=segment, **limit)
    )
    prices = within(world.import_prices, NIGHT.start, NIGHT.end)
    low, high = (pick(slot.rate for slot in prices) for pick in (min, max))
    edge = limit["absolute"] or low + (0.4 - 0.01) / 0.99 * (high - low)
    fits = [slot for slot in prices if (slot.rate <= edge) == (segment is Segment.LOW)]
    assert 0 < len(fits) < len(prices)
    assert total(answer.slots) == total(fits)
    assert total(within(fits, answer.slots[0].start, answer.slots[0].end)) == answer.slots[0].length
    assert answer.direction is direction
    assert answer.next_update is not None


@DIALECTS
async def test_no_time_within_a_limit_is_an_answer(home, world, spoken) -> None:
    world.version = spoken
    answer = await home.schedule_by_limit(LOCATION, within_power_limits(absolute=-1))
    assert answer.slots == ()


@DIALECTS
async def test_a_tiny_limit_is_a_limit(home, world, spoken) -> None:
    world.version = spoken
    answer = await home.schedule_by_limit(
        LOCATION, within_power_limits(absolute=0.00001, segment=Segment.HIGH)
    )
    assert total(answer.slots) == NIGHT.length


@KINDS
@DIALECTS
@pytest.mark.parametrize("direction", [Direction.IMPORT, Direction.EXPORT])
async def test_what_was_learned_is_remembered(home, world, kind, spoken, direction) -> None:
    world.version = spoken
    await kind.ask(home, direction=direction)
    assert kind.questions(world) == kind.known[spoken][1 + (direction is Direction.EXPORT)]
    await kind.ask(home, direction=direction)
    assert kind.questions(world) == 1


@KINDS
@DIALECTS
async def test_a_new_client_is_told_what_an_old_one_learned(
    home, world, session, simulator, kind, spoken
) -> None:
    world.version = spoken
    await kind.ask(home, direction=Direction.EXPORT)
    kind.questions(world)
    assert kind.learned(home) == kind.known[spoken][0]
    new = client_of(session, simulator.url, account_id=ACCOUNT, api_key=KEY, dialects=home.dialects)
    for direction in Direction:
        assert (await kind.ask(new, direction=direction)).direction is direction
        assert kind.questions(world) == 1


@KINDS
@DIALECTS
async def test_each_question_is_learned_alone(home, world, kind, spoken) -> None:
    world.version = spoken
    await kind.ask(home, direction=Direction.EXPORT)
    others = {
        name: getattr(home.dialects, name) for name in Dialects.__slots__ if name != kind.name
    }
    assert others == {name: getattr(Dialects(), name) for name in others}


@KINDS
@DIALECTS
@pytest.mark.parametrize("before", list(Spoken))
async def test_an_account_may_change_its_dialect_at_any_time(
    home, world, kind, before, spoken
) -> None:
    for version in (before, spoken):
        world.version = version
        answer = await kind.ask(home, direction=Direction.EXPORT)
        assert answer.direction is Direction.EXPORT
    kind.questions(world)
    await kind.ask(home, direction=Direction.EXPORT)
    assert kind.questions(world) == 1


@KINDS
@DIALECTS
async def test_a_location_that_is_not_there_is_not_found(home, world, kind, spoken) -> None:
    world.version = spoken
    await refusal(FlatpeakNotFoundError, kind.ask(home, "loc_other"))
    assert kind.questions(world) <= 4
    assert (await kind.ask(home)).slots


@KINDS
@DIALECTS
async def test_who_has_nothing_to_answer_yet_has_understood(home, world, kind, spoken) -> None:
    world.version, world.pending = spoken, True
    await refusal(FlatpeakNotYetError, kind.ask(home))
    kind.questions(world)
    world.pending = False
    assert (await kind.ask(home)).slots
    assert kind.questions(world) == 1


@KINDS
@DIALECTS
async def test_a_home_that_only_sells(home, world, kind, spoken) -> None:
    """A dialect that reads no direction takes it for a home that buys, which it cannot."""
    world.version, world.no_tariff = spoken, {Direction.IMPORT}
    answer = await kind.ask(home, direction=Direction.EXPORT)
    assert answer.direction is Direction.EXPORT
    assert kind.learned(home) == kind.known[spoken][0]


@KINDS
@DIALECTS
async def test_a_home_that_only_buys_does_not_sell(home, world, kind, spoken) -> None:
    world.version, world.no_tariff = spoken, {Direction.EXPORT}
    if spoken is Spoken.ANODE_GUIDE and kind is LIMIT:
        await kind.ask(home, direction=Direction.LOCAL)  # learns the spelling
    err = await refusal(FlatpeakNoTariffError, kind.ask(home, direction=Direction.EXPORT))
    assert "EXPORT" in str(err)
    assert kind.learned(home) == kind.known[spoken][0]


@DIALECTS
async def test_an_account_may_have_no_prices(home, world, spoken) -> None:
    world.version = spoken
    world.faults.add(Fault.NO_PRICES)
    await refusal(FlatpeakNotFoundError, home.prices(LOCATION, priced()))
    assert PRICES.questions(world) <= 4
    assert home.dialects == Dialects()
    assert (await home.schedule_by_limit(LOCATION, within_power_limits())).slots
    world.faults.clear()
    assert (await home.prices(LOCATION, priced())).slots


async def test_prices_may_fail_alone(home, world) -> None:
    world.faults.add(Fault.PRICES_FAIL)
    await refusal(FlatpeakConnectionError, home.prices(LOCATION, priced()))
    assert PRICES.questions(world) == 1
    assert (await home.schedule_by_limit(LOCATION, within_power_limits())).slots


@DIALECTS
@pytest.mark.parametrize(
    ("unpublished", "said"),
    [
        (Unpublished.ABSENT, None),
        (Unpublished.UNKNOWN, (None, 0.0)),
        (Unpublished.FORECAST, ("tenth", 0.6)),
    ],
)
async def test_prices_that_are_not_published_yet(
    home, world, freezer, spoken, unpublished, said
) -> None:
    freezer.move_to("2026-01-15T11:00:00Z")
    world.version, world.publication, world.unpublished = spoken, ONE_O_CLOCK, unpublished
    series = await home.prices(LOCATION, priced())
    midnight = EVENING + 2 * HOUR
    known = within(series.slots, EVENING, midnight)
    assert known == within(world.import_prices, EVENING, midnight)
    later = within(series.slots, midnight, NIGHT.end)
    assert len(later) == (0 if said is None else 7)
    for slot, true in zip(later, within(world.import_prices, midnight, NIGHT.end), strict=False):
        rate = said[0] and pytest.approx(true.rate * 1.1, abs=1e-5)
        assert (slot.rate, slot.confidence) == (rate, said[1])


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.OVERLAPPING, FlatpeakResponseError),
        (Fault.MISSING_FIELD, FlatpeakResponseError),
        (Fault.NOT_JSON, FlatpeakResponseError),
        (Fault.SERVER_ERROR, FlatpeakConnectionError),
        (Fault.VERSION_REFUSED, FlatpeakVersionError),
    ],
)
@KINDS
async def test_a_fault_is_one_error_and_teaches_nothing(home, world, kind, fault, error) -> None:
    world.missing_field = "data" if kind is LIMIT else "valid_to"
    await home.locations()
    world.faults.add(fault)
    await refusal(error, kind.ask(home))
    assert home.dialects == Dialects()
    world.faults.clear()
    assert (await kind.ask(home)).slots


@pytest.mark.parametrize(
    "fault",
    [Fault.UNSORTED, Fault.NUMBERS_AS_STRINGS, Fault.NEXT_UPDATE_MISSING],
)
@KINDS
async def test_a_fault_that_does_no_harm(home, world, kind, fault) -> None:
    good = await kind.ask(home)
    world.faults.add(fault)
    assert (await kind.ask(home)).slots == good.slots


@KINDS
async def test_unknown_prices_are_unknown(home, world, kind) -> None:
    world.faults.add(Fault.UNKNOWN_PRICE)
    slots = (await kind.ask(home)).slots
    assert {(slot.rate, slot.confidence) for slot in slots} == {(None, 0.0)}


# To the letter

ASKED = {"start_time": "2026-01-15T21:00:00Z", "end_time": "2026-01-16T06:00:00Z"}
LIMITED = ASKED | {"segment": "LOW", "absolute": 0.1}
QUERY = {"direction": "IMPORT"}


@pytest.mark.parametrize(
    ("kind", "dialect", "method", "path", "query", "sent"),
    [
        pytest.param(
            *(LIMIT, PriceLimitDialect(), "POST", "/schedules/limit/a%2Fb", {}),
            LIMITED | QUERY,
            id="limit, in the path",
        ),
        pytest.param(
            *(LIMIT, PriceLimitDialect.of(BUSBAR), "POST", "/schedules/limit", {}),
            LIMITED | {"location_id": "a/b", "tariff_direction": "IMPORT"},
            id="limit, in the body",
        ),
        pytest.param(
            *(LIMIT, PriceLimitDialect.of("2024-08-24"), "GET", "/slots/threshold/a%2Fb"),
            *(LIMITED | QUERY | {"absolute": "0.1"}, None),
            id="limit, in the query",
        ),
        pytest.param(
            *(PRICES, PriceDialect(), "POST", "/prices/a%2Fb", {}),
            ASKED | {"tariff_direction": "IMPORT"},
            id="prices, in the path",
        ),
        pytest.param(
            *(PRICES, PriceDialect.of(BUSBAR), "POST", "/prices", {}),
            ASKED | {"location_id": "a/b", "tariff_direction": "IMPORT"},
            id="prices, in the body",
        ),
        pytest.param(
            *(PRICES, PriceDialect.of("2024-08-24.zero"), "GET", "/tariffs/rates/a%2Fb"),
            *(ASKED | QUERY | {"include_tariff": "true"}, None),
            id="prices, in the query",
        ),
    ],
)
async def test_what_is_asked(client, server, kind, dialect, method, path, query, sent) -> None:
    client.dialects = Dialects(**{kind.name: dialect})
    server.says(body(hours(22, 23)))
    await kind.ask(client, "a/b")
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.version) == (method, path, dialect.version)
    assert (asked.query, asked.body) == (query, sent)


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"absolute": 0.1, "relative": 0.5}, {"absolute": 0.1}),
        ({"absolute": None, "relative": 0.5}, {"relative": 0.5}),
        ({"absolute": 0.0}, {"absolute": 0}),
        ({"absolute": -0.05, "relative": 7}, {"absolute": -0.05}),
        ({"absolute": 0.1 + 0.2}, {"absolute": 0.3}),
        ({"absolute": 0.00001}, {"absolute": 0.00001}),
    ],
)
@pytest.mark.parametrize("form", list(Form))
async def test_one_limit_is_named_and_a_rate_before_a_share(
    client, server, limit, said, form
) -> None:
    client.dialects = Dialects(limit=PriceLimitDialect(form=form))
    server.says(body(hours(22, 23)))
    await client.schedule_by_limit("loc_1", within_power_limits(**limit))
    asked = server.asked[-1].query if form is Form.QUERY else server.asked[-1].body
    given = {name: asked[name] for name in ("absolute", "relative") if name in asked}
    assert {name: float(value) for name, value in given.items()} == said
    assert all("e" not in str(value) for value in asked.values()) or form is not Form.QUERY


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ({"absolute": None}, "limit"),
        ({"absolute": None, "relative": 0}, "relative"),
        ({"absolute": None, "relative": 1.001}, "relative"),
        ({"absolute": None, "relative": float("nan")}, "relative"),
        ({"span": Span(EVENING, EVENING + 72 * HOUR + timedelta(seconds=1))}, "three days"),
    ],
)
async def test_no_question_about_a_limit(client, server, limit, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        await client.schedule_by_limit("loc_1", within_power_limits(**limit))
    assert not server.logins


async def test_a_month_of_prices_is_the_most(client, server) -> None:
    server.says(body(hours(22, 23)))
    month = timedelta(days=31)
    await client.prices("loc_1", priced(span=Span(EVENING, EVENING + month)))
    long = Span(EVENING, EVENING + month + timedelta(seconds=1))
    with pytest.raises(ValueError, match="31 days"):
        await client.prices("loc_1", priced(span=long))
    assert len(server.asked) == 1


@KINDS
async def test_the_other_direction_in_both_spellings_is_no_answer(client, server, kind) -> None:
    server.says(body(hours(22, 23), direction="EXPORT"))
    err = await refusal(FlatpeakResponseError, kind.ask(client))
    assert str(err) == "direction is not the one asked for"
    spelled = [set(asked.body) & {"direction", "tariff_direction"} for asked in server.asked]
    first = kind.learned(client).direction_name
    assert spelled == [{first}, {"direction", "tariff_direction"} - {first}]
    assert client.dialects == Dialects()


@KINDS
async def test_what_is_found_nowhere_costs_three_questions(client, server, kind) -> None:
    server.says(Answer({"message": "Not Found"}, 404))
    for _ in range(2):
        server.asked.clear()
        await refusal(FlatpeakNotFoundError, kind.ask(client, "loc_1"))
        new, old = kind.places
        assert [asked.path for asked in server.asked] == [f"{new}/loc_1", new, f"{old}/loc_1"]
    assert client.dialects == Dialects()
