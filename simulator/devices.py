"""Devices: what may be listed and made, checked field by field."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from multidict import MultiMapping

from .dialects import Dialect
from .fields import Fields, read_body, read_query
from .pages import page_of
from .refusals import conflict
from .state import Device, World

LIST_CONTEXT = "api.device_list"
CREATE_CONTEXT = "api.device_create"


class DeviceType(StrEnum):
    """What busbar knows a device to be."""

    EV_CHARGER = "ev_charger"
    ELECTRIC_VEHICLE = "electric_vehicle"
    BATTERY_SYSTEM = "battery_system"
    PV_SYSTEM = "pv_system"
    OTHER = "other"


def list_devices(world: World, query: MultiMapping[str]) -> tuple[Sequence[Device], bool]:
    """Return the devices of the page that is asked for, and whether more follow; or refuse."""
    fields = read_query(world, LIST_CONTEXT, query, ("limit", "starting_after", "reference_id"))
    # the last that was made comes first, in the same second as well
    devices = sorted(world.devices, key=lambda device: device.created)[::-1]
    if "reference_id" in fields.values:
        reference = fields.text("reference_id")
        devices = [device for device in devices if device.reference_id == reference]
    return page_of(fields, devices, "device")


def new_device(world: World, raw: bytes, now: datetime) -> Device:
    """Make a device as a body says, or refuse."""
    fields = read_body(world, CREATE_CONTEXT, raw)
    reference = fields.filled("reference_id")
    kind = DeviceType.OTHER
    locations: tuple[str, ...] = ()
    if world.version.shape.typed_devices:
        kind, locations = fields.choice("type", DeviceType), _locations(fields)
    elif world.version is not Dialect.ZERO and "location_id" in fields.values:
        locations = (_known(fields, "location_id", fields.text("location_id")),)
    if any(device.reference_id == reference for device in world.devices):
        raise conflict()
    device = Device(
        id=world.new_id("dev"),
        reference_id=reference,
        created=now,
        type=kind.upper(),
        locations=locations,
    )
    world.devices.append(device)
    return device


def _locations(fields: Fields) -> tuple[str, ...]:
    """Return the homes of busbar's device; one of none could be asked for nowhere."""
    ids = fields.items("locations")
    if not ids:
        raise fields.invalid("locations", "must not be empty")
    return tuple(_known(fields, f"locations[{number}]", id_) for number, id_ in enumerate(ids))


def _known(fields: Fields, name: str, location_id: object) -> str:
    if not isinstance(location_id, str) or fields.world.location(location_id) is None:
        raise fields.invalid(name, "is no location of this account")
    return location_id
