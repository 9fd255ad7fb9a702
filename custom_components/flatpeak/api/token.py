"""One bearer token for its lifetime."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from ..model.errors import FlatpeakError
from .wire import Token

# A public client of 2023 speaks of half an hour; the documentation always says expires_in.
_UNSAID = timedelta(minutes=25)
_EARLY = timedelta(minutes=5)


class TokenKeeper:
    """Logs in when a token is needed and none is good; one login at a time."""

    def __init__(self, login: Callable[[], Awaitable[Token]]) -> None:
        """Take the function that logs in."""
        self._login = login
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._renew_at = datetime.min.replace(tzinfo=UTC)
        self._logins = 0
        self._failure: FlatpeakError | None = None

    async def get(self, refused: Token | None = None) -> Token:
        """Return a token that is good, and is not the one just refused.

        Whoever comes while a login is under way waits for that one, and shares its failure.
        """
        logins = self._logins
        async with self._lock:
            token, now = self._token, datetime.now(UTC)
            if token is not None and token is not refused and now < self._renew_at:
                return token
            if self._failure is not None and logins != self._logins:
                raise self._failure
            self._token = self._failure = None
            try:
                token = self._token = await self._login()
            except FlatpeakError as err:
                self._failure = err
                raise
            finally:
                self._logins += 1
            self._renew_at = now + _good_for(token)
            return token


def _good_for(token: Token) -> timedelta:
    """Return how long to use a token: a little less than it lives."""
    if token.expires_in is None or token.expires_in <= 0:
        return _UNSAID
    life = timedelta(seconds=min(token.expires_in, 10 * 365 * 86400))
    return life - min(_EARLY, life / 10)
