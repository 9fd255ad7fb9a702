"""The devices in Flatpeak that stand for schedules by amount: made, deleted, never shared."""

from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
import pytest

from simulator.dialects import Dialect
from simulator.faults import Fault
from simulator.state import Device
from tests.home import CHARGE, MINUTE, SECOND, Home, local

from .helpers import BATTERY, follow, good_calls, joined_loads, total

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

START, END = local("2025-10-06T22:00"), local("2025-10-07T07:00")
DIALECTS = [Dialect.ZERO, Dialect.ANODE, Dialect.ANODE_GUIDE]
MINE = Device(id="dev_mine", reference_id="Wallbox")


def asked_devices(home: Home) -> list[str]:
    """Return the devices of the latest question."""
    return [part["device_id"] for part in home.amount_calls()[-1].body["data"]]


def made(home: Home) -> list[str]:
    """Return the references of the devices that were made."""
    posts = [call for call in home.world.calls if (call.method, call.path) == ("POST", "/devices")]
    return [call.body["reference_id"] for call in posts if call.status == 201]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_device_is_made_once(home, world, dialect) -> None:
    world.version = dialect
    home.add_amount()
    home.add_amount(**BATTERY)
    await home.set_up("2025-10-06T20:00")
    assert len(made(home)) == 2
    devices = asked_devices(home)
    assert devices == [device.id for device in world.devices]
    await home.set_number("energy", 20)
    await home.stop()
    await home.start("2025-10-06T21:00")
    await home.set_number("energy", 24)
    assert len(made(home)) == 2
    assert asked_devices(home) == devices


async def test_a_device_that_is_there_by_name_is_found(home, world, hass_storage) -> None:
    """The store was lost: nobody makes a second one."""
    home.add_amount()
    await home.set_up("2025-10-06T20:00")
    (device,) = world.devices
    await home.stop()
    del hass_storage[f"flatpeak.{home.entry.entry_id}"]
    await home.start("2025-10-06T20:30")
    assert world.devices == [device]
    assert asked_devices(home) == [device.id]
    assert home.sensor("planned_energy") == "24.0"


async def test_a_device_of_ones_own_is_used(home, world) -> None:
    world.devices = [MINE]
    home.add_amount(device_id="dev_mine")
    await home.set_up("2025-10-06T20:00")
    assert made(home) == []
    assert asked_devices(home) == ["dev_mine"]
    await follow(home, END)
    assert home.energy(START, END) == pytest.approx(24)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("own", [True, False], ids=["one of ours", "one's own"])
async def test_a_device_that_was_deleted_is_made_anew(home, world, caplog, dialect, own) -> None:
    """In the middle of a run: it goes on, a line is said, and the next question is answered."""
    world.version = dialect
    world.devices = [MINE]
    home.add_amount(**({} if own else {"device_id": "dev_mine"}))
    home.add_amount(**BATTERY)
    await home.set_up("2025-10-06T20:00")
    first = home.loads()[0]
    await follow(home, first.start + MINUTE)
    gone, kept = asked_devices(home)
    world.devices = [device for device in world.devices if device.id != gone]
    caplog.clear()
    await home.set_number("energy", 6, "schedule2")
    assert home.power() == 8
    # what is not to be said is that something went wrong
    said = [one.getMessage() for one in caplog.records if one.levelname in ("WARNING", "ERROR")]
    assert len(said) == 1
    assert "Car" in said[0]
    assert "deleted" in said[0]
    assert asked_devices(home)[1] == kept
    assert asked_devices(home)[0] not in {gone, kept}
    assert home.sensor("planned_energy", "schedule2") == "6.0"
    calls = len(world.calls)
    await home.set_number("energy", 7, "schedule2")
    assert len(world.calls) == calls + 1
    await follow(home, END)
    assert total(home, START, END) == {"schedule1": 24, "schedule2": 7}

    # the new one is remembered
    await home.stop()
    await home.start("2025-10-07T12:00")
    known = asked_devices(home)
    await follow(home, "2025-10-07T14:10")
    assert sorted(asked_devices(home)) == sorted(known)


async def test_all_devices_deleted_at_once(home, world) -> None:
    home.add_amount()
    home.add_amount(**BATTERY)
    await home.set_up("2025-10-06T20:00")
    plans = home.loads(), home.loads("schedule2")
    world.devices.clear()
    await home.update()
    assert (home.loads(), home.loads("schedule2")) == plans
    assert len(world.devices) == 2
    assert asked_devices(home) == [device.id for device in world.devices]
    await follow(home, END)
    assert total(home, START, END) == {"schedule1": 24, "schedule2": 5}


