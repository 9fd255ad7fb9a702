"""What happens to a home, and what is to be done about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ..model import (
    Direction,
    Form,
    KindName,
    Plan,
    PriceRequest,
    PriceSeries,
    SiteRules,
    Slot,
    Target,
)
from ..model.errors import FlatpeakError
from .questions import Answer, EnergyAnswer, Question
from .state import Reading

# What happens


@dataclass(frozen=True, slots=True)
class Started:
    """The home is up: what it shows is seen from now on, and it may ask."""


@dataclass(frozen=True, slots=True)
class Woke:
    """The moment of `next_wake` has come, or any other."""


@dataclass(frozen=True, slots=True)
class Added:
    """There is a new schedule."""

    key: str
    name: str
    kind: KindName
    form: Form


@dataclass(frozen=True, slots=True)
class Removed:
    """A schedule is gone."""

    key: str


@dataclass(frozen=True, slots=True)
class FormChanged:
    """A form was sent: it says this now, and this is wanted from now on."""

    key: str
    name: str
    form: Form
    target: Target


@dataclass(frozen=True, slots=True)
class TargetChanged:
    """Somebody wants something else from now on."""

    key: str
    target: Target


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """Other limits and price caps hold for the home."""

    rules: SiteRules


@dataclass(frozen=True, slots=True)
class Told:
    """Sensors of schedules say something, None: they are not there."""

    readings: Mapping[str, Reading | None]


@dataclass(frozen=True, slots=True)
class RefreshRequested:
    """Somebody asked by hand for a schedule, or for the prices of a direction."""

    key: str | Direction


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """The source of a direction's prices has something new to say."""

    direction: Direction


@dataclass(frozen=True, slots=True)
class PricesWanted:
    """These directions are in use, with what their prices come from; others are not any more."""

    sources: Mapping[Direction, str]


@dataclass(frozen=True, slots=True)
class PricesRead:
    """Prices were read. `refresh`: their source is to be looked at that often."""

    direction: Direction
    series: PriceSeries
    refresh: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PricesFailed:
    """Prices could not be read."""

    direction: Direction
    error: FlatpeakError


@dataclass(frozen=True, slots=True)
class DevicesKnown:
    """These devices stand for schedules in Flatpeak; None: the one there was is gone."""

    devices: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Answered:
    """A question was answered."""

    question: Question
    answer: Answer


@dataclass(frozen=True, slots=True)
class Failed:
    """A question was not answered."""

    question: Question
    error: FlatpeakError


type Planned = Plan[Slot] | EnergyAnswer | FlatpeakError


@dataclass(frozen=True, slots=True)
class PlannedLocally:
    """A plan was made here; an error where there is nothing to plan on."""

    question: Question
    result: Planned


type Event = (
    Started
    | Woke
    | Added
    | Removed
    | FormChanged
    | TargetChanged
    | RulesChanged
    | Told
    | RefreshRequested
    | SourceChanged
    | PricesWanted
    | PricesRead
    | PricesFailed
    | DevicesKnown
    | Answered
    | Failed
    | PlannedLocally
)

# What is to be done


@dataclass(frozen=True, slots=True)
class Ask:
    """Send a question, and come back with `Answered` or `Failed`."""

    question: Question


@dataclass(frozen=True, slots=True)
class PlanLocally:
    """Run a job that may take long, and come back with `PlannedLocally`."""

    question: Question
    job: Callable[[], Planned]


@dataclass(frozen=True, slots=True)
class ReadPrices:
    """Read prices, and come back with `PricesRead` or `PricesFailed`."""

    request: PriceRequest


@dataclass(frozen=True, slots=True)
class Show:
    """These schedules and prices say something else now; those that give power back first."""

    schedules: tuple[str, ...] = ()
    prices: tuple[Direction, ...] = ()


@dataclass(frozen=True, slots=True)
class Save:
    """Store what a restart would lose: the plans, or the `prices`.

    What is not `urgent` could be found out again.
    """

    prices: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class StartReauth:
    """Ask the owner for other credentials."""


type Effect = Ask | PlanLocally | ReadPrices | Show | Save | StartReauth
