"""Stand-in: Home Assistant's cameras load this; the real one needs a C compiler."""


class TurboJPEG:
    """Makes pictures smaller. Not in the demo."""

    def __init__(self) -> None:
        """Say so, in the way that Home Assistant expects."""
        raise OSError("not in the demo")
