"""How an answer to several schedules by amount is worked in, in situations that fit on a line."""

from dataclasses import dataclass, replace
import math

import pytest

from custom_components.flatpeak.model import (
    NEGLIGIBLE,
    AmountPlan,
    DeviceSchedule,
    Direction,
    Source,
    Span,
    within,
)
from custom_components.flatpeak.planner import (
    Question,
    combined,
    displaced,
    joined,
    within_power_limits,
)

from .drawing import SECOND, at
from .drawing_amount import (
    answer_of,
    answer_with,
    draw_power,
    plan_of,
    powered,
    question_of,
    shape,
    slot,
    wish_for,
)

IMPORT, EXPORT = Direction.IMPORT, Direction.EXPORT


def one(
    question: Question, answer: DeviceSchedule | None, now: float, limit: float = math.inf
) -> AmountPlan:
    """Work in the answer to one schedule."""
    limits = {} if limit == math.inf else {question.target.direction: limit}
    answers = {} if answer is None else {"car": answer}
    return combined({"car": question}, answers, limits, at(now))["car"]


# One schedule


@pytest.mark.parametrize(
    ("plan", "energy", "now", "answer", "expected"),
    [
        pytest.param("........", 10, -1, "..55....", "..55....", id="the first answer"),
        pytest.param("........", 10, -1, "..73....", "..73....", id="at more than one power"),
        pytest.param("55......", 10, -1, "..55....", "..55....", id="a better one"),
        pytest.param("55..55..", 20, 2, ".....55.", "55...55.", id="what is over stays"),
        pytest.param("5555....", 20, 1, ".....555", "5555....", id="what runs goes on to its end"),
        pytest.param("2255....", 14, 1, ".....6..", "2255....", id="at whatever power it runs"),
        pytest.param("55..55..", 20, 0, "......55", "55....55", id="it runs from its first second"),
        pytest.param("55..55..", 20, 2, "......55", "55....55", id="at its end it is over"),
        pytest.param("55......", 15, 1, "..5.....", "555.....", id="the rest comes after it"),
        pytest.param("55......", 15, 1, ".77.....", "55?.....", id="in its time it has its power"),
        pytest.param("........", 10, -1, "..5555..", "..55....", id="more energy than asked"),
        pytest.param("........", 10, -1, "..5.7...", "..5.?...", id="no more than that"),
        pytest.param("........", 10, 3, "..5555..", "...55...", id="nothing in the past"),
        pytest.param("........", 20, 3, "......5555", "......55", id="nothing after the period"),
        pytest.param("........", 20, 8, "55555555", "........", id="the period is over"),
        pytest.param("........", 20, 20, "55555555", "........", id="long over"),
        pytest.param("5555....", 5, 2, "55555555", "55......", id="nothing is missing: it stops"),
        pytest.param("..55....", 0, -1, "..55....", "........", id="nothing is wanted any more"),
    ],
)  # fmt: skip
def test_an_answer_is_worked_in(plan, energy, now, answer, expected) -> None:
    """The plan rests on forecasts, so that any answer is better."""
    old = plan_of(plan, 0.2, 0.8)
    new = one(question_of(wish_for(energy), old, at(now)), answer_of(answer), now)
    assert draw_power(new.windows, 12) == expected.ljust(12, ".")
    assert new.period == old.period
    assert new.source is Source.FLATPEAK


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(".77.....", ((0, 2, 5), (2, 2 + 5 / 7, 7)), id="cut where the run ends"),
        pytest.param("..5.7...", ((0, 3, 5),), id="the last part is not needed"),
        pytest.param("..4.7...", ((0, 2, 5), (2, 3, 4), (4, 4 + 1 / 7, 7)), id="in part"),
    ],
)
def test_energy_is_counted_and_what_is_too_much_is_cut(answer, expected) -> None:
    new = one(question_of(wish_for(15), plan_of("55......"), at(1)), answer_of(answer), 1)
    for part, wanted in zip(shape(new.windows), expected, strict=True):
        assert part == pytest.approx(wanted, abs=1e-9)
    assert new.energy == pytest.approx(15)


