"""A year of a home, drawn from a seed: whatever happens in it happens again from the same one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import heapq
from itertools import count
from random import Random

from custom_components.flatpeak.engine import (
    Added,
    Ask,
    Effect,
    Event,
    FormChanged,
    HomeState,
    PlanLocally,
    PlannedLocally,
    PricesWanted,
    ReadPrices,
    RefreshRequested,
    Removed,
    RulesChanged,
    ScheduleState,
    SourceChanged,
    Started,
    StoredHome,
    TargetChanged,
    Told,
    Woke,
    restored,
)
from custom_components.flatpeak.model import DAY, Direction, Form

from .devices import Device, drawn_device
from .invariants import ALWAYS, THOROUGH
from .judge import Judge
from .market import HOUR, ZONE, market_of
from .owner import changed, drawn_rules, drawn_schedule, drawn_target
from .server import Server, drawn_faults
from .trace import Recorder
from .watch import Happening, Restart, Violation, Watch

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
# As often at the same moment is for ever.
_SPINNING = 60
# There are not as many markets as homes.
_MARKETS = 10


@dataclass(frozen=True, slots=True)
class Character:
    """What kind of year it is; `None` days between things that never happen."""

    locally: bool
    polling: bool
    exports: bool
    steady: bool
    quarters: bool
    forecasts: bool
    hour: int
    price_edges: bool
    late_timers: bool
    sensors: bool
    schedules: int
    faults: float | None
    owner: float | None
    restarts: float | None
    jumps: float | None


def drawn_character(rng: Random, *, sparse: bool, calm: bool) -> Character:
    """Draw what kind of year it is; in a `sparse` one less happens, so that it is over soon."""
    calm = calm or rng.random() < 0.25
    often = 4 if sparse else 1
    locally = rng.random() < 0.35
    return Character(
        locally=locally,
        polling=rng.random() > 0.03,
        exports=rng.random() < (0.3 if sparse and locally else 0.95),
        steady=calm or rng.random() < (0.6 if sparse else 0.3),
        quarters=rng.random() < 0.15 / often,
        forecasts=rng.random() < 0.15,
        # who knows them before half past eleven need not look for them often
        hour=rng.choice((11, 11, 11, 12) if sparse else (11, 12, 12)),
        price_edges=rng.random() < 0.05 / often,
        late_timers=rng.random() < 0.5,
        sensors=not sparse and rng.random() < 0.4,
        schedules=1 if sparse and rng.random() < 0.8 else rng.choice((1, 1, 1, 2, 2, 3)),
        faults=None if calm else rng.choice((None, 4 * often, 15, 30)),
        owner=None if calm else rng.choice((None, 3 * often, 10, 40)),
        restarts=None if calm else rng.choice((None, 5 * often, 20, 60)),
        jumps=None if calm else rng.choice((None, None, 20)),
    )


class World:
    """One home, its market, its server, its devices, its owner and its computer."""

    def __init__(
        self,
        seed: int,
        days: int = 365,
        *,
        thorough: bool = False,
        sparse: bool = False,
        calm: bool = False,
    ) -> None:
        """Draw the year."""
        self.seed, self.now, self.end = seed, _BEGIN, _BEGIN + days * DAY
        self.sparse = sparse
        self.rng = rng = Random(seed)
        self.character = character = drawn_character(rng, sparse=sparse, calm=calm)
        self.market = market_of(
            seed % _MARKETS,
            steady=character.steady,
            quarters=character.quarters,
            forecasts=character.forecasts,
            hour=character.hour,
        )
        faults = (
            drawn_faults(Random(f"{seed} faults"), _BEGIN, self.end, character.faults)
            if character.faults
            else []
        )
        self.server = Server(
            rng,
            self.market,
            faults,
            exports=character.exports,
            locally=character.locally,
            refresh=(24 if sparse else rng.choice((1, 6, 24))) * HOUR,
        )
        self.judge = Judge(self.market, faults, character)
        self.devices: dict[str, Device] = {}
        self._queue: list[tuple[datetime, int, int | None, Callable[[], None]]] = []
        self._order, self._numbers = count(), count(1)
        self._boot = self._spins = 0
        self._set_up(THOROUGH if thorough else ALWAYS)

    def _set_up(self, checks: tuple[Callable[..., None], ...]) -> None:
        character = self.character
        forms = [self._drawn_schedule() for _ in range(character.schedules)]
        home = HomeState(
            f"home{self.seed}",
            ZONE,
            self.now,
            character.locally,
            character.polling,
            rules=drawn_rules(self.rng),
        )
        home = restored(home, forms, self._sources(forms), StoredHome(), {})
        self.watch = Watch(home, checks, price_edges=character.price_edges)
        self.watch.begin()
        self.recorder = Recorder(self.watch)
        for one in forms:
            self._add_device(one.key, one.form)

    def _begin(self) -> None:
        character = self.character
        self._take(Started())
        for often, happen in (
            (character.owner, self._owner),
            (character.restarts, self._restart),
            (character.jumps, self._jump),
            (2 if character.locally else None, self._source_changed),
            (1 if self.devices else None, self._drive),
        ):
            if often is not None:
                self._every(often, happen)
        if self.devices:
            self._idle_sensors()

    def run(self) -> None:
        """Live through the year. Raises Violation."""
        self._begin()
        while self.now < self.end:
            wake = self.watch.wake
            happening = self._queue[0][0] if self._queue else self.end
            if wake is not None and wake < happening:
                self._wake(wake)
            elif self._queue:
                at, _, boot, happen = heapq.heappop(self._queue)
                self.now = max(self.now, at)
                if boot is None or boot == self._boot:
                    happen()
            else:
                break

    def _wake(self, wake: datetime) -> None:
        self._spins = self._spins + 1 if wake <= self.now else 0
        if self._spins > _SPINNING:
            raise Violation("1 edges on time", "it wakes for ever at the same moment")
        late = self.character.late_timers
        self.now = max(self.now, wake)
        if late:
            self.now += self.rng.randrange(500) * timedelta(milliseconds=1)
        self._take(Woke())

    # Events and effects

    def _take(self, happening: Happening) -> None:
        """Let something happen now, and do what is to be done about it."""
        for device in self.devices.values():
            device.pass_time(self.watch.home, self.now)
        for effect in self.recorder.take(happening, self.now):
            self._carry_out(effect)
        for key, account in self.watch.ledger.closed:
            if expected := self.judge.expected(key, account, self.watch.home):
                self.recorder.take(expected, self.now)
        self.watch.ledger.closed.clear()
        for device in self.devices.values():
            state = self.watch.home.schedules.get(device.key)
            if state and not device.ticking and state.power(self.now):
                self._tick(device)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Ask(question):
                event: Event = self.server.answer(question, self.now)
                self._later(self.server.delay(self.now), event)
            case PlanLocally(question, job):
                try:
                    planned = PlannedLocally(question, job())
                except Exception as err:
                    raise Violation("8 jobs never raise", f"{type(err).__name__}: {err}") from err
                self._later(self.rng.choice((0.05, 0.3, 4)) * _SECOND, planned)
            case ReadPrices():
                event = self.server.read(effect, self.now)
                self._later(self.server.delay(self.now), event)

    def _at(self, at: datetime, happen: Callable[[], None], boot: int | None = None) -> None:
        heapq.heappush(self._queue, (at, next(self._order), boot, happen))

    def _later(self, delay: timedelta, event: Event) -> None:
        """Let an event come of what this boot of the computer has begun."""
        self._at(self.now + delay, lambda: self._take(event), self._boot)

    def _every(self, days: float, happen: Callable[[], None]) -> None:
        """Let something happen about every so many days."""
        after = self.rng.expovariate(1 / days) * DAY

        def once() -> None:
            happen()
            self._every(days, happen)

        self._at(self.now + after, once)

    # Devices

    def _add_device(self, key: str, form: Form) -> None:
        if form.sensor:
            battery = form.battery
            capacity, efficiency = (battery.capacity, battery.efficiency) if battery else (None, 1)
            self.devices[key] = drawn_device(self.rng, key, capacity, efficiency)

    def _tick(self, device: Device) -> None:
        device.ticking = True

        def speak() -> None:
            device.ticking = False
            self._tell(device)

        self._at(self.now + self.rng.uniform(3, 14) * timedelta(minutes=1), speak)

    def _tell(self, device: Device) -> None:
        if device.key not in self.watch.home.schedules:
            return
        for one in self.devices.values():
            one.pass_time(self.watch.home, self.now)
        self._take(Told({device.key: device.told_now(self.now)}))

    def _idle_sensors(self) -> None:
        for device in list(self.devices.values()):
            self._tell(device)
        self._at(self.now + self.rng.uniform(3, 9) * HOUR, self._idle_sensors)

    def _drive(self) -> None:
        for device in self.devices.values():
            device.drive()
            self._tell(device)

    # The owner

    def _owner(self) -> None:
        rng, known = self.rng, self.watch.home.schedules
        how = rng.random()
        if how < 0.08 or not known:
            self._add()
        elif how < 0.12 and len(known) > 1:
            key = rng.choice(list(known))
            self.devices.pop(key, None)
            self._take(Removed(key))
        elif how < 0.18:
            self._take(RulesChanged(drawn_rules(rng)))
            self.judge.disturbed(self.now, self.now)
        elif how < 0.35:
            key = rng.choice([*known, *self.watch.home.prices])
            self._take(RefreshRequested(key))
        else:
            self._change(known[rng.choice(list(known))])
        # what belongs together is gathered, and asked for a moment later
        self.judge.changed(self.now)
        self._take(PricesWanted(self._sources()))
        self._take(Woke())

    def _drawn_schedule(self) -> Added:
        return drawn_schedule(
            self.rng, next(self._numbers), sensors=self.character.sensors, sparse=self.sparse
        )

    def _add(self) -> None:
        if len(self.watch.home.schedules) > 4:
            return
        one: Added = self._drawn_schedule()
        self._take(one)
        self._add_device(one.key, one.form)

    def _change(self, state: ScheduleState) -> None:
        rng, key, how = self.rng, state.key, self.rng.random()
        if how < 0.25:
            self._take(TargetChanged(key, replace(state.target, enabled=not state.target.enabled)))
            if state.target.enabled:
                back = rng.choice((0.01, 1, 20, 100)) * rng.random() * HOUR
                self._at(self.now + back, lambda: self._enable(key))
        elif how < 0.4:
            target = drawn_target(rng, state.kind, state.form)
            form = replace(state.form, target=target)
            target = replace(target, enabled=state.target.enabled)
            self._take(FormChanged(key, state.name, form, target))
        else:
            self._take(TargetChanged(key, changed(rng, state)))
            if rng.random() < 0.3:  # a number that is turned step by step
                self._take(TargetChanged(key, changed(rng, self.watch.home.schedules[key])))

    def _enable(self, key: str) -> None:
        if state := self.watch.home.schedules.get(key):
            self._take(TargetChanged(key, replace(state.target, enabled=True)))
            self.judge.changed(self.now)
            self._take(Woke())

    def _sources(self, forms: Iterable[Added] = ()) -> dict[Direction, str]:
        """Return where prices come from: a home buys, and may do more."""
        states = self.watch.home.schedules.values() if not forms else ()
        targets = [*(one.target for one in states), *(one.form.target for one in forms)]
        wanted = {Direction.IMPORT, *(one.direction for one in targets)}
        if self.character.locally:
            wanted = {Direction.IMPORT}
            if self.character.exports:
                wanted.add(Direction.EXPORT)
        return {way: "market" for way in Direction if way in wanted}

    def _source_changed(self) -> None:
        self._take(SourceChanged(Direction.IMPORT))

    # The computer

    def _restart(self) -> None:
        rng = self.rng
        down = rng.choice((0.01, 0.02, 0.05, 1, 12, 60)) * rng.random() * HOUR + 5 * _SECOND
        clean, before = rng.random() < 0.6, self.now
        until = self.now + down
        self.recorder.take(Restart(clean=clean, until=until), self.now)
        self.now, self._boot = until, self._boot + 1
        self.judge.disturbed(before, until)
        for device in self.devices.values():
            device.ticking = False
        readings = {key: device.told_now(self.now) for key, device in self.devices.items()}
        if readings:
            self._take(Told(readings))
        self._take(Started())

    def _jump(self) -> None:
        """The clock goes wrong: on by some time, or back a little."""
        rng, before = self.rng, self.now
        if rng.random() < 0.5:
            self.now += rng.choice((0.02, 1, 10)) * rng.random() * HOUR
        else:
            self.now -= rng.uniform(0.1, 90) * _SECOND
        self.judge.disturbed(min(before, self.now), max(before, self.now))
