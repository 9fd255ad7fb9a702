"""The forms of a home without an account, of schedules, and of what holds for the whole home."""

from .amount import AmountFlow
from .common import is_local
from .duration import DurationFlow
from .price_limit import PriceLimitFlow
from .prices import PriceFlow
from .site import SiteFlow

__all__ = ["AmountFlow", "DurationFlow", "PriceFlow", "PriceLimitFlow", "SiteFlow", "is_local"]
