"""The planner: prices and a wish in, a plan out. No clock, no I/O, no Home Assistant."""

from .amount import Allocation, allocate
from .constrained import arrange
from .duration import Selection, select
from .home import Situation, is_long, limit_at_home, planned_at_home, priced
from .home_amount import amounts_at_home
from .home_calm import calmed
from .joint import (
    Question,
    combined,
    demanded,
    displaced,
    joined,
    limited,
    refitted_amount,
    requests,
)
from .limit import (
    bound_of,
    limit_outstanding,
    limit_refitted,
    limit_revised,
    still_within,
)
from .metering import Sensor, believable, closed, deviates, measured, metered, missing, planned
from .revision import has_room, outstanding, refitted, revised, survived

__all__ = [
    "Allocation",
    "Question",
    "Selection",
    "Sensor",
    "Situation",
    "allocate",
    "amounts_at_home",
    "arrange",
    "believable",
    "bound_of",
    "calmed",
    "closed",
    "combined",
    "demanded",
    "deviates",
    "displaced",
    "has_room",
    "is_long",
    "joined",
    "limit_at_home",
    "limit_outstanding",
    "limit_refitted",
    "limit_revised",
    "limited",
    "measured",
    "metered",
    "missing",
    "outstanding",
    "planned",
    "planned_at_home",
    "priced",
    "refitted",
    "refitted_amount",
    "requests",
    "revised",
    "select",
    "still_within",
    "survived",
]
