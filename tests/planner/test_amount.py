"""Who gets how much energy when, in situations that fit on a line."""

from dataclasses import replace

import pytest

from custom_components.flatpeak.model import (
    Direction,
    PriceCap,
    Savings,
    Segment,
    Slot,
    Span,
    energy_of,
    runs,
)
from custom_components.flatpeak.planner import allocate, select

from .demands import EXPORT, IMPORT, QUARTER, Case, cost, demand, drawn, keeps_the_rules
from .drawing import GAP, HOUR, UNKNOWN, at, draw, priced


def allocated(prices, *demands, limit=None, cap=None, step=HOUR):
    """Allocate in one direction, at hourly prices."""
    case = Case(priced(*prices, step=step), demands, limit, cap)
    found = case.allocated()
    keeps_the_rules(case, found)
    return found


def drawings(found, hours: int) -> list[str]:
    return [drawn(one.slots, hours) for one in found]


@pytest.mark.parametrize(
    ("prices", "energy", "power", "expected"),
    [
        pytest.param((30, 10, 20, 40), 4, 2, ".22.", id="the two cheapest hours"),
        pytest.param((30, 10, 20, 40), 3, 2, ".2+.", id="part of an hour at full power"),
        pytest.param((30, 20, 10, 40), 3, 2, ".-2.", id="next to the other"),
        pytest.param((10, 40, 20, 40), 3, 2, "2.+.", id="next to nothing: as early as can be"),
        pytest.param((-5, -1, 0, 3), 4, 2, "22..", id="the most negative first"),
        pytest.param((5, UNKNOWN, 3, GAP), 9, 3, "3.3.", id="unknown and missing prices"),
        pytest.param((10, 10, 10, 10), 4, 2, "22..", id="of equals the earliest"),
        pytest.param((10, 30, 10, 10), 4, 2, "..22", id="of equals those in one go"),
    ],
)
def test_a_device_alone(prices, energy, power, expected) -> None:
    (found,) = allocated(prices, demand(energy, power))
    assert drawn(found.slots, 4) == expected
    assert found.shortfall == pytest.approx(energy - energy_of(found.slots))


@pytest.mark.parametrize(
    ("prices", "limit", "demands", "expected"),
    [
        pytest.param(
            (30, 10, 20, 40), 4, [(4, 2), (4, 2)], [".22.", ".22."], id="room for both"
        ),
        pytest.param(
            (30, 10, 20, 40), 2, [(2, 2), (2, 2)], [".2..", "..2."], id="room for one at a time"
        ),
        pytest.param(
            (30, 10, 20, 40), 2, [(2, 2), (2, 2, 0, 2)], ["..2.", ".2.."], id="who has no other"
        ),
        pytest.param(
            (10, 20, 30, 90), 1, [(1, 1, 0, 2), (1, 1, 0, 3), (1, 1, 0, 1)],
            [".1..", "..1.", "1..."], id="two have to make room, one after the other",
        ),
        pytest.param(
            (10, 20, 30), 3, [(2, 2, 0, 1), (2, 2)], ["2..", "1+."], id="what the limit leaves"
        ),
        pytest.param((20, 10, 30), 2, [(1, 2), (1, 2)], [".+.", ".-."], id="halves of an hour"),
        pytest.param(
            (20, 10, 30), 2, [(1, 2), (3, 2)], ["+..", "-2."], id="half next to more"
        ),
        pytest.param(
            (10, 10, 10), 3, [(4, 2), (2, 2)], ["22.", "..2"], id="in turn rather than at half"
        ),
        pytest.param(
            (10, 20, 30, 90, 30, 30), 3, [(2, 2, 0, 1), (2, 2, 0, 2), (2, 1, 2, 6)],
            ["2.....", "1+....", "....11"], id="who is in nobody's way starts once",
        ),
        pytest.param(
            (10, 10, 10), 4, [(2, 2), (2, 2), (2, 2)], ["2..", "2..", ".2."], id="two at a time"
        ),
    ],
)  # fmt: skip
def test_devices_under_a_limit(prices, limit, demands, expected) -> None:
    found = allocated(prices, *(demand(*wanted) for wanted in demands), limit=limit)
    assert drawings(found, len(prices)) == expected
    assert [one.shortfall for one in found] == [0] * len(found)


