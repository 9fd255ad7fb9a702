"""Any entity that lists prices, where the user says how."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import chain
from typing import Any

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, CONF_ENTITY_ID
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from ..model import DAY, MINUTE, Span
from .attributes import UNITS, Shape, nothing_listed, slots_listed, state_of, unit_in
from .series import Entry, unit_of
from .source import Choice, PriceSource, PriceSourceError, Reading

# What is stored of a choice.
ATTRIBUTES, START, END, PRICE, UNIT = "attributes", "start", "end", "price", "unit"

# Into what a list without times may divide a day.
STEPS = (60, 30, 15, 5)


class GenericSource(PriceSource):
    """The user names attributes, and the keys of start, end and price in their items.

    Without keys, attributes are prices by their start, or numbers only: the first attribute is
    the day on which it was last reported, the next one the day after.
    """

    key = "generic"

    async def find(self, hass: HomeAssistant) -> list[Choice]:
        """Return nothing: what it reads is not found but told."""
        return []

    def watched(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the entity."""
        return (data[CONF_ENTITY_ID],)

    def read_attributes(self, data: Mapping[str, Any]) -> frozenset[str]:
        """Return the attributes that list prices, and those that say in what."""
        return frozenset((*data[ATTRIBUTES], *UNITS))

    async def read(self, hass: HomeAssistant, data: Mapping[str, Any], span: Span) -> Reading:
        """Return all prices in the attributes."""
        state = state_of(hass, data[CONF_ENTITY_ID])
        names = tuple(data[ATTRIBUTES])
        shape = Shape(names, data.get(START) or "", data.get(PRICE) or "", data.get(END))
        entries = shape.entries(state.attributes) or _by_the_day(state, names)
        if not entries:
            raise nothing_listed(state, names)
        text = data.get(UNIT) or state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        unit = unit_of(text) if text else unit_in(state)
        if unit is None:
            raise PriceSourceError("source_unreadable", f"{state.entity_id} has an unknown unit")
        named = unit.currency or getattr(unit_in(state), "currency", None) or hass.config.currency
        return Reading(slots_listed(state, entries, unit.factor), named, text)


def _by_the_day(state: State, names: Sequence[str]) -> list[Entry]:
    """Return the entries of lists of numbers that divide a day evenly."""
    updated = dt_util.as_local(state.last_reported).date()
    return list(
        chain.from_iterable(
            _numbers(state.attributes.get(name), updated + place * DAY)
            for place, name in enumerate(names)
        )
    )


def _numbers(listed: object, day: date) -> Iterator[Entry]:
    """Yield the entries of one day's numbers; a day may have 23 hours or 25."""
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        return
    zone = dt_util.get_default_time_zone()
    start, end = (
        dt_util.as_utc(datetime.combine(midnight, time(), zone)) for midnight in (day, day + DAY)
    )
    for step in STEPS:
        if len(listed) * step * MINUTE == end - start:
            for place, value in enumerate(listed):
                begin = start + place * step * MINUTE
                yield Entry(begin, value, begin + step * MINUTE)
