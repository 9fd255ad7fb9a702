"""The locations of an account."""

import pytest

from custom_components.flatpeak.api import FlatpeakNotFoundError, FlatpeakResponseError
from custom_components.flatpeak.model import Location

from .conftest import refusal
from .questions import example
from .server import Answer

FULL = Location(
    "loc_641b90b758fb8e6293716e40",
    "LOC1234567890",
    "1-3, Strand, WC2N 5EH, London",
    "Europe/London",
    "EUR",
    live=True,
)


def page(*ids: str, more: object = False) -> dict:
    return {"object": "list", "has_more": more, "data": [{"id": name} for name in ids]}


async def names(client) -> list[str]:
    return [location.id for location in await client.locations()]


async def test_the_documented_location(client, server) -> None:
    server.says(example("anode_location_200"))
    assert await client.location("loc_641b90b758fb8e6293716e40") == FULL


async def test_the_documented_list(client, server) -> None:
    server.says(example("zero_locations_list_200"), page())
    assert await client.locations() == (FULL,)


async def test_none_is_an_answer(client, server) -> None:
    server.says(example("list_empty_200"))
    assert await client.locations() == ()


async def test_not_found_is_none_as_well(client, server) -> None:
    server.says(Answer({"message": "Not Found"}, 404))
    assert await client.locations() == ()
    await refusal(FlatpeakNotFoundError, client.location("loc_1"))


async def test_all_pages_are_read(client, server) -> None:
    server.says(page("a", "b", more=True), page("c", more=True), page("d"))
    assert await names(client) == ["a", "b", "c", "d"]
    assert [(asked.method, asked.path) for asked in server.asked] == [("GET", "/locations")] * 3
    assert [asked.query for asked in server.asked] == [
        {"limit": "100"},
        {"limit": "100", "starting_after": "b"},
        {"limit": "100", "starting_after": "c"},
    ]


@pytest.mark.parametrize("more", [False, None, "false", 0, 1, "true"])
async def test_only_a_clear_yes_means_more(client, server, more) -> None:
    server.says(page("a", more=more))
    assert await names(client) == ["a"]
    assert len(server.asked) == 1


async def test_a_page_that_comes_again_is_the_last(client, server) -> None:
    server.says(page("a", "b", more=True))
    assert await names(client) == ["a", "b"]
    assert len(server.asked) == 2


async def test_pages_may_overlap(client, server) -> None:
    server.says(page("a", "b", more=True), page("b", "c", more=True), page("d"))
    assert await names(client) == ["a", "b", "c", "d"]


async def test_an_empty_page_is_the_last(client, server) -> None:
    server.says(page("a", more=True), page(more=True))
    assert await names(client) == ["a"]
    assert len(server.asked) == 2


async def test_a_list_without_end_ends(client, server) -> None:
    async def another(request):
        return await Answer(page(f"loc_{len(server.asked)}", more=True))(request)

    server.says(another)
    assert len(await names(client)) == len(server.asked) == 50


@pytest.mark.parametrize(
    ("known", "label"),
    [
        pytest.param({}, "loc_1", id="its id"),
        pytest.param({"reference_id": " Home "}, "Home", id="its reference"),
        pytest.param({"reference_id": ""}, "loc_1", id="an empty reference is none"),
        pytest.param(
            {"postal_address": {"city": "London", "address_line1": "1", "country_code": "GB"}},
            "1, London",
            id="its address",
        ),
        pytest.param(
            {"reference_id": None, "postal_address": {"address_line1": " ", "city": "London "}},
            "London",
            id="what there is of its address",
        ),
        pytest.param({"postal_address": {}}, "loc_1", id="an empty address is none"),
        pytest.param({"postal_address": "1 Strand"}, "loc_1", id="nor is one in a text"),
        pytest.param({"postal_address": {"city": 7}}, "loc_1", id="nor one of numbers"),
        pytest.param(
            {"reference_id": "Home", "postal_address": {"city": "London"}}, "Home", id="both"
        ),
    ],
)
async def test_a_location_is_called_by_the_best_there_is(client, server, known, label) -> None:
    server.says({"id": "loc_1"} | known)
    assert (await client.location("loc_1")).label == label


@pytest.mark.parametrize("odd", [None, 7, [], {}, ""])
async def test_all_but_the_id_may_be_missing_or_odd(client, server, odd) -> None:
    fields = ("reference_id", "postal_address", "timezone", "currency_code", "live_mode")
    server.says({"id": " loc_1 "} | dict.fromkeys(fields, odd))
    assert await client.location("loc_1") == Location("loc_1")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        pytest.param({}, "data", id="no list"),
        pytest.param({"data": None}, "data", id="null"),
        pytest.param({"data": {}}, "data", id="an object"),
        pytest.param({"data": [{"id": "a"}, None]}, "data[1]", id="null in it"),
        pytest.param({"data": [{"id": "a"}, {}]}, "data[1].id", id="no id"),
        pytest.param({"data": [{"id": 7}]}, "data[0].id", id="a number"),
        pytest.param({"data": [{"id": " "}]}, "data[0].id", id="a blank"),
    ],
)
async def test_the_error_names_the_field(client, server, said, field) -> None:
    server.says(said)
    err = await refusal(FlatpeakResponseError, client.locations())
    assert str(err).startswith(f"{field} ")


async def test_a_single_location_has_an_id(client, server) -> None:
    server.says({"object": "location"})
    err = await refusal(FlatpeakResponseError, client.location("loc_1"))
    assert str(err) == "location.id is missing"
