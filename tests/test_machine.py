"""What a machine needs, from its form to the switch: with an account, and without one."""

from datetime import datetime, time, timedelta
from itertools import pairwise

from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.flatpeak.const import DOMAIN
from custom_components.flatpeak.forms import read_constraints
from custom_components.flatpeak.model import Segment
from custom_components.flatpeak.planner.constrained import arrange
from simulator import Fault
from simulator.prices import read_prices
from tests.home import HOUR, MINUTE, SECOND, Home, hours, local
from tests.local.conftest import PRICES, LocalHome

START = local("2026-05-01T22:00")
END = local("2026-05-02T07:00")
# 22 to 7 o'clock; the three cheapest hours lie apart
RATES = [0.3, 0.1, 0.4, 0.1, 0.4, 0.1, 0.3, 0.15, 0.15]
FREE = [(1, 2), (3, 4), (5, 6)]

type Hours = list[tuple[float, float]]

pytestmark = pytest.mark.freeze_time("2026-05-01T18:00:00Z")


async def night(house: Home, rates=RATES, duration=180, **machine) -> str:
    """Set up a schedule of a machine for a night of nine hours with given prices."""
    house.world.import_prices = hours([*[0.5] * 22, *rates, *[0.5] * 15], START - 22 * HOUR)
    added = house.add(duration={"minutes": duration}, machine=machine)
    await house.set_up("2026-05-01T20:00")
    return added


def at(clock: float) -> datetime:
    """Return a moment by the hours since 22:00."""
    return START + clock * HOUR


def planned(house: Home) -> Hours:
    """Return the plan in hours since 22:00."""
    return [((start - START) / HOUR, (end - START) / HOUR) for start, end in house.windows()]


def ran(house: Home) -> Hours:
    """Return what was switched, in hours since 22:00."""
    return [
        ((run.start - START) / HOUR, ((run.end or house.now) - START) / HOUR)
        for run in house.runs["schedule1"]
    ]


# Each option


@pytest.mark.parametrize(
    ("duration", "machine", "expected", "shortfall"),
    [
        pytest.param(180, {"in_one_piece": True}, [(5, 8)], 0, id="in one piece"),
        pytest.param(180, {"run_through": True}, [(5, 8)], 0, id="run through"),
        pytest.param(180, {"most_starts": 2}, [(1, 2), (7, 9)], 0, id="two starts"),
        pytest.param(180, {"most_starts": 3}, FREE, 0, id="three starts"),
        pytest.param(180, {"shortest_run": 90}, [(0.5, 2), (7, 8.5)], 0, id="runs of 90 minutes"),
        pytest.param(180, {"shortest_pause": 120}, [(1, 2), (5, 6), (8, 9)], 0, id="pauses"),
        pytest.param(240, {"never_above": 0.12}, FREE, 60, id="never above"),
        pytest.param(240, {"never_above": 0.1}, FREE, 60, id="the price itself is not above"),
        pytest.param(180, {"never_above": 0.05}, [], 180, id="never above what there is"),
        pytest.param(180, {"always_below": 0.15}, [*FREE, (7, 9)], 0, id="also whenever below"),
        pytest.param(240, {"always_below": 0.1}, [*FREE, (7, 8)], 0, id="below, and the rest"),
        pytest.param(60, {"prefer": "late"}, [(5, 6)], 0, id="late"),
        pytest.param(60, {"prefer": "early", "shortest_run": 1}, [(1, 2)], 0, id="early"),
        pytest.param(
            180, {"in_one_piece": True, "never_above": 0.3}, [(5, 8)], 0, id="a piece, and a price"
        ),
        pytest.param(
            240, {"in_one_piece": True, "never_above": 0.3}, [(5, 9)], 0, id="a piece that fits"
        ),
        pytest.param(
            300, {"in_one_piece": True, "never_above": 0.3}, [(5, 9)], 60, id="a piece too long"
        ),
        pytest.param(
            60, {"always_below": 0.15, "most_starts": 2}, [(1, 4), (5, 9)], 0, id="below, 2 starts"
        ),
    ],
)
async def test_each_option_from_plan_to_switch(
    house, duration, machine, expected, shortfall
) -> None:
    await night(house, duration=duration, **machine)
    assert planned(house) == expected
    assert house.sensor("plan_source") == "planner"
    assert house.sensor("status") == "planned"
    assert float(house.sensor("shortfall")) == shortfall
    length = sum(end - start for start, end in expected)
    assert float(house.sensor("planned_duration")) == length * 60
    await house.live("2026-05-02T07:30", 10 * MINUTE)
    if expected:
        assert ran(house) == expected
    else:
        assert house.runs.get("schedule1", []) == []
    if not isinstance(house, LocalHome):
        # nobody is asked for what cannot be said
        assert house.asked() == []


