"""Sensors of the prices of one direction: now, next, and today's lowest and highest."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from .const import CONF_LOCATION_ID
from .entity import location_device
from .location import LocationCoordinator, rounded
from .model import WHOLE_DAY, Direction, PriceBook, Slot, within
from .pricing import PriceCoordinator


@dataclass(frozen=True, slots=True)
class Moment:
    """What the prices are at a moment; `today` are those of the day by the location's clock."""

    book: PriceBook
    now: datetime
    today: tuple[Slot, ...]

    @property
    def slot(self) -> Slot | None:
        """The price of now."""
        return self.book.at(self.now)

    @property
    def lowest(self) -> Slot | None:
        """The first of the cheapest of today."""
        return min(self.today, key=_rate, default=None)

    @property
    def highest(self) -> Slot | None:
        """The first of the dearest of today."""
        return max(self.today, key=_rate, default=None)

    @property
    def level(self) -> float | None:
        """Where the price of now stands between the lowest (0) and the highest (100) of today."""
        if self.slot is None or self.lowest is None or self.highest is None:
            return None
        low, high = _rate(self.lowest), _rate(self.highest)
        return 100 * (_rate(self.slot) - low) / (high - low) if high > low else 0.0


def _rate(slot: Slot) -> float:
    return slot.rate or 0.0  # a book knows the rate of each slot


@dataclass(frozen=True, kw_only=True)
class PriceSensorDescription(SensorEntityDescription):
    """A sensor of prices, and how to read it; a `price` is per kWh in the location's currency."""

    value_fn: Callable[[Moment], float | datetime | None]
    price: bool = False


def _price(slot: Slot | None) -> float | None:
    return rounded(slot.rate) if slot else None


def _start(slot: Slot | None) -> datetime | None:
    return slot.start if slot else None


PRICES = (
    PriceSensorDescription(
        key="price",
        price=True,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=4,
        value_fn=lambda moment: _price(moment.slot),
    ),
    PriceSensorDescription(
        key="next_price",
        price=True,
        suggested_display_precision=4,
        value_fn=lambda moment: _price(moment.book.after(moment.now)),
    ),
    PriceSensorDescription(
        key="lowest_price",
        price=True,
        suggested_display_precision=4,
        value_fn=lambda moment: _price(moment.lowest),
    ),
    PriceSensorDescription(
        key="lowest_price_time",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda moment: _start(moment.lowest),
    ),
    PriceSensorDescription(
        key="highest_price",
        price=True,
        suggested_display_precision=4,
        value_fn=lambda moment: _price(moment.highest),
    ),
    PriceSensorDescription(
        key="highest_price_time",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda moment: _start(moment.highest),
    ),
    PriceSensorDescription(
        key="price_level",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda moment: moment.level,
    ),
)


def price_sensors(location: LocationCoordinator) -> list[PriceSensor]:
    """Return the sensors of all directions in use."""
    return [
        PriceSensor(prices, location, description)
        for prices in location.prices.values()
        for description in PRICES
    ]


def price_ids(location_id: str, directions: Iterable[Direction]) -> list[str]:
    """Return the unique ids of the sensors of some directions."""
    return [f"{location_id}_{_key(way, one)}" for way in directions for one in PRICES]


def _key(direction: Direction, description: PriceSensorDescription) -> str:
    """Return the key of a sensor; what is bought needs no other name."""
    return description.key if direction is Direction.IMPORT else f"{direction}_{description.key}"


class PriceSensor(CoordinatorEntity[PriceCoordinator], SensorEntity):
    """A value of the prices of one direction."""

    _attr_has_entity_name = True
    entity_description: PriceSensorDescription

    def __init__(
        self,
        coordinator: PriceCoordinator,
        location: LocationCoordinator,
        description: PriceSensorDescription,
    ) -> None:
        """Place the sensor on the location's device."""
        super().__init__(coordinator)
        self.entity_description = description
        self._location = location
        key = _key(coordinator.direction, description)
        location_id = coordinator.config_entry.data[CONF_LOCATION_ID]
        self._attr_unique_id = f"{location_id}_{key}"
        self._attr_translation_key = key
        self._attr_device_info = location_device(location)

    @property
    @override
    def available(self) -> bool:
        """Whether the price of now is known, whatever the network does."""
        return self.coordinator.data.at(dt_util.utcnow()) is not None

    @property
    @override
    def native_value(self) -> float | datetime | None:
        """The value of this moment."""
        now, book = dt_util.utcnow(), self.coordinator.data
        day = WHOLE_DAY.period(now, self._location.zone)
        today = within(book.slots, day.start, day.end)
        return self.entity_description.value_fn(Moment(book, now, today))

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        """The unit; the one of prices depends on the location's currency."""
        if self.entity_description.price:
            return self._location.price_unit
        return self.entity_description.native_unit_of_measurement
