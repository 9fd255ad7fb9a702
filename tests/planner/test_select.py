"""Which minutes are the cheapest, in situations that fit on a line."""

from datetime import timedelta

import pytest

from custom_components.flatpeak.model import NOTHING, Segment, Slot, average_rate, total
from custom_components.flatpeak.planner import Selection, select

from .drawing import GAP, HOUR, MINUTE, SECOND, UNKNOWN, at, draw, priced


def selected(
    prices, hours: float, segment: Segment = Segment.LOW, start: float = 0, end: float | None = None
) -> Selection:
    """Select from hourly prices."""
    end = len(prices) if end is None else end
    return select(priced(*prices), hours * HOUR, segment, start=at(start), end=at(end))


@pytest.mark.parametrize(
    ("prices", "hours", "expected"),
    [
        pytest.param((30, 10, 20, 40), 2, ".##.", id="the two cheapest"),
        pytest.param((30, 10, 20, 40), 1.5, ".#+.", id="part of the dearer one, next to the other"),
        pytest.param((30, 20, 10, 40), 1.5, ".-#.", id="its second half, when that is next"),
        pytest.param((10, 40, 10, 40), 2, "#.#.", id="two runs where that is cheaper"),
        pytest.param((40, 30, 10, 20), 0.5, "..+.", id="less than a slot"),
        pytest.param((30, 10, 20, 40), 4, "####", id="all there is"),
        pytest.param((10, 40, 20, 40), 1.5, "#.+.", id="part of a slot that touches nothing"),
        pytest.param((-5, -1, 0, 3), 2, "##..", id="the most negative first"),
        pytest.param((-5, 3, 4, -6), 1, "...#", id="negative is below zero"),
        pytest.param((0.1, 0.10001, 0.09999), 1, "..#", id="a difference in the fifth decimal"),
    ],
)
def test_the_cheapest_time_is_used(prices, hours, expected) -> None:
    selection = selected(prices, hours)
    assert draw(selection.windows, len(prices)) == expected
    assert selection.shortfall == NOTHING


@pytest.mark.parametrize(
    ("prices", "hours", "expected"),
    [
        pytest.param((30, 10, 20, 40), 2, "#..#", id="the two dearest"),
        pytest.param((30, 10, 20, 40), 1.5, "+..#", id="part of the cheaper one"),
        pytest.param((-5, -1, -3, -4), 1, ".#..", id="the least negative"),
        pytest.param((10, 40, 40, 40), 2, ".##.", id="the earlier of equals"),
    ],
)
def test_high_is_the_dearest_time(prices, hours, expected) -> None:
    assert draw(selected(prices, hours, Segment.HIGH).windows, len(prices)) == expected


@pytest.mark.parametrize(
    ("prices", "hours", "expected"),
    [
        pytest.param((10, 10, 10, 10), 1, "#...", id="one of equals: the first"),
        pytest.param((10, 10, 10, 10), 2.5, "##+.", id="several of equals: from the first on"),
        pytest.param((20, 20, 10, 20, 20), 2, ".##..", id="next to what is chosen, before it"),
        pytest.param((20, 30, 10, 20, 30), 2, "..##.", id="next to what is chosen, after it"),
        pytest.param((20, 30, 20, 10, 30), 1.5, "..-#.", id="a part touches what is chosen"),
        pytest.param((10, 20, 10, 20, 20), 3, "###..", id="closing a gap saves a window"),
        pytest.param(
            (10, 20, 20, 10, 20, 10), 4, "#..###", id="the gap that can be closed is closed"
        ),
        pytest.param((20, 10, 20, 20, 10, 20), 4, ".####.", id="a long gap before two ends"),
        pytest.param((20, 10, 20, 20, 10, 20), 3, "##..#.", id="no gap can be closed: the first"),
        pytest.param((10, 30, 10, 30, 10, 10), 2, "....##", id="one window before two early ones"),
        pytest.param((10, 30, 10, 10, 30, 10), 3, "#.##..", id="two windows: the earlier two"),
        pytest.param((10, 10, 30, 10, 10, 10), 2.5, "...##+", id="a run that holds it all"),
        pytest.param((10, 10, 30, 10, 10, 10), 2, "##....", id="the earlier run that holds it all"),
    ],
)
def test_among_plans_that_cost_the_same(prices, hours, expected) -> None:
    """The fewest windows, then the one that runs where two plans first differ."""
    assert draw(selected(prices, hours).windows, len(prices)) == expected


def test_a_plateau_in_quarters_is_one_plateau() -> None:
    prices = priced(20, 20, 20, 20, 10, 20, step=15 * MINUTE)
    selection = select(prices, 40 * MINUTE, Segment.LOW, start=at(0), end=at(1.5))
    (window,) = selection.windows
    assert (window.start, window.end) == (at(0) + 35 * MINUTE, at(1.25))


