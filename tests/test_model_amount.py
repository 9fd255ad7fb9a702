"""The nouns of schedules by amount: energy, money, how a plan is doing, and what forms store."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.flatpeak.const import DAYS
from custom_components.flatpeak.engine import Fulfilment, ScheduleState
from custom_components.flatpeak.forms import CODECS
from custom_components.flatpeak.model import (
    AmountPlan,
    AmountTarget,
    Battery,
    Direction,
    Form,
    Frame,
    KindName,
    PowerSlot,
    PriceCap,
    SiteRules,
    Source,
    Span,
    Status,
    energy_of,
    savings_percentage,
    within,
)
from custom_components.flatpeak.storage import read_rules

MIDNIGHT = datetime(2026, 1, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
IMPORT, EXPORT = Direction.IMPORT, Direction.EXPORT


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Start no Home Assistant."""


@pytest.fixture(autouse=True)
def _words() -> None:
    """Nothing is said here."""


def at(hours: float) -> datetime:
    return MIDNIGHT + hours * HOUR


def slot(start: float, end: float, power: float = 5, **money: Any) -> PowerSlot:
    known = {"rate": 0.2, "saved": 0.1, **money}
    return PowerSlot(at(start), at(end), power=power, **known)


def plan(*windows: PowerSlot, source: Source | None = Source.FLATPEAK) -> AmountPlan:
    return AmountPlan(Span(at(0), at(8)), windows, source)


def amount_form(data: Mapping[str, Any]) -> Form:
    """Read what the form stored."""
    return CODECS[KindName.AMOUNT].read(data)


def amount_as_form(form: Form) -> dict[str, Any]:
    """Write it again."""
    return CODECS[KindName.AMOUNT].as_json(form)


# Energy and money


@pytest.mark.parametrize(
    ("hours", "power", "energy"),
    [
        pytest.param(1, 7.4, 7.4, id="an hour"),
        pytest.param(0.25, 7.4, 1.85, id="a quarter"),
        pytest.param(1 / 3600, 3.6, 0.001, id="a second"),
        pytest.param(2, 0, 0, id="without power"),
    ],
)
def test_energy_is_power_times_hours(hours, power, energy) -> None:
    assert slot(0, hours, power).energy == pytest.approx(energy)


def test_energy_of_several() -> None:
    slots = (slot(0, 1), slot(1, 3, 2), slot(5, 5.5, 7))
    assert energy_of(slots) == pytest.approx(12.5)
    assert energy_of(iter(slots)) == pytest.approx(12.5)
    assert energy_of(within(slots, at(0.5), at(2))) == pytest.approx(4.5)
    assert energy_of(()) == 0


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 20_000), st.floats(0, 100)), min_size=1, max_size=10),
    st.lists(st.floats(0, 1), max_size=5),
)
def test_energy_is_the_same_however_it_is_cut(parts, cuts) -> None:
    slots, start = [], MIDNIGHT
    for seconds, power in parts:
        end = start + timedelta(seconds=seconds)
        slots.append(PowerSlot(start, end, 0.1, power=power, saved=0.2))
        start = end
    edges = [MIDNIGHT, *sorted(MIDNIGHT + cut * (start - MIDNIGHT) for cut in cuts), start]
    pieces = [piece for a, b in pairwise(edges)
              for piece in within(slots, a, b)]  # fmt: skip
    whole, cut = plan(*slots), plan(*pieces)
    # a cut lies on a microsecond
    assert cut.energy == pytest.approx(whole.energy, abs=1e-6)
    assert cut.cost == pytest.approx(whole.cost, abs=1e-6)
    assert cut.savings == pytest.approx(whole.savings, abs=1e-6)
    assert whole.cost == pytest.approx(0.1 * whole.energy)


@pytest.mark.parametrize(
    ("windows", "energy", "cost", "savings"),
    [
        pytest.param((), 0, 0, 0, id="nothing costs nothing"),
        pytest.param((slot(0, 2),), 10, 2, 1, id="one"),
        pytest.param((slot(0, 2), slot(3, 4, 2, rate=0.5, saved=-0.5)), 12, 3, 0, id="two"),
        pytest.param((slot(0, 2, rate=-0.1),), 10, -1, 1, id="to be paid for using it"),
        pytest.param((slot(0, 2, rate=None), slot(3, 4)), 15, None, 1.5, id="a price not known"),
        pytest.param((slot(0, 2, saved=None), slot(3, 4)), 15, 3, None, id="savings not known"),
        pytest.param((slot(0, 2, rate=0.0, saved=0.0),), 10, 0, 0, id="free is known"),
    ],
)
def test_what_a_plan_holds(windows, energy, cost, savings) -> None:
    held = plan(*windows)
    assert held.energy == pytest.approx(energy)
    assert held.cost == (None if cost is None else pytest.approx(cost))
    assert held.savings == (None if savings is None else pytest.approx(savings))


