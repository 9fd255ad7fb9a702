"""One schedule by amount: what it wants, what it knows, and what its sensor says."""

from dataclasses import replace
from datetime import datetime, timedelta
import math
from typing import Protocol, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter

from . import pace
from .const import LOGGER
from .forms import AmountForm, amount_form, with_changes
from .location import LocationCoordinator
from .model import (
    HOUR,
    NEGLIGIBLE,
    AmountOutlook,
    AmountPlan,
    AmountWish,
    Direction,
    Frame,
    Metering,
    PowerSlot,
    Source,
    Status,
    before,
    lowest_confidence,
    moment_in,
    within,
)
from .planner import (
    Question,
    Sensor,
    believable,
    closed,
    demanded,
    deviates,
    measured,
    metered,
    missing,
    planned,
    refitted_amount,
    survived,
)
from .schedule import ScheduleCoordinator
from .stored import StoredAmount

# A value that the device cannot have come to counts once it has lasted as long as this.
SETTLING = timedelta(seconds=60)
# From this share of all that a period can hold on, it is full.
_FULL = 0.98
# Once may be bad luck with late prices; twice is a wish that does not fit.
_PERIODS = 2
# Before a period only the last look has to be exact; looks are a quarter of an hour apart.
_NEAR = timedelta(minutes=20)
# What counts as something left out of a plan, in kWh and as a share of the energy wanted.
_LEFT_OUT = 0.1
_LEFT_OUT_SHARE = 0.01


class Asker(Protocol):
    """Who asks for all schedules of a site."""

    def is_relative(self, direction: Direction) -> bool:
        """Whether a price cap counts the prices of the time that is asked about."""

    async def async_ask_changed(self) -> None:
        """Ask because a wish has changed."""

    async def async_ask_by_hand(self) -> None:
        """Ask because somebody said so."""


