"""Every kind of price source, in the shape it really has, fed with given prices day by day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant

from custom_components.flatpeak.model import DAY, HOUR, MINUTE, Slot
from custom_components.flatpeak.prices import SOURCES
from tests.prices import listed, other_side
from tests.prices.listed import BRUSSELS, LISTED, Listed
from tests.prices.other_side import OtherSide

type Prices = Callable[..., float]


class Feed:
    """A source in a home, whose prices of the next day come when they are published.

    `gaps` are the times of a list of days that the source cannot tell.
    """

    source: str
    minutes = 15

    async def install(self, hass: HomeAssistant, today: date) -> dict[str, Any]:
        """Be there; return what an entry stores of the source."""
        raise NotImplementedError

    def show(self, now: datetime, *, tomorrow: bool) -> None:
        """Tell what is known at a moment."""
        raise NotImplementedError

    def known(self, slot: Slot) -> Slot | None:
        """Return what the source says of a price, None where it says nothing."""
        return slot


class ListedFeed(Feed):
    """A sensor with lists in its attributes."""

    def __init__(self, kind: Listed) -> None:
        self.kind, self.source = kind, kind.source
        self.minutes = kind.minutes

    async def install(self, hass, today):
        self.hass = hass
        self.kind.put(hass, today, tomorrow=False)
        (choice,) = await SOURCES[self.kind.source].find(hass)
        return {"source": choice.source, **choice.data}

    def show(self, now, *, tomorrow):
        self.kind.put(self.hass, now.astimezone(self.kind.zone).date(), tomorrow=tomorrow)


def is_second(moment: datetime) -> bool:
    """Tell whether the clock shows a time for the second time, as one night in autumn."""
    return bool(moment.astimezone(BRUSSELS).fold)


class GeSpotFeed(ListedFeed):
    """It knows the hour that comes twice once, at the price of the second."""

    def known(self, slot):
        if is_second(slot.start):
            return None
        again = slot.start + HOUR
        if is_second(again):
            return Slot(slot.start, slot.end, listed.price(again))
        return slot


class GenericFeed(Feed):
    """What the user says of any sensor."""

    source = "generic"
    ENTITY = "sensor.power"

    def __init__(self, minutes: int, data: dict[str, Any], show: Callable[..., Any]) -> None:
        self.minutes = minutes
        self.data = data
        self.attributes = show

    async def install(self, hass, today):
        self.hass = hass
        return {"source": "generic", "entity_id": self.ENTITY, **self.data}

    def show(self, now, *, tomorrow):
        today = now.astimezone(BRUSSELS).date()
        days = [listed.starts(day, self.minutes, BRUSSELS) for day in (today, today + DAY)]
        shown = self.attributes(days[0], days[1] if tomorrow else [])
        listed.put(self.hass, self.ENTITY, shown)


def rows(today: Sequence[datetime], tomorrow: Sequence[datetime]) -> dict[str, Any]:
    """Return one list of items, in cents, by texts without a zone."""
    return {
        "prices": [
            {"at": f"{start:%Y-%m-%d %H:%M}", "ct": listed.price(start) * 100}
            for start in (*today, *tomorrow)
        ]
    }


def numbers(today: Sequence[datetime], tomorrow: Sequence[datetime]) -> dict[str, Any]:
    """Return two lists of numbers only."""
    return {
        "now": [listed.price(start) for start in today],
        "next": [listed.price(start) for start in tomorrow],
        "unit_of_measurement": "EUR/kWh",
    }


class ActionFeed(Feed):
    """An integration that answers an action."""

    def __init__(self, side: type[OtherSide], source: str) -> None:
        self.side_of, self.source = side, source

    async def install(self, hass, today):
        self.side = self.side_of(hass, today)
        choice = (await SOURCES[self.source].find(hass))[0]
        return {"source": choice.source, **choice.data}

    def show(self, now, *, tomorrow):
        today = now.astimezone(BRUSSELS).date()
        self.side.last_day = today + DAY if tomorrow else today


class OmieFeed(ActionFeed):
    """Its times lose an hour in spring: from 03:00 to 04:00."""

    def known(self, slot):
        shown = slot.start.astimezone(BRUSSELS)
        before = (slot.start - HOUR).astimezone(BRUSSELS)
        return None if shown.hour == 3 and before.hour == 1 else slot


class GreenPlanetFeed(ActionFeed):
    """It goes along the clock on the wall: the second 02:00 in autumn is a gap."""

    def known(self, slot):
        return None if is_second(slot.start) else slot


class AlignedAmber(other_side.Amber):
    """Forecasts of half hours begin on half hours."""

    def answer(self, call):
        channel = call.data["channel_type"]
        five, half = timedelta(minutes=5), timedelta(minutes=30)
        rows, start = [], self.now + five
        while start.minute % 30:
            rows.append(self.row(start, 5, channel))
            start += five
        rows += [self.row(start + n * half, 30, channel) for n in range(48)]
        return {"forecasts": rows}


class AmberFeed(ActionFeed):
    """What is ahead are forecasts for a day; the price of now is told as it comes."""

    minutes = 60

    async def install(self, hass, today):
        self.side = self.side_of(hass, today)
        self.show(datetime.now(UTC), tomorrow=False)
        choice = (await SOURCES[self.source].find(hass))[0]
        return {"source": choice.source, **choice.data}

    def show(self, now, *, tomorrow):
        self.side.run(now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0))


FEEDS: dict[str, Callable[[], Feed]] = {
    **{name: lambda kind=kind: ListedFeed(kind) for name, kind in LISTED.items()},
    "ge_spot": lambda: GeSpotFeed(LISTED["ge_spot"]),
    "generic_rows": lambda: GenericFeed(
        15,
        {"attributes": ["prices"], "start": "at", "price": "ct", "unit": "ct/kWh"},
        rows,
    ),
    "generic_numbers": lambda: GenericFeed(60, {"attributes": ["now", "next"]}, numbers),
    "nordpool_core": lambda: ActionFeed(other_side.NordPool, "nordpool_core"),
    "tibber": lambda: ActionFeed(other_side.Tibber, "tibber"),
    "energyzero": lambda: ActionFeed(other_side.EnergyZero, "energyzero"),
    "easyenergy": lambda: ActionFeed(other_side.EasyEnergy, "easyenergy"),
    "omie_core": lambda: OmieFeed(other_side.Omie, "omie_core"),
    "tibber_prices": lambda: ActionFeed(other_side.TibberPrices, "tibber_prices"),
    "amberelectric": lambda: AmberFeed(AlignedAmber, "amberelectric"),
    "green_planet_energy": lambda: GreenPlanetFeed(other_side.GreenPlanet, "green_planet_energy"),
}


@dataclass(frozen=True)
class Record:
    """The prices of a record of hours, with another one in each step of a source.

    Those of the hours around the changed clock, which the record lacks, are the lowest.
    """

    hours: Sequence[Slot]
    minutes: int

    def price(self, moment: datetime, of: str = "") -> float:
        """Return the price of a moment."""
        moment = moment.astimezone(UTC)
        hour = moment.replace(minute=0, second=0, microsecond=0)
        lacking = {0: 0.055, 1: 0.045}.get(hour.hour, 0.2)
        rate = next((slot.rate for slot in self.hours if slot.start == hour), lacking)
        step = (moment.minute // self.minutes * 7 + hour.hour) % 5
        return round(rate + 0.0017 * step, 5)

    def slots(self, start: datetime, end: datetime) -> list[Slot]:
        """Return the prices between two moments, in the source's steps."""
        step = self.minutes * MINUTE
        count = (end - start) // step
        return [
            Slot(at, at + step, self.price(at)) for at in (start + n * step for n in range(count))
        ]