@pytest.mark.parametrize(
    ("cost", "savings", "sold", "percentage"),
    [
        pytest.param(3, 1, False, 25, id="of what it would have cost"),
        pytest.param(3, 1, True, 50, id="of what it would have earned"),
        pytest.param(3, 0, False, 0, id="nothing saved"),
        pytest.param(3, -1, False, -50, id="dearer than at once"),
        pytest.param(0, 2, False, 100, id="free"),
        pytest.param(-1, 2, False, 200, id="paid for using it"),
        pytest.param(0, 0, False, None, id="of nothing"),
        pytest.param(-3, 1, False, None, id="it would have been paid for anyway"),
        pytest.param(1, 1, True, None, id="it would have earned nothing"),
        pytest.param(1, 3, True, None, id="it would have cost money to sell"),
        pytest.param(0.000004, 0.000004, False, None, id="a baseline of rounding"),
        pytest.param(0.00002, 0.00002, False, 50, id="next to nothing"),
        pytest.param(None, 1, False, None, id="nobody knows the cost"),
        pytest.param(1, None, False, None, id="nor the savings"),
        pytest.param(None, None, True, None, id="nothing is known"),
    ],
)
def test_the_share_that_is_saved(cost, savings, sold, percentage) -> None:
    share = savings_percentage(cost, savings, sold=sold)
    assert share == (None if percentage is None else pytest.approx(percentage))


# How it is doing

TARGET = AmountTarget(IMPORT, Frame(time(), time()), 7.4, energy=10)


def schedule(held: AmountPlan, target: AmountTarget = TARGET, **known: Any) -> ScheduleState:
    """Return a schedule with a plan."""
    fulfilment = Fulfilment(shortfall=known.pop("shortfall", 0.0))
    state = ScheduleState("car", "Car", KindName.AMOUNT, Form(TARGET), target, held)
    return replace(state, fulfilment=fulfilment, **known)


@pytest.mark.parametrize(
    ("windows", "known", "status"),
    [
        pytest.param((slot(0, 2),), {}, Status.PLANNED, id="certain"),
        pytest.param((slot(0, 1), slot(2, 3, confidence=0.8)), {}, Status.PROVISIONAL,
                     id="a forecast among them"),
        pytest.param((), {}, Status.PLANNED, id="answered: nothing is missing"),
        pytest.param((), {"shortfall": 10}, Status.WAITING,
                     id="an answer that plans nothing is no plan"),
        pytest.param((slot(0, 2),), {"shortfall": 10}, Status.PLANNED,
                     id="one that plans something is"),
        pytest.param((slot(0, 2),), {"pending": Status.PROBLEM}, Status.PLANNED,
                     id="a plan hides a problem"),
        pytest.param((), {"source": None}, Status.WAITING, id="not answered"),
        pytest.param((), {"source": None, "pending": Status.LATER}, Status.LATER, id="too early"),
        pytest.param((slot(0, 2),), {"source": None, "pending": Status.PROBLEM}, Status.PROBLEM,
                     id="what was delivered for another wish is no plan"),
        pytest.param((slot(0, 2),), {"enabled": False}, Status.OFF, id="off"),
        pytest.param((), {"enabled": False, "pending": Status.PROBLEM}, Status.OFF,
                     id="off, whatever there is"),
    ],
)  # fmt: skip
def test_how_a_schedule_is_doing(windows, known, status) -> None:
    target = replace(TARGET, enabled=known.pop("enabled", True))
    held = plan(*windows, source=known.pop("source", Source.FLATPEAK))
    assert schedule(held, target, **known).status is status


def test_windows_that_touch_run_as_one_though_their_power_differs() -> None:
    state = schedule(plan(slot(1, 2, 3), slot(2, 3, 7), slot(4, 5)))
    assert state.running(at(1.5)) == state.running(at(2)) == Span(at(1), at(3))
    assert state.upcoming(at(1.5)) == Span(at(4), at(5))
    # but the power changes in between
    assert state.next_edge(at(1.5)) == at(2)
    assert (state.power(at(1.5)), state.power(at(2)), state.power(at(3))) == (3, 7, 0)


# What the form stores

NIGHT = {"start": "22:00:00", "end": "07:00:00"}
HOT_WATER = {"name": "Hot water", "direction": "import", "energy": 6, "max_power": 2.5, **NIGHT}
CAR = {
    "direction": "import",
    "energy": 24.0,
    "max_power": 7.4,
    "min_power": 1.4,
    "days": ["mon", "fri"],
    "device_id": "dev_1",
    "energy_entity": "sensor.car_energy",
    **NIGHT,
}
BATTERY = {
    "direction": "export",
    "max_power": 5.0,
    "soc_entity": "sensor.battery",
    "capacity": 9.6,
    "target_soc": 20.0,
    "efficiency": 85,
    "days": list(DAYS),
    "start": "17:00:00",
    "end": "22:00:00",
}


def test_what_a_form_leaves_out_has_its_default() -> None:
    assert amount_form(HOT_WATER) == Form(
        AmountTarget(IMPORT, Frame(time(22), time(7)), 2.5, energy=6.0)
    )
    assert amount_form(HOT_WATER).sensor is None
    assert amount_form({key: BATTERY[key] for key in BATTERY if key != "efficiency"}).battery == (
        Battery(9.6, 0.9)
    )


