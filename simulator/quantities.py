"""Power and energy in the units of a request."""

from dataclasses import dataclass
from decimal import Decimal

from .faults import Fault
from .fields import Fields
from .state import Json, World

POWER_UNITS = ("W", "KW")
ENERGY_UNITS = ("WH", "KWH")
_OTHER = {"W": "KW", "KW": "W", "WH": "KWH", "KWH": "WH"}
MILLI_OF_KILO = 1_000_000
# More than all power stations of the world; it keeps every sum and product finite.
LARGEST = 1e9


@dataclass(frozen=True, slots=True)
class Quantity:
    """So much power or energy."""

    units: str
    value: float

    @property
    def milli(self) -> int:
        """In thousandths of a watt or watt-hour, rounded down."""
        return int(Decimal(repr(self.value)) * _MILLI[self.units])

    @property
    def kilo(self) -> float:
        """In kW or kWh, so that it is whole in thousandths of a watt or watt-hour."""
        return self.milli / MILLI_OF_KILO


_MILLI = {"W": 1000, "WH": 1000, "KW": MILLI_OF_KILO, "KWH": MILLI_OF_KILO}


def read_quantity(fields: Fields, name: str, units: tuple[str, ...]) -> Quantity:
    """Return a field that must be a quantity above nothing, in one of the units."""
    inner = fields.inner(name)
    unit = inner.text("units")
    if unit not in units:
        raise inner.invalid("units", f"must be {' or '.join(units)}")
    value = inner.numeral("value")
    if value <= 0:
        raise inner.invalid("value", "must be above 0")
    if value > LARGEST:
        raise inner.invalid("value", f"must be at most {LARGEST:.0f}")
    return Quantity(unit, value)


def write_quantity(quantity: Quantity, world: World) -> dict[str, Json]:
    """Write a quantity in its units, or in the other ones where a fault says so."""
    units, value = quantity.units, quantity.value
    if Fault.OTHER_UNITS in world.faults:
        units = _OTHER[units]
        value = round(value * _MILLI[quantity.units] / _MILLI[units], 9)
    return {"units": units, "value": _plain(value)}


def write_power(milliwatts: int, units: str, world: World) -> dict[str, Json]:
    """Write a power that is known in thousandths of a watt."""
    return write_quantity(Quantity(units, milliwatts / _MILLI[units]), world)


def _plain(value: float) -> float:
    """Leave out the `.0` of a whole number."""
    return int(value) if float(value).is_integer() else value
