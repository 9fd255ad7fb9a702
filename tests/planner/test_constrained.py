"""The best runs for a machine that has its bounds, in situations that fit on a line."""

from datetime import timedelta

import pytest

from custom_components.flatpeak.model import (
    NOTHING,
    Constraints,
    Preference,
    Segment,
    Slot,
    Span,
    total,
)
from custom_components.flatpeak.planner import Selection, arrange, select

from .drawing import GAP, HOUR, MINUTE, SECOND, UNKNOWN, at, draw, priced

LATE = Preference.LATE


def bounds(*, run: float = 0, pause: float = 0, **more) -> Constraints:
    """Return constraints, with lengths in hours."""
    return Constraints(shortest_run=run * HOUR, shortest_pause=pause * HOUR, **more)


def arranged(
    prices, hours: float, constraints: Constraints, past=(), segment: Segment = Segment.LOW
) -> Selection:
    """Arrange in hourly prices; what has run is said in hours, which are below zero."""
    return arrange(
        priced(*prices),
        hours * HOUR,
        segment,
        constraints,
        start=at(0),
        end=at(len(prices)),
        past=tuple(Span(at(begin), at(end)) for begin, end in past),
    )


@pytest.mark.parametrize(
    ("prices", "hours", "constraints", "expected"),
    [
        pytest.param((10, 40, 10, 20, 40), 2, bounds(one_piece=True), "..##.", id="one piece"),
        pytest.param((10, 40, 10, 20, 40), 2, bounds(run_through=True), "..##.", id="run through"),
        pytest.param((10, 40, 10, 20, 40), 1.5, bounds(one_piece=True), "..#+.", id="with a half"),
        pytest.param((40, 20, 10, 30), 1.5, bounds(one_piece=True), ".-#.", id="the half before"),
        pytest.param((10, 40, 20, 40, 10), 2, bounds(run=2), "##...", id="each run is long"),
        pytest.param((10, 11, 40, 10, 11), 4, bounds(run=2), "##.##", id="two long runs"),
        pytest.param((10, 40, 10, 11, 40), 3, bounds(run=2), "###..", id="an hour is no run"),
        pytest.param((10, 40, 10, 40, 20), 2, bounds(pause=2), "#...#", id="long pauses"),
        pytest.param((10, 40, 10, 40, 40), 2, bounds(pause=1), "#.#..", id="just long enough"),
        pytest.param((10, 15, 10, 40, 14), 2.5, bounds(pause=1.5), "##+..", id="no pause at all"),
        pytest.param((10, 15, 10, 40, 12), 2.5, bounds(pause=1.5), "#+..#", id="rather than dear"),
        pytest.param((1, 9, 2, 9, 3, 9, 1), 3, bounds(), "#.#...#", id="any number"),
        pytest.param((1, 9, 2, 9, 3, 9, 1), 3, bounds(max_starts=2), "##....#", id="two starts"),
        pytest.param((1, 9, 2, 9, 3, 9, 1), 3, bounds(max_starts=1), "###....", id="one start"),
        pytest.param((1, 5, 2, 9, 9), 2.5, bounds(run=1), "#+#..", id="the rest touches a run"),
        pytest.param((3, 5, 1, 9, 9), 2.5, bounds(run=1, pause=1), "-##..", id="no room for one"),
        pytest.param((-5, 1, -4, 9, -6), 3, bounds(max_starts=2), "##..#", id="below zero"),
    ],
)  # fmt: skip
def test_the_best_runs_that_a_machine_can_do(prices, hours, constraints, expected) -> None:
    selection = arranged(prices, hours, constraints)
    assert draw(selection.windows, len(prices)) == expected
    assert selection.shortfall == NOTHING


