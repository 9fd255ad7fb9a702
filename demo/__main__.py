"""Run the demo: scripts/demo."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
import re
import signal
import socket
import sys
import tempfile
import time

import aiohttp

from simulator.state import ACCOUNT, KEY, LOCATION

from .devices import BOUGHT, DEVICES, SOLD, Entry
from .feed import NAME, Feed, recorded, toy
from .forms import Account, add_account, add_prices
from .home_assistant import HOST, RESTART, VERSION, HomeAssistant, prepare
from .household import add_automations, add_dashboard, find_entities
from .process import DemoError, Process
from .tariff import ZONE, write_toy_tariff
from .watch import Change, changes, judge, kilowatts, subscribe, watts
from .wishes import LIMIT, Wish, second_toy_wishes, second_wishes, toy_wishes, wishes

PORT = 8123
WEEK = Path(__file__).with_name("belgium_week.csv")
FAST = timedelta(minutes=2)  # how long a period of the toy tariff lasts
# much shorter, and what the battery gets in one of them would not be worth a start
CHECK = timedelta(seconds=15)
SHORTEST = timedelta(minutes=1)  # that sensors list, and schedules by duration can ask for
CHECK_LIMIT = 180.0  # seconds
SIMULATOR_LIMIT = 20.0

started = time.monotonic()


def say(text: str) -> None:
    """Tell what is going on."""
    print(f"demo: {text}", flush=True)  # noqa: T201  it talks to a person


@dataclass(slots=True)
class Demo:
    """A demo that runs."""

    home: HomeAssistant
    entry: Entry  # with the account
    second: Entry  # on prices of a sensor
    dashboard: str
    account: Account
    simulator: Process


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    options = argparse.ArgumentParser(
        prog="scripts/demo",
        description=f"Home Assistant {VERSION} with this integration, on recorded prices of the "
        "Belgian market. Everything runs on this computer, in a temporary folder, until Ctrl-C; "
        "no account and no network is needed.",
    )
    options.add_argument(
        "--fast", action="store_true", help="toy prices that switch every two minutes"
    )
    options.add_argument(
        "--check",
        action="store_true",
        help="see that all devices go on and off with windows of toy prices, and that the limit "
        "of the home is kept; "
        "exits with 0 if it does, else with 1",
    )
    options.add_argument(
        "--port", type=int, help=f"port of Home Assistant (default: {PORT}; --check: any free one)"
    )
    return options


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def demand_port(port: int) -> None:
    """Raise DemoError when a port cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise DemoError(
                f"port {port} cannot be used ({error}), perhaps by another Home Assistant. "
                f"Choose another one: scripts/demo --port {free_port()}"
            ) from error


@asynccontextmanager
async def demo(port: int, period: timedelta | None = None) -> AsyncIterator[Demo]:
    """Run the whole demo: on recorded prices, or on toy prices with periods of that length."""
    demand_port(port)
    async with AsyncExitStack() as stack:
        folder = Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="flatpeak-demo-", ignore_cleanup_errors=True)
            )
        )
        say("starting the simulator of Flatpeak's API ...")
        now = datetime.now(ZONE).replace(second=0, microsecond=0)
        prices, wanted = WEEK, wishes()
        if period:
            prices = folder / "toy.csv"
            write_toy_tariff(prices, now, period)
            wanted = toy_wishes(f"{now:%H:%M:%S}", FAST / period)
        command = (sys.executable, "-B", "-m", "simulator", "--port", "0", "--prices", prices)
        simulator = await stack.enter_async_context(
            Process("The simulator", folder / "simulator.log", *command, "--publication", "none")
        )
        account = Account(await _address(simulator), ACCOUNT, KEY, LOCATION)

        say(f"starting Home Assistant {VERSION} ...")
        prepare(folder / "config", port)
        home = HomeAssistant(folder / "config", port)
        try:
            await stack.enter_async_context(home)
            say(
                "setting up a home with a Flatpeak account through its forms, as a person would ..."
            )
            entry = await find_entities(home, await add_account(home, account, wanted))
            say("setting up a second one without an account, on the prices of a sensor ...")
            feed, wanted = _second(home, now, period)
            await feed.post()
            keeping = asyncio.ensure_future(feed.keep())
            stack.callback(keeping.cancel)
            second = await find_entities(home, await add_prices(home, NAME, wanted))
            say("adding automations by which the devices follow, and a dashboard ...")
            await add_automations(home, entry.schedules | second.schedules)
            address = await add_dashboard(home, entry, second, toy=period is not None)
        except (DemoError, aiohttp.ClientError) as error:
            raise DemoError(f"{error}. Home Assistant said:\n{home.process.tail()}") from error
        yield Demo(home, entry, second, address, account, simulator)


