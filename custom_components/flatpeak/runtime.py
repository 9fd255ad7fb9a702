"""What a loaded config entry consists of."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .amount import AmountCoordinator
from .coordinator import DurationCoordinator
from .location import LocationCoordinator
from .site import SiteCoordinator

type FlatpeakConfigEntry = ConfigEntry[FlatpeakData]
type Schedules = dict[str, DurationCoordinator | AmountCoordinator]


@dataclass(slots=True)
class FlatpeakData:
    """The location of an entry, and its schedules by subentry id."""

    location: LocationCoordinator
    site: SiteCoordinator
    durations: dict[str, DurationCoordinator]

    @property
    def amounts(self) -> dict[str, AmountCoordinator]:
        """The schedules by amount, which the site holds together."""
        return self.site.schedules

    @property
    def schedules(self) -> Schedules:
        """The schedules of all kinds."""
        return {**self.durations, **self.amounts}
