"""The hours of the day, by the clock on the wall."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .spans import DAY, NOTHING, Span


@dataclass(frozen=True, slots=True)
class Frame:
    """The hours of the day a schedule may use, as the location's clock shows them.

    An end at or before the start lies on the next day; equal times mean the whole
    day. A period starts on the weekdays named (Monday is 0).
    """

    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))

    @property
    def length(self) -> timedelta:
        """How long a period lasts on a day of 24 hours."""
        day = date(2001, 1, 1)
        length = datetime.combine(day, self.end) - datetime.combine(day, self.start)
        return length if length > NOTHING else length + DAY

    def period(self, now: datetime, zone: tzinfo) -> Span:
        """Return the period that `now` lies in, else the next one, in UTC.

        A time that the clocks skip in spring is taken as one hour later, one that
        they show twice in autumn as the first of the two. Raises ValueError without days.
        """
        today = now.astimezone(zone).date()
        for offset in range(-1, 16):
            day = today + offset * DAY
            if day.weekday() not in self.days:
                continue
            start = datetime.combine(day, self.start, zone).astimezone(UTC)
            end = datetime.combine(day, self.end, zone).astimezone(UTC)
            if self.end <= self.start:
                # an end that is skipped in spring comes later, but not after the next start
                nights = (datetime.combine(day + DAY, at, zone) for at in (self.end, self.start))
                end = min(night.astimezone(UTC) for night in nights)
            # the hour skipped in spring may leave nothing of a short frame
            if start < end and now < end:
                return Span(start, end)
        raise ValueError("no weekday is chosen")


# A day by the location's clock: `WHOLE_DAY.period(now, zone)` is the one that `now` lies in.
WHOLE_DAY = Frame(time(), time())


def moment_in(span: Span, at: time, zone: tzinfo) -> datetime | None:
    """Return the first moment of a span at which the clock shows a time, in UTC."""
    today = span.start.astimezone(zone).date()
    moments = (datetime.combine(today + days * DAY, at, zone).astimezone(UTC) for days in range(3))
    return next((moment for moment in moments if span.contains(moment)), None)
