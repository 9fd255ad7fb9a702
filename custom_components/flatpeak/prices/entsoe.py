"""ENTSO-e: the sensor of the average price lists the market's prices."""

from .attributes import AttributeSource, Shape


class EntsoeSource(AttributeSource):
    """The three lists have prices in common."""

    key = "entsoe"
    name = "ENTSO-e"
    platform = "entsoe"
    shapes = (Shape(("prices", "prices_today", "prices_tomorrow"), "time", "price"),)
