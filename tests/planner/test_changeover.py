"""The two nights on which the clocks change, minute by minute.

The prices of 2024 are recorded; the record lacks the two hours at the change itself.
The built-in days are whole.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from custom_components.flatpeak.model import Frame, Segment, Slot, Span, total, within
from custom_components.flatpeak.planner import select
from simulator import built_in
from simulator.prices import read_prices

from .drawing import HOUR, MINUTE, is_plan

PRICES = Path(__file__).parents[1] / "fixtures" / "prices"
BRUSSELS = ZoneInfo("Europe/Brussels")

NIGHT = Frame(time(22), time(7))
DAY = Frame(time(0), time(0))


def record(name: str) -> tuple[Slot, ...]:
    return read_prices(PRICES / f"{name}.csv")


def whole(name: str) -> tuple[Slot, ...]:
    return built_in(name, date(2026, 1, 1)).prices


def brussels(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BRUSSELS).astimezone(UTC)


# Prices, a moment in the period, its frame, and how many hours it and its prices last.
NIGHTS = [
    pytest.param(record("spring_2024"), brussels(2024, 3, 31, 1), NIGHT, 8, 6, id="spring night"),
    pytest.param(record("spring_2024"), brussels(2024, 3, 31, 1), DAY, 23, 21, id="spring day"),
    pytest.param(record("autumn_2024"), brussels(2024, 10, 27, 1), NIGHT, 10, 8, id="autumn night"),
    pytest.param(record("autumn_2024"), brussels(2024, 10, 27, 1), DAY, 25, 23, id="autumn day"),
    pytest.param(whole("spring-forward"), brussels(2027, 3, 28, 1), NIGHT, 8, 8, id="whole spring"),
    pytest.param(whole("autumn-back"), brussels(2026, 10, 25, 1), DAY, 25, 25, id="whole autumn"),
]


def best(prices: Sequence[Slot], period: Span, minutes: int, segment: Segment) -> float:
    """Return the least (most) that one kW can cost: the prices of all minutes, sorted."""
    rates = [
        slot.rate
        for slot in within(prices, period.start, period.end)
        for _ in range(slot.length // MINUTE)
    ]
    return sum(sorted(rates, reverse=segment is Segment.HIGH)[:minutes]) / 60


@pytest.mark.parametrize("segment", list(Segment))
@pytest.mark.parametrize("minutes", [1, 59, 180, 433, 1600])
@pytest.mark.parametrize(("prices", "moment", "frame", "hours", "priced_hours"), NIGHTS)
def test_the_minutes_are_right_when_the_clocks_change(
    prices, moment, frame, hours, priced_hours, minutes, segment
) -> None:
    period = frame.period(moment, BRUSSELS)
    assert period.length == hours * HOUR

    selection = select(prices, minutes * MINUTE, segment, start=period.start, end=period.end)
    placed = min(minutes, priced_hours * 60)
    assert total(selection.windows) == placed * MINUTE
    assert selection.shortfall == (minutes - placed) * MINUTE
    assert is_plan(selection.windows, period.start, period.end)
    cost = sum(
        part.rate * (part.length / HOUR)
        for window in selection.windows
        for part in within(prices, window.start, window.end)
    )
    assert cost == pytest.approx(best(prices, period, minutes, segment))


def test_the_hour_that_autumn_has_twice_is_two_hours() -> None:
    first, second = (
        datetime(2026, 10, 25, 2, tzinfo=BRUSSELS, fold=fold).astimezone(UTC) for fold in (0, 1)
    )
    assert second - first == HOUR
    rates = {slot.start: slot.rate for slot in whole("autumn-back")}
    cheaper = min((first, second), key=rates.__getitem__)
    dearer = max((first, second), key=rates.__getitem__)
    for segment, expected in ((Segment.LOW, cheaper), (Segment.HIGH, dearer)):
        (window,) = select(
            whole("autumn-back"), HOUR, segment, start=first, end=second + HOUR
        ).windows
        assert window.start == expected
