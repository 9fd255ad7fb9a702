"""What a config entry says of a home: its schedules, and whose prices are in use."""

from collections.abc import Iterator

from homeassistant.config_entries import ConfigEntry

from ..const import CONF_DIRECTION
from ..engine import Added
from ..forms import CODECS
from ..model import Direction, KindName
from .base import BaseHome


def schedules_of(entry: ConfigEntry) -> Iterator[Added]:
    """Yield the schedules. Raises KeyError, TypeError or ValueError where one is damaged."""
    for key, subentry in entry.subentries.items():
        kind = KindName(subentry.subentry_type)
        yield Added(key, subentry.title, kind, CODECS[kind].read(subentry.data))


def sources_of(entry: ConfigEntry, location: BaseHome) -> dict[Direction, str]:
    """Return whose prices are in use, and their source: a home buys, and may do more."""
    wanted = {Direction.IMPORT} | {
        Direction(one.data[CONF_DIRECTION]) for one in entry.subentries.values()
    }
    used = location.directions(wanted)
    return {way: location.prices_from for way in Direction if way in used}
