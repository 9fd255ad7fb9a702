"""All time below, or above, a price: on real prices, with an account and without one."""

from datetime import datetime, time, timedelta

import pytest

from custom_components.flatpeak.model import Slot
from simulator.faults import Fault
from simulator.prices import read_prices
from tests.home import HOUR, MINUTE, SECOND, Home, hours, local
from tests.local.conftest import PRICES, LocalHome

type Windows = list[tuple[datetime, datetime]]

NIGHTS = [
    pytest.param("week_2025.csv", "2025-10-06", "2025-10-07", id="a night"),
    pytest.param("autumn_2024.csv", "2024-10-26", "2024-10-27", id="autumn"),
    pytest.param("spring_2024.csv", "2024-03-30", "2024-03-31", id="spring"),
]
LIMITS = [
    ("below", "absolute", 0.085),
    ("above", "absolute", 0.085),
    ("below", "relative", 0.4),
    ("above", "relative", 0.6),
    ("below", "relative", 0.01),
    ("above", "relative", 1),
    ("below", "absolute", -1),
]


def joined(slots: list[Slot]) -> Windows:
    """Join slots that touch."""
    windows: Windows = []
    for slot in slots:
        if windows and windows[-1][1] == slot.start:
            windows[-1] = (windows[-1][0], slot.end)
        else:
            windows.append((slot.start, slot.end))
    return windows


def expected(
    house: Home, target: tuple[str, str, float], start: datetime, end: datetime
) -> Windows:
    """Return all time at or beyond a limit, slot by slot."""
    condition, kind, limit = target
    slots = [part for slot in house.world.import_prices if (part := slot.clip(start, end))]
    rates = [slot.rate for slot in slots]
    if kind == "relative":
        # the lowest counts 0.01, the highest 1
        limit = min(rates) + (limit - 0.01) / 0.99 * (max(rates) - min(rates))
    if condition == "below":
        return joined([slot for slot in slots if slot.rate <= limit + 1e-9])
    return joined([slot for slot in slots if slot.rate >= limit - 1e-9])


def ran(house: Home, subentry_id: str = "schedule1") -> Windows:
    """Return what was switched."""
    return [(run.start, run.end) for run in house.runs.get(subentry_id, [])]


async def follow(house: Home, until: datetime | str) -> None:
    """Live on to a moment, from edge to edge of all plans, with a look before each."""
    end = local(until) if isinstance(until, str) else until
    while house.now < end:
        edges = [
            edge
            for key in house.entry.subentries
            for window in house.windows(key)
            for moment in window
            for edge in (moment - 4 * SECOND, moment)
            if edge > house.now
        ]
        await house.at(min(house.now + 30 * MINUTE, end, *edges))


@pytest.mark.freeze_time("2024-03-01T00:00:00Z")
@pytest.mark.parametrize(("prices", "eve", "day"), NIGHTS)
async def test_whole_nights(house, prices, eve, day) -> None:
    """Several schedules at once, over restarts; prices come out at one o'clock."""
    house.world.publication = house.publication = time(13)
    house.world.import_prices = read_prices(PRICES / prices)
    keys = {
        house.add_limit(condition=target[0], limit_kind=target[1], limit=target[2]): target
        for target in LIMITS
    }
    await house.set_up(f"{eve}T12:00")
    start, end = local(f"{eve}T22:00"), local(f"{day}T07:00")
    await follow(house, f"{eve}T21:00")
    for key, target in keys.items():
        assert house.windows(key) == expected(house, target, start, end)
        assert house.sensor("status", key) == "planned"
    for clock in (f"{eve}T22:50", f"{day}T02:10", f"{day}T05:35"):
        await follow(house, clock)
        await house.stop()
        await house.start()
        for key in keys:
            await house.update(key)
    await follow(house, f"{day}T07:10")
    for key, target in keys.items():
        assert ran(house, key) == expected(house, target, start, end), target


@pytest.mark.freeze_time("2025-10-06T06:00:00Z")
@pytest.mark.parametrize("target", [target for target in LIMITS if target[1] == "absolute"])
async def test_a_day_whose_prices_come_in_the_middle(house, target) -> None:
    """From eight to eight: what is known is used, and the rest is as soon as it comes."""
    house.world.publication = house.publication = time(13)
    condition, kind, limit = target
    house.add_limit(
        condition=condition, limit_kind=kind, limit=limit, start="08:00:00", end="08:00:00"
    )
    await house.set_up("2025-10-06T07:50")
    await follow(house, "2025-10-07T08:00")
    start, end = local("2025-10-06T08:00"), local("2025-10-07T08:00")
    runs = [(a, b or end) for a, b in ran(house)]
    got = [(max(a, start), min(b, end)) for a, b in runs if a < end and start < b]
    assert got == expected(house, target, start, end)


