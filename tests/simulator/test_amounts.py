"""What is answered to a schedule by amount: who runs when, at what power, for how much."""

from datetime import datetime, time

import pytest

from custom_components.flatpeak.model import Direction
from simulator import Dialect, World, built_in

from .conftest import TODAY, example
from .orders import CAR, DIALECTS, HEATER, hours, order, part, running, send, watt_hours, watts

HEATING = part(
    HEATER.id,
    start_time="2026-01-15T02:00:00Z",
    max_power=watts(4000),
    energy=watt_hours(8000),
)
KILOWATTS = {"units": "KW", "value": 6}
KILOWATT_HOURS = {"units": "KWH", "value": 10}


@pytest.fixture
def world() -> World:
    """Four hours: a cheap one, a dear one, a fair one, the dearest."""
    return World(import_prices=hours(0.1, 0.3, 0.2, 0.4), devices=[CAR, HEATER], publication=None)


def direction(dialect: Dialect) -> str:
    return "tariff_direction" if dialect is Dialect.ANODE_GUIDE else "direction"


def money(dialect: Dialect) -> str:
    return "cost" if dialect is Dialect.ANODE_GUIDE else "tariff"


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_two_devices_under_one_limit(client, freezer, dialect) -> None:
    freezer.move_to("2026-01-14T20:00:00Z")
    await client.login()
    answer = await send(client, order(part(), HEATING), dialect)
    assert answer.status == 200
    zero = dialect is Dialect.ZERO
    # the heater needs all of its two hours, which leaves the car 4 kW in the first of them
    assert answer.body == {
        "id": f"{'sch' if zero else 'sae'}_000000000000000000000001",
        "object": "schedule" if zero else "schedule_amount",
        "live_mode": False,
        "location_id": "loc_65e42ce4d3b813479b252160",
        "location_timezone": "Europe/Brussels",
        "currency_code": "EUR",
        "max_power": watts(8000),
        money(dialect): {"value": 3.8, "confidence": 1},
        # at once, and without the plan, the car would have run for 1.80
        "savings": {"value": 0.4, "percentage": 9.52},
        "data": [
            {
                "device_id": "dev_car",
                direction(dialect): "IMPORT",
                "start_time": "2026-01-15T00:00:00Z",
                "end_time": "2026-01-15T04:00:00Z",
                "max_power": watts(6000),
                "energy": watt_hours(10000),
                money(dialect): {"value": 1.4, "confidence": 1},
                "savings": {"value": 0.4, "percentage": 22.22},
                "schedule": [
                    {
                        "start_time": "2026-01-15T00:00:00Z",
                        "end_time": "2026-01-15T01:00:00Z",
                        "power": watts(6000),
                    },
                    {
                        "start_time": "2026-01-15T02:00:00Z",
                        "end_time": "2026-01-15T03:00:00Z",
                        "power": watts(4000),
                    },
                ],
            },
            {
                "device_id": "dev_heater",
                direction(dialect): "IMPORT",
                "start_time": "2026-01-15T02:00:00Z",
                "end_time": "2026-01-15T04:00:00Z",
                "max_power": watts(4000),
                "energy": watt_hours(8000),
                money(dialect): {"value": 2.4, "confidence": 1},
                "savings": {"value": 0, "percentage": 0},
                "schedule": [
                    {
                        "start_time": "2026-01-15T02:00:00Z",
                        "end_time": "2026-01-15T04:00:00Z",
                        "power": watts(4000),
                    }
                ],
            },
        ],
        "time_created": "2026-01-14T20:00:00Z",
        "account_id": "acc_661677911f2197045e6cf1b1",
    }


@pytest.mark.parametrize(
    ("dialect", "name"),
    [
        (Dialect.ZERO, "zero_schedules_post_200"),
        (Dialect.ANODE, "anode_schedules_amount_200"),
    ],
)
async def test_as_documented(client, dialect, name) -> None:
    asked = order(part(), shaving_threshold={"relative": 0.83, "absolute": 0.123})
    body, documented = (await send(client, asked, dialect)).body, example(name)
    assert body.keys() == documented.keys()
    assert body["data"][0].keys() == documented["data"][0].keys()
    assert body["data"][0]["schedule"][0] == {
        **documented["data"][0]["schedule"][0],
        "start_time": "2026-01-15T00:00:00Z",
        "end_time": "2026-01-15T01:00:00Z",
        "power": watts(6000),
    }
    assert body["object"] == documented["object"]
    assert body["shaving_threshold"] == documented["shaving_threshold"]


