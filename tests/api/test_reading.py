"""What is read from an answer, however it is spelled."""

from collections.abc import Callable
from datetime import UTC, datetime
import json
from typing import Any

from hypothesis import example as for_example, given, settings, strategies as st
import pytest

from custom_components.flatpeak.api import FlatpeakRefusedError, FlatpeakResponseError, wire
from custom_components.flatpeak.model import Direction, DurationSchedule, Slot, merge

from .conftest import refusal
from .questions import body, example, hours, question, slot
from .server import Answer

TEN = datetime(2026, 1, 15, 22, tzinfo=UTC)
ELEVEN = datetime(2026, 1, 15, 23, tzinfo=UTC)


async def read(client, server, said: Any) -> DurationSchedule:
    """Let the server say it, and the client ask."""
    server.says(said)
    return await client.schedule_by_duration("loc_1", question())


# Prices


@pytest.mark.parametrize(
    "price",
    [
        pytest.param({"price": {"value": 0.25, "confidence": 1}}, id="price.value"),
        pytest.param({"price": {"average": 0.25, "confidence": 1}}, id="price.average"),
        pytest.param({"price": {"rate_avg": 0.25, "confidence": 1}}, id="price.rate_avg"),
        pytest.param({"tariff": {"rate_avg": 0.25, "confidence": 1}}, id="tariff.rate_avg"),
        pytest.param({"tariff": {"rate": 0.25, "confidence": 1}}, id="tariff.rate"),
        pytest.param({"tariff": {"value": 0.25, "confidence": 1}}, id="tariff.value"),
        pytest.param({"tariff": {"average": 0.25, "confidence": 1}}, id="tariff.average"),
        pytest.param({"price": 0.25}, id="price, a plain number"),
        pytest.param({"tariff": 0.25}, id="tariff, a plain number"),
        pytest.param({"price": "0.25"}, id="a plain number in quotes"),
        pytest.param({"price": {"value": " 0.25 ", "confidence": "1"}}, id="numbers in quotes"),
        pytest.param({"price": {"value": 0.25}}, id="nothing said about confidence"),
        pytest.param({"price": {"value": 0.25, "confidence": None}}, id="confidence is null"),
        pytest.param({"price": {"value": 0.25, "confidence": 7}}, id="surer than sure"),
        pytest.param({"price": None, "tariff": {"rate": 0.25}}, id="price is null, tariff is not"),
        pytest.param({"price": {"value": None, "average": 0.25}}, id="value is null"),
        pytest.param({"price": {"value": 0.25}, "tariff": {"rate": 9}}, id="price before tariff"),
        pytest.param({"price": {"value": 0.25, "vat": 0.05, "x": []}}, id="with extra fields"),
    ],
)
async def test_every_spelling_of_a_price(client, server, price) -> None:
    answer = await read(client, server, body(slot(**{"tariff": ...} | price)))
    assert answer.slots == (Slot(TEN, ELEVEN, 0.25, 1.0),)


@pytest.mark.parametrize(
    ("price", "rate", "confidence"),
    [
        pytest.param({"value": 0, "confidence": 0}, None, 0.0, id="0 at confidence 0: unknown"),
        pytest.param({"value": 0.3, "confidence": 0}, None, 0.0, id="confidence 0 is no price"),
        pytest.param({"value": 0, "confidence": "0"}, None, 0.0, id="in quotes"),
        pytest.param({"confidence": 0}, None, 0.0, id="unknown, and not even 0"),
        pytest.param({"value": 0.3, "confidence": -1}, None, 0.0, id="less sure than unsure"),
        pytest.param({"value": 0, "confidence": 1}, 0.0, 1.0, id="0 at confidence 1: free"),
        pytest.param({"value": 0}, 0.0, 1.0, id="0, nothing more said: free"),
        pytest.param({"value": -0.0213, "confidence": 0.6}, -0.0213, 0.6, id="negative forecast"),
    ],
)
async def test_an_unknown_price_is_not_a_price_of_nothing(
    client, server, price, rate, confidence
) -> None:
    answer = await read(client, server, body(slot(tariff=..., price=price)))
    assert answer.slots == (Slot(TEN, ELEVEN, rate, confidence),)


async def test_a_plain_price_may_have_its_confidence_beside_it(client, server) -> None:
    answer = await read(client, server, body(slot(tariff=..., price=0.25, confidence=0.6)))
    assert answer.slots == (Slot(TEN, ELEVEN, 0.25, 0.6),)


