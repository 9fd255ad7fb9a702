"""Programs that run beside the demo and end with it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
import os
from pathlib import Path
import signal
from typing import Self

PATIENCE = 20.0  # seconds a program has for ending by itself
TAIL = 15  # lines


class DemoError(Exception):
    """The demo cannot go on; the text says why in plain words."""


class Process:
    """A program whose output goes to a file.

    It has a session of its own: Ctrl-C in the terminal reaches the demo alone, which
    then ends its programs in order.
    """

    def __init__(
        self,
        name: str,
        log: Path,
        *command: str | Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare, with additions to the environment; entering the context starts it."""
        self.name = name
        self.log = log
        self._command = command
        self._environment = {**os.environ, **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it."""
        await self.stop()

    async def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )

    @property
    def exit_code(self) -> int | None:
        """How it ended, None while it runs."""
        return self._process.returncode if self._process else None

    async def wait(self) -> int:
        """Wait for its end."""
        return await self._process.wait() if self._process else 0

    def check(self) -> None:
        """Raise DemoError when it has ended although nobody asked it to."""
        if self.exit_code is not None:
            raise DemoError(f"{self.name} has stopped by itself (exit code {self.exit_code})")

    def output(self) -> str:
        """Return what it has said so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self) -> str:
        """Return the last lines of what it said."""
        return "\n".join(f"  | {line}" for line in self.output().splitlines()[-TAIL:])

    async def stop(self) -> None:
        """End it, by force if it does not follow."""
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(PATIENCE):
                await process.wait()
        except TimeoutError:
            pass
        finally:
            # also whatever it had started itself
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
