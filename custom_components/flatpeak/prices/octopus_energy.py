"""Octopus Energy: three events of a meter, one per day, with the rates of half hours."""

from ..model import Direction
from .attributes import AttributeSource, Shape

CURRENT = "_current_day_rates"


class OctopusEnergySource(AttributeSource):
    """One choice per meter: yesterday's, today's and tomorrow's rates belong together."""

    key = "octopus_energy"
    name = "Octopus Energy"
    platform = "octopus_energy"
    domain = "event"
    shapes = (Shape(("rates",), "start", "value_inc_vat", "end", unit="GBP/kWh"),)

    def others(self, identity: str) -> tuple[str, ...] | None:
        """Return the events of the day before and the day after; gas has rates too."""
        if "_electricity_" not in identity or not identity.endswith(CURRENT):
            return None
        meter = identity.removesuffix(CURRENT)
        return (f"{meter}_previous_day_rates", f"{meter}_next_day_rates")

    def direction(self, identity: str) -> Direction:
        """Return what a meter counts."""
        return Direction.EXPORT if identity.endswith(f"_export{CURRENT}") else Direction.IMPORT
