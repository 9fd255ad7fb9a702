"""What a schedule says: its plan, and how it is doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

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
