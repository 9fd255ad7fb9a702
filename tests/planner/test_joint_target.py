"""What is asked for, in how many requests, and what is left of a plan when a target changes."""

from dataclasses import replace
from datetime import timedelta
import math

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.flatpeak.model import (
    NEGLIGIBLE,
    AmountPlan,
    AmountRequest,
    Demand,
    Direction,
    PriceCap,
    SiteRules,
    Source,
    Span,
    before,
    energy_of,
    within,
)
from custom_components.flatpeak.planner import demanded, missing, refitted_amount, requests

from .drawing import SECOND, at
from .drawing_amount import draw_power, plan_of, shape, slot, wish_for

IMPORT, EXPORT = Direction.IMPORT, Direction.EXPORT
MICROSECOND = timedelta(microseconds=1)


# What is asked for


@pytest.mark.parametrize(
    ("now", "energy", "start", "asked"),
    [
        pytest.param(-2, 20, 0, 20, id="before the period: from its start"),
        pytest.param(0, 20, 0, 20, id="at its start"),
        pytest.param(2.5, 20, 2.5, 20, id="from now on"),
        pytest.param(6, 20, 6, 10, id="no more than full power all the time"),
        pytest.param(-9, 99, 0, 40, id="not in the whole period either"),
        pytest.param(1, 0.02, 1, 0.02, id="a little"),
    ],
)
def test_asks_for_what_is_missing_in_what_is_left(now, energy, start, asked) -> None:
    target = wish_for(99, 5, 1, EXPORT)
    demand = demanded("dev_7", target, plan_of("5555...."), energy, at(now))
    assert demand == Demand("dev_7", EXPORT, Span(at(start), at(8)), asked, 5, 1)


@pytest.mark.parametrize(
    ("now", "energy", "power"),
    [
        pytest.param(1, 0.0, 5, id="nothing is missing"),
        pytest.param(1, -3.0, 5, id="less than nothing"),
        pytest.param(1, NEGLIGIBLE, 5, id="no meter could tell"),
        pytest.param(1, 20, 0.0, id="without any power"),
        pytest.param(8, 20, 5, id="the period is over"),
        pytest.param(9, 20, 5, id="long over"),
    ],
)
def test_asks_for_nothing(now, energy, power) -> None:
    assert demanded("dev_1", wish_for(20, power), plan_of("........"), energy, at(now)) is None


@pytest.mark.parametrize("fraction", [MICROSECOND, SECOND - MICROSECOND])
def test_requests_know_whole_seconds(fraction) -> None:
    demand = demanded("dev_1", wish_for(99, 5), plan_of("........"), 99, at(1) + fraction)
    assert demand.span == Span(at(1) + SECOND, at(8))
    assert demand.energy == pytest.approx(5 * (7 - 1 / 3600))


@pytest.mark.parametrize(
    ("left", "asked"),
    [
        pytest.param(2 * SECOND, True, id="two seconds"),
        pytest.param(SECOND, True, id="one"),
        pytest.param(SECOND - MICROSECOND, False, id="not quite one"),
        pytest.param(2 * SECOND - MICROSECOND, True, id="not quite two: the last one"),
    ],
)
def test_the_last_part_of_a_second_is_not_asked_about(left, asked) -> None:
    target = wish_for(99, 100)
    assert bool(demanded("dev_1", target, plan_of("...."), 99, at(4) - left)) is asked


def test_of_what_runs_all_is_asked_for() -> None:
    """Only so the others are planned beside it."""
    plan, target = plan_of("5555...."), wish_for(30)
    demand = demanded("dev_1", target, plan, missing(target, plan, at(1)), at(1))
    assert (demand.span.start, demand.energy) == (at(1), 25)


# How many requests


def demand(power: float, direction: Direction = IMPORT, name: str = "a") -> Demand:
    return Demand(name, direction, Span(at(0), at(8)), 10, power)


