"""What survives a restart of schedules by amount; what is damaged is dropped alone."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
import json
from pathlib import Path

from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers.json import json_bytes
from homeassistant.util.json import json_loads
from hypothesis import given, strategies as st
import pytest

from custom_components.flatpeak.api import AmountDialect, Dialects, DurationDialect, Form
from custom_components.flatpeak.forms import (
    AmountForm,
    amount_as_form,
    amount_form,
    site_rules,
    with_changes,
)
from custom_components.flatpeak.model import (
    AmountPlan,
    AmountWish,
    Battery,
    Direction,
    Frame,
    Metering,
    PowerSlot,
    PriceCap,
    Source,
    Span,
)
from custom_components.flatpeak.store import FlatpeakStore
from custom_components.flatpeak.stored import StoredAmount, StoredSite
from simulator.state import KEY, LOCATION

from .home import CHARGE, Home, local

NOW = datetime(2025, 10, 6, 18, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVENING = "2025-10-06T20:00:00"  # a Monday
SCENARIOS = Path(__file__).parent / "scenarios"

moments = st.timedeltas(timedelta(days=-5000), timedelta(days=5000)).map(lambda far: NOW + far)
rates = st.floats(-10, 10)
energies = st.floats(0, 1000)
times = st.times().map(lambda moment: moment.replace(microsecond=0))
frames = st.builds(Frame, times, times, st.frozensets(st.integers(0, 6), min_size=1))
directions = st.sampled_from([Direction.IMPORT, Direction.EXPORT])
names = st.text("abcdef_.0123456789", min_size=1)
batteries = st.builds(
    Battery, st.floats(0.1, 1000), st.integers(10, 100).map(lambda percent: percent / 100)
)


@st.composite
def wishes(draw, battery: bool) -> AmountWish:
    """Return a wish for energy, or for a battery's level."""
    return AmountWish(
        draw(directions),
        draw(frames),
        draw(st.floats(0.1, 100)),
        draw(st.just(0.0) | st.floats(0.1, 100)),
        energy=None if battery else draw(energies),
        target_soc=draw(st.floats(0, 100)) if battery else None,
    )


@st.composite
def forms(draw) -> AmountForm:
    battery = draw(st.booleans())
    return AmountForm(
        draw(wishes(battery)),
        draw(st.none() | names),
        draw(batteries) if battery else None,
        draw(names) if battery else None,
        draw(st.none() | names),
    )


@st.composite
def plans(draw) -> AmountPlan:
    """Return a plan with windows in order."""
    start = draw(moments)
    windows, at = [], start
    for gap, length in draw(
        st.lists(st.tuples(st.integers(0, 99), st.integers(1, 99)), max_size=5)
    ):
        begin = at + gap * MINUTE
        at = begin + length * MINUTE
        windows.append(
            PowerSlot(
                begin,
                at,
                draw(st.none() | rates),
                draw(st.floats(0, 1)),
                draw(st.floats(0.01, 100)),
                draw(st.none() | rates),
            )
        )
    source = draw(st.sampled_from([None, Source.RESTORED]))
    return AmountPlan(Span(start, at + MINUTE), tuple(windows), source)


@st.composite
def schedules(draw) -> StoredAmount:
    form = draw(forms())
    wish = replace(draw(wishes(form.battery is not None)), enabled=draw(st.booleans()))
    return StoredAmount(
        form,
        wish,
        draw(plans()),
        draw(st.none() | plans()),
        Metering(*draw(st.tuples(st.none() | energies, st.none() | moments, energies, energies))),
        draw(st.none() | names),
        draw(st.none() | energies),
        draw(energies),
        draw(st.integers(0, 99)),
        draw(energies),
        draw(energies),
    )


sites = st.builds(
    StoredSite,
    st.lists(st.none() | rates, max_size=6).map(tuple),
    st.none() | moments,
    st.none() | moments,
    st.none() | moments,
    rates,
)

STORED = StoredAmount(
    amount_form(CHARGE),
    replace(amount_form(CHARGE).wish, energy=10.0, enabled=False),
    AmountPlan(
        Span(NOW, NOW + 600 * MINUTE),
        (PowerSlot(NOW, NOW + 60 * MINUTE, 0.1, 1.0, 8.0, 0.05),),
        Source.RESTORED,
    ),
    device_id="dev_car",
)


