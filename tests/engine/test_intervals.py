"""When Flatpeak is asked again, and prices are read again."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
import math
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.flatpeak.engine.intervals import (
    delay,
    incomplete,
    jitter,
    look_again,
    next_prices,
    next_reading,
    next_update,
    patience,
    retry,
)
from custom_components.flatpeak.model.errors import (
    FlatpeakAccountDisabledError,
    FlatpeakAuthError,
    FlatpeakConnectionError,
    FlatpeakError,
    FlatpeakNoTariffError,
    FlatpeakNotFoundError,
    FlatpeakNotYetError,
    FlatpeakRateLimitError,
    FlatpeakRefusedError,
    FlatpeakResponseError,
    FlatpeakVersionError,
)

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Start no Home Assistant."""


@pytest.fixture(autouse=True)
def _words() -> None:
    """Nothing is said here."""


# After an answer


@pytest.mark.parametrize(
    ("recommended", "expected"),
    [
        pytest.param(None, HOUR, id="nothing said: in an hour"),
        pytest.param(-HOUR, HOUR, id="in the past: in an hour"),
        pytest.param(timedelta(0), HOUR, id="right now: in an hour"),
        pytest.param(SECOND, 5 * MINUTE, id="at once: in five minutes"),
        pytest.param(5 * MINUTE, 5 * MINUTE, id="five minutes"),
        pytest.param(61 * MINUTE, 61 * MINUTE, id="as recommended"),
        pytest.param(DAY, DAY, id="a day"),
        pytest.param(DAY + SECOND, DAY, id="never later than in a day"),
        pytest.param(365 * DAY, DAY, id="a year"),
    ],
)
def test_asks_when_it_is_recommended_within_reason(recommended, expected) -> None:
    moment = None if recommended is None else NOON + recommended
    assert next_update(moment, NOON) == NOON + expected


@pytest.mark.parametrize(
    ("until_period", "expected"),
    [
        pytest.param(-3 * HOUR, 15 * MINUTE, id="it runs"),
        pytest.param(HOUR, 15 * MINUTE, id="it is near"),
        pytest.param(4 * HOUR, HOUR, id="a quarter of the way"),
        pytest.param(3 * DAY, 6 * HOUR, id="far away"),
    ],
)
def test_an_answer_for_a_part_of_the_period_is_followed_up(until_period, expected) -> None:
    assert incomplete(until_period) == expected


# After an answer that does not say when there is news: a schedule by amount


BRUSSELS = ZoneInfo("Europe/Brussels")


