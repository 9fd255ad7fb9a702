"""What a schedule by price limit shows."""

from dataclasses import replace
from typing import cast

from ..const import MAX_PRICE
from ..model import PriceCap, PriceLimitTarget, Target
from .descriptions import Face, TargetNumberDescription
from .time import TIME_SENSORS


def _price(target: Target) -> float | None:
    return cast(PriceLimitTarget, target).limit.absolute


def _share(target: Target) -> float | None:
    limit = cast(PriceLimitTarget, target).limit
    return limit.relative if limit.absolute is None else None


def _with_limit(target: Target, limit: PriceCap) -> Target:
    return replace(cast(PriceLimitTarget, target), limit=limit)


NUMBERS = (
    TargetNumberDescription(
        key="limit",
        native_min_value=-MAX_PRICE,
        native_max_value=MAX_PRICE,
        native_step=0.0001,
        price=True,
        read=_price,
        changed=lambda target, value: _with_limit(target, PriceCap(absolute=value)),
    ),
    TargetNumberDescription(
        key="limit",
        translation_key="relative_limit",
        native_min_value=0.01,
        native_max_value=1,
        native_step=0.01,
        read=_share,
        changed=lambda target, value: _with_limit(target, PriceCap(relative=value)),
    ),
)

FACE = Face(TIME_SENSORS, NUMBERS)
