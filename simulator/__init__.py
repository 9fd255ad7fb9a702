"""A simulator of Flatpeak's API on loopback, for tests, development and the demo."""

from .days import DAYS, Day, built_in
from .dialects import Dialect
from .faults import Fault
from .server import Simulator
from .state import Call, Device, Location, Unpublished, World

__all__ = [
    "DAYS",
    "Call",
    "Day",
    "Device",
    "Dialect",
    "Fault",
    "Location",
    "Simulator",
    "Unpublished",
    "World",
    "built_in",
]