@pytest.mark.parametrize(
    ("prices", "hours", "expected", "shortfall"),
    [
        pytest.param((UNKNOWN, 10, 20, 40), 1, ".#..", 0, id="unknown is not cheap"),
        pytest.param((UNKNOWN, 10, 20, UNKNOWN), 3, ".##.", 1, id="nor the last resort"),
        pytest.param((UNKNOWN,) * 4, 1, "....", 1, id="nothing is known"),
        pytest.param((10, UNKNOWN, 10, 10), 1.5, "..#+", 0, id="it parts what it lies between"),
        pytest.param((GAP, 10, 20, 40), 1, ".#..", 0, id="a gap is not cheap either"),
        pytest.param((10, GAP, 10, 10), 1.5, "..#+", 0, id="a gap parts as well"),
        pytest.param((10, GAP, 20, GAP), 3, "#.#.", 1, id="more than lies around the gaps"),
        pytest.param((10, 20, 30, 40), 6, "####", 2, id="more wanted than there is"),
        pytest.param((10, 20, 30, 40), 0, "....", 0, id="nothing wanted"),
        pytest.param((10, 20, 30, 40), -1, "....", 0, id="less than nothing wanted"),
        pytest.param((), 2, "", 2, id="no prices"),
    ],
)
def test_what_cannot_be_placed_is_missing(prices, hours, expected, shortfall) -> None:
    selection = selected(prices, hours)
    assert draw(selection.windows, len(prices)) == expected
    assert selection.shortfall == shortfall * HOUR


@pytest.mark.parametrize(
    ("start", "end", "hours", "expected", "shortfall"),
    [
        pytest.param(1.5, 4, 0.5, ".-..", 0, id="what is over of the cheapest is over"),
        pytest.param(1.5, 4, 1, ".-+.", 0, id="the rest of a slot that has begun"),
        pytest.param(0, 1.5, 1, "-+..", 0, id="a slot that ends too late"),
        pytest.param(2, 4, 4, "..##", 2, id="only what lies between"),
        pytest.param(2, 2, 1, "....", 1, id="between a moment and itself"),
        pytest.param(3, 1, 1, "....", 1, id="the wrong way round"),
        pytest.param(4, 8, 1, "....", 1, id="after the last price"),
    ],
)
def test_only_between_the_two_moments(start, end, hours, expected, shortfall) -> None:
    selection = selected((30, 10, 20, 40), hours, start=start, end=end)
    assert draw(selection.windows, 4) == expected
    assert selection.shortfall == shortfall * HOUR


@pytest.mark.parametrize(
    ("lengths_and_prices", "minutes", "expected"),
    [
        pytest.param(((60, 20), (15, 10), (45, 30)), 30, [(45, 75)], id="an hour and a quarter"),
        pytest.param(((60, 20), (15, 10), (45, 20)), 120, [(0, 120)], id="all of them"),
        pytest.param(((5, 10), (90, 20), (1, 5)), 6, [(0, 5), (95, 96)], id="one of a minute"),
        pytest.param(((330, 7),), 60, [(0, 60)], id="one long slot"),
        pytest.param(((15, 10), (60, 20), (30, 10), (30, 20), (15, 10)), 90, [(0, 15), (75, 150)],
                     id="the shorter of two gaps is closed"),
    ],
)  # fmt: skip
def test_slots_may_have_any_length(lengths_and_prices, minutes, expected) -> None:
    prices, start = [], at(0)
    for length, price in lengths_and_prices:
        prices.append(Slot(start, start + length * MINUTE, price))
        start += length * MINUTE
    windows = select(prices, minutes * MINUTE, Segment.LOW, start=at(0), end=start).windows
    assert [
        ((window.start - at(0)) / MINUTE, (window.end - at(0)) / MINUTE) for window in windows
    ] == expected


def test_the_order_of_the_prices_does_not_matter() -> None:
    prices = priced(30, 10, 20, 10, 40)
    there = select(prices, 2.5 * HOUR, Segment.LOW, start=at(0), end=at(5))
    back = select(prices[::-1], 2.5 * HOUR, Segment.LOW, start=at(0), end=at(5))
    assert there == back


def test_a_window_has_the_average_rate_of_its_time() -> None:
    (window,) = selected((40, 10, 20, 40), 1.5).windows
    assert window.rate == pytest.approx((10 * 1 + 20 * 0.5) / 1.5)


def test_a_window_is_as_certain_as_its_least_certain_part() -> None:
    prices = (*priced(10), Slot(at(1), at(2), 10, 0.6), Slot(at(3), at(4), 10, 0.2))
    windows = select(prices, 2 * HOUR, Segment.LOW, start=at(0), end=at(4)).windows
    assert [window.confidence for window in windows] == [0.6]


def test_it_is_exact_to_the_second() -> None:
    duration = 2 * HOUR + 17 * SECOND + timedelta(microseconds=5)
    selection = select(priced(3, 1, 2), duration, Segment.LOW, start=at(0), end=at(3))
    assert total(selection.windows) == duration
    assert average_rate(selection.windows) == pytest.approx(1.5, abs=0.01)
