"""Watch the charger follow the plan, and judge it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .home_assistant import HomeAssistant

ZONE = ZoneInfo("Europe/Brussels")
TOLERANCE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Change:
    """Something was switched."""

    entity: str
    on: bool
    moment: datetime

    @property
    def clock(self) -> str:
        """The time of day, as the home's clock shows it."""
        return f"{self.moment.astimezone(ZONE):%H:%M:%S}"


async def changes(home: HomeAssistant, *entities: str) -> AsyncIterator[Change]:
    """Return each time one of the entities goes on or off, until the connection ends."""
    async with home.socket() as socket:
        await socket.command("subscribe_events", event_type="state_changed")
        async for event in socket.events():
            new, old = event["data"]["new_state"], event["data"]["old_state"]
            if event["data"]["entity_id"] not in entities or not new or not old:
                continue
            if new["state"] != old["state"] and new["state"] in ("on", "off"):
                moment = datetime.fromisoformat(new["last_changed"])
                yield Change(new["entity_id"], new["state"] == "on", moment)


async def windows(home: HomeAssistant, active: str) -> list[tuple[datetime, datetime]]:
    """Return what is planned."""
    state: dict[str, Any] = await home.get(f"/api/states/{active}")
    return [
        (datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"]))
        for one in state["attributes"]["windows"]
    ]


async def judge(home: HomeAssistant, active: str, charger: str) -> AsyncIterator[tuple[bool, str]]:
    """Follow the next whole window: tell what is seen, and whether that was right.

    Ends when the schedule and the charger have gone on and off again.
    """
    # a window that has just begun is as old as the plan, and no edge of a price
    earliest = datetime.now(UTC) + TOLERANCE
    start, end = next(window for window in await windows(home, active) if window[0] > earliest)
    names = {active: "the plan", charger: "the charger"}
    seen = set()
    async for change in changes(home, active, charger):
        if change.moment < start - TOLERANCE:
            continue  # of a window that ran already when we came
        late = change.moment - (start if change.on else end)
        what = f"{change.clock}  {names[change.entity]} went {'on' if change.on else 'off'}"
        edge = "began" if change.on else "ended"
        yield (
            abs(late) <= TOLERANCE,
            f"{what}, {late.total_seconds():+.2f} s from where the window {edge}",
        )
        seen.add((change.entity, change.on))
        if len(seen) == 4:
            return
    yield False, "Home Assistant ended the connection"
