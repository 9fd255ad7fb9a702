"""The actions: each reads the call, asks, and writes the answer."""

from .find_windows import FIND_WINDOWS_SCHEMA, find_windows
from .get_prices import GET_PRICES_SCHEMA, get_prices
from .plan_energy import PLAN_ENERGY_SCHEMA, plan_energy

__all__ = [
    "FIND_WINDOWS_SCHEMA",
    "GET_PRICES_SCHEMA",
    "PLAN_ENERGY_SCHEMA",
    "find_windows",
    "get_prices",
    "plan_energy",
]