def through_json(data):
    """Write and read as Home Assistant's storage does."""
    return json_loads(json_bytes(data))


# Records


@given(forms())
def test_a_form_comes_back(form) -> None:
    assert amount_form(through_json(amount_as_form(form))) == form


@given(schedules())
def test_a_schedule_comes_back(stored) -> None:
    assert StoredAmount.from_json(through_json(stored.as_json())) == stored


@given(sites)
def test_a_site_comes_back(stored) -> None:
    assert StoredSite.from_json(through_json(stored.as_json())) == stored


@given(plans())
def test_a_plan_that_comes_back_is_a_restored_one(plan) -> None:
    fresh = replace(plan, source=Source.FLATPEAK)
    stored = replace(STORED, plan=fresh, following=fresh)
    back = StoredAmount.from_json(through_json(stored.as_json()))
    assert back.plan == back.following == replace(plan, source=Source.RESTORED)


def test_what_a_form_leaves_out_is_left_out() -> None:
    assert {"name": "Car"} | amount_as_form(amount_form(CHARGE)) == CHARGE
    assert amount_form(CHARGE).sensor is None


@pytest.mark.parametrize(
    ("data", "sensor"),
    [
        ({}, None),
        ({"energy_entity": "sensor.meter"}, "sensor.meter"),
        ({"soc_entity": "sensor.soc"}, "sensor.soc"),
        # how full it is says what is missing, whatever went in
        ({"soc_entity": "sensor.soc", "energy_entity": "sensor.meter"}, "sensor.soc"),
    ],
)
def test_the_sensor_is_the_one_that_says_what_is_missing(data, sensor) -> None:
    battery = {"capacity": 10, "target_soc": 80} if "soc_entity" in data else {}
    form = amount_form(CHARGE | data | battery)
    assert form.sensor == sensor
    assert form.battery == (Battery(10.0, 0.9) if battery else None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"energy": 30.0}, {"energy": 30.0}, id="the energy"),
        pytest.param({"max_power": 11.0}, {"max_power": 11.0}, id="the power"),
        pytest.param({"start": "20:00:00"}, {"start": time(20)}, id="the start"),
        pytest.param({"end": "08:00:00"}, {"end": time(8)}, id="the end"),
        pytest.param({"min_power": 1.4}, {"min_power": 1.4}, id="what no entity changes"),
        pytest.param({"direction": "export"}, {"direction": Direction.EXPORT}, id="the direction"),
        pytest.param({"days": ["sat"]}, {"days": frozenset({5})}, id="the days"),
        pytest.param(
            {"soc_entity": "sensor.soc", "capacity": 10, "target_soc": 80},
            {"energy": None, "target_soc": 80.0},
            id="a battery instead",
        ),
    ],
)
def test_of_a_form_only_what_it_changed_wins(changes, expected) -> None:
    before = amount_form(CHARGE).wish
    kept = replace(
        before,
        frame=Frame(time(21), time(6), before.frame.days),
        energy=10.0,
        max_power=4.0,
        enabled=False,
    )
    wish = with_changes(kept, before, amount_form(CHARGE | changes).wish)
    frame = Frame(
        expected.pop("start", time(21)),
        expected.pop("end", time(6)),
        expected.pop("days", before.frame.days),
    )
    assert wish == replace(kept, frame=frame, **expected)


@pytest.mark.parametrize(
    ("options", "limits", "caps"),
    [
        ({}, {}, {}),
        ({"max_import_power": 11}, {"import": 11.0}, {}),
        ({"max_export_power": 5}, {"export": 5.0}, {}),
        ({"cap_absolute": 0}, {}, {"import": PriceCap(absolute=0)}),
        ({"cap_relative": 0.5}, {}, {"import": PriceCap(relative=0.5)}),
        ({"floor": -0.1}, {}, {"export": PriceCap(absolute=-0.1)}),
        (
            {"cap_absolute": 0.2, "cap_relative": 0.5, "floor": 0.1},
            {},
            {"import": PriceCap(0.5, 0.2), "export": PriceCap(absolute=0.1)},
        ),
    ],
)
def test_options_are_the_rules_of_a_home(options, limits, caps) -> None:
    rules = site_rules(options)
    assert (rules.limits, rules.caps) == (limits, caps)