@pytest.mark.parametrize(
    ("plan", "energy", "answer", "rate", "expected"),
    [
        pytest.param("55......", 10, "..55....", 0.3, "55......", id="dearer"),
        pytest.param("55......", 10, "..55....", 0.2, "55......", id="the same price"),
        pytest.param("55......", 10, "..55....", 0.199999, "55......", id="lost in rounding"),
        pytest.param("55......", 10, "..55....", 0.19, "..55....", id="cheaper"),
        pytest.param("55......", 10, "..33....", 0.1, "55......", id="less energy, though cheaper"),
        pytest.param("33......", 10, "..55....", 0.9, "..55....", id="more energy, though dearer"),
        pytest.param("55......", 10, "........", 0.1, "55......", id="nothing at all"),
        pytest.param("7777....", 10, "....55..", 0.9, "....55..", id="it held more than that"),
        pytest.param("55......", 10, "..55....", None, "55......", id="at a price nobody knows"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_better_changes_nothing(plan, energy, answer, rate, expected) -> None:
    old = plan_of(plan)
    new = one(question_of(wish_for(energy), old, at(-1)), answer_of(answer, rate), -1)
    assert draw_power(new.windows, 8) == expected
    if draw_power(old.windows, 8) == expected:
        assert new == old


@pytest.mark.parametrize("now", [0, 1, 2])
def test_a_certain_plan_that_has_begun_goes_on(now) -> None:
    """An answer has one price for all: what is left of it may well cost more, or less."""
    question = question_of(wish_for(20), plan_of("55..55.."), at(now))
    expected = {0: "55....55"}.get(now, "55..55..")
    assert draw_power(one(question, answer_of("......55"), now).windows, 8) == expected


@pytest.mark.parametrize("news", [True, False])
def test_when_there_are_news_a_plan_that_has_begun_is_planned_anew(news) -> None:
    """Only what runs stays. Without news the certain prices are the same as before."""
    question = question_of(wish_for(20), plan_of("55..55.."), at(1))
    for rate in (0.1, 0.9):
        plans = combined(
            {"car": question}, {"car": answer_of("......55", rate)}, {}, at(1), news=news
        )
        assert draw_power(plans["car"].windows, 8) == ("55....55" if news else "55..55..")


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        pytest.param(0.3, "..55....", id="dearer is better"),
        pytest.param(0.2, "55......", id="the same"),
        pytest.param(0.1, "55......", id="cheaper is worse"),
    ],
)
def test_what_is_sold_is_sold_dear(rate, expected) -> None:
    question = question_of(wish_for(10, direction=EXPORT), plan_of("55......"), at(-1))
    assert draw_power(one(question, answer_of("..55....", rate), -1).windows, 8) == expected


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        pytest.param((0.30, 1.0), (0.20, 1.0), "..55", id="certain and cheaper"),
        pytest.param((0.30, 1.0), (0.20, 0.9), "55..", id="a cheap forecast is no better"),
        pytest.param((0.30, 0.9), (0.40, 1.0), "..55", id="certain beats a forecast"),
        pytest.param((0.30, 0.6), (0.40, 0.6), "..55", id="a forecast gives way to a newer one"),
        pytest.param((0.30, 0.6), (0.40, 0.8), "..55", id="and to a surer one"),
        pytest.param((0.30, 0.6), (0.20, 0.5), "55..", id="not to a less sure one"),
        pytest.param((None, 1.0), (0.20, 1.0), "55..", id="to be better than nobody knows what"),
    ],
)
def test_certain_prices_come_before_forecasts(was, now, expected) -> None:
    question = question_of(wish_for(10), plan_of("55..", *was), at(-1))
    assert draw_power(one(question, answer_of("..55", *now), -1).windows, 4) == expected


def test_a_forecast_gives_way_to_certain_prices_that_leave_less() -> None:
    """What turned out to be above the price cap is not bought on an outdated forecast."""
    question = question_of(wish_for(20), plan_of("5555....", 0.15, 0.8), at(-1))
    new = one(question, answer_of("..55....", 0.1, 1.0), -1)
    assert draw_power(new.windows, 8) == "..55...."
    assert new.confidence == 1


