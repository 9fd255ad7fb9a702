"""When something is asked for, and what becomes of it: the same for all kinds."""

from dataclasses import replace
from datetime import datetime, timedelta

from ..model import Direction, Source, Status
from ..model.errors import (
    FlatpeakAuthError,
    FlatpeakError,
    FlatpeakNotYetError,
    FlatpeakRateLimitError,
)
from . import intervals
from .events import Answered, Ask, Failed, PlanLocally, PlannedLocally, StartReauth
from .kinds import kind_of
from .lifecycle import group_of, members, plan_to_ask
from .questions import Answerer, Asked, Question
from .state import HomeState, RequestState, ScheduleState
from .turn import Turn

# Home Assistant updates several entities one after the other.
_BY_HAND = timedelta(seconds=10)


def is_by_hand(last: datetime | None, now: datetime) -> bool:
    """Tell whether asking by hand is meant so, and not for the next entity of the same action."""
    return last is None or not timedelta(0) <= now - last < _BY_HAND


def retry_at(
    key: str, error: FlatpeakError, failures: int, until_period: timedelta, now: datetime
) -> datetime:
    """Return when to try again after an error, the last of so many in a row."""
    at = now + intervals.retry(error, failures, until_period, intervals.jitter(key, now))
    # all of us were told the same
    return at + intervals.delay(key) if isinstance(error, FlatpeakRateLimitError) else at


# Asking


def ask_due(turn: Turn) -> None:
    """Ask for what is due."""
    for request in list(turn.home.requests.values()):
        if request.due and request.due <= turn.now and (turn.home.polling or request.pushed):
            _ask(turn, request)


def ask_now(turn: Turn, key: str, *, pushed: bool = True) -> None:
    """Let a group be asked for at once; `pushed`: whether polling is switched on or not."""
    request = turn.home.requests[key]
    turn.put_request(request.at(turn.now, pushed=pushed or request.pushed))


def asked_by_hand(turn: Turn, key: str) -> None:
    """Ask because somebody said so; once, however many entities were named."""
    state = turn.home.schedules.get(key)
    if state is None:
        return
    request = turn.home.requests[group_of(turn.home, state)]
    if not is_by_hand(request.by_hand, turn.now):
        return
    turn.put_request(replace(request, by_hand=turn.now))
    if kind_of(state).shared:
        turn.put_energy(replace(turn.home.energy, news_at=turn.now))
    ask_now(turn, request.key)


def ask_without_plan(turn: Turn, key: str) -> bool:
    """Ask at an edge where a period has begun without a plan; tell whether one has."""
    request = turn.home.requests[key]
    unplanned = any(
        one.target.enabled and not one.answered and one.plan.period.contains(turn.now)
        for one in members(turn.home, key)
    )
    soon = request.due and turn.now < request.due <= turn.now + request.lead
    if unplanned and not soon:
        ask_now(turn, key, pushed=False)
    return unplanned


def _ask(turn: Turn, request: RequestState) -> None:
    """Ask for a group, here or elsewhere; one question at a time."""
    if request.asking and not _is_outdated(turn.home, request.asking):
        turn.put_request(replace(request, due=None, pushed=False, again=True))
        return
    request = replace(request, due=None, pushed=False, again=False, news=False, asking=None)
    turn.put_request(request)
    asked, answerer = _outstanding(turn, request)
    if asked:
        kind = kind_of(turn.home.schedules[next(iter(asked))])
        question = kind.question(turn.home, request, asked, answerer)
        if question is None:
            turn.home = kind.idle(turn.home, request, asked)
        elif answerer is Answerer.FLATPEAK:
            _send(turn, question)
            turn.effects.append(Ask(question))
            return
        else:
            _plan(turn, question)
            return
    _set_next_check(turn, request.key)


def _outstanding(turn: Turn, request: RequestState) -> tuple[dict[str, Asked], Answerer]:
    """Return the plans to ask for, and who is to be asked; what is too early waits."""
    asked: dict[str, Asked] = {}
    locally = False
    for state in members(turn.home, request.key):
        if not state.target.enabled:
            continue
        kind, plan = kind_of(state), plan_to_ask(turn.home, state)
        begin = plan.period.start - kind.horizon
        if begin > turn.now:
            later = replace(
                state, pending=Status.LATER, next_update=begin, check_at=begin + request.lead
            )
            turn.put(later)
            continue
        locally = kind.plans_locally(turn.home, state)
        turn.put(replace(state, unpriced=kind.lacks_prices(turn.home, state)))
        asked[state.key] = Asked(
            state.target, plan, not state.fresh, _keeps_running(state, turn.now)
        )
    return asked, Answerer.LOCAL if locally else Answerer.FLATPEAK


