"""GE-Spot: prices of many markets in quarters of an hour."""

from .attributes import AttributeSource, Shape


class GeSpotSource(AttributeSource):
    """Its lists come from times of the clock: in autumn the hour that comes twice is there once.

    That hour stays without a price.
    """

    key = "ge_spot"
    name = "GE-Spot"
    platform = "ge_spot"
    shapes = (
        Shape(("today_interval_prices", "tomorrow_interval_prices"), "time", "value"),
        Shape(("today_hourly_prices", "tomorrow_hourly_prices"), "time", "value"),
    )
