"""When devices should run to get their energy, and what that costs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, tzinfo
import math
from typing import Any

from homeassistant.const import CONF_NAME
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import (
    ATTR_CONFIG_ENTRY_ID,
    CONF_DIRECTION,
    CONF_END,
    CONF_ENERGY,
    CONF_MIN_POWER,
    CONF_START,
    DOMAIN,
    MAX_ENERGY,
    MAX_POWER,
    REFERENCE,
)
from ..coordinator import FlatpeakConfigEntry, FlatpeakCoordinator
from ..homes import BaseHome, action_failure, rounded
from ..model import (
    HOUR,
    NEGLIGIBLE,
    AmountPlan,
    AmountTarget,
    Demand,
    DeviceSchedule,
    Direction,
    Frame,
    PriceCap,
    SiteRules,
    lowest_confidence,
    savings_percentage,
)
from ..model.errors import FlatpeakError, FlatpeakRefusedError
from ..planner import Question, combined, requests
from .calls import DIRECTION, invalid, span_of

CONF_CAP = "cap"
CONF_DEVICES = "devices"
CONF_POWER = "power"
# Devices of ours in Flatpeak that stand for those of an action.
_REFERENCE = f"{REFERENCE}action-"


def _number(most: float, *, zero: bool = False) -> vol.All:
    """Read a number above zero; nan and inf are none."""
    return vol.All(vol.Coerce(float), vol.Range(min=0, max=most, min_included=zero))


_DEVICE = {
    vol.Optional(CONF_START): cv.datetime,
    vol.Optional(CONF_END): cv.datetime,
    vol.Optional(CONF_DIRECTION): vol.All(DIRECTION, vol.In((Direction.IMPORT, Direction.EXPORT))),
    vol.Optional(CONF_MIN_POWER): _number(MAX_POWER, zero=True),
}
_ENERGY, _POWER = _number(MAX_ENERGY), _number(MAX_POWER)

PLAN_ENERGY_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        vol.Optional(CONF_ENERGY): _ENERGY,
        vol.Optional(CONF_POWER): _POWER,
        **_DEVICE,
        vol.Optional(CONF_CAP): vol.Any(None, vol.All(vol.Coerce(float), vol.Range(-1e5, 1e5))),
        vol.Optional(CONF_DEVICES): vol.All(
            cv.ensure_list,
            [
                vol.Schema(
                    {
                        vol.Optional(CONF_NAME): cv.string,
                        vol.Required(CONF_ENERGY): _ENERGY,
                        vol.Required(CONF_POWER): _POWER,
                        **_DEVICE,
                    }
                )
            ],
        ),
    }
)


async def plan_energy(call: ServiceCall) -> ServiceResponse:
    """Answer when devices should run to get their energy.

    The answer: `devices`, each with `name`, `direction`, `windows` (each `start`, `end`,
    `power` in kW, `rate`, `confidence`), `energy` and `shortfall` in kWh, `cost` (what is
    earned where it is sold), `savings`, `savings_percentage`; the same sums for all of them,
    with what is earned taken off the cost where there is both; `currency`, `confidence`
    (the lowest). For one device its `windows` stand at the top as well.
    """
    entry: FlatpeakConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    home = entry.runtime_data
    location = home.location
    wanted = _wanted(call.data)
    now = dt_util.utcnow().replace(microsecond=0)
    demands = [_demand(index, one, location.zone, now) for index, one in enumerate(wanted)]
    rules = _rules(home.data.rules, call.data)
    try:
        answers = await _answers(home, demands, rules)
    except FlatpeakError as err:
        raise action_failure(call.hass, entry, err) from err
    questions = {str(index): _question(demand) for index, demand in enumerate(demands)}
    plans = combined(questions, answers, rules.limits, now)
    devices = [
        _described(location, demand, plans[key], one.get(CONF_NAME) or str(index + 1))
        for index, (key, demand, one) in enumerate(zip(plans, demands, wanted, strict=True))
    ]
    return {
        **({"windows": devices[0]["windows"]} if len(devices) == 1 else {}),
        "devices": devices,
        **_sums(demands, list(plans.values())),
        "currency": location.currency,
    }


def _wanted(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what is asked for each device: the ones listed, or the one of the call itself."""
    listed: list[Mapping[str, Any]] = data.get(CONF_DEVICES, [])
    alone = CONF_ENERGY in data and CONF_POWER in data
    if bool(listed) == alone or (listed and (CONF_ENERGY in data or CONF_POWER in data)):
        raise invalid("no_demand")
    shared = {name.schema: data[name.schema] for name in _DEVICE if name.schema in data}
    return [{**shared, **one} for one in listed] or [data]