def rules(
    limit: float | None = None,
    export: float | None = None,
    cap: float | None = None,
    floor: float | None = None,
) -> SiteRules:
    limits, caps = {IMPORT: limit, EXPORT: export}, {IMPORT: cap, EXPORT: floor}
    return SiteRules(
        {way: value for way, value in limits.items() if value is not None},
        {way: PriceCap(absolute=value) for way, value in caps.items() if value is not None},
    )


BUY, MORE = demand(7, name="buy"), demand(5, name="more")
SELL, GIVE = demand(4, EXPORT, "sell"), demand(2, EXPORT, "give")


@pytest.mark.parametrize(
    ("demands", "site", "expected"),
    [
        pytest.param([], rules(11, 5), [], id="nothing is asked"),
        pytest.param([BUY, MORE], rules(), [("buy more", 12)], id="no limit: what they can do"),
        pytest.param([BUY, MORE], rules(11), [("buy more", 11)], id="a limit"),
        pytest.param([BUY, MORE], rules(99), [("buy more", 12)], id="one that is never reached"),
        pytest.param([BUY, MORE], rules(12), [("buy more", 12)], id="one that is just reached"),
        pytest.param([SELL], rules(11), [("sell", 4)], id="of the other direction"),
        pytest.param([BUY, SELL], rules(), [("buy sell", 11)], id="both ways without a limit"),
        pytest.param([BUY, SELL], rules(11), [("buy sell", 11)], id="a limit nobody reaches"),
        pytest.param([BUY, MORE, SELL], rules(11), [("buy more sell", 11)],
                     id="what is sold stays below the limit of what is bought"),
        pytest.param([BUY, MORE, SELL], rules(3), [("buy more", 3), ("sell", 4)],
                     id="it would be cut by it"),
        pytest.param([BUY, MORE, SELL], rules(11, 3), [("buy more sell", 11)],
                     id="one alone is kept from it by its own power"),
        pytest.param([BUY, MORE, SELL, GIVE], rules(11, 3), [("buy more", 11), ("sell give", 3)],
                     id="two limits that matter"),
        pytest.param([BUY, MORE, SELL], rules(3, 3), [("buy more sell", 3)], id="the same limit"),
        pytest.param([BUY, MORE, SELL], rules(11, 4), [("buy more sell", 11)],
                     id="two limits, one of which is never reached"),
        pytest.param([SELL, BUY, MORE], rules(11, 4), [("sell buy more", 11)], id="in any order"),
        pytest.param([BUY, SELL], rules(cap=0.3), [("buy", 7), ("sell", 4)], id="a cap for one"),
        pytest.param([BUY, SELL], rules(cap=0.3, floor=0.3), [("buy sell", 11)], id="the same"),
        pytest.param([BUY, SELL], rules(cap=0.3, floor=0.2), [("buy", 7), ("sell", 4)], id="two"),
        pytest.param([BUY, MORE], rules(floor=0.2), [("buy more", 12)], id="of what nobody sells"),
        pytest.param([BUY, SELL], rules(cap=0.0), [("buy", 7), ("sell", 4)], id="a cap of nothing"),
    ],
)  # fmt: skip
def test_one_request_if_it_can_say_it_all(demands, site, expected) -> None:
    asked = requests(demands, site)
    names = [" ".join(part.device_id for part in request.demands) for request in asked]
    assert [(name, request.max_power) for name, request in zip(names, asked, strict=True)] == (
        expected
    )
    for request in asked:
        for part in request.demands:
            assert request.cap == site.caps.get(part.direction)


def test_nobody_is_asked_to_take_more_than_the_limit() -> None:
    assert requests([BUY], rules(3)) == [AmountRequest((replace(BUY, max_power=3),), 3)]


