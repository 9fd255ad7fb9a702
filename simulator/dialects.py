"""The generations of the API, and how each of them words the same schedule and prices."""

from dataclasses import dataclass, replace
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
class Page:
    """One page of the documentation: where a question is put, and how its answer begins."""

    path: str
    prefix: str
    kind: str
    next_update: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The wording of schedules and prices.

    `price` is the path to the average price inside a slot of a schedule by duration or by
    limit, `rate` to the price inside an entry of the prices, which spell the direction in
    a way of their own. In zero, the error bodies are a bare message, and all these requests
    are queries. Of a schedule by amount, `money` is what its whole cost is called; the pages
    of busbar have none, so it has no path there.
    """

    version: str
    duration: Page
    limit: Page
    prices: Page
    method: str = "POST"
    direction: str = "tariff_direction"
    price: tuple[str, str] = ("price", "average")
    prices_direction: str = "tariff_direction"
    rate: tuple[str, str] = ("price", "value")
    echo: bool = True
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

_DURATION = Page(path="/schedules/duration/{id}", prefix="std", kind="schedule_duration")
_LIMIT = Page(path="/schedules/limit/{id}", prefix="spl", kind="schedule_limit")
_PRICES = Page(path="/prices/{id}", prefix="prs", kind="price")
# the only page that busbar has of it
_BUSBAR_LIMIT = replace(_LIMIT, path="/schedules/limit")

_SHAPES = {
    Dialect.ZERO: Shape(
        version="2024-08-24.zero",
        method="GET",
        duration=Page(path="/slots/time/{id}", prefix="sta", kind="slot_time"),
        limit=Page(path="/slots/threshold/{id}", prefix="slt", kind="slot_threshold"),
        prices=Page(path="/tariffs/rates/{id}", prefix="rts", kind="tariff_rate"),
        direction="direction",
        price=("tariff", "rate_avg"),
        prices_direction="direction",
        rate=("tariff", "rate"),
        bare_errors=True,
        amount_path="/schedules",
        amount_prefix="sch",
        amount_kind="schedule",
    ),
    Dialect.ANODE: Shape(
        version="2025-09-14.anode",
        duration=_DURATION,
        limit=_LIMIT,
        prices=_PRICES,
        direction="direction",
        price=("tariff", "rate_avg"),
        amount_path="/schedules/amount/{id}",
    ),
    Dialect.ANODE_GUIDE: Shape(
        version="2025-09-14.anode",
        duration=_DURATION,
        limit=_LIMIT,
        prices=_PRICES,
        amount_path="/schedules/amount/{id}",
        money="cost",
    ),
    Dialect.BUSBAR_A: Shape(
        version=_BUSBAR,
        duration=_DURATION,
        limit=_BUSBAR_LIMIT,
        prices=replace(_PRICES, next_update=False),
        status=False,
        typed_devices=True,
    ),
    Dialect.BUSBAR_B: Shape(
        version=_BUSBAR,
        duration=replace(_DURATION, path="/schedules/duration", next_update=False),
        limit=_BUSBAR_LIMIT,
        prices=replace(_PRICES, path="/prices", next_update=False),
        price=("price", "value"),
        echo=False,
        devices=True,
        status=False,
        typed_devices=True,
    ),
}
