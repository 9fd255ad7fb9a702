"""What a home says and asks in some random days, written down: to compare two versions of the code.

TRACE_OUT=BEFORE pytest tests/drift/test_trace.py; …change the code…; TRACE_OUT=AFTER …; diff -r
"""

from datetime import time, timedelta
import json
import os
from pathlib import Path
import random

import pytest

from custom_components.flatpeak.model import Slot
from simulator import Unpublished
from simulator.faults import Fault
from tests.home import DAY, MINUTE, Home, hours, local
from tests.local.conftest import LocalHome

SEEDS = int(os.environ.get("TRACE_SEEDS", "8"))
OUT = os.environ.get("TRACE_OUT")
FAULTS = [*Fault]
FAULTS.remove(Fault.SLOW)
BEGIN = "2026-05-04T15:00"

pytestmark = pytest.mark.freeze_time("2026-05-04T13:00:00Z")


def prices(dice: random.Random, days: int = 6) -> tuple[Slot, ...]:
    step = dice.choice([15, 60]) * MINUTE
    count = days * DAY // step
    rate, rates = 0.2, []
    for _ in range(count):
        rate = round(min(max(rate + dice.gauss(0, 0.05), -0.05), 0.6), 3)
        rates.append(rate)
    return hours(rates, local("2026-05-04T00:00"), step)


def hhmm(dice: random.Random) -> str:
    return f"{dice.randrange(24):02}:{dice.choice([0, 0, 15, 30]):02}:00"


def schedules(home: Home, dice: random.Random) -> list[tuple[str, str]]:
    found = []
    for _ in range(dice.randint(2, 4)):
        frame = {"start": hhmm(dice), "end": hhmm(dice)}
        direction = "import"
        kind = dice.choice(["duration", "machine", "limit", "amount", "amount"])
        if kind == "duration":
            key = home.add(**frame, duration={"hours": 0, "minutes": dice.choice([10, 30, 45])})
        elif kind == "machine":
            machine = dice.choice(
                [
                    {"in_one_piece": True},
                    {"shortest_run": 20, "shortest_pause": 10},
                    {"most_starts": 2},
                    {"never_above": 0.25},
                    {"always_below": 0.1},
                    {"fallback": frame["start"]},
                ]
            )
            key = home.add(**frame, duration={"hours": 0, "minutes": 30}, machine=machine)
        elif kind == "limit":
            key = home.add_limit(
                **frame,
                limit=dice.choice([0.1, 0.2, 0.3]),
                **dice.choice([{}, {"least": 30}, {"most": 60}]),
            )
        else:
            key = home.add_amount(
                **frame,
                energy=dice.choice([1.0, 2.0, 3.5]),
                max_power=dice.choice([2.0, 3.7, 7.4]),
                **dice.choice([{}, {}, {"min_power": 1.4}]),
            )
        found.append((kind, key))
    if dice.random() < 0.6:
        home.options(
            **dice.choice(
                [
                    {"max_import_power": 5.0},
                    {"max_import_power": 8.0},
                    {"cap_absolute": 0.3},
                    {"cap_relative": 0.5},
                ]
            )
        )
    return found


async def act(home: Home, dice: random.Random, found: list[tuple[str, str]]) -> str:
    kind, key = dice.choice(found)
    what = dice.choice(
        [
            "number",
            "number",
            "switch",
            "time",
            "update",
            "prices",
            "restart",
            "fault",
            "fault",
            "well",
        ]
    )
    if what == "number":
        name, value = {
            "duration": ("duration", dice.choice([10, 20, 50])),
            "machine": ("duration", dice.choice([20, 40])),
            "limit": ("limit", dice.choice([0.05, 0.15, 0.35])),
            "amount": ("energy", dice.choice([0.5, 1.5, 3.0])),
        }[kind]
        try:
            await home.set_number(name, value, key)
        except Exception as err:  # a wish that does not fit
            return f"{what} {type(err).__name__}"
    elif what == "switch":
        await home.enable(dice.random() < 0.7, key)
    elif what == "time":
        try:
            await home.set_time(dice.choice(["start", "end"]), hhmm(dice), key)
        except Exception as err:
            return f"{what} {type(err).__name__}"
    elif what == "update":
        await home.update(key)
    elif what == "prices":
        home.world.import_prices = prices(dice)
    elif what == "restart":
        await home.stop()
        away = dice.choice([1, 20, 200]) * MINUTE
        await home.start(home.now + away)
    elif isinstance(home, LocalHome):
        home.silent = what == "fault"
    elif what == "fault":
        home.world.faults = {dice.choice(FAULTS)}
    else:
        home.world.faults = set()
    return what


def settled(changes):
    """What each entity says in the end of each moment, where that is something new: the order within one is chance."""
    last, said = {}, []
    moments = {}
    for at, key, state in changes:
        moments.setdefault(at, {})[key] = state
    for at in sorted(moments):
        for key, state in sorted(moments[at].items()):
            if last.get(key) != state and state != "unavailable":
                last[key] = state
                said.append((at.isoformat(), key, state))
    return said


@pytest.mark.parametrize("local_home", [False, True], ids=["account", "local"])
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_trace(hass, freezer, home, seed, local_home):
    dice = random.Random(seed)
    random.seed(seed)
    if local_home:
        home = LocalHome(hass, freezer)
    home.identify("01TRACEENTRY0000000000000")
    home.world.import_prices = prices(dice)
    if not local_home:
        home.world.unpublished = dice.choice(list(Unpublished))
        home.world.publication = dice.choice([None, time(13)])
    found = schedules(home, dice)
    acts = []
    await home.set_up(BEGIN)
    end = home.now + 3 * DAY
    moments = sorted(home.now + timedelta(minutes=dice.randrange(1, 3 * 1440)) for _ in range(14))
    while home.now < end:
        step = 10 * MINUTE
        past = timedelta(seconds=home.now.timestamp() % step.total_seconds())
        edges = [
            edge
            for _, key in found
            for window in home.windows(key)
            for edge in window
            if edge > home.now
        ]
        ahead = [moment for moment in moments if moment > home.now]
        moment = min(home.now + step - past, end, *edges, *ahead)
        await home.at(moment)
        if moment in moments:
            acts.append((moment.isoformat(), await act(home, dice, found)))
            random.seed(seed + len(acts))
    record = {
        "kinds": found,
        "acts": acts,
        "said": settled(home.changes),
        "asked": []
        if local_home
        else sorted(
            (c.moment.isoformat(), c.method, c.path, json.dumps(c.body, sort_keys=True), c.status)
            for c in home.world.calls
            if c.path != "/login"
        ),
    }
    if OUT:
        out = Path(OUT)
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{'local' if local_home else 'account'}-{seed}.json").write_text(
            json.dumps(record, indent=1)
        )
