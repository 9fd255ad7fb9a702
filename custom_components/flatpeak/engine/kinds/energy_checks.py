"""When schedules by amount are asked for again: answers do not say it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from ...model import NEGLIGIBLE, AmountPlan, Direction, Span, lowest_confidence, total, within
from .. import intervals
from ..delivery import target_of
from ..state import HomeState, RequestState, ScheduleState
from ..turn import with_schedules

# A tariff is connected by people, who see a repair until it is.
_NO_TARIFF = timedelta(hours=1)


def plan_to_ask(home: HomeState, state: ScheduleState, request: RequestState) -> AmountPlan:
    """Return the plan to ask for next."""
    return cast(AmountPlan, state.plan_to_ask(home.now, request.lead, home.zone))


def with_check(home: HomeState, state: ScheduleState, request: RequestState) -> HomeState:
    """Return the home with the moment at which a schedule wants to ask again."""
    now, lead, horizon = home.now, request.lead, intervals.AMOUNT_HORIZON
    plan, target = plan_to_ask(home, state, request), target_of(state)
    last = plan.period.end - lead
    if plan.period.start - now > horizon:
        return _at(home, state, plan.period.start - horizon + lead)
    if plan.source is None:
        wait = intervals.incomplete(plan.period.start - now)
        if target.direction in home.energy.without_tariff:
            wait = max(wait, _NO_TARIFF)
        return _at(home, state, min(now + wait, last))
    whole = _complete(state, plan, now)
    at = look_again(home, state, plan.period, certain=whole)
    if state.fulfilment.fruitless and _is_priced(home, target.direction, plan.period):
        # all prices are known, and what is lacking was not found: it is for other reasons
        at = max(at, min(now + intervals.patience(state.fulfilment.fruitless), last))
    elif not whole and at > plan.period.start:
        # prices are lacking, and the market's pace would be too late for them
        at = min(at, now + intervals.incomplete(plan.period.start - now))
    run = state.running(now)
    if run and not whole:
        at = min(at, run.end)  # what runs may have stood in the way of the rest
    # what may change prices that were certain, or what would have been planned with them
    over = home.energy.displaced.get(state.key)
    news = min(look_again(home, state, plan.period, certain=True), over or plan.period.end)
    if news < plan.period.end:
        news_at = min(home.energy.news_at or news, news)
        home = replace(home, energy=replace(home.energy, news_at=news_at))
    return _at(home, state, min(min(at, news) + lead, last))


def _at(home: HomeState, state: ScheduleState, at: datetime) -> HomeState:
    return with_schedules(home, replace(home.schedules[state.key], check_at=at))


def _complete(state: ScheduleState, plan: AmountPlan, now: datetime) -> bool:
    """Whether there is a plan, nothing is missing, and nothing rests on forecasts."""
    lacking = state.fulfilment.lacking
    if plan.period != state.plan.period:
        lacking, _ = state.fulfilment.following or (0.0, 0.0)
    ahead = within(plan.windows, now, plan.period.end)
    certain = (lowest_confidence(ahead) or 1.0) >= 1
    return plan.source is not None and lacking <= 2 * NEGLIGIBLE and certain


def look_again(home: HomeState, state: ScheduleState, period: Span, *, certain: bool) -> datetime:
    """Return when there may be something new to know about a plan's period.

    Schedules by duration that are told of news ask first: they are told of the next.
    Prices that are out already were so when Flatpeak planned, and will not come again.
    """
    news = _news(home)
    if news is not None:
        news += intervals.SPREAD + intervals.SLACK
    elif certain and _is_priced(home, state.target.direction, period):
        return period.end
    return intervals.look_again(period.end, home.now, home.zone, news=news, certain=certain)


def _news(home: HomeState) -> datetime | None:
    """Return when prices are expected to change, as other schedules were told."""
    told = (
        home.requests[one.key].recommended
        for one in home.schedules.values()
        if one.target.enabled and one.key in home.requests
    )
    return min((at for at in told if at and at > home.now), default=None)


def _is_priced(home: HomeState, direction: Direction, period: Span) -> bool:
    """Tell whether all prices of a period are known, and no forecasts."""
    known = within(home.known_prices(direction), period.start, period.end)
    return total(slot for slot in known if slot.confidence >= 1) == period.length