@pytest.mark.freeze_time("2025-10-06T06:00:00Z")
@pytest.mark.parametrize("condition", ["below", "above"])
async def test_a_share_of_a_day_whose_prices_come_in_the_middle(house, condition) -> None:
    """From one o'clock on the share is one of all prices of the period, also of those past."""
    house.world.publication = house.publication = time(13)
    target = (condition, "relative", 0.4)
    house.add_limit(
        condition=condition, limit_kind="relative", limit=0.4, start="08:00:00", end="08:00:00"
    )
    await house.set_up("2025-10-06T07:50")
    await follow(house, "2025-10-06T13:10")
    start, end = local("2025-10-06T08:00"), local("2025-10-07T08:00")
    right = [
        (max(a, house.now), b) for a, b in expected(house, target, start, end) if b > house.now
    ]
    ahead = [(max(a, house.now), b) for a, b in house.windows() if b > house.now]
    assert ahead == right
    await follow(house, "2025-10-07T08:00")
    late = [(max(a, start), min(b or end, end)) for a, b in ran(house) if a < end]
    noon = local("2025-10-06T13:10")
    assert [(max(a, noon), b) for a, b in late if b > noon] == right


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
@pytest.mark.parametrize("kind", ["absolute", "relative"])
async def test_a_share_of_the_dearest_is_asked_for_as_a_price(home, world, kind) -> None:
    start = local("2026-05-01T22:00")
    world.publication = None
    world.import_prices = hours([0.1, 0.2, 0.3, 0.4, 0.5, 0.2, 0.2, 0.2, 0.1], start)
    home.add_limit(condition="above", limit_kind=kind, limit=0.5 if kind == "relative" else 0.3)
    await home.set_up("2026-05-01T20:00")
    # by now the prices are known
    await home.update()
    asked = home.schedule_calls()[-1].body
    assert asked["segment"] == "HIGH"
    assert "relative" not in asked
    bound = 0.1 + 0.49 / 0.99 * 0.4 if kind == "relative" else 0.3
    assert asked["absolute"] == pytest.approx(bound)
    first = 2 if bound <= 0.3 else 3
    assert home.windows() == [(start + first * HOUR, start + 5 * HOUR)]


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_a_share_of_the_cheapest_is_asked_for_as_such_before_the_period(home, world) -> None:
    """Once it has begun the lowest price may be over, so it is asked for as a price."""
    start = local("2026-05-01T22:00")
    world.publication = None
    world.import_prices = hours([-0.5, 0.2, 0.3, 0.4, 0.5, 0.2, 0.2, 0.2, 0.1], start)
    home.add_limit(limit_kind="relative", limit=0.5)
    await home.set_up("2026-05-01T20:00")
    assert home.schedule_calls()[-1].body["relative"] == 0.5
    assert home.windows() == [(start, start + HOUR)]
    await home.live(start + 90 * MINUTE, 10 * MINUTE)
    await home.update()
    asked = home.schedule_calls()[-1].body
    assert "relative" not in asked
    assert asked["absolute"] == pytest.approx(-0.5 + 0.49 / 0.99)
    await home.live("2026-05-02T07:10", 10 * MINUTE)
    assert ran(home) == [(start, start + HOUR)]


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_without_prices_a_share_is_asked_for_as_it_is(home, world) -> None:
    """An account that has no prices to see still has schedules by share."""
    start = local("2026-05-01T22:00")
    world.publication = None
    world.faults = {Fault.NO_PRICES}
    world.import_prices = hours([0.1, 0.2, 0.3, 0.4, 0.5, 0.2, 0.2, 0.2, 0.1], start)
    home.add_limit(condition="above", limit_kind="relative", limit=0.5)
    await home.set_up("2026-05-01T20:00")
    assert home.schedule_calls()[-1].body["relative"] == 0.5
    assert home.windows() == [(start + 2 * HOUR, start + 5 * HOUR)]
    assert home.sensor("status") == "planned"
    assert home.on_time(start, start + timedelta(hours=9)) == timedelta(0)
    assert not isinstance(home, LocalHome)