def test_who_runs_all_the_time_at_what_is_left() -> None:
    """No turns and no full power: both are needed all through the two hours."""
    found = allocated((10, 20, 99), demand(6, 4, 0, 2), demand(4, 4, 0, 2), limit=5)
    assert sum(energy_of(one.slots) for one in found) == pytest.approx(10)
    assert [len(runs(one.slots)) for one in found] == [1, 1]


@pytest.mark.parametrize(
    ("demands", "limit", "shortfalls"),
    [
        pytest.param([(4, 2, 0, 1)], None, [2], id="too little time"),
        pytest.param([(4, 2)], 0.5, [2], id="too little power at home"),
        pytest.param([(2, 2, 5, 9)], None, [2], id="no prices so late"),
        pytest.param([(2, 2, -3, 1)], None, [0], id="no prices so early, but later"),
        pytest.param([(8, 2), (4, 2, 0, 3)], 2, [4, 0], id="first who has to be ready first"),
        pytest.param([(4, 2, 0, 3), (8, 2)], 2, [0, 4], id="in any order of the demands"),
        pytest.param([(8, 1), (4, 2, 0, 3)], 2, [5, 0], id="and the big one as well"),
        pytest.param([(2, 2, 0, 1), (2, 2, 0, 1)], 2, [0, 2], id="of equals the first"),
        pytest.param([(0, 2), (-1, 2)], None, [0, 0], id="nothing wanted"),
        pytest.param([(2, 0)], None, [2], id="a device without power"),
        pytest.param([(2, 2)], 0, [2], id="a home without power"),
    ],
)
def test_what_cannot_be_placed_is_missing(demands, limit, shortfalls) -> None:
    found = allocated((30, 10, 20, 40), *(demand(*one) for one in demands), limit=limit)
    assert [one.shortfall for one in found] == pytest.approx(shortfalls)


def test_nobody_goes_short_for_money() -> None:
    """As much as can be, however dear: the cheap hour goes to who has nothing else."""
    found = allocated((1, 99), demand(2, 2), demand(2, 2, 0, 1), limit=2)
    assert drawings(found, 2) == [".2", "2."]


def test_a_night_at_one_price() -> None:
    """Two starts in all, both at full power, one after the other."""
    night = allocated(
        [30] * 36, demand(24, 7.4, 0, 9), demand(10, 7.4, 0, 9), limit=11, step=QUARTER
    )
    assert [len(one.slots) for one in night] == [1, 1]
    assert [one.slots[0].power for one in night] == [7.4, 7.4]
    first, second = (one.slots[0] for one in night)
    assert first.start == at(0)
    assert first.end == second.start
    assert second.length / HOUR == pytest.approx(10 / 7.4, abs=1e-9)


def test_a_night_at_two_prices() -> None:
    """Cheap from 1 to 5: three devices, of which two fit beside each other."""
    prices = [30] * 4 + [10] * 16 + [30] * 16
    wanted = demand(7.4, 7.4), demand(14.8, 7.4), demand(9, 3)
    car, other, boiler = allocated(prices, *wanted, limit=11, step=QUARTER)
    assert drawn(boiler.slots, 9) == ".333....."
    assert draw(runs((*car.slots, *other.slots)), 9) == ".###....."
    assert {slot.power for one in (car, other) for slot in one.slots} == {7.4}
    assert [len(one.slots) for one in (car, other)] == [1, 1]


@pytest.mark.parametrize("limit", [None, 5, 100])
def test_devices_that_do_not_meet_get_what_select_chooses(limit) -> None:
    prices = priced(*(3, 1, 2, 2, 1, 3, 2, 2, 2, 3, 1, 1, 2, 5))
    wanted = [demand(3.5, 2), demand(2, 1, 2, 12), demand(7, 2, 5, 14)]
    found = Case(prices, wanted, limit).allocated()
    for one in found:
        target = one.demand
        length = target.energy / target.max_power * HOUR
        best = select(prices, length, Segment.LOW, start=target.span.start, end=target.span.end)
        assert runs(one.slots) == runs(best.windows)
        assert {slot.power for slot in one.slots} == {target.max_power}


