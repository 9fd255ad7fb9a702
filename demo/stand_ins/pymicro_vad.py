"""Stand-in: Home Assistant's voice assistant loads this; the real one needs a C compiler."""


class MicroVad:
    """Tells speech from silence. Not in the demo."""
