"""Repairs: what a person has to mend, gone when it is mended."""

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
import pytest

from custom_components.flatpeak.model import Direction
from simulator.faults import Fault

from .home import MINUTE, Home, turned

EVENING = "2025-10-06T20:00:00"

pytestmark = pytest.mark.freeze_time("2025-10-06T18:00:00Z")

CAUSES = [
    pytest.param({"account_disabled": True}, "account_disabled", "import", id="account disabled"),
    *(
        pytest.param({"no_tariff": {way}}, f"no_tariff_{way}", way, id=f"no tariff to {way}")
        for way in map(str, Direction)
    ),
]


def repairs(home: Home) -> dict[str, ir.IssueEntry]:
    """Return the repairs of the integration by what they say."""
    issues = ir.async_get(home.hass).issues.values()
    return {issue.translation_key: issue for issue in issues if issue.domain == "flatpeak"}


@pytest.mark.parametrize(("trouble", "kind", "direction"), CAUSES)
async def test_a_repair_has_words_and_goes_when_the_cause_is_gone(
    hass, plain, trouble, kind, direction
) -> None:
    plain.add(direction=direction)
    await plain.set_up(EVENING)
    assert repairs(plain) == {}
    plain.set_clock("2025-10-06T20:10:00")
    with turned(plain.world, **trouble):
        await plain.update()
    assert list(repairs(plain)) == [kind]
    issue = repairs(plain)[kind]
    assert (issue.severity, issue.is_fixable, issue.is_persistent) == ("error", False, False)
    assert issue.learn_more_url == "https://dashboard.flatpeak.com"
    texts = await async_get_translations(hass, "en", "issues", {"flatpeak"})
    words = texts[f"component.flatpeak.issues.{kind}.description"]
    assert "Home" in words.format(**issue.translation_placeholders)

    # the plan that is there stays
    assert plain.sensor("planned_duration") == "180.0"
    plain.set_clock("2025-10-06T22:40:00")
    await plain.update()
    assert repairs(plain) == {}


@pytest.mark.parametrize(("trouble", "kind", "direction"), CAUSES)
async def test_a_repair_goes_by_itself(hass, plain, trouble, kind, direction) -> None:
    plain.add(direction=direction)
    with turned(plain.world, no_tariff=set(Direction)):
        await plain.set_up(EVENING)
    with turned(plain.world, **trouble):
        await plain.at("2025-10-06T21:00:00")
    await plain.live("2025-10-06T22:30:00", 15 * MINUTE)
    assert repairs(plain) == {}
    assert plain.sensor("planned_duration") == "180.0"


@pytest.mark.parametrize(("trouble", "kind", "direction"), CAUSES)
async def test_a_repair_goes_with_its_schedule(hass, plain, trouble, kind, direction) -> None:
    plain.add(direction=direction)
    with turned(plain.world, **trouble):
        if kind == "account_disabled":
            with turned(plain.world, account_disabled=False):
                await plain.set_up(EVENING)
            plain.set_clock("2025-10-06T20:10:00")
            await plain.update()
        else:
            await plain.set_up(EVENING)
        assert list(repairs(plain)) == [kind]
        hass.config_entries.async_remove_subentry(plain.entry, "schedule1")
        await plain.settle()
        assert repairs(plain) == {}


@pytest.mark.parametrize("how", ["removed", "disabled"])
@pytest.mark.parametrize(("trouble", "kind", "direction"), CAUSES)
async def test_a_repair_goes_with_its_entry(hass, plain, trouble, kind, direction, how) -> None:
    plain.add(direction=direction)
    await plain.set_up(EVENING)
    plain.set_clock("2025-10-06T20:10:00")
    with turned(plain.world, **trouble):
        await plain.update()
        assert list(repairs(plain)) == [kind]
        if how == "removed":
            await hass.config_entries.async_remove(plain.entry.entry_id)
        else:
            await hass.config_entries.async_set_disabled_by(
                plain.entry.entry_id, ConfigEntryDisabler.USER
            )
        await plain.settle()
    assert repairs(plain) == {}


async def test_a_repair_goes_when_no_schedule_uses_the_price_any_more(hass, plain) -> None:
    plain.add()
    plain.add(name="Battery", direction="export")
    plain.world.no_tariff = {Direction.EXPORT}
    await plain.set_up(EVENING)
    assert list(repairs(plain)) == ["no_tariff_export"]
    hass.config_entries.async_remove_subentry(plain.entry, "schedule2")
    await plain.settle()
    assert repairs(plain) == {}


async def test_a_repair_stays_over_a_reload_as_long_as_its_cause(hass, plain) -> None:
    plain.add(direction="export")
    plain.world.no_tariff = {Direction.EXPORT}
    await plain.set_up(EVENING)
    await hass.config_entries.async_reload(plain.entry.entry_id)
    await plain.settle()
    assert list(repairs(plain)) == ["no_tariff_export"]


async def test_one_direction_without_a_tariff_leaves_the_other_alone(hass, plain) -> None:
    plain.add()
    plain.add(name="Battery", direction="export")
    plain.world.no_tariff = {Direction.EXPORT}
    await plain.set_up(EVENING)
    assert plain.sensor("status") == "planned"
    assert plain.sensor("status", "schedule2") == "waiting"
    plain.set_clock("2025-10-06T20:10:00")
    await plain.update()
    assert list(repairs(plain)) == ["no_tariff_export"]


async def test_asking_for_a_price_that_no_schedule_uses_is_no_repair(hass, plain) -> None:
    plain.add()
    plain.world.no_tariff = {Direction.EXPORT}
    await plain.set_up(EVENING)
    with pytest.raises(Exception, match="No tariff is connected"):
        await hass.services.async_call(
            "flatpeak",
            "find_windows",
            {"duration": 60, "direction": "export"},
            blocking=True,
            return_response=True,
        )
    assert repairs(plain) == {}


@pytest.mark.parametrize(
    "trouble",
    [{"faults": {Fault.UNAVAILABLE}}, {"faults": {Fault.NOT_JSON}}, {"import_prices": ()}],
    ids=["under repair", "not JSON", "no prices yet"],
)
async def test_what_passes_by_itself_is_no_repair(hass, plain, trouble) -> None:
    plain.add()
    await plain.set_up(EVENING)
    with turned(plain.world, **trouble):
        await plain.update()
    assert repairs(plain) == {}


async def test_an_outage_does_not_take_a_repair_back(hass, plain) -> None:
    plain.add()
    await plain.set_up(EVENING)
    plain.set_clock("2025-10-06T20:10:00")
    with turned(plain.world, account_disabled=True):
        await plain.update()
    plain.set_clock("2025-10-06T20:20:00")
    with turned(plain.world, faults={Fault.UNAVAILABLE}):
        await plain.update()
    assert list(repairs(plain)) == ["account_disabled"]
