"""What every price source has: it can be found, watched and read."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from homeassistant.core import HomeAssistant

from ..model import Direction, Slot, Span


@dataclass(frozen=True, slots=True)
class Choice:
    """Something in this home that can give prices.

    `data` is what is stored of it, and what `PriceSource.read` is given; it is JSON.
    A source whose prices are for selling says `EXPORT`.
    """

    source: str
    title: str
    data: Mapping[str, Any] = field(default_factory=dict)
    direction: Direction = Direction.IMPORT


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: rates per kWh in major units of the currency, in order, in UTC.

    Slots are not merged and do not overlap. `unit` is the unit as the source had it, for
    people; `currency` is ISO 4217, None where the source does not say.
    """

    slots: tuple[Slot, ...]
    currency: str | None = None
    unit: str | None = None


class PriceSourceError(Exception):
    """A source that cannot be read now. `key` is a translation key under `exceptions`."""

    def __init__(self, key: str, detail: str = "") -> None:
        """Name what is wrong; the detail is for the log."""
        super().__init__(f"{key}: {detail}" if detail else key)
        self.key = key


class PriceSource(ABC):
    """One kind of price source: an integration, or the shape of its sensor."""

    key: ClassVar[str]
    # how often a source is worth reading that has new prices all day long
    refresh: ClassVar[timedelta | None] = None

    @abstractmethod
    async def find(self, hass: HomeAssistant) -> list[Choice]:
        """Return what there is in this home. Never fails."""

    def watched(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the entities whose change may mean new prices."""
        return ()

    def read_attributes(self, data: Mapping[str, Any]) -> Collection[str] | None:
        """Return the attributes of those entities that say something of prices; None: any may."""
        return None

    @abstractmethod
    async def read(self, hass: HomeAssistant, data: Mapping[str, Any], span: Span) -> Reading:
        """Return all prices there are, of a span at least; fewer where they are not out yet.

        Raises PriceSourceError: `source_gone` (nothing there by that name), `source_not_ready`
        (it does not answer now), `source_unreadable` (not the shape it should have).
        """
