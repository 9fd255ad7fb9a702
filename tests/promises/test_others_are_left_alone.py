"""One schedule comes, changes or goes, and the others do not blink."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.flatpeak.const import DOMAIN
from simulator.faults import Fault
from tests.home import BELOW, CHARGE, HOUR, NIGHT, SECOND, Home, hours

from .needs import (
    AMOUNT,
    APART,
    EARLY,
    END,
    EVENING,
    NEEDS,
    START,
    Need,
    at,
    is_local,
    pass_time,
    planned,
    ran,
    show,
)

pytestmark = [
    pytest.mark.freeze_time("2026-05-01T18:00:00Z"),
    pytest.mark.usefixtures("entity_registry_enabled_by_default"),
]

SUMS = ("planned_cost", "planned_savings", "savings_total")
FORMS = {"duration": NIGHT, "limit": BELOW, "amount": CHARGE}


@contextmanager
def watched(house: Home) -> Iterator[list[tuple[str, str | None]]]:
    """Note every state of our entities that is written or removed, by unique id."""
    said: list[tuple[str, str | None]] = []
    known = {
        one.entity_id: one.unique_id
        for one in er.async_get(house.hass).entities.values()
        if one.platform == DOMAIN
    }

    @callback
    def note(event) -> None:
        entity_id, new = event.data["entity_id"], event.data["new_state"]
        if entity_id in known:
            said.append((known[entity_id], new and new.state))

    end = house.hass.bus.async_listen("state_changed", note)
    yield said
    end()


def of_others(
    house: Home, said: list[tuple[str, str | None]], key: str
) -> list[tuple[str, str | None]]:
    """Return what was said of all schedules but one."""
    own = (f"{key}_", house.entry.unique_id)
    return [one for one in said if not one[0].startswith(own)]


@contextmanager
def nothing_of_others(house: Home, key: str = "") -> Iterator[None]:
    """Fail when an entity of another schedule says anything, or the entry is loaded again."""
    loaded = house.entry.runtime_data
    before = {one: house.windows(one) for one in house.entry.subentries if one != key}
    with watched(house) as said:
        yield
    assert of_others(house, said, key) == []
    assert house.entry.runtime_data is loaded
    assert house.entry.state.name == "LOADED"
    left = {one for one in before if one in house.entry.subentries}
    assert {one: house.windows(one) for one in left} == {one: before[one] for one in left}
    gone = {name for name, state in said if state in ("unavailable", None)}
    lasting = ("price", "next_price", "lowest_price", "connected", "last_success")
    assert not gone & {f"{house.entry.unique_id}_{name}" for name in lasting}
    # what all schedules by amount cost and save is there as long as there is one
    sums = {f"{house.entry.unique_id}_{name}" for name in SUMS}
    assert not gone & sums or not house.entry.runtime_data.of_kind("amount")


async def all_kinds(house: Home, rates=EARLY) -> None:
    """A home with a schedule of each kind, in the middle of its first window."""
    show(house, rates)
    for need in NEEDS:
        need.add(house, name=need.name)
    await house.set_up(EVENING)
    await house.at(START)
    await house.at(at(0.5))
    assert all(house.active(key) for key in house.entry.subentries)


def key_of(need: Need) -> str:
    """Return which of all kinds it is."""
    return f"schedule{NEEDS.index(need) + 1}"


async def add_subentry(house: Home, need: Need, wanted: float = 3, **changes) -> str:
    """Add a schedule as its flow does; return its id."""
    data = FORMS[need.kind] | need.form(wanted) | {"name": "New"} | changes
    subentry = ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type=need.kind,
        title=data["name"],
        unique_id=None,
    )
    assert house.hass.config_entries.async_add_subentry(house.entry, subentry)
    await house.settle()
    return subentry.subentry_id


async def change_subentry(house: Home, key: str, title: str | None = None, **data) -> None:
    """Change a schedule as its flow does."""
    subentry = house.entry.subentries[key]
    house.hass.config_entries.async_update_subentry(
        house.entry, subentry, title=title or subentry.title, data={**subentry.data, **data}
    )
    await house.settle()


async def remove_subentry(house: Home, key: str) -> None:
    """Remove a schedule as its owner does."""
    assert house.hass.config_entries.async_remove_subentry(house.entry, key)
    await house.settle()


async def test_one_is_added(house, need) -> None:
    """It has all its entities, runs at once if it is to, and gets what it wants."""
    await all_kinds(house)
    with nothing_of_others(house):
        key = await add_subentry(house, need)
        if is_local(house):
            await house.at(house.now + SECOND)
    assert house.active(key)
    assert house.sensor("status", key) == "planned"
    entities = {
        one.unique_id.removeprefix(f"{key}_")
        for one in er.async_get(house.hass).entities.values()
        if one.config_subentry_id == key
    }
    assert entities == {
        one.unique_id.removeprefix(f"{key_of(need)}_")
        for one in er.async_get(house.hass).entities.values()
        if one.config_subentry_id == key_of(need)
    }
    assert house.device(key).name == "New"
    await pass_time(house, END)
    for one in NEEDS:
        assert one.delivered(house, START, END, key_of(one)) == 3
    # what is cheap and still to come, and for those that choose half an hour more at any price
    assert need.delivered(house, START, END, key) == (3 if need.chooses else 2.5)


async def test_one_is_changed(house, need) -> None:
    """What its form says takes effect at once, on what runs too."""
    await all_kinds(house)
    key = key_of(need)
    with nothing_of_others(house, key):
        await change_subentry(house, key, **need.form(1))
    assert house.active(key)
    assert planned(house, key) == [(0, 1)]
    with nothing_of_others(house, key):
        await change_subentry(house, key, start="23:00:00")
    assert not house.active(key)
    await pass_time(house, END)
    for one in NEEDS:
        if one is not need:
            assert one.delivered(house, START, END, key_of(one)) == 3
            assert ran(house, key_of(one)) == [(0, 3)]


async def test_one_is_removed(house, need) -> None:
    """Nothing is left of it."""
    await all_kinds(house)
    key = key_of(need)
    with nothing_of_others(house, key):
        await remove_subentry(house, key)
    registry = er.async_get(house.hass)
    assert not [one for one in registry.entities.values() if one.config_subentry_id == key]
    assert house.device(key) is None
    assert not [one for one in house.hass.states.async_all() if f".{need.name}_" in one.entity_id]
    await pass_time(house, END)
    for one in NEEDS:
        if one is not need:
            assert ran(house, key_of(one)) == [(0, 3)]
    # nor after a restart
    await house.stop()
    await house.start()
    assert house.device(key) is None
    assert not [one for one in registry.entities.values() if one.config_subentry_id == key]


async def test_a_name_is_that_of_the_device_at_once(house, need) -> None:
    await all_kinds(house)
    key = key_of(need)
    with nothing_of_others(house, key):
        await change_subentry(house, key, title="Boiler", name="Boiler")
    assert house.device(key).name == "Boiler"
    name = house.hass.states.get(house.entity_id("binary_sensor", "active", key)).name
    assert name.startswith("Boiler")
    assert house.active(key)
    assert planned(house, key) == [(0, 3)]


async def test_other_limits_apply_without_a_reload(house) -> None:
    """The site's power falls below what is planned: at once, and for what it concerns only."""
    await all_kinds(house)
    loaded = house.entry.runtime_data
    with watched(house) as said:
        await house.change_options(max_import_power=4.0)
    assert house.entry.runtime_data is loaded
    assert of_others(house, said, key_of(AMOUNT)) == []
    assert house.power(key_of(AMOUNT)) == 4
    await pass_time(house, END)
    assert house.energy(START, END, key_of(AMOUNT)) == pytest.approx(24, abs=0.02)
    assert house.highest_power(at(0.5), END) <= 4
    assert ran(house) == [(0, 3)]


