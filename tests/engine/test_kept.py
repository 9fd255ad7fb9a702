"""A form that has changed, while entities had changed what is wanted."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from custom_components.flatpeak.engine import KINDS
from custom_components.flatpeak.model import (
    AmountTarget,
    Constraints,
    Direction,
    DurationTarget,
    Frame,
    KindName,
    PriceCap,
    PriceLimitTarget,
    Segment,
)

HOUR = timedelta(hours=1)
DURATION, LIMIT, AMOUNT = KindName.DURATION, KindName.PRICE_LIMIT, KindName.AMOUNT
NIGHT = Frame(time(22), time(7))
LATER = Frame(time(23), time(6))

# What the form said, and what entities have made of that.
FORMS = {
    DURATION: DurationTarget(Segment.LOW, Direction.IMPORT, 3 * HOUR, NIGHT),
    LIMIT: PriceLimitTarget(Segment.LOW, Direction.IMPORT, PriceCap(absolute=0.2), NIGHT),
    AMOUNT: AmountTarget(Direction.IMPORT, NIGHT, 7.4, 1.4, energy=24.0),
}
NUMBERS = {
    DURATION: {"duration": HOUR},
    LIMIT: {"limit": PriceCap(absolute=0.1)},
    AMOUNT: {"energy": 10.0, "max_power": 3.7},
}
KEPT = {
    kind: replace(form, frame=LATER, enabled=False, **NUMBERS[kind]) for kind, form in FORMS.items()
}


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Start no Home Assistant."""


@pytest.fixture(autouse=True)
def _words() -> None:
    """Nothing is said here."""


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        pytest.param({}, {}, id="nothing changed: as entities left it"),
        pytest.param({"direction": Direction.EXPORT}, {"direction": Direction.EXPORT},
                     id="the direction"),
        pytest.param({"frame": Frame(time(21), time(7))}, {"frame": Frame(time(21), time(6))},
                     id="the start"),
        pytest.param({"frame": Frame(time(22), time(8))}, {"frame": Frame(time(23), time(8))},
                     id="the end"),
        pytest.param({"frame": Frame(time(20), time(8))}, {"frame": Frame(time(20), time(8))},
                     id="both"),
        pytest.param({"frame": Frame(time(22), time(7), frozenset({1}))},
                     {"frame": Frame(time(23), time(6), frozenset({1}))}, id="the days"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", KindName)
def test_of_a_form_only_what_it_changed_wins(kind, form, expected) -> None:
    was = FORMS[kind]
    kept = KINDS[kind].kept(KEPT[kind], was, replace(was, **form))
    assert kept == replace(KEPT[kind], **expected)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        pytest.param(DURATION, {"duration": 2 * HOUR}, id="the duration"),
        pytest.param(DURATION, {"segment": Segment.HIGH}, id="the segment"),
        pytest.param(DURATION, {"constraints": Constraints(one_piece=True)}, id="a machine"),
        pytest.param(DURATION, {"fallback": time(3)}, id="when to begin without prices"),
        pytest.param(LIMIT, {"limit": PriceCap(absolute=0.3)}, id="the limit"),
        pytest.param(LIMIT, {"limit": PriceCap(relative=0.3)}, id="a limit of the other kind"),
        pytest.param(LIMIT, {"segment": Segment.HIGH}, id="above instead of below"),
        pytest.param(LIMIT, {"minimum": HOUR, "maximum": 2 * HOUR}, id="least and most"),
        pytest.param(AMOUNT, {"energy": 30.0}, id="the energy"),
        pytest.param(AMOUNT, {"max_power": 11.0}, id="the power"),
        pytest.param(AMOUNT, {"min_power": 2.0}, id="the least power"),
        pytest.param(AMOUNT, {"fallback": time(3)}, id="when energy is to begin without prices"),
        pytest.param(AMOUNT, {"energy": None, "target_soc": 80.0}, id="a battery instead"),
    ],
)
def test_what_only_some_kinds_have_wins_too(kind, changes) -> None:
    was = FORMS[kind]
    kept = KINDS[kind].kept(KEPT[kind], was, replace(was, **changes))
    assert kept == replace(KEPT[kind], **changes)


def test_a_target_entities_had_changed() -> None:
    form, kept = FORMS[AMOUNT], KEPT[AMOUNT]
    was = replace(form, energy=None, target_soc=80.0)
    changed = replace(kept, energy=None, target_soc=95.0)
    with_changes = KINDS[AMOUNT].kept
    assert with_changes(changed, was, was).target_soc == 95
    assert with_changes(changed, was, replace(was, target_soc=60.0)).target_soc == 60
    back = with_changes(changed, was, form)
    assert (back.energy, back.target_soc) == (24.0, None)


def test_a_least_power_above_what_entities_left_is_not_a_wish_nobody_can_meet() -> None:
    """The most was lowered to 3.7 kW by hand; the form now says that it takes 6 to run."""
    form = FORMS[AMOUNT]
    changed = KINDS[AMOUNT].kept(KEPT[AMOUNT], form, replace(form, min_power=6.0))
    assert changed.min_power == 6
    assert changed.max_power >= 6
