"""Drives the engine, event by event, and checks after each what must always hold."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from custom_components.flatpeak.engine import (
    Added,
    Ask,
    Effect,
    Event,
    FormChanged,
    HomeState,
    Removed,
    RulesChanged,
    Save,
    ScheduleState,
    Show,
    StoredHome,
    StoredPrices,
    TargetChanged,
    group_of,
    handle,
    next_wake,
    remembered,
    restored,
)
from custom_components.flatpeak.engine.questions import Question
from custom_components.flatpeak.model import Direction

from .ledger import Ledger

# How long the store may keep back what a restart could find out again.
_PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Restart:
    """The computer stops, well or not, and is there again at another moment."""

    clean: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class Expect:
    """A period is over in which so much must have been given: time, or energy in kWh."""

    key: str
    length: timedelta | None = None
    energy: float | None = None


type Happening = Event | Restart | Expect


class Violation(AssertionError):  # noqa: N818  what was promised, and was not kept
    """A promise that was broken."""

    def __init__(self, promise: str, what: str) -> None:
        """Name it."""
        super().__init__(f"{promise}: {what}")
        self.promise = promise


@dataclass(frozen=True, slots=True)
class Step:
    """One event, with the home before and after it."""

    before: HomeState
    event: Event
    now: datetime
    after: HomeState
    effects: tuple[Effect, ...]
    watch: Watch

    @property
    def changed(self) -> Iterable[tuple[str, ScheduleState]]:
        """The schedules that something has become of: what held for the others still does."""
        was = self.before.schedules
        for key, state in self.after.schedules.items():
            known = was.get(key)
            if known is not state or known.next_edge(self.before.now) <= self.now:
                yield key, state

    @property
    def touched(self) -> frozenset[str]:
        """The schedules whose owner wants something else by this event."""
        match self.event:
            case TargetChanged(key) | FormChanged(key) | Removed(key) | Added(key):
                return frozenset({key})
            case RulesChanged():
                return frozenset(self.after.schedules)
        return frozenset()


@dataclass(slots=True)
class Watch:
    """A home, and all that is known of it from outside.

    `disk` is what a hard kill would leave, `unwritten` since when something waits to be written.
    `shown` is what entities say, `flights` the latest question of each group that nobody has
    answered, `asks` counts questions by group and day. `wake` is when the engine wants to wake
    next, without `price_edges` not for each price that begins.
    """

    home: HomeState
    checks: tuple[Callable[[Step], None], ...] = ()
    disk: StoredHome = field(default_factory=StoredHome)
    disk_prices: dict[Direction, StoredPrices] = field(default_factory=dict)
    saved: StoredHome = field(default_factory=StoredHome)
    unwritten: datetime | None = None
    shown: dict[str, tuple[object, ...]] = field(default_factory=dict)
    flights: dict[str, Question] = field(default_factory=dict)
    asks: Counter[tuple[str, object]] = field(default_factory=Counter)
    ledger: Ledger = field(default_factory=Ledger)
    steps: int = 0
    wake: datetime | None = None
    price_edges: bool = True

    def copy(self) -> Watch:
        """Return one that goes on from here; all that it holds is frozen."""
        return replace(
            self,
            disk_prices=dict(self.disk_prices),
            shown=dict(self.shown),
            flights=dict(self.flights),
            asks=Counter(self.asks),
            ledger=self.ledger.copy(),
        )

    def begin(self) -> None:
        """Show a home that has just come up; what it was made of is stored."""
        self.saved, self.unwritten, self.flights = remembered(self.home), None, {}
        self.ledger.note(self.home)
        self.shown = {key: seen(self.home, key, self.home.now) for key in self.home.schedules}

    def take(self, happening: Happening, now: datetime) -> tuple[Effect, ...]:
        """Let something happen. Raises Violation."""
        match happening:
            case Restart():
                self._restart(happening, now)
                return ()
            case Expect():
                self._expect(happening)
                return ()
        return self._handle(happening, now)

    def _handle(self, event: Event, now: datetime) -> tuple[Effect, ...]:
        before = self.home
        if self.unwritten and now >= self.unwritten + _PATIENCE:
            self.disk, self.unwritten = remembered(before), None
        self.ledger.pass_time(before, now)
        try:
            after, effects = handle(before, event, now)
        except Exception as err:
            raise Violation("8 handle never raises", f"{type(err).__name__}: {err}") from err
        self.home, self.steps = after, self.steps + 1
        self.wake = self._next_wake()
        step = Step(before, event, now, after, effects, self)
        self.ledger.note(after, touched=step.touched)
        self._take_effects(step)
        for check in self.checks:
            check(step)
        for effect in effects:
            if isinstance(effect, Ask):
                self.flights[effect.question.group] = effect.question
        return effects

    def _next_wake(self) -> datetime | None:
        """Return when the engine wants to wake; few look at each price as it begins."""
        home = self.home
        if self.price_edges or not home.started:
            return next_wake(home)
        moments = [next_wake(replace(home, prices={}))]
        moments += [
            one.due
            for one in home.prices.values()
            if (home.polling or one.pushed) and not one.reading
        ]
        return min((at for at in moments if at), default=None)

    def _take_effects(self, step: Step) -> None:
        after = step.after
        for effect in step.effects:
            match effect:
                case Show(keys):
                    self.shown |= {
                        key: seen(after, key, step.now) for key in keys if key in after.schedules
                    }
                case Save(prices=True):
                    self.disk_prices = _prices(after)
                case Save(urgent=True):
                    self.disk = self.saved = remembered(after)
                    self.unwritten = None
                case Save():
                    self.saved = remembered(after)
                    self.unwritten = self.unwritten or step.now
                case Ask(question):
                    zone = after.zone
                    self.asks[question.group, step.now.astimezone(zone).date()] += 1

    # The computer

    def _restart(self, restart: Restart, now: datetime) -> None:
        before = self.home
        if self.unwritten and now >= self.unwritten + _PATIENCE:
            self.disk, self.unwritten = remembered(before), None
        self.ledger.pass_time(before, now)
        before = replace(before, now=now)
        if restart.clean:
            self.disk, self.disk_prices = remembered(before), _prices(before)
        home = HomeState(
            before.key,
            before.zone,
            restart.until,
            before.locally,
            before.polling,
            rules=before.rules,
            last_success=before.last_success,
        )
        sources = {way: one.source for way, one in before.prices.items()}
        forms = [Added(key, one.name, one.kind, one.form) for key, one in before.schedules.items()]
        self.ledger.pass_down(before, restart.until)
        try:
            self.home = restored(home, forms, sources, self.disk, self.disk_prices)
        except Exception as err:
            raise Violation("8 handle never raises", f"{type(err).__name__}: {err}") from err
        self.begin()
        _check_restart(before, restart, self.home)

    def _expect(self, expected: Expect) -> None:
        account = next((one for key, one in self.ledger.closed if key == expected.key), None)
        if account is None:
            return
        if expected.length is not None and account.length < expected.length:
            raise Violation(
                "4 what is wanted is reached",
                f"{expected.key} ran {account.length} of {expected.length} in {account.period}",
            )
        if expected.energy is not None and account.energy < expected.energy:
            raise Violation(
                "4 what is wanted is reached",
                f"{expected.key} got {account.energy:.3f} of {expected.energy:.3f} kWh"
                f" in {account.period}",
            )


def seen(home: HomeState, key: str, now: datetime) -> tuple[object, ...]:
    """Return what entities of a schedule say of now."""
    state = home.schedules[key]
    run = state.running(now)
    return (
        (run.start, run.end) if run else None,
        round(state.power(now), 6),
        state.status,
        state.available,
        state.fulfilment.shortfall,
        state.target,
    )


def _prices(home: HomeState) -> dict[Direction, StoredPrices]:
    return {way: StoredPrices(one.source, one.book) for way, one in home.prices.items()}


def _check_restart(before: HomeState, restart: Restart, home: HomeState) -> None:
    """5: a clean restart without an edge in it changes neither a plan nor what is due."""
    if not restart.clean:
        return
    quiet = _quiet(before, restart.until)
    for key, state in before.schedules.items():
        present = home.schedules[key]
        if present.target != state.target or present.form != state.form:
            raise Violation("5 a restart costs nothing", f"{key} wants {present.target}")
        if quiet[key] and (present.plan, present.following) != (state.plan, state.following):
            raise Violation(
                "5 a restart costs nothing", f"{key} plans {present.plan}, was {state.plan}"
            )
    if not all(quiet.values()):
        return
    for key, request in before.requests.items():
        if request.asking or request.refused:
            continue
        due = home.requests[key].due if key in home.requests else None
        wanted = any(
            one.target.enabled and group_of(before, one) == key for one in before.schedules.values()
        )
        if wanted and due != request.due:
            raise Violation("5 a restart costs nothing", f"{key} is due {due}, was {request.due}")


def _quiet(home: HomeState, until: datetime) -> Mapping[str, bool]:
    return {key: one.next_edge(home.now) > until for key, one in home.schedules.items()}
