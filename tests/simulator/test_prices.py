"""Recorded prices: reading a file, and moving a record to today."""

from datetime import UTC, date, datetime, timedelta
import itertools
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from custom_components.flatpeak.model import Slot, total
from simulator.prices import PricesError, read_prices, shift_to_today

HOUR = timedelta(hours=1)
BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.fixture
def read(tmp_path):
    def read(text: str, heading: str = "start_utc,eur_per_mwh\n") -> list[tuple[str, str, float]]:
        path = tmp_path / "prices.csv"
        path.write_bytes(f"{heading}{text}".encode())
        return [
            (f"{slot.start:%d.%H:%M}", f"{slot.end:%d.%H:%M}", slot.rate)
            for slot in read_prices(path)
        ]

    return read


def test_hours(read) -> None:
    assert read("2024-12-31T23:00Z,84.33\n2025-01-01T00:00Z,-10\n") == [
        ("31.23:00", "01.00:00", 0.08433),
        ("01.00:00", "01.01:00", -0.01),
    ]


def test_the_last_lasts_as_long_as_the_one_before(read) -> None:
    text = "2025-01-01T00:00Z,1\n2025-01-01T01:00Z,2\n2025-01-01T01:15Z,3\n"
    assert read(text)[-1] == ("01.01:15", "01.01:30", 0.003)


def test_toy_tariff_of_minutes(read) -> None:
    text = "2025-01-01T00:00Z,100\n2025-01-01T00:01Z,200\n2025-01-01T00:03Z,300\n"
    assert read(text) == [
        ("01.00:00", "01.00:01", 0.1),
        ("01.00:01", "01.00:03", 0.2),
        ("01.00:03", "01.00:05", 0.3),
    ]


def test_gap_in_hours_stays_a_gap(read) -> None:
    text = "2025-01-01T00:00Z,1\n2025-01-01T01:00Z,2\n2025-01-01T04:00Z,3\n2025-01-01T05:00Z,4\n"
    assert [slot[:2] for slot in read(text)] == [
        ("01.00:00", "01.01:00"),
        ("01.01:00", "01.02:00"),
        ("01.04:00", "01.05:00"),
        ("01.05:00", "01.06:00"),
    ]


def test_day_and_night(read) -> None:
    text = "2025-01-01T06:00Z,1\n2025-01-01T21:00Z,2\n2025-01-02T06:00Z,3\n2025-01-02T21:00Z,4\n"
    assert [slot[:2] for slot in read(text)] == [
        ("01.06:00", "01.21:00"),
        ("01.21:00", "02.06:00"),
        ("02.06:00", "02.21:00"),
        ("02.21:00", "03.12:00"),
    ]


def test_other_ways_to_write_the_same(read) -> None:
    text = "2025-01-01T01:00:00+01:00,1\r\n\r\n2025-01-01T01:00:00.000Z,2e1\r\n"
    heading = "\ufeffstart_utc,eur_per_mwh\r\n"
    assert read(text, heading) == [
        ("01.00:00", "01.01:00", 0.001),
        ("01.01:00", "01.02:00", 0.02),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2025-01-01T00:00Z,1\n2025-01-01T01:00Z\n", "line 3: 1 columns instead of 2"),
        ("2025-01-01T00:00Z,1\n2025-01-01T01:00Z,1,2\n", "line 3: 3 columns instead of 2"),
        ("2025-01-01T00:00Z,1\n\nyesterday,1\n", "line 4: Invalid isoformat"),
        ("2025-01-01T00:00Z,1\n2025-01-01T01:00,1\n", "line 3: a time without a time zone"),
        ("2025-01-01T00:00Z,1\n2025-01-01T01:00Z,1;5\n", "line 3: could not convert"),
        ("2025-01-01T00:00Z,1\n2025-01-01T01:00Z,nan\n", "line 3: not a price"),
        ("2025-01-01T00:00Z,1e999\n", "line 2: not a price"),
        ("2025-01-01T01:00Z,1\n2025-01-01T01:00Z,1\n", "line 3: not later"),
        ("2025-01-01T01:00Z,1\n2025-01-01T00:00Z,1\n", "line 3: not later"),
        ("0001-01-01T00:00+01:00,1\n", "line 2: "),
        ("9999-12-31T22:00Z,1\n9999-12-31T23:30Z,1\n", "out of range"),
        ("2025-01-01T00:00Z,1\n", "takes two periods"),
        ("", "takes two periods"),
    ],
)
def test_malformed(read, text, says) -> None:
    with pytest.raises(PricesError, match=r"prices\.csv.*" + says):
        read(text)


@pytest.mark.parametrize("heading", ["", "time,price\n", "start_utc;eur_per_mwh\n"])
def test_heading(read, heading) -> None:
    with pytest.raises(PricesError, match="line 1: the columns must be start_utc,eur_per_mwh"):
        read("2025-01-01T00:00Z,1\n", heading)


def test_no_text(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PricesError, match=r"prices\.csv"):
        read_prices(path)
    with pytest.raises(PricesError, match="No such file"):
        read_prices(tmp_path / "none.csv")


# Moving. A record gives each local hour of a day its number, so that it can be found again.


