"""Recorded prices: a CSV file, and the same record moved to cover today."""

from collections.abc import Iterator, Sequence
import csv
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
import math
from pathlib import Path
from zoneinfo import ZoneInfo

from custom_components.flatpeak.model import DAY, MINUTE, Slot, Span

COLUMNS = ["start_utc", "eur_per_mwh"]
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


class PricesError(ValueError):
    """A file of prices cannot be read; the text names the file and the line."""


def read_prices(path: Path) -> tuple[Slot, ...]:
    """Return the prices of a CSV file with the columns `start_utc,eur_per_mwh`, per kWh.

    A period ends where the next one begins, the last one lasts as long as the one
    before it. In a record whose periods are usually an hour or shorter none lasts
    longer than an hour: what lies beyond is missing. Raises PricesError.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return _slots(path, list(_rows(path, csv.reader(file))))
    except (OSError, UnicodeDecodeError, csv.Error, OverflowError) as error:
        raise PricesError(f"{path}: {error}") from error


def _slots(path: Path, rows: Sequence[tuple[datetime, float]]) -> tuple[Slot, ...]:
    """Find out how long each period lasts."""
    if len(rows) < 2:
        raise PricesError(f"{path}: it takes two periods to know how long they last")
    lengths = [later - start for (start, _), (later, _) in pairwise(rows)]
    usual = sorted(lengths)[len(lengths) // 2]
    longest = HOUR if usual <= HOUR else max(lengths)
    return tuple(
        Slot(start, start + min(length, longest), rate)
        for (start, rate), length in zip(rows, [*lengths, lengths[-1]], strict=True)
    )


def _rows(path: Path, lines: Iterator[list[str]]) -> Iterator[tuple[datetime, float]]:
    """Check the lines of a file: the heading, then times that rise and prices."""
    if next(lines, None) != COLUMNS:
        raise PricesError(f"{path}, line 1: the columns must be {','.join(COLUMNS)}")
    before: datetime | None = None
    for number, cells in enumerate(lines, start=2):
        if not cells:
            continue
        try:
            start, rate = _row(cells)
        except (ValueError, OverflowError) as error:
            raise PricesError(f"{path}, line {number}: {error}") from error
        if before is not None and start <= before:
            raise PricesError(f"{path}, line {number}: not later than the line before")
        before = start
        yield start, rate


def _row(cells: list[str]) -> tuple[datetime, float]:
    """Return the start and the price per kWh of a line. Raises ValueError."""
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} columns instead of {len(COLUMNS)}")
    start, price = datetime.fromisoformat(cells[0]), float(cells[1])
    if start.tzinfo is None:
        raise ValueError("a time without a time zone")
    if not math.isfinite(price):
        raise ValueError("not a price")
    return start.astimezone(UTC), price / 1000


def shift_to_today(prices: Sequence[Slot], today: date, zone: ZoneInfo) -> tuple[Slot, ...]:
    """Return a record moved by whole local days, so that it covers yesterday and today.

    A record that has a price for today stays where it is. One of at least ten days is
    moved by whole weeks, so that Sundays stay Sundays; a shorter one so that it starts
    yesterday. What was at eight o'clock stays at eight o'clock, also where the clocks
    have changed in between: an hour that the record lacks is filled by its neighbour,
    one that the target lacks is left out.
    """
    days = _by_day(prices, zone)
    if not days or today in days:
        return tuple(prices)
    first, last = min(days), max(days)
    shift = today - DAY - first
    if last - first >= 9 * DAY:
        shift = shift // WEEK * WEEK
    return tuple(
        slot
        for day, slots in sorted(days.items())
        for slot in _moved(slots, day, day + shift, zone)
    )


def _local_day(day: date, zone: ZoneInfo) -> Span:
    """Return a local day from midnight to midnight."""
    start, end = (datetime.combine(edge, time(), zone) for edge in (day, day + DAY))
    return Span(start.astimezone(UTC), end.astimezone(UTC))


def _by_day(prices: Sequence[Slot], zone: ZoneInfo) -> dict[date, list[Slot]]:
    """Sort prices by local day; a slot that goes beyond midnight is cut there."""
    days: dict[date, list[Slot]] = {}
    for slot in prices:
        day = slot.start.astimezone(zone).date()
        while part := slot.clip((local := _local_day(day, zone)).start, local.end):
            days.setdefault(day, []).append(part)
            day += DAY
    return days


def _moved(slots: Sequence[Slot], source: date, target: date, zone: ZoneInfo) -> Sequence[Slot]:
    """Return the prices of one local day on another."""
    old, new = _local_day(source, zone), _local_day(target, zone)
    if new.length != old.length:
        return _by_the_clock(slots, new, target - source, zone)
    later = new.start - old.start
    return [replace(slot, start=slot.start + later, end=slot.end + later) for slot in slots]


def _by_the_clock(
    slots: Sequence[Slot], target: Span, shift: timedelta, zone: ZoneInfo
) -> list[Slot]:
    """Fill a day that is longer or shorter than its source, minute by minute on the wall clock."""
    filled: list[Slot] = []
    before: Slot | None = None
    for number in range(target.length // MINUTE):
        start = target.start + number * MINUTE
        source = (start.astimezone(zone) - shift).astimezone(UTC)
        slot = next((slot for slot in slots if slot.contains(source)), None)
        if slot is not None and slot is before:
            filled[-1] = replace(filled[-1], end=start + MINUTE)
        elif slot is not None:
            filled.append(replace(slot, start=start, end=start + MINUTE))
        before = slot
    return filled
