"""A guess at how an entity lists its prices, to begin a form with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, CONF_ENTITY_ID
from homeassistant.core import HomeAssistant

from .generic import ATTRIBUTES, END, PRICE, START, UNIT
from .moments import moment_of
from .series import unit_of

# What keys are called, the likelier ones first.
STARTS = ("start", "from", "time", "hour", "date")
ENDS = ("end", "till", "until", "to")
PRICES = ("total", "price", "value", "rate", "cost", "kwh")

# A list of fewer numbers is no day.
SHORTEST_DAY = 23


def suggest(hass: HomeAssistant, entity_id: str) -> dict[str, Any]:
    """Return what the generic source wants to know of an entity; what is not clear is left out."""
    state = hass.states.get(entity_id)
    if state is None:
        return {}
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    guess = {
        CONF_ENTITY_ID: entity_id,
        UNIT: unit if unit_of(unit) else f"{hass.config.currency}/kWh",
    }
    keys = {
        name: found
        for name, listed in state.attributes.items()
        if (found := _keys(listed)) is not None
    }
    if not keys:
        return guess
    # lists that say when rather than numbers only; then what most of the attributes have
    shapes = list(keys.values())
    best = max(shapes, key=lambda shape: (START in shape, shapes.count(shape)))
    names = [name for name, shape in keys.items() if shape == best]
    tomorrow = [name.replace("today", "tomorrow") for name in names]  # maybe still empty
    names += [name for name in tomorrow if name in state.attributes and name not in names]
    return guess | {ATTRIBUTES: sorted(names, key=lambda name: "tomorrow" in name)} | best


def _keys(listed: object) -> dict[str, str] | None:
    """Return the keys of an attribute's items, none where it needs none, None for no list."""
    if isinstance(listed, Mapping):
        return {} if listed and all(_when(start) for start in listed) else None
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return None
    if len(listed) >= SHORTEST_DAY and all(map(_is_number, listed)):
        return {}
    items = (_keys_of(item) for item in listed if isinstance(item, Mapping))
    return next((keys for keys in items if keys), None)


def _keys_of(item: Mapping[str, Any]) -> dict[str, str] | None:
    """Return which keys of an item are start, price and, where there is one, end."""
    times = {key: moment for key, value in item.items() if (moment := _when(value))}
    start = _called(STARTS, times) or next(iter(times), None)
    numbers = [key for key, value in item.items() if _is_number(value) and key not in times]
    price = _called(PRICES, numbers) or next(iter(numbers), None)
    if start is None or price is None:
        return None
    end = _called(ENDS, (key for key, moment in times.items() if moment > times[start]))
    return {START: start, PRICE: price} | ({END: end} if end else {})


def _called(names: Sequence[str], keys: Iterable[str]) -> str | None:
    """Return the key that is called the most like one of the names."""
    ranks = {
        key: rank for key in keys for rank, name in reversed([*enumerate(names)]) if name in key
    }
    return min(ranks, key=ranks.__getitem__, default=None)


def _when(value: object) -> datetime | None:
    return moment_of(value, UTC)


def _is_number(value: object) -> bool:
    if isinstance(value, str):  # some integrations write everything as text
        return value.replace(".", "", 1).removeprefix("-").isdecimal()
    return isinstance(value, int | float) and not isinstance(value, bool)
