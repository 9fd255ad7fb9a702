"""Flatpeak: switch loads in the cheapest, or dearest, windows of a dynamic tariff."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .api import FlatpeakError
from .const import DOMAIN, SUBENTRY_DURATION
from .coordinator import FlatpeakConfigEntry, FlatpeakData, ScheduleCoordinator
from .entity import location_device
from .failures import failure
from .location import LocationCoordinator, delete_issues
from .services import async_setup_services
from .store import FlatpeakStore

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.CALENDAR,
    Platform.NUMBER,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions."""
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: FlatpeakConfigEntry) -> bool:
    """Set up a location and its schedules."""
    store = FlatpeakStore(hass, entry.entry_id)
    await store.load()
    location = LocationCoordinator(hass, entry, store)
    try:
        await location.prepare()
    except FlatpeakError as err:
        raise failure(err, ConfigEntryNotReady) from err
    schedules = {
        subentry.subentry_id: ScheduleCoordinator(hass, entry, subentry, location)
        for subentry in entry.get_subentries_of_type(SUBENTRY_DURATION)
    }
    store.keep_only(schedules)
    location.delete_stale_issues()  # of schedules that were deleted
    entry.runtime_data = FlatpeakData(location, schedules)
    # the schedules' devices point to this one, so it has to be there first
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, **location_device(location)
    )
    # the entities come first: a plan that is stored must not wait for another one's answer
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    for schedule in schedules.values():
        schedule.start()
    entry.async_on_unload(entry.add_update_listener(_reload))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: FlatpeakConfigEntry) -> bool:
    """Unload a location; what is known stays in the store."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        location = entry.runtime_data.location
        await location.async_shutdown()
        for schedule in entry.runtime_data.schedules.values():
            await schedule.async_shutdown()
            schedule.note_alive()
        await location.store.close()
        if entry.disabled_by:
            delete_issues(hass, entry.entry_id)
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: FlatpeakConfigEntry) -> None:
    """Forget all about a location."""
    delete_issues(hass, entry.entry_id)
    await FlatpeakStore(hass, entry.entry_id).remove()


async def _reload(hass: HomeAssistant, entry: FlatpeakConfigEntry) -> None:
    """Reload after a change of the account or of a schedule's form."""
    hass.config_entries.async_schedule_reload(entry.entry_id)
