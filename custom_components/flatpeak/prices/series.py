"""The one place where what sources say becomes slots: units, steps, zones, gaps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from ..model import Slot


@dataclass(frozen=True, slots=True)
class Entry:
    """A price as a source says it; anything may be missing, or be of another type.

    `start` and `end` are datetimes or texts, `value` a number or a text. Confidence below 1
    marks a forecast.
    """

    start: object
    value: object
    end: object = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit means: by what a value is multiplied to get major units per kWh."""

    factor: float
    currency: str | None = None


def slots_of(entries: Iterable[Entry], *, zone: tzinfo, factor: float = 1.0) -> tuple[Slot, ...]:
    """Return the slots of a source's entries, in order, without overlaps, in UTC.

    `zone` is the one of times that name none.
    """
    raise NotImplementedError


def unit_of(text: str | None) -> Unit | None:
    """Read a unit such as "EUR/MWh", "SEK/kWh", "öre/kWh", "ct/kWh", "p/kWh", "GBP"."""
    raise NotImplementedError
