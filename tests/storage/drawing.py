"""Records of every kind of schedule, as hypothesis draws them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.helpers.json import json_bytes
from homeassistant.util.json import json_loads
from hypothesis import strategies as st

from custom_components.flatpeak.engine import Fulfilment, StoredHome, StoredPrices, StoredSchedule
from custom_components.flatpeak.model import (
    MINUTE,
    AmountPlan,
    AmountTarget,
    Battery,
    Constraints,
    Direction,
    DurationTarget,
    Form,
    Frame,
    KindName,
    Metering,
    Plan,
    PowerSlot,
    Preference,
    PriceBook,
    PriceCap,
    PriceLimitTarget,
    Segment,
    SiteRules,
    Slot,
    Source,
    Span,
    Target,
)

NOW = datetime(2025, 10, 6, 18, tzinfo=UTC)
KINDS = st.sampled_from(KindName)

moments = st.timedeltas(timedelta(days=-5000), timedelta(days=5000)).map(lambda far: NOW + far)
names = st.text("abcdef_.0123456789", min_size=1)
rates = st.floats(-10, 10)
energies = st.floats(0, 1000)
directions = st.sampled_from(Direction)
sold_and_bought = st.sampled_from([Direction.IMPORT, Direction.EXPORT])
times = st.times().map(lambda moment: moment.replace(microsecond=0))
frames = st.builds(Frame, times, times, st.frozensets(st.integers(0, 6), min_size=1))
minutes = st.integers(0, 1440).map(lambda number: number * MINUTE)
caps = st.builds(PriceCap, st.none() | rates, st.none() | rates).filter(
    lambda cap: cap != PriceCap()
)
batteries = st.builds(
    Battery, st.floats(0.1, 1000), st.integers(10, 100).map(lambda percent: percent / 100)
)
constraints = st.builds(
    Constraints,
    st.booleans(),
    minutes,
    minutes,
    st.none() | st.integers(1, 9),
    st.none() | rates,
    st.none() | rates,
    st.sampled_from(Preference),
    st.booleans(),
)
duration_targets = st.builds(
    DurationTarget,
    st.sampled_from(Segment),
    directions,
    st.integers(1, 86400).map(lambda seconds: timedelta(seconds=seconds)),
    frames,
    constraints=constraints,
    fallback=st.none() | times,
)
limit_targets = st.builds(
    PriceLimitTarget,
    st.sampled_from(Segment),
    directions,
    st.builds(PriceCap, rates) | st.builds(PriceCap, absolute=rates),
    frames,
    minutes,
    st.none() | minutes,
)


@st.composite
def amount_targets(draw: st.DrawFn, *, battery: bool) -> AmountTarget:
    """Return a target for energy, or for a battery's level."""
    return AmountTarget(
        draw(sold_and_bought),
        draw(frames),
        draw(st.floats(0.1, 100)),
        draw(st.just(0.0) | st.floats(0.1, 100)),
        energy=None if battery else draw(energies),
        target_soc=draw(st.floats(0, 100)) if battery else None,
        fallback=draw(st.none() | times),
    )


def targets(kind: KindName, *, battery: bool = False) -> st.SearchStrategy[Target]:
    """Return what a schedule of a kind may want."""
    if kind is KindName.AMOUNT:
        return amount_targets(battery=battery)
    return duration_targets if kind is KindName.DURATION else limit_targets


@st.composite
def forms(draw: st.DrawFn, kind: KindName) -> Form:
    """Return what a form may have stored."""
    if kind is not KindName.AMOUNT:
        return Form(draw(targets(kind)))
    battery = draw(st.booleans())
    return Form(
        draw(targets(kind, battery=battery)),
        draw(st.none() | names),
        draw(batteries) if battery else None,
        draw(names) if battery else None,
        draw(st.none() | names),
    )


@st.composite
def plans(draw: st.DrawFn, kind: KindName) -> Plan[Slot]:
    """Return a plan with windows in order."""
    start = at = draw(moments)
    windows: list[Slot] = []
    for gap, length in draw(
        st.lists(st.tuples(st.integers(0, 99), st.integers(1, 99)), max_size=5)
    ):
        begin = at + gap * MINUTE
        at = begin + length * MINUTE
        slot: tuple[Any, ...] = (begin, at, draw(st.none() | rates), draw(st.floats(0, 1)))
        if kind is KindName.AMOUNT:
            windows.append(PowerSlot(*slot, draw(st.floats(0.01, 100)), draw(st.none() | rates)))
        else:
            windows.append(Slot(*slot))
    source = draw(st.sampled_from([None, Source.RESTORED]))
    plan = AmountPlan if kind is KindName.AMOUNT else Plan
    return plan(Span(start, at + MINUTE), tuple(windows), source)


# what else there is of it is found out again
fulfilments = st.builds(
    Fulfilment,
    st.builds(Metering, st.none() | energies, st.none() | moments, energies, energies),
    lacking=energies,
    shortfall=energies,
    unplaced=st.none() | energies,
    missed=energies,
    misses=st.integers(0, 99),
    counted=energies,
)


@st.composite
def schedules(draw: st.DrawFn, kind: KindName) -> StoredSchedule:
    """Return a schedule as it may be stored."""
    form = draw(forms(kind))
    target = draw(targets(kind, battery=form.battery is not None))
    amount = kind is KindName.AMOUNT
    return StoredSchedule(
        kind,
        form,
        replace(target, enabled=draw(st.booleans())),
        draw(plans(kind)),
        draw(st.none() | plans(kind)),
        draw(st.none() | moments),
        draw(st.none() | names) if amount else None,
        draw(fulfilments) if amount else Fulfilment(),
    )


rules = st.builds(
    SiteRules,
    st.dictionaries(sold_and_bought, st.floats(0.1, 100)),
    st.dictionaries(sold_and_bought, caps),
)
homes = st.builds(
    StoredHome,
    due=st.dictionaries(names, moments, max_size=5),
    rules=st.none() | rules,
    seen=st.none() | moments,
    saved=rates,
    counted=st.none() | moments,
)


@st.composite
def prices(draw: st.DrawFn) -> StoredPrices:
    """Return the prices of a direction."""
    slots = draw(plans(KindName.DURATION)).windows
    known = tuple(slot for slot in slots if slot.rate is not None)
    book = PriceBook(known, draw(st.none() | moments), draw(st.none() | moments))
    return StoredPrices(draw(names), book)


def through_json(data: Any) -> Any:
    """Write and read as Home Assistant's storage does."""
    return json_loads(json_bytes(data))
