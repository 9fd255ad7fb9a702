"""One location: its facts, its prices, and who answers for it."""

from abc import abstractmethod
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import tzinfo
from typing import Any, Self, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .const import CONF_LOCATION_ID, DOMAIN, LOGGER
from .model import (
    AmountRequest,
    AmountSchedule,
    Connection,
    Device,
    Direction,
    DurationRequest,
    DurationSchedule,
    LimitRequest,
    Location,
    PowerSlot,
    Slot,
)
from .pricing import PriceCoordinator, PriceFeed
from .store import FlatpeakStore


class LocationCoordinator(DataUpdateCoordinator[Connection], PriceFeed):
    """Answers for one location: an account of Flatpeak's, or this home by itself.

    It never polls: schedules and prices decide when to ask. What asks raises FlatpeakError.
    """

    config_entry: ConfigEntry

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, store: FlatpeakStore) -> None:
        """Begin with what is stored."""
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title, always_update=False)
        self.store = store
        self.data = store.connection
        location_id = entry.data[CONF_LOCATION_ID]
        self.facts = replace(store.location or Location(location_id), id=location_id)
        self.zone = dt_util.get_default_time_zone()
        # the directions that enabled schedules use, by subentry id
        self.uses: dict[str, Direction] = {}
        # the devices that stand for those of an action, by number
        self.action_devices: dict[str, str] = {}
        self.prices: dict[Direction, PriceCoordinator] = {}

    @abstractmethod
    async def prepare(self) -> None:
        """Learn the location's facts. Raises FlatpeakError when they cannot be had."""

    @property
    @abstractmethod
    def live(self) -> bool:
        """Whether this is a real home, or one in test mode."""

    @property
    @abstractmethod
    def at_home(self) -> bool:
        """Whether all is planned at home, since there is nobody else to ask."""

    def directions(self, wanted: Collection[Direction]) -> Collection[Direction]:
        """Return the directions to have prices of, where some are wanted."""
        return wanted

    def watch(self) -> None:
        """Begin to notice new prices by other means than asking."""

    async def ask(self, request: DurationRequest) -> DurationSchedule:
        """Ask for a schedule by duration. Where all is planned at home, nobody does."""
        raise NotImplementedError

    async def ask_limit(self, request: LimitRequest) -> DurationSchedule:
        """Ask for a schedule by price limit. Where all is planned at home, nobody does."""
        raise NotImplementedError

    @abstractmethod
    async def ask_amount(self, request: AmountRequest) -> AmountSchedule:
        """Ask for a schedule by amount."""

    @abstractmethod
    async def find_or_create_device(self, reference: str) -> str:
        """Return the id of the device with a reference of ours."""

    @abstractmethod
    async def devices(self) -> tuple[Device, ...]:
        """Return all devices that Flatpeak knows."""

    @abstractmethod
    def delete_stale_issues(self) -> None:
        """Take back the repairs that no schedule stands for any more."""

    @override
    async def _async_update_data(self) -> Connection:
        """Return what is known: asked for by hand, a connection has nothing new to say."""
        return self.data

    @property
    def location(self) -> Self:
        """Itself, as entities find it on every coordinator."""
        return self

    @property
    def currency(self) -> str:
        """The currency of the prices, ISO 4217."""
        return self.facts.currency or self.hass.config.currency

    @property
    def price_unit(self) -> str:
        """The unit of the prices."""
        return f"{self.currency}/{UnitOfEnergy.KILO_WATT_HOUR}"

    def known_prices(self, direction: Direction) -> tuple[Slot, ...]:
        """Return the prices of a direction that are known now."""
        prices = self.prices.get(direction)
        return prices.data.slots if prices else ()

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
NO_PRICES = "no_prices"
SOURCE_GONE = "source_gone"


def no_tariff(direction: Direction) -> str:
    """Return the repair for a direction without a tariff."""
    return f"no_tariff_{direction}"


ISSUES = (ACCOUNT_DISABLED, NO_PRICES, SOURCE_GONE, *map(no_tariff, Direction))


def delete_issues(hass: HomeAssistant, entry_id: str, issues: Iterable[str] = ISSUES) -> None:
    """Take back repairs of a config entry, all of them if none is named."""
    for issue in issues:
        ir.async_delete_issue(hass, DOMAIN, f"{issue}_{entry_id}")