# What must run through


def switched(house: Home, since: int) -> list[str]:
    """Return what the switch was told since a moment of the record."""
    return [state for _, key, state in house.changes[since:] if key == "schedule1_active"]


@pytest.mark.parametrize("change", ["duration", "start", "end", "nothing left"])
async def test_a_changed_wish_does_not_cut_what_must_run_through(house, change) -> None:
    await night(house, run_through=True)
    assert planned(house) == [(5, 8)]
    await house.at(at(5))
    await house.at(at(5.5))
    seen = len(house.changes)
    match change:
        case "duration":
            await house.set_duration(60)
        case "start":
            await house.set_time("start", "02:00:00")
        case "end":
            await house.set_time("end", "05:00:00")
        case "nothing left":
            await house.set_duration(10)
    assert house.active()
    await house.live(at(7.9), 5 * MINUTE)
    assert switched(house, seen) == []
    await house.live(at(9.5), 5 * MINUTE)
    assert ran(house) == [(5, 8)]


async def test_another_price_limit_does_not_cut_what_must_run_through(hass, house) -> None:
    """The form is sent with a limit that is below the price of now."""
    await night(house, run_through=True)
    await house.at(at(5))
    await house.at(at(6.5))
    seen = len(house.changes)
    form = await house.entry.start_subentry_reconfigure_flow(hass, "schedule1")
    shown = {
        key.schema: (key.description or {}).get("suggested_value")
        for key in form["data_schema"].schema
    }
    machine = {"run_through": True, "never_above": 0.2}
    await hass.config_entries.subentries.async_configure(
        form["flow_id"], {**shown, "machine": machine}
    )
    await house.settle()
    await house.live(at(9.5), 5 * MINUTE)
    # the entry is loaded anew, in which an entity is unavailable for a moment
    assert set(switched(house, seen)) <= {"unavailable", "on", "off"}
    assert ran(house) == [(5, 8)]


async def test_what_must_run_through_can_be_switched_off(house) -> None:
    await night(house, run_through=True)
    await house.at(at(5))
    await house.at(at(6))
    assert house.active()
    await house.enable(False)
    assert not house.active()
    await house.live(at(9.5), 5 * MINUTE)
    assert ran(house) == [(5, 6)]


async def test_a_longer_wish_lengthens_what_must_run_through(house) -> None:
    await night(house, run_through=True)
    await house.at(at(5))
    await house.at(at(6))
    await house.set_duration(240)
    await house.live(at(9.5), 5 * MINUTE)
    assert ran(house) == [(5, 9)]


# What runs


@pytest.mark.parametrize("minutes", [150, 175, 185, 200])
async def test_a_changed_wish_does_not_make_the_switch_flicker(house, minutes) -> None:
    """What has to go on, lest the run be too short, is not off in between."""
    await night(house, [0.5, 0.2, 0.5, 0.1, 0.1, 0.5, 0.5, 0.5, 0.5], shortest_run=60)
    assert planned(house) == [(1, 2), (3, 5)]
    await house.live(at(1.5), 10 * MINUTE)
    assert house.active()
    seen = len(house.changes)
    await house.set_duration(minutes)
    assert set(switched(house, seen)) <= {"on"}
    await house.live(at(9.5), 5 * MINUTE)
    assert ran(house)[0][0] == 1
    assert all(end - start >= 1 for start, end in ran(house))
    assert sum(end - start for start, end in ran(house)) * 60 == pytest.approx(minutes)