async def test_documented_request_is_understood(client, world) -> None:
    documented = example("zero_schedules_post_request")
    device = documented["data"][0]["device_id"]
    world.version = Dialect.ZERO
    path = "/schedules"
    answer = await client.send("POST", path, json=documented)
    assert answer.status == 404  # the home
    documented["location_id"] = world.locations[0].id
    assert (await client.send("POST", path, json=documented)).status == 404  # the device
    world.devices = [type(CAR)(id=device, reference_id="Theirs")]
    answer = await client.send("POST", path, json=documented)
    assert answer.body == {"message": "No price data for the requested period"}


# Which path, and which spelling.


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize(
    ("path", "spoken"),
    [
        ("/schedules", (Dialect.ZERO,)),
        ("/schedules/amount/{id}", (Dialect.ANODE, Dialect.ANODE_GUIDE)),
        ("/schedules/amount", ()),
    ],
)
async def test_only_the_path_of_the_dialect_exists(client, world, dialect, path, spoken) -> None:
    world.version = dialect
    home = world.locations[0].id
    fields = order(part(), location_id=home)
    answer = await client.send("POST", path.replace("{id}", home), json=fields)
    if dialect in spoken:
        assert answer.status == 200
    else:
        assert (answer.status, answer.body) == (404, {"message": "Not Found"})


async def test_zero_is_too_old_for_an_account_of_anode(client) -> None:
    client.headers["Flatpeak-Version"] = "2024-08-24.zero"
    answer = await send(client, order(part()))
    assert answer.status == 422
    assert answer.body["code"] == "api_version_not_supported"
    assert answer.body.keys() == example("error_422_api_version_not_supported").keys()


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_name_of_the_direction(client, dialect) -> None:
    heard = direction(dialect)
    ignored = ({"direction", "tariff_direction"} - {heard}).pop()
    body = (await send(client, order(part(**{heard: "EXPORT"})), dialect)).body
    assert body["data"][0][heard] == "EXPORT"
    assert ignored not in body["data"][0]
    # the dearest hours
    assert [step["start_time"][11:13] for step in body["data"][0]["schedule"]] == ["01", "03"]
    body = (await send(client, order(part(**{ignored: "NONSENSE"})), dialect)).body
    assert body["data"][0][heard] == "IMPORT"
    for nonsense in ("NONSENSE", "LOCAL", "import", 7, None):
        answer = await send(client, order(part(**{heard: nonsense})), dialect)
        assert answer.status == 422
        assert f"data[0].{heard}" in answer.body["message"]


async def test_unknown_home(client, world) -> None:
    path = "/schedules/amount/loc_none"
    answer = await client.send("POST", path, json={})
    assert (answer.status, answer.body) == (404, {"message": "Not Found"})


@pytest.mark.parametrize("data", [..., []])
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_nothing_asked(client, world, data, dialect) -> None:
    world.no_tariff = set(Direction)
    body = (await send(client, order(data=data), dialect)).body
    assert "data" not in body
    assert body[money(dialect)] == {"value": 0, "confidence": 1}
    assert body["savings"] == {"value": 0, "percentage": 0}
    assert body["max_power"] == watts(8000)


# Units, both ways.


@pytest.mark.parametrize(
    ("power", "energy", "sent"),
    [
        (watts(6000), watt_hours(9000), [watts(6000)] * 2),
        (watts(6000), {"units": "KWH", "value": 9}, [watts(6000)] * 2),
        ({"units": "KW", "value": 6}, watt_hours(9000), [{"units": "KW", "value": 6}] * 2),
        ({"units": "KW", "value": 4.5}, watt_hours(9000), [{"units": "KW", "value": 4.5}] * 2),
        ({"units": "KW", "value": "4.5"}, watt_hours("9000"), [{"units": "KW", "value": 4.5}] * 2),
        (watts("4500"), {"units": "KWH", "value": "9.0"}, [watts(4500)] * 2),
    ],
)
async def test_units_of_the_device(client, power, energy, sent) -> None:
    device = (await send(client, order(part(max_power=power, energy=energy)))).body["data"][0]
    assert [step["power"] for step in device["schedule"]] == sent
    assert device["max_power"] == {**power, "value": float(power["value"])}
    assert device["energy"] == {**energy, "value": float(energy["value"])}


