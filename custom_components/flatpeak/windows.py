"""One schedule in windows of time: asks when it is due, keeps what it has, wakes at edges."""

from abc import abstractmethod
from dataclasses import replace
from datetime import datetime, timedelta
from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from . import pace
from .alarm import Alarm
from .api import (
    FlatpeakAuthError,
    FlatpeakError,
    FlatpeakNotYetError,
    FlatpeakRateLimitError,
)
from .const import LOGGER
from .failures import failure
from .location import NO_PRICES, LocationCoordinator
from .model import DurationSchedule, LimitWish, Outlook, Plan, Source, Span, Status, Wish
from .planner import Situation, survived
from .schedule import ScheduleCoordinator
from .stored import StoredSchedule

_ONE_HAND = timedelta(seconds=10)


class WindowCoordinator[W: Wish | LimitWish, R](ScheduleCoordinator[Outlook[W, Plan]]):
    """Keeps the plan of one schedule that is either on or off.

    Two timers: one at the next edge of a window or of the period, which uses no
    network, and one at the next request. A refresh asks for what is outstanding, so
    that asking too often cannot do harm.

    `W` is the kind of its wish, `R` of its requests. What Flatpeak cannot
    answer, or does not for the moment, is planned at home on the prices that are known.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        subentry: ConfigSubentry,
        location: LocationCoordinator,
    ) -> None:
        """Take up the stored plan, or begin with none."""
        super().__init__(hass, entry, subentry, location)
        self._delay = pace.delay(subentry.subentry_id)
        self._form = self._read_form()
        self._request_at: datetime | None = None
        self._recommended: datetime | None = None
        self._failures = 0
        self._wish_is_new = self._is_resumed = False
        self._asking = self._prices_are_new = False
        self._by_hand: datetime | None = None
        self._request = Alarm(hass, self._ask)
        self._edge = Alarm(hass, self._pass_edge)
        self.data = self._restored(dt_util.utcnow())
        self.note_use()

    @property
    def recommended(self) -> datetime | None:
        """When Flatpeak itself said that it would have news."""
        return self._recommended if self.data.wish.enabled else None

    # What kinds of schedules differ in

    @abstractmethod
    def _records(self) -> dict[str, StoredSchedule[W]]:
        """Return where the store keeps schedules of this kind."""

    @abstractmethod
    def _read_form(self) -> W:
        """Return the wish of the form."""

    @abstractmethod
    def _outlook(
        self, wish: W, plan: Plan, next_update: datetime | None = None
    ) -> Outlook[W, Plan]:
        """Return an outlook with nothing but these."""

    @abstractmethod
    def _refitted(self, plan: Plan, old: W, wish: W, period: Span, now: datetime) -> Plan:
        """Return what is left of a plan under another wish."""

    @abstractmethod
    def _outstanding(self, plan: Plan, wish: W, now: datetime, *, keep_running: bool) -> R | None:
        """Return what is to be asked for, None where nothing is."""

    @abstractmethod
    async def _answer(self, request: R, plan: Plan, wish: W) -> DurationSchedule:
        """Ask. Raises FlatpeakError."""

    @abstractmethod
    def _revised(self, plan: Plan, answer: DurationSchedule, request: R, *, calm: bool) -> Plan:
        """Return a plan with an answer worked in."""

    @abstractmethod
    def _has_room(self, plan: Plan, wish: W, now: datetime) -> bool:
        """Tell whether something is missing that prices to come might bring."""

    @abstractmethod
    async def _planned_at_home(self, plan: Plan, wish: W, situation: Situation) -> Plan:
        """Return the plan that known prices give."""

    def _needs_home(self, wish: W) -> bool:
        """Tell whether a wish has something that Flatpeak cannot be asked for."""
        return False

    def _fallback(self, wish: W, period: Span) -> datetime | None:
        """Return when to begin in a period whose prices do not come."""
        return None

    # Starting and stopping

    def _restored(self, now: datetime) -> Outlook[W, Plan]:
        """Return the stored outlook, brought up to now."""
        stored = self._stored()
        if stored is None:
            period = self._form.frame.period(now, self.location.zone)
            return self._outlook(self._form, Plan(period))
        wish = stored.wished(self._form)
        self._recommended = stored.next_update
        plan = _survived(stored.plan, stored.seen, now)
        following = stored.following and _survived(stored.following, stored.seen, now)
        missed = plan.length < stored.plan.length
        outlook = self._outlook(stored.wish, plan, stored.next_update)
        outlook = replace(outlook, following=following)
        if wish == stored.wish:
            outlook = self._rolled(outlook, now)
            # a period that is neither of the stored ones: the location's clock has changed
            known = outlook.plan.period in {stored.plan.period, following and following.period}
            due = missed or (outlook.answered and not known)
            self._request_at = now if due else stored.request_at
        else:
            outlook = self._refit(outlook, wish, now)
            self._request_at = now
        if outlook.plan.period.start - now > pace.HORIZON:
            return replace(outlook, hindrance=Status.LATER)
        return outlook

    def start(self) -> None:
        """Begin to keep time."""
        now = dt_util.utcnow()
        self._arm_edge(now)
        if prices := self.location.prices.get(self.data.wish.direction):
            self.config_entry.async_on_unload(prices.follow(self._prices_changed))
        if not self.data.wish.enabled:
            return
        if self.data.answered or (self._request_at and self._request_at > now):
            self._arm_request(self._request_at or now)
        else:
            self.config_entry.async_create_task(self.hass, self.async_refresh())

    @override
    async def async_shutdown(self) -> None:
        """Stop the timers."""
        await super().async_shutdown()
        self._disarm_request()
        self._edge.cancel()

    @override
    async def async_request_refresh(self) -> None:
        """Ask because somebody said so; once, however many entities were named."""
        now = dt_util.utcnow()
        if self._by_hand is None or now - self._by_hand >= _ONE_HAND:
            self._by_hand = now
            await self.async_refresh()

    # Wishes

    async def async_wish(self, wish: W) -> None:
        """Change what is wanted: at once, on the running window too."""
        if wish == self.data.wish:
            return
        now = dt_util.utcnow()
        LOGGER.debug("%s: changed by hand to %s", self.name, wish)
        self._wish_is_new = True
        self._is_resumed |= wish.enabled and not self.data.wish.enabled
        self._failures = 0
        self._request_at = now  # due, should a restart come in between
        self._set(self._refit(self.data, wish, now), now)
        self.note_use()
        await self.async_refresh()

    @override
    async def async_enable(self, *, enabled: bool) -> None:
        """Plan, or do not."""
        await self.async_wish(replace(self.data.wish, enabled=enabled))

    async def async_take(self, form: W) -> None:
        """Take the wish of a form that was just sent; whether it is enabled stays."""
        self._form = form
        await self.async_wish(replace(form, enabled=self.data.wish.enabled))

    def _refit(self, outlook: Outlook[W, Plan], wish: W, now: datetime) -> Outlook[W, Plan]:
        """Return what is left of an outlook under another wish."""
        period = wish.frame.period(now, self.location.zone)
        plan = self._refitted(outlook.plan, outlook.wish, wish, period, now)
        return self._outlook(wish, plan, outlook.next_update if wish.enabled else None)

    def _rolled(self, outlook: Outlook[W, Plan], now: datetime) -> Outlook[W, Plan]:
        """Return the outlook with the period of now, the next one when one is over."""
        period = outlook.wish.frame.period(now, self.location.zone)
        if period == outlook.plan.period:
            return outlook
        if outlook.following and outlook.following.period == period:
            return replace(outlook, plan=outlook.following, following=None)
        return self._refit(outlook, outlook.wish, now)

    # Asking

    @override
    async def _async_update_data(self) -> Outlook[W, Plan]:
        """Ask for what is outstanding."""
        now = dt_util.utcnow()
        self._set(self._rolled(self.data, now), now)
        wish, keep_running = self.data.wish, not self._wish_is_new
        self._wish_is_new = False
        if not wish.enabled:
            self._disarm_request()
            return self.data
        target = self._target(now)
        if target.period.start - now > pace.HORIZON:
            later = replace(self.data, hindrance=Status.LATER)
            return self._settle(later, target, target.period.start - pace.HORIZON)
        if self._is_planned_at_home(wish):
            return await self._plan_at_home(target, wish, calm=keep_running)
        request = self._outstanding(target, wish, now, keep_running=keep_running)
        if request is None:
            return self._settle(self.data, target, target.period.end)
        LOGGER.debug("%s: asking %s", self.name, request)
        answer = await self._answer_to(request, target, wish)
        if answer is None:
            return self.data
        self._failures = 0
        self._recommended = answer.next_update
        plan, outlook = self._answered(target, answer, request, keep_running=keep_running)
        at = next_update = pace.next_update(answer.next_update, now)
        if at > plan.period.start and self._has_room(plan, wish, now):
            # there are minutes without a price; the market's pace would be too late for them
            at = min(at, now + pace.incomplete(plan.period.start - now))
        return self._settle(outlook, plan, next_update, at)

    async def _answer_to(self, request: R, target: Plan, wish: W) -> DurationSchedule | None:
        """Ask Flatpeak; None: there are no prices yet, or nobody wants to know any more."""
        self._asking = True
        try:
            answer = await self._answer(request, target, wish)
        except FlatpeakError as err:
            if self._is_past(wish):
                return None
            await self._help_out(err, target, wish)
            self._postpone(err, target)
            if isinstance(err, FlatpeakNotYetError):
                return None  # the server is well, there is just nothing to plan on
            raise failure(err, UpdateFailed) from err
        except Exception:
            # a mistake of ours: Home Assistant logs it, and the schedule goes on
            self._postpone(FlatpeakError(), target)
            raise
        finally:
            self._asking = False
        return None if self._is_past(wish) else answer

    # Planning at home

    def _is_planned_at_home(self, wish: W) -> bool:
        """Tell whether there is nobody to ask for all that a wish has.

        An account may have no prices to plan on; it is better served without its bounds than
        not at all, and told so.
        """
        if self.location.at_home or not self._needs_home(wish):
            return self.location.at_home
        now, prices = dt_util.utcnow(), self.location.prices[wish.direction].data
        if prices.read_at is None or any(slot.end > now for slot in prices.slots):
            self.location.delete_issues(NO_PRICES)
            return True
        self.location.create_issue(NO_PRICES)
        return False

    async def _plan_at_home(self, target: Plan, wish: W, *, calm: bool) -> Outlook[W, Plan]:
        """Plan on the prices that are known; a home of its own is served without them too."""
        prices, at_home = self.location.prices.get(wish.direction), self.location.at_home
        # there may be no price for selling at all: then none is waited for either
        fallback = self._fallback(wish, target.period) if prices else None
        used = at_home and prices is not None and prices.settled
        self._asking = True
        self._prices_are_new = True
        try:
            while self._prices_are_new:
                self._prices_are_new = False
                now = dt_util.utcnow()
                situation = Situation(
                    now, calm, used or fallback is not None, fallback, resumed=self._is_resumed
                )
                plan = await self._planned_at_home(target, wish, situation)
                if self._is_past(wish):
                    return self.data
                # a window that began meanwhile is not to be cut short
                self._prices_are_new |= target.running(now) != target.running(dt_util.utcnow())
        finally:
            self._asking = False
        self._failures = 0
        # what is at hand is looked at so often that no moment of it is worth showing
        next_update = prices.data.next_update if prices and not at_home else None
        if not self._is_planned(plan, now):
            outlook = replace(self._rolled(self.data, now), hindrance=Status.WAITING)
        else:
            outlook = self._with_plan(plan, target, now)
        return self._settle(outlook, plan, next_update or plan.period.end, plan.period.end)

    async def _help_out(self, error: FlatpeakError, target: Plan, wish: W) -> None:
        """Plan at home while Flatpeak does not answer, where nothing is planned yet.

        Only on prices that it told before; without any, at the hour that the owner chose.
        """
        now = dt_util.utcnow()
        fallback = self._fallback(wish, target.period)
        doubtful = isinstance(error, pace.DOUBTFUL) or fallback is not None
        ours = target.source not in (None, Source.FLATPEAK)
        if not (doubtful and (ours or self._has_room(target, wish, now))):
            return
        situation = Situation(now, unknown=fallback is not None, fallback=fallback)
        plan = await self._planned_at_home(target, wish, situation)
        if self._is_past(wish) or not self._is_planned(plan, now):
            return
        LOGGER.debug("%s: planned at home %s", self.name, plan.windows)
        self._set(self._with_plan(plan, target, now), now)

    def _is_planned(self, plan: Plan, now: datetime) -> bool:
        """Tell whether prices were known, or the load is served without them."""
        if any(window.end > now for window in plan.windows):
            return True
        prices = self.location.known_prices(self.data.wish.direction)
        start = max(now, plan.period.start)
        return any(slot.clip(start, plan.period.end) for slot in prices)

    @callback
    def _prices_changed(self) -> None:
        """Plan anew where plans are made at home."""
        if self._shutdown_requested or not self.data.wish.enabled:
            return
        self._prices_are_new = True
        known = self.location.known_prices(self.data.wish.direction)
        helped = self._failures and known and self.data.plan.source is not Source.FLATPEAK
        if self.location.at_home or self._needs_home(self.data.wish):
            self.config_entry.async_create_task(self.hass, self._ask())
        elif helped:
            self._arm_request(dt_util.utcnow())

    def _is_about_to_ask(self, now: datetime) -> bool:
        """Tell whether the next request is that near that nothing is gained by one more."""
        soon = now + pace.SPREAD + pace.SLACK
        return self._asking or (self._request_at is not None and self._request_at <= soon)

    def _is_past(self, wish: W) -> bool:
        """Tell whether the question for a wish, just answered, is one of the past."""
        return self._shutdown_requested or self.data.wish != wish

    def _target(self, now: datetime) -> Plan:
        """Return the plan to ask for: shortly before a period ends, the one of the next.

        So two periods that touch have no gap, and no thousand homes ask at midnight.
        """
        plan, frame = self.data.plan, self.data.wish.frame
        if now < plan.period.end - self._delay:
            return plan
        return self.data.following or Plan(frame.period(plan.period.end, self.location.zone))

    def _answered(
        self, target: Plan, answer: DurationSchedule, request: R, *, keep_running: bool
    ) -> tuple[Plan, Outlook[W, Plan]]:
        """Return the plan with an answer worked in, and the outlook with that plan."""
        now, wish = dt_util.utcnow(), self.data.wish
        late: R | None = request
        if keep_running and target.running(now):
            # it may have begun while we waited for the answer, and is kept all the same
            late = self._outstanding(target, wish, now, keep_running=True)
        plan = self._revised(target, answer, late, calm=keep_running) if late else target
        return plan, self._with_plan(plan, target, now)

    def _with_plan(self, plan: Plan, before: Plan, now: datetime) -> Outlook[W, Plan]:
        """Return the outlook with a plan for one of its periods."""
        if plan.windows != before.windows:
            LOGGER.debug("%s: new plan %s, was %s", self.name, plan.windows, before.windows)
        outlook = replace(self._rolled(self.data, now), hindrance=None)
        if plan.period == outlook.plan.period:
            return replace(outlook, plan=plan)
        if plan.period.start >= outlook.plan.period.end:
            return replace(outlook, following=plan)
        return outlook  # its period ended while we waited

    def _settle(
        self,
        outlook: Outlook[W, Plan],
        target: Plan,
        next_update: datetime,
        at: datetime | None = None,
    ) -> Outlook[W, Plan]:
        """Take an outlook, and ask again at a moment, or shortly before the period ends.

        When that is over the end of the period is the next thing to happen.
        """
        now = dt_util.utcnow()
        at = min((at or next_update) + self._delay, target.period.end - self._delay)
        if at > now:
            self._arm_request(at)
        elif target.period.end <= now:
            self._arm_request(now)  # a period began while we waited for an answer
        else:
            self._disarm_request()
        self._set(replace(outlook, next_update=next_update), now)
        return self.data

    def _postpone(self, error: FlatpeakError, target: Plan) -> None:
        """Ask again some time after an error, which changes no plan."""
        now = dt_util.utcnow()
        self._failures += 1
        at = now + pace.retry(
            error,
            self._failures,
            target.period.start - now,
            pace.jitter(self.subentry.subentry_id, now),
        )
        hindrance = Status.PROBLEM
        if isinstance(error, FlatpeakNotYetError):
            hindrance = Status.WAITING
            # Flatpeak itself said when there is more, as long as that is in time
            if self._recommended and at < self._recommended < target.period.start:
                at = self._recommended + self._delay
        if isinstance(error, FlatpeakRateLimitError):
            at += self._delay  # all of us were told the same
        LOGGER.debug("%s: no answer (%s), next try at %s", self.name, error, at)
        if self.data.wish.enabled:
            self._arm_request(at)
            if isinstance(error, FlatpeakAuthError):
                self._request_at = now  # due again as soon as there are other credentials
        outlook = replace(self._rolled(self.data, now), hindrance=hindrance)
        if outlook.next_update and outlook.next_update <= now:
            outlook = replace(outlook, next_update=None)
        self._set(outlook, now)

    # Time

    def _arm_request(self, at: datetime) -> None:
        """Ask at a moment; one that is over means now."""
        self._disarm_request()
        if self._shutdown_requested:
            return
        self._request_at = at
        if not self.config_entry.pref_disable_polling:
            self._request.set(at)

    def _disarm_request(self) -> None:
        self._request_at = None
        self._request.cancel()

    async def _ask(self) -> None:
        if not self._asking:  # whoever is asking sees to what comes next
            await self.async_refresh()

    def _arm_edge(self, now: datetime) -> None:
        """Wake at the next edge."""
        if not self._shutdown_requested:
            self._edge.set(self.data.next_edge(now))

    def _pass_edge(self) -> None:
        """Flip what an edge flips; nothing is asked, unless a period begins without a plan."""
        now = dt_util.utcnow()
        self.data = self._rolled(self.data, now)
        self._remember()
        self._arm_edge(now)
        self.async_update_listeners()
        if self.data.wish.enabled and not self.data.answered and not self._failures:
            self._arm_request(now)

    # Keeping

    def _set(self, outlook: Outlook[W, Plan], now: datetime) -> None:
        """Take an outlook, show it, and store it, so that a restart costs nothing."""
        changed = outlook != self.data
        self.data = outlook
        self._remember()
        if changed:
            self._arm_edge(now)
            self.async_update_listeners()

    def _remember(self) -> None:
        """Store what is known; a file is only written when that has changed."""
        before = self._stored()
        stored = StoredSchedule(
            self._form,
            self.data.wish,
            self.data.plan,
            self.data.following,
            self.data.next_update,
            self._request_at,
            dt_util.utcnow(),
        )
        self._records()[self.subentry.subentry_id] = stored
        begun = before and self.data.running(before.seen) != self.data.running(stored.seen)
        if before is None or begun or replace(before, seen=stored.seen) != stored:
            self.config_entry.async_create_task(self.hass, self.location.store.save())

    def note_alive(self) -> None:
        """Note, in memory, that the schedule was there until now."""
        if stored := self._stored():
            self._records()[self.subentry.subentry_id] = replace(stored, seen=dt_util.utcnow())

    def _stored(self) -> StoredSchedule[W] | None:
        return self._records().get(self.subentry.subentry_id)


def _survived(plan: Plan, stopped: datetime, now: datetime) -> Plan:
    return replace(plan, windows=survived(plan.windows, stopped, now))