async def test_a_shorter_wish_ends_what_has_run_long_enough(house) -> None:
    await night(house, [0.1] * 3 + [0.3] * 6, shortest_run=60)
    await house.at(at(0))
    await house.at(at(1.5))
    await house.set_duration(60)
    assert not house.active()
    await house.live(at(9.5), 5 * MINUTE)
    assert ran(house) == [(0, 1.5)]


async def test_fewer_minutes_than_the_shortest_run_are_one_run(house) -> None:
    await night(house, shortest_run=90)
    await house.set_duration(20)
    assert planned(house) == [(1, 1 + 20 / 60)]
    assert house.sensor("shortfall") == "0.0"


# Starts that are over


async def test_starts_that_are_over_count_after_a_restart_too(house) -> None:
    """One start of two is over; the cheap hours that come up are apart, and one may be used."""
    await night(house, most_starts=2)
    assert planned(house) == [(1, 2), (7, 9)]
    await house.live(at(2.5), 10 * MINUTE)
    await house.stop()
    house.set_clock(at(3))
    await house.start()
    rates = [*RATES[:5], 0.01, 0.4, 0.01, 0.2]
    house.world.import_prices = hours([*[0.5] * 22, *rates, *[0.5] * 15], START - 22 * HOUR)
    await _prices_come(house)
    assert planned(house) == [(1, 2), (7, 9)]
    await house.live(at(9.5), 10 * MINUTE)
    assert len(ran(house)) == 2


async def _prices_come(house: Home) -> None:
    """Let the home read its prices now."""
    if isinstance(house, LocalHome):
        house.show()
        await house.at(house.now + 10 * timedelta(seconds=1))
    else:
        await house.hass.services.async_call(
            "homeassistant",
            "update_entity",
            {
                "entity_id": next(
                    state.entity_id
                    for state in house.hass.states.async_all("sensor")
                    if state.entity_id.endswith("_price")
                    and "next" not in state.entity_id
                    and "highest" not in state.entity_id
                    and "lowest" not in state.entity_id
                )
            },
            blocking=True,
        )
        await house.settle()


async def test_a_restart_in_the_middle_of_a_run_keeps_it(house) -> None:
    await night(house, most_starts=2)
    await house.live(at(1.5), 10 * MINUTE)
    await house.stop()
    await house.start()
    assert house.active()
    assert planned(house) == [(1, 2), (7, 9)]
    assert house.sensor("plan_source") == "restored"
    await house.live(at(9.5), 10 * MINUTE)
    assert ran(house) == [(1, 2), (7, 9)]


async def test_the_pause_after_what_runs_is_kept(house) -> None:
    """New prices would have it start again at once; it may not before the pause is over."""
    await night(house, shortest_pause=120)
    await house.live(at(1.5), 10 * MINUTE)
    rates = [0.3, 0.1, 0.4, 0.01, 0.3, 0.3, 0.3, 0.3, 0.3]
    house.world.import_prices = hours([*[0.5] * 22, *rates, *[0.5] * 15], START - 22 * HOUR)
    await _prices_come(house)
    assert house.active()
    windows = planned(house)
    assert windows[0][0] == 1
    await house.live(at(9.5), 10 * MINUTE)
    runs = ran(house)
    assert all(later[0] - run[1] >= 2 for run, later in pairwise(runs))
    assert sum(end - start for start, end in runs) == pytest.approx(3)


# From one period to the next


