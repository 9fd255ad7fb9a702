"""Prices that a source has forecast itself, and what becomes of plans on them."""

from collections.abc import Sequence

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.flatpeak.const import DOMAIN
from custom_components.flatpeak.model import Span, runs
from tests.home import HOUR, MINUTE, SECOND, hours, local
from tests.local.conftest import LocalHome
from tests.prices.listed import put

SENSOR = "sensor.energi_data_service"
EVENING, MIDNIGHT, END = "2026-05-01T20:00", "2026-05-02T00:00", "2026-05-02T07:00"
TODAY = [0.50, 0.45, 0.30, 0.40]
TOMORROW = [0.35, 0.22, 0.12, 0.15, 0.30, 0.31, 0.32, 0.60]
SLACK = 10 * SECOND


class ForecastHome(LocalHome):
    """A home with the sensor of Energi Data Service."""

    def __init__(self, hass, freezer) -> None:
        super().__init__(hass, freezer)
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="Home",
            unique_id="local_home",
            data={
                "location_id": "local_home",
                "source": {"source": "energi_data_service", "entity_id": SENSOR},
            },
        )
        self.certain: Sequence[float] = TODAY
        self.forecast: Sequence[float] = TOMORROW

    def show(self) -> None:
        """List what is known, and what is expected."""
        certain = hours(list(self.certain), local(EVENING))
        forecast = hours(list(self.forecast), local(MIDNIGHT))
        self.world.import_prices = (
            *certain,
            *(slot for slot in forecast if slot.start >= certain[-1].end),
        )
        put(
            self.hass,
            SENSOR,
            {
                "raw_today": [{"hour": one.start, "price": one.rate} for one in certain],
                "raw_tomorrow": None,
                "forecast": [{"hour": one.start, "price": one.rate} for one in forecast],
                "unit_of_measurement": "EUR/kWh",
            },
            platform="energidataservice",
        )

    async def tell(self, **changes: Sequence[float]) -> None:
        """Let the source say something else, and let it be read."""
        for name, value in changes.items():
            setattr(self, name, value)
        self.show()
        await self.at(self.now + SLACK)
        await self.at(self.now)


@pytest.fixture
async def forecast(hass, home, freezer) -> ForecastHome:
    return ForecastHome(hass, freezer)


def span(start: int, end: int) -> tuple:
    day = local("2026-05-01T00:00")
    return (day + start * HOUR, day + end * HOUR)


async def test_a_plan_on_forecasts_is_provisional_until_prices_come(forecast) -> None:
    home = forecast
    home.add()
    home.add_amount()
    await home.set_up(EVENING)
    for key in ("schedule1", "schedule2"):
        assert home.sensor("status", key) == "provisional"
        assert home.sensor("confidence", key) == "0.5"
    assert home.windows() == [span(25, 28)]
    await home.tell(certain=[*TODAY, *TOMORROW])
    for key in ("schedule1", "schedule2"):
        assert home.sensor("status", key) == "planned"
        assert home.sensor("confidence", key) == "1.0"
    assert home.windows() == [span(25, 28)]
    await home.live(END, 15 * MINUTE)
    assert home.on_time(*span(22, 31)) == 3 * HOUR
    assert home.energy(*span(22, 31), "schedule2") == pytest.approx(24, abs=0.01)


async def test_another_forecast_is_another_plan(forecast) -> None:
    home = forecast
    home.add()
    home.add_amount()
    await home.set_up(EVENING)
    await home.tell(forecast=[0.35, 0.40, 0.40, 0.40, 0.10, 0.31, 0.32, 0.60])
    for key in ("schedule1", "schedule2"):
        planned = runs([Span(*window) for window in home.windows(key)])
        assert planned == (Span(*span(22, 23)), Span(*span(28, 30)))
        assert home.sensor("status", key) == "provisional"


