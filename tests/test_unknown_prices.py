"""While prices are unknown, all kinds look for them as often, the more so in their own night."""

from datetime import time

import pytest

from simulator import Unpublished
from simulator.faults import Fault
from tests.home import HOUR, MINUTE, hours, local

S, E = local("2026-05-01T22:00"), local("2026-05-02T07:00")
pytestmark = pytest.mark.freeze_time("2026-05-01T05:00:00Z")


@pytest.mark.parametrize(
    ("since", "until"),
    [("2026-05-01T09:00", "2026-05-01T22:30"), ("2026-05-01T18:00", "2026-05-02T02:30")],
)
async def test_more_is_wanted_while_prices_are_unknown(home, world, since, until) -> None:
    world.publication = None
    world.import_prices = hours([0.3] * 72, local("2026-05-01T00:00"))
    by_amount = home.add_amount(energy=8)
    by_duration = home.add(duration={"hours": 1, "minutes": 0})
    await home.set_up("2026-05-01T08:00")
    await home.live(since, 10 * MINUTE)
    world.faults = {Fault.UNKNOWN_PRICE}
    await home.set_number("energy", 24, by_amount)  # three hours of 8 kW
    await home.set_duration(180, by_duration)
    await home.live(until, 10 * MINUTE)
    world.faults = set()  # four and a half hours and more are left
    await home.live(E, 10 * MINUTE)
    assert home.on_time(S, E, by_duration) == 3 * HOUR
    assert home.energy(S, E, by_amount) == pytest.approx(24, abs=0.02)


async def test_very_late_prices_of_a_home_with_amounts_only(home, world) -> None:
    """Known until midnight; the rest comes at 22:30, and is looked for at 20:30 and 04:40."""
    night = [0.35, 0.35, 0.1, 0.1, 0.1, 0.35, 0.35] + [0.3] * 17
    world.import_prices = hours(
        [*([0.3] * 22 + [0.4, 0.4]), *night, *night], local("2026-05-01T00:00")
    )
    world.publication, world.unpublished = time(22, 30), Unpublished.UNKNOWN
    home.add_amount()
    await home.set_up("2026-05-01T08:00")
    await home.live("2026-05-02T07:00", 10 * MINUTE)
    inside = [
        call.moment for call in home.amount_calls() if S <= call.moment < local("2026-05-02T02:00")
    ]
    assert inside, "nobody looked in the first four hours of a night that lacks 8 kWh"
