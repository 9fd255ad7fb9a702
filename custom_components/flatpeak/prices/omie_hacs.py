"""OMIE, the custom integration: the Iberian exchange's prices by their start."""

from .attributes import AttributeSource, Shape


class OmieHacsSource(AttributeSource):
    """Prices that are not out yet are empty."""

    key = "omie_hacs"
    name = "OMIE"
    platform = "omie"
    currency = "EUR"
    shapes = (Shape(("today_hours", "tomorrow_hours")),)
