"""The shell of the engine: one for each home, with a thin one for each schedule and direction.

What happens in Home Assistant becomes an event; what the engine wants done is carried out.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import (
    CALLBACK_TYPE,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import (
    async_track_point_in_utc_time,
)
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .const import LOGGER
from .engine import (
    KINDS,
    Answered,
    Ask,
    DevicesKnown,
    Effect,
    Event,
    Failed,
    FormChanged,
    HomeState,
    PlanLocally,
    PlannedLocally,
    PricesWanted,
    ReadPrices,
    RefreshRequested,
    Removed,
    RulesChanged,
    Save,
    ScheduleState,
    Show,
    SourceChanged,
    Started,
    StartReauth,
    TargetChanged,
    Told,
    Woke,
    group_of,
    handle,
    issues,
    next_wake,
    possible_issues,
    reading_of,
    restored,
)
from .homes import BaseHome, Errands, SensorWatch, report, schedules_of, sources_of
from .issues import keep_issues
from .model import Direction, Form, KindName, PriceBook, Target
from .model.errors import FlatpeakError
from .storage import FlatpeakStore, read_rules

type FlatpeakConfigEntry = ConfigEntry[FlatpeakCoordinator]

# Set-up waits for the very first prices, in seconds; they are read again if it takes longer.
_PATIENCE = 10
# The contexts of entities that are told by themselves: those that switch devices come first.
SWITCHES, CONNECTION = "switches", "connection"
# After a mistake of ours the home goes on when this is over.
_PAUSE = timedelta(minutes=1)


class FlatpeakCoordinator(DataUpdateCoordinator[HomeState]):
    """Keeps a home, and tells the entities of what has changed."""

    config_entry: FlatpeakConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: FlatpeakConfigEntry,
        location: BaseHome,
        store: FlatpeakStore,
    ) -> None:
        """Take up what is stored."""
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title, always_update=False)
        self.location = location
        self.store = store
        self.schedules: dict[str, ScheduleCoordinator] = {}
        self.prices: dict[Direction, PriceCoordinator] = {}
        self._errands = Errands(hass, entry, location, self.async_handle)
        self._timer: CALLBACK_TYPE | None = None
        self._paused_until: datetime | None = None
        self._sensors = SensorWatch(hass, lambda: self.async_handle(Woke()))
        self._structure_listeners: list[Callable[[], None]] = []
        self.data = HomeState(
            entry.entry_id,
            location.zone,
            dt_util.utcnow(),
            locally=location.plans_locally,
            polling=not entry.pref_disable_polling,
            rules=read_rules(entry.options),
            last_success=location.connection.last_success,
        )
        self.data = restored(
            self.data, schedules_of(entry), sources_of(entry, location), store.home, store.prices
        )
        for key, state in self.data.schedules.items():
            kept = store.home.schedules.get(key)
            if state.device_id is None and (state.form.device_id or (kept and kept.device_id)):
                LOGGER.warning("%s gets a device of its own in Flatpeak", state.name)
        location.uses = self.data.uses
        self._add_coordinators()
        store.follow(lambda: self.data)
        location.listen(self._show_connection, self._note_devices)

    # What the home consists of

    def of_kind(self, kind: KindName) -> dict[str, ScheduleCoordinator]:
        """Return the schedules of a kind, by their subentries."""
        return {key: one for key, one in self.schedules.items() if one.data.kind is kind}

    def _add_coordinators(self) -> None:
        """Have a coordinator for each schedule and direction, and none of what is gone."""
        self.schedules = {
            key: self.schedules.get(key) or ScheduleCoordinator(self, key, state.name, state)
            for key, state in self.data.schedules.items()
        }
        self.prices = {
            way: self.prices.get(way)
            or PriceCoordinator(self, way, f"{self.name} {way}", state.book)
            for way, state in self.data.prices.items()
        }

    @callback
    def async_on_structure(self, listener: Callable[[], None]) -> None:
        """Call when schedules or directions come, go or change, until the entry is unloaded."""
        self._structure_listeners.append(listener)

    # Starting and stopping

    async def async_read_first(self) -> None:
        """Read prices that are at hand, so that nobody begins without them."""
        for way, prices in self.data.prices.items():
            if prices.book.read_at is None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PATIENCE):
                        await self._errands.read_prices(reading_of(self.data, way))

    @callback
    def async_start(self) -> None:
        """Begin to keep time."""
        self._sensors.watch(self.data)
        for unsubscribe in self.location.watch(lambda way: self.async_handle(SourceChanged(way))):
            self.config_entry.async_on_unload(unsubscribe)
        known = {*self.store.home.schedules, *self.data.schedules}
        keep_issues(self.hass, self.config_entry, possible_issues(known), issues(self.data))
        self.async_handle(Started())

    @override
    async def async_shutdown(self) -> None:
        """Stop; what is known stays in the store."""
        await super().async_shutdown()
        self.location.close()
        self._cancel_timer()
        self._sensors.close()
        self.data = replace(self.data, now=dt_util.utcnow())
        await self.store.close()

    @override
    async def _async_update_data(self) -> HomeState:
        """Return what is known: the engine pushes what is new."""
        return self.data

    @override
    async def async_request_refresh(self) -> None:
        """Ask for all because somebody said so."""
        await self.async_refresh_by_hand(*self.data.schedules)

    # What happens

    async def async_change(self, key: str, target: Target) -> None:
        """Want something else of a schedule: it takes effect at once."""
        if target != self.data.schedules[key].target:
            LOGGER.debug("%s: changed by hand to %s", self.data.schedules[key].name, target)
            await self._async_change(TargetChanged(key, target), key)

    async def async_take_form(self, key: str, form: Form) -> None:
        """Let a form's values win over the entities', even those it did not change."""
        state = self.data.schedules[key]
        target = replace(form.target, enabled=state.target.enabled)
        await self._async_change(FormChanged(key, state.name, form, target), key)

    async def async_refresh_by_hand(self, *keys: str | Direction) -> None:
        """Ask because somebody said so, and wait for what comes of it."""
        for key in keys:
            self.async_handle(RefreshRequested(key))
        await self._until_answered(*keys)

    async def async_sync(self) -> None:
        """Take over what has changed in the config entry, while all else goes on."""
        known = self.data.schedules
        for key in known.keys() - self.config_entry.subentries.keys():
            self.async_handle(Removed(key))
        for one in schedules_of(self.config_entry):
            state = known.get(one.key)
            if state is None:
                self.async_handle(one)
            elif state.form != one.form or state.name != one.name:
                target = KINDS[one.kind].kept(state.target, state.form.target, one.form.target)
                self.async_handle(FormChanged(one.key, one.name, one.form, target))
        self.async_handle(PricesWanted(sources_of(self.config_entry, self.location)))
        rules = read_rules(self.config_entry.options)
        if rules != self.data.rules:
            self.async_handle(RulesChanged(rules))
        self._add_coordinators()
        self.name = self.config_entry.title
        self._sensors.watch(self.data)
        for listener in self._structure_listeners:
            listener()
        self.async_handle(Woke())

    async def _async_change(self, event: Event, key: str) -> None:
        self.async_handle(event)
        await asyncio.sleep(0)  # an action may change several at once: one question for all
        self.async_handle(Woke())
        await self._until_answered(key)

    async def _until_answered(self, *keys: str | Direction) -> None:
        """Wait until nothing is asked any more for some schedules and prices."""
        await self._errands.until_done(
            {
                key if isinstance(key, Direction) else group_of(self.data, self.data.schedules[key])
                for key in keys
                if key in self.data.schedules or isinstance(key, Direction)
            }
        )

    @callback
    def _note_devices(self, devices: Mapping[str, str | None]) -> None:
        for key, device_id in devices.items():
            if device_id is None and key in self.data.schedules:
                LOGGER.warning(
                    "The device of %s was deleted in Flatpeak, a new one takes its place",
                    self.data.schedules[key].name,
                )
        self.async_handle(DevicesKnown(devices))

    @callback
    def async_handle(self, event: Event) -> None:
        """Let the engine work an event in, and do what it says."""
        if self._shutdown_requested:
            return
        if readings := self._sensors.news(self.data):
            self._handle(Told(readings))
        self._handle(event)
        self._arm()

    def _handle(self, event: Event) -> None:
        before, now = self.data, dt_util.utcnow()
        try:
            self.data, effects = handle(before, event, now)
        except Exception:
            # a mistake of ours: it is logged, and the home goes on with what it knew
            LOGGER.exception("Unexpected error in %s", self.name)
            self._paused_until = now + _PAUSE
            if isinstance(event, Answered | PlannedLocally):
                self._handle(Failed(event.question, FlatpeakError()))
            return
        report(self.name, before, self.data)
        keep_issues(self.hass, self.config_entry, issues(before), issues(self.data))
        if self.data.uses != self.location.uses:
            self.location.uses = self.data.uses
            self.location.delete_stale_issues()
        for effect in effects:
            self._carry_out(effect)

    # What is to be done

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Show():
                self._show(effect)
            case Save(prices=True):
                self.store.save_prices()
            case Save():
                self.store.save_soon(urgent=effect.urgent)
            case Ask() | PlanLocally() | ReadPrices():
                self._errands.run(effect)
            case StartReauth():
                self.config_entry.async_start_reauth(self.hass)

    def _show(self, effect: Show) -> None:
        """Tell entities: first all that switch, so that many schedules switch at once."""
        parts: list[ScheduleCoordinator | PriceCoordinator] = []
        for key in effect.schedules:
            if key in self.schedules:
                state = self.data.schedules[key]
                self.schedules[key].take(state, state.error)
                parts.append(self.schedules[key])
        for way in effect.prices:
            if way in self.prices:
                prices = self.data.prices[way]
                self.prices[way].take(prices.book, prices.error)
                parts.append(self.prices[way])
        for part in parts:
            part.show()
        if any(self.data.schedules[key].kind is KindName.AMOUNT for key in effect.schedules):
            _tell(self, {None})  # the sums of all of them

    def _show_connection(self) -> None:
        _tell(self, {CONNECTION})

    # Time and sensors

    def _arm(self) -> None:
        """Wake at the next moment at which something is to be done."""
        self._cancel_timer()
        if self._shutdown_requested or (at := next_wake(self.data)) is None:
            return
        if self._paused_until:
            at = max(at, self._paused_until)
        self._timer = async_track_point_in_utc_time(
            self.hass, HassJob(self._wake, cancel_on_shutdown=True), at
        )

    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer()
            self._timer = None

    @callback
    def _wake(self, _now: object) -> None:
        self._timer = self._paused_until = None
        self.async_handle(Woke())


class PartCoordinator[K: str, D](DataUpdateCoordinator[D]):
    """What entities need of one part of a home: its own state, and nothing of the others'."""

    config_entry: FlatpeakConfigEntry

    def __init__(self, home: FlatpeakCoordinator, key: K, name: str, data: D) -> None:
        """Show what is known."""
        super().__init__(
            home.hass, LOGGER, config_entry=home.config_entry, name=name, always_update=False
        )
        self.home = home
        self.key = key
        self.data = data

    @property
    def location(self) -> BaseHome:
        """Who answers for it."""
        return self.home.location

    @callback
    def take(self, data: D, error: FlatpeakError | None) -> None:
        """Take what has changed, and tell those who switch devices."""
        self.data = data
        self.last_update_success, self.last_exception = error is None, error
        _tell(self, {SWITCHES})

    @callback
    def show(self) -> None:
        """Tell all others."""
        _tell(self, {None})

    @override
    async def async_request_refresh(self) -> None:
        """Ask because somebody said so."""
        await self.home.async_refresh_by_hand(self.key)

    @override
    async def _async_update_data(self) -> D:
        """Return what is known: the home pushes what is new."""
        return self.data


class ScheduleCoordinator(PartCoordinator[str, ScheduleState]):
    """One schedule, by the id of its subentry."""

    async def async_change(self, target: Target) -> None:
        """Want something else from now on."""
        await self.home.async_change(self.key, target)


class PriceCoordinator(PartCoordinator[Direction, PriceBook]):
    """The prices of one direction."""


def _tell[D](coordinator: DataUpdateCoordinator[D], contexts: Collection[str | None]) -> None:
    """Tell the entities that have one of these contexts."""
    for listener, context in list(coordinator._listeners.values()):  # noqa: SLF001  it has no other way
        if context in contexts:
            listener()
