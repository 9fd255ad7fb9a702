"""The list of locations in pages, one location, and its status."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.flatpeak.model import Direction
from simulator import Dialect, Location, World

from .conftest import example

HOMES = [
    Location(id=f"loc_{number}", created=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(number))
    for number in range(35)
]


@pytest.fixture
def world() -> World:
    return World(locations=HOMES)


def ids(answer) -> list[str]:
    return [home["id"] for home in answer.body["data"]]


async def test_newest_first_thirty_at_a_time(client) -> None:
    first = await client.get("/locations")
    assert ids(first) == [f"loc_{number}" for number in range(34, 4, -1)]
    assert first.body["has_more"] is True
    rest = await client.get("/locations", params={"starting_after": ids(first)[-1]})
    assert ids(rest) == ["loc_4", "loc_3", "loc_2", "loc_1", "loc_0"]
    assert rest.body["has_more"] is False


@pytest.mark.parametrize(
    ("limit", "count", "more"), [(1, 1, True), (34, 34, True), (35, 35, False), (100, 35, False)]
)
async def test_limit(client, limit, count, more) -> None:
    answer = await client.get("/locations", params={"limit": limit})
    assert (len(ids(answer)), answer.body["has_more"]) == (count, more)


async def test_pages_of_ten_meet_without_gap(client) -> None:
    seen: list[str] = []
    more = True
    while more:
        after = {"starting_after": seen[-1]} if seen else {}
        answer = await client.get("/locations", params={"limit": 10, **after})
        seen += ids(answer)
        more = answer.body["has_more"]
    assert seen == [home.id for home in reversed(HOMES)]


async def test_after_the_last(client) -> None:
    answer = await client.get("/locations", params={"starting_after": "loc_0"})
    assert answer.body == example("list_empty_200")


async def test_none_at_all(client, world) -> None:
    world.locations = []
    assert (await client.get("/locations")).body == example("list_empty_200")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "limit_invalid"),
        ("limit=101", "limit_invalid"),
        ("limit=-1", "limit_invalid"),
        ("limit=ten", "limit_invalid"),
        ("limit=1.5", "limit_invalid"),
        ("limit=", "limit_invalid"),
        (f"limit={5000 * '0'}1", "limit_invalid"),
        ("limit=%C2%B2", "limit_invalid"),
        ("limit=5&limit=6", "limit_invalid"),
        ("starting_after=loc_none", "starting_after_invalid"),
        ("starting_after=", "starting_after_invalid"),
    ],
)
async def test_invalid_page(client, query, code) -> None:
    answer = await client.get(f"/locations?{query}")
    assert answer.status == 422
    assert answer.body.keys() == example("error_422_no_tariff_connected").keys()
    assert (answer.body["code"], answer.body["context"]) == (code, "api.location_list")


async def test_unknown_parameters_are_ignored(client) -> None:
    answer = await client.get("/locations?limit=1&page=2&page=3&%C2%AF=%00")
    assert ids(answer) == ["loc_34"]


@pytest.mark.parametrize(
    ("dialect", "shape"),
    [
        (Dialect.ZERO, example("zero_locations_list_200")["data"][0]),
        (Dialect.ANODE, example("anode_location_200")),
    ],
)
async def test_location_has_the_documented_fields(client, world, dialect, shape) -> None:
    world.version = dialect
    one = (await client.get("/locations/loc_3")).body
    assert one.keys() == shape.keys()
    for part in ("postal_address", "geo_location", "tariff_status"):
        assert one[part].keys() == shape[part].keys()
    assert one["id"] == "loc_3"
    assert one["timezone"] == "Europe/Brussels"
    assert one["live_mode"] is False
    assert one == (await client.get("/locations?limit=100")).body["data"][31]


async def test_location_in_busbar(client, world) -> None:
    world.version = Dialect.BUSBAR_B
    body = (await client.get("/locations/loc_3")).body
    assert {"tariff_status", "tariff_elements"}.isdisjoint(body)
    assert [tariff["direction"] for tariff in body["tariffs"]] == ["IMPORT", "EXPORT", "LOCAL"]
    world.version = Dialect.BUSBAR_A
    body = (await client.get("/locations/loc_3")).body
    assert body["tariff_elements"][0]["tariff_id"].startswith("trf_")


async def test_zone_and_currency(client, world) -> None:
    world.locations = [replace(HOMES[0], time_zone="Europe/London", currency="GBP")]
    body = (await client.get("/locations/loc_0")).body
    assert (body["timezone"], body["currency_code"]) == ("Europe/London", "GBP")


async def test_status(client) -> None:
    body = (await client.get("/locations/loc_3/status")).body
    documented = example("location_status_200")
    assert body.keys() == documented.keys()
    assert body["tariff_status"].keys() == documented["tariff_status"].keys()
    one = body["tariff_status"]["commodity_import"]
    assert one.keys() == documented["tariff_status"]["commodity_import"].keys()
    assert one["status"] == "CONNECTED"


async def test_what_is_not_connected(client, world) -> None:
    world.no_tariff = {Direction.EXPORT}
    status = (await client.get("/locations/loc_3/status")).body["tariff_status"]
    assert status["commodity_export"] == {"status": "NOT_CONNECTED"}
    assert status["commodity_import"]["status"] == "CONNECTED"
    status = (await client.get("/locations/loc_3")).body["tariff_status"]
    assert (status["commodity_export"], status["commodity_import"]) == (
        "NOT_CONNECTED",
        "CONNECTED",
    )


@pytest.mark.parametrize("path", ["/locations/loc_none", "/locations/loc_none/status"])
async def test_unknown_location(client, path) -> None:
    answer = await client.get(path)
    assert (answer.status, answer.body) == (404, {"message": "Not Found"})


async def test_busbar_has_no_status(client, world) -> None:
    world.version = Dialect.BUSBAR_B
    assert (await client.get("/locations/loc_3/status")).status == 404
