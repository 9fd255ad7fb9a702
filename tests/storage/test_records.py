"""What is written of a home can be read again, and is what it was."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest
import voluptuous as vol

from custom_components.flatpeak.engine import StoredHome, StoredSchedule
from custom_components.flatpeak.forms import CODECS
from custom_components.flatpeak.model import (
    AmountPlan,
    Battery,
    Constraints,
    Form,
    KindName,
    Plan,
    PowerSlot,
    Slot,
    Source,
    Span,
)
from custom_components.flatpeak.storage.records import (
    home_as_json,
    home_from_json,
    prices_as_json,
    prices_from_json,
    schedule_as_json,
    schedule_from_json,
)
from tests.home import BELOW, CHARGE, HOUR, NIGHT

from .drawing import KINDS, NOW, forms, homes, plans, prices, schedules, through_json

FORMS = {KindName.DURATION: NIGHT, KindName.PRICE_LIMIT: BELOW, KindName.AMOUNT: CHARGE}
BATTERY = {"soc_entity": "sensor.soc", "capacity": 10, "target_soc": 80}


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Start no Home Assistant."""


@pytest.fixture(autouse=True)
def _words() -> None:
    """Nothing is said here."""


def read(kind: KindName, data: Mapping[str, Any]) -> Form:
    """Read what a form has stored."""
    return CODECS[kind].read(data)


def record(kind: KindName) -> StoredSchedule:
    """Return a schedule whose window is the first hour of its night."""
    form, period = read(kind, FORMS[kind]), Span(NOW, NOW + 9 * HOUR)
    target = replace(form.target, enabled=False)
    if kind is KindName.AMOUNT:
        window = PowerSlot(NOW, NOW + HOUR, 0.1, 1.0, 8.0, 0.05)
        plan = AmountPlan(period, (window,), Source.RESTORED)
        return StoredSchedule(kind, form, target, plan, device_id="dev_car")
    return StoredSchedule(
        kind, form, target, Plan(period, (Slot(NOW, NOW + HOUR, 0.1),), Source.RESTORED)
    )


# Forms


@given(st.data(), KINDS)
def test_a_form_comes_back(data, kind) -> None:
    form = data.draw(forms(kind))
    written = through_json(CODECS[kind].as_json(form))
    assert read(kind, written) == form
    assert CODECS[kind].as_json(read(kind, written)) == written
    assert None not in written.values()


@pytest.mark.parametrize("kind", KindName)
def test_what_a_form_leaves_out_is_left_out(kind) -> None:
    written = CODECS[kind].as_json(read(kind, FORMS[kind]))
    assert written.keys() == FORMS[kind].keys() - {"name"}
    # seconds are not asked for
    expected = {"duration": {**NIGHT["duration"], "seconds": 0}} if "duration" in written else {}
    assert {**written, "name": FORMS[kind]["name"]} == FORMS[kind] | expected


@pytest.mark.parametrize("kind", KindName)
def test_without_days_it_is_every_day(kind) -> None:
    data = {name: value for name, value in FORMS[kind].items() if name != "days"}
    assert read(kind, data) == read(kind, FORMS[kind])


@pytest.mark.parametrize(
    ("data", "sensor"),
    [
        ({}, None),
        ({"energy_entity": "sensor.meter"}, "sensor.meter"),
        (BATTERY, "sensor.soc"),
        # how full it is says what is missing, whatever went in
        ({**BATTERY, "energy_entity": "sensor.meter"}, "sensor.soc"),
    ],
)
def test_the_sensor_is_the_one_that_says_what_is_missing(data, sensor) -> None:
    form = read(KindName.AMOUNT, CHARGE | data)
    assert form.sensor == sensor
    assert form.battery == (Battery(10.0, 0.9) if "soc_entity" in data else None)


def test_a_machine_that_needs_nothing_is_no_machine() -> None:
    for machine in ({}, None, {"in_one_piece": False, "shortest_run": 0, "most_starts": 0}):
        form = read(KindName.DURATION, NIGHT | {"machine": machine})
        assert form == read(KindName.DURATION, NIGHT)
        assert "machine" not in CODECS[KindName.DURATION].as_json(form)
    free = read(KindName.DURATION, NIGHT | {"machine": {"never_above": 0}})
    assert free.target.constraints == Constraints(never_beyond=0.0)


# Schedules


@given(st.data(), KINDS)
def test_a_schedule_comes_back(data, kind) -> None:
    stored = data.draw(schedules(kind))
    assert schedule_from_json(through_json(schedule_as_json(stored))) == stored


@given(st.data(), KINDS, st.sampled_from([Source.FLATPEAK, Source.PLANNER]))
def test_a_plan_that_comes_back_is_a_restored_one(data, kind, source) -> None:
    plan = replace(data.draw(plans(kind)), source=source)
    stored = replace(record(kind), plan=plan, following=plan)
    back = schedule_from_json(through_json(schedule_as_json(stored)))
    assert back.plan == back.following == replace(plan, source=Source.RESTORED)


