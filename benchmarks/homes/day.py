"""Days of one schedule, and the same days of a Home Assistant without it."""

from collections import Counter
from collections.abc import Callable
from cProfile import Profile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

import pytest

from benchmarks.report import Report, span
from tests.home import DAY, Home, local

from .living import STEP, LocalNeighbour, Meter, Neighbour, TalkativeNeighbour

BEGIN, NOON = "2025-10-06T20:00", local("2025-10-07T12:00")
DAYS = 5
ROUNDS = 5  # of an empty home, whose days are short
TITLE = "A day of one schedule"


@dataclass(frozen=True)
class Case:
    """A home with a schedule."""

    home: str
    schedule: str
    add: Callable[[Home], str]
    days: int = DAYS
    step: timedelta = STEP

    def __str__(self) -> str:
        """Return a name for -k."""
        return f"{self.home}-{self.schedule}".replace(" ", "_")


@dataclass
class Days:
    """What was found on each day."""

    moments: list[list[datetime]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    changes: list[Counter[str]] = field(default_factory=list)
    writes: list[list[int]] = field(default_factory=list)


CASES = (
    Case("account", "by duration", Home.add),
    Case("account", "by amount", Home.add_amount),
    Case("local", "by duration", Home.add),
    Case("local", "by amount", Home.add_amount),
    # a sensor that is written every ten seconds, with the prices that it had
    Case("talkative", "by duration", Home.add, days=1, step=timedelta(seconds=10)),
)
FULL: dict[Case, Days] = {}


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
@pytest.mark.parametrize("empty", [False, True], ids=["full", "empty"])
@pytest.mark.parametrize("case", CASES, ids=str)
async def test_days(core, freezer, world, elsewhere, writes, report: Report, case, empty) -> None:
    """Live through them, with the schedule and then without it."""
    match case.home:
        case "account":
            home = Neighbour(core, freezer, elsewhere)
        case "local":
            home = LocalNeighbour(core, freezer, world)
        case _:
            home = TalkativeNeighbour(core, freezer, world)
    if empty:
        home.set_clock(BEGIN)
        cpu = []
        for moments in FULL[case].moments * ROUNDS:
            meter = Meter([home], elsewhere)
            await meter.live_again(moments)
            cpu.append(meter.cpu)
        report.add(TITLE, row(case, FULL[case], median(cpu)))
        return
    key = case.add(home)
    days = FULL[case] = Days()
    await home.set_up(BEGIN)
    await Meter([home], elsewhere).live(NOON)
    for day in range(1, case.days + 1):
        home.changes.clear()
        writes.clear()
        profile = Profile() if report.profiling else None
        meter = Meter([home], elsewhere, profile)
        days.moments.append(await meter.live(NOON + day * DAY, case.step))
        days.cpu.append(meter.cpu)
        days.changes.append(Counter(whose(unique_id, key) for _, unique_id, _ in home.changes))
        days.writes.append(writes.copy())
        if profile:
            report.profiled(meter.cpu, f"{case}, day {day}", profile)


def whose(unique_id: str, key: str) -> str:
    """Tell what an entity speaks of."""
    if unique_id.startswith(key):
        return "schedule"
    return "prices" if "price" in unique_id else "home"


def row(case: Case, days: Days, empty: float) -> dict[str, str]:
    """Return a row of the table."""
    above = [cpu - empty for cpu in days.cpu]
    return {
        "home": case.home,
        "schedule": case.schedule,
        "CPU, s": span(above, ".2f"),
        "empty core, s": f"{empty:.3f}",
        "ratio": f"{median(above) / empty:.0f}",
        "states of the schedule": span(day["schedule"] for day in days.changes),
        "of prices": span(day["prices"] for day in days.changes),
        "of the home": span(day["home"] for day in days.changes),
        "files": span(len(day) for day in days.writes),
        "kB": span(sum(day) / 1000 for day in days.writes),
    }
