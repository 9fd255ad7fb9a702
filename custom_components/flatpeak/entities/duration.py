"""What a schedule by duration shows."""

from dataclasses import replace
from typing import cast

from homeassistant.components.number import NumberDeviceClass
from homeassistant.const import UnitOfTime

from ..model import MINUTE, DurationTarget, Target
from .descriptions import Face, TargetNumberDescription
from .time import TIME_SENSORS


def _read(target: Target) -> float:
    return cast(DurationTarget, target).duration / MINUTE


def _changed(target: Target, value: float) -> Target:
    return replace(cast(DurationTarget, target), duration=value * MINUTE)


DURATION = TargetNumberDescription(
    key="duration",
    device_class=NumberDeviceClass.DURATION,
    native_unit_of_measurement=UnitOfTime.MINUTES,
    native_min_value=1,
    native_step=1,
    read=_read,
    changed=_changed,
    maximum=lambda target: target.frame.length / MINUTE,
    not_a_number="no_duration",
)

FACE = Face(TIME_SENSORS, (DURATION,))
