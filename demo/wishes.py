"""What the schedules of the demo ask for, in the words of their forms."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

LIMIT = 11.0  # kW that the home may buy, and sell
CAR_POWER, BATTERY_POWER = 7.4, 5.0  # kW; together more than the limit
CAR_ENERGY, BATTERY_ENERGY = 24.0, 5.0  # kWh
LEAST_POWER = 1.4  # kW, below which no car charges
HOT_WATER = timedelta(hours=3)

DISHES = timedelta(hours=2)
CHEAP_ENOUGH, TOY_CHEAP_ENOUGH = 0.15, 0.2  # EUR per kWh
LEAST_PUMPING = 120  # minutes

WATER, CAR, CHARGE, SELL = "Hot water", "Car", "Battery charging", "Battery selling"
DISHWASHER, PUMP = "Dishwasher", "Pool pump"
BUY = CAR, CHARGE  # what the limit of buying holds for

SECOND_HOME = "Summer house"
# What the grid and the state add to the price of the exchange there: more by day, and all taxed.
ADDITIONS = {
    "fixed": 0.04,
    "percent": 6,
    "hours": [{"start": "07:00:00", "end": "22:00:00", "amount": 0.02}],
}
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


def second_wishes() -> tuple[Wish, ...]:
    """Return what the second home wants: a machine that has to run through, and a pump."""
    return (
        _machine(DISHES, "20:00:00", "07:00:00"),
        _limit(CHEAP_ENOUGH, LEAST_PUMPING, "00:00:00", "00:00:00"),
    )


def second_toy_wishes(clock: str, length: timedelta) -> tuple[Wish, ...]:
    """Return the same for a day that begins at this time; the dishes take that long."""
    return _machine(length, clock, clock), _limit(TOY_CHEAP_ENOUGH, 0, clock, clock)


def _machine(duration: timedelta, start: str, end: str) -> Wish:
    """Return a machine that must not be interrupted."""
    wish = _duration(DISHWASHER, duration, start, end)
    return Wish(wish.kind, wish.form | {"machine": {"in_one_piece": True, "run_through": True}})


def _limit(limit: float, least: int, start: str, end: str) -> Wish:
    form = {"condition": "below", "limit_kind": "absolute", "limit": limit, "direction": "import"}
    return Wish("limit", _form(PUMP, start, end) | form | {"bounds": {"least": least}})


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
