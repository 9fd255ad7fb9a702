"""What a person would click together: the integration, a charger that follows it, a dashboard."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from .dashboard import dashboard
from .home_assistant import HomeAssistant
from .process import DemoError

DOMAIN = "flatpeak"
FLOW = "/api/config/config_entries/flow"
SUBENTRY_FLOW = "/api/config/config_entries/subentries/flow"
AUTOMATION = "demo_charger_follows"
CHARGER = "switch.charger"
DASHBOARD = "flatpeak-demo"
# The times of the home, wherever the browser is.
LOCALE = {
    "language": "en",
    "number_format": "language",
    "date_format": "language",
    "time_format": "24",
    "time_zone": "server",
    "first_weekday": "monday",
}
LIMIT = 30  # seconds


@dataclass(frozen=True, slots=True)
class Account:
    """What the simulator knows."""

    api_url: str
    account: str
    key: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the schedule asks for, in the words of its form."""

    hours: int
    minutes: int
    start: str
    end: str

    def form(self) -> dict[str, Any]:
        """Return the form, filled in."""
        return {
            "name": "Car charger",
            "segment": "low",
            "direction": "import",
            "duration": {"hours": self.hours, "minutes": self.minutes, "seconds": 0},
            "start": self.start,
            "end": self.end,
            "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        }


async def set_up_integration(home: HomeAssistant, account: Account, wish: Wish) -> str:
    """Go through the config flow, and the flow of a schedule that follows; return the entry id."""
    form = await home.post(FLOW, {"handler": DOMAIN})
    _expect(form, "form", "user")
    form = await home.post(
        f"{FLOW}/{form['flow_id']}",
        {
            "account_id": account.account,
            "api_key": account.key,
            "advanced": {"api_url": account.api_url},
        },
    )
    _expect(form, "form", "location")
    made = await home.post(f"{FLOW}/{form['flow_id']}", {"location_id": account.location})
    _expect(made, "create_entry")
    kind, following = made["next_flow"]
    if kind != "config_subentries_flow":
        raise DemoError(f"the config flow was to go on with a schedule, but went on with {kind}")
    schedule = await home.post(f"{SUBENTRY_FLOW}/{following}", wish.form())
    _expect(schedule, "create_entry")
    entry_id: str = made["result"]["entry_id"]
    return entry_id


def _expect(result: dict[str, Any], kind: str, step: str | None = None) -> None:
    if result["type"] != kind or (step and result["step_id"] != step) or result.get("errors"):
        told = result.get("errors") or result.get("reason") or result.get("step_id")
        raise DemoError(f"the config flow answered {result['type']} ({told}), not {step or kind}")


async def find_entities(home: HomeAssistant, entry_id: str) -> dict[str, str]:
    """Return the entities of the schedule by what they are, once it has a plan."""
    async with home.socket() as socket:
        (subentry,) = await socket.command("config_entries/subentries/list", entry_id=entry_id)
        begins = f"{subentry['subentry_id']}_"
    async for known in _registry(home, "the schedule had no plan"):
        found = {
            unique_id.removeprefix(begins): entity
            for (platform, unique_id), entity in known.items()
            if platform == DOMAIN and unique_id.startswith(begins)
        }
        if "active" in found and await _has_plan(home, found):
            return found
    raise AssertionError


async def _registry(home: HomeAssistant, problem: str) -> AsyncIterator[dict[tuple[str, str], str]]:
    """Return again and again which entities there are, by platform and unique id."""
    async with home.socket() as socket:
        for _ in range(LIMIT * 5):
            known = await socket.command("config/entity_registry/list")
            yield {(one["platform"], one["unique_id"]): one["entity_id"] for one in known}
            await asyncio.sleep(0.2)
    raise DemoError(f"{problem} after {LIMIT} s")


async def _has_plan(home: HomeAssistant, entities: dict[str, str]) -> bool:
    states = {state["entity_id"]: state for state in await home.get("/api/states")}
    active = states.get(entities["active"])
    return bool(active and active["attributes"].get("windows"))


async def add_automation(home: HomeAssistant, active: str) -> None:
    """Let the charger follow the schedule."""
    target = {"entity_id": CHARGER}
    await home.post(
        f"/api/config/automation/config/{AUTOMATION}",
        {
            "alias": "The charger follows the plan",
            "description": "Switches with the schedule, and looks again after a restart.",
            "triggers": [
                {"trigger": "state", "entity_id": active, "to": ["on", "off"]},
                {"trigger": "homeassistant", "event": "start"},
            ],
            "conditions": [],
            "actions": [
                {
                    "if": [{"condition": "state", "entity_id": active, "state": "on"}],
                    "then": [{"action": "switch.turn_on", "target": target}],
                    "else": [{"action": "switch.turn_off", "target": target}],
                }
            ],
            "mode": "queued",
        },
    )
    async for known in _registry(home, "the automation was not there"):
        if entity := known.get(("automation", AUTOMATION)):
            # a window that runs already has no edge to wait for
            await home.post("/api/services/automation/trigger", {"entity_id": entity})
            return


async def add_dashboard(home: HomeAssistant, entities: dict[str, str], *, seconds: bool) -> str:
    """Make a dashboard the page that everybody sees first; return its address."""
    async with home.socket() as socket:
        await socket.command(
            "lovelace/dashboards/create",
            url_path=DASHBOARD,
            title="Flatpeak demo",
            icon="mdi:ev-station",
            require_admin=False,
            show_in_sidebar=True,
        )
        config = dashboard(entities, CHARGER, seconds=seconds)
        await socket.command("lovelace/config/save", url_path=DASHBOARD, config=config)
        await socket.command(
            "frontend/set_system_data", key="core", value={"default_panel": DASHBOARD}
        )
        await socket.command("frontend/set_user_data", key="language", value=LOCALE)
    return f"{home.url}/{DASHBOARD}"
