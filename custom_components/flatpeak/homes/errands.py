"""What takes time: asking, reading prices, planning; what comes of it is reported as an event."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..const import LOGGER
from ..engine import (
    Answered,
    Ask,
    Event,
    Failed,
    PlanLocally,
    Planned,
    PlannedLocally,
    PricesFailed,
    PricesRead,
    ReadPrices,
)
from ..model.errors import FlatpeakError
from .base import BaseHome

type Errand = Ask | PlanLocally | ReadPrices


class Errands:
    """Runs errands of a home beside the event loop's turn, one at a time for each group."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        location: BaseHome,
        report: Callable[[Event], None],
    ) -> None:
        """Begin with none."""
        self._hass, self._entry, self._location, self._report = hass, entry, location, report
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def run(self, errand: Errand) -> None:
        """Begin an errand."""
        match errand:
            case Ask(question):
                LOGGER.debug("%s: asking %s", self._entry.title, question)
                self._start(question.group, self._ask(errand))
            case PlanLocally(question):
                self._start(question.group, self._plan(errand))
            case ReadPrices(request):
                self._start(request.direction, self.read_prices(errand))

    async def until_done(self, groups: Collection[str]) -> None:
        """Wait until there are no errands any more for some groups."""
        while tasks := [self._tasks[group] for group in groups if group in self._tasks]:
            await asyncio.wait(tasks)
            await asyncio.sleep(0)

    async def read_prices(self, errand: ReadPrices) -> None:
        """Read prices."""
        way = errand.request.direction
        try:
            reading = await self._location.read_prices(errand.request)
        except FlatpeakError as err:
            LOGGER.debug("%s: no prices (%s)", self._entry.title, err)
            self._prices_failed(PricesFailed(way, err))
        except Exception:
            LOGGER.exception("Unexpected error while reading prices of %s", self._entry.title)
            self._prices_failed(PricesFailed(way, FlatpeakError()))
        else:
            self._report(PricesRead(way, reading.series, reading.refresh))

    def _prices_failed(self, event: PricesFailed) -> None:
        self._location.prices_failed(event.direction)
        self._report(event)

    async def _ask(self, errand: Ask) -> None:
        question = errand.question
        try:
            answer = await self._location.answer(question)
        except FlatpeakError as err:
            LOGGER.debug("%s: no answer (%s)", self._entry.title, err)
            self._report(Failed(question, err))
        except Exception:
            # a mistake of ours: it is logged, and the schedules go on
            LOGGER.exception("Unexpected error while asking for %s", self._entry.title)
            self._report(Failed(question, FlatpeakError()))
        else:
            self._report(Answered(question, answer))

    async def _plan(self, errand: PlanLocally) -> None:
        result: Planned
        try:
            result = await self._hass.async_add_executor_job(errand.job)
        except Exception:
            LOGGER.exception("Unexpected error while planning for %s", self._entry.title)
            result = FlatpeakError()
        self._report(PlannedLocally(errand.question, result))

    def _start(self, group: str, doing: Coroutine[Any, Any, None]) -> None:
        """Do something; what follows it takes its place."""
        task = self._entry.async_create_background_task(
            self._hass, doing, f"{self._entry.title} {group}", eager_start=False
        )
        self._tasks[group] = task
        task.add_done_callback(lambda done: self._done(group, done))

    def _done(self, group: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(group) is task:
            del self._tasks[group]
