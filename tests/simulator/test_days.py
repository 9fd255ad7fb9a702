"""The built-in days."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from custom_components.flatpeak.model import total
from simulator import DAYS, built_in

from .conftest import TODAY

ZONE = ZoneInfo("Europe/Brussels")


def lengths(name: str) -> dict[date, float]:
    hours: Counter[date] = Counter()
    for slot in built_in(name, TODAY).prices:
        hours[slot.start.astimezone(ZONE).date()] += slot.length / timedelta(hours=1)
    return dict(hours)


@pytest.mark.parametrize("name", DAYS)
def test_every_day(name) -> None:
    day = built_in(name, TODAY)
    assert day == built_in(name, TODAY)
    assert all(
        before.end == after.start for before, after in zip(day.prices, day.prices[1:], strict=False)
    )
    assert all(-0.1 < slot.rate < 0.4 for slot in day.prices)
    around = list(lengths(name))
    assert around[:2] == [day.date - timedelta(1), day.date]
    assert len(around) == (2 if name == "missing-tomorrow" else 4)
    assert day.changeover == (day.date != TODAY)


def test_ahead() -> None:
    prices = built_in("winter", TODAY, ahead=9).prices
    assert total(prices) == timedelta(days=11)


def test_unknown_day() -> None:
    with pytest.raises(KeyError):
        built_in("summer", TODAY)


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [("spring-forward", date(2027, 3, 28), 23), ("autumn-back", date(2026, 10, 25), 25)],
)
def test_changeover(name, day, hours) -> None:
    assert lengths(name)[day] == hours
    assert set(lengths(name).values()) == {24, hours}


def test_the_two_hours_of_autumn_differ() -> None:
    prices = built_in("autumn-back", TODAY).prices
    two = [
        slot.rate
        for slot in prices
        if (local := slot.start.astimezone(ZONE)).date() == date(2026, 10, 25) and local.hour == 2
    ]
    assert len(set(two)) == 2


def test_what_the_names_say() -> None:
    assert len({slot.rate for slot in built_in("flat", TODAY).prices}) == 1
    assert min(slot.rate for slot in built_in("negative", TODAY).prices) < -0.05
    assert min(slot.rate for slot in built_in("winter", TODAY).prices) > 0
    quarters = built_in("quarter-hour", TODAY).prices
    assert {slot.length for slot in quarters} == {timedelta(minutes=15)}
    assert len({slot.rate for slot in quarters[:4]}) == 4


@pytest.mark.parametrize("today", [date(2027, 3, 28), date(2026, 10, 25)])
def test_flat_days_meet_where_the_clocks_change(today) -> None:
    prices = built_in("flat", today).prices
    assert all(before.end == after.start for before, after in pairwise(prices))
    assert {slot.start.astimezone(ZONE).date() for slot in prices} == {
        today + timedelta(offset) for offset in range(-1, 3)
    }
