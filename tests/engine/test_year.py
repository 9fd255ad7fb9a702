"""Years of homes, drawn from seeds: the promises hold after every event of them.

`python -m tests.engine` lives through more of them.
"""

import pytest

from .trace import story
from .watch import Violation
from .world import World

_BLOCKS = 20
_YEARS = 200


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Start no Home Assistant."""


@pytest.fixture(autouse=True)
def _words() -> None:
    """Nothing is said here."""


@pytest.mark.parametrize("block", range(_BLOCKS))
def test_all_promises_hold_through_the_year(block: int) -> None:
    for seed in range(block, _YEARS, _BLOCKS):
        live(World(seed, sparse=True))


@pytest.mark.parametrize("seed", range(1000, 1010))
def test_busy_weeks_in_which_every_event_comes_twice(seed: int) -> None:
    live(World(seed, days=21, thorough=True))


@pytest.mark.parametrize("seed", [3, 2004])
def test_the_same_seed_is_the_same_year(seed: int) -> None:
    homes = []
    for _ in range(2):
        world = World(seed, days=60)
        live(world)
        homes.append(world.watch.home)
    assert homes[0] == homes[1]


def test_undisturbed_homes_pay_no_more_than_they_have_to() -> None:
    prices = []
    for seed in range(3000, 3012):
        world = World(seed, days=60, calm=True)
        live(world)
        prices += [one for one in world.judge.prices if one.hours]
    dearer = sorted((one.cost - one.best) / one.hours for one in prices)
    assert len(dearer) > 10
    assert dearer[len(dearer) // 2] < 0.0001
    assert dearer[-1] < 0.01


def live(world: World) -> None:
    """Live through a year; a broken promise is told with the events that break it."""
    try:
        world.run()
    except Violation as err:
        pytest.fail(story(world.seed, err, *world.recorder.trace(err)), pytrace=False)
