"""What a machine puts up with, and what its owner will pay: bounds on when it runs."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from .spans import NOTHING


class Preference(StrEnum):
    """Which of two plans that cost the same is better."""

    EARLY = "early"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Constraints:
    """Bounds on the runs of a schedule by duration, each of which may be left out.

    `one_piece`: one run in each period. `shortest_run` and `shortest_pause` hold for every
    run and between two runs. `max_starts` counts the runs of a period.
    `never_beyond` is the worst rate at which it may run, `always_within` a rate at which it
    always runs, in addition to the duration: above and below for the cheapest time, the
    other way round for the dearest. `run_through`: one run, which a changed target does not
    cut short once it has begun.
    """

    one_piece: bool = False
    shortest_run: timedelta = NOTHING
    shortest_pause: timedelta = NOTHING
    max_starts: int | None = None
    never_beyond: float | None = None
    always_within: float | None = None
    preference: Preference = Preference.EARLY
    run_through: bool = False

    @property
    def starts(self) -> int | None:
        """How many runs a period may have, None: any number."""
        return 1 if self.one_piece or self.run_through else self.max_starts


UNCONSTRAINED = Constraints()
