"""Numbers: how many minutes, or how much energy, are wanted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
import math
from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .amount import AmountCoordinator
from .const import DOMAIN, MOST_ENERGY, MOST_POWER, MOST_PRICE
from .duration import DurationCoordinator
from .entity import LastingEntity, remove_entities
from .limit import LimitCoordinator
from .model import MINUTE, AmountWish, PriceCap
from .runtime import FlatpeakConfigEntry

# all changes of one action are to be in one request
PARALLEL_UPDATES = 0


DURATION = NumberEntityDescription(
    key="duration",
    device_class=NumberDeviceClass.DURATION,
    native_unit_of_measurement=UnitOfTime.MINUTES,
    entity_category=EntityCategory.CONFIG,
    native_min_value=1,
    native_step=1,
    mode=NumberMode.BOX,
)


LIMIT = NumberEntityDescription(
    key="limit",
    entity_category=EntityCategory.CONFIG,
    native_min_value=-MOST_PRICE,
    native_max_value=MOST_PRICE,
    native_step=0.0001,
    mode=NumberMode.BOX,
)
RELATIVE_LIMIT = NumberEntityDescription(
    key="limit",
    translation_key="relative_limit",
    entity_category=EntityCategory.CONFIG,
    native_min_value=0.01,
    native_max_value=1,
    native_step=0.01,
    mode=NumberMode.BOX,
)


@dataclass(frozen=True, kw_only=True)
class AmountNumberDescription(NumberEntityDescription):
    """A number of a wish, how to read it and how to change it; None: the wish has none."""

    read: Callable[[AmountWish], float | None]
    changed: Callable[[AmountWish, float], AmountWish]


AMOUNTS = (
    AmountNumberDescription(
        key="energy",
        device_class=NumberDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        entity_category=EntityCategory.CONFIG,
        native_min_value=0,
        native_max_value=MOST_ENERGY,
        native_step=0.1,
        mode=NumberMode.BOX,
        read=lambda wish: wish.energy,
        changed=lambda wish, value: replace(wish, energy=value),
    ),
    AmountNumberDescription(
        key="target_soc",
        device_class=NumberDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        entity_category=EntityCategory.CONFIG,
        native_min_value=0,
        native_max_value=100,
        native_step=1,
        mode=NumberMode.BOX,
        read=lambda wish: wish.target_soc,
        changed=lambda wish, value: replace(wish, target_soc=value),
    ),
    AmountNumberDescription(
        key="max_power",
        device_class=NumberDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        entity_category=EntityCategory.CONFIG,
        native_min_value=0.1,
        native_max_value=MOST_POWER,
        native_step=0.1,
        mode=NumberMode.BOX,
        read=lambda wish: wish.max_power,
        changed=lambda wish, value: replace(wish, max_power=value),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: FlatpeakConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the numbers of each schedule."""
    for subentry_id, duration in entry.runtime_data.durations.items():
        async_add_entities([DurationNumber(duration, DURATION)], config_subentry_id=subentry_id)
    for subentry_id, limit in entry.runtime_data.limits.items():
        description = RELATIVE_LIMIT if limit.data.wish.limit.absolute is None else LIMIT
        async_add_entities([LimitNumber(limit, description)], config_subentry_id=subentry_id)
    for subentry_id, amount in entry.runtime_data.amounts.items():
        meant = [one for one in AMOUNTS if one.read(amount.data.wish) is not None]
        async_add_entities(
            [AmountNumber(amount, description) for description in meant],
            config_subentry_id=subentry_id,
        )
        meaningless = [one.key for one in AMOUNTS if one not in meant]
        remove_entities(hass, Platform.NUMBER, [f"{subentry_id}_{key}" for key in meaningless])


class DurationNumber(LastingEntity[DurationCoordinator], NumberEntity):
    """The minutes wanted in each period."""

    @property
    @override
    def native_value(self) -> float:
        """The minutes wanted."""
        return self.coordinator.data.wish.duration / MINUTE

    @property
    @override
    def native_max_value(self) -> float:
        """As long as a period lasts."""
        return self.coordinator.data.wish.frame.length / MINUTE

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Want another number of minutes, from now on."""
        if math.isnan(value):  # is neither below the least nor above the most
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_duration")
        await self.coordinator.async_wish(
            replace(self.coordinator.data.wish, duration=value * MINUTE)
        )


class LimitNumber(LastingEntity[LimitCoordinator], NumberEntity):
    """The price, or the share between the lowest and the highest, down or up to which to run."""

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        """The unit of prices; a share has none."""
        absolute = self.entity_description is LIMIT
        return self.coordinator.location.price_unit if absolute else None

    @property
    @override
    def native_value(self) -> float | None:
        """The limit."""
        limit = self.coordinator.data.wish.limit
        return limit.relative if limit.absolute is None else limit.absolute

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Use another limit, from now on."""
        if math.isnan(value):  # is neither below the least nor above the most
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_number")
        wish = self.coordinator.data.wish
        share = wish.limit.absolute is None
        limit = PriceCap(relative=value) if share else PriceCap(absolute=value)
        await self.coordinator.async_wish(replace(wish, limit=limit))


class AmountNumber(LastingEntity[AmountCoordinator], NumberEntity):
    """A number of a wish for energy."""

    entity_description: AmountNumberDescription

    @property
    @override
    def native_value(self) -> float | None:
        """The number."""
        return self.entity_description.read(self.coordinator.data.wish)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Want something else, from now on."""
        if math.isnan(value):  # is neither below the least nor above the most
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_number")
        wish = self.entity_description.changed(self.coordinator.data.wish, value)
        if wish.max_power < wish.min_power:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="power_below_minimum",
                translation_placeholders={"minimum": f"{wish.min_power:g}"},
            )
        await self.coordinator.async_wish(wish)
