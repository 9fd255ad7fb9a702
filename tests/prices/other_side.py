"""The other side: integrations whose actions give prices, in the shape in which they answer."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

import homeassistant.components
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv, entity_registry as er, selector
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_integration,
)
import voluptuous as vol

BRUSSELS = ZoneInfo("Europe/Brussels")
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
COMPONENTS = Path(homeassistant.components.__file__).parent

# Under which name the real integration has what it demands of a call.
SCHEMAS = {
    "nordpool.get_prices_for_date": "SERVICE_GET_PRICES_SCHEMA",
    "tibber.get_prices": "SERVICE_SCHEMA",
    "energyzero.get_energy_prices": "ENERGY_SERVICE_SCHEMA",
    "easyenergy.get_energy_usage_prices": "ENERGY_USAGE_SERVICE_SCHEMA",
    "easyenergy.get_energy_return_prices": "ENERGY_RETURN_SERVICE_SCHEMA",
    "omie.get_prices_for_date": "SERVICE_GET_PRICES_SCHEMA",
    "amberelectric.get_forecasts": "GET_FORECASTS_SCHEMA",
    "green_planet_energy.get_prices": "SERVICE_GET_PRICES_SCHEMA",
}
# This one does not come with Home Assistant.
TIBBER_PRICES = vol.Schema(
    {
        vol.Required("entry_id"): cv.string,
        vol.Required("start_time"): cv.datetime,
        vol.Required("end_time"): cv.datetime,
    }
)


def described(domain: str, action: str) -> vol.Schema:
    """Return what the real integration says of its action: its fields, and what fits them."""
    fields = load_yaml_dict(COMPONENTS / domain / "services.yaml")[action]["fields"]
    return vol.Schema(
        {
            (vol.Required if field.get("required") else vol.Optional)(name): selector.selector(
                field["selector"]
            )
            for name, field in fields.items()
        }
    )


def demanded(domain: str, action: str) -> vol.All | vol.Schema:
    """Return what a call has to pass; the real schema too, if the integration can be imported."""
    if domain == "tibber_prices":
        return TIBBER_PRICES
    checks = [described(domain, action)]
    try:
        services = import_module(f"homeassistant.components.{domain}.services")
    except ImportError:  # its library is not installed
        pass
    else:
        checks.append(getattr(services, SCHEMAS[f"{domain}.{action}"]))
    return vol.All(*checks)


def quarters(day: date, zone=BRUSSELS) -> Iterator[datetime]:
    """Yield the quarters of an hour of a day, in UTC."""
    moment = datetime.combine(day, time(), zone).astimezone(UTC)
    while moment.astimezone(zone).date() == day:
        yield moment
        moment += QUARTER


def price(moment: datetime, of: str = "") -> float:
    """Return a price per kWh, another one every quarter of an hour for a day and more."""
    number = int(moment.timestamp()) // 900 + len(of) * sum(map(ord, of))
    return (number % 211 - 20) / 1000


def refused(domain: str, key: str, kind: type[HomeAssistantError] = ServiceValidationError):
    return kind(translation_domain=domain, translation_key=key)


async def _unload(hass, entry) -> bool:
    return True


class OtherSide:
    """An integration: an entry, its action, and what is published."""

    domain: str
    action: str
    title = "Home"
    data: dict = {}

    def __init__(self, hass: HomeAssistant, last_day: date) -> None:
        self.hass = hass
        self.last_day = last_day
        self.broken: Exception | None = None
        self.unknown: set[datetime] = set()
        self.asked: list[dict] = []
        mock_integration(hass, MockModule(self.domain, async_unload_entry=_unload))
        self.entry = MockConfigEntry(
            domain=self.domain, title=self.title, data=self.data, state=ConfigEntryState.LOADED
        )
        self.entry.add_to_hass(hass)
        self.serve(self.action, self.answer)

    def serve(self, action: str, answer: Callable[[ServiceCall], dict]) -> None:
        async def handle(call: ServiceCall) -> dict:
            self.asked.append(dict(call.data))
            if self.broken:
                raise self.broken
            return answer(call)

        self.hass.services.async_register(
            self.domain,
            action,
            handle,
            schema=demanded(self.domain, action),
            supports_response=SupportsResponse.ONLY,
        )

    def price(self, moment: datetime, of: str = "") -> float | None:
        return None if moment in self.unknown else price(moment, of)

    def out(self, day: date) -> bool:
        return day <= self.last_day

    def answer(self, call: ServiceCall) -> dict:
        raise NotImplementedError


class NordPool(OtherSide):
    domain, action, title = "nordpool", "get_prices_for_date", "Nord Pool"
    data = {"areas": ["SE3", "NO2"], "currency": "SEK"}

    def answer(self, call):
        assert call.data["config_entry"] == self.entry.entry_id
        day = cv.date(call.data["date"])
        return {
            area: [
                {
                    "start": start.isoformat(),
                    "end": (start + QUARTER).isoformat(),
                    "price": None if (rate := self.price(start, area)) is None else rate * 1000,
                }
                for start in quarters(day)
                if self.out(day)
            ]
            for area in call.data["areas"]
        }


class Tibber(OtherSide):
    domain, action, title = "tibber", "get_prices", "Jan Jansen"
    homes = ("My home", "Cabin")

    def answer(self, call):
        today = dt_util.start_of_local_day()
        start = dt_util.parse_datetime(call.data.get("start", today.isoformat()))
        end = dt_util.parse_datetime(call.data.get("end", (today + DAY).isoformat()))
        days = (self.last_day - n * DAY for n in (3, 2, 1, 0))
        moments = [moment for day in days for moment in quarters(day) if start <= moment < end]
        return {
            "prices": {
                home: [
                    {
                        "start_time": moment.astimezone(BRUSSELS).isoformat("T", "milliseconds"),
                        "price": self.price(moment, home),
                    }
                    for moment in moments
                ]
                for home in self.homes
            }
        }


class EnergyZero(OtherSide):
    domain, action, title = "energyzero", "get_energy_prices", "EnergyZero"

    def answer(self, call):
        assert call.data["start"] == call.data["end"]
        assert call.data["interval"] == "quarter"
        assert call.data["incl_vat"] is True
        day = cv.date(call.data["start"])
        if not self.out(day):
            raise refused("energyzero", "no_data")
        return {
            "prices": [
                {
                    "price": self.price(start, call.data["price_type"]),
                    "timestamp": str(start),
                    "start": str(start),
                    "end": str(start + QUARTER),
                }
                for start in quarters(day)
            ]
        }


class EasyEnergy(OtherSide):
    domain, action, title = "easyenergy", "get_energy_usage_prices", "easyEnergy"

    def __init__(self, hass, last_day) -> None:
        super().__init__(hass, last_day)
        self.serve("get_energy_return_prices", self.answer)

    def answer(self, call):
        assert call.data["start"] == call.data["end"]
        assert call.data["granularity"] == "quarter"
        day = cv.date(call.data["start"])
        if not self.out(day):
            raise refused("easyenergy", "fetch_prices_error", HomeAssistantError)
        kind = "return" if call.service == "get_energy_return_prices" else call.data["price_type"]
        return {
            "prices": [
                {"timestamp": str(start), "price": self.price(start, kind)}
                for start in quarters(day)
            ]
        }


class Omie(OtherSide):
    """As it is: on the days of a changed clock its times are those of an unchanged one."""

    domain, action, title = "omie", "get_prices_for_date", "OMIE"

    def answer(self, call):
        day = cv.date(call.data["date"])
        if not self.out(day):
            raise refused("omie", "data_not_available")
        return {country: self.rows(day, country) for country in call.data["countries"]}

    def rows(self, day: date, country: str) -> list[dict]:
        midnight = datetime.combine(day, time(), BRUSSELS)
        by_start = {
            (midnight + n * QUARTER).astimezone(UTC): self.price(start, country)
            for n, start in enumerate(quarters(day))
        }
        return [
            {
                "start": start.astimezone(BRUSSELS).isoformat(),
                "end": (start + QUARTER).astimezone(BRUSSELS).isoformat(),
                "price": rate,
            }
            for start, rate in by_start.items()
        ]


class MendedOmie(Omie):
    """As it may be one day: with the right times."""

    def rows(self, day: date, country: str) -> list[dict]:
        return [
            {
                "start": start.astimezone(BRUSSELS).isoformat(),
                "end": (start + QUARTER).astimezone(BRUSSELS).isoformat(),
                "price": self.price(start, country),
            }
            for start in quarters(day)
        ]


class TibberPrices(OtherSide):
    domain, action, title = "tibber_prices", "get_price", "Lane 1"
    data = {"home_id": "abc-123", "currency": "NOK"}

    def answer(self, call):
        assert call.data["entry_id"] == self.entry.entry_id
        start, end = call.data["start_time"], call.data["end_time"]
        days = (self.last_day - n * DAY for n in (3, 2, 1, 0))
        rows = [
            {
                "startsAt": moment.astimezone(BRUSSELS).isoformat("T", "milliseconds"),
                "total": self.price(moment),
                "energy": 0.1218,
                "tax": 0.1316,
                "level": "NORMAL",
            }
            for day in days
            for moment in quarters(day)
            if start <= moment < end
        ]
        return {
            "success": True,
            "home_id": "abc-123",
            "start_time": start.isoformat(),
            "end_time": end.isoformat(),
            "interval_count": len(rows),
            "price_info": rows,
        }


class Amber(OtherSide):
    """Six intervals of five minutes, then half hours; the running one is a sensor's."""

    domain, action, title = "amberelectric", "get_forecasts", "Beach house"
    data = {"site_id": "01ABC", "site_name": "Beach house"}
    channels = ("general", "feed_in")

    def __init__(self, hass, last_day) -> None:
        super().__init__(hass, last_day)
        self.sensors = {
            channel: er.async_get(hass)
            .async_get_or_create(
                "sensor", "amberelectric", f"01ABC-current-{channel}", config_entry=self.entry
            )
            .entity_id
            for channel in self.channels
        }

    def run(self, start: datetime) -> None:
        """Begin an interval: what runs is in the sensors, what is ahead in the action."""
        self.now = start
        for channel, sensor in self.sensors.items():
            told = self.row(start, 5, channel)
            self.hass.states.async_set(sensor, str(told["per_kwh"]), told)

    def row(self, start: datetime, minutes: int, channel: str) -> dict:
        end = start + timedelta(minutes=minutes)
        return {
            "duration": minutes,
            "date": start.date().isoformat(),
            "nem_date": end.isoformat(),
            "per_kwh": price(start, channel),
            "spot_per_kwh": 0.05,
            "start_time": (start + timedelta(seconds=1)).isoformat(),
            "end_time": end.isoformat(),
            "renewables": 41,
            "spike_status": "none",
            "descriptor": "low",
        }

    def answer(self, call):
        assert call.data["config_entry_id"] == self.entry.entry_id
        channel = call.data["channel_type"]
        if channel not in self.channels:
            raise refused("amberelectric", "channel_not_found")
        step = timedelta(minutes=5)
        rows = [self.row(self.now + n * step, 5, channel) for n in range(1, 6)]
        rows += [self.row(self.now + n * step, 30, channel) for n in range(6, 12 * 24, 6)]
        return {"forecasts": rows}


class GreenPlanet(OtherSide):
    """It goes along the clock on the wall, a quarter at a time."""

    domain, action, title = "green_planet_energy", "get_prices", "Green Planet Energy"

    def answer(self, call):
        assert call.data["config_entry_id"] == self.entry.entry_id
        start = dt_util.now().replace(minute=dt_util.now().minute // 15 * 15, second=0)
        walls = [start + n * QUARTER for n in range(int(call.data["hours"] * 4))]
        return {
            "prices": [
                {
                    "start": wall.isoformat(),
                    "end": (wall + QUARTER).isoformat(),
                    "price": self.price(wall.astimezone(UTC)),
                }
                for wall in walls
                if self.out(wall.date())
            ],
            "hours_requested": call.data["hours"],
        }