# The file


@pytest.mark.parametrize(
    "dialects",
    [
        Dialects(),
        Dialects(DurationDialect.of("2026-02-01.busbar"), AmountDialect.of(None)),
        Dialects(amount=AmountDialect(form=Form.PATH)),
    ],
    ids=["at first", "learned", "of one kind"],
)
async def test_a_file_comes_back(hass, hass_storage, dialects) -> None:
    store = FlatpeakStore(hass, "entry")
    await store.load()
    assert (store.amounts, store.site) == ({}, StoredSite())
    store.dialects = dialects
    store.amounts = {"schedule1": STORED, "schedule2": replace(STORED, device_id=None)}
    store.site = StoredSite((11.0, None, None, 0.2, None, None), NOW, NOW, NOW, 12.5)
    await store.save()

    again = FlatpeakStore(hass, "entry")
    await again.load()
    assert again.amounts == store.amounts
    assert again.site == store.site
    assert again.dialects == dialects
    assert again.as_json() == store.as_json()

    again.keep_only({"schedule2"})
    assert list(again.amounts) == ["schedule2"]
    await again.remove()
    assert "flatpeak.entry" not in hass_storage


def _damaged(path: str, value: object) -> pytest.param:
    return pytest.param(path.split("."), value, id=f"{path} {value!r}"[:50])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        _damaged("form", None),
        _damaged("form", {}),
        _damaged("form.direction", "sideways"),
        _damaged("form.start", "soon"),
        _damaged("form.days", ["someday"]),
        _damaged("form.max_power", None),
        _damaged("wish.energy", "much"),
        _damaged("wish.days", []),
        _damaged("wish.enabled", ...),
        _damaged("plan", None),
        _damaged("plan.period", []),
        _damaged("plan.period", ["2025-10-07T05:00:00+00:00", "2025-10-06T20:00:00+00:00"]),
        _damaged("plan.windows", [[1, 2, 3]]),
        _damaged("plan.windows", [["soon", "later", 0.1, 1.0, 8.0, 0.1]]),
        _damaged("plan.answered", ...),
        _damaged("following", {"period": []}),
        _damaged("metering", [1.0]),
        _damaged("metering", [1.0, "soon", 0.0, 0.0]),
        _damaged("device_id", ...),
        _damaged("device_id", 5),
        _damaged("misses", "often"),
        _damaged("shortfall", None),
    ],
)
async def test_a_record_that_is_damaged_is_dropped_alone(
    hass, plain, hass_storage, path, value
) -> None:
    plain.add_amount()
    other = plain.add_amount(name="Boiler", energy=2.0, max_power=2.0)
    plain.add(name="Dryer")
    await plain.set_up(EVENING)
    loads, boiler, dryer = plain.loads(), plain.loads(other), plain.windows("schedule3")
    await plain.stop()
    _damage(_file(plain, hass_storage)["amounts"]["schedule1"], path, value)

    asked, devices = len(plain.asked()), len(plain.world.devices)
    await plain.start()
    assert plain.entry.state is ConfigEntryState.LOADED
    assert plain.loads(other) == boiler
    assert plain.windows("schedule3") == dryer
    assert plain.sensor("plan_source", "schedule3") == "restored"
    # asked for again, which costs one request and no other device
    assert len(plain.asked()) == asked + 1
    assert plain.loads() == loads
    assert plain.state("number", "energy") == "24.0"
    assert len(plain.world.devices) == devices


