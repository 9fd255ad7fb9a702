"""All that a home knows, frozen: whatever happens makes a new one of it.

Moments are in UTC, energy in kWh, power in kW, money in major currency units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import Self

from ..model import (
    Direction,
    Form,
    KindName,
    Metering,
    Plan,
    PowerSlot,
    PriceBook,
    SiteRules,
    Slot,
    Span,
    Status,
    Target,
    runs,
)
from ..model.errors import FlatpeakError
from . import intervals
from .questions import Question

type AnyPlan = Plan[Slot]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sensor says: kWh of a meter, or per cent of a battery; None: nothing that counts."""

    value: float | None
    reported_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """How far energy that is wanted was, and will be, moved."""

    metering: Metering = field(default_factory=Metering)
    """What the sensor has told."""
    lacking: float = 0.0
    """What the latest answer left out of what was asked for."""
    shortfall: float = 0.0
    """What it left out of what is wanted."""
    unplaced: float | None = None
    """The least that an answer left out in this period; None: no answer."""
    missed: float = 0.0
    """What was left out in the period before."""
    misses: int = 0
    """How many periods in a row something was left out."""
    crammed: bool = False
    """The last period was used up at full power."""
    fruitless: int = 0
    """Looks in a row that did not find more, though prices were certain."""
    following: tuple[float, float] | None = None
    """What the answer for the next period left out: lacking, shortfall."""
    counted: float = 0.0
    """What of the energy delivered is in the savings already."""


def _power_of(slot: Slot) -> float:
    return slot.power if isinstance(slot, PowerSlot) else 0.0


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """All that is known of one schedule."""

    key: str
    """The id of its subentry."""
    name: str
    """What its owner calls it."""
    kind: KindName
    """Which kind of schedule it is."""
    form: Form
    """What its form says."""
    target: Target
    """What entities have made of that."""
    plan: AnyPlan
    """The plan of this period."""
    following: AnyPlan | None = None
    """The plan of the next period, asked for shortly before this one ends."""
    next_update: datetime | None = None
    """When there may be news."""
    pending: Status | None = None
    """Why there is no plan."""
    error: FlatpeakError | None = None
    """What the last request failed with."""
    fresh: bool = True
    """Nothing was planned for this target yet."""
    changed_at: datetime | None = None
    """Since then it is fresh: what ran then need not be kept. None: nothing at all need."""
    resumed: bool = False
    """It was switched off and on again in this period."""
    earlier: Span | None = None
    """The last run of the period before: a machine's pause after it may still be due."""
    check_at: datetime | None = None
    """When it wants to be asked for again."""
    unpriced: bool = False
    """It has bounds that cannot be kept: the account has no prices to keep them by."""
    device_id: str | None = None
    """What stands for it in Flatpeak."""
    reading: Reading | None = None
    """What its sensor says."""
    fulfilment: Fulfilment = field(default_factory=Fulfilment)
    """How far it got where energy is wanted."""

    @property
    def answered(self) -> bool:
        """Whether there is a plan for this period."""
        return self.target.enabled and self.plan.source is not None

    @property
    def available(self) -> bool:
        """Whether there is something to say: a plan is kept whatever the network does."""
        return self.answered or self.error is None or not self.target.enabled

    @property
    def status(self) -> Status:
        """How the schedule is doing; an answer that plans nothing of what is wanted is no plan."""
        if not self.target.enabled:
            return Status.OFF
        if not self.answered:
            return self.pending or Status.WAITING
        if not self.plan.windows and self.fulfilment.shortfall:
            return Status.WAITING
        certain = self.plan.confidence is None or self.plan.confidence >= 1
        return Status.PLANNED if certain else Status.PROVISIONAL

    def running(self, now: datetime) -> Span | None:
        """Return the run that `now` lies in: windows that touch are one."""
        return self.plan.run(now)

    def upcoming(self, now: datetime) -> Span | None:
        """Return the first run that has not begun."""
        return next((run for run in runs(self.plan.windows) if run.start > now), None)

    @property
    def shown(self) -> tuple[object, ...]:
        """All that is seen of it at a moment."""
        return (
            *(self.name, self.target, self.plan, self.next_update, self.pending),
            *(self.error is None, self.fulfilment.shortfall),
        )

    def power(self, now: datetime) -> float:
        """Return the power that it asks for, 0 where it only says on and off."""
        slot = self.plan.running(now)
        return _power_of(slot) if slot else 0.0

    def next_edge(self, now: datetime) -> datetime:
        """Return the next moment at which a run starts or ends or its power changes, or the period.

        Where two windows touch at the same power, nobody has anything to do.
        """
        starts = {window.start: _power_of(window) for window in self.plan.windows}
        ends = {window.end: _power_of(window) for window in self.plan.windows}
        edges = (at for at in starts.keys() | ends.keys() if starts.get(at) != ends.get(at))
        return min((edge for edge in edges if edge > now), default=self.plan.period.end)

    def plan_to_ask(self, now: datetime, lead: timedelta, zone: tzinfo) -> AnyPlan:
        """Return the plan to ask for: from a while before a period ends on, the one of the next.

        So two periods that touch have no gap, and no thousand homes ask at midnight.
        """
        if now < self.plan.period.end - lead:
            return self.plan
        period = self.target.frame.period(self.plan.period.end, zone)
        return self.following or replace(self.plan, period=period, windows=(), source=None)

    def with_plan(self, plan: AnyPlan) -> Self:
        """Return it with a plan of this period or the next; one of the past changes nothing."""
        planned = replace(self, pending=None, fresh=False, changed_at=None)
        if plan.period == self.plan.period:
            return replace(planned, plan=plan)
        if plan.period.start >= self.plan.period.end:
            return replace(planned, following=plan)
        return self