@pytest.mark.parametrize("kind", KindName)
def test_a_plan_that_nobody_has_answered_for_is_still_none(kind) -> None:
    stored = record(kind)
    empty = replace(stored, plan=replace(stored.plan, windows=(), source=None))
    assert schedule_from_json(through_json(schedule_as_json(empty))) == empty


def _damaged(path: str, value: object) -> Any:
    return pytest.param(path.split("."), value, id=f"{path} {value!r}"[:50])


DAMAGES = [
    *(_damaged("kind", value) for value in (..., None, 5, "nonsense")),
    *(_damaged("form", value) for value in (..., None, {}, [])),
    _damaged("form.direction", "sideways"),
    _damaged("form.start", "soon"),
    _damaged("form.days", ["someday"]),
    _damaged("form.days", []),
    *(_damaged("target", value) for value in (..., None, {}, "text")),
    _damaged("target.end", 5),
    _damaged("target.days", []),
    _damaged("target.enabled", ...),
    *(_damaged("plan", value) for value in (..., None, {}, [])),
    _damaged("plan.period", []),
    _damaged("plan.period", ["2025-10-07T05:00:00+00:00", "2025-10-06T20:00:00+00:00"]),
    _damaged("plan.windows", [[1, 2, 3]]),
    _damaged("plan.windows", [["soon", "later", 0.1, 1.0]]),
    _damaged("plan.windows", [["soon", "later", 0.1, 1.0, 8.0, 0.1]]),
    _damaged("plan.windows", None),
    _damaged("plan.answered", ...),
    _damaged("following", {"period": []}),
    _damaged("next_update", "soon"),
    _damaged("next_update", 5),
    _damaged("device_id", ...),
    _damaged("device_id", 5),
]
DAMAGES_OF_ONE = {
    KindName.DURATION: [
        _damaged("form.duration", None),
        _damaged("target.duration", {"hours": "many"}),
        _damaged("target.segment", "middle"),
    ],
    KindName.PRICE_LIMIT: [
        _damaged("form.limit", None),
        _damaged("target.limit", "low"),
        _damaged("target.limit_kind", ...),
    ],
    KindName.AMOUNT: [
        _damaged("form.max_power", None),
        _damaged("target.energy", "much"),
        _damaged("fulfilment.metering", [1.0]),
        _damaged("fulfilment.metering", [1.0, "soon", 0.0, 0.0]),
        _damaged("fulfilment.misses", "often"),
        _damaged("fulfilment.shortfall", None),
        _damaged("fulfilment", [1]),
    ],
}
WRONG = (AttributeError, KeyError, TypeError, ValueError, vol.Invalid)


def damage(data: Any, path: list[str], value: object) -> None:
    """Replace a part; `...` takes it out."""
    *way, last = path
    for name in way:
        data = data[name]
    if value is ...:
        del data[last]
    else:
        data[last] = value


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        pytest.param(kind, *one.values, id=f"{kind} {one.id}")
        for kind in KindName
        for one in (*DAMAGES, *DAMAGES_OF_ONE[kind])
    ],
)
def test_a_record_that_is_damaged_is_refused(kind, path, value) -> None:
    """In a way that the store knows."""
    data = through_json(schedule_as_json(record(kind)))
    schedule_from_json(deepcopy(data))
    damage(data, path, value)
    with pytest.raises(WRONG):
        schedule_from_json(data)


# The home, and prices


@given(homes)
def test_a_home_comes_back(stored) -> None:
    assert home_from_json(through_json(home_as_json(stored, {})), {}) == stored


def test_a_home_comes_back_with_its_schedules() -> None:
    stored = {str(kind): record(kind) for kind in KindName}
    written = {key: schedule_as_json(one) for key, one in stored.items()}
    data = through_json(home_as_json(StoredHome(stored, seen=NOW), written))
    back = {key: schedule_from_json(one) for key, one in data["schedules"].items()}
    assert home_from_json(data, back) == StoredHome(stored, seen=NOW)


@given(prices())
def test_prices_come_back(stored) -> None:
    assert prices_from_json(through_json(prices_as_json(stored))) == stored


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("source"),
        lambda data: data.update(slots=None),
        lambda data: data.update(slots=[[1, 2]]),
        lambda data: data["slots"][0].__setitem__(0, "soon"),
        lambda data: data["slots"][0].__setitem__(2, "dear"),
        lambda data: data.update(read_at="soon"),
        lambda data: data.update(next_update=5),
    ],
)
def test_prices_that_are_damaged_are_refused(change: Callable[[dict[str, Any]], None]) -> None:
    slot = [NOW.isoformat(), (NOW + timedelta(hours=1)).isoformat(), 0.1, 1.0]
    data = {"source": "flatpeak", "slots": [slot], "next_update": None, "read_at": None}
    prices_from_json(deepcopy(data))
    change(data)
    with pytest.raises(WRONG):
        prices_from_json(data)
