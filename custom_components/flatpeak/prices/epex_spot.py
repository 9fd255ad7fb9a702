"""EPEX Spot: the exchange's prices or the total ones, by many data providers."""

from .attributes import AttributeSource, Shape


class EpexSpotSource(AttributeSource):
    """Older releases had other units in the names of their keys."""

    key = "epex_spot"
    name = "EPEX Spot"
    platform = "epex_spot"
    shapes = (
        Shape(("data",), "start_time", "price_per_kwh", "end_time"),
        Shape(("data",), "start_time", "price_eur_per_mwh", "end_time", unit="EUR/MWh"),
        Shape(("data",), "start_time", "price_ct_per_kwh", "end_time", unit="EURct/kWh"),
    )
