"""Promise 3: what runs is not cut short, and a plan only changes for the better."""

import asyncio
from itertools import count

import pytest

from custom_components.flatpeak import pace
from simulator.faults import Fault
from tests.home import DAY, HOUR, MINUTE, SECOND, hours, local


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_a_new_answer_does_not_cut_what_runs(home, world) -> None:
    start = await home.spring_night([0.1] * 3 + [0.3] * 6)
    await home.at(start)
    await home.at(start + 30 * MINUTE)
    assert home.active()

    # the prices turn over: now the last hours are the cheap ones
    world.import_prices = hours([0.5] * 3 + [0.3] * 3 + [0.01] * 3, start)
    await home.update()
    assert home.active()
    assert home.windows() == [(start, start + 3 * HOUR)]
    await home.live("2026-05-02T07:00", 5 * MINUTE)
    assert [(run.start, run.end) for run in home.runs["schedule1"]] == [(start, start + 3 * HOUR)]


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_only_the_rest_is_planned_anew(home, world) -> None:
    start = await home.spring_night([0.1, 0.3, 0.3, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3])
    await home.at(start)
    world.import_prices = hours([0.1, 0.3, 0.3, 0.1, 0.1, 0.3, 0.3, 0.05, 0.05], start)
    world.calls.clear()
    await home.at(start + 30 * MINUTE)
    await home.update()
    assert home.windows() == [(start, start + HOUR), (start + 7 * HOUR, start + 9 * HOUR)]
    asked = home.schedule_calls()[-1].body
    assert asked["duration"] == 120
    assert asked["start_time"] == (start + HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
@pytest.mark.parametrize(
    "later", [[0.1] * 9, [0.3, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2]], ids=["equal", "dearer"]
)
async def test_an_answer_that_is_not_better_changes_nothing(home, world, later) -> None:
    start = await home.spring_night([0.3] * 6 + [0.1] * 3)
    assert home.windows() == [(start + 6 * HOUR, start + 9 * HOUR)]
    world.import_prices = hours(later, start)
    home.changes.clear()
    await home.at("2026-05-01T21:00")
    await home.update()
    assert home.windows() == [(start + 6 * HOUR, start + 9 * HOUR)]
    assert not [change for change in home.changes if "next_start" in change[1]]


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_a_cheaper_answer_is_taken(home, world) -> None:
    start = await home.spring_night([0.3] * 6 + [0.1] * 3)
    world.import_prices = hours([0.05] * 3 + [0.1] * 6, start)
    await home.at("2026-05-01T21:00")
    await home.update()
    assert home.windows() == [(start, start + 3 * HOUR)]


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_a_changed_wish_counts_at_once_on_the_running_window_too(home, world) -> None:
    start = await home.spring_night([0.1] * 3 + [0.3] * 6)
    await home.at(start)
    await home.at(start + 30 * MINUTE)
    assert home.active()
    await home.set_duration(30)
    assert not home.active()
    await home.set_duration(60)
    assert home.active()
    assert home.windows() == [(start, start + HOUR)]
    await home.set_time("start", "23:00:00")
    assert not home.active()


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_why_a_plan_changed_is_in_the_debug_log(home, world, caplog) -> None:
    start = await home.spring_night([0.3] * 6 + [0.1] * 3)
    world.import_prices = hours([0.05] * 3 + [0.1] * 6, start)
    caplog.set_level("DEBUG", "custom_components.flatpeak")
    caplog.clear()
    await home.update()
    assert "new plan" in caplog.text


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_a_window_that_begins_while_we_wait_for_an_answer_is_kept(home, world) -> None:
    """Asked just before a window, answered just after: what has begun goes on."""
    start = await home.spring_night([0.3, 0.1, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3, 0.3])
    begun = start + HOUR
    await home.at(begun - 5 * SECOND)
    world.import_prices = hours([0.3] * 6 + [0.01] * 3, start)
    world.faults, world.slowness = {Fault.SLOW}, 10
    await home.patiently(home.update())
    assert home.active()
    assert home.windows() == [(begun, begun + 3 * HOUR)]


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_a_wish_that_changes_while_we_wait_is_what_counts(home, world) -> None:
    """The answer to the old question is not used, and the new one is asked."""
    start = await home.spring_night([0.1] * 3 + [0.3] * 6)
    world.faults, world.slowness = {Fault.SLOW}, 2
    asked = len(home.asked())

    async def change() -> None:
        while len(home.asked()) == asked:  # noqa: ASYNC110  the server is no event
            await asyncio.sleep(0)
        await home.set_duration(60)

    await home.patiently(home.update(), change())
    assert home.windows() == [(start, start + HOUR)]
    assert [call.body["duration"] for call in home.schedule_calls()[-2:]] == [180, 60]


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
async def test_a_period_that_ends_while_we_wait_is_followed_by_the_next(home, world) -> None:
    """The answer is for a night that is over; the next one is asked for at once."""
    start = local("2026-05-01T22:00")
    world.publication = None
    world.import_prices = hours([0.1] * 72, start)
    # a schedule that asks for the next period only some seconds before this one ends
    number = next(n for n in count(1) if pace.delay(f"schedule{n}") < 15 * SECOND)
    home._ids = count(number)
    schedule = home.add(start="22:00:00", end="23:00:00", duration={"minutes": 30})
    await home.set_up("2026-05-01T21:00")
    await home.at("2026-05-01T22:59:40")
    world.faults, world.slowness = {Fault.SLOW}, 25
    asked = len(home.asked())
    await home.patiently(home.set_duration(59, schedule))
    world.faults = set()
    await home.live(home.now + 2 * MINUTE, SECOND)
    assert home.sensor("status", schedule) == "planned"
    assert home.windows(schedule) == [(start + DAY, start + DAY + 59 * MINUTE)]
    assert len(home.asked()) == asked + 2


@pytest.mark.freeze_time("2026-05-01T18:00:00Z")
@pytest.mark.parametrize("change", [{"direction": "export"}, {"segment": "high"}])
async def test_windows_of_other_prices_go_even_when_nobody_answers(home, world, change) -> None:
    """A plan for cheap power says nothing about selling it, nor about dear power."""
    start = await home.spring_night([0.1] * 3 + [0.3] * 6)
    world.export_prices = hours([0.15] * 4 + [0.05] * 3 + [0.15] * 2, start)
    await home.at(start + HOUR)
    assert home.active()
    world.faults = {Fault.UNAVAILABLE}
    subentry = home.entry.subentries["schedule1"]
    home.hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, **change}
    )
    await home.settle()
    await home.at(home.now + SECOND)
    assert not home.active()
    world.faults = set()
    await home.live(home.now + 5 * MINUTE)
    assert home.sensor("status") == "planned"
    expected = 3 if "segment" in change else 4
    assert home.windows()[-1][0] == start + expected * HOUR
