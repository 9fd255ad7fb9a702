"""The kinds of schedules: one file, and one row here, for each."""

from ...model import KindName
from ..state import ScheduleState
from .amount import AmountKind
from .base import Kind
from .duration import DurationKind
from .price_limit import PriceLimitKind

KINDS: dict[KindName, Kind] = {
    KindName.DURATION: DurationKind(),
    KindName.PRICE_LIMIT: PriceLimitKind(),
    KindName.AMOUNT: AmountKind(),
}


def kind_of(state: ScheduleState) -> Kind:
    """Return the kind of a schedule."""
    return KINDS[state.kind]


__all__ = ["KINDS", "Kind", "kind_of"]
