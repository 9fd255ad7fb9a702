"""What devices have really been given, by what was shown: no plan is believed here."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import math

from custom_components.flatpeak.engine import HomeState, ScheduleState
from custom_components.flatpeak.model import (
    NOTHING,
    PowerSlot,
    Slot,
    Span,
    Target,
    energy_of,
    total,
    within,
)


@dataclass(frozen=True, slots=True)
class Account:
    """What one schedule has been given in one period.

    `touched`: its owner wanted something else meanwhile. `missed`: nobody was there for a while.
    """

    period: Span
    target: Target
    windows: tuple[Slot, ...] = ()
    touched: bool = False
    missed: bool = False

    @property
    def length(self) -> timedelta:
        """The time it was on."""
        return total(self.windows)

    @property
    def energy(self) -> float:
        """The energy it was given."""
        return energy_of(one for one in self.windows if isinstance(one, PowerSlot))

    @property
    def cost(self) -> float:
        """What that cost, without what had no price."""
        return math.fsum(
            (one.rate or 0)
            * (one.energy if isinstance(one, PowerSlot) else one.length / timedelta(hours=1))
            for one in self.windows
        )


@dataclass(slots=True)
class Ledger:
    """The accounts of all schedules, and those that were closed by the last event."""

    open: dict[str, Account] = field(default_factory=dict)
    closed: list[tuple[str, Account]] = field(default_factory=list)

    def copy(self) -> Ledger:
        """Return one to go on with."""
        return Ledger(dict(self.open), list(self.closed))

    def pass_time(self, home: HomeState, now: datetime) -> None:
        """Add what was shown since the last event."""
        since = home.now
        if now <= since:
            return
        for key, state in home.schedules.items():
            ran = within(state.plan.windows, since, now)
            if ran and key in self.open:
                account = self.open[key]
                self.open[key] = replace(account, windows=(*account.windows, *ran))

    def pass_down(self, home: HomeState, until: datetime) -> None:
        """Add what ran while nobody was there: what was on stayed on, to its end at the least."""
        for key, state in home.schedules.items():
            account, run = self.open.get(key), state.running(home.now)
            if account is None:
                continue
            ran = within(state.plan.windows, home.now, min(run.end, until)) if run else ()
            # any edge that nobody was there for
            missed = any(
                home.now < edge <= until
                for window in state.plan.windows
                for edge in (window.start, window.end)
            )
            self.open[key] = replace(
                account, windows=(*account.windows, *ran), missed=account.missed or missed
            )

    def note(self, home: HomeState, *, touched: frozenset[str] = frozenset()) -> None:
        """Open and close accounts as periods begin and end."""
        self.closed = []
        for key in self.open.keys() - home.schedules.keys():
            del self.open[key]
        for key, state in home.schedules.items():
            account = self.open.get(key)
            if account is None:
                self.open[key] = Account(state.plan.period, state.target, touched=True)
                continue
            if key in touched:
                self._touch(key, account, state)
            elif account.period != state.plan.period:
                self.closed.append((key, account))
                self.open[key] = Account(state.plan.period, state.target)
            elif state.target is not account.target:
                self.open[key] = replace(account, target=state.target)

    def _touch(self, key: str, account: Account, state: ScheduleState) -> None:
        """Go on under another target: what ran in hours that overlap still counts."""
        period = state.plan.period
        kept = account.windows if account.period.overlaps(period) else ()
        self.open[key] = replace(
            account, period=period, target=state.target, windows=kept, touched=True
        )


def overshoot(account: Account, wanted: timedelta) -> timedelta:
    """Return by how much time more than wanted was given."""
    return max(account.length - wanted, NOTHING)
