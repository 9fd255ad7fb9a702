"""What holds for every plan by amount, however odd the question."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.flatpeak.model import (
    Demand,
    PriceCap,
    Segment,
    Slot,
    Span,
    energy_of,
    runs,
)
from custom_components.flatpeak.planner import select

from .demands import EXPORT, IMPORT, Case, cost, energy, keeps_the_rules, turnover
from .drawing import HOUR, MIDNIGHT, MINUTE

MICROSECOND = timedelta(microseconds=1)

directions = st.sampled_from((IMPORT, EXPORT))

# Few prices, so that many are the same; `None` is unknown.
some_prices = st.one_of(
    st.none(), st.integers(-2, 3), st.floats(-0.5, 0.5, allow_nan=False).map(lambda x: round(x, 5))
)
powers = st.one_of(st.sampled_from((1, 2, 3.7, 7.4, 11)), st.floats(0.1, 22, allow_subnormal=False))


@st.composite
def series(draw: st.DrawFn) -> tuple[Slot, ...]:
    """Slots of any length, with gaps, in any order."""
    moment, slots = MIDNIGHT, []
    for gap, minutes, seconds, rate, confidence in draw(
        st.lists(
            st.tuples(
                st.sampled_from((0, 0, 0, 1, 45)),
                st.sampled_from((15, 60, 7, 330)),
                st.sampled_from((0, 0, 1, 59)),
                some_prices,
                st.sampled_from((1, 0.5)),
            ),
            max_size=12,
        )
    ):
        start = moment + gap * MINUTE
        moment = start + timedelta(minutes=minutes, seconds=seconds)
        slots.append(Slot(start, moment, rate, confidence))
    return tuple(draw(st.permutations(slots)))


@st.composite
def demands(draw: st.DrawFn, count: int = 6) -> list[Demand]:
    """Demands of one direction."""
    direction = draw(directions)
    found = []
    for start, length, amount, power, minimum in draw(
        st.lists(
            st.tuples(
                st.integers(-60, 600),
                st.integers(1, 900),
                st.one_of(st.integers(-1, 40), st.floats(0, 40).map(lambda x: round(x, 5))),
                powers,
                st.sampled_from((0, 0, 0.3, 1)),
            ),
            min_size=1,
            max_size=count,
        )
    ):
        begin = MIDNIGHT + start * MINUTE
        span = Span(begin, begin + length * MINUTE)
        found.append(Demand("", direction, span, amount, power, minimum * power))
    return found


limits = st.one_of(st.none(), st.sampled_from((3, 7.4, 11, 14.8)), st.floats(0, 40))
caps = st.one_of(
    st.none(),
    st.builds(PriceCap, relative=st.floats(0, 1)),
    st.builds(PriceCap, absolute=st.floats(-1, 3)),
)


@settings(max_examples=300, deadline=None)
@given(series(), demands(), limits, caps)
def test_the_rules_are_kept(prices, wanted, limit, cap) -> None:
    case = Case(prices, wanted, limit, cap)
    keeps_the_rules(case, case.allocated())


@settings(max_examples=200, deadline=None)
@given(series(), demands())
def test_whoever_has_room_gets_what_select_chooses(prices, wanted) -> None:
    """Fewest starts, then earliest, and always at full power."""
    together = sum(demand.max_power for demand in wanted)
    for limit in (None, together):
        for one in Case(prices, wanted, limit).allocated():
            target = one.demand
            best = select(
                prices,
                target.energy / target.max_power * HOUR,
                Segment.HIGH if target.direction is EXPORT else Segment.LOW,
                start=target.span.start,
                end=target.span.end,
            )
            windows = runs(one.slots)
            assert len(windows) == len(best.windows)
            for window, expected in zip(windows, best.windows, strict=True):
                assert abs(window.start - expected.start) <= 2 * MICROSECOND
                assert abs(window.end - expected.end) <= 2 * MICROSECOND
            assert {slot.power for slot in one.slots} <= {target.max_power}


@settings(max_examples=150, deadline=None)
@given(series(), demands(), limits)
def test_more_power_at_home_never_harms(prices, wanted, limit) -> None:
    wanted = [replace(demand, min_power=0) for demand in wanted]
    tight, wide = (
        Case(prices, wanted, some).allocated() for some in (limit, limit and 1.5 * limit)
    )
    assert energy(wide) >= energy(tight) - 1e-5
    if energy(wide) < energy(tight) + 1e-5:
        assert cost(wide) <= cost(tight) + 1e-5 * max(1, turnover(tight))


@settings(max_examples=150, deadline=None)
@given(series(), demands(count=4), limits, st.integers(1, 4))
def test_how_prices_are_cut_into_slots_changes_nothing(prices, wanted, limit, parts) -> None:
    """Neither the plan nor the money, but for slots of the plan that may be cut as well."""
    fine = [
        Slot(
            slot.start + part * slot.length / parts,
            slot.start + (part + 1) * slot.length / parts,
            slot.rate,
            slot.confidence,
        )
        for slot in prices
        for part in range(parts)
    ]
    there, here = (Case(some, wanted, limit).allocated() for some in (fine, prices))
    assert there == here


@settings(max_examples=100, deadline=None)
@given(series(), demands(), limits)
def test_a_shortfall_is_there_for_a_reason(prices, wanted, limit) -> None:
    """Who goes short could not run at more power at any moment with a known price."""
    wanted = [replace(demand, min_power=0) for demand in wanted]
    found = Case(prices, wanted, limit).allocated()
    for one in found:
        if not one.shortfall:
            continue
        target = one.demand
        everything = [slot for other in found for slot in other.slots]
        spans = (*everything, *prices, target.span)
        edges = sorted({edge for span in spans for edge in (span.start, span.end)})
        for start, end in pairwise(edges):
            if end - start < 10 * MICROSECOND:
                continue  # what rounding leaves
            moment = start + (end - start) / 2
            known = any(slot.contains(moment) and slot.rate is not None for slot in prices)
            if not known or not target.span.contains(moment):
                continue
            own = sum(slot.power for slot in one.slots if slot.contains(moment))
            load = sum(slot.power for slot in everything if slot.contains(moment))
            room = target.max_power if limit is None else limit - load + own
            assert own == pytest.approx(min(target.max_power, room), abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(series(), demands(count=3))
def test_what_is_asked_again_stays(prices, wanted) -> None:
    """The plan of a plan's energy is that plan: planning anew does not move anything."""
    for one in Case(prices, wanted).allocated():
        delivered = energy_of(one.slots)
        (again,) = Case(prices, [replace(one.demand, energy=delivered)]).allocated()
        assert [slot.rate for slot in again.slots] == [slot.rate for slot in one.slots]
        assert again.cost == pytest.approx(one.cost, abs=1e-6)
