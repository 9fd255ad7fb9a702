"""Strømligning: Danish prices, today's at the price and tomorrow's at what says it is there."""

from .attributes import AttributeSource, Shape

# The price itself, and the sensor with the same price of tomorrow.
TOMORROW = {"current_price": "tomorrow_available", "spotprice": "tomorrow_spotprice"}


class StromligningSource(AttributeSource):
    """One choice per price: with and without fees and VAT, as the integration has them."""

    key = "stromligning"
    name = "Strømligning"
    platform = "stromligning"
    currency = "DKK"
    shapes = (Shape(("prices",), "start", "price", "end"),)

    def others(self, identity: str) -> tuple[str, ...]:
        """Return the sensor of tomorrow."""
        return tuple(
            f"binary_{identity.replace(today, tomorrow)}"
            for today, tomorrow in TOMORROW.items()
            if today in identity
        )
