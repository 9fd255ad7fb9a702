"""Rules that hold for all kinds alike: each once, whatever is wanted."""

from dataclasses import replace

import pytest

from custom_components.flatpeak.engine import Ask, Failed, PricesFailed, ReadPrices, TargetChanged
from custom_components.flatpeak.engine.intervals import delay
from custom_components.flatpeak.model import Direction, runs
from custom_components.flatpeak.model.errors import FlatpeakConnectionError, FlatpeakRateLimitError

from .homes import CHEAP, EVENING, HOUR, MINUTE, NEEDS, SECOND, START, Life, home_of, hours

ASKED = [need for need in NEEDS if need != "machine"]  # what Flatpeak can be asked for
MOVED = [0.3, 0.3, 0.3, 0.1, 0.3, 0.1, 0.1, 0.3, 0.3]


def planned(life: Life, key: str) -> list:
    return list(runs(life.home.schedules[key].plan.windows))


def best(rates: list[float]) -> list:
    return list(runs(slot for slot in hours(rates) if slot.rate == 0.1))


@pytest.mark.parametrize("need", NEEDS)
def test_new_prices_of_a_home_of_its_own_are_a_push(need) -> None:
    """They are planned on at once, also where polling is switched off."""
    life = Life(home_of(need, locally=True, polling=False))
    life.read(CHEAP)
    life.start()
    life.wake(EVENING + SECOND)
    assert planned(life, need) == best(CHEAP)
    life.read(MOVED, EVENING + MINUTE)
    assert planned(life, need) == best(MOVED)


@pytest.mark.parametrize("need", ASKED)
def test_a_request_to_flatpeak_is_a_poll(need) -> None:
    """Where polling is switched off, only the owner's change asks."""
    life = Life(home_of(need, polling=False))
    life.start()
    life.read(CHEAP)
    life.wake(EVENING + HOUR)
    assert life.asked() == []
    state = life.home.schedules[need]
    frame = replace(state.target.frame, start=NEEDS[need][1].target.frame.start.replace(hour=21))
    life.take(TargetChanged(need, replace(state.target, frame=frame)))
    assert len([one for one in life.wake(EVENING + HOUR + SECOND) if isinstance(one, Ask)]) == 1


@pytest.mark.parametrize("need", ASKED)
def test_one_change_of_several_is_one_question_each(need) -> None:
    """Nothing is asked before all changes of an action have been made."""
    life = Life(home_of(need))
    life.start()
    state = life.home.schedules[need]
    before = len(life.asked())
    life.take(TargetChanged(need, replace(state.target, enabled=False)))
    life.take(TargetChanged(need, state.target))
    assert len(life.asked()) == before


@pytest.mark.parametrize("need", [*ASKED, "prices"])
def test_after_slow_down_all_are_spread(need) -> None:
    """A thousand homes were told the same; prices are no exception."""
    life = Life(home_of("duration" if need == "prices" else need))
    effects = life.start()
    error = FlatpeakRateLimitError("slow down")
    error.retry_after = 60
    if need == "prices":
        assert [one for one in effects if isinstance(one, ReadPrices)]
        life.take(PricesFailed(Direction.IMPORT, error))
        due, key = life.home.prices[Direction.IMPORT].due, "homeimport"
    else:
        (ask,) = life.asked()
        life.take(Failed(ask.question, error))
        key = ask.question.group
        due = life.home.requests[key].due
    assert due == EVENING + 65 * SECOND + delay(key)


@pytest.mark.parametrize("need", ASKED)
def test_an_error_changes_no_plan(need) -> None:
    life = Life(home_of(need, locally=True))
    life.read(CHEAP)
    life.start()
    life.home = replace(life.home, locally=False)
    life.wake(START - MINUTE)
    before = planned(life, need)
    life.wake(START + 8 * HOUR)
    for ask in life.asked():
        life.take(Failed(ask.question, FlatpeakConnectionError("gone")))
    assert planned(life, need)[: len(before)] == before
