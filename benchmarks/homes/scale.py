"""A hundred schedules and more."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
import gc
from itertools import pairwise
from statistics import quantiles
from time import perf_counter, process_time, thread_time
import tracemalloc
from unittest.mock import patch

from homeassistant.core import Event, EventStateChangedData, callback
import pytest

from benchmarks.report import Report
from custom_components.flatpeak.model import Slot
from simulator import built_in
from tests.home import BRUSSELS, DAY, HOUR, MINUTE, SECOND, Home, local

from .living import LocalNeighbour, Meter, Neighbour

MANY = 100
CROWD = 200
SLOW = 0.05
BEGIN, NOON = "2025-10-06T20:00", local("2025-10-07T12:00")
LEAD = 25 * SECOND  # at least, for the set-up of a crowd and a break before the edge

type Builder = Callable[[int], Home]


@pytest.fixture(params=["account", "local"])
def kind(request: pytest.FixtureRequest) -> str:
    """Who answers."""
    return request.param


@pytest.fixture
def build(core, world, elsewhere, kind, request: pytest.FixtureRequest) -> Builder:
    """Build a home by its number; where the clock is not turned, at prices of these days."""
    turned = request.node.get_closest_marker("freeze_time")
    freezer = request.getfixturevalue("freezer") if turned else None
    if not turned:
        world.publication = None
        world.import_prices = built_in("quarter-hour", datetime.now(BRUSSELS).date()).prices

    def home(number: int) -> Home:
        if kind == "account":
            return Neighbour(core, freezer, elsewhere, number)
        return LocalNeighbour(core, freezer, world, number)

    return home


@pytest.mark.parametrize("schedule", ["by duration", "by amount"])
async def test_set_up(build: Builder, kind, schedule, elsewhere, report: Report) -> None:
    """Measure how long it takes."""
    await one(build)
    home = many(build, Home.add if schedule == "by duration" else Home.add_amount)
    with steps() as lengths:
        await asyncio.sleep(0)  # so that a new step begins
        begin, cpu = perf_counter(), process_time() - elsewhere.cpu()
        await home.set_up()
        cpu, wall = process_time() - elsewhere.cpu() - cpu, perf_counter() - begin
    longest, busy = max(lengths)
    report.add(
        f"Setting up {MANY} schedules in one home",
        {
            "home": kind,
            "schedules": schedule,
            "CPU, s": f"{cpu:.2f}",
            "from begin to end, s": f"{wall:.2f}",
            "longest step, ms": f"{longest * 1000:.0f}",
            "CPU of it, ms": f"{busy * 1000:.0f}",
            f"steps above {SLOW * 1000:.0f} ms": f"{sum(length > SLOW for length, _ in lengths)}",
        },
    )


async def test_memory(build: Builder, kind, world, report: Report) -> None:
    """Measure what is there afterwards that was not there before."""
    await one(build)
    home = many(build)
    gc.collect()
    tracemalloc.start()
    await home.set_up()
    world.calls.clear()
    gc.collect()
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    report.add(
        f"Memory of {MANY} schedules in one home",
        {"home": kind, "MB": f"{now / 1e6:.1f}", "at most, MB": f"{peak / 1e6:.1f}"},
    )


@pytest.mark.freeze_time("2025-10-06T18:00:00Z")
@pytest.mark.parametrize("count", [1, 10])
async def test_day(build: Builder, kind, count, elsewhere, writes, report: Report) -> None:
    """Live through a day."""
    homes = [build(number) for number in range(count)]
    for number in range(MANY):
        minutes = 60 + 2 * number
        homes[number % count].add(name=f"Load {number}", duration={"minutes": minutes})
    for home in homes:
        await home.set_up(BEGIN)
    await Meter(homes, elsewhere).live(NOON)
    writes.clear()
    meter = Meter(homes, elsewhere)
    await meter.live(NOON + DAY)
    report.add(
        f"A day of {MANY} schedules",
        {
            "home": kind,
            "homes": f"{count}",
            "CPU, s": f"{meter.cpu:.1f}",
            "files": f"{len(writes)}",
            "MB": f"{sum(writes) / 1e6:.2f}",
        },
    )


async def test_edges(build: Builder, kind, core, world, report: Report) -> None:
    """Begin and end in the same second."""
    now = datetime.now(BRUSSELS)
    # a source tells whole minutes
    start = (now + LEAD + MINUTE).replace(second=0, microsecond=0)
    edges = {"on": start, "off": start + MINUTE}
    world.import_prices = cheap_between(**edges)
    home = build(0)
    frame = {"start": f"{now - HOUR:%H:%M}:00", "end": f"{now + HOUR:%H:%M}:00"}
    keys = [
        home.add(name=f"Load {number}", duration={"minutes": 1}, **frame) for number in range(CROWD)
    ]
    await home.set_up()
    assert datetime.now(UTC) < edges["on"] - 3 * SECOND, "there was not time enough for the set-up"

    late: dict[str, list[float]] = {"on": [], "off": []}
    entities = {home.entity_id("binary_sensor", "active", key) for key in keys}

    @callback
    def heard(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if event.data["entity_id"] in entities and new and new.state in late:
            late[new.state].append((datetime.now(UTC) - edges[new.state]) / SECOND * 1000)

    core.bus.async_listen("state_changed", heard)
    await asyncio.sleep((edges["off"] - datetime.now(UTC)) / SECOND + 5)
    for state, values in late.items():
        assert len(values) == CROWD
        percent = quantiles(values, n=100)
        report.add(
            f"{CROWD} schedules in the same second, late by so many ms",
            {
                "home": kind,
                "switched": state,
                "p50": f"{percent[49]:.0f}",
                "p99": f"{percent[98]:.0f}",
                "last": f"{max(values):.0f}",
            },
        )


async def one(build: Builder) -> None:
    """Set up a home with one schedule."""
    home = build(0)
    home.add()
    await home.set_up()


def many(build: Builder, add: Callable[..., str] = Home.add) -> Home:
    """Build a home with many schedules."""
    home = build(1)
    for number in range(MANY):
        add(home, name=f"Load {number}")
    return home


@contextmanager
def steps() -> Iterator[list[tuple[float, float]]]:
    """How long each step of our event loop takes, and how much of that is work."""
    lengths: list[tuple[float, float]] = []
    loop, run = asyncio.get_running_loop(), asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        begin, cpu = perf_counter(), thread_time()
        run(handle)
        if handle._loop is loop:
            lengths.append((perf_counter() - begin, thread_time() - cpu))

    with patch.object(asyncio.Handle, "_run", timed):
        yield lengths


def cheap_between(on: datetime, off: datetime) -> tuple[Slot, ...]:
    """Return the prices of today and tomorrow."""
    midnight = on.replace(hour=0, minute=0)
    edges = sorted({midnight, midnight + DAY, midnight + 2 * DAY, on, off})
    return tuple(
        Slot(edge.astimezone(UTC), following.astimezone(UTC), 0.1 if edge == on else 0.3)
        for edge, following in pairwise(edges)
    )