@pytest.mark.parametrize("now", [-1, 0.5])
def test_an_empty_answer_does_not_take_a_forecast_away(now) -> None:
    """Whether or not it runs: there is nothing that could take its place."""
    question = question_of(wish_for(20), plan_of("55..55..", 0.15, 0.8), at(now))
    new = one(question, answer_of("........"), now)
    assert draw_power(new.windows, 8) == "55..55.."


def test_what_rests_on_unknown_prices_is_not_used() -> None:
    known, unknown = powered("55......"), powered("..55....", None, 0.0)
    question = question_of(wish_for(20), plan_of("........"), at(-1))
    new = one(question, answer_with((*known, *unknown)), -1)
    assert draw_power(new.windows, 8) == "55......"


def test_after_a_changed_wish_nothing_has_to_be_kept() -> None:
    old = plan_of("5555....", 0.1)
    changed = question_of(wish_for(20), old, at(1), fresh=True)
    new = one(changed, answer_of(".....555", 0.9), 1)
    assert draw_power(new.windows, 8) == "5....555"
    assert draw_power(one(changed, answer_of("........", 0.9), 1).windows, 8) == "5......."


def test_without_an_answer_a_plan_stays() -> None:
    for old in (plan_of("5555...."), plan_of("........"), plan_of("..5..555", 0.1, 0.5)):
        for now in (-1, 0, 1.5, 4):
            assert one(question_of(wish_for(20), old, at(now)), None, now) == old


def test_nothing_was_answered_as_long_as_nobody_answered() -> None:
    question = question_of(wish_for(20), plan_of("........"), at(1))
    assert one(question, None, 1).source is None
    assert one(question, answer_of("........"), 1).source is Source.FLATPEAK
    # who needs nothing has a plan: nothing
    done = question_of(wish_for(20), plan_of("........"), at(1), needed=0)
    assert one(done, None, 1).source is Source.FLATPEAK
    off = question_of(wish_for(20, enabled=False), plan_of("........"), at(1), needed=0)
    assert one(off, None, 1).source is None


def test_a_restored_plan_is_flatpeaks_once_it_is_answered() -> None:
    old = replace(plan_of("..55...."), source=Source.RESTORED)
    new = one(question_of(wish_for(10), old, at(1)), answer_of("....55..", 0.9), 1)
    assert new == replace(old, source=Source.FLATPEAK)


@pytest.mark.parametrize(
    ("plan", "energy", "answer", "expected"),
    [
        pytest.param("33......", 20, ".777....", "3377....", id="the rest has room after it"),
        pytest.param("33......", 24, ".777....", "3777....", id="it has not: what runs gets more"),
        pytest.param("3333....", 24, ".777....", "3777....", id="all of what runs"),
        pytest.param("3333....", 16, ".77.....", "3733....", id="as long as it has to"),
        pytest.param("3333....", 18, ".77.....", "37?3....", id="to the minute"),
        pytest.param("7777....", 35, ".3333333", "777733?.", id="what runs never gets less"),
    ],
)
def test_what_runs_may_get_more_where_the_rest_would_be_left_out(
    plan, energy, answer, expected
) -> None:
    new = one(question_of(wish_for(energy), plan_of(plan), at(1)), answer_of(answer), 1)
    assert draw_power(new.windows, 8) == expected


def test_of_several_powers_in_a_row_the_run_is_the_whole() -> None:
    """Windows that touch are one run, however they are cut and whatever they cost."""
    windows = (slot(0, 1, 5, 0.1), slot(1, 2, 3, 0.2), slot(2, 3, 5, 0.3, 0.9), slot(4, 5, 5))
    old = replace(plan_of("........"), windows=windows, source=Source.FLATPEAK)
    new = one(question_of(wish_for(18), old, at(0.5)), answer_of(".......5", 0.01), 0.5)
    assert draw_power(new.windows, 8) == "535....5"


# What the device can