def _second(
    home: HomeAssistant, day: datetime, period: timedelta | None
) -> tuple[Feed, tuple[Wish, ...]]:
    """Return what feeds the second home, and what it wants."""
    if period is None:
        return Feed(home, recorded(WEEK), all_out=False), second_wishes()
    length = max(2 * period, SHORTEST)
    prices = toy(datetime.now(ZONE), max(period, SHORTEST), length)
    return Feed(home, prices, all_out=True), second_toy_wishes(f"{day:%H:%M:%S}", length)


async def _address(simulator: Process) -> str:
    """Wait until the simulator says where it is."""
    try:
        async with asyncio.timeout(SIMULATOR_LIMIT):
            while not (found := re.search(r"http://\S+", simulator.output())):
                simulator.check()
                await asyncio.sleep(0.1)
    except (TimeoutError, DemoError) as error:
        raise DemoError(f"the simulator did not start. It said:\n{simulator.tail()}") from error
    return found[0]


async def show(port: int, period: timedelta | None) -> int:
    """Run until somebody ends it."""
    async with demo(port, period) as running:
        say(f"ready after {time.monotonic() - started:.0f} s. Open this in a browser:")
        say("")
        say(f"    {running.dashboard}")
        say("")
        say("It shows the plan, and here is told what is switched. Ctrl-C ends it.")
        while True:
            watching = asyncio.ensure_future(_tell(running))
            try:
                code = await running.home.process.wait()
            finally:
                watching.cancel()
            if code == 0:
                say("Home Assistant was stopped from its own pages")
                return 0
            if code != RESTART:
                tail = running.home.process.tail()
                raise DemoError(f"Home Assistant has ended (exit code {code}). It said:\n{tail}")
            say("Home Assistant restarts ...")
            await running.home.restart()
            say("Home Assistant is back.")


async def _tell(running: Demo) -> None:
    with suppress(aiohttp.ClientError, DemoError):  # it is going down
        async with running.home.socket() as socket:
            await subscribe(socket)
            async for change in changes(socket):
                if words := _words(change):
                    say(f"{change.clock}  {words}")


def _words(change: Change) -> str | None:
    """Say in words what a device does, or the whole home."""
    for device in DEVICES:
        if change.entity == device.switch and change.state in ("on", "off"):
            return f"{device.name} {device.on if change.state == 'on' else device.off}"
    if change.entity in (BOUGHT, SOLD):
        way = "bought" if change.entity == BOUGHT else "sold"
        return f"  {kilowatts(watts(change.state))} of {LIMIT:g} kW are {way}"
    return None


async def check(port: int) -> int:
    """See a window of each device from its beginning to its end; return the exit code."""
    async with demo(port, CHECK) as running:
        say(f"ready after {time.monotonic() - started:.0f} s, watching the devices ...")
        async with running.home.socket() as connection:
            await connection.command("get_services")  # without it no page of the browser works
        problems = []
        try:
            async with asyncio.timeout(CHECK_LIMIT):
                async for right, seen in judge(running.home, running.entry, running.second):
                    say(f"  {seen}")
                    if not right:
                        problems.append(f"that was wrong: {seen}")
        except TimeoutError:
            problems.append(f"not all devices went on and off within {CHECK_LIMIT:.0f} s")
        complaints = running.home.complaints()
        problems += [f"in the log: {line}" for line in complaints]
        if KEY in running.home.process.output():
            problems.append("the API key is in the log")
        if not problems:
            say("  the log has no complaint of the integration, and no secret")
    for problem in problems:
        say(f"FAILED: {problem}")
    if not problems:
        say(f"all is well, after {time.monotonic() - started:.0f} s")
    return 1 if problems else 0


async def run(options: argparse.Namespace) -> int:
    """Run what was asked for, and clean up when told to stop."""
    task = asyncio.ensure_future(
        check(options.port or free_port())
        if options.check
        else show(options.port or PORT, FAST if options.fast else None)
    )
    loop = asyncio.get_running_loop()
    asked: list[int] = []

    def stop(number: int) -> None:
        if not asked:  # cleaning up is not to be interrupted
            say("stopping ...")
            task.cancel()
        asked.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        say("stopped, nothing is left behind")
        # ending a demo is no failure, ending a check is
        return 1 if options.check else 0
    except (DemoError, aiohttp.ClientError) as error:
        say(f"FAILED: {error}")
        return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return the exit code."""
    return asyncio.run(run(parser().parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
