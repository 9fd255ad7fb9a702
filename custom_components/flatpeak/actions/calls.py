"""What the actions share: how a call says which way, and from when to when."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import CONF_END, CONF_START, DOMAIN, LONGEST_REQUEST
from ..model import DAY, Direction, Span

DIRECTION = vol.All(cv.string, vol.Lower, vol.Coerce(Direction))


def span_of(data: Mapping[str, Any], zone: tzinfo) -> Span:
    """Read start and end: now, and a day later, if left out.

    Raises ServiceValidationError in the caller's words.
    """
    now = dt_util.utcnow().replace(microsecond=0)
    try:
        start = _utc(data[CONF_START], zone) if CONF_START in data else now
        if CONF_END in data:
            end = _utc(data[CONF_END], zone)
        else:
            end = (now if start < now + DAY else start) + DAY
    except OverflowError as err:  # the first and the last day there is
        raise invalid("span_too_long") from err
    if end <= start:
        raise invalid("end_before_start")
    if end - start > LONGEST_REQUEST:
        raise invalid("span_too_long")
    return Span(start, end)


def invalid(key: str) -> ServiceValidationError:
    """Return what tells the caller what is wrong."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


def _utc(moment: datetime, zone: tzinfo) -> datetime:
    """Read a time without a zone by the location's clock; requests know whole seconds."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return dt_util.as_utc(aware).replace(microsecond=0)