def _demand(index: int, one: Mapping[str, Any], zone: tzinfo, now: datetime) -> Demand:
    """Read one device's demand, from now on. Raises ServiceValidationError."""
    span = span_of(one, zone)
    ahead = span.clip(max(span.start, now), span.end)
    if ahead is None:
        raise invalid("end_before_start")
    if one[CONF_ENERGY] > one[CONF_POWER] * (ahead.length / HOUR) + NEGLIGIBLE:
        raise invalid("energy_longer_than_span")
    least = one.get(CONF_MIN_POWER, 0.0)
    if least > one[CONF_POWER]:
        raise invalid("least_above_most")
    return Demand(
        str(index),
        one.get(CONF_DIRECTION, Direction.IMPORT),
        ahead,
        one[CONF_ENERGY],
        one[CONF_POWER],
        least,
    )


def _rules(rules: SiteRules, data: Mapping[str, Any]) -> SiteRules:
    """Return the rules of the home, with the price limit of the call where it has one."""
    if (cap := data.get(CONF_CAP)) is None:
        return rules
    return replace(rules, caps=dict.fromkeys(Direction, PriceCap(absolute=cap)))


async def _answers(
    home: FlatpeakCoordinator, demands: Sequence[Demand], rules: SiteRules
) -> dict[str, DeviceSchedule]:
    """Ask, with devices of ours that stand for those of the call. Raises FlatpeakError."""
    try:
        return await _ask(home, demands, rules)
    except FlatpeakRefusedError:
        if not home.location.action_devices:
            raise
        home.location.action_devices.clear()  # somebody may have deleted them
        return await _ask(home, demands, rules)


async def _ask(
    home: FlatpeakCoordinator, demands: Sequence[Demand], rules: SiteRules
) -> dict[str, DeviceSchedule]:
    location, keys = home.location, dict[str, str]()
    prices = {way: one.book.slots for way, one in home.data.prices.items()}
    for demand in demands:
        key = demand.device_id
        if key not in location.action_devices:
            reference = f"{_REFERENCE}{int(key) + 1}"
            location.action_devices[key] = await location.find_or_create_device(reference)
        keys[location.action_devices[key]] = key
    known = [replace(one, device_id=location.action_devices[one.device_id]) for one in demands]
    answers: dict[str, DeviceSchedule] = {}
    for request in requests(known, rules):
        answer = await location.ask_amount(request, prices)
        answers |= {keys[one.device_id]: one for one in answer.devices if one.device_id in keys}
    return answers


def _question(demand: Demand) -> Question:
    """Return a demand as a question that nothing was planned for before."""
    target = AmountTarget(
        demand.direction,
        Frame(time(), time()),
        demand.max_power,
        demand.min_power,
        energy=demand.energy,
    )
    return Question(target, AmountPlan(demand.span), demand, demand.energy, fresh=True)


def _described(location: BaseHome, demand: Demand, plan: AmountPlan, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "direction": demand.direction.value,
        "windows": [location.window_as_json(window) for window in plan.windows],
        "energy": round(plan.energy, 3),
        "shortfall": _shortfall(demand, plan),
        **_money(plan.cost, plan.savings, sold=demand.direction is Direction.EXPORT),
    }


def _shortfall(demand: Demand, plan: AmountPlan) -> float:
    missing = demand.energy - plan.energy
    return round(missing, 3) if missing > NEGLIGIBLE else 0.0


def _money(cost: float | None, savings: float | None, *, sold: bool) -> dict[str, float | None]:
    percentage = savings_percentage(cost, savings, sold=sold)
    return {
        "cost": rounded(cost),
        "savings": rounded(savings),
        "savings_percentage": None if percentage is None else round(percentage, 2),
    }


def _sums(demands: Sequence[Demand], plans: Sequence[AmountPlan]) -> dict[str, Any]:
    """Add up all devices: what is sold is taken off the cost, unless all of it is sold."""
    directions = {demand.direction for demand in demands}
    sold = directions == {Direction.EXPORT}
    signs = [-1 if one.direction is Direction.EXPORT and not sold else 1 for one in demands]
    costs = [
        sign * plan.cost for sign, plan in zip(signs, plans, strict=True) if plan.cost is not None
    ]
    savings = [plan.savings for plan in plans if plan.savings is not None]
    complete = len(costs) == len(plans)
    return {
        "energy": round(math.fsum(plan.energy for plan in plans), 3),
        "shortfall": round(math.fsum(map(_shortfall, demands, plans, strict=True)), 3),
        **_money(
            math.fsum(costs) if complete else None,
            math.fsum(savings) if len(savings) == len(plans) else None,
            sold=sold,
        ),
        "confidence": lowest_confidence(slot for plan in plans for slot in plan.windows),
    }
