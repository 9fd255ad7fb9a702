"""A series of prices of one direction."""

from dataclasses import dataclass
from datetime import datetime

from .location import Direction
from .spans import Slot, Span


@dataclass(frozen=True, slots=True)
class PriceRequest:
    """A question for the prices of a span."""

    span: Span
    direction: Direction


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Prices as they were published: in order, without overlaps, not merged.

    Slots may have any length and gaps between them. `time_zone` is an IANA name,
    `next_update` the moment from which asking again is worth it.
    """

    slots: tuple[Slot, ...]
    direction: Direction | None = None
    currency: str | None = None
    time_zone: str | None = None
    next_update: datetime | None = None
    live: bool | None = None
