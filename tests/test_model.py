"""The nouns: stretches of time, their prices, the hours of a day, plans."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.flatpeak.engine import KINDS, ScheduleState
from custom_components.flatpeak.model import (
    Direction,
    DurationTarget,
    Form,
    Frame,
    KindName,
    Location,
    Plan,
    Segment,
    Slot,
    Source,
    Span,
    Status,
    average_rate,
    before,
    merge,
    runs,
    total,
    within,
)

MIDNIGHT = datetime(2026, 1, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Start no Home Assistant."""


@pytest.fixture(autouse=True)
def _words() -> None:
    """Nothing is said here."""


def at(hours: float) -> datetime:
    return MIDNIGHT + hours * HOUR


def slot(start: float, end: float, rate: float | None = 10, confidence: float = 1.0) -> Slot:
    return Slot(at(start), at(end), rate, confidence)


# Stretches of time


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        pytest.param(at(1), at(1), "ends before it starts", id="empty"),
        pytest.param(at(2), at(1), "ends before it starts", id="reversed"),
        pytest.param(at(1).replace(tzinfo=None), at(2), "time zone", id="start without zone"),
        pytest.param(at(1), at(2).replace(tzinfo=None), "time zone", id="end without zone"),
    ],
)
def test_what_is_no_stretch_of_time_is_refused(start, end, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        Span(start, end)


def test_a_span_holds_its_start_and_not_its_end() -> None:
    span = Span(at(1), at(2))
    assert [span.contains(at(hour)) for hour in (0.5, 1, 1.5, 2, 2.5)] == [
        *(False, True, True, False, False),
    ]
    assert span.length == HOUR


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 5, (1, 3), id="all of it"),
        pytest.param(2, 5, (2, 3), id="its end"),
        pytest.param(0, 2, (1, 2), id="its start"),
        pytest.param(1.5, 2.5, (1.5, 2.5), id="its middle"),
        pytest.param(3, 5, None, id="it ends there"),
        pytest.param(0, 1, None, id="it starts there"),
        pytest.param(2, 2, None, id="between a moment and itself"),
    ],
)
def test_a_part_of_a_slot_keeps_its_price(start, end, expected) -> None:
    part = slot(1, 3, 7, 0.5).clip(at(start), at(end))
    assert part == (expected and slot(*expected, 7, 0.5))


def test_parts_and_lengths_of_several() -> None:
    slots = (slot(0, 2), slot(2, 3), slot(5, 8))
    assert within(slots, at(1), at(6)) == (slot(1, 2), slot(2, 3), slot(5, 6))
    assert total(slots) == 6 * HOUR
    assert total(()) == timedelta(0)


def test_nouns_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        slot(0, 1).rate = 3


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param(0, [], id="nothing yet"),
        pytest.param(1, [(0, 1)], id="a part"),
        pytest.param(2, [(0, 2)], id="one is over, the next begins"),
        pytest.param(4, [(0, 2), (2, 3)], id="between"),
        pytest.param(6, [(0, 2), (2, 3), (5, 6)], id="the last one runs"),
        pytest.param(9, [(0, 2), (2, 3), (5, 8)], id="all of it"),
    ],
)
def test_what_is_over_at_a_moment(moment, expected) -> None:
    slots = (slot(0, 2), slot(2, 3), slot(5, 8))
    assert before(slots, at(moment)) == tuple(slot(*edges) for edges in expected)


