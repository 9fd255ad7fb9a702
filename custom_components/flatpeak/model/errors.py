"""What can go wrong between us and whoever knows prices, as one family.

No text of these errors ever holds a credential, a token or a request's headers.
"""


class FlatpeakError(Exception):
    """Flatpeak could not be asked, or did not answer the question.

    `retry_after` is how many seconds the server asked us to wait, where it said so.
    """

    retry_after: float | None = None


class FlatpeakConnectionError(FlatpeakError):
    """No usable connection: name, TLS, reset, time out, or trouble of the server itself (5xx)."""


class FlatpeakAuthError(FlatpeakError):
    """The account id and API key, or a fresh token, were refused (401, 403)."""


class FlatpeakAccountDisabledError(FlatpeakError):
    """The account is disabled or its subscription has ended."""


class FlatpeakRateLimitError(FlatpeakError):
    """Too many requests (429)."""


class FlatpeakNotYetError(FlatpeakError):
    """There are no prices yet. Flatpeak asks to wait 15 minutes at least."""


class FlatpeakNoTariffError(FlatpeakNotYetError):
    """No tariff is connected for the location in this direction."""


class FlatpeakVersionError(FlatpeakError):
    """The account's API version is newer than the one asked for.

    `version` is the account's, where the answer names it.
    """

    def __init__(self, message: str, version: str | None) -> None:
        """Keep the version that the account speaks."""
        super().__init__(message)
        self.version = version


class FlatpeakResponseError(FlatpeakError):
    """The answer cannot be understood. The text names the field."""


class FlatpeakRefusedError(FlatpeakResponseError):
    """The request was refused for what it says (4xx). The text is the server's own."""


class FlatpeakNotFoundError(FlatpeakRefusedError):
    """There is no such location, or no such address (404, 405)."""


class SourceError(FlatpeakConnectionError):
    """Prices in Home Assistant that cannot be read; `key` says what is wrong with them."""

    key = "source_not_ready"

    def __init__(self, key: str) -> None:
        """Name what is wrong."""
        super().__init__(key)
        self.key = key


class NoPriceFeedError(FlatpeakRefusedError):
    """The account has no prices that could be read."""


class NoPricesError(FlatpeakNotYetError):
    """No price of the time asked about is known here."""
