"""Built-in days: believable prices that are the same whenever they are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from custom_components.flatpeak.model import DAY, Slot

from .state import TIME_ZONE

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)

# EUR per kWh by the local hour. A working day in January: two peaks, a cheap night.
_WINTER = (
    *(0.098, 0.091, 0.087, 0.085, 0.089, 0.102),
    *(0.138, 0.187, 0.214, 0.196, 0.172, 0.158),
    *(0.151, 0.149, 0.156, 0.173, 0.208, 0.264),
    *(0.283, 0.251, 0.199, 0.162, 0.131, 0.112),
)
# A sunny Sunday in May: more sun than anyone uses.
_SUNNY = (
    *(0.072, 0.068, 0.064, 0.061, 0.059, 0.055),
    *(0.048, 0.036, 0.019, 0.002, -0.011, -0.034),
    *(-0.061, -0.085, -0.079, -0.042, -0.008, 0.021),
    *(0.067, 0.118, 0.141, 0.127, 0.104, 0.086),
)
_FLAT = (0.2834,) * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipe:
    """How the prices of a day are made.

    `changeover` is the date on which the clocks change, where the day is tied to one.
    Without `tomorrow` the prices end with today.
    """

    hours: tuple[float, ...] = _WINTER
    step: timedelta = HOUR
    swing: float = 0.03  # how far one day differs from the next
    changeover: date | None = None
    tomorrow: bool = True


_RECIPES = {
    "flat": _Recipe(hours=_FLAT, step=DAY, swing=0),
    "winter": _Recipe(),
    "negative": _Recipe(hours=_SUNNY),
    "missing-tomorrow": _Recipe(tomorrow=False),
    "spring-forward": _Recipe(changeover=date(2027, 3, 28)),
    "autumn-back": _Recipe(changeover=date(2026, 10, 25)),
    "quarter-hour": _Recipe(step=QUARTER),
}
DAYS = tuple(_RECIPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Prices around a date in a time zone, from the day before it on."""

    name: str
    date: date
    prices: tuple[Slot, ...]
    time_zone: str = TIME_ZONE

    @property
    def changeover(self) -> bool:
        """Whether it is a day on which the clocks change, tied to its date."""
        return _RECIPES[self.name].changeover is not None


def built_in(name: str, today: date, *, ahead: int = 2) -> Day:
    """Return a built-in day: yesterday, today and the days ahead.

    The days on which the clocks change lie on their own date, whatever `today` is.
    Raises KeyError for a name that is not one of `DAYS`.
    """
    recipe = _RECIPES[name]
    anchor = recipe.changeover or today
    ahead = ahead if recipe.tomorrow else 0
    days = [anchor + offset * DAY for offset in range(-1, ahead + 1)]
    prices = tuple(slot for day in days for slot in _slots(recipe, day, ZoneInfo(TIME_ZONE)))
    return Day(name=name, date=anchor, prices=prices)


def _slots(recipe: _Recipe, day: date, zone: ZoneInfo) -> Iterator[Slot]:
    start, end = (datetime.combine(date, time(), zone).astimezone(UTC) for date in (day, day + DAY))
    while start < end:
        following = min(start + recipe.step, end)
        yield Slot(start, following, _rate(recipe, start.astimezone(zone)))
        start = following


def _rate(recipe: _Recipe, local: datetime) -> float:
    """Return the price at a local time, in whole hundredths of a cent."""
    rate = recipe.hours[local.hour]
    # within the hour towards the next one, as quarter-hourly markets do
    rate += (recipe.hours[(local.hour + 1) % 24] - rate) * local.minute / 60
    # no two days are alike, and neither are the two hours that autumn has of one
    rate *= 1 + recipe.swing * (local.toordinal() % 5 - 2)
    return round(rate * (1 + recipe.swing * local.fold), 5)