# Runs


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([slot(0, 1)], [(0, 1)], id="one"),
        pytest.param([slot(0, 1), slot(1, 2)], [(0, 2)], id="touching"),
        pytest.param([slot(0, 1), slot(1, 2, 7, 0.5)], [(0, 2)], id="whatever they cost"),
        pytest.param([slot(0, 1), slot(1, 2, None, 0)], [(0, 2)], id="known or not"),
        pytest.param([slot(0, 1), slot(2, 3)], [(0, 1), (2, 3)], id="apart"),
        pytest.param([slot(2, 3), slot(0, 1), slot(1, 2)], [(0, 3)], id="in any order"),
        pytest.param([slot(0, 3), slot(1, 2)], [(0, 3)], id="one inside another"),
        pytest.param([slot(0, 2), slot(1, 3)], [(0, 3)], id="overlapping"),
        pytest.param([slot(0, 1), slot(0, 2)], [(0, 2)], id="begun together"),
        pytest.param([slot(0, 1), slot(1.0001, 2)], [(0, 1), (1.0001, 2)], id="a moment apart"),
    ],
)
def test_what_touches_is_one_run(spans, expected) -> None:
    assert runs(spans) == tuple(Span(at(start), at(end)) for start, end in expected)
    assert runs(iter(spans)) == runs(spans)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=12))
def test_runs_hold_the_same_time_and_do_not_touch(found) -> None:
    spans = [Span(at(start), at(start + length)) for start, length in found]
    joined = runs(spans)
    assert all(a.end < b.start for a, b in pairwise(joined))
    assert runs(joined) == joined
    for hour in range(40):
        inside = any(span.contains(at(hour)) for span in spans)
        assert any(run.contains(at(hour)) for run in joined) is inside


# Slots that touch


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([slot(0, 1)], [slot(0, 1)], id="one"),
        pytest.param([slot(0, 1), slot(2, 3)], [slot(0, 1), slot(2, 3)], id="apart"),
        pytest.param([slot(0, 1), slot(1, 3)], [slot(0, 3)], id="touching"),
        pytest.param([slot(1, 3), slot(0, 1)], [slot(0, 3)], id="in any order"),
        pytest.param([slot(0, 1, 40), slot(1, 4, 20)], [slot(0, 4, 25)], id="average by time"),
        pytest.param(
            [slot(0, 1, 0), slot(1, 2, 3), slot(2, 4, 6)], [slot(0, 4, 3.75)], id="average of three"
        ),
        pytest.param(
            [slot(0, 1, 3, 0.6), slot(1, 2, 3, 1)], [slot(0, 2, 3, 0.6)], id="lowest confidence"
        ),
        pytest.param(
            [slot(0, 1, None, 0), slot(1, 2, None, 0)], [slot(0, 2, None, 0)], id="both unknown"
        ),
        pytest.param(
            [slot(0, 1, None, 0), slot(1, 2, 5), slot(2, 3, None, 0)],
            [slot(0, 1, None, 0), slot(1, 2, 5), slot(2, 3, None, 0)],
            id="known and unknown do not mix",
        ),
    ],
)
def test_touching_slots_become_one(slots, expected) -> None:
    assert merge(slots) == tuple(expected)


@pytest.mark.parametrize(
    "slots",
    [
        pytest.param([slot(0, 2), slot(1, 3)], id="partly"),
        pytest.param([slot(0, 3), slot(1, 2)], id="one in the other"),
        pytest.param([slot(0, 1), slot(0, 1)], id="twice the same"),
        pytest.param([slot(0, 1), slot(1, 4), slot(2, 3)], id="with one that was merged"),
        pytest.param([slot(0, 2, None, 0), slot(1, 3)], id="with an unknown one"),
    ],
)
def test_slots_that_overlap_are_refused(slots) -> None:
    with pytest.raises(ValueError, match="overlap"):
        merge(slots)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 90), st.floats(-1, 1), st.booleans()), max_size=20))
def test_merging_keeps_the_time_and_the_money(parts) -> None:
    slots, start = [], MIDNIGHT
    for minutes, rate, gap in parts:
        start += 7 * MINUTE * gap
        slots.append(Slot(start, start + minutes * MINUTE, rate))
        start += minutes * MINUTE
    merged = merge(slots)
    assert total(merged) == total(slots)
    assert len(merged) == sum(gap for _, _, gap in parts[1:]) + bool(parts)
    money, expected = (sum(s.rate * (s.length / HOUR) for s in some) for some in (merged, slots))
    assert money == pytest.approx(expected, abs=1e-9)


