"""What owners want, and how they change their minds."""

from dataclasses import replace
from datetime import time, timedelta
from random import Random

from custom_components.flatpeak.engine import Added, ScheduleState
from custom_components.flatpeak.model import (
    UNCONSTRAINED,
    AmountTarget,
    Battery,
    Constraints,
    Direction,
    DurationTarget,
    Form,
    Frame,
    KindName,
    Preference,
    PriceCap,
    PriceLimitTarget,
    Segment,
    SiteRules,
    Target,
)

_MINUTE = timedelta(minutes=1)
_FRAMES = (
    (time(22), time(7)),
    (time(22), time(7)),
    (time(), time()),
    (time(23, 30), time(5, 45)),
    (time(6), time(20)),
    (time(13), time(16)),
    (time(2), time(3)),
    (time(7), time(7)),
    (time(2, 30), time(2, 15)),
)
_WEEKEND, _WORKDAYS = frozenset({5, 6}), frozenset(range(5))


def drawn_frame(rng: Random) -> Frame:
    """Draw hours."""
    days = rng.choice(
        (frozenset(range(7)), frozenset(range(7)), _WEEKEND, _WORKDAYS, frozenset({2}))
    )
    return Frame(*rng.choice(_FRAMES), days)


def _direction(rng: Random) -> Direction:
    return Direction.EXPORT if rng.random() < 0.08 else Direction.IMPORT


def _fallback(rng: Random, frame: Frame) -> time | None:
    if rng.random() > 0.25:
        return None
    return rng.choice((frame.start, time(3), time(0), time(14)))


def _constraints(rng: Random) -> Constraints:
    if rng.random() < 0.7:
        return UNCONSTRAINED
    which = rng.randrange(7)
    return Constraints(
        one_piece=which == 0,
        shortest_run=rng.choice((30, 60)) * _MINUTE if which == 1 else timedelta(0),
        shortest_pause=30 * _MINUTE if which in {1, 2} else timedelta(0),
        max_starts=2 if which == 3 else None,
        never_beyond=rng.choice((0.1, 0.3)) if which == 4 else None,
        always_within=rng.choice((0.0, 0.05)) if which == 5 else None,
        preference=rng.choice(tuple(Preference)),
        run_through=which == 6,
    )


def drawn_target(rng: Random, kind: KindName, form: Form | None = None) -> Target:
    """Draw what somebody wants."""
    frame, way = drawn_frame(rng), _direction(rng)
    segment = Segment.HIGH if way is Direction.EXPORT else Segment.LOW
    if rng.random() < 0.05:
        segment = rng.choice(tuple(Segment))
    if kind is KindName.DURATION:
        minutes = rng.choice((15, 45, 60, 120, 180, 180, 300, 7, 1, 600, 1440))
        return DurationTarget(
            segment,
            way,
            minutes * _MINUTE,
            frame,
            constraints=_constraints(rng),
            fallback=_fallback(rng, frame),
        )
    if kind is KindName.PRICE_LIMIT:
        cap = (
            PriceCap(absolute=round(rng.uniform(-0.05, 0.4), 3))
            if rng.random() < 0.6
            else PriceCap(relative=round(rng.uniform(0.05, 0.9), 2))
        )
        minimum = rng.choice((0, 0, 60, 120)) * _MINUTE
        maximum = rng.choice((None, None, 180 * _MINUTE, 300 * _MINUTE))
        return PriceLimitTarget(segment, way, cap, frame, minimum=minimum, maximum=maximum)
    power = rng.choice((2.0, 3.7, 7.4, 11.0))
    with_soc = form is not None and form.soc_entity is not None
    return AmountTarget(
        way,
        frame,
        power,
        rng.choice((0.0, 0.0, 1.4)),
        energy=None if with_soc else rng.choice((0.5, 3.0, 10.0, 24.0, 60.0)),
        target_soc=rng.choice((60.0, 80.0, 100.0)) if with_soc else None,
        fallback=_fallback(rng, frame),
    )


def drawn_form(rng: Random, key: str, kind: KindName, *, sensors: bool) -> Form:
    """Draw the form of a new schedule."""
    how = rng.random()
    if kind is not KindName.AMOUNT or not sensors or how < 0.2:
        return Form(drawn_target(rng, kind))
    if how < 0.6:
        return Form(drawn_target(rng, kind), energy_entity=f"sensor.{key}")
    form = Form(
        AmountTarget(Direction.IMPORT, Frame(time(), time()), 7.4, target_soc=80.0),
        battery=Battery(rng.choice((10.0, 40.0, 75.0)), rng.choice((0.9, 1.0))),
        soc_entity=f"sensor.{key}",
    )
    return replace(form, target=drawn_target(rng, kind, form))


def drawn_schedule(rng: Random, number: int, *, sensors: bool, sparse: bool) -> Added:
    """Draw a new schedule; in a `sparse` year most are not for every day."""
    kind = rng.choice((KindName.DURATION,) * 3 + (KindName.PRICE_LIMIT,) + (KindName.AMOUNT,) * 2)
    key = f"{kind}{number}"
    form = drawn_form(rng, key, kind, sensors=sensors)
    if sparse and rng.random() < 0.75:
        days = rng.choice((_WEEKEND, frozenset({2}), frozenset({0, 3}), frozenset({6})))
        frame = replace(form.target.frame, days=days)
        form = replace(form, target=replace(form.target, frame=frame))
    return Added(key, key, kind, form)


def changed(rng: Random, state: ScheduleState) -> Target:
    """Draw what somebody makes of a target by its entities: a number, or its hours."""
    target, how = state.target, rng.random()
    if how < 0.35:
        frame = drawn_frame(rng)
        return replace(target, frame=replace(frame, days=target.frame.days))
    if isinstance(target, DurationTarget):
        return replace(target, duration=rng.randrange(1, 480) * _MINUTE)
    if isinstance(target, PriceLimitTarget):
        if target.limit.absolute is None:
            return replace(target, limit=PriceCap(relative=round(rng.uniform(0.05, 0.9), 2)))
        return replace(target, limit=PriceCap(absolute=round(rng.uniform(-0.05, 0.4), 3)))
    if target.target_soc is not None:
        return replace(target, target_soc=float(rng.randrange(20, 101)))
    if rng.random() < 0.5:
        return replace(target, max_power=max(rng.choice((2.0, 5.0, 11.0)), target.min_power))
    return replace(target, energy=round(rng.uniform(0.2, 40), 1))


def drawn_rules(rng: Random) -> SiteRules:
    """Draw limits of a home."""
    limits = {way: rng.choice((3.0, 5.0, 8.0, 14.0)) for way in Direction if rng.random() < 0.4}
    caps = {}
    if rng.random() < 0.25:
        relative = rng.random() < 0.5
        caps[Direction.IMPORT] = (
            PriceCap(relative=round(rng.uniform(0.2, 1), 2))
            if relative
            else PriceCap(absolute=round(rng.uniform(0.05, 0.5), 2))
        )
    return SiteRules(limits, caps)