# Times


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param("2026-01-15T22:00:00Z", "2026-01-15T23:00:00Z", id="Z"),
        pytest.param("2026-01-15T22:00:00+00:00", "2026-01-15T23:00:00+00:00", id="no offset"),
        pytest.param("2026-01-15T23:00:00+01:00", "2026-01-16T00:00:00+01:00", id="+01:00"),
        pytest.param("2026-01-15T16:30:00-05:30", "2026-01-15T17:30:00-05:30", id="-05:30"),
        pytest.param("2026-01-15T23:00:00+01:00", "2026-01-16T01:00:00+02:00", id="two offsets"),
        pytest.param("2026-01-15T22:00:00.000Z", "2026-01-15T23:00:00.000000Z", id="fractions"),
        pytest.param("2026-01-15T22:00Z", "2026-01-15T23:00Z", id="no seconds"),
        pytest.param("2026-01-15 22:00:00Z", "2026-01-15 23:00:00Z", id="a blank between"),
        pytest.param(" 2026-01-15T22:00:00Z", "2026-01-15T23:00:00Z ", id="blanks around"),
        pytest.param("20260115T220000Z", "20260115T230000Z", id="no signs between"),
    ],
)
@pytest.mark.parametrize("names", [("start_time", "end_time"), ("valid_from", "valid_to")])
async def test_every_spelling_of_a_time(client, server, start, end, names) -> None:
    times = {"start_time": ..., "end_time": ..., **dict(zip(names, (start, end), strict=True))}
    (found,) = (await read(client, server, body(slot(**times)))).slots
    assert (found.start, found.end) == (TEN, ELEVEN)
    assert found.start.tzinfo is UTC


async def test_fractions_of_a_second_are_kept(client, server) -> None:
    said = slot(start_time="2026-01-15T22:00:00.25Z", end_time="2026-01-15T23:00:00.123456Z")
    (found,) = (await read(client, server, body(said))).slots
    assert (found.start.microsecond, found.end.microsecond) == (250000, 123456)


# The answer around the slots


@pytest.mark.parametrize(
    ("said", "direction"),
    [
        pytest.param({"direction": "IMPORT"}, Direction.IMPORT, id="direction"),
        pytest.param({"tariff_direction": "IMPORT"}, Direction.IMPORT, id="tariff_direction"),
        pytest.param({"direction": " import "}, Direction.IMPORT, id="small, with blanks"),
        pytest.param(
            {"direction": "EXPORT", "tariff_direction": "IMPORT"}, Direction.IMPORT, id="both"
        ),
        pytest.param({"direction": "IMPORT", "tariff_direction": None}, Direction.IMPORT, id="one"),
        pytest.param({"direction": "INBOUND"}, None, id="a new word"),
        pytest.param({}, None, id="neither"),
    ],
)
async def test_every_spelling_of_the_direction(client, server, said, direction) -> None:
    answer = await read(client, server, body(slot(), **{"direction": ...} | said))
    assert answer.direction is direction


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        pytest.param("2026-01-16T12:00:00Z", (16, 12), id="UTC"),
        pytest.param("2026-01-16T13:00:00+01:00", (16, 12), id="an offset"),
        pytest.param("2026-01-16T12:00:00", (16, 12), id="no zone: UTC"),
        pytest.param(..., None, id="missing"),
        pytest.param(None, None, id="null"),
        pytest.param("soon", None, id="no time"),
        pytest.param(1768564800, None, id="a number"),
        pytest.param("0001-01-01T00:00:00Z", None, id="the zero of other languages"),
        pytest.param("9999-12-31T23:59:59-12:00", None, id="the end of time"),
    ],
)
async def test_the_next_update_is_only_advice(client, server, said, moment) -> None:
    answer = await read(client, server, body(slot(), next_update=said))
    assert answer.next_update == (moment and datetime(2026, 1, *moment, tzinfo=UTC))
    assert answer.slots


@pytest.mark.parametrize("odd", [..., None, 7, [], {}, "", "  "])
async def test_what_is_only_for_show_may_be_missing_or_odd(client, server, odd) -> None:
    said = body(slot(), currency_code=odd, location_timezone=odd, live_mode=odd, object=odd)
    answer = await read(client, server, said)
    assert (answer.currency, answer.time_zone, answer.live) == (None, None, None)
    assert answer.slots == (Slot(TEN, ELEVEN, 0.25),)


async def test_unknown_fields_are_left_alone(client, server) -> None:
    said = body(slot(vpp_event=True, carbon={"intensity": 7}), device_id="dev_1", later=[1, {}])
    assert await read(client, server, said) == await read(client, server, body(slot()))


# Several slots


async def test_touching_slots_are_one_at_the_average_over_time(client, server) -> None:
    answer = await read(client, server, body(hours(0, 1, 0.4), hours(1, 4, 0.2, 0.6), hours(5, 6)))
    assert [(s.start.hour, s.end.hour) for s in answer.slots] == [(0, 4), (5, 6)]
    assert answer.slots[0].rate == pytest.approx(0.25)
    assert answer.slots[0].confidence == 0.6