async def test_a_forecast_that_hardly_changes_changes_no_plan(forecast) -> None:
    """What is a hair cheaper by a guess is not worth a move."""
    home = forecast
    home.add(duration={"hours": 1, "minutes": 0})
    await home.set_up(EVENING)
    for turn in range(12):
        rates = list(TOMORROW)
        rates[3] = 0.1199 if turn % 2 else 0.1201
        await home.tell(forecast=rates)
        await home.live(home.now + 4 * MINUTE)
        assert home.windows() == [span(26, 27)]


async def test_energy_is_not_moved_for_a_hair_either(forecast) -> None:
    """Not before the first run, nor once a part of the energy is there."""
    home = forecast
    home.add_amount(energy=20.0)
    home.add_amount(name="Boiler", energy=4.0, max_power=4.0)
    await home.set_up(EVENING)
    home.certain = [0.50, 0.45, 0.05, 0.40]
    await home.tell()
    before = [runs(home.loads(key)) for key in ("schedule1", "schedule2")]
    assert before[0] == (Span(*span(22, 23)), Span(span(26, 27)[0], span(26, 28)[1] - 30 * MINUTE))
    for turn in range(30):
        rates = list(TOMORROW)
        rates[3] = 0.1199 if turn % 2 else 0.1201
        await home.tell(forecast=rates)
        await home.live(home.now + 5 * MINUTE)
        assert [runs(home.loads(key)) for key in ("schedule1", "schedule2")] == before
    await home.live(END, 15 * MINUTE)
    assert home.energy(*span(22, 31), "schedule1") == pytest.approx(20, abs=0.01)


async def test_nothing_is_bought_beyond_the_cap_that_a_forecast_was_below(forecast) -> None:
    home = forecast
    home.options(cap_absolute=0.2)
    home.add_amount(energy=8.0)
    await home.set_up(EVENING)
    assert home.windows() == [span(26, 27)]
    await home.tell(forecast=[0.35, 0.30, 0.42, 0.45, 0.30, 0.31, 0.32, 0.60])
    assert home.windows() == []
    await home.live(END, 15 * MINUTE)
    assert home.energy(*span(22, 31), "schedule1") == 0


async def test_a_run_on_a_forecast_is_not_cut(forecast) -> None:
    """It runs on, and what follows is planned anew."""
    home = forecast
    home.add()
    await home.set_up(EVENING)
    await home.live("2026-05-02T01:30", 15 * MINUTE)
    assert home.active()
    await home.tell(forecast=[0.35, 0.22, 0.80, 0.80, 0.10, 0.05, 0.05, 0.60])
    assert home.active()
    await home.live(END, 15 * MINUTE)
    assert [(run.start, run.end) for run in home.runs["schedule1"]] == [span(25, 28)]


async def test_a_forecast_that_is_not_told_any_more_is_no_price(forecast) -> None:
    """Then the time has no price again, and the load is served in it at the latest."""
    home = forecast
    home.add()
    await home.set_up(EVENING)
    await home.tell(forecast=[])
    assert home.windows() == [span(28, 31)]
    assert home.sensor("status") == "provisional"


async def test_hours_below_a_limit_do_not_change_for_a_hair(forecast) -> None:
    """Two hours at most, of three that are below the limit."""
    home = forecast
    home.add_limit(limit=0.25, most=120)
    await home.set_up(EVENING)
    for turn in range(6):
        rates = list(TOMORROW)
        rates[1:4] = [0.1501, 0.1499, 0.15] if turn % 2 else [0.1499, 0.1501, 0.15]
        await home.tell(forecast=rates)
        if turn == 0:
            before = home.windows()
        assert runs(Span(*one) for one in home.windows()) == runs(Span(*one) for one in before)
    await home.tell(forecast=[0.35, 0.22, 0.30, 0.15, 0.30, 0.31, 0.32, 0.60])
    assert runs(Span(*one) for one in home.windows()) == (
        Span(*span(25, 26)),
        Span(*span(27, 28)),
    )
