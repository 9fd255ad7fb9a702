"""Watch the devices follow the plans, and judge them and the limit."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .devices import BOUGHT, DEVICES, SOLD, Device, Entities, Entry
from .home_assistant import HomeAssistant, Socket
from .process import DemoError
from .tariff import ZONE
from .wishes import BATTERY_POWER, BUY, CAR_POWER, DISHWASHER, LIMIT, SELL

TOLERANCE = timedelta(seconds=2)
ROUNDING = 2.0  # W; the sensors show whole ones

type Verdict = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class Change:
    """Something shows another state."""

    entity: str
    state: str
    moment: datetime

    @property
    def clock(self) -> str:
        """The time of day, as the home's clock shows it."""
        return f"{self.moment.astimezone(ZONE):%H:%M:%S}"


async def subscribe(socket: Socket) -> None:
    """Let a connection tell every change from now on."""
    await socket.command("subscribe_events", event_type="state_changed")


async def changes(socket: Socket) -> AsyncIterator[Change]:
    """Return each time an entity shows another state, until the connection ends."""
    async for event in socket.events():
        new, old = event["data"]["new_state"], event["data"]["old_state"]
        if new and old and new["state"] != old["state"]:
            yield _change(new)


def _change(state: Mapping[str, Any]) -> Change:
    moment = datetime.fromisoformat(state["last_changed"])
    return Change(state["entity_id"], state["state"], moment)


