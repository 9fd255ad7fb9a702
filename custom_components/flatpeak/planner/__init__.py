"""The planner: prices and a wish in, a plan out. No clock, no I/O, no Home Assistant."""

from .duration import Selection, select
from .revision import has_room, outstanding, refitted, revised, survived

__all__ = ["Selection", "has_room", "outstanding", "refitted", "revised", "select", "survived"]
