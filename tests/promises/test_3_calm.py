"""Promise 3: what runs is not cut short, and a plan only changes for the better."""

import asyncio

import pytest

from simulator.faults import Fault
from tests.home import DAY, MINUTE, SECOND, hours

from .needs import (
    AMOUNT,
    APART,
    DURATION,
    EARLY,
    END,
    LATE,
    LIMIT,
    MACHINE,
    MIDDLE,
    START,
    at,
    is_local,
    look,
    night,
    pass_time,
    planned,
    ran,
    show,
)

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


async def test_a_new_answer_does_not_cut_what_runs(house, need) -> None:
    await night(house, need)
    await house.at(START)
    await house.at(at(0.5))
    # the prices turn over: now the last hours are the cheap ones, for what may have only three
    show(house, [*[0.5] * 3, *[0.3] * 3, *[0.01 if need.chooses else 0.3] * 3])
    await look(house)
    assert planned(house) == [(0, 3)]
    await pass_time(house, END)
    assert ran(house) == [(0, 3)]
    assert need.delivered(house, START, END) == 3


async def test_only_the_rest_is_planned_anew(house, need) -> None:
    await night(house, need, APART)
    await house.at(START)
    show(house, [0.1, *[0.3] * 6, 0.05, 0.05])
    await house.at(at(0.5))
    await look(house)
    assert planned(house) == [(0, 1), (7, 9)]
    if not is_local(house) and need.asks:
        # energy that runs is asked for too, so that the others are planned beside it
        since, wanted = {DURATION: (1, 2), LIMIT: (1, 3), AMOUNT: (0.5, 2.5)}[need]
        call = house.schedule_calls()[-1]
        body = call.body["data"][0] if need is AMOUNT else call.body
        assert need.asked(call) == wanted
        assert body["start_time"] == at(since).strftime("%Y-%m-%dT%H:%M:%SZ")
    await pass_time(house, END)
    assert ran(house) == [(0, 1), (7, 9)]


NO_BETTER = {
    "the same hours": [*[0.4] * 6, 0.12, 0.11, 0.1],
    "equal": [0.1] * 9,
    "dearer": [0.3, 0.2, 0.2, 0.2, 0.3, 0.3, 0.2, 0.2, 0.2],
}


@pytest.mark.parametrize("later", NO_BETTER)
async def test_an_answer_that_is_not_better_changes_nothing(house, need, later) -> None:
    if not need.chooses and later != "the same hours":
        pytest.skip("all hours within a bound are another plan")
    cheap = [0.1] * 3 if need.chooses else [0.1, 0.11, 0.12]
    await night(house, need, [*[0.3] * 6, *cheap])
    assert planned(house) == [(6, 9)]
    show(house, NO_BETTER[later])
    await house.at(at(-1))
    house.changes.clear()
    await look(house)
    assert planned(house) == [(6, 9)]
    # the same hours may have got another price, and the next question another moment
    kept = ("active", "power", "next_start", "next_end", "status", "shortfall")
    said = {(name.removeprefix("schedule1_"), state) for _, name, state in house.changes}
    assert {one for one in said if one[0].startswith((*kept, "planned"))} <= {("active", "off")}


async def test_the_same_answer_changes_nothing_at_any_time(house, need) -> None:
    """Asked for again and again, in runs and between them, nothing but edges is written."""
    await night(house, need, APART)
    edges = {at(clock) for clock in (0, 1, 3, 5)}
    own = ("schedule1_active", "schedule1_power", "schedule1_next_start", "schedule1_next_end")
    house.changes.clear()
    while house.now < at(8):
        await pass_time(house, house.now + 50 * MINUTE)
        await look(house)
        assert planned(house) == [(0, 1), (3, 5)]
    assert {moment for moment, name, _ in house.changes if name in own} == edges


async def test_a_better_answer_is_taken(house, need) -> None:
    await night(house, need, LATE)
    show(house, [0.05] * 3 + [0.2] * 6)
    await house.at(at(-1))
    await look(house)
    assert planned(house) == [(0, 3)]


async def test_a_better_answer_is_taken_in_the_middle_of_the_night(house, need) -> None:
    await night(house, need, APART)
    await pass_time(house, at(2))
    show(house, [0.1, *[0.3] * 6, 0.05, 0.05])
    await look(house)
    assert planned(house)[-1] == (7, 9)
    await pass_time(house, END)
    assert ran(house) == [(0, 1), (7, 9)]


async def test_a_changed_target_counts_at_once_on_what_runs_too(house, need) -> None:
    await night(house, need)
    await house.at(START)
    await house.at(at(1.5))
    assert need.runs_now(house)
    await need.want(house, 1)
    assert not need.runs_now(house)
    await need.want(house, 2)
    assert need.runs_now(house)
    assert planned(house)[-1][1] == 2
    if need.kind != "limit":
        assert need.planned(house) == pytest.approx(2, abs=0.01)
    await house.set_time("start", "00:30:00")
    assert not need.runs_now(house)


async def test_off_is_at_once_and_on_again_too(house, need) -> None:
    await night(house, need)
    await house.at(START)
    await house.at(at(1))
    assert need.runs_now(house)
    await house.enable(False)
    assert not need.runs_now(house)
    assert planned(house) in ([], [(0, 1)])
    assert house.sensor("status") == "off"
    await house.enable(True)
    assert need.runs_now(house)
    await pass_time(house, END)
    assert need.delivered(house, START, END) == 3


