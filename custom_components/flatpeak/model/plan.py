"""What a schedule says: its plan, and how it is doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from .frame import Frame
from .location import Direction
from .spans import Slot, Span, lowest_confidence, runs, total


class Source(StrEnum):
    """Where a plan came from."""

    FLATPEAK = "flatpeak"
    PLANNER = "planner"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Plan[S: Slot = Slot]:
    """What a schedule does in one period.

    `windows` are in order and do not overlap; those that are over count as delivered.
    Without a source nobody has answered for this period yet.
    """

    period: Span
    windows: tuple[S, ...] = ()
    source: Source | None = None

    def running(self, now: datetime) -> S | None:
        """Return the window that `now` lies in."""
        return next((window for window in self.windows if window.contains(now)), None)

    def run(self, now: datetime) -> Span | None:
        """Return the run that `now` lies in: windows that touch are one."""
        return next((run for run in runs(self.windows) if run.contains(now)), None)

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


class Wanted(Protocol):
    """What all wishes have."""

    @property
    def direction(self) -> Direction:
        """Whose prices count."""

    @property
    def frame(self) -> Frame:
        """The hours they may use."""

    @property
    def enabled(self) -> bool:
        """Whether they are to be planned at all."""


@dataclass(frozen=True, slots=True)
class Outlook[W: Wanted = Wanted, P: Plan[Slot] = Plan[Slot]]:
    """All that a schedule knows: its wish, the plan of this period, and what comes next.

    `following` is the plan of the period after this one; it is asked for shortly before
    this one ends, and shows from then on.
    `next_update` is when Flatpeak is expected to have news, None: not known.
    """

    wish: W
    plan: P
    following: P | None = None
    next_update: datetime | None = None
    hindrance: Status | None = None

    @property
    def answered(self) -> bool:
        """Whether there is a plan for this period."""
        return self.wish.enabled and self.plan.source is not None

    def running(self, now: datetime) -> Span | None:
        """Return the run that `now` lies in: windows that touch are one."""
        return self.plan.run(now)

    def upcoming(self, now: datetime) -> Span | None:
        """Return the first run that has not begun."""
        return next((run for run in runs(self.plan.windows) if run.start > now), None)

    def next_edge(self, now: datetime) -> datetime:
        """Return the next moment at which a window starts or ends, or else the period."""
        edges = (edge for window in self.plan.windows for edge in (window.start, window.end))
        return min((edge for edge in edges if edge > now), default=self.plan.period.end)

    @property
    def status(self) -> Status:
        """How the schedule is doing."""
        if not self.wish.enabled:
            return Status.OFF
        if not self.answered:
            return self.hindrance or Status.WAITING
        certain = self.plan.confidence is None or self.plan.confidence >= 1
        return Status.PLANNED if certain else Status.PROVISIONAL
