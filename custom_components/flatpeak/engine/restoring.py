"""What survives a restart, and how a home begins with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..model import (
    Direction,
    Form,
    KindName,
    Metering,
    PriceBook,
    SiteRules,
    Slot,
    Status,
    Target,
)
from ..planner import survived
from .events import Added
from .kinds import KINDS
from .lifecycle import group_of, refitted, rolled
from .prices import with_sources
from .state import AnyPlan, Fulfilment, HomeState, RequestState, ScheduleState
from .targets import rules_changed, with_unique_devices
from .turn import Turn, with_request, with_schedules


@dataclass(frozen=True, slots=True)
class StoredSchedule:
    """A schedule as it was when Home Assistant was last there.

    `form` is the target as the form had it, `target` as the entities had changed it.
    """

    kind: KindName
    form: Form
    target: Target
    plan: AnyPlan
    following: AnyPlan | None = None
    next_update: datetime | None = None
    device_id: str | None = None
    fulfilment: Fulfilment = field(default_factory=Fulfilment)


@dataclass(frozen=True, slots=True)
class StoredHome:
    """What is kept of a home: its schedules, when something is due, and until when it was there.

    `rules` are the limits and price caps that plans were made under. `saved` is what was saved
    since the beginning, counted up to `counted`.
    """

    schedules: Mapping[str, StoredSchedule] = field(default_factory=dict)
    due: Mapping[str, datetime] = field(default_factory=dict)
    rules: SiteRules | None = None
    seen: datetime | None = None
    saved: float = 0.0
    counted: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredPrices:
    """The prices of one direction, and what they came from: others than these are not true."""

    source: str
    book: PriceBook


def remembered(home: HomeState) -> StoredHome:
    """Return what is to be stored of a home."""
    return StoredHome(
        {
            key: StoredSchedule(
                one.kind,
                one.form,
                one.target,
                one.plan,
                one.following,
                one.next_update,
                one.device_id,
                one.fulfilment,
            )
            for key, one in home.schedules.items()
        },
        {
            key: due
            for key, one in home.requests.items()
            # due again as soon as there are other credentials
            if (due := home.now if one.refused or one.asking else one.due) is not None
        },
        home.rules,
        home.now,
        home.energy.saved,
        home.energy.counted,
    )


def restored(
    home: HomeState,
    schedules: Iterable[Added],
    sources: Mapping[Direction, str],
    stored: StoredHome,
    prices: Mapping[Direction, StoredPrices],
) -> HomeState:
    """Return a home with its schedules as they were stored, brought up to now.

    `home` has nothing but its facts; `sources` are what prices come from in each direction in use.
    """
    now, home = home.now, with_sources(home, sources)
    for way, known in home.prices.items():
        kept = prices.get(way)
        if kept and kept.source == known.source:
            home = replace(home, prices={**home.prices, way: replace(known, book=kept.book)})
    overdue: set[str] = set()
    for one in schedules:
        state, missed = _schedule(home, one, stored.schedules.get(one.key), stored.seen)
        home = with_schedules(home, state)
        if missed:
            overdue.add(group_of(home, state))
    for state in home.schedules.values():
        key = group_of(home, state)
        if key in home.requests:
            continue
        due = now if key in overdue else stored.due.get(key, now)
        wanted = KINDS[state.kind].shared or state.target.enabled
        recommended = None if KINDS[state.kind].shared else state.next_update
        request = RequestState(key, due if wanted else None, recommended=recommended)
        home = with_request(home, request)
    counted = stored.counted or now
    energy = replace(
        home.energy, saved=stored.saved, counted=counted, news_at=stored.due.get(home.key)
    )
    home = with_unique_devices(replace(home, energy=energy))
    if stored.rules is not None and stored.rules != home.rules:
        turn = Turn(home, now)
        rules_changed(turn, home.rules)
        home = turn.home
    return home


def _schedule(
    home: HomeState, one: Added, stored: StoredSchedule | None, seen: datetime | None
) -> tuple[ScheduleState, bool]:
    """Return a stored schedule brought up to now, and whether it is to be asked for at once."""
    now, kind, form = home.now, KINDS[one.kind], one.form
    if stored is None or stored.kind is not one.kind:
        plan = kind.empty(form.target.frame.period(now, home.zone))
        state = ScheduleState(
            one.key, one.name, one.kind, form, form.target, plan, device_id=form.device_id
        )
        return state, True
    fulfilment = stored.fulfilment
    if stored.form.sensor != form.sensor:
        fulfilment = replace(fulfilment, metering=Metering(), counted=0.0)
    same_device = stored.form.device_id == form.device_id
    state = ScheduleState(
        one.key,
        one.name,
        one.kind,
        form,
        stored.target,
        _survived(stored.plan, seen, now),
        stored.following and _survived(stored.following, seen, now),
        stored.next_update,
        fresh=False,
        device_id=stored.device_id if same_device else form.device_id,
        fulfilment=fulfilment,
    )
    target = kind.kept(stored.target, stored.form.target, form.target)
    if target != stored.target:
        return replace(refitted(home, state, target, now), fresh=True), True
    present = rolled(home, state, now)
    # a period that is neither of the stored ones: the home's clock has changed
    periods = {stored.plan.period, stored.following and stored.following.period}
    missed = state.plan != stored.plan or (state.answered and present.plan.period not in periods)
    if present.plan.period.start - now > kind.horizon:
        present = replace(present, pending=Status.LATER)
    return present, missed


def _survived(plan: AnyPlan, seen: datetime | None, now: datetime) -> AnyPlan:
    """Return a plan without what was missed while nobody was there."""
    if seen is None:
        return plan
    windows: tuple[Slot, ...] = survived(plan.windows, seen, now)
    return plan if windows == plan.windows else replace(plan, windows=windows)