@dataclass(frozen=True, slots=True)
class RequestState:
    """When something is asked for next, and how asking went."""

    key: str
    """The schedule's, or the home's where schedules are asked for together."""
    due: datetime | None = None
    """When that is; None: nothing is asked for."""
    pushed: bool = False
    """It is sent even where polling is switched off."""
    asking: Question | None = None
    """The question on its way."""
    asked: int = 0
    """How many questions there were."""
    again: bool = False
    """Something has happened that the question on its way did not know."""
    news: bool = False
    """Prices have come that it may not have known."""
    failures: int = 0
    """Errors in a row."""
    refused: bool = False
    """The credentials were, so it is due as soon as there are others."""
    by_hand: datetime | None = None
    """When somebody asked."""
    recommended: datetime | None = None
    """When Flatpeak said that it would have news."""

    @property
    def lead(self) -> timedelta:
        """How long after the moment, and before a period ends, this is asked for."""
        return intervals.delay(self.key)

    def at(self, due: datetime | None, *, pushed: bool = False) -> Self:
        """Return it due at a moment; one that is over means now."""
        return replace(self, due=due, pushed=pushed)


@dataclass(frozen=True, slots=True)
class EnergyState:
    """What all schedules by amount of a home share."""

    news_at: datetime | None = None
    """From then on an answer may know something new about prices that were certain."""
    new_prices: bool = False
    """Prices have changed since plans were last made locally for want of an answer."""
    displaced: Mapping[str, datetime | None] = field(default_factory=dict)
    """Until when something runs that an answer would not have run."""
    look_at: datetime | None = None
    """When sensors are looked at next."""
    looked_at: datetime | None = None
    """When one of them last caused a request."""
    without_tariff: frozenset[Direction] = frozenset()
    """The directions that lack a tariff."""
    saved: float = 0.0
    """What was saved since the beginning."""
    counted: datetime | None = None
    """Up to when that is counted."""


@dataclass(frozen=True, slots=True)
class PriceState:
    """The prices of one direction, and when to read them again."""

    direction: Direction
    """Which way the energy flows."""
    key: str
    """What spreads the readings."""
    source: str
    """What the prices come from."""
    book: PriceBook = field(default_factory=PriceBook)
    """What is known."""
    due: datetime | None = None
    """When they are read next."""
    pushed: bool = False
    """That is so even where polling is switched off."""
    reading: bool = False
    """They are being read."""
    again: bool = False
    """Their source has said something new since that began."""
    failures: int = 0
    """Errors in a row."""
    failing_since: datetime | None = None
    """Since when."""
    error: FlatpeakError | None = None
    """The last one."""
    by_hand: datetime | None = None
    """When somebody asked."""
    untold: bool = False
    """Nobody has been told of these prices yet."""
    gone: bool = False
    """They could not be read for so long that it is worth a word."""

    @property
    def are_final(self) -> bool:
        """Whether the prices there are, if any, are all that can be had for the moment."""
        return self.book.read_at is not None or self.failures >= intervals.TRIES

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether asking before it is due would bring nothing new."""
        at = self.book.next_update
        return self.error is None and at is not None and at > now


@dataclass(frozen=True, slots=True)
class Totals:
    """What all that is planned costs and saves.

    What is earned by selling is taken off the cost.
    """

    cost: float | None = None
    """What it costs."""
    savings: float | None = None
    """What it saves."""
    saved: float = 0.0
    """What was saved since the beginning."""


@dataclass(frozen=True, slots=True)
class HomeState:
    """A home: its schedules, what is asked for, and its prices."""

    key: str
    """The config entry's."""
    zone: tzinfo
    """The clock it goes by."""
    now: datetime
    """The moment of the last event."""
    locally: bool = False
    """All is planned here, since there is nobody to ask."""
    polling: bool = True
    """Requests are sent by themselves."""
    started: bool = False
    """Something may be asked at all."""
    rules: SiteRules = field(default_factory=lambda: SiteRules({}, {}))
    """What holds for all schedules together."""
    schedules: Mapping[str, ScheduleState] = field(default_factory=dict)
    """By the ids of their subentries."""
    requests: Mapping[str, RequestState] = field(default_factory=dict)
    """By the keys of who asks."""
    prices: Mapping[Direction, PriceState] = field(default_factory=dict)
    """Of each direction in use."""
    energy: EnergyState = field(default_factory=EnergyState)
    """What schedules by amount share."""
    last_success: datetime | None = None
    """When somebody last answered."""

    def known_prices(self, direction: Direction) -> tuple[Slot, ...]:
        """Return the prices of a direction that are known now."""
        prices = self.prices.get(direction)
        return prices.book.slots if prices else ()

    @property
    def uses(self) -> frozenset[Direction]:
        """The directions whose prices enabled schedules use."""
        states = self.schedules.values()
        return frozenset(one.target.direction for one in states if one.target.enabled)
