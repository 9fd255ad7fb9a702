"""The same need by duration and by amount, through random days: where do the two engines part?"""

from datetime import time, timedelta
import os
import random

import pytest

from simulator import Unpublished
from simulator.faults import Fault
from tests.home import DAY, HOUR, MINUTE, local
from tests.local.conftest import LocalHome

from .test_trace import FAULTS, prices

pytestmark = pytest.mark.freeze_time("2026-05-04T13:00:00Z")


@pytest.mark.parametrize("local_home", [False, True], ids=["account", "local"])
@pytest.mark.parametrize("seed", range(int(os.environ.get("TWINS", "8"))))
async def test_twins(hass, freezer, home, seed, local_home):
    dice = random.Random(1000 + seed)
    random.seed(seed)
    if local_home:
        home = LocalHome(hass, freezer)
    home.identify("01TRACEENTRY0000000000000")
    home.world.import_prices = prices(dice)
    if not local_home:
        home.world.unpublished = dice.choice([Unpublished.ABSENT, Unpublished.UNKNOWN])
        home.world.publication = dice.choice([None, time(13)])
    frame = {"start": "22:00:00", "end": "07:00:00"}
    minutes = dice.choice([60, 150, 180, 240])
    d = home.add(**frame, duration={"hours": 0, "minutes": minutes})
    a = home.add_amount(**frame, energy=minutes / 60 * 6.0, max_power=6.0)
    await home.set_up("2026-05-04T15:00")
    begin = home.now
    end = begin + 3 * DAY
    moments = sorted(begin + timedelta(minutes=dice.randrange(1, 3 * 1440)) for _ in range(10))
    acts = []
    while home.now < end:
        past = timedelta(seconds=home.now.timestamp() % 600)
        edges = [
            edge
            for key in (d, a)
            for window in home.windows(key)
            for edge in window
            if edge > home.now
        ]
        moment = min(
            [home.now + 10 * MINUTE - past, end, *edges, *[m for m in moments if m > home.now]]
        )
        await home.at(moment)
        if moment in moments:
            what = dice.choice(["fault", "well", "well", "restart", "update", "number", "prices"])
            acts.append((moment.strftime("%d %H:%M"), what))
            if what == "fault":
                if local_home:
                    home.silent = True
                else:
                    home.world.faults = {
                        dice.choice([f for f in FAULTS if f is not Fault.UNKNOWN_PRICE])
                    }
                    acts[-1] += (str(*home.world.faults),)
            elif what == "well":
                home.silent = False
                home.world.faults = set()
            elif what == "restart":
                await home.stop()
                await home.start(home.now + dice.choice([1, 20, 90]) * MINUTE)
            elif what == "update":
                await home.update(d)
                await home.update(a)
            elif what == "number":
                minutes = dice.choice([60, 120, 200])
                await home.set_duration(minutes, d)
                await home.set_number("energy", round(minutes / 60 * 6.0, 1), a)
            elif what == "prices":
                home.world.import_prices = prices(dice)
    for night in range(3):
        s = local("2026-05-04T22:00") + night * DAY
        e = s + 9 * HOUR
        on = home.on_time(s, e, d) / HOUR
        kwh = home.energy(s, e, a) / 6.0
        if abs(on - kwh) > 0.05:
            print(
                f"\nTWINS {'local' if local_home else 'account'} seed {seed} night {night}: by duration {on:.2f} h, by amount {kwh:.2f} h; acts {acts}"
            )
