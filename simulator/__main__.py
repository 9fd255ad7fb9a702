"""Run the simulator by hand: python -m simulator."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import datetime, time
import errno
from pathlib import Path
import signal
import sys
from zoneinfo import ZoneInfo

from custom_components.flatpeak.model import Slot

from .days import DAYS, built_in
from .dialects import Dialect
from .prices import PricesError, read_prices, shift_to_today
from .server import HOST, Simulator
from .state import ACCOUNT, KEY, LOCATION, ONE_O_CLOCK, TIME_ZONE, Location, World

PORT = 8099
# A built-in day has to last as long as anyone lets the simulator run.
DAYS_AHEAD = 60


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    options = argparse.ArgumentParser(
        prog="python -m simulator",
        description=f"Flatpeak's API on {HOST}, with one account and one location in {TIME_ZONE}.",
        epilog='Faults: POST /simulator with {"faults": [names]}; GET /simulator lists the '
        "names, GET /simulator/calls what has been asked. DELETE /simulator/devices/ID "
        "deletes a device as another program would.",
    )
    options.add_argument(
        "--port", type=_port, default=PORT, help=f"port, 0 for any free one (default: {PORT})"
    )
    source = options.add_mutually_exclusive_group()
    source.add_argument(
        "--prices",
        type=Path,
        metavar="FILE.csv",
        help="import prices with the columns start_utc,eur_per_mwh; "
        "a period ends where the next one begins",
    )
    source.add_argument(
        "--day",
        choices=DAYS,
        default="winter",
        help="built-in prices instead (default: winter); spring-forward and autumn-back lie on "
        "their own date and are all known, unless --publication says otherwise",
    )
    options.add_argument(
        "--export-prices",
        type=Path,
        metavar="FILE.csv",
        help="prices for EXPORT and LOCAL (default: the import prices)",
    )
    options.add_argument(
        "--shift-to-today",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="move recorded prices by whole days so that they cover today, "
        "unless they do (default: on)",
    )
    options.add_argument(
        "--publication",
        type=_publication,
        metavar="HH:MM|none",
        help="local time at which tomorrow's prices appear; "
        "none: all prices are known (default: 13:00)",
    )
    options.add_argument(
        "--version",
        choices=list(Dialect),
        default=Dialect.ANODE,
        type=str,
        help=f"dialect of the API (default: {Dialect.ANODE})",
    )
    options.add_argument("--account", default=ACCOUNT, help="account id (default: %(default)s)")
    options.add_argument("--key", default=KEY, help="API key (default: %(default)s)")
    options.add_argument("--location", default=LOCATION, help="location id (default: %(default)s)")
    return options


def _port(value: str) -> int:
    port = int(value)
    if not 0 <= port <= 65535:
        raise ValueError(value)
    return port


def _publication(value: str) -> time | str:
    return value if value == "none" else time.strptime(value, "%H:%M")


def world_of(options: argparse.Namespace) -> World:
    """Return the world that the options describe. Raises PricesError."""
    home = Location(id=options.location)
    today = datetime.now(home.zone).date()
    publication: time | None = ONE_O_CLOCK
    if options.prices is None:
        day = built_in(options.day, today, ahead=DAYS_AHEAD)
        prices: Sequence[Slot] = day.prices
        publication = None if day.changeover else ONE_O_CLOCK
    else:
        prices = _recorded(options.prices, options, home.zone)
    exported = options.export_prices and _recorded(options.export_prices, options, home.zone)
    if options.publication is not None:
        publication = None if options.publication == "none" else options.publication
    return World(
        account=options.account,
        key=options.key,
        locations=(home,),
        import_prices=prices,
        export_prices=exported,
        version=Dialect(options.version),
        publication=publication,
    )


def _recorded(path: Path, options: argparse.Namespace, zone: ZoneInfo) -> Sequence[Slot]:
    prices = read_prices(path)
    return (
        shift_to_today(prices, datetime.now(zone).date(), zone)
        if options.shift_to_today
        else prices
    )


async def serve(world: World, port: int) -> None:
    """Serve until asked to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Simulator(world, port) as simulator:
        print(f"Flatpeak simulator, {world.version.version}, on {simulator.url}", flush=True)
        print(f"  account  {world.account}\n  key      {world.key}", flush=True)
        print(f"  location {world.locations[0].id}", flush=True)
        await stop.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return the exit code."""
    options = parser().parse_args(arguments)
    try:
        world = world_of(options)
    except PricesError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        asyncio.run(serve(world, options.port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"Port {options.port} is in use; choose another one with --port", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
