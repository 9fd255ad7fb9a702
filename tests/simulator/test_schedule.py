"""What is answered: the planner's windows on the prices that are published."""

from datetime import UTC, datetime, time, timedelta

import pytest

from custom_components.flatpeak.model import Direction, Slot
from simulator import Location, built_in

from .conftest import TODAY, example

HOUR = timedelta(hours=1)
TOMORROW = {"start_time": "2026-01-15T23:00:00Z", "end_time": "2026-01-16T23:00:00Z"}
BOTH_DAYS = {"start_time": "2026-01-14T23:00:00Z", "end_time": "2026-01-16T23:00:00Z"}


def hours(start: str, *rates: float | None) -> tuple[Slot, ...]:
    first = datetime.fromisoformat(start)
    return tuple(
        Slot(first + number * HOUR, first + (number + 1) * HOUR, rate)
        for number, rate in enumerate(rates)
    )


async def test_the_cheapest_hours(client) -> None:
    answer = await client.ask()
    assert answer.status == 200
    assert answer.slots == [("2026-01-15T01:00:00Z", "2026-01-15T03:00:00Z")]


async def test_the_dearest_hours(client) -> None:
    answer = await client.ask(segment="HIGH")
    assert answer.slots == [("2026-01-15T16:00:00Z", "2026-01-15T18:00:00Z")]


async def test_touching_slots_are_one_at_their_average(client, world) -> None:
    world.import_prices = hours("2026-01-15T00:00:00Z", 0.1, 0.20002, 0.9, 0.3)
    body = (await client.ask(duration=150)).body
    assert [(slot["end_time"], slot["tariff"]) for slot in body["data"]] == [
        ("2026-01-15T02:00:00Z", {"rate_avg": 0.15001, "confidence": 1}),
        ("2026-01-15T03:30:00Z", {"rate_avg": 0.3, "confidence": 1}),
    ]


@pytest.mark.parametrize(
    ("rate", "sent"),
    [(0.1234567, "0.12346"), (-0.0000001, "0"), (-0.06149, "-0.06149"), (2.0, "2")],
)
async def test_rates_have_five_decimals(client, world, rate, sent) -> None:
    world.import_prices = hours("2026-01-15T00:00:00Z", rate)
    assert f'"rate_avg": {sent},' in (await client.ask()).text


async def test_forecast(client, world) -> None:
    start = datetime(2026, 1, 15, tzinfo=UTC)
    world.import_prices = [Slot(start, start + HOUR, 0.2, 0.6)]
    assert (await client.ask()).body["data"][0]["tariff"] == {"rate_avg": 0.2, "confidence": 0.6}


async def test_what_begins_before_the_window_is_cut(client) -> None:
    answer = await client.ask(start_time="2026-01-15T02:20:00Z", duration=60)
    assert answer.slots == [("2026-01-15T02:20:00Z", "2026-01-15T03:20:00Z")]


async def test_gap_in_the_prices(client, world) -> None:
    world.import_prices = hours("2026-01-15T00:00:00Z", 0.1, None, 0.3)
    answer = await client.ask(duration=600)
    assert answer.slots == [
        ("2026-01-15T00:00:00Z", "2026-01-15T01:00:00Z"),
        ("2026-01-15T02:00:00Z", "2026-01-15T03:00:00Z"),
    ]


@pytest.mark.parametrize(
    ("start", "end", "first", "update"),
    [
        ("14T23:00:00Z", "15T23:00:00Z", "15T01:00:00Z", "15T12:00:00Z"),
        ("14T23:00:00z", "15t23:00:00z", "15T01:00:00Z", "15T12:00:00Z"),
        ("14T23:00:00Z", "15T23:00:00+00:00", "15T01:00:00+00:00", "15T12:00:00+00:00"),
        ("14T23:00:00Z", "16T00:00:00+01:00", "15T02:00:00+01:00", "15T13:00:00+01:00"),
        ("15T00:00:00+01:00", "15T23:00:00Z", "15T01:00:00Z", "15T12:00:00Z"),
        ("15T00:00:00+01:00", "16T04:45:00+05:45", "15T06:45:00+05:45", "15T17:45:00+05:45"),
        ("14T23:00:00Z", "15T19:30:00-03:30", "14T21:30:00-03:30", "15T08:30:00-03:30"),
    ],
)
async def test_times_in_the_style_of_end_time(client, freezer, start, end, first, update) -> None:
    freezer.move_to("2026-01-15T08:00:00Z")
    await client.login()
    answer = await client.ask(start_time=f"2026-01-{start}", end_time=f"2026-01-{end}")
    assert answer.slots[0][0] == f"2026-01-{first}"
    assert answer.body["next_update"] == f"2026-01-{update}"
    assert answer.body["time_created"] == "2026-01-15T08:00:00Z"
    assert answer.body["request"]["start_time"] == f"2026-01-{start}"
    assert answer.body["request"]["end_time"] == f"2026-01-{end}"


