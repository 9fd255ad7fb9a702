"""Flatpeak's API on loopback: thin routes over a `World`."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
import contextlib
import json
from types import TracebackType
from typing import Self

from aiohttp import web

from . import control, refusals, routes
from .faults import Fault
from .refusals import RefusedError
from .state import Call, Json, World
from .times import utc_now

HOST = "127.0.0.1"
VERSION_HEADER = "Flatpeak-Version"
# What a test may want to see; credentials stay out of the log.
LOGGED_HEADERS = (VERSION_HEADER, "Accept", "Content-Type", "User-Agent")

CLOSING = web.AppKey("closing", asyncio.Event)

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Simulator:
    """The server of a world: `async with Simulator(world) as simulator: simulator.url`.

    It listens on loopback only; port 0 means any free one. Raises OSError when the
    port is taken.
    """

    def __init__(self, world: World, port: int = 0) -> None:
        """Remember what to serve and where."""
        self.world = world
        # aiohttp's access log cannot be written while a test has stopped the clock
        self._runner = web.AppRunner(application(world), access_log=None, shutdown_timeout=1)
        self._port = port

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def __aenter__(self) -> Self:
        """Listen."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        await self._runner.cleanup()


def application(world: World) -> web.Application:
    """Return the routes of all dialects; those of another one than the world's answer 404."""
    app = web.Application(middlewares=[_gate])
    app[control.WORLD] = world
    app[CLOSING] = asyncio.Event()
    app.on_shutdown.append(_hurry)
    routes.add_routes(app)
    control.add_routes(app)
    return app


async def _hurry(app: web.Application) -> None:
    """Let go of the requests that are being answered slowly."""
    app[CLOSING].set()


@web.middleware
async def _gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log the call, let it in or refuse it, and spoil the answer where a fault says so."""
    if control.concerns(request):
        return await handler(request)
    world = request.app[control.WORLD]
    call = _logged(request)
    world.calls.append(call)
    try:
        call.body = await _json(request)
        await _outage(request, world)
        _admit(request, world)
        response = await handler(request)
    except RefusedError as refused:
        response = web.json_response(refused.body, status=refused.status)
        response.headers.update(refused.headers)
    except web.HTTPException as error:
        response = web.json_response({"message": error.reason}, status=error.status)
        if allowed := error.headers.get("Allow"):
            response.headers["Allow"] = allowed
    response.headers[VERSION_HEADER] = world.version.version
    call.status = response.status
    if Fault.CUT_OFF in world.faults and isinstance(response, web.Response):
        return await _cut_off(request, response)
    return response


def _logged(request: web.Request) -> Call:
    headers = {name: request.headers[name] for name in LOGGED_HEADERS if name in request.headers}
    return Call(
        moment=utc_now(),
        method=request.method,
        path=request.path,
        query=dict(request.query),
        headers=headers,
    )


async def _json(request: web.Request) -> Json:
    """Return the body for the log, as far as it can be read."""
    raw = await request.read()
    try:
        body: Json = json.loads(raw)
    except ValueError, RecursionError:
        return None
    return body


async def _outage(request: web.Request, world: World) -> None:
    """Fail as the faults say that concern every path."""
    if Fault.SLOW in world.faults:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(request.app[CLOSING].wait(), world.slowness)
    if Fault.RETRY_AFTER in world.faults:
        raise refusals.too_many_requests({"Retry-After": str(world.retry_after)})
    if Fault.TOO_MANY_REQUESTS in world.faults:
        raise refusals.too_many_requests({})
    if Fault.SERVER_ERROR in world.faults:
        raise refusals.server_error()
    if Fault.UNAVAILABLE in world.faults:
        raise refusals.unavailable()


def _admit(request: web.Request, world: World) -> None:
    """Refuse who is not known, a disabled account and a version that is too old."""
    if request.match_info.http_exception is not None:
        return  # there is no such path, whoever asks
    if Fault.EXPIRE in world.faults:
        world.expire_tokens()
        world.faults.discard(Fault.EXPIRE)
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if request.path == "/login":
        if Fault.REFUSE in world.faults or not _credentials(world, scheme, secret):
            raise refusals.bad_credentials()
    elif (
        Fault.REFUSE in world.faults
        or scheme.lower() != "bearer"
        or not world.accepts(secret, utc_now())
    ):
        raise refusals.access_denied(world)
    if world.account_disabled:
        raise refusals.account_disabled(world)
    _check_version(world, request.headers.get(VERSION_HEADER))


def _credentials(world: World, scheme: str, secret: str) -> bool:
    try:
        pair = base64.b64decode(secret, validate=True)
    except ValueError:
        return False
    return scheme.lower() == "basic" and pair == f"{world.account}:{world.key}".encode()


def _check_version(world: World, requested: str | None) -> None:
    """Refuse a version older than the account's.

    A newer one is let in and answered in the account's: a simulator speaks one dialect,
    and its header says which.
    """
    own = world.version.version
    if Fault.VERSION_REFUSED in world.faults:
        message = f"Requested API version {requested or own} older than account default 9999-12-31"
        raise refusals.version_not_supported(world, message)
    if requested is None:
        return
    try:
        older = world.version.older(requested)
    except ValueError:
        message = f"Unknown API version {requested}"
        raise refusals.version_not_supported(world, message) from None
    if older:
        message = f"Requested API version {requested} older than account default {own}"
        raise refusals.version_not_supported(world, message)


async def _cut_off(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Promise the whole body, send half of it and hang up."""
    body = (response.text or "").encode()
    half = web.StreamResponse(status=response.status, headers=response.headers)
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half
