"""All schedules by amount of a home: asked for in one go, and kept in time together."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
import math
from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from . import pace
from .alarm import Alarm
from .amount import SETTLING, AmountCoordinator
from .api import (
    FlatpeakAuthError,
    FlatpeakError,
    FlatpeakNotYetError,
    FlatpeakRateLimitError,
)
from .asking import SiteAsker
from .const import LOGGER
from .failures import failure
from .forms import site_rules
from .location import LocationCoordinator
from .model import (
    NEGLIGIBLE,
    AmountPlan,
    DeviceSchedule,
    Direction,
    PriceCap,
    Source,
    Span,
    Status,
    before,
    energy_of,
    total,
    within,
)
from .planner import (
    Question,
    amounts_at_home,
    calmed,
    combined,
    displaced,
    joined,
    limited,
    planned,
    requests,
)
from .repairs import keep_unmet_issue
from .stored import StoredSite

# Plans that were not made at home.
_THEIRS = (None, Source.FLATPEAK)
_ONE_HAND = timedelta(seconds=10)
# A tariff is connected by people, who see a repair until it is.
_NO_TARIFF = timedelta(hours=1)
# What a sensor says may cause a request this often at most.
_SENSOR_PACE = timedelta(minutes=15)
_EARLY_PACE = timedelta(hours=1)  # where the period is far off


@dataclass(frozen=True, slots=True)
class Totals:
    """What all that is planned costs and saves; `saved` is what was saved since the beginning.

    Money in major currency units; what is earned by selling is taken off the cost.
    """

    cost: float | None = None
    savings: float | None = None
    saved: float = 0.0


class SiteCoordinator(DataUpdateCoordinator[Totals]):
    """Asks for all schedules by amount at once, since they share the site's limit.

    Three timers: at the next edge of any plan, at the next request, and to look at the
    sensors again. `news` tells when the location's prices are expected to change, where
    another schedule was told.
    """

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        location: LocationCoordinator,
        subentries: Sequence[ConfigSubentry],
        news: Callable[[], datetime | None],
    ) -> None:
        """Take up the stored plans."""
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title, always_update=False)
        self.location = location
        self.rules = site_rules(entry.options)
        self._news = news
        self._delay = pace.delay(entry.entry_id)
        self._asker = SiteAsker(location, self.rules)
        self._lock = asyncio.Lock()
        self._changes = self._asked = 0
        self._failures = 0
        self._prices_are_new = False
        self._by_hand: datetime | None = None
        self._sensor_asked: datetime | None = None
        self._request_at: datetime | None = location.store.site.request_at
        # from when on an answer may know something new about prices that were certain
        self._news_at = self._request_at
        # prices have changed since plans were last made at home for want of an answer
        self._new_prices = False
        self._displaced: dict[str, datetime | None] = {}
        self._request = Alarm(hass, self._ask)
        self._edge = Alarm(hass, self._pass_edge)
        self._look = Alarm(hass, self._look_at_sensors)
        # an empty one first: a shutdown half-way is to find it
        self.schedules: dict[str, AmountCoordinator] = {}
        for subentry in subentries:
            schedule = AmountCoordinator(hass, entry, subentry, location, self)
            self.schedules[subentry.subentry_id] = schedule
        self._part_devices()
        self._counted = location.store.site.counted or dt_util.utcnow()
        self._delivered = self._all_delivered()
        self.data = Totals(saved=location.store.site.saved)
        if location.store.site.rules != self._rules_as_stored:
            self._obey(dt_util.utcnow())

    def _part_devices(self) -> None:
        """See to it that no two schedules share a device: answers would be mixed up."""
        taken: set[str] = set()
        for schedule in self.schedules.values():
            if schedule.device_id in taken:
                LOGGER.warning("%s gets a device of its own in Flatpeak", schedule.name)
                schedule.device_id = None
            elif schedule.device_id:
                taken.add(schedule.device_id)

    def _obey(self, now: datetime) -> None:
        """Cut all plans down to a limit that was changed, at once; ask for better ones."""
        questions = {
            key: Question(one.data.wish, one.data.plan, None) for key, one in self.schedules.items()
        }
        ahead = {
            key: within(one.data.plan.windows, now, one.data.plan.period.end)
            for key, one in self.schedules.items()
        }
        fitting = limited(ahead, questions, self.rules.limits, now)
        for key, schedule in self.schedules.items():
            plan = schedule.data.plan
            past = before(plan.windows, now)
            plan = replace(plan, windows=joined((*past, *fitting[key])))
            schedule.show(replace(schedule.data, plan=plan))
            schedule.fresh = schedule.due = True

    # Starting and stopping

    def start(self) -> None:
        """Begin to keep time."""
        if not self.schedules:
            return
        now = dt_util.utcnow()
        self._refresh_outlooks(now)
        self._arm_edge(now)
        for prices in self.location.prices.values():
            self.config_entry.async_on_unload(prices.follow(self._prices_changed))
        sensors = [one.form.sensor for one in self.schedules.values() if one.form.sensor]
        if sensors:
            self.config_entry.async_on_unload(
                async_track_state_change_event(self.hass, sensors, self._sensor_changed)
            )
            self._look.set(now + SETTLING)
        if self._request_at is None or any(one.due for one in self.schedules.values()):
            self._request_at = now
        if self._request_at > now:
            self._arm_request(self._request_at)
        else:
            self.config_entry.async_create_task(self.hass, self._ask())

    @override
    async def async_shutdown(self) -> None:
        """Stop the timers."""
        await super().async_shutdown()
        for alarm in (self._request, self._edge, self._look):
            alarm.cancel()
        for schedule in self.schedules.values():
            await schedule.async_shutdown()

    @override
    async def _async_update_data(self) -> Totals:
        """Return what is known."""
        return self.data

    # Asking

    def is_relative(self, direction: Direction) -> bool:
        """Whether a price cap counts the prices of the time that is asked about."""
        cap = self.rules.caps.get(direction)
        return cap is not None and cap.absolute is None

    async def async_ask_changed(self) -> None:
        """Ask because a wish has changed; one question may answer several changes."""
        self._changes += 1
        change = self._changes
        self._failures = 0
        now = dt_util.utcnow()
        self._request_at = now  # due, should a restart come in between
        self._refresh_outlooks(now)
        await asyncio.sleep(0)  # an action may change several at once
        async with self._lock:
            if self._asked < change:
                await self._ask_all()

    async def async_ask_by_hand(self) -> None:
        """Ask because somebody said so; once, however many entities were named."""
        now = dt_util.utcnow()
        if self._by_hand is None or now - self._by_hand >= _ONE_HAND:
            self._by_hand = self._news_at = now
            await self._ask()

    @override
    async def async_request_refresh(self) -> None:
        """Ask because somebody said so."""
        await self.async_ask_by_hand()

    async def _ask(self) -> None:
        async with self._lock:
            await self._ask_all()

    async def _ask_all(self) -> None:
        """Ask for what is missing, and work the answers in."""
        if self._shutdown_requested:
            return
        now = dt_util.utcnow()
        self._prices_are_new = False
        self._bring_up(now)
        asked = self._changes
        questions = self._questions(now)
        try:
            answers = await self._asker.answers(self.schedules, questions)
        except FlatpeakError as err:
            await self._help_out(err, questions)
            if not self._shutdown_requested and asked == self._changes:
                self._postpone(err)
            return
        except Exception:
            # a mistake of ours: Home Assistant logs it, and the schedules go on
            self._postpone(FlatpeakError())
            raise
        self._asked = max(self._asked, asked)
        if self._shutdown_requested:
            return
        self._failures = 0
        now = dt_util.utcnow()
        self._bring_up(now)
        for key, question in questions.items():
            schedule = self.schedules[key]
            if schedule.data.wish != question.wish:
                # it was changed while we waited: what is left of its plan still takes its power
                answers.pop(key, None)
                questions[key] = schedule.present(now)
            elif (later := schedule.question(now, self._delay)) and (
                later.plan.period == question.plan.period
            ):
                questions[key] = later  # less what was delivered while we waited
        self._work_in(questions, answers, now)
        self._settle(now)
        if any(question.plan.period.end <= now for question in questions.values()):
            self._arm_request(now)  # a period began while we waited for an answer

    async def _help_out(self, error: FlatpeakError, questions: Mapping[str, Question]) -> None:
        """Plan at home, on prices that Flatpeak told before, what is not planned yet.

        An error that is no reason to doubt the next hours only matters to those who have said
        when to begin without prices.

        The others are planned along, so that their power is taken into account. Time without
        a price is only used where the owner has said when to begin then.
        """
        now = dt_util.utcnow()
        lacking = {
            key
            for key, one in questions.items()
            if one.demand and _is_more(one.demand.energy, one.plan, now)
        }
        ours = {key for key, one in questions.items() if one.plan.source not in _THEIRS}
        lacking |= ours
        if not isinstance(error, pace.DOUBTFUL):
            lacking &= {
                key
                for key, one in questions.items()
                if one.demand and one.demand.fallback is not None
            }
        if not lacking or self._shutdown_requested:
            return
        changes = self._changes
        demands = [
            replace(one.demand, device_id=key) for key, one in questions.items() if one.demand
        ]
        prices = {way: self.location.known_prices(way) for way in Direction}
        answers: dict[str, DeviceSchedule] = {}
        for unknown in (False, True):
            group = [demand for demand in demands if (demand.fallback is not None) is unknown]
            for request in requests(group, self.rules):
                job = partial(amounts_at_home, request, prices, unknown=unknown)
                devices = await self.hass.async_add_executor_job(job)
                answers |= {one.device_id: one for one in devices if one.slots}
        now = dt_util.utcnow()
        answers = {
            key: answer
            for key, answer in answers.items()
            if key in lacking & ours
            or (key in lacking and _is_more(energy_of(answer.slots), questions[key].plan, now))
        }
        if not answers or self._shutdown_requested or changes != self._changes:
            return
        plans = combined(questions, answers, self.rules.limits, now, news=self._new_prices)
        self._new_prices = False
        for key in answers:
            self.schedules[key].work_in(questions[key], plans[key], now)

    @callback
    def _prices_changed(self) -> None:
        """Plan anew where plans are made at home."""
        now = dt_util.utcnow()
        helped = self._failures and any(
            self.location.known_prices(one.data.wish.direction)
            for one in self.schedules.values()
            if one.data.wish.enabled and one.data.plan.source is not Source.FLATPEAK
        )
        self._new_prices = True
        if self.location.at_home:
            self._news_at = now
        if self.location.at_home or helped:
            self._prices_are_new = self._lock.locked()
            self._arm_request(now, push=self.location.at_home)

    def _questions(self, now: datetime) -> dict[str, Question]:
        """Return each schedule's part of the question."""
        questions = {
            key: question
            for key, schedule in self.schedules.items()
            if (question := schedule.question(now, self._delay))
        }
        for key, schedule in self.schedules.items():
            schedule.hinder(
                Status.LATER
                if key not in questions and schedule.data.wish.enabled
                else schedule.data.hindrance
            )
        return questions

    # Taking

    def _work_in(
        self, questions: dict[str, Question], answers: dict[str, DeviceSchedule], now: datetime
    ) -> None:
        """Make plans of answers; without one a plan stays, or there is none yet."""
        if self.location.at_home:
            prices = {way: self.location.known_prices(way) for way in Direction}
            questions, answers = calmed(questions, answers, prices, self.rules.caps, now)
        news = self._news_at is not None and now >= self._news_at
        plans = combined(questions, answers, self.rules.limits, now, news=news)
        self._displaced = {
            key: displaced(questions[key], answer, now) for key, answer in answers.items()
        }
        for key, plan in plans.items():
            schedule = self.schedules[key]
            if key in answers or questions[key].demand is None:
                schedule.work_in(questions[key], plan, now)
            else:
                schedule.keep(plan)
        for key, answer in answers.items():
            if any(slot.confidence <= 0 for slot in answer.slots):
                self.schedules[key].fruitless = 0  # what is lacking has no price yet
        for schedule in self.schedules.values():
            if not schedule.last_update_success:
                LOGGER.info("%s: Flatpeak answers again", schedule.name)
                schedule.last_update_success = True
                schedule.last_exception = None

    def _settle(self, now: datetime) -> None:
        """Ask again when there may be news, or shortly before a period ends."""
        self._news_at = now if self._prices_are_new and self.location.at_home else None
        moments = [
            self._next_look(schedule, now)
            for schedule in self.schedules.values()
            if schedule.data.wish.enabled
        ]
        if moments:
            self._arm_request(max(min(moments), now + pace.SLACK))
        else:
            self._request_at = None
            self._request.cancel()
        self._refresh_outlooks(now)

    def _next_look(self, schedule: AmountCoordinator, now: datetime) -> datetime:
        """Return when a schedule wants to ask again."""
        plan = schedule.target(now, self._delay)
        last = plan.period.end - self._delay
        if plan.period.start - now > pace.AMOUNT_HORIZON:
            return plan.period.start - pace.AMOUNT_HORIZON + self._delay
        if plan.source is None:
            wait = pace.incomplete(plan.period.start - now)
            if schedule.data.wish.direction in self._asker.without_tariff:
                wait = max(wait, _NO_TARIFF)
            return min(now + wait, last)
        whole = schedule.complete(now, self._delay)
        at = self._look_again(schedule, now, certain=whole)
        if schedule.fruitless and self._is_priced(schedule.data.wish.direction, plan.period):
            # all prices are known, and what is lacking was not found: it is for other reasons
            at = max(at, min(now + pace.patience(schedule.fruitless), last))
        elif not whole:
            # prices are lacking, and near the period every quarter of an hour counts
            at = min(at, now + pace.incomplete(plan.period.start - now))
        run = schedule.data.running(now)
        if run and not whole:
            at = min(at, run.end)  # what runs may have stood in the way of the rest
        # what may change prices that were certain, or what would have been planned with them
        over = self._displaced.get(schedule.subentry.subentry_id)
        news = min(self._look_again(schedule, now, certain=True), over or plan.period.end)
        if news < plan.period.end:
            self._news_at = min(self._news_at or news, news)
        at = min(at, news)
        return min(at + self._delay, last)

    def _look_again(self, schedule: AmountCoordinator, now: datetime, *, certain: bool) -> datetime:
        """Return when there may be something new to know about a plan's period.

        Schedules by duration that are told of news ask first: they are told of the next.
        Prices that are out already were so when Flatpeak planned, and will not come again.
        """
        period = schedule.target(now, self._delay).period
        news = self._news()
        if news is not None:
            news += pace.SPREAD + pace.SLACK
        elif certain and self._is_priced(schedule.data.wish.direction, period):
            return period.end
        return pace.look_again(period.end, now, self.location.zone, news=news, certain=certain)

    def _is_priced(self, direction: Direction, period: Span) -> bool:
        """Tell whether all prices of a period are known, and no forecasts."""
        known = within(self.location.known_prices(direction), period.start, period.end)
        return total(slot for slot in known if slot.confidence >= 1) == period.length

    def _postpone(self, error: FlatpeakError) -> None:
        """Ask again some time after an error, which changes no plan."""
        now = dt_util.utcnow()
        self._failures += 1
        self._bring_up(now)
        active = [one for one in self.schedules.values() if one.question(now, self._delay)]
        targets = (one.target(now, self._delay) for one in active)
        start = min((plan.period.start for plan in targets), default=now)
        until = start - now
        jitter = pace.jitter(self.config_entry.entry_id, now)
        at = now + pace.retry(error, self._failures, until, jitter)
        if isinstance(error, FlatpeakRateLimitError):
            at += self._delay  # all of us were told the same
        if isinstance(error, FlatpeakNotYetError) and self.location.data.last_success:
            # prices came before, so they will come when they usually do
            looks = [self._look_again(one, now, certain=True) for one in active]
            news = min(looks, default=at)
            at = news + self._delay if at < news <= start else at
        LOGGER.debug("%s: no answer (%s), next try at %s", self.name, error, at)
        self._arm_request(at)
        if isinstance(error, FlatpeakAuthError):
            self._request_at = now  # due again as soon as there are other credentials
            self.config_entry.async_start_reauth(self.hass)
        waiting = isinstance(error, FlatpeakNotYetError)
        for schedule in active:
            schedule.hinder(Status.WAITING if waiting else Status.PROBLEM)
            if not waiting:
                schedule.async_set_update_error(failure(error, UpdateFailed))
        self._refresh_outlooks(now)

    # Time

    def _arm_request(self, at: datetime, *, push: bool = False) -> None:
        """Ask at a moment; new prices of this home are a push, a request to Flatpeak a poll."""
        if self._shutdown_requested:
            return
        if self._prices_are_new:
            at = dt_util.utcnow()  # they came while plans were made on others
            push |= self.location.at_home
        self._request_at = at
        if push or not self.config_entry.pref_disable_polling:
            self._request.set(at)

    def _arm_edge(self, now: datetime) -> None:
        if not self._shutdown_requested:
            edges = (schedule.data.next_edge(now) for schedule in self.schedules.values())
            self._edge.set(min(edges))

    def _pass_edge(self) -> None:
        """Flip what an edge flips; nothing is asked, unless something is missing."""
        now = dt_util.utcnow()
        self._bring_up(now)
        self._refresh_outlooks(now)
        if self._failures or self._lock.locked():
            return
        unanswered = any(
            schedule.data.wish.enabled
            and not schedule.data.answered
            and schedule.data.plan.period.contains(now)
            for schedule in self.schedules.values()
        )
        if unanswered and not (self._request_at and now < self._request_at <= now + self._delay):
            self._arm_request(now)
        else:
            self._ask_for_sensors(now)

    @callback
    def _sensor_changed(self, _event: Event[EventStateChangedData]) -> None:
        """Look at a sensor once its value has settled."""
        soon = dt_util.utcnow() + SETTLING
        if self._look.at is None or self._look.at > soon:
            self._look.set(soon)

    def _look_at_sensors(self) -> None:
        """Compare what the sensors say with what is planned."""
        now = dt_util.utcnow()
        if self._lock.locked():  # the answer to come is worked in first
            self._look.set(now + SETTLING)
            return
        unsettled = self._bring_up(now)
        self._look.set(now + (SETTLING if unsettled else _SENSOR_PACE))
        changed = [one.stop_when_done(now) for one in self.schedules.values()]
        self._ask_for_sensors(now)
        changed += [one.note_shortfall(now) for one in self.schedules.values()]
        if any(changed):
            self._refresh_outlooks(now)

    def _ask_for_sensors(self, now: datetime) -> None:
        """Ask when a sensor says something else than a plan, though not too often."""
        if self._failures or self._lock.locked():
            return
        wanting = [one for one in self.schedules.values() if one.deviates(now)]
        early = all(one.is_early(now) for one in wanting)
        wait = _EARLY_PACE if early else _SENSOR_PACE
        if wanting and (self._sensor_asked is None or now - self._sensor_asked >= wait):
            self._sensor_asked = now
            self._arm_request(now)

    # Keeping

    def _bring_up(self, now: datetime) -> bool:
        """Bring everything up to now; return whether a sensor has to settle yet."""
        unsettled = [schedule.read_sensor(now) for schedule in self.schedules.values()]
        self._count(now)
        for key, schedule in self.schedules.items():
            schedule.roll(now)
            self._delivered[key] = schedule.metering.delivered
        return any(unsettled)

    def _count(self, now: datetime) -> None:
        """Count what was saved since the last time, by what was delivered."""
        saved = self.data.saved
        for key, schedule in self.schedules.items():
            plan = schedule.data.plan
            if schedule.form.energy_entity and not schedule.form.soc_entity:
                delivered = schedule.metering.delivered - self._delivered[key]
                if plan.savings and plan.energy > 0 and delivered > 0:
                    saved += plan.savings / plan.energy * delivered
                continue
            saved += math.fsum(
                slot.saved * slot.energy
                for slot in within(plan.windows, self._counted, now)
                if slot.saved is not None
            )
        self._counted = now
        self.data = replace(self.data, saved=saved)

    def _all_delivered(self) -> dict[str, float]:
        return {key: schedule.metering.delivered for key, schedule in self.schedules.items()}

    def _refresh_outlooks(self, now: datetime) -> None:
        """Show everything, keep repairs true, store, and wake at the next edge."""
        plans = [
            (schedule.data.wish.direction, schedule.data.plan)
            for schedule in self.schedules.values()
            if schedule.data.answered
        ]
        costs = [
            -plan.cost if direction is Direction.EXPORT else plan.cost
            for direction, plan in plans
            if plan.cost is not None
        ]
        savings = [plan.savings for _, plan in plans if plan.savings is not None]
        self.data = Totals(
            math.fsum(costs) if costs else None,
            math.fsum(savings) if savings else None,
            self.data.saved,
        )
        # who gives power back says so first, so that the sum never shows more than the limit
        for schedule in sorted(self.schedules.values(), key=lambda one: one.rise(now)):
            keep_unmet_issue(self.hass, schedule, self.rules, self._power(schedule))
            schedule.async_update_listeners()
        self.async_update_listeners()
        self._remember()
        self._arm_edge(now)

    def _power(self, schedule: AmountCoordinator) -> float:
        """Return the power that schedules of the same direction and hours want, in kW."""
        wish, period = schedule.data.wish, schedule.data.plan.period
        return math.fsum(
            one.data.wish.max_power
            for one in self.schedules.values()
            if one.data.wish.enabled
            and one.data.wish.direction is wish.direction
            and one.data.plan.period.clip(period.start, period.end)
        )

    @property
    def _rules_as_stored(self) -> tuple[float | None, ...]:
        ways = (Direction.IMPORT, Direction.EXPORT)
        caps = [self.rules.caps.get(way, PriceCap()) for way in ways]
        return (
            *(self.rules.limits.get(way) for way in ways),
            *(value for cap in caps for value in (cap.relative, cap.absolute)),
        )

    def _remember(self) -> None:
        """Store what is known, so that a restart costs nothing."""
        self.note_alive()
        self.config_entry.async_create_task(self.hass, self.location.store.save())

    def note_alive(self) -> None:
        """Note, in memory, what is known now."""
        store = self.location.store
        store.amounts = {key: schedule.record() for key, schedule in self.schedules.items()}
        store.site = StoredSite(
            self._rules_as_stored,
            self._request_at,
            dt_util.utcnow(),
            self._counted,
            self.data.saved,
        )


def _is_more(energy: float, plan: AmountPlan, now: datetime) -> bool:
    """Tell whether energy is more than what a plan holds from now on, or there is no plan."""
    ahead = planned(plan, now, plan.period.end)
    return plan.source is None or energy > ahead + 2 * NEGLIGIBLE
