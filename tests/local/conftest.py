"""A home without an account, in front of a sensor that lists prices."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import override

from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.flatpeak.const import DOMAIN
from custom_components.flatpeak.model import DAY, Direction, Slot
from simulator.prices import read_prices
from tests.home import BRUSSELS, MINUTE, Home, local

PRICES = Path(__file__).parents[1] / "fixtures" / "prices"
BUY, SELL = "sensor.nordpool_kwh_be_eur_5_10_0", "sensor.nordpool_kwh_be_eur_5_10_1"


class LocalHome(Home):
    """A home whose prices are in a sensor as the Nordpool integration of HACS has it.

    Those of the next day are there from `publication` on; None: they do not come any more.
    """

    def __init__(self, hass, freezer) -> None:
        self.hass = hass
        self.freezer = freezer
        self.world = SimpleNamespace(import_prices=(), export_prices=())
        self.world.prices = lambda way: (
            self.world.export_prices if way is Direction.EXPORT else self.world.import_prices
        )
        self.publication: time | None = time(13)
        self.silent = False
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="Home",
            unique_id="local_home",
            data={
                "location_id": "local_home",
                "source": {"source": "nordpool_hacs", "entity_id": BUY},
            },
        )
        self._ids = count(1)
        self.runs = {}
        self.powers = {}
        self.changes = []

    async def at(self, moment: datetime | str) -> None:
        """Go straight to a moment, at which the sensors show what they know."""
        self.set_clock(moment)
        self.show()
        await super().at(self.now)

    async def set_up(self, moment: datetime | str | None = None) -> None:
        """Set the entry up, with the sensors in place."""
        if moment is not None:
            self.set_clock(moment)
        self.show()
        await super().set_up()
        await self.settle()

    @override
    async def live(self, until: datetime | str, step: timedelta = MINUTE) -> None:
        """Live on to a moment, step by step on full steps, and be there at every edge."""
        end = local(until) if isinstance(until, str) else until
        while self.now < end:
            past = timedelta(seconds=self.now.timestamp() % step.total_seconds())
            windows = (one for key in self.entry.subentries for one in self.windows(key))
            edges = [edge for window in windows for edge in window if edge > self.now]
            await self.at(min(self.now + step - past, end, *edges))

    def show(self) -> None:
        """Let the sensors say what they know now."""
        if self.silent:
            return
        self._show(BUY, self.world.import_prices)
        if self.world.export_prices:
            self._show(SELL, self.world.export_prices)

    def _show(self, entity_id: str, prices: Sequence[Slot]) -> None:
        here = self.now.astimezone(BRUSSELS)
        today = here.date()
        out = self.publication is not None and here.time() >= self.publication
        days = {}
        for name, day in (("raw_today", today), ("raw_tomorrow", today + DAY)):
            start, end = (
                datetime.combine(day + offset * DAY, time(), BRUSSELS) for offset in (0, 1)
            )
            days[name] = [
                {
                    "start": slot.start.astimezone(BRUSSELS),
                    "end": slot.end.astimezone(BRUSSELS),
                    "value": slot.rate,
                }
                for slot in prices
                if start <= slot.start < end
            ]
        if not out:
            days["raw_tomorrow"] = []
        now = next((slot.rate for slot in prices if slot.contains(self.now)), None)
        self.hass.states.async_set(
            entity_id,
            "unknown" if now is None else str(now),
            {"unit_of_measurement": "EUR/kWh", "tomorrow_valid": out, **days},
        )

    def lose(self) -> None:
        """Let the sensor be unavailable from now on."""
        self.silent = True
        self.hass.states.async_set(BUY, "unavailable")


@pytest.fixture
async def home(hass, hass_storage, freezer) -> LocalHome:
    """A home with ten days of real quarter-hour prices, from Sunday 2025-10-05 (Brussels) on."""
    await hass.config.async_set_time_zone("Europe/Brussels")
    assert await async_setup_component(hass, "homeassistant", {})
    home = LocalHome(hass, freezer)
    home.world.import_prices = read_prices(PRICES / "week_2025.csv")
    return home