@pytest.mark.parametrize(
    ("path", "value"),
    [
        _damaged("site", None),
        _damaged("site", {}),
        _damaged("site.rules", None),
        _damaged("site.rules", ["much"]),
        _damaged("site.request_at", "soon"),
        _damaged("site.seen", ...),
        _damaged("site.saved", "a lot"),
        _damaged("amounts", []),
        _damaged("amounts", None),
        _damaged("amounts", ...),
        _damaged("amount_dialect", None),
        _damaged("amount_dialect", {"version": 5}),
        _damaged("amount_dialect", {"version": None, "form": "round", "direction_name": "x"}),
    ],
)
async def test_a_part_that_is_damaged_is_dropped_alone(
    hass, plain, hass_storage, path, value
) -> None:
    plain.options(max_import_power=11.0)
    plain.add_amount()
    plain.add(name="Dryer")
    await plain.set_up(EVENING)
    loads, dryer = plain.loads(), plain.windows("schedule2")
    await plain.stop()
    _damage(_file(plain, hass_storage), path, value)

    await plain.start()
    assert plain.entry.state is ConfigEntryState.LOADED
    assert plain.loads() == loads
    assert plain.windows("schedule2") == dryer
    await plain.set_number("energy", 8)
    assert plain.sensor("planned_energy") == "8.0"
    await plain.stop()
    kept = _file(plain, hass_storage)
    assert kept["amounts"].keys() == {"schedule1"}
    assert kept["site"]["rules"][0] == 11.0


def _file(home: Home, hass_storage) -> dict:
    return hass_storage[f"flatpeak.{home.entry.entry_id}"]["data"]


def _damage(record: dict, path: list[str], value: object) -> None:
    """Replace a part of a record; `...` takes it out."""
    *way, last = path
    for name in way:
        record = record[name]
    if value is ...:
        del record[last]
    else:
        record[last] = value


async def test_a_file_of_the_first_release_is_read(hass, plain, hass_storage) -> None:
    """It had one dialect, and no schedules by amount."""
    recorded = json.loads((SCENARIOS / "in_a_window.json").read_text())["data"]
    assert recorded["store"].keys() == {"location", "dialect", "connection", "schedules"}
    plain.add()
    plain.add_amount(name="Van")
    key = f"flatpeak.{plain.entry.entry_id}"
    data = deepcopy(recorded["store"])
    data["location"] |= {"id": LOCATION, "reference": "Home", "address": None}
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}
    await plain.set_up(local(recorded["taken_at"][:19]) + timedelta(hours=2))
    assert plain.entry.state is ConfigEntryState.LOADED

    assert plain.sensor("plan_source") == "restored"
    assert plain.active()
    assert plain.windows()[0] == (local("2025-10-06T23:00"), local("2025-10-07T00:00"))
    # what was learned then still holds, so that the new kind of schedule is all that is asked for
    assert plain.sensor("planned_energy", "schedule2") == "24.0"
    paths = {call.path for call in plain.world.calls}
    assert "/locations" not in paths
    assert f"/schedules/duration/{LOCATION}" not in paths

    await plain.stop()
    kept = _file(plain, hass_storage)
    assert kept["dialect"] == data["dialect"]
    assert kept["schedules"].keys() == {"schedule1"}
    assert kept["amounts"].keys() == {"schedule2"}


async def test_the_first_release_can_read_a_file_of_today(hass, plain, hass_storage) -> None:
    """After a downgrade: the parts it knew are as they were."""
    recorded = json.loads((SCENARIOS / "in_a_window.json").read_text())["data"]["store"]
    plain.add()
    plain.add_amount(name="Van")
    await plain.set_up(EVENING)
    await plain.stop()
    kept = _file(plain, hass_storage)
    assert hass_storage[f"flatpeak.{plain.entry.entry_id}"]["version"] == 1
    assert kept["dialect"].keys() == recorded["dialect"].keys()
    assert kept["location"].keys() == recorded["location"].keys()
    old, new = recorded["schedules"]["schedule1"], kept["schedules"]["schedule1"]
    assert new.keys() == old.keys()
    assert new["plan"] == old["plan"]
    assert new["wish"] == old["wish"]


async def test_no_secret_is_in_the_file(hass, plain, hass_storage) -> None:
    plain.add_amount()
    await plain.set_up(EVENING)
    await plain.stop()
    text = json.dumps(_file(plain, hass_storage))
    assert [one for one in (KEY, *plain.world._tokens) if one in text] == []