def _keeps_running(state: ScheduleState, now: datetime) -> bool:
    """Tell whether what runs is kept: not what ran when its owner wanted something else."""
    if not state.fresh:
        return True
    run = state.plan.run(now)
    return run is not None and state.changed_at is not None and run.start > state.changed_at


def _send(turn: Turn, question: Question) -> None:
    request = turn.home.requests[question.group]
    turn.put_request(replace(request, asking=question, asked=question.number))


def _plan(turn: Turn, question: Question) -> None:
    """Plan here: at once, or beside the event loop where that takes long."""
    state = turn.home.schedules[next(iter(question.asked))]
    kind = kind_of(state)
    job = kind.job(turn.home, question)
    _send(turn, question)
    if kind.is_long(question):
        turn.effects.append(PlanLocally(question, job))
    else:
        planned(turn, PlannedLocally(question, job()))


def _unchanged(home: HomeState, question: Question) -> frozenset[str]:
    """Return the schedules that still want what a question asked for them."""
    return frozenset(
        key
        for key, one in question.asked.items()
        if key in home.schedules and home.schedules[key].target == one.target
    )


def _is_outdated(home: HomeState, question: Question) -> bool:
    """Tell whether nobody waits for an answer any more."""
    return not _unchanged(home, question)


def _is_awaited(turn: Turn, question: Question) -> bool:
    """Tell whether an answer is the one that is waited for, and take it off the list."""
    request = turn.home.requests.get(question.group)
    asking = request.asking if request else None
    if request is None or asking is None:
        return False
    # what is planned here instead of an answer has the number of the question
    if (asking.number, asking.answerer) != (question.number, question.answerer):
        return False
    turn.put_request(replace(request, asking=None))
    return True


# Taking


def answered(turn: Turn, event: Answered) -> None:
    """Work an answer in, for those who still want it."""
    question = event.question
    if not _is_awaited(turn, question):
        return
    turn.home = replace(turn.home, last_success=turn.now)
    keys = _unchanged(turn.home, question)
    _succeeded(turn, question)
    if keys:
        kind = kind_of(turn.home.schedules[next(iter(keys))])
        turn.home = kind.apply(turn.home, question, event.answer, keys)
    _set_next_check(turn, question.group, question)


def planned(turn: Turn, event: PlannedLocally) -> None:
    """Take a plan that was made here, unless something has changed meanwhile."""
    question, result = event.question, event.result
    if isinstance(result, FlatpeakError):
        failed(turn, Failed(question, result))
        return
    if not _is_awaited(turn, question):
        return
    keys = _unchanged(turn.home, question)
    kind = kind_of(turn.home.schedules[next(iter(keys))]) if keys else None
    if question.answerer is Answerer.FALLBACK:
        if kind:
            turn.home = kind.apply_local(turn.home, question, result, keys)
        _ask_again(turn, question.group)
        return
    request = turn.home.requests[question.group]
    if kind and not kind.shared and (request.again or _began(question, turn.now)):
        ask_now(turn, question.group)  # on other prices, and without cutting what has begun
        return
    _succeeded(turn, question)
    if kind:
        turn.home = kind.apply_local(turn.home, question, result, keys)
    _set_next_check(turn, question.group, question)


def _began(question: Question, now: datetime) -> bool:
    """Tell whether a window began or ended since a question was asked."""
    return any(
        one.plan.running(question.at) != one.plan.running(now) for one in question.asked.values()
    )


def _succeeded(turn: Turn, question: Question) -> None:
    request = turn.home.requests[question.group]
    turn.put_request(replace(request, failures=0, refused=False))
    turn.put(*(replace(one, error=None) for one in members(turn.home, question.group)))


def _set_next_check(turn: Turn, key: str, question: Question | None = None) -> None:
    """Ask again when one of a group wants to be, or at once if something has happened meanwhile."""
    request, states = turn.home.requests[key], members(turn.home, key)
    if states:
        turn.home = kind_of(states[0]).checked(turn.home, request)
    moments = [
        one.check_at for one in members(turn.home, key) if one.target.enabled and one.check_at
    ]
    due = max(min(moments), turn.now + intervals.SLACK) if moments else None
    if question and any(one.plan.period.end <= turn.now for one in question.asked.values()):
        due = turn.now  # a period began while we waited for an answer
    turn.put_request(request.at(due))
    _ask_again(turn, key)


