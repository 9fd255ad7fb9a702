"""What may be left out of a form: a row for each gives its field, its reading and its writing.

What is stored is JSON. An option that is not set is not stored.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import Any

from homeassistant.const import UnitOfTime
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import BooleanSelector, Selector, TimeSelector
import voluptuous as vol

from ..model import MINUTE
from .selectors import SENSOR, choice, price, quantity

# Any: Home Assistant's selectors are generic in their configuration
type AnySelector = Selector[Any]

_DAY = 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class Field[V]:
    """A kind of value: how a form asks for it, how it is read, and how it is written.

    `selector` is given the unit of prices. `read` is given what is stored, None where nothing is.
    `write` returns None for what need not be stored.
    """

    selector: Callable[[str | None], AnySelector]
    read: Callable[[Any], V]
    write: Callable[[V], Any]


@dataclass(frozen=True, slots=True)
class Option[V]:
    """A value that may be set: its name in the form and the store, and in what is read.

    `default` is what the form offers.
    """

    key: str
    attribute: str
    field: Field[V]
    default: Any = vol.UNDEFINED


# Any: options of all kinds of values
type AnyOption = Option[Any]


def fields(options: Iterable[AnyOption], unit: str | None = None) -> dict[vol.Marker, AnySelector]:
    """Return the fields of a form; prices are in this unit."""
    return {vol.Optional(one.key, default=one.default): one.field.selector(unit) for one in options}


def read(options: Iterable[AnyOption], data: Mapping[str, Any]) -> dict[str, Any]:
    """Read what is stored, by attribute. Raises TypeError, ValueError or vol.Invalid."""
    return {one.attribute: one.field.read(data.get(one.key)) for one in options}


def written(options: Iterable[AnyOption], thing: object) -> dict[str, Any]:
    """Write the attributes of a thing; what is not set is left out."""
    values = {one.key: one.field.write(getattr(thing, one.attribute)) for one in options}
    return {key: value for key, value in values.items() if value is not None}


# Kinds of values

YES_OR_NO = Field[bool](lambda _: BooleanSelector(), bool, lambda value: value or None)

PRICE = Field[float | None](
    price, lambda stored: None if stored is None else float(stored), lambda value: value
)

CLOCK = Field[time | None](
    lambda _: TimeSelector(),
    lambda stored: cv.time(stored) if stored else None,
    lambda value: value.isoformat() if value else None,
)

SENSOR_ID = Field[str | None](lambda _: SENSOR, lambda stored: stored or None, lambda value: value)


def _minutes(lowest: float) -> Callable[[str | None], AnySelector]:
    return lambda _: quantity(lowest, _DAY, 1, UnitOfTime.MINUTES)


def minutes(lowest: float) -> Field[timedelta]:
    """Return a length of time of so many minutes at least; none is not set."""
    return Field(
        _minutes(lowest),
        lambda stored: (stored or 0) * MINUTE,
        lambda value: value / MINUTE or None,
    )


def bound(lowest: float) -> Field[timedelta | None]:
    """Return a length of time that may be none at all, which is another thing than not set."""
    return Field(
        _minutes(lowest),
        lambda stored: None if stored is None else stored * MINUTE,
        lambda value: None if value is None else value / MINUTE,
    )


def count(highest: int) -> Field[int | None]:
    """Return a number of times."""
    return Field(
        lambda _: quantity(1, highest, 1),
        lambda stored: int(stored) if stored else None,
        lambda value: value,
    )


def number(lowest: float, highest: float, step: float, unit: str) -> Field[float]:
    """Return a number, 0 where it is not set."""
    return Field(
        lambda _: quantity(lowest, highest, step, unit),
        lambda stored: float(stored or 0.0),
        lambda value: value or None,
    )


def one_of[E: StrEnum](usual: E, translation_key: str) -> Field[E]:
    """Return one of a few values, of which the usual one need not be stored."""
    kind = type(usual)
    return Field(
        lambda _: choice([one.value for one in kind], translation_key),
        lambda stored: kind(stored or usual),
        lambda value: None if value is usual else value.value,
    )
