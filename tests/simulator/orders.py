"""Questions for a schedule by amount: a car and a heater in the four first hours of a day."""

from datetime import datetime, timedelta

from custom_components.flatpeak.model import Slot
from simulator import Device, Dialect
from simulator.state import LOCATION, Json

from .conftest import Answer, Client

CAR = Device(id="dev_car", reference_id="Car")
HEATER = Device(id="dev_heater", reference_id="Heater")
MIDNIGHT = datetime.fromisoformat("2026-01-15T00:00:00Z")
HOUR = timedelta(hours=1)
DIALECTS = (Dialect.ZERO, Dialect.ANODE, Dialect.ANODE_GUIDE)


def hours(*rates: float | None, confidence: float = 1.0) -> tuple[Slot, ...]:
    """Return prices by the hour from midnight on."""
    return tuple(
        Slot(MIDNIGHT + number * HOUR, MIDNIGHT + (number + 1) * HOUR, rate, confidence)
        for number, rate in enumerate(rates)
    )


def watts(value: Json) -> dict[str, Json]:
    return {"units": "W", "value": value}


def watt_hours(value: Json) -> dict[str, Json]:
    return {"units": "WH", "value": value}


def part(device: str = CAR.id, **changes: Json) -> dict[str, Json]:
    """Return a device's part: 10 kWh at 6 kW; a field changed to `...` is left out."""
    fields = {
        "device_id": device,
        "start_time": "2026-01-15T00:00:00Z",
        "end_time": "2026-01-15T04:00:00Z",
        "max_power": watts(6000),
        "energy": watt_hours(10000),
    }
    return {name: value for name, value in (fields | changes).items() if value is not ...}


def order(*parts: dict[str, Json], **changes: Json) -> dict[str, Json]:
    """Return a request of a site of 8 kW."""
    fields = {"max_power": watts(8000), "data": list(parts)}
    return {name: value for name, value in (fields | changes).items() if value is not ...}


async def send(client: Client, fields: Json, dialect: Dialect = Dialect.ANODE) -> Answer:
    """Ask as a dialect does."""
    client.simulator.world.version = dialect
    if dialect is Dialect.ZERO:
        fields = {"location_id": LOCATION} | fields
        return await client.send("POST", "/schedules", json=fields)
    return await client.send("POST", f"/schedules/amount/{LOCATION}", json=fields)


def running(answer: Answer, number: int = 0) -> list[tuple[str, str, Json]]:
    """Return when a device runs: from when to when by the clock, and its power."""
    return [
        (step["start_time"][11:-1], step["end_time"][11:-1], step["power"]["value"])
        for step in answer.body["data"][number]["schedule"]
    ]
