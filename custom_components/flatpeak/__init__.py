"""Flatpeak: switch loads in the cheapest, or dearest, windows of a dynamic tariff."""

from datetime import datetime

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

from .account import FlatpeakLocation
from .api import FlatpeakError
from .const import (
    CONF_DIRECTION,
    CONF_SOURCE,
    DOMAIN,
    SUBENTRY_AMOUNT,
    SUBENTRY_DURATION,
    SUBENTRY_LIMIT,
)
from .duration import DurationCoordinator
from .entity import location_device
from .failures import failure
from .limit import LimitCoordinator
from .local import LocalLocation
from .location import LocationCoordinator, delete_issues
from .model import Direction
from .pricing import PriceCoordinator
from .repairs import delete_unmet_issues
from .runtime import FlatpeakConfigEntry, FlatpeakData
from .services import async_setup_services
from .site import SiteCoordinator
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
    location: LocationCoordinator
    if CONF_SOURCE in entry.data:
        location = LocalLocation(hass, entry, store)
    else:
        location = FlatpeakLocation(hass, entry, store)
    try:
        await location.prepare()
    except FlatpeakError as err:
        raise failure(err, ConfigEntryNotReady) from err
    location.prices = {
        way: PriceCoordinator(hass, entry, location, way) for way in _directions(entry, location)
    }
    store.keep_prices(location.prices)
    if location.at_home:
        for prices in location.prices.values():
            await prices.async_read_first()
    durations = {
        subentry.subentry_id: DurationCoordinator(hass, entry, subentry, location)
        for subentry in entry.get_subentries_of_type(SUBENTRY_DURATION)
    }
    limits = {
        subentry.subentry_id: LimitCoordinator(hass, entry, subentry, location)
        for subentry in entry.get_subentries_of_type(SUBENTRY_LIMIT)
    }

    data: FlatpeakData

    def news() -> datetime | None:
        """Return when the prices are expected to change, as schedules by duration were told."""
        told = (one.recommended for one in data.windows)
        return min((at for at in told if at and at > dt_util.utcnow()), default=None)

    amounts = list(entry.get_subentries_of_type(SUBENTRY_AMOUNT))
    site = SiteCoordinator(hass, entry, location, amounts, news)
    data = entry.runtime_data = FlatpeakData(location, site, durations, limits)
    # what is left of schedules that were deleted
    delete_unmet_issues(hass, store.amounts.keys() - data.amounts.keys())
    store.keep_only(data.schedules)
    location.delete_stale_issues()
    # the schedules' devices point to this one, so it has to be there first
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, **location_device(location)
    )
    # the entities come first: a plan that is stored must not wait for another one's answer
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    # prices after the schedules, which are told of new ones
    for schedule in data.windows:
        schedule.start()
    site.start()
    for prices in location.prices.values():
        prices.start()
    location.watch()
    entry.async_on_unload(entry.add_update_listener(_reload))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: FlatpeakConfigEntry) -> bool:
    """Unload a location; what is known stays in the store."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        data = entry.runtime_data
        await data.location.async_shutdown()
        for prices in data.prices.values():
            await prices.async_shutdown()
        for schedule in data.windows:
            await schedule.async_shutdown()
            schedule.note_alive()
        await data.site.async_shutdown()
        data.site.note_alive()
        await data.location.store.close()
        if entry.disabled_by:
            delete_issues(hass, entry.entry_id)
            delete_unmet_issues(hass, entry.subentries)
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: FlatpeakConfigEntry) -> None:
    """Forget all about a location."""
    delete_issues(hass, entry.entry_id)
    delete_unmet_issues(hass, entry.subentries)
    await FlatpeakStore(hass, entry.entry_id).remove()


def _directions(entry: FlatpeakConfigEntry, location: LocationCoordinator) -> list[Direction]:
    """Return whose prices are in use: a home buys, and may do more."""
    wanted = {Direction.IMPORT} | {
        Direction(subentry.data[CONF_DIRECTION]) for subentry in entry.subentries.values()
    }
    return [way for way in Direction if way in location.directions(wanted)]


async def _reload(hass: HomeAssistant, entry: FlatpeakConfigEntry) -> None:
    """Reload after a change of the account or of a schedule's form."""
    hass.config_entries.async_schedule_reload(entry.entry_id)
