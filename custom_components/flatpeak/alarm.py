"""One moment in the future at which something is to be done."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant
from homeassistant.helpers.event import async_track_point_in_utc_time


class Alarm:
    """Calls an action at a moment, once; another moment takes the place of the first.

    `at` is the moment it is set to, None once it has gone off or was cancelled.
    """

    def __init__(
        self, hass: HomeAssistant, action: Callable[[], Coroutine[Any, Any, None] | None]
    ) -> None:
        """Remember what to do."""
        self._hass = hass
        self._action = action
        self._cancel: CALLBACK_TYPE | None = None
        self.at: datetime | None = None

    def set(self, at: datetime) -> None:
        """Go off at a moment; one that is over means now."""
        self.cancel()
        self.at = at
        self._cancel = async_track_point_in_utc_time(
            self._hass, HassJob(self._ring, cancel_on_shutdown=True), at
        )

    def cancel(self) -> None:
        """Do not go off."""
        self.at = None
        if self._cancel:
            self._cancel()
            self._cancel = None

    async def _ring(self, _now: datetime) -> None:
        self._cancel = self.at = None
        if (doing := self._action()) is not None:
            await doing