async def test_a_direction_that_is_new_brings_its_prices(house, need) -> None:
    """Selling, where nothing was sold before, and no more once it is removed."""
    house.world.export_prices = hours([0.05] * 96, START - 22 * HOUR)
    if is_local(house):
        data = {**house.entry.data, "export_source": {**house.entry.data["source"]}}
        data["export_source"]["entity_id"] = "sensor.nordpool_kwh_be_eur_5_10_1"
        house.typed(**data)
    await all_kinds(house)
    location = house.entry.unique_id
    registry = er.async_get(house.hass)

    def sold() -> list[str]:
        return [
            one.unique_id
            for one in registry.entities.values()
            if one.unique_id.startswith(f"{location}_export_")
        ]

    known = is_local(house)  # the source for selling is in use whether or not anything is sold
    assert bool(sold()) == known
    changes = {"direction": "export"}
    if need.kind == "duration":
        changes["segment"] = "high"
    if need.kind == "limit":
        changes |= {"condition": "above", "limit": 0.01}
    with nothing_of_others(house):
        key = await add_subentry(house, need, **changes)
        await house.at(house.now + SECOND)
    assert float(house.sensor("export_price", location)) == pytest.approx(0.05)
    assert house.sensor("status", key) == "planned"
    with nothing_of_others(house, key):
        await remove_subentry(house, key)
    assert bool(sold()) == known


async def test_one_comes_while_nobody_answers(house, need) -> None:
    """The others run on, and the new one gets its plan when somebody does."""
    await all_kinds(house, APART)
    if is_local(house):
        house.lose()
    else:
        house.world.faults = {Fault.UNAVAILABLE}
    with nothing_of_others(house):
        key = await add_subentry(house, need)
    assert house.state("binary_sensor", "active", key) in ("on", "off")
    house.silent = False
    house.world.faults = set()
    await pass_time(house, at(2.5))
    assert house.sensor("status", key) == "planned"
    await pass_time(house, END)
    for one in NEEDS:
        assert ran(house, key_of(one)) == [(0, 1), (3, 5)]
    assert need.delivered(house, at(3), END, key) >= 2
