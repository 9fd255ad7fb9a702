"""A schedule by price limit: all time below, or above, a price."""

from dataclasses import dataclass
from datetime import timedelta

from .amount import PriceCap
from .duration import DurationTarget, Segment
from .frame import Frame
from .location import Direction
from .spans import NOTHING, Span


@dataclass(frozen=True, slots=True)
class PriceLimitRequest:
    """A question for all time at or below (`Segment.LOW`) or above (`HIGH`) a price in a span.

    `limit.absolute` wins over `limit.relative`: of the prices of the span the highest counts
    1 and the lowest 0.01, in both segments. Source: schedule by limit.
    """

    span: Span
    direction: Direction
    segment: Segment
    limit: PriceCap


@dataclass(frozen=True, slots=True)
class PriceLimitTarget:
    """What a person wants: all time below (above) a price, within bounds if given.

    `minimum` is filled up with the next best time, above `maximum` the best of it is used.
    """

    segment: Segment
    direction: Direction
    limit: PriceCap
    frame: Frame
    minimum: timedelta = NOTHING
    maximum: timedelta | None = None
    enabled: bool = True


# The targets that are met by being on for some time.
type TimeTarget = DurationTarget | PriceLimitTarget