def test_equal_prices_stay_equal_to_the_last_bit() -> None:
    thirds = [slot(hour / 7, (hour + 1) / 7, 0.1 + 0.2) for hour in range(7)]
    assert [window.rate for window in merge(thirds)] == [0.1 + 0.2]


def test_the_average_is_of_what_is_known() -> None:
    assert average_rate((slot(0, 1, 10), slot(3, 4, None, 0), slot(5, 8, 30))) == 25
    assert average_rate((slot(3, 4, None, 0),)) is None
    assert average_rate(()) is None


# The hours of a day


def period(frame: str, now: str, zone: str = "Europe/Brussels", days=range(7)) -> tuple[str, str]:
    """Return a period as the clock in UTC shows it; `now` is by the clock of the zone."""
    start, end = (time.fromisoformat(text) for text in frame.split("-"))
    moment = datetime.fromisoformat(now)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    found = Frame(start, end, frozenset(days)).period(moment, ZoneInfo(zone))
    assert found.start.tzinfo is UTC
    assert found.end.tzinfo is UTC
    return f"{found.start:%d %H:%M}", f"{found.end:%d %H:%M}"


@pytest.mark.parametrize(
    ("frame", "now", "expected"),
    [
        pytest.param("09:00-17:00", "2026-01-15 08:00", ("15 08:00", "15 16:00"), id="before"),
        pytest.param("09:00-17:00", "2026-01-15 12:00", ("15 08:00", "15 16:00"), id="in it"),
        pytest.param("09:00-17:00", "2026-01-15 09:00", ("15 08:00", "15 16:00"), id="its start"),
        pytest.param("09:00-17:00", "2026-01-15 17:00", ("16 08:00", "16 16:00"), id="its end"),
        pytest.param("22:00-07:00", "2026-01-15 12:00", ("15 21:00", "16 06:00"), id="tonight"),
        pytest.param("22:00-07:00", "2026-01-15 23:00", ("15 21:00", "16 06:00"), id="evening"),
        pytest.param("22:00-07:00", "2026-01-16 03:00", ("15 21:00", "16 06:00"), id="morning"),
        pytest.param("22:00-07:00", "2026-01-16 07:00", ("16 21:00", "17 06:00"), id="done"),
        pytest.param("13:00-13:00", "2026-01-15 12:59", ("14 12:00", "15 12:00"), id="whole day"),
        pytest.param("13:00-13:00", "2026-01-15 13:00", ("15 12:00", "16 12:00"), id="the next"),
        pytest.param("00:00-00:00", "2026-01-15 00:00", ("14 23:00", "15 23:00"), id="midnight"),
        pytest.param("00:30-00:15", "2026-01-15 00:20", ("14 23:30", "15 23:15"),
                     id="a day but a quarter"),
    ],
)  # fmt: skip
def test_the_period_is_the_one_now_or_the_next(frame, now, expected) -> None:
    assert period(frame, now) == expected


@pytest.mark.parametrize(
    ("days", "now", "expected"),
    [
        pytest.param({3}, "2026-01-15 12:00", "15 21:00", id="today"),
        pytest.param({4}, "2026-01-15 12:00", "16 21:00", id="tomorrow"),
        pytest.param({2}, "2026-01-15 12:00", "21 21:00", id="a week but a day"),
        pytest.param({2}, "2026-01-15 03:00", "14 21:00", id="the night that began yesterday"),
        pytest.param({3}, "2026-01-15 03:00", "15 21:00", id="not the night of yesterday"),
        pytest.param({3}, "2026-01-16 07:00", "22 21:00", id="next week"),
        pytest.param({5, 6}, "2026-01-15 12:00", "17 21:00", id="the weekend"),
    ],
)
def test_a_period_starts_on_the_days_chosen(days, now, expected) -> None:
    assert period("22:00-07:00", now, days=days)[0] == expected


def test_without_days_there_is_no_period() -> None:
    with pytest.raises(ValueError, match="weekday"):
        period("22:00-07:00", "2026-01-15 12:00", days=())


