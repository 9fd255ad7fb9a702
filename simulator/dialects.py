"""The generations of the API, and how each of them words the same schedule."""

from dataclasses import dataclass
from enum import StrEnum
import re

_VERSION = re.compile(r"(\d{4}-\d{2}-\d{2})(\.[a-z]+)?", re.ASCII)


class Dialect(StrEnum):
    """A version of the API as its documentation shows it.

    Two of the versions are documented in two ways each; both are here, because
    the documentation does not say which one the service uses.
    """

    ZERO = "zero"
    ANODE = "anode"
    ANODE_GUIDE = "anode-guide"
    BUSBAR_A = "busbar-a"
    BUSBAR_B = "busbar-b"

    @property
    def shape(self) -> Shape:
        """How this dialect words things."""
        return _SHAPES[self]

    @property
    def version(self) -> str:
        """The string in the header `Flatpeak-Version`."""
        return self.shape.version

    def older(self, requested: str) -> bool:
        """Tell whether a requested version is older than this one. Raises ValueError."""
        asked, own = _VERSION.fullmatch(requested), self.version[:10]
        if asked is None:
            raise ValueError("not a version")
        return asked[1] < own


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The wording of schedules.

    `price` is the path to the average price inside a slot of a schedule by duration.
    In zero, the error bodies are a bare message, and that request is a query.
    Of a schedule by amount, `money` is what its whole cost is called; the pages of
    busbar have none, so it has no path there.
    """

    version: str
    method: str = "POST"
    path: str = "/schedules/duration/{id}"
    id_prefix: str = "std"
    kind: str = "schedule_duration"
    direction: str = "tariff_direction"
    price: tuple[str, str] = ("price", "average")
    echo: bool = True
    next_update: bool = True
    devices: bool = False
    status: bool = True
    bare_errors: bool = False
    typed_devices: bool = False
    amount_path: str | None = None
    amount_prefix: str = "sae"
    amount_kind: str = "schedule_amount"
    money: str = "tariff"


# The date of busbar is invented: its documentation names none.
_BUSBAR = "2026-03-02.busbar"

_SHAPES = {
    Dialect.ZERO: Shape(
        version="2024-08-24.zero",
        method="GET",
        path="/slots/time/{id}",
        id_prefix="sta",
        kind="slot_time",
        direction="direction",
        price=("tariff", "rate_avg"),
        bare_errors=True,
        amount_path="/schedules",
        amount_prefix="sch",
        amount_kind="schedule",
    ),
    Dialect.ANODE: Shape(
        version="2025-09-14.anode",
        direction="direction",
        price=("tariff", "rate_avg"),
        amount_path="/schedules/amount/{id}",
    ),
    Dialect.ANODE_GUIDE: Shape(
        version="2025-09-14.anode", amount_path="/schedules/amount/{id}", money="cost"
    ),
    Dialect.BUSBAR_A: Shape(version=_BUSBAR, status=False, typed_devices=True),
    Dialect.BUSBAR_B: Shape(
        version=_BUSBAR,
        path="/schedules/duration",
        price=("price", "value"),
        echo=False,
        next_update=False,
        devices=True,
        status=False,
        typed_devices=True,
    ),
}
