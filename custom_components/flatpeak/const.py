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
CONF_ADVANCED: Final = "advanced"
CONF_AMOUNT: Final = "amount"
CONF_API_KEY: Final = "api_key"
CONF_API_URL: Final = "api_url"
CONF_BATTERY: Final = "battery"
CONF_CAP_ABSOLUTE: Final = "cap_absolute"
CONF_CAP_RELATIVE: Final = "cap_relative"
CONF_CAPACITY: Final = "capacity"
CONF_DAYS: Final = "days"
CONF_DEVICE_ID: Final = "device_id"
CONF_DIRECTION: Final = "direction"
CONF_DURATION: Final = "duration"
CONF_EFFICIENCY: Final = "efficiency"
CONF_END: Final = "end"
CONF_ENERGY: Final = "energy"
CONF_ENERGY_ENTITY: Final = "energy_entity"
CONF_FIXED: Final = "fixed"
CONF_FLOOR: Final = "floor"
CONF_HOURS: Final = "hours"
CONF_LOCATION_ID: Final = "location_id"
CONF_MAX_EXPORT_POWER: Final = "max_export_power"
CONF_MAX_IMPORT_POWER: Final = "max_import_power"
CONF_MAX_POWER: Final = "max_power"
CONF_MIN_POWER: Final = "min_power"
CONF_PERCENT: Final = "percent"
CONF_SEGMENT: Final = "segment"
CONF_SOC_ENTITY: Final = "soc_entity"
CONF_START: Final = "start"
CONF_TARGET_SOC: Final = "target_soc"

# Monday is 0, as in datetime.
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

SUBENTRY_AMOUNT: Final = "amount"
SUBENTRY_DURATION: Final = "duration"

# What no home has: larger numbers are slips of the pen. In kWh and kW.
MOST_ENERGY: Final = 1000
MOST_POWER: Final = 100

# How the devices are called in Flatpeak that stand for our schedules and actions.
REFERENCE: Final = "home-assistant-"

# Per cent of what goes into a battery that is there in the end.
DEFAULT_EFFICIENCY: Final = 90

# The longest stretch of time one request may ask about (Flatpeak, schedule by duration).
LONGEST_REQUEST: Final = timedelta(days=3)
