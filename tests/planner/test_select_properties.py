"""What holds for every selection, against optima found in other ways."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations, groupby

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.flatpeak.model import Segment, Slot, Span, total, within
from custom_components.flatpeak.planner import Selection, select

from .drawing import HOUR, MIDNIGHT, MINUTE, UNKNOWN, at, draw, is_plan, priced

segments = st.sampled_from(Segment)

# Few prices, so that many are the same; `None` is unknown.
some_prices = st.one_of(
    st.none(), st.integers(-2, 3), st.floats(-0.5, 0.5, allow_nan=False).map(lambda x: round(x, 5))
)


@st.composite
def series(draw_from: st.DrawFn) -> tuple[Slot, ...]:
    """Slots of any length, with gaps, in any order."""
    moment, slots = MIDNIGHT, []
    for gap, minutes, seconds, rate, confidence in draw_from(
        st.lists(
            st.tuples(
                st.sampled_from((0, 0, 0, 1, 45)),
                st.sampled_from((15, 60, 7, 330)),
                st.integers(0, 59),
                some_prices,
                st.floats(0.1, 1),
            ),
            max_size=12,
        )
    ):
        start = moment + gap * MINUTE
        moment = start + timedelta(minutes=minutes, seconds=seconds)
        slots.append(Slot(start, moment, rate, confidence))
    return tuple(draw_from(st.permutations(slots)))


durations = st.integers(0, 12 * 3600).map(lambda seconds: timedelta(seconds=seconds))


def known(prices: Sequence[Slot], start, end) -> tuple[Slot, ...]:
    return tuple(slot for slot in within(prices, start, end) if slot.rate is not None)


def cost(windows: Sequence[Slot]) -> float:
    return sum(window.rate * (window.length / HOUR) for window in windows)


def cost_of_time(windows: Sequence[Span], prices: Sequence[Slot]) -> float:
    """Return what the time of the windows costs, by the prices and not by the windows' word."""
    return sum(cost(known(prices, window.start, window.end)) for window in windows)


@settings(max_examples=150, deadline=None)
@given(series(), durations, segments, st.floats(-1, 10), st.floats(-1, 10))
def test_a_selection_is_all_that_can_be_had_between_two_moments(
    prices, duration, segment, one, other
) -> None:
    start, end = at(min(one, other)), at(max(one, other))
    selection = select(prices, duration, segment, start=start, end=end)
    assert total(selection.windows) == min(duration, total(known(prices, start, end)))
    assert selection.shortfall == duration - total(selection.windows)
    assert is_plan(selection.windows, start, end)
    used = [known(prices, window.start, window.end) for window in selection.windows]
    assert [total(parts) for parts in used] == [window.length for window in selection.windows]
    assert [min(part.confidence for part in parts) for parts in used] == [
        window.confidence for window in selection.windows
    ]


@settings(max_examples=150, deadline=None)
@given(series(), durations, segments)
def test_no_other_plan_costs_less(prices, duration, segment) -> None:
    """Whatever a line is paid per hour, less what it earns below it, no plan costs less than that.

    It is the dual of the linear programme "so much of each slot, at most its length": the
    best line runs through a price, and the plan has to cost exactly what it says.
    """
    end = at(48)
    selection = select(prices, duration, segment, start=MIDNIGHT, end=end)
    sign = 1 if segment is Segment.LOW else -1
    slots = [(sign * slot.rate, slot.length / HOUR) for slot in known(prices, MIDNIGHT, end)]
    hours = min(duration / HOUR, sum(length for _, length in slots))
    bounds = [
        line * hours - sum(length * max(0, line - price) for price, length in slots)
        for line, _ in slots
    ]
    best = sign * max(bounds, default=0.0)
    assert cost_of_time(selection.windows, prices) == pytest.approx(best, abs=1e-6)
    assert cost(selection.windows) == pytest.approx(best, abs=1e-6)


def best_drawing(prices: Sequence[int | None], hours: int, sign: int) -> str:
    """Try every plan: the cheapest, then the fewest windows, then the one that runs first."""
    usable = [hour for hour, price in enumerate(prices) if price is not UNKNOWN]

    def rank(chosen: tuple[int, ...]) -> tuple[int, int, str]:
        drawing = "".join(".#"[hour in chosen] for hour in range(len(prices)))
        windows = sum(sign == "#" for sign, _ in groupby(drawing))
        # "#" sorts before ".", so the earlier plan is the smaller drawing
        return sum(sign * prices[hour] for hour in chosen), windows, drawing

    return min(rank(chosen) for chosen in combinations(usable, min(hours, len(usable))))[2]


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from((1, 1, 1, 2, 2, 3, UNKNOWN)), min_size=1, max_size=11),
    st.integers(0, 11),
    segments,
)
def test_it_is_the_best_of_all_plans_there_are(prices, hours, segment) -> None:
    windows = select(
        priced(*prices), hours * HOUR, segment, start=at(0), end=at(len(prices))
    ).windows
    sign = 1 if segment is Segment.LOW else -1
    assert draw(windows, len(prices)) == best_drawing(prices, hours, sign)


def test_the_rules_for_ties_hold_in_all_small_cases() -> None:
    """Every series of six hours at two prices or none, and every duration."""
    for number in range(3**6):
        prices = [(1, 2, UNKNOWN)[number // 3**hour % 3] for hour in range(6)]
        for hours in range(7):
            windows = select(
                priced(*prices), hours * HOUR, Segment.LOW, start=at(0), end=at(6)
            ).windows
            assert draw(windows, 6) == best_drawing(prices, hours, 1), (prices, hours)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from((1, 2, 3))), min_size=1, max_size=5),
    st.integers(0, 20),
)
def test_longer_slots_are_many_short_ones(lengths_and_prices, units) -> None:
    """How a price series is cut into slots changes nothing."""
    prices, start = [], at(0)
    for length, price in lengths_and_prices:
        prices.append(Slot(start, start + length * MINUTE, price))
        start += length * MINUTE
    minutes = [
        Slot(slot.start + minute * MINUTE, slot.start + (minute + 1) * MINUTE, slot.rate)
        for slot in prices
        for minute in range(slot.length // MINUTE)
    ]

    def chosen(slots: Sequence[Slot]) -> Selection:
        return select(slots, units * MINUTE, Segment.LOW, start=at(0), end=start)

    coarse, fine = chosen(prices).windows, chosen(minutes).windows
    assert [(w.start, w.end) for w in coarse] == [(w.start, w.end) for w in fine]
    assert [w.rate for w in coarse] == pytest.approx([w.rate for w in fine])
