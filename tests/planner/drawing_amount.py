"""Plans by amount in one line: an hour is a character, a digit its power in kW, `.` none.

`?` in what is drawn is an hour that has more than one power.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from custom_components.flatpeak.model import (
    AmountPlan,
    AmountTarget,
    DeviceSchedule,
    Direction,
    Frame,
    PowerSlot,
    Source,
    Span,
    energy_of,
    within,
)
from custom_components.flatpeak.planner import Question, demanded, missing

from .drawing import HOUR, MIDNIGHT, at

DAY_AND_NIGHT = Frame(MIDNIGHT.time(), MIDNIGHT.time())

# (start, end, power), to the second and to a thousandth of a watt
type Shape = tuple[tuple[float, float, float], ...]


def powered(
    drawing: str,
    rate: float | None = 0.2,
    confidence: float = 1.0,
    *,
    step: timedelta = HOUR,
    saved: float | None = None,
) -> tuple[PowerSlot, ...]:
    """Return the slots of a drawing; what touches at one power is one slot."""
    slots, start = [], MIDNIGHT
    for sign, some in groupby(drawing):
        end = start + len(list(some)) * step
        if sign != ".":
            slots.append(PowerSlot(start, end, rate, confidence, float(sign), saved))
        start = end
    return tuple(slots)


def slot(
    start: float,
    end: float,
    power: float,
    rate: float | None = 0.2,
    confidence: float = 1.0,
    saved: float | None = None,
) -> PowerSlot:
    """Return a slot between two hours."""
    return PowerSlot(at(start), at(end), rate, confidence, power, saved)


def draw_power(slots: Iterable[PowerSlot], hours: int) -> str:
    """Draw the power of each hour."""
    slots = tuple(slots)

    def character(hour: int) -> str:
        parts = within(slots, at(hour), at(hour + 1))
        if not parts:
            return "."
        same = len({part.power for part in parts}) == 1 and parts[0].power in range(10)
        full = sum((part.length for part in parts), timedelta(0)) == HOUR
        return f"{parts[0].power:.0f}" if same and full else "?"

    return "".join(character(hour) for hour in range(hours))


def shape(slots: Iterable[PowerSlot]) -> Shape:
    """Return when there is what power, whatever it costs and however it is cut."""
    shapes: list[tuple[float, float, float]] = []
    for each in slots:
        start, end = ((edge - MIDNIGHT) / HOUR for edge in (each.start, each.end))
        if shapes and shapes[-1][1:] == (start, each.power):
            shapes[-1] = (shapes[-1][0], end, each.power)
        else:
            shapes.append((start, end, each.power))
    return tuple(shapes)


def plan_of(
    drawing: str, rate: float | None = 0.2, confidence: float = 1.0, saved: float | None = None
) -> AmountPlan:
    """Return a plan, drawn over its period; an empty one was never answered."""
    slots = powered(drawing, rate, confidence, saved=saved)
    period = Span(MIDNIGHT, at(len(drawing)))
    return AmountPlan(period, slots, Source.FLATPEAK if slots else None)


def wish_for(
    energy: float | None,
    max_power: float = 9.0,
    min_power: float = 0.0,
    direction: Direction = Direction.IMPORT,
    *,
    target_soc: float | None = None,
    enabled: bool = True,
) -> AmountTarget:
    """Return a target; its frame matters to nobody who has a period already."""
    return AmountTarget(
        direction, DAY_AND_NIGHT, max_power, min_power, energy, target_soc, enabled=enabled
    )


def question_of(
    target: AmountTarget,
    plan: AmountPlan,
    now: datetime,
    *,
    needed: float | None = None,
    fresh: bool = False,
    before: Sequence[PowerSlot] = (),
) -> Question:
    """Ask for what is missing."""
    energy = missing(target, plan, now) if needed is None else needed
    demand = demanded("dev_1", target, plan, energy, now)
    return Question(target, plan, demand, energy, fresh, tuple(before))


def answer_of(
    drawing: str, rate: float | None = 0.1, confidence: float = 1.0, saved: float | None = None
) -> DeviceSchedule:
    """Return an answer for one device, drawn from midnight on."""
    return answer_with(powered(drawing, rate, confidence, saved=saved), confidence)


def answer_with(slots: Sequence[PowerSlot], confidence: float = 1.0) -> DeviceSchedule:
    """Return an answer of such slots, whose price is the same for all of a device."""
    rates = {each.rate for each in slots}
    rate = rates.pop() if len(rates) == 1 else None
    cost = None if rate is None else rate * energy_of(slots)
    return DeviceSchedule("dev_1", Direction.IMPORT, tuple(slots), cost, confidence=confidence)