@pytest.mark.parametrize(
    ("answer", "maximum", "minimum", "expected"),
    [
        pytest.param("..77....", 5, 0, ((2, 4, 5),), id="more power than it has"),
        pytest.param("..2222..", 9, 4, ((2, 4, 4),), id="too little: the same energy, sooner"),
        pytest.param("..2.2...", 9, 4, ((2, 2.5, 4), (4, 4.5, 4)), id="each part by itself"),
        pytest.param("..44....", 9, 4, ((2, 4, 4),), id="its least is enough"),
        pytest.param("..77....", 5, 5, ((2, 4, 5),), id="it knows one power only"),
        pytest.param("..77....", 4, 5, (), id="it cannot run at all"),
    ],
)
def test_a_device_is_asked_for_what_it_can(answer, maximum, minimum, expected) -> None:
    question = question_of(wish_for(20, 9), plan_of("........"), at(-1))
    question = replace(
        question,
        target=wish_for(20, maximum, minimum),
        demand=replace(question.demand, max_power=maximum, min_power=minimum),
    )
    assert shape(one(question, answer_of(answer), -1).windows) == expected


def test_power_a_hair_below_the_least_makes_no_gap() -> None:
    """An answer in whole seconds runs a little lower where it had to become longer."""
    question = question_of(wish_for(10, 5, 5), plan_of("........"), at(-1))
    answer = answer_with((slot(1, 2, 4.9999), slot(2, 3, 4.99995)))
    ((start, end, power),) = shape(one(question, answer, -1).windows)
    assert (start, power) == (1, 5)
    assert end == pytest.approx(3, abs=NEGLIGIBLE / 5)


def test_energy_too_little_to_tell_is_no_reason_to_run() -> None:
    """Of ten kWh that were asked for, five thousandths are left for the last part."""
    question = question_of(wish_for(10), plan_of("........"), at(-1))
    answer = answer_with((slot(0, 1, 9), slot(2, 3, 0.995), slot(4, 5, 3)))
    assert shape(one(question, answer, -1).windows) == ((0, 1, 9), (2, 3, 0.995))


# Prices


def test_the_same_windows_take_the_news_of_their_price() -> None:
    question = question_of(wish_for(10), plan_of("..55....", 0.3, 0.6), at(-1))
    (window,) = one(question, answer_of("..55....", 0.35, saved=0.01), -1).windows
    assert (window.rate, window.confidence, window.saved) == (0.35, 1.0, 0.01)


@pytest.mark.parametrize("parts", ["..5..5..", "..55...."])
def test_an_answer_cut_into_quarters_is_the_same_answer(parts) -> None:
    """Flatpeak's parts follow the prices; a plan joins those that are alike."""
    old = plan_of(parts, 0.3, 0.6)
    quarters = [
        part
        for quarter in range(32)
        for part in within(powered(parts, 0.35), at(quarter / 4), at((quarter + 1) / 4))
    ]
    new = one(question_of(wish_for(10), old, at(-1)), answer_with(quarters), -1)
    assert new.windows == powered(parts, 0.35)


def test_what_runs_takes_the_news_of_its_price() -> None:
    question = question_of(wish_for(20), plan_of("5555....", 0.3, 0.6), at(1))
    past, rest = one(question, answer_of(".555....", 0.35, saved=0.01), 1).windows
    assert (past.rate, past.confidence, past.saved) == (0.3, 0.6, None)
    assert (rest.rate, rest.confidence, rest.saved) == (0.35, 1.0, 0.01)
    assert shape((past, rest)) == ((0, 4, 5),)


def test_what_runs_takes_the_news_though_questions_know_whole_seconds_only() -> None:
    now = at(1) + SECOND / 3
    question = question_of(wish_for(20), plan_of("5555....", 0.3, 0.6), now)
    assert question.demand.span.start == at(1) + SECOND
    answer = answer_with([replace(slot(1, 4, 5, 0.35), start=at(1) + SECOND)])
    new = combined({"car": question}, {"car": answer}, {}, now)["car"]
    assert shape(new.windows) == ((0, 4, 5),)
    assert [(part.rate, part.confidence) for part in new.windows] == [(0.3, 0.6), (0.35, 1.0)]
    assert new.windows[-1].start == now


