"""Flatpeak's API over HTTP. No Home Assistant: a session is handed in."""

from .client import FlatpeakClient
from .dialect import (
    AmountDialect,
    Dialect,
    Dialects,
    DurationDialect,
    Form,
    LimitDialect,
    PriceDialect,
)
from .errors import (
    FlatpeakAccountDisabledError,
    FlatpeakAuthError,
    FlatpeakConnectionError,
    FlatpeakError,
    FlatpeakNoTariffError,
    FlatpeakNotFoundError,
    FlatpeakNotYetError,
    FlatpeakRateLimitError,
    FlatpeakRefusedError,
    FlatpeakResponseError,
    FlatpeakVersionError,
)

__all__ = [
    "AmountDialect",
    "Dialect",
    "Dialects",
    "DurationDialect",
    "FlatpeakAccountDisabledError",
    "FlatpeakAuthError",
    "FlatpeakClient",
    "FlatpeakConnectionError",
    "FlatpeakError",
    "FlatpeakNoTariffError",
    "FlatpeakNotFoundError",
    "FlatpeakNotYetError",
    "FlatpeakRateLimitError",
    "FlatpeakRefusedError",
    "FlatpeakResponseError",
    "FlatpeakVersionError",
    "Form",
    "LimitDialect",
    "PriceDialect",
]