async def test_each_answer_has_its_id(client) -> None:
    ids = [(await client.ask()).body["id"] for _ in range(2)]
    assert ids == ["std_000000000000000000000001", "std_000000000000000000000002"]


# What is known when: tomorrow's prices appear at 13:00 local time, which is 12:00 UTC in winter.


@pytest.fixture
def market(world):
    world.publication = time(13)
    return world


async def test_tomorrow_appears_at_one(client, market, freezer) -> None:
    freezer.move_to("2026-01-15T11:59:59Z")
    await client.login()
    before = await client.ask(**TOMORROW)
    assert (before.status, before.body["code"]) == (422, "no_price_data")
    assert before.body.keys() == example("error_422_no_price_data").keys()
    freezer.tick(1)
    after = await client.ask(**TOMORROW)
    assert after.slots == [("2026-01-16T01:00:00Z", "2026-01-16T03:00:00Z")]


async def test_a_window_into_the_unknown_gets_what_is_known(client, market, freezer) -> None:
    freezer.move_to("2026-01-15T11:30:00Z")
    await client.login()
    wanted = {"start_time": "2026-01-15T20:00:00Z", "end_time": "2026-01-16T06:00:00Z"}
    answer = await client.ask(**wanted, duration=240)
    assert answer.slots == [("2026-01-15T20:00:00Z", "2026-01-15T23:00:00Z")]
    freezer.move_to("2026-01-15T12:00:00Z")
    answer = await client.ask(**wanted, duration=240)
    assert answer.slots == [("2026-01-16T00:00:00Z", "2026-01-16T04:00:00Z")]


@pytest.mark.parametrize(
    ("now", "update"),
    [
        ("2026-01-14T23:00:00Z", "2026-01-15T12:00:00Z"),
        ("2026-01-15T11:59:59Z", "2026-01-15T12:00:00Z"),
        ("2026-01-15T12:00:00Z", "2026-01-16T12:00:00Z"),
        ("2026-01-15T22:59:59Z", "2026-01-16T12:00:00Z"),
    ],
)
@pytest.mark.parametrize("publication", [time(13), None])
async def test_next_update(client, world, freezer, now, update, publication) -> None:
    world.publication = publication
    freezer.move_to(now)
    await client.login()
    assert (await client.ask()).body["next_update"] == update


