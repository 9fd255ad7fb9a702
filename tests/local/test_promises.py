"""The promises of the project, kept by a home without an account."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.storage import Store
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.flatpeak.const import DOMAIN
from simulator import Simulator, World
from simulator.prices import read_prices
from tests.home import DAY, HOUR, MINUTE, SECOND, Home, local
from tests.local.conftest import BUY, PRICES, SELL, LocalHome
from tests.prices import other_side
from tests.promises.needs import pass_time

EVENING, START, END = "2025-10-06T20:00", "2025-10-06T22:00", "2025-10-07T07:00"
QUARTER = 15 * MINUTE
SLACK = 6 * SECOND


def edges(home: Home, key: str = "schedule1") -> list[tuple[datetime, datetime | None]]:
    return [(run.start, run.end) for run in home.runs.get(key, [])]


def gone(home: Home) -> bool:
    """Whether the owner is told that there are no prices any more."""
    return bool(
        ir.async_get(home.hass).async_get_issue(DOMAIN, f"source_gone_{home.entry.entry_id}")
    )


def connected(home: Home, location: str = "local_home") -> str:
    return home.state("binary_sensor", "connected", location)


def export(home: LocalHome, *, sensor: str = SELL) -> None:
    """Have prices for selling as well, before anything is set up."""
    home.entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        unique_id="local_home",
        data={
            **home.entry.data,
            "export_source": {"source": "nordpool_hacs", "entity_id": sensor},
        },
    )
    home.world.export_prices = tuple(
        replace(slot, rate=round(0.3 - slot.rate, 5)) for slot in home.world.import_prices
    )


async def told(home: LocalHome) -> None:
    """Let the sensors say what they know, and let that be read and planned on."""
    home.show()
    await Home.at(home, home.now + SLACK)
    await Home.at(home, home.now)


# 2. A plan is kept until it runs out


async def unavailable(home: LocalHome) -> None:
    home.hass.states.async_set(BUY, "unavailable")


async def removed(home: LocalHome) -> None:
    home.hass.states.async_remove(BUY)


async def unreadable(home: LocalHome) -> None:
    home.hass.states.async_set(
        BUY, "0.1", {"raw_today": [{"x": 1}], "unit_of_measurement": "EUR/kWh"}
    )


async def empty(home: LocalHome) -> None:
    home.hass.states.async_set(BUY, "unknown", {"raw_today": [], "raw_tomorrow": []})


async def frozen(home: LocalHome) -> None:
    """It stays as it is for ever."""


@pytest.mark.parametrize("trouble", [unavailable, removed, unreadable, empty, frozen])
async def test_a_source_goes_away_and_comes_back(home, trouble) -> None:
    home.add()
    home.add_amount()
    await home.set_up(EVENING)
    planned = [home.windows(key) for key in ("schedule1", "schedule2")]
    home.silent = True
    await trouble(home)
    await home.at(home.now + SLACK)
    assert [home.windows(key) for key in ("schedule1", "schedule2")] == planned
    assert connected(home) == ("on" if trouble is frozen else "off")

    await home.live(END, QUARTER)
    assert edges(home) == joined(planned[0])
    assert home.energy(local(START), local(END), "schedule2") == pytest.approx(24, abs=0.01)
    assert not gone(home)
    await home.live("2025-10-08T12:00", QUARTER)
    assert connected(home) == "off"
    # there are no prices, so the second night is served at its end
    assert edges(home)[-1] == (local("2025-10-08T04:00"), local("2025-10-08T07:00"))
    await home.live("2025-10-09T03:00", HOUR)
    assert gone(home)

    home.silent = False
    await home.live("2025-10-09T05:00", QUARTER)
    assert not gone(home)
    assert connected(home) == "on"
    await home.live("2025-10-09T20:00", QUARTER)
    assert home.sensor("status") == "planned"


def joined(windows: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    runs: list[tuple[datetime, datetime]] = []
    for start, end in windows:
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


async def test_one_of_two_sources_goes_away(home) -> None:
    """That the other one can be read does not mean that all is well."""
    export(home)
    home.add()
    await home.set_up(EVENING)
    home.hass.states.async_remove(SELL)
    home._show = lambda *args, show=home._show: show(*args) if args[0] == BUY else None
    seen = set()
    end = local("2025-10-08T12:00")
    while home.now < end:
        await home.live(home.now + HOUR, QUARTER)
        if home.now > local("2025-10-08T00:00"):
            seen.add((gone(home), connected(home)))
    assert seen == {(True, "off")}
    del home._show
    await home.live("2025-10-08T12:30", QUARTER)
    assert not gone(home)
    assert connected(home) == "on"


# 3. Calm


async def test_prices_that_are_only_rewritten_move_nothing(home) -> None:
    """A source that rounds otherwise every few minutes."""
    home.add()
    home.add_amount()
    await home.set_up(EVENING)
    planned = [joined(home.windows(key)) for key in ("schedule1", "schedule2")]
    prices = home.world.import_prices
    turn = 0
    while home.now < local("2025-10-07T00:30"):
        turn += 1
        home.world.import_prices = tuple(
            replace(slot, rate=round(slot.rate + (place * turn) % 3 * 0.00001, 5))
            for place, slot in enumerate(prices)
        )
        await home.live(home.now + 5 * MINUTE, 5 * MINUTE)
        now = [joined(home.windows(key)) for key in ("schedule1", "schedule2")]
        assert now == planned


# 4. Minutes are counted


async def test_minutes_are_counted_over_changes_and_restarts(home) -> None:
    home.add()
    home.add_amount()
    await home.set_up(EVENING)
    prices = home.world.import_prices
    for turn, moment in enumerate(("22:50", "23:40", "00:20", "01:35", "02:10", "03:05", "04:10")):
        day = "2025-10-06" if moment > "12" else "2025-10-07"
        await pass_time(home, f"{day}T{moment}", QUARTER)
        if turn % 2:
            await home.stop()
            await home.start(home.now + 2 * MINUTE)
        home.world.import_prices = tuple(
            replace(slot, rate=(slot.start.hour * 7 + turn * 3) % 11 / 100) for slot in prices
        )
        await told(home)
    await pass_time(home, "2025-10-07T08:00", QUARTER)
    assert home.on_time(local(START), local(END)) == 3 * HOUR
    assert home.energy(local(START), local(END), "schedule2") == pytest.approx(24, abs=0.1)


# 5. Restart costs nothing


async def test_a_restart_before_the_source_is_there(home) -> None:
    """Plans and prices are there, and the source is waited for."""
    home.add()
    home.add_amount()
    await home.set_up(EVENING)
    planned = [home.windows(key) for key in ("schedule1", "schedule2")]
    price = home.sensor("price", "local_home")
    now = next(slot.rate for slot in home.world.import_prices if slot.contains(home.now))
    assert float(price) == pytest.approx(now)
    await home.stop()
    home.hass.states.async_remove(BUY)
    await home.start(home.now + 3 * MINUTE)
    assert [home.windows(key) for key in ("schedule1", "schedule2")] == planned
    assert home.sensor("price", "local_home") == price
    assert home.sensor("status") == "planned"
    home.silent = True
    await home.live("2025-10-07T12:00", QUARTER)
    assert home.on_time(local(START), local(END)) == 3 * HOUR
    assert not gone(home)


async def test_days_off_are_no_trouble_of_the_source(home) -> None:
    """Home Assistant was switched off for a week, and starts before the source."""
    home.add()
    await home.set_up("2025-10-05T20:00")
    await home.stop()
    home.silent = True
    home.hass.states.async_remove(BUY)
    await home.start("2025-10-11T20:00")
    await home.live("2025-10-11T20:02")
    assert not gone(home)
    home.silent = False
    await home.live("2025-10-11T20:10")
    assert connected(home) == "on"
    await home.live("2025-10-12T08:00", QUARTER)
    assert home.on_time(local("2025-10-11T22:00"), local("2025-10-12T07:00")) == 3 * HOUR


class Quiet(LocalHome):
    """A home whose prices come from an action, which it counts."""

    def show(self) -> None:
        here = self.now.astimezone(other_side.BRUSSELS)
        out = self.publication is not None and here.time() >= self.publication
        self.side.last_day = here.date() + DAY if out else here.date()


@pytest.fixture
async def quiet(hass, home, freezer, monkeypatch) -> Quiet:
    made = Quiet(hass, freezer)
    made.world.import_prices = home.world.import_prices
    rates = {slot.start: slot.rate for slot in home.world.import_prices}
    monkeypatch.setattr(
        other_side, "price", lambda moment, of="": rates.get(moment.astimezone(UTC), 0.3)
    )
    made.side = other_side.NordPool(hass, date(2025, 10, 6))
    made.entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        unique_id="local_home",
        data={"location_id": "local_home", "source": {"source": "nordpool_core", "area": "SE3"}},
    )
    return made


async def test_nothing_is_read_before_it_is_due(quiet) -> None:
    home = quiet
    home.add()
    await home.set_up(EVENING)
    asked = len(home.side.asked)
    assert asked == 2  # today and tomorrow
    for _ in range(3):
        await home.stop()
        await home.start(home.now + 10 * MINUTE)
    assert len(home.side.asked) == asked
    await home.live("2025-10-07T20:00", QUARTER)
    # a look an hour, and one every quarter of an hour when prices of the next day are due
    assert len(home.side.asked) <= asked + 2 * (24 + 6)


# Budgets


async def test_the_next_update_is_not_over(home) -> None:
    home.add()
    await home.set_up("2025-10-06T10:00")
    while home.now < local("2025-10-07T10:00"):
        await home.live(home.now + HOUR, QUARTER)
        assert datetime.fromisoformat(home.sensor("next_update")) >= home.now


async def test_the_file_is_not_written_with_every_word_of_a_source(home, monkeypatch) -> None:
    """Some sensors change every few seconds, and say nothing new about prices."""
    home.add()
    await home.set_up(EVENING)
    writes = []
    original = Store._async_handle_write_data

    async def write(store, *args) -> None:
        nonlocal writes
        writes += [store.key] if store.key.startswith(DOMAIN) else []
        await original(store, *args)

    monkeypatch.setattr(Store, "_async_handle_write_data", write)
    for turn in range(60):
        home.hass.states.async_set(BUY, str(turn), dict(home.hass.states.get(BUY).attributes))
        await Home.at(home, home.now + 10 * SECOND)
    assert len(writes) <= 2


# Targets and options


async def test_additions_change_the_plan(home) -> None:
    """A dear hour of the grid moves a plan as soon as it is typed."""
    home.add()
    home.add_amount()
    await home.set_up(EVENING)
    before = home.windows()
    start = min(start for start, _ in before).astimezone(other_side.BRUSSELS)
    hour = {"start": start.strftime("%H:%M:%S"), "end": "07:00:00", "amount": 1.0}
    await home.change_options(additions={"fixed": 0.1, "percent": 21, "hours": [hour]})
    await home.at(home.now + SLACK)
    await home.at(home.now)
    for key in ("schedule1", "schedule2"):
        assert home.windows(key)[0][0] < start
        assert home.sensor("status", key) == "planned"
    now = next(slot.rate for slot in home.world.import_prices if slot.contains(home.now))
    assert float(home.sensor("price", "local_home")) == pytest.approx((now + 0.1) * 1.21)


async def test_other_options_forget_no_price(home) -> None:
    """A limit of power has nothing to do with prices, which a source may not give just now."""
    home.add()
    await home.set_up(EVENING)
    planned = home.windows()
    home.lose()
    await home.at(home.now + SLACK)
    await home.change_options(max_import_power=5.0)
    assert home.windows() == planned
    assert home.state("sensor", "price", "local_home") not in ("unavailable", "unknown")
    await home.set_duration(120)
    assert home.sensor("status") == "planned"


# Money


async def test_prices_in_parts_of_another_currency(home) -> None:
    """The sensor has öre, the entities kronor, after a restart too."""
    home.add()
    home.add_amount()

    def show(entity_id, prices, show=home._show):
        show(entity_id, [replace(slot, rate=slot.rate * 100) for slot in prices])
        state = home.hass.states.get(entity_id)
        home.hass.states.async_set(
            entity_id, state.state, dict(state.attributes) | {"unit_of_measurement": "öre/kWh"}
        )

    home._show = show
    await home.set_up(EVENING)
    await home.stop()
    await home.start()
    now = next(slot.rate for slot in home.world.import_prices if slot.contains(home.now))
    price = home.hass.states.get(home.entity_id("sensor", "price", "local_home"))
    assert price.attributes["unit_of_measurement"] == "SEK/kWh"
    assert float(price.state) == pytest.approx(now)
    rate = home.hass.states.get(home.entity_id("sensor", "average_rate"))
    assert rate.attributes["unit_of_measurement"] == "SEK/kWh"
    cost = home.hass.states.get(home.entity_id("sensor", "cost", "schedule2"))
    assert cost.attributes["unit_of_measurement"] == "SEK"


# Selling


async def test_selling_at_the_highest_prices(home) -> None:
    export(home)
    home.add(direction="export", segment="high")
    home.add_amount(direction="export")
    await home.set_up(EVENING)
    await home.live("2025-10-07T08:00", QUARTER)
    start, end = local(START), local(END)
    assert home.on_time(start, end) == 3 * HOUR
    prices = home.world.export_prices
    best = sum(sorted(slot.rate for slot in prices if start <= slot.start < end)[-12:]) / 4
    earned = sum(
        part.rate * (part.length / HOUR)
        for run in home.runs["schedule1"]
        for slot in prices
        if (part := slot.clip(run.start, run.end))
    )
    assert earned == pytest.approx(best)
    assert home.bill(start, end, "schedule2") == pytest.approx(8 * best, abs=0.001)
    unit = home.hass.states.get(home.entity_id("sensor", "export_price", "local_home"))
    assert unit.attributes["unit_of_measurement"] == "EUR/kWh"


async def test_nothing_is_sold_without_prices_for_selling(home) -> None:
    home.add(direction="export", segment="high", machine={"fallback": "02:00:00"})
    home.add_amount(direction="export")
    home.add_limit(direction="export", condition="above", limit=0.1, least=60)
    home.add()
    home.add_amount()
    await home.set_up(EVENING)
    await home.live("2025-10-07T08:00", QUARTER)
    for key in ("schedule1", "schedule2", "schedule3"):
        assert home.sensor("status", key) == "waiting"
        assert home.windows(key) == []
    assert not home.runs.get("schedule1")
    assert not home.runs.get("schedule3")
    assert home.energy(local(EVENING), home.now, "schedule2") == 0
    assert home.on_time(local(START), local(END), "schedule4") == 3 * HOUR
    assert home.energy(local(START), local(END), "schedule5") == pytest.approx(24, abs=0.01)


async def test_the_source_for_selling_is_taken_away(hass, home) -> None:
    export(home)
    home.add(direction="export", segment="high")
    home.add_amount(direction="export")
    await home.set_up(EVENING)
    assert home.windows()
    assert home.windows("schedule2")
    data = {name: value for name, value in home.entry.data.items() if name != "export_source"}
    hass.config_entries.async_update_entry(home.entry, data=data)
    await home.settle()
    await home.at("2025-10-07T07:30")
    await home.live("2025-10-08T08:00", QUARTER)
    start, end = local("2025-10-07T22:00"), local("2025-10-08T07:00")
    assert home.on_time(start, end) == timedelta()
    assert home.energy(start, end, "schedule2") == 0
    for key in ("schedule1", "schedule2"):
        assert home.sensor("status", key) == "waiting"


# Midnight


async def test_yesterday_is_gone_at_midnight(home) -> None:
    """The list of today begins anew while a period runs."""
    home.add(duration={"hours": 5, "minutes": 0})
    home.add_limit(limit=0.5, limit_kind="relative")
    await home.set_up(EVENING)
    plans = [joined(home.windows(key)) for key in ("schedule1", "schedule2")]
    await pass_time(home, "2025-10-07T00:10", QUARTER)
    assert len(home.hass.states.get(BUY).attributes["raw_tomorrow"]) == 0
    assert [joined(home.windows(key)) for key in ("schedule1", "schedule2")] == plans
    await pass_time(home, END, QUARTER)
    assert home.on_time(local(START), local(END)) == 5 * HOUR
    assert edges(home, "schedule2") == plans[1]


# Side by side


async def test_two_homes_and_an_account_side_by_side(hass, home, freezer, socket_enabled) -> None:
    other = LocalHome(hass, freezer)
    other.world.import_prices = home.world.import_prices
    other.entry = MockConfigEntry(
        domain=DOMAIN,
        title="Cabin",
        unique_id="local_cabin",
        data={
            "location_id": "local_cabin",
            "source": {"source": "nordpool_hacs", "entity_id": BUY},
        },
        options={"additions": {"fixed": 0.1}},
    )
    world = World(import_prices=read_prices(PRICES / "week_2025.csv"))
    async with Simulator(world) as simulator:
        account = Home(hass, freezer, simulator)
        home.add()
        other._ids = iter([7])
        other.add(duration={"hours": 1, "minutes": 0})
        account._ids = iter([9])
        account.add(duration={"hours": 2, "minutes": 0})
        home.set_clock(EVENING)
        for one in (home, other, account):
            await one.set_up()
        await home.live("2025-10-07T08:00", QUARTER)
        start, end = local(START), local(END)
        for key, length in {"schedule1": 3, "schedule7": 1, "schedule9": 2}.items():
            assert home.on_time(start, end, key) == length * HOUR
        await account.stop()
        assert await hass.config_entries.async_remove(other.entry.entry_id)
        await home.live("2025-10-08T08:00", QUARTER)
        assert home.on_time(start + DAY, end + DAY, "schedule1") == 3 * HOUR


# The end


async def test_nothing_is_left(hass, home, hass_storage) -> None:
    home.add()
    home.add_amount()
    home.add_limit()
    await home.set_up(EVENING)
    home.lose()
    home.silent = True
    await home.live("2025-10-08T22:00", HOUR)
    assert gone(home)
    key = f"flatpeak.{home.entry.entry_id}"
    assert key in hass_storage
    await home.stop()
    home.changes.clear()
    home.silent = False
    home.show()
    await Home.live(home, "2025-10-08T23:00", QUARTER)
    assert home.changes == []
    await home.start()
    await home.at(home.now + SLACK)
    assert not gone(home)
    home.lose()
    home.silent = True
    await home.live("2025-10-10T12:00", HOUR)
    assert gone(home)
    await hass.config_entries.async_remove(home.entry.entry_id)
    await home.settle()
    assert not gone(home)
    assert key not in hass_storage
    assert not [one for one in ir.async_get(hass).issues if one[0] == DOMAIN]
    assert not er.async_entries_for_config_entry(er.async_get(hass), home.entry.entry_id)
    home.changes.clear()
    home.show()
    await Home.live(home, "2025-10-10T13:00", QUARTER)
    assert home.changes == []


async def test_a_plan_stays_when_the_prices_it_was_made_on_are_forgotten(home) -> None:
    """Other additions are chosen while the source is away: nobody knows a better plan."""
    home.add()
    await home.set_up(EVENING)
    planned = home.windows()
    home.lose()
    await home.at(home.now + SLACK)
    await home.change_options(additions={"fixed": 0.1})
    await home.live("2025-10-06T21:30", MINUTE)
    assert home.windows() == planned
    home.silent = False
    await home.live("2025-10-06T21:50", MINUTE)
    assert home.windows() == planned
    assert home.sensor("status") == "planned"
