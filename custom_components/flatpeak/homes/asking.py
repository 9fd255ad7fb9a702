"""How a schedule by duration and one by price limit are asked for."""

from dataclasses import replace
from typing import Protocol

from ..engine import DurationQuestion, PriceLimitQuestion
from ..model import (
    MINUTE,
    DurationRequest,
    DurationSchedule,
    PriceCap,
    PriceLimitRequest,
    before,
    total,
    within,
)
from ..planner import priced


class Asked(Protocol):
    """Whoever answers."""

    async def ask(self, request: DurationRequest) -> DurationSchedule:
        """Ask for a schedule by duration."""

    async def ask_limit(self, request: PriceLimitRequest) -> DurationSchedule:
        """Ask for a schedule by price limit."""


async def ask_duration(home: Asked, question: DurationQuestion) -> DurationSchedule:
    """Ask; an account without prices can be asked for the worst one all the same.

    Raises FlatpeakError.
    """
    request = question.request
    answer = await home.ask(request)
    if (never := question.target.constraints.never_beyond) is None:
        return answer
    limit = PriceLimitRequest(
        request.span, request.direction, request.segment, PriceCap(absolute=never)
    )
    good = (await home.ask_limit(limit)).slots
    parts = (part for one in good for part in within(answer.slots, one.start, one.end))
    return replace(answer, slots=tuple(parts))


async def ask_limit(home: Asked, question: PriceLimitQuestion) -> DurationSchedule:
    """Ask; where that is less than the least, or more than the most, ask for the best of it.

    Touching slots of an answer are one at their average price, so it does not tell which
    part is the best; prices that are known do. Raises FlatpeakError.
    """
    request, target = question.request, question.target
    answer = await home.ask_limit(request)
    span = request.span
    used = total(before(question.plan.windows, span.start))
    slots = [part for part in within(answer.slots, span.start, span.end) if part.rate is not None]
    found = total(slots)
    minimum = min(target.minimum - used, span.length)
    maximum = span.length if target.maximum is None else target.maximum - used
    if minimum <= found <= maximum or max(min(found, maximum), minimum) < MINUTE:
        return answer
    known = priced(slots, question.known)
    if found > maximum and all(slot.rate is not None for slot in known):
        return replace(answer, slots=tuple(known))
    wanted = minimum if found < minimum else maximum
    if wanted < MINUTE:
        return answer
    best = await home.ask(DurationRequest(span, request.direction, request.segment, wanted))
    return replace(answer, slots=best.slots) if best.slots else answer
