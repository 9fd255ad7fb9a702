"""How an account's dialect is learned: from its answers, and from what it refuses."""

from collections.abc import Awaitable, Callable, Collection, Sequence
import re

from ..model import Direction
from ..model.errors import (
    FlatpeakError,
    FlatpeakNoTariffError,
    FlatpeakNotFoundError,
    FlatpeakNotYetError,
    FlatpeakRefusedError,
    FlatpeakResponseError,
    FlatpeakVersionError,
)
from .dialect import Dialect

_NAMED = re.compile(rf"\b({'|'.join(direction.upper() for direction in Direction)})\b")


class OtherDirectionError(FlatpeakResponseError):
    """The direction went unread, so this is the answer to another question."""


def check_direction(answered: Direction | None, asked: Direction) -> None:
    """Refuse the answer for another direction."""
    if answered not in (None, asked):
        raise OtherDirectionError("direction is not the one asked for")


async def understood[D: Dialect, A](
    dialect: D,
    directions: Collection[Direction],
    ask: Callable[[D], Awaitable[A]],
    learn: Callable[[D], None],
) -> A:
    """Return an answer, and learn the dialect it was had in: errors teach which one that is.

    `directions` are those of the question.
    """
    tried = list[D]()
    refused = 0
    no_tariff: FlatpeakNoTariffError | None = None
    while True:
        tried.append(dialect)
        try:
            answer = await ask(dialect)
        except FlatpeakError as err:
            refused += isinstance(err, FlatpeakVersionError)
            # the account's version is learned once; whoever names another then is not followed
            lesson = _lesson(err, tried, directions) if refused <= 1 else None
            if lesson is None:
                if isinstance(err, FlatpeakNotYetError) and not _unread(err, directions):
                    learn(dialect)  # the question was understood
                if no_tariff is not None and isinstance(err, FlatpeakResponseError):
                    # only our guess was refused; the reason why nothing can be had was said before
                    raise no_tariff from err
                raise
            if isinstance(err, FlatpeakNoTariffError):
                no_tariff = err
            dialect = lesson
        else:
            learn(dialect)
            return answer


def _lesson[D: Dialect](
    error: FlatpeakError, tried: Sequence[D], directions: Collection[Direction]
) -> D | None:
    """Return the dialect that an error teaches, None when it teaches nothing new."""
    spoken = tried[-1]
    lessons: list[D] = []
    if isinstance(error, FlatpeakVersionError):
        lessons = [spoken.of(error.version)]
    elif isinstance(error, FlatpeakNotFoundError):
        lessons = spoken.elsewhere()
    elif _unread(error, directions) or (
        isinstance(error, FlatpeakRefusedError) and "not supported" not in str(error)
    ):
        # a refusal need not say why; the name of the direction is what differs
        lessons = [spoken.with_other_direction_name()]
    return next((lesson for lesson in lessons if lesson not in tried), None)


def _unread(error: FlatpeakError, directions: Collection[Direction]) -> bool:
    """Tell whether an error is for IMPORT, which a server takes where it reads no direction."""
    if isinstance(error, FlatpeakNoTariffError):
        named = set(_NAMED.findall(str(error)))
        return named == {Direction.IMPORT.upper()} and Direction.IMPORT not in directions
    return isinstance(error, OtherDirectionError)