def _ask_again(turn: Turn, key: str) -> None:
    """Ask at once where something has happened that the last question did not know."""
    request = turn.home.requests[key]
    if request.again:
        ask_now(turn, key)
    elif request.news:
        turn.put_request(replace(request, news=False))
        for state in members(turn.home, key):
            _look_at_news(turn, state)


def failed(turn: Turn, event: Failed) -> None:
    """Ask again some time after an error, which changes no plan; plan here what has none."""
    question, error = event.question, event.error
    if not _is_awaited(turn, question):
        return
    keys = _unchanged(turn.home, question)
    if keys == question.asked.keys():
        _postpone(turn, question, error)
    else:
        ask_now(turn, question.group)  # somebody wants something else by now
        return
    kind = kind_of(turn.home.schedules[next(iter(keys))])
    if question.answerer is not Answerer.FALLBACK and (
        instead := kind.fallback(turn.home, question, error)
    ):
        _plan(turn, instead)
    else:
        _ask_again(turn, question.group)


def _postpone(turn: Turn, question: Question, error: FlatpeakError) -> None:
    """Find out when to try again, and say why there is no plan."""
    home, now, key = turn.home, turn.now, question.group
    request, states = home.requests[key], [home.schedules[one] for one in question.asked]
    failures = request.failures + 1
    start = min(plan_to_ask(home, one).period.start for one in states)
    at = retry_at(key, error, failures, start - now, now)
    waiting = isinstance(error, FlatpeakNotYetError)
    if waiting:
        news = [
            moment
            for one in states
            if (moment := kind_of(one).expected_news(home, one)) is not None
        ]
        # it is known when there is more, as long as that is in time
        if news and at < min(news) <= start:
            at = min(news) + request.lead
        # the next period is another question: its prices may be out when this one's never come
        ends = [plan_to_ask(home, one).period.end - request.lead for one in states]
        at = min([at, *(end for end in ends if end > now)])
    refused = isinstance(error, FlatpeakAuthError)
    turn.put_request(replace(request, failures=failures, refused=refused).at(at))
    if refused:
        turn.effects.append(StartReauth())
    for state in states:
        over = state.next_update and state.next_update <= now
        turn.put(
            replace(
                state,
                pending=Status.WAITING if waiting else Status.PROBLEM,
                error=None if waiting else error,
                next_update=None if over else state.next_update,
            )
        )


# What prices do


def prices_changed(turn: Turn, direction: Direction) -> None:
    """Plan anew what is planned here, and ask where new prices say something else.

    New prices in this home are a push, a request to Flatpeak is a poll.
    """
    turn.put_energy(replace(turn.home.energy, new_prices=True))
    for key, request in turn.home.requests.items():
        states = [
            one
            for one in members(turn.home, key)
            if one.target.enabled and one.target.direction is direction
        ]
        if not states:
            continue
        if any(_is_for_us(turn.home, one) for one in states):
            if turn.home.locally:
                turn.put_energy(replace(turn.home.energy, news_at=turn.now))
            ask_now(turn, key)
        elif request.failures and _is_helped(turn.home, states):
            ask_now(turn, key, pushed=False)
        elif request.asking:
            turn.put_request(replace(request, news=True))
        else:
            for state in states:
                _look_at_news(turn, state)


def _is_for_us(home: HomeState, state: ScheduleState) -> bool:
    """Tell whether a schedule is planned here, or would be if there were prices."""
    kind = kind_of(state)
    return kind.plans_locally(home, state) or kind.lacks_prices(home, state)


def _is_helped(home: HomeState, states: list[ScheduleState]) -> bool:
    """Tell whether somebody may be planned here who has no plan of Flatpeak's."""
    return any(
        home.known_prices(one.target.direction) and one.plan.source is not Source.FLATPEAK
        for one in states
    )


def _look_at_news(turn: Turn, state: ScheduleState) -> None:
    """Ask again where new prices say something else than the latest answer."""
    key = group_of(turn.home, state)
    request = turn.home.requests[key]
    soon = turn.now + intervals.SPREAD + intervals.SLACK
    if not state.answered or request.asking or (request.due and request.due <= soon):
        return
    if kind_of(state).is_news(turn.home, state, plan_to_ask(turn.home, state)):
        ask_now(turn, key, pushed=False)
