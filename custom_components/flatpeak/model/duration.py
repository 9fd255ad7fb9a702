"""A schedule by duration: so much time, cheapest or dearest."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from .constraints import UNCONSTRAINED, Constraints
from .frame import Frame
from .location import Direction
from .spans import Slot, Span


class Segment(StrEnum):
    """Which end of the prices is wanted."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class DurationTarget:
    """What a person wants: so many minutes of the cheapest (dearest) time in each period.

    `fallback` is when to begin, by the location's clock, where prices do not come.
    """

    segment: Segment
    direction: Direction
    duration: timedelta
    frame: Frame
    enabled: bool = True
    constraints: Constraints = UNCONSTRAINED
    fallback: time | None = None


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
