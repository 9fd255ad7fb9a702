"""The planner: prices and a wish in, a plan out. No clock, no I/O, no Home Assistant."""

from .amount import Allocation, allocate
from .duration import Selection, select
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
from .metering import Sensor, believable, closed, deviates, measured, metered, missing, planned
from .revision import has_room, outstanding, refitted, revised, survived

__all__ = [
    "Allocation",
    "Question",
    "Selection",
    "Sensor",
    "allocate",
    "believable",
    "closed",
    "combined",
    "demanded",
    "deviates",
    "displaced",
    "has_room",
    "joined",
    "limited",
    "measured",
    "metered",
    "missing",
    "outstanding",
    "planned",
    "refitted",
    "refitted_amount",
    "requests",
    "revised",
    "select",
    "survived",
]
