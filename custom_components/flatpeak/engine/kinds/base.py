"""What kinds of schedules differ in; all that is not here is the same for all of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from ...model import Frame, KindName, Span, Target
from ...model.errors import FlatpeakError
from ..events import Planned
from ..questions import Answer, Answerer, Asked, Question
from ..state import AnyPlan, HomeState, RequestState, ScheduleState


class Kind(ABC):
    """A kind of schedule: what it asks for, and what it makes of an answer."""

    name: ClassVar[KindName]
    # whether all of a home are asked for together
    shared: ClassVar[bool] = False
    # what entities change of a target, besides its hours
    numbers: ClassVar[tuple[str, ...]]
    # A period that is further ahead is not asked for yet: nobody knows its prices.
    horizon: ClassVar[timedelta]

    # Targets

    def kept(self, target: Target, before: Target, now: Target) -> Target:
        """Return a target as entities left it, with what its form changed since.

        `before` and `now` are what the form said then and says today.
        """
        then, says = before.frame, now.frame
        frame = Frame(
            target.frame.start if says.start == then.start else says.start,
            target.frame.end if says.end == then.end else says.end,
            says.days,
        )
        numbers = {
            name: getattr(target, name)
            for name in self.numbers
            if getattr(now, name) == getattr(before, name)
        }
        return replace(now, frame=frame, enabled=target.enabled, **numbers)

    @abstractmethod
    def empty(self, period: Span) -> AnyPlan:
        """Return a plan of a period that nobody has been asked for."""

    @abstractmethod
    def refitted(
        self, home: HomeState, state: ScheduleState, target: Target, period: Span, now: datetime
    ) -> AnyPlan:
        """Return what is left of a plan under another target."""

    def closed(self, state: ScheduleState) -> ScheduleState:
        """Return a schedule whose period is over, with what is to be remembered of it."""
        return state

    def opened(self, state: ScheduleState) -> ScheduleState:
        """Return a schedule that begins a period with the plan that was made for it."""
        return state

    @abstractmethod
    def shortfall(self, state: ScheduleState) -> float:
        """Return what is wanted and could not be placed, in minutes or kWh."""

    # Asking

    def plans_locally(self, home: HomeState, state: ScheduleState) -> bool:
        """Tell whether there is nobody else to ask for what a schedule wants."""
        return home.locally

    def lacks_prices(self, home: HomeState, state: ScheduleState) -> bool:
        """Tell whether bounds are not kept, since there are no prices to keep them by."""
        return False

    @abstractmethod
    def question(
        self,
        home: HomeState,
        request: RequestState,
        asked: Mapping[str, Asked],
        answerer: Answerer,
    ) -> Question | None:
        """Return what is to be asked, None where nothing is."""

    @abstractmethod
    def idle(self, home: HomeState, request: RequestState, asked: Mapping[str, Asked]) -> HomeState:
        """Return the home where nothing is to be asked for its schedules."""

    @abstractmethod
    def apply(
        self, home: HomeState, question: Question, answer: Answer, keys: frozenset[str]
    ) -> HomeState:
        """Return the home with an answer worked in for those schedules that it is still for."""

    @abstractmethod
    def checked(self, home: HomeState, request: RequestState) -> HomeState:
        """Return the home with the moments at which its schedules want to be asked for again."""

    @abstractmethod
    def expected_news(self, home: HomeState, state: ScheduleState) -> datetime | None:
        """Return when prices that are not out should be, as far as that is known."""

    # Planning here

    @abstractmethod
    def fallback(
        self, home: HomeState, question: Question, error: FlatpeakError
    ) -> Question | None:
        """Return what is to be planned here for want of an answer, None where nothing is."""

    @abstractmethod
    def job(self, home: HomeState, question: Question) -> Callable[[], Planned]:
        """Return how to plan it here."""

    def is_long(self, question: Question) -> bool:
        """Tell whether that takes more than a few milliseconds."""
        return False

    @abstractmethod
    def apply_local(
        self, home: HomeState, question: Question, result: Planned, keys: frozenset[str]
    ) -> HomeState:
        """Return the home with a plan that was made here worked in."""

    def is_news(self, home: HomeState, state: ScheduleState, plan: AnyPlan) -> bool:
        """Tell whether new prices are a reason to ask Flatpeak for a plan again."""
        return False
