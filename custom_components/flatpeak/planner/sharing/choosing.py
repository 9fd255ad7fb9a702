"""What suits a single device best, beside the others."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain, groupby
from operator import attrgetter

from ...model import Segment, Slot
from ..duration import select
from .flow import NOISE, Device, Interval
from .objective import better, objective
from .packing import Piece, Plan

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def number(moment: datetime) -> int:
    """Return a moment in microseconds."""
    return (moment - EPOCH) // MICROSECOND


@lru_cache(maxsize=2000)
def moment(number: int) -> datetime:
    """Return the moment that a number stands for."""
    return EPOCH + number * MICROSECOND


def settled(
    plan: Plan,
    choosy: Iterable[int],
    intervals: Sequence[Interval],
    devices: Sequence[Device],
    limit: int,
) -> Plan:
    """Let devices, one after the other, have what suits them better and harms nobody."""
    plan = list(plan)
    for index in choosy:
        others = list(chain.from_iterable(plan[:index] + plan[index + 1 :]))
        busy = _busy(others, limit - devices[index].power)
        own = _best(intervals, index, devices[index], busy)
        old, new = objective(plan[index]), objective(own)
        calmer = _restlessness(own) < _restlessness(plan[index])
        if better(new, old) or (calmer and not better(old, new)):
            plan[index] = own
    return plan


def _restlessness(pieces: Sequence[Piece]) -> tuple[int, int, list[int]]:
    """Return how often a device starts, how long it runs, and when: less is better."""
    ends = {piece.end for piece in pieces}
    starts = [piece.start for piece in pieces if piece.start not in ends]
    return len(starts), sum(piece.end - piece.start for piece in pieces), starts


def _busy(taken: Iterable[Piece], room: int) -> list[tuple[int, int]]:
    """Return when more power than this is taken."""
    changes = [
        (edge, power)
        for start, end, power, _ in taken
        for edge, power in ((start, power), (end, -power))
    ]
    busy, load, since = [], 0, None
    for at, change in sorted(changes):
        load += change
        if since is None and load > room + NOISE:
            since = at
        elif since is not None and load <= room + NOISE:
            if since < at:
                busy.append((since, at))
            since = None
    return busy


def _best(
    intervals: Sequence[Interval], index: int, device: Device, busy: Sequence[tuple[int, int]]
) -> list[Piece]:
    """Choose the best time at full power for a device, outside of what is busy."""
    free = sorted(_free(intervals, index, device, busy), key=attrgetter("cost"))
    missing = device.time
    chosen: list[Piece] = []
    for _, group in groupby(free, key=attrgetter("cost")):
        level = list(group)
        length = sum(piece.end - piece.start for piece in level)
        if length > missing:
            if missing:
                chosen += _placed(level, chosen, missing)
            break
        chosen += level
        missing -= length
    return sorted(chosen)


def _free(
    intervals: Sequence[Interval], index: int, device: Device, busy: Sequence[tuple[int, int]]
) -> Iterator[Piece]:
    """Return the time that a device may use."""
    ends = [until for _, until in busy]
    for start, end, cost, users in intervals:
        if not users >> index & 1:
            continue
        at = start
        for since, until in busy[bisect_right(ends, start) :]:
            if since >= end:
                break
            if at < since:
                yield Piece(at, since, device.power, cost)
            at = until
        if at < end:
            yield Piece(at, end, device.power, cost)


def _placed(level: Sequence[Piece], chosen: Iterable[Piece], missing: int) -> list[Piece]:
    """Choose so much of pieces that cost the same.

    `select` knows how. It need not see more than these, and what was chosen next to them.
    """
    starts, ends = {piece.start for piece in level}, {piece.end for piece in level}
    nearby = [piece for piece in chosen if piece.start in ends or piece.end in starts]
    slots = [
        Slot(moment(piece.start), moment(piece.end), rate)
        for rate, pieces in ((0.0, nearby), (1.0, level))
        for piece in pieces
    ]
    length = missing + sum(piece.end - piece.start for piece in nearby)
    windows = select(
        slots,
        length * MICROSECOND,
        Segment.LOW,
        start=min(slot.start for slot in slots),
        end=max(slot.end for slot in slots),
    ).windows
    return [
        piece._replace(start=start, end=end)
        for piece in level
        for window in windows
        if (start := max(piece.start, number(window.start)))
        < (end := min(piece.end, number(window.end)))
    ]