@pytest.mark.parametrize(
    ("prices", "hours", "constraints", "expected"),
    [
        pytest.param((10, 40, 30, 35, 10), 2, bounds(one_piece=True), ".##..", id="one piece"),
        pytest.param((40, 10, 30, 20, 10), 4, bounds(never_beyond=20, run=1), "#.##.", id="worst"),
        pytest.param((40, 10, 30, 20, 10), 1, bounds(always_within=30), "#.#..", id="always"),
    ],
)
def test_the_dearest_runs(prices, hours, constraints, expected) -> None:
    selection = arranged(prices, hours, constraints, segment=Segment.HIGH)
    assert draw(selection.windows, len(prices)) == expected


@pytest.mark.parametrize(
    ("prices", "hours", "constraints", "expected"),
    [
        pytest.param((5, 5, 5, 5), 2, bounds(preference=LATE), "..##", id="late"),
        pytest.param((5, 5, 5, 5), 2, bounds(run=1), "##..", id="early"),
        pytest.param((5, 5, 5, 5), 1.5, bounds(preference=LATE), "..-#", id="late, in part"),
        pytest.param((1, 5, 5, 1), 3, bounds(preference=LATE), "#.##", id="late within its runs"),
        pytest.param((1, 5, 5, 1), 3, bounds(run=1), "##.#", id="early within its runs"),
        pytest.param((1, 9, 1, 9, 1, 1), 2, bounds(run=1), "....##", id="few runs before early"),
        pytest.param(
            (1, 1, 9, 1, 9, 1), 2, bounds(preference=LATE), "##....", id="few runs before late"
        ),
        pytest.param((1, 2, 9, 1, 1), 2, bounds(preference=LATE), "...##", id="money before all"),
    ],
)
def test_among_plans_that_cost_the_same(prices, hours, constraints, expected) -> None:
    selection = arranged(prices, hours, constraints)
    assert draw(selection.windows, len(prices)) == expected


@pytest.mark.parametrize(
    ("prices", "hours", "constraints", "expected"),
    [
        pytest.param((1, 9, 2, 9, 3), 2, bounds(always_within=3), "#.#.#", id="all that is cheap"),
        pytest.param((1, 9, 4, 9, 3), 2.5, bounds(always_within=3), "#.+.#", id="then the rest"),
        pytest.param((5, 9, 4, 9, 8), 1, bounds(always_within=3), "..#..", id="nothing is cheap"),
        pytest.param((9, 9, 3, 9, 9), 0, bounds(always_within=3), "..#..", id="or wanted"),
        pytest.param((9, 7, 3, 8, 9), 0, bounds(run=2, always_within=3), ".##..", id="filler"),
        pytest.param((3, 9, 3, 8, 9), 0, bounds(pause=2, always_within=3), "###..", id="bridged"),
        pytest.param((3, 9, 3, 8, 9), 0, bounds(pause=2, always_within=3, never_beyond=8), "#....",
                     id="not bridged beyond the worst price"),
        pytest.param((1, 9, 2, 9, 3), 0, bounds(max_starts=2, always_within=3), "###.#",
                     id="with few starts, at little cost"),
        pytest.param((9, 3, 9, 7, 7, 9), 2, bounds(run=2, always_within=3), "##....",
                     id="filler is part of the duration"),
        pytest.param((-2, 9, 9, 9, -1, 9), 1, bounds(always_within=0), "#...#.", id="below zero"),
    ],
)  # fmt: skip
def test_time_that_is_always_used(prices, hours, constraints, expected) -> None:
    selection = arranged(prices, hours, constraints)
    assert draw(selection.windows, len(prices)) == expected
    assert selection.shortfall == NOTHING


