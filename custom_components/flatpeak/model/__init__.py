"""The nouns of energy scheduling: slots, periods, targets and plans.

Everything here is immutable and knows neither the clock nor Home Assistant.
Moments are aware datetimes, in UTC once they have passed `api.wire` or `Frame`;
durations are timedeltas; rates are money per kWh in major currency units.
"""

from .amount import (
    HOUR,
    AmountPlan,
    AmountRequest,
    AmountSchedule,
    AmountTarget,
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
from .duration import DurationRequest, DurationSchedule, DurationTarget, Segment
from .form import Form, KindName, Target
from .frame import WHOLE_DAY, Frame, moment_in
from .location import Connection, Device, Direction, Location
from .plan import Plan, Source, Status
from .price_limit import PriceLimitRequest, PriceLimitTarget, TimeTarget
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
from .tolerances import NEGLIGIBLE

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "NEGLIGIBLE",
    "NOTHING",
    "UNCONSTRAINED",
    "WHOLE_DAY",
    "AmountPlan",
    "AmountRequest",
    "AmountSchedule",
    "AmountTarget",
    "Battery",
    "Connection",
    "Constraints",
    "Demand",
    "Device",
    "DeviceSchedule",
    "Direction",
    "DurationRequest",
    "DurationSchedule",
    "DurationTarget",
    "Form",
    "Frame",
    "KindName",
    "Location",
    "Metering",
    "Plan",
    "PowerSlot",
    "Preference",
    "PriceBook",
    "PriceCap",
    "PriceLimitRequest",
    "PriceLimitTarget",
    "PriceRequest",
    "PriceSeries",
    "Savings",
    "Segment",
    "SiteRules",
    "Slot",
    "Source",
    "Span",
    "Status",
    "Target",
    "TimeTarget",
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
