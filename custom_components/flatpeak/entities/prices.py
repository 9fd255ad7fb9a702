"""Sensors of the prices of one direction: now, next, and today's lowest and highest."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
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

from ..coordinator import FlatpeakCoordinator, PriceCoordinator
from ..entity import Row, home_id, location_device
from ..homes import rounded
from ..model import WHOLE_DAY, Direction, PriceBook, Slot, Span, within


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


def price_rows(home: FlatpeakCoordinator) -> Iterable[Row]:
    """Return the sensors of all directions in use."""
    for way, prices in home.prices.items():
        today = Today(prices)
        for one in PRICES:
            unique_id = home_id(home, _key(way, one))
            yield Row(unique_id, partial(PriceSensor, prices, today, one))


def _key(direction: Direction, description: PriceSensorDescription) -> str:
    """Return the key of a sensor; what is bought needs no other name."""
    return description.key if direction is Direction.IMPORT else f"{direction}_{description.key}"


class Today:
    """The prices of today, cut out of all prices once for all sensors of a direction."""

    def __init__(self, prices: PriceCoordinator) -> None:
        """Cut when somebody asks."""
        self._prices = prices
        self._known: tuple[PriceBook, Span, tuple[Slot, ...]] | None = None

    def at(self, now: datetime) -> Moment:
        """Return what the prices are at a moment."""
        book, zone = self._prices.data, self._prices.home.location.zone
        if self._known is None or self._known[0] is not book or not self._known[1].contains(now):
            day = WHOLE_DAY.period(now, zone)
            self._known = book, day, within(book.slots, day.start, day.end)
        return Moment(book, now, self._known[2])


class PriceSensor(CoordinatorEntity[PriceCoordinator], SensorEntity):
    """A value of the prices of one direction."""

    _attr_has_entity_name = True
    entity_description: PriceSensorDescription

    def __init__(
        self, coordinator: PriceCoordinator, today: Today, description: PriceSensorDescription
    ) -> None:
        """Place the sensor on the home's device."""
        super().__init__(coordinator)
        self.entity_description = description
        self._today = today
        key = _key(coordinator.key, description)
        self._attr_unique_id = home_id(coordinator.home, key)
        self._attr_translation_key = key
        self._attr_device_info = location_device(coordinator.home)

    @property
    @override
    def available(self) -> bool:
        """Whether the price of now is known, whatever the network does."""
        return self.coordinator.data.at(dt_util.utcnow()) is not None

    @property
    @override
    def native_value(self) -> float | datetime | None:
        """The value of this moment."""
        return self.entity_description.value_fn(self._today.at(dt_util.utcnow()))

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        """The unit; the one of prices depends on the home's currency."""
        if self.entity_description.price:
            return self.coordinator.home.location.price_unit
        return self.entity_description.native_unit_of_measurement