def test_full_power_is_exactly_that() -> None:
    """Not a little less, whatever does not divide: a charger takes it for another setting."""
    power = 230 * 16 * 3**0.5 / 1000
    for limit in (None, power, 3 * power):
        found = allocated(
            (1, 2, 3, 4, 5), *(demand(power * 1.7 + 0.1 * n, power) for n in range(3)), limit=limit
        )
        assert {slot.power for one in found for slot in one.slots} == {power}


def test_what_the_limit_leaves_is_exact_too() -> None:
    both = allocated((1, 2, 9), demand(14.8, 7.4, 0, 2), demand(7.2, 7.4, 0, 2), limit=11)
    assert {slot.power for one in both for slot in one.slots} == {7.4, 3.6}
    thirds = allocated((1, 9), *[demand(10 / 3, 10 / 3)] * 3, limit=10)
    assert [drawn(one.slots, 2) for one in thirds] == ["?."] * 3
    assert {slot.power for one in thirds for slot in one.slots} == {10 / 3}


def test_slots_are_cut_where_the_price_changes_and_nowhere_else() -> None:
    prices = priced(10, 20, 20, 10, step=QUARTER)
    (found,) = Case(prices, [demand(8, 8)]).allocated()
    assert [(slot.length / QUARTER, slot.rate) for slot in found.slots] == [
        (1, 10),
        (2, 20),
        (1, 10),
    ]
    assert found.cost == 8 * 15


def test_a_slot_is_as_certain_as_its_least_certain_part() -> None:
    prices = (*priced(10), Slot(at(1), at(2), 10, 0.6), Slot(at(2), at(3), 20, 0.2))
    (found,) = Case(prices, [demand(2, 1)]).allocated()
    assert [slot.confidence for slot in found.slots] == [0.6]
    assert found.confidence == 0.6
    (half,) = Case(prices, [demand(0.5, 1)]).allocated()
    assert half.confidence == 1
    (nothing,) = Case(prices, [demand(1, 1, 5, 6)]).allocated()
    assert nothing.confidence == 1


def test_a_price_that_began_before() -> None:
    (found,) = allocated((10, 20), demand(1, 1, 0.5, 2))
    assert drawn(found.slots, 2) == "-+"


def test_lengths_and_order_of_the_prices() -> None:
    prices = [
        Slot(at(3), at(8), 10),
        Slot(at(0), at(0.1), 5),
        Slot(at(1), at(3), 20),
        Slot(at(0.1), at(1), 30),
    ]
    case = Case(prices, [demand(5, 1), demand(3, 1)], 1)
    found = case.allocated()
    keeps_the_rules(case, found)
    assert cost(found) == pytest.approx(0.1 * 5 + 5 * 10 + 2 * 20 + 0.9 * 30)


def test_prices_that_overlap_are_refused() -> None:
    prices = [Slot(at(0), at(2), 10), Slot(at(1), at(3), UNKNOWN)]
    with pytest.raises(ValueError, match="overlap"):
        Case(prices, [demand(1, 1)]).allocated()


def test_no_demands_and_no_prices() -> None:
    assert allocate({}, []) == ()
    (found,) = allocate({}, [demand(1, 1)])
    assert (found.slots, found.shortfall, found.cost) == ((), 1, 0)
    assert found.savings == Savings(0.0)


# Directions


def test_the_dearest_hours_are_sold() -> None:
    (found,) = allocated((30, 10, 20, 40), demand(3, 2, direction=EXPORT))
    assert drawn(found.slots, 4) == "+..2"
    assert found.cost == 30 + 2 * 40


def test_directions_have_prices_and_limits_of_their_own() -> None:
    buy, sell = demand(2, 2), demand(2, 2, direction=EXPORT)
    bought, sold, rest, own = allocate(
        {IMPORT: priced(10, 20, 30), EXPORT: priced(5, 25, 15)},
        [buy, sell, replace(buy, max_power=3), replace(buy, direction=Direction.LOCAL)],
        limits={IMPORT: 2},
    )
    assert drawings((bought, rest), 3) == ["2..", ".2."]
    assert drawn(sold.slots, 3) == ".2."
    assert sold.cost == 50
    assert own.shortfall == 2