def test_what_runs_keeps_its_price_where_the_answer_has_none() -> None:
    question = question_of(wish_for(20), plan_of("5555....", 0.3, 0.6), at(1))
    for answer in (answer_of("........"), answer_of(".555....", None), answer_of(".555....", 9, 0)):
        new = one(question, answer, 1)
        assert new.windows == question.plan.windows


def test_asking_again_does_not_change_what_a_certain_plan_costs() -> None:
    """An answer has one price for all its time: here hours that cost 0.10 and 0.30.

    What is left of the plan is dearer than all of it was, but nothing has become dearer.
    """
    question = question_of(wish_for(10), plan_of("5..5....", 0.2, saved=0.04), at(0.5))
    slots = (slot(0.5, 1, 5, 0.7 / 3, saved=0.05), slot(3, 4, 5, 0.7 / 3, saved=0.05))
    assert question.plan.cost == pytest.approx(2)
    new = one(question, answer_with(slots), 0.5)
    assert new.cost == pytest.approx(2)
    assert new.savings == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("direction", "base"),
    [pytest.param(IMPORT, 0.3, id="bought"), pytest.param(EXPORT, 0.1, id="sold")],
)
def test_savings_are_counted_from_the_beginning_of_the_period(direction, base) -> None:
    """An answer in the middle compares with a start in the middle, when it may be cheap."""
    sign = 1 if direction is IMPORT else -1
    old = plan_of("55..55..", 0.2, 0.8, saved=sign * (base - 0.2))
    question = question_of(wish_for(20, direction=direction), old, at(1))
    assert old.savings == pytest.approx(2)
    new = one(question, answer_of(".5..55..", 0.25, saved=0.0), 1)
    assert shape(new.windows) == shape(old.windows)
    # 5 kWh at the old price, 15 at the new one, each against the same start
    expected = sign * (5 * (base - 0.2) + 15 * (base - 0.25))
    assert new.savings == pytest.approx(expected)


def test_before_the_period_begins_savings_are_as_answered() -> None:
    old = plan_of("55..55..", 0.2, 0.8, saved=0.1)
    new = one(question_of(wish_for(20), old, at(0)), answer_of("..55..55", 0.25, saved=0.02), -1)
    assert new.savings == pytest.approx(0.4)


def test_savings_nobody_knows_stay_unknown() -> None:
    old = plan_of("55..55..", 0.2, 0.8)
    new = one(question_of(wish_for(20), old, at(2)), answer_of("......55", 0.25), 2)
    assert new.savings is None
    assert new.cost == pytest.approx(2 + 2.5)


# Whether what runs stands in the way of the rest


@pytest.mark.parametrize(
    ("plan", "now", "answer", "end"),
    [
        pytest.param("555...55", 1, ".55...55", None, id="it runs in the answer as well"),
        pytest.param("555...55", 1, "....5555", 3, id="not at all"),
        pytest.param("555...55", 1, ".5...555", 3, id="not to its end"),
        pytest.param("555...55", 1, ".77...55", 3, id="at another power"),
        pytest.param("555...55", 1, ".37...55", None, id="the same energy"),
        pytest.param("555...55", 4, "....55..", None, id="nothing runs"),
        pytest.param("555...55", 3, "....55..", None, id="it is over"),
        pytest.param("........", 1, ".5......", None, id="there is no plan"),
    ],
)
def test_what_runs_may_stand_in_the_way(plan, now, answer, end) -> None:
    question = question_of(wish_for(25), plan_of(plan), at(now))
    assert displaced(question, answer_of(answer), at(now)) == (None if end is None else at(end))
    # after a changed target nothing has to go on
    assert displaced(replace(question, fresh=True), answer_of(answer), at(now)) is None


# Several schedules under one limit