@dataclass(slots=True)
class Edge:
    """A moment at which a plan and the device that follows it are to change."""

    device: Device
    plan: str
    state: str
    moment: datetime
    seen: dict[str, Change] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether both have changed."""
        return len(self.seen) == 2

    def note(self, change: Change) -> Verdict | None:
        """Take a change; tell what was seen when both have come."""
        if (
            change.entity not in (self.plan, self.device.switch)
            or change.state != self.state
            or change.moment < self.moment - TOLERANCE  # of the window before
            or self.over
        ):
            return None
        self.seen[change.entity] = change
        if not self.over:
            return None
        lates = [self.seen[one].moment - self.moment for one in (self.plan, self.device.switch)]
        plan, device = (f"{late.total_seconds():+.2f} s" for late in lates)
        name, clock = self.device.name, self.seen[self.device.switch].clock
        on = self.state == "on"
        return all(abs(late) <= TOLERANCE for late in lates), (
            f"{clock}  {name} {self.device.on if on else self.device.off}, {device} from "
            f"where its window {'began' if on else 'ended'} (its plan: {plan})"
        )


@dataclass(slots=True)
class Meter:
    """Adds up what is asked for at once, in W."""

    powers: dict[str, Change]
    limit: float = LIMIT * 1000
    highest: float = 0.0
    full: str = ""  # when the limit was reached first, and by what

    def __post_init__(self) -> None:
        """Begin with what is asked for now."""
        self.highest = self.total

    @property
    def total(self) -> float:
        """What is asked for now."""
        return sum(watts(change.state) for change in self.powers.values())

    def note(self, change: Change) -> Verdict | None:
        """Take a change; tell when it breaks the limit."""
        known = self.powers.get(change.entity)
        if known is None or change.moment <= known.moment:
            return None
        self.powers[change.entity] = change
        total = self.total
        self.highest = max(self.highest, total)
        shares = " + ".join(kilowatts(watts(one.state)) for one in self.powers.values())
        if total > self.limit + ROUNDING:
            return False, f"{change.clock}  {shares} kW are above {kilowatts(self.limit)} kW"
        if total >= self.limit - ROUNDING and not self.full:
            self.full = f"{shares} kW at {change.clock}"
        return None


def watts(state: str) -> float:
    """Read a power; what is not available draws nothing."""
    try:
        return float(state)
    except ValueError:
        return 0.0


def kilowatts(power: float) -> str:
    """Write a power in W."""
    return f"{power / 1000:.2f}".rstrip("0").rstrip(".")


async def _state(home: HomeAssistant, entity: str) -> dict[str, Any]:
    found: dict[str, Any] = await home.get(f"/api/states/{entity}")
    return found


async def _edges(home: HomeAssistant, schedules: Mapping[str, Entities]) -> list[Edge]:
    """Return where the next whole run of each schedule begins and ends."""
    edges = []
    # a window that has just begun is as old as the plan, and no edge of a price
    earliest = datetime.now(UTC) + TOLERANCE
    for device in DEVICES:
        active = schedules[device.schedule]["active"]
        whole = [run for run in await runs(home, active) if run[0] > earliest]
        if not whole:
            raise DemoError(f"{device.name} was not planned, or ran before it could be watched")
        start, end = whole[0]
        edges += [Edge(device, active, "on", start), Edge(device, active, "off", end)]
    return edges


async def runs(home: HomeAssistant, active: str) -> list[tuple[datetime, datetime]]:
    """Return what is planned; windows that touch are one run."""
    found: list[tuple[datetime, datetime]] = []
    for window in (await _state(home, active))["attributes"]["windows"]:
        start, end = (datetime.fromisoformat(window[edge]) for edge in ("start", "end"))
        if found and found[-1][1] == start:
            start, _ = found.pop()
        found.append((start, end))
    return found


async def _meter(home: HomeAssistant, *entities: str) -> Meter:
    return Meter({entity: _change(await _state(home, entity)) for entity in entities})


async def judge(home: HomeAssistant, entry: Entry, second: Entry) -> AsyncIterator[Verdict]:
    """Follow the next whole run of each schedule: tell what is seen, and whether it was right.

    Ends when all schedules and devices have gone on and off again.
    """
    async with home.socket() as socket:
        await subscribe(socket)
        edges = await _edges(home, entry.schedules | second.schedules)
        bought = await _meter(home, *(entry.schedules[name]["power"] for name in BUY))
        sold = await _meter(home, entry.schedules[SELL]["power"])
        taken = [await _meter(home, entity) for entity in (BOUGHT, SOLD)]
        watching: list[Edge | Meter] = [*edges, bought, sold, *taken]
        async for change in changes(socket):
            verdicts = [watched.note(change) for watched in watching]
            for verdict in filter(None, verdicts):
                yield verdict
            if all(edge.over for edge in edges):
                break
        else:
            yield False, "Home Assistant ended the connection"
    for verdict in _sums(bought, sold, *taken):
        yield verdict
    yield await _money(home, entry.home)
    yield await _one_run(home, second.schedules[DISHWASHER])


def _sums(bought: Meter, sold: Meter, *taken: Meter) -> list[Verdict]:
    """Tell what was asked for and taken at most."""
    buy, sell, took, gave = (meter.highest for meter in (bought, sold, *taken))
    kept = max(buy, sell, took, gave) <= LIMIT * 1000 + ROUNDING
    followed = abs(buy - took) <= ROUNDING and abs(sell - gave) <= ROUNDING
    held = f"the limit of {LIMIT:g} kW was {'' if kept else 'not '}kept at every moment"
    most = f"at most {kilowatts(buy)} kW were to be bought, and {kilowatts(sell)} kW to be sold"
    reached = f"reached: {bought.full}" if bought.full else "never reached"
    could = f"without it car and battery could have drawn {CAR_POWER:g} + {BATTERY_POWER:g} kW"
    did = f"the devices drew {kilowatts(took)} kW and gave {kilowatts(gave)} kW at most"
    return [
        (kept, f"{held}: {most}"),
        (bool(bought.full), f"the limit was {reached}; {could}"),
        (followed, did),
    ]


async def _money(home: HomeAssistant, entities: Entities) -> Verdict:
    """Tell what the plans cost and save."""
    cost, saved = [
        float((await _state(home, entities[key]))["state"])
        for key in ("planned_cost", "planned_savings")
    ]
    return saved > 0, (
        f"all plans cost {cost:.2f} EUR, less what selling brings; they save {saved:.2f} EUR"
    )


async def _one_run(home: HomeAssistant, entities: Entities) -> Verdict:
    """Tell whether a machine got its whole time in one run."""
    found = [end - start for start, end in await runs(home, entities["active"])]
    minutes = float((await _state(home, entities["duration"]))["state"])
    return found == [timedelta(minutes=minutes)], (
        f"the dishwasher was planned at home: {minutes:g} min in {len(found)} run(s)"
    )