@pytest.mark.parametrize(
    ("name", "published", "last_midnight"),
    [
        ("spring-forward", "2027-03-27T12:00:00Z", "2027-03-28T22:00:00Z"),
        ("autumn-back", "2026-10-24T11:00:00Z", "2026-10-25T23:00:00Z"),
    ],
)
async def test_publication_before_a_changeover(
    client, market, freezer, name, published, last_midnight
) -> None:
    day = built_in(name, TODAY)
    market.import_prices = day.prices
    moment = datetime.fromisoformat(published)
    wanted = {
        "start_time": published,
        "end_time": (moment + 2 * timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration": 4000,
    }
    midnight = datetime.combine(day.date, time(), Location().zone).astimezone(UTC)
    freezer.move_to(moment - timedelta(seconds=1))
    await client.login()
    assert (await client.ask(**wanted)).slots[-1][1] == midnight.strftime("%Y-%m-%dT%H:%M:%SZ")
    freezer.move_to(moment)
    answer = await client.ask(**wanted)
    assert answer.slots[-1][1] == last_midnight


@pytest.mark.parametrize(
    ("now", "update"),
    [
        # 24 hours by the clock: 23 in spring, 25 in autumn
        ("2027-03-27T12:00:00Z", "2027-03-28T11:00:00Z"),
        ("2026-10-24T11:00:00Z", "2026-10-25T12:00:00Z"),
    ],
)
async def test_next_update_over_a_changeover(client, market, freezer, now, update) -> None:
    freezer.move_to(now)
    await client.login()
    assert (await client.ask()).body["next_update"] == update


@pytest.mark.parametrize(("name", "minutes"), [("spring-forward", 1380), ("autumn-back", 1500)])
async def test_length_of_a_changeover_day(client, world, name, minutes) -> None:
    day = built_in(name, TODAY)
    world.import_prices = day.prices
    zone = Location().zone
    start, end = (
        datetime.combine(date, time(), zone).isoformat()
        for date in (day.date, day.date + timedelta(days=1))
    )
    body = (await client.ask(start_time=start, end_time=end, duration=2000)).body
    (slot,) = body["data"]
    length = datetime.fromisoformat(slot["end_time"]) - datetime.fromisoformat(slot["start_time"])
    assert length == timedelta(minutes=minutes)
    # one style for the whole answer, on either side of the change
    assert slot["end_time"] == end


async def test_publication_at_another_hour_and_zone(client, world, freezer) -> None:
    world.publication = time(9, 30)
    world.locations = [Location(time_zone="Europe/London")]
    freezer.move_to("2026-01-15T09:29:59Z")
    await client.login()
    # a British day begins an hour later: 23:00 UTC is still today
    assert (await client.ask(**TOMORROW, duration=999)).slots[-1][1] == "2026-01-16T00:00:00Z"
    freezer.move_to("2026-01-15T09:30:00Z")
    assert (await client.ask(**TOMORROW, duration=999)).slots[-1][1] > "2026-01-16T12:00:00Z"


# Refusals that concern the tariff.


@pytest.mark.parametrize("direction", list(Direction))
async def test_no_tariff(client, world, direction) -> None:
    world.no_tariff = {direction}
    answer = await client.ask(direction=direction.upper())
    documented = example("error_422_no_tariff_connected")
    assert answer.status == 422
    assert {**answer.body, "time_created": 0} == {
        **documented,
        "time_created": 0,
        "message": f"No tariff connected for {direction.upper()} direction",
    }
    for other in set(Direction) - {direction}:
        assert (await client.ask(direction=other.upper())).status == 200


async def test_pending(client, world) -> None:
    world.pending = True
    answer = await client.ask()
    documented = example("error_422_pending_connect")
    assert answer.status == 422
    assert {**answer.body, "time_created": 0} == {**documented, "time_created": 0}
    world.pending = False
    assert (await client.ask()).status == 200


@pytest.mark.parametrize("prices", [(), hours("2026-01-15T00:00:00Z", None, None)])
async def test_no_price(client, world, prices) -> None:
    world.import_prices = prices
    answer = await client.ask()
    assert (answer.status, answer.body["code"]) == (422, "no_price_data")


async def test_prices_of_each_direction(client, world) -> None:
    async def rate(direction: str) -> float:
        return (await client.ask(direction=direction)).body["data"][0]["tariff"]["rate_avg"]

    world.import_prices = hours("2026-01-15T00:00:00Z", 0.1)
    assert [await rate(way) for way in ("IMPORT", "EXPORT", "LOCAL")] == [0.1, 0.1, 0.1]
    world.export_prices = hours("2026-01-15T00:00:00Z", 0.2)
    assert [await rate(way) for way in ("IMPORT", "EXPORT", "LOCAL")] == [0.1, 0.2, 0.2]
    world.local_prices = hours("2026-01-15T00:00:00Z", 0.3)
    assert [await rate(way) for way in ("IMPORT", "EXPORT", "LOCAL")] == [0.1, 0.2, 0.3]


async def test_calls_are_logged(client, world) -> None:
    await client.ask(duration=30, headers={})
    await client.get("/nowhere", params={"a": "b"}, headers={"Flatpeak-Version": "2025-09-14"})
    first, second = world.calls
    assert (first.method, first.path, first.status) == (
        "POST",
        "/schedules/duration/loc_65e42ce4d3b813479b252160",
        200,
    )
    assert first.body["duration"] == 30
    assert first.headers["Content-Type"] == "application/json"
    assert (second.query, second.status, second.body) == ({"a": "b"}, 404, None)
    assert second.headers["Flatpeak-Version"] == "2025-09-14"
    assert "Authorization" not in first.headers
    assert abs(datetime.now(UTC) - first.moment) < timedelta(minutes=1)