kilowatts = st.floats(0.1, 100) | st.sampled_from((1.1, 2.2, 3.7, 7.4, 11.0))
any_demand = st.builds(demand, kilowatts, st.sampled_from((IMPORT, EXPORT)))
any_rules = st.builds(
    rules,
    *(st.none() | kilowatts for _ in range(2)),
    *(st.none() | st.sampled_from((0.1, 0.2)) for _ in range(2)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(any_demand, max_size=5), any_rules)
def test_no_answer_can_break_a_limit_and_no_limit_is_lower_than_it_has_to_be(found, site) -> None:
    found = [replace(each, device_id=f"dev_{place}") for place, each in enumerate(found)]
    asked = requests(found, site)
    parts = sorted((part for request in asked for part in request.demands),
                   key=lambda part: part.device_id)  # fmt: skip
    assert [replace(part, max_power=0) for part in parts] == [
        replace(each, max_power=0) for each in found
    ]
    for request in asked:
        for way in {part.direction for part in request.demands}:
            limit = site.limits.get(way, math.inf)
            own = [part for part in request.demands if part.direction is way]
            powers = [each.max_power for each in found if each.direction is way]
            assert [part.max_power for part in own] == [min(power, limit) for power in powers]
            together = sum(part.max_power for part in own)
            assert min(request.max_power, together) == pytest.approx(min(limit, together))
            assert min(request.max_power, together) <= limit * (1 + 1e-9)
            assert request.cap == site.caps.get(way)
    ways = {each.direction for each in found}
    assert len(asked) <= len(ways)
    if len(ways) == 2 and not site.limits and not site.caps:
        assert len(asked) == 1


# A target that changes


def refit(
    drawing: str, now: float, old: tuple = (20,), new: tuple = (20,), period: Span | None = None
) -> AmountPlan:
    plan = plan_of(drawing)
    return refitted_amount(plan, wish_for(*old), wish_for(*new), period or plan.period, at(now))


@pytest.mark.parametrize(
    ("new", "expected", "answered"),
    [
        pytest.param((20,), "55..55..", True, id="the same wish"),
        pytest.param((30,), "55..55..", True, id="more: nothing is made up"),
        pytest.param((15,), "55..5...", True, id="less: what is too much goes, the last first"),
        pytest.param((10,), "55......", True, id="less than what is planned next"),
        pytest.param((5,), "5.......", True, id="what was delivered: it stops"),
        pytest.param((3,), "5.......", True, id="less than that"),
        pytest.param((20, 3), "53..33..", True, id="less power"),
        pytest.param((20, 9, 6), "5.......", False, id="more than it runs at is the least"),
        pytest.param((20, 9, 5), "55..55..", True, id="just what it runs at"),
        pytest.param((20, 9, 0, EXPORT), "5.......", False, id="the other way"),
    ],
)
def test_what_is_left_of_a_plan(new, expected, answered) -> None:
    left = refit("55..55..", 1, new=new)
    assert draw_power(left.windows, 8) == expected
    assert left.source is (Source.FLATPEAK if answered else None)


def test_a_schedule_that_is_off_plans_nothing() -> None:
    plan = plan_of("55..55..")
    off = wish_for(20, enabled=False)
    left = refitted_amount(plan, wish_for(20), off, plan.period, at(1))
    assert (draw_power(left.windows, 8), left.source) == ("5.......", None)
    # and it makes nothing up when it is on again
    again = refitted_amount(left, off, wish_for(20), plan.period, at(1.5))
    assert (draw_power(again.windows, 8), again.source) == ("5.......", None)


def test_of_a_battery_nobody_knows_here_how_much_is_missing() -> None:
    plan = plan_of("55..55..")
    target = replace(wish_for(None), target_soc=80)
    left = refitted_amount(plan, target, replace(target, target_soc=20), plan.period, at(1))
    assert left == plan


@pytest.mark.parametrize(
    ("start", "end", "expected", "answered"),
    [
        pytest.param(-2, 6, "55..55", True, id="the end is earlier, but not too early"),
        pytest.param(-2, 5, "55..5", True, id="the end comes sooner"),
        pytest.param(0, 12, "55..55......", True, id="it comes later"),
        pytest.param(4, 8, "5...55..", True, id="the start is later: it does not run now"),
        pytest.param(5, 8, "5....5..", True, id="it begins in a window"),
        pytest.param(6, 8, "5.......", False, id="no window is left"),
        pytest.param(8, 16, "........", False, id="another period: nothing of the old one counts"),
        pytest.param(20, 28, "........", False, id="far away"),
    ],
)
def test_other_hours(start, end, expected, answered) -> None:
    left = refit("55..55..", 1, period=Span(at(start), at(end)))
    assert draw_power(left.windows, len(expected)) == expected
    assert left.period == Span(at(start), at(end))
    assert left.source is (Source.FLATPEAK if answered else None)


def test_energy_counts_that_was_delivered_before_the_new_start() -> None:
    """The hours become later after two of them have run: their energy is in the car."""
    target = wish_for(30)
    left = refit("55..55..", 2, (30,), (30,), Span(at(3), at(8)))
    assert draw_power(left.windows, 8) == "55..55.."
    assert missing(target, left, at(2)) == 20
    assert missing(target, left, at(5)) == 15


@pytest.mark.parametrize(
    ("energy", "answered"),
    [
        pytest.param(5, True, id="all of it was delivered"),
        pytest.param(5 + NEGLIGIBLE / 2, True, id="all that matters"),
        pytest.param(6, False, id="not all"),
    ],
)
def test_who_has_got_everything_needs_no_answer(energy, answered) -> None:
    left = refit("5...", 1, (20,), (energy,))
    assert draw_power(left.windows, 4) == "5..."
    assert left.source is (Source.FLATPEAK if answered else None)


def test_a_plan_nobody_answered_stays_so() -> None:
    plan = plan_of("....")
    assert refitted_amount(plan, wish_for(5), wish_for(6), plan.period, at(1)) == plan


windows = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 90), st.sampled_from((1.0, 3.7, 5.0, 7.4))),
    max_size=8,
)
targets = st.builds(
    wish_for,
    st.none() | st.floats(0.1, 60),
    st.floats(3.0, 9.0),
    st.floats(0.0, 3.0),
    st.sampled_from((IMPORT, IMPORT, EXPORT)),
    enabled=st.sampled_from((True, True, False)),
)


