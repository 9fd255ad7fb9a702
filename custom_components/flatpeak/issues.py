"""Repairs: what only the owner can mend, as the engine sees it."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .engine import Issue
from .homes import delete_issues


@callback
def keep_issues(
    hass: HomeAssistant, entry: ConfigEntry, before: Mapping[str, Issue], now: Mapping[str, Issue]
) -> None:
    """Create the repairs that are new or say something else, and take back those that are over."""
    for name in before.keys() - now.keys():
        ir.async_delete_issue(hass, DOMAIN, _id(entry, name, before[name]))
    for name, issue in now.items():
        if before.get(name) == issue:
            continue
        whole = issue.key is None
        ir.async_create_issue(
            hass,
            DOMAIN,
            _id(entry, name, issue),
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR if whole else ir.IssueSeverity.WARNING,
            translation_key=issue.text,
            translation_placeholders={"location": entry.title} if whole else {**issue.placeholders},
        )


@callback
def delete_all_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back all repairs of a home."""
    delete_issues(hass, entry.entry_id)
    for issue_id in [one for domain, one in ir.async_get(hass).issues if domain == DOMAIN]:
        if issue_id.endswith(f"_{entry.entry_id}") or any(
            issue_id.endswith(f"_{key}") for key in entry.subentries
        ):
            ir.async_delete_issue(hass, DOMAIN, issue_id)


def _id(entry: ConfigEntry, name: str, issue: Issue) -> str:
    return name if issue.key else f"{name}_{entry.entry_id}"
