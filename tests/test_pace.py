"""When Flatpeak is asked again."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
import math

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.flatpeak.api import (
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
from custom_components.flatpeak.pace import delay, incomplete, next_update, retry

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
