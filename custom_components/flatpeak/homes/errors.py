"""The one table: Flatpeak's errors, and the words Home Assistant has for them."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed, HomeAssistantError

from ..const import DOMAIN
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
    NoPriceFeedError,
    NoPricesError,
    SourceError,
)

# The more special error first: the first row that fits counts.
_KEYS: tuple[tuple[type[FlatpeakError], str], ...] = (
    (FlatpeakAuthError, "invalid_auth"),
    (FlatpeakAccountDisabledError, "account_disabled"),
    (FlatpeakRateLimitError, "rate_limit"),
    (FlatpeakNoTariffError, "no_tariff"),
    (NoPricesError, "no_prices"),
    (FlatpeakNotYetError, "not_yet"),
    (FlatpeakVersionError, "version"),
    (FlatpeakNotFoundError, "not_found"),
    (NoPriceFeedError, "no_price_feed"),
    (FlatpeakRefusedError, "refused"),
    (FlatpeakResponseError, "bad_answer"),
    (FlatpeakConnectionError, "cannot_connect"),
)


def words(error: FlatpeakError) -> str:
    """Return the translation key that says what an error means to a person."""
    if isinstance(error, SourceError):
        return error.key
    return next((key for kind, key in _KEYS if isinstance(error, kind)), "unknown")


def failure[E: HomeAssistantError](
    error: FlatpeakError, kind: type[E]
) -> E | ConfigEntryAuthFailed:
    """Return what a coordinator or a set-up raises: Home Assistant tries again later.

    Refused credentials are another matter: Home Assistant asks the user for new ones.
    """
    if isinstance(error, FlatpeakAuthError):
        return _worded(error, ConfigEntryAuthFailed)
    return _worded(error, kind)


def _worded[E: HomeAssistantError](error: FlatpeakError, kind: type[E]) -> E:
    return kind(
        translation_domain=DOMAIN,
        translation_key=words(error),
        translation_placeholders={"error": str(error)},
    )


def action_failure(
    hass: HomeAssistant, entry: ConfigEntry, error: FlatpeakError
) -> HomeAssistantError:
    """Return what an action raises: the caller sees what went wrong."""
    if isinstance(error, FlatpeakAuthError):
        entry.async_start_reauth(hass)
    return _worded(error, HomeAssistantError)