def test_a_meter_and_a_device_that_is_known() -> None:
    form = amount_form(CAR)
    assert form == Form(
        AmountTarget(IMPORT, Frame(time(22), time(7), frozenset({0, 4})), 7.4, 1.4, energy=24.0),
        "dev_1",
        energy_entity="sensor.car_energy",
    )
    assert form.sensor == "sensor.car_energy"


def test_a_battery() -> None:
    form = amount_form(BATTERY)
    assert form == Form(
        AmountTarget(EXPORT, Frame(time(17), time(22)), 5.0, target_soc=20.0),
        battery=Battery(9.6, 0.85),
        soc_entity="sensor.battery",
    )
    assert form.sensor == "sensor.battery"


def test_a_battery_says_what_is_missing_whatever_else_was_given() -> None:
    form = amount_form({**BATTERY, "energy": 5, "energy_entity": "sensor.meter"})
    assert (form.target.energy, form.target.target_soc) == (None, 20.0)
    assert form.sensor == "sensor.battery"


@pytest.mark.parametrize("empty", ["", None])
def test_what_is_empty_is_not_given(empty) -> None:
    names = ("device_id", "soc_entity", "energy_entity", "min_power")
    assert amount_form({**HOT_WATER, **dict.fromkeys(names, empty)}) == amount_form(HOT_WATER)


@pytest.mark.parametrize("data", [CAR, BATTERY], ids=["a car", "a battery"])
def test_what_was_stored_is_written_again(data) -> None:
    assert amount_as_form(amount_form(data)) == data


def test_nothing_is_written_that_was_not_given() -> None:
    assert amount_as_form(amount_form(HOT_WATER)) == {
        "direction": "import",
        "energy": 6.0,
        "max_power": 2.5,
        "days": list(DAYS),
        **NIGHT,
    }


def test_the_target_of_an_empty_battery_is_a_target() -> None:
    """Zero is not the same as not given."""
    form = amount_form({**BATTERY, "target_soc": 0})
    assert amount_as_form(form)["target_soc"] == 0
    assert amount_form(amount_as_form(form)) == form


tenths = st.integers(1, 1000).map(lambda number: number / 10)
frames = st.builds(
    Frame,
    *(st.builds(time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59)),) * 2,
    st.sets(st.integers(0, 6), min_size=1).map(frozenset),
)
directions = st.sampled_from((IMPORT, EXPORT))
names = st.none() | st.sampled_from(("dev_1", "dev_2"))
batteries = st.builds(
    Form,
    st.builds(
        AmountTarget, directions, frames, tenths, st.just(0.0) | tenths,
        target_soc=st.integers(0, 100).map(float),
    ),
    names,
    st.builds(Battery, tenths, st.integers(10, 100).map(lambda percent: percent / 100)),
    st.just("sensor.soc"),
    st.none() | st.just("sensor.meter"),
)  # fmt: skip
others = st.builds(
    Form,
    st.builds(AmountTarget, directions, frames, tenths, st.just(0.0) | tenths, energy=tenths),
    names,
    energy_entity=st.none() | st.just("sensor.meter"),
)


@settings(max_examples=300, deadline=None)
@given(batteries | others)
def test_what_is_written_is_read_again(form) -> None:
    data = amount_as_form(form)
    assert None not in data.values()
    assert amount_form(data) == form
    assert amount_as_form(amount_form(data)) == data


# The options of an entry


@pytest.mark.parametrize(
    ("options", "limits", "caps"),
    [
        pytest.param({}, {}, {}, id="none"),
        pytest.param({"max_import_power": 11}, {IMPORT: 11.0}, {}, id="what may be drawn"),
        pytest.param({"max_export_power": 5}, {EXPORT: 5.0}, {}, id="what may be given"),
        pytest.param({"cap_absolute": 0.3}, {}, {IMPORT: PriceCap(absolute=0.3)}, id="a cap"),
        pytest.param({"cap_relative": 0.5}, {}, {IMPORT: PriceCap(0.5)}, id="a relative one"),
        pytest.param({"cap_relative": 0.5, "cap_absolute": 0.3}, {}, {IMPORT: PriceCap(0.5, 0.3)},
                     id="both: Flatpeak decides"),
        pytest.param({"floor": 0.1}, {}, {EXPORT: PriceCap(absolute=0.1)}, id="a floor"),
        pytest.param({"cap_absolute": 0}, {}, {IMPORT: PriceCap(absolute=0)}, id="nothing paid"),
        pytest.param({"floor": 0.0}, {}, {EXPORT: PriceCap(absolute=0.0)}, id="nothing given away"),
        pytest.param({"cap_absolute": -0.1}, {}, {IMPORT: PriceCap(absolute=-0.1)}, id="paid only"),
        pytest.param({"max_import_power": None, "floor": None}, {}, {}, id="left empty"),
        pytest.param({"something": "else"}, {}, {}, id="of somebody else"),
    ],
)  # fmt: skip
def test_what_holds_for_all_devices(options, limits, caps) -> None:
    assert read_rules(options) == SiteRules(limits, caps)
