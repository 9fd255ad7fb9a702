"""Whole seconds: what a plan's edges and powers become, and that no limit is broken."""

from datetime import timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.flatpeak.model import Demand, Direction, PowerSlot, Savings, Span
from custom_components.flatpeak.planner import Allocation, allocate
from simulator.steps import Step, steps

from .orders import MIDNIGHT, hours

DAY = Span(MIDNIGHT, MIDNIGHT + timedelta(days=1))
ENOUGH = 1_000_000_000


def at(seconds: float) -> timedelta:
    return MIDNIGHT + timedelta(seconds=seconds)


def planned(
    *slots: tuple[float, float, float],
    max_power: float = 10,
    direction: Direction = Direction.IMPORT,
    until: float = 86400,
) -> Allocation:
    """Return an allocation of (from, to, kW) by the second."""
    demand = Demand("dev_1", direction, Span(MIDNIGHT, at(until)), 1.0, max_power)
    powered = tuple(PowerSlot(at(a), at(b), 0.1, 1.0, power) for a, b, power in slots)
    return Allocation(demand, powered, 0.0, 0.0, Savings(0.0))


def seen(found: tuple[Step, ...]) -> list[tuple[float, float, int]]:
    return [
        ((step.start - MIDNIGHT).total_seconds(), (step.end - MIDNIGHT).total_seconds(), power)
        for step in found
        for power in [step.milliwatts]
    ]


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        pytest.param([(0, 60, 7)], [(0, 60, 7_000_000)], id="whole already"),
        pytest.param([(0, 59.5, 7)], [(0, 60, 6_941_666)], id="longer, so at less"),
        pytest.param([(0.5, 60, 7)], [(1, 60, 7_059_322)], id="shorter, so at more"),
        pytest.param([(0.5, 60, 10)], [(1, 60, 10_000_000)], id="not above its power"),
        pytest.param([(0, 60.0009, 7)], [(0, 60, 7_000_105)], id="a speck past the second"),
        pytest.param([(0, 60, 7), (60, 90, 7)], [(0, 90, 7_000_000)], id="touching"),
        pytest.param(
            [(0, 60, 7), (61, 90, 7)], [(0, 60, 7_000_000), (61, 90, 7_000_000)], id="gap"
        ),
        pytest.param(
            [(0, 60.5, 6), (60.5, 90, 3)],
            [(0, 61, 5_950_819), (61, 90, 3_051_724)],
            id="still touching",
        ),
        pytest.param([(0.1, 0.9, 7)], [], id="within a second"),
        pytest.param([(0, 60, 7), (60.2, 60.7, 7)], [(0, 60, 7_000_000)], id="and beside others"),
        pytest.param([(0, 60, 1e-10)], [], id="too weak to be said"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_one_device(slots, expected) -> None:
    assert [seen(found) for found in steps([planned(*slots)], ENOUGH)] == [expected]


def test_end_between_two_seconds() -> None:
    found = steps([planned((0, 59.7, 7), until=59.7)], ENOUGH)
    assert seen(found[0]) == [(0, 59, 7_083_050)]


@pytest.mark.parametrize(
    ("site", "direction", "power"),
    [
        # the other one runs until 60, so the room is what it leaves
        (12_000_000, Direction.IMPORT, 7_059_322),
        (10_030_000, Direction.IMPORT, 7_030_000),
        (10_000_000, Direction.IMPORT, 7_000_000),
        (10_000_000, Direction.EXPORT, 7_059_322),
    ],
)
def test_room_beside_another_device(site, direction, power) -> None:
    found = steps([planned((0.5, 60, 7)), planned((0, 60, 3), direction=direction)], site)
    assert seen(found[0]) == [(1, 60, power)]
    assert seen(found[1]) == [(0, 60, 3_000_000)]


def test_room_is_given_once() -> None:
    first, second = steps([planned((0.5, 60, 5)), planned((0.5, 60, 5))], 10_050_000)
    assert seen(first) == [(1, 60, 5_042_372)]
    assert seen(second) == [(1, 60, 5_007_628)]


edges = st.integers(0, 4 * 3600 * 1_000_000)
powers = st.floats(0.05, 12)


@st.composite
def demands(draw) -> Demand:
    first, last = sorted(draw(st.lists(edges, min_size=2, max_size=2, unique=True)))
    span = Span(at(first / 1e6), at(last / 1e6))
    return Demand(
        "dev_1",
        draw(st.sampled_from([Direction.IMPORT, Direction.EXPORT])),
        span,
        draw(st.floats(0.01, 20)),
        draw(powers),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(demands(), min_size=1, max_size=4), powers)
def test_never_beyond_a_limit(wanted, limit) -> None:
    prices = dict.fromkeys(Direction, hours(0.1, 0.3, 0.2, 0.4))
    # as the question is read: a limit is whole in milliwatts
    site = int(limit * 1e6)
    allocations = allocate(prices, wanted, limits=dict.fromkeys(Direction, site / 1e6))
    found = steps(allocations, site)
    for allocation, own in zip(allocations, found, strict=True):
        demand = allocation.demand
        for before, step in zip((None, *own), own, strict=False):
            assert step.start.microsecond == step.end.microsecond == 0
            assert demand.span.start <= step.start < step.end <= demand.span.end
            assert 0 < step.milliwatts <= demand.max_power * 1e6 + 0.001
            assert before is None or before.end <= step.start
        # at most a second of each slot's beginning is lost, and one of its end with the span's
        lost = sum(slot.power for slot in allocation.slots) * 2 / 3600
        energy = sum(step.milliwatts / 1e6 * (step.length / timedelta(hours=1)) for step in own)
        planned_energy = sum(slot.energy for slot in allocation.slots)
        assert planned_energy - lost - 1e-5 <= energy <= planned_energy + 1e-5
    for way in Direction:
        together = [
            step
            for allocation, own in zip(allocations, found, strict=True)
            for step in own
            if allocation.demand.direction is way
        ]
        for moment in {step.start for step in together}:
            assert sum(step.milliwatts for step in together if step.contains(moment)) <= site