@pytest.mark.parametrize(
    ("prices", "hours", "constraints", "expected", "shortfall"),
    [
        pytest.param((UNKNOWN, 10, 20, UNKNOWN, 5), 3, bounds(one_piece=True), ".##..", 1,
                     id="no stretch is as long as the wish"),
        pytest.param((10, GAP, 20, 10, GAP), 3, bounds(run=3), "..##.", 1,
                     id="nor as long as a run: the longest there can be"),
        pytest.param((10, GAP, 20, GAP, 10), 3, bounds(run=2), "#.#.#", 0,
                     id="all of them, when they are equally long"),
        pytest.param((10, 10, GAP, 20, 30), 3, bounds(run=2), "##...", 1,
                     id="never more than the wish"),
        pytest.param((10, 20, 30, 40), 1, bounds(run=3), "#...", 0, id="a wish below a run"),
        pytest.param((10, 40, 10, 40), 1.5, bounds(run=3), "#+..", 0, id="is one run"),
        pytest.param((10, 40, 40, 10), 2, bounds(pause=3), "##..", 0, id="a pause too long"),
        pytest.param((10, 20, 30, 40), 5, bounds(run=1), "####", 1, id="more than there is"),
        pytest.param((10, 20, 30, 40), 3, bounds(run=1, never_beyond=20), "##..", 1,
                     id="too dear"),
        pytest.param((10, 20, 30, 40), 3, bounds(run=1, never_beyond=5), "....", 3,
                     id="all too dear"),
        pytest.param((10, 20, 30, 40), 3, bounds(run=1, max_starts=0), "....", 3, id="no start"),
        pytest.param((10, GAP, 20, GAP, 30), 3, bounds(max_starts=2), "#.#..", 1, id="two starts"),
        pytest.param((10, 10, 10, GAP, 20), 3, bounds(one_piece=True, run=5), "###..", 0,
                     id="one piece, shorter than a run"),
        pytest.param((UNKNOWN,) * 3, 1, bounds(run=1), "...", 1, id="nothing is known"),
        pytest.param((), 1, bounds(run=1), "", 1, id="no prices"),
        pytest.param((10, 20), 0, bounds(run=1), "..", 0, id="nothing wanted"),
        pytest.param((10, 20), -1, bounds(run=1), "..", 0, id="less than nothing wanted"),
    ],
)  # fmt: skip
def test_what_cannot_be_met_is_met_as_far_as_it_can(
    prices, hours, constraints, expected, shortfall
) -> None:
    selection = arranged(prices, hours, constraints)
    assert draw(selection.windows, len(prices)) == expected
    assert selection.shortfall == shortfall * HOUR


@pytest.mark.parametrize(
    ("past", "prices", "hours", "constraints", "expected"),
    [
        pytest.param([(-1, 0)], (40, 20, 10), 1, bounds(run=2), "#..", id="a run must go on"),
        pytest.param([(-2, 0)], (40, 20, 10), 1, bounds(run=2), "#..", id="not a short one"),
        pytest.param([(-2, 0)], (GAP, 20, 10), 1, bounds(run=2), "..#", id="unless it cannot"),
        pytest.param([(-1, 0)], (40, 20, 10, 11), 3, bounds(run=2), "#.##", id="and may stop then"),
        pytest.param([(-2, 0)], (40, 20, 10, 11), 2, bounds(run=2), "..##", id="or at once"),
        pytest.param([(-1, 0)], (40, GAP, 10, 11), 3, bounds(run=3), "#.##", id="as far as it can"),
        pytest.param([(-0.5, 0)], (40, 20, 10), 1, bounds(run=9), "#..", id="as far as is wanted"),
        pytest.param([(-1, 0)], (10, 20, 10), 1, bounds(pause=1), "#..", id="going on is no pause"),
        pytest.param([(-1, 0)], (15, 10, 20), 1, bounds(pause=1), ".#.", id="after a pause"),
        pytest.param([(-1, 0)], (15, 10, 20), 1, bounds(pause=2), "#..", id="after a longer one"),
        pytest.param([(-2, -1)], (10, 15, 20), 1, bounds(pause=2), ".#.", id="a pause still due"),
        pytest.param([(-3, -2)], (10, 15, 20), 1, bounds(pause=2), "#..", id="one that is over"),
        pytest.param([(-1.5, -0.5)], (10, 9, 20), 1, bounds(pause=1), ".#.", id="from half past"),
        pytest.param([(-1.5, -0.5)], (10, 30, 40), 1, bounds(pause=1), "-+.", id="from then"),
        pytest.param([(-2, -1)], (10, 15, 20), 1, bounds(max_starts=1), "...", id="was the one"),
        pytest.param([(-2, -1), (-4, -3)], (10, 15, 10), 2, bounds(max_starts=3), "##.",
                     id="two of three starts"),
        pytest.param([(-2, -1), (-1, 0)], (10, 15, 10), 2, bounds(max_starts=1), "##.",
                     id="windows that touch are one run, which goes on"),
        pytest.param([(-1, 0)], (10, 15, 9), 2, bounds(max_starts=2), "#.#", id="and one more"),
        pytest.param([(-1, 0)], (GAP, 15, 9), 2, bounds(one_piece=True), "...", id="it cannot"),
        pytest.param([(-1, 0)], (7, 7, 7), 1, bounds(preference=LATE), "#..",
                     id="going on is no run more"),
        pytest.param([(-1, 3)], (10, 15, 9), 1, bounds(run=2), "#..", id="of it what has been"),
    ],
)  # fmt: skip
def test_what_ran_before_counts(past, prices, hours, constraints, expected) -> None:
    selection = arranged(prices, hours, constraints, past)
    assert draw(selection.windows, len(prices)) == expected


