"""When to ask again. Pure arithmetic, no clock.

Sources: Flatpeak's guide on rates (`next_update`, and the 15 minutes after "not yet"),
and promise 6 of the design: few requests, never a thousand homes in the same second.
"""

from datetime import UTC, datetime, time, timedelta, tzinfo
from hashlib import sha256

from ..model import MINUTE, WHOLE_DAY
from ..model.errors import (
    FlatpeakAccountDisabledError,
    FlatpeakAuthError,
    FlatpeakConnectionError,
    FlatpeakError,
    FlatpeakNotFoundError,
    FlatpeakNotYetError,
    FlatpeakRateLimitError,
    FlatpeakRefusedError,
    FlatpeakVersionError,
)

_QUARTER = timedelta(minutes=15)
_HOUR = timedelta(hours=1)

# A source that has never answered may be starting itself: this often it is waited for, which
# takes about a quarter of an hour. One that answered before may be starting as well.
TRIES = 5

SPREAD = timedelta(seconds=60)
SLACK = timedelta(seconds=5)
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=24)
# The day-ahead prices of Europe come out about 13:00 on the day before; when they are late,
# it is by less than an hour (guide on rates; market operators' reports).
_PUBLISHED = time(14)
# From then on it is worth looking for them often.
_COMING = time(11, 30)
# Nobody knows prices further ahead than this, so one question to all stays within three days.
AMOUNT_HORIZON = timedelta(days=1)
# A next period may be that far ahead of its prices; asking earlier is no use.
HORIZON = timedelta(days=3)

# What waiting a few minutes will not cure.
_STUBBORN = (
    FlatpeakAccountDisabledError,
    FlatpeakAuthError,
    FlatpeakRefusedError,
    FlatpeakVersionError,
)
# What gives good reason to doubt the next hours: Flatpeak is not there, or too busy, or does
# not have what is asked for.
DOUBTFUL = (FlatpeakConnectionError, FlatpeakNotFoundError, FlatpeakRateLimitError)


def delay(key: str) -> timedelta:
    """Return how long after the moment this schedule asks: the same at every time and start."""
    share = int.from_bytes(sha256(key.encode()).digest()[:4]) / 2**32
    return SLACK + share * SPREAD


def jitter(key: str, now: datetime) -> float:
    """Return a number from 0 to 1 that spreads the next tries of those who fail at once.

    It follows from who asks and when, so that what happened can be repeated.
    """
    return int.from_bytes(sha256(f"{key}{now.isoformat()}".encode()).digest()[:4]) / 2**32


def next_update(recommended: datetime | None, now: datetime) -> datetime:
    """Return when to ask again after an answer, whatever the answer says about it."""
    if recommended is None or recommended <= now:
        return now + _HOUR
    return min(max(recommended, now + SHORTEST), now + LONGEST)


def next_reading(
    recommended: datetime | None,
    refresh: timedelta | None,
    now: datetime,
    zone: tzinfo,
    *,
    tomorrow: bool,
) -> datetime:
    """Return when to read prices again after a success.

    `recommended` is when their source expects news, `refresh` how often it is to be looked at
    where that costs little. `tomorrow`: the prices of the next day are known.
    """
    usual = next_prices(now, zone, tomorrow=tomorrow)
    if refresh is not None:
        return min(usual, now + refresh)
    if recommended is None or recommended <= now:
        return usual
    news = next_update(recommended, now)
    if tomorrow or news <= WHOLE_DAY.period(now, zone).end:
        return news
    return min(news, usual)  # tomorrow's prices are late, and not for tomorrow


def next_prices(now: datetime, zone: tzinfo, *, tomorrow: bool) -> datetime:
    """Return when prices are worth reading again, where nobody says it.

    Most of Europe's come shortly before 13:00 by the clock of Brussels, elsewhere by an hour
    or two to either side. `tomorrow`: the ones of the next day are known.
    """
    today = now.astimezone(zone).date()
    out = datetime.combine(today, _COMING, zone).astimezone(UTC)
    if tomorrow:
        next_out = datetime.combine(today + timedelta(days=1), _COMING, zone).astimezone(UTC)
        return min(now + 6 * _HOUR, next_out)
    return out if now < out else now + _QUARTER


def look_again(
    end: datetime, now: datetime, zone: tzinfo, *, news: datetime | None, certain: bool
) -> datetime:
    """Return when to ask again for a schedule by amount, whose answers do not say it.

    `end` is the end of its period, `news` when the location's prices are expected to
    change, as its schedules by duration were told. Without that: once the prices of the
    period's last day should be out, then every hour while the plan rests on forecasts or
    lacks something, else not before the period ends.
    """
    last_day = (end - timedelta(microseconds=1)).astimezone(zone).date()
    known = datetime.combine(last_day - timedelta(days=1), _PUBLISHED, zone).astimezone(UTC)
    if news is not None and news > now:
        at = news
    elif now < known:
        at = known
    else:
        at = end
    return min(at, end) if certain or known > now else min(at, end, now + _HOUR)


def patience(looks: int) -> timedelta:
    """Return how long to wait after so many looks in a row that brought nothing."""
    doubled: int = 2 ** min(looks, 3)
    return doubled * _HOUR


def incomplete(until_period: timedelta) -> timedelta:
    """Return how soon to ask again when prices for a part of the period are missing.

    Near the period, or in it, every quarter of an hour counts.
    """
    return min(max(until_period / 4, _QUARTER), 6 * _HOUR)


def retry(error: FlatpeakError, failures: int, until_period: timedelta, jitter: float) -> timedelta:
    """Return how long to wait after an error.

    `failures` counts the ones in a row, this one included; `until_period` is how far off
    the period is (negative: it runs); `jitter` is a random number from 0 to 1.
    """
    doubled: int = 2 ** min(failures - 1, 16)
    asked = timedelta(seconds=min(error.retry_after or 0, LONGEST.total_seconds()))
    if isinstance(error, FlatpeakNotYetError):
        wait = min(doubled * _QUARTER, incomplete(until_period))
    elif isinstance(error, FlatpeakRateLimitError):
        if error.retry_after is not None:
            return asked + SLACK
        wait = min(doubled * MINUTE, _HOUR)
    elif isinstance(error, _STUBBORN):
        wait = _HOUR
    else:
        wait = min(doubled * MINUTE, _QUARTER)
    return max(wait * (1 + jitter / 4), asked)
