"""The nouns of energy scheduling: slots, periods, wishes and plans.

Everything here is immutable and knows neither the clock nor Home Assistant.
Moments are aware datetimes, in UTC once they have passed `api.wire` or `Frame`;
durations are timedeltas; rates are money per kWh in major currency units.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Self

NOTHING = timedelta(0)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Direction(StrEnum):
    """Which way the energy flows, and so which tariff counts."""

    IMPORT = "import"
    EXPORT = "export"
    LOCAL = "local"


class Segment(StrEnum):
    """Which end of the prices is wanted."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time: its start belongs to it, its end does not.

    Raises ValueError when it is empty, reversed or without a time zone.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse what is no stretch of time."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a time without a time zone")
        if self.start >= self.end:
            raise ValueError("it ends before it starts")

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start

    def contains(self, moment: datetime) -> bool:
        """Tell whether the moment lies inside."""
        return self.start <= moment < self.end

    def clip(self, start: datetime, end: datetime) -> Self | None:
        """Return the part between two moments, or None where there is none."""
        start, end = max(self.start, start), min(self.end, end)
        return replace(self, start=start, end=end) if start < end else None


@dataclass(frozen=True, slots=True)
class Slot(Span):
    """A span at one price.

    A rate of None means that the price is not known (Flatpeak says 0 with
    confidence 0); such a slot is never planned on. Confidence runs from 0 to 1,
    below 1 the price is a forecast. A window of a plan is a slot as well:
    a run of touching slots made one by `merge`.
    """

    rate: float | None
    confidence: float = 1.0


