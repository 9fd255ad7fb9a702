"""What all sources share whose prices are a list in an attribute of an entity."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    CONF_ENTITY_ID,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import CoreState, HomeAssistant, State, split_entity_id
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ..model import Direction, Slot, Span
from .series import Entry, Unit, slots_of, unit_of
from .source import Choice, PriceSource, PriceSourceError, Reading

# How sure a price is that a source has forecast itself.
FORECAST = 0.5

# Where else than in the sensor's unit it may say that prices are in cents.
_IN_CENTS = ("price_in_cents", "use_cent", "use_subunit")

# All that says in what prices are.
UNITS = (ATTR_UNIT_OF_MEASUREMENT, "unit", "currency", *_IN_CENTS)

MORE = "more"


@dataclass(frozen=True, slots=True)
class Shape:
    """How attributes list prices: items with a start and a price, or prices by their start.

    The unit is the one of the values if the entity's own unit does not tell it.
    """

    attributes: tuple[str, ...]
    start: str = ""
    price: str = ""
    end: str | None = None
    forecasts: tuple[str, ...] = ()
    unit: str | None = None
    scale: float = 1.0

    def entries(self, attributes: Mapping[str, Any]) -> list[Entry]:
        """Return the entries of an entity's attributes; what is there twice counts once."""
        return [
            entry
            for name in (*self.forecasts, *self.attributes)
            for entry in self._listed(
                attributes.get(name), FORECAST if name in self.forecasts else 1.0
            )
        ]

    def _listed(self, listed: object, confidence: float) -> Iterator[Entry]:
        """Yield the entries of one attribute, passing over messages among them."""
        if isinstance(listed, Mapping) and not self.start:
            for start, price in listed.items():
                yield Entry(start, price, confidence=confidence)
        if isinstance(listed, Sequence) and not isinstance(listed, str) and self.start:
            for item in listed:
                if isinstance(item, Mapping) and self.start in item and self.price in item:
                    end = item.get(self.end) if self.end else None
                    yield Entry(item[self.start], item[self.price], end, confidence)


