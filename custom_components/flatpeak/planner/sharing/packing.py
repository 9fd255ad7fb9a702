"""When in its intervals a device runs: at full power for a while where there is room."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from .flow import NOISE, Device, Interval, Shares, Spot


class Piece(NamedTuple):
    """A stretch of time at a steady power and one price."""

    start: int
    end: int
    power: int
    cost: float


# For each device: when it runs, in order.
type Plan = list[list[Piece]]


class _Job(NamedTuple):
    """A device's share in an interval that it does not need all of.

    `before` and `after`: it runs up to the interval's start, or has a share in the next one.
    """

    owner: int
    device: Device
    energy: int
    before: bool
    after: bool


def pack(
    intervals: Sequence[Interval], devices: Sequence[Device], shares: Shares, limit: int
) -> tuple[Plan, list[Spot]]:
    """Turn shares into pieces of time, in order.

    Also returns the spots where a device would have to run at less than it can.
    """
    plan: Plan = [[] for _ in devices]
    failed: list[Spot] = []
    for place, share in enumerate(shares):
        start, end, cost, _ = interval = intervals[place]
        room, partial = limit, []
        for index, energy in share.items():
            power = devices[index].power
            if energy == power * (end - start):
                plan[index].append(Piece(start, end, power, cost))
                room -= power
            elif energy >= power:
                partial.append(index)
        if len(partial) == 1 and share[partial[0]] == room * (end - start):
            # the usual case: one device gets what the limit leaves
            plan[partial[0]].append(Piece(start, end, room, cost))
            if room < devices[partial[0]].minimum:
                failed.append((place, partial[0]))
            continue
        if not partial:
            continue
        later = intervals[place + 1 : place + 2]
        following = shares[place + 1] if later and later[0].start == end else {}
        jobs = [
            _Job(
                index,
                devices[index],
                share[index],
                bool(plan[index]) and plan[index][-1].end == start,
                index in following,
            )
            for index in partial
        ]
        for job, found in _packed(jobs, interval, room):
            plan[job.owner] += found
            if any(piece.power < job.device.minimum for piece in found):
                failed.append((place, job.owner))
    return plan, failed


def _packed(jobs: Sequence[_Job], interval: Interval, room: int) -> list[tuple[_Job, list[Piece]]]:
    """Share the room of an interval out.

    The jobs run at full power, or at what the limit leaves them, next to their running
    before or after the interval, else as early as can be. Where that does not work out,
    they run throughout, at the power that makes it.
    """
    packed: list[tuple[_Job, list[Piece]]] = []
    beside: list[Piece] = []
    for job in sorted(jobs, key=lambda job: (not job.before, not job.after, job.owner)):
        found = _in_one(job, interval, beside, room) if beside else None
        found = found or _in_parts(job, interval, beside, room)
        if not found:
            return [(job, _throughout(job, interval)) for job in jobs]
        beside += found
        packed.append((job, found))
    return packed


def _in_one(job: _Job, interval: Interval, beside: Sequence[Piece], room: int) -> list[Piece]:
    """Run at full power without a break, if that is possible."""
    power = job.device.power
    length = _time(job.energy, power)
    if job.before:
        starts = [interval.start]
    elif job.after:
        starts = [interval.end - length]
    else:
        starts = [interval.start, *sorted(piece.end for piece in beside)]
    for start in starts:
        end = start + length
        peaks = [start, *(piece.start for piece in beside if start < piece.start < end)]
        if end <= interval.end and all(_load(beside, at) + power <= room + NOISE for at in peaks):
            return [Piece(start, end, power, interval.cost)]
    return []


def _in_parts(job: _Job, interval: Interval, beside: Sequence[Piece], room: int) -> list[Piece]:
    """Run at the power that the others leave, if that is enough."""
    edges = {interval.start, interval.end}
    edges.update(edge for piece in beside for edge in (piece.start, piece.end))
    stretches = list(pairwise(sorted(edges)))
    backwards = job.after and not job.before
    energy, found = job.energy, []
    for start, end in reversed(stretches) if backwards else stretches:
        power = room - _load(beside, start)
        if power > job.device.power - NOISE:
            power = job.device.power
        if power <= NOISE or power < job.device.minimum:
            continue
        length = min(end - start, _time(energy, power))
        if not length:
            break
        begin = end - length if backwards else start
        found.append(Piece(begin, begin + length, power, interval.cost))
        energy -= power * length
    return sorted(found) if energy < job.device.power else []


def _throughout(job: _Job, interval: Interval) -> list[Piece]:
    """Run all the time."""
    power = job.energy // (interval.end - interval.start)
    return [Piece(interval.start, interval.end, power, interval.cost)] if power > NOISE else []


def _time(energy: int, power: int) -> int:
    """Return how long so much energy takes, to the nearest microsecond."""
    return (energy + power // 2) // power


def _load(pieces: Iterable[Piece], moment: int) -> int:
    """Add up the power at a moment."""
    return sum(piece.power for piece in pieces if piece.start <= moment < piece.end)