def merge(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Join touching slots, in order of time; the rate becomes their time-weighted average.

    The confidence of the joined slot is the lowest of its parts: what rests on a
    forecast in part, rests on a forecast. Known and unknown prices do not mix.
    Raises ValueError when slots overlap.
    """
    merged: list[Slot] = []
    for slot in sorted(slots, key=lambda slot: slot.start):
        last = merged[-1] if merged else None
        if last is not None and slot.start < last.end:
            raise ValueError("two slots overlap")
        if last is None or slot.start > last.end or (slot.rate is None) != (last.rate is None):
            merged.append(slot)
            continue
        merged[-1] = Slot(
            last.start,
            slot.end,
            average_rate((last, slot)),
            min(last.confidence, slot.confidence),
        )
    return tuple(merged)


def total(spans: Iterable[Span]) -> timedelta:
    """Add up the lengths."""
    return sum((span.length for span in spans), NOTHING)


def within[S: Span](spans: Iterable[S], start: datetime, end: datetime) -> tuple[S, ...]:
    """Return the parts of the spans between two moments."""
    return tuple(part for span in spans if (part := span.clip(start, end)))


def average_rate(slots: Sequence[Slot]) -> float | None:
    """Return the time-weighted average of the known rates, None where none is known."""
    known = [(slot.rate, slot.length.total_seconds()) for slot in slots if slot.rate is not None]
    if not known:
        return None
    first = known[0][0]
    if all(rate == first for rate, _ in known):
        return first  # equal prices stay equal to the last bit
    return sum(rate * seconds for rate, seconds in known) / sum(seconds for _, seconds in known)


def lowest_confidence(slots: Iterable[Slot]) -> float | None:
    """Return how sure the least sure price is, None where there is no slot."""
    return min((slot.confidence for slot in slots), default=None)


@dataclass(frozen=True, slots=True)
class Frame:
    """The hours of the day a schedule may use, as the location's clock shows them.

    An end at or before the start lies on the next day; equal times mean the whole
    day. A period starts on the weekdays named (Monday is 0).
    """

    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))

    @property
    def length(self) -> timedelta:
        """How long a period lasts on a day of 24 hours."""
        day = date(2001, 1, 1)
        length = datetime.combine(day, self.end) - datetime.combine(day, self.start)
        return length if length > NOTHING else length + DAY

    def period(self, now: datetime, zone: tzinfo) -> Span:
        """Return the period that `now` lies in, else the next one, in UTC.

        A time that the clocks skip in spring is taken as one hour later, one that
        they show twice in autumn as the first of the two. Raises ValueError without days.
        """
        today = now.astimezone(zone).date()
        for offset in range(-1, 16):
            day = today + offset * DAY
            if day.weekday() not in self.days:
                continue
            start = datetime.combine(day, self.start, zone).astimezone(UTC)
            end = datetime.combine(day, self.end, zone).astimezone(UTC)
            if self.end <= self.start:
                # an end that is skipped in spring comes later, but not after the next start
                nights = (datetime.combine(day + DAY, at, zone) for at in (self.end, self.start))
                end = min(night.astimezone(UTC) for night in nights)
            # the hour skipped in spring may leave nothing of a short frame
            if start < end and now < end:
                return Span(start, end)
        raise ValueError("no weekday is chosen")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants: so many minutes of the cheapest (dearest) time in each period."""

    segment: Segment
    direction: Direction
    duration: timedelta
    frame: Frame
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Location:
    """A home as Flatpeak knows it. All but the id may be missing in its answers."""

    id: str
    reference: str | None = None
    address: str | None = None
    time_zone: str | None = None
    currency: str | None = None
    live: bool | None = None

    @property
    def label(self) -> str:
        """What to call it: there is no name in the API."""
        return self.reference or self.address or self.id


@dataclass(frozen=True, slots=True)
class DurationRequest:
    """A question for a schedule by duration: so much time, cheapest or dearest, in a span."""

    span: Span
    direction: Direction
    segment: Segment
    duration: timedelta


@dataclass(frozen=True, slots=True)
class DurationSchedule:
    """Flatpeak's answer to a schedule by duration.

    `slots` are merged and in order; they may hold less, or more, than was asked.
    `time_zone` is an IANA name, `next_update` the moment from which asking again is worth it.
    """

    slots: tuple[Slot, ...]
    direction: Direction | None = None
    currency: str | None = None
    time_zone: str | None = None
    next_update: datetime | None = None
    live: bool | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """How talking to Flatpeak went lately. None: not tried yet."""

    connected: bool | None = None
    last_success: datetime | None = None


class Source(StrEnum):
    """Where a plan came from."""

    FLATPEAK = "flatpeak"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schedule does in one period.

    `windows` are in order and do not touch; those that are over count as delivered.
    Without a source nobody has answered for this period yet.
    """

    period: Span
    windows: tuple[Slot, ...] = ()
    source: Source | None = None

    def running(self, now: datetime) -> Slot | None:
        """Return the window that `now` lies in."""
        return next((window for window in self.windows if window.contains(now)), None)

    @property
    def length(self) -> timedelta:
        """The time the plan holds, delivered time included."""
        return total(self.windows)

    @property
    def confidence(self) -> float | None:
        """The lowest confidence of the windows: below 1 the plan is provisional."""
        return lowest_confidence(self.windows)


class Status(StrEnum):
    """How a schedule is doing."""

    PLANNED = "planned"
    PROVISIONAL = "provisional"  # rests on forecasts
    WAITING = "waiting"  # the prices are not out
    LATER = "later"  # the next period is too far away to ask
    OFF = "off"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Outlook:
    """All that a schedule knows: its wish, the plan of this period, and what comes next.

    `following` is the plan of the period after this one; it is asked for shortly before
    this one ends, and shows from then on.
    `next_update` is when Flatpeak is expected to have news, None: not known.
    """

    wish: Wish
    plan: Plan
    following: Plan | None = None
    next_update: datetime | None = None
    hindrance: Status | None = None

    @property
    def answered(self) -> bool:
        """Whether there is a plan for this period."""
        return self.wish.enabled and self.plan.source is not None

    def running(self, now: datetime) -> Slot | None:
        """Return the window that `now` lies in."""
        return self.plan.running(now)

    def upcoming(self, now: datetime) -> Slot | None:
        """Return the first window that has not begun."""
        return next((window for window in self.plan.windows if window.start > now), None)

    def next_edge(self, now: datetime) -> datetime:
        """Return the next moment at which a window starts or ends, or else the period."""
        edges = (edge for window in self.plan.windows for edge in (window.start, window.end))
        return min((edge for edge in edges if edge > now), default=self.plan.period.end)

    @property
    def shortfall(self) -> timedelta:
        """What was asked for and could not be placed."""
        return max(self.wish.duration - self.plan.length, NOTHING)

    @property
    def status(self) -> Status:
        """How the schedule is doing."""
        if not self.wish.enabled:
            return Status.OFF
        if not self.answered:
            return self.hindrance or Status.WAITING
        certain = self.plan.confidence is None or self.plan.confidence >= 1
        return Status.PLANNED if certain else Status.PROVISIONAL
