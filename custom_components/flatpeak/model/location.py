"""A home, and how talking about it goes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Direction(StrEnum):
    """Which way the energy flows, and so which tariff counts."""

    IMPORT = "import"
    EXPORT = "export"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Location:
    """A home as Flatpeak knows it. All but the id may be missing in its answers."""

    id: str
    reference: str | None = None
    address: str | None = None
    time_zone: str | None = None
    currency: str | None = None
    live: bool | None = None

    @property
    def label(self) -> str:
        """What to call it: there is no name in the API."""
        return self.reference or self.address or self.id


@dataclass(frozen=True, slots=True)
class Device:
    """A device as Flatpeak knows it: an id, and the name its owner gave it."""

    id: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """How talking to Flatpeak went lately. None: not tried yet."""

    connected: bool | None = None
    last_success: datetime | None = None
