"""*Start without prices at* is kept by every kind, whatever Flatpeak says instead of an answer."""

import pytest

from simulator.faults import Fault
from tests.home import DAY, HOUR, MINUTE, hours, local

START, END = local("2026-05-01T22:00"), local("2026-05-02T07:00")


@pytest.mark.freeze_time("2026-05-01T12:00:00Z")
async def test_prices_are_not_out_and_never_come(home, world) -> None:
    world.pending = True  # Flatpeak says "not yet" all night
    by_duration = home.add(machine={"fallback": "02:00:00"})
    by_amount = home.add_amount(fallback="02:00:00")  # 24 kWh at 8 kW: three hours too
    await home.set_up("2026-05-01T20:00")
    await home.live("2026-05-02T07:00", 10 * MINUTE)
    assert home.on_time(START, END, by_duration) == 3 * HOUR
    assert home.energy(START, END, by_amount) == pytest.approx(24, abs=0.02)


@pytest.mark.freeze_time("2026-05-01T12:00:00Z")
async def test_prices_are_known_until_midnight_only(home, world) -> None:
    world.publication = None
    world.import_prices = hours([0.3, 0.2], START)
    by_duration = home.add(machine={"fallback": "02:00:00"})
    by_amount = home.add_amount(fallback="02:00:00")
    await home.set_up("2026-05-01T20:00")
    await home.live("2026-05-02T07:00", 10 * MINUTE)
    assert home.on_time(START, END, by_duration) == 3 * HOUR
    assert home.energy(START, END, by_amount) == pytest.approx(24, abs=0.02)


@pytest.mark.freeze_time("2026-05-01T12:00:00Z")
@pytest.mark.parametrize(
    "fault", [Fault.REFUSE, Fault.NOT_JSON, Fault.VERSION_REFUSED, Fault.MISSING_FIELD]
)
async def test_flatpeak_is_there_and_says_nothing_useful(home, world, fault) -> None:
    world.publication = None
    world.import_prices = hours([0.3, 0.1, 0.1, 0.3, 0.2, 0.3, 0.3, 0.3, 0.3], START)
    by_duration = home.add(machine={"fallback": "02:00:00"})
    by_amount = home.add_amount(fallback="02:00:00")
    await home.set_up("2026-05-01T20:00")
    world.faults = {fault}
    await home.live("2026-05-03T07:00", 10 * MINUTE)
    start, end = START + DAY, END + DAY
    assert home.on_time(start, end, by_duration) == 3 * HOUR
    assert home.energy(start, end, by_amount) == pytest.approx(24, abs=0.02)
