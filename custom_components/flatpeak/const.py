"""Names that several modules share."""

from datetime import timedelta
import logging
from typing import Final

DOMAIN: Final = "flatpeak"
LOGGER = logging.getLogger(__package__)

DEFAULT_API_URL: Final = "https://api.flatpeak.com"
DASHBOARD_URL: Final = "https://dashboard.flatpeak.com"
MANUFACTURER: Final = "Flatpeak"

CONF_ACCOUNT_ID: Final = "account_id"
CONF_API_URL: Final = "api_url"
CONF_DAYS: Final = "days"
CONF_DIRECTION: Final = "direction"
CONF_DURATION: Final = "duration"
CONF_END: Final = "end"
CONF_SEGMENT: Final = "segment"
CONF_START: Final = "start"

SUBENTRY_DURATION: Final = "duration"

# The longest stretch of time one request may ask about (Flatpeak, schedule by duration).
LONGEST_REQUEST: Final = timedelta(days=3)
