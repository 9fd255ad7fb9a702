"""What forms store of a schedule, read as a wish, and written again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from homeassistant.helpers import config_validation as cv

from .const import (
    ABOVE,
    ABSOLUTE,
    BELOW,
    CONF_ALWAYS_BELOW,
    CONF_CAP_ABSOLUTE,
    CONF_CAP_RELATIVE,
    CONF_CAPACITY,
    CONF_CONDITION,
    CONF_DAYS,
    CONF_DEVICE_ID,
    CONF_DIRECTION,
    CONF_DURATION,
    CONF_EFFICIENCY,
    CONF_END,
    CONF_ENERGY,
    CONF_ENERGY_ENTITY,
    CONF_FALLBACK,
    CONF_FLOOR,
    CONF_IN_ONE_PIECE,
    CONF_LEAST,
    CONF_LIMIT,
    CONF_LIMIT_KIND,
    CONF_MACHINE,
    CONF_MAX_EXPORT_POWER,
    CONF_MAX_IMPORT_POWER,
    CONF_MAX_POWER,
    CONF_MIN_POWER,
    CONF_MOST,
    CONF_MOST_STARTS,
    CONF_NEVER_ABOVE,
    CONF_PREFER,
    CONF_RUN_THROUGH,
    CONF_SEGMENT,
    CONF_SHORTEST_PAUSE,
    CONF_SHORTEST_RUN,
    CONF_SOC_ENTITY,
    CONF_START,
    CONF_TARGET_SOC,
    DAYS,
    DEFAULT_EFFICIENCY,
    RELATIVE,
)
from .model import (
    MINUTE,
    UNCONSTRAINED,
    AmountWish,
    Battery,
    Constraints,
    Direction,
    Frame,
    LimitWish,
    Preference,
    PriceCap,
    Segment,
    SiteRules,
    Wish,
)

type Json = Mapping[str, Any]


def form_frame(data: Json) -> Frame:
    """Read the hours that a form stored."""
    return Frame(
        cv.time(data[CONF_START]),
        cv.time(data[CONF_END]),
        frozenset(DAYS.index(day) for day in data.get(CONF_DAYS, DAYS)),
    )


def _frame_as_form(frame: Frame) -> dict[str, Any]:
    return {
        CONF_START: frame.start.isoformat(),
        CONF_END: frame.end.isoformat(),
        CONF_DAYS: [DAYS[day] for day in sorted(frame.days)],
    }


def form_wish(data: Json) -> Wish:
    """Read the wish that the form of a schedule by duration stored."""
    machine = data.get(CONF_MACHINE) or {}
    return Wish(
        Segment(data[CONF_SEGMENT]),
        Direction(data[CONF_DIRECTION]),
        cv.time_period_dict(data[CONF_DURATION]),
        form_frame(data),
        constraints=form_constraints(machine),
        fallback=cv.time(machine[CONF_FALLBACK]) if machine.get(CONF_FALLBACK) else None,
    )


def wish_as_form(wish: Wish) -> dict[str, Any]:
    """Write a wish in the words of the form; what is not set is left out."""
    minutes, seconds = divmod(wish.duration, MINUTE)
    machine = _constraints_as_form(wish.constraints)
    if wish.fallback:
        machine[CONF_FALLBACK] = wish.fallback.isoformat()
    return {
        CONF_SEGMENT: wish.segment.value,
        CONF_DIRECTION: wish.direction.value,
        CONF_DURATION: {
            "hours": minutes // 60,
            "minutes": minutes % 60,
            "seconds": seconds.total_seconds(),
        },
        **_frame_as_form(wish.frame),
        **({CONF_MACHINE: machine} if machine else {}),
    }


def form_constraints(data: Json) -> Constraints:
    """Read what a form or a call says of a machine. Raises ValueError."""
    starts, never, always = (
        data.get(name) for name in (CONF_MOST_STARTS, CONF_NEVER_ABOVE, CONF_ALWAYS_BELOW)
    )
    return Constraints(
        bool(data.get(CONF_IN_ONE_PIECE)),
        _minutes(data.get(CONF_SHORTEST_RUN)),
        _minutes(data.get(CONF_SHORTEST_PAUSE)),
        int(starts) if starts else None,
        None if never is None else float(never),
        None if always is None else float(always),
        Preference(data.get(CONF_PREFER, Preference.EARLY)),
        bool(data.get(CONF_RUN_THROUGH)),
    )


def _constraints_as_form(constraints: Constraints) -> dict[str, Any]:
    usual = UNCONSTRAINED
    given = {
        CONF_IN_ONE_PIECE: constraints.one_piece or None,
        CONF_SHORTEST_RUN: constraints.shortest_run / MINUTE or None,
        CONF_SHORTEST_PAUSE: constraints.shortest_pause / MINUTE or None,
        CONF_MOST_STARTS: constraints.most_starts,
        CONF_NEVER_ABOVE: constraints.never_beyond,
        CONF_ALWAYS_BELOW: constraints.always_within,
        CONF_PREFER: None
        if constraints.preference is usual.preference
        else constraints.preference.value,
        CONF_RUN_THROUGH: constraints.run_through or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def form_limit(data: Json) -> LimitWish:
    """Read the wish that the form of a schedule by price limit stored."""
    limit = float(data[CONF_LIMIT])
    relative = data[CONF_LIMIT_KIND] == RELATIVE
    most = data.get(CONF_MOST)
    return LimitWish(
        Segment.HIGH if data[CONF_CONDITION] == ABOVE else Segment.LOW,
        Direction(data[CONF_DIRECTION]),
        PriceCap(relative=limit) if relative else PriceCap(absolute=limit),
        form_frame(data),
        _minutes(data.get(CONF_LEAST)),
        None if most is None else _minutes(most),
    )


def limit_as_form(wish: LimitWish) -> dict[str, Any]:
    """Write it in the words of the form; what is not set is left out."""
    relative = wish.limit.absolute is None
    return {
        CONF_CONDITION: ABOVE if wish.segment is Segment.HIGH else BELOW,
        CONF_DIRECTION: wish.direction.value,
        CONF_LIMIT_KIND: RELATIVE if relative else ABSOLUTE,
        CONF_LIMIT: wish.limit.relative if relative else wish.limit.absolute,
        **_frame_as_form(wish.frame),
        **({CONF_LEAST: wish.least / MINUTE} if wish.least else {}),
        **({} if wish.most is None else {CONF_MOST: wish.most / MINUTE}),
    }


def _minutes(value: float | None) -> timedelta:
    return (value or 0) * MINUTE


@dataclass(frozen=True, slots=True)
class AmountForm:
    """What the form of a schedule by amount stored, but for the name.

    Without a `device_id` one is made in Flatpeak. The sensors are entity ids.
    """

    wish: AmountWish
    device_id: str | None = None
    battery: Battery | None = None
    soc_entity: str | None = None
    energy_entity: str | None = None

    @property
    def sensor(self) -> str | None:
        """The sensor that tells what is still missing."""
        return self.soc_entity or self.energy_entity


def amount_form(data: Json) -> AmountForm:
    """Read what the form of a schedule by amount stored."""
    soc_entity = data.get(CONF_SOC_ENTITY)
    battery = None
    if soc_entity:
        efficiency = data.get(CONF_EFFICIENCY, DEFAULT_EFFICIENCY)
        battery = Battery(float(data[CONF_CAPACITY]), float(efficiency) / 100)
    wish = AmountWish(
        Direction(data[CONF_DIRECTION]),
        form_frame(data),
        float(data[CONF_MAX_POWER]),
        float(data.get(CONF_MIN_POWER) or 0.0),
        energy=None if battery else float(data[CONF_ENERGY]),
        target_soc=float(data[CONF_TARGET_SOC]) if battery else None,
        fallback=cv.time(data[CONF_FALLBACK]) if data.get(CONF_FALLBACK) else None,
    )
    return AmountForm(
        wish,
        data.get(CONF_DEVICE_ID) or None,
        battery,
        soc_entity or None,
        data.get(CONF_ENERGY_ENTITY) or None,
    )


def amount_as_form(form: AmountForm) -> dict[str, Any]:
    """Write it in the words of the form."""
    wish = form.wish
    battery = form.battery and {
        CONF_CAPACITY: form.battery.capacity,
        CONF_EFFICIENCY: round(form.battery.efficiency * 100, 6),
    }
    given = {
        CONF_DIRECTION: wish.direction.value,
        CONF_ENERGY: wish.energy,
        CONF_TARGET_SOC: wish.target_soc,
        CONF_MAX_POWER: wish.max_power,
        CONF_MIN_POWER: wish.min_power or None,
        CONF_FALLBACK: wish.fallback.isoformat() if wish.fallback else None,
        CONF_DEVICE_ID: form.device_id,
        CONF_SOC_ENTITY: form.soc_entity,
        CONF_ENERGY_ENTITY: form.energy_entity,
        **(battery or {}),
        **_frame_as_form(wish.frame),
    }
    return {name: value for name, value in given.items() if value is not None}


def site_rules(options: Json) -> SiteRules:
    """Read the options of an entry."""
    limits = {
        Direction.IMPORT: options.get(CONF_MAX_IMPORT_POWER),
        Direction.EXPORT: options.get(CONF_MAX_EXPORT_POWER),
    }
    caps = {
        Direction.IMPORT: PriceCap(options.get(CONF_CAP_RELATIVE), options.get(CONF_CAP_ABSOLUTE)),
        Direction.EXPORT: PriceCap(absolute=options.get(CONF_FLOOR)),
    }
    return SiteRules(
        {way: float(limit) for way, limit in limits.items() if limit is not None},
        {way: cap for way, cap in caps.items() if cap != PriceCap()},
    )


def with_changes(kept: AmountWish, before: AmountWish, now: AmountWish) -> AmountWish:
    """Return a wish as entities left it, with what its form changed since.

    `before` and `now` are what the form said then and says today.
    """
    changed = {
        name: getattr(now, name)
        for name in ("energy", "target_soc", "max_power")
        if getattr(now, name) != getattr(before, name)
    }
    if changed.get("max_power", kept.max_power) < now.min_power:
        changed["max_power"] = now.max_power
    start = now.frame.start if now.frame.start != before.frame.start else kept.frame.start
    end = now.frame.end if now.frame.end != before.frame.end else kept.frame.end
    frame = Frame(start, end, now.frame.days)
    return replace(
        kept,
        direction=now.direction,
        min_power=now.min_power,
        frame=frame,
        fallback=now.fallback,
        **changed,
    )
