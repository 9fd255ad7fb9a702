"""The data of a schedule by duration."""

from typing import Any, cast

from homeassistant.helpers import config_validation as cv

from ..const import (
    CONF_ALWAYS_BELOW,
    CONF_DIRECTION,
    CONF_DURATION,
    CONF_FALLBACK,
    CONF_IN_ONE_PIECE,
    CONF_MACHINE,
    CONF_MOST_STARTS,
    CONF_NEVER_ABOVE,
    CONF_PREFER,
    CONF_RUN_THROUGH,
    CONF_SEGMENT,
    CONF_SHORTEST_PAUSE,
    CONF_SHORTEST_RUN,
)
from ..model import (
    MINUTE,
    Constraints,
    Direction,
    DurationTarget,
    Form,
    Preference,
    Segment,
)
from .common import Json, frame_as_json, read_frame
from .options import (
    CLOCK,
    PRICE,
    YES_OR_NO,
    AnyOption,
    Option,
    count,
    minutes,
    one_of,
    read,
    written,
)

# More starts than this are no bound.
_STARTS = 100

# What a machine puts up with, and what its owner will pay.
BOUNDS: tuple[AnyOption, ...] = (
    Option(CONF_IN_ONE_PIECE, "one_piece", YES_OR_NO),
    Option(CONF_RUN_THROUGH, "run_through", YES_OR_NO),
    Option(CONF_SHORTEST_RUN, "shortest_run", minutes(1)),
    Option(CONF_SHORTEST_PAUSE, "shortest_pause", minutes(1)),
    Option(CONF_MOST_STARTS, "max_starts", count(_STARTS)),
    Option(CONF_NEVER_ABOVE, "never_beyond", PRICE),
    Option(CONF_ALWAYS_BELOW, "always_within", PRICE),
    Option(CONF_PREFER, "preference", one_of(Preference.EARLY, "prefer")),
)
FALLBACK = Option(CONF_FALLBACK, "fallback", CLOCK)
MACHINE = (*BOUNDS, FALLBACK)


def read_duration(data: Json) -> Form[DurationTarget]:
    """Read what the form of a schedule by duration stored. Raises KeyError or ValueError."""
    machine = data.get(CONF_MACHINE) or {}
    target = DurationTarget(
        Segment(data[CONF_SEGMENT]),
        Direction(data[CONF_DIRECTION]),
        cv.time_period_dict(data[CONF_DURATION]),
        read_frame(data),
        constraints=read_constraints(machine),
        **read([FALLBACK], machine),
    )
    return Form(target)


def duration_as_json(form: Form) -> dict[str, Any]:
    """Write it again; what is not set is left out."""
    target = cast(DurationTarget, form.target)
    whole, seconds = divmod(target.duration, MINUTE)
    machine = {**written(BOUNDS, target.constraints), **written([FALLBACK], target)}
    return {
        CONF_SEGMENT: target.segment.value,
        CONF_DIRECTION: target.direction.value,
        CONF_DURATION: {
            "hours": whole // 60,
            "minutes": whole % 60,
            "seconds": seconds.total_seconds(),
        },
        **frame_as_json(target.frame),
        **({CONF_MACHINE: machine} if machine else {}),
    }


def read_constraints(data: Json) -> Constraints:
    """Read what a form or a call says of a machine. Raises TypeError or ValueError."""
    return Constraints(**read(BOUNDS, data))
