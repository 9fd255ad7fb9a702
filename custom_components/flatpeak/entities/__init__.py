"""What schedules show: one file, and one row here, for each kind."""

from ..model import KindName
from . import amount, duration, price_limit
from .descriptions import Face, ScheduleSensorDescription, TargetNumberDescription, Value
from .prices import price_rows

FACES: dict[KindName, Face] = {
    KindName.DURATION: duration.FACE,
    KindName.PRICE_LIMIT: price_limit.FACE,
    KindName.AMOUNT: amount.FACE,
}

__all__ = [
    "FACES",
    "Face",
    "ScheduleSensorDescription",
    "TargetNumberDescription",
    "Value",
    "price_rows",
]
