"""docs/openapi.yaml describes anode; this is the same contract in the other dialects."""

from collections.abc import Mapping
from typing import Any

import yaml

from simulator import Dialect
from simulator.state import LOCATION

from .process import REPOSITORY

CONTRACT = REPOSITORY / "docs" / "openapi.yaml"
BUSBAR = (Dialect.BUSBAR_A, Dialect.BUSBAR_B)
_SCHEDULES = (
    *("ScheduleRequest", "Schedule", "LimitRequest", "LimitSchedule"),
    *("DeviceRequestPart", "DeviceSchedule"),
)
_AMOUNTS = ("AmountSchedule", "DeviceSchedule")


def contract(dialect: Dialect = Dialect.ANODE) -> dict[str, Any]:
    """Return the contract as a dialect words it, as far as the integration uses it."""
    written: dict[str, Any] = yaml.safe_load(CONTRACT.read_text())
    paths, schemas = written["paths"], written["components"]["schemas"]
    if dialect is Dialect.ZERO:
        # all others are queries there
        for path in ("/schedules/duration/{id}", "/schedules/limit/{id}", "/prices/{id}"):
            del paths[path]
        paths["/schedules"] = paths.pop("/schedules/amount/{id}")
        _home_in_the_body(paths["/schedules"], schemas["AmountRequest"])
        schemas["AmountSchedule"]["properties"]["object"]["const"] = "schedule"
        schemas["Refusal"] = schemas["AccessDenied"] = schemas["Message"]
    if dialect in (Dialect.ANODE_GUIDE, *BUSBAR):
        for name in _SCHEDULES:
            schemas[name] = _renamed(schemas[name], {"direction": "tariff_direction"})
        for name in _AMOUNTS:
            schemas[name] = _renamed(schemas[name], {"tariff": "cost"})
        for path in paths:
            if path.startswith("/schedules"):
                paths[path] = _renamed(paths[path], {"direction": "tariff_direction"})
        rate = "value" if dialect is Dialect.BUSBAR_B else "average"
        schemas["Slot"] = _renamed(schemas["Slot"], {"tariff": "price", "rate_avg": rate})
    if dialect in BUSBAR:
        _busbar(paths, schemas)
    if dialect is Dialect.BUSBAR_B:
        _busbar_b(paths, schemas)
    return written


def _busbar(paths: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Leave out what no page of it has, and word the rest as its pages do."""
    del paths["/schedules/amount/{id}"], paths["/locations/{id}/status"]
    del schemas["Location"]["properties"]["tariff_elements"]
    _busbar_devices(paths["/devices"]["post"], schemas["DeviceRequest"])
    paths["/schedules/limit"] = paths.pop("/schedules/limit/{id}")
    _home_in_the_body(paths["/schedules/limit"], schemas["LimitRequest"])


def _busbar_b(paths: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Move every home into the body; answers say less."""
    for path, schema in (("/schedules/duration", "ScheduleRequest"), ("/prices", "PriceRequest")):
        paths[path] = paths.pop(f"{path}/{{id}}")
        _home_in_the_body(paths[path], schemas[schema])
    _without(schemas["Schedule"], {"next_update", "request"})
    for name in ("LimitSchedule", "PriceSeries"):
        _without(schemas[name], {"request"})


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    """Return a part of the contract with other names for its fields."""
    if isinstance(node, dict):
        return {names.get(key, key): _renamed(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [_renamed(item, names) for item in node]
    return names.get(node, node) if isinstance(node, str) else node


def _without(schema: dict[str, Any], fields: set[str]) -> None:
    """Let an answer lack some fields."""
    schema["required"] = [name for name in schema["required"] if name not in fields]


def _home_in_the_body(path: dict[str, Any], schema: dict[str, Any]) -> None:
    """Move the home from the path into the body, in the examples as well."""
    path["parameters"] = [part for part in path["parameters"] if "LocationId" not in part["$ref"]]
    _in_the_examples(path["post"], {"location_id": LOCATION})
    schema["required"] = ["location_id", *schema["required"]]
    schema["properties"]["location_id"] = {"$ref": "#/components/schemas/Id"}


def _busbar_devices(create: dict[str, Any], schema: dict[str, Any]) -> None:
    """Let a device say what it is and where."""
    _in_the_examples(create, {"type": "EV_CHARGER", "locations": [LOCATION]})
    kinds = ["EV_CHARGER", "ELECTRIC_VEHICLE", "BATTERY_SYSTEM", "PV_SYSTEM", "OTHER"]
    del schema["properties"]["location_id"]
    schema["required"] += ["type", "locations"]
    schema["properties"] |= {
        "type": {"type": "string", "enum": kinds},
        "locations": {
            "type": "array",
            "minItems": 1,
            "items": {"$ref": "#/components/schemas/Id"},
        },
    }


def _in_the_examples(operation: dict[str, Any], fields: dict[str, Any]) -> None:
    for example in operation["requestBody"]["content"]["application/json"]["examples"].values():
        example["value"] |= fields
