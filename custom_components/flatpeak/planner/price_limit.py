"""All time at or beyond a price."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ..model import (
    NOTHING,
    Plan,
    PriceCap,
    PriceLimitRequest,
    PriceLimitTarget,
    Segment,
    Slot,
    Source,
    Span,
    before,
    merge,
    runs,
    total,
    within,
)
from ..model.tolerances import FLOAT_NOISE
from .duration import select
from .revision import free_from
from .tariff import at_share


def bound_of(limit: PriceCap, prices: Sequence[Slot]) -> float | None:
    """Return the rate that a limit means among prices; None: there is nothing to compare."""
    if limit.absolute is not None or limit.relative is None:
        return limit.absolute
    rates = [slot.rate for slot in prices if slot.rate is not None]
    return at_share(limit.relative, rates) if rates else None


def meets(slot: Slot, bound: float | None, segment: Segment) -> bool:
    """Tell whether the price of a slot is known, and at the bound or on its good side."""
    if slot.rate is None or bound is None:
        return False
    return (
        slot.rate <= bound + FLOAT_NOISE
        if segment is Segment.LOW
        else slot.rate >= bound - FLOAT_NOISE
    )


def limit_outstanding(
    plan: Plan, target: PriceLimitTarget, now: datetime, *, keep_running: bool = True
) -> PriceLimitRequest | None:
    """Return what is still to be asked for, None where the most that is wanted is used up."""
    start = free_from(plan, now, keep_running=keep_running)
    used = total(before(plan.windows, start))
    if start >= plan.period.end or (target.maximum is not None and used >= target.maximum):
        return None
    return PriceLimitRequest(
        Span(start, plan.period.end), target.direction, target.segment, target.limit
    )


def limit_revised(
    plan: Plan, target: PriceLimitTarget, answer: Iterable[Slot], request: PriceLimitRequest
) -> Plan:
    """Return the plan with an answer in the place of what was planned ahead.

    Of more than the most the best is used. Slots without a known price say nothing: what was
    planned there stays.
    """
    span = request.span
    past = before(plan.windows, span.start)
    left = span.length if target.maximum is None else max(target.maximum - total(past), NOTHING)
    slots = [part for slot in answer if (part := slot.clip(span.start, span.end))]
    unknown = runs(slot for slot in slots if slot.rate is None)
    kept = [part for gap in unknown for part in within(plan.windows, gap.start, gap.end)]
    new = select([*slots, *kept], left, target.segment, start=span.start, end=span.end).windows
    return replace(plan, windows=merge((*past, *new)), source=Source.FLATPEAK)


def limit_refitted(
    plan: Plan, old: PriceLimitTarget, target: PriceLimitTarget, period: Span, now: datetime
) -> Plan:
    """Return what is left of a plan under a changed target, before anybody is asked.

    Where only the hours have changed, windows that still fit stay; another limit has to be
    asked for.
    """
    overlap = plan.period.overlaps(period)
    past = before(plan.windows, now) if overlap else ()
    same = replace(old, frame=target.frame, enabled=True) == replace(target, enabled=True)
    ahead = within(plan.windows, max(now, period.start), period.end) if same and overlap else ()
    kept = ahead if target.enabled else ()
    return Plan(period, merge((*past, *kept)), plan.source if kept else None)


def still_within(
    plan: Plan, target: PriceLimitTarget, prices: Iterable[Slot], now: datetime
) -> tuple[Slot, ...]:
    """Return as much of what runs as goes on under a changed limit, as far as prices are known."""
    run = plan.run(now)
    known = within(prices, plan.period.start, plan.period.end)
    bound = bound_of(target.limit, known)
    good = [slot for slot in known if meets(slot, bound, target.segment)]
    on = next((part for part in runs(good) if part.contains(now)), None)
    if run is None or on is None:
        return ()
    return within(good, now, min(run.end, on.end))
