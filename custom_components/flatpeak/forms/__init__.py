"""What forms of schedules store, read and written: one file and one row for each kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..model import Form, KindName
from .amount import amount_as_json, read_amount
from .common import Json, read_frame
from .duration import duration_as_json, read_constraints, read_duration
from .price_limit import price_limit_as_json, read_price_limit


@dataclass(frozen=True, slots=True)
class Codec:
    """How the data of a kind are read and written.

    Reading raises KeyError, TypeError or ValueError.
    """

    read: Callable[[Json], Form]
    as_json: Callable[[Form], dict[str, Any]]


CODECS: dict[KindName, Codec] = {
    KindName.DURATION: Codec(read_duration, duration_as_json),
    KindName.PRICE_LIMIT: Codec(read_price_limit, price_limit_as_json),
    KindName.AMOUNT: Codec(read_amount, amount_as_json),
}

__all__ = [
    "CODECS",
    "Codec",
    "Json",
    "read_constraints",
    "read_duration",
    "read_frame",
    "read_price_limit",
]
