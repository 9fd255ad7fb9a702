"""A home without an account: prices that are already in Home Assistant, planned on at home."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import hashlib
import json
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util

from ..const import CONF_ADDITIONS, CONF_EXPORT_ADDITIONS, CONF_EXPORT_SOURCE, CONF_SOURCE
from ..engine import Answer, Question
from ..model import (
    WHOLE_DAY,
    AmountRequest,
    AmountSchedule,
    Connection,
    Device,
    Direction,
    PriceRequest,
    PriceSeries,
    Slot,
    Span,
)
from ..model.errors import FlatpeakNoTariffError, NoPricesError, SourceError
from ..planner import amounts_planned_locally
from ..prices import SOURCES, Additions, PriceSource, PriceSourceError, added, additions_of
from ..storage import FlatpeakStore
from .base import BaseHome, PriceReading

# Another integration is asked, which keeps what it knows: looking often costs little.
_LOOK = timedelta(hours=1)


class LocalHome(BaseHome):
    """Reads prices from another integration, and answers from them."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, store: FlatpeakStore) -> None:
        """Find out where prices come from."""
        super().__init__(hass, entry, store)
        self._sources: dict[Direction, Mapping[str, Any]] = {
            Direction.IMPORT: entry.data[CONF_SOURCE]
        }
        if export := entry.data.get(CONF_EXPORT_SOURCE):
            self._sources[Direction.EXPORT] = export
        options = entry.options
        self._additions = {
            Direction.IMPORT: additions_of(options.get(CONF_ADDITIONS, {})),
            Direction.EXPORT: additions_of(options.get(CONF_EXPORT_ADDITIONS, {})),
        }
        added_up = (options.get(CONF_ADDITIONS), options.get(CONF_EXPORT_ADDITIONS))
        text = json.dumps([*self._sources.items(), *added_up], sort_keys=True, default=str)
        self._fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]
        # the directions whose prices cannot be read
        self._failing: set[Direction] = set()

    @override
    async def prepare(self) -> None:
        """Go by the clock and the money of Home Assistant; a source may know the money better."""

    @property
    @override
    def live(self) -> bool:
        """This home is real."""
        return True

    @property
    @override
    def plans_locally(self) -> bool:
        """There is nobody else to ask."""
        return True

    @override
    def directions(self, wanted: Collection[Direction]) -> Collection[Direction]:
        """Return the ones that there are prices for."""
        return tuple(self._sources)

    # Prices

    @override
    def watch(self, changed: Callable[[Direction], None]) -> Iterable[Callable[[], None]]:
        """Read prices again whenever their source has something new to say."""
        for direction, data in self._sources.items():
            source = _source(data)
            if source and (watched := source.watched(data)):
                names = source.read_attributes(data)
                yield async_track_state_change_event(
                    self.hass, watched, self._on_change(direction, names, changed)
                )

    def _on_change(
        self,
        direction: Direction,
        names: Collection[str] | None,
        changed: Callable[[Direction], None],
    ) -> Callable[[Event[EventStateChangedData]], None]:
        @callback
        def on_change(event: Event[EventStateChangedData]) -> None:
            if not _says_the_same(event.data["old_state"], event.data["new_state"], names):
                changed(direction)

        return on_change

    @property
    @override
    def prices_from(self) -> str:
        """The sources and what is added to them."""
        return self._fingerprint

    @override
    async def read_prices(self, request: PriceRequest) -> PriceReading:
        """Read the source. Raises SourceError."""
        data = self._sources.get(request.direction)
        if data is None:
            raise FlatpeakNoTariffError("there is no price for selling")
        if (source := _source(data)) is None:
            raise SourceError("source_gone")
        try:
            reading = await source.read(self.hass, data, self._published(request.span))
        except PriceSourceError as err:
            raise SourceError(err.key) from err
        now = dt_util.utcnow()
        if all(slot.end <= now for slot in reading.slots):
            raise SourceError("source_not_ready")  # it shows what it once knew
        if request.direction is Direction.IMPORT:
            self.facts = self.store.location = replace(self.facts, currency=reading.currency)
        additions = self._additions.get(request.direction, Additions())
        series = PriceSeries(added(reading.slots, additions, self.zone), request.direction)
        self._failing.discard(request.direction)
        self._note(success=now)
        return PriceReading(series, source.refresh or _LOOK)

    def _published(self, span: Span) -> Span:
        """Return the part of a span that may have prices: markets know tomorrow at most."""
        tomorrow = WHOLE_DAY.period(WHOLE_DAY.period(dt_util.utcnow(), self.zone).end, self.zone)
        return span.clip(span.start, tomorrow.end) or span

    @override
    def prices_failed(self, direction: Direction) -> None:
        """Plans go on as far as prices are known; after a day the owner is told."""
        self._failing.add(direction)
        self._note()

    def _note(self, success: datetime | None = None) -> None:
        success = success or self.connection.last_success
        self._changed(Connection(not self._failing, success))

    # Answers

    @override
    async def answer(self, question: Question) -> Answer:
        """Nobody is asked: the engine plans."""
        raise NotImplementedError

    @override
    async def ask_amount(
        self, request: AmountRequest, prices: Mapping[Direction, tuple[Slot, ...]]
    ) -> AmountSchedule:
        """Plan on what is known, and keep time at the end for what is not."""
        directions = {demand.direction for demand in request.demands}
        if not directions <= prices.keys():
            raise FlatpeakNoTariffError("there is no price for selling")
        if not all(prices[direction] for direction in directions):
            raise NoPricesError("prices have not been read yet")
        devices = await self.hass.async_add_executor_job(amounts_planned_locally, request, prices)
        return AmountSchedule(devices, currency=self.currency)

    @override
    async def find_or_create_device(self, reference: str) -> str:
        """Return the reference: there is nobody who would have another name for it."""
        return reference

    @override
    async def devices(self) -> tuple[Device, ...]:
        """There are none: nobody else has to know them."""
        return ()

    @override
    def delete_stale_issues(self) -> None:
        """Keep all: whether prices can be read does not depend on schedules."""


def _source(data: Mapping[str, Any]) -> PriceSource | None:
    return SOURCES.get(data.get("source", ""))


def _says_the_same(old: State | None, new: State | None, names: Collection[str] | None) -> bool:
    """Tell whether a price sensor only says that it is there: what it lists has not changed.

    Some speak every few seconds. Home Assistant keeps the very attributes where they are equal.
    """
    if old is None or new is None or STATE_UNAVAILABLE in {old.state, new.state}:
        return False
    was, now = old.attributes, new.attributes
    if was is now or names is None:
        return was is now
    return all(was.get(name) == now.get(name) for name in names)
