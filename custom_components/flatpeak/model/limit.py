"""A schedule by price limit: all time below, or above, a price."""

from dataclasses import dataclass
from datetime import timedelta

from .amount import PriceCap
from .duration import Segment, Wish
from .frame import Frame
from .location import Direction
from .plan import Outlook, Plan
from .spans import NOTHING, Span


@dataclass(frozen=True, slots=True)
class LimitRequest:
    """A question for all time at or below (`Segment.LOW`) or above (`HIGH`) a price in a span.

    `limit.absolute` wins over `limit.relative`: of the prices of the span the highest counts
    1 and the lowest 0.01, in both segments. Source: schedule by limit.
    """

    span: Span
    direction: Direction
    segment: Segment
    limit: PriceCap


@dataclass(frozen=True, slots=True)
class LimitWish:
    """What a person wants: all time below (above) a price, within bounds if given.

    `least` is filled up with the next best time, above `most` the best of it is used.
    """

    segment: Segment
    direction: Direction
    limit: PriceCap
    frame: Frame
    least: timedelta = NOTHING
    most: timedelta | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class LimitOutlook(Outlook[LimitWish, Plan]):
    """All that a schedule by price limit knows."""

    @property
    def shortfall(self) -> timedelta:
        """What was asked for at least and could not be placed."""
        return max(self.wish.least - self.plan.length, NOTHING)


# The wishes that are met by being on for some time.
type TimeWish = Wish | LimitWish