async def test_units_of_the_home_where_the_device_names_none(client) -> None:
    asked = order(part(max_power=...), max_power={"units": "KW", "value": "8"})
    body = (await send(client, asked)).body
    assert "max_power" not in body["data"][0]
    # 8 kWh in the first hour, the rest in the third
    first, second = body["data"][0]["schedule"]
    assert first["power"] == {"units": "KW", "value": 8}
    assert second["power"]["units"] == "KW"
    assert body["max_power"] == {"units": "KW", "value": 8}


async def test_numbers_in_full(client) -> None:
    text = (await send(client, order(part(), max_power=watts(8000.5)))).text
    assert '"max_power": {"units": "W", "value": 8000.5}' in text
    assert '"power": {"units": "W", "value": 6000}' in text


# Whole seconds.


async def test_edges_on_whole_seconds_at_a_little_less(client) -> None:
    # 10 kWh at 7 kW take 5142.86 s
    asked = order(part(end_time="2026-01-15T02:00:00Z", max_power=watts(7000)))
    assert running(await send(client, asked)) == [("00:00:00", "01:25:43", 6999.805)]


async def test_same_power_at_two_prices_is_one(client) -> None:
    asked = order(part(end_time="2026-01-15T02:00:00Z", max_power=watts(5000)))
    assert running(await send(client, asked)) == [("00:00:00", "02:00:00", 5000)]


async def test_never_beyond_an_end_between_two_seconds(client) -> None:
    asked = order(
        part(
            start_time="2026-01-15T00:00:00.25Z",
            end_time="2026-01-15T00:59:59.75Z",
            energy=watt_hours(6000),
        )
    )
    assert running(await send(client, asked)) == [("00:00:01", "00:59:59", 6000)]


async def test_times_in_the_style_of_each_device(client) -> None:
    abroad = part(
        HEATER.id, start_time="2026-01-15T00:00:00Z", end_time="2026-01-15T05:00:00+01:00"
    )
    car, heater = (await send(client, order(part(), abroad))).body["data"]
    assert car["schedule"][0]["start_time"] == "2026-01-15T00:00:00Z"
    assert heater["start_time"] == "2026-01-15T00:00:00Z"
    assert heater["end_time"] == "2026-01-15T05:00:00+01:00"
    assert heater["schedule"][0]["start_time"] == "2026-01-15T01:00:00+01:00"


# Limits.


async def test_home_limit(client, world) -> None:
    world.import_prices = built_in("quarter-hour", TODAY).prices
    asked = order(
        part(energy=watt_hours(17000)),
        part(HEATER.id, max_power=watts(5000), energy=watt_hours(9999)),
        max_power=watts(7300),
    )
    answer = await send(client, asked)
    steps = [step for number in (0, 1) for step in running(answer, number)]
    for moment in {start for start, _, _ in steps}:
        together = sum(power for start, end, power in steps if start <= moment < end)
        assert together <= 7300
    assert sum(1 for _ in steps) > 2


async def test_limit_counts_for_each_direction_by_itself(client) -> None:
    asked = order(
        part(end_time="2026-01-15T01:00:00Z", energy=watt_hours(6000)),
        part(
            HEATER.id,
            end_time="2026-01-15T01:00:00Z",
            energy=watt_hours(6000),
            direction="EXPORT",
        ),
        max_power=watts(6000),
    )
    answer = await send(client, asked)
    assert running(answer, 0) == running(answer, 1) == [("00:00:00", "01:00:00", 6000)]


async def test_more_than_there_is_time_for(client) -> None:
    answer = await send(client, order(part(energy=watt_hours(99999))))
    assert running(answer) == [("00:00:00", "04:00:00", 6000)]
    assert answer.body["data"][0]["energy"] == watt_hours(99999)


