"""What the actions share: how a call says which way, and from when to when."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import CONF_END, CONF_START, DOMAIN, MAX_REQUEST
from ..coordinator import FlatpeakCoordinator
from ..model import DAY, Direction, PriceBook, PriceRequest, Slot, Span, within
from ..model.errors import FlatpeakError, NoPricesError

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
    if end - start > MAX_REQUEST:
        raise invalid("span_too_long")
    return Span(start, end)


async def prices_of(home: FlatpeakCoordinator, request: PriceRequest) -> tuple[Slot, ...]:
    """Return the known prices of a span; what is not kept here is asked for.

    Raises FlatpeakError.
    """
    span = request.span
    known = home.data.known_prices(request.direction)
    if not _is_kept(home, request):
        try:
            series = (await home.location.read_prices(request)).series
        except FlatpeakError:
            if not within(known, span.start, span.end):
                raise
        else:
            known = PriceBook(known).overlaid(series.slots, span.start)
    found = within(known, span.start, span.end)
    if not found:
        raise NoPricesError("no price is known")
    return found


def _is_kept(home: FlatpeakCoordinator, request: PriceRequest) -> bool:
    """Tell whether asking about a span would bring no more than what is kept."""
    prices, span = home.data.prices.get(request.direction), request.span
    if prices is None or not prices.book.slots or prices.book.slots[0].start > span.start:
        return False
    # what was read reaches two days ahead at least, as far as prices are out
    read_at, known = prices.book.read_at, prices.book.slots[-1].end
    if read_at and prices.is_fresh(dt_util.utcnow()):
        known = max(known, read_at + 2 * DAY)
    return span.end <= known


def invalid(key: str) -> ServiceValidationError:
    """Return what tells the caller what is wrong."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


def _utc(moment: datetime, zone: tzinfo) -> datetime:
    """Read a time without a zone by the location's clock; requests know whole seconds."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return dt_util.as_utc(aware).replace(microsecond=0)
