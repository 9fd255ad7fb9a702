"""What a home does when something happens."""

from dataclasses import replace
from datetime import datetime

from ..model import Direction
from . import prices, requests, sensors, targets
from .events import (
    Added,
    Answered,
    DevicesKnown,
    Effect,
    Event,
    Failed,
    FormChanged,
    PlannedLocally,
    PricesFailed,
    PricesRead,
    PricesWanted,
    RefreshRequested,
    Removed,
    RulesChanged,
    Save,
    Show,
    SourceChanged,
    Started,
    TargetChanged,
    Told,
    Woke,
)
from .kinds import kind_of
from .lifecycle import group_of, rolled
from .savings import counted
from .state import HomeState, ScheduleState
from .turn import Turn

# An action may change several schedules at once: one question answers all changes.
_GATHERED = (Added, FormChanged, Removed, RulesChanged, TargetChanged)


def handle(home: HomeState, event: Event, now: datetime) -> tuple[HomeState, tuple[Effect, ...]]:
    """Return the home after an event, and what is to be done about it.

    Events may come at any time, twice, or late.
    """
    turn = Turn(home, now)
    over = _edges_passed(home, now)
    if isinstance(event, Told):
        sensors.told(turn, event)
    _catch_up(turn, home)
    _take(turn, event)
    if turn.home.started:
        _pass_edges(turn, over)
        sensors.look(turn)
        if not isinstance(event, _GATHERED):
            requests.ask_due(turn)
            prices.read_due(turn)
    _show(turn, home, over)
    _save(turn, home, over)
    return turn.home, tuple(turn.effects)


def next_wake(home: HomeState) -> datetime | None:
    """Return the next moment at which something is to be done; None: never."""
    if not home.started:
        return None
    moments = [one.next_edge(home.now) for one in home.schedules.values()]
    moments += [
        one.due for one in home.requests.values() if one.due and (home.polling or one.pushed)
    ]
    for one in home.prices.values():
        moments.append(prices.next_edge(home, one, home.now))
        if one.due and (home.polling or one.pushed) and not one.reading:
            moments.append(one.due)
    if home.energy.look_at:
        moments.append(home.energy.look_at)
    return min(moments, default=None)


def _catch_up(turn: Turn, before: HomeState) -> None:
    """Bring everything up to now: sensors, savings, periods."""
    sensors.catch_up(turn)
    turn.home = counted(turn.home, turn.now)
    for state in turn.home.schedules.values():
        if before.now <= turn.now < state.plan.period.end:
            continue  # as long as the clock does not go back, no period begins before one ends
        present = rolled(turn.home, state, turn.now)
        if present is not state:
            turn.put(present)


def _take(turn: Turn, event: Event) -> None:  # noqa: C901, PLR0912  one line for each event
    match event:
        case Started():
            turn.home = replace(turn.home, started=True)
            sensors.start(turn)
            prices.start(turn)
        case Woke() | Told():
            pass
        case Added():
            targets.added(turn, event)
        case Removed():
            targets.removed(turn, event.key)
        case FormChanged():
            targets.form_changed(turn, event)
        case TargetChanged():
            targets.changed(turn, event)
        case RulesChanged():
            targets.rules_changed(turn, event.rules)
        case RefreshRequested(Direction() as direction):
            prices.asked_by_hand(turn, direction)
        case RefreshRequested(key):
            requests.asked_by_hand(turn, key)
        case SourceChanged():
            prices.source_changed(turn, event.direction)
        case PricesWanted():
            turn.home = prices.with_sources(turn.home, event.sources)
        case PricesRead():
            prices.were_read(turn, event)
        case PricesFailed():
            prices.failed(turn, event)
        case DevicesKnown():
            targets.devices_known(turn, event.devices)
        case Answered():
            requests.answered(turn, event)
        case Failed():
            requests.failed(turn, event)
        case PlannedLocally():
            requests.planned(turn, event)


def _edges_passed(home: HomeState, now: datetime) -> frozenset[str]:
    """Return the schedules that have passed the edge of a window, or of a period."""
    return frozenset(key for key, one in home.schedules.items() if one.next_edge(home.now) <= now)


def _pass_edges(turn: Turn, over: frozenset[str]) -> None:
    """Ask where a period has begun without a plan, or a sensor says something else."""
    groups = {
        group_of(turn.home, state): kind_of(state)
        for key, state in turn.home.schedules.items()
        if key in over
    }
    for key, kind in groups.items():
        request = turn.home.requests[key]
        if request.failures or request.asking:
            continue
        if not requests.ask_without_plan(turn, key) and kind.shared:
            sensors.ask_for_sensors(turn)


def _show(turn: Turn, before: HomeState, over: frozenset[str]) -> None:
    """Show what has changed; those that give power back first, so that no limit is passed."""
    changed = [
        state
        for key, state in turn.home.schedules.items()
        if key in over or _shown(before.schedules.get(key)) != state.shown
    ]
    changed.sort(key=lambda one: one.power(turn.now) - _power(before, one.key))
    directions = tuple(
        way
        for way, one in turn.home.prices.items()
        if way in before.prices
        and (
            one.book is not before.prices[way].book
            or prices.next_edge(before, before.prices[way], before.now) <= turn.now
        )
    )
    if changed or directions:
        turn.effects.insert(0, Show(tuple(one.key for one in changed), directions))


def _shown(state: ScheduleState | None) -> tuple[object, ...]:
    return state.shown if state else ()


def _power(home: HomeState, key: str) -> float:
    state = home.schedules.get(key)
    return state.power(home.now) if state else 0.0


def _save(turn: Turn, before: HomeState, over: frozenset[str]) -> None:
    """Store what a restart would lose."""
    home = turn.home
    began = any(
        (run := home.schedules[key].running(turn.now)) and run.start > before.now
        for key in over & home.schedules.keys()
    )
    wanted = {key: one.target for key, one in home.schedules.items()}
    changed = wanted != {key: one.target for key, one in before.schedules.items()}
    if began or changed:
        turn.effects.append(Save(urgent=True))
    elif _stored(home) != _stored(before):
        turn.effects.append(Save())
    if any(_are_news(before, home, way) for way in home.prices):
        turn.effects.append(Save(prices=True))


def _stored(home: HomeState) -> tuple[object, ...]:
    """Return what is stored, but for what every moment changes."""
    return (
        [
            (
                *(one.form, one.target, one.plan, one.following, one.next_update),
                *(one.device_id, one.fulfilment.missed, one.fulfilment.misses),
            )
            for one in home.schedules.values()
        ],
        {key: (one.due, one.refused) for key, one in home.requests.items() if not one.asking},
        home.rules,
    )


def _are_news(before: HomeState, home: HomeState, way: Direction) -> bool:
    """Tell whether prices are to be stored: others are known, or read at quite another time."""
    book, known = home.prices[way].book, before.prices.get(way)
    if known is None or book is known.book:
        return False
    return prices.future(book, home.now) != prices.future(known.book, home.now)
