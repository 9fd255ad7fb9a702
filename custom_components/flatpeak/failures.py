"""The one table: Flatpeak's errors, and the words Home Assistant has for them."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady, HomeAssistantError
from homeassistant.helpers.update_coordinator import UpdateFailed

from .api import (
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
from .const import DOMAIN

# The more special error first: the first row that fits counts.
_KEYS: tuple[tuple[type[FlatpeakError], str], ...] = (
    (FlatpeakAuthError, "invalid_auth"),
    (FlatpeakAccountDisabledError, "account_disabled"),
    (FlatpeakRateLimitError, "rate_limit"),
    (FlatpeakNoTariffError, "no_tariff"),
    (FlatpeakNotYetError, "not_yet"),
    (FlatpeakVersionError, "version"),
    (FlatpeakNotFoundError, "not_found"),
    (FlatpeakRefusedError, "refused"),
    (FlatpeakResponseError, "bad_answer"),
    (FlatpeakConnectionError, "cannot_connect"),
)


def words(error: FlatpeakError) -> str:
    """Return the translation key that says what an error means to a person."""
    return next((key for kind, key in _KEYS if isinstance(error, kind)), "unknown")


def update_failure(error: FlatpeakError) -> UpdateFailed | ConfigEntryAuthFailed:
    """Return what a coordinator raises: Home Assistant logs it once, or asks for credentials."""
    if isinstance(error, FlatpeakAuthError):
        return ConfigEntryAuthFailed(translation_domain=DOMAIN, translation_key=words(error))
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=words(error),
        translation_placeholders={"error": str(error)},
    )


def setup_failure(error: FlatpeakError) -> ConfigEntryNotReady | ConfigEntryAuthFailed:
    """Return what setting up raises: Home Assistant tries again, or asks for credentials."""
    if isinstance(error, FlatpeakAuthError):
        return ConfigEntryAuthFailed(translation_domain=DOMAIN, translation_key=words(error))
    return ConfigEntryNotReady(
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
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=words(error),
        translation_placeholders={"error": str(error)},
    )
