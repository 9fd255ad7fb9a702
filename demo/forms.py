"""The forms of the integration, filled in as a person would."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .home_assistant import HomeAssistant
from .process import DemoError
from .wishes import ADDITIONS, LIMITS, SECOND_HOME, Wish

DOMAIN = "flatpeak"
FLOW = "/api/config/config_entries/flow"
OPTIONS_FLOW = "/api/config/config_entries/options/flow"
SUBENTRY_FLOW = "/api/config/config_entries/subentries/flow"
LIMIT = 30  # seconds

type Form = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """What the simulator knows."""

    api_url: str
    account: str
    key: str
    location: str


async def add_account(home: HomeAssistant, account: Account, wishes: Sequence[Wish]) -> str:
    """Add a home with an account, its limits and its schedules; return the entry id."""
    form = await _choose(home, "account")
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
    entry_id = await _go_on(home, made, wishes[0])
    await _set_limits(home, entry_id)
    await _add_schedules(home, entry_id, wishes[1:])
    return entry_id


async def add_prices(home: HomeAssistant, prices: str, wishes: Sequence[Wish]) -> str:
    """Add a home on the prices of this name, and its schedules; return the entry id."""
    form = await _choose(home, "prices")
    source = {"source": _option(form, "source", prices)}
    form = await home.post(f"{FLOW}/{form['flow_id']}", source)
    _expect(form, "form", "check")
    checked = {"name": SECOND_HOME, "export_source": "none", "additions": ADDITIONS}
    made = await home.post(f"{FLOW}/{form['flow_id']}", checked)
    entry_id = await _go_on(home, made, wishes[0])
    await _add_schedules(home, entry_id, wishes[1:])
    return entry_id


async def _choose(home: HomeAssistant, way: str) -> Form:
    """Take one of the ways of the menu; return the form behind it."""
    menu = await home.post(FLOW, {"handler": DOMAIN})
    _expect(menu, "menu", "user")
    form: Form = await home.post(f"{FLOW}/{menu['flow_id']}", {"next_step_id": way})
    _expect(form, "form", way)
    return form


def _option(form: Form, field: str, label: str) -> str:
    """Return the value of an option by what a person reads."""
    (wanted,) = (one for one in form["data_schema"] if one["name"] == field)
    options = wanted["selector"]["select"]["options"]
    for option in options:
        if option["label"] == label:
            value: str = option["value"]
            return value
    labels = [option["label"] for option in options]
    raise DemoError(f"the form does not offer {label}, only {labels}")


async def _go_on(home: HomeAssistant, made: Form, wish: Wish) -> str:
    """Fill in the form of a schedule that follows a new entry; return the entry id."""
    _expect(made, "create_entry")
    kind, following = made["next_flow"]
    if kind != "config_subentries_flow":
        raise DemoError(f"the config flow was to go on with a schedule, but went on with {kind}")
    schedule = await home.post(f"{SUBENTRY_FLOW}/{following}", wish.form)
    _expect(schedule, "create_entry")
    entry_id: str = made["result"]["entry_id"]
    return entry_id


async def _add_schedules(home: HomeAssistant, entry_id: str, wishes: Sequence[Wish]) -> None:
    for wish in wishes:
        await _loaded(home, entry_id)
        form = await home.post(SUBENTRY_FLOW, {"handler": [entry_id, wish.kind]})
        _expect(form, "form", "user")
        made = await home.post(f"{SUBENTRY_FLOW}/{form['flow_id']}", wish.form)
        _expect(made, "create_entry")


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


def _expect(result: Form, kind: str, step: str | None = None) -> None:
    if result["type"] != kind or (step and result["step_id"] != step) or result.get("errors"):
        told = result.get("errors") or result.get("reason") or result.get("step_id")
        raise DemoError(f"the config flow answered {result['type']} ({told}), not {step or kind}")
