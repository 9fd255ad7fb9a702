"""What is answered to a schedule by duration or by price limit, and what all answers share."""

from collections.abc import Sequence
from datetime import datetime

from custom_components.flatpeak.model import (
    MINUTE,
    Direction,
    PriceCap,
    Segment,
    Slot,
    merge,
    total,
    within,
)
from custom_components.flatpeak.planner import select

from .dialects import Page
from .question import LOWEST, Question
from .refusals import RefusedError, unprocessable
from .spoil import spoil_body, spoil_next_update, spoil_windows
from .state import Json, Location, World
from .times import UTC_STYLE, TimeStyle

# What the service's own examples have as context of the refusals that concern prices.
PRICE_CONTEXT = "api.price_get"


def head(world: World, home: Location, prefix: str, kind: str) -> dict[str, Json]:
    """Begin an answer."""
    return {
        "id": world.new_id(prefix),
        "object": kind,
        "live_mode": world.live_mode,
        "location_id": home.id,
        "location_timezone": home.time_zone,
        "currency_code": home.currency,
    }


def tail(world: World, now: datetime) -> dict[str, Json]:
    """End an answer."""
    return {"time_created": UTC_STYLE.write(now), "account_id": world.account}


def check_tariff(world: World, direction: Direction) -> None:
    """Refuse where no tariff is connected, or not yet."""
    if world.pending:
        message = "Connect is processing link to tariff source."
        raise unprocessable(world, PRICE_CONTEXT, "pending_connect", message)
    if direction in world.no_tariff:
        message = f"No tariff connected for {direction.upper()} direction"
        raise unprocessable(world, PRICE_CONTEXT, "no_tariff_connected", message)


def no_price(world: World) -> RefusedError:
    """Return the refusal where no price is known."""
    message = "No price data for the requested period"
    return unprocessable(world, PRICE_CONTEXT, "no_price_data", message)


def number(value: float) -> float:
    """Round to the five decimals the service has, without `.0` and without `-0`."""
    rounded = round(value, 5)
    return int(rounded) if rounded.is_integer() else rounded


def next_update(
    world: World, home: Location, now: datetime, page: Page, style: TimeStyle
) -> dict[str, Json]:
    """Say when to ask again, where a page has it."""
    planned = world.next_update(home, now)
    if not page.next_update or (moment := spoil_next_update(planned, now, world)) is None:
        return {}
    return {"next_update": style.write(moment)}


def schedule(world: World, home: Location, question: Question, now: datetime) -> dict[str, Json]:
    """Answer a request for a schedule by duration or by price limit, or refuse."""
    shape = world.version.shape
    by_limit = isinstance(question.wanted, PriceCap)
    page = shape.limit if by_limit else shape.duration
    windows = _windows(world, home, question, now)
    body = head(world, home, page.prefix, page.kind)
    body[shape.direction] = question.direction.upper()
    if question.device_id is not None:
        body["device_id"] = question.device_id
    if by_limit:
        body["duration"] = number(total(windows) / MINUTE)
    body |= next_update(world, home, now, page, question.style)
    if shape.echo:
        body["request"] = question.echo
    sent = spoil_windows(windows, world)
    body["data"] = [_slot(world, window, question.style) for window in sent]
    return spoil_body(body | tail(world, now), world)


def _windows(world: World, home: Location, question: Question, now: datetime) -> tuple[Slot, ...]:
    """Plan on what is known, or refuse: no tariff, none yet, no price."""
    check_tariff(world, question.direction)
    prices: Sequence[Slot] = within(
        world.known_prices(question.direction, home, now), question.start, question.end
    )
    if all(slot.rate is None for slot in prices):
        raise no_price(world)
    if isinstance(question.wanted, PriceCap):
        return _within_limit(prices, question.wanted, question.segment)
    chosen = select(
        prices, question.wanted, question.segment, start=question.start, end=question.end
    )
    return chosen.windows


def _within_limit(prices: Sequence[Slot], limit: PriceCap, segment: Segment) -> tuple[Slot, ...]:
    """Return all time at the limit or on its better side; there may be none.

    Prices are compared as they are sent, with five decimals.
    """
    known = [(slot, number(slot.rate)) for slot in prices if slot.rate is not None]
    sign = -1 if segment is Segment.HIGH else 1
    edge = _limit(limit, [rate for _, rate in known])
    return merge(slot for slot, rate in known if sign * rate <= sign * edge)


def _limit(limit: PriceCap, rates: Sequence[float]) -> float:
    """Return a limit as a price: the lowest price counts 0.01, the highest 1."""
    if limit.absolute is not None:
        return limit.absolute
    share = ((limit.relative or LOWEST) - LOWEST) / (1 - LOWEST)
    low, high = min(rates), max(rates)
    return round(low + share * (high - low), 9)


def _slot(world: World, window: Slot, style: TimeStyle) -> dict[str, Json]:
    """Write a slot; unknown prices never come here."""
    outer, inner = world.version.shape.price
    body: dict[str, Json] = {
        "start_time": style.write(window.start),
        "end_time": style.write(window.end),
        outer: {inner: number(window.rate or 0.0), "confidence": number(window.confidence)},
    }
    if world.version.shape.devices:
        body["vpp_event"] = False
    return body
