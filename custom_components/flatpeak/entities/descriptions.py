"""What tables say of the entities of a schedule, and what all kinds have."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from homeassistant.components.number import NumberEntityDescription, NumberMode
from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.helpers.typing import StateType

from ..engine import KINDS, ScheduleState
from ..model import Source, Status, Target

type Value = StateType | datetime


@dataclass(frozen=True, kw_only=True)
class ScheduleSensorDescription(SensorEntityDescription):
    """A sensor, and how to read it from a schedule at a moment.

    One that `switches` devices is told first, a `lasting` one is there whatever Flatpeak does. A
    `price` is per kWh in the home's currency, `money` an amount of it. What a cost is called where
    energy is sold is `sold`.
    """

    value_fn: Callable[[ScheduleState, datetime], Value]
    lasting: bool = False
    switches: bool = False
    price: bool = False
    money: bool = False
    sold: str | None = None


@dataclass(frozen=True, kw_only=True)
class TargetNumberDescription(NumberEntityDescription):
    """A number of a target, how to read it and how to change it; None: the target has none.

    `mistake` names what is wrong with another target, `not_a_number` the text for what is none.
    `maximum` is the most there may be, where that depends on the target; a `price` is per kWh.
    """

    read: Callable[[Target], float | None]
    changed: Callable[[Target, float], Target]
    mistake: Callable[[Target], tuple[str, dict[str, str]] | None] = lambda _: None
    maximum: Callable[[Target], float] | None = None
    not_a_number: str = "no_number"
    price: bool = False
    entity_category: EntityCategory | None = EntityCategory.CONFIG
    mode: NumberMode | None = NumberMode.BOX


@dataclass(frozen=True, slots=True)
class Face:
    """What a kind of schedule shows, besides what all have."""

    sensors: tuple[ScheduleSensorDescription, ...]
    numbers: tuple[TargetNumberDescription, ...]


def of_plan(
    read: Callable[[ScheduleState], StateType],
) -> Callable[[ScheduleState, datetime], Value]:
    """Read a value of the plan, which there only is once somebody has answered."""
    return lambda state, _now: read(state) if state.answered else None


def shortfall(state: ScheduleState) -> float:
    """Return what is missing, in minutes or kWh."""
    return KINDS[state.kind].shortfall(state)


def _next_start(state: ScheduleState, now: datetime) -> datetime | None:
    run = state.upcoming(now)
    return run.start if run else None


def _next_end(state: ScheduleState, now: datetime) -> datetime | None:
    run = state.running(now) or state.upcoming(now)
    return run.end if run else None


TIMES = (
    ScheduleSensorDescription(
        key="next_start", device_class=SensorDeviceClass.TIMESTAMP, value_fn=_next_start
    ),
    ScheduleSensorDescription(
        key="next_end", device_class=SensorDeviceClass.TIMESTAMP, value_fn=_next_end
    ),
)

HEALTH = (
    ScheduleSensorDescription(
        key="confidence",
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=2,
        value_fn=of_plan(lambda state: state.plan.confidence),
    ),
    ScheduleSensorDescription(
        key="plan_source",
        device_class=SensorDeviceClass.ENUM,
        options=list(Source),
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=of_plan(lambda state: state.plan.source),
    ),
    ScheduleSensorDescription(
        key="status",
        lasting=True,
        device_class=SensorDeviceClass.ENUM,
        options=list(Status),
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state, _: state.status,
    ),
)
