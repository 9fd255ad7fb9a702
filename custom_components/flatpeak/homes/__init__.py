"""Who answers for a home: an account of Flatpeak's, or this home by itself."""

from .account import AccountHome
from .base import BaseHome, PriceReading, delete_issues, no_tariff, rounded
from .entry import schedules_of, sources_of
from .errands import Errands
from .errors import action_failure, failure, words
from .local import LocalHome
from .readings import SensorWatch
from .report import report

__all__ = [
    "AccountHome",
    "BaseHome",
    "Errands",
    "LocalHome",
    "PriceReading",
    "SensorWatch",
    "action_failure",
    "delete_issues",
    "failure",
    "no_tariff",
    "report",
    "rounded",
    "schedules_of",
    "sources_of",
    "words",
]