def looked(
    now: str, end: str, news: str | None = None, *, certain: bool, zone: str = "Europe/Brussels"
) -> str:
    """Return when it is asked again, all by the clock of the zone."""
    place = ZoneInfo(zone)

    def moment(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=place).astimezone(UTC)

    at = look_again(
        moment(end), moment(now), place, news=moment(news) if news else None, certain=certain
    )
    assert at.tzinfo is UTC
    return f"{at.astimezone(place):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("now", "end", "news", "certain", "expected"),
    [
        # the night of the 15th ends on the 16th: its prices are out on the 15th, soon after 13:00
        pytest.param("01-14 18:00", "01-16 07:00", None, False, "01-15 14:00", id="not out yet"),
        pytest.param("01-14 18:00", "01-16 07:00", None, True, "01-15 14:00",
                     id="not out yet, whatever was said"),
        pytest.param("01-15 13:59", "01-16 07:00", None, False, "01-15 14:00", id="a minute to go"),
        pytest.param("01-15 14:00", "01-16 07:00", None, False, "01-15 15:00", id="late: hourly"),
        pytest.param("01-15 18:20", "01-16 07:00", None, False, "01-15 19:20", id="hourly"),
        pytest.param("01-16 06:30", "01-16 07:00", None, False, "01-16 07:00", id="up to the end"),
        pytest.param("01-15 14:00", "01-16 07:00", None, True, "01-16 07:00", id="all is known"),
        pytest.param("01-16 03:00", "01-16 07:00", None, True, "01-16 07:00", id="it runs"),
        pytest.param("01-15 03:00", "01-15 07:00", None, False, "01-15 04:00",
                     id="its prices have been out since yesterday"),
        pytest.param("01-14 18:00", "01-16 00:00", None, False, "01-14 19:00",
                     id="midnight is the end of the day before"),
        pytest.param("01-14 18:00", "01-16 00:01", None, False, "01-15 14:00",
                     id="a minute of another day"),
        pytest.param("01-14 13:00", "01-16 00:00", None, False, "01-14 14:00",
                     id="the prices of the 15th"),
        pytest.param("01-13 18:00", "01-15 22:00", None, False, "01-14 14:00", id="a whole day"),
        # somebody was told
        pytest.param("01-14 18:00", "01-16 07:00", "01-15 13:05", False, "01-15 13:05",
                     id="as another schedule was told"),
        pytest.param("01-14 18:00", "01-16 07:00", "01-15 13:05", True, "01-15 13:05",
                     id="also if all seems certain"),
        pytest.param("01-14 18:00", "01-16 07:00", "01-14 20:00", False, "01-14 20:00", id="soon"),
        pytest.param("01-15 18:00", "01-16 07:00", "01-16 13:05", True, "01-16 07:00",
                     id="news after the period is for the next one"),
        pytest.param("01-15 18:00", "01-16 07:00", "01-15 18:10", False, "01-15 18:10",
                     id="in a few minutes"),
        pytest.param("01-14 18:00", "01-16 07:00", "01-14 17:00", False, "01-15 14:00",
                     id="old news is none"),
        pytest.param("01-14 18:00", "01-16 07:00", "01-14 18:00", False, "01-15 14:00",
                     id="nor is what is told right now"),
        pytest.param("01-15 18:00", "01-16 07:00", "01-15 17:00", True, "01-16 07:00",
                     id="old news, and all is known"),
        # it is over
        pytest.param("01-16 07:00", "01-16 07:00", None, True, "01-16 07:00", id="it ends now"),
        pytest.param("01-16 07:00", "01-16 07:00", None, False, "01-16 07:00", id="unfinished"),
    ],
)  # fmt: skip
def test_a_schedule_by_amount_asks_when_prices_may_be_known(
    now, end, news, certain, expected
) -> None:
    assert looked(now, end, news, certain=certain) == expected


@pytest.mark.parametrize(
    ("zone", "now", "end", "expected"),
    [
        pytest.param("Europe/Brussels", "03-28 12:00", "03-29 07:00", "03-28 14:00",
                     id="Brussels, the night the clocks go forward"),
        pytest.param("Europe/Brussels", "03-29 12:00", "03-30 07:00", "03-29 14:00",
                     id="Brussels, the day after it"),
        pytest.param("Europe/Brussels", "10-24 12:00", "10-25 02:30", "10-24 14:00",
                     id="Brussels, it ends in the hour that comes twice"),
        pytest.param("Europe/London", "03-28 12:00", "03-29 01:30", "03-28 14:00",
                     id="London, it ends at a time that is skipped"),
        pytest.param("Pacific/Kiritimati", "01-14 18:00", "01-16 07:00", "01-15 14:00",
                     id="14 hours ahead: another day in Greenwich"),
        pytest.param("Pacific/Pago_Pago", "01-14 18:00", "01-16 07:00", "01-15 14:00",
                     id="11 hours behind"),
        pytest.param("Asia/Kathmandu", "01-14 18:00", "01-16 00:10", "01-15 14:00",
                     id="a quarter of an hour off"),
        pytest.param("Pacific/Chatham", "04-04 12:00", "04-05 07:00", "04-04 14:00",
                     id="an odd quarter, and the clocks go back"),
        pytest.param("Australia/Lord_Howe", "10-03 12:00", "10-04 07:00", "10-03 14:00",
                     id="half an hour forward"),
        pytest.param("Africa/Cairo", "04-23 12:00", "04-24 00:30", "04-23 14:00",
                     id="midnight itself is skipped"),
    ],
)  # fmt: skip
def test_prices_come_out_by_the_clock_at_the_home(zone, now, end, expected) -> None:
    assert looked(now, end, certain=False, zone=zone) == expected


