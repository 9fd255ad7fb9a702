"""The planner: prices and a target in, a plan out. No clock, no I/O, no Home Assistant."""

from .amount import Allocation, allocate
from .constrained import arrange
from .duration import Selection, select
from .hysteresis import with_hysteresis
from .joint import (
    Question,
    combined,
    demanded,
    displaced,
    joined,
    refitted_amount,
    requests,
    within_power_limits,
)
from .local import Situation, is_long, limit_planned_locally, planned_locally, priced
from .local_amount import amounts_planned_locally
from .metering import Sensor, believable, closed, deviates, measured, metered, missing, planned
from .price_limit import (
    bound_of,
    limit_outstanding,
    limit_refitted,
    limit_revised,
    still_within,
)
from .revision import has_room, outstanding, refitted, revised, survived

__all__ = [
    "Allocation",
    "Question",
    "Selection",
    "Sensor",
    "Situation",
    "allocate",
    "amounts_planned_locally",
    "arrange",
    "believable",
    "bound_of",
    "closed",
    "combined",
    "demanded",
    "deviates",
    "displaced",
    "has_room",
    "is_long",
    "joined",
    "limit_outstanding",
    "limit_planned_locally",
    "limit_refitted",
    "limit_revised",
    "measured",
    "metered",
    "missing",
    "outstanding",
    "planned",
    "planned_locally",
    "priced",
    "refitted",
    "refitted_amount",
    "requests",
    "revised",
    "select",
    "still_within",
    "survived",
    "with_hysteresis",
    "within_power_limits",
]
