"""Nordpool, the custom integration; also whatever looks like its sensor."""

from .attributes import AttributeSource, Shape


class NordpoolHacsSource(AttributeSource):
    """Lists of today and tomorrow in which template sensors and other integrations follow it.

    It shares its domain with the integration that comes with Home Assistant, whose sensors
    have no lists.
    """

    key = "nordpool_hacs"
    name = "Nordpool"
    platform = "nordpool"
    shapes = (Shape(("raw_today", "raw_tomorrow"), "start", "value", "end"),)