async def test_why_a_plan_changed_is_in_the_debug_log(house, need, caplog) -> None:
    await night(house, need, LATE)
    caplog.set_level("DEBUG", "custom_components.flatpeak")
    caplog.clear()
    show(house, [0.05] * 3 + [0.2] * 6)
    await look(house)
    assert "Car: new plan" in caplog.text


async def test_a_window_that_begins_while_we_wait_for_an_answer_is_kept(
    home, world, asking
) -> None:
    """Asked just before a window, answered just after: what has begun goes on."""
    await night(home, asking, MIDDLE)
    await home.at(at(1) - 5 * SECOND)
    show(home, [0.3] * 6 + [0.01 if asking.chooses else 0.3] * 3)
    world.faults, world.slowness = {Fault.SLOW}, 10
    await home.patiently(home.update())
    assert asking.runs_now(home)
    assert planned(home) == [(1, 4)]
    world.faults = set()
    await pass_time(home, END)
    assert asking.delivered(home, START, END) == 3


async def test_a_window_that_ends_while_we_wait_for_an_answer_ends_on_time(
    home, world, asking
) -> None:
    """Asked in its last seconds, answered after its end: neither longer nor twice."""
    await night(home, asking, APART)
    await home.at(START)
    await home.at(at(1) - 5 * SECOND)
    world.faults, world.slowness = {Fault.SLOW}, 10
    await home.patiently(home.update())
    assert ran(home) == [(0, 1)]
    world.faults = set()
    await pass_time(home, END)
    assert asking.delivered(home, START, END) == pytest.approx(3, abs=0.01)
    assert len(ran(home)) == 2


async def test_a_target_that_changes_while_we_wait_is_what_counts(home, world, asking) -> None:
    """The answer to the old question is not used, and the new one is asked."""
    await night(home, asking)
    world.faults, world.slowness = {Fault.SLOW}, 2
    asked = len(home.asked())

    async def change() -> None:
        while len(home.asked()) == asked:  # noqa: ASYNC110  the server is no event
            await asyncio.sleep(0)
        await asking.want(home, 1)

    await home.patiently(home.update(), change())
    assert planned(home) == [(0, 1)]
    assert [asking.asked(call) for call in home.schedule_calls()[-2:]] == [3, 1]


@pytest.mark.parametrize("choosing", [DURATION, AMOUNT], ids=str)
async def test_a_period_that_ends_while_we_wait_is_followed_by_the_next(
    home, world, choosing
) -> None:
    """The answer is for an hour that is over; the next one is asked for at once."""
    world.publication = None
    world.import_prices = hours([0.1] * 72, START)
    choosing.add(home, 0.5, end="23:00:00")
    await home.set_up("2026-05-01T21:00")
    # whatever the delay is, the next period has not been asked for yet
    await home.at("2026-05-01T22:58:50")
    world.faults, world.slowness = {Fault.SLOW}, 25
    await home.patiently(choosing.want(home, 0.75))
    while home.now < at(1):
        await home.patiently(home.update())
    world.faults = set()
    await pass_time(home, home.now + 2 * MINUTE)
    assert home.sensor("status") == "planned"
    assert home.windows() == [(START + DAY, START + DAY + 45 * MINUTE)]


@pytest.mark.parametrize(
    ("need", "change", "options"),
    [
        pytest.param(DURATION, {"direction": "export"}, {}, id="duration, sold"),
        pytest.param(DURATION, {"segment": "high"}, {}, id="duration, the dearest"),
        pytest.param(MACHINE, {"direction": "export"}, {}, id="machine, sold"),
        pytest.param(LIMIT, {"direction": "export"}, {}, id="limit, sold"),
        pytest.param(LIMIT, {"condition": "above"}, {}, id="limit, the dearest"),
        pytest.param(AMOUNT, {"direction": "export"}, {}, id="amount, sold"),
        pytest.param(
            AMOUNT, {"direction": "export"}, {"max_import_power": 11.0}, id="amount, shared"
        ),
    ],
)
async def test_windows_of_other_prices_go_even_when_nobody_answers(
    home, world, need, change, options
) -> None:
    """A plan for cheap power says nothing about selling it, nor about dear power."""
    home.options(**options)
    world.publication = None
    world.import_prices = hours([*EARLY, *[0.5] * 24], START)
    # energy is sold at the highest prices, time by its form still taken at the lowest
    good, bad = (0.15, 0.05) if need is AMOUNT else (0.05, 0.15)
    world.export_prices = hours([bad] * 4 + [good] * 3 + [bad] * 2, START)
    need.add(home)
    await home.set_up("2026-05-01T20:00")
    await home.at(START)
    await home.at(at(1))
    assert need.runs_now(home)
    world.faults = {Fault.UNAVAILABLE, Fault.PRICES_FAIL}
    subentry = home.entry.subentries["schedule1"]
    home.hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, **change}
    )
    await home.settle()
    await home.at(home.now + SECOND)
    assert not need.runs_now(home)
    world.faults = set()
    await pass_time(home, home.now + 5 * MINUTE)
    assert home.sensor("status") == "planned"
    # the hours that are good by the other prices; what ran is over
    first = 3 if "segment" in change or "condition" in change else 4
    if need.chooses:
        assert ran(home) == [(0, 1)]
        assert planned(home)[-1][0] == first
