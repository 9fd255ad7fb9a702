"""One location: its client, its facts, and how the connection is doing."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
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
from .model import Connection, Direction, DurationRequest, DurationSchedule, Location
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
            dialect=store.dialect,
        )
        self.facts = store.location or Location(entry.data[CONF_LOCATION_ID])
        self.zone: tzinfo = dt_util.get_default_time_zone()
        self._hold_until: datetime | None = None

    async def prepare(self) -> None:
        """Learn the location's facts, from the store or, the first time, from Flatpeak.

        Raises FlatpeakError when they are not stored and cannot be had.
        """
        if self.store.location is None:
            found = await self.client.locations()
            self.facts = next((one for one in found if one.id == self.facts.id), self.facts)
            self.store.location = self.facts
            self._note(connected=True)
        await self._load_zone()

    @property
    def live(self) -> bool:
        """Whether this is a real account, or one in test mode."""
        if self.facts.live is not None:
            return self.facts.live
        return not self.config_entry.data[CONF_API_KEY].startswith(_TEST_KEY)

    async def ask(self, request: DurationRequest) -> DurationSchedule:
        """Ask for a schedule by duration. Raises FlatpeakError.

        After a 429 nobody asks before the time is over, whoever it was that was told.
        """
        now = dt_util.utcnow()
        if self._hold_until and now < self._hold_until:
            held = FlatpeakRateLimitError("waiting, as Flatpeak asked")
            held.retry_after = (self._hold_until - now).total_seconds()
            raise held
        try:
            answer = await self.client.schedule_by_duration(self.facts.id, request)
        except FlatpeakError as err:
            self._learn_from_error(err, request.direction)
            raise
        self._delete_issue(_ACCOUNT_DISABLED)
        self._delete_issue(_no_tariff(request.direction))
        self._note(connected=True, success=dt_util.utcnow())
        self._end_reauth()
        await self._learn_facts(answer)
        return answer

    def _end_reauth(self) -> None:
        """Take back the question for credentials: the ones we have are good again."""
        for flow in self.config_entry.async_get_active_flows(self.hass, {SOURCE_REAUTH}):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])

    def _learn_from_error(self, error: FlatpeakError, direction: Direction) -> None:
        """Keep the connection, the repairs and the rate limit true."""
        if isinstance(error, FlatpeakRateLimitError) and error.retry_after:
            wait = timedelta(seconds=min(error.retry_after, 86400))
            self._hold_until = dt_util.utcnow() + wait
        answered = not isinstance(
            error, (FlatpeakAuthError, FlatpeakConnectionError, FlatpeakResponseError)
        )
        self._note(connected=answered)
        if isinstance(error, FlatpeakAccountDisabledError):
            self._create_issue(_ACCOUNT_DISABLED, _ACCOUNT_DISABLED)
        elif answered:
            self._delete_issue(_ACCOUNT_DISABLED)
        if isinstance(error, FlatpeakNoTariffError):
            self._create_issue(_no_tariff(direction), _no_tariff(direction))

    async def _learn_facts(self, answer: DurationSchedule) -> None:
        """Take over what an answer says of the location."""
        facts = replace(
            self.facts,
            currency=answer.currency or self.facts.currency,
            time_zone=answer.time_zone or self.facts.time_zone,
            live=self.facts.live if answer.live is None else answer.live,
        )
        if facts == self.facts and self.client.dialect == self.store.dialect:
            return
        moved = facts.time_zone != self.facts.time_zone
        self.facts = self.store.location = facts
        self.store.dialect = self.client.dialect
        await self.store.save()
        if moved:
            # Every period is reckoned by the location's clock, so all begin anew.
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)

    async def _load_zone(self) -> None:
        if self.facts.time_zone is None:
            return
        zone = await dt_util.async_get_time_zone(self.facts.time_zone)
        if zone is None:
            LOGGER.debug("Time zone %s is not known here", self.facts.time_zone)
        else:
            self.zone = zone

    def _note(self, *, connected: bool, success: datetime | None = None) -> None:
        connection = Connection(connected, success or self.data.last_success)
        if connection != self.data:
            self.store.connection = connection
            self.async_set_updated_data(connection)

    def _create_issue(self, kind: str, key: str) -> None:
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            self._issue_id(kind),
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=key,
            translation_placeholders={"location": self.config_entry.title},
            learn_more_url=DASHBOARD_URL,
        )

    def _delete_issue(self, kind: str) -> None:
        ir.async_delete_issue(self.hass, DOMAIN, self._issue_id(kind))

    def delete_issues(self, but: Collection[Direction] = ()) -> None:
        """Take back the repairs of directions that no schedule uses any more."""
        for direction in Direction:
            if direction not in but:
                self._delete_issue(_no_tariff(direction))
        if not but:
            self._delete_issue(_ACCOUNT_DISABLED)

    def _issue_id(self, kind: str) -> str:
        return f"{kind}_{self.config_entry.entry_id}"


def _no_tariff(direction: Direction) -> str:
    return f"no_tariff_{direction}"
