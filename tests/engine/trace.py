"""What led to a broken promise: the shortest run of events that still breaks it, as a test."""

from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from custom_components.flatpeak.engine import Effect
from custom_components.flatpeak.model.errors import FlatpeakError

from .watch import Expect, Happening, Violation, Watch

type Happened = tuple[datetime, Happening]

# From how many events on the home as it was is kept, and how many times.
_STRETCH = 150
_KEPT = 4


class Recorder:
    """Remembers the latest events, and the home before them."""

    def __init__(self, watch: Watch) -> None:
        """Begin with a home."""
        self.watch = watch
        self.events = 0
        self._kept: deque[tuple[Watch, list[Happened]]] = deque(maxlen=_KEPT)

    def take(self, happening: Happening, now: datetime) -> tuple[Effect, ...]:
        """Let something happen, and remember it. Raises Violation."""
        if self.events % _STRETCH == 0:
            self._kept.append((self.watch.copy(), []))
        self.events += 1
        self._kept[-1][1].append((now, happening))
        return self.watch.take(happening, now)

    def trace(self, broken: Violation) -> tuple[Watch, list[Happened]]:
        """Return a home and the fewest events after it that break the same promise."""
        kept = list(self._kept)
        if isinstance(kept[-1][1][-1][1], Expect):
            # what was not reached is only seen with all that happened in the period
            return kept[-1]
        for place in range(len(kept) - 1, -1, -1):
            start = kept[place][0]
            happened = [one for _, some in kept[place:] for one in some]
            if breaks(start, happened, broken.promise):
                return _shortest(start, happened, broken.promise)
        return kept[-1]


def replay(start: Watch, happened: Iterable[Happened]) -> Watch:
    """Let it happen again. Raises Violation."""
    watch = start.copy()
    for now, happening in happened:
        watch.take(happening, now)
    return watch


def breaks(start: Watch, happened: Iterable[Happened], promise: str) -> bool:
    """Tell whether events break a promise."""
    try:
        replay(start, happened)
    except Violation as err:
        return err.promise == promise
    return False


def _shortest(start: Watch, happened: list[Happened], promise: str) -> tuple[Watch, list[Happened]]:
    """Leave out what is not needed: from the beginning on first, then one by one."""
    home = start
    while len(happened) > 1:
        later = home.copy()
        with suppress(Violation):
            later.take(happened[0][1], happened[0][0])
        if not breaks(later, happened[1:], promise):
            break
        home, happened = later, happened[1:]
    size = len(happened) // 2
    while size >= 1:
        place = 0
        while place < len(happened):
            fewer = happened[:place] + happened[place + size :]
            if fewer and breaks(home, fewer, promise):
                happened = fewer
            else:
                place += size
        size //= 2
    return home, happened


def written(thing: object, depth: int = 0) -> str:  # noqa: C901  one for each type
    """Write something as code."""
    if is_dataclass(thing) and not isinstance(thing, type):
        parts = [
            f"{one.name}={written(getattr(thing, one.name), depth + 1)}"
            for one in fields(thing)
            if not _is_usual(thing, one.name)
        ]
        return f"{type(thing).__name__}({', '.join(parts)})"
    match thing:
        case Enum():
            return f"{type(thing).__name__}.{thing.name}"
        case datetime():
            return f'at("{thing.astimezone(UTC).replace(tzinfo=None).isoformat(" ")}")'
        case time():
            return repr(thing).removeprefix("datetime.")
        case timedelta():
            return f"timedelta(seconds={thing.total_seconds()})"
        case ZoneInfo():
            return f'ZoneInfo("{thing.key}")'
        case FlatpeakError():
            return f"{type(thing).__name__}({str(thing)!r})"
        case Mapping():
            inside = ", ".join(
                f"{written(key)}: {written(one, depth + 1)}" for key, one in thing.items()
            )
            return f"{{{inside}}}"
        case tuple():
            inside = ", ".join(written(one, depth + 1) for one in thing)
            return f"({inside}{',' * (len(thing) == 1)})"
        case frozenset():
            return (
                f"frozenset({{{', '.join(map(written, sorted(thing)))}}})"
                if thing
                else "frozenset()"
            )
    return repr(thing)


def _is_usual(thing: object, name: str) -> bool:
    """Tell whether a field says what it says when nothing is said."""
    kinds = {one.name: one for one in fields(thing)}  # type: ignore[arg-type]
    kind = kinds[name]
    value = getattr(thing, name)
    with suppress(TypeError):
        return bool(value == kind.default or value == kind.default_factory())  # type: ignore[misc]
    return False


def story(seed: int, broken: Violation, start: Watch, happened: list[Happened]) -> str:
    """Return what happened, to be read and to be run again."""
    lines = [f"seed {seed} breaks {broken}", "", f"HOME = {written(start.home)}", "HAPPENED = ["]
    lines += [f"    ({written(now)}, {written(one)})," for now, one in happened]
    return "\n".join([*lines, "]"])