ZONES = st.sampled_from(
    (
        *("Europe/Brussels", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham"),
        *("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Africa/Cairo"),
        *("Antarctica/Troll", "UTC"),
    )
).map(ZoneInfo)


@settings(max_examples=400, deadline=None)
@given(
    st.integers(0, 365 * 24 * 60),
    st.floats(0, 50),
    st.none() | st.floats(-10, 60),
    ZONES,
    st.booleans(),
)
def test_it_asks_again_in_time_and_not_all_the_time(minutes, left, news, zone, certain) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE
    end = now + left * HOUR
    told = None if news is None else now + news * HOUR
    at = look_again(end, now, zone, news=told, certain=certain)
    assert now <= at <= end
    assert at > now or end == now
    if told is not None and told > now:
        assert at <= told
    # the last day a price of this period belongs to
    last = (end - timedelta(microseconds=1)).astimezone(zone).date()
    shown = at.astimezone(zone)
    out = shown.hour == 14 and shown.minute == 0 and shown.date() == last - DAY
    assert at in (end, told) or out or (not certain and at == now + HOUR)
    if not certain and at - now > HOUR and at < end:
        assert out or at == told


# Prices


def read_again(
    now: str, news: str | None = None, refresh: timedelta | None = None, *, tomorrow: bool
) -> str:
    """Return when prices are read again after a success, all by the clock in Brussels."""

    def moment(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BRUSSELS).astimezone(UTC)

    told = moment(news) if news else None
    at = next_reading(told, refresh, moment(now), BRUSSELS, tomorrow=tomorrow)
    assert at.tzinfo is UTC
    return f"{at.astimezone(BRUSSELS):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("now", "news", "tomorrow", "expected"),
    [
        # nobody says when there is news: the market's hours count
        pytest.param("01-15 08:00", None, False, "01-15 11:30", id="not out yet"),
        pytest.param("01-15 11:29", None, False, "01-15 11:30", id="a minute to go"),
        pytest.param("01-15 11:30", None, False, "01-15 11:45", id="coming: every quarter"),
        pytest.param("01-15 23:50", None, False, "01-16 00:05", id="late: every quarter"),
        pytest.param("01-15 13:00", None, True, "01-15 19:00", id="all is known: in six hours"),
        pytest.param("01-15 19:00", None, True, "01-16 01:00", id="still all is known"),
        pytest.param("01-15 23:00", None, True, "01-16 05:00", id="in the night"),
        pytest.param("01-16 07:00", None, True, "01-16 13:00", id="a forecast has the next day"),
        # somebody says it
        pytest.param("01-15 08:00", "01-15 13:05", False, "01-15 13:05", id="as it is said"),
        pytest.param("01-15 08:00", "01-15 09:00", False, "01-15 09:00", id="earlier too"),
        pytest.param("01-15 13:10", "01-16 13:05", True, "01-16 13:05", id="tomorrow is known"),
        pytest.param("01-15 13:10", "01-16 13:05", False, "01-15 13:25",
                     id="tomorrow's prices are late, and not for tomorrow"),
        pytest.param("01-15 08:00", "01-16 13:05", False, "01-15 11:30",
                     id="tomorrow's prices are not for tomorrow"),
        pytest.param("01-15 08:00", "01-15 07:00", False, "01-15 11:30", id="old news is none"),
        pytest.param("01-15 08:00", "01-15 08:00", False, "01-15 11:30",
                     id="nor is what is told right now"),
        pytest.param("01-15 08:00", "01-15 08:01", False, "01-15 08:05", id="not all the time"),
        pytest.param("01-15 13:10", "01-20 13:05", True, "01-16 13:10", id="in a day at most"),
        # both nights on which the clocks change
        pytest.param("03-28 13:10", None, True, "03-28 19:10", id="spring"),
        pytest.param("03-28 23:00", None, True, "03-29 06:00", id="an hour is skipped"),
        pytest.param("10-24 23:00", None, True, "10-25 04:00", id="an hour comes twice"),
    ],
)  # fmt: skip
def test_prices_are_read_again_when_there_may_be_news(now, news, tomorrow, expected) -> None:
    assert read_again(now, news, tomorrow=tomorrow) == expected