@pytest.mark.parametrize(("pause", "second"), [(0, (2, 4)), (60, (2, 4)), (180, (7, 9))])
async def test_a_pause_is_due_after_the_run_of_the_day_before(house, pause, second) -> None:
    """Two days that touch: cheap hours shortly after midnight come too early."""
    rates = {21: 0.1, 22: 0.1, 24: 0.1, 25: 0.1, 29: 0.12, 30: 0.12}
    house.world.import_prices = hours([rates.get(hour, 0.5) for hour in range(72)], at(-22))
    machine = {"shortest_pause": pause or 1, "most_starts": 2}
    house.add(start="00:00:00", end="00:00:00", duration={"hours": 2}, machine=machine)
    await house.set_up("2026-05-01T12:00")
    assert planned(house) == [(-1, 1)]
    await house.live(at(2) - MINUTE, 10 * MINUTE)
    await house.live(at(2), SECOND)
    await house.live(at(12), 10 * MINUTE)
    assert ran(house) == [(-1, 1), second]


# Whole nights


def broken(house: Home, minutes: float, machine: dict, start: datetime, end: datetime) -> set[str]:
    """Return which bounds the runs of a period have broken, reckoned from the record alone.

    One that goes on from the period before is no start, and as long as both parts of it.
    """
    whole = [
        (run.start, run.end or house.now)
        for run in house.runs.get("schedule1", [])
        if run.start < end and (run.end or house.now) > start
    ]
    runs = [(max(since, start), min(until, end)) for since, until in whole]
    once = machine.get("in_one_piece") or machine.get("run_through")
    most = 1 if once else machine.get("most_starts", 1000)
    prices = [
        (slot.rate, part)
        for slot in house.world.import_prices
        for run in runs
        if (part := slot.clip(*run))
    ]
    never, always = machine.get("never_above"), machine.get("always_below")
    dear = [part.length for rate, part in prices if always is None or rate > always]
    long = sum((until - since for since, until in runs), timedelta(0))
    problems = {
        "starts": sum(since >= start for since, _ in whole) > most,
        "too short": any(
            until - since < machine.get("shortest_run", 0) * MINUTE for since, until in whole
        ),
        "pauses": any(
            later[0] - before[1] < machine.get("shortest_pause", 0) * MINUTE
            for before, later in pairwise(whole)
        ),
        "too dear": never is not None and any(rate > never for rate, _ in prices),
        "too long": long > minutes * MINUTE if always is None else False,
        "too much that is dear": sum(dear, timedelta(0)) > minutes * MINUTE,
    }
    return {name for name, is_so in problems.items() if is_so}


async def follow(house: Home, until: str) -> None:
    """Live on to a moment, from edge to edge of the plan, with a look before each."""
    end = local(until)
    while house.now < end:
        moments = [moment for window in house.windows() for moment in window]
        edges = [edge for one in moments for edge in (one - 4 * SECOND, one) if edge > house.now]
        await house.at(min(house.now + 30 * MINUTE, end, *edges))


MACHINES = [
    {"in_one_piece": True},
    {"run_through": True, "prefer": "late"},
    {"shortest_run": 45, "shortest_pause": 30},
    {"shortest_run": 30, "most_starts": 2},
    {"shortest_pause": 90, "most_starts": 3, "prefer": "late"},
    {"never_above": 0.09, "shortest_run": 20},
    {"always_below": 0.02, "shortest_run": 30, "shortest_pause": 60, "most_starts": 3},
]
NIGHTS = [
    pytest.param("week_2025.csv", "2025-10-06", "2025-10-07", id="a night"),
    pytest.param("autumn_2024.csv", "2024-10-26", "2024-10-27", id="autumn"),
    pytest.param("spring_2024.csv", "2024-03-30", "2024-03-31", id="spring"),
]


