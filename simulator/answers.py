"""What is answered about the account, its locations and its devices.

This and the other bodies are written by hand from the documentation of each dialect.
"""

from collections.abc import Iterable
from datetime import datetime

from custom_components.flatpeak.model import Direction

from .dialects import Dialect
from .state import Device, Json, Location, World
from .times import UTC_STYLE


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
            devices = [known.id for known in world.devices if home.id in known.locations]
            return body | {"tariffs": _tariffs(world), "devices": devices}
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


def device(world: World, known: Device) -> dict[str, Json]:
    """Describe a device."""
    body: dict[str, Json] = {
        "id": known.id,
        "object": "device",
        "live_mode": world.live_mode,
        "reference_id": known.reference_id,
        "last_seen": UTC_STYLE.write(known.last_seen or known.created),
        "time_created": UTC_STYLE.write(known.created),
        "account_id": world.account,
    }
    if world.version.shape.typed_devices:
        body |= {"type": known.type, "locations": list(known.locations)}
    return body


def page(url: str, bodies: Iterable[Json], *, more: bool) -> dict[str, Json]:
    """Wrap a page of a list."""
    return {"object": "list", "url": url, "has_more": more, "data": list(bodies)}
