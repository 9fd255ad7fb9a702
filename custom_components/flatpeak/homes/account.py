"""A location at Flatpeak: its client, and how the connection is doing."""

from collections.abc import Collection, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, override

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from ..api import (
    FlatpeakAccountDisabledError,
    FlatpeakAuthError,
    FlatpeakClient,
    FlatpeakConnectionError,
    FlatpeakError,
    FlatpeakNoTariffError,
    FlatpeakNotFoundError,
    FlatpeakRateLimitError,
    FlatpeakResponseError,
)
from ..const import (
    CONF_ACCOUNT_ID,
    CONF_API_KEY,
    CONF_API_URL,
    DASHBOARD_URL,
    DEFAULT_API_URL,
    DOMAIN,
)
from ..engine import Answer, DurationQuestion, EnergyQuestion, PriceLimitQuestion, Question
from ..model import (
    AmountRequest,
    AmountSchedule,
    Connection,
    Device,
    Direction,
    DurationRequest,
    DurationSchedule,
    PriceLimitRequest,
    PriceRequest,
    PriceSeries,
    Slot,
)
from ..model.errors import NoPriceFeedError
from ..storage import FlatpeakStore
from .asking import ask_duration, ask_limit
from .base import ACCOUNT_DISABLED, BaseHome, PriceReading, no_tariff
from .energy import EnergyAsker

_TEST_KEY = "sk_test_"


