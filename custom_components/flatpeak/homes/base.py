"""Who answers for a home: an account of Flatpeak's, or this home by itself."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import CONF_LOCATION_ID, DOMAIN, LOGGER
from ..engine import Answer, Question
from ..model import (
    AmountRequest,
    AmountSchedule,
    Connection,
    Device,
    Direction,
    DurationRequest,
    DurationSchedule,
    Location,
    PowerSlot,
    PriceRequest,
    PriceSeries,
    Slot,
)
from ..storage import FlatpeakStore

type DevicesListener = Callable[[Mapping[str, str | None]], None]


@dataclass(frozen=True, slots=True)
class PriceReading:
    """Prices that were read, and how often their source is worth looking at, if that is known."""

    series: PriceSeries
    refresh: timedelta | None = None


class BaseHome(ABC):
    """Answers for one home, and knows its facts. What asks raises FlatpeakError.

    It never asks by itself.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, store: FlatpeakStore) -> None:
        """Begin with what is stored."""
        self.hass = hass
        self.config_entry = entry
        self.store = store
        self.connection = store.connection
        location_id = entry.data[CONF_LOCATION_ID]
        self.facts = replace(store.location or Location(location_id), id=location_id)
        self.zone: tzinfo = dt_util.get_default_time_zone()
        # the directions that enabled schedules use
        self.uses: frozenset[Direction] = frozenset()
        # the devices that stand for those of an action, by number
        self.action_devices: dict[str, str] = {}
        self._closed = False
        self._listener: Callable[[], None] | None = None
        self._devices_listener: DevicesListener | None = None

    def listen(self, changed: Callable[[], None], devices: DevicesListener) -> None:
        """Tell of changes of the connection, and of devices that were made or are gone."""
        self._listener, self._devices_listener = changed, devices

    def close(self) -> None:
        """Answer no more; what comes late is not heard."""
        self._closed = True

    @abstractmethod
    async def prepare(self) -> None:
        """Learn the home's facts. Raises FlatpeakError when they cannot be had."""

    @property
    @abstractmethod
    def live(self) -> bool:
        """Whether this is a real home, or one in test mode."""

    @property
    @abstractmethod
    def plans_locally(self) -> bool:
        """Whether all is planned in Home Assistant, since there is nobody else to ask."""

    @property
    @abstractmethod
    def prices_from(self) -> str:
        """What prices come from: others than these are no longer true."""

    def directions(self, wanted: Collection[Direction]) -> Collection[Direction]:
        """Return the directions to have prices of, where some are wanted."""
        return wanted

    def watch(self, changed: Callable[[Direction], None]) -> Iterable[Callable[[], None]]:
        """Notice new prices by other means than asking; return how to end that."""
        return ()

    @abstractmethod
    async def read_prices(self, request: PriceRequest) -> PriceReading:
        """Return the prices of a span, fewer where they are not out."""

    @abstractmethod
    async def answer(self, question: Question) -> Answer:
        """Answer a question of the engine."""

    async def ask(self, request: DurationRequest) -> DurationSchedule:
        """Ask for a schedule by duration. Where all is planned locally, nobody does."""
        raise NotImplementedError

    @abstractmethod
    async def ask_amount(
        self, request: AmountRequest, prices: Mapping[Direction, tuple[Slot, ...]]
    ) -> AmountSchedule:
        """Ask for a schedule by amount; `prices` are those that are known."""

    @abstractmethod
    async def find_or_create_device(self, reference: str) -> str:
        """Return the id of the device with a reference of ours."""

    @abstractmethod
    async def devices(self) -> tuple[Device, ...]:
        """Return all devices that Flatpeak knows."""

    @abstractmethod
    def prices_failed(self, direction: Direction) -> None:
        """Take note that prices cannot be read."""

    @abstractmethod
    def delete_stale_issues(self) -> None:
        """Take back the repairs that no schedule stands for any more."""

    def note_devices(self, devices: Mapping[str, str | None]) -> None:
        """Tell which devices stand for schedules; None: the one there was is gone."""
        if self._devices_listener and not self._closed:
            self._devices_listener(devices)

    def _changed(self, connection: Connection) -> None:
        """Show how asking went."""
        if connection != self.connection:
            self.connection = self.store.connection = connection
            if self._listener and not self._closed:
                self._listener()

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

    async def _zone_named(self, name: str | None) -> tzinfo | None:
        """Return a time zone by its IANA name, None where it is not known here."""
        if name is None:
            return None
        try:
            zone = await dt_util.async_get_time_zone(name)
        except ValueError, OSError:  # a name that looks like a path
            zone = None
        if zone is None:
            LOGGER.debug("Time zone %s is not known here", name)
        return zone

    def create_issue(self, issue: str, learn_more_url: str | None = None) -> None:
        """Tell the owner what only the owner can mend."""
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            f"{issue}_{self.config_entry.entry_id}",
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=issue,
            translation_placeholders={"location": self.config_entry.title},
            learn_more_url=learn_more_url,
        )

    def delete_issues(self, *issues: str) -> None:
        """Take back repairs whose cause is gone."""
        delete_issues(self.hass, self.config_entry.entry_id, issues)


def rounded(rate: float | None) -> float | None:
    """Round off what only comes from averaging; prices have five decimals."""
    return None if rate is None else round(rate, 9)


ACCOUNT_DISABLED = "account_disabled"


def no_tariff(direction: Direction) -> str:
    """Return the repair for a direction without a tariff."""
    return f"no_tariff_{direction}"


ISSUES = (ACCOUNT_DISABLED, *map(no_tariff, Direction))


def delete_issues(hass: HomeAssistant, entry_id: str, issues: Iterable[str] = ISSUES) -> None:
    """Take back repairs of a config entry, all of them if none is named."""
    for issue in issues:
        ir.async_delete_issue(hass, DOMAIN, f"{issue}_{entry_id}")