async def test_slots_are_sorted(client, server) -> None:
    answer = await read(client, server, body(hours(5, 6), hours(1, 2), hours(3, 4)))
    assert [slot.start.hour for slot in answer.slots] == [1, 3, 5]


async def test_an_unknown_price_does_not_join_a_known_one(client, server) -> None:
    answer = await read(client, server, body(hours(0, 1, 0, 0), hours(1, 2), hours(2, 3, 0, 0)))
    assert [slot.rate for slot in answer.slots] == [None, 0.25, None]


@pytest.mark.parametrize(
    "slots",
    [
        pytest.param((hours(0, 2), hours(1, 3)), id="partly"),
        pytest.param((hours(0, 4), hours(1, 3)), id="one in the other"),
        pytest.param((hours(0, 2), hours(0, 2)), id="twice the same"),
        pytest.param((hours(1, 3), hours(0, 2)), id="unsorted"),
    ],
)
async def test_slots_that_overlap_are_refused(client, server, slots) -> None:
    server.says(body(*slots))
    err = await refusal(FlatpeakResponseError, client.schedule_by_duration("loc_1", question()))
    assert str(err) == "data: two slots overlap"


async def test_a_slot_of_no_length_is_no_slot(client, server) -> None:
    """What rounding to whole seconds can leave of a short one."""
    answer = await read(client, server, body(hours(1, 1, 9), hours(1, 3), hours(2, 2)))
    assert [(slot.start.hour, slot.end.hour, slot.rate) for slot in answer.slots] == [(1, 3, 0.25)]


async def test_no_slots_are_an_answer(client, server) -> None:
    assert (await read(client, server, body())).slots == ()


# What cannot be understood, and the field that is to blame

NO_TIMES = (7, "", "soon", True, [], {}, "2026-01-15T22:00:00", "2026-13-01T00:00:00Z")
NO_TIMES += ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00")
NO_NUMBERS = ("", "cheap", True, [], {}, "nan", "inf", "1e999", 10**400, float("inf"))

MUTATIONS = {
    "data is missing": (body(data=...), "data"),
    "data is null": (body(data=None), "data"),
    **{f"data is {odd!r}": (body(data=odd), "data") for odd in ("", 7, {}, False)},
    **{f"a slot is {odd!r}": (body(slot(), odd), "data[1]") for odd in (None, 7, "x", [], True)},
    **{
        f"{name} is {odd!r}": (body(slot(**{name: odd})), f"data[0].{name}")
        for name in ("start_time", "end_time")
        for odd in (..., None, *NO_TIMES)
    },
    **{
        f"{new} is {odd!r}": (body(slot(**{old: ..., new: odd})), f"data[0].{new}")
        for old, new in (("start_time", "valid_from"), ("end_time", "valid_to"))
        for odd in NO_TIMES
    },
    "it ends before it starts": (body(hours(5, 4)), "data[0].end_time"),
    "there is no price": (body(slot(tariff=...)), "data[0].price"),
    "price is null": (body(slot(tariff=None)), "data[0].price"),
    **{
        f"{box} is {odd!r}": (body(slot(**{"tariff": ..., box: odd})), f"data[0].{box}")
        for box in ("price", "tariff")
        for odd in (*NO_NUMBERS, {"confidence": 1})
    },
    **{
        f"{box}.{name} is {odd!r}": (
            body(slot(**{"tariff": ..., box: {name: odd}})),
            f"data[0].{box}.{name}",
        )
        for box in ("price", "tariff")
        for name in ("value", "average", "rate_avg", "rate")
        for odd in NO_NUMBERS
    },
    **{
        f"{box}.confidence is {odd!r}": (
            body(slot(**{"tariff": ..., box: {"value": 1, "confidence": odd}})),
            f"data[0].{box}.confidence",
        )
        for box in ("price", "tariff")
        for odd in NO_NUMBERS
    },
    "the second of three": (body(hours(1, 2), slot(end_time="?"), hours(3, 4)), "data[1].end_time"),
}


@pytest.mark.parametrize(
    ("said", "field"), MUTATIONS.values(), ids=[name[:50] for name in MUTATIONS]
)
def test_the_error_names_the_field(said, field) -> None:
    with pytest.raises(FlatpeakResponseError) as caught:
        wire.duration_schedule(said)
    assert type(caught.value) is FlatpeakResponseError
    assert str(caught.value).startswith((f"{field} ", f"{field}.", f"{field}:"))


