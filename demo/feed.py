"""The sensor that has the prices of the second home, in the shape of Nordpool's; fed from here."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from custom_components.flatpeak.model import Slot
from simulator.prices import read_prices, shift_to_today

from .home_assistant import HomeAssistant
from .process import DemoError
from .tariff import CHEAP, DAYS, DEAR, ZONE

SENSOR = "sensor.nordpool_kwh_be_eur_3_10_025"
NAME = "Nordpool: Power exchange"  # as the form lists it
OUT = time(13)  # when the prices of tomorrow are out
PACE = 5.0  # seconds; a sensor that was told from outside is gone after a restart

DAY = timedelta(days=1)
LISTED = 240  # toy prices in turn, as many as a state can carry; the rest of the time is dear
# One toy valley is deeper than the others. It comes late enough to be planned and watched.
VALLEY, SOON = 20.0, timedelta(seconds=20)


def recorded(path: Path) -> tuple[Slot, ...]:
    """Return recorded prices, moved as the simulator moves them."""
    return shift_to_today(read_prices(path), datetime.now(ZONE).date(), ZONE)


def toy(now: datetime, period: timedelta, valley: timedelta) -> tuple[Slot, ...]:
    """Return toy prices: cheap and dear in turn, with a valley of that length."""
    start = now.replace(second=0, microsecond=0)  # like all markets, in whole minutes
    first = -((start - now - SOON) // period)
    deep = range(first, first + valley // period)
    edges = [start + number * period for number in range(LISTED + 1)]
    turns = [
        Slot(edge, edge + period, _toy_rate(number, deep) / 1000)
        for number, edge in enumerate(edges[:-1])
    ]
    return (*turns, Slot(edges[-1], start + DAYS * DAY, DEAR / 1000))


def _toy_rate(number: int, deep: range) -> float:
    if number in deep:
        return VALLEY
    # right before and after the valley it is dear, so that it is a window of its own
    distance = deep.start - number if number < deep.start else number - deep.stop + 1
    return DEAR if distance % 2 else CHEAP


class Feed:
    """Tells Home Assistant the prices that the sensor lists."""

    def __init__(self, home: HomeAssistant, prices: Sequence[Slot], *, all_out: bool) -> None:
        """Keep the prices; unless all are out, tomorrow's come as the market's do."""
        self._home = home
        self._prices = prices
        self._all_out = all_out

    async def post(self) -> None:
        """Tell the prices of today and tomorrow."""
        now = datetime.now(ZONE)
        today, tomorrow, after = (
            datetime.combine(now.date() + days * DAY, time(), ZONE) for days in range(3)
        )
        out = self._all_out or now.time() >= OUT
        later = [slot for slot in self._prices if out and tomorrow <= slot.start < after]
        attributes = {
            "friendly_name": "Power exchange",
            "unit_of_measurement": "EUR/kWh",
            "currency": "EUR",
            "raw_today": list(
                _listed(slot for slot in self._prices if slot.start < tomorrow and slot.end > today)
            ),
            "raw_tomorrow": list(_listed(later)),
            "tomorrow_valid": bool(later),
        }
        current = next((slot.rate for slot in self._prices if slot.contains(now)), None)
        state = {"state": str(current), "attributes": attributes}
        await self._home.post(f"/api/states/{SENSOR}", state)

    async def keep(self) -> None:
        """Tell them again and again."""
        while True:
            with suppress(aiohttp.ClientError, DemoError):  # it may be restarting
                await self.post()
            await asyncio.sleep(PACE)


def _listed(slots: Iterator[Slot] | Sequence[Slot]) -> Iterator[dict[str, Any]]:
    for slot in slots:
        start, end = (edge.astimezone(ZONE).isoformat() for edge in (slot.start, slot.end))
        yield {"start": start, "end": end, "value": slot.rate}
