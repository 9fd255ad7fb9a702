"""All plans together under the limit of the site."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from ...model import NEGLIGIBLE, Direction, PowerSlot, within
from ...model.tolerances import FLOAT_NOISE, WATT
from .power import added, profile, sides, split
from .question import Question, running


def fit(
    chosen: Mapping[str, Sequence[PowerSlot]],
    questions: Mapping[str, Question],
    limits: Mapping[Direction, float],
) -> bool:
    """Tell whether plans stay under the limit together at every moment."""
    for direction, limit in limits.items():
        slots = [
            slot
            for key, question in questions.items()
            if question.target.direction is direction
            for slot in (*question.before, *chosen[key])
        ]
        if any(power > limit + WATT for _, power in profile(slots)):
            return False
    return True


def within_power_limits(
    chosen: Mapping[str, Sequence[PowerSlot]],
    questions: Mapping[str, Question],
    limits: Mapping[Direction, float],
    now: datetime,
) -> dict[str, tuple[PowerSlot, ...]]:
    """Return the plans cut down to the site's limit, whatever was answered.

    First comes what runs, of whichever schedule, then the plans that end first.
    """
    result = {key: tuple(slots) for key, slots in chosen.items()}
    for direction, limit in limits.items():
        keys = [key for key in chosen if questions[key].target.direction is direction]
        keys.sort(key=lambda key: questions[key].plan.period.end)
        used = [slot for key in keys for slot in questions[key].before]
        shares = {key: split(chosen[key], running(questions[key], now)) for key in keys}
        parts: dict[str, list[PowerSlot]] = {key: [] for key in keys}
        for first in (True, False):
            for key in keys:
                anyway, beyond = shares[key]
                for slot in anyway if first else beyond:
                    # on top of what runs anyway any power will do
                    top = not first and any(part.contains(slot.start) for part in parts[key])
                    minimum = 0.0 if top else questions[key].target.min_power
                    fitting = _under(slot, used, limit, minimum)
                    parts[key] += fitting
                    used += fitting
        result |= {key: added((), slots) for key, slots in parts.items()}
    return result


def _under(
    slot: PowerSlot, used: Sequence[PowerSlot], limit: float, minimum: float
) -> list[PowerSlot]:
    """Return the parts of a slot at the power that the others leave."""
    if slot.power < minimum - FLOAT_NOISE:
        return []  # what a run may get more is not enough to run on alone
    beside = within(used, slot.start, slot.end)
    taken = profile(beside)
    if all(slot.power + power <= limit + WATT for power in (0.0, *(one for _, one in taken))):
        return [slot]
    edges = sorted({slot.start, slot.end, *(edge for span, _ in taken for edge in sides(span))})
    parts = []
    for start, end in pairwise(edges):
        others = next((power for span, power in taken if span.contains(start)), 0.0)
        room = limit - others
        power = slot.power if slot.power <= room + WATT else room
        if power > NEGLIGIBLE and power >= minimum - FLOAT_NOISE:
            parts.append(replace(slot, start=start, end=end, power=max(power, minimum)))
    return parts
