"""What Flatpeak is asked for a schedule by amount, to the letter."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.flatpeak.api import AmountDialect, Dialect, Dialects, Form
from custom_components.flatpeak.api.dialect import ANODE, ZERO
from custom_components.flatpeak.model import AmountRequest, Direction, PriceCap

from .questions import EVENING, HOUR, amounts, demand, example, order
from .server import Asked

DOCUMENTED = example("zero_schedules_post_request")
# The same question as the documented one.
THE_SAME = order(
    demand(
        "dev_65e6d8334c8d715963d99db3",
        start=datetime(2022, 2, 1, 20, 14, tzinfo=UTC),
        end=datetime(2022, 2, 2, 6, tzinfo=UTC),
        energy=24.5,
        max_power=7,
    ),
    max_power=14,
    cap=PriceCap(relative=0.83, absolute=0.123),
)
HOME = DOCUMENTED["location_id"]


async def asked(client, server, request: AmountRequest, location: str = "loc_1") -> Asked:
    """Ask, and return what arrived."""
    server.says(amounts())
    await client.schedule_by_amount(location, request)
    return server.asked[-1]


def spelled(name: str) -> list[dict[str, Any]]:
    """Return the documented devices with another name for the direction."""
    return [
        {(name if key == "direction" else key): value for key, value in part.items()}
        for part in DOCUMENTED["data"]
    ]


def values(body: Any) -> list[float]:
    """Return all numbers of a body but the price cap's."""
    parts = [body, *body["data"]]
    return [
        part[name]["value"] for part in parts for name in ("max_power", "energy") if name in part
    ]


# In each dialect


async def test_zero_as_documented(client, server) -> None:
    seen = await asked(client, server, THE_SAME, HOME)
    assert (seen.method, seen.path, seen.query) == ("POST", "/schedules", {})
    assert seen.body == DOCUMENTED
    assert seen.version == "2024-08-24.zero"
    assert seen.headers["Content-Type"] == "application/json"


async def test_anode_has_the_location_in_the_path_and_spells_the_direction_anew(
    client, server
) -> None:
    client.dialects = Dialects(amount=AmountDialect.of(ANODE))
    seen = await asked(client, server, THE_SAME, HOME)
    assert (seen.method, seen.path, seen.query) == ("POST", f"/schedules/amount/{HOME}", {})
    assert seen.body == {
        "max_power": DOCUMENTED["max_power"],
        "shaving_threshold": DOCUMENTED["shaving_threshold"],
        "data": spelled("tariff_direction"),
    }
    assert seen.version == "2025-09-14.anode"


async def test_anode_in_its_older_spelling(client, server) -> None:
    client.dialects = Dialects(amount=AmountDialect(ANODE, Form.PATH, "direction"))
    seen = await asked(client, server, THE_SAME, HOME)
    assert seen.body == {name: DOCUMENTED[name] for name in DOCUMENTED if name != "location_id"}


async def test_a_newer_one_may_have_the_location_in_the_body(client, server) -> None:
    client.dialects = Dialects(
        amount=AmountDialect("2026-03-02.busbar", Form.BODY, "tariff_direction")
    )
    seen = await asked(client, server, THE_SAME, HOME)
    assert (seen.method, seen.path, seen.query) == ("POST", "/schedules/amount", {})
    assert seen.body == DOCUMENTED | {"data": spelled("tariff_direction")}
    assert seen.version == "2026-03-02.busbar"


async def test_without_a_version_it_is_the_account_s_own(client, server) -> None:
    client.dialects = Dialects(amount=AmountDialect.of(None))
    seen = await asked(client, server, THE_SAME, HOME)
    assert (seen.version, seen.path) == (None, f"/schedules/amount/{HOME}")


@pytest.mark.parametrize(
    ("version", "dialect"),
    [
        (None, AmountDialect(None, Form.PATH, "tariff_direction")),
        ("2024-08-24", AmountDialect("2024-08-24", Form.BODY, "direction")),
        (ZERO, AmountDialect()),
        ("2025-08-01", AmountDialect("2025-08-01", Form.PATH, "tariff_direction")),
        ("2025-08-01.anode", AmountDialect("2025-08-01.anode", Form.PATH, "tariff_direction")),
        ("2026-03-02.busbar", AmountDialect("2026-03-02.busbar", Form.PATH, "tariff_direction")),
        ("2030-01-01.yotta", AmountDialect("2030-01-01.yotta", Form.PATH, "tariff_direction")),
    ],
)
async def test_how_a_version_asks(version, dialect) -> None:
    assert AmountDialect.of(version) == dialect


async def test_the_date_of_zero_alone_asks_like_zero(client, server) -> None:
    client.dialects = Dialects(amount=AmountDialect.of("2024-08-24"))
    seen = await asked(client, server, THE_SAME, HOME)
    assert (seen.path, seen.version, seen.body) == ("/schedules", "2024-08-24", DOCUMENTED)