@pytest.mark.parametrize(
    ("frame", "hours"),
    [("22:00-07:00", 9), ("09:00-17:30", 8.5), ("00:00-00:00", 24), ("13:00-13:00", 24)],
)
def test_the_length_of_a_frame(frame, hours) -> None:
    start, end = (time.fromisoformat(text) for text in frame.split("-"))
    assert Frame(start, end).length == hours * HOUR


# In 2026 the clocks change on 29 March and 25 October in Brussels (2:00 to 3:00 and
# 3:00 to 2:00) and London (1:00 to 2:00 and back), on 8 March and 1 November in New York
# (2:00 to 3:00 and back), on 4 October and 5 April on Lord Howe (2:00 to 2:30 and back).
@pytest.mark.parametrize(
    ("zone", "frame", "noon_before", "expected"),
    [
        pytest.param("Europe/Brussels", "22:00-07:00", "2026-03-28", ("28 21:00", "29 05:00"),
                     id="Brussels, spring: 8 hours"),
        pytest.param("Europe/Brussels", "22:00-07:00", "2026-10-24", ("24 20:00", "25 06:00"),
                     id="Brussels, autumn: 10 hours"),
        pytest.param("Europe/Brussels", "12:00-12:00", "2026-03-28", ("28 11:00", "29 10:00"),
                     id="Brussels, spring: a day of 23 hours"),
        pytest.param("Europe/Brussels", "12:00-12:00", "2026-10-24", ("24 10:00", "25 11:00"),
                     id="Brussels, autumn: a day of 25 hours"),
        pytest.param("Europe/Brussels", "22:00-02:30", "2026-03-28", ("28 21:00", "29 01:30"),
                     id="Brussels: it ends at a time that is skipped"),
        pytest.param("Europe/Brussels", "02:30-07:00", "2026-03-28", ("29 01:30", "29 05:00"),
                     id="Brussels: it starts at a time that is skipped"),
        pytest.param("Europe/Brussels", "02:10-02:50", "2026-03-28", ("29 01:10", "29 01:50"),
                     id="Brussels: all of it is skipped, so it comes an hour later"),
        pytest.param("Europe/Brussels", "02:30-03:15", "2026-03-28", ("30 00:30", "30 01:15"),
                     id="Brussels: what is not skipped of it is over before it starts"),
        pytest.param("Europe/Brussels", "22:00-02:30", "2026-10-24", ("24 20:00", "25 00:30"),
                     id="Brussels: it ends at the first of two"),
        pytest.param("Europe/Brussels", "02:30-07:00", "2026-10-24", ("25 00:30", "25 06:00"),
                     id="Brussels: it starts at the first of two"),
        pytest.param("Europe/London", "23:00-06:00", "2026-03-28", ("28 23:00", "29 05:00"),
                     id="London, spring: 6 hours"),
        pytest.param("Europe/London", "01:30-06:00", "2026-10-24", ("25 00:30", "25 06:00"),
                     id="London, autumn: the first half past one"),
        pytest.param("America/New_York", "22:00-07:00", "2026-03-07", ("08 03:00", "08 11:00"),
                     id="New York, spring: 8 hours"),
        pytest.param("America/New_York", "01:30-07:00", "2026-10-31", ("01 05:30", "01 12:00"),
                     id="New York, autumn: the first half past one"),
        pytest.param("Australia/Lord_Howe", "22:00-07:00", "2026-10-03", ("03 11:30", "03 20:00"),
                     id="Lord Howe, spring: 8 hours and a half"),
        pytest.param("Australia/Lord_Howe", "02:15-07:00", "2026-10-03", ("03 15:45", "03 20:00"),
                     id="Lord Howe: a skipped time is half an hour later"),
        pytest.param("Australia/Lord_Howe", "22:00-07:00", "2026-04-04", ("04 11:00", "04 20:30"),
                     id="Lord Howe, autumn: 9 hours and a half"),
        pytest.param("Asia/Kolkata", "22:00-07:00", "2026-03-28", ("28 16:30", "29 01:30"),
                     id="Kolkata: always 9 hours"),
    ],
)  # fmt: skip
def test_the_night_on_which_the_clocks_change(zone, frame, noon_before, expected) -> None:
    assert period(frame, f"{noon_before} 12:00", zone) == expected


