"""Times as the API writes them: RFC 3339, in UTC or at an offset."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
import re

# `fromisoformat` takes far more than RFC 3339 does (week dates, a bare date, no zone)
RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class TimeStyle:
    """How a request writes its times, and so how the answer does."""

    zone: tzinfo = UTC
    zulu: bool = True

    def write(self, moment: datetime) -> str:
        """Return the moment as text."""
        text = moment.astimezone(self.zone).isoformat()
        return text.removesuffix("+00:00") + "Z" if self.zulu else text


UTC_STYLE = TimeStyle()


def read_time(text: str) -> tuple[datetime, TimeStyle]:
    """Return the moment in UTC and the style it is written in. Raises ValueError."""
    if not RFC_3339.fullmatch(text):
        raise ValueError("not a time of RFC 3339")
    moment = datetime.fromisoformat(text.upper())
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error
    return utc, TimeStyle(moment.tzinfo or UTC, text[-1] in "Zz")


def utc_now() -> datetime:
    """Return the moment, on a whole second as the API writes its times."""
    return datetime.now(UTC).replace(microsecond=0)
