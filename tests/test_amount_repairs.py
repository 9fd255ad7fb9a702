"""Repairs of a schedule by amount: a target that is not met twice, and what would help."""

from datetime import UTC

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
import pytest

from simulator.faults import Fault

from .home import BRUSSELS, DAY, HOUR, MINUTE, SECOND, Home, hours, local, turned

EVENING = "2025-10-06T20:00:00"  # a Monday
ONCE, TWICE, THRICE = (f"2025-10-0{day}T07:01:00" for day in (7, 8, 9))

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")


@pytest.fixture
def plain(plain: Home) -> Home:
    """The plain home, with prices for a week that are known at once."""
    plain.world.import_prices = plain.world.import_prices[:24] * 7
    cheap = {23: 0.10, 2: 0.12, 3: 0.14}
    plain.world.import_prices = hours(
        [cheap.get(hour % 24, 0.30) for hour in range(168)], local("2025-10-06T00:00")
    )
    plain.world.publication = None
    return plain


def too_little_time(home: Home) -> None:
    home.add_amount(energy=80.0)


def too_little_power(home: Home) -> None:
    home.options(max_import_power=8.0)
    home.add_amount(energy=80.0, max_power=11.0)


def a_price_limit(home: Home) -> None:
    home.options(cap_absolute=0.13)
    home.add_amount()


def a_share_of_the_prices(home: Home) -> None:
    home.options(cap_relative=0.15)
    home.add_amount()


def a_price_to_sell_from(home: Home) -> None:
    home.world.export_prices = home.world.import_prices
    home.options(floor=0.31)
    home.add_amount(direction="export")


def a_limit_for_all(home: Home) -> None:
    """The boiler has to be ready first, and takes what the car needs."""
    home.options(max_import_power=8.0)
    home.add_amount(energy=48.0)
    home.add_amount(name="Boiler", energy=32.0, end="06:00:00")


def missing_prices(home: Home) -> None:
    home.world.import_prices = [
        slot
        for slot in home.world.import_prices
        if 0 < slot.start.hour < 3  # 02:00 to 04:00
    ]
    home.add_amount()


SITUATIONS = [
    pytest.param(too_little_time, "unmet_time", "8.0", id="time"),
    pytest.param(too_little_power, "unmet_time", "8.0", id="power of the home"),
    pytest.param(a_price_limit, "unmet_cap", "8.0", id="price limit"),
    pytest.param(a_share_of_the_prices, "unmet_cap", "8.0", id="share of the prices"),
    pytest.param(a_price_to_sell_from, "unmet_cap", "24.0", id="floor"),
    pytest.param(a_limit_for_all, "unmet_limit", "8.0", id="limit"),
    pytest.param(missing_prices, "unmet", "8.0", id="prices"),
]


def repairs(home: Home) -> dict[str, ir.IssueEntry]:
    """Return the repairs of the integration by what they are about."""
    issues = ir.async_get(home.hass).issues.values()
    return {issue.issue_id: issue for issue in issues if issue.domain == "flatpeak"}


async def nights(home: Home, until: str) -> None:
    """Live on to a morning, closely where a period ends and the next one is asked for."""
    while home.now < local(until):
        day = home.now.astimezone(BRUSSELS).replace(minute=0, second=0, microsecond=0)
        ends = [
            end.astimezone(UTC)
            for end in (day.replace(hour=6), day.replace(hour=7), day.replace(hour=6) + DAY)
            if end.astimezone(UTC) > home.now
        ]
        await home.live(min(ends[0] - 2 * MINUTE, local(until)), 5 * MINUTE)
        await home.live(min(ends[0] + MINUTE, local(until)), 2 * SECOND)


@pytest.mark.parametrize(("situation", "kind", "missing"), SITUATIONS)
async def test_twice_in_a_row_says_what_is_in_the_way(
    hass, plain, situation, kind, missing
) -> None:
    situation(plain)
    await plain.set_up(EVENING)
    assert float(plain.sensor("shortfall")) == pytest.approx(float(missing), abs=0.01)
    await nights(plain, ONCE)
    assert repairs(plain) == {}
    await nights(plain, TWICE)
    (issue,) = repairs(plain).values()
    assert issue.issue_id == "unmet_schedule1"
    assert issue.translation_key == kind
    assert issue.translation_placeholders == {"name": "Car", "missing": missing}
    assert (issue.severity, issue.is_fixable, issue.is_persistent) == ("warning", False, False)
    texts = await async_get_translations(hass, "en", "issues", {"flatpeak"})
    for part in ("title", "description"):
        words = texts[f"component.flatpeak.issues.{kind}.{part}"]
        said = words.format(**issue.translation_placeholders)
        assert "Car" in said
        if part == "description":
            assert f"{missing} kWh" in said


