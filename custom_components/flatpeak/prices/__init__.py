"""Price sources inside Home Assistant, one small module each."""

from .additions import Additions, HourlyAmount, added, additions_of
from .source import Choice, PriceSource, PriceSourceError, Reading

# By key. The order is the one in which choices are shown.
SOURCES: dict[str, PriceSource] = {}

__all__ = [
    "SOURCES",
    "Additions",
    "Choice",
    "HourlyAmount",
    "PriceSource",
    "PriceSourceError",
    "Reading",
    "added",
    "additions_of",
]
