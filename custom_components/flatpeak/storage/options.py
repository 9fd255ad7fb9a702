"""The options of an entry: what holds for a whole home."""

from ..const import (
    CONF_CAP_ABSOLUTE,
    CONF_CAP_RELATIVE,
    CONF_FLOOR,
    CONF_MAX_EXPORT_POWER,
    CONF_MAX_IMPORT_POWER,
)
from ..forms import Json
from ..model import Direction, PriceCap, SiteRules


def read_rules(options: Json) -> SiteRules:
    """Read the options of an entry."""
    limits = {
        Direction.IMPORT: options.get(CONF_MAX_IMPORT_POWER),
        Direction.EXPORT: options.get(CONF_MAX_EXPORT_POWER),
    }
    caps = {
        Direction.IMPORT: PriceCap(options.get(CONF_CAP_RELATIVE), options.get(CONF_CAP_ABSOLUTE)),
        Direction.EXPORT: PriceCap(absolute=options.get(CONF_FLOOR)),
    }
    return SiteRules(
        {way: float(limit) for way, limit in limits.items() if limit is not None},
        {way: cap for way, cap in caps.items() if cap != PriceCap()},
    )
