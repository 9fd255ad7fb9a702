"""Flatpeak: switch loads in the cheapest, or dearest, windows of a dynamic tariff."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .const import CONF_ADDITIONS, CONF_EXPORT_ADDITIONS, CONF_SOURCE, DOMAIN
from .coordinator import FlatpeakConfigEntry, FlatpeakCoordinator
from .entity import location_device, name_devices
from .homes import AccountHome, BaseHome, LocalHome, failure
from .issues import delete_all_issues
from .model.errors import FlatpeakError
from .services import async_setup_services
from .storage import FlatpeakStore

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.CALENDAR,
    Platform.NUMBER,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
]
# What is added to prices makes others of them, as another source does.
_SOURCE_OPTIONS = (CONF_ADDITIONS, CONF_EXPORT_ADDITIONS)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions."""
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: FlatpeakConfigEntry) -> bool:
    """Set up a home and its schedules."""
    store = FlatpeakStore(hass, entry.entry_id)
    await store.load()
    location: BaseHome = (LocalHome if CONF_SOURCE in entry.data else AccountHome)(
        hass, entry, store
    )
    try:
        await location.prepare()
    except FlatpeakError as err:
        raise failure(err, ConfigEntryNotReady) from err
    coordinator = FlatpeakCoordinator(hass, entry, location, store)
    if location.plans_locally:
        await coordinator.async_read_first()
    entry.runtime_data = coordinator
    location.delete_stale_issues()
    # the schedules' devices point to this one, so it has to be there first
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, **location_device(coordinator)
    )
    # the entities come first: a plan that is stored must not wait for another one's answer
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    coordinator.async_on_structure(partial(name_devices, coordinator))
    coordinator.async_start()
    source = _source(entry)

    async def updated(hass: HomeAssistant, entry: FlatpeakConfigEntry) -> None:
        """Take over what has changed; only another account or source begins anew."""
        if _source(entry) == source:
            await coordinator.async_sync()
        else:
            hass.config_entries.async_schedule_reload(entry.entry_id)

    entry.async_on_unload(entry.add_update_listener(updated))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: FlatpeakConfigEntry) -> bool:
    """Unload a home; what is known stays in the store."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.async_shutdown()
        if entry.disabled_by:
            delete_all_issues(hass, entry)
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Forget all about a home."""
    delete_all_issues(hass, entry)
    await FlatpeakStore(hass, entry.entry_id).remove()


def _source(entry: ConfigEntry) -> tuple[Mapping[str, Any], list[Any]]:
    """Return what a home stands and falls with: its account, or the source of its prices."""
    return dict(entry.data), [entry.options.get(name) for name in _SOURCE_OPTIONS]