class AmountCoordinator(ScheduleCoordinator[AmountOutlook]):
    """Holds the outlook of one schedule by amount; the site asks for all of them at once."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        subentry: ConfigSubentry,
        location: LocationCoordinator,
        asker: Asker,
    ) -> None:
        """Take up what is stored, or begin with no plan."""
        super().__init__(hass, entry, subentry, location)
        self._asker = asker
        self.form: AmountForm = amount_form(subentry.data)
        self.metering = Metering()
        self.device_id = self.form.device_id
        self.unplaced: float | None = None
        self.missed = 0.0
        # the last period was used up at full power
        self.crammed = False
        self.misses = 0
        self._lacking = self._shown_power = 0.0
        # what the answer for the period after this one left out, and all of what is wanted
        self._following_left_out: tuple[float, float] | None = None
        # looks in a row that did not find more, though prices were certain
        self.fruitless = 0
        # its wish has changed, so nothing of the plan has to be kept
        self.fresh = False
        self._changed_at: datetime | None = None
        # something is to be asked at once: the wish of the form, or a window that was missed
        self.due = False
        self.data = self._restored(dt_util.utcnow())
        self.note_use()

    def _restored(self, now: datetime) -> AmountOutlook:
        """Return the stored outlook, brought up to now."""
        zone, wish = self.location.zone, self.form.wish
        stored = self.location.store.amounts.get(self.subentry.subentry_id)
        if stored is None:
            self.due = self.fresh = True
            return AmountOutlook(wish, AmountPlan(wish.frame.period(now, zone)))
        self.metering = stored.metering if stored.form.sensor == self.form.sensor else Metering()
        if stored.form.device_id == self.form.device_id:
            self.device_id = stored.device_id
        self.unplaced, self._lacking = stored.unplaced, stored.lacking
        self.missed, self.misses = stored.missed, stored.misses
        outlook = AmountOutlook(
            stored.wish, stored.plan, stored.following, shortfall=stored.shortfall
        )
        if seen := self.location.store.site.seen:
            plan = replace(stored.plan, windows=survived(stored.plan.windows, seen, now))
            self.due = plan != stored.plan
            outlook = replace(outlook, plan=plan)
            if follow := stored.following:
                left = survived(follow.windows, seen, now)
                outlook = replace(outlook, following=replace(follow, windows=left))
        changed = with_changes(stored.wish, stored.form.wish, wish)
        if changed != stored.wish:
            self.due = self.fresh = True
            return self._refit(outlook, changed, now)
        rolled = self._rolled(outlook, now)
        # a period that is neither of the stored ones: the location's clock has changed
        periods = {stored.plan.period, stored.following and stored.following.period}
        self.due |= outlook.answered and rolled.plan.period not in periods
        return rolled

    # Wishes

    async def async_wish(self, wish: AmountWish) -> None:
        """Change what is wanted: at once, on the running window too."""
        if wish == self.data.wish:
            return
        now = dt_util.utcnow()
        LOGGER.debug("%s: changed by hand to %s", self.name, wish)
        self.roll(now)
        self.fresh = self.due = True
        self._changed_at = now
        self.unplaced = None
        self.misses = 0
        self.show(self._refit(self.data, wish, now))
        self.note_use()
        await self._asker.async_ask_changed()

    async def async_take(self, form: AmountForm) -> None:
        """Take what a form just sent; whether it is enabled stays."""
        if form.device_id != self.form.device_id:
            self.device_id = form.device_id
        if form.sensor != self.form.sensor:
            self.metering = Metering()
        self.form = form
        await self.async_wish(replace(form.wish, enabled=self.data.wish.enabled))

    @override
    async def async_enable(self, *, enabled: bool) -> None:
        """Plan, or do not."""
        await self.async_wish(replace(self.data.wish, enabled=enabled))

    @override
    async def async_use_hours(self, frame: Frame) -> None:
        """Use other hours from now on."""
        await self.async_wish(replace(self.data.wish, frame=frame))

    @override
    async def _async_update_data(self) -> AmountOutlook:
        """Return what is known: the site pushes what is new."""
        return self.data

    @override
    async def async_request_refresh(self) -> None:
        """Ask because somebody said so."""
        await self._asker.async_ask_by_hand()

    def _refit(self, outlook: AmountOutlook, wish: AmountWish, now: datetime) -> AmountOutlook:
        """Return what is left of an outlook under another wish."""
        period = wish.frame.period(now, self.location.zone)
        plan = refitted_amount(outlook.plan, outlook.wish, wish, period, now)
        return AmountOutlook(wish, plan, next_update=outlook.next_update if wish.enabled else None)

    # Time

    def roll(self, now: datetime) -> None:
        """Go on to the period of now, when one is over."""
        rolled = self._rolled(self.data, now)
        if rolled.plan.period == self.data.plan.period:
            return
        self.show(rolled)

    def _rolled(self, outlook: AmountOutlook, now: datetime) -> AmountOutlook:
        period = outlook.wish.frame.period(now, self.location.zone)
        if period == outlook.plan.period:
            return outlook
        if period.start >= outlook.plan.period.end:
            self._close_period(outlook)
        following, left_out = outlook.following, self._following_left_out
        self._following_left_out = None
        if following is None or following.period != period:
            return self._refit(outlook, outlook.wish, now)
        self._lacking, shortfall = left_out or (0.0, 0.0)
        self.unplaced = left_out and shortfall
        return replace(outlook, plan=following, following=None, shortfall=shortfall)

    def _close_period(self, outlook: AmountOutlook) -> None:
        """Count whether every plan of a period that is over had to leave something out."""
        if not outlook.wish.enabled:
            self.misses = 0
        elif self.unplaced is not None:
            self.missed = self.unplaced
            most = outlook.wish.max_power * (outlook.plan.period.length / HOUR)
            self.crammed = outlook.plan.energy > _FULL * most
            self.misses = self.misses + 1 if _is_much(self.unplaced, outlook.wish) else 0
        self.metering = closed(self.metering, outlook.plan)
        self.unplaced, self._lacking, self.fruitless = None, 0.0, 0

    def target(self, now: datetime, ahead: timedelta) -> AmountPlan:
        """Return the plan to ask for: shortly before a period ends, the one of the next."""
        plan, frame = self.data.plan, self.data.wish.frame
        if now < plan.period.end - ahead:
            return plan
        return self.data.following or AmountPlan(frame.period(plan.period.end, self.location.zone))

    # What is missing

    def read_sensor(self, now: datetime) -> bool:
        """Take the sensor's value; return whether to look again when it has settled."""
        entity_id = self.form.sensor
        state = self.hass.states.get(entity_id) if entity_id else None
        if state is None:
            return False
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        value = _value(state.state, None if self.form.battery else unit)
        if value is None or (self.form.battery and not 0 <= value <= 100):
            return False
        wish, at = self.data.wish, min(state.last_reported, now)
        if self.form.battery is None:
            self.metering = metered(self.metering, value, at, wish, self.data.plan)
            return False
        settled = now - state.last_changed >= SETTLING
        if settled or believable(self.metering, value, at, wish, self.form.battery):
            self.metering = Metering(value, at)
            return False
        return True

    def needed(self, now: datetime, plan: AmountPlan) -> float:
        """Return the energy in kWh that is still to be moved in a plan's period."""
        if self.form.sensor is None:
            return missing(self.data.wish, plan, now)
        told = self.metering
        if plan.period != self.data.plan.period:
            told = replace(told, delivered=0.0)
        state = self.hass.states.get(self.form.sensor)
        silent = state is None or _value(state.state, None) is None
        return missing(self.data.wish, plan, now, Sensor(told, self.form.battery, silent))

    def question(self, now: datetime, ahead: timedelta) -> Question | None:
        """Return this schedule's part of a question; None: it is off, or too early to ask."""
        wish, plan = self.data.wish, self.target(now, ahead)
        if not wish.enabled or plan.period.start - now > pace.AMOUNT_HORIZON:
            return None
        needed = self.needed(now, plan)
        running = tuple[PowerSlot, ...]()
        if plan.period != self.data.plan.period:
            running = within(self.data.plan.windows, now, self.data.plan.period.end)
        wanted = needed
        begun = plan.period.start < now and plan.source is not None and not self.fresh
        if begun and self._asker.is_relative(wish.direction):
            # it counted the prices of the whole period; what is left of it has others
            wanted = min(needed, planned(plan, now, plan.period.end))
        demand = demanded(self.device_id or "", wish, plan, wanted, now)
        if demand and wish.fallback:
            at = moment_in(plan.period, wish.fallback, self.location.zone)
            demand = replace(demand, fallback=at)
        return Question(
            wish, plan, demand, needed, self.fresh, running, self._changed_at, self._answerer
        )

    @property
    def _answerer(self) -> Source:
        return Source.PLANNER if self.location.at_home else Source.FLATPEAK

    def present(self, now: datetime) -> Question:
        """Return the plan of this period as something that nobody is asked about."""
        plan, wish = self.data.plan, self.data.wish
        needed = self.needed(now, plan) if wish.enabled else 0.0
        demand = demanded("", wish, plan, needed, now)
        return Question(wish, plan, demand, needed, fresh=True, answerer=self._answerer)

    def deviates(self, now: datetime) -> bool:
        """Tell whether the sensor says something else than the plan expects."""
        if self.form.sensor is None or not self.data.answered:
            return False
        plan, wish = self.data.plan, self.data.wish
        expected = planned(plan, now, plan.period.end) + self._lacking
        demand = demanded("", wish, plan, self.needed(now, plan), now)
        needed = demand.energy if demand else 0.0
        early = self.is_early(now)
        return deviates(needed, expected, wish, self.form.battery, early=early)

    def is_early(self, now: datetime) -> bool:
        """Whether the period is so far off that a rough plan will do."""
        return self.data.plan.period.start - now > _NEAR

    def note_shortfall(self, now: datetime) -> bool:
        """Show what is missing when the sensor says something else than the last answer."""
        if self.form.sensor is None or not self.data.answered:
            return False
        plan = self.data.plan
        lacking = max(self.needed(now, plan) - planned(plan, now, plan.period.end), 0.0)
        if not deviates(lacking, self.data.shortfall, self.data.wish, self.form.battery):
            return False
        self.show(replace(self.data, shortfall=round(lacking, 3)))
        return True

    @property
    def unmet(self) -> bool:
        """Whether wishes were not met lately, and this one is not going to be either."""
        met = self.unplaced is not None and not _is_much(self.unplaced, self.data.wish)
        return self.data.wish.enabled and self.misses >= _PERIODS and not met

    def stop_when_done(self, now: datetime) -> bool:
        """Drop what is planned when the sensor says that nothing more is needed."""
        if not self.deviates(now) or self.needed(now, self.data.plan) > NEGLIGIBLE:
            return False
        plan = self.data.plan
        over = before(plan.windows, now)
        self._lacking, self.unplaced = 0.0, 0.0
        self.show(replace(self.data, plan=replace(plan, windows=over), shortfall=0.0))
        return True

    # What is known

    def work_in(self, question: Question, plan: AmountPlan, now: datetime) -> None:
        """Take a new plan, for this period or the next."""
        self.fresh = self.due = False
        self._changed_at = None
        if self.form.energy_entity and not self.form.soc_entity:
            plan = measured(self.metering, plan)
        placed = planned(plan, now, plan.period.end)
        lacking = max(question.demand.energy - placed, 0.0) if question.demand else 0.0
        shortfall = max(question.needed - placed, 0.0)
        shortfall = round(shortfall, 3) if shortfall > NEGLIGIBLE else 0.0
        if plan.windows != question.plan.windows:
            LOGGER.debug("%s: new plan %s, was %s", self.name, plan.windows, question.plan.windows)
        outlook = replace(self.data, hindrance=None)
        if plan.period == outlook.plan.period:
            certain = (plan.confidence or 1.0) >= 1
            same = not question.fresh and NEGLIGIBLE < self._lacking <= lacking + NEGLIGIBLE
            self.fruitless = self.fruitless + 1 if same and certain else 0
            self._lacking = lacking
            # a device that took nothing is no wish that could not be met
            least = self.unplaced if self.form.sensor else None
            self.unplaced = shortfall if least is None else min(least, shortfall)
            self.show(replace(outlook, plan=plan, shortfall=shortfall))
        elif plan.period.start >= outlook.plan.period.end:
            self._following_left_out = lacking, shortfall
            self.show(replace(outlook, following=plan))

    def keep(self, plan: AmountPlan) -> None:
        """Keep what is left of a plan that nobody answered; the others may need its power."""
        self.hinder(Status.WAITING)
        if plan.period == self.data.plan.period:
            self.show(replace(self.data, plan=plan))

    def hinder(self, hindrance: Status | None) -> None:
        """Note why there is no plan."""
        self.show(replace(self.data, hindrance=hindrance))

    def show(self, outlook: AmountOutlook) -> None:
        """Take an outlook; entities show it when the site says so."""
        self.data = outlook

    def complete(self, now: datetime, early: timedelta) -> bool:
        """Whether there is a plan, nothing is missing, and nothing rests on forecasts."""
        plan, lacking = self.target(now, early), self._lacking
        if plan.period != self.data.plan.period:
            lacking, _ = self._following_left_out or (0.0, 0.0)
        ahead = within(plan.windows, now, plan.period.end)
        certain = (lowest_confidence(ahead) or 1.0) >= 1
        return plan.source is not None and lacking <= 2 * NEGLIGIBLE and certain

    def rise(self, now: datetime) -> float:
        """Return by how much the power asked for rises against what was shown last, in kW."""
        slot = self.data.plan.running(now)
        power = slot.power if slot else 0.0
        rise, self._shown_power = power - self._shown_power, power
        return rise

    def record(self) -> StoredAmount:
        """Return what is to be stored."""
        return StoredAmount(
            self.form,
            self.data.wish,
            self.data.plan,
            self.data.following,
            self.metering,
            self.device_id,
            self.unplaced,
            self.missed,
            self.misses,
            self._lacking,
            self.data.shortfall,
        )


def _is_much(energy: float, wish: AmountWish) -> bool:
    """Tell whether energy that is left out is worth a word."""
    return energy > max(_LEFT_OUT, _LEFT_OUT_SHARE * (wish.energy or 0.0))


def _value(text: str, unit: str | None) -> float | None:
    """Read a state, energy in kWh; None where it is no number that says something."""
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value) or value < 0:
        return None
    if unit in EnergyConverter.VALID_UNITS:
        return EnergyConverter.convert(value, unit, UnitOfEnergy.KILO_WATT_HOUR)
    return value
