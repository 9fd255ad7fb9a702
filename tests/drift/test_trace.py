"""What a home says and asks in some random days, written down: to compare two versions of the code.

`TRACE_SEEDS=24 TRACE_OUT=BEFORE pytest tests/drift`; change the code; `TRACE_OUT=AFTER …`;
`diff -r BEFORE AFTER`. Two runs of one version are equal.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
import json
import os
from pathlib import Path
import random
from typing import Any

from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.flatpeak.model import Slot
from simulator import Unpublished
from simulator.faults import Fault
from tests.home import DAY, MINUTE, Home, hours, local
from tests.local.conftest import LocalHome

SEEDS = int(os.environ.get("TRACE_SEEDS", "1"))
OUT = os.environ.get("TRACE_OUT")
FAULTS = [fault for fault in Fault if fault is not Fault.SLOW]
BEGIN = "2026-05-04T15:00"
STEP = 10 * MINUTE
MACHINES: list[dict[str, Any]] = [
    {"in_one_piece": True},
    {"shortest_run": 20, "shortest_pause": 10},
    {"most_starts": 2},
    {"never_above": 0.25},
    {"always_below": 0.1},
    {"fallback": None},
]
OPTIONS = [
    {"max_import_power": 5.0},
    {"max_import_power": 8.0},
    {"cap_absolute": 0.3},
    {"cap_relative": 0.5},
]
# what entities of each kind are set to
NUMBERS: dict[str, tuple[str, list[float]]] = {
    "duration": ("duration", [10, 20, 50]),
    "machine": ("duration", [20, 40]),
    "limit": ("limit", [0.05, 0.15, 0.35]),
    "amount": ("energy", [0.5, 1.5, 3.0]),
}
WHAT = [
    *("number", "number", "switch", "time", "update", "prices", "restart"),
    *("fault", "fault", "well"),
]

type Dice = random.Random

pytestmark = pytest.mark.freeze_time("2026-05-04T13:00:00Z")


def prices(dice: Dice, days: int = 6) -> tuple[Slot, ...]:
    """Return a random walk in quarters of an hour or in hours."""
    step = dice.choice([15, 60]) * MINUTE
    rate, rates = 0.2, []
    for _ in range(days * DAY // step):
        rate = round(min(max(rate + dice.gauss(0, 0.05), -0.05), 0.6), 3)
        rates.append(rate)
    return hours(rates, local("2026-05-04T00:00"), step)


def clock(dice: Dice) -> str:
    """Return a time of day."""
    return f"{dice.randrange(24):02}:{dice.choice([0, 0, 15, 30]):02}:00"


def schedules(home: Home, dice: Dice) -> list[tuple[str, str]]:
    """Add some schedules; return their kinds and keys."""
    found = []
    for _ in range(dice.randint(2, 4)):
        frame = {"start": clock(dice), "end": clock(dice)}
        kind = dice.choice(["duration", "machine", "limit", "amount", "amount"])
        found.append((kind, _add(home, dice, kind, frame)))
    if dice.random() < 0.6:
        home.options(**dice.choice(OPTIONS))
    return found


def _add(home: Home, dice: Dice, kind: str, frame: dict[str, str]) -> str:
    if kind == "duration":
        return home.add(**frame, duration={"hours": 0, "minutes": dice.choice([10, 30, 45])})
    if kind == "machine":
        machine = {
            name: frame["start"] if value is None else value
            for name, value in dice.choice(MACHINES).items()
        }
        return home.add(**frame, duration={"hours": 0, "minutes": 30}, machine=machine)
    if kind == "limit":
        bounds = dice.choice([{}, {"least": 30}, {"most": 60}])
        return home.add_limit(**frame, limit=dice.choice([0.1, 0.2, 0.3]), **bounds)
    return home.add_amount(
        **frame,
        energy=dice.choice([1.0, 2.0, 3.5]),
        max_power=dice.choice([2.0, 3.7, 7.4]),
        **dice.choice([{}, {}, {"min_power": 1.4}]),
    )


async def act(home: Home, dice: Dice, found: list[tuple[str, str]]) -> str:
    """Let something happen; return what."""
    kind, key = dice.choice(found)
    what = dice.choice(WHAT)
    happening: dict[str, Callable[[], Awaitable[None]]] = {
        "number": lambda: _number(home, dice, kind, key),
        "switch": lambda: home.enable(dice.random() < 0.7, key),
        "time": lambda: home.set_time(dice.choice(["start", "end"]), clock(dice), key),
        "update": lambda: home.update(key),
        "restart": lambda: _restart(home, dice),
    }
    try:
        if what in happening:
            await happening[what]()
        else:
            _turn(home, dice, what)
    except HomeAssistantError as err:  # something that does not fit
        return f"{what} {type(err).__name__}"
    return what


async def _number(home: Home, dice: Dice, kind: str, key: str) -> None:
    name, values = NUMBERS[kind]
    await home.set_number(name, dice.choice(values), key)


async def _restart(home: Home, dice: Dice) -> None:
    await home.stop()
    await home.start(home.now + dice.choice([1, 20, 200]) * MINUTE)


def _turn(home: Home, dice: Dice, what: str) -> None:
    """Change the world."""
    if what == "prices":
        home.world.import_prices = prices(dice)
    elif isinstance(home, LocalHome):
        home.silent = what == "fault"
    else:
        home.world.faults = {dice.choice(FAULTS)} if what == "fault" else set()


def said(home: Home) -> list[tuple[str, str, str]]:
    """Return what each entity says in the end of each moment: the order within one is chance."""
    last: dict[str, str] = {}
    moments: dict[datetime, dict[str, str]] = {}
    for at, key, state in home.changes:
        moments.setdefault(at, {})[key] = state
    told = []
    for at, states in sorted(moments.items()):
        for key, state in sorted(states.items()):
            if last.get(key) != state and state != "unavailable":
                last[key] = state
                told.append((at.isoformat(), key, state))
    return told


def asked(home: Home) -> list[tuple[Any, ...]]:
    """Return all requests but logins."""
    if isinstance(home, LocalHome):
        return []
    return sorted(
        (
            one.moment.isoformat(),
            one.method,
            one.path,
            json.dumps(one.body, sort_keys=True),
            one.status,
        )
        for one in home.world.calls
        if one.path != "/login"
    )


@pytest.mark.parametrize("kind", ["account", "local"])
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_three_random_days_are_lived_through(hass, freezer, home, seed, kind) -> None:
    dice = random.Random(seed)
    if kind == "local":
        home = LocalHome(hass, freezer)
    home.identify("01TRACEENTRY0000000000000")
    home.world.import_prices = prices(dice)
    if kind == "account":
        home.world.unpublished = dice.choice(list(Unpublished))
        home.world.publication = dice.choice([None, time(13)])
    found = schedules(home, dice)
    acts = []
    await home.set_up(BEGIN)
    end = home.now + 3 * DAY
    moments = sorted(home.now + timedelta(minutes=dice.randrange(1, 3 * 1440)) for _ in range(14))
    while home.now < end:
        past = timedelta(seconds=home.now.timestamp() % STEP.total_seconds())
        edges = [edge for _, key in found for window in home.windows(key) for edge in window]
        moment = min(
            one for one in (home.now + STEP - past, end, *edges, *moments) if one > home.now
        )
        await home.at(moment)
        await home.at(moment)  # what became due in that moment
        if moment in moments:
            acts.append((moment.isoformat(), await act(home, dice, found)))
    record = {"kinds": found, "acts": acts, "said": said(home), "asked": asked(home)}
    assert any(key.endswith("_active") and state == "on" for _, key, state in record["said"])
    if OUT:
        _write(Path(OUT) / f"{kind}-{seed}.json", record)


def _write(file: Path, record: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(record, indent=1), "utf-8")
