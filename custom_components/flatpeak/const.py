"""Names that several modules share."""

from datetime import timedelta
import logging
from typing import Final

DOMAIN: Final = "flatpeak"
LOGGER = logging.getLogger(__package__)

DEFAULT_API_URL: Final = "https://api.flatpeak.com"
DASHBOARD_URL: Final = "https://dashboard.flatpeak.com"
MANUFACTURER: Final = "Flatpeak"

ATTR_CONFIG_ENTRY_ID: Final = "config_entry_id"

CONF_ACCOUNT_ID: Final = "account_id"
CONF_ADDITIONS: Final = "additions"
CONF_ADVANCED: Final = "advanced"
CONF_ALWAYS_BELOW: Final = "always_below"
CONF_AMOUNT: Final = "amount"
CONF_API_KEY: Final = "api_key"
CONF_API_URL: Final = "api_url"
CONF_BATTERY: Final = "battery"
CONF_CAPACITY: Final = "capacity"
CONF_BOUNDS: Final = "bounds"
CONF_CAP_ABSOLUTE: Final = "cap_absolute"
CONF_CAP_RELATIVE: Final = "cap_relative"
CONF_CONDITION: Final = "condition"
CONF_DAYS: Final = "days"
CONF_DEVICE_ID: Final = "device_id"
CONF_DIRECTION: Final = "direction"
CONF_DURATION: Final = "duration"
CONF_EFFICIENCY: Final = "efficiency"
CONF_END: Final = "end"
CONF_ENERGY: Final = "energy"
CONF_ENERGY_ENTITY: Final = "energy_entity"
CONF_EXPORT_ADDITIONS: Final = "export_additions"
CONF_EXPORT_SOURCE: Final = "export_source"
CONF_FALLBACK: Final = "fallback"
CONF_FIXED: Final = "fixed"
CONF_FLOOR: Final = "floor"
CONF_HOURS: Final = "hours"
CONF_IN_ONE_PIECE: Final = "in_one_piece"
CONF_LEAST: Final = "least"
CONF_LIMIT: Final = "limit"
CONF_LIMIT_KIND: Final = "limit_kind"
CONF_LOCATION_ID: Final = "location_id"
CONF_MACHINE: Final = "machine"
CONF_MAX_EXPORT_POWER: Final = "max_export_power"
CONF_MAX_IMPORT_POWER: Final = "max_import_power"
CONF_MAX_POWER: Final = "max_power"
CONF_MIN_POWER: Final = "min_power"
CONF_MOST: Final = "most"
CONF_MOST_STARTS: Final = "most_starts"
CONF_NEVER_ABOVE: Final = "never_above"
CONF_PERCENT: Final = "percent"
CONF_PREFER: Final = "prefer"
CONF_RUN_THROUGH: Final = "run_through"
CONF_SEGMENT: Final = "segment"
CONF_SHORTEST_PAUSE: Final = "shortest_pause"
CONF_SHORTEST_RUN: Final = "shortest_run"
CONF_SOC_ENTITY: Final = "soc_entity"
CONF_SOURCE: Final = "source"
CONF_START: Final = "start"
CONF_TARGET_SOC: Final = "target_soc"

# What the form of a schedule by price limit offers.
BELOW: Final = "below"
ABOVE: Final = "above"
ABSOLUTE: Final = "absolute"
RELATIVE: Final = "relative"

# Monday is 0, as in datetime.
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

SUBENTRY_AMOUNT: Final = "amount"
SUBENTRY_DURATION: Final = "duration"
SUBENTRY_LIMIT: Final = "limit"

# What no home has: larger numbers are slips of the pen. In kWh and kW.
MAX_ENERGY: Final = 1000
MAX_POWER: Final = 100
# In any currency, per kWh.
MAX_PRICE: Final = 100_000

# How the devices are called in Flatpeak that stand for our schedules and actions.
REFERENCE: Final = "home-assistant-"

# Per cent of what goes into a battery that is there in the end.
DEFAULT_EFFICIENCY: Final = 90

# The longest stretch of time one request may ask about (Flatpeak, schedule by duration).
MAX_REQUEST: Final = timedelta(days=3)
