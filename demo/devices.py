"""The devices of the demo, made of templates, and the automations that let them follow."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .wishes import (
    BATTERY_POWER,
    CAR,
    CAR_POWER,
    CHARGE,
    DISHWASHER,
    LIMIT,
    PUMP,
    SELL,
    WATER,
)

type Json = dict[str, Any]
type Entities = dict[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A home that is set up: its own entities, and those of each schedule by its name."""

    entry_id: str
    home: Entities
    schedules: dict[str, Entities]


@dataclass(frozen=True, slots=True)
class Device:
    """Something that follows a schedule, by a switch; what it is called in a sentence."""

    schedule: str
    switch: str
    name: str
    on: str = "is on"
    off: str = "is off"


DEVICES = (
    Device(CAR, "switch.charger", "the charger"),
    Device(CHARGE, "switch.battery_charges", "the battery", "charges", "charges no more"),
    Device(SELL, "switch.battery_sells", "the battery", "sells", "sells no more"),
    Device(WATER, "switch.boiler", "the boiler"),
    Device(DISHWASHER, "switch.dishwasher", "the dishwasher"),
    Device(PUMP, "switch.pool_pump", "the pool pump"),
)
CHARGER_POWER, BATTERY = "number.charger_power", "number.battery_power"
BOUGHT, SOLD, ALLOWED = "sensor.power_bought", "sensor.power_sold", "sensor.site_limit"
# Two devices change at one edge: what they take together is looked at once both have.
SETTLED = {"milliseconds": 300}
_RANGES = {CHARGER_POWER: (0, CAR_POWER), BATTERY: (-BATTERY_POWER, BATTERY_POWER)}


def templates() -> list[Json]:
    """Return the devices as Home Assistant's template integration has them."""
    charger, battery = (f"states('{entity}') | float(0)" for entity in (CHARGER_POWER, BATTERY))
    return [
        {
            "switch": [
                _switch("Charger", "mdi:ev-station"),
                _switch("Battery charges", "mdi:battery-charging"),
                _switch("Battery sells", "mdi:home-export-outline"),
                _switch("Boiler", "mdi:water-boiler"),
                _switch("Dishwasher", "mdi:dishwasher"),
                _switch("Pool pump", "mdi:pump"),
            ],
            "number": [_number("Charger power", CHARGER_POWER), _number("Battery power", BATTERY)],
        },
        {
            "triggers": [
                {"trigger": "state", "entity_id": [CHARGER_POWER, BATTERY], "for": SETTLED},
                {"trigger": "homeassistant", "event": "start"},
            ],
            "sensor": [
                _sensor("Power bought", f"{{{{ {charger} + [{battery}, 0] | max }}}}"),
                _sensor("Power sold", f"{{{{ [0, -({battery})] | max }}}}"),
                _sensor("Site limit", f"{LIMIT * 1000:.0f}"),
            ],
        },
    ]


def _named(name: str) -> Json:
    return {"name": name, "unique_id": f"demo_{name.lower().replace(' ', '_')}"}


def _switch(name: str, icon: str) -> Json:
    return {**_named(name), "icon": icon, "turn_on": [], "turn_off": []}


def _number(name: str, entity: str) -> Json:
    least, most = (1000 * power for power in _RANGES[entity])
    unit = {"unit_of_measurement": "W", "device_class": "power", "step": 1}
    return {**_named(name), **unit, "min": least, "max": most, "set_value": []}


def _sensor(name: str, state: str) -> Json:
    unit = {"unit_of_measurement": "W", "device_class": "power", "state_class": "measurement"}
    return {**_named(name), **unit, "state": state}


def automations(schedules: dict[str, Entities]) -> dict[str, Json]:
    """Return an automation for each device, by id: it switches, and sets the power."""
    car, charge, sell = (f"states('{schedules[one]['power']}')" for one in (CAR, CHARGE, SELL))
    # the battery has one number for both ways: below nothing it sells
    powers = {
        CHARGER_POWER: f"{{{{ {car} | float(0) }}}}",
        BATTERY: f"{{{{ {charge} | float(0) - {sell} | float(0) }}}}",
    }
    return {
        "demo_charger": _follow(
            "charger", schedules, [CAR], {CHARGER_POWER: powers[CHARGER_POWER]}
        ),
        "demo_battery": _follow("battery", schedules, [CHARGE, SELL], {BATTERY: powers[BATTERY]}),
        "demo_boiler": _follow("boiler", schedules, [WATER], {}),
        "demo_dishwasher": _follow("dishwasher", schedules, [DISHWASHER], {}),
        "demo_pump": _follow("pool pump", schedules, [PUMP], {}),
    }


def _follow(
    name: str, schedules: dict[str, Entities], follows: Iterable[str], powers: dict[str, str]
) -> Json:
    """Return the automation of one device."""
    switches = {device.schedule: device.switch for device in DEVICES}
    followed = [schedules[schedule] for schedule in follows]
    watched = [one[key] for one in followed for key in ("active", "power") if key in one]
    actions: list[Json] = [
        {
            "action": "number.set_value",
            "target": {"entity_id": number},
            "data": {"value": value},
        }
        for number, value in powers.items()
    ]
    for schedule in follows:
        target = {"entity_id": switches[schedule]}
        active = schedules[schedule]["active"]
        actions.append(
            {
                "if": [{"condition": "state", "entity_id": active, "state": "on"}],
                "then": [{"action": "switch.turn_on", "target": target}],
                "else": [{"action": "switch.turn_off", "target": target}],
            }
        )
    return {
        "alias": f"The {name} follows the plan",
        "description": "Follows at every edge, and looks again after a restart.",
        "triggers": [
            {"trigger": "state", "entity_id": watched, "to": None},
            {"trigger": "homeassistant", "event": "start"},
        ],
        "conditions": [],
        "actions": actions,
        "mode": "queued",
    }