# Caps


@pytest.mark.parametrize(
    ("direction", "cap", "expected"),
    [
        pytest.param(IMPORT, PriceCap(), "1111.", id="none"),
        pytest.param(IMPORT, PriceCap(relative=1), "1111.", id="up to the highest"),
        pytest.param(IMPORT, PriceCap(relative=0.01), ".1...", id="only the lowest"),
        pytest.param(IMPORT, PriceCap(relative=0.505), ".11..", id="up to half way"),
        pytest.param(IMPORT, PriceCap(relative=0.5), ".1...", id="just below half way"),
        pytest.param(IMPORT, PriceCap(relative=0), ".....", id="below the lowest"),
        pytest.param(IMPORT, PriceCap(absolute=0.3), "111..", id="up to a rate"),
        pytest.param(IMPORT, PriceCap(absolute=0.09), ".....", id="a rate there is not"),
        pytest.param(IMPORT, PriceCap(0.01, 0.3), "111..", id="the rate wins"),
        pytest.param(EXPORT, PriceCap(relative=1), "1111.", id="sold: down to the lowest"),
        pytest.param(EXPORT, PriceCap(relative=0.01), "...1.", id="sold: only the highest"),
        pytest.param(EXPORT, PriceCap(relative=0.505), "1..1.", id="sold: down to half way"),
        pytest.param(EXPORT, PriceCap(absolute=0.3), "1..1.", id="sold: down to a rate"),
        pytest.param(EXPORT, PriceCap(0.9, 0.4), "...1.", id="sold: the rate wins"),
    ],
)
def test_a_cap(direction, cap, expected) -> None:
    """Half way between 0.1 and 0.4 is 0.25; the price after the span does not count."""
    prices = (0.3, 0.1, 0.25, 0.4, 9) if direction is IMPORT else (0.3, 0.1, 0.2, 0.4, -9)
    (found,) = allocated(prices, demand(4, 1, 0, 4, direction=direction), cap=cap)
    assert drawn(found.slots, 5) == expected
    assert found.shortfall == expected.count(".") - 1


def test_a_relative_cap_is_one_of_the_own_span() -> None:
    early, late = demand(4, 1, 0, 2), demand(4, 1, 2, 4)
    found = allocated((10, 20, 30, 40), early, late, cap=PriceCap(relative=0.5))
    assert drawings(found, 4) == ["1...", "..1."]


def test_a_relative_cap_at_one_price_is_none() -> None:
    (found,) = allocated((0.3,) * 4, demand(4, 1), cap=PriceCap(relative=0.01))
    assert found.shortfall == 0


def test_a_cap_is_not_missed_by_a_rounding_error() -> None:
    (found,) = allocated((0.1 + 0.2, 0.5), demand(1, 1), cap=PriceCap(absolute=0.3))
    assert found.shortfall == 0
    (found,) = allocated((0.1, 0.2, 0.7), demand(2, 1), cap=PriceCap(relative=0.01 + 0.99 / 6))
    assert found.shortfall == 0


# Least power


def test_a_device_that_needs_more_than_there_is_gets_nothing() -> None:
    found = allocated((10, 20), demand(1, 3, minimum=2), demand(1, 3, minimum=1), limit=1.5)
    assert [one.shortfall for one in found] == [1, 0]


@pytest.mark.parametrize(
    ("prices", "limit", "demands", "expected_cost"),
    [
        pytest.param((10, 20, 30), None, [(2, 4, 4)], 20, id="alone: at full power for a while"),
        pytest.param(
            (10, 20), 4, [(3, 3, 0), (3, 3, 2)], 4 * 10 + 2 * 20, id="the other makes room"
        ),
        pytest.param((10, 20), 3, [(1, 3, 3), (2, 3, 3)], 30, id="in turn within an hour"),
        pytest.param((10, 20), 5, [(3, 3, 3), (3, 3, 3)], 30 + 60, id="side by side is impossible"),
        pytest.param(
            (10, 20), 5, [(3, 3, 0), (3, 3, 3)], 5 * 10 + 1 * 20, id="who can, makes room"
        ),
    ],
)
def test_nobody_runs_at_less_than_the_least_power(prices, limit, demands, expected_cost) -> None:
    wanted = [demand(energy, power, minimum=minimum) for energy, power, minimum in demands]
    found = allocated(prices, *wanted, limit=limit)
    assert sum(one.shortfall for one in found) == 0
    assert cost(found) == pytest.approx(expected_cost)


