"""The planner: prices and a wish in, a plan out. No clock, no I/O, no Home Assistant."""

from .duration import Selection, select
from .revision import outstanding, refitted, revised, survived

__all__ = ["Selection", "outstanding", "refitted", "revised", "select", "survived"]
