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
import yaml

from simulator.state import ACCOUNT, KEY

from .conftest import EXAMPLES
from .process import REPOSITORY, ask, running, token

CONTRACT = REPOSITORY / "docs" / "openapi.yaml"
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


def contradictions(address: str, place: Path, phases: str) -> str:
    """Send right and wrong data to every path; return the report, nothing when all is well."""
    settings = place / "schemathesis.toml"
    settings.write_text(
        f"[auth.openapi.key]\nusername = '{ACCOUNT}'\npassword = '{KEY}'\n"
        "[auth.openapi.bearer]\nbearer = '${TOKEN}'\n"
    )
    done = subprocess.run(  # noqa: S603 - a tool of ours
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run"),
            *(str(CONTRACT), "--url", address, "--checks", ",".join(CHECKS)),
            *("--phases", phases, "--max-examples", "100", "--seed", "1"),
            "--no-color",
        ],
        cwd=place,
        env=os.environ | {"TOKEN": token(address)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_simulator_keeps_the_contract(socket_enabled, tmp_path) -> None:
    # the prices of a changeover day lie on its date, which the contract's examples name
    with running("--day", "autumn-back") as (_, address):
        report = contradictions(address, tmp_path, "examples,coverage,fuzzing")
        if report:
            pytest.fail(report, pytrace=False)
        answers = Counter(
            (re.split(r"[/?]", call["path"])[1], call["status"])
            for call in ask(f"{address}/simulator/calls")[1]
        )
    # it was not by refusing everything, or by never being asked
    for expected in (
        *(("login", status) for status in (200, 403, 422)),
        *(("locations", status) for status in (200, 403, 404, 422)),
        *(("devices", status) for status in (200, 201, 202, 403, 404, 409, 422)),
        *(("schedules", status) for status in (200, 403, 404, 422)),
    ):
        assert answers[expected] > 0, answers


def test_a_broken_contract_is_seen(socket_enabled, tmp_path) -> None:
    with running("--day", "autumn-back") as (_, address):
        ask(f"{address}/simulator", body={"faults": ["numbers-as-strings"]})
        report = contradictions(address, tmp_path, "examples")
    assert "Response violates schema" in report
    assert "rate_avg" in report


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


@pytest.mark.parametrize("name", DOCUMENTED)
def test_documented_examples_keep_the_contract(name) -> None:
    contract = yaml.safe_load(CONTRACT.read_text())
    schema = {
        "$ref": f"#/components/schemas/{DOCUMENTED[name]}",
        "components": contract["components"],
    }
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    assert [error.message for error in validator.iter_errors(example)] == []
    assert not validator.is_valid({})
