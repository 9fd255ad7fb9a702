"""Schedules by price limit: what an answer means, and the same made locally."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.flatpeak.model import (
    NOTHING,
    WHOLE_DAY,
    Direction,
    Plan,
    PriceCap,
    PriceLimitRequest,
    PriceLimitTarget,
    Segment,
    Slot,
    Source,
    Span,
    before,
    merge,
    runs,
    within,
)
from custom_components.flatpeak.planner import (
    Situation,
    bound_of,
    limit_outstanding,
    limit_planned_locally,
    limit_refitted,
    limit_revised,
    still_within,
)
from custom_components.flatpeak.planner.price_limit import meets

from .drawing import GAP, HOUR, MINUTE, at, draw, priced

LOW, HIGH = Segment.LOW, Segment.HIGH
BELOW = PriceLimitTarget(LOW, Direction.IMPORT, PriceCap(absolute=0.2), WHOLE_DAY)
PERIOD = Span(at(0), at(6))


def within_limit(prices, request: PriceLimitRequest) -> tuple[Slot, ...]:
    """Return all time of a span at or below (above) the limit; the limit itself counts."""
    known = [part for slot in prices if (part := slot.clip(request.span.start, request.span.end))]
    bound = bound_of(request.limit, known)
    return merge(slot for slot in known if meets(slot, bound, request.segment))


def request(limit: PriceCap, segment: Segment = LOW, start: float = 0) -> PriceLimitRequest:
    return PriceLimitRequest(Span(at(start), at(6)), Direction.IMPORT, segment, limit)


def answered(*windows: tuple[float, float], rate: float = 0.1) -> Plan:
    slots = tuple(Slot(at(start), at(end), rate) for start, end in windows)
    return Plan(PERIOD, slots, Source.FLATPEAK)


# The limit


@pytest.mark.parametrize(
    ("limit", "segment", "expected"),
    [
        (PriceCap(absolute=0.2), LOW, "##.#.."),
        (PriceCap(absolute=0.2), HIGH, ".##.##"),
        (PriceCap(absolute=0.19999), LOW, "#..#.."),
        (PriceCap(absolute=-1), LOW, "......"),
        (PriceCap(absolute=-1), HIGH, "######"),
        # from -0.1 to 0.4: half way, on a scale that begins at 0.01, is a little below 0.15
        (PriceCap(relative=0.5), LOW, "#..#.."),
        (PriceCap(relative=0.7), LOW, "##.#.."),
        (PriceCap(relative=0.01), LOW, "...#.."),
        (PriceCap(relative=1), LOW, "######"),
        (PriceCap(relative=1), HIGH, "..#..."),
        (PriceCap(relative=0.01), HIGH, "######"),
        (PriceCap(relative=0.01, absolute=0.2), LOW, "##.#.."),
        (PriceCap(), LOW, "......"),
    ],
)
def test_a_limit(limit, segment, expected) -> None:
    prices = priced(0.1, 0.2, 0.4, -0.1, 0.3, 0.3)
    assert draw(within_limit(prices, request(limit, segment)), 6) == expected


def test_time_whose_price_is_not_known_is_within_no_limit() -> None:
    prices = priced(None, 0.1, GAP, 0.1, None, None)
    assert draw(within_limit(prices, request(PriceCap(absolute=9))), 6) == ".#.#.."
    assert draw(within_limit(prices, request(PriceCap(relative=1))), 6) == ".#.#.."
    assert within_limit(priced(None, None), request(PriceCap(relative=1))) == ()


@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=20),
    st.floats(0.01, 1),
    st.sampled_from(Segment),
)
def test_a_share_is_between_the_lowest_and_the_highest(rates, share, segment) -> None:
    prices = priced(*rates)
    bound = bound_of(PriceCap(relative=share), prices)
    assert min(rates) - 1e-9 <= bound <= max(rates) + 1e-9
    best = min(rates) if segment is LOW else max(rates)
    span = Span(at(0), at(len(rates)))
    found = within_limit(
        prices, PriceLimitRequest(span, Direction.IMPORT, segment, PriceCap(relative=share))
    )
    if segment is LOW or share == 1:
        assert any(rate == best for rate in rates)
        assert found


# An answer


@pytest.mark.parametrize(
    ("now", "keep_running", "start"), [(0.5, True, 2), (0.5, False, 0.5), (2, True, 2)]
)
def test_what_is_asked_for_begins_after_what_runs(now, keep_running, start) -> None:
    asked = limit_outstanding(answered((0, 2)), BELOW, at(now), keep_running=keep_running)
    assert asked == request(BELOW.limit, start=start)


def test_nothing_is_asked_for_once_the_most_is_used_up() -> None:
    plan, target = answered((0, 2), (3, 4)), replace(BELOW, maximum=2 * HOUR)
    assert limit_outstanding(plan, target, at(1)) is None
    assert limit_outstanding(plan, target, at(2)) is None
    assert limit_outstanding(plan, replace(target, maximum=3 * HOUR), at(2)) is not None
    assert limit_outstanding(plan, BELOW, at(6)) is None


def test_an_answer_takes_the_place_of_what_was_planned_ahead() -> None:
    plan = limit_revised(
        answered((0, 1), (2, 3)),
        BELOW,
        priced(GAP, 0.1, GAP, GAP, 0.1),
        request(BELOW.limit, LOW, 1),
    )
    assert draw(plan.windows, 6) == "##..#."
    assert plan.source is Source.FLATPEAK


def test_of_more_than_the_most_the_best_is_used() -> None:
    target = replace(BELOW, maximum=3 * HOUR)
    answer = priced(GAP, 0.15, 0.1, 0.2, 0.05, 0.2)
    plan = limit_revised(answered((0, 1)), target, answer, request(target.limit, LOW, 1))
    assert draw(plan.windows, 6) == "#.#.#."
    above = replace(target, segment=HIGH)
    plan = limit_revised(answered((0, 1)), above, answer, request(target.limit, HIGH, 1))
    assert draw(plan.windows, 6) == "#..#.#"


def test_an_answer_without_prices_is_none() -> None:
    plan = limit_revised(
        answered((0, 1)), BELOW, priced(GAP, None, 0.1), request(BELOW.limit, LOW, 1)
    )
    assert draw(plan.windows, 6) == "#.#..."


# A changed target


def test_another_limit_ends_what_was_planned_and_what_runs() -> None:
    target = replace(BELOW, limit=PriceCap(absolute=0.1))
    plan = limit_refitted(answered((0, 2), (4, 5)), BELOW, target, PERIOD, at(1))
    assert draw(plan.windows, 6) == "#....."
    assert plan.source is None


def test_other_hours_keep_what_fits() -> None:
    period = Span(at(1), at(5))
    plan = limit_refitted(answered((0, 2), (4, 6)), BELOW, BELOW, period, at(0))
    assert draw(plan.windows, 6) == ".#..#."
    assert plan.source is Source.FLATPEAK


def test_switched_off_nothing_is_ahead_but_what_is_over_counts() -> None:
    off = replace(BELOW, enabled=False)
    plan = limit_refitted(answered((0, 2), (4, 6)), BELOW, off, PERIOD, at(1))
    assert draw(plan.windows, 6) == "#....."
    assert plan.source is None


def test_another_period_has_nothing_of_the_old_one() -> None:
    later = Span(at(24), at(30))
    plan = limit_refitted(answered((0, 2), (4, 6)), BELOW, BELOW, later, at(6))
    assert plan == Plan(later)


# Made at home


def home(
    target: PriceLimitTarget, prices, now: float = 0, plan: Plan | None = None, **situation
) -> Plan:
    return limit_planned_locally(
        plan or Plan(PERIOD), target, prices, Situation(at(now), **situation)
    )


@pytest.mark.parametrize(
    ("minimum", "maximum", "expected"),
    [
        (0, None, ".#.#.."),
        (2, 2, ".#.#.."),
        (3, None, "##.#.."),
        (5, None, "####.#"),
        (9, None, "######"),
        (0, 1, "...#.."),
        (1, 1, "...#.."),
        (0, 6, ".#.#.."),
    ],
)
def test_least_and_most(minimum, maximum, expected) -> None:
    target = replace(
        BELOW, minimum=minimum * HOUR, maximum=None if maximum is None else maximum * HOUR
    )
    plan = home(target, priced(0.3, 0.2, 0.35, 0.1, 0.5, 0.4))
    assert draw(runs(plan.windows), 6) == expected
    assert plan.source is Source.PLANNER


def test_a_share_counts_the_prices_of_the_whole_period() -> None:
    """The lowest price is over; what is left is measured by it all the same."""
    target = replace(BELOW, limit=PriceCap(relative=0.5))
    prices = priced(-1, 0.5, 0.2, 0.3, 0.1, 1)
    assert draw(home(target, prices).windows, 6) == "#....."
    assert draw(home(target, prices, now=1).windows, 6) == "......"


def test_what_runs_and_what_is_over_counts_for_the_bounds() -> None:
    target, prices = (
        replace(BELOW, minimum=3 * HOUR, maximum=3 * HOUR),
        priced(0.3, 0.3, 0.3, 0.1, 0.3, 0.25),
    )
    plan = home(target, prices, now=0.5, plan=answered((0, 2)))
    assert draw(runs(plan.windows), 6) == "##.#.."
    plan = home(target, prices, now=0.5, plan=answered((0, 2)), calm=False)
    assert plan.length == 3 * HOUR
    assert draw(runs(plan.windows), 6) == "+..#-#"


def test_what_is_wanted_at_least_is_kept_for_prices_to_come() -> None:
    target = replace(BELOW, minimum=3 * HOUR)
    assert draw(runs(home(target, priced(0.1, 0.4), unknown=True).windows), 6) == "#...##"
    assert draw(runs(home(target, priced(0.1, 0.4)).windows), 6) == "##...."
    assert draw(runs(home(BELOW, priced(0.1, 0.4), unknown=True).windows), 6) == "#....."


_RATE = st.one_of(st.none(), st.sampled_from([0.1, 0.2, 0.3]), st.floats(-0.5, 0.5))


@given(
    st.lists(_RATE, min_size=12, max_size=12),
    st.sampled_from(Segment),
    st.one_of(
        st.builds(lambda rate: PriceCap(absolute=rate), st.sampled_from([-0.1, 0.1, 0.2, 0.3])),
        st.builds(lambda share: PriceCap(relative=share), st.floats(0.01, 1)),
    ),
    st.integers(0, 12),
    st.integers(0, 12),
)
def test_made_at_home_is_what_all_half_hours_say(rates, segment, limit, minimum, more) -> None:
    """Reckoned half hour by half hour, with bounds and without."""
    half = 30 * MINUTE
    prices = priced(*rates, step=half)
    maximum = None if more == 12 else (minimum + more) * half
    target = PriceLimitTarget(segment, Direction.IMPORT, limit, WHOLE_DAY, minimum * half, maximum)
    plan = home(target, [slot for slot in prices if slot.rate is not None])

    sign = 1 if segment is LOW else -1
    known = sorted(sign * rate for rate in rates if rate is not None)
    bound = limit.absolute
    if bound is None and known:
        low, high = sorted((sign * known[0], sign * known[-1]))
        bound = low + (limit.relative - 0.01) / 0.99 * (high - low)
    good = [] if bound is None else [cost for cost in known if cost <= sign * bound + 1e-9]
    count = max(len(good), min(minimum, len(known)))
    if maximum is not None:
        count = min(count, minimum + more)
    assert plan.length == count * half
    parts = [part for one in plan.windows for part in within(prices, one.start, one.end)]
    cost = sum(sign * part.rate * (part.length / half) for part in parts)
    assert cost == pytest.approx(sum(known[:count]))
    assert all(one.rate is not None for one in plan.windows)


@given(
    st.lists(st.floats(-0.5, 0.5), min_size=6, max_size=6), st.integers(1, 11), st.integers(0, 6)
)
def test_an_answer_and_a_plan_at_home_are_the_same(rates, moment, maximum) -> None:
    """What Flatpeak answers later in the night does not change what is made locally now."""
    prices, now = priced(*rates), at(moment / 2)
    target = replace(
        BELOW, limit=PriceCap(absolute=0.1), maximum=maximum * HOUR if maximum else None
    )
    begun = home(target, prices)
    at_home = home(target, prices, now=moment / 2, plan=begun)
    asked = limit_outstanding(begun, target, now)
    if asked is not None:
        # each price for itself, as they are known
        answer = [
            part
            for slot in prices
            for part in within_limit([slot], replace(asked, limit=target.limit))
        ]
        assert runs(limit_revised(begun, target, answer, asked).windows) == runs(at_home.windows)
    assert before(at_home.windows, now) == before(begun.windows, now)
    assert at_home.length >= NOTHING


def test_what_an_answer_does_not_know_stays_as_it_was_planned() -> None:
    answer = priced(GAP, GAP, None, None, 0.1)
    plan = limit_revised(answered((1, 3)), BELOW, answer, request(BELOW.limit))
    assert draw(runs(plan.windows), 6) == "..#.#."


@pytest.mark.parametrize(
    ("limit", "prices", "expected"),
    [
        (0.2, (0.1, 0.2, 0.2, 0.1), ".-#..."),
        (0.2, (0.1, 0.2, 0.3, 0.1), ".-...."),
        (0.1, (0.1, 0.2, 0.1, 0.1), "......"),
        (0.2, (0.1, GAP, 0.1, 0.1), "......"),
        (0.2, (0.1, 0.1), ".-...."),
    ],
)
def test_what_runs_goes_on_as_far_as_it_is_within_another_limit(limit, prices, expected) -> None:
    target = replace(BELOW, limit=PriceCap(absolute=limit))
    plan = answered((0, 3), (3.5, 4))
    assert draw(runs(still_within(plan, target, priced(*prices), at(1.5))), 6) == expected


def test_where_nothing_runs_nothing_goes_on() -> None:
    assert still_within(answered((2, 3)), BELOW, priced(*[0.1] * 6), at(1)) == ()
