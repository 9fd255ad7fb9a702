"""How a plan changes: what is still to ask for, and what an answer may alter.

The promises of the project that are pure arithmetic live here: what runs is kept,
minutes are counted, and an answer that is not better changes nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ..model import (
    MINUTE,
    NOTHING,
    DurationRequest,
    DurationTarget,
    Plan,
    Segment,
    Slot,
    Source,
    Span,
    average_rate,
    before,
    merge,
    runs,
    total,
    within,
)
from ..model.tolerances import MONEY_ROUNDING
from .duration import select

_SECOND = timedelta(seconds=1)


def free_from(plan: Plan, now: datetime, *, keep_running: bool = True) -> datetime:
    """Return from when on a plan may change: after what runs, where that is kept."""
    start = max(now, plan.period.start)
    if start.microsecond:
        start = start.replace(microsecond=0) + _SECOND  # requests know whole seconds
    running = plan.run(now)
    return max(start, running.end) if running and keep_running else start


def outstanding(
    plan: Plan, target: DurationTarget, now: datetime, *, keep_running: bool = True
) -> DurationRequest | None:
    """Return what is still to be asked for, None when nothing is.

    That is the time ahead of what runs now, and the target less all minutes that are
    over or running: three hours stay three hours however often they are planned.
    """
    start = free_from(plan, now, keep_running=keep_running)
    missing = target.duration - total(before(plan.windows, start))
    missing = min(missing, plan.period.end - start)  # nobody can be given more
    if missing <= NOTHING:
        return None
    return DurationRequest(Span(start, plan.period.end), target.direction, target.segment, missing)


def has_room(plan: Plan, target: DurationTarget, now: datetime) -> bool:
    """Tell whether time is missing that the period still has: its prices are not known."""
    start = max(now, plan.period.start)
    ahead = total(within(plan.windows, start, plan.period.end))
    room = plan.period.end - start - ahead
    return min(room, target.duration - plan.length) >= MINUTE  # less cannot be asked for


def revised(
    plan: Plan, answer: Sequence[Slot], request: DurationRequest, *, calm: bool = True
) -> Plan:
    """Return the plan with an answer worked in.

    Of an answer that holds more than was asked, or time outside the question, the best
    of what was asked is used; slots without a known price are not. A calm revision
    leaves the plan as it is unless the answer is better.
    """
    span = request.span
    new = select(answer, request.duration, request.segment, start=span.start, end=span.end).windows
    old = within(plan.windows, span.start, span.end)
    if calm and not _better(new, old, request):
        return replace(plan, source=Source.FLATPEAK)
    windows = merge((*before(plan.windows, span.start), *new))
    return replace(plan, windows=windows, source=Source.FLATPEAK)


def refitted(
    plan: Plan, old: DurationTarget, target: DurationTarget, period: Span, now: datetime
) -> Plan:
    """Return what is left of a plan under a changed target, before anybody is asked.

    Time delivered counts for the new period when it overlaps the old one. Windows that
    no longer fit go at once, the running one too; too much time is cut where it costs most.
    Where nothing is left of what is wanted, nobody has answered this target. A run that has to
    go through goes on, whatever the target says now.
    """
    overlap = plan.period.overlaps(period)
    run = plan.run(now)
    held = run if target.enabled and target.constraints.run_through else None
    now = held.end if held else now
    past = before(plan.windows, now) if overlap or held else ()
    # windows chosen for other prices say nothing about the ones that count now
    same = (old.segment, old.direction) == (target.segment, target.direction)
    ahead = select(
        plan.windows if target.enabled and same else (),
        max(target.duration - total(past), NOTHING),
        target.segment,
        start=max(now, period.start),
        end=period.end,
    ).windows
    windows = merge(past + ahead)
    answered = (overlap or held) and (ahead or total(windows) >= target.duration)
    return Plan(period, windows, plan.source if answered else None)


def survived[S: Slot](windows: Sequence[S], stopped: datetime, now: datetime) -> tuple[S, ...]:
    """Return windows without the time that was missed while nobody was there to switch.

    A window that had begun when Home Assistant stopped counts in full: what is switched
    on stays on. One that should have begun since then was missed up to now.
    """
    begun = [run for run in runs(windows) if run.start <= stopped]
    return tuple(
        part
        for window in windows
        if (
            part := window.clip(
                window.start if any(run.contains(window.start) for run in begun) else now,
                window.end,
            )
        )
    )


def _better(new: Sequence[Slot], old: Sequence[Slot], request: DurationRequest) -> bool:
    """Tell whether an answer is better than what is planned.

    More of the time asked for comes first, then certain prices before forecasts, then
    the money. A plan on forecasts gives way to a newer forecast: its prices are outdated.
    """
    useful = min(total(old), request.duration)
    if total(new) != useful or total(old) > useful:
        return total(new) >= useful
    if [(slot.start, slot.end) for slot in new] == [(slot.start, slot.end) for slot in old]:
        return True  # the same windows; their prices may be news
    now_sure, was_sure = (min(slot.confidence for slot in slots) for slots in (new, old))
    if now_sure != was_sure or was_sure < 1:
        return now_sure >= was_sure
    gain = (average_rate(old) or 0) - (average_rate(new) or 0)
    return (gain if request.segment is Segment.LOW else -gain) > MONEY_ROUNDING