@settings(max_examples=300, deadline=None)
@given(windows, targets, targets, st.floats(-1, 9), st.floats(-3, 8), st.floats(0.1, 9))
def test_a_changed_wish_makes_nothing_up_and_forgets_nothing(
    found, old, new, now, start, length
) -> None:
    slots, edge = [], 0.0
    for pause, minutes, power in found:
        first, edge = edge + pause / 60, edge + (pause + minutes) / 60
        slots.append(slot(first, edge, power))
    was = AmountPlan(Span(at(0), at(max(edge, 8))), tuple(slots), Source.FLATPEAK)
    period = Span(at(start), at(start + length))
    left = refitted_amount(was, old, new, period, at(now))
    past = before(was.windows, at(now))
    if was.period.start < period.end and period.start < was.period.end:
        assert shape(before(left.windows, at(now))) == shape(past)
    else:
        assert (left.windows, left.source) == ((), None)
        return
    ahead = within(left.windows, at(now), at(99))
    assert energy_of(ahead) == pytest.approx(left.energy - energy_of(past))
    for part in ahead:
        assert period.start <= part.start < part.end <= period.end
        assert new.min_power <= part.power <= new.max_power
        planned = within(was.windows, part.start, part.end)
        assert sum((piece.length for piece in planned), timedelta(0)) == part.length
        assert all(piece.power >= part.power for piece in planned)
    if new.energy is not None:
        assert left.energy <= max(new.energy, energy_of(past)) + 2 * NEGLIGIBLE
    if not new.enabled or new.direction is not old.direction:
        assert ahead == ()
