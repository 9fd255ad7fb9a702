"""The cheapest (dearest) windows between two moments."""

from datetime import timedelta, tzinfo
from typing import Any

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
import voluptuous as vol

from ..api import FlatpeakError
from ..const import (
    ATTR_CONFIG_ENTRY_ID,
    CONF_DIRECTION,
    CONF_DURATION,
    CONF_END,
    CONF_SEGMENT,
    CONF_START,
    DOMAIN,
)
from ..failures import action_failure
from ..location import rounded
from ..model import (
    MINUTE,
    NOTHING,
    Direction,
    DurationRequest,
    Segment,
    average_rate,
    lowest_confidence,
)
from ..planner import select
from ..runtime import FlatpeakConfigEntry
from .calls import DIRECTION, invalid, span_of


def _minutes(value: Any) -> timedelta:
    """Read a duration: what the selector gives, HH:MM, or a number of minutes."""
    try:
        try:
            return float(value) * MINUTE
        except TypeError, ValueError:
            return cv.positive_time_period(value)
    except OverflowError as err:
        raise vol.Invalid("this is longer than anything lasts") from err


FIND_WINDOWS_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        vol.Optional(CONF_SEGMENT, default=Segment.LOW): vol.All(
            cv.string, vol.Lower, vol.Coerce(Segment)
        ),
        vol.Optional(CONF_DIRECTION, default=Direction.IMPORT): DIRECTION,
        vol.Required(CONF_DURATION): _minutes,
        vol.Optional(CONF_START): cv.datetime,
        vol.Optional(CONF_END): cv.datetime,
    }
)


async def find_windows(call: ServiceCall) -> ServiceResponse:
    """Answer with the cheapest (dearest) windows between two moments.

    The answer: `windows` (each `start`, `end`, `rate`, `confidence`), `average_rate` in
    `currency` per kWh, `confidence` (the lowest), `shortfall` in minutes, `next_update`.
    Times are ISO 8601 by the location's clock.
    """
    entry: FlatpeakConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    location = entry.runtime_data.location
    request = _request(call, location.zone)
    try:
        answer = await location.ask(request)
    except FlatpeakError as err:
        raise action_failure(call.hass, entry, err) from err
    found = select(
        answer.slots,
        request.duration,
        request.segment,
        start=request.span.start,
        end=request.span.end,
    )
    next_update = answer.next_update
    return {
        "windows": [location.window_as_json(window) for window in found.windows],
        "average_rate": rounded(average_rate(found.windows)),
        "currency": location.currency,
        "confidence": lowest_confidence(found.windows),
        "shortfall": found.shortfall / MINUTE,
        "next_update": next_update.astimezone(location.zone).isoformat() if next_update else None,
    }


def _request(call: ServiceCall, zone: tzinfo) -> DurationRequest:
    """Read the question. Raises ServiceValidationError in the caller's words."""
    span = span_of(call.data, zone)
    duration: timedelta = call.data[CONF_DURATION]
    if duration <= NOTHING:
        raise invalid("no_duration")
    if duration > span.length:
        raise invalid("duration_longer_than_span")
    return DurationRequest(span, call.data[CONF_DIRECTION], call.data[CONF_SEGMENT], duration)