class AttributeSource(PriceSource):
    """A kind of entity that lists its prices in attributes.

    Of several shapes, which releases may differ in, the first one counts that there is.
    """

    name: ClassVar[str]
    platform: ClassVar[str]
    shapes: ClassVar[tuple[Shape, ...]]
    domain: ClassVar[str] = "sensor"
    currency: ClassVar[str | None] = None

    def others(self, identity: str) -> tuple[str, ...] | None:
        """Return the entities whose lists go on with that of this one.

        None if this one is not to be chosen. An identity is an entity ID with the unique ID
        in it, which the user does not change.
        """
        return ()

    def direction(self, identity: str) -> Direction:
        """Return whether prices of an entity are for buying or selling."""
        return Direction.IMPORT

    async def find(self, hass: HomeAssistant) -> list[Choice]:
        """Return the entities that list prices in this shape, each list once."""
        found: list[Choice] = []
        lists: list[tuple[Direction, list[Entry]]] = []
        states = hass.states.async_all(self.domain)
        # several entities may have the same list: the one of the current price stands for them
        for state in sorted(
            states, key=lambda one: ("current" not in one.entity_id, one.entity_id)
        ):
            entries = self._shape(state)[1]
            if not entries or _platform(hass, state.entity_id) in _platforms() - {self.platform}:
                continue
            choice = self._choice(hass, state) if self._unit(state) else None
            if choice and (choice.direction, entries) not in lists:
                lists.append((choice.direction, entries))
                found.append(choice)
        return found

    def _choice(self, hass: HomeAssistant, state: State) -> Choice | None:
        """Offer an entity."""
        identity = _identity(hass, state.entity_id)
        others = self.others(identity)
        if others is None:
            return None
        more = [one for other in others if (one := _entity(hass, self.platform, other))]
        data = {CONF_ENTITY_ID: state.entity_id} | ({MORE: more} if more else {})
        return Choice(self.key, f"{self.name}: {state.name}", data, self.direction(identity))

    def watched(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the entities that list the prices."""
        return (data[CONF_ENTITY_ID], *data.get(MORE, ()))

    def read_attributes(self, data: Mapping[str, Any]) -> frozenset[str]:
        """Return the attributes that list prices, and those that say in what."""
        listed = (name for shape in self.shapes for name in (*shape.attributes, *shape.forecasts))
        return frozenset((*listed, *UNITS))

    async def read(self, hass: HomeAssistant, data: Mapping[str, Any], span: Span) -> Reading:
        """Return all prices that the entities list."""
        first = state_of(hass, data[CONF_ENTITY_ID])
        shape, entries = self._shape(first)
        unit = self._unit(first)
        if unit is None:
            raise PriceSourceError("source_unreadable", f"{first.entity_id} has an unknown unit")
        for entity_id in data.get(MORE, ()):
            if (state := hass.states.get(entity_id)) is not None:
                entries = [*entries, *shape.entries(state.attributes)]
        if not entries:
            raise nothing_listed(first, shape.attributes)
        slots = slots_listed(first, entries, unit.factor * shape.scale)
        return Reading(
            slots,
            unit.currency or _currency(first) or self.currency,
            shape.unit or first.attributes.get(ATTR_UNIT_OF_MEASUREMENT),
        )

    def _shape(self, state: State) -> tuple[Shape, list[Entry]]:
        """Return the shape that an entity has, and its entries."""
        for shape in self.shapes:
            if entries := shape.entries(state.attributes):
                return shape, entries
        return self.shapes[0], []

    def _unit(self, state: State) -> Unit | None:
        """Return the unit of an entity's prices, None if it is no unit of a price."""
        return unit_of(self._shape(state)[0].unit) or unit_in(state)


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity, or raise PriceSourceError."""
    state = hass.states.get(entity_id)
    if state is None:
        entry = er.async_get(hass).async_get(entity_id)
        expected = hass.state is not CoreState.running or (entry and not entry.disabled_by)
        raise PriceSourceError("source_not_ready" if expected else "source_gone", entity_id)
    if state.state == STATE_UNAVAILABLE:
        raise PriceSourceError("source_not_ready", entity_id)
    return state


def slots_listed(state: State, entries: Sequence[Entry], factor: float) -> tuple[Slot, ...]:
    """Return the slots of what an entity lists, or raise PriceSourceError where there are none."""
    slots = slots_of(entries, zone=dt_util.get_default_time_zone(), factor=factor)
    if not slots:
        said = any(entry.value is not None for entry in entries)
        raise PriceSourceError("source_unreadable" if said else "source_not_ready", state.entity_id)
    return slots


def nothing_listed(state: State, attributes: Iterable[str]) -> PriceSourceError:
    """Return why there is no entry: not yet, or not in a shape that is known."""
    listed = [state.attributes[name] for name in attributes if name in state.attributes]
    empty = not any(listed) if listed else state.state == STATE_UNKNOWN
    return PriceSourceError("source_not_ready" if empty else "source_unreadable", state.entity_id)


def unit_in(state: State) -> Unit | None:
    """Return the unit that an entity says its prices have; without one, per kWh."""
    attributes = state.attributes
    text = attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if text is None and "unit" in attributes:
        in_cents = any(attributes.get(name) is True for name in _IN_CENTS)
        text = f"{'ct' if in_cents else _currency(state) or '€'}/{attributes['unit']}"
    return Unit(1.0) if text is None else unit_of(text)


def _currency(state: State) -> str | None:
    """Return the currency that an entity names apart from its unit."""
    unit = unit_of(str(state.attributes.get("currency")))
    return unit.currency if unit else None


def _platforms() -> set[str]:
    """Return the integrations whose entities have a source of their own."""
    return {kind.platform for kind in AttributeSource.__subclasses__()}


def _platform(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the integration of an entity, None where nobody knows."""
    entry = er.async_get(hass).async_get(entity_id)
    return entry.platform if entry else None


def _identity(hass: HomeAssistant, entity_id: str) -> str:
    """Return what names an entity even if the user has renamed it."""
    entry = er.async_get(hass).async_get(entity_id)
    return f"{entry.domain}.{entry.unique_id}" if entry else entity_id


def _entity(hass: HomeAssistant, platform: str, identity: str) -> str | None:
    """Return the entity of an identity, None where there is none."""
    domain, unique_id = split_entity_id(identity)
    found = er.async_get(hass).async_get_entity_id(domain, platform, unique_id)
    return found or (identity if hass.states.get(identity) else None)
