"""How much energy is still missing, by a sensor or by the plan."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.flatpeak.model import (
    HOUR,
    AmountTarget,
    Battery,
    Direction,
    Metering,
    Span,
)
from custom_components.flatpeak.planner import (
    Sensor,
    believable,
    closed,
    deviates,
    measured,
    metered,
    missing,
    planned,
)

from .drawing import MINUTE, SECOND, at
from .drawing_amount import draw_power, plan_of, wish_for

EXPORT = Direction.EXPORT
CAR = Battery(60, 0.9)
PERFECT = Battery(100, 1.0)  # a per cent is a kWh


def soc(
    level: float, max_power: float = 10, direction: Direction = Direction.IMPORT
) -> AmountTarget:
    return wish_for(None, max_power, direction=direction, target_soc=level)


# Without a sensor


@pytest.mark.parametrize(
    ("plan", "now", "expected"),
    [
        pytest.param("........", 3, 20, id="nothing was planned"),
        pytest.param("..55..55", -1, 20, id="nothing is over"),
        pytest.param("..55..55", 2, 20, id="it begins"),
        pytest.param("..55..55", 2.5, 17.5, id="it runs"),
        pytest.param("..55..55", 4, 10, id="a window is over"),
        pytest.param("..55..55", 8, 0, id="all is delivered"),
        pytest.param("..99..99", 8, 0, id="more than all"),
        pytest.param("..55..55", 99, 0, id="long over"),
    ],
)
def test_what_was_planned_counts_as_delivered(plan, now, expected) -> None:
    assert missing(wish_for(20), plan_of(plan), at(now)) == pytest.approx(expected)


def test_energy_planned_between_two_moments() -> None:
    plan = plan_of(".55.3...")
    assert planned(plan, at(0), at(8)) == 13
    assert planned(plan, at(1.5), at(4.5)) == 9
    assert planned(plan, at(3), at(4)) == 0
    assert planned(plan, at(5), at(2)) == 0
    assert planned(plan, at(2), at(2)) == 0


# A meter


@pytest.mark.parametrize(
    ("readings", "delivered"),
    [
        pytest.param([(1, 500)], 0, id="the first value is where it begins"),
        pytest.param([(1, 500), (2, 505)], 5, id="what it moved"),
        pytest.param([(1, 500), (1.5, 502), (2, 505), (3, 505)], 5, id="in steps"),
        pytest.param([(1, 0), (2, 5)], 5, id="a meter that is new"),
        pytest.param([(1, 500), (2, 0), (3, 4)], 4, id="reset: it goes on from nothing"),
        pytest.param([(1, 500), (2, 4)], 4, id="reset, and it moved on since"),
        pytest.param([(1, 500), (2, 400)], 0, id="another meter: a jump"),
        pytest.param([(1, 500), (2, 600)], 0, id="more than it can: a jump"),
        pytest.param([(1, 500), (2, 600), (3, 606)], 6, id="it goes on after it"),
        pytest.param([(1, 500), (1.5, 0), (2, 505)], 0, id="nothing for a moment, and back"),
        pytest.param([(1, 500), (2, 512)], 12, id="somewhat more than its power"),
        pytest.param([(1, 500), (1, 500.2)], 0.2, id="a meter's step in no time"),
        pytest.param([(1, 500), (1, 501)], 0, id="not that much in no time"),
        pytest.param([(1, 500), (2, 499.99)], 0, id="corrected a little"),
        pytest.param([(1, 3), (2, 2.99)], 0, id="corrected: not reset with all it shows"),
        pytest.param([(1, 3), (2, 2.8), (3, 3)], 0, id="and what it was corrected by counts once"),
        pytest.param([(1, 3), (2, 2.8), (3, 5)], 2, id="what it moved since does count"),
        pytest.param([(1, 3), (2, 2.6)], 2.6, id="by more than a meter's step: reset"),
        pytest.param([(1, 0), (2, 0), (3, 0)], 0, id="nothing moves"),
        pytest.param([(2, 500), (1, 500.1)], 0.1, id="an old value comes late"),
        pytest.param([(2, 500), (1, 505)], 0, id="an old value that is far off"),
    ],
)
def test_a_meter_is_read(readings, delivered) -> None:
    told, target, plan = Metering(), wish_for(20, 10), plan_of("........")
    for hours, value in readings:
        told = metered(told, value, at(hours), target, plan)
    assert told.delivered == pytest.approx(delivered)


@pytest.mark.parametrize(
    ("readings", "delivered"),
    [
        pytest.param([(-2, 500), (-1, 505)], 0, id="before its hours it does not count"),
        pytest.param([(-2, 500), (0, 505)], 0, id="nor up to their first second"),
        pytest.param([(-2, 500), (0, 505), (1, 508)], 3, id="what it moves inside counts"),
        pytest.param([(-1, 500), (1, 508)], 5, id="of both at once what was planned inside"),
        pytest.param([(-1, 500), (1, 503)], 3, id="though no more than it moved"),
        pytest.param([(-1, 500), (0.5, 503), (1, 506)], 5.5, id="and then as it is"),
    ],
)
def test_a_meter_counts_inside_the_hours(readings, delivered) -> None:
    told, target, plan = Metering(), wish_for(20, 10), plan_of("5555....")
    for hours, value in readings:
        told = metered(told, value, at(hours), target, plan)
    assert told.delivered == pytest.approx(delivered)


def test_energy_counts_that_was_metered_before_the_new_start() -> None:
    """The hours become later after two of them have run: their energy is in the car."""
    later = replace(plan_of("55..55.."), period=Span(at(3), at(8)))
    told = metered(Metering(500, at(2), 10), 500, at(2.5), wish_for(30, 10), later)
    assert told == Metering(500, at(2.5), 10)
    assert missing(wish_for(30, 10), later, at(2.5), Sensor(told)) == 20


# What a plan says of the past, by what the meter saw


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param((3, 10), "55..55..", id="as planned"),
        pytest.param((3, 6), "33..55..", id="less power"),
        pytest.param((3, 14), "77..55..", id="more"),
        pytest.param((3, 0), "....55..", id="nothing at all"),
        pytest.param((1, 3), "35..55..", id="until the last value"),
        pytest.param((0, 0), "55..55..", id="before anything ran"),
        pytest.param((-1, 0), "55..55..", id="before the period"),
        pytest.param((None, 0), "55..55..", id="it never spoke"),
        pytest.param((8, 12), "33..33..", id="all is over"),
    ],
)
def test_a_plan_holds_what_the_meter_saw(told, expected) -> None:
    hours, delivered = told
    moment = None if hours is None else at(hours)
    plan = plan_of("55..55..", 0.3, saved=0.1)
    seen = measured(Metering(500, moment, delivered), plan)
    assert draw_power(seen.windows, 8) == expected
    assert (seen.period, seen.source) == (plan.period, plan.source)
    later = at(hours) if hours is not None and hours > 0 else at(0)
    assert seen.energy == pytest.approx(delivered + planned(plan, later, at(8)))
    assert seen.cost == pytest.approx(0.3 * seen.energy)
    assert seen.savings == pytest.approx(0.1 * seen.energy)


def test_what_nobody_planned_has_no_place_in_a_plan() -> None:
    plan = plan_of("....55..")
    assert measured(Metering(500, at(3), 2), plan) == plan


def test_before_the_first_value_counts_what_was_planned() -> None:
    told = metered(Metering(), 500, at(3.5), wish_for(20), plan_of("..55..55"))
    assert told == Metering(500, at(3.5), 7.5)


def test_a_value_that_comes_late_does_not_turn_the_clock_back() -> None:
    told = Metering(500, at(2), 3)
    for value in (500, 500.1, 505, 499.99, 0):
        assert metered(told, value, at(1), wish_for(20), plan_of("....")).at == at(2)


def test_a_new_period_goes_on_from_the_same_value() -> None:
    told = replace(Metering(500, at(1), 20), delivered=0.0)
    assert metered(told, 503, at(2), wish_for(20), plan_of("....")) == Metering(503, at(2), 3)


@pytest.mark.parametrize(
    ("told_at", "owed"),
    [
        pytest.param(8, 0, id="it spoke at the end"),
        pytest.param(7, 5, id="it ran since"),
        pytest.param(5, 10, id="and some hours before it did not"),
        pytest.param(9, 0, id="it spoke after it"),
        pytest.param(None, 0, id="it never spoke"),
    ],
)
def test_what_ran_last_in_a_period_is_told_in_the_next(told_at, owed) -> None:
    told = Metering(500, None if told_at is None else at(told_at), 10)
    over = closed(told, plan_of("......55"))
    assert over == Metering(500, told.at, 0, owed)


@pytest.mark.parametrize(
    ("value", "delivered"),
    [
        pytest.param(505, 0, id="what it owed"),
        pytest.param(508, 3, id="and what it moved since"),
        pytest.param(502, 0, id="less than it owed"),
        pytest.param(500, 0, id="nothing"),
    ],
)
def test_what_a_meter_owed_belongs_to_the_period_before(value, delivered) -> None:
    told = metered(Metering(500, at(7), 0, 5), value, at(8), wish_for(20, 10), plan_of("...."))
    assert told == Metering(value, at(8), delivered)
    # once told, nothing is owed any more
    assert metered(told, value + 2, at(9), wish_for(20, 10), plan_of("....")).delivered == (
        delivered + 2
    )


@pytest.mark.parametrize(
    ("told", "now", "silent", "expected"),
    [
        pytest.param((at(2), 5), 2, False, 15, id="just told"),
        pytest.param((at(2), 5), 2.5, False, 12.5, id="the plan is believed for half an hour"),
        pytest.param((at(2), 5), 2.5 + 1 / 3600, False, 15, id="but no longer: it did not move"),
        pytest.param((at(2), 5), 3.5, True, 7.5, id="longer while it is silent"),
        pytest.param((at(2), 5), 9, True, 5, id="as far as there is a plan"),
        pytest.param((at(2), 25), 2.5, False, 0, id="more than all"),
        pytest.param((at(6), 5), 2, False, 15, id="told by a clock that is ahead"),
        pytest.param((None, 0), 3, True, 15, id="it never spoke"),
        pytest.param((None, 0), 3, False, 20, id="it speaks, but has said nothing"),
    ],
)
def test_what_a_meter_told_counts(told, now, silent, expected) -> None:
    at_, delivered = told
    sensor = Sensor(Metering(None if at_ is None else 500, at_, delivered), silent=silent)
    plan = plan_of("..55....")
    assert missing(wish_for(20), plan, at(now), sensor) == pytest.approx(expected)


# A battery


@pytest.mark.parametrize(
    ("direction", "level", "value", "expected"),
    [
        pytest.param("import", 80, 20, 40, id="from 20 to 80 %"),
        pytest.param("import", 80, 80, 0, id="it is there"),
        pytest.param("import", 80, 95, 0, id="it is above"),
        pytest.param("import", 80, 0, 160 / 3, id="it is empty"),
        pytest.param("import", 80, None, 160 / 3, id="nobody knows: it is charged in full"),
        pytest.param("import", 0, 0, 0, id="nothing is wanted"),
        pytest.param("import", 100, 99, 2 / 3, id="the last per cent"),
        pytest.param("export", 20, 80, 32.4, id="from 80 down to 20 %"),
        pytest.param("export", 20, 20, 0, id="it is down"),
        pytest.param("export", 20, 5, 0, id="it is below"),
        pytest.param("export", 20, None, 0, id="nobody knows: nothing is sold"),
        pytest.param("export", 0, None, 0, id="nobody knows: not even then"),
        pytest.param("export", 0, 100, 54, id="all of it"),
    ],
)
def test_what_a_battery_needs(direction, level, value, expected) -> None:
    """Of what goes in, a tenth is lost; of what is in there, a tenth does not come out."""
    target = soc(level, direction=Direction(direction))
    sensor = Sensor(Metering(value, None if value is None else at(1)), CAR)
    assert missing(target, plan_of("........"), at(1), sensor) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("now", "silent", "expected"),
    [
        pytest.param(2, False, 40, id="just told"),
        pytest.param(2.5, False, 37.5, id="the plan is believed for half an hour"),
        pytest.param(2.75, False, 40, id="but no longer"),
        pytest.param(3, True, 35, id="longer while it is silent"),
    ],
)
def test_what_was_planned_since_a_battery_spoke(now, silent, expected) -> None:
    sensor = Sensor(Metering(20, at(2)), CAR, silent)
    assert missing(soc(80), plan_of("..55...."), at(now), sensor) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "minutes", "expected"),
    [
        pytest.param(50, 0, True, id="the same"),
        pytest.param(52.5, 0, True, id="the steps of a sensor, and its noise"),
        pytest.param(47.5, 0, True, id="down as well"),
        pytest.param(52.6, 0, False, id="more in no time"),
        pytest.param(0, 0, False, id="nothing all of a sudden"),
        pytest.param(0, 5, False, id="or in five minutes"),
        pytest.param(64.5, 60, True, id="in an hour what its power can do, and a little more"),
        pytest.param(64.6, 60, False, id="not more than that"),
        pytest.param(35.5, 60, True, id="or the other way"),
        pytest.param(52, -60, True, id="a value that comes late"),
        pytest.param(53, -60, False, id="one that is far off"),
        pytest.param(0, 300, True, id="in hours anything can happen"),
    ],
)
def test_what_a_battery_can_have_come_to(value, minutes, expected) -> None:
    told, now = Metering(50, at(1)), at(1) + minutes * MINUTE
    assert believable(told, value, now, soc(80), PERFECT) is expected


@pytest.mark.parametrize("value", [0, 50, 100])
def test_the_first_thing_a_battery_says_is_believed(value) -> None:
    assert believable(Metering(), value, at(1), soc(80), CAR)


# When to plan anew


@pytest.mark.parametrize(
    ("needed", "expected", "energy", "anew"),
    [
        pytest.param(10, 10, 20, False, id="as expected"),
        pytest.param(11, 10, 20, False, id="5 % more"),
        pytest.param(11.01, 10, 20, True, id="above 5 %"),
        pytest.param(9, 10, 20, False, id="5 % less"),
        pytest.param(8.99, 10, 20, True, id="below"),
        pytest.param(1.2, 1, 2, False, id="of little a meter's step"),
        pytest.param(1.21, 1, 2, True, id="more than a step"),
        pytest.param(0, 0.5, 20, True, id="nothing is needed any more"),
        pytest.param(0, 0.2, 20, False, id="nor much expected"),
        pytest.param(0.5, 0, 20, True, id="nothing is planned, but something needed"),
        pytest.param(0.2, 0, 20, False, id="not enough to tell"),
        pytest.param(0, 0, 20, False, id="nothing at all"),
        pytest.param(0, 0, 0, False, id="nothing is wanted"),
    ],
)
def test_an_energy_meter_may_change_a_plan(needed, expected, energy, anew) -> None:
    assert deviates(needed, expected, wish_for(energy), None) is anew
    assert deviates(expected, needed, wish_for(energy), None) is anew


@pytest.mark.parametrize(
    ("needed", "expected", "anew"),
    [
        pytest.param(20, 20, False, id="as expected"),
        pytest.param(21.6, 20, False, id="2.5 % of the battery, with what is lost on the way"),
        pytest.param(21.7, 20, True, id="above"),
        pytest.param(18.4, 20, False, id="less"),
        pytest.param(18.3, 20, True, id="below"),
        pytest.param(1.6, 0, False, id="a battery that is full loses some of it again"),
        pytest.param(1.7, 0, True, id="more than that"),
        pytest.param(0, 0.8, False, id="half of it where nothing is needed any more"),
        pytest.param(0, 0.9, True, id="it is full, and runs on"),
        pytest.param(0, 0, False, id="nothing at all"),
    ],
)
def test_a_state_of_charge_may_change_a_plan(needed, expected, anew) -> None:
    assert deviates(needed, expected, soc(80), CAR) is anew


def test_of_what_is_sold_less_is_needed_for_a_per_cent() -> None:
    assert deviates(11.4, 10, soc(20, direction=EXPORT), CAR)
    assert not deviates(11.4, 10, soc(80), CAR)
    assert not deviates(11.3, 10, soc(20, direction=EXPORT), CAR)


def test_long_before_the_period_a_rough_plan_will_do() -> None:
    assert not deviates(23.9, 20, wish_for(20), None, early=True)
    assert deviates(24.1, 20, wish_for(20), None, early=True)
    assert not deviates(0, 6.6, soc(80), CAR, early=True)
    assert deviates(0, 6.7, soc(80), CAR, early=True)


def test_the_dead_band_of_a_small_battery_is_no_smaller_than_a_meters_step() -> None:
    small = Battery(5, 0.9)
    assert not deviates(1.2, 1.0, soc(80), small)
    assert deviates(1.21, 1.0, soc(80), small)
    assert not deviates(0, 0.2, soc(80), small)
    assert deviates(0, 0.21, soc(80), small)


# Whatever is told

values = st.sampled_from((0.0, 0.1, 2.9, 3.0, 100.0, 500.0)) | st.floats(0, 1e6)
steps = st.lists(st.tuples(st.floats(-3600, 7200), values), max_size=12)
plans = st.sampled_from(("........", "..55..55", "99999999", "1...2..."))


@settings(max_examples=400, deadline=None)
@given(steps, plans, st.floats(0.1, 30), st.floats(0, 60), st.booleans())
def test_whatever_a_meter_says_it_delivers_what_the_device_can(
    readings, drawing, power, energy, silent
) -> None:
    plan, target = plan_of(drawing), wish_for(energy, power)
    told, now, latest = Metering(), at(0), at(0)
    for place, (seconds, value) in enumerate(readings):
        now += seconds * SECOND
        new = metered(told, value, now, target, plan)
        if place:
            elapsed = max(now - latest, timedelta(0)) / HOUR
            assert 0 <= new.delivered - told.delivered <= power * elapsed * 1.2 + 0.2 + 1e-6
            assert new.at == max(now, latest)
        else:
            assert new == Metering(value, now, planned(plan, at(-1), now))
        told, latest = new, max(now, latest) if place else now
        for hours in (-1, 0, 0.4, 3):
            needed = missing(target, plan, now + hours * HOUR, Sensor(told, silent=silent))
            assert 0 <= needed <= energy


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.floats(1, 7200), st.floats(0, 1), st.booleans()), max_size=15),
    st.floats(0, 1e5),
)
def test_an_honest_meter_is_believed_to_the_last_bit(intervals, first) -> None:
    """Whatever it moves, within its power, and however often it starts from nothing."""
    target, plan, power = wish_for(20, 10), plan_of("........"), 10
    now, shown, truth = at(0), first, 0.0
    told = metered(Metering(), shown, now, target, plan)
    for seconds, share, reset in intervals:
        now += seconds * SECOND
        moved = power * share * seconds / 3600
        truth += moved
        # a reset that leaves nearly what there was cannot be told from a correction
        shown = moved if reset and moved < shown - 0.2 else shown + moved
        told = metered(told, shown, now, target, plan)
        assert told.delivered == pytest.approx(truth, abs=1e-6)


socs = st.none() | st.floats(0, 100)


@settings(max_examples=300, deadline=None)
@given(
    socs,
    st.floats(0, 100),
    st.floats(0.1, 1000),
    st.floats(0.1, 1),
    st.sampled_from((Direction.IMPORT, EXPORT)),
    plans,
    st.floats(-2, 9),
    st.floats(-2, 9),
    st.booleans(),
)
def test_whatever_a_battery_says_it_needs_no_more_than_it_holds(
    value, level, capacity, efficiency, direction, drawing, told_at, now, silent
) -> None:
    battery, target = Battery(capacity, efficiency), soc(level, direction=direction)
    told = Metering(value, None if value is None else at(told_at))
    plan = plan_of(drawing)
    needed = missing(target, plan, at(now), Sensor(told, battery, silent))
    share = abs(level - (value or 0)) / 100
    if direction is EXPORT:
        assert 0 <= needed <= share * capacity * efficiency + 1e-9
        assert value is not None or needed == 0
    else:
        assert 0 <= needed <= share * capacity / efficiency + 1e-9
    # what a plan may have moved since can only make it less
    quiet = missing(target, plan_of("........"), at(now), Sensor(told, battery, silent))
    assert needed <= quiet


@settings(max_examples=200, deadline=None)
@given(socs, socs, st.floats(-9, 9), st.floats(0.1, 30), st.floats(0.1, 1000))
def test_more_time_makes_more_believable(before, value, hours, power, capacity) -> None:
    told = Metering(before, None if before is None else at(0))
    target, battery, value = soc(80, power), Battery(capacity, 0.9), value or 0.0
    soon, later = (
        believable(told, value, at(0) + some * HOUR, target, battery) for some in (hours, hours + 1)
    )
    assert later or not soon
    if before is not None and abs(value - before) <= 2.4:
        assert soon
