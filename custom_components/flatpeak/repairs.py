"""Repairs of a schedule by amount: a wish that cannot be met says so, and what would help."""

from collections.abc import Iterable
import math

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .amount import AmountCoordinator
from .const import DOMAIN
from .model import HOUR, SiteRules


def keep_unmet_issue(
    hass: HomeAssistant, schedule: AmountCoordinator, rules: SiteRules, together: float
) -> None:
    """Create or take back the repair of a schedule whose wish is not met.

    `together` is the power in kW that all schedules of the same direction and hours want.
    """
    issue = _issue(schedule.subentry.subentry_id)
    if not schedule.unmet:
        ir.async_delete_issue(hass, DOMAIN, issue)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=_reason(schedule, rules, together),
        translation_placeholders={
            "name": schedule.subentry.title,
            "missing": f"{schedule.missed:.1f}",
        },
    )


def delete_unmet_issues(hass: HomeAssistant, subentry_ids: Iterable[str]) -> None:
    """Take back the repairs of schedules."""
    for subentry_id in subentry_ids:
        ir.async_delete_issue(hass, DOMAIN, _issue(subentry_id))


def _issue(subentry_id: str) -> str:
    return f"unmet_{subentry_id}"


def _reason(schedule: AmountCoordinator, rules: SiteRules, together: float) -> str:
    """Return what is in the way, as far as only one thing can be."""
    wish = schedule.data.wish
    limit = rules.limits.get(wish.direction, math.inf)
    most = min(wish.max_power, limit) * (wish.frame.length / HOUR)
    if schedule.crammed or (wish.energy or 0.0) > most:
        return "unmet_time"
    reasons = ["unmet_cap"] if wish.direction in rules.caps else []
    reasons += ["unmet_limit"] if limit < together else []
    return reasons[0] if len(reasons) == 1 else "unmet"
