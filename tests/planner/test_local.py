"""Plans made locally: on known prices, with time kept for those that are not out yet."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
import math

from hypothesis import example, given, strategies as st
import pytest

from custom_components.flatpeak.model import (
    NOTHING,
    UNCONSTRAINED,
    WHOLE_DAY,
    Constraints,
    Direction,
    DurationTarget,
    Plan,
    Preference,
    Segment,
    Slot,
    Source,
    Span,
    before,
    runs,
    total,
    within,
)
from custom_components.flatpeak.planner import Situation, planned_locally

from .drawing import GAP, HOUR, MINUTE, Price, at, draw, priced

ONE_PIECE = Constraints(one_piece=True)
LONG_RUNS = Constraints(shortest_run=2 * HOUR)


def wished(hours: float, constraints: Constraints = UNCONSTRAINED, **changes) -> DurationTarget:
    """Target for some hours of the cheapest time."""
    target = DurationTarget(
        Segment.LOW, Direction.IMPORT, hours * HOUR, WHOLE_DAY, constraints=constraints
    )
    return replace(target, **changes)


def plan_of(hours: int, *windows: tuple[float, float], rate: float | None = 0.2) -> Plan:
    """Return a plan that was answered."""
    slots = tuple(Slot(at(start), at(end), rate) for start, end in windows)
    return Plan(Span(at(0), at(hours)), slots, Source.PLANNER)


def planned(
    prices: Iterable[Slot],
    target: DurationTarget,
    hours: int,
    plan: Plan | None = None,
    **situation,
) -> str:
    """Plan a period of some hours, and draw it."""
    plan = plan or Plan(Span(at(0), at(hours)))
    moment = at(situation.pop("now", 0))
    if "fallback" in situation:
        situation["fallback"] = at(situation["fallback"])
    found = planned_locally(plan, target, prices, Situation(moment, **situation))
    return draw(runs(found.windows), hours)


# Prices that are not out yet


@pytest.mark.parametrize(
    ("known", "hours", "constraints", "expected"),
    [
        # the unknown time can hold all of it: the latest start
        ([3, 1], 3, UNCONSTRAINED, "......###"),
        ([3, 1], 3, ONE_PIECE, "......###"),
        ([3, 1], 3, LONG_RUNS, "......###"),
        ([], 3, UNCONSTRAINED, "......###"),
        ([], 3, ONE_PIECE, "......###"),
        ([], 9, ONE_PIECE, "#########"),
        # what it cannot hold is certain to be wanted of the best of the known time
        ([3, 1, 2], 7, UNCONSTRAINED, ".#.######"),
        ([1, 3, 2], 7, UNCONSTRAINED, "#..######"),
        ([1, 3, 2], 7, ONE_PIECE, "..#######"),
        ([1, 3, 2], 8, UNCONSTRAINED, "#.#######"),
        ([1, 3, 2], 8, ONE_PIECE, ".########"),
        ([1, 3, 2], 7, Constraints(max_starts=2), "#..######"),
        ([1, 2, 4, 3], 7, LONG_RUNS, "##..#####"),
        # what is used in any case is used of the known time
        ([3, 1], 3, Constraints(always_within=1), ".#.....##"),
        ([1, 3, 3], 3, Constraints(always_within=1, shortest_run=HOUR), "#......##"),
        # what may not be dear is not used without a price
        ([3, 1], 3, Constraints(never_beyond=2), ".#......."),
        ([3, 1], 3, Constraints(never_beyond=2, one_piece=True), ".#......."),
    ],
)
def test_time_without_a_price(known, hours, constraints, expected) -> None:
    assert planned(priced(*known), wished(hours, constraints), 9, unknown=True) == expected


@pytest.mark.parametrize(
    ("known", "hours", "constraints", "fallback", "expected"),
    [
        ([3, 1], 3, UNCONSTRAINED, 4, "....###.."),
        ([3, 1], 3, ONE_PIECE, 4, "....###.."),
        ([3, 1], 3, ONE_PIECE, 7, "......###"),
        ([3, 1], 3, ONE_PIECE, 0, "###......"),
        ([3, 1], 8, ONE_PIECE, 4, ".########"),
        ([3, 1], 3, Constraints(always_within=1, shortest_run=HOUR), 4, ".#..##..."),
    ],
)
def test_an_hour_to_begin_at_where_prices_do_not_come(
    known, hours, constraints, fallback, expected
) -> None:
    target = wished(hours, constraints)
    assert planned(priced(*known), target, 9, unknown=True, fallback=fallback) == expected


@pytest.mark.parametrize("constraints", [UNCONSTRAINED, ONE_PIECE, LONG_RUNS])
def test_nothing_is_planned_without_prices_unless_it_is_to_be(constraints) -> None:
    assert planned(priced(3, 1), wished(4, constraints), 9) == "##......."
    assert planned([], wished(3, constraints), 9) == "........."


# What is there already


def test_a_plan_that_is_as_good_stays() -> None:
    prices = priced(2, 1, 2, 1, 2)
    plan = plan_of(5, (3, 4), rate=1)
    assert planned(prices, wished(1), 5, plan) == "...#."
    assert planned(prices, wished(1, ONE_PIECE), 5, plan) == "...#."
    assert planned(prices, wished(1), 5, plan, calm=False) == ".#..."


def test_a_plan_that_is_better_is_taken() -> None:
    assert planned(priced(2, 0.5, 2, 1, 2), wished(1), 5, plan_of(5, (3, 4))) == ".#..."


@pytest.mark.parametrize("constraints", [UNCONSTRAINED, ONE_PIECE, LONG_RUNS])
def test_what_runs_is_kept(constraints) -> None:
    prices, plan = priced(5, 5, 1, 1, 1), plan_of(5, (0, 2))
    assert planned(prices, wished(2, constraints), 5, plan, now=0.5) == "##..."


def test_a_changed_wish_may_end_what_runs() -> None:
    prices, plan = priced(5, 5, 1, 1, 1), plan_of(5, (0, 2))
    assert planned(prices, wished(2), 5, plan, now=0.5, calm=False) == "+.#+."


def test_a_changed_wish_does_not_end_what_must_run_through() -> None:
    prices, plan = priced(5, 5, 1, 1, 1), plan_of(5, (0, 2))
    target = wished(1, Constraints(run_through=True))
    assert planned(prices, target, 5, plan, now=0.5, calm=False) == "##..."


def test_a_plan_that_became_too_dear_goes() -> None:
    """Nothing else is cheap enough, and fewer minutes are better than dear ones."""
    target = wished(2, Constraints(never_beyond=2))
    assert planned(priced(3, 3, 1, 3), target, 4, plan_of(4, (2, 4))) == "..#."


@pytest.mark.parametrize("bounds", [{}, {"shortest_run": HOUR}])
def test_never_means_never_whatever_is_used_in_any_case(bounds) -> None:
    target = wished(1, Constraints(never_beyond=1, always_within=2, **bounds))
    assert planned(priced(1, 2, 3, 1), target, 4) == "#..#"


def test_a_run_that_is_over_counts_as_a_start() -> None:
    prices, plan = priced(1, 3, 1, 3, 1), plan_of(5, (0, 1))
    target = wished(3, Constraints(max_starts=2))
    assert planned(prices, target, 5, plan, now=1.5) == "#-#+."
    assert planned(prices, wished(3, ONE_PIECE), 5, plan, now=1.5) == "#...."


def test_nothing_is_ahead() -> None:
    plan = plan_of(3, (1, 3))
    found = planned_locally(plan, wished(3), priced(1, 1, 1), Situation(at(2)))
    assert found == plan


def test_what_does_not_fit_is_not_squeezed_in_later() -> None:
    """An hour is too short for a run, now and when the plan is made again."""
    prices = priced(1, 1, 5, 1, 1)
    target = wished(3, Constraints(shortest_run=2 * HOUR, never_beyond=2))
    assert planned(prices, target, 5) == "##..."
    assert planned(prices, target, 5, plan_of(5, (0, 2), rate=1), now=1) == "##..."
    assert planned(prices, target, 5, plan_of(5, (0, 2), rate=1), now=2.5) == "##..."


# Whatever is asked

_PRICE = st.one_of(st.sampled_from([0.1, 0.2, 0.3]), st.floats(-0.2, 0.5), st.just(GAP))


@st.composite
def questions(draw) -> tuple[tuple[Slot, ...], DurationTarget, Situation]:
    """Draw prices that end before the period does, a target, and a moment."""
    prices: list[Price] = draw(st.lists(_PRICE, max_size=8))
    constraints = draw(
        st.one_of(
            st.just(UNCONSTRAINED),
            st.builds(
                Constraints,
                one_piece=st.booleans(),
                shortest_run=st.sampled_from([NOTHING, 30 * MINUTE, 90 * MINUTE]),
                shortest_pause=st.sampled_from([NOTHING, 30 * MINUTE, 90 * MINUTE]),
                max_starts=st.sampled_from([None, 1, 2]),
                never_beyond=st.sampled_from([None, None, 0.25, 0.05]),
                always_within=st.sampled_from([None, None, 0.1]),
                preference=st.sampled_from(Preference),
                run_through=st.booleans(),
            ),
        )
    )
    target = wished(
        draw(st.integers(1, 20)) / 2, constraints, segment=draw(st.sampled_from(Segment))
    )
    situation = Situation(
        at(draw(st.integers(0, 17)) / 2),
        unknown=draw(st.booleans()),
        fallback=draw(st.sampled_from([None, None, at(4), at(7.5)])),
    )
    return priced(*prices), target, situation


PERIOD = Span(at(0), at(9))


@given(questions())
@example((priced(0.3, 0.1), wished(8, ONE_PIECE), Situation(at(0), unknown=True)))
def test_a_plan_holds_what_is_wanted_and_no_more(question) -> None:
    prices, target, situation = question
    plan = planned_locally(Plan(PERIOD), target, prices, situation)
    bounds, sign = target.constraints, 1 if target.segment is Segment.LOW else -1
    assert all(one.end <= later.start for one, later in pairwise(plan.windows))
    assert all(PERIOD.start <= one.start and one.end <= PERIOD.end for one in plan.windows)
    assert all(one.start >= situation.now for one in plan.windows)
    if bounds.always_within is None:
        assert plan.length <= target.duration
    unknown = [one for one in plan.windows if one.rate is None]
    assert situation.unknown or not unknown
    if bounds.never_beyond is not None:
        assert not unknown
        parts = [part for one in plan.windows for part in within(prices, one.start, one.end)]
        assert all(sign * part.rate <= sign * bounds.never_beyond for part in parts)
    starts = bounds.starts
    assert starts is None or len(runs(plan.windows)) <= starts


@given(questions(), st.integers(1, 17))
def test_with_nothing_new_a_plan_stays_as_it_is(question, later) -> None:
    """Planned again and again while time goes on, as at a restart or by hand."""
    prices, target, situation = question
    # one to begin at after all known prices
    situation = replace(situation, fallback=situation.fallback and at(8))
    plan = first = planned_locally(Plan(PERIOD), target, prices, situation)
    for moment in range(later):
        now = situation.now + moment * 23 * MINUTE
        plan = planned_locally(plan, target, prices, replace(situation, now=now))
        assert runs(plan.windows) == runs(first.windows)


@given(questions())
def test_the_certain_part_is_the_best_of_what_is_known(question) -> None:
    """Without bounds: what the unknown time cannot hold, in the best of the known time."""
    prices, target, situation = question
    target, situation = replace(target, constraints=UNCONSTRAINED), replace(situation, unknown=True)
    plan = planned_locally(Plan(PERIOD), target, prices, replace(situation, fallback=None))
    known = within(prices, situation.now, PERIOD.end)
    last = max((slot.end for slot in known), default=situation.now)
    tail, room = PERIOD.end - last, PERIOD.end - situation.now
    wanted = min(target.duration, room)
    certain = min(max(wanted - tail, NOTHING), total(known))
    used = within(plan.windows, situation.now, last)
    sign = 1 if target.segment is Segment.LOW else -1
    best = sorted(
        sign * slot.rate for slot in known for _ in range(int(slot.length / (30 * MINUTE)))
    )[: int(certain / (30 * MINUTE))]
    spent = [
        sign * part.rate * (part.length / HOUR)
        for one in used
        for part in within(known, one.start, one.end)
    ]
    assert plan.length == wanted
    assert math.isclose(math.fsum(spent), math.fsum(best) / 2, abs_tol=1e-9)
    # the rest is at the latest
    if total(before(plan.windows, last)) <= certain:
        assert total(within(plan.windows, last, PERIOD.end)) == wanted - certain
        kept = runs(within(plan.windows, last, PERIOD.end))
        assert not kept or (len(kept) == 1 and kept[0].end == PERIOD.end)
