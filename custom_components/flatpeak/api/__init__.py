"""Flatpeak's API over HTTP. No Home Assistant: a session is handed in."""

from ..model.errors import (
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
from .client import FlatpeakClient
from .dialect import (
    AmountDialect,
    Dialect,
    Dialects,
    DurationDialect,
    Form,
    PriceDialect,
    PriceLimitDialect,
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
    "PriceDialect",
    "PriceLimitDialect",
]
