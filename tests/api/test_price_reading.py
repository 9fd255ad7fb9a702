"""What is read from a series of prices, however it is spelled; and from a schedule by limit."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from hypothesis import example as for_example, given, settings, strategies as st
import pytest

from custom_components.flatpeak.api import FlatpeakResponseError, wire
from custom_components.flatpeak.model import Direction, DurationSchedule, PriceSeries, Slot

from .questions import body, example
from .test_reading import ANY_JSON, NO_NUMBERS, NO_TIMES, SLOT_OF_ANYTHING, result

TEN = datetime(2026, 1, 15, 22, tzinfo=UTC)
ELEVEN = datetime(2026, 1, 15, 23, tzinfo=UTC)


def entry(**changes: Any) -> dict[str, Any]:
    """Return an entry as anode spells it; what is changed to `...` is left out."""
    good = {
        "valid_from": "2026-01-15T22:00:00Z",
        "valid_to": "2026-01-15T23:00:00Z",
        "price": {"value": 0.25, "confidence": 1},
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def hour(first: int, last: int, price: float = 0.25, confidence: float = 1) -> dict[str, Any]:
    """Return an entry of 15 January 2026 by its hours in UTC."""
    return entry(
        valid_from=f"2026-01-15T{first:02}:00:00Z",
        valid_to=f"2026-01-15T{last:02}:00:00Z",
        price={"value": price, "confidence": confidence},
    )


def read(*entries: Any, **changes: Any) -> PriceSeries:
    return wire.price_series(body(*entries, **changes))


def hours_of(series: PriceSeries) -> list[tuple[int, int, float | None]]:
    return [(slot.start.hour, slot.end.hour, slot.rate) for slot in series.slots]


# The bodies of the documentation


@pytest.mark.parametrize(
    ("name", "update"),
    [
        ("anode_prices_200", datetime(2022, 5, 24, 23, tzinfo=UTC)),
        # when prices changed last is no time to ask again
        ("anode_prices_200_no_next_update", None),
    ],
)
def test_the_documented_prices(name, update) -> None:
    start, end = (datetime(2022, 12, 28, *time, tzinfo=UTC) for time in ((1, 0), (2, 30)))
    assert wire.price_series(example(name)) == PriceSeries(
        (Slot(start, end, 4.998),), Direction.IMPORT, "EUR", "Europe/London", update, live=True
    )


def test_the_documented_price_that_is_not_known() -> None:
    one, two, three = (datetime(2022, 12, 28, hour, tzinfo=UTC) for hour in (1, 2, 3))
    slots = wire.price_series(example("price_zero_confidence_200")).slots
    assert slots == (Slot(one, two, None, 0.0), Slot(two, three, -0.0213, 0.6))


def test_the_documented_schedule_by_limit() -> None:
    start, end = (datetime(2022, 12, 28, *time, tzinfo=UTC) for time in ((1, 0), (2, 30)))
    assert wire.duration_schedule(example("anode_schedules_limit_200")) == DurationSchedule(
        (Slot(start, end, 4.998),),
        Direction.IMPORT,
        "EUR",
        "Europe/London",
        datetime(2022, 5, 24, 23, tzinfo=UTC),
        live=True,
    )


# Each generation has its own spelling


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(entry(), id="anode, busbar"),
        pytest.param(entry(price=..., tariff={"rate": 0.25, "confidence": 1}), id="zero"),
        pytest.param(
            entry(
                price=..., tariff={"rate": 0.25, "confidence": 1}, carbon={"intensity": 7, "x": {}}
            ),
            id="zero, with carbon",
        ),
        pytest.param(
            entry(
                valid_from=...,
                valid_to=...,
                start_time="2026-01-15T23:00:00+01:00",
                end_time="2026-01-16T00:00:00+01:00",
            ),
            id="the times of schedules",
        ),
        pytest.param(entry(price={"average": 0.25}), id="the prices of schedules"),
        pytest.param(entry(price=..., tariff={"rate_avg": 0.25}), id="and the older ones"),
        pytest.param(entry(price=0.25), id="a plain number"),
        pytest.param(entry(price={"value": "0.25", "confidence": "1"}), id="in quotes"),
        pytest.param(entry(price=None, tariff={"rate": 0.25}), id="price is null, tariff is not"),
        pytest.param(
            entry(price={"value": None}, tariff={"rate": 0.25}), id="value is null, rate is not"
        ),
        pytest.param(entry(vpp_event=False, later=[1]), id="with extra fields"),
    ],
)
def test_every_spelling_of_an_entry(said) -> None:
    assert read(said).slots == (Slot(TEN, ELEVEN, 0.25, 1.0),)


@pytest.mark.parametrize(
    ("said", "direction"),
    [
        ({"direction": "EXPORT"}, Direction.EXPORT),
        ({"tariff_direction": "EXPORT"}, Direction.EXPORT),
        ({"tariff_direction": "EXPORT", "direction": "IMPORT"}, Direction.EXPORT),
        ({}, None),
    ],
)
def test_every_spelling_of_the_direction(said, direction) -> None:
    assert read(entry(), **({"direction": ...} | said)).direction is direction


@pytest.mark.parametrize("odd", [..., None, 7, [], "", "soon"])
def test_what_is_only_for_show_may_be_missing_or_odd(odd) -> None:
    names = ("currency_code", "location_timezone", "live_mode", "next_update", "last_updated")
    series = read(entry(), **dict.fromkeys(names, odd))
    assert series.slots
    assert (series.live, series.next_update) == (None, None)


# Several entries


def test_touching_entries_stay_apart() -> None:
    """At equal prices as well: steps are steps."""
    series = read(hour(0, 1), hour(1, 2), hour(2, 4, 0.3), hour(5, 6))
    assert hours_of(series) == [(0, 1, 0.25), (1, 2, 0.25), (2, 4, 0.3), (5, 6, 0.25)]


def test_entries_are_sorted() -> None:
    series = read(hour(5, 6, 3), hour(1, 2, 1), hour(2, 4, 2))
    assert hours_of(series) == [(1, 2, 1), (2, 4, 2), (5, 6, 3)]


def test_an_entry_may_be_as_long_as_it_likes() -> None:
    (slot,) = read(entry(valid_from="2025-01-01T00:00:00Z", valid_to="2027-01-01T00:00:00Z")).slots
    assert slot.length.days == 730


def test_an_entry_of_no_length_is_no_entry() -> None:
    assert hours_of(read(hour(1, 1, 9), hour(1, 3), hour(2, 2))) == [(1, 3, 0.25)]


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param((hour(0, 2), hour(1, 3)), id="partly"),
        pytest.param((hour(0, 4), hour(1, 3)), id="one in the other"),
        pytest.param((hour(0, 2), hour(0, 2)), id="twice the same"),
        pytest.param((hour(1, 3), hour(0, 2)), id="unsorted"),
        pytest.param((hour(0, 2, 0, 0), hour(1, 3)), id="one of them not known"),
    ],
)
def test_entries_that_overlap_are_refused(entries) -> None:
    with pytest.raises(FlatpeakResponseError, match=r"^data: two slots overlap$"):
        read(*entries)


@pytest.mark.parametrize("data", [..., None, []])
def test_no_entries_are_an_answer(data) -> None:
    assert read(data=data).slots == ()


# An entry without a price


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param(entry(price={"value": 0, "confidence": 0}), id="as documented"),
        pytest.param(entry(price=...), id="left out"),
        pytest.param(entry(price=None), id="null"),
        pytest.param(entry(price={"value": None, "confidence": None}), id="null inside"),
        pytest.param(entry(price=..., tariff={"rate": None}), id="null inside, in zero"),
        pytest.param(entry(price=None, tariff={"rate": None}), id="null in both"),
    ],
)
def test_an_entry_without_a_price_is_not_known_and_spoils_no_other(unknown) -> None:
    assert hours_of(read(hour(20, 21), unknown)) == [(20, 21, 0.25), (22, 23, None)]
    assert read(hour(20, 21), unknown).slots[1].confidence == 0.0


def test_prices_may_all_be_unknown() -> None:
    assert hours_of(read(entry(price=None))) == [(22, 23, None)]


def test_an_answer_without_prices_is_no_answer() -> None:
    """As of a server that gives them in zero when asked for only, and did not understand."""
    with pytest.raises(FlatpeakResponseError, match=r"^data\[0\]\.price is missing$"):
        read(entry(price=..., carbon={"intensity": 7}), entry(price=...))


# What cannot be understood, and the field that is to blame

MUTATIONS = {
    **{f"data is {odd!r}": ((), {"data": odd}, "data") for odd in ("", 7, {}, False)},
    **{f"an entry is {odd!r}": ((entry(), odd), {}, "data[1]") for odd in (None, 7, "x", [])},
    **{
        f"{name} is {odd!r}": ((entry(**{name: odd}),), {}, f"data[0].{name}")
        for name in ("valid_from", "valid_to")
        for odd in NO_TIMES
    },
    "there is no start": ((entry(valid_from=...),), {}, "data[0].start_time"),
    "there is no end": ((entry(valid_to=...),), {}, "data[0].end_time"),
    "it ends before it starts": ((hour(5, 4),), {}, "data[0].end_time"),
    "a name that is new": ((entry(price={"amount": 1}),), {}, "data[0].price"),
    "an empty box": ((entry(price={}),), {}, "data[0].price"),
    **{
        f"{box}.{name} is {odd!r}": (
            (entry(**{"price": ..., box: {name: odd}}),),
            {},
            f"data[0].{box}.{name}",
        )
        for box, name in (("price", "value"), ("tariff", "rate"))
        for odd in NO_NUMBERS
    },
    **{
        f"confidence is {odd!r}": (
            (entry(price={"value": 1, "confidence": odd}),),
            {},
            "data[0].price.confidence",
        )
        for odd in NO_NUMBERS
    },
    "the second of three": ((hour(1, 2), entry(valid_to="?"), hour(3, 4)), {}, "data[1].valid_to"),
}


@pytest.mark.parametrize(
    ("entries", "changes", "field"), MUTATIONS.values(), ids=[name[:50] for name in MUTATIONS]
)
def test_the_error_names_the_field(entries, changes, field) -> None:
    with pytest.raises(FlatpeakResponseError) as caught:
        read(*entries, **changes)
    assert type(caught.value) is FlatpeakResponseError
    assert str(caught.value).startswith((f"{field} ", f"{field}.", f"{field}:"))


ENTRY_OF_ANYTHING = st.builds(
    lambda changes: entry(**changes),
    st.dictionaries(
        st.sampled_from(["valid_from", "valid_to", "price", "tariff", "start_time"]),
        ANY_JSON | st.dictionaries(st.sampled_from(["value", "rate", "confidence"]), ANY_JSON),
        max_size=2,
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ANY_JSON | ENTRY_OF_ANYTHING | SLOT_OF_ANYTHING, max_size=3) | ANY_JSON)
@for_example([entry(price={"value": None, "confidence": []})])
def test_any_series_is_understood_or_refused(data) -> None:
    found = result(wire.price_series, {"data": data})
    if isinstance(found, FlatpeakResponseError):
        assert type(found) is FlatpeakResponseError
        assert str(found)
        return
    assert isinstance(found, PriceSeries)
    assert all(earlier.end <= later.start for earlier, later in pairwise(found.slots))
    assert all((slot.rate is None) == (slot.confidence == 0) for slot in found.slots)
