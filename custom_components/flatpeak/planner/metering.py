"""How much energy is still missing: by the sensor where there is one, else by the plan."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..model import (
    HOUR,
    NEGLIGIBLE,
    AmountPlan,
    AmountTarget,
    Battery,
    Direction,
    Metering,
    before,
    energy_of,
    within,
)

# A sensor that is well may speak as seldom as this; until then the plan is believed.
_SILENCE = timedelta(minutes=30)
# What a device may deliver above its power, and what any meter may be wrong by.
_TOLERANCE = 1.2
_SLACK = 0.2  # kWh

# Below these differences nothing is planned anew.
_BAND_SHARE = 0.05  # of the energy wanted
_EARLY = 4  # times that, before the period
_BAND_SOC = 2.5  # per cent of the battery: sensors have steps of one, and noise


@dataclass(frozen=True, slots=True)
class Sensor:
    """What a device's sensor has told, and of what; `silent` while it is not available."""

    told: Metering
    battery: Battery | None = None
    silent: bool = False


def metered(
    metering: Metering, value: float, now: datetime, target: AmountTarget, plan: AmountPlan
) -> Metering:
    """Return what is known after a kWh meter showed a value.

    Before its first value counts what was planned. A meter that was reset goes on from
    nothing. More than the device can move in the time since the last value is a jump:
    it counts as no energy.
    """
    begin = plan.period.start
    if now <= begin:
        # what moves outside the hours is not what is wanted in them
        return replace(metering, value=value, at=max(now, metering.at or now), owed=0.0)
    if metering.value is None or metering.at is None:
        return Metering(value, now, energy_of(before(plan.windows, now)))
    if metering.value - _SLACK <= value < metering.value:
        return replace(metering, at=max(now, metering.at))  # a correction; what it was counts
    moved = value - metering.value if value >= metering.value else value
    elapsed = max(now - metering.at, timedelta(0)) / HOUR
    if moved < 0 or moved > target.max_power * elapsed * _TOLERANCE + _SLACK:
        moved = 0.0
    if metering.owed and now > metering.at:
        moved = max(moved - metering.owed, 0.0)
    elif metering.at < begin:
        moved = min(moved, planned(plan, begin, now))  # the rest moved before the hours began
    owed = 0.0 if now > metering.at else metering.owed
    return Metering(value, max(now, metering.at), metering.delivered + moved, owed)


def measured(metering: Metering, plan: AmountPlan) -> AmountPlan:
    """Return a plan that holds, until the last value, what the meter saw instead of the plan."""
    if metering.at is None:
        return plan
    past = before(plan.windows, metering.at)
    energy = energy_of(past)
    if energy <= NEGLIGIBLE:
        return plan
    share = metering.delivered / energy
    seen = [replace(slot, power=slot.power * share) for slot in past] if share > 0 else []
    return replace(plan, windows=(*seen, *within(plan.windows, metering.at, plan.period.end)))


def closed(metering: Metering, plan: AmountPlan) -> Metering:
    """Return what is known when a plan's period is over.

    What ran since the meter's last value is told in the next period, but belongs to this one.
    """
    owed = 0.0
    if metering.at is not None:
        owed = planned(plan, metering.at, plan.period.end)
    return replace(metering, delivered=0.0, owed=owed)


def missing(
    target: AmountTarget, plan: AmountPlan, now: datetime, sensor: Sensor | None = None
) -> float:
    """Return the energy in kWh that is still to be moved in this period, 0 at the least.

    Without a sensor what was planned counts as delivered. With one its value counts; what
    was planned since then is added for half an hour, and longer only while the sensor is
    silent. A battery whose state was never told is taken as empty: it is charged in full,
    and nothing is sold from it.
    """
    begin, wanted = plan.period.start, target.energy or 0.0
    if sensor is None:
        return max(wanted - energy_of(before(plan.windows, now)), 0.0)
    told, battery = sensor.told, sensor.battery
    since = told.at or begin
    unseen = planned(plan, since, now) if sensor.silent or now - since <= _SILENCE else 0.0
    if battery is None or target.target_soc is None:
        return max(wanted - told.delivered - unseen, 0.0)
    sign = 1 if target.direction is not Direction.EXPORT else -1
    share = sign * (target.target_soc - (told.value or 0.0)) / 100
    return max(share * battery.capacity * _losses(target, battery) - unseen, 0.0)


def planned(plan: AmountPlan, start: datetime, end: datetime) -> float:
    """Return the energy that a plan holds between two moments."""
    return energy_of(within(plan.windows, start, end))


def deviates(
    needed: float,
    expected: float,
    target: AmountTarget,
    battery: Battery | None,
    *,
    early: bool = False,
) -> bool:
    """Tell whether the energy needed differs enough from what is expected to plan anew.

    The dead band keeps a sensor's steps and noise from doing so. It is narrower where
    nothing more is needed: there it is about stopping, not about more or less. Long before
    the period, when it is `early`, a rough plan will do.
    """
    band = _BAND_SHARE * (target.energy or 0.0)
    if battery is not None:
        band = _BAND_SOC / 100 * battery.capacity * _losses(target, battery)
    if early:
        band *= _EARLY
    elif needed <= NEGLIGIBLE:
        band = 0.0 if battery is None else band / 2
    elif expected <= NEGLIGIBLE and battery is None:
        band = 0.0
    return abs(needed - expected) > max(band, _SLACK)


def _losses(target: AmountTarget, battery: Battery) -> float:
    """Return how much energy has to be moved for a kWh more, or less, in the battery."""
    return battery.efficiency if target.direction is Direction.EXPORT else 1 / battery.efficiency


def believable(
    metering: Metering, value: float, now: datetime, target: AmountTarget, battery: Battery
) -> bool:
    """Tell whether a battery can have come to this state of charge since the last value."""
    if metering.value is None or metering.at is None:
        return True
    elapsed = max(now - metering.at, timedelta(0)) / HOUR
    maximum = target.max_power * elapsed * _TOLERANCE / battery.capacity * 100 + _BAND_SOC
    return abs(value - metering.value) <= maximum
