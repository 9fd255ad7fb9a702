"""Actions: read the call, ask, write the answer."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .api import FlatpeakError
from .const import (
    ATTR_CONFIG_ENTRY_ID,
    CONF_DIRECTION,
    CONF_DURATION,
    CONF_END,
    CONF_SEGMENT,
    CONF_START,
    DOMAIN,
    LONGEST_REQUEST,
)
from .coordinator import FlatpeakConfigEntry
from .failures import action_failure
from .location import rounded
from .model import (
    DAY,
    MINUTE,
    NOTHING,
    Direction,
    DurationRequest,
    Segment,
    Span,
    average_rate,
    lowest_confidence,
)
from .planner import select

FIND_WINDOWS = "find_windows"


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
        vol.Optional(CONF_DIRECTION, default=Direction.IMPORT): vol.All(
            cv.string, vol.Lower, vol.Coerce(Direction)
        ),
        vol.Required(CONF_DURATION): _minutes,
        vol.Optional(CONF_START): cv.datetime,
        vol.Optional(CONF_END): cv.datetime,
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        FIND_WINDOWS,
        _find_windows,
        schema=FIND_WINDOWS_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _find_windows(call: ServiceCall) -> ServiceResponse:
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
    now = dt_util.utcnow().replace(microsecond=0)
    try:
        start = _utc(call.data[CONF_START], zone) if CONF_START in call.data else now
        if CONF_END in call.data:
            end = _utc(call.data[CONF_END], zone)
        else:
            end = (now if start < now + DAY else start) + DAY
    except OverflowError as err:  # the first and the last day there is
        raise _invalid("span_too_long") from err
    duration: timedelta = call.data[CONF_DURATION]
    if end <= start:
        raise _invalid("end_before_start")
    if end - start > LONGEST_REQUEST:
        raise _invalid("span_too_long")
    if duration <= NOTHING:
        raise _invalid("no_duration")
    if duration > end - start:
        raise _invalid("duration_longer_than_span")
    return DurationRequest(
        Span(start, end), call.data[CONF_DIRECTION], call.data[CONF_SEGMENT], duration
    )


def _invalid(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


def _utc(moment: datetime, zone: tzinfo) -> datetime:
    """Read a time without a zone by the location's clock; requests know whole seconds."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return dt_util.as_utc(aware).replace(microsecond=0)