def test_a_dialect_asks_nothing_until_it_is_known_for_what() -> None:
    with pytest.raises(NotImplementedError):
        Dialect.of(ANODE)
    with pytest.raises(NotImplementedError):
        Dialect().elsewhere()


# Several devices


async def test_all_devices_are_in_one_question(client, server) -> None:
    seen = await asked(
        client,
        server,
        order(
            demand("dev_car"),
            demand("dev_battery", direction=Direction.EXPORT, energy=5, max_power=3),
            demand("dev_boiler", start=EVENING + HOUR, end=EVENING + 2 * HOUR, energy=1.5),
        ),
    )
    assert len(server.asked) == 1
    assert seen.body["data"] == [
        {
            "device_id": "dev_car",
            "direction": "IMPORT",
            "start_time": "2026-01-15T21:00:00Z",
            "end_time": "2026-01-16T06:00:00Z",
            "max_power": {"units": "W", "value": 7400},
            "energy": {"units": "WH", "value": 24000},
        },
        {
            "device_id": "dev_battery",
            "direction": "EXPORT",
            "start_time": "2026-01-15T21:00:00Z",
            "end_time": "2026-01-16T06:00:00Z",
            "max_power": {"units": "W", "value": 3000},
            "energy": {"units": "WH", "value": 5000},
        },
        {
            "device_id": "dev_boiler",
            "direction": "IMPORT",
            "start_time": "2026-01-15T22:00:00Z",
            "end_time": "2026-01-15T23:00:00Z",
            "max_power": {"units": "W", "value": 7400},
            "energy": {"units": "WH", "value": 1500},
        },
    ]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param(EVENING, "2026-01-15T21:00:00Z", id="UTC"),
        pytest.param(
            datetime(2026, 1, 15, 22, tzinfo=ZoneInfo("Europe/Brussels")),
            "2026-01-15T21:00:00Z",
            id="another zone",
        ),
        pytest.param(
            datetime(2025, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Brussels"), fold=1),
            "2025-10-26T01:30:00Z",
            id="the second of two",
        ),
        pytest.param(
            EVENING + timedelta(seconds=7, microseconds=999_999),
            "2026-01-15T21:00:07Z",
            id="no fractions",
        ),
    ],
)
async def test_times_are_in_utc_and_whole_seconds(client, server, start, expected) -> None:
    end = start.astimezone(UTC) + 9 * HOUR
    seen = await asked(client, server, order(demand(start=start, end=end)))
    assert seen.body["data"][0]["start_time"] == expected


# Units: whole W, rounded down; whole Wh, rounded up


@pytest.mark.parametrize(
    ("energy", "watt_hours"),
    [
        pytest.param(24, 24000, id="whole"),
        pytest.param(24.5, 24500, id="a half"),
        pytest.param(0.1 + 0.2, 300, id="float noise above"),
        pytest.param(8.2 * 3, 24600, id="float noise below"),
        pytest.param(1.0000000004, 1000, id="less than a millionth of a Wh"),
        pytest.param(1.000000001, 1001, id="a millionth of a Wh"),
        pytest.param(1.0001, 1001, id="a tenth of a Wh"),
        pytest.param(0.0001, 1, id="less than a Wh"),
        pytest.param(1000, 1_000_000, id="much"),
    ],
)
async def test_energy_is_in_whole_wh_rounded_up(client, server, energy, watt_hours) -> None:
    seen = await asked(client, server, order(demand(energy=energy)))
    assert seen.body["data"][0]["energy"] == {"units": "WH", "value": watt_hours}


@pytest.mark.parametrize(
    ("power", "watts"),
    [
        pytest.param(11, 11000, id="whole"),
        pytest.param(7.4, 7400, id="tenths"),
        pytest.param(0.1 + 0.2, 300, id="float noise above"),
        pytest.param(2.3 * 3, 6900, id="float noise below"),
        pytest.param(7.3999999999, 7400, id="less than a millionth of a W"),
        pytest.param(7.399999, 7399, id="a thousandth of a W less"),
        pytest.param(7.3999, 7399, id="a tenth of a W less"),
        pytest.param(0.001, 1, id="a W"),
    ],
)
async def test_power_is_in_whole_w_rounded_down(client, server, power, watts) -> None:
    seen = await asked(client, server, order(demand(max_power=power), max_power=power))
    assert seen.body["max_power"] == {"units": "W", "value": watts}
    assert seen.body["data"][0]["max_power"] == {"units": "W", "value": watts}


async def test_whole_numbers_are_written_without_a_point(client, server) -> None:
    seen = await asked(client, server, order(demand(energy=24.0, max_power=7.0), max_power=11.0))
    assert [type(value) for value in values(seen.body)] == [int, int, int]


