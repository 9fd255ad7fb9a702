"""Plans while the prices of a period are not all known, and when they come."""

from datetime import datetime

import pytest

from tests.home import HOUR, MINUTE, hours, local

EVENING, START, MIDNIGHT = "2026-05-01T20:00", "2026-05-01T22:00", "2026-05-02T00:00"
END, LATER = "2026-05-02T07:00", "2026-05-02T08:00"
# From 20:00 on; the cheapest hours of the night are 22, 02, 03 and 01 o'clock, in this order.
RATES = [0.50, 0.45, 0.10, 0.40, 0.35, 0.22, 0.12, 0.15, 0.30, 0.31, 0.32, 0.60]
ALL = hours(RATES, local(EVENING))


def known(home, until: str) -> None:
    """Let the source know no more than the prices until a moment."""
    home.publication = datetime.min.time()
    home.world.import_prices = tuple(slot for slot in ALL if slot.end <= local(until))


def at(*texts: str) -> list[tuple[datetime, datetime]]:
    """Write spans of the night as "23-24"."""
    spans = []
    for text in texts:
        edges = [float(part) for part in text.split("-")]
        start, end = (local("2026-05-01T00:00") + hour % 48 * HOUR for hour in edges)
        spans.append((start, end))
    return spans


def duration(hours: float) -> dict[str, int]:
    return {"hours": int(hours), "minutes": round(hours % 1 * 60)}


def ran(home, key: str = "schedule1") -> list[tuple[datetime, datetime]]:
    return [(run.start, run.end) for run in home.runs.get(key, [])]


async def night(home, until: str = LATER) -> None:
    await home.live(until, 15 * MINUTE)


@pytest.mark.parametrize(
    ("wanted", "planned", "runs"),
    [
        pytest.param(3, ["28-31"], ["28-31"], id="the unknown time may hold all of it"),
        pytest.param(7, ["24-31"], ["24-31"], id="the unknown time can just hold it"),
        pytest.param(8, ["22-23", "24-31"], ["22-23", "24-31"], id="an hour more is certain"),
        pytest.param(8.5, ["22-23", "23-23.5", "24-31"], ["22-23.5", "24-31"], id="more of it"),
        pytest.param(9, ["22-24", "24-31"], ["22-31"], id="all of the period"),
    ],
)
async def test_a_night_whose_prices_never_come(home, wanted, planned, runs) -> None:
    known(home, MIDNIGHT)
    home.add(duration=duration(wanted))
    await home.set_up(EVENING)
    assert home.sensor("status") == "provisional"
    assert float(home.sensor("shortfall")) == 0
    await night(home)
    assert ran(home) == at(*runs)


async def test_prices_that_suffice_are_a_plan(home) -> None:
    known(home, END)
    home.add()
    await home.set_up(EVENING)
    assert home.sensor("status") == "planned"
    assert home.windows() == at("22-23", "26-28")


@pytest.mark.parametrize(
    ("wanted", "moment", "runs"),
    [
        (3, "23:30", ["26-28", "25-26"]),
        (8, "23:30", ["22-23", "24-31"]),
        (3, "23:00", ["26-28", "25-26"]),
    ],
)
async def test_prices_come_late(home, wanted, moment, runs) -> None:
    """What is left is planned anew, at once, at the best prices."""
    known(home, MIDNIGHT)
    home.add(duration=duration(wanted))
    await home.set_up(EVENING)
    await night(home, f"2026-05-01T{moment}")
    known(home, END)
    await night(home)
    start, end = local(START), local(END)
    assert home.on_time(start, end) == wanted * HOUR
    if wanted == 3:
        # 22 o'clock is over, so these are the best
        assert ran(home) == at("25-28")
        assert home.sensor("status") == "provisional"  # of the next night
    else:
        assert home.cost(start, end) == pytest.approx(home.best_cost(start, end, 480))


async def test_prices_come_in_the_middle_of_the_kept_time(home) -> None:
    """What runs is never cut, and no minute too much follows."""
    known(home, MIDNIGHT)
    home.add()
    await home.set_up(EVENING)
    await night(home, "2026-05-02T05:10")
    assert home.active()
    known(home, END)
    await night(home)
    assert ran(home) == at("28-31")


@pytest.mark.parametrize(
    ("wanted", "fallback", "runs"),
    [
        (3, "02:00:00", ["26-29"]),
        (3, "22:30:00", ["22.5-25.5"]),
        (3, "12:00:00", ["28-31"]),
        (6, "02:00:00", ["25-31"]),
        (8, "02:00:00", ["22-23", "24-31"]),
        (3, "05:00:00", ["28-31"]),
    ],
)
async def test_a_start_for_nights_without_prices(home, wanted, fallback, runs) -> None:
    known(home, MIDNIGHT)
    home.add(duration=duration(wanted), machine={"fallback": fallback})
    await home.set_up(EVENING)
    await night(home)
    assert ran(home) == at(*runs)


