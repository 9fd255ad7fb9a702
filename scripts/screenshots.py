"""Take pictures of the demo: scripts/screenshots."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
import os
from pathlib import Path
import sys
from typing import Any

from playwright.async_api import (  # type: ignore[import-not-found,unused-ignore]
    Browser,
    Page,
    async_playwright,
)

from demo.__main__ import Demo, demo, free_port
from demo.wishes import BUY, CAR_POWER, WATER
from simulator import Simulator, World

README = Path("docs/images/dashboard.png")
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
LONG = 2200  # lines, so that a whole form or page fits
PICTURE = {"width": 1280, "height": 1000}
SETTLE = 2500  # milliseconds; cards and icons come late
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
ADD = "/config/integrations/dashboard/add?domain=flatpeak"
ACTIONS: dict[str, dict[str, Any]] = {
    "find_windows": {"duration": {"hours": 2, "minutes": 30}},
    "plan_energy": {"energy": 9, "power": 3.7},
    "get_prices": {},
}
INTEGRATION = "/config/integrations/integration/flatpeak"


class Camera:
    """A browser of one width that is logged in."""

    def __init__(self, page: Page, base: str, folder: Path, width: str) -> None:
        """Take it over."""
        self.page = page
        self._base = base
        self._folder = folder
        self._width = width

    async def open(self, path: str) -> None:
        """Go to a page of Home Assistant."""
        await self.page.goto(self._base + path, wait_until="domcontentloaded")
        await self.page.wait_for_selector("home-assistant-main")
        await self.page.wait_for_timeout(SETTLE)

    async def click(self, text: str) -> None:
        """Press what has this text."""
        await self.page.get_by_text(text, exact=True).first.click()
        await self.page.wait_for_timeout(SETTLE)

    async def press(self, name: str, number: int = 0) -> None:
        """Press the button of this name, the first one if there are several."""
        await self.page.get_by_role("button", name=name, exact=True).nth(number).click()
        await self.page.wait_for_timeout(SETTLE)

    async def take(self, name: str, path: str | None = None) -> None:
        """Take a picture, of another page if one is named."""
        if path:
            await self.open(path)
        await self.page.screenshot(path=self._folder / f"{name}-{self._width}.png")
        print(f"screenshots: {name}-{self._width}.png")

    async def take_end(self, name: str) -> None:
        """Take a picture of the end of the page, or of what stands in its middle."""
        await self.page.mouse.move(WIDTHS[self._width][0] / 2, 500)
        await self.page.mouse.wheel(0, 5000)
        await self.page.wait_for_timeout(SETTLE)
        await self.take(name)

    async def take_long(self, name: str, path: str | None = None) -> None:
        """Take a picture on a screen as high as nobody has."""
        columns, lines = WIDTHS[self._width]
        await self.page.set_viewport_size({"width": columns, "height": LONG})
        await self.page.wait_for_timeout(SETTLE)
        await self.take(name, path)
        await self.page.set_viewport_size({"width": columns, "height": lines})


@asynccontextmanager
async def camera(
    browser: Browser, base: str, folder: Path, width: str, *, dark: bool = False
) -> AsyncIterator[Camera]:
    """Open a browser that nobody has used yet; the demo logs it in."""
    columns, lines = WIDTHS[width]
    context = await browser.new_context(
        viewport={"width": columns, "height": lines},
        locale="en-GB",
        timezone_id="Europe/Brussels",
        color_scheme="dark" if dark else "light",
        service_workers="block",
    )
    page = await context.new_page()
    page.set_default_timeout(15000)
    try:
        yield Camera(page, base, folder, width)
    finally:
        await context.close()


async def pages(running: Demo, browser: Browser, folder: Path, width: str) -> None:
    """Take all pages that the demo has."""
    async with camera(browser, running.home.url, folder, width) as shot:
        await shot.take("dashboard", "/")
        await shot.take_end("dashboard-end")
        await shot.take_long("dashboard-long", "/")
        await shot.take("calendar", "/calendar")
        await shot.take("integration", INTEGRATION)
        async with running.home.socket() as socket:
            devices = await socket.command("config/device_registry/list")
        for device in devices:
            if any(domain == "flatpeak" for domain, _ in device["identifiers"]):
                name = f"device-{device['name'].lower().replace(' ', '-')}"
                await shot.take(name, f"/config/devices/device/{device['id']}")
                await shot.take_end(f"{name}-end")
        await shot.take("automation", "/config/automation/edit/demo_charger")
    async with camera(browser, running.home.url, folder, width, dark=True) as shot:
        await shot.take("dashboard-dark", "/")


async def flows(running: Demo, browser: Browser, folder: Path, width: str) -> None:
    """Take the dialogs that set the integration up."""
    async with camera(browser, running.home.url, folder, width) as shot:
        await shot.take("add", ADD)
        await account(running, shot, "sk_live_wrong")
        await shot.take("add-advanced")
        await shot.press("Submit")
        await shot.take("add-error")
        await shot.open(ADD)
        await account(running, shot, running.account.key)
        await shot.press("Submit")
        await shot.take("add-location")
        await shot.press("Submit")
        await shot.take("add-twice")
        await prices(shot)
        await shot.open(INTEGRATION)
        await add(shot, "duration")
        await shot.take("schedule-add")
        await shot.click("What the machine needs")
        await shot.take_long("schedule-add-open")
        await shot.press("Submit")
        await shot.take("schedule-add-error")
        await shot.open(INTEGRATION)
        await shot.press("Change schedule")
        await shot.take("schedule-change")
        await shot.take_end("schedule-change-end")
        await amounts(shot)
        await shot.open(INTEGRATION)
        await add(shot, "price limit")
        await shot.click("At least and at most")
        await shot.take_long("limit-add-open")
    for action, data in ACTIONS.items():
        async with camera(browser, running.home.url, folder, width) as shot:
            home = {"config_entry_id": running.entry.entry_id}
            typed = json.dumps({"action": f"flatpeak.{action}", "data": data | home})
            key = "panel-dev-action-state-service-data"
            await shot.page.add_init_script(f"localStorage.setItem('{key}', '{typed}')")
            await shot.take(f"action-{action}", "/config/tools/action")
            await shot.press("Perform action")
            await shot.take_end(f"action-{action}-answer")


async def amounts(shot: Camera) -> None:
    """Take the forms of schedules by amount, and the one of what holds for all of them."""
    await shot.open(INTEGRATION)
    await add(shot, "amount of energy")
    await shot.take("amount-add")
    await shot.click("State of charge")
    await shot.click("More settings")
    await shot.take_long("amount-add-open")
    await shot.page.locator("dialog-data-entry-flow input").first.fill("Car")
    await shot.press("Submit")
    await shot.take_long("amount-add-error")
    await shot.open(INTEGRATION)
    await shot.press("Change schedule", 1)
    await shot.take_long("amount-change")
    for number, name in enumerate(("options", "options-second")):
        await shot.open(INTEGRATION)
        await shot.press("Configure", number)
        await shot.take(name)


async def prices(shot: Camera) -> None:
    """Take the forms of a home without an account."""
    await shot.open(ADD)
    await shot.press("OK")
    await shot.take("add-menu")
    await shot.click("Prices already in Home Assistant")
    await shot.take("add-prices")
    await shot.page.locator("dialog-data-entry-flow ha-selector").first.click()
    await shot.page.wait_for_timeout(SETTLE)
    await shot.take("add-prices-list")
    await shot.open(INTEGRATION)
    second = shot.page.locator("ha-config-entry-row").nth(1)
    await second.get_by_role("button", name="Menu", exact=True).first.click()
    await shot.page.wait_for_timeout(SETTLE)
    await shot.page.get_by_text("Reconfigure", exact=True).locator("visible=true").first.click()
    await shot.page.wait_for_timeout(SETTLE)
    await shot.press("Submit")
    await shot.take_long("add-check")


async def add(shot: Camera, kind: str) -> None:
    """Open the form of a new schedule, at the first home."""
    await shot.press(f"Add schedule by {kind}")
    # the dialog comes after all that is on the page
    await shot.page.get_by_text("Home", exact=True).last.click()
    await shot.page.wait_for_timeout(SETTLE)


async def account(running: Demo, shot: Camera, key: str) -> None:
    """Fill in the form of an account."""
    fields = shot.page.locator("dialog-data-entry-flow input")
    await shot.press("OK")
    await shot.click("Flatpeak account")
    await shot.click("Advanced settings")
    await fields.nth(0).fill(running.account.account)
    await fields.nth(1).fill(key)
    await fields.nth(2).fill(running.account.api_url)


async def troubles(running: Demo, browser: Browser, folder: Path) -> None:
    """Take what Home Assistant shows when Flatpeak says no."""
    port = int(running.account.api_url.rpartition(":")[2])
    await running.simulator.stop()
    world = World(key="sk_test_another")
    async with Simulator(world, port):
        for name, path in (("reauth", INTEGRATION), ("repairs", "/config/repairs")):
            world.account_disabled = name == "repairs"
            world.key = running.account.key if name == "repairs" else world.key
            await ask(running)
            for width in WIDTHS:
                async with camera(browser, running.home.url, folder, width) as shot:
                    await shot.take(name, path)
                    await shot.click(
                        "Reconfigure" if name == "reauth" else "Your Flatpeak account is disabled"
                    )
                    await shot.take(f"{name}-dialog")
                    await shot.take(f"{name}-dashboard", "/")


async def unmet(running: Demo, browser: Browser, folder: Path) -> None:
    """Take the repair of a wish that could not be met twice: the store is told so."""
    await running.home.process.stop()
    store = running.home.folder / ".storage" / f"flatpeak.{running.entry.entry_id}"
    content = json.loads(store.read_text())
    for amount in content["data"]["amounts"].values():
        if amount["form"]["max_power"] == CAR_POWER:
            amount |= {"misses": 2, "missed": 3.2}
    store.write_text(json.dumps(content))
    await running.home.restart()
    for width in WIDTHS:
        async with camera(browser, running.home.url, folder, width) as shot:
            await shot.open("/config/repairs")
            await shot.click("The power of the home does not suffice for Car")
            await shot.take("unmet-dialog")


async def ask(running: Demo) -> None:
    """Change a setting, so that Flatpeak is asked."""
    entity = running.entry.schedules[WATER]["duration"]
    state = await running.home.get(f"/api/states/{entity}")
    value = 300 - float(state["state"])
    await running.home.post("/api/services/number/set_value", {"entity_id": entity, "value": value})


async def main(target: str) -> None:
    """Take them."""
    only_readme = target == "--readme"
    folder = README.parent if only_readme else Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    async with (
        demo(free_port()) as running,
        async_playwright() as playwright,
        await playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=OPTIONS
        ) as browser,
    ):
        if only_readme:
            await readme(running, browser)
            return
        for width in WIDTHS:
            await pages(running, browser, folder, width)
        for width in WIDTHS:
            await flows(running, browser, folder, width)
        await troubles(running, browser, folder)
        await unmet(running, browser, folder)


async def readme(running: Demo, browser: Browser) -> None:
    """Take the first page of the dashboard, with time to choose from at whatever hour."""
    for name in BUY:
        entity = {"entity_id": running.entry.schedules[name]["end"]}
        await running.home.post("/api/services/time/set_value", entity | {"time": "17:00:00"})
    async with camera(browser, running.home.url, README.parent, "desktop") as shot:
        await shot.page.set_viewport_size(PICTURE)
        await shot.open("/")
        await shot.page.screenshot(path=README)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