@given(st.integers(1, 10**8), st.integers(1, 10**8), st.sampled_from([1, 3, 7, 10]))
def test_whole_w_and_wh_stay_what_they_are(watts, watt_hours, parts) -> None:
    """Whatever way the sum was reckoned, in parts or at once."""
    energy, power = (value / 1000 / parts * parts for value in (watt_hours, watts))
    call = AmountDialect().call("loc_1", order(demand(energy=energy, max_power=power)))
    assert values(call.body) == [11000, watts, watt_hours]


@given(st.floats(0.001, 1e6), st.floats(0.001, 1e6))
def test_no_less_energy_and_no_more_power_than_wanted(power, energy) -> None:
    call = AmountDialect().call(
        "loc_1", order(demand(energy=energy, max_power=power), max_power=power)
    )
    site, watts, watt_hours = values(call.body)
    noise = 1e-6 + energy * 1e-9
    assert energy * 1000 - noise <= watt_hours < energy * 1000 + 1
    noise = 1e-6 + power * 1e-9
    assert power * 1000 - 1 < watts == site <= power * 1000 + noise


# The price cap


@pytest.mark.parametrize(
    ("cap", "expected"),
    [
        pytest.param(PriceCap(relative=0.83), {"relative": 0.83}, id="relative"),
        pytest.param(PriceCap(absolute=0.123), {"absolute": 0.123}, id="absolute"),
        pytest.param(PriceCap(0.83, 0.123), {"relative": 0.83, "absolute": 0.123}, id="both"),
        pytest.param(PriceCap(absolute=0), {"absolute": 0}, id="nothing may be paid"),
        pytest.param(PriceCap(absolute=-0.05), {"absolute": -0.05}, id="somebody has to pay us"),
        pytest.param(PriceCap(relative=0), {"relative": 0}, id="the lowest price of all"),
    ],
)
@pytest.mark.parametrize("version", [ZERO, ANODE])
async def test_the_price_cap(client, server, version, cap, expected) -> None:
    client.dialects = Dialects(amount=AmountDialect.of(version))
    seen = await asked(client, server, order(cap=cap))
    assert seen.body["shaving_threshold"] == expected


@pytest.mark.parametrize("version", [ZERO, ANODE])
async def test_without_a_price_cap_nothing_is_said_of_one(client, server, version) -> None:
    client.dialects = Dialects(amount=AmountDialect.of(version))
    seen = await asked(client, server, order())
    assert "shaving_threshold" not in seen.body


# Ids


@pytest.mark.parametrize(
    ("location", "quoted"),
    [
        pytest.param("loc_1", "loc_1", id="as they are"),
        pytest.param("a/../b", "a%2F..%2Fb", id="a path"),
        pytest.param("a?b", "a%3Fb", id="a query"),
        pytest.param("a b#c%", "a%20b%23c%25", id="other signs"),
        pytest.param("Zürich", "Z%C3%BCrich", id="other letters"),
    ],
)
async def test_ids_are_quoted_in_the_path_alone(client, server, location, quoted) -> None:
    assert (await asked(client, server, order(), location)).body["location_id"] == location
    client.dialects = Dialects(amount=AmountDialect.of(ANODE))
    seen = await asked(client, server, order(), location)
    assert seen.path == f"/schedules/amount/{quoted}"
    assert "location_id" not in seen.body


# What is no question


async def test_three_days_are_the_most(client, server) -> None:
    longest = demand(end=EVENING + 72 * HOUR)
    await asked(client, server, order(longest))
    longer = demand("dev_2", end=EVENING + 72 * HOUR + timedelta(seconds=1))
    with pytest.raises(ValueError, match="three days"):
        await client.schedule_by_amount("loc_1", order(longest, longer))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        pytest.param(order(demand(), demand("dev_2", energy=0)), "some energy", id="no energy"),
        pytest.param(order(demand(energy=-1)), "some energy", id="less than no energy"),
        pytest.param(order(demand(max_power=0)), "a watt", id="no power"),
        pytest.param(order(demand(max_power=-7)), "a watt", id="less than no power"),
        pytest.param(order(max_power=0), "a watt", id="no power of the site"),
        pytest.param(order(max_power=-11), "a watt", id="less than no power of the site"),
        pytest.param(order(demand(max_power=0.0009)), "a watt", id="less than a W"),
        pytest.param(order(max_power=0.0009), "a watt", id="less than a W of the site"),
    ],
)
async def test_nothing_is_no_question(client, server, request_, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        await client.schedule_by_amount("loc_1", request_)
    assert not server.logins


@pytest.mark.parametrize("energy", [1e-9, 1e-12])
async def test_next_to_no_energy_is_a_watt_hour(client, server, energy) -> None:
    seen = await asked(client, server, order(demand(energy=energy)))
    assert seen.body["data"][0]["energy"] == {"units": "WH", "value": 1}
