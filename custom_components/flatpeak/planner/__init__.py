"""The planner: prices and a wish in, a plan out. No clock, no I/O, no Home Assistant."""

from .duration import Selection, select

__all__ = ["Selection", "select"]
