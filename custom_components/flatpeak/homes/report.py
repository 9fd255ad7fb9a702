"""What is said of a home in the log."""

from homeassistant.helpers.update_coordinator import UpdateFailed

from ..const import LOGGER
from ..engine import HomeState
from ..model.errors import FlatpeakError
from .errors import failure


def report(name: str, before: HomeState, now: HomeState) -> None:
    """Say why a plan changed, and once that nobody answers."""
    for way, prices in now.prices.items():
        if way in before.prices:
            _report_error(f"{name} {way}", before.prices[way].error, prices.error)
    for key, state in now.schedules.items():
        was = before.schedules.get(key)
        if was is None or was is state:
            continue
        if state.plan.windows != was.plan.windows or state.following != was.following:
            plans = (one.plan.windows for one in (state, was))
            LOGGER.debug("%s: new plan %s, was %s", state.name, *plans)
        _report_error(state.name, was.error, state.error)


def _report_error(name: str, was: FlatpeakError | None, now: FlatpeakError | None) -> None:
    if now and not was:
        LOGGER.error("%s: %s", name, failure(now, UpdateFailed))
    elif was and not now:
        LOGGER.info("%s: there are answers again", name)
