"""The bodies of the answers, written by hand from the documentation of each dialect."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from custom_components.flatpeak.model import Direction, Slot, within
from custom_components.flatpeak.planner import select

from .dialects import Dialect
from .faults import Fault, spoil_next_update, spoil_windows
from .question import Question
from .refusals import unprocessable
from .state import Json, Location, World
from .times import UTC_STYLE, TimeStyle

# What the service's own examples have as context of the refusals that concern prices.
PRICE_CONTEXT = "api.price_get"


def login(world: World, now: datetime) -> dict[str, Json]:
    """Give out a token."""
    return {
        "bearer_token": world.new_token(now),
        "expires_in": int(world.token_lifetime.total_seconds()),
        "live_mode": world.live_mode,
    }


def location(world: World, home: Location) -> dict[str, Json]:
    """Describe a location."""
    body: dict[str, Json] = {
        "id": home.id,
        "object": "location",
        "live_mode": world.live_mode,
        "time_created": UTC_STYLE.write(home.created),
        "account_id": world.account,
        "reference_id": home.reference_id,
        "customer_id": home.customer_id,
        "timezone": home.time_zone,
        "currency_code": home.currency,
        "postal_address": {
            "address_line1": home.address_line1,
            "address_line2": home.address_line2,
            "city": home.city,
            "state": home.state,
            "post_code": home.post_code,
            "country_code": home.country_code,
        },
        "geo_location": {"lat": home.latitude, "lng": home.longitude},
    }
    match world.version:
        case Dialect.BUSBAR_B:
            return body | {"tariffs": _tariffs(world), "devices": []}
        case Dialect.BUSBAR_A:
            return body | {"tariff_elements": _tariffs(world), "consents": {}}
    body |= {
        "tariff_status": {name: _status(world, way) for name, way in _TARIFFS.items()}
        | {"non_commodity_import": "NOT_CONNECTED", "non_commodity_export": "NOT_SUPPORTED"},
        "tariff_elements": [_tariff_id(way) for way in _connected(world)],
    }
    if world.version is not Dialect.ZERO:
        body |= {"flex_allowed": False, "market_sources": {}}
    return body


_TARIFFS = {
    "commodity_import": Direction.IMPORT,
    "commodity_export": Direction.EXPORT,
    "local": Direction.LOCAL,
}
_PROVIDER = {
    "id": "prv_63a6087272921ef075a8fd3e",
    "display_name": "Simulated Energy",
    "logo_url": "https://example.com/logo.png",
}


def _connected(world: World) -> list[Direction]:
    return [way for way in Direction if not world.pending and way not in world.no_tariff]


def _status(world: World, direction: Direction) -> str:
    return "CONNECTED" if direction in _connected(world) else "NOT_CONNECTED"


def _tariff_id(direction: Direction) -> str:
    return f"trf_{list(Direction).index(direction) + 1:024x}"


def _tariff_name(direction: Direction) -> str:
    return f"Dynamic {direction.capitalize()}"


def _tariffs(world: World) -> list[Json]:
    """Describe the tariffs as busbar does."""
    return [
        {
            "tariff_id": _tariff_id(way),
            "type": "COMMODITY",
            "direction": way.upper(),
            "status": "CONNECTED",
            "connection_type": "MARKET",
            "display_name": _tariff_name(way),
            "is_temporary": False,
            "provider": _PROVIDER,
        }
        for way in _connected(world)
    ]


def location_status(world: World, home: Location) -> dict[str, Json]:
    """Describe how the tariffs of a location are connected."""
    return {
        "id": home.id,
        "object": "location_status",
        "live_mode": world.live_mode,
        "time_created": UTC_STYLE.write(home.created),
        "account_id": world.account,
        "tariff_status": {name: _connection(world, way) for name, way in _TARIFFS.items()}
        | {
            "non_commodity_import": {"status": "NOT_CONNECTED"},
            "non_commodity_export": {"status": "NOT_SUPPORTED"},
        },
    }


def _connection(world: World, direction: Direction) -> dict[str, Json]:
    if direction not in _connected(world):
        return {"status": "NOT_CONNECTED"}
    return {
        "status": "CONNECTED",
        "connection_type": "MARKET",
        "provider": _PROVIDER,
        "tariff": {
            "id": _tariff_id(direction),
            "display_name": _tariff_name(direction),
            "structure_type": "MARKET",
        },
    }


def page(bodies: Iterable[Json], *, more: bool) -> dict[str, Json]:
    """Wrap a page of the list of locations."""
    return {"object": "list", "url": "/locations", "has_more": more, "data": list(bodies)}


def schedule(
    world: World, home: Location, question: Question, now: datetime, device_id: str | None = None
) -> dict[str, Json]:
    """Answer a request for a schedule by duration, or refuse."""
    shape = world.version.shape
    windows = spoil_windows(_windows(world, home, question, now), world.faults)
    body: dict[str, Json] = {
        "id": world.new_id(shape.id_prefix),
        "object": shape.kind,
        "live_mode": world.live_mode,
        "location_id": home.id,
        "location_timezone": home.time_zone,
        "currency_code": home.currency,
        shape.direction: question.direction.upper(),
    }
    if device_id is not None:
        body["device_id"] = device_id
    if shape.next_update:
        planned = world.next_update(home, now)
        if (moment := spoil_next_update(planned, now, world.faults)) is not None:
            body["next_update"] = question.style.write(moment)
    if shape.echo:
        body["request"] = question.echo
    slots = [_slot(world, window, question.style) for window in windows]
    body |= {
        "data": slots,
        "time_created": UTC_STYLE.write(now),
        "account_id": world.account,
    }
    if Fault.MISSING_FIELD in world.faults:
        for part in (body, *slots):
            part.pop(world.missing_field, None)
    return body


def _windows(world: World, home: Location, question: Question, now: datetime) -> tuple[Slot, ...]:
    """Plan on what is known, or refuse: no tariff, none yet, no price."""
    way = question.direction
    if world.pending:
        message = "Connect is processing link to tariff source."
        raise unprocessable(world, PRICE_CONTEXT, "pending_connect", message)
    if way in world.no_tariff:
        message = f"No tariff connected for {way.upper()} direction"
        raise unprocessable(world, PRICE_CONTEXT, "no_tariff_connected", message)
    prices: Sequence[Slot] = within(
        world.known_prices(way, home, now), question.start, question.end
    )
    if all(slot.rate is None for slot in prices):
        message = "No price data for the requested period"
        raise unprocessable(world, PRICE_CONTEXT, "no_price_data", message)
    chosen = select(
        prices, question.duration, question.segment, start=question.start, end=question.end
    )
    return chosen.windows


def _slot(world: World, window: Slot, style: TimeStyle) -> dict[str, Json]:
    """Write a slot; unknown prices never come here."""
    outer, inner = world.version.shape.price
    rate, confidence = _number(window.rate or 0.0), _number(window.confidence)
    if Fault.NUMBERS_AS_STRINGS in world.faults:
        price: dict[str, Json] = {inner: str(rate), "confidence": str(confidence)}
    else:
        price = {inner: rate, "confidence": confidence}
    body: dict[str, Json] = {
        "start_time": style.write(window.start),
        "end_time": style.write(window.end),
        outer: price,
    }
    if world.version.shape.devices:
        body["vpp_event"] = False
    return body


def _number(value: float) -> float:
    """Round to the five decimals the service has, without `.0` and without `-0`."""
    rounded = round(value, 5)
    return int(rounded) if rounded.is_integer() else rounded
