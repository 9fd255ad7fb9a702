"""What a person would click together: two homes, devices that follow them, a dashboard."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from .dashboard import dashboard
from .devices import Entities, Entry, automations
from .forms import LIMIT
from .home_assistant import HomeAssistant
from .process import DemoError

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
CONNECTED = "connected"  # what every home has


async def find_entities(home: HomeAssistant, entry_id: str) -> Entry:
    """Return the entities by what they are, once every schedule has a plan."""
    async with home.socket() as socket:
        subentries = await socket.command("config_entries/subentries/list", entry_id=entry_id)
    async for registry in _registry(home, "not every schedule had a plan"):
        known = {
            one["unique_id"]: one["entity_id"]
            for one in registry
            if one["config_entry_id"] == entry_id
        }
        schedules = {
            one["title"]: _beginning(known, f"{one['subentry_id']}_") for one in subentries
        }
        own = next((one for one in known if one.endswith(CONNECTED)), None)
        if own and await _have_plans(home, [found.get("active") for found in schedules.values()]):
            return Entry(entry_id, _beginning(known, own.removesuffix(CONNECTED)), schedules)
    raise AssertionError


def _beginning(known: Entities, beginning: str) -> Entities:
    """Return the entities whose unique id begins like this, by the rest of it."""
    return {
        unique_id.removeprefix(beginning): entity
        for unique_id, entity in known.items()
        if unique_id.startswith(beginning)
    }


async def _registry(home: HomeAssistant, problem: str) -> AsyncIterator[list[dict[str, Any]]]:
    """Return again and again which entities there are."""
    async with home.socket() as socket:
        for _ in range(LIMIT * 5):
            yield await socket.command("config/entity_registry/list")
            await asyncio.sleep(0.2)
    raise DemoError(f"{problem} after {LIMIT} s")


async def _have_plans(home: HomeAssistant, switching: Sequence[str | None]) -> bool:
    states = {state["entity_id"]: state for state in await home.get("/api/states")}
    found = [states.get(entity) for entity in switching if entity]
    return len(found) == len(switching) and all(
        state and state["attributes"].get("windows") for state in found
    )


async def add_automations(home: HomeAssistant, schedules: dict[str, Entities]) -> None:
    """Let the devices follow the schedules."""
    wanted = automations(schedules)
    for key, automation in wanted.items():
        await home.post(f"/api/config/automation/config/{key}", automation)
    async for registry in _registry(home, "the automations were not there"):
        found = [
            one["entity_id"]
            for one in registry
            if one["platform"] == "automation" and one["unique_id"] in wanted
        ]
        if len(found) == len(wanted):
            # a window that runs already has no edge to wait for
            await home.post("/api/services/automation/trigger", {"entity_id": found})
            return


async def add_dashboard(home: HomeAssistant, first: Entry, second: Entry, *, toy: bool) -> str:
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
        config = dashboard(first, second, toy=toy)
        await socket.command("lovelace/config/save", url_path=DASHBOARD, config=config)
        await socket.command(
            "frontend/set_system_data", key="core", value={"default_panel": DASHBOARD}
        )
        await socket.command("frontend/set_user_data", key="language", value=LOCALE)
    return f"{home.url}/{DASHBOARD}"