@pytest.mark.parametrize(
    ("now", "news", "tomorrow", "expected"),
    [
        pytest.param("01-15 08:00", None, True, "01-15 09:00", id="as often as it may be"),
        pytest.param("01-15 08:00", "01-15 13:05", False, "01-15 09:00", id="whatever is said"),
        pytest.param("01-15 11:00", None, False, "01-15 11:30", id="sooner where the market is"),
        pytest.param("01-15 14:00", None, False, "01-15 14:15", id="late: every quarter"),
    ],
)
def test_a_source_at_hand_is_looked_at_often(now, news, tomorrow, expected) -> None:
    assert read_again(now, news, HOUR, tomorrow=tomorrow) == expected


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 365 * 24 * 60),
    st.none() | st.floats(-10, 100),
    st.none() | st.floats(0.02, 5),
    ZONES,
    st.booleans(),
)
def test_prices_are_read_in_time_and_not_all_the_time(
    minutes, news, refresh, zone, tomorrow
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE
    told = None if news is None else now + news * HOUR
    often = None if refresh is None else refresh * HOUR
    at = next_reading(told, often, now, zone, tomorrow=tomorrow)
    assert now < at <= now + DAY
    if often is not None:
        assert at <= now + often
    if told is None or told <= now:
        assert at <= next_prices(now, zone, tomorrow=tomorrow)


# After an error


def wait(
    error: FlatpeakError | type[FlatpeakError],
    failures: int = 1,
    *,
    after: float | None = None,
    period: timedelta = timedelta(0),
    jitter: float = 0,
) -> timedelta:
    error = error if isinstance(error, FlatpeakError) else error("no")
    error.retry_after = after
    return retry(error, failures, period, jitter)


MINUTES_AFTER_FAILURES = {
    "connection": (FlatpeakConnectionError, (1, 2, 4, 8, 15, 15, 15)),
    "an answer nobody understands": (FlatpeakResponseError, (1, 2, 4, 8, 15, 15, 15)),
    "any other error": (FlatpeakError, (1, 2, 4, 8, 15, 15, 15)),
    "too many requests": (FlatpeakRateLimitError, (1, 2, 4, 8, 16, 32, 60)),
    "credentials": (FlatpeakAuthError, (60,) * 7),
    "disabled": (FlatpeakAccountDisabledError, (60,) * 7),
    "refused": (FlatpeakRefusedError, (60,) * 7),
    "not found": (FlatpeakNotFoundError, (60,) * 7),
    "version": (FlatpeakVersionError("no", "2030-01-01.yotta"), (60,) * 7),
    "not yet": (FlatpeakNotYetError, (15,) * 7),
    "no tariff": (FlatpeakNoTariffError, (15,) * 7),
}


@pytest.mark.parametrize(
    ("error", "minutes"), MINUTES_AFTER_FAILURES.values(), ids=MINUTES_AFTER_FAILURES
)
def test_waits_longer_with_each_failure_up_to_a_limit(error, minutes) -> None:
    waits = [wait(error, failures) / MINUTE for failures in range(1, 8)]
    assert waits == list(minutes)
    assert wait(error, 10_000) / MINUTE == minutes[-1]


@pytest.mark.parametrize(
    ("until_period", "minutes"),
    [
        pytest.param(-3 * HOUR, (15, 15, 15, 15, 15, 15), id="it runs: every quarter hour"),
        pytest.param(HOUR, (15, 15, 15, 15, 15, 15), id="it is near: every quarter hour"),
        pytest.param(4 * HOUR, (15, 30, 60, 60, 60, 60), id="at most a quarter of the way"),
        pytest.param(12 * HOUR, (15, 30, 60, 120, 180, 180), id="half a day off"),
        pytest.param(3 * DAY, (15, 30, 60, 120, 240, 360), id="never longer than six hours"),
    ],
)
@pytest.mark.parametrize("error", [FlatpeakNotYetError, FlatpeakNoTariffError])
def test_prices_that_are_not_out_are_asked_for_more_often_near_the_period(
    error, until_period, minutes
) -> None:
    waits = [wait(error, failures, period=until_period) / MINUTE for failures in range(1, 7)]
    assert waits == list(minutes)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(0.0, 5 * SECOND, id="at once, but for some slack"),
        pytest.param(1.5, 6.5 * SECOND, id="a second and a half"),
        pytest.param(120.0, 125 * SECOND, id="two minutes"),
        pytest.param(86400.0, DAY + 5 * SECOND, id="a day"),
        pytest.param(1e9, DAY + 5 * SECOND, id="never longer than a day"),
        pytest.param(math.inf, DAY + 5 * SECOND, id="not even for ever"),
    ],
)
@pytest.mark.parametrize("jitter", [0, 1])
@pytest.mark.parametrize("failures", [1, 20])
def test_a_rate_limit_waits_as_long_as_told(after, expected, jitter, failures) -> None:
    """However often it came, and the same without chance."""
    assert wait(FlatpeakRateLimitError, failures, after=after, jitter=jitter) == expected


