"""`python -m simulator`, as a developer starts it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
import signal
import socket

import pytest

from simulator.__main__ import main
from simulator.state import ACCOUNT, KEY, LOCATION

from .process import LIMIT, ask, run, running, token


def schedule(
    address: str,
    start: datetime,
    end: datetime,
    *,
    direction: str = "IMPORT",
    location: str = LOCATION,
    **account: str,
):
    body = {
        "start_time": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "end_time": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "segment": "LOW",
        "duration": 5000,
        "direction": direction,
    }
    path = f"/schedules/duration/{location}"
    return ask(address + path, token=token(address, **account), body=body)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def written(path: Path, start: datetime, step: timedelta, *prices: float) -> str:
    rows = [f"{start + n * step:%Y-%m-%dT%H:%MZ},{price}\n" for n, price in enumerate(prices)]
    path.write_text("start_utc,eur_per_mwh\n" + "".join(rows))
    return str(path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_starts_says_where_and_stops(socket_enabled, number) -> None:
    with running() as (process, address):
        status, body = schedule(address, now(), now() + timedelta(minutes=30))
        assert status == 200
        assert len(body["data"]) == 1
        process.send_signal(number)
        assert process.wait(LIMIT) == 0
        rest = process.stdout.read()
        assert ACCOUNT in rest
        assert KEY in rest
        assert "Traceback" not in rest


def test_account_key_location_and_dialect(socket_enabled) -> None:
    account = {"account": "acc_1", "key": "sk_live_1", "location": "loc_1"}
    options = [f"--{name}={value}" for name, value in account.items()]
    with running(*options, "--version", "anode-guide") as (_, address):
        status, body = schedule(address, now(), now() + timedelta(minutes=30), **account)
        assert status == 200
        assert body["account_id"] == "acc_1"
        assert body["location_id"] == "loc_1"
        assert body["live_mode"] is True
        assert "price" in body["data"][0]


def test_faults_from_outside(socket_enabled) -> None:
    with running() as (_, address):
        assert ask(f"{address}/simulator", body={"faults": ["unavailable"]})[0] == 200
        assert ask(f"{address}/login")[0] == 503
        assert ask(f"{address}/simulator", body={"faults": []})[0] == 200
        assert ask(f"{address}/login")[0] == 403


def test_device_deleted_from_outside(socket_enabled) -> None:
    with running() as (_, address):
        bearer = token(address)
        status, device = ask(f"{address}/devices", token=bearer, body={"reference_id": "Car"})
        assert status == 201
        start, hour = now(), timedelta(hours=1)
        body = {
            "max_power": {"units": "KW", "value": 11},
            "data": [
                {
                    "device_id": device["id"],
                    "start_time": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "end_time": (start + hour).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "energy": {"units": "KWH", "value": 11},
                }
            ],
        }
        path = f"{address}/schedules/amount/{LOCATION}"
        status, answer = ask(path, token=bearer, body=body)
        assert status == 200
        assert answer["data"][0]["schedule"][0]["power"] == {"units": "KW", "value": 11}
        control = f"{address}/simulator/devices/{device['id']}"
        assert ask(control, method="DELETE")[0] == 200
        status, answer = ask(path, token=bearer, body=body)
        assert (status, answer["code"]) == (422, "device_not_found")


def test_toy_tariff_of_minutes(socket_enabled, tmp_path) -> None:
    start = now().replace(second=0) - timedelta(minutes=1)
    minute = timedelta(minutes=1)
    file = written(tmp_path / "toy.csv", start, minute, *(10, 20) * 5)
    with running("--prices", file, "--publication", "none") as (_, address):
        status, body = schedule(address, start, start + 10 * minute)
        assert status == 200
        assert [slot["tariff"]["rate_avg"] for slot in body["data"]] == [0.015]
        assert body["data"][0]["end_time"] == (start + 10 * minute).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_recorded_week_covers_now(socket_enabled, tmp_path) -> None:
    hour = timedelta(hours=1)
    imported = written(
        tmp_path / "week.csv", datetime(2025, 1, 5, 23, tzinfo=UTC), hour, *[80] * 168
    )
    exported = written(
        tmp_path / "export.csv", datetime(2025, 1, 5, 23, tzinfo=UTC), hour, *[40] * 168
    )
    window = now(), now() + timedelta(minutes=10)
    with running("--prices", imported, "--export-prices", exported) as (_, address):
        for direction, rate in (("IMPORT", 0.08), ("EXPORT", 0.04), ("LOCAL", 0.04)):
            status, body = schedule(address, *window, direction=direction)
            assert (status, body["data"][0]["tariff"]["rate_avg"]) == (200, rate)
    with running("--prices", imported, "--no-shift-to-today") as (_, address):
        assert schedule(address, *window)[0] == 422


def test_changeover_days_are_known_on_their_date(socket_enabled) -> None:
    day = datetime(2027, 3, 27, 23, tzinfo=UTC)
    with running("--day", "spring-forward") as (_, address):
        status, body = schedule(address, day, day + timedelta(hours=23))
        assert (status, len(body["data"])) == (200, 1)


def test_busy_port(socket_enabled) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--port", str(port))
    assert done.returncode == 1
    assert done.stderr == f"Port {port} is in use; choose another one with --port\n"


# What ends before it serves needs no process of its own.


def refusal(capsys, *options: str) -> str:
    """Return what is said about options that are wrong."""
    try:
        code = main(options)
    except SystemExit as stopped:
        code = stopped.code
    assert code == 2
    return capsys.readouterr().err


def test_help(capsys) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    for option in (
        *("--port", "--prices", "--export-prices", "--day", "--shift-to-today", "--publication"),
        *("--version", "--account", "--key", "--location", "8099", "winter", ACCOUNT),
        *("POST /simulator", "DELETE /simulator/devices/ID"),
    ):
        assert option in text


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "-1"],
        ["--port", "65536"],
        ["--port", "http"],
        ["--day", "summer"],
        ["--version", "yotta"],
        ["--publication", "noon"],
        ["--publication", "25:00"],
        ["--day", "flat", "--prices", "x.csv"],
    ],
)
def test_wrong_option(capsys, options) -> None:
    assert f"argument {options[-2]}" in refusal(capsys, *options)


@pytest.mark.parametrize("option", ["--prices", "--export-prices"])
def test_wrong_file(capsys, tmp_path, option) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("start_utc,eur_per_mwh\n2025-01-01T00:00Z,much\n")
    assert "prices.csv, line 2" in refusal(capsys, option, str(path))
