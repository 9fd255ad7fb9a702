"""The question of a schedule by amount."""

from dataclasses import dataclass

from custom_components.flatpeak.model import Demand, Direction, PriceCap, Span

from .dialects import Dialect
from .fields import Fields
from .quantities import ENERGY_UNITS, LARGEST, POWER_UNITS, Quantity, read_quantity
from .question import read_direction
from .refusals import RefusedError, not_found
from .times import TimeStyle

CONTEXT = "api.schedule_amount"
# No page says that own generation can be scheduled by amount.
DIRECTIONS = (Direction.IMPORT, Direction.EXPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One device's part of the request; its times are kept as they were written."""

    demand: Demand
    max_power: Quantity | None
    energy: Quantity
    style: TimeStyle
    start_time: str
    end_time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountQuestion:
    """A request for a schedule by amount."""

    max_power: Quantity
    entries: tuple[Entry, ...]
    threshold: dict[str, float] | None

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions that are asked about."""
        asked = {entry.demand.direction for entry in self.entries}
        return tuple(way for way in DIRECTIONS if way in asked)

    @property
    def cap(self) -> PriceCap | None:
        """The price cap."""
        return None if self.threshold is None else PriceCap(**self.threshold)


def read_amount_question(fields: Fields) -> AmountQuestion:
    """Check the fields of a request for a schedule by amount, or refuse."""
    max_power = read_quantity(fields, "max_power", POWER_UNITS)
    asked = "shaving_threshold" in fields.values
    threshold = _threshold(fields.inner("shaving_threshold")) if asked else None
    parts = fields.each("data") if "data" in fields.values else ()
    return AmountQuestion(
        max_power=max_power,
        threshold=threshold,
        entries=tuple(_entry(part, max_power) for part in parts),
    )


def _threshold(fields: Fields) -> dict[str, float]:
    """Read the price cap. The highest price counts 1, so no relative one lies above."""
    names = [name for name in ("relative", "absolute") if name in fields.values]
    threshold = {name: fields.numeral(name) for name in names}
    if not 0 <= threshold.get("relative", 1) <= 1:
        raise fields.invalid("relative", "must be between 0 and 1")
    if abs(threshold.get("absolute", 0)) > LARGEST:
        raise fields.invalid("absolute", f"must be within {LARGEST:.0f}")
    return threshold


def _entry(fields: Fields, site: Quantity) -> Entry:
    device_id = fields.text("device_id")
    if fields.world.device(device_id) is None:
        raise _unknown(fields, device_id)
    # required by the specification, which gives it a default nevertheless
    direction = read_direction(fields, DIRECTIONS)
    start, end, style = fields.window()
    max_power = None
    if "max_power" in fields.values:
        max_power = read_quantity(fields, "max_power", POWER_UNITS)
    energy = read_quantity(fields, "energy", ENERGY_UNITS)
    return Entry(
        demand=Demand(
            device_id, direction, Span(start, end), energy.kilo, (max_power or site).kilo
        ),
        max_power=max_power,
        energy=energy,
        style=style,
        start_time=fields.text("start_time"),
        end_time=fields.text("end_time"),
    )


def _unknown(fields: Fields, device_id: str) -> RefusedError:
    """Return the refusal of a device; the documentation has none, these are what would fit."""
    if fields.world.version is Dialect.ZERO:
        return not_found()
    return fields.refused("device_not_found", f"{fields.place}device_id: no device {device_id}")
