"""A market of made-up prices: of all shapes, and published early, late, in part or never."""

from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
import math
from random import Random
from zoneinfo import ZoneInfo

from custom_components.flatpeak.model import DAY, Direction, Slot

ZONE = ZoneInfo("Europe/Brussels")
HOUR = timedelta(hours=1)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)

type Version = tuple[datetime, tuple[Slot, ...]]


def moment(day: date, at: time) -> datetime:
    """Return a moment of the market's clock."""
    return datetime.combine(day, at, ZONE).astimezone(UTC)


class Market:
    """Prices by day; each day has versions: what was known of it from when on.

    `steady`: all is published a day before and stays as it is.
    """

    def __init__(
        self, seed: int, *, steady: bool, quarters: bool, forecasts: bool, hour: int
    ) -> None:
        """Draw the character of a year; prices are usually out at some `hour`."""
        self._hour = hour
        self._seed = seed
        self._steady, self._forecasts = steady, forecasts
        self._step = HOUR / 4 if quarters else HOUR
        self._base = Random(seed).uniform(0.08, 0.35)
        self._days: dict[date, tuple[Version, ...]] = {}

    def versions(self, day: date) -> tuple[Version, ...]:
        """Return what is known of a day, from when on."""
        if day not in self._days:
            self._days[day] = self._drawn(day)
        return self._days[day]

    def known(self, at: datetime, direction: Direction) -> tuple[Slot, ...]:
        """Return what is known at a moment, from yesterday on."""
        today = at.astimezone(ZONE).date()
        found: list[Slot] = []
        for offset in range(-1, 4):
            versions = self.versions(today + offset * DAY)
            if place := bisect_right(versions, at, key=lambda one: one[0]):
                found += versions[place - 1][1]
        return tuple(found) if direction is Direction.IMPORT else _sold(tuple(found))

    def truth(self, day: date, direction: Direction) -> tuple[Slot, ...]:
        """Return what a day's prices came to be."""
        certain = [slots for at, slots in self.versions(day) if slots and at < NEVER]
        slots = certain[-1] if certain else ()
        return slots if direction is Direction.IMPORT else _sold(slots)

    def settled_at(self, day: date) -> datetime:
        """Return from when on a day's prices are known for certain, and stay as they are."""
        return self.versions(day)[-1][0]

    def was_withdrawn(self, day: date) -> bool:
        """Tell whether a day's prices were taken back for a while."""
        return any(not slots for _, slots in self.versions(day))

    def next_publication(self, at: datetime) -> datetime:
        """Return when the server expects news: tomorrow's prices come at one o'clock."""
        today = at.astimezone(ZONE).date()
        out = moment(today, time(13, 2))
        return out if at < out else moment(today + DAY, time(13, 2))

    def _drawn(self, day: date) -> tuple[Version, ...]:
        rng = Random(f"{self._seed} {day}")
        slots, before = self._shape(rng, day), day - DAY
        usual = moment(before, time(self._hour, rng.randrange(5, 29), rng.randrange(60)))
        foretold: list[Version] = []
        if self._forecasts:
            guess = tuple(
                replace(slot, rate=(slot.rate or 0) + rng.gauss(0, 0.03), confidence=0.6)
                for slot in slots
            )
            foretold = [(moment(before - DAY, time(6)), guess)]
        if self._steady or rng.random() < 0.8:
            return (*foretold, (usual, slots))
        how = rng.randrange(7)
        late = usual + rng.uniform(0.2, 9) * HOUR
        if how == 0:
            return (*foretold, (usual - rng.uniform(0.5, 3) * HOUR, slots))
        if how == 1:
            return (*foretold, (late, slots))
        if how == 2:  # very late: in the day itself
            return (*foretold, (moment(day, time(rng.randrange(2, 20))), slots))
        if how == 3:
            return (*foretold, (NEVER, slots))
        if how == 4:
            half = rng.randrange(len(slots))
            return (*foretold, (usual, slots[:half]), (late, slots))
        if how == 5:  # taken back
            return (*foretold, (usual, slots), (usual + HOUR, ()), (late + HOUR, slots))
        wrong = tuple(replace(slot, rate=(slot.rate or 0) + rng.gauss(0, 0.05)) for slot in slots)
        return (*foretold, (usual, wrong), (late, slots))

    def _shape(self, rng: Random, day: date) -> tuple[Slot, ...]:
        begin, end = moment(day, time()), moment(day + DAY, time())
        count = round((end - begin) / self._step)
        how, base = rng.random(), self._base * rng.uniform(0.6, 1.5)
        rates: list[float] = []
        level = base
        for place in range(count):
            hour = 24 * place / count
            if how < 0.5:  # looks real: two peaks and a valley at noon
                level = base * (1 + 0.35 * math.cos((hour - 8) / 24 * 4 * math.pi))
                level += -base * max(0, 1 - abs(hour - 13) / 4) + rng.gauss(0, 0.01)
            elif how < 0.75:
                level += rng.gauss(0, 0.02)
            elif how < 0.85:
                level = base + (rng.uniform(0.5, 4) if rng.random() < 0.05 else rng.gauss(0, 0.02))
            elif how < 0.9:
                level = 0.0 if rng.random() < 0.7 else base
            else:
                level = rng.choice((-0.1, -0.02, 0.0, base, base))
            rates.append(round(level, 5))
        return tuple(
            Slot(begin + place * self._step, begin + (place + 1) * self._step, rate)
            for place, rate in enumerate(rates)
        )


@lru_cache(maxsize=12)
def market_of(number: int, *, steady: bool, quarters: bool, forecasts: bool, hour: int) -> Market:
    """Return a market; several homes may live in one, so its days are drawn once."""
    return Market(number, steady=steady, quarters=quarters, forecasts=forecasts, hour=hour)


@lru_cache(maxsize=64)
def _sold(slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """Return what is paid for what is given: less than what is taken costs."""
    return tuple(
        slot if slot.rate is None else replace(slot, rate=round(slot.rate * 0.9 - 0.02, 5))
        for slot in slots
    )
