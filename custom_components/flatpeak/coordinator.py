"""One schedule: asks when it is due, keeps what it has, wakes at the next edge."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import random
from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
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
from .const import DOMAIN, LOGGER
from .failures import failure
from .forms import form_wish
from .location import LocationCoordinator
from .model import DurationOutlook, DurationRequest, DurationSchedule, Frame, Plan, Status, Wish
from .planner import has_room, outstanding, refitted, revised, survived
from .schedule import ScheduleCoordinator
from .stored import StoredSchedule

_ONE_HAND = timedelta(seconds=10)


class DurationCoordinator(ScheduleCoordinator[DurationOutlook]):
    """Keeps the plan of one schedule by duration.

    Two timers: one at the next edge of a window or of the period, which uses no
    network, and one at the next request. A refresh asks for what is outstanding, so
    that asking too often cannot do harm.
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
        self._form = form_wish(subentry.data)
        self._request_at: datetime | None = None
        self._recommended: datetime | None = None
        self._failures = 0
        self._wish_is_new = False
        self._asking = False
        self._by_hand: datetime | None = None
        self._request = Alarm(hass, self._ask)
        self._edge = Alarm(hass, self._pass_edge)
        self.data = self._restored(dt_util.utcnow())
        self.note_use()

    @property
    def recommended(self) -> datetime | None:
        """When Flatpeak itself said that it would have news."""
        return self._recommended if self.data.wish.enabled else None

    # Starting and stopping

    def _restored(self, now: datetime) -> DurationOutlook:
        """Return the stored outlook, brought up to now."""
        stored = self.location.store.schedules.get(self.subentry.subentry_id)
        if stored is None:
            period = self._form.frame.period(now, self.location.zone)
            return DurationOutlook(self._form, Plan(period))
        wish = stored.wished(self._form)
        self._recommended = stored.next_update
        plan = _survived(stored.plan, stored.seen, now)
        following = stored.following and _survived(stored.following, stored.seen, now)
        missed = plan.length < stored.plan.length
        outlook = DurationOutlook(stored.wish, plan, following, stored.next_update)
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

    async def async_wish(self, wish: Wish) -> None:
        """Change what is wanted: at once, on the running window too."""
        if wish == self.data.wish:
            return
        now = dt_util.utcnow()
        LOGGER.debug("%s: changed by hand to %s", self.name, wish)
        self._wish_is_new = True
        self._failures = 0
        self._request_at = now  # due, should a restart come in between
        self._set(self._refit(self.data, wish, now), now)
        self.note_use()
        await self.async_refresh()

    @override
    async def async_enable(self, *, enabled: bool) -> None:
        """Plan, or do not."""
        await self.async_wish(replace(self.data.wish, enabled=enabled))

    @override
    async def async_use_hours(self, frame: Frame) -> None:
        """Use other hours from now on; they have to leave room for the duration."""
        if self.data.wish.duration > frame.length:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="duration_too_long",
                translation_placeholders={
                    "start": f"{frame.start:%H:%M}",
                    "end": f"{frame.end:%H:%M}",
                },
            )
        await self.async_wish(replace(self.data.wish, frame=frame))

    async def async_take(self, form: Wish) -> None:
        """Take the wish of a form that was just sent; whether it is enabled stays."""
        self._form = form
        await self.async_wish(replace(form, enabled=self.data.wish.enabled))

    def _refit(self, outlook: DurationOutlook, wish: Wish, now: datetime) -> DurationOutlook:
        """Return what is left of an outlook under another wish."""
        period = wish.frame.period(now, self.location.zone)
        plan = refitted(outlook.plan, outlook.wish, wish, period, now)
        return DurationOutlook(
            wish, plan, next_update=outlook.next_update if wish.enabled else None
        )

    def _rolled(self, outlook: DurationOutlook, now: datetime) -> DurationOutlook:
        """Return the outlook with the period of now, the next one when one is over."""
        period = outlook.wish.frame.period(now, self.location.zone)
        if period == outlook.plan.period:
            return outlook
        if outlook.following and outlook.following.period == period:
            return replace(outlook, plan=outlook.following, following=None)
        return self._refit(outlook, outlook.wish, now)

    # Asking

    @override
    async def _async_update_data(self) -> DurationOutlook:
        """Ask for what is outstanding."""
        now = dt_util.utcnow()
        self._set(self._rolled(self.data, now), now)
        wish, keep_running = self.data.wish, not self._wish_is_new
        self._wish_is_new = False
        if not wish.enabled:
            self._disarm_request()
            return self.data
        target = self._target(now)
        request = outstanding(target, wish, now, keep_running=keep_running)
        if target.period.start - now > pace.HORIZON:
            later = replace(self.data, hindrance=Status.LATER)
            return self._settle(later, target, target.period.start - pace.HORIZON)
        if request is None:
            return self._settle(self.data, target, target.period.end)
        LOGGER.debug("%s: asking for %s in %s", self.name, request.duration, request.span)
        answer = await self._answer_to(request, target, wish)
        if answer is None:
            return self.data
        self._failures = 0
        self._recommended = answer.next_update
        plan, outlook = self._answered(target, answer, request, keep_running=keep_running)
        at = next_update = pace.next_update(answer.next_update, now)
        if at > plan.period.start and has_room(plan, wish, now):
            # there are minutes without a price; the market's pace would be too late for them
            at = min(at, now + pace.incomplete(plan.period.start - now))
        return self._settle(outlook, plan, next_update, at)

    async def _answer_to(
        self, request: DurationRequest, target: Plan, wish: Wish
    ) -> DurationSchedule | None:
        """Ask Flatpeak; None: there are no prices yet, or nobody wants to know any more."""
        self._asking = True
        try:
            answer = await self.location.ask(request)
        except FlatpeakError as err:
            if self._is_past(wish):
                return None
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

    def _is_past(self, wish: Wish) -> bool:
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
        self,
        target: Plan,
        answer: DurationSchedule,
        request: DurationRequest,
        *,
        keep_running: bool,
    ) -> tuple[Plan, DurationOutlook]:
        """Return the plan with an answer worked in, and the outlook with that plan."""
        now = dt_util.utcnow()
        running = target.running(now)
        late: DurationRequest | None = request
        if keep_running and running and running.end > request.span.start:
            # it began while we waited for the answer, and is kept all the same
            late = outstanding(target, self.data.wish, now)
        plan = revised(target, answer.slots, late, calm=keep_running) if late else target
        if plan.windows != target.windows:
            LOGGER.debug("%s: new plan %s, was %s", self.name, plan.windows, target.windows)
        outlook = replace(self._rolled(self.data, now), hindrance=None)
        if plan.period == outlook.plan.period:
            return plan, replace(outlook, plan=plan)
        if plan.period.start >= outlook.plan.period.end:
            return plan, replace(outlook, following=plan)
        return plan, outlook  # its period ended while we waited

    def _settle(
        self,
        outlook: DurationOutlook,
        target: Plan,
        next_update: datetime,
        at: datetime | None = None,
    ) -> DurationOutlook:
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
            random(),  # noqa: S311  spreads requests, guards nothing
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

    def _set(self, outlook: DurationOutlook, now: datetime) -> None:
        """Take an outlook, show it, and store it, so that a restart costs nothing."""
        changed = outlook != self.data
        self.data = outlook
        self._remember()
        if changed:
            self._arm_edge(now)
            self.async_update_listeners()

    def _remember(self) -> None:
        """Store what is known; a file is only written when that has changed."""
        schedules = self.location.store.schedules
        before = schedules.get(self.subentry.subentry_id)
        stored = StoredSchedule(
            self._form,
            self.data.wish,
            self.data.plan,
            self.data.following,
            self.data.next_update,
            self._request_at,
            dt_util.utcnow(),
        )
        schedules[self.subentry.subentry_id] = stored
        begun = before and self.data.running(before.seen) != self.data.running(stored.seen)
        if before is None or begun or replace(before, seen=stored.seen) != stored:
            self.config_entry.async_create_task(self.hass, self.location.store.save())

    def note_alive(self) -> None:
        """Note, in memory, that the schedule was there until now."""
        schedules = self.location.store.schedules
        if stored := schedules.get(self.subentry.subentry_id):
            schedules[self.subentry.subentry_id] = replace(stored, seen=dt_util.utcnow())


def _survived(plan: Plan, stopped: datetime, now: datetime) -> Plan:
    return replace(plan, windows=survived(plan.windows, stopped, now))
