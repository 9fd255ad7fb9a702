"""What entities need of a schedule, of whatever kind."""

from abc import abstractmethod

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .const import LOGGER
from .location import LocationCoordinator
from .model import Frame, Outlook, Plan, Slot, Wanted


class ScheduleCoordinator[O: Outlook[Wanted, Plan[Slot]]](DataUpdateCoordinator[O]):
    """Holds the outlook of one schedule, and takes what entities want of it."""

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        subentry: ConfigSubentry,
        location: LocationCoordinator,
    ) -> None:
        """Begin with nothing known."""
        super().__init__(hass, LOGGER, config_entry=entry, name=subentry.title, always_update=False)
        self.subentry = subentry
        self.location = location

    @property
    def available(self) -> bool:
        """Whether there is something to say: a plan is kept whatever the network does."""
        return self.data.answered or self.last_update_success or not self.data.wish.enabled

    @abstractmethod
    async def async_enable(self, *, enabled: bool) -> None:
        """Plan, or do not."""

    @abstractmethod
    async def async_use_hours(self, frame: Frame) -> None:
        """Use other hours from now on. Raises ServiceValidationError where nothing fits."""

    def note_use(self) -> None:
        """Note whose prices count, so that no repair outlives the wish for them."""
        if self.data.wish.enabled:
            self.location.uses[self.subentry.subentry_id] = self.data.wish.direction
        else:
            self.location.uses.pop(self.subentry.subentry_id, None)
            self.location.delete_stale_issues()
