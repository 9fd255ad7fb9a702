"""What survives a restart, and the options of a home."""

from .options import read_rules
from .store import FlatpeakStore

__all__ = ["FlatpeakStore", "read_rules"]
