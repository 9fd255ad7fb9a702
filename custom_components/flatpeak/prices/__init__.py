"""Price sources inside Home Assistant, one small module each."""

from .additions import Additions, HourlyAmount, added, additions_of
from .amber import AmberSource
from .easyenergy import EasyEnergySource
from .energyzero import EnergyZeroSource
from .green_planet_energy import GreenPlanetSource
from .nordpool_core import NordPoolSource
from .omie_core import OmieSource
from .source import Choice, PriceSource, PriceSourceError, Reading
from .tibber import TibberSource
from .tibber_prices import TibberPricesSource

# By key. The order is the one in which choices are shown.
SOURCES: dict[str, PriceSource] = {
    source.key: source
    for source in (
        NordPoolSource(),
        TibberSource(),
        EnergyZeroSource(),
        EasyEnergySource(),
        OmieSource(),
        AmberSource(),
        GreenPlanetSource(),
        TibberPricesSource(),
    )
}

__all__ = [
    "SOURCES",
    "Additions",
    "Choice",
    "HourlyAmount",
    "PriceSource",
    "PriceSourceError",
    "Reading",
    "added",
    "additions_of",
]
