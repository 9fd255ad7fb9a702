"""One turn: what an event makes of a home, and what is to be done about it."""

from dataclasses import replace
from datetime import datetime

from ..model import Direction
from .events import Effect
from .state import EnergyState, HomeState, PriceState, RequestState, ScheduleState


class Turn:
    """A home while an event is worked in. It lives as long as one call of `handle`."""

    def __init__(self, home: HomeState, now: datetime) -> None:
        """Begin with what was known."""
        self.home = replace(home, now=now)
        self.now = now
        self.effects: list[Effect] = []
        # whether a sensor shows a value that has to settle yet
        self.unsettled = False

    def put(self, *states: ScheduleState) -> None:
        """Take schedules."""
        self.home = with_schedules(self.home, *states)

    def put_request(self, request: RequestState) -> None:
        """Take when and how something is asked for."""
        self.home = with_request(self.home, request)

    def put_prices(self, prices: PriceState) -> None:
        """Take the prices of a direction."""
        known: dict[Direction, PriceState] = {**self.home.prices, prices.direction: prices}
        self.home = replace(self.home, prices=known)

    def put_energy(self, energy: EnergyState) -> None:
        """Take what schedules by amount share."""
        self.home = replace(self.home, energy=energy)


def with_schedules(home: HomeState, *states: ScheduleState) -> HomeState:
    """Return a home with schedules in the place of those with their keys."""
    return replace(home, schedules={**home.schedules, **{one.key: one for one in states}})


def with_request(home: HomeState, request: RequestState) -> HomeState:
    """Return a home with a request in the place of the one with its key."""
    return replace(home, requests={**home.requests, request.key: request})