@dataclass(frozen=True)
class Row:
    """One schedule: its plan, what is answered, what comes of it, and how much it wants.

    The plan is as long as its period.
    """

    plan: str
    answer: str | None
    expected: str
    energy: float
    rate: float = 0.1
    was: float = 0.2
    minimum: float = 0
    direction: Direction = IMPORT
    fresh: bool = False

    def question(self, now: float) -> Question:
        target = wish_for(self.energy, 9, self.minimum, self.direction)
        return question_of(target, plan_of(self.plan, self.was), at(now), fresh=self.fresh)


# Under a limit of 10 kW, at an hour.
SITUATIONS = {
    "all fit": (
        -1,
        Row("........", "..55....", "..55....", 10),
        Row("........", "..55....", "..55....", 10),
    ),
    "a plan that is no dearer stays": (
        -1,
        Row("..55....", "....55..", "..55....", 10, rate=0.2),
        Row("........", "..55....", "..55....", 10, rate=0.2),
    ),
    "unless the others need its time: then the answer is best for all": (
        -1,
        Row("..55....", "....55..", "....55..", 10, rate=0.2),
        Row("........", "..77....", "..77....", 14, rate=0.2),
    ),
    "then all are taken from it, also who is in nobody's way": (
        -1,
        Row("..55....", "....55..", "....55..", 10, rate=0.2),
        Row("........", "..77....", "..77....", 14, rate=0.2),
        Row("......22", "....22..", "....22..", 4, rate=0.2),
    ),
    "too much power: who ends first is served first": (
        -1,
        Row("........", "..7777..", "..3377..", 28),
        Row(".......", "..77...", "..77...", 14),
    ),
    "what runs comes before who ends first": (
        1,
        Row("7777....", ".777....", "7777....", 28),
        Row(".......", "..77...", "..33...", 14),
    ),
    "what runs stands in the way of what is new": (
        1,
        Row("7777....", "....777.", "7777....", 28),
        Row("........", ".777....", ".333....", 21),
    ),
    "what runs, runs beside the later windows of another one that runs": (
        0.5,
        Row("6.....", "6.7...", "6.6...", 13),
        Row("444.....", "44.4....", "444.....", 12),
    ),
    "who runs has no right to more than the run": (
        1,
        Row("77......", ".7..77..", "77..33..", 28),
        Row(".......", "....77.", "....77.", 14),
    ),
    "two that run together go on together": (
        1,
        Row("555.....", ".55..5..", "555.....", 15),
        Row("5555....", ".....555", "5555....", 20),
    ),
    "a run that gets more takes nothing from another run": (
        1,
        Row("44.....", ".7.....", "44.....", 11),
        Row("666.....", ".33.6...", "666.....", 18),
    ),
    "what a run gets more has no right of way": (
        1,
        Row("44.....", ".7.....", "44.....", 11),
        Row("......", ".6....", ".6....", 6),
    ),
    "a changed wish has no right of way": (
        1,
        Row("7777....", ".777....", "7337....", 28, fresh=True),
        Row(".......", ".77....", ".77....", 14),
    ),
    "less than it can run at: it does not run": (
        -1,
        Row("........", "..7777..", "....77..", 28, minimum=4),
        Row(".......", "..77...", "..77...", 14),
    ),
    "just what it can run at: it does": (
        -1,
        Row("........", "..7777..", "..3377..", 28, minimum=3),
        Row(".......", "..77...", "..77...", 14),
    ),
    "what is sold is another matter": (
        -1,
        Row("........", "..99....", "..99....", 18),
        Row("........", "..99....", "..99....", 18, direction=EXPORT),
    ),
    "who is not answered keeps plan and power": (
        -1,
        Row("..77....", None, "..77....", 14),
        Row(".........", "..77.....", "..33.....", 14),
    ),
    "who needs nothing any more gives way": (
        1,
        Row("7777....", None, "7.......", 7),
        Row("........", ".777....", ".777....", 21),
    ),
    "two that only change places stay where they are": (
        -1,
        Row("..77....", "....77..", "..77....", 14, was=0.1, rate=0.2),
        Row("....77..", "..77....", "....77..", 14, was=0.2, rate=0.1),
    ),
    "the same for what runs: nobody loses energy by it": (
        1,
        Row("77....", "..7...", "77....", 14, was=0.1, rate=0.2),
        Row("..77..", ".7.7..", "..77..", 14, was=0.2, rate=0.15),
    ),
    "where not all can get all, nothing is shuffled": (
        2,
        Row("7..7", "...3", "7..7", 40, rate=0.2),
        Row("3..3", "...7", "3..3", 40, rate=0.2),
    ),
    "more for all together is better": (
        2,
        Row("7...", "...3", "7..3", 40, rate=0.2),
        Row("3..3", "...7", "3..7", 40, rate=0.2),
    ),
    "three of them": (
        -1,
        Row(".........", ".44444...", "....44...", 20),
        Row("........", ".4444...", ".2224...", 16),
        Row(".......", ".888...", ".888...", 24),
    ),
}


