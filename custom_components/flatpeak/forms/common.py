"""What the data of all subentries have in common."""

from collections.abc import Mapping
from typing import Any

from homeassistant.helpers import config_validation as cv

from ..const import CONF_DAYS, CONF_END, CONF_START, DAYS
from ..model import Frame

type Json = Mapping[str, Any]


def read_frame(data: Json) -> Frame:
    """Read the hours."""
    return Frame(
        cv.time(data[CONF_START]),
        cv.time(data[CONF_END]),
        frozenset(DAYS.index(day) for day in data.get(CONF_DAYS, DAYS)),
    )


def frame_as_json(frame: Frame) -> dict[str, Any]:
    """Write the hours."""
    return {
        CONF_START: frame.start.isoformat(),
        CONF_END: frame.end.isoformat(),
        CONF_DAYS: [DAYS[day] for day in sorted(frame.days)],
    }
