"""One schedule by price limit."""

from dataclasses import replace
from datetime import datetime
from typing import override

from .forms import form_limit
from .model import (
    MINUTE,
    DurationRequest,
    DurationSchedule,
    Frame,
    LimitOutlook,
    LimitRequest,
    LimitWish,
    Plan,
    PriceCap,
    Segment,
    Span,
    before,
    total,
    within,
)
from .planner import (
    Situation,
    bound_of,
    limit_at_home,
    limit_outstanding,
    limit_refitted,
    limit_revised,
)
from .stored import StoredSchedule
from .windows import WindowCoordinator


class LimitCoordinator(WindowCoordinator[LimitWish, LimitRequest]):
    """Keeps the plan of one schedule by price limit."""

    @override
    async def async_use_hours(self, frame: Frame) -> None:
        """Use other hours from now on."""
        await self.async_wish(replace(self.data.wish, frame=frame))

    @override
    def _records(self) -> dict[str, StoredSchedule[LimitWish]]:
        return self.location.store.limits

    @override
    def _read_form(self) -> LimitWish:
        return form_limit(self.subentry.data)

    @override
    def _outlook(
        self, wish: LimitWish, plan: Plan, next_update: datetime | None = None
    ) -> LimitOutlook:
        return LimitOutlook(wish, plan, next_update=next_update)

    @override
    def _refitted(
        self, plan: Plan, old: LimitWish, wish: LimitWish, period: Span, now: datetime
    ) -> Plan:
        return limit_refitted(plan, old, wish, period, now)

    @override
    def _outstanding(
        self, plan: Plan, wish: LimitWish, now: datetime, *, keep_running: bool
    ) -> LimitRequest | None:
        request = limit_outstanding(plan, wish, now, keep_running=keep_running)
        if request is None or wish.limit.absolute is not None:
            return request
        begun = request.span.start > plan.period.start
        if not begun and wish.segment is Segment.LOW:
            return request
        # A share means another price in what is left of a period, and pages of Flatpeak
        # contradict each other about shares of the dearest; a price is plain.
        prices = self.location.prices.get(wish.direction)
        if prices is None or not prices.data.covers(plan.period):
            return request
        known = within(prices.data.slots, plan.period.start, plan.period.end)
        return replace(request, limit=PriceCap(absolute=bound_of(wish.limit, known)))

    @override
    async def _answer(self, request: LimitRequest, plan: Plan, wish: LimitWish) -> DurationSchedule:
        """Ask; where that is less than is wanted at least, ask for the best of that length."""
        answer = await self.location.ask_limit(request)
        span = request.span
        least = wish.least - total(before(plan.windows, span.start))
        least = min(least, span.length)
        found = total(
            slot for slot in within(answer.slots, span.start, span.end) if slot.rate is not None
        )
        if found >= least or least < MINUTE:
            return answer
        question = DurationRequest(span, request.direction, request.segment, least)
        longer = await self.location.ask(question)
        return replace(answer, slots=longer.slots) if longer.slots else answer

    @override
    def _revised(
        self, plan: Plan, answer: DurationSchedule, request: LimitRequest, *, calm: bool
    ) -> Plan:
        return limit_revised(plan, self.data.wish, answer.slots, request)

    @override
    def _has_room(self, plan: Plan, wish: LimitWish, now: datetime) -> bool:
        """Tell whether there is no answer, or less than the least."""
        return plan.source is None or wish.least - plan.length >= MINUTE

    @override
    async def _planned_at_home(self, plan: Plan, wish: LimitWish, situation: Situation) -> Plan:
        return limit_at_home(plan, wish, self.location.known_prices(wish.direction), situation)
