"""What integrations show in attributes: the shapes of their sensors, for any days and prices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
import json
import math
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.json import json_bytes

from custom_components.flatpeak.model import DAY, MINUTE, Slot

BRUSSELS = ZoneInfo("Europe/Brussels")
LONDON = ZoneInfo("Europe/London")

type Attributes = dict[str, Any]
type Starts = Sequence[datetime]


def price(start: datetime) -> float:
    """Return what power costs from a moment on, per kWh; by day it may cost less than nothing."""
    hour = start.timestamp() / 3600
    return round(0.1 + 0.15 * math.sin(hour) + 0.05 * math.sin(hour / 7), 4)


def starts(day: date, minutes: int, zone: ZoneInfo) -> list[datetime]:
    """Return the starts of a day's prices, by the clock of the place."""
    begin, end = (
        datetime.combine(midnight, time(), zone).astimezone(UTC) for midnight in (day, day + DAY)
    )
    step = timedelta(minutes=minutes)
    return [(begin + n * step).astimezone(zone) for n in range((end - begin) // step)]


def after(start: datetime, minutes: int) -> datetime:
    """Return a moment some minutes later; by the clock on the wall this goes wrong twice a year."""
    return (start.astimezone(UTC) + minutes * MINUTE).astimezone(start.tzinfo)


@dataclass(frozen=True)
class Listed:
    """A kind of integration, and what one of its entities shows.

    `show` is given the starts of today and, once they are out, of tomorrow, and returns the
    attributes by entity.
    """

    source: str
    entity_id: str
    show: Callable[[Starts, Starts], dict[str, Attributes]]
    platform: str | None = None
    minutes: int = 15
    zone: ZoneInfo = BRUSSELS
    currency: str | None = "EUR"
    unit: str | None = "EUR/kWh"

    def slots(self, days: Sequence[date]) -> tuple[Slot, ...]:
        """Return what is to be read of it."""
        return tuple(
            Slot(
                start.astimezone(UTC),
                start.astimezone(UTC) + self.minutes * MINUTE,
                price(start),
            )
            for day in days
            for start in starts(day, self.minutes, self.zone)
        )

    def put(
        self, hass: HomeAssistant, today: date, *, tomorrow: bool = True, text: bool = False
    ) -> None:
        """Show a day, as the integration does, or as it looks once it has been JSON."""
        following = starts(today + DAY, self.minutes, self.zone) if tomorrow else []
        shown = self.show(starts(today, self.minutes, self.zone), following)
        for entity_id, attributes in shown.items():
            put(hass, entity_id, attributes, platform=self.platform, text=text)


def put(
    hass: HomeAssistant,
    entity_id: str,
    attributes: Attributes,
    *,
    platform: str | None = None,
    text: bool = False,
    state: str = "0.25",
    force: bool = True,
) -> None:
    """Put an entity into the home, and into the registry if an integration is named."""
    if platform:
        domain, object_id = entity_id.split(".")
        er.async_get(hass).async_get_or_create(
            domain, platform, object_id, suggested_object_id=object_id
        )
    shown = json.loads(json_bytes(attributes)) if text else attributes
    hass.states.async_set(entity_id, state, shown, force_update=force)


def nordpool(today: Starts, tomorrow: Starts) -> dict[str, Attributes]:
    """Return the custom integration's sensor of a Swedish area."""

    def raw(day: Starts) -> list[Attributes]:
        return [{"start": start, "end": after(start, 15), "value": price(start)} for start in day]

    return {
        "sensor.nordpool_kwh_se3_sek_3_10_025": {
            "state_class": "total",
            "average": 0.1,
            "off_peak_1": 0.1,
            "min": -0.1,
            "max": 0.3,
            "unit": "kWh",
            "currency": "SEK",
            "country": "Sweden",
            "region": "SE3",
            "low_price": False,
            "today": [price(start) for start in today],
            "tomorrow": [price(start) for start in tomorrow],
            "tomorrow_valid": bool(tomorrow),
            "raw_today": raw(today),
            "raw_tomorrow": raw(tomorrow),
            "current_price": 0.25,
            "additional_costs_current_hour": 0.0,
            "price_in_cents": False,
            "unit_of_measurement": "SEK/kWh",
            "device_class": "monetary",
            "friendly_name": "nordpool_kwh_se3_sek_3_10_025",
        }
    }


METER = "event.octopus_energy_electricity_21l1234567_1012345678901"


def octopus(today: Starts, tomorrow: Starts) -> dict[str, Attributes]:
    """Return the events of a meter; the next day's has no rates before they are out."""

    def event(which: str, day: Starts) -> Attributes:
        kind = f"octopus_energy_electricity_{which}_rates"
        return {
            "event_types": [kind],
            "event_type": kind,
            "rates": [
                {
                    "start": start,
                    "end": after(start, 30),
                    "value_inc_vat": price(start),
                    "is_capped": False,
                    "is_intelligent_adjusted": False,
                }
                for start in day
            ],
            "tariff_code": "E-1R-AGILE-24-10-01-C",
            "mpan": "1012345678901",
            "serial_number": "21L1234567",
            "friendly_name": f"Electricity 21L1234567 {which}",
        }

    return {
        f"{METER}_previous_day_rates": event("previous_day", []),
        f"{METER}_current_day_rates": event("current_day", today),
        f"{METER}_next_day_rates": event("next_day", tomorrow),
    }


def epex(key: str, factor: float, unit: str) -> Callable[[Starts, Starts], dict[str, Attributes]]:
    """Return the sensor of a release with its own key and unit."""

    def show(today: Starts, tomorrow: Starts) -> dict[str, Attributes]:
        return {
            "sensor.epex_spot_data_total_price": {
                "data": [
                    {
                        "start_time": start.isoformat(),
                        "end_time": after(start, 15).isoformat(),
                        key: round(price(start) * factor, 6),
                    }
                    for start in (*today, *tomorrow)
                ],
                "unit_of_measurement": unit,
                "friendly_name": "EPEX Spot Data Total Price",
            }
        }

    return show


def entsoe(today: Starts, tomorrow: Starts) -> dict[str, Attributes]:
    """Return the sensor of the average price; times are texts with a blank."""

    def prices(day: Starts) -> list[Attributes]:
        return [{"time": str(start), "price": price(start)} for start in day]

    return {
        "sensor.average_electricity_price": {
            "prices_today": prices(today),
            "prices_tomorrow": prices(tomorrow),
            "prices": prices([*today, *tomorrow]),
            "unit_of_measurement": "EUR/kWh",
            "attribution": "Data provided by ENTSO-e Transparency Platform",
            "friendly_name": "Average electricity price",
        }
    }


def energi_data_service(today: Starts, tomorrow: Starts) -> dict[str, Attributes]:
    """Return the sensor without a forecast; what is not out yet is None."""

    def raw(day: Starts) -> list[Attributes] | None:
        return [{"hour": start, "price": price(start)} for start in day] or None

    return {
        "sensor.energi_data_service": {
            "current_price": 0.25,
            "unit": "kWh",
            "currency": "DKK",
            "region": "West",
            "tomorrow_valid": bool(tomorrow),
            "today": [price(start) for start in today],
            "tomorrow": [price(start) for start in tomorrow] or None,
            "raw_today": raw(today),
            "raw_tomorrow": raw(tomorrow),
            "use_cent": False,
            "unit_of_measurement": "kr/kWh",
            "friendly_name": "Energi Data Service",
        }
    }


def frank_energie(today: Starts, tomorrow: Starts) -> dict[str, Attributes]:
    """Return the sensor of the all-in price, with a message where tomorrow is missing."""
    listed: list[Attributes] = [
        {"from": start, "till": after(start, 60), "price": price(start)}
        for start in (*today, *tomorrow)
    ]
    message = [] if tomorrow else [{"message": "Prices of tomorrow are not available yet"}]
    return {
        "sensor.frank_energie_prices_current_electricity_price_all_in": {
            "prices": [*listed, *message],
            "unit_of_measurement": "EUR/kWh",
            "friendly_name": "Current electricity price (All-in)",
        }
    }


def omie(today: Starts, tomorrow: Starts) -> dict[str, Attributes]:
    """Return the sensor of Spain; prices that are not out yet are None."""
    following = {after(start, 24 * 60): None for start in today[:4]}
    return {
        "sensor.omie_spot_price_es": {
            "OMIE_today_average": 100.0,
            "today_provisional": False,
            "today_hours": {
                start.astimezone(UTC): round(price(start) * 1000, 2) for start in today
            },
            "tomorrow_provisional": not tomorrow,
            "tomorrow_hours": {
                start.astimezone(UTC): round(price(start) * 1000, 2) for start in tomorrow
            }
            or following,
            "unit_of_measurement": "€/MWh",
            "friendly_name": "OMIE Spain price",
        }
    }


def ge_spot(today: Starts, tomorrow: Starts) -> dict[str, Attributes]:
    """Return three of the sensors, whose lists are made of times of the clock."""

    def interval_prices(day: Starts) -> list[Attributes]:
        by_clock = {f"{start:%H:%M}": (start.replace(fold=0), price(start)) for start in day}
        return [{"time": start, "value": value} for start, value in by_clock.values()]

    shown = {
        "currency": "EUR",
        "area": "BE",
        "vat": "21.0%",
        "use_subunit": False,
        "today_interval_prices": interval_prices(today),
        "tomorrow_interval_prices": interval_prices(tomorrow),
    }
    return {
        "sensor.gespot_average_price_be": shown
        | {"unit_of_measurement": "EUR/kWh", "friendly_name": "GE-Spot Average Price BE"},
        "sensor.gespot_current_price_be": shown
        | {"unit_of_measurement": "EUR/kWh", "friendly_name": "GE-Spot Current Price BE"},
        "sensor.gespot_price_difference_be": shown
        | {"unit_of_measurement": "%", "friendly_name": "GE-Spot Price Difference BE"},
    }


def zonneplan(today: Starts, tomorrow: Starts) -> dict[str, Attributes]:
    """Return the tariff's sensor; prices are whole numbers."""
    return {
        "sensor.zonneplan_current_electricity_tariff": {
            "forecast": [
                {
                    "datetime": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
                    "price": round(price(start) * 1e7),
                    "electricity_price": round(price(start) * 1e7),
                    "tariff_group": "normal",
                    "solar_percentage": 12,
                }
                for start in (*today, *tomorrow)
            ],
            "unit_of_measurement": "€/kWh",
            "friendly_name": "Zonneplan Current electricity tariff",
        }
    }


def stromligning(today: Starts, tomorrow: Starts) -> dict[str, Attributes]:
    """Return the price, and the sensor that tells that tomorrow is there."""

    def prices(day: Starts) -> list[Attributes]:
        return [{"price": price(start), "start": start, "end": after(start, 15)} for start in day]

    return {
        "sensor.stromligning_current_price_vat": {
            "prices": prices(today),
            "unit_of_measurement": "kr/kWh",
            "friendly_name": "Strømligning Current price",
        },
        "binary_sensor.stromligning_tomorrow_available_vat": (
            {"prices": prices(tomorrow)} if tomorrow else {"available_at": today[-1]}
        ),
    }


def awattar(today: Starts, tomorrow: Starts) -> dict[str, Attributes]:
    """Return a REST sensor of the public interface."""
    return {
        "sensor.strompreis": {
            "data": [
                {
                    "start_timestamp": int(start.timestamp() * 1000),
                    "end_timestamp": int(after(start, 60).timestamp() * 1000),
                    "marketprice": round(price(start) * 1000, 2),
                    "unit": "Eur/MWh",
                }
                for start in (*today, *tomorrow)
            ],
            "unit_of_measurement": "ct/kWh",
            "friendly_name": "Strompreis",
        }
    }


EPEX = "sensor.epex_spot_data_total_price"
LISTED = {
    "nordpool": Listed(
        "nordpool_hacs",
        "sensor.nordpool_kwh_se3_sek_3_10_025",
        nordpool,
        "nordpool",
        currency="SEK",
        unit="SEK/kWh",
    ),
    "octopus": Listed(
        "octopus_energy",
        f"{METER}_current_day_rates",
        octopus,
        "octopus_energy",
        30,
        LONDON,
        "GBP",
        "GBP/kWh",
    ),
    "epex": Listed("epex_spot", EPEX, epex("price_per_kwh", 1, "€/kWh"), "epex_spot", unit="€/kWh"),
    "epex_mwh": Listed(
        "epex_spot",
        EPEX,
        epex("price_eur_per_mwh", 1000, "EUR/MWh"),
        "epex_spot",
        unit="EUR/MWh",
    ),
    "epex_ct": Listed(
        "epex_spot", EPEX, epex("price_ct_per_kwh", 100, "ct/kWh"), "epex_spot", unit="EURct/kWh"
    ),
    "entsoe": Listed("entsoe", "sensor.average_electricity_price", entsoe, "entsoe"),
    "energi_data_service": Listed(
        "energi_data_service",
        "sensor.energi_data_service",
        energi_data_service,
        "energidataservice",
        currency="DKK",
        unit="kr/kWh",
    ),
    "frank_energie": Listed(
        "frank_energie",
        "sensor.frank_energie_prices_current_electricity_price_all_in",
        frank_energie,
        "frank_energie",
        60,
    ),
    "omie": Listed("omie_hacs", "sensor.omie_spot_price_es", omie, "omie", unit="€/MWh"),
    "ge_spot": Listed("ge_spot", "sensor.gespot_current_price_be", ge_spot, "ge_spot"),
    "zonneplan": Listed(
        "zonneplan",
        "sensor.zonneplan_current_electricity_tariff",
        zonneplan,
        "zonneplan_one",
        60,
    ),
    "stromligning": Listed(
        "stromligning",
        "sensor.stromligning_current_price_vat",
        stromligning,
        "stromligning",
        currency="DKK",
        unit="kr/kWh",
    ),
    "awattar": Listed("awattar", "sensor.strompreis", awattar, minutes=60, unit="EUR/MWh"),
}
