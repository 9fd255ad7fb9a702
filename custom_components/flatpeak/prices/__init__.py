"""Price sources inside Home Assistant, one small module each."""

from .additions import Additions, HourlyAmount, added, additions_of
from .amber import AmberSource
from .awattar import AwattarSource
from .easyenergy import EasyEnergySource
from .energi_data_service import EnergiDataServiceSource
from .energyzero import EnergyZeroSource
from .entsoe import EntsoeSource
from .epex_spot import EpexSpotSource
from .frank_energie import FrankEnergieSource
from .ge_spot import GeSpotSource
from .generic import GenericSource
from .green_planet_energy import GreenPlanetSource
from .nordpool_core import NordPoolSource
from .nordpool_hacs import NordpoolHacsSource
from .octopus_energy import OctopusEnergySource
from .omie_core import OmieSource
from .omie_hacs import OmieHacsSource
from .source import Choice, PriceSource, PriceSourceError, Reading
from .stromligning import StromligningSource
from .suggestion import suggest
from .tibber import TibberSource
from .tibber_prices import TibberPricesSource
from .zonneplan import ZonneplanSource

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
        NordpoolHacsSource(),
        OctopusEnergySource(),
        EpexSpotSource(),
        EntsoeSource(),
        EnergiDataServiceSource(),
        FrankEnergieSource(),
        OmieHacsSource(),
        GeSpotSource(),
        ZonneplanSource(),
        StromligningSource(),
        AwattarSource(),
        GenericSource(),
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
    "suggest",
]