async def test_a_device_deleted_in_an_outage(home, world) -> None:
    home.add_amount()
    await home.set_up("2025-10-06T20:00")
    world.devices.clear()
    world.faults = {Fault.UNAVAILABLE}
    await home.update()
    assert home.windows()
    world.faults = set()
    await home.live(home.now + 5 * MINUTE, 10 * SECOND)
    assert home.sensor("status") == "planned"
    assert len(world.devices) == 1
    await follow(home, END)
    assert home.energy(START, END) == pytest.approx(24)


async def test_a_refusal_that_is_about_no_device_is_no_reason_to_make_one(home, world) -> None:
    """The server refuses everything for a while; no device takes the place of another."""
    home.add_amount()
    await home.set_up("2025-10-06T20:00")
    devices = list(world.devices)
    world.locations = ()  # 404 for every question
    await home.update()
    assert home.sensor("planned_energy") == "24.0"
    assert world.devices == devices
    assert len(made(home)) == 1
    world.locations = type(world)().locations
    await home.live(home.now + 70 * MINUTE, MINUTE)
    assert home.sensor("status") == "planned"
    assert home.state("binary_sensor", "connected", home.entry.unique_id) == "on"
    assert world.devices == devices


async def test_two_schedules_never_share_a_device(home, world, caplog) -> None:
    """The form refuses it; stored all the same, the second one gets a device of its own."""
    world.devices = [MINE]
    home.add_amount(device_id="dev_mine")
    home.add_amount(**BATTERY | {"device_id": "dev_mine"})
    await home.set_up("2025-10-06T20:00")
    assert "Battery gets a device of its own" in caplog.text
    first, second = asked_devices(home)
    assert first == "dev_mine"
    assert second != first
    await follow(home, END)
    assert total(home, START, END) == {"schedule1": 24, "schedule2": 5}


async def test_the_form_refuses_a_device_that_is_taken(home, world, hass) -> None:
    """Whether it was chosen for the other schedule, or made for it."""
    world.devices = [MINE]
    home.add_amount(device_id="dev_mine")
    home.add_amount(**BATTERY)
    await home.set_up("2025-10-06T20:00")
    for taken in asked_devices(home):
        form = await hass.config_entries.subentries.async_init(
            (home.entry.entry_id, "amount"), context={"source": "user"}
        )
        answer = await hass.config_entries.subentries.async_configure(
            form["flow_id"], {"name": "Third", "energy": 2.0, "max_power": 2.0, "device_id": taken}
        )
        assert answer["type"] == "form"
        assert "device_in_use" in answer["errors"].values()
    assert len(home.entry.subentries) == 2


@pytest.mark.parametrize("slow", [False, True])
async def test_a_schedule_that_is_added_later_joins_the_others(home, world, hass, slow) -> None:
    """While they run: one more question, for all, under the limit; nothing is cut."""
    home.options(max_import_power=11.0)
    home.add_amount()
    await home.set_up("2025-10-06T20:00")
    first = home.loads()[0]
    await follow(home, first.start + MINUTE)
    asked = len(good_calls(home))
    world.faults, world.slowness = ({Fault.SLOW} if slow else set()), 5
    hass.config_entries.async_add_subentry(
        home.entry,
        ConfigSubentry(
            data=MappingProxyType(CHARGE | BATTERY),
            subentry_id="later",
            subentry_type="amount",
            title="Battery",
            unique_id=None,
        ),
    )
    await home.patiently(home.settle())
    world.faults = set()
    await home.live(home.now + 20 * SECOND, SECOND)
    assert len(good_calls(home)) == asked + 1
    assert len(asked_devices(home)) == 2
    await follow(home, END)
    # what flowed while the slow server thought is lost
    assert total(home, START, END) == pytest.approx({"schedule1": 24, "later": 5}, abs=0.03)
    assert home.highest_power(START, END) <= 11.001
    assert joined_loads(home.delivered(START, END))[0] == first


async def test_a_schedule_that_is_removed_leaves_the_others_alone(home, world, hass) -> None:
    """While both run: the other one goes on, and takes the room when it is asked for next."""
    home.options(max_import_power=11.0)
    home.add_amount()
    home.add_amount(**BATTERY)
    await home.set_up("2025-10-06T20:00")
    planned = home.loads()
    await follow(home, planned[0].start + MINUTE)
    asked = len(good_calls(home))
    hass.config_entries.async_remove_subentry(home.entry, "schedule2")
    await home.settle()
    assert home.power() == 8
    assert home.loads() == planned
    assert home.device("schedule2") is None
    await follow(home, "2025-10-07T06:50")
    assert len(good_calls(home)) == asked
    await follow(home, END)
    assert home.energy(START, END) == pytest.approx(24)
    await follow(home, "2025-10-07T14:10")
    assert asked_devices(home) == [world.devices[0].id]
