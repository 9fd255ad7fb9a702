"""What the schedules of the demo ask for, in the words of their forms."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

LIMIT = 11.0  # kW that the home may buy, and sell
CAR_POWER, BATTERY_POWER = 7.4, 5.0  # kW; together more than the limit
CAR_ENERGY, BATTERY_ENERGY = 24.0, 5.0  # kWh
LEAST_POWER = 1.4  # kW, below which no car charges
HOT_WATER = timedelta(hours=3)

WATER, CAR, CHARGE, SELL = "Hot water", "Car", "Battery charging", "Battery selling"
BUY = CAR, CHARGE  # what the limit of buying holds for

LIMITS = {"max_import_power": LIMIT, "max_export_power": LIMIT}


@dataclass(frozen=True, slots=True)
class Wish:
    """One schedule: its kind, and its form filled in."""

    kind: str
    form: dict[str, Any]


def wishes() -> tuple[Wish, ...]:
    """Return what the home wants in a night and an evening."""
    return (
        _duration(WATER, HOT_WATER, "22:00:00", "07:00:00"),
        _amount(CAR, "import", CAR_ENERGY, "18:00:00", "07:30:00"),
        _amount(CHARGE, "import", BATTERY_ENERGY, "22:00:00", "07:00:00"),
        _amount(SELL, "export", BATTERY_ENERGY, "17:00:00", "21:00:00"),
    )


def toy_wishes(clock: str, pace: float) -> tuple[Wish, ...]:
    """Return the same for a day that begins at this time and goes by at this pace."""
    day = clock, clock  # the same time means 24 hours
    return (
        _duration(WATER, HOT_WATER / pace, *day),
        _amount(CAR, "import", CAR_ENERGY / pace, *day),
        _amount(CHARGE, "import", BATTERY_ENERGY / pace, *day),
        _amount(SELL, "export", BATTERY_ENERGY / pace, *day),
    )


def _duration(name: str, duration: timedelta, start: str, end: str) -> Wish:
    hours, rest = divmod(duration, timedelta(hours=1))
    minutes = {"hours": hours, "minutes": rest // timedelta(minutes=1), "seconds": 0}
    form = {"segment": "low", "direction": "import", "duration": minutes}
    return Wish("duration", _form(name, start, end) | form)


def _amount(name: str, direction: str, energy: float, start: str, end: str) -> Wish:
    form = {"direction": direction, "energy": round(energy, 1), "max_power": BATTERY_POWER}
    if name == CAR:
        form |= {"max_power": CAR_POWER, "advanced": {"min_power": LEAST_POWER}}
    return Wish("amount", _form(name, start, end) | form)


def _form(name: str, start: str, end: str) -> dict[str, Any]:
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    return {"name": name, "start": start, "end": end, "days": days}
