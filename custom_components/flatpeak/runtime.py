"""What a loaded config entry consists of."""

from collections.abc import Mapping
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .amount import AmountCoordinator
from .duration import DurationCoordinator
from .limit import LimitCoordinator
from .location import LocationCoordinator
from .model import Direction
from .pricing import PriceCoordinator
from .site import SiteCoordinator

type FlatpeakConfigEntry = ConfigEntry[FlatpeakData]
type AnySchedule = DurationCoordinator | LimitCoordinator | AmountCoordinator


@dataclass(slots=True)
class FlatpeakData:
    """The location of an entry, and its schedules by subentry id."""

    location: LocationCoordinator
    site: SiteCoordinator
    durations: dict[str, DurationCoordinator]
    limits: dict[str, LimitCoordinator]

    @property
    def amounts(self) -> dict[str, AmountCoordinator]:
        """The schedules by amount, which the site holds together."""
        return self.site.schedules

    @property
    def schedules(self) -> dict[str, AnySchedule]:
        """The schedules of all kinds."""
        return {**self.durations, **self.limits, **self.amounts}

    @property
    def windows(self) -> tuple[DurationCoordinator | LimitCoordinator, ...]:
        """The schedules that are either on or off."""
        return (*self.durations.values(), *self.limits.values())

    @property
    def prices(self) -> Mapping[Direction, PriceCoordinator]:
        """The prices of each direction in use."""
        return self.location.prices
