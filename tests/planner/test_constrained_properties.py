"""What holds for every plan of a machine, whatever the question."""

from dataclasses import replace
import math
import random

from hypothesis import assume, given, settings, strategies as st
import pytest

from custom_components.flatpeak.model import (
    Preference,
    Segment,
    Slot,
    Span,
    before,
    total,
    within,
)
from custom_components.flatpeak.planner import arrange

from .drawing import MIDNIGHT, MINUTE, SECOND, is_plan
from .machines import Objective, Question, Rules, odd_question

questions = st.integers(0, 10**9).map(lambda seed: odd_question(random.Random(seed), 90))


def objective(question: Question) -> Objective:
    return Rules(question).objective(question.runs())


@settings(max_examples=200, deadline=None)
@given(questions, st.integers(0, 59), st.integers(0, 59))
def test_moments_need_not_be_full_minutes(question, start_seconds, end_seconds) -> None:
    """Nothing is used that may not be, whatever the moments and the edges of the prices."""
    start = question.start + start_seconds * SECOND
    end = question.end + end_seconds * SECOND
    assume(start < end)
    prices = [
        replace(slot, start=slot.start + 7 * SECOND, end=slot.end + 7 * SECOND)
        for slot in question.prices
    ]
    past = [Span(span.start, span.end + start_seconds * SECOND) for span in question.past[:1]]
    wanted = question.wanted * MINUTE + 13 * SECOND
    selection = arrange(
        prices, wanted, question.segment, question.constraints, start=start, end=end, past=past
    )
    assert is_plan(selection.windows, start, end)
    for window in selection.windows:
        parts = within(prices, window.start, window.end)
        assert total(parts) == window.length
        assert all(part.rate is not None for part in parts)
    if question.constraints.always_within is None:
        assert total(selection.windows) < wanted + MINUTE
    assert selection.shortfall == max(wanted - total(selection.windows), 0 * MINUTE)


@settings(max_examples=200, deadline=None)
@given(questions)
def test_the_dearest_time_is_the_cheapest_of_prices_turned_round(question) -> None:
    def turned(rate: float | None) -> float | None:
        return None if rate is None else -rate

    bounds = question.constraints
    other = replace(
        question,
        prices=tuple(replace(slot, rate=turned(slot.rate)) for slot in question.prices),
        segment=Segment.LOW if question.segment is Segment.HIGH else Segment.HIGH,
        constraints=replace(
            bounds,
            never_beyond=turned(bounds.never_beyond),
            always_within=turned(bounds.always_within),
        ),
    )
    assert question.runs() == other.runs()


@settings(max_examples=200, deadline=None)
@given(questions)
def test_late_is_early_in_a_mirror(question) -> None:
    question = replace(question, past=())
    bounds = question.constraints
    early = bounds.preference is Preference.EARLY
    mirrored = replace(
        question,
        prices=tuple(
            replace(slot, start=question.end - (slot.end - MIDNIGHT),
                    end=question.end - (slot.start - MIDNIGHT))
            for slot in question.prices
        ),
        constraints=replace(bounds, preference=Preference.LATE if early else Preference.EARLY),
    )  # fmt: skip
    count = (question.end - MIDNIGHT) // MINUTE
    backwards = tuple((count - end, count - begin) for begin, end in reversed(mirrored.runs()))
    assert Rules(question).objective(backwards) == objective(question)


@settings(max_examples=200, deadline=None)
@given(questions)
def test_how_prices_are_cut_into_slots_changes_nothing(question) -> None:
    minutes = tuple(
        Slot(slot.start + place * MINUTE, slot.start + (place + 1) * MINUTE, slot.rate)
        for slot in question.prices
        for place in range(slot.length // MINUTE)
    )
    assert replace(question, prices=minutes).runs() == question.runs()


@settings(max_examples=200, deadline=None)
@given(questions)
def test_a_constraint_less_is_never_worse(question) -> None:
    """A start more, or a pause that is shorter, can only help."""
    bounds = replace(
        question.constraints,
        shortest_run=MINUTE,
        max_starts=2,
        one_piece=False,
        run_through=False,
        always_within=None,
    )
    pause = max(bounds.shortest_pause - MINUTE, 0 * MINUTE)
    hard, *easier = (
        objective(replace(question, constraints=some, past=()))
        for some in (bounds, replace(bounds, max_starts=3), replace(bounds, shortest_pause=pause))
    )
    for other in easier:
        assert (other.missing, other.cost if other.missing == hard.missing else -math.inf) <= (
            hard.missing,
            hard.cost,
        )


@settings(max_examples=200, deadline=None)
@given(questions, st.data())
def test_a_plan_is_still_the_best_when_part_of_it_is_over(question, data) -> None:
    """Planned again after any of its runs, what is left costs what it was going to."""
    bounds = replace(question.constraints, always_within=None)
    question = replace(question, constraints=bounds)
    plan = question.answer()
    rules = Rules(question)
    assume(len(plan.windows) > 1)
    now = data.draw(st.sampled_from(plan.windows[:-1])).end
    done = before(plan.windows, now)
    rest = replace(
        question,
        wanted=(question.wanted * MINUTE - total(done)) // MINUTE,
        start=now,
        past=(*question.past, *done),
    )
    later = Rules(rest)
    assume(later.shortest == rules.shortest and not rules.short())
    left = [window for window in plan.windows if window.start > now]
    shift = (now - question.start) // MINUTE
    runs = tuple(
        ((window.start - question.start) // MINUTE - shift,
         (window.end - question.start) // MINUTE - shift)
        for window in left
    )  # fmt: skip
    again = objective(rest)
    assert (again.missing, again.cost, again.runs, again.moments) == pytest.approx(
        (
            later.objective(runs).missing,
            later.objective(runs).cost,
            len(runs),
            later.objective(runs).moments,
        )
    )
