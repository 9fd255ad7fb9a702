"""The simulator keeps the contract of docs/openapi.yaml, and so do the documented examples."""

from collections import Counter
import json
import os
from pathlib import Path
import re
import subprocess
import sys

import jsonschema_rs
import pytest

from simulator import Dialect
from simulator.state import ACCOUNT, KEY, LOCATION

from .conftest import EXAMPLES
from .contract import BUSBAR, contract
from .process import ask, running, token

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)


DEVICE = "dev_65e6d8334c8d715963d99db3"  # of the examples


def contradictions(
    address: str, place: Path, phases: str, dialect: Dialect = Dialect.ANODE, examples: int = 100
) -> str:
    """Send right and wrong data to every path; return the report, nothing when all is well."""
    settings = place / "schemathesis.toml"
    settings.write_text(
        f"[auth.openapi.key]\nusername = '{ACCOUNT}'\npassword = '{KEY}'\n"
        "[auth.openapi.bearer]\nbearer = '${TOKEN}'\n"
    )
    bearer = token(address)
    device = made(address, bearer)
    written = json.dumps(contract(dialect)).replace(DEVICE, device)
    spoken = json.loads(written)
    # a name that nobody could guess is tried as well as the others
    part = spoken["components"]["schemas"]["DeviceRequestPart"]["properties"]
    part["device_id"] = part["device_id"] | {"examples": [device]}
    (place / "contract.json").write_text(json.dumps(spoken))
    done = subprocess.run(  # noqa: S603 - a tool of ours
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run"),
            *("contract.json", "--url", address, "--checks", ",".join(CHECKS)),
            *("--phases", phases, "--max-examples", str(examples), "--seed", "1"),
            "--no-color",
        ],
        cwd=place,
        env=os.environ | {"TOKEN": bearer},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def made(address: str, bearer: str) -> str:
    """Make a device that schedules can be asked for; return its id."""
    fields = {"reference_id": "Car", "type": "ELECTRIC_VEHICLE", "locations": [LOCATION]}
    return ask(f"{address}/devices", token=bearer, body=fields)[1]["id"]


def kind(path: str) -> str:
    """Return which path of the API a call was for."""
    return re.sub(r"^(/\w+)(/duration|/limit|/amount)?.*", r"\1\2", path)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_simulator_keeps_the_contract(socket_enabled, tmp_path, dialect) -> None:
    # the prices of a changeover day lie on its date, which the contract's examples name
    with running("--day", "autumn-back", "--version", dialect) as (_, address):
        # anode is the dialect that is described; the others differ in their names
        examples = 100 if dialect is Dialect.ANODE else 20
        phases = "examples,coverage,fuzzing"
        if report := contradictions(address, tmp_path, phases, dialect, examples):
            pytest.fail(report, pytrace=False)
        calls = ask(f"{address}/simulator/calls")[1]
    # it was not by refusing everything, or by never being asked
    answers = Counter((kind(call["path"]), call["status"]) for call in calls)
    described = {kind(path) for path in contract(dialect)["paths"]}
    assert described == {"/login", "/locations", "/devices"} | SCHEDULES[dialect]
    expected = {
        *((path, status) for path in described for status in (200, 403, 422)),
        *(("/devices", status) for status in (201, 202, 404, 409)),
    }
    if dialect is Dialect.ANODE:
        expected |= {(path, 404) for path in ("/locations", "/schedules/duration", "/prices")}
    assert expected - answers.keys() == set(), answers
    if dialect not in BUSBAR:
        planned = [
            call for call in calls if call["status"] == 200 and kind(call["path"]) in AMOUNTS
        ]
        assert any(call["body"].get("data") for call in planned)


AMOUNTS = {"/schedules", "/schedules/amount"}
OTHERS = {"/schedules/duration", "/schedules/limit", "/prices"}
SCHEDULES = {
    Dialect.ZERO: {"/schedules"},
    Dialect.ANODE: {"/schedules/amount", *OTHERS},
    Dialect.ANODE_GUIDE: {"/schedules/amount", *OTHERS},
    Dialect.BUSBAR_A: OTHERS,
    Dialect.BUSBAR_B: OTHERS,
}


def test_a_broken_contract_is_seen(socket_enabled, tmp_path) -> None:
    with running("--day", "autumn-back") as (_, address):
        ask(f"{address}/simulator", body={"faults": ["numbers-as-strings"]})
        report = contradictions(address, tmp_path, "examples")
    assert "Response violates schema" in report
    assert "rate_avg" in report
    assert "percentage" in report


DOCUMENTED = {
    "login_200": "Login",
    "anode_location_200": "Location",
    "zero_locations_list_200": "LocationList",
    "list_empty_200": "LocationList",
    "location_status_200": "LocationStatus",
    "zero_device_201": "Device",
    "zero_devices_list_200": "DeviceList",
    "anode_schedules_duration_request": "ScheduleRequest",
    "anode_schedules_duration_200": "Schedule",
    "anode_schedules_duration_200_empty": "Schedule",
    "anode_schedules_limit_200": "LimitSchedule",
    "anode_prices_200": "PriceSeries",
    "anode_prices_200_no_next_update": "PriceSeries",
    "price_zero_confidence_200": "PriceSeries",
    "anode_schedules_amount_200": "AmountSchedule",
    "zero_schedules_post_request": "AmountRequest",
    "zero_schedules_post_200": "AmountSchedule",
    "error_403_message": "Message",
    "error_403_object": "AccessDenied",
    "error_422_account_disabled": "Refusal",
    "error_422_api_version_not_supported": "Refusal",
    "error_422_no_price_data": "Refusal",
    "error_422_no_tariff_connected": "Refusal",
    "error_422_pending_connect": "Refusal",
    "error_429": "RateLimit",
    "error_500_message": "Message",
}
ZERO = ("zero_schedules_post_request", "zero_schedules_post_200")


@pytest.mark.parametrize("name", DOCUMENTED)
def test_documented_examples_keep_the_contract(name) -> None:
    dialect = Dialect.ZERO if name in ZERO else Dialect.ANODE
    schema = {
        "$ref": f"#/components/schemas/{DOCUMENTED[name]}",
        "components": contract(dialect)["components"],
    }
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    assert [error.message for error in validator.iter_errors(example)] == []
    assert not validator.is_valid({})
