"""The simulator as a process of its own, and a blocking client for it."""

from collections.abc import Iterator
from contextlib import contextmanager
import json
from pathlib import Path
import re
import subprocess
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from aiohttp import encode_basic_auth

from simulator.state import ACCOUNT, KEY

REPOSITORY = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "simulator"]
LIMIT = 30


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """Run it until it ends."""
    return subprocess.run(  # noqa: S603 - our own module
        [*COMMAND, *options],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start it on a free port; give the process and the address it prints."""
    with subprocess.Popen(  # noqa: S603 - our own module
        [*COMMAND, "--port", "0", *options],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            line = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert address, line + process.stdout.read()
            yield process, address[0]
        finally:
            process.terminate()


def ask(url: str, *, token: str = "", basic: str = "", body: object = None, method=None):
    """Return the status and the body of an answer."""
    headers = {"Authorization": basic or f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        request = Request(url, data, headers, method=method)  # noqa: S310
        with urlopen(request, timeout=LIMIT) as response:  # noqa: S310
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def token(address: str, account: str = ACCOUNT, key: str = KEY) -> str:
    """Log in."""
    status, login = ask(f"{address}/login", basic=encode_basic_auth(account, key))
    assert status == 200, login
    return login["bearer_token"]
