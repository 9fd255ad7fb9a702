"""Each price source, in its real shape, through both nights on which the clocks change."""

from datetime import timedelta

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.flatpeak.const import DOMAIN
from custom_components.flatpeak.model import HOUR, MINUTE, Slot, Span, total
from custom_components.flatpeak.prices import SOURCES
from simulator.prices import read_prices
from tests.home import SECOND, Home, local
from tests.local.conftest import PRICES, LocalHome
from tests.local.feeds import BRUSSELS, FEEDS, Feed, Record
from tests.prices import listed, other_side

NIGHTS = {
    "autumn": ("autumn_2024.csv", "2024-10-26", "2024-10-27", 10),
    "spring": ("spring_2024.csv", "2024-03-30", "2024-03-31", 8),
}
QUARTER = 15 * MINUTE
# A changed source is read that long after it has changed.
SLACK = 6 * SECOND


class FedHome(LocalHome):
    """A home whose prices come from a feed."""

    feed: Feed

    async def use(self, feed: Feed) -> None:
        """Have prices from a feed, before anything is added."""
        self.feed = feed
        source = await feed.install(self.hass, self.now.astimezone(BRUSSELS).date())
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="Home",
            unique_id="local_home",
            data={"location_id": "local_home", "source": source},
        )

    def show(self) -> None:
        """Let the feed say what it knows now."""
        here = self.now.astimezone(BRUSSELS)
        self.feed.show(self.now, tomorrow=here.time() >= self.publication)

    async def follow(self, until: str, step: timedelta) -> None:
        """Live on, step by step, and be there at every edge and reading."""
        keys, end = list(self.entry.subentries), local(until)
        while self.now < end:
            past = timedelta(seconds=self.now.timestamp() % step.total_seconds())
            edges = [edge for key in keys for window in self.windows(key) for edge in window]
            edges += [self.now - past + SLACK, self.now - past + step, end]
            self.set_clock(min(edge for edge in edges if edge > self.now))
            if self.now.timestamp() % step.total_seconds() == 0:
                self.show()
            await Home.at(self, self.now)


@pytest.fixture
async def fed(hass, home, freezer) -> FedHome:
    return FedHome(hass, freezer)


def objective(slots: list[Slot], home: FedHome, key: str = "schedule1") -> float:
    """Return what an hour's kW of a schedule cost at the prices that the source told."""
    runs = [Span(run.start, run.end) for run in home.runs[key]]
    parts = [part for run in runs for slot in slots if (part := slot.clip(run.start, run.end))]
    assert total(parts) == total(runs), "it ran at a time without a price"
    return sum(part.rate * (part.length / HOUR) for part in parts)


def bill(slots: list[Slot], home: FedHome, span: Span, key: str) -> float:
    """Return what the energy of a schedule by amount cost likewise."""
    return sum(
        part.rate * (part.length / HOUR) * load.power
        for load in home.delivered(span.start, span.end, key)
        for slot in slots
        if (part := slot.clip(load.start, load.end))
    )


def best(slots: list[Slot], length: timedelta) -> float:
    """Return the least that so much time can cost."""
    cost, left = 0.0, length
    for slot in sorted(slots, key=lambda one: one.rate):
        used = min(slot.length, left)
        cost += slot.rate * (used / HOUR)
        left -= used
    return cost


def test_no_source_is_left_out() -> None:
    assert {factory().source for factory in FEEDS.values()} == set(SOURCES)


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("name", FEEDS)
async def test_both_nights(fed, monkeypatch, name, night) -> None:
    """Exact minutes, exact energy, at the least cost by the prices that the source told."""
    file, eve, day, length = NIGHTS[night]
    home, feed = fed, FEEDS[name]()
    record = Record(read_prices(PRICES / file), feed.minutes)
    monkeypatch.setattr(listed, "price", record.price)
    monkeypatch.setattr(other_side, "price", record.price)
    home.set_clock(f"{eve}T12:00")
    await home.use(feed)
    home.add()
    home.add_amount()
    await home.set_up()
    span = Span(local(f"{eve}T22:00"), local(f"{day}T07:00"))
    assert span.length == length * HOUR
    assert home.sensor("status") == "provisional"

    await home.follow(f"{eve}T13:30", QUARTER)
    await home.follow(f"{eve}T21:45", HOUR)
    await home.follow(f"{day}T08:00", QUARTER)
    told = [known for one in record.slots(span.start, span.end) if (known := feed.known(one))]
    assert (
        home.on_time(span.start, span.end)
        == total(Span(run.start, run.end) for run in home.runs["schedule1"])
        == 3 * HOUR
    )
    assert objective(told, home) == pytest.approx(best(told, 3 * HOUR), abs=1e-9)
    assert home.energy(span.start, span.end, "schedule2") == pytest.approx(24, abs=0.005)
    assert bill(told, home, span, "schedule2") == pytest.approx(8 * best(told, 3 * HOUR), abs=0.002)
    assert home.energy(local(f"{eve}T12:00"), home.now, "schedule2") == pytest.approx(24, abs=0.005)
