"""One schedule by price limit."""

from dataclasses import replace
from datetime import datetime
from typing import override

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .forms import form_limit
from .model import (
    MINUTE,
    DurationRequest,
    DurationSchedule,
    Frame,
    LimitOutlook,
    LimitRequest,
    LimitWish,
    Outlook,
    Plan,
    PriceCap,
    Segment,
    Slot,
    Span,
    before,
    merge,
    runs,
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
    priced,
    still_within,
)
from .stored import StoredSchedule
from .windows import WindowCoordinator


class LimitCoordinator(WindowCoordinator[LimitWish, LimitRequest]):
    """Keeps the plan of one schedule by price limit."""

    # whether prices came while a question was under way
    _news_came = False

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
        """Return what is left of a plan; what runs is not switched off for a moment."""
        left = limit_refitted(plan, old, wish, period, now)
        same = old.direction == wish.direction and wish.enabled and period.contains(now)
        if not same or left.running(now):
            return left
        prices = self.location.known_prices(wish.direction)
        on = still_within(replace(plan, period=period), wish, prices, now)
        return replace(left, windows=merge((*left.windows, *on)))

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
        known = self._known(plan.period, wish, now)
        bound = bound_of(wish.limit, known)
        return request if bound is None else replace(request, limit=PriceCap(absolute=bound))

    def _known(self, period: Span, wish: LimitWish, now: datetime) -> tuple[Slot, ...]:
        """Return the prices of a period, none where Flatpeak may know more of them."""
        prices = self.location.prices.get(wish.direction)
        if prices is None:
            return ()
        known = within(prices.data.slots, period.start, period.end)
        whole = bool(known) and known[-1].end == period.end
        return known if whole or prices.is_fresh(now) else ()

    @override
    @callback
    def _prices_changed(self) -> None:
        """Ask again where new prices say something else than the latest answer."""
        super()._prices_changed()
        self._news_came = self._asking  # then the question did not know them
        if not self._asking:
            self._look_at_news()

    @override
    async def _async_update_data(self) -> Outlook[LimitWish, Plan]:
        """Ask for what is outstanding, and look at prices that came meanwhile."""
        outlook = await super()._async_update_data()
        if self._news_came:
            self._news_came = False
            self._look_at_news()
        return outlook

    def _look_at_news(self) -> None:
        now, wish = dt_util.utcnow(), self.data.wish
        if self.location.at_home or not self.data.answered or self._is_about_to_ask(now):
            return
        target = self._target(now)
        if not (known := self._known(target.period, wish, now)) or target.source is None:
            return
        meant = limit_at_home(target, wish, known, Situation(now))
        if runs(meant.windows) != runs(target.windows):
            self.config_entry.async_create_task(self.hass, self._ask())

    @override
    async def _answer(self, request: LimitRequest, plan: Plan, wish: LimitWish) -> DurationSchedule:
        """Ask; where that is less than the least, or more than the most, ask for the best of it.

        Touching slots of an answer are one at their average price, so it does not tell which
        part is the best; prices that are known do.
        """
        answer = await self.location.ask_limit(request)
        span = request.span
        used = total(before(plan.windows, span.start))
        slots = [
            part for part in within(answer.slots, span.start, span.end) if part.rate is not None
        ]
        found = total(slots)
        least = min(wish.least - used, span.length)
        most = span.length if wish.most is None else wish.most - used
        if least <= found <= most or max(min(found, most), least) < MINUTE:
            return answer
        known = priced(slots, self.location.known_prices(wish.direction))
        if found > most and all(slot.rate is not None for slot in known):
            return replace(answer, slots=tuple(known))
        wanted = least if found < least else most
        if wanted < MINUTE:
            return answer
        best = await self.location.ask(
            DurationRequest(span, request.direction, request.segment, wanted)
        )
        return replace(answer, slots=best.slots) if best.slots else answer

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
