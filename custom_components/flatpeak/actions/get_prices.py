"""The prices of a stretch of time."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import ATTR_CONFIG_ENTRY_ID, CONF_DIRECTION, CONF_END, CONF_START, DOMAIN
from ..coordinator import FlatpeakConfigEntry
from ..homes import action_failure, rounded
from ..model import DAY, WHOLE_DAY, Direction, PriceRequest, Span, lowest_confidence
from ..model.errors import FlatpeakError
from .calls import DIRECTION, prices_of, span_of

GET_PRICES_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        vol.Optional(CONF_DIRECTION, default=Direction.IMPORT): DIRECTION,
        vol.Optional(CONF_START): cv.datetime,
        vol.Optional(CONF_END): cv.datetime,
    }
)


async def get_prices(call: ServiceCall) -> ServiceResponse:
    """Answer with the prices between two moments: today and tomorrow, if left out.

    The answer: `prices` (each `start`, `end`, `price`, `confidence`), in order, without what
    is not known; `direction`, `currency`, `unit`, `confidence` (the lowest), `next_update`.
    Times are ISO 8601 by the location's clock.
    """
    entry: FlatpeakConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    home = entry.runtime_data
    location = home.location
    direction: Direction = call.data[CONF_DIRECTION]
    request = PriceRequest(_span(call.data, location.zone), direction)
    try:
        prices = await prices_of(home, request)
    except FlatpeakError as err:
        raise action_failure(call.hass, entry, err) from err
    known = home.prices.get(direction)
    next_update = known.data.next_update if known else None
    return {
        "prices": [
            {
                "start": slot.start.astimezone(location.zone).isoformat(),
                "end": slot.end.astimezone(location.zone).isoformat(),
                "price": rounded(slot.rate),
                "confidence": slot.confidence,
            }
            for slot in prices
        ],
        "direction": direction.value,
        "currency": location.currency,
        "unit": location.price_unit,
        "confidence": lowest_confidence(prices),
        "next_update": next_update.astimezone(location.zone).isoformat() if next_update else None,
    }


def _span(data: Mapping[str, Any], zone: tzinfo) -> Span:
    """Read from when to when. Raises ServiceValidationError in the caller's words."""
    today = WHOLE_DAY.period(dt_util.utcnow(), zone)
    if CONF_START not in data and CONF_END not in data:
        tomorrow = WHOLE_DAY.period(today.end + DAY / 2, zone)
        return Span(today.start, tomorrow.end)
    return span_of({CONF_START: today.start, **data}, zone)
