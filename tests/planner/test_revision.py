"""How a plan changes, in situations that fit on a line."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.flatpeak.model import (
    Direction,
    DurationRequest,
    Plan,
    Segment,
    Slot,
    Source,
    Span,
)
from custom_components.flatpeak.planner import has_room, outstanding, refitted, revised, survived

from .drawing import (
    GAP,
    HOUR,
    SECOND,
    UNKNOWN,
    at,
    draw,
    planned,
    priced,
    wished,
)


def question(
    hours: float, start: float = 0, end: float = 4, segment: Segment = Segment.LOW
) -> DurationRequest:
    return DurationRequest(Span(at(start), at(end)), Direction.IMPORT, segment, hours * HOUR)


# What is still to be asked for


@pytest.mark.parametrize(
    ("plan", "target", "now", "start", "hours"),
    [
        pytest.param("........", 3, -2, 0, 3, id="before the period: all, from its start"),
        pytest.param("........", 3, 0, 0, 3, id="at its start"),
        pytest.param("........", 3, 2.5, 2.5, 3, id="nothing done: all, from now"),
        pytest.param("##......", 3, 2.5, 2.5, 1, id="delivered time is taken off"),
        pytest.param("##......", 3, 2, 2, 1, id="a window is over at its end"),
        pytest.param("####....", 5, 2, 4, 1, id="what runs counts whole, and is over first"),
        pytest.param("#.##....", 5, 2, 4, 2, id="delivered and running"),
        pytest.param("....##..", 3, 2, 2, 3, id="planned is not delivered"),
        pytest.param("##..##..", 3, 2, 2, 1, id="planned time is asked for again"),
        pytest.param("..##....", 3, 2, 4, 1, id="a window runs from its first second"),
        pytest.param("........", 20, 7, 7, 1, id="no more than there is room for"),
    ],
)
def test_asks_for_what_is_missing_in_what_is_left(plan, target, now, start, hours) -> None:
    asked = outstanding(planned(plan), wished(target, Segment.HIGH, Direction.EXPORT), at(now))
    assert asked == DurationRequest(
        Span(at(start), at(8)), Direction.EXPORT, Segment.HIGH, hours * HOUR
    )


@pytest.mark.parametrize(
    ("plan", "target", "now"),
    [
        pytest.param("###.....", 3, 5, id="all delivered"),
        pytest.param("####....", 3, 5, id="more than all delivered"),
        pytest.param("###.....", 3, 1, id="the last window runs"),
        pytest.param("........", 0, 1, id="nothing is wished"),
        pytest.param("........", 3, 8, id="the period is over"),
        pytest.param("........", 3, 20, id="the period is long over"),
        pytest.param("......##", 3, 7, id="what runs, runs to the end of the period"),
    ],
)
def test_asks_for_nothing(plan, target, now) -> None:
    assert outstanding(planned(plan), wished(target), at(now)) is None


def test_a_running_window_can_be_asked_about_as_well() -> None:
    """A changed target takes effect on it too: only what it has delivered counts."""
    asked = outstanding(planned("####...."), wished(5), at(1), keep_running=False)
    assert asked.span == Span(at(1), at(8))
    assert asked.duration == 4 * HOUR


@pytest.mark.parametrize("fraction", [timedelta(microseconds=1), timedelta(microseconds=999999)])
def test_requests_know_whole_seconds(fraction) -> None:
    asked = outstanding(planned("........"), wished(3), at(1) + fraction)
    assert asked.span.start == at(1) + SECOND
    assert asked.duration == 3 * HOUR


def test_the_second_that_is_asked_for_next_is_no_time_delivered_twice() -> None:
    running = outstanding(
        planned("####...."), wished(5), at(1) + timedelta(microseconds=1), keep_running=False
    )
    assert running.span.start == at(1) + SECOND
    assert running.duration == 5 * HOUR - (HOUR + SECOND)


def test_the_last_part_of_a_second_is_not_asked_about() -> None:
    assert outstanding(planned("...."), wished(3), at(4) - timedelta(microseconds=1)) is None


# Whether prices to come could still help


@pytest.mark.parametrize(
    ("plan", "target", "now", "expected"),
    [
        pytest.param("##......", 3, 3, True, id="an hour is missing, and five are left"),
        pytest.param("###.....", 3, 3, False, id="nothing is missing"),
        pytest.param("####....", 3, 3, False, id="more than enough"),
        pytest.param("........", 0, 3, False, id="nothing is wished"),
        pytest.param("......##", 3, 6, False, id="what is left is planned already"),
        pytest.param("......#+", 3, 6, True, id="half an hour of it is not"),
        pytest.param("##......", 9, -2, True, id="the period is to come"),
        pytest.param("########", 9, -2, False, id="more than the period holds"),
        pytest.param("##......", 3, 8, False, id="the period is over"),
        pytest.param("##......", 3, 9, False, id="long over"),
    ],
)
def test_time_is_missing_that_the_period_still_has(plan, target, now, expected) -> None:
    assert has_room(planned(plan), wished(target), at(now)) is expected


# What an answer may alter


@pytest.mark.parametrize(
    ("plan", "answer", "hours", "expected"),
    [
        pytest.param("....", (UNKNOWN, 10, GAP, GAP), 1, ".#..", id="the first answer is a plan"),
        pytest.param("....", (GAP,) * 4, 1, "....", id="an empty one is an empty plan"),
        pytest.param("#...", (30, GAP, GAP, 20), 1, "...#", id="cheaper"),
        pytest.param("#...", (30, GAP, 30, GAP), 1, "#...", id="of two that cost the same: as is"),
        pytest.param("#...", (GAP, GAP, 30, GAP), 1, "#...", id="no cheaper"),
        pytest.param("#...", (GAP, GAP, 40, GAP), 1, "#...", id="dearer"),
        pytest.param("#...", (GAP, GAP, 40, 40), 2, "..##", id="more time, though dearer"),
        pytest.param("##..", (GAP, GAP, 10, GAP), 2, "##..", id="less time, though cheaper"),
        pytest.param("##..", (GAP,) * 4, 2, "##..", id="no time at all"),
        pytest.param("#...", (UNKNOWN,) * 4, 1, "#...", id="prices nobody knows"),
        pytest.param("##..", (GAP, 50, 50, GAP), 2, "##..", id="partly the same"),
    ],
)
def test_an_answer_that_is_no_better_changes_nothing(plan, answer, hours, expected) -> None:
    new = revised(planned(plan, priced(30, 30, 30, 30)), priced(*answer), question(hours))
    assert draw(new.windows, 4) == expected
    assert new.source is Source.FLATPEAK
    assert new.period == planned(plan).period


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        pytest.param((30, 1.0), (20, 1.0), "..#.", id="certain and cheaper"),
        pytest.param((30, 1.0), (20, 0.9), "#...", id="a cheap forecast is no better"),
        pytest.param((30, 0.9), (40, 1.0), "..#.", id="certain beats a forecast that is cheaper"),
        pytest.param((30, 0.6), (40, 0.6), "..#.", id="a forecast gives way to a newer one"),
        pytest.param((30, 0.6), (40, 0.8), "..#.", id="and to a surer one"),
        pytest.param((30, 0.6), (20, 0.5), "#...", id="not to a less sure one"),
        pytest.param((30, 1.0), (29.99999, 1.0), "#...", id="a gain lost in rounding is none"),
        pytest.param((30, 1.0), (29.99, 1.0), "..#.", id="a cent is a gain"),
    ],
)
def test_certain_prices_come_before_forecasts(was, now, expected) -> None:
    old = planned("#...", priced(was[0]), confidence=was[1])
    answer = (Slot(at(2), at(3), *now),)
    assert draw(revised(old, answer, question(1)).windows, 4) == expected


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        pytest.param(40, "..#.", id="dearer is better"),
        pytest.param(30, "#...", id="the same"),
        pytest.param(20, "#...", id="cheaper is worse"),
    ],
)
def test_high_wants_the_dearest(rate, expected) -> None:
    old = planned("#...", priced(30))
    asked = question(1, segment=Segment.HIGH)
    assert draw(revised(old, (Slot(at(2), at(3), rate),), asked).windows, 4) == expected


def test_the_same_windows_take_the_new_prices() -> None:
    old = planned("#...", priced(30), confidence=0.6)
    (window,) = revised(old, priced(35), question(1)).windows
    assert (window.rate, window.confidence) == (35, 1.0)


def test_a_hasty_revision_takes_what_it_gets() -> None:
    """After a changed target the old plan answers another question."""
    old = planned("##..", priced(10, 10))
    dearer = revised(old, priced(GAP, GAP, 40, GAP), question(1), calm=False)
    assert draw(dearer.windows, 4) == "..#."
    assert revised(old, (), question(1), calm=False).windows == ()


def test_too_long_a_plan_is_no_better_for_it() -> None:
    old = planned("###.", priced(10, 10, 10))
    assert draw(revised(old, priced(GAP, GAP, GAP, 40), question(1)).windows, 4) == "...#"


def test_an_empty_answer_does_not_end_a_plan_that_is_too_long() -> None:
    old = planned("###.", priced(10, 10, 10))
    assert draw(revised(old, (), question(1)).windows, 4) != "...."


def test_of_an_answer_that_holds_more_the_best_is_used() -> None:
    """One slot of five and a half hours for an hour asked, as in the documentation."""
    answer = (Slot(at(-1), at(1), 30), Slot(at(1), at(4.5), 20))
    (window,) = revised(planned("...."), answer, question(1)).windows
    assert (window.start, window.end, window.rate) == (at(1), at(2), 20)


def test_what_lies_outside_the_question_is_left_alone() -> None:
    answer = (Slot(at(-3), at(0.5), 1), Slot(at(3.5), at(9), 2))
    assert draw(revised(planned("...."), answer, question(3)).windows, 4) == "+..-"


@pytest.mark.parametrize(
    ("plan", "answer", "start", "hours", "expected"),
    [
        pytest.param("##......", (GAP,) * 5 + (5,), 2, 1, "##...#..", id="delivered"),
        pytest.param("##..#...", (GAP,) * 5 + (5,), 2, 1, "##...#..", id="planned anew"),
        pytest.param("##......", (GAP,) * 2 + (5,), 2, 1, "###.....", id="they may touch"),
        pytest.param("####....", (5,) * 4, 4, 1, "####....", id="an answer about the past"),
        pytest.param("####....", (5,) * 6, 2, 2, "####....", id="a window on both sides of now"),
    ],
)  # fmt: skip
def test_what_was_before_the_question_stays(plan, answer, start, hours, expected) -> None:
    old = planned(plan, priced(*[30] * 8))
    new = revised(old, priced(*answer), question(hours, start, 8))
    assert draw(new.windows, 8) == expected


# What is left of a plan under a changed target


def refit(plan: Plan, target, now: float, period: Span | None = None, old=None) -> Plan:
    return refitted(plan, old or target, target, period or plan.period, at(now))


PRICED = priced(10, 20, 30, 40, 10, 20, 30, 40)


@pytest.mark.parametrize(
    ("plan", "hours", "now", "expected"),
    [
        pytest.param("##..##..", 4, 0, "##..##..", id="the same wish: the same plan"),
        pytest.param("##..##..", 9, 0, "##..##..", id="a larger wish has to ask first"),
        pytest.param("#.#.#...", 2, -1, "#...#...", id="a smaller one is cut where it costs most"),
        pytest.param("#.#.#...", 1, 1, "#.......", id="what was delivered was delivered"),
        pytest.param("###.....", 1, 2, "##......", id="even when it is too much"),
        pytest.param("##......", 0.5, 0.5, "+.......", id="the running window stops at once"),
        pytest.param("####....", 3, 1, "###.....", id="or earlier than it would"),
        pytest.param("....##..", 0, 2, "........", id="nothing is wished any more"),
    ],
)
def test_a_changed_wish_cuts_the_plan_at_once(plan, hours, now, expected) -> None:
    new = refit(planned(plan, PRICED), wished(hours), now)
    assert draw(new.windows, 8) == expected
    assert new.source is Source.FLATPEAK


def test_a_wish_for_dear_time_is_cut_where_it_is_cheapest() -> None:
    new = refit(planned("#..#....", PRICED), wished(1, Segment.HIGH), -1)
    assert draw(new.windows, 8) == "...#...."


def test_a_disabled_wish_keeps_only_what_was_delivered() -> None:
    new = refit(planned("##..##..", PRICED), wished(4, enabled=False), 1.5)
    assert draw(new.windows, 8) == "#+......"


@pytest.mark.parametrize(
    ("period", "now", "expected"),
    [
        pytest.param((0, 5), 0, "##..#...", id="it ends earlier"),
        pytest.param((1, 8), 0, ".#..##..", id="it starts later"),
        pytest.param((1, 8), 1, "##..##..", id="what was delivered before its start counts"),
        pytest.param((3, 5), 4.5, "##..#...", id="both"),
        pytest.param((5, 12), 4.5, "##..+#..", id="a part of the running window"),
    ],
)
def test_another_period_keeps_what_fits(period, now, expected) -> None:
    span = Span(at(period[0]), at(period[1]))
    new = refit(planned("##..##..", PRICED), wished(4), now, span)
    assert draw(new.windows, 8) == expected
    assert new.period == span
    assert new.source is Source.FLATPEAK


@pytest.mark.parametrize("hours", [8, 24])
def test_a_period_that_only_comes_after_starts_afresh(hours) -> None:
    """Touching is no overlap: last night's minutes are not tonight's."""
    span = Span(at(hours), at(hours) + 8 * HOUR)
    assert refit(planned("##..####", PRICED), wished(8), 7, span) == Plan(span)


def test_a_plan_that_fits_is_not_touched() -> None:
    plan = replace(planned("##..##..", PRICED), source=Source.RESTORED)
    assert refit(plan, wished(4), 1.5) == plan


# What is left after nobody was there to switch


@pytest.mark.parametrize(
    ("plan", "stopped", "now", "expected"),
    [
        pytest.param("##......", 3, 5, "##......", id="over before the stop: delivered"),
        pytest.param("....##..", 1, 2, "....##..", id="still to come"),
        pytest.param("..####..", 3, 5, "..####..", id="it had begun: it stays switched on"),
        pytest.param("..####..", 2, 5, "..####..", id="it began at that very moment"),
        pytest.param("..##....", 3, 7, "..##....", id="it had begun and has ended since"),
        pytest.param("..####..", 1, 4, "....##..", id="it began since: missed up to now"),
        pytest.param("..##....", 1, 5, "........", id="it came and went: missed"),
        pytest.param("..##....", 1, 4, "........", id="it ended just now: missed"),
        pytest.param("#.#.#.##", 0.5, 4, "#...#.##", id="all of that"),
    ],
)
def test_time_that_was_missed_is_no_time_delivered(plan, stopped, now, expected) -> None:
    old = planned(plan, PRICED)
    new = replace(old, windows=survived(old.windows, at(stopped), at(now)))
    assert draw(new.windows, 8) == expected
    assert (new.period, new.source) == (old.period, old.source)


def test_missed_time_is_asked_for_again() -> None:
    plan = planned("#.##....", PRICED)
    left = replace(plan, windows=survived(plan.windows, at(1), at(5)))
    assert outstanding(left, wished(3), at(5)).duration == 2 * HOUR
