"""One location: its client, its facts, and how the connection is doing."""

from collections.abc import Collection, Coroutine, Iterable
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, Self, override

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .api import (
    FlatpeakAccountDisabledError,
    FlatpeakAuthError,
    FlatpeakClient,
    FlatpeakConnectionError,
    FlatpeakError,
    FlatpeakNoTariffError,
    FlatpeakRateLimitError,
    FlatpeakResponseError,
)
from .const import (
    CONF_ACCOUNT_ID,
    CONF_API_KEY,
    CONF_API_URL,
    CONF_LOCATION_ID,
    DASHBOARD_URL,
    DEFAULT_API_URL,
    DOMAIN,
    LOGGER,
)
from .model import (
    AmountRequest,
    AmountSchedule,
    Connection,
    Direction,
    DurationRequest,
    DurationSchedule,
    Location,
    PowerSlot,
    Slot,
)
from .store import FlatpeakStore

_TEST_KEY = "sk_test_"
_ACCOUNT_DISABLED = "account_disabled"


class LocationCoordinator(DataUpdateCoordinator[Connection]):
    """Asks for the schedules of one location, and remembers what the answers teach.

    It never polls: the schedules decide when to ask.
    """

    config_entry: ConfigEntry

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, store: FlatpeakStore) -> None:
        """Prepare the client with what earlier answers taught."""
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title, always_update=False)
        self.store = store
        self.data = store.connection
        self.client = FlatpeakClient(
            async_get_clientsession(hass),
            account_id=entry.data[CONF_ACCOUNT_ID],
            api_key=entry.data[CONF_API_KEY],
            api_url=entry.data.get(CONF_API_URL, DEFAULT_API_URL),
            dialects=store.dialects,
        )
        location_id = entry.data[CONF_LOCATION_ID]
        self.facts = replace(store.location or Location(location_id), id=location_id)
        self.zone: tzinfo = dt_util.get_default_time_zone()
        # the directions that enabled schedules use, by subentry id
        self.uses: dict[str, Direction] = {}
        # the devices in Flatpeak that stand for those of an action, by number
        self.action_devices: dict[str, str] = {}
        self._hold_until: datetime | None = None

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
        await self._load_zone()

    @override
    async def _async_update_data(self) -> Connection:
        """Return what is known: asked for by hand, a connection has nothing new to say."""
        return self.data

    @property
    def location(self) -> Self:
        """Itself, as entities find it on every coordinator."""
        return self

    @property
    def live(self) -> bool:
        """Whether this is a real account, or one in test mode."""
        if self.facts.live is not None:
            return self.facts.live
        return not self.config_entry.data[CONF_API_KEY].startswith(_TEST_KEY)

    @property
    def currency(self) -> str:
        """The currency of the prices, ISO 4217."""
        return self.facts.currency or self.hass.config.currency

    @property
    def price_unit(self) -> str:
        """The unit of the prices."""
        return f"{self.currency}/{UnitOfEnergy.KILO_WATT_HOUR}"

    def window_as_json(self, window: Slot) -> dict[str, Any]:
        """Write a window for people: by the location's clock, power in kW, no noise of averages."""
        power = {"power": rounded(window.power)} if isinstance(window, PowerSlot) else {}
        return {
            "start": window.start.astimezone(self.zone).isoformat(),
            "end": window.end.astimezone(self.zone).isoformat(),
            **power,
            "rate": rounded(window.rate),
            "confidence": window.confidence,
        }

    async def ask(self, request: DurationRequest) -> DurationSchedule:
        """Ask for a schedule by duration. Raises FlatpeakError."""
        question = self.client.schedule_by_duration(self.facts.id, request)
        answer = await self._answered(question, {request.direction})
        await self._learn_facts(answer)
        return answer

    async def ask_amount(self, request: AmountRequest) -> AmountSchedule:
        """Ask for a schedule by amount. Raises FlatpeakError."""
        question = self.client.schedule_by_amount(self.facts.id, request)
        directions = {demand.direction for demand in request.demands}
        answer = await self._answered(question, directions)
        await self._learn_facts(answer)
        return answer

    async def find_or_create_device(self, reference: str) -> str:
        """Return the id of the device with a reference of ours. Raises FlatpeakError."""
        question = self.client.find_or_create_device(reference, self.facts.id)
        return (await self._answered(question)).id

    async def device_ids(self) -> frozenset[str]:
        """Return the ids of all devices of the account. Raises FlatpeakError."""
        return frozenset(device.id for device in await self._answered(self.client.devices()))

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
            if not self._shutdown_requested:
                self._learn_from_error(err, directions)
            raise
        if not self._shutdown_requested:
            self.delete_issues(_ACCOUNT_DISABLED, *map(_no_tariff, directions))
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
            self._create_issue(_ACCOUNT_DISABLED)
        elif answered:
            self.delete_issues(_ACCOUNT_DISABLED)
        # of several directions it is not known which one lacks its tariff: each is asked alone
        if isinstance(error, FlatpeakNoTariffError) and len(directions) == 1:
            for direction in directions:
                if direction in self.uses.values():
                    self._create_issue(_no_tariff(direction))

    def _hold(self, error: FlatpeakRateLimitError) -> None:
        """Let nobody ask before the time that Flatpeak named."""
        if error.retry_after:
            self._hold_until = dt_util.utcnow() + timedelta(seconds=error.retry_after)

    async def _learn_facts(self, answer: DurationSchedule | AmountSchedule) -> None:
        """Take over what an answer says of the location."""
        if self._shutdown_requested:
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

    async def _load_zone(self) -> None:
        if self.facts.time_zone is None:
            return
        try:
            zone = await dt_util.async_get_time_zone(self.facts.time_zone)
        except ValueError, OSError:  # a name that looks like a path
            zone = None
        if zone is None:
            LOGGER.debug("Time zone %s is not known here", self.facts.time_zone)
        else:
            self.zone = zone

    def _note(self, *, connected: bool, success: datetime | None = None) -> None:
        connection = Connection(connected, success or self.data.last_success)
        if connection != self.data:
            self.store.connection = connection
            self.async_set_updated_data(connection)

    def _create_issue(self, issue: str) -> None:
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            f"{issue}_{self.config_entry.entry_id}",
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=issue,
            translation_placeholders={"location": self.config_entry.title},
            learn_more_url=DASHBOARD_URL,
        )

    def delete_issues(self, *issues: str) -> None:
        """Take back repairs whose cause is gone."""
        delete_issues(self.hass, self.config_entry.entry_id, issues)

    def delete_stale_issues(self) -> None:
        """Take back the repairs that no schedule stands for any more."""
        used = self.uses.values()
        stale = [_no_tariff(direction) for direction in Direction if direction not in used]
        if not self.uses:
            stale.append(_ACCOUNT_DISABLED)
        self.delete_issues(*stale)


def rounded(rate: float | None) -> float | None:
    """Round off what only comes from averaging; prices have five decimals."""
    return None if rate is None else round(rate, 9)


def _no_tariff(direction: Direction) -> str:
    return f"no_tariff_{direction}"


ISSUES = (_ACCOUNT_DISABLED, *(_no_tariff(direction) for direction in Direction))


def delete_issues(hass: HomeAssistant, entry_id: str, issues: Iterable[str] = ISSUES) -> None:
    """Take back repairs of a config entry, all of them if none is named."""
    for issue in issues:
        ir.async_delete_issue(hass, DOMAIN, f"{issue}_{entry_id}")