@pytest.mark.parametrize(("now", "rows"), [(s[0], s[1:]) for s in SITUATIONS.values()],
                         ids=SITUATIONS)  # fmt: skip
def test_all_stay_under_the_limit_together(now, rows) -> None:
    questions = {str(place): row.question(now) for place, row in enumerate(rows)}
    answers = {
        str(place): answer_of(row.answer, row.rate)
        for place, row in enumerate(rows)
        if row.answer is not None
    }
    plans = combined(questions, answers, {IMPORT: 10, EXPORT: 10}, at(now))
    drawn = [
        draw_power(plan.windows, len(row.plan))
        for plan, row in zip(plans.values(), rows, strict=True)
    ]
    assert drawn == [row.expected for row in rows]


def test_what_is_not_limited_is_not_cut() -> None:
    questions = {key: question_of(wish_for(18), plan_of("...."), at(-1)) for key in "ab"}
    answers = dict.fromkeys("ab", answer_of("99.."))
    for limits in ({}, {EXPORT: 1.0}):
        plans = combined(questions, answers, limits, at(-1))
        assert [draw_power(plan.windows, 4) for plan in plans.values()] == ["99..", "99.."]


def test_a_limit_of_nothing_leaves_nothing() -> None:
    question = question_of(wish_for(18), plan_of("99.."), at(0.5))
    assert shape(one(question, answer_of("99.."), 0.5, 0).windows) == ((0, 0.5, 9),)


def test_even_what_runs_is_cut_to_a_limit_that_forbids_it() -> None:
    """Of two that run, who ends first goes on in full."""
    late = question_of(wish_for(28), plan_of("7777...."), at(1))
    soon = question_of(wish_for(28), plan_of("7777..."), at(1))
    questions = {"late": late, "soon": soon}
    plans = combined(questions, {}, {IMPORT: 10}, at(1))
    assert draw_power(plans["soon"].windows, 7) == "7777..."
    assert draw_power(plans["late"].windows, 8) == "7333...."


def test_the_end_of_the_period_before_counts() -> None:
    """Shortly before a period ends the next one is planned, and the last minutes still run."""
    now = -1 / 60
    changing = question_of(wish_for(14), plan_of("77......"), at(now), before=(slot(now, 0, 7),))
    begun = replace(plan_of("........"), period=Span(at(-2), at(3)))
    other = question_of(wish_for(15), begun, at(now))
    plans = combined(
        {"changing": changing, "other": other},
        {"changing": answer_of("77......"), "other": answer_with((slot(now, 2, 7),))},
        {IMPORT: 10},
        at(now),
    )
    # the one that ends first gets what is left, then all it wants
    assert shape(plans["other"].windows)[:1] == ((pytest.approx(now), 0, 3),)
    assert draw_power(plans["other"].windows, 2) == "77"
    # nothing of the period before slips into the plan of the next one
    assert draw_power(plans["changing"].windows, 2) == "33"
    assert plans["changing"].windows[0].start == at(0)


def test_nothing_to_work_in() -> None:
    assert combined({}, {}, {IMPORT: 10}, at(1)) == {}
    assert within_power_limits({}, {}, {IMPORT: 10}, at(1)) == {}


