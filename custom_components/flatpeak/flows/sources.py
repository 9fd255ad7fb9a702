"""Price sources as forms show them: what there is in this home, and what is read from it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..const import CONF_SOURCE, LOGGER
from ..model import DAY, MINUTE, WHOLE_DAY, Direction, Span
from ..prices import SOURCES, Choice, PriceSource, PriceSourceError, Reading

# Somebody sits and waits.
_FIND = 10
_READ = 30
_MOST_STEPS = 3


async def find_choices(hass: HomeAssistant) -> list[Choice]:
    """Return what there is in this home; one that fails must not hide the others."""
    found = await asyncio.gather(*(_found(hass, source) for source in SOURCES.values()))
    return [choice for choices in found for choice in choices]


async def _found(hass: HomeAssistant, source: PriceSource) -> list[Choice]:
    try:
        async with asyncio.timeout(_FIND):
            return await source.find(hass)
    except TimeoutError:
        LOGGER.warning("Looking for prices of %s took too long", source.key)
    except Exception:
        LOGGER.exception("Unexpected error while looking for prices of %s", source.key)
    return []


def stored(choice: Choice) -> dict[str, Any]:
    """Return what is stored of a choice."""
    return {CONF_SOURCE: choice.source, **choice.data}


def choice_of(data: Mapping[str, Any], direction: Direction) -> Choice:
    """Return a choice that was stored and is not found any more."""
    key = data[CONF_SOURCE]
    rest = {name: value for name, value in data.items() if name != CONF_SOURCE}
    source = SOURCES.get(key)
    entity_ids = source.watched(rest) if source else ()
    return Choice(key, entity_ids[0] if entity_ids else key, rest, direction)


async def read(hass: HomeAssistant, choice: Choice) -> Reading | str:
    """Read the prices of today and tomorrow, or return what is wrong."""
    now = dt_util.utcnow()
    reading = await _read(hass, choice, now)
    if isinstance(reading, str):
        return reading
    known = tuple(slot for slot in reading.slots if slot.rate is not None)
    if not known:
        return "no_prices"
    if not any(slot.contains(now) for slot in known):
        return "old_prices"
    return replace(reading, slots=known)


async def _read(hass: HomeAssistant, choice: Choice, now: datetime) -> Reading | str:
    today = WHOLE_DAY.period(now, dt_util.get_default_time_zone())
    if (source := SOURCES.get(choice.source)) is None:
        return "source_gone"
    try:
        async with asyncio.timeout(_READ):
            return await source.read(hass, choice.data, Span(today.start, today.end + DAY))
    except PriceSourceError as err:
        LOGGER.debug("No prices from %s: %s", choice.source, err)
        return err.key
    except TimeoutError:
        return "source_not_ready"
    except Exception:
        LOGGER.exception("Unexpected error while reading prices of %s", choice.source)
        return "unknown"


def price_unit(hass: HomeAssistant, reading: Reading) -> str:
    """Return the unit of prices that were read."""
    return f"{reading.currency or hass.config.currency}/kWh"


def summary(hass: HomeAssistant, reading: Reading) -> dict[str, str]:
    """Say what was read: when, how many, and how much."""
    rates = [slot.rate for slot in reading.slots if slot.rate is not None]
    unit = price_unit(hass, reading)
    return {
        "start": _shown(reading.slots[0].start),
        "end": _shown(reading.slots[-1].end),
        "count": str(len(reading.slots)),
        "step": _step(reading),
        "unit": reading.unit or unit,
        "lowest": f"{min(rates):.4f} {unit}",
        "highest": f"{max(rates):.4f} {unit}",
    }


def _shown(moment: datetime) -> str:
    """Write a moment by Home Assistant's clock, in a way that all languages read."""
    return f"{dt_util.as_local(moment):%Y-%m-%d %H:%M}"


def _step(reading: Reading) -> str:
    steps = sorted({round(slot.length / MINUTE) for slot in reading.slots})
    if len(steps) > _MOST_STEPS:
        return f"{steps[0]} … {steps[-1]} min"
    return f"{' / '.join(map(str, steps))} min"