def test_the_second_of_two_half_past_twos_is_in_the_period_that_began_at_the_first() -> None:
    second = datetime(2026, 10, 25, 2, 45, tzinfo=BRUSSELS, fold=1).astimezone(UTC)
    assert Frame(time(2, 30), time(7)).period(second, BRUSSELS).contains(second)
    # and a frame that is over at the first is over at the second
    assert Frame(time(1), time(2, 30)).period(second, BRUSSELS).start > second


def test_a_week_without_its_only_period_leads_to_the_next_week() -> None:
    """On 29 March the clocks of Brussels skip what there is of it."""
    assert period("02:30-03:15", "2026-03-22 12:00", days={6}) == ("05 00:30", "05 01:15")


def test_a_period_that_ends_at_a_skipped_time_is_over_when_the_next_one_starts() -> None:
    frame = Frame(time(3, 10), time(2, 15))
    first = frame.period(datetime(2026, 3, 28, 12, tzinfo=UTC), BRUSSELS)
    second = frame.period(first.end, BRUSSELS)
    assert second.start >= first.end


# Days on which the clocks change, and one on which they do not.
CHANGES = {
    "Europe/Brussels": [(3, 29), (10, 25)],
    "Europe/London": [(3, 29), (10, 25)],
    "America/New_York": [(3, 8), (11, 1)],
    "Australia/Lord_Howe": [(10, 4), (4, 5)],
    "Asia/Kolkata": [(6, 15)],
}
# A zone and a moment on such a day or near it.
PLACES = st.builds(
    lambda place, days, minutes: (
        datetime(2026, *place[1], tzinfo=UTC) + timedelta(days=days, minutes=minutes),
        ZoneInfo(place[0]),
    ),
    st.sampled_from([(zone, day) for zone, days in CHANGES.items() for day in days]),
    st.integers(-2, 1),
    st.integers(0, 1439),
)
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
SMALL_HOURS = st.builds(time, st.integers(1, 3), st.sampled_from((0, 10, 15, 40)))
DAYS = st.just(frozenset(range(7))) | st.sets(st.integers(0, 6), min_size=1).map(frozenset)
FRAMES = st.builds(Frame, TIMES, TIMES, DAYS) | st.builds(Frame, SMALL_HOURS, SMALL_HOURS, DAYS)


@settings(max_examples=400, deadline=None)
@given(FRAMES, PLACES)
def test_every_moment_has_the_period_it_lies_in_or_the_next(frame, place) -> None:
    now, zone = place
    found = frame.period(now, zone)
    assert now < found.end
    assert found.start.astimezone(zone).weekday() in frame.days
    for moment in (now, max(now, found.start), found.end - MINUTE, found.end - found.length / 2):
        if moment >= now:
            assert frame.period(moment, zone) == found
    # as the clock shows them, but for times that it skips
    for edge, said in ((found.start, frame.start), (found.end, frame.end)):
        shown = edge.astimezone(zone)
        skipped = datetime.combine(shown.date(), said, zone).astimezone(UTC).astimezone(zone)
        in_time = shown.time() in (said, skipped.time())
        assert in_time or edge == frame.period(found.end, zone).start


@settings(max_examples=400, deadline=None)
@given(FRAMES, PLACES)
@example(Frame(time(3, 10), time(2, 15)), (datetime(2026, 3, 28, 12, tzinfo=UTC), BRUSSELS))
def test_periods_follow_each_other_and_do_not_overlap(frame, place) -> None:
    now, zone = place
    before = frame.period(now, zone)
    for _ in range(9):
        after = frame.period(before.end, zone)
        assert after.start >= before.end
        before = after


# Locations


