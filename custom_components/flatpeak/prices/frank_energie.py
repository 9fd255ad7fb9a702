"""Frank Energie: Dutch and Belgian prices, all-in or in parts."""

from .attributes import AttributeSource, Shape


class FrankEnergieSource(AttributeSource):
    """Today and tomorrow are in one list, with a message in place of what is not there yet."""

    key = "frank_energie"
    name = "Frank Energie"
    platform = "frank_energie"
    currency = "EUR"
    shapes = (Shape(("prices",), "from", "price", "till"),)
