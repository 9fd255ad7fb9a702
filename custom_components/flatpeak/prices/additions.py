"""What a supplier, the grid and the state add to a price, by time of day."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
import math
from typing import Any

from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import (
    CONF_AMOUNT,
    CONF_DAYS,
    CONF_END,
    CONF_FIXED,
    CONF_HOURS,
    CONF_PERCENT,
    CONF_START,
    DAYS,
)
from ..model import DAY, Slot

# Everywhere on earth the clocks are changed on one of these.
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class HourlyAmount:
    """An amount per kWh in some hours of the day, by the clock on the wall.

    An end at or before the start lies on the next day; equal times mean the whole day.
    The days are those on which the hours begin (Monday is 0).
    """

    start: time
    end: time
    amount: float
    days: frozenset[int] = frozenset(range(7))

    def applies(self, shown: datetime) -> bool:
        """Tell whether it is charged while the clock on the wall shows this."""
        at, weekday = shown.time(), shown.weekday()
        if self.start < self.end:
            return self.start <= at < self.end and weekday in self.days
        if at >= self.start:
            return weekday in self.days
        return at < self.end and (weekday - 1) % 7 in self.days


@dataclass(frozen=True, slots=True)
class Additions:
    """What is added to a price: (price + fixed + the amounts of the hour) * (1 + percent / 100).

    Amounts are per kWh in major units of the currency.
    """

    fixed: float = 0.0
    percent: float = 0.0
    hours: tuple[HourlyAmount, ...] = ()

    def amount(self, shown: datetime) -> float:
        """Return what is added before the percentage while the clock shows this."""
        return self.fixed + sum(hour.amount for hour in self.hours if hour.applies(shown))

    def price(self, rate: float, amount: float) -> float:
        """Return a rate with an amount and the percentage."""
        return (rate + amount) * (1 + self.percent / 100)


def added(slots: Sequence[Slot], additions: Additions, zone: tzinfo) -> tuple[Slot, ...]:
    """Return slots with the additions, cut where an hour of the table begins or ends.

    The table is read as a meter reads it, minute by minute by the clock on the wall: an
    hour that the clocks show twice in autumn is charged twice, one that they skip never.
    """
    known = [slot for slot in slots if slot.rate is not None]
    borders = _borders(known, additions, zone)
    return tuple(part for slot in slots for part in _parts(slot, additions, borders, zone))


def _borders(slots: Sequence[Slot], additions: Additions, zone: tzinfo) -> list[datetime]:
    """Return the moments at which another amount may begin, in order."""
    if not slots or not additions.hours:
        return []
    start, end = min(slot.start for slot in slots), max(slot.end for slot in slots)
    times = {at for hour in additions.hours for at in (hour.start, hour.end)}
    borders = set(_quarters(start, end))
    day = start.astimezone(zone).date() - DAY
    while day <= end.astimezone(zone).date() + DAY:
        borders |= {
            datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC)
            for at in times
            for fold in (0, 1)
        }
        day += DAY
    return sorted(borders)


def _quarters(start: datetime, end: datetime) -> Iterator[datetime]:
    hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield hour
        hour += QUARTER


def _parts(
    slot: Slot, additions: Additions, borders: Sequence[datetime], zone: tzinfo
) -> Iterator[Slot]:
    """Cut a slot; what it costs the same on both sides of a border stays in one piece."""
    if slot.rate is None:
        yield slot
        return
    start, amount = slot.start, additions.amount(slot.start.astimezone(zone))
    for border in borders[bisect_right(borders, slot.start) : bisect_left(borders, slot.end)]:
        following = additions.amount(border.astimezone(zone))
        if following != amount:
            yield replace(slot, start=start, end=border, rate=additions.price(slot.rate, amount))
            start, amount = border, following
    yield replace(slot, start=start, rate=additions.price(slot.rate, amount))


def _finite(value: object) -> float:
    """Take a number that can be reckoned with; a text or a yes is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise vol.Invalid("not a number")


# What is no percentage of a bill: below -100 the prices would change their order.
_PERCENT = vol.All(_finite, vol.Range(min=-100, max=1000, min_included=False))

_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_FIXED, default=0.0): _finite,
        vol.Optional(CONF_PERCENT, default=0.0): _PERCENT,
        vol.Optional(CONF_HOURS, default=list): [
            {
                vol.Required(CONF_START): cv.time,
                vol.Required(CONF_END): cv.time,
                vol.Required(CONF_AMOUNT): _finite,
                vol.Optional(CONF_DAYS, default=list(DAYS)): vol.All(
                    [vol.In(DAYS)], vol.Length(min=1)
                ),
            }
        ],
    }
)


def additions_of(data: Mapping[str, Any]) -> Additions:
    """Read what the options store. Raises vol.Invalid where it makes no sense."""
    options = _SCHEMA(dict(data))
    return Additions(
        options[CONF_FIXED],
        options[CONF_PERCENT],
        tuple(
            HourlyAmount(
                hour[CONF_START],
                hour[CONF_END],
                hour[CONF_AMOUNT],
                frozenset(DAYS.index(day) for day in hour[CONF_DAYS]),
            )
            for hour in options[CONF_HOURS]
        ),
    )


def additions_as_form(additions: Additions) -> dict[str, Any]:
    """Write them as the options store them."""
    return {
        CONF_FIXED: additions.fixed,
        CONF_PERCENT: additions.percent,
        CONF_HOURS: [
            {
                CONF_START: hour.start.isoformat(),
                CONF_END: hour.end.isoformat(),
                CONF_AMOUNT: hour.amount,
                CONF_DAYS: [DAYS[day] for day in sorted(hour.days)],
            }
            for hour in additions.hours
        ],
    }