@pytest.mark.parametrize("name", ["data is missing", "end_time is 'soon'", "price.value is inf"])
async def test_an_answer_that_is_not_understood_is_one_error(client, server, name) -> None:
    said, field = MUTATIONS[name]
    server.says(said)
    err = await refusal(FlatpeakResponseError, client.schedule_by_duration("loc_1", question()))
    assert field in str(err)
    assert len(server.asked) == 1
    server.says(body(slot()))
    assert (await client.schedule_by_duration("loc_1", question())).slots


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.text()
    | st.datetimes(timezones=st.just(UTC) | st.timezones()).map(datetime.isoformat)
    | st.datetimes().map(datetime.isoformat),
    lambda parts: (
        st.lists(parts, max_size=4)
        | st.dictionaries(
            st.text()
            | st.sampled_from(
                [
                    *("data", "price", "tariff", "value", "average", "confidence", "start_time"),
                    *("end_time", "valid_from", "valid_to", "direction", "next_update"),
                ]
            ),
            parts,
            max_size=5,
        )
    ),
    max_leaves=12,
)
SLOT_OF_ANYTHING = st.builds(
    lambda changes: slot(**changes),
    st.dictionaries(
        st.sampled_from(["start_time", "end_time", "tariff", "price", "valid_from", "valid_to"]),
        ANY_JSON | st.dictionaries(st.sampled_from(["value", "rate", "confidence"]), ANY_JSON),
        max_size=2,
    ),
)


def result(read: Callable[[Any], object], said: Any) -> object:
    """Return what is read, or the refusal; any other exception is not caught."""
    try:
        return read(said)
    except FlatpeakResponseError as err:
        return err


def understood_or_refused(said: Any) -> None:
    found = result(wire.duration_schedule, said)
    if isinstance(found, FlatpeakResponseError):
        assert type(found) is FlatpeakResponseError
        assert str(found)
        return
    assert isinstance(found, DurationSchedule)
    assert merge(found.slots) == found.slots
    assert all((slot.rate is None) == (slot.confidence == 0) for slot in found.slots)
    assert all(0 <= slot.confidence <= 1 for slot in found.slots)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(), ANY_JSON, max_size=3), ANY_JSON, ANY_JSON)
def test_any_object_is_understood_or_refused(extra, data, direction) -> None:
    understood_or_refused(extra)
    understood_or_refused(extra | {"data": data})
    understood_or_refused(body(slot(), direction=direction, next_update=data))


@settings(max_examples=300, deadline=None)
@given(st.lists(ANY_JSON | SLOT_OF_ANYTHING, min_size=1, max_size=3))
@for_example([slot(start_time="2026-01-15\ud80022:00:00Z")])
@for_example([slot(start_time="0001-01-01T00:00:00+23:59")])
@for_example([slot(start_time="9998-12-31T23:59:59-23:59")])
def test_any_slot_is_understood_or_refused(slots) -> None:
    understood_or_refused(body(*slots))


@settings(max_examples=200, deadline=None)
@given(
    st.binary() | st.text().map(str.encode) | ANY_JSON.map(lambda value: json.dumps(value).encode())
)
@for_example(b"1" * 5000)
@for_example(b'{"data": NaN}')
@for_example(b"\xef\xbb\xbf{}")
def test_any_bytes_are_an_object_or_refused(raw) -> None:
    assert isinstance(wire.problem(raw).message, str)
    found = result(wire.document, raw)
    assert isinstance(found, dict) or str(found).startswith("the answer is not")


@pytest.mark.parametrize("part", [b"[", b'{"data":'])
@pytest.mark.parametrize("status", [200, 422])
async def test_an_answer_nested_without_end_is_refused(client, server, part, status) -> None:
    server.says(Answer(part * 200_000, status))
    kind = FlatpeakResponseError if status == 200 else FlatpeakRefusedError
    await refusal(kind, client.schedule_by_duration("loc_1", question()))


# The bodies of the documentation


def test_the_documented_answer() -> None:
    assert wire.duration_schedule(example("anode_schedules_duration_200")) == DurationSchedule(
        (
            Slot(
                datetime(2024, 5, 20, tzinfo=UTC),
                datetime(2024, 5, 20, 5, 30, tzinfo=UTC),
                3.221,
            ),
        ),
        Direction.IMPORT,
        "EUR",
        "Europe/London",
        datetime(2023, 6, 18, 23, tzinfo=UTC),
        live=True,
    )


def test_the_documented_answer_without_slots() -> None:
    found = wire.duration_schedule(example("anode_schedules_duration_200_empty"))
    assert found.slots == ()
    assert found.live is False


@pytest.mark.parametrize(
    ("name", "rates"),
    [
        ("anode_schedules_limit_200", [4.998]),
        ("anode_prices_200", [4.998]),
        ("anode_prices_200_no_next_update", [4.998]),
        ("price_zero_confidence_200", [None, -0.0213]),
    ],
)
def test_slots_of_other_calls_are_spelled_the_same(name, rates) -> None:
    assert [slot.rate for slot in wire.duration_schedule(example(name)).slots] == rates