@pytest.mark.parametrize(
    ("situation", "help_it"),
    [
        pytest.param(too_little_time, {"energy": 70}, id="less energy"),
        pytest.param(too_little_time, {"max_power": 9}, id="more power"),
        pytest.param(too_little_time, {"start": "20:00:00"}, id="more time before"),
        pytest.param(too_little_time, {"end": "09:00:00"}, id="more time after"),
        pytest.param(a_price_limit, {"options": {}}, id="no price limit"),
        pytest.param(a_price_limit, {"options": {"cap_absolute": 0.14}}, id="a higher one"),
        pytest.param(a_price_limit, {"energy": 16}, id="less energy for the price"),
        pytest.param(
            a_price_to_sell_from, {"options": {"floor": 0.3}, "energy": 16}, id="a lower floor"
        ),
        pytest.param(a_limit_for_all, {"options": {"max_import_power": 9.0}}, id="a higher limit"),
        pytest.param(a_limit_for_all, {"energy": 40}, id="less energy for one of them"),
    ],
)
async def test_it_goes_as_soon_as_the_wish_can_be_met(hass, plain, situation, help_it) -> None:
    situation(plain)
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    assert repairs(plain)
    await plain.live("2025-10-08T12:00:00", HOUR)
    for what, value in help_it.items():
        if what == "options":
            await plain.change_options(**value)
        elif what in ("start", "end"):
            await plain.set_time(what, value)
        else:
            await plain.set_number(what, value)
    assert repairs(plain) == {}
    assert plain.sensor("shortfall") == "0.0"
    await nights(plain, THRICE)
    assert repairs(plain) == {}


async def test_it_goes_when_another_schedule_makes_room(hass, plain) -> None:
    a_limit_for_all(plain)
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    assert repairs(plain)
    await plain.set_number("energy", 16, "schedule2")
    assert repairs(plain) == {}
    assert plain.sensor("shortfall") == "0.0"


async def test_it_goes_when_prices_come(hass, plain) -> None:
    whole = plain.world.import_prices
    missing_prices(plain)
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    assert repairs(plain)
    plain.world.import_prices = whole
    # they are looked for when they usually come, in time for the night
    await plain.live("2025-10-08T14:10:00", 300 * SECOND)
    assert repairs(plain) == {}
    assert plain.sensor("shortfall") == "0.0"


async def test_a_change_that_does_not_help_enough_waits_for_two_nights_again(hass, plain) -> None:
    too_little_time(plain)
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    assert repairs(plain)
    await plain.set_number("energy", 76)
    assert repairs(plain) == {}
    await nights(plain, THRICE)
    assert repairs(plain) == {}
    await nights(plain, "2025-10-10T07:01:00")
    (issue,) = repairs(plain).values()
    assert issue.translation_placeholders["missing"] == "4.0"


async def test_a_night_that_works_out_in_between_starts_the_count_anew(hass, plain) -> None:
    whole = plain.world.import_prices
    missing_prices(plain)
    lacking = plain.world.import_prices
    await plain.set_up(EVENING)
    # what is known in the morning, when the next night is asked for
    for known, until in ((whole, ONCE), (lacking, TWICE), (lacking, THRICE)):
        await plain.live(local(until) - HOUR, HOUR)
        plain.world.import_prices = known
        await nights(plain, until)
        assert repairs(plain) == {}
    await nights(plain, "2025-10-10T07:01:00")
    assert list(repairs(plain)) == ["unmet_schedule1"]


@pytest.mark.parametrize(
    "left_out",
    [
        pytest.param(0.1, id="what a meter cannot tell"),
        pytest.param(0.7, id="a hundredth of what is wanted"),
    ],
)
async def test_a_little_is_not_worth_a_word(hass, plain, left_out) -> None:
    plain.add_amount(energy=72.0 + left_out)
    await plain.set_up(EVENING)
    assert float(plain.sensor("shortfall")) == pytest.approx(left_out, abs=0.01)
    await nights(plain, THRICE)
    assert repairs(plain) == {}
    await plain.set_number("energy", 73)
    await nights(plain, "2025-10-11T07:01:00")
    assert repairs(plain)


async def test_an_outage_is_nobody_s_wish(hass, plain) -> None:
    """Where nobody answered, nobody said that something does not fit."""
    plain.add_amount()
    with turned(plain.world, import_prices=()):
        await plain.set_up(EVENING)
        with turned(plain.world, faults={Fault.UNAVAILABLE}):
            await plain.live(THRICE, HOUR / 2)
            assert repairs(plain) == {}
    await plain.live("2025-10-09T21:00:00", HOUR / 2)
    assert plain.sensor("planned_energy") == "24.0"
    assert repairs(plain) == {}


