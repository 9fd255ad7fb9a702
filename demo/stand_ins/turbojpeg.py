"""Stand-in: Home Assistant's cameras load this; the real one needs a C compiler."""


class TurboJPEG:
    """Makes pictures smaller. Not in the demo."""