class AccountHome(BaseHome):
    """Asks Flatpeak for one location, and remembers what the answers teach."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, store: FlatpeakStore) -> None:
        """Prepare the client with what earlier answers taught."""
        super().__init__(hass, entry, store)
        self.client = FlatpeakClient(
            async_get_clientsession(hass),
            account_id=entry.data[CONF_ACCOUNT_ID],
            api_key=entry.data[CONF_API_KEY],
            api_url=entry.data.get(CONF_API_URL, DEFAULT_API_URL),
            dialects=store.dialects,
        )
        self._hold_until: datetime | None = None
        self._energy = EnergyAsker(self)

    @override
    async def prepare(self) -> None:
        """Learn the location's facts, from the store or, the first time, from Flatpeak.

        Raises FlatpeakError when they are not stored and cannot be had.
        """
        if self.store.location is None:
            try:
                found = await self.client.locations()
            except FlatpeakRateLimitError as err:
                self._hold(err)  # the first schedule's answer will tell them as well
            else:
                self.facts = next((one for one in found if one.id == self.facts.id), self.facts)
                self.store.location = self.facts
                self._note(connected=True)
                await self.store.save()
        self.zone = await self._zone_named(self.facts.time_zone) or self.zone

    @property
    @override
    def live(self) -> bool:
        """Whether this is a real account, or one in test mode."""
        if self.facts.live is not None:
            return self.facts.live
        return not self.config_entry.data[CONF_API_KEY].startswith(_TEST_KEY)

    @property
    @override
    def plans_locally(self) -> bool:
        """Flatpeak is asked."""
        return False

    @override
    async def answer(self, question: Question) -> Answer:
        """Ask what a question says. Raises FlatpeakError."""
        match question:
            case DurationQuestion():
                return await ask_duration(self, question)
            case PriceLimitQuestion():
                return await ask_limit(self, question)
            case EnergyQuestion():
                return await self._energy.ask(question)
        raise NotImplementedError(type(question))

    @override
    async def ask(self, request: DurationRequest) -> DurationSchedule:
        """Ask for a schedule by duration. Raises FlatpeakError."""
        question = self.client.schedule_by_duration(self.facts.id, request)
        return await self._told(question, {request.direction})

    async def ask_limit(self, request: PriceLimitRequest) -> DurationSchedule:
        """Ask for a schedule by price limit. Raises FlatpeakError."""
        question = self.client.schedule_by_limit(self.facts.id, request)
        return await self._told(question, {request.direction})

    @override
    async def ask_amount(
        self, request: AmountRequest, prices: Mapping[Direction, tuple[Slot, ...]] | None = None
    ) -> AmountSchedule:
        """Ask for a schedule by amount. Raises FlatpeakError."""
        question = self.client.schedule_by_amount(self.facts.id, request)
        return await self._told(question, {demand.direction for demand in request.demands})

    @property
    @override
    def prices_from(self) -> str:
        """The tariff of the entry's one location, whose id is not for the diagnostics."""
        return DOMAIN

    @override
    async def read_prices(self, request: PriceRequest) -> PriceReading:
        """Ask for the prices of a span. Raises FlatpeakError."""
        question = self.client.prices(self.facts.id, request)
        try:
            return PriceReading(await self._told(question, {request.direction}))
        except FlatpeakNotFoundError as err:
            raise NoPriceFeedError(str(err)) from err

    @override
    def prices_failed(self, direction: Direction) -> None:
        """Leave it to the schedules to tell."""

    @override
    async def find_or_create_device(self, reference: str) -> str:
        """Return the id of the device with a reference of ours. Raises FlatpeakError."""
        question = self.client.find_or_create_device(reference, self.facts.id)
        return (await self._answered(question)).id

    @override
    async def devices(self) -> tuple[Device, ...]:
        """Return all devices of the account. Raises FlatpeakError."""
        return await self._answered(self.client.devices())

    async def _told[A: DurationSchedule | AmountSchedule | PriceSeries](
        self, question: Coroutine[Any, Any, A], directions: Collection[Direction]
    ) -> A:
        """Ask for what is known of the location, and take over its facts. Raises FlatpeakError."""
        answer = await self._answered(question, directions)
        await self._learn_facts(answer)
        return answer

    async def _answered[A](
        self, question: Coroutine[Any, Any, A], directions: Collection[Direction] = ()
    ) -> A:
        """Ask, and learn how the connection is doing. Raises FlatpeakError.

        After a 429 nobody asks before the time is over, whoever it was that was told.
        """
        now = dt_util.utcnow()
        if self._hold_until and now < self._hold_until:
            question.close()
            held = FlatpeakRateLimitError("waiting, as Flatpeak asked")
            held.retry_after = (self._hold_until - now).total_seconds()
            raise held
        try:
            answer = await question
        except FlatpeakError as err:
            if not self._closed:
                self._learn_from_error(err, directions)
            raise
        if not self._closed:
            self.delete_issues(ACCOUNT_DISABLED, *map(no_tariff, directions))
            self._note(connected=True, success=dt_util.utcnow())
            self._end_reauth()
        return answer

    def _end_reauth(self) -> None:
        """Take back the question for credentials: the ones we have are good again."""
        for flow in self.config_entry.async_get_active_flows(self.hass, {SOURCE_REAUTH}):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])

    def _learn_from_error(self, error: FlatpeakError, directions: Collection[Direction]) -> None:
        """Keep the connection, the repairs and the rate limit true."""
        if isinstance(error, FlatpeakRateLimitError):
            self._hold(error)
        answered = not isinstance(
            error, (FlatpeakAuthError, FlatpeakConnectionError, FlatpeakResponseError)
        )
        self._note(connected=answered)
        if answered and not isinstance(error, FlatpeakRateLimitError):
            self._end_reauth()  # nobody is told such things without good credentials
        if isinstance(error, FlatpeakAccountDisabledError):
            self.create_issue(ACCOUNT_DISABLED, DASHBOARD_URL)
        elif answered:
            self.delete_issues(ACCOUNT_DISABLED)
        # of several directions it is not known which one lacks its tariff: each is asked alone
        if isinstance(error, FlatpeakNoTariffError) and len(directions) == 1:
            for direction in directions:
                if direction in self.uses:
                    self.create_issue(no_tariff(direction), DASHBOARD_URL)

    def _hold(self, error: FlatpeakRateLimitError) -> None:
        """Let nobody ask before the time that Flatpeak named."""
        if error.retry_after:
            self._hold_until = dt_util.utcnow() + timedelta(seconds=error.retry_after)

    async def _learn_facts(self, answer: DurationSchedule | AmountSchedule | PriceSeries) -> None:
        """Take over what an answer says of the location."""
        if self._closed:
            return
        facts = replace(
            self.facts,
            currency=answer.currency or self.facts.currency,
            time_zone=answer.time_zone or self.facts.time_zone,
            live=self.facts.live if answer.live is None else answer.live,
        )
        if facts == self.facts and self.client.dialects == self.store.dialects:
            return
        moved = facts.time_zone != self.facts.time_zone
        self.facts = self.store.location = facts
        self.store.dialects = self.client.dialects
        await self.store.save()
        if moved:
            # Every period is reckoned by the location's clock, so all begin anew.
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)

    def _note(self, *, connected: bool, success: datetime | None = None) -> None:
        self._changed(Connection(connected, success or self.connection.last_success))

    @override
    def delete_stale_issues(self) -> None:
        """Take back the repairs that no schedule stands for any more."""
        stale = [no_tariff(way) for way in Direction if way not in self.uses]
        if not self.uses:
            stale.append(ACCOUNT_DISABLED)
        self.delete_issues(*stale)
