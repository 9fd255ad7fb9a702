"""A server that says whatever a test tells it to, and writes down what it was asked.

It knows nothing of Flatpeak but the login.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import json
from typing import Any, Self

from aiohttp import web

ACCOUNT = "acc_1"
KEY = "sk_test_secret_key"
LOCATION = "loc_1"

type Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Asked:
    """One request, as it came in."""

    method: str
    path: str  # as it was written, quotes and all
    query: dict[str, str]
    headers: dict[str, str]
    body: Any

    @property
    def version(self) -> str | None:
        return self.headers.get("Flatpeak-Version")

    @property
    def authorization(self) -> str | None:
        return self.headers.get("Authorization")


@dataclass
class Answer:
    """What to say. A body of bytes is sent as it is, all others as JSON."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        headers = {"Content-Type": "application/json"} | self.headers
        return web.Response(body=body, status=self.status, headers=headers)


async def token(number: int) -> Answer:
    return Answer({"bearer_token": f"secret-{number}", "expires_in": 3600, "live_mode": True})


class Server:
    """Answers the calls one after another; the last answer stays.

    Each login gets another token, unless the test says otherwise.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.logins: list[Asked] = []
        self.answers: list[Answering] = [Answer()]
        self.login: Answering | None = None
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        # aiohttp's access log cannot be written while a test has stopped the clock
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )

    def says(self, *answers: Answering | dict[str, Any] | list[Any]) -> None:
        """Set the answers to come."""
        self.answers = [answer if callable(answer) else Answer(answer) for answer in answers]

    @property
    def port(self) -> int:
        return self._runner.addresses[0][1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        asked = Asked(
            request.method,
            request.raw_path.partition("?")[0],
            dict(request.query),
            dict(request.headers),
            json.loads(raw) if raw else None,
        )
        if request.path == "/login":
            self.logins.append(asked)
            answer = self.login or await token(len(self.logins))
        else:
            self.asked.append(asked)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)


# Ways to answer badly


async def hang_up(request: web.Request) -> web.StreamResponse:
    """End the connection without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def cut_off(request: web.Request) -> web.StreamResponse:
    """Promise more than is sent."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = 1000
    await response.prepare(request)
    await response.write(b'{"data": [')
    assert request.transport is not None
    request.transport.close()
    return response


async def say_nothing(request: web.Request) -> web.StreamResponse:
    """Keep the connection and never answer."""
    await asyncio.sleep(5)
    return web.Response()


def redirect(url: str, status: int = 307) -> Answer:
    return Answer(b"", status, {"Location": url})
