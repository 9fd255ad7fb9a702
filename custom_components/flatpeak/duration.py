"""One schedule by duration."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import override

from .forms import form_wish
from .model import (
    UNCONSTRAINED,
    DurationOutlook,
    DurationRequest,
    DurationSchedule,
    Frame,
    LimitRequest,
    Outlook,
    Plan,
    PriceCap,
    Span,
    Wish,
    moment_in,
    runs,
    within,
)
from .planner import (
    Situation,
    has_room,
    is_long,
    outstanding,
    planned_at_home,
    refitted,
    revised,
)
from .stored import StoredSchedule
from .windows import WindowCoordinator


class DurationCoordinator(WindowCoordinator[Wish, DurationRequest]):
    """Keeps the plan of one schedule by duration."""

    # the last run of the period before this one
    _earlier: Span | None = None

    @override
    async def async_use_hours(self, frame: Frame) -> None:
        """Use other hours from now on; where they are too short, all of them are used."""
        await self.async_wish(replace(self.data.wish, frame=frame))

    @override
    def _records(self) -> dict[str, StoredSchedule[Wish]]:
        return self.location.store.schedules

    @override
    def _read_form(self) -> Wish:
        return form_wish(self.subentry.data)

    @override
    def _outlook(
        self, wish: Wish, plan: Plan, next_update: datetime | None = None
    ) -> DurationOutlook:
        return DurationOutlook(wish, plan, next_update=next_update)

    @override
    def _refitted(self, plan: Plan, old: Wish, wish: Wish, period: Span, now: datetime) -> Plan:
        """Return what is left of a plan; a machine that runs is not switched off for a moment.

        Whether it goes on says the plan that is made next, by its bounds.
        """
        same = (old.segment, old.direction) == (wish.segment, wish.direction)
        known = any(slot.contains(now) for slot in self.location.known_prices(wish.direction))
        if same and known and self._needs_home(wish) and period.contains(now):
            held = replace(wish.constraints, run_through=True)
            return refitted(plan, old, replace(wish, constraints=held), period, now)
        return refitted(plan, old, wish, period, now)

    @override
    def _outstanding(
        self, plan: Plan, wish: Wish, now: datetime, *, keep_running: bool
    ) -> DurationRequest | None:
        return outstanding(plan, wish, now, keep_running=keep_running)

    @override
    async def _answer(self, request: DurationRequest, plan: Plan, wish: Wish) -> DurationSchedule:
        """Ask; an account without prices can be asked for the worst one all the same."""
        answer = await self.location.ask(request)
        if (never := wish.constraints.never_beyond) is None:
            return answer
        limit = LimitRequest(
            request.span, request.direction, request.segment, PriceCap(absolute=never)
        )
        good = (await self.location.ask_limit(limit)).slots
        parts = (part for one in good for part in within(answer.slots, one.start, one.end))
        return replace(answer, slots=tuple(parts))

    @override
    def _revised(
        self, plan: Plan, answer: DurationSchedule, request: DurationRequest, *, calm: bool
    ) -> Plan:
        return revised(plan, answer.slots, request, calm=calm)

    @override
    def _has_room(self, plan: Plan, wish: Wish, now: datetime) -> bool:
        return has_room(plan, wish, now)

    @override
    def _needs_home(self, wish: Wish) -> bool:
        """Flatpeak cannot be asked for a machine's bounds."""
        return wish.constraints != UNCONSTRAINED

    @override
    def _fallback(self, wish: Wish, period: Span) -> datetime | None:
        return moment_in(period, wish.fallback, self.location.zone) if wish.fallback else None

    @override
    def _rolled(self, outlook: Outlook[Wish, Plan], now: datetime) -> Outlook[Wish, Plan]:
        """Return the outlook with the period of now, and remember what ran before it."""
        rolled = super()._rolled(outlook, now)
        over = outlook.plan
        if over.windows and over.period.end <= rolled.plan.period.start:
            self._earlier = runs(over.windows)[-1]
        return rolled

    def _run_before(self, period: Span) -> Span | None:
        """Return the last run before a period: a machine's pause after it may still be due."""
        present = self.data.plan
        if present.windows and present.period.end <= period.start:
            return runs(present.windows)[-1]
        earlier = self._earlier
        return earlier if earlier and earlier.end <= period.start else None

    @override
    async def _planned_at_home(self, plan: Plan, wish: Wish, situation: Situation) -> Plan:
        prices = self.location.known_prices(wish.direction)
        situation = replace(situation, earlier=self._run_before(plan.period))
        job = partial(planned_at_home, plan, wish, prices, situation)
        if is_long(wish):
            return await self.hass.async_add_executor_job(job)
        return job()