@pytest.mark.parametrize(
    ("error", "after", "expected"),
    [
        pytest.param(FlatpeakConnectionError, 600, 10 * MINUTE, id="a server under repair"),
        pytest.param(FlatpeakConnectionError, 10, MINUTE, id="no sooner than on our own"),
        pytest.param(FlatpeakNotYetError, 60, 15 * MINUTE, id="not yet is not in a minute"),
        pytest.param(FlatpeakNotYetError, 3600, HOUR, id="not yet, and for an hour"),
        pytest.param(FlatpeakAuthError, 7200, 2 * HOUR, id="credentials"),
        pytest.param(FlatpeakConnectionError, 1e9, DAY, id="never longer than a day"),
        pytest.param(FlatpeakConnectionError, math.inf, DAY, id="not even for ever"),
    ],
)
def test_other_errors_wait_at_least_as_long_as_told(error, after, expected) -> None:
    assert wait(error, after=after) == expected


@pytest.mark.parametrize(("error", "minutes"), MINUTES_AFTER_FAILURES.values())
def test_chance_adds_up_to_a_quarter(error, minutes) -> None:
    assert wait(error, 3, jitter=1) == wait(error, 3) * 1.25
    assert wait(error, 3, jitter=0.5) == wait(error, 3) * 1.125


@pytest.mark.parametrize(("looks", "hours"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 8), (1000, 8)])
def test_looks_that_bring_nothing_become_rarer(looks, hours) -> None:
    assert patience(looks) == hours * HOUR


ERRORS = st.sampled_from([error for error, _ in MINUTES_AFTER_FAILURES.values()])


@settings(max_examples=300, deadline=None)
@given(
    ERRORS,
    st.integers(1, 10**6),
    st.none() | st.floats(0, 1e12),
    st.integers(-(10**6), 10**6),
    st.floats(0, 1),
)
def test_whatever_happens_the_wait_is_bearable(error, failures, after, until, jitter) -> None:
    waited = wait(error, failures, after=after, period=until * SECOND, jitter=jitter)
    told = min(after or 0, DAY.total_seconds()) * SECOND
    assert told <= waited <= DAY + 5 * SECOND
    assert waited >= (5 * SECOND if after is not None else MINUTE)
    if isinstance(error, type) and issubclass(error, FlatpeakNotYetError):
        assert waited >= 15 * MINUTE


# A thousand homes


def test_a_schedule_asks_at_the_same_second_every_time() -> None:
    assert delay("schedule one") == delay("schedule one")
    # pinned: another hash would move every home after an update
    assert delay("schedule one") != delay("schedule two")
    assert delay("") == timedelta(seconds=58.36496)


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_every_schedule_asks_within_a_minute_and_not_at_once(key) -> None:
    assert 5 * SECOND <= delay(key) <= 65 * SECOND


def test_a_thousand_schedules_are_spread_over_the_minute() -> None:
    delays = sorted(delay(f"schedule {number}") for number in range(1000))
    assert len(set(delays)) == 1000
    assert max(b - a for a, b in pairwise(delays)) < SECOND
    by_ten_seconds = [sum(5 + 10 * i <= d / SECOND < 15 + 10 * i for d in delays) for i in range(6)]
    assert all(120 < count < 220 for count in by_ten_seconds)


def test_those_who_fail_at_once_do_not_try_again_at_once() -> None:
    """What happened can be repeated all the same."""
    tries = [jitter(f"schedule {number}", NOON) for number in range(1000)]
    assert tries == [jitter(f"schedule {number}", NOON) for number in range(1000)]
    assert jitter("schedule 1", NOON) != jitter("schedule 1", NOON + SECOND)
    by_tenths = [sum(i <= 10 * one < i + 1 for one in tries) for i in range(10)]
    assert sum(by_tenths) == 1000
    assert all(60 < count < 150 for count in by_tenths)