# Savings


@pytest.mark.parametrize(
    ("prices", "direction", "value", "percentage"),
    [
        pytest.param((30, 20, 10, 40), IMPORT, 20, 40, id="30 + 20 against 20 + 10"),
        pytest.param((10, 20, 30, 40), IMPORT, 0, 0, id="at once is the best"),
        pytest.param((30, -30, -40, 40), IMPORT, 70, None, id="it would have cost nothing"),
        pytest.param((-10, -20, -30, 40), IMPORT, 20, None, id="it would have been paid for"),
        pytest.param((UNKNOWN, 30, 20, 10), IMPORT, 20, 40, id="whenever a price is known"),
        pytest.param((30, 20, 10, 40), EXPORT, 20, 40, id="sold: 40 + 30 against 30 + 20"),
        pytest.param((-10, -20, 10, 40), EXPORT, 80, None, id="sold: it would have cost"),
    ],
)
def test_savings_against_starting_at_once(prices, direction, value, percentage) -> None:
    (found,) = allocated(prices, demand(4, 2, direction=direction))
    assert found.savings == Savings(2 * value, None if percentage is None else percentage)
    assert {slot.saved for slot in found.slots} == {value / 2}


def test_the_baseline_knows_no_cap_and_no_other_devices() -> None:
    """It is the energy that is delivered, at full power from the start on."""
    prices = (40, 30, 20, 10)
    other, capped = allocated(
        prices, demand(1, 1), demand(4, 1), limit=1, cap=PriceCap(absolute=30)
    )
    assert (energy_of(other.slots), capped.shortfall) == (1, 2)
    assert other.savings.value == pytest.approx(40 - other.cost)
    assert capped.savings.value == pytest.approx(40 + 30 - capped.cost)


def test_a_limit_below_the_power_holds_for_the_baseline_too() -> None:
    (found,) = allocated((40, 30, 20, 10), demand(2, 2), limit=1)
    assert found.savings == Savings(40 + 30 - 20 - 10, pytest.approx(100 * 40 / 70))


def test_sharing_can_cost_a_device_more_than_running_at_once() -> None:
    """The baseline knows neither the other one nor what the two have to share."""
    poor, rich = allocated((10, 50), demand(1, 1), demand(1, 1, 0, 1), limit=1)
    assert poor.savings == Savings(-40, -400)
    assert rich.savings == Savings(0, 0)


def test_nothing_given_saves_nothing() -> None:
    (found,) = allocated((10, 20), demand(1, 1), cap=PriceCap(absolute=5))
    assert found.savings == Savings(0)


def test_it_changes_nothing_it_is_given() -> None:
    prices, wanted = list(priced(30, 10, 20)), [demand(2, 2), demand(2, 2)]
    limits, caps = {IMPORT: 2.0}, {IMPORT: PriceCap(0.9)}
    before = [*prices], [*wanted], {**limits}, {**caps}
    once = allocate({IMPORT: prices}, wanted, limits=limits, caps=caps)
    assert (prices, wanted, limits, caps) == before
    assert allocate({IMPORT: prices}, wanted, limits=limits, caps=caps) == once


def test_moments_may_come_in_any_zone() -> None:
    """And leave in UTC."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    brussels = ZoneInfo("Europe/Brussels")
    prices = [
        Slot(slot.start.astimezone(brussels), slot.end.astimezone(brussels), slot.rate)
        for slot in priced(3, 1, 2)
    ]
    target = demand(1, 1, 0, 3)
    span = Span(target.span.start.astimezone(brussels), target.span.end.astimezone(brussels))
    (found,) = Case(prices, [replace(target, span=span)]).allocated()
    assert [(slot.start, slot.end) for slot in found.slots] == [(at(1), at(2))]
    assert found.slots[0].start.tzinfo == at(0).tzinfo
