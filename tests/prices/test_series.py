"""What sources say becomes slots, whatever way they say it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
import math
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.flatpeak.model import HOUR, MINUTE, Slot
from custom_components.flatpeak.prices.series import Entry, slots_of, unit_of

BRUSSELS = ZoneInfo("Europe/Brussels")
NOON = datetime(2026, 1, 14, 12, tzinfo=UTC)


def drawn(slots: Sequence[Slot]) -> str:
    """Draw slots by the clock of Brussels: "12:00-12:15 0.1, ..."."""
    return ", ".join(
        f"{slot.start.astimezone(BRUSSELS):%H:%M}-{slot.end.astimezone(BRUSSELS):%H:%M} {slot.rate}"
        for slot in slots
    )


def read(*entries: tuple[object, ...]) -> str:
    """Draw what becomes of entries (start, value, end)."""
    made = [Entry(start, value, *end) for start, value, *end in entries]  # type: ignore[arg-type]
    return drawn(slots_of(made, zone=BRUSSELS))


def at(clock: str, day: int = 14) -> str:
    """Write a time as a source does."""
    return f"2026-01-{day}T{clock}:00+01:00"


def every(minutes: int, *values: object, start: datetime = NOON) -> list[Entry]:
    """List values with starts only."""
    return [Entry(start + place * minutes * MINUTE, value) for place, value in enumerate(values)]


@pytest.mark.parametrize(
    ("text", "factor", "currency"),
    [
        ("EUR/kWh", 1, "EUR"),
        ("EUR/MWh", 0.001, "EUR"),
        ("Eur/MWh", 0.001, "EUR"),
        ("eur/mwh", 0.001, "EUR"),
        ("€/kWh", 1, "EUR"),
        ("€ / kWh", 1, "EUR"),
        ("€/MWh", 0.001, "EUR"),
        ("EUR per kWh", 1, "EUR"),
        ("SEK/kWh", 1, "SEK"),
        ("DKK/kWh", 1, "DKK"),
        ("GBP/kWh", 1, "GBP"),
        ("£/kWh", 1, "GBP"),
        ("AUD/kWh", 1, "AUD"),
        ("PLN/MWh", 0.001, "PLN"),
        ("zł/kWh", 1, "PLN"),
        ("Kč/kWh", 1, "CZK"),
        ("Ft/kWh", 1, "HUF"),
        ("kr/kWh", 1, None),
        ("kr./kWh", 1, None),
        ("$/kWh", 1, None),
        ("öre/kWh", 0.01, "SEK"),
        ("Öre/kWh", 0.01, "SEK"),
        ("ÖRE/KWH", 0.01, "SEK"),
        ("øre/kWh", 0.01, None),
        ("Øre/MWh", 0.00001, None),
        ("c/kWh", 0.01, None),
        ("ct/kWh", 0.01, None),
        ("Cent/kWh", 0.01, None),
        ("cents/kWh", 0.01, None),
        ("¢/kWh", 0.01, None),
        ("c€/kWh", 0.01, "EUR"),
        ("snt/kWh", 0.01, "EUR"),
        ("p/kWh", 0.01, "GBP"),
        ("pence/kWh", 0.01, "GBP"),
        ("Rp./kWh", 0.01, "CHF"),
        ("EUR/Wh", 1000, "EUR"),
        ("EUR", 1, "EUR"),
        ("GBP", 1, "GBP"),
        ("p", 0.01, "GBP"),
        ("kWh", 1, None),
        ("MWh", 0.001, None),
        (" sek/kwh ", 1, "SEK"),
    ],
)
def test_a_unit_is_understood(text: str, factor: float, currency: str | None) -> None:
    unit = unit_of(text)
    assert unit is not None
    assert unit.factor == pytest.approx(factor, rel=1e-12)
    assert unit.currency == currency


@pytest.mark.parametrize(
    "text",
    [None, "", " ", "/", "%", "°C", "W", "kW", "EUR/", "/kWh", "EUR/m³", "kWh/EUR", "EUR/MWh/h",
     "foo/kWh", "EUR/100 kWh", "kWh/kWh", "per"],
)  # fmt: skip
def test_what_is_no_unit_of_a_price(text: str | None) -> None:
    assert unit_of(text) is None


@pytest.mark.parametrize(
    "start",
    [
        NOON,
        NOON.astimezone(BRUSSELS),
        datetime(2026, 1, 14, 13),  # noqa: DTZ001
        "2026-01-14T13:00:00+01:00",
        "2026-01-14 13:00:00+01:00",
        "2026-01-14T13:00:00.000+01:00",
        "2026-01-14T13:00:00.000+0100",
        "2026-01-14T13:00+01:00",
        "2026-01-14T12:00:00Z",
        "2026-01-14 12:00:00.000Z",
        "2026-01-14 12:00:00+00:00",
        "2026-01-14T07:00:00-05:00",
        "2026-01-14T13:00:00",
        "2026-01-14 13:00",
        " 2026-01-14T13:00:00 ",
        1768392000,
        1768392000000,
        1768392000000.0,
        "1768392000",
        "1768392000000",
        "2026-01-14T13:00:01+01:00",  # Amber begins a second after the border
        "2026-01-14T13:00:59.999+01:00",
    ],
)
def test_a_start_in_any_way_of_writing(start: object) -> None:
    slots = slots_of([Entry(start, 0.1, NOON + HOUR)], zone=BRUSSELS)
    assert slots == (Slot(NOON, NOON + HOUR, 0.1),)
    assert slots[0].start.tzinfo is UTC


@pytest.mark.parametrize(
    "start",
    [None, "", "soon", "13:00", "2026-13-40", True, 13, -5, 1e30, math.nan, math.inf, {}, [], b"x",
     "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00",
     datetime.max, datetime.min,  # noqa: DTZ901
     "9" * 30],
)  # fmt: skip
def test_what_has_no_start_is_passed_over(start: object) -> None:
    """Among the entries of some sources are messages."""
    assert read((start, 0.5), (at("13:00"), 0.1, at("14:00"))) == "13:00-14:00 0.1"


@pytest.mark.parametrize(
    ("value", "factor", "rate"),
    [
        (0.25, 1, 0.25),
        (1, 1, 1.0),
        (0, 1, 0.0),
        (-0.05, 1, -0.05),
        ("0.25", 1, 0.25),
        ("-12", 0.01, -0.12),
        (512.3, 0.001, 0.5123),
        (25.12, 0.01, 0.2512),
        (2512345, 1e-7, 0.2512345),
    ],
)
def test_a_value_becomes_a_rate(value: object, factor: float, rate: float) -> None:
    """To the last digit: a price per MWh has no tail of nines per kWh."""
    slots = slots_of([Entry(NOON, value)], zone=UTC, factor=factor)
    assert [slot.rate for slot in slots] == [rate]


@pytest.mark.parametrize(
    "value",
    [None, "", "unknown", "unavailable", "None", "nan", math.nan, math.inf, "-inf", True, [], {},
     10**400],
)  # fmt: skip
def test_a_price_that_is_not_known_leaves_a_gap(value: object) -> None:
    """The price before it ends where the unknown one begins."""
    entries = every(15, 0.1, value, 0.3, start=NOON)
    assert drawn(slots_of(entries, zone=BRUSSELS)) == "13:00-13:15 0.1, 13:30-13:45 0.3"
    assert slots_of([Entry(NOON, value)], zone=BRUSSELS) == ()


@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_without_ends_a_price_lasts_until_the_next(minutes: int) -> None:
    slots = slots_of(every(minutes, *range(10)), zone=UTC)
    assert [slot.length for slot in slots] == [minutes * MINUTE] * 10
    assert [slot.rate for slot in slots] == list(range(10))


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        # a lone price could be one of any length: the shortest usual one
        ("00:00", "15"),
        ("00:00 01:00", "60 60"),
        # the day changes from quarters to hours and back
        ("00:00 00:15 00:30 00:45 01:00 02:00 03:00", "15 15 15 15 60 60 60"),
        ("00:00 01:00 02:00 02:15 02:30", "60 60 15 15 15"),
        ("00:00 00:05 00:10 00:40 01:10", "5 5 30 30 30"),
        # missing: a gap stays a gap
        ("00:00 00:15 00:45 01:00 01:15", "15 15 15 15 15"),
        ("00:00 00:30 00:45 01:00 01:15", "15 15 15 15 15"),
        ("00:00 00:15 00:30 00:45 01:15", "15 15 15 15 15"),
        ("00:00 01:00 03:00 04:00", "60 60 60 60"),
        ("00:00 01:00 02:00 22:00 23:00", "60 60 60 60 60"),
        # never more than an hour
        ("00:00 06:00 12:00 18:00", "60 60 60 60"),
        ("00:00 03:00", "60 60"),
    ],
)
def test_how_long_a_price_without_an_end_lasts(starts: str, expected: str) -> None:
    slots = slots_of([Entry(at(start), 0.1) for start in starts.split()], zone=UTC)
    assert " ".join(str(slot.length // MINUTE) for slot in slots) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        # a source may say what it likes about its ends
        ([("00:00", 1, "06:00"), ("06:00", 2, "22:00")], "00:00-06:00 1.0, 06:00-22:00 2.0"),
        ([("00:00", 1, "00:45"), ("01:00", 2, "02:00")], "00:00-00:45 1.0, 01:00-02:00 2.0"),
        # overlapping: the later start counts
        ([("00:00", 1, "02:00"), ("01:00", 2, "02:00")], "00:00-01:00 1.0, 01:00-02:00 2.0"),
        ([("00:00", 1, "03:00"), ("01:00", 2, "02:00")], "00:00-01:00 1.0, 01:00-02:00 2.0"),
        # negative or empty: left out
        ([("00:00", 1, "00:00"), ("01:00", 2, "02:00")], "01:00-02:00 2.0"),
        ([("05:00", 1, "04:00"), ("01:00", 2, "02:00")], "01:00-02:00 2.0"),
        # twice: the last counts, and knowing more than not knowing
        ([("00:00", 1, "01:00"), ("00:00", 2, "01:00")], "00:00-01:00 2.0"),
        ([("00:00", 1, "01:00"), ("00:00", None, "01:00")], "00:00-01:00 1.0"),
        ([("00:00", None, "01:00"), ("00:00", 2, "01:00")], "00:00-01:00 2.0"),
        # in no order
        ([("01:00", 2, "02:00"), ("00:00", 1, "01:00")], "00:00-01:00 1.0, 01:00-02:00 2.0"),
        ([("02:00", 3), ("00:00", 1), ("01:00", 2)],
         "00:00-01:00 1.0, 01:00-02:00 2.0, 02:00-03:00 3.0"),
        # an end of some only
        ([("00:00", 1, "00:30"), ("00:30", 2), ("01:00", 3)],
         "00:00-00:30 1.0, 00:30-01:00 2.0, 01:00-01:30 3.0"),
    ],
)  # fmt: skip
def test_ends_and_order(entries: list[tuple[str, object, str]], expected: str) -> None:
    assert read(*((at(start), value, *map(at, end)) for start, value, *end in entries)) == expected


@pytest.mark.parametrize("end", ["2026-01-14T13:59:59+01:00", "2026-01-14T13:59:59.999999+01:00"])
def test_an_end_just_before_the_border_is_the_border(end: str) -> None:
    assert read((at("13:00"), 0.1, end)) == "13:00-14:00 0.1"


@pytest.mark.parametrize("end", [None, "unknown", "", 7])
def test_an_end_that_cannot_be_read_is_none(end: object) -> None:
    assert read((at("13:00"), 1, end), (at("13:30"), 2, end)) == "13:00-13:30 1.0, 13:30-14:00 2.0"


def test_nothing_of_nothing() -> None:
    assert slots_of([], zone=UTC) == ()
    assert slots_of([Entry("no tomorrow yet", "no price")], zone=UTC) == ()


def test_a_forecast_fills_only_time_without_a_price() -> None:
    """Whatever the steps of the two are."""
    certain = every(60, 1, None, 3)
    forecast = [Entry(NOON + n * 30 * MINUTE, 9, confidence=0.5) for n in range(7)]
    slots = slots_of([*certain, *forecast], zone=BRUSSELS)
    assert drawn(slots) == (
        "13:00-14:00 1.0, 14:00-14:30 9.0, 14:30-15:00 9.0, 15:00-16:00 3.0, 16:00-16:30 9.0"
    )
    assert [slot.confidence for slot in slots] == [1, 0.5, 0.5, 1, 0.5]
    assert slots_of([*forecast, *certain], zone=BRUSSELS) == slots


def test_a_forecast_around_a_price_is_cut() -> None:
    slots = slots_of(
        [
            Entry(at("13:00"), 9, at("16:00"), 0.5),
            Entry(at("14:00"), 1, at("15:00")),
            Entry(at("14:30"), 8, at("14:45"), 0.5),
        ],
        zone=BRUSSELS,
    )
    assert drawn(slots) == "13:00-14:00 9.0, 14:00-15:00 1.0"


# The nights on which the clocks are turned.

AUTUMN, SPRING = datetime(2026, 10, 25), datetime(2026, 3, 29)  # noqa: DTZ001


def day(midnight: datetime, minutes: int) -> list[datetime]:
    """Return all starts of a local day, aware."""
    start = midnight.replace(tzinfo=BRUSSELS).astimezone(UTC)
    end = (midnight + timedelta(days=1)).replace(tzinfo=BRUSSELS).astimezone(UTC)
    return [start + n * minutes * MINUTE for n in range((end - start) // (minutes * MINUTE))]


def wall(moment: datetime, *, fold: bool = False) -> datetime:
    """Return what the clock on the wall shows, without a zone."""
    shown = moment.astimezone(BRUSSELS).replace(tzinfo=None)
    return shown if fold else shown.replace(fold=0)


@pytest.mark.parametrize("minutes", [15, 30, 60])
@pytest.mark.parametrize(("midnight", "hours"), [(AUTUMN, 25), (SPRING, 23)])
@pytest.mark.parametrize("write", ["aware", "local", "iso", "naive", "naive_iso", "fold", "twice"])
def test_a_day_of_turned_clocks_is_whole(
    midnight: datetime, hours: int, minutes: int, write: str
) -> None:
    """Also where the times name no zone: the second 02:00 is the later one."""
    starts = day(midnight, minutes)
    assert len(starts) == hours * 60 // minutes
    written: list[object] = [
        {
            "aware": start,
            "local": start.astimezone(BRUSSELS),
            "iso": start.astimezone(BRUSSELS).isoformat(" "),
            "naive": wall(start),
            "naive_iso": wall(start).isoformat(),
            "fold": wall(start, fold=True),
            "twice": wall(start).isoformat(" "),
        }[write]
        for start in starts
    ]
    entries = [Entry(start, place) for place, start in enumerate(written)]
    slots = slots_of(entries * (2 if write == "twice" else 1), zone=BRUSSELS)
    assert [slot.start for slot in slots] == starts
    assert [slot.rate for slot in slots] == list(range(len(starts)))
    assert {slot.length for slot in slots} == {minutes * MINUTE}


@pytest.mark.parametrize("minutes", [15, 60])
def test_ends_without_a_zone_in_the_night_that_is_longer(minutes: int) -> None:
    starts = day(AUTUMN, minutes)
    entries = [
        Entry(wall(start), place, wall(start + minutes * MINUTE))
        for place, start in enumerate(starts)
    ]
    slots = slots_of(entries, zone=BRUSSELS)
    assert [slot.start for slot in slots] == starts
    assert {slot.length for slot in slots} == {minutes * MINUTE}


def test_an_hour_that_the_clocks_skip_was_never() -> None:
    """A source that lists 24 hours of a day of 23."""
    entries = [Entry(f"2026-03-29T{hour:02}:00:00", hour) for hour in range(24)]
    slots = slots_of(entries[::-1], zone=BRUSSELS)
    assert [slot.rate for slot in slots] == [hour for hour in range(24) if hour != 2]
    assert all(one.end == other.start for one, other in pairwise(slots))
    # an end in it is the moment at which it is skipped
    slots = slots_of([Entry("2026-03-29T01:00:00", 1, "2026-03-29T02:00:00")], zone=BRUSSELS)
    assert [slot.length for slot in slots] == [HOUR]


def test_an_hour_that_a_source_lost_is_a_gap() -> None:
    """A source that lists 24 hours of a day of 25, with its zone or without."""
    entries = [Entry(f"2026-10-25T{hour:02}:00:00", hour) for hour in range(24)]
    slots = slots_of(entries, zone=BRUSSELS)
    assert [slot.rate for slot in slots] == list(range(24))
    assert [one.rate for one, other in pairwise(slots) if one.end != other.start] == [2]
    assert {slot.length for slot in slots} == {HOUR}
    # named by two lists: still the first of the two hours
    assert slots_of([*entries, *entries], zone=BRUSSELS) == slots


# Properties.

moments = st.integers(0, 600).map(lambda minute: NOON + minute * MINUTE)
lengths = st.none() | st.integers(-30, 180)
values = st.none() | st.just("unknown") | st.floats(-5, 5).map(lambda rate: round(rate, 3))


@st.composite
def some_entries(draw: st.DrawFn) -> list[Entry]:
    """Make a list of anything."""
    made = []
    for start in draw(st.lists(moments | st.just("message"), max_size=30)):
        length = draw(lengths) if isinstance(start, datetime) else None
        end = start + length * MINUTE if isinstance(start, datetime) and length else None
        confidence = draw(st.sampled_from([1.0, 1.0, 0.5]))
        made.append(Entry(start, draw(values), end, confidence))
    return made


@given(some_entries())
def test_slots_are_in_order_and_true(entries: list[Entry]) -> None:
    """Never an overlap, never a price that nobody said for that time."""
    slots = slots_of(entries, zone=UTC)
    assert all(one.end <= other.start for one, other in pairwise(slots))
    for slot in slots:
        assert slot.rate is not None
        said = [
            entry
            for entry in entries
            if isinstance(entry.start, datetime) and entry.start <= slot.start
            and (entry.value, entry.confidence) == (slot.rate, slot.confidence)
            and (slot.end <= entry.end if isinstance(entry.end, datetime)
                 else slot.end <= entry.start + HOUR)
        ]  # fmt: skip
        assert said


@given(some_entries())
def test_what_was_read_reads_the_same_again(entries: list[Entry]) -> None:
    slots = slots_of(entries, zone=UTC)
    again = [Entry(slot.start, slot.rate, slot.end, slot.confidence) for slot in slots]
    assert slots_of(again, zone=UTC) == slots
    assert slots_of(again[::-1], zone=UTC) == slots


@given(st.lists(moments, unique=True, min_size=1), st.randoms())
def test_the_order_of_entries_is_no_matter(starts: list[datetime], random: Random) -> None:
    """Where their starts differ and name a zone."""
    entries = [Entry(start, place) for place, start in enumerate(starts)]
    shuffled = list(entries)
    random.shuffle(shuffled)
    slots = slots_of(entries, zone=UTC)
    assert slots_of(shuffled, zone=UTC) == slots
    assert [slot.start for slot in slots] == sorted(starts)


@given(
    st.lists(st.sampled_from([5, 15, 30, 60]), min_size=1, max_size=8),
    st.integers(3, 6),
)
def test_runs_of_steps_have_no_gaps(steps: list[int], times: int) -> None:
    """A list whose steps change, each for a while, covers its time without ends."""
    entries, start = [], NOON
    for step in steps:
        for _ in range(times):
            entries.append(Entry(start, step))
            start += step * MINUTE
    slots = slots_of(entries, zone=UTC)
    assert [slot.length // MINUTE for slot in slots[:-1]] == [slot.rate for slot in slots[:-1]]


@given(
    st.dates(date(2020, 1, 2), date(2030, 1, 1)),
    st.sampled_from([15, 30, 60]),
    st.sampled_from(["Europe/Brussels", "Europe/London", "Australia/Sydney"]),
)
def test_naive_days_of_any_zone(day: date, minutes: int, name: str) -> None:
    """A local day written without its zone comes back whole."""
    zone = ZoneInfo(name)
    midnight = datetime.combine(day, time())
    start, end = (
        at.replace(tzinfo=zone).astimezone(UTC) for at in (midnight, midnight + timedelta(days=1))
    )
    starts = [start + n * minutes * MINUTE for n in range((end - start) // (minutes * MINUTE))]
    entries = [
        Entry(one.astimezone(zone).replace(tzinfo=None, fold=0).isoformat(), 1) for one in starts
    ]
    assert [slot.start for slot in slots_of(entries, zone=zone)] == starts
