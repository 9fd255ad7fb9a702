"""What holds whatever is answered to several schedules by amount, and whenever."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import math

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.flatpeak.model import (
    HOUR,
    NEGLIGIBLE,
    AmountPlan,
    AmountTarget,
    DeviceSchedule,
    Direction,
    PowerSlot,
    SiteRules,
    Slot,
    Source,
    Span,
    before,
    energy_of,
    runs,
    within,
)
from custom_components.flatpeak.planner import (
    Question,
    allocate,
    combined,
    requests,
    within_power_limits,
)

from .drawing import MIDNIGHT, at, priced
from .drawing_amount import answer_with, question_of, shape, wish_for

IMPORT, EXPORT = Direction.IMPORT, Direction.EXPORT
# What the site may draw too much, in kW: a tenth of what counts as nothing in an hour.
HAIR = NEGLIGIBLE / 10 + 1e-9
EVER = at(999)

type Plans = Mapping[str, AmountPlan]


def power_of(slots: Iterable[PowerSlot], moment: datetime) -> float:
    return math.fsum(each.power for each in slots if each.contains(moment))


def moments(*parts: Iterable[Span]) -> list[datetime]:
    """Return every moment at which something may begin."""
    return sorted({edge for spans in parts for span in spans for edge in (span.start, span.end)})


def ahead(plan: AmountPlan, now: datetime) -> tuple[PowerSlot, ...]:
    return within(plan.windows, now, EVER)


def running(plan: AmountPlan, now: datetime) -> tuple[PowerSlot, ...]:
    """Return what is left of the run that now lies in."""
    run = next((run for run in runs(plan.windows) if run.contains(now)), None)
    return within(plan.windows, now, run.end) if run else ()


# What must hold after any answer


def check(
    questions: Mapping[str, Question],
    answers: Mapping[str, DeviceSchedule],
    limits: Mapping[Direction, float],
    now: datetime,
    plans: Plans,
) -> None:
    assert list(plans) == list(questions)
    for key, question in questions.items():
        check_plan(question, plans[key], now)
        check_energy(question, plans[key], now, answered=key in answers)
    for direction in (IMPORT, EXPORT):
        own = {key: one for key, one in questions.items() if one.target.direction is direction}
        check_power(own, limits.get(direction, math.inf), now, plans)


def check_plan(question: Question, plan: AmountPlan, now: datetime) -> None:
    """A plan is in order, in its period and within what the device can; the past is past."""
    target, old = question.target, question.plan
    assert plan.period == old.period
    assert shape(before(plan.windows, now)) == shape(before(old.windows, now))
    assert energy_of(before(plan.windows, now)) == pytest.approx(
        energy_of(before(old.windows, now))
    )
    edges = [edge for each in plan.windows for edge in (each.start, each.end)]
    assert edges == sorted(edges)
    for each in ahead(plan, now):
        assert each.power > 0
        assert each.power >= target.min_power - 1e-9
        assert each.power <= target.max_power + 1e-9
        assert plan.period.start <= each.start < each.end <= plan.period.end
        assert each.confidence > 0
    assert plan.energy == pytest.approx(
        energy_of(before(plan.windows, now)) + energy_of(ahead(plan, now))
    )


def check_energy(question: Question, plan: AmountPlan, now: datetime, *, answered: bool) -> None:
    """Nothing is made up, and no more is planned than was asked for, but for what runs."""
    energy = energy_of(ahead(plan, now))
    if question.demand is None:
        assert energy <= question.needed + NEGLIGIBLE
    elif answered:
        run = () if question.fresh else running(question.plan, now)
        assert energy <= max(question.demand.energy, energy_of(run)) + 2 * NEGLIGIBLE + 1e-9
        assert plan.source is Source.FLATPEAK
    else:
        old = question.plan.windows
        for moment in moments(old, plan.windows):
            assert power_of(plan.windows, moment) <= power_of(old, moment)
        assert plan.source is question.plan.source


def check_power(
    questions: Mapping[str, Question], limit: float, now: datetime, plans: Plans
) -> None:
    """All stay under the limit together; what runs goes on unless that alone is too much."""
    new = [each for key in questions for each in ahead(plans[key], now)]
    others = [each for question in questions.values() for each in question.before]
    kept = {
        key: () if one.fresh or one.demand is None else running(one.plan, now)
        for key, one in questions.items()
    }
    committed = [each for slots in kept.values() for each in slots]
    for moment in moments(new, others, committed):
        rest = power_of(others, moment)
        assert rest > limit or rest + power_of(new, moment) <= limit + HAIR
        if rest + power_of(committed, moment) <= limit:
            for key, slots in kept.items():
                if power := power_of(slots, moment):
                    assert power_of(plans[key].windows, moment) >= power - 1e-9


# Whatever is answered


@dataclass(frozen=True)
class Turn:
    """Some time goes by, then an answer comes, for some of the schedules.

    `needed` is what a sensor says is missing, None: there is no sensor. `fresh` are those
    whose target has just changed.
    """

    later: timedelta
    limits: Mapping[Direction, float]
    answers: Mapping[str, DeviceSchedule]
    needed: Mapping[str, float | None]
    fresh: frozenset[str]


KEYS = ("car", "battery", "heater")

powers = st.sampled_from((3.7, 7.4, 3.6, 4.0, 5.0, 1.4, 11.0, 22.0, 0.3, 0.0005))
# seconds of pause, seconds of length, power, whether the price is known
parts = st.lists(
    st.tuples(
        st.sampled_from((0, 0, 900, 1800, 5000, 1)),
        st.sampled_from((3600, 7000.5, 1800, 900, 37, 1, 0.001)),
        powers,
        st.sampled_from((True, True, True, False)),
    ),
    max_size=10,
)


def given_answer(
    start: float, parts: Sequence[tuple[float, float, float, bool]], money: tuple
) -> DeviceSchedule:
    """Return an answer of parts one after another, begun at an hour."""
    rate, confidence = money
    slots, edge = [], at(start)
    for pause, length, power, known in parts:
        first = edge + timedelta(seconds=pause)
        edge = first + timedelta(seconds=length)
        slots.append(PowerSlot(first, edge, rate, confidence if known else 0.0, power))
    return answer_with(slots, confidence)


money = st.tuples(
    st.sampled_from((None, -0.1, 0.0, 0.1, 0.2, 0.3)), st.sampled_from((1.0, 1.0, 1.0, 0.8, 0.0))
)
any_answer = st.builds(given_answer, st.sampled_from((-1, 0, 0.5, 1, 2, 3.3, 5)), parts, money)
any_answers = st.fixed_dictionaries(dict.fromkeys(KEYS, any_answer)) | st.dictionaries(
    st.sampled_from(KEYS), any_answer
)
any_limits = st.fixed_dictionaries(
    {},
    optional={way: st.sampled_from((11.0, 11.1, 8.0, 7.4, 14.7, 3.0, 25.0, 0.0))
              for way in (IMPORT, EXPORT)},
)  # fmt: skip
turns = st.builds(
    Turn,
    st.sampled_from((0.25, 0.7, 1, 2.0001, 0, 0.0000003)).map(lambda hours: hours * HOUR),
    any_limits,
    any_answers,
    st.fixed_dictionaries(
        dict.fromkeys(KEYS, st.sampled_from((None, None, None, None, 0.0, 2.0, 99.0)))
    ),
    st.sets(st.sampled_from(KEYS), max_size=1).map(frozenset),
)
any_wish = st.builds(
    wish_for,
    st.sampled_from((12.0, 30.0, 7.4, 200.0, 0.3, 0.005)),
    st.sampled_from((7.4, 3.7, 11.0)),
    st.sampled_from((0.0, 0.0, 1.4, 3.6, 3.7)),
    st.sampled_from((IMPORT, IMPORT, IMPORT, EXPORT)),
)
periods = st.builds(
    lambda start, length: Span(at(start), at(start + length)),
    st.sampled_from((-1, 0, 0, 2)),
    st.sampled_from((4, 8, 8.5)),
)
homes = st.fixed_dictionaries(dict.fromkeys(KEYS, st.tuples(any_wish, periods)))


def asked(target: AmountTarget, plan: AmountPlan, now: datetime, turn: Turn, key: str) -> Question:
    """Ask; before its period begins something of the one before may still run."""
    rest = ()
    if key == "heater" and now < plan.period.start:
        rest = (PowerSlot(now, plan.period.start, 0.2, power=1.4),)
    return question_of(
        target, plan, now, needed=turn.needed[key], fresh=key in turn.fresh, before=rest
    )


@settings(max_examples=400, deadline=None)
@given(homes, st.lists(turns, min_size=1, max_size=6))
def test_whatever_answers_come(home, turns) -> None:
    plans = {key: AmountPlan(period) for key, (_, period) in home.items()}
    now = at(-1)
    for turn in turns:
        now += turn.later
        questions = {key: asked(home[key][0], plan, now, turn, key) for key, plan in plans.items()}
        new = combined(questions, turn.answers, turn.limits, now)
        check(questions, turn.answers, turn.limits, now, new)
        plans = new


# Long stretches at powers of which some just fit under the limit together, and some do not
busy_parts = st.lists(
    st.tuples(
        st.sampled_from((0, 1800, 3600, 0)),
        st.sampled_from((3600, 1800, 7200)),
        st.sampled_from((3.6, 3.7, 4.0, 7.4, 7.3)),
        st.just(True),
    ),
    min_size=1,
    max_size=4,
)
busy_money = st.tuples(st.sampled_from((0.1, 0.2, 0.3)), st.sampled_from((1.0, 1.0, 0.8)))
busy_plans = st.builds(given_answer, st.sampled_from((0, 0.5, -0.5)), busy_parts, busy_money)
busy_answers = st.builds(given_answer, st.sampled_from((1, 1.5, 1, 2)), busy_parts, busy_money)
busy_homes = st.fixed_dictionaries(
    dict.fromkeys(
        KEYS,
        st.tuples(
            busy_plans,
            busy_answers,
            st.sampled_from((6, 8, 7)),
            st.sampled_from((0.0, 0.0, 3.6)),
            st.sampled_from((None, 99.0, 10.0)),
        ),
    )
)


@settings(max_examples=400, deadline=None)
@given(
    busy_homes,
    st.sampled_from((7.4, 11.0, 11.1, 14.7, 7.5)),
    st.sampled_from((1.0, 1.25, 2.0)),
    st.sets(st.sampled_from(KEYS), max_size=2),
    st.booleans(),
)
def test_whatever_is_answered_while_several_run(home, limit, hours, changed, news) -> None:
    now, limits = at(hours), {IMPORT: limit}
    unlimited = {
        key: Question(
            wish_for(99, 7.4, minimum), AmountPlan(Span(at(0), at(end)), (), Source.FLATPEAK), None
        )
        for key, (_, _, end, minimum, _) in home.items()
    }
    planned = {
        key: within(plan.slots, at(0), at(end)) for key, (plan, _, end, _, _) in home.items()
    }
    planned = within_power_limits(planned, unlimited, limits, at(0))
    questions = {
        key: question_of(
            one.target,
            replace(one.plan, windows=planned[key]),
            now,
            needed=energy_of(within(planned[key], now, EVER)) if home[key][4] is None
            else home[key][4],
            fresh=key in changed,
        )
        for key, one in unlimited.items()
    }  # fmt: skip
    answers = {key: answer for key, (_, answer, _, _, _) in home.items()}
    plans = combined(questions, answers, limits, now, news=news)
    check(questions, answers, limits, now, plans)


@settings(max_examples=200, deadline=None)
@given(homes, st.lists(turns, min_size=1, max_size=4))
def test_an_answer_that_comes_twice_changes_nothing(home, turns) -> None:
    plans = {key: AmountPlan(period) for key, (_, period) in home.items()}
    now = at(-1)
    for turn in turns:
        now += turn.later
        questions = {key: asked(home[key][0], plan, now, turn, key) for key, plan in plans.items()}
        # of what was asked, as Flatpeak answers it
        answers = {
            key: answer
            for key, answer in turn.answers.items()
            if (demand := questions[key].demand)
            and energy_of(answer.slots) <= demand.energy
            and all(demand.min_power <= each.power <= demand.max_power for each in answer.slots)
        }
        plans = combined(questions, answers, turn.limits, now)
        again = {key: replace(one, plan=plans[key]) for key, one in questions.items()}
        twice = combined(again, answers, turn.limits, now)
        assert {key: shape(plan.windows) for key, plan in twice.items()} == {
            key: shape(plan.windows) for key, plan in plans.items()
        }


@settings(max_examples=200, deadline=None)
@given(homes, st.dictionaries(st.sampled_from(KEYS), any_answer), any_limits, st.floats(-1, 9))
def test_cutting_to_the_limit_takes_no_more_than_it_must(home, answers, limits, hours) -> None:
    now = at(hours)
    chosen = {
        key: tuple(
            each for each in within(answer.slots, now, EVER) if each.power >= home[key][0].min_power
        )
        for key, answer in answers.items()
    }
    questions = {key: Question(home[key][0], AmountPlan(home[key][1]), None) for key in answers}
    cut = within_power_limits(chosen, questions, limits, now)
    for direction in (IMPORT, EXPORT):
        own = [key for key in answers if questions[key].target.direction is direction]
        limit = limits.get(direction, math.inf)
        old, new = ([each for key in own for each in some[key]] for some in (chosen, cut))
        for moment in moments(old, new):
            wanted, given = power_of(old, moment), power_of(new, moment)
            assert given <= min(wanted, limit + HAIR) + 1e-9
            if wanted <= limit:
                assert given == wanted
        # who ends first is cut only as if it were alone
        for key in sorted(own, key=lambda key: questions[key].plan.period.end)[:1]:
            for moment in moments(chosen[key]):
                power = min(power_of(chosen[key], moment), limit)
                minimum = questions[key].target.min_power
                enough = power == power_of(chosen[key], moment) or power >= max(minimum, NEGLIGIBLE)
                assert power_of(cut[key], moment) == pytest.approx(power if enough else 0, abs=HAIR)
    assert within_power_limits(cut, questions, limits, now) == {
        key: tuple(slots) for key, slots in cut.items()
    }


# Calm

rates = st.sampled_from((-0.1, 0.0, 0.1, 0.19999, 0.2, 0.20002, 0.4))
whole_plans = st.lists(
    st.tuples(st.sampled_from((0, 60, 900, 4000)), st.sampled_from((900, 3600, 5000.25))),
    min_size=1,
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(whole_plans, whole_plans, rates, rates, st.sampled_from((IMPORT, EXPORT)))
def test_a_plan_that_is_certain_and_whole_stays_unless_it_gets_better(
    old, new, was, rate, direction
) -> None:
    def slots(start: float, found: Sequence, price: float) -> tuple[PowerSlot, ...]:
        parts = [(pause, length, 5.0, True) for pause, length in found]
        return given_answer(start, parts, (price, 1.0)).slots

    planned, offered = slots(0, old, was), slots(8, new, rate)
    energy = energy_of(planned)
    target = wish_for(energy, 5.0, direction=direction)
    plan = AmountPlan(Span(at(0), at(16)), planned, Source.FLATPEAK)
    # as much as was asked for
    scale = energy / energy_of(offered)
    offered = tuple(
        replace(
            each,
            start=at(8) + (each.start - at(8)) * scale,
            end=at(8) + (each.end - at(8)) * scale,
        )
        for each in offered
    )
    offered = within(offered, at(0), at(16))
    question = question_of(target, plan, at(-1))
    after = combined({"car": question}, {"car": answer_with(offered)}, {}, at(-1))["car"]
    gain = energy * (was - rate) * (1 if direction is IMPORT else -1)
    if gain <= 0 or energy_of(offered) < energy - NEGLIGIBLE:
        assert shape(after.windows) == shape(plan.windows)
        assert after.cost == pytest.approx(plan.cost)
    elif gain > 0.00002 and energy_of(offered) >= energy - NEGLIGIBLE / 2:
        assert (after.windows[0].start, after.windows[-1].end) == (
            offered[0].start,
            offered[-1].end,
        )
        assert after.cost == pytest.approx(energy * rate, abs=NEGLIGIBLE)


# A whole night with Flatpeak's answers to the questions really asked

prices = st.lists(st.sampled_from((0.05, 0.1, 0.1, 0.2, 0.3, -0.02)), min_size=40, max_size=40)


def spread(slots: Sequence[PowerSlot], tariff: Sequence[Slot]) -> float:
    """Return what slots cost by the prices of their time."""
    return math.fsum(
        part.energy * price.rate
        for price in tariff
        for part in within(slots, price.start, price.end)
    )


def answered(
    questions: Mapping[str, Question], site: SiteRules, tariff: Sequence[Slot]
) -> dict[str, DeviceSchedule]:
    """Answer as Flatpeak does: to each request, at one price for all that a device gets."""
    found: dict[str, DeviceSchedule] = {}
    demands = [replace(one.demand, device_id=key) for key, one in questions.items() if one.demand]
    for request in requests(demands, site):
        ways = {demand.direction for demand in request.demands}
        limits = dict.fromkeys(ways, request.max_power)
        for one in allocate(dict.fromkeys(ways, tariff), request.demands, limits=limits):
            energy = energy_of(one.slots)
            rate = one.cost / energy if energy else None
            slots = [replace(each, rate=rate, saved=None) for each in one.slots]
            found[one.demand.device_id] = answer_with(slots)
    return found


@settings(max_examples=60, deadline=None)
@given(
    prices,
    st.lists(st.tuples(st.floats(1, 16), st.floats(4, 10)), min_size=3, max_size=3),
    st.sampled_from((8.0, 11.0, 20.0)),
    st.lists(st.floats(0.001, 2.5), max_size=6),
)
def test_however_often_it_is_asked_a_night_costs_the_same(rates, wants, limit, pauses) -> None:
    """All prices are known, so the first plan is the best: no later one may be worse."""
    tariff = priced(*rates, step=HOUR / 4)
    site = SiteRules({IMPORT: limit}, {})
    plans, targets = {}, {}
    for key, (energy, hours) in zip(KEYS, wants, strict=True):
        targets[key] = wish_for(energy, 7.4)
        plans[key] = AmountPlan(Span(MIDNIGHT, at(hours)))
    now, first = at(-1), None
    for pause in [0.0, *pauses]:
        now += pause * HOUR
        questions = {key: question_of(targets[key], plans[key], now) for key in KEYS}
        answers = answered(questions, site, tariff)
        new = combined(questions, answers, site.limits, now)
        check(questions, answers, site.limits, now, new)
        plans = new
        energy = math.fsum(plan.energy for plan in plans.values())
        cost = math.fsum(spread(plan.windows, tariff) for plan in plans.values())
        first = first or (energy, cost)
        # whole seconds may leave something out each time
        assert energy == pytest.approx(first[0], abs=3 * NEGLIGIBLE)
        assert cost <= first[1] + 0.3 * 3 * NEGLIGIBLE + 1e-6
    reported = math.fsum(plan.cost for plan in plans.values())
    assert reported == pytest.approx(cost, abs=0.3 * 3 * NEGLIGIBLE)