@pytest.mark.parametrize(("prices", "eve", "day"), NIGHTS)
@pytest.mark.parametrize("machine", MACHINES, ids=" ".join)
async def test_a_night_with_restarts_keeps_to_the_bounds(house, machine, prices, eve, day) -> None:
    """It is published in time, so the runs are the best that there are."""
    house.world.publication = house.publication = time(13)
    house.world.import_prices = read_prices(PRICES / prices)
    house.add(machine=machine)
    await house.set_up(f"{eve}T12:00")
    start, end = local(f"{eve}T22:00"), local(f"{day}T07:00")
    for clock in (f"{eve}T21:00", f"{eve}T23:20", f"{day}T01:10", f"{day}T03:40", f"{day}T05:55"):
        await follow(house, clock)
        await house.stop()
        await house.start()
        await house.update()
    await follow(house, f"{day}T07:10")
    assert broken(house, 180, machine, start, end) == set()
    best = arrange(
        house.world.import_prices,
        3 * HOUR,
        Segment.LOW,
        read_constraints(machine),
        start=start,
        end=end,
    )
    assert house.on_time(start, end) == sum((one.length for one in best.windows), timedelta(0))
    cost = sum(one.rate * (one.length / HOUR) for one in best.windows)
    assert house.cost(start, end) == pytest.approx(cost)


@pytest.mark.parametrize(("prices", "eve", "day"), NIGHTS)
@pytest.mark.parametrize("machine", MACHINES, ids=" ".join)
async def test_a_day_whose_prices_come_in_the_middle_keeps_to_the_bounds(
    house, machine, prices, eve, day
) -> None:
    """From ten to ten: until one o'clock the prices are known up to midnight."""
    house.world.publication = house.publication = time(13)
    house.world.import_prices = read_prices(PRICES / prices)
    house.add(start="10:00:00", end="10:00:00", duration={"hours": 5}, machine=machine)
    await house.set_up(f"{eve}T09:50")
    start, end = local(f"{eve}T10:00"), local(f"{day}T10:00")
    for clock in (f"{eve}T12:40", f"{eve}T14:20", f"{eve}T23:50", f"{day}T03:10"):
        await follow(house, clock)
        await house.stop()
        await house.start()
        await house.update()
    await follow(house, f"{day}T10:00")
    assert broken(house, 300, machine, start, end) == set()
    if "never_above" not in machine:
        assert house.on_time(start, end) >= 5 * HOUR


# An account without prices


async def test_an_account_without_prices_is_served_and_told(hass, home) -> None:
    home.world.publication = None
    home.world.faults = {Fault.NO_PRICES}
    await night(home, in_one_piece=True)
    assert home.sensor("plan_source") == "flatpeak"
    issue = f"no_prices_{home.entry.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue)
    await home.live("2026-05-02T07:30", 10 * MINUTE)
    assert ran(home) == FREE
    home.world.faults = set()
    await home.live("2026-05-02T21:30", 10 * MINUTE)
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue) is None


async def test_without_prices_the_worst_one_is_kept_to(home) -> None:
    home.world.publication = None
    home.world.faults = {Fault.NO_PRICES}
    await night(home, duration=240, never_above=0.12)
    await home.live("2026-05-02T07:30", 10 * MINUTE)
    assert ran(home) == FREE


# Switched off and on again


async def test_a_machine_that_was_stopped_may_start_again(house) -> None:
    await night(house, [0.1] * 9, in_one_piece=True)
    await house.live(at(1), 10 * MINUTE)
    await house.enable(False)
    assert not house.active()
    await house.live(at(2), 10 * MINUTE)
    await house.enable(True)
    await house.live(at(9), 10 * MINUTE)
    assert sum(end - start for start, end in ran(house)) == 3
    assert len(ran(house)) == 2


async def test_another_number_is_no_start_more(house) -> None:
    """What has run in one piece only grows."""
    await night(house, in_one_piece=True)
    await house.live(at(5.5), 10 * MINUTE)
    await house.set_duration(190)
    await house.live(at(9.5), 10 * MINUTE)
    assert len(ran(house)) == 1
    assert ran(house)[0][1] - ran(house)[0][0] == pytest.approx(190 / 60)
