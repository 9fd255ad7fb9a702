"""The data of a schedule by price limit."""

from typing import Any, cast

from ..const import (
    ABOVE,
    ABSOLUTE,
    BELOW,
    CONF_CONDITION,
    CONF_DIRECTION,
    CONF_LEAST,
    CONF_LIMIT,
    CONF_LIMIT_KIND,
    CONF_MOST,
    RELATIVE,
)
from ..model import Direction, Form, PriceCap, PriceLimitTarget, Segment
from .common import Json, frame_as_json, read_frame
from .options import AnyOption, Option, bound, minutes, read, written

# At least and at most so much time.
BOUNDS: tuple[AnyOption, ...] = (
    Option(CONF_LEAST, "minimum", minutes(0)),
    Option(CONF_MOST, "maximum", bound(0)),
)


def read_price_limit(data: Json) -> Form[PriceLimitTarget]:
    """Read what the form of a schedule by price limit stored. Raises KeyError or ValueError."""
    limit = float(data[CONF_LIMIT])
    relative = data[CONF_LIMIT_KIND] == RELATIVE
    target = PriceLimitTarget(
        Segment.HIGH if data[CONF_CONDITION] == ABOVE else Segment.LOW,
        Direction(data[CONF_DIRECTION]),
        PriceCap(relative=limit) if relative else PriceCap(absolute=limit),
        read_frame(data),
        **read(BOUNDS, data),
    )
    return Form(target)


def price_limit_as_json(form: Form) -> dict[str, Any]:
    """Write it again; what is not set is left out."""
    target = cast(PriceLimitTarget, form.target)
    relative = target.limit.absolute is None
    return {
        CONF_CONDITION: ABOVE if target.segment is Segment.HIGH else BELOW,
        CONF_DIRECTION: target.direction.value,
        CONF_LIMIT_KIND: RELATIVE if relative else ABSOLUTE,
        CONF_LIMIT: target.limit.relative if relative else target.limit.absolute,
        **frame_as_json(target.frame),
        **written(BOUNDS, target),
    }