@pytest.mark.parametrize(
    ("known", "label"),
    [
        pytest.param(("loc_1", "Home", "1 Strand, London"), "Home", id="its reference"),
        pytest.param(("loc_1", None, "1 Strand, London"), "1 Strand, London", id="its address"),
        pytest.param(("loc_1",), "loc_1", id="its id"),
    ],
)
def test_a_location_is_called_by_the_best_there_is(known, label) -> None:
    assert Location(*known).label == label


# Plans


def schedule(*windows: Slot, hours: float = 3, **known) -> ScheduleState:
    target = DurationTarget(Segment.LOW, Direction.IMPORT, hours * HOUR, Frame(time(), time()))
    plan = Plan(Span(at(0), at(8)), windows, known.pop("source", Source.FLATPEAK))
    target = replace(target, enabled=known.pop("enabled", True))
    return ScheduleState("car", "Car", KindName.DURATION, Form(target), target, plan, **known)


@pytest.mark.parametrize(
    ("now", "running", "upcoming", "next_edge"),
    [
        pytest.param(-1, None, 0, 1, id="before"),
        pytest.param(1, 0, 1, 2, id="the first begins"),
        pytest.param(1.5, 0, 1, 2, id="the first runs"),
        pytest.param(2, None, 1, 4, id="between"),
        pytest.param(4, 1, None, 6, id="the last begins"),
        pytest.param(6, None, None, 8, id="all are over: the period ends"),
    ],
)
def test_a_schedule_knows_what_runs_and_what_comes(now, running, upcoming, next_edge) -> None:
    windows = (slot(1, 2), slot(4, 6))
    known = schedule(*windows)
    spans = [Span(window.start, window.end) for window in windows]
    assert known.running(at(now)) == (None if running is None else spans[running])
    assert known.upcoming(at(now)) == (None if upcoming is None else spans[upcoming])
    assert known.next_edge(at(now)) == at(next_edge)


def test_without_windows_the_next_edge_is_the_end_of_the_period() -> None:
    assert schedule().next_edge(at(3)) == at(8)
    assert schedule().running(at(3)) is None
    assert schedule().upcoming(at(3)) is None


@pytest.mark.parametrize(
    ("hours", "shortfall"),
    [pytest.param(3, 0, id="all placed"), pytest.param(5, 2, id="two hours are missing"),
     pytest.param(1, 0, id="more than was asked")],
)  # fmt: skip
def test_the_shortfall_is_what_could_not_be_placed(hours, shortfall) -> None:
    known = schedule(slot(1, 2), slot(4, 6), hours=hours)
    assert known.plan.length == 3 * HOUR
    assert KINDS[known.kind].shortfall(known) == shortfall * HOUR / MINUTE


CERTAIN, FORECAST = slot(1, 2), slot(4, 5, 10, 0.8)


@pytest.mark.parametrize(
    ("windows", "known", "status"),
    [
        pytest.param((CERTAIN,), {}, Status.PLANNED, id="certain"),
        pytest.param((CERTAIN, FORECAST), {}, Status.PROVISIONAL, id="a forecast among them"),
        pytest.param((), {}, Status.PLANNED, id="answered, with nothing"),
        pytest.param((), {"source": None}, Status.WAITING, id="not answered"),
        pytest.param(
            (), {"source": None, "pending": Status.LATER}, Status.LATER, id="not yet asked"
        ),
        pytest.param(
            (), {"source": None, "pending": Status.PROBLEM}, Status.PROBLEM, id="a problem"
        ),
        pytest.param(
            (CERTAIN,), {"pending": Status.PROBLEM}, Status.PLANNED, id="a plan hides a problem"
        ),
        pytest.param((CERTAIN,), {"enabled": False}, Status.OFF, id="off"),
    ],
)
def test_how_a_schedule_is_doing(windows, known, status) -> None:
    assert schedule(*windows, **known).status is status


def test_a_plan_is_as_certain_as_its_least_certain_window() -> None:
    assert schedule(CERTAIN, FORECAST).plan.confidence == 0.8
    assert schedule().plan.confidence is None
