"""The answers that say no, as they are documented."""

from datetime import UTC, datetime

from .state import Json, World
from .times import UTC_STYLE, utc_now


class RefusedError(Exception):
    """The request is refused: a status, a body and perhaps headers."""

    def __init__(self, status: int, body: Json, headers: dict[str, str] | None = None) -> None:
        """Keep what is sent."""
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


def _now() -> str:
    return UTC_STYLE.write(utc_now())


def bad_credentials() -> RefusedError:
    """Refuse a login."""
    return RefusedError(403, {"message": "Bad credentials"})


def access_denied(world: World) -> RefusedError:
    """Refuse a token; the newer shape carries no message."""
    if world.version.shape.bare_errors:
        return bad_credentials()
    return RefusedError(
        403,
        {
            "object": "error",
            "type": "invalid_request",
            "code": "access_denied",
            "time_created": _now(),
        },
    )


def not_found() -> RefusedError:
    """Refuse an unknown id."""
    return RefusedError(404, {"message": "Not Found"})


def conflict() -> RefusedError:
    """Refuse a reference that is taken."""
    return RefusedError(409, {"message": "Conflict"})


def unprocessable(world: World, context: str, code: str, message: str) -> RefusedError:
    """Refuse what is asked, with the reason; a bare message in zero."""
    if world.version.shape.bare_errors:
        return RefusedError(422, {"message": message})
    return RefusedError(
        422,
        {
            "object": "error",
            "type": "invalid_request",
            "context": context,
            "code": code,
            "message": message,
            "time_created": _now(),
        },
    )


def account_disabled(world: World) -> RefusedError:
    """Refuse an account whose subscription has ended."""
    return RefusedError(
        422,
        {
            "object": "error",
            "live_mode": world.live_mode,
            "context": "api",
            "type": "api_error",
            "code": "account_disabled",
            "message": "Your account is disabled",
            "time_created": _now(),
        },
    )


def version_not_supported(world: World, message: str) -> RefusedError:
    """Refuse the version of the API that is asked for."""
    return RefusedError(
        422,
        {
            "object": "error",
            "live_mode": world.live_mode,
            "context": "api",
            "type": "invalid_request",
            "code": "api_version_not_supported",
            "message": message,
            # documented without a time zone
            "time_created": datetime.now(UTC)
            .replace(tzinfo=None)
            .isoformat(timespec="milliseconds"),
        },
    )


def too_many_requests(headers: dict[str, str]) -> RefusedError:
    """Refuse for now, with or without saying how long."""
    return RefusedError(
        429,
        {
            "object": "error",
            "type": "rate_limit",
            "code": "too_many_requests",
            "message": "Too many requests. Please retry after a short delay.",
            "time_created": _now(),
        },
        headers,
    )


def server_error() -> RefusedError:
    """Fail as a server does."""
    return RefusedError(500, {"message": "Internal Server Error"})


def unavailable() -> RefusedError:
    """Fail as a server under repair does."""
    return RefusedError(503, {"message": "Service Unavailable"})
