"""What forms store of a schedule, read as a wish, and written again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from homeassistant.helpers import config_validation as cv

from .const import (
    CONF_CAP_ABSOLUTE,
    CONF_CAP_RELATIVE,
    CONF_CAPACITY,
    CONF_DAYS,
    CONF_DEVICE_ID,
    CONF_DIRECTION,
    CONF_DURATION,
    CONF_EFFICIENCY,
    CONF_END,
    CONF_ENERGY,
    CONF_ENERGY_ENTITY,
    CONF_FLOOR,
    CONF_MAX_EXPORT_POWER,
    CONF_MAX_IMPORT_POWER,
    CONF_MAX_POWER,
    CONF_MIN_POWER,
    CONF_SEGMENT,
    CONF_SOC_ENTITY,
    CONF_START,
    CONF_TARGET_SOC,
    DAYS,
    DEFAULT_EFFICIENCY,
)
from .model import MINUTE, AmountWish, Battery, Direction, Frame, PriceCap, Segment, SiteRules, Wish

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
    return Wish(
        Segment(data[CONF_SEGMENT]),
        Direction(data[CONF_DIRECTION]),
        cv.time_period_dict(data[CONF_DURATION]),
        form_frame(data),
    )


def wish_as_form(wish: Wish) -> dict[str, Any]:
    """Write a wish in the words of the form."""
    minutes, seconds = divmod(wish.duration, MINUTE)
    return {
        CONF_SEGMENT: wish.segment.value,
        CONF_DIRECTION: wish.direction.value,
        CONF_DURATION: {
            "hours": minutes // 60,
            "minutes": minutes % 60,
            "seconds": seconds.total_seconds(),
        },
        **_frame_as_form(wish.frame),
    }


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
    return replace(kept, direction=now.direction, min_power=now.min_power, frame=frame, **changed)
