"""Zonneplan: Dutch prices with taxes, in ten-millionths of a euro."""

from .attributes import AttributeSource, Shape


class ZonneplanSource(AttributeSource):
    """One list of what was, is and comes."""

    key = "zonneplan"
    name = "Zonneplan"
    platform = "zonneplan_one"
    shapes = (
        Shape(("forecast",), "datetime", "electricity_price", unit="EUR/kWh", scale=1e-7),
        Shape(("forcast",), "datetime", "electricity_price", unit="EUR/kWh", scale=1e-7),
    )
