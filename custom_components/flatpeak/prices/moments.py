"""Points in time as sources write them."""

from datetime import UTC, datetime, timedelta, tzinfo

# Prices lie in our time; this also tells seconds since 1970 from milliseconds.
_YEARS = range(2002, 2200)
_SECONDS = [datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (_YEARS[0], _YEARS[-1])]

# Who goes back in a list by more than the clocks are turned has begun the list again.
_TURNED = timedelta(hours=2)


def moment_of(value: object, zone: tzinfo, *, after: datetime | None = None) -> datetime | None:
    """Return a moment in UTC, None for what is none.

    It is an aware datetime, a naive one by the clock of the zone, either of them as a text, or
    seconds or milliseconds since 1970. A time that the clocks show twice is the first of the
    two that lies after the moment given.
    """
    moment = _read(value)
    if moment is None or moment.year not in _YEARS:
        return None
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    found = moment.replace(tzinfo=zone).astimezone(UTC)
    if after is not None and found <= after:
        return moment.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return found


class Clock:
    """Reads a list of times of which some may name no zone.

    In the autumn night an hour comes twice: a time that was there already is the second of the
    two. In the spring night an hour is left out: a time in it never was.
    """

    def __init__(self, zone: tzinfo) -> None:
        """Begin a list."""
        self._zone = zone
        self._seen: set[datetime] = set()
        self._last: datetime | None = None

    def moment(self, value: object) -> datetime | None:
        """Return the next moment of the list in UTC, None for what is none."""
        moment = _read(value)
        if moment is None or moment.tzinfo is not None:
            return moment_of(moment, self._zone)
        if self._last is not None and self._last - moment > _TURNED:
            self._seen.clear()  # the same day once more, from another list
        self._last = moment
        if moment in self._seen:
            moment = moment.replace(fold=1)
        self._seen.add(moment.replace(fold=0))
        return moment_of(moment, self._zone) if self._shown(moment) else None

    def _shown(self, moment: datetime) -> bool:
        """Tell whether the clocks of the zone ever show this time."""
        found = moment_of(moment, self._zone)
        return found is not None and found.astimezone(self._zone).replace(
            tzinfo=None
        ) == moment.replace(fold=0)


def _read(value: object) -> datetime | None:
    """Return a datetime, with a zone or without, None for what is none."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        text = value.strip()
        if not text.isdecimal():
            return _from_iso(text)
        value = int(text) if len(text) < 20 else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for seconds in (value, value / 1000):
        if _SECONDS[0] <= seconds < _SECONDS[1]:
            return datetime.fromtimestamp(seconds, UTC)
    return None


def _from_iso(text: str) -> datetime | None:
    """Read ISO 8601, with a T or a blank between date and time."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
