"""The cheapest (dearest) windows between two moments."""

from datetime import timedelta, tzinfo
from functools import partial
from typing import Any

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
import voluptuous as vol

from ..const import (
    ATTR_CONFIG_ENTRY_ID,
    CONF_ALWAYS_BELOW,
    CONF_DIRECTION,
    CONF_DURATION,
    CONF_END,
    CONF_IN_ONE_PIECE,
    CONF_MOST_STARTS,
    CONF_NEVER_ABOVE,
    CONF_PREFER,
    CONF_RUN_THROUGH,
    CONF_SEGMENT,
    CONF_SHORTEST_PAUSE,
    CONF_SHORTEST_RUN,
    CONF_START,
    DOMAIN,
    MAX_REQUEST,
)
from ..coordinator import FlatpeakConfigEntry
from ..forms import read_constraints
from ..homes import action_failure, rounded
from ..model import (
    MINUTE,
    NOTHING,
    UNCONSTRAINED,
    WHOLE_DAY,
    Direction,
    DurationRequest,
    DurationTarget,
    Plan,
    Preference,
    PriceRequest,
    Segment,
    average_rate,
    lowest_confidence,
    total,
)
from ..model.errors import FlatpeakError
from ..planner import Situation, planned_locally
from .calls import DIRECTION, invalid, prices_of, span_of


def _minutes(value: Any) -> timedelta:
    """Read a duration: what the selector gives, HH:MM, or a number of minutes."""
    try:
        try:
            return float(value) * MINUTE
        except TypeError, ValueError:
            return cv.positive_time_period(value)
    except OverflowError as err:
        raise vol.Invalid("this is longer than anything lasts") from err


_rate = vol.All(vol.Coerce(float), vol.Range(-1e5, 1e5))
_minutes_number = vol.All(vol.Coerce(float), vol.Range(0, MAX_REQUEST / MINUTE))

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
        vol.Optional(CONF_IN_ONE_PIECE): cv.boolean,
        vol.Optional(CONF_SHORTEST_RUN): _minutes_number,
        vol.Optional(CONF_SHORTEST_PAUSE): _minutes_number,
        vol.Optional(CONF_MOST_STARTS): vol.All(vol.Coerce(int), vol.Range(min=1, max=1000)),
        vol.Optional(CONF_NEVER_ABOVE): _rate,
        vol.Optional(CONF_ALWAYS_BELOW): _rate,
        vol.Optional(CONF_PREFER): vol.All(cv.string, vol.Lower, vol.Coerce(Preference)),
        vol.Optional(CONF_RUN_THROUGH): cv.boolean,
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
    home = entry.runtime_data
    location = home.location
    request = _request(call, location.zone)
    constraints = read_constraints(call.data)
    try:
        if constraints == UNCONSTRAINED and not location.plans_locally:
            answer = await location.ask(request)
            prices, next_update = answer.slots, answer.next_update
        else:
            prices = await prices_of(home, PriceRequest(request.span, request.direction))
            known = home.prices.get(request.direction)
            next_update = known.data.next_update if known else None
    except FlatpeakError as err:
        raise action_failure(call.hass, entry, err) from err
    target = DurationTarget(
        request.segment,
        request.direction,
        request.duration,
        WHOLE_DAY,
        constraints=constraints,
    )
    job = partial(
        planned_locally, Plan(request.span), target, prices, Situation(request.span.start)
    )
    windows = (await call.hass.async_add_executor_job(job)).windows
    return {
        "windows": [location.window_as_json(window) for window in windows],
        "average_rate": rounded(average_rate(windows)),
        "currency": location.currency,
        "confidence": lowest_confidence(windows),
        "shortfall": max(request.duration - total(windows), NOTHING) / MINUTE,
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
