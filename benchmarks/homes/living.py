"""Homes that live through days, and what that costs."""

import asyncio
from bisect import bisect
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from cProfile import Profile
from datetime import datetime, timedelta
import gc
from itertools import count
from threading import Thread
from time import process_time, thread_time
from typing import Any, Self, override

from simulator import Location, Simulator, World
from tests.home import BRUSSELS, MINUTE, Home
from tests.local.conftest import BUY, LocalHome

STEP = 10 * MINUTE
QUARTER = 15 * MINUTE


class Elsewhere:
    """Flatpeak, in a thread of its own: its work is not ours."""

    def __init__(self, world: World) -> None:
        """Serve a world."""
        self.simulator = Simulator(world)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        self._do(self.simulator.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self._do(self.simulator.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cpu(self) -> float:
        """Return the processor time it has taken, in seconds."""

        async def clock() -> float:
            return thread_time()

        return self._do(clock())

    def _do[T](self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()


class Neighbour(Home):
    """One of several homes with an account: each has schedules and a location of its own."""

    def __init__(self, hass, freezer, elsewhere: Elsewhere, number: int = 0) -> None:
        """Move in."""
        super().__init__(hass, freezer, elsewhere.simulator)
        self.typed(location_id=f"loc_{number}")
        self.identify(f"home{number}")
        self.world.locations = (*self.world.locations, Location(id=f"loc_{number}"))
        self._ids = count(1000 * number + 1)

    @override
    async def at(self, moment: datetime | str) -> None:
        self.set_clock(moment)
        await _happen(self)


class LocalNeighbour(LocalHome):
    """One of several homes without an account, in front of one sensor.

    It makes its lists of prices when there are new ones, and not each time that it is looked at.
    """

    def __init__(self, hass, freezer, world: World, number: int = 0) -> None:
        """Move in."""
        super().__init__(hass, freezer)
        self.typed(location_id=f"local_{number}")
        self.identify(f"home{number}")
        self.world.import_prices = world.import_prices
        self._ids = count(1000 * number + 1)
        self._rates = {slot.start: slot.rate for slot in world.import_prices}
        self._shown: object = None

    @override
    async def at(self, moment: datetime | str) -> None:
        self.set_clock(moment)
        self.show()
        await _happen(self)

    @override
    def show(self) -> None:
        here = self.now.astimezone(BRUSSELS)
        known = here.date(), self.publication is None or here.time() >= self.publication
        if known != self._shown:
            self._shown = known
            super().show()
            return
        past = timedelta(seconds=self.now.timestamp() % QUARTER.total_seconds())
        state = self.hass.states.get(BUY)
        self.hass.states.async_set(BUY, str(self._rates[self.now - past]), state.attributes)


class TalkativeNeighbour(LocalNeighbour):
    """Its sensor says something every time, but nothing new about prices."""

    _said = 0

    @override
    def show(self) -> None:
        super().show()
        state, self._said = self.hass.states.get(BUY), self._said + 1
        self.hass.states.async_set(BUY, state.state, {**state.attributes, "said": self._said})


async def _happen(home: Home) -> None:
    """Let happen what is due, as the event loop does it by itself.

    The helper of Home Assistant's tests makes two mocks for each timer, which takes longer than
    what the timer does.
    """
    loop = home.hass.loop
    await home.settle()
    while loop._ready or any(
        timer.when() <= loop.time() and not timer.cancelled() for timer in loop._scheduled
    ):
        await asyncio.sleep(0)
        await home.settle()


class Meter:
    """Lets homes live, and counts the seconds of the processor that this takes."""

    def __init__(
        self, homes: Sequence[Home], elsewhere: Elsewhere, profile: Profile | None = None
    ) -> None:
        """Begin at nothing. All homes are in the Home Assistant of the first one."""
        self.homes = homes
        self.elsewhere = elsewhere
        self.profile = profile
        self.cpu = 0.0

    async def live(self, until: datetime, step: timedelta = STEP) -> list[datetime]:
        """Live on to a moment, and be there at every edge; return the moments on the way."""
        home, moments = self.homes[0], []
        edges, said = [], -1
        with self._elsewhere():
            while (now := home.now) < until:
                if said != (said := sum(len(one.changes) for one in self.homes)):
                    edges = sorted(set(self._edges()))
                ahead = [_next(now, step), _next(now, QUARTER), until, *edges[bisect(edges, now) :]]
                moments.append(_whole(min(ahead)))
                await self._at(moments[-1])
        return moments

    async def live_again(self, moments: Sequence[datetime]) -> None:
        """Live through the moments of another home."""
        with self._elsewhere():
            for moment in moments:
                await self._at(moment)

    def _edges(self) -> Iterator[datetime]:
        for home in self.homes:
            for key in home.entry.subentries:
                for window in home.windows(key):
                    yield from window

    async def _at(self, moment: datetime) -> None:
        begin = process_time()
        if self.profile:
            self.profile.enable()
        await self.homes[0].at(moment)
        if self.profile:
            self.profile.disable()
        self.cpu += process_time() - begin

    @contextmanager
    def _elsewhere(self) -> Iterator[None]:
        """Do not count what is done elsewhere."""
        gc.collect()
        before = self.elsewhere.cpu()
        yield
        self.cpu -= self.elsewhere.cpu() - before


def _next(now: datetime, step: timedelta) -> datetime:
    """Return the next of the moments that are whole steps."""
    return now + step - timedelta(seconds=now.timestamp() % step.total_seconds())


def _whole(moment: datetime) -> datetime:
    """Return a moment, or the next whole second: the clock shows no less."""
    return moment + timedelta(microseconds=-moment.microsecond % 1_000_000)
