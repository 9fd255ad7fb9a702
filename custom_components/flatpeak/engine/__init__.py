"""The engine: what a home of schedules does when something happens.

Pure: no Home Assistant, no network, no clock and no chance. Events go in, a new state and
what is to be done come out.
"""

from .events import (
    Added,
    Answered,
    Ask,
    DevicesKnown,
    Effect,
    Event,
    Failed,
    FormChanged,
    PlanLocally,
    Planned,
    PlannedLocally,
    PricesFailed,
    PricesRead,
    PricesWanted,
    ReadPrices,
    RefreshRequested,
    Removed,
    RulesChanged,
    Save,
    Show,
    SourceChanged,
    Started,
    StartReauth,
    TargetChanged,
    Told,
    Woke,
)
from .handling import handle, next_wake
from .issues import Issue, issues, possible_issues
from .kinds import KINDS
from .lifecycle import group_of
from .prices import reading_of
from .questions import (
    Answer,
    DurationQuestion,
    EnergyAnswer,
    EnergyQuestion,
    PriceLimitQuestion,
    Question,
)
from .restoring import StoredHome, StoredPrices, StoredSchedule, remembered, restored
from .savings import totals
from .state import (
    Fulfilment,
    HomeState,
    PriceState,
    Reading,
    RequestState,
    ScheduleState,
    Totals,
)

__all__ = [
    "KINDS",
    "Added",
    "Answer",
    "Answered",
    "Ask",
    "DevicesKnown",
    "DurationQuestion",
    "Effect",
    "EnergyAnswer",
    "EnergyQuestion",
    "Event",
    "Failed",
    "FormChanged",
    "Fulfilment",
    "HomeState",
    "Issue",
    "PlanLocally",
    "Planned",
    "PlannedLocally",
    "PriceLimitQuestion",
    "PriceState",
    "PricesFailed",
    "PricesRead",
    "PricesWanted",
    "Question",
    "ReadPrices",
    "Reading",
    "RefreshRequested",
    "Removed",
    "RequestState",
    "RulesChanged",
    "Save",
    "ScheduleState",
    "Show",
    "SourceChanged",
    "StartReauth",
    "Started",
    "StoredHome",
    "StoredPrices",
    "StoredSchedule",
    "TargetChanged",
    "Told",
    "Totals",
    "Woke",
    "group_of",
    "handle",
    "issues",
    "next_wake",
    "possible_issues",
    "reading_of",
    "remembered",
    "restored",
    "totals",
]