async def test_a_start_for_nights_without_prices_is_not_for_others(home) -> None:
    known(home, MIDNIGHT)
    home.add(machine={"fallback": "02:00:00"})
    await home.set_up(EVENING)
    assert home.windows() == at("26-29")
    await night(home, "2026-05-02T00:30")
    known(home, END)
    await night(home)
    assert ran(home) == at("25-28")


async def test_prices_come_after_the_start_for_nights_without(home) -> None:
    """It runs, and goes on."""
    known(home, MIDNIGHT)
    home.add(machine={"fallback": "01:30:00"})
    await home.set_up(EVENING)
    await night(home, "2026-05-02T02:00")
    known(home, END)
    await night(home)
    assert ran(home) == at("25.5-28.5")


@pytest.mark.parametrize(
    ("wanted", "windows"),
    [
        (3, ["22-23", "27-29"]),
        (6, ["22-24", "27-31"]),
        (7, ["22-24", "26-27", "27-31"]),
    ],
)
async def test_hours_without_a_price_in_the_middle(home, wanted, windows) -> None:
    """They are used for what fits nowhere else, as late as can be."""
    known(home, END)
    gap = [slot for slot in ALL if not local(MIDNIGHT) <= slot.start < local("2026-05-02T03:00")]
    home.world.import_prices = tuple(slot for slot in gap if slot.start < local(END))
    home.add(duration=duration(wanted))
    await home.set_up(EVENING)
    assert home.windows() == at(*windows)
    assert home.sensor("status") == ("provisional" if wanted > 6 else "planned")
    await night(home)
    assert home.on_time(local(START), local(END)) == wanted * HOUR


async def test_never_above_a_price_is_never_blind(home) -> None:
    """Nobody can tell whether a price that is not known is above."""
    known(home, MIDNIGHT)
    home.add(machine={"never_above": 0.2, "fallback": "02:00:00"})
    await home.set_up(EVENING)
    await night(home)
    assert ran(home) == at("22-23")


async def test_below_a_limit_only_the_least_is_served_without_prices(home) -> None:
    known(home, MIDNIGHT)
    home.add_limit(limit=0.2)
    home.add_limit(limit=0.2, least=120)
    await home.set_up(EVENING)
    await night(home)
    assert ran(home, "schedule1") == at("22-23")
    assert ran(home, "schedule2") == at("22-23", "30-31")


async def test_two_devices_under_a_limit_without_prices(home) -> None:
    """Both are served, under the limit, as late as can be."""
    known(home, MIDNIGHT)
    home.options(max_import_power=8.0)
    home.add_amount(energy=24.0, max_power=8.0)
    home.add_amount(name="Boiler", energy=10.0, max_power=4.0)
    await home.set_up(EVENING)
    await night(home)
    start, end = local(START), local(END)
    assert home.energy(start, end, "schedule1") == pytest.approx(24, abs=0.01)
    assert home.energy(start, end, "schedule2") == pytest.approx(10, abs=0.01)
    assert home.highest_power(start, end) <= 8.001
    # 34 kWh at 8 kW
    assert (
        min(
            one.start
            for key in ("schedule1", "schedule2")
            for one in home.delivered(start, end, key)
        )
        >= end - 5 * HOUR
    )


async def test_two_devices_under_a_limit_and_prices_that_come_late(home) -> None:
    known(home, MIDNIGHT)
    home.options(max_import_power=8.0)
    home.add_amount(energy=24.0, max_power=8.0)
    home.add_amount(name="Boiler", energy=8.0, max_power=4.0)
    await home.set_up(EVENING)
    assert home.sensor("status", "schedule1") == "provisional"
    await night(home, "2026-05-01T23:30")
    known(home, END)
    await night(home)
    start, end = local(START), local(END)
    energies = [home.energy(start, end, key) for key in ("schedule1", "schedule2")]
    assert energies == pytest.approx([24, 8], abs=0.01)
    assert home.highest_power(start, end) <= 8.001
    bill = sum(home.bill(start, end, key) for key in ("schedule1", "schedule2"))
    best = home.best_cost(local("2026-05-01T23:30"), end, 240)
    assert bill == pytest.approx(8 * best, abs=0.005)


async def test_more_energy_than_the_unknown_time_can_hold(home) -> None:
    known(home, MIDNIGHT)
    home.add_amount(energy=64.0, max_power=8.0)
    await home.set_up(EVENING)
    await night(home)
    loads = home.delivered(local(START), local(END), "schedule1")
    assert [(load.start, load.end) for load in loads] == at("22-23", "24-31")
    assert home.energy(local(START), local(END), "schedule1") == pytest.approx(64, abs=0.01)
