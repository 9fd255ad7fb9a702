"""The whole situation, without what is private, in a form that can be replayed."""

from collections.abc import Mapping
import re
from typing import Any

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from .const import (
    CONF_ACCOUNT_ID,
    CONF_API_KEY,
    CONF_EXPORT_SOURCE,
    CONF_LOCATION_ID,
    CONF_SOURCE,
    DOMAIN,
)
from .coordinator import FlatpeakConfigEntry, ScheduleCoordinator
from .homes import failure
from .model.errors import FlatpeakError

# Reference and address say where somebody lives, and the entry's title is one of them.
_ENTRY = {CONF_ACCOUNT_ID, CONF_API_KEY, CONF_LOCATION_ID, "unique_id"}
_LONGEST_TEXT = 300
_FACTS = {"id", "reference", "address"}
_SOURCES = (CONF_SOURCE, CONF_EXPORT_SOURCE)
# Tibber calls a home by its address, Octopus Energy an entity by the numbers of its meter.
_HOME = {"home"}
_METER = re.compile(r"\d{10,}")


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: FlatpeakConfigEntry
) -> dict[str, Any]:
    """Return all that decides what the schedules of a location do."""
    data = entry.runtime_data
    return _situation(hass, entry, data.schedules)


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: FlatpeakConfigEntry, device: dr.DeviceEntry
) -> dict[str, Any]:
    """Return the same for the schedule of one device; the location's device has them all."""
    schedules = entry.runtime_data.schedules
    ids = {identifier for domain, identifier in device.identifiers if domain == DOMAIN}
    chosen = {key: value for key, value in schedules.items() if key in ids} or schedules
    return _situation(hass, entry, chosen)


def _situation(
    hass: HomeAssistant, entry: FlatpeakConfigEntry, schedules: dict[str, ScheduleCoordinator]
) -> dict[str, Any]:
    home = entry.runtime_data
    stored = home.store.as_json()
    kept = stored["home"]["schedules"]
    return {
        "taken_at": dt_util.utcnow().isoformat(),
        "time_zone": hass.config.time_zone,
        "entry": {
            "data": {
                **async_redact_data(dict(entry.data), _ENTRY),
                **{name: _source(entry.data[name]) for name in _SOURCES if name in entry.data},
            },
            "options": dict(entry.options),
            "subentries": [
                {
                    "subentry_id": key,
                    "subentry_type": subentry.subentry_type,
                    "title": subentry.title,
                    "data": dict(subentry.data),
                }
                for key, subentry in entry.subentries.items()
                if key in schedules
            ],
        },
        "store": {
            **stored,
            "location": async_redact_data(stored["location"] or {}, _FACTS),
            "home": {
                **stored["home"],
                "schedules": {key: value for key, value in kept.items() if key in schedules},
            },
        },
        "schedules": {
            key: {
                "status": schedule.data.status,
                "last_update_success": schedule.last_update_success,
                "last_error": _text(schedule.data.error, entry),
            }
            for key, schedule in schedules.items()
        },
        "prices": {
            way.value: {
                "last_update_success": prices.last_update_success,
                "last_error": _text(home.data.prices[way].error, entry),
            }
            for way, prices in home.prices.items()
        },
        "states": _states(hass, entry, schedules),
    }


def _source(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored of a price source, without where somebody lives."""
    return {
        name: [_METER.sub(REDACTED, one) for one in value]
        if isinstance(value, list)
        else _METER.sub(REDACTED, value)
        if isinstance(value, str)
        else value
        for name, value in async_redact_data(dict(data), _HOME).items()
    }


def _states(
    hass: HomeAssistant, entry: FlatpeakConfigEntry, schedules: dict[str, ScheduleCoordinator]
) -> dict[str, str]:
    """Return the states of the schedules' entities by unique id."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {
        entity.unique_id: state.state
        for entity in entities
        if entity.config_subentry_id in schedules and (state := hass.states.get(entity.entity_id))
    }


def _text(error: FlatpeakError | None, entry: FlatpeakConfigEntry) -> str | None:
    """Return an error's words, which may be the server's, without what is private."""
    if error is None:
        return None
    text = f"{type(error).__name__}: {failure(error, UpdateFailed)}"
    for name in _ENTRY & entry.data.keys():
        text = text.replace(entry.data[name], REDACTED)
    return text[:_LONGEST_TEXT]
