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
CONF_API_KEY: Final = "api_key"
CONF_API_URL: Final = "api_url"
CONF_DAYS: Final = "days"
CONF_DIRECTION: Final = "direction"
CONF_DURATION: Final = "duration"
CONF_END: Final = "end"
CONF_LOCATION_ID: Final = "location_id"
CONF_SEGMENT: Final = "segment"
CONF_START: Final = "start"

# Monday is 0, as in datetime.
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

SUBENTRY_DURATION: Final = "duration"

# The longest stretch of time one request may ask about (Flatpeak, schedule by duration).
LONGEST_REQUEST: Final = timedelta(days=3)