async def test_late_prices_are_bad_luck_only(hass, plain) -> None:
    """The first answer for each night leaves something out, a later one does not."""
    whole = plain.world.import_prices
    missing_prices(plain)
    lacking = plain.world.import_prices
    await plain.set_up(EVENING)
    for until in (ONCE, TWICE, THRICE):
        assert plain.sensor("shortfall") == "8.0"
        plain.world.import_prices = whole
        await plain.live(local(until) - 7 * HOUR, HOUR)
        assert plain.sensor("shortfall") == "0.0"
        await plain.live(local(until) - HOUR, HOUR)
        plain.world.import_prices = lacking
        await nights(plain, until)
        assert repairs(plain) == {}


@pytest.mark.parametrize("how", ["switched off", "deleted", "disabled", "removed"])
@pytest.mark.parametrize(("situation", "kind", "missing"), SITUATIONS[:3])
async def test_it_goes_with_what_it_is_about(hass, plain, situation, kind, missing, how) -> None:
    situation(plain)
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    assert repairs(plain)
    entries = hass.config_entries
    if how == "switched off":
        await plain.enable(False)
    elif how == "deleted":
        entries.async_remove_subentry(plain.entry, "schedule1")
    elif how == "disabled":
        await entries.async_set_disabled_by(plain.entry.entry_id, ConfigEntryDisabler.USER)
    else:
        await entries.async_remove(plain.entry.entry_id)
    await plain.settle()
    assert repairs(plain) == {}
    if how == "switched off":
        # back on, it has two nights again
        await plain.enable(True)
        await nights(plain, THRICE)
        assert repairs(plain) == {}


async def test_of_a_schedule_deleted_while_nothing_was_loaded_none_is_left(hass, plain) -> None:
    too_little_time(plain)
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    await plain.stop()
    assert repairs(plain)
    hass.config_entries.async_remove_subentry(plain.entry, "schedule1")
    await plain.start()
    assert repairs(plain) == {}


async def test_after_a_restart_it_is_there_again(hass, plain) -> None:
    too_little_time(plain)
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    await plain.stop()
    ir.async_delete_issue(hass, "flatpeak", "unmet_schedule1")  # Home Assistant forgets them
    calls = len(plain.world.calls)
    await plain.start("2025-10-08T12:00:00")
    (issue,) = repairs(plain).values()
    assert (issue.translation_key, issue.translation_placeholders) == (
        "unmet_time",
        {"name": "Car", "missing": "8.0"},
    )
    assert len(plain.world.calls) == calls
    await plain.set_number("energy", 8)
    assert repairs(plain) == {}


async def test_a_restart_in_between_does_not_start_the_count_anew(hass, plain) -> None:
    too_little_time(plain)
    await plain.set_up(EVENING)
    await nights(plain, ONCE)
    await plain.stop()
    await plain.start("2025-10-07T12:00:00")
    await nights(plain, TWICE)
    assert repairs(plain)


async def test_each_schedule_has_its_own(hass, plain) -> None:
    plain.add_amount(energy=80.0)
    plain.add_amount(name="Boiler", energy=2.0, max_power=2.0)
    plain.add_amount(name="Van", energy=100.0)
    plain.add(name="Dryer")
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    assert repairs(plain).keys() == {"unmet_schedule1", "unmet_schedule3"}
    await plain.set_number("energy", 8, "schedule3")
    assert repairs(plain).keys() == {"unmet_schedule1"}


async def test_a_new_name_is_in_the_repair_too(hass, plain) -> None:
    too_little_time(plain)
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    subentry = plain.entry.subentries["schedule1"]
    hass.config_entries.async_update_subentry(
        plain.entry, subentry, title="Van", data={**subentry.data, "name": "Van"}
    )
    await plain.settle()
    (issue,) = repairs(plain).values()
    assert issue.translation_placeholders["name"] == "Van"


# Where several things could be in the way


async def test_a_battery_without_enough_time_is_told_so(hass, plain) -> None:
    hass.states.async_set("sensor.soc", "10", {"unit_of_measurement": "%"})
    plain.add_amount(
        energy=None, soc_entity="sensor.soc", capacity=100.0, target_soc=100.0, efficiency=100.0
    )
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    (issue,) = repairs(plain).values()
    assert issue.translation_key == "unmet_time"


async def test_a_price_limit_that_is_not_in_the_way_is_not_blamed(hass, plain) -> None:
    a_limit_for_all(plain)
    plain.options(max_import_power=8.0, cap_absolute=5.0)
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    (issue,) = repairs(plain).values()
    assert issue.translation_key in ("unmet_limit", "unmet")


async def test_a_limit_that_is_not_in_the_way_is_not_blamed(hass, plain) -> None:
    """All together want more than the limit, but not at the same time: prices are missing."""
    missing_prices(plain)
    plain.options(max_import_power=9.0)
    plain.add_amount(name="Boiler", energy=1.0, max_power=2.0, start="14:00:00", end="18:00:00")
    await plain.set_up(EVENING)
    await nights(plain, TWICE)
    assert repairs(plain)["unmet_schedule1"].translation_key == "unmet"
