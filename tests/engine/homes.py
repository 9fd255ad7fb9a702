"""Homes of the engine, without Home Assistant: one of each kind with the same demand."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from custom_components.flatpeak.engine import (
    Added,
    Ask,
    Effect,
    Event,
    HomeState,
    PlanLocally,
    PlannedLocally,
    PricesRead,
    Started,
    StoredHome,
    Woke,
    handle,
    restored,
)
from custom_components.flatpeak.model import (
    AmountTarget,
    Constraints,
    Direction,
    DurationTarget,
    Form,
    Frame,
    KindName,
    PriceCap,
    PriceLimitTarget,
    PriceSeries,
    Segment,
    Slot,
)

BRUSSELS = ZoneInfo("Europe/Brussels")
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
EVENING = datetime(2026, 5, 1, 18, tzinfo=UTC)  # 20:00 in Brussels
START, END = EVENING + 2 * HOUR, EVENING + 11 * HOUR
NIGHT = Frame(time(22), time(7))
CHEAP = [0.3, 0.1, 0.1, 0.3, 0.1, 0.3, 0.3, 0.3, 0.3]

# three hours of the night, however they are wanted
NEEDS: dict[str, tuple[KindName, Form]] = {
    "duration": (
        KindName.DURATION,
        Form(DurationTarget(Segment.LOW, Direction.IMPORT, 3 * HOUR, NIGHT)),
    ),
    "machine": (
        KindName.DURATION,
        Form(
            DurationTarget(
                Segment.LOW,
                Direction.IMPORT,
                3 * HOUR,
                NIGHT,
                constraints=Constraints(shortest_run=HOUR / 2),
            )
        ),
    ),
    "price limit": (
        KindName.PRICE_LIMIT,
        Form(PriceLimitTarget(Segment.LOW, Direction.IMPORT, PriceCap(absolute=0.15), NIGHT)),
    ),
    "amount": (
        KindName.AMOUNT,
        Form(AmountTarget(Direction.IMPORT, NIGHT, 8.0, energy=24.0)),
    ),
}


def hours(rates: list[float], start: datetime = START) -> tuple[Slot, ...]:
    """Return slots that follow each other."""
    return tuple(
        Slot(start + place * HOUR, start + (place + 1) * HOUR, rate)
        for place, rate in enumerate(rates)
    )


def home_of(*needs: str, locally: bool = False, polling: bool = True) -> HomeState:
    """Return a home that is about to start, with a schedule for each need, called like it."""
    blank = HomeState("home", BRUSSELS, EVENING, locally=locally, polling=polling)
    added = [Added(need, need, *NEEDS[need]) for need in needs]
    return restored(blank, added, {Direction.IMPORT: "source"}, StoredHome(), {})


class Life:
    """A home that lives: what it wants done is remembered, what it plans itself is done."""

    def __init__(self, home: HomeState) -> None:
        """Begin at its moment."""
        self.home = home
        self.now = home.now
        self.effects: list[Effect] = []

    def take(self, event: Event, now: datetime | None = None) -> list[Effect]:
        """Let something happen; return what is to be done about it."""
        self.now = now or self.now
        self.home, effects = handle(self.home, event, self.now)
        self.effects += effects
        for effect in effects:
            if isinstance(effect, PlanLocally):
                self.take(PlannedLocally(effect.question, effect.job()))
        return list(effects)

    def start(self) -> list[Effect]:
        """Come up."""
        return self.take(Started())

    def read(self, rates: list[float], now: datetime | None = None) -> list[Effect]:
        """Read the prices of the night."""
        series = PriceSeries(hours(rates), Direction.IMPORT)
        return self.take(PricesRead(Direction.IMPORT, series, HOUR), now)

    def wake(self, now: datetime) -> list[Effect]:
        """Let a moment come."""
        return self.take(Woke(), now)

    def asked(self) -> list[Ask]:
        """Return all questions so far."""
        return [one for one in self.effects if isinstance(one, Ask)]
