"""What is answered to a schedule by duration, and what both kinds of schedule share."""

from collections.abc import Sequence
from datetime import datetime

from custom_components.flatpeak.model import Direction, Slot, within
from custom_components.flatpeak.planner import select

from .question import Question
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


def by_duration(
    world: World, home: Location, question: Question, now: datetime, device_id: str | None = None
) -> dict[str, Json]:
    """Answer a request for a schedule by duration, or refuse."""
    shape = world.version.shape
    windows = spoil_windows(_windows(world, home, question, now), world)
    body = head(world, home, shape.id_prefix, shape.kind)
    body[shape.direction] = question.direction.upper()
    if device_id is not None:
        body["device_id"] = device_id
    if shape.next_update:
        planned = world.next_update(home, now)
        if (moment := spoil_next_update(planned, now, world)) is not None:
            body["next_update"] = question.style.write(moment)
    if shape.echo:
        body["request"] = question.echo
    body["data"] = [_slot(world, window, question.style) for window in windows]
    return spoil_body(body | tail(world, now), world)


def _windows(world: World, home: Location, question: Question, now: datetime) -> tuple[Slot, ...]:
    """Plan on what is known, or refuse: no tariff, none yet, no price."""
    check_tariff(world, question.direction)
    prices: Sequence[Slot] = within(
        world.known_prices(question.direction, home, now), question.start, question.end
    )
    if all(slot.rate is None for slot in prices):
        raise no_price(world)
    chosen = select(
        prices, question.duration, question.segment, start=question.start, end=question.end
    )
    return chosen.windows


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
