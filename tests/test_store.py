"""What survives a restart comes back as it was."""

from datetime import UTC, datetime, time, timedelta

from homeassistant.helpers.json import json_bytes
from homeassistant.util.json import json_loads
from hypothesis import given, strategies as st
import pytest

from custom_components.flatpeak.api import AmountDialect, Dialects, DurationDialect, Form
from custom_components.flatpeak.forms import form_wish, wish_as_form
from custom_components.flatpeak.model import (
    Connection,
    Direction,
    Frame,
    Location,
    Plan,
    Segment,
    Slot,
    Source,
    Span,
    Wish,
)
from custom_components.flatpeak.store import FlatpeakStore
from custom_components.flatpeak.stored import StoredSchedule, wish_as_json, wish_from_json

NOW = datetime(2025, 10, 6, 18, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WISH = Wish(
    Segment.LOW,
    Direction.IMPORT,
    timedelta(hours=3),
    Frame(time(22), time(7), frozenset({0, 4})),
)

moments = st.timedeltas(timedelta(days=-5000), timedelta(days=5000)).map(lambda far: NOW + far)
wishes = st.builds(
    Wish,
    st.sampled_from(Segment),
    st.sampled_from(Direction),
    st.integers(1, 86400).map(lambda seconds: timedelta(seconds=seconds)),
    st.builds(
        Frame,
        st.times().map(lambda moment: moment.replace(microsecond=0)),
        st.times().map(lambda moment: moment.replace(microsecond=0)),
        st.frozensets(st.integers(0, 6), min_size=1),
    ),
    st.booleans(),
)
rates = st.floats(-10, 10)  # a price that is not known is never planned on


@st.composite
def plans(draw) -> Plan:
    """Return a plan with windows that do not touch."""
    start = draw(moments)
    windows, at = [], start
    for gap, length in draw(
        st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), max_size=5)
    ):
        begin = at + gap * MINUTE
        at = begin + length * MINUTE
        windows.append(Slot(begin, at, draw(rates), draw(st.floats(0, 1))))
    source = draw(st.sampled_from([None, Source.RESTORED]))
    return Plan(Span(start, at + MINUTE), tuple(windows), source)


schedules = st.builds(
    StoredSchedule,
    wishes,
    wishes,
    plans(),
    st.none() | plans(),
    st.none() | moments,
    st.none() | moments,
    moments,
)


def through_json(data):
    """Write and read as Home Assistant's storage does."""
    return json_loads(json_bytes(data))


@given(wishes)
def test_a_wish_comes_back(wish) -> None:
    assert wish_from_json(through_json(wish_as_json(wish))) == wish


@given(wishes)
def test_a_form_shows_the_wish_it_is_given(wish) -> None:
    shown = through_json(wish_as_form(wish))
    assert form_wish(shown) == Wish(wish.segment, wish.direction, wish.duration, wish.frame)


@given(schedules)
def test_a_schedule_comes_back(stored) -> None:
    assert StoredSchedule.from_json(through_json(stored.as_json()), wish_from_json) == stored


@given(plans())
def test_a_plan_that_comes_back_is_a_restored_one(plan) -> None:
    fresh = Plan(plan.period, plan.windows, Source.FLATPEAK)
    stored = StoredSchedule(WISH, WISH, fresh, None, None, None, NOW)
    back = StoredSchedule.from_json(through_json(stored.as_json()), wish_from_json).plan
    assert back == Plan(plan.period, plan.windows, Source.RESTORED)


@pytest.mark.parametrize(
    ("location", "dialects", "connection"),
    [
        pytest.param(None, Dialects(), Connection(), id="nothing known"),
        pytest.param(Location("loc_1"), Dialects(), Connection(connected=False), id="little known"),
        pytest.param(
            Location("loc_1", "Home", "1, Grand-Place", "Europe/Brussels", "EUR", live=True),
            Dialects(DurationDialect.of("2026-02-01.busbar"), AmountDialect.of(None)),
            Connection(connected=True, last_success=NOW),
            id="all known",
        ),
        *(
            pytest.param(
                Location("loc_1", live=False),
                Dialects(DurationDialect(form=form)),
                Connection(),
                id=f"form {form}",
            )
            for form in Form
        ),
    ],
)
async def test_a_file_comes_back(hass, hass_storage, location, dialects, connection) -> None:
    store = FlatpeakStore(hass, "entry")
    await store.load()
    store.location, store.dialects, store.connection = location, dialects, connection
    plan = Plan(Span(NOW, NOW + 9 * 60 * MINUTE), (), Source.RESTORED)
    stored = StoredSchedule(WISH, WISH, plan, plan, NOW, NOW, NOW)
    store.schedules = {"schedule1": stored, "schedule2": stored}
    await store.save()

    again = FlatpeakStore(hass, "entry")
    await again.load()
    assert (again.location, again.dialects, again.connection) == (
        location,
        dialects,
        connection,
    )
    assert again.schedules == store.schedules
    assert again.as_json() == store.as_json()

    again.keep_only({"schedule2"})
    assert list(again.schedules) == ["schedule2"]
    await again.remove()
    assert "flatpeak.entry" not in hass_storage


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, {"minutes": 60, "start": time(21), "end": time(6)}, id="nothing"),
        pytest.param(
            {"duration": timedelta(hours=2)},
            {"minutes": 120, "start": time(21), "end": time(6)},
            id="the duration",
        ),
        pytest.param(
            {"frame": Frame(time(20), time(7), WISH.frame.days)},
            {"minutes": 60, "start": time(20), "end": time(6)},
            id="the start",
        ),
        pytest.param(
            {"frame": Frame(time(22), time(8), WISH.frame.days)},
            {"minutes": 60, "start": time(21), "end": time(8)},
            id="the end",
        ),
    ],
)
def test_of_a_form_only_what_it_changed_wins(changes, expected) -> None:
    kept = Wish(
        Segment.LOW,
        Direction.IMPORT,
        timedelta(hours=1),
        Frame(time(21), time(6), WISH.frame.days),
        enabled=False,
    )
    form = Wish(
        Segment.HIGH,
        Direction.EXPORT,
        changes.get("duration", WISH.duration),
        changes.get("frame", WISH.frame),
    )
    plan = Plan(Span(NOW, NOW + MINUTE))
    wish = StoredSchedule(WISH, kept, plan, None, None, None, NOW).wished(form)
    assert (wish.segment, wish.direction) == (Segment.HIGH, Direction.EXPORT)
    assert wish.duration == expected["minutes"] * MINUTE
    assert (wish.frame.start, wish.frame.end) == (expected["start"], expected["end"])
    assert wish.enabled is False
