"""The forms below an account: its schedules, and what holds for the whole home."""

from .amount import AmountFlow
from .duration import DurationFlow
from .site import SiteFlow

__all__ = ["AmountFlow", "DurationFlow", "SiteFlow"]
