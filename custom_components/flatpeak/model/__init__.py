"""The nouns of energy scheduling: slots, periods, wishes and plans.

Everything here is immutable and knows neither the clock nor Home Assistant.
Moments are aware datetimes, in UTC once they have passed `api.wire` or `Frame`;
durations are timedeltas; rates are money per kWh in major currency units.
"""

from .amount import (
    HOUR,
    NEGLIGIBLE,
    AmountOutlook,
    AmountPlan,
    AmountRequest,
    AmountSchedule,
    AmountWish,
    Battery,
    Demand,
    DeviceSchedule,
    Metering,
    PowerSlot,
    PriceCap,
    Savings,
    SiteRules,
    energy_of,
    savings_percentage,
)
from .constraints import UNCONSTRAINED, Constraints, Preference
from .duration import DurationOutlook, DurationRequest, DurationSchedule, Segment, Wish
from .frame import WHOLE_DAY, Frame, moment_in
from .limit import LimitOutlook, LimitRequest, LimitWish, TimeWish
from .location import Connection, Device, Direction, Location
from .plan import Outlook, Plan, Source, Status, Wanted
from .prices import PriceBook, PriceRequest, PriceSeries
from .spans import (
    DAY,
    MINUTE,
    NOTHING,
    Slot,
    Span,
    average_rate,
    before,
    lowest_confidence,
    merge,
    runs,
    total,
    uncovered,
    within,
)

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "NEGLIGIBLE",
    "NOTHING",
    "UNCONSTRAINED",
    "WHOLE_DAY",
    "AmountOutlook",
    "AmountPlan",
    "AmountRequest",
    "AmountSchedule",
    "AmountWish",
    "Battery",
    "Connection",
    "Constraints",
    "Demand",
    "Device",
    "DeviceSchedule",
    "Direction",
    "DurationOutlook",
    "DurationRequest",
    "DurationSchedule",
    "Frame",
    "LimitOutlook",
    "LimitRequest",
    "LimitWish",
    "Location",
    "Metering",
    "Outlook",
    "Plan",
    "PowerSlot",
    "Preference",
    "PriceBook",
    "PriceCap",
    "PriceRequest",
    "PriceSeries",
    "Savings",
    "Segment",
    "SiteRules",
    "Slot",
    "Source",
    "Span",
    "Status",
    "TimeWish",
    "Wanted",
    "Wish",
    "average_rate",
    "before",
    "energy_of",
    "lowest_confidence",
    "merge",
    "moment_in",
    "runs",
    "savings_percentage",
    "total",
    "uncovered",
    "within",
]
