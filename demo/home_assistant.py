"""A Home Assistant of its own: a fresh folder, a logged-in user, and its API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import version
import json
from pathlib import Path
import re
import shutil
import socket
import sys
from typing import Any, Self

import aiohttp

from .devices import templates
from .process import DemoError, Process

HOST = "127.0.0.1"
VERSION = version("homeassistant")
INTEGRATION = Path(__file__).parent.parent / "custom_components"
PAGES = Path(__file__).with_name("www")
STAND_INS = Path(__file__).with_name("stand_ins")  # of packages that need a compiler
START_LIMIT = 150.0  # seconds
RESTART = 100  # the exit code by which Home Assistant asks to be started again
COMPLAINT = re.compile(
    r"(WARNING|ERROR|CRITICAL) .*\[custom_components\.flatpeak|File .*custom_components/flatpeak/"
)
USER = {"name": "Demo", "username": "demo", "password": "demo", "language": "en"}

CONFIGURATION = """\
homeassistant:
  name: Flatpeak demo
  latitude: 50.8467
  longitude: 4.3525
  elevation: 20
  unit_system: metric
  currency: EUR
  country: BE
  language: en
  time_zone: Europe/Brussels
  auth_providers:
    - type: trusted_networks  # a browser on this computer is logged in at once
      trusted_networks: ["127.0.0.1", "::1"]
      allow_bypass_login: true
    - type: homeassistant
automation: !include automations.yaml
logger:
  default: warning
  logs:
    haffmpeg: critical  # not here, and not needed
recorder:
  commit_interval: 1
  exclude:
    entities: [sensor.nordpool_kwh_be_eur_3_10_025]  # long lists
frontend:
  extra_module_url: [/local/price-graph.js]
history:
logbook:
sun:
template: !include devices.yaml
"""


def prepare(folder: Path, port: int) -> None:
    """Write what Home Assistant finds at its first start."""
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    (folder / "configuration.yaml").write_text(CONFIGURATION)
    (folder / "automations.yaml").write_text("[]\n")
    (folder / "devices.yaml").write_text(json.dumps(templates()))  # JSON is YAML as well
    shutil.copytree(PAGES, folder / "www")
    shutil.copytree(
        INTEGRATION, folder / "custom_components", ignore=shutil.ignore_patterns("__pycache__")
    )
    address = {
        "server_host": [HOST],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": datetime.now(UTC).isoformat(),
        "error": None,
        "error_message": None,
    }
    http = {"stable": address, "pending": None, "yaml_migration_done": True}
    _store(storage, "http", (2, 2), http)
    # It greets no neighbours, and needs no network but the computer's own.
    loopback = [name for _, name in socket.if_nameindex() if name.startswith("lo")]
    _store(storage, "core.network", (1, 1), {"configured_adapters": loopback})
    _store(storage, "onboarding", (4, 1), {"done": ["core_config", "analytics", "integration"]})


def _store(storage: Path, key: str, numbers: tuple[int, int], data: dict[str, Any]) -> None:
    major, minor = numbers
    content = {"version": major, "minor_version": minor, "key": key, "data": data}
    (storage / key).write_text(json.dumps(content))


class HomeAssistant:
    """A running Home Assistant, spoken to as a browser would."""

    def __init__(self, folder: Path, port: int) -> None:
        """Prepare; entering the context starts it."""
        self.url = f"http://{HOST}:{port}"
        self.folder = folder
        self.process = Process(
            "Home Assistant",
            folder / "demo.log",
            *(sys.executable, "-m", "homeassistant", "--config", folder, "--skip-pip"),
            environment={"PYTHONPATH": str(STAND_INS)},
        )
        self._session = aiohttp.ClientSession(self.url)
        self._token = ""

    async def __aenter__(self) -> Self:
        """Start it and log in."""
        try:
            await self.process.start()
            await self._until("/manifest.json")
            await self._log_in()
            await self.running()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        await self._session.close()
        await self.process.stop()

    async def restart(self) -> None:
        """Start it again after it has ended."""
        await self.process.start()
        await self._until("/manifest.json")
        await self.running()

    async def _until(self, path: str, **wanted: str) -> None:
        """Wait for an answer that is well and says what is wanted."""
        try:
            async with asyncio.timeout(START_LIMIT):
                while not await self._answers(path, wanted):
                    self.process.check()
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise DemoError(f"Home Assistant was not ready after {START_LIMIT:.0f} s") from None

    async def _answers(self, path: str, wanted: dict[str, str]) -> bool:
        try:
            async with self._session.get(path, headers=self._headers) as reply:
                return reply.ok and wanted.items() <= (await reply.json(content_type=None)).items()
        except aiohttp.ClientError:
            return False

    async def running(self) -> None:
        """Wait until all is set up."""
        await self._until("/api/config", state="RUNNING")

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    async def _log_in(self) -> None:
        """Make the only user, and keep a token that lasts."""
        client = f"{self.url}/"
        made = await self.post("/api/onboarding/users", {**USER, "client_id": client})
        form = {"grant_type": "authorization_code", "code": made["auth_code"], "client_id": client}
        async with self._session.post("/auth/token", data=form) as reply:
            self._token = (await reply.json())["access_token"]
        async with self.socket() as socket:
            self._token = await socket.command(
                "auth/long_lived_access_token", client_name="demo", lifespan=30
            )

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send something. Raises DemoError when it is refused."""
        async with self._session.post(path, json=body, headers=self._headers) as reply:
            if not reply.ok:
                raise DemoError(f"Home Assistant refused {path}: {await reply.text()}")
            return await reply.json()

    async def get(self, path: str) -> Any:
        """Read something. Raises DemoError when it is refused."""
        async with self._session.get(path, headers=self._headers) as reply:
            if not reply.ok:
                raise DemoError(f"Home Assistant refused {path}: {await reply.text()}")
            return await reply.json()

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[Socket]:
        """Open a websocket connection."""
        async with self._session.ws_connect("/api/websocket", heartbeat=30) as connection:
            await connection.receive_json()
            await connection.send_json({"type": "auth", "access_token": self._token})
            reply = await connection.receive_json()
            if reply["type"] != "auth_ok":
                raise DemoError(f"Home Assistant did not accept the login: {reply}")
            yield Socket(connection)

    def complaints(self) -> list[str]:
        """Return the lines of the log in which this integration complains, or breaks."""
        return [line for line in self.process.output().splitlines() if COMPLAINT.search(line)]


class Socket:
    """A websocket connection that is logged in."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        """Take it over."""
        self._connection = connection
        self._last = 0

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send a command and return its result. Raises DemoError when it is refused."""
        self._last += 1
        await self._connection.send_json({"id": self._last, "type": kind, **fields})
        while True:
            reply = await self._connection.receive_json()
            if reply["type"] == "result" and reply["id"] == self._last:
                break
        if not reply["success"]:
            raise DemoError(f"Home Assistant refused {kind}: {reply['error']['message']}")
        return reply["result"]

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Return what was subscribed to, until the connection ends."""
        async for message in self._connection:
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            data = message.json()
            if data["type"] == "event":
                yield data["event"]
