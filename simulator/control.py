"""The simulator's own routes under /simulator; they are no part of the API it simulates."""

from dataclasses import asdict
import json

from aiohttp import web

from .faults import Fault
from .state import Json, World

PATH = "/simulator"
WORLD = web.AppKey("world", World)


def concerns(request: web.Request) -> bool:
    """Tell whether a request is for the simulator itself."""
    return request.path == PATH or request.path.startswith(f"{PATH}/")


def add_routes(app: web.Application) -> None:
    """Add them."""
    app.router.add_get(PATH, _state, allow_head=False)
    app.router.add_post(PATH, _set_faults)
    app.router.add_get(f"{PATH}/calls", _calls, allow_head=False)
    app.router.add_delete(f"{PATH}/devices/{{id}}", _delete_device)


def _reply(world: World) -> web.Response:
    return web.json_response(
        {
            "version": world.version.version,
            "account": world.account,
            "locations": [home.id for home in world.locations],
            "devices": [device.id for device in world.devices],
            "faults": sorted(world.faults),
            "known_faults": list(Fault),
            "calls": len(world.calls),
        }
    )


async def _state(request: web.Request) -> web.Response:
    return _reply(request.app[WORLD])


async def _set_faults(request: web.Request) -> web.Response:
    """Replace the faults that are on by those of the body."""
    try:
        faults = _read(await request.read())
    except (ValueError, RecursionError) as error:
        return web.json_response({"message": str(error)}, status=422)
    world = request.app[WORLD]
    world.faults = faults
    return _reply(world)


def _read(raw: bytes) -> set[Fault]:
    """Return the faults of a body like {"faults": ["slow"]}. Raises ValueError."""
    body: Json = json.loads(raw)
    names = body.get("faults") if isinstance(body, dict) else None
    if not isinstance(names, list):
        raise ValueError('expected {"faults": [names]}')  # noqa: TRY004 - for who sent it
    return {Fault(name) for name in names}


async def _calls(request: web.Request) -> web.Response:
    calls = [
        asdict(call) | {"moment": call.moment.isoformat()} for call in request.app[WORLD].calls
    ]
    return web.json_response(calls)


async def _delete_device(request: web.Request) -> web.Response:
    """Delete a device as another program of the account would."""
    world = request.app[WORLD]
    if (device := world.device(request.match_info["id"])) is None:
        return web.json_response({"message": "there is no such device"}, status=404)
    world.devices.remove(device)
    return _reply(world)