def record(first: date, days: int, step: timedelta = HOUR) -> list[Slot]:
    start = datetime.combine(first, datetime.min.time(), BRUSSELS).astimezone(UTC)
    end = datetime.combine(first + timedelta(days), datetime.min.time(), BRUSSELS).astimezone(UTC)
    return [
        Slot(start + number * step, start + (number + 1) * step, _number(start + number * step))
        for number in range((end - start) // step)
    ]


def _number(moment: datetime) -> float:
    local = moment.astimezone(BRUSSELS)
    return local.hour + local.minute / 100


def on(slots, day: date) -> list[Slot]:
    return [slot for slot in slots if slot.start.astimezone(BRUSSELS).date() == day]


WINTER, SUMMER = date(2025, 1, 6), date(2025, 7, 7)


@pytest.mark.parametrize("first", [WINTER, SUMMER])
@pytest.mark.parametrize("today", [date(2026, 1, 15), date(2026, 7, 15), date(2024, 2, 29)])
@pytest.mark.parametrize("days", [2, 7, 10, 30])
def test_each_hour_stays_at_its_hour(first, today, days) -> None:
    moved = shift_to_today(record(first, days), today, BRUSSELS)
    assert len(moved) == 24 * days
    assert all(slot.rate == _number(slot.start) for slot in moved)
    assert all(before.end == after.start for before, after in itertools.pairwise(moved))
    for day in (today - timedelta(1), today):
        assert len(on(moved, day)) == 24


@pytest.mark.parametrize("days", [2, 7, 9])
def test_short_record_starts_yesterday(days) -> None:
    moved = shift_to_today(record(WINTER, days), date(2026, 1, 15), BRUSSELS)
    assert moved[0].start.astimezone(BRUSSELS).date() == date(2026, 1, 14)


@pytest.mark.parametrize("days", [10, 60])
def test_long_record_keeps_its_weekdays(days) -> None:
    for offset in range(7):
        today = date(2026, 1, 15) + timedelta(offset)
        moved = shift_to_today(record(WINTER, days), today, BRUSSELS)
        first = moved[0].start.astimezone(BRUSSELS).date()
        assert first.weekday() == WINTER.weekday()
        assert today - timedelta(7) <= first <= today - timedelta(1)


def test_record_of_today_stays() -> None:
    slots = record(date(2026, 1, 10), 7)
    assert shift_to_today(slots, date(2026, 1, 15), BRUSSELS) == tuple(slots)
    assert shift_to_today((), date(2026, 1, 15), BRUSSELS) == ()


SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)


@pytest.mark.parametrize("step", [HOUR, HOUR / 4])
def test_onto_the_short_day(step) -> None:
    moved = shift_to_today(record(WINTER, 3, step), SPRING, BRUSSELS)
    day = on(moved, SPRING)
    assert total(day) == 23 * HOUR
    assert [slot.rate for slot in day if slot.start.minute == 0] == [0, 1, *range(3, 24)]
    assert all(slot.rate == _number(slot.start) and slot.length == step for slot in moved)


@pytest.mark.parametrize("step", [HOUR, HOUR / 4])
def test_onto_the_long_day(step) -> None:
    moved = shift_to_today(record(WINTER, 3, step), AUTUMN, BRUSSELS)
    day = on(moved, AUTUMN)
    assert total(day) == 25 * HOUR
    # the hour that comes twice costs twice the same
    assert [slot.rate for slot in day if slot.start.minute == 0] in (
        [0, 1, 2, 2, *range(3, 24)],
        [0, 1, 2, *range(3, 24)],
    )
    assert all(slot.rate == _number(slot.start) for slot in moved)
    assert all(before.end == after.start for before, after in itertools.pairwise(moved))


def test_from_the_short_day() -> None:
    slots = record(SPRING - timedelta(1), 3)
    day = on(shift_to_today(slots, date(2026, 1, 15), BRUSSELS), date(2026, 1, 15))
    assert total(day) == 24 * HOUR
    # two o'clock, which the record lacks, costs what three o'clock does
    assert [(slot.length // HOUR, slot.rate) for slot in day][:4] == [
        (1, 0),
        (1, 1),
        (2, 3),
        (1, 4),
    ]


def test_from_the_long_day() -> None:
    slots = record(AUTUMN - timedelta(1), 3)
    day = on(shift_to_today(slots, date(2026, 1, 15), BRUSSELS), date(2026, 1, 15))
    assert [slot.rate for slot in day] == list(range(24))


def test_gap_moves_with_the_rest() -> None:
    slots = record(WINTER, 3)
    del slots[30:33]
    moved = shift_to_today(slots, date(2026, 7, 15), BRUSSELS)
    assert [slot.rate for slot in on(moved, date(2026, 7, 15))] == [*range(6), *range(9, 24)]


def test_long_slot_across_midnights() -> None:
    start = datetime(2025, 1, 6, 12, tzinfo=UTC)
    moved = shift_to_today([Slot(start, start + 60 * HOUR, 1)], date(2026, 1, 15), BRUSSELS)
    assert total(moved) == 60 * HOUR
    assert moved[0].start == datetime(2026, 1, 14, 12, tzinfo=UTC)
    assert moved[-1].end == datetime(2026, 1, 17, 0, tzinfo=UTC)
