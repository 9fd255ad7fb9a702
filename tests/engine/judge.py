"""What must have been reached in a period, by what was known in time and what went wrong."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from custom_components.flatpeak.engine import HomeState
from custom_components.flatpeak.model import (
    UNCONSTRAINED,
    AmountTarget,
    DurationTarget,
    PriceLimitTarget,
    Segment,
    Slot,
    Span,
)
from custom_components.flatpeak.planner import select

from .ledger import Account
from .market import HOUR, NEVER, ZONE, Market
from .server import OUTAGES, Fault
from .watch import Expect

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
# So long may it take until somebody who had reason to wait asks again.
_RECOVERY = 90 * _MINUTE
_PATIENCE = 9 * HOUR
_UNREASONABLE = frozenset({"empty", "unknown", "contradicts"})


class Circumstances(Protocol):
    """What counts of the kind of year it is."""

    locally: bool
    polling: bool
    exports: bool


@dataclass(frozen=True, slots=True)
class Price:
    """What a period cost, and the best that it could have."""

    cost: float
    best: float
    hours: float


@dataclass(slots=True)
class Judge:
    """Knows all that went wrong, and what could be reached all the same."""

    market: Market
    faults: list[Fault]
    circumstances: Circumstances
    trouble: list[tuple[datetime, datetime]] = field(default_factory=list)
    prices: list[Price] = field(default_factory=list)

    def disturbed(self, start: datetime, end: datetime) -> None:
        """Note that nobody was there, or that something holds for all."""
        self.trouble.append((start, end))

    def changed(self, now: datetime) -> None:
        """Note that an owner changed something: it may take from others what they shared."""
        self.trouble.append((now, now))

    def expected(self, key: str, account: Account, home: HomeState) -> Expect | None:
        """Return what must have been reached in a period that is over; None: nobody can say."""
        target, period = account.target, account.period
        here = self.circumstances
        if account.touched or account.missed or not target.enabled or not here.polling:
            return None
        if target.direction not in home.prices or not here.exports:
            return None
        since = self._well_since(period, patient=isinstance(target, AmountTarget))
        if since is None:
            return None
        if isinstance(target, DurationTarget | PriceLimitTarget):
            return self._time(key, account, target, since)
        return self._energy(key, account, target, since, home)

    def _time(
        self, key: str, account: Account, target: DurationTarget | PriceLimitTarget, since: datetime
    ) -> Expect | None:
        period, early = account.period, since <= account.period.start
        wanted = target.minimum if isinstance(target, PriceLimitTarget) else target.duration
        wanted = min(wanted, period.length) - _MINUTE
        if isinstance(target, DurationTarget):
            bounds = target.constraints
            if bounds.never_beyond is not None:
                return None
            # a machine that wants more than its hours does not use a gap before known prices
            if bounds != UNCONSTRAINED and (not early or target.duration > period.length):
                return None
            if bounds == UNCONSTRAINED and early:
                self._note_price(account, target)
        if period.end - max(since, period.start) < wanted:
            return None
        return Expect(key, length=wanted) if wanted > _MINUTE else None

    def _energy(
        self, key: str, account: Account, target: AmountTarget, since: datetime, home: HomeState
    ) -> Expect | None:
        state = home.schedules.get(key)
        alone = sum(one.kind is state.kind for one in home.schedules.values()) == 1 if state else 0
        if state is None or state.form.sensor or target.energy is None or not alone:
            return None
        limit = home.rules.limits.get(target.direction, target.max_power)
        power = min(limit, target.max_power)
        if power < target.min_power or target.direction in home.rules.caps:
            return None
        period = account.period
        wanted = min(target.energy, power * (period.length / HOUR))
        left = power * ((period.end - max(since, period.start)) / HOUR)
        if left < wanted:
            return None
        return Expect(key, energy=wanted * 0.98 - 0.05)

    def _well_since(self, period: Span, *, patient: bool) -> datetime | None:
        """Return from when on nothing was in the way of a period; None: it never was well.

        Who is `patient` looks ever more seldom after answers that lack something without a reason.
        """
        days = {at.astimezone(ZONE).date() for at in (period.start, period.end - _MINUTE)}
        first, last = min(days), max(days)
        known = max(
            self.market.settled_at(first + place * _DAY) for place in range((last - first).days + 1)
        )
        if known >= NEVER:
            return None
        days_of = (first + place * _DAY for place in range((last - first).days + 1))
        withdrawn = any(map(self.market.was_withdrawn, days_of))
        bad = [known + (_PATIENCE if patient and withdrawn else _RECOVERY)]
        for start, end in self.trouble:
            if start < period.end and end > period.start - 2 * _DAY:
                bad.append(end + _RECOVERY)
        for fault in self.faults:
            if fault.start < period.end and fault.end > period.start - 4 * _DAY:
                # told to wait an hour at its last moment
                told = HOUR if fault.name == "busy until" else timedelta(0)
                if fault.name in OUTAGES:
                    wait = _PATIENCE if patient and fault.name in _UNREASONABLE else _RECOVERY
                    bad.append(fault.end + told + wait)
        since = max(bad)
        return since if since < period.end else None

    def _note_price(self, account: Account, target: DurationTarget) -> None:
        period = account.period
        day, slots = period.start.astimezone(ZONE).date(), list[Slot]()
        while day <= period.end.astimezone(ZONE).date():
            slots += self.market.truth(day, target.direction)
            day += _DAY
        chosen = select(
            slots, target.duration, target.segment, start=period.start, end=period.end
        ).windows
        best = sum((one.rate or 0) * (one.length / HOUR) for one in chosen)
        sign = 1 if target.segment is Segment.LOW else -1
        self.prices.append(Price(sign * account.cost, sign * best, account.length / HOUR))
