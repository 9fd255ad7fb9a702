"""Stand-in: Home Assistant's voice assistant loads this; the real one needs a C compiler."""


class AudioProcessor:
    """Takes noise away. Not in the demo."""
