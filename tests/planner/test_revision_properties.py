"""What holds however a night goes: any answers, at any moments, with any target."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given, settings, strategies as st

from custom_components.flatpeak.model import (
    DurationTarget,
    Plan,
    Segment,
    Slot,
    Span,
    merge,
    total,
    within,
)
from custom_components.flatpeak.planner import outstanding, refitted, revised, survived

from .drawing import MIDNIGHT, MINUTE, at, is_plan, wished

PERIOD = Span(MIDNIGHT, at(9))
QUARTER = 15 * MINUTE


@dataclass(frozen=True)
class Turn:
    """Some time goes by, then an answer comes."""

    later: timedelta
    answer: tuple[Slot, ...]


def quarters(pattern: Sequence[tuple[float | None, float] | None]) -> tuple[Slot, ...]:
    return tuple(
        Slot(at(-0.5) + index * QUARTER, at(-0.5) + (index + 1) * QUARTER, *priced)
        for index, priced in enumerate(pattern)
        if priced is not None
    )


prices = st.tuples(st.sampled_from((None, -1, 1, 2, 3)), st.sampled_from((1, 1, 0.6)))
answers = st.lists(st.none() | prices, max_size=40).map(quarters)
turns = st.lists(
    st.builds(
        Turn, st.integers(0, 4 * 3600 * 10).map(lambda x: timedelta(milliseconds=100 * x)), answers
    ),
    max_size=8,
)
targets = st.builds(wished, st.sampled_from((0, 0.5, 1, 3, 3.7, 9, 12)), st.sampled_from(Segment))


def begun(plan: Plan, now: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """Return the windows up to now."""
    return tuple((part.start, part.end) for part in within(plan.windows, at(-99), now))


def spans(windows: Sequence[Span]) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((window.start, window.end) for window in windows)


def answered(plan: Plan, target: DurationTarget, now: datetime, answer: Sequence[Slot]) -> Plan:
    """Ask, when there is something to ask, and work the answer in."""
    request = outstanding(plan, target, now)
    return revised(plan, answer, request) if request else plan


def check(plan: Plan, target: DurationTarget) -> None:
    assert is_plan(plan.windows, PERIOD.start, PERIOD.end)
    assert plan.length <= target.duration
    assert all(window.rate is not None for window in plan.windows)


@settings(max_examples=200, deadline=None)
@given(targets, turns)
def test_whatever_answers_come_what_has_begun_goes_on(target, turns) -> None:
    plan, now = Plan(PERIOD), at(-1)
    for turn in turns:
        now += turn.later
        new = answered(plan, target, now, turn.answer)
        check(new, target)
        assert begun(new, now) == begun(plan, now)
        running = next((window for window in plan.windows if window.contains(now)), None)
        if running:
            assert any(w.start == running.start and w.end >= running.end for w in new.windows)
        # more of the target may be placed as the night goes on, never less
        assert new.length >= plan.length
        plan = new


@settings(max_examples=100, deadline=None)
@given(targets, turns, turns)
def test_an_answer_that_comes_twice_changes_nothing(target, before, turns) -> None:
    plan, now = Plan(PERIOD), at(-1)
    for turn in before[:2]:
        now += turn.later
        once = answered(plan, target, now, turn.answer)
        assert spans(answered(once, target, now, turn.answer).windows) == spans(once.windows)
        plan = once


@settings(max_examples=150, deadline=None)
@given(targets, st.lists(targets, min_size=1, max_size=4), turns)
def test_a_changed_wish_never_undoes_what_was_delivered(target, others, turns) -> None:
    plan, now = Plan(PERIOD), at(-1)
    for turn, changed in zip(turns, others, strict=False):
        plan = answered(plan, target, now, turn.answer)
        now += turn.later
        new = refitted(plan, changed, changed, PERIOD, now)
        assert begun(new, now) == begun(plan, now)
        assert is_plan(new.windows, PERIOD.start, PERIOD.end)
        delivered = total(within(plan.windows, PERIOD.start, now))
        assert new.length <= max(changed.duration, delivered)
        # nothing is made up before anybody is asked
        assert merge((*plan.windows,)) == plan.windows
        assert total(new.windows) == sum(
            (total(within(plan.windows, w.start, w.end)) for w in new.windows), timedelta(0)
        )
        plan, target = new, changed


@settings(max_examples=100, deadline=None)
@given(targets, answers, st.floats(-1, 10), st.floats(0, 10))
def test_what_was_missed_is_planned_again_where_there_is_time(target, answer, stopped, off) -> None:
    plan = answered(Plan(PERIOD), target, at(-1), answer)
    gone, back = at(stopped), at(stopped + off)
    left = replace(plan, windows=survived(plan.windows, gone, back))
    assert begun(left, gone) == begun(plan, gone)
    assert spans(within(left.windows, back, at(99))) == spans(within(plan.windows, back, at(99)))
    new = answered(left, target, back, answer)
    check(new, target)
    assert new.length >= left.length