QUARTERS = tuple(
    Slot(at(place / 4), at((place + 1) / 4), rate)
    for place, rate in enumerate((30, 20, 10, 40, 40, 10, 20, 30, 40, 40, 10, 30))
)


def runs_of(selection: Selection) -> list[tuple[float, float]]:
    return [
        ((window.start - at(0)) / MINUTE, (window.end - at(0)) / MINUTE)
        for window in selection.windows
    ]


@pytest.mark.parametrize(
    ("minutes", "constraints", "expected"),
    [
        pytest.param(67, bounds(run=0.5), [(8, 45), (75, 105)], id="off the quarters"),
        pytest.param(
            67, bounds(run=0.5, preference=LATE), [(15, 45), (75, 112)], id="at the other end"
        ),
        pytest.param(40, bounds(run=1 / 3), [(25, 45), (75, 95)], id="runs off the quarters"),
        pytest.param(23, bounds(one_piece=True), [(22, 45)], id="in one piece"),
    ],
)
def test_minutes_are_exact(minutes, constraints, expected) -> None:
    selection = arrange(
        QUARTERS, minutes * MINUTE, Segment.LOW, constraints, start=at(0), end=at(3)
    )
    assert runs_of(selection) == expected


def test_a_start_inside_a_minute_waits_for_the_next() -> None:
    start = at(0) + 20 * SECOND
    selection = arrange(
        priced(10, 20), 30 * MINUTE, Segment.LOW, bounds(run=0.5), start=start, end=at(2)
    )
    assert runs_of(selection) == [(1, 31)]


def test_a_run_goes_on_through_the_rest_of_a_minute() -> None:
    start = at(0) + 20 * SECOND
    selection = arrange(
        priced(40, 20), 30 * MINUTE, Segment.LOW, bounds(run=0.5),
        start=start, end=at(2), past=[Span(at(0) - 10 * MINUTE, start)],
    )  # fmt: skip
    (window,) = selection.windows
    assert window.start == start
    assert 30 * MINUTE <= window.length < 31 * MINUTE
    assert selection.shortfall == NOTHING


def test_a_duration_is_whole_minutes() -> None:
    selection = arrange(
        priced(10, 20), 29 * MINUTE + SECOND, Segment.LOW, bounds(run=0.5), start=at(0), end=at(2)
    )
    assert runs_of(selection) == [(0, 30)]
    assert selection.shortfall == NOTHING


