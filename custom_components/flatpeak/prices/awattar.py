"""aWATTar: what its public interface answers, in a REST sensor."""

from .attributes import AttributeSource, Shape


class AwattarSource(AttributeSource):
    """The exchange's prices per MWh, without taxes, in milliseconds since 1970."""

    key = "awattar"
    name = "aWATTar"
    platform = "awattar"
    shapes = (Shape(("data",), "start_timestamp", "marketprice", "end_timestamp", unit="EUR/MWh"),)
