"""What is added to a price, minute by minute by the clock on the wall."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given, strategies as st
import pytest
import voluptuous as vol

from custom_components.flatpeak.model import DAY, MINUTE, Slot, total
from custom_components.flatpeak.prices.additions import (
    Additions,
    HourlyAmount,
    added,
    additions_as_form,
    additions_of,
)

BRUSSELS = ZoneInfo("Europe/Brussels")
ZONES = [
    BRUSSELS,
    ZoneInfo("America/Havana"),  # changes its clocks at midnight
    ZoneInfo("Australia/Lord_Howe"),  # by half an hour
    ZoneInfo("Asia/Kathmandu"),
    UTC,
]
WEEKDAYS = frozenset(range(5))
GRID_BY_DAY = HourlyAmount(time(7), time(22), 0.04, WEEKDAYS)
GRID_BY_NIGHT = HourlyAmount(time(22), time(7), 0.01)


def at(text: str, fold: int = 0) -> datetime:
    """Read a time by the clock in Brussels."""
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS, fold=fold).astimezone(UTC)


def slot(start: str, end: str, rate: float | None = 0.10, confidence: float = 1.0) -> Slot:
    return Slot(at(start), at(end), rate, confidence)


def told(slots: tuple[Slot, ...]) -> list[tuple[str, str, float | None]]:
    """Return what slots say, by the clock in Brussels."""
    return [
        (
            f"{part.start.astimezone(BRUSSELS):%H:%M%z}",
            f"{part.end.astimezone(BRUSSELS):%H:%M%z}",
            part.rate if part.rate is None else round(part.rate, 6),
        )
        for part in slots
    ]


def test_fixed_and_percent() -> None:
    """The percentage is of the sum, as VAT is; a negative price stays one."""
    slots = (
        slot("2026-01-14T00:00", "2026-01-14T00:15"),
        slot("2026-01-14T00:15", "2026-01-14T01:00", -0.30),
    )
    assert [part.rate for part in added(slots, Additions(0.05, 21), BRUSSELS)] == [
        pytest.approx(0.15 * 1.21),
        pytest.approx(-0.25 * 1.21),
    ]


def test_nothing_to_add() -> None:
    slots = (
        slot("2026-01-14T00:00", "2026-01-14T00:15"),
        slot("2026-01-14T00:15", "2026-01-14T01:00"),
    )
    assert added(slots, Additions(), BRUSSELS) == slots
    assert added((), Additions(0.05, 21, (GRID_BY_DAY,)), BRUSSELS) == ()


def test_a_slot_is_cut_where_the_hours_begin_and_end() -> None:
    """Wednesday; what the hours do not touch stays in one piece."""
    slots = (slot("2026-01-14T00:00", "2026-01-15T00:00", confidence=0.5),)
    parts = added(slots, Additions(hours=(GRID_BY_DAY, GRID_BY_NIGHT)), BRUSSELS)
    assert told(parts) == [
        ("00:00+0100", "07:00+0100", 0.11),
        ("07:00+0100", "22:00+0100", 0.14),
        ("22:00+0100", "00:00+0100", 0.11),
    ]
    assert {part.confidence for part in parts} == {0.5}


def test_hours_into_the_next_day_belong_to_the_day_they_begin_on() -> None:
    friday = HourlyAmount(time(22), time(7), 0.05, frozenset({4}))
    slots = (slot("2026-01-16T00:00", "2026-01-18T00:00"),)
    assert told(added(slots, Additions(hours=(friday,)), BRUSSELS)) == [
        ("00:00+0100", "22:00+0100", 0.10),
        ("22:00+0100", "07:00+0100", 0.15),
        ("07:00+0100", "00:00+0100", 0.10),
    ]


def test_equal_times_are_the_whole_day() -> None:
    saturday = HourlyAmount(time(6), time(6), 0.05, frozenset({5}))
    slots = (slot("2026-01-17T00:00", "2026-01-19T00:00"),)
    assert told(added(slots, Additions(hours=(saturday,)), BRUSSELS)) == [
        ("00:00+0100", "06:00+0100", 0.10),
        ("06:00+0100", "06:00+0100", 0.15),
        ("06:00+0100", "00:00+0100", 0.10),
    ]


def test_hours_that_overlap_add_up() -> None:
    peak = HourlyAmount(time(17), time(20), 0.10)
    slots = (slot("2026-01-14T16:00", "2026-01-14T21:00"),)
    assert told(added(slots, Additions(0.01, 0, (GRID_BY_DAY, peak)), BRUSSELS)) == [
        ("16:00+0100", "17:00+0100", 0.15),
        ("17:00+0100", "20:00+0100", 0.25),
        ("20:00+0100", "21:00+0100", 0.15),
    ]


def test_autumn_charges_the_second_time_as_well() -> None:
    """From 02:30 to 03:00 comes twice on that night, and once between them it does not apply."""
    late = HourlyAmount(time(2, 30), time(4), 0.05)
    slots = (slot("2026-10-25T00:00", "2026-10-25T05:00"),)
    assert told(added(slots, Additions(hours=(late,)), BRUSSELS)) == [
        ("00:00+0200", "02:30+0200", 0.10),
        ("02:30+0200", "02:00+0100", 0.15),
        ("02:00+0100", "02:30+0100", 0.10),
        ("02:30+0100", "04:00+0100", 0.15),
        ("04:00+0100", "05:00+0100", 0.10),
    ]


def test_spring_charges_nothing_for_the_hour_that_is_skipped() -> None:
    skipped = HourlyAmount(time(2), time(3), 0.90)
    late = HourlyAmount(time(2, 30), time(4), 0.05)
    slots = (slot("2026-03-29T00:00", "2026-03-29T05:00"),)
    assert told(added(slots, Additions(hours=(skipped, late)), BRUSSELS)) == [
        ("00:00+0100", "03:00+0200", 0.10),
        ("03:00+0200", "04:00+0200", 0.15),
        ("04:00+0200", "05:00+0200", 0.10),
    ]


def test_unknown_stays_unknown() -> None:
    """In one piece: there is nothing to tell apart."""
    unknown = slot("2026-01-14T00:00", "2026-01-15T00:00", None, 0.0)
    additions = Additions(0.05, 21, (GRID_BY_DAY, GRID_BY_NIGHT))
    assert added((unknown,), additions, BRUSSELS) == (unknown,)


# -- any table, any night ---------------------------------------------------------------------

quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
odd_times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
amounts = st.floats(-1, 1).map(lambda amount: round(amount, 4))
rows = st.builds(
    HourlyAmount,
    st.one_of(quarters, odd_times),
    st.one_of(quarters, odd_times),
    amounts,
    st.frozensets(st.integers(0, 6), min_size=1),
)
tables = st.builds(Additions, amounts, st.floats(-50, 50), st.lists(rows, max_size=4).map(tuple))
NIGHTS = [date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4)]
AUTUMN = date(2026, 10, 25)
days = st.one_of(
    st.sampled_from([*NIGHTS, AUTUMN, date(2026, 11, 1)]),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)


def formula(rate: float, additions: Additions, shown: datetime) -> float:
    """Reckon the price of a minute from the words of the docstring, day by day."""
    amount = additions.fixed
    for hour in additions.hours:
        length = timedelta() if hour.start < hour.end else DAY
        for back in (0, 1):
            begun = shown.date() - back * DAY
            start = datetime.combine(begun, hour.start)
            end = datetime.combine(begun, hour.end) + length
            if begun.weekday() in hour.days and start <= shown < end:
                amount += hour.amount
    return (rate + amount) * (1 + additions.percent / 100)


@given(
    tables,
    st.sampled_from(ZONES),
    days,
    st.lists(amounts, min_size=1, max_size=3),
    st.integers(0, 59),
)
@example(Additions(hours=(HourlyAmount(time(0), time(0, 30), 1.0),)), ZONES[1], NIGHTS[0], [0.1], 0)
@example(
    Additions(hours=(HourlyAmount(time(2, 40), time(2, 50), 1.0),)), BRUSSELS, AUTUMN, [0.1], 0
)
def test_every_minute_costs_what_the_formula_says(additions, zone, day, rates, minute) -> None:
    start = datetime.combine(day, time(22, minute), zone).astimezone(UTC) - DAY
    length = timedelta(hours=13)
    slots = tuple(
        Slot(start + n * length, start + (n + 1) * length, rate) for n, rate in enumerate(rates)
    )
    parts = added(slots, additions, zone)
    assert total(parts) == total(slots)
    assert all(a.end == b.start for a, b in pairwise(parts))
    for part in parts:
        moment = part.start
        rate = next(slot.rate for slot in slots if slot.contains(moment))
        while moment < part.end:
            shown = moment.astimezone(zone).replace(tzinfo=None)
            assert part.rate == pytest.approx(formula(rate, additions, shown), abs=1e-9), shown
            moment += MINUTE


# -- how they are stored ----------------------------------------------------------------------


def test_stored_form() -> None:
    hours = [
        {"start": "07:00:00", "end": "22:00", "amount": 0.04, "days": ["mon", "tue"]},
        {"start": "22:00:00", "end": "07:00:00", "amount": -1},
    ]
    assert additions_of({"fixed": 0.05, "percent": 21, "hours": hours}) == Additions(
        0.05,
        21.0,
        (
            HourlyAmount(time(7), time(22), 0.04, frozenset({0, 1})),
            HourlyAmount(time(22), time(7), -1.0),
        ),
    )
    assert additions_of({}) == Additions()


@given(tables)
def test_stored_and_read_again(additions: Additions) -> None:
    assert additions_of(additions_as_form(additions)) == additions


@pytest.mark.parametrize(
    "wrong",
    [
        {"fixed": float("nan")},
        {"fixed": "much"},
        {"fixed": True},
        {"percent": float("inf")},
        {"percent": -100},
        {"percent": 100_000},
        {"hours": [{"start": "07:00:00", "end": "22:00:00"}]},
        {"hours": [{"start": "25:00:00", "end": "22:00:00", "amount": 0.04}]},
        {"hours": [{"start": "07:00:00", "end": "22:00:00", "amount": 0.04, "days": []}]},
        {"hours": [{"start": "07:00:00", "end": "22:00:00", "amount": 0.04, "days": ["bank"]}]},
        {"hours": {"start": "07:00:00"}},
        {"vat": 21},
    ],
)
def test_nonsense_is_refused(wrong) -> None:
    with pytest.raises(vol.Invalid):
        additions_of(wrong)
