"""What a person would click together: the integration, devices that follow it, a dashboard."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from .dashboard import dashboard
from .devices import Entities, automations
from .home_assistant import HomeAssistant
from .process import DemoError
from .wishes import LIMITS, Wish

DOMAIN = "flatpeak"
FLOW = "/api/config/config_entries/flow"
OPTIONS_FLOW = "/api/config/config_entries/options/flow"
SUBENTRY_FLOW = "/api/config/config_entries/subentries/flow"
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


@dataclass(frozen=True, slots=True)
class Entry:
    """The integration, set up: the entities of the home, and of each schedule by its name."""

    entry_id: str
    home: Entities
    schedules: dict[str, Entities]


async def set_up_integration(
    home: HomeAssistant, account: Account, wishes: Sequence[Wish]
) -> Entry:
    """Go through the flows of the account, of the site's limit, and of each schedule."""
    first, *others = wishes
    entry_id = await _add_account(home, account, first)
    await _set_limits(home, entry_id)
    for wish in others:
        await _loaded(home, entry_id)
        handler = {"handler": [entry_id, wish.kind]}
        form = await home.post(SUBENTRY_FLOW, handler)
        _expect(form, "form", "user")
        made = await home.post(f"{SUBENTRY_FLOW}/{form['flow_id']}", wish.form)
        _expect(made, "create_entry")
    return await _find_entities(home, account, entry_id)


async def _add_account(home: HomeAssistant, account: Account, wish: Wish) -> str:
    """Go through the config flow, and the flow of a schedule that follows; return the entry id."""
    menu = await home.post(FLOW, {"handler": DOMAIN})
    _expect(menu, "menu", "user")
    form = await home.post(f"{FLOW}/{menu['flow_id']}", {"next_step_id": "account"})
    _expect(form, "form", "account")
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
    schedule = await home.post(f"{SUBENTRY_FLOW}/{following}", wish.form)
    _expect(schedule, "create_entry")
    entry_id: str = made["result"]["entry_id"]
    return entry_id


async def _set_limits(home: HomeAssistant, entry_id: str) -> None:
    """Go through the options: what the home may buy and sell at once."""
    await _loaded(home, entry_id)
    form = await home.post(OPTIONS_FLOW, {"handler": entry_id})
    _expect(form, "form", "init")
    _expect(await home.post(f"{OPTIONS_FLOW}/{form['flow_id']}", LIMITS), "create_entry")


async def _loaded(home: HomeAssistant, entry_id: str) -> None:
    """Wait until the integration runs: each change loads it anew."""
    async with home.socket() as socket:
        for _ in range(LIMIT * 5):
            entries = await socket.command("config_entries/get", domain=DOMAIN)
            if any(one["entry_id"] == entry_id and one["state"] == "loaded" for one in entries):
                return
            await asyncio.sleep(0.2)
    raise DemoError(f"the integration was not loaded after {LIMIT} s")


def _expect(result: dict[str, Any], kind: str, step: str | None = None) -> None:
    if result["type"] != kind or (step and result["step_id"] != step) or result.get("errors"):
        told = result.get("errors") or result.get("reason") or result.get("step_id")
        raise DemoError(f"the config flow answered {result['type']} ({told}), not {step or kind}")


async def _find_entities(home: HomeAssistant, account: Account, entry_id: str) -> Entry:
    """Return the entities by what they are, once every schedule has a plan."""
    async with home.socket() as socket:
        subentries = await socket.command("config_entries/subentries/list", entry_id=entry_id)
    async for known in _registry(home, "not every schedule had a plan"):
        schedules = {
            one["title"]: _beginning(known, f"{one['subentry_id']}_") for one in subentries
        }
        if await _have_plans(home, [found.get("active") for found in schedules.values()]):
            return Entry(entry_id, _beginning(known, f"{account.location}_"), schedules)
    raise AssertionError


def _beginning(known: dict[tuple[str, str], str], beginning: str) -> Entities:
    """Return the integration's entities whose unique id begins like this, by the rest of it."""
    return {
        unique_id.removeprefix(beginning): entity
        for (platform, unique_id), entity in known.items()
        if platform == DOMAIN and unique_id.startswith(beginning)
    }


async def _registry(home: HomeAssistant, problem: str) -> AsyncIterator[dict[tuple[str, str], str]]:
    """Return again and again which entities there are, by platform and unique id."""
    async with home.socket() as socket:
        for _ in range(LIMIT * 5):
            known = await socket.command("config/entity_registry/list")
            yield {(one["platform"], one["unique_id"]): one["entity_id"] for one in known}
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
    async for known in _registry(home, "the automations were not there"):
        found = [known.get(("automation", key)) for key in wanted]
        if all(found):
            # a window that runs already has no edge to wait for
            await home.post("/api/services/automation/trigger", {"entity_id": found})
            return


async def add_dashboard(home: HomeAssistant, entry: Entry, *, seconds: bool) -> str:
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
        config = dashboard(entry.home, entry.schedules, seconds=seconds)
        await socket.command("lovelace/config/save", url_path=DASHBOARD, config=config)
        await socket.command(
            "frontend/set_system_data", key="core", value={"default_panel": DASHBOARD}
        )
        await socket.command("frontend/set_user_data", key="language", value=LOCALE)
    return f"{home.url}/{DASHBOARD}"
