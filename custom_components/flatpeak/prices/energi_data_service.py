"""Energi Data Service: Danish prices with all fees, and a forecast of some days."""

from .attributes import AttributeSource, Shape


class EnergiDataServiceSource(AttributeSource):
    """The start of a price is called its hour also where it is a quarter of one."""

    key = "energi_data_service"
    name = "Energi Data Service"
    platform = "energidataservice"
    shapes = (Shape(("raw_today", "raw_tomorrow"), "hour", "price", forecasts=("forecast",)),)