def test_an_answer_nobody_asked_for_is_left_alone() -> None:
    question = question_of(wish_for(10), plan_of("55..", 0.1), at(-1))
    plans = combined({"car": question}, {"stranger": answer_of("99..")}, {IMPORT: 10}, at(-1))
    assert plans == {"car": question.plan}


# Cutting to the limit alone, when the limit has changed


def cut(limit: float, now: float, **plans: str) -> dict[str, str]:
    """Cut what is ahead of plans, whatever is missing."""
    questions = {key: Question(wish_for(99), plan_of(plan), None) for key, plan in plans.items()}
    ahead = {
        key: within(question.plan.windows, at(now), question.plan.period.end)
        for key, question in questions.items()
    }
    result = within_power_limits(ahead, questions, {IMPORT: limit}, at(now))
    return {key: draw_power(slots, len(plans[key])) for key, slots in result.items()}


def test_a_lower_limit_cuts_all_plans_at_once() -> None:
    assert cut(5, 0, a="77.77...", b="...7777") == {"a": "55......", "b": "...5555"}
    assert cut(9, 0, a="77.77...", b="...7777") == {"a": "77.22...", "b": "...7777"}
    assert cut(14, 0, a="77.77...", b="...7777") == {"a": "77.77...", "b": "...7777"}


def test_when_the_limit_is_lowered_what_runs_comes_first() -> None:
    assert cut(9, 1, a="7777....", b="..777..") == {"a": ".777....", "b": "..227.."}


def test_the_noise_of_floats_stops_no_device() -> None:
    """11 - 7.4 is a little less than 3.6."""
    questions = {
        "soon": Question(wish_for(7.4), plan_of("..."), None),
        "late": Question(wish_for(7.4, 7.4, 3.6), plan_of("...."), None),
    }
    ahead = {key: (slot(0, 1, 7.4),) for key in questions}
    result = within_power_limits(ahead, questions, {IMPORT: 11}, at(0))
    assert [part.power for part in result["late"]] == [3.6]


def test_what_a_run_gets_more_is_no_reason_to_run_below_its_least() -> None:
    question = question_of(wish_for(24, 7, 5), plan_of("55......"), at(1))
    new = one(question, answer_of(".7......"), 1, 3)
    assert draw_power(new.windows, 8) == "5......."


def test_sums_that_are_only_noise_above_the_limit_are_not_cut() -> None:
    """Three times 3.7 is a little more than 11.1."""
    questions = {key: Question(wish_for(3.7), plan_of("...."), None) for key in "abc"}
    ahead = {key: (slot(0, 1, 3.7),) for key in questions}
    assert within_power_limits(ahead, questions, {IMPORT: 11.1}, at(0)) == ahead


# Joining


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        pytest.param((), (), id="none"),
        pytest.param((slot(0, 1, 5), slot(1, 2, 5)), (slot(0, 2, 5),), id="alike"),
        pytest.param(
            (slot(0, 1, 5), slot(1, 2, 5), slot(2, 3, 5)), (slot(0, 3, 5),), id="three alike"
        ),
        pytest.param(
            (slot(0, 1, 5), slot(2, 3, 5)), (slot(0, 1, 5), slot(2, 3, 5)), id="apart"
        ),
        *(
            pytest.param((slot(0, 1, 5, 0.2, 1.0, 0.1), other),
                         (slot(0, 1, 5, 0.2, 1.0, 0.1), other), id=name)
            for name, other in {
                "another power": slot(1, 2, 6, 0.2, 1.0, 0.1),
                "another price": slot(1, 2, 5, 0.3, 1.0, 0.1),
                "no price": slot(1, 2, 5, None, 1.0, 0.1),
                "less sure": slot(1, 2, 5, 0.2, 0.9, 0.1),
                "another saving": slot(1, 2, 5, 0.2, 1.0, 0.2),
            }.items()
        ),
    ],
)  # fmt: skip
def test_what_is_alike_is_joined(slots, expected) -> None:
    assert joined(slots) == expected
    assert joined(iter(slots)) == expected