def test_a_minute_with_edges_inside_costs_the_average() -> None:
    """Half of it at 10 between two quarters at 30: that is 20, which beats 21."""
    minute, quarter = at(0) + MINUTE, 15 * SECOND
    prices = (
        Slot(at(0), minute + quarter, 30),
        Slot(minute + quarter, minute + 3 * quarter, 10),
        Slot(minute + 3 * quarter, minute + MINUTE, 30),
        Slot(minute + MINUTE, minute + 2 * MINUTE, 21),
        Slot(minute + 2 * MINUTE, at(1), 50),
    )
    (window,) = arrange(
        prices, MINUTE, Segment.LOW, bounds(one_piece=True), start=at(0), end=at(1)
    ).windows
    assert window.start == minute
    assert window.rate == pytest.approx(20)


def test_a_minute_that_is_not_priced_to_its_end_is_not_used() -> None:
    prices = (Slot(at(0), at(1) + 30 * SECOND, 10), Slot(at(2) - 10 * SECOND, at(3), 10))
    selection = arrange(prices, 3 * HOUR, Segment.LOW, bounds(run=0.5), start=at(0), end=at(3))
    assert runs_of(selection) == [(0, 60), (120, 180)]
    assert selection.shortfall == HOUR


def test_windows_are_as_certain_as_their_least_certain_part() -> None:
    prices = (*priced(10), Slot(at(1), at(2), 12, 0.6))
    (window,) = arrange(
        prices, 2 * HOUR, Segment.LOW, bounds(one_piece=True), start=at(0), end=at(2)
    ).windows
    assert (window.rate, window.confidence) == (11, 0.6)


def test_the_order_of_the_prices_does_not_matter() -> None:
    prices = priced(30, 10, 20, 10, 40)
    there, back = (
        arrange(some, 2.5 * HOUR, Segment.LOW, bounds(run=1), start=at(0), end=at(5))
        for some in (prices, prices[::-1])
    )
    assert there == back


def test_prices_that_differ_by_noise_are_the_same() -> None:
    """0.1 + 0.2 is not 0.3 for a computer; for a tariff it is."""
    prices = priced(0.3, 9, 0.1 + 0.2)
    selection = arrange(prices, HOUR, Segment.LOW, bounds(run=1, never_beyond=0.3),
                        start=at(0), end=at(3))  # fmt: skip
    assert draw(selection.windows, 3) == "#.."
    late = arrange(prices, HOUR, Segment.LOW, bounds(run=1, never_beyond=0.3, preference=LATE),
                   start=at(0), end=at(3))  # fmt: skip
    assert draw(late.windows, 3) == "..#"


def test_without_constraints_it_is_a_selection() -> None:
    """To the microsecond, and by the rules of a selection."""
    prices, duration = priced(30, 10, 20, 10, 40), timedelta(hours=2, microseconds=5)
    ours = arrange(prices, duration, Segment.LOW, Constraints(), start=at(0), end=at(5))
    assert ours == select(prices, duration, Segment.LOW, start=at(0), end=at(5))
    assert total(ours.windows) == duration


def test_with_a_worst_price_it_is_a_selection_of_what_is_left() -> None:
    bound = Constraints(never_beyond=20)
    ours = arrange(priced(30, 10, 20, 40), 3 * HOUR, Segment.LOW, bound, start=at(0), end=at(4))
    assert draw(ours.windows, 4) == ".##."
    assert ours.shortfall == HOUR


@pytest.mark.parametrize(("start", "end"), [(2, 2), (3, 1)])
def test_between_a_moment_and_itself_there_is_nothing(start, end) -> None:
    selection = arrange(
        priced(1, 2, 3), HOUR, Segment.LOW, bounds(run=1, always_within=9),
        start=at(start), end=at(end),
    )  # fmt: skip
    assert selection == Selection((), HOUR)