@pytest.mark.parametrize("value", [1e-300, 0.0001, 1e9])
async def test_far_too_little_and_far_too_much(client, value) -> None:
    for asked in (
        order(part(energy=watt_hours(value))),
        order(part(max_power=watts(value))),
        order(part(), max_power=watts(value)),
        order(part(max_power=watts(value), energy=watt_hours(value)), max_power=watts(value)),
        order(part(max_power={"units": "KW", "value": value}, energy=watt_hours(value))),
    ):
        answer = await send(client, asked)
        assert answer.status == 200
        assert "Infinity" not in answer.text


# Price caps.


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("threshold", "when"),
    [
        ({"absolute": 0.2}, ["00", "02"]),
        ({"absolute": "0.15"}, ["00"]),
        ({"absolute": -0.1}, []),
        ({"absolute": 0.15, "relative": 1}, ["00"]),
        ({"relative": 0.01}, ["00"]),
        ({"relative": 0.4}, ["00", "02"]),
        ({"relative": 1}, ["00", "02"]),
        ({}, ["00", "02"]),
    ],
)
async def test_cap(client, dialect, threshold, when) -> None:
    body = (await send(client, order(part(), shaving_threshold=threshold), dialect)).body
    assert [step["start_time"][11:13] for step in body["data"][0]["schedule"]] == when
    assert body["shaving_threshold"] == {name: float(value) for name, value in threshold.items()}


async def test_cap_of_what_is_sold(client) -> None:
    asked = order(part(direction="EXPORT"), shaving_threshold={"absolute": 0.35})
    assert running(await send(client, asked)) == [("03:00:00", "04:00:00", 6000)]


# Money.


async def test_bought_and_sold(client, world) -> None:
    world.export_prices = hours(0.05, 0.25, 0.15, 0.35)
    selling = part(HEATER.id, energy=watt_hours(6000), direction="EXPORT")
    body = (await send(client, order(part(energy=watt_hours(6000)), selling))).body
    bought, sold = body["data"]
    assert bought["tariff"] == {"value": 0.6, "confidence": 1}
    assert bought["savings"] == {"value": 0, "percentage": 0}
    # sold at once it would have brought 0.30
    assert sold["tariff"] == {"value": 2.1, "confidence": 1}
    assert sold["savings"] == {"value": 1.8, "percentage": 600}
    # what is bought less what is sold: -1.50, where 0.30 would have been paid
    assert body["tariff"] == {"value": -1.5, "confidence": 1}
    assert body["savings"] == {"value": 1.8, "percentage": 600}


async def test_sold_only(client) -> None:
    body = (await send(client, order(part(energy=watt_hours(6000), direction="EXPORT")))).body
    # 6 kWh at 0.40 instead of at 0.10
    assert body["tariff"] == {"value": 2.4, "confidence": 1}
    assert body["savings"] == {"value": 1.8, "percentage": 300}


async def test_no_percentage_of_nothing(client, world) -> None:
    world.import_prices = hours(0, 0.3, -0.2)
    body = (await send(client, order(part(energy=watt_hours(6000))))).body
    assert body["tariff"]["value"] == -1.2
    assert body["savings"] == {"value": 1.2, "percentage": 0}


async def test_least_sure_price(client, world) -> None:
    world.import_prices = (
        *hours(0.1, 0.3),
        *hours(0, 0, 0.2, 0.4, confidence=0.6)[2:],
    )
    body = (await send(client, order(part(energy=watt_hours(6000)), HEATING))).body
    car, heater = body["data"]
    assert car["tariff"]["confidence"] == 1
    assert heater["tariff"]["confidence"] == 0.6
    assert body["tariff"]["confidence"] == 0.6


# What is known when: tomorrow's prices appear at 13:00 local time, which is 12:00 UTC in winter.


