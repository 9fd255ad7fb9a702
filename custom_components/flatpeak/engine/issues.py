"""What only the owner of a home can mend."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
import math

from ..model import HOUR, KindName
from .delivery import target_of
from .kinds.energy_parts import is_much
from .state import HomeState, ScheduleState

# Once may be bad luck with late prices; twice is a target that does not fit.
_PERIODS = 2

NO_PRICES = "no_prices"
SOURCE_GONE = "source_gone"


@dataclass(frozen=True, slots=True)
class Issue:
    """A repair: the key of its text, what stands in it, and how bad it is.

    `key` is the schedule's, None where it is the whole home's.
    """

    text: str
    key: str | None = None
    placeholders: Mapping[str, str] = field(default_factory=dict)


def possible_issues(keys: Iterable[str]) -> dict[str, Issue]:
    """Return all repairs that there may have been, for schedules with these keys."""
    unmet = {f"unmet_{key}": Issue("", key) for key in keys}
    return {NO_PRICES: Issue(""), SOURCE_GONE: Issue(""), **unmet}


def issues(home: HomeState) -> dict[str, Issue]:
    """Return the repairs that hold now, by what tells them apart."""
    found: dict[str, Issue] = {}
    if any(one.unpriced and one.target.enabled for one in home.schedules.values()):
        found[NO_PRICES] = Issue(NO_PRICES)
    if home.locally and any(one.gone for one in home.prices.values()):
        found[SOURCE_GONE] = Issue(SOURCE_GONE)
    for key, state in home.schedules.items():
        if state.kind is KindName.AMOUNT and _is_unmet(state):
            placeholders = {"name": state.name, "missing": f"{state.fulfilment.missed:.1f}"}
            found[f"unmet_{key}"] = Issue(_reason(home, state), key, placeholders)
    return found


def _is_unmet(state: ScheduleState) -> bool:
    """Tell whether energy was not to be had lately, and is not going to be either."""
    known = state.fulfilment
    met = known.unplaced is not None and not is_much(known.unplaced, target_of(state))
    return state.target.enabled and known.misses >= _PERIODS and not met


def _reason(home: HomeState, state: ScheduleState) -> str:
    """Return what is in the way, as far as only one thing can be."""
    target = target_of(state)
    limit = home.rules.limits.get(target.direction, math.inf)
    maximum = min(target.max_power, limit) * (target.frame.length / HOUR)
    if state.fulfilment.crammed or (target.energy or 0.0) > maximum:
        return "unmet_time"
    reasons = ["unmet_cap"] if target.direction in home.rules.caps else []
    reasons += ["unmet_limit"] if limit < _together(home, state) else []
    return reasons[0] if len(reasons) == 1 else "unmet"


def _together(home: HomeState, state: ScheduleState) -> float:
    """Return the power that schedules of the same direction and hours want, in kW."""
    period = state.plan.period
    return math.fsum(
        target_of(one).max_power
        for one in home.schedules.values()
        if one.kind is KindName.AMOUNT
        and one.target.enabled
        and one.target.direction is state.target.direction
        and one.plan.period.clip(period.start, period.end)
    )
