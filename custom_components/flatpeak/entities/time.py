"""What schedules show that are either on or off."""

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfTime

from ..homes import rounded
from ..model import MINUTE, average_rate
from .descriptions import HEALTH, TIMES, ScheduleSensorDescription, of_plan, shortfall

TIME_SENSORS = (
    *TIMES,
    ScheduleSensorDescription(
        key="average_rate",
        price=True,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=4,
        value_fn=of_plan(lambda state: rounded(average_rate(state.plan.windows))),
    ),
    ScheduleSensorDescription(
        key="planned_duration",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        value_fn=of_plan(lambda state: state.plan.length / MINUTE),
    ),
    ScheduleSensorDescription(
        key="shortfall",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=of_plan(shortfall),
    ),
    ScheduleSensorDescription(
        key="next_update",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state, _: state.next_update,
    ),
    *HEALTH,
)