async def test_published_prices_only(client, world, freezer) -> None:
    world.import_prices, world.publication = built_in("winter", TODAY).prices, time(13)
    tonight = order(part(start_time="2026-01-15T20:00:00Z", end_time="2026-01-16T06:00:00Z"))
    freezer.move_to("2026-01-15T11:59:59Z")
    await client.login()
    # up to midnight
    assert running(await send(client, tonight))[-1][1] <= "23:00:00"
    later = part(HEATER.id, start_time="2026-01-16T00:00:00Z", end_time="2026-01-16T06:00:00Z")
    answer = await send(client, order(later))
    assert (answer.status, answer.body["code"]) == (422, "no_price_data")
    # who is asked for beside a device whose prices are known, gets nothing
    both = order(*tonight["data"], later)
    body = (await send(client, both)).body
    assert body["data"][0]["schedule"]
    assert body["data"][1]["schedule"] == []
    assert body["data"][1]["tariff"] == {"value": 0, "confidence": 1}
    freezer.tick(1)
    steps = (await send(client, both)).body["data"][0]["schedule"]
    assert min(step["start_time"] for step in steps) >= "2026-01-16T00:00:00Z"
    assert (await send(client, both)).body["data"][1]["schedule"]


# Refusals that concern the tariff.


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("missing", [Direction.IMPORT, Direction.EXPORT])
async def test_no_tariff(client, world, dialect, missing) -> None:
    world.no_tariff = {missing}
    spelled = direction(dialect)
    parts = {way: part(**{spelled: way.upper()}) for way in ("import", "export")}
    message = f"No tariff connected for {missing.upper()} direction"
    for asked in (order(parts[missing]), order(*parts.values())):
        answer = await send(client, asked, dialect)
        assert answer.status == 422
        if dialect is Dialect.ZERO:
            assert answer.body == {"message": message}
        else:
            documented = example("error_422_no_tariff_connected")
            changed = {"time_created": 0, "message": message}
            assert answer.body | {"time_created": 0} == documented | changed
    other = parts["export" if missing is Direction.IMPORT else "import"]
    assert (await send(client, order(other), dialect)).status == 200


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_pending(client, world, dialect) -> None:
    world.pending = True
    answer = await send(client, order(part()), dialect)
    documented = example("error_422_pending_connect")
    assert answer.status == 422
    assert answer.body["message"] == documented["message"]
    assert dialect is Dialect.ZERO or answer.body["code"] == documented["code"]
    world.pending = False
    assert (await send(client, order(part()), dialect)).status == 200


@pytest.mark.parametrize("prices", [(), hours(None, None)])
async def test_no_price(client, world, prices) -> None:
    world.import_prices = prices
    answer = await send(client, order(part()))
    assert (answer.status, answer.body["code"]) == (422, "no_price_data")
    assert answer.body.keys() == example("error_422_no_price_data").keys()


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_deleted_device(client, world, dialect) -> None:
    asked = order(part(), HEATING)
    assert (await send(client, asked, dialect)).status == 200
    world.devices.remove(HEATER)
    answer = await send(client, asked, dialect)
    if dialect is Dialect.ZERO:
        assert (answer.status, answer.body) == (404, {"message": "Not Found"})
    else:
        assert answer.status == 422
        assert answer.body.keys() == example("error_422_no_tariff_connected").keys()
        assert answer.body["code"] == "device_not_found"
        assert answer.body["message"] == "data[1].device_id: no device dev_heater"
    assert (await send(client, order(part()), dialect)).status == 200


async def test_device_that_was_just_made(client, world) -> None:
    world.devices.clear()
    made = (await client.send("POST", "/devices", json={"reference_id": "Car"})).body["id"]
    assert (await send(client, order(part(made)))).body["data"][0]["device_id"] == made
    await client.send("DELETE", f"/devices/{made}")
    assert (await send(client, order(part(made)))).status == 422


async def test_night_of_the_summer_time(client, world) -> None:
    world.import_prices = built_in("autumn-back", TODAY).prices
    asked = part(start_time="2026-10-24T22:00:00+02:00", end_time="2026-10-25T07:00:00+01:00")
    steps = (await send(client, order(asked))).body["data"][0]["schedule"]
    energy = sum(
        step["power"]["value"]
        * (
            datetime.fromisoformat(step["end_time"]) - datetime.fromisoformat(step["start_time"])
        ).total_seconds()
        / 3600
        for step in steps
    )
    assert energy == pytest.approx(10000, abs=0.01)
