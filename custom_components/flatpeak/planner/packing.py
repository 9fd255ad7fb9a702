"""When in its intervals a device runs: at full power for a while where there is room."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from .flow import NOISE, Device, Interval, Shares


class Piece(NamedTuple):
    """A stretch of time at a steady power and one price."""

    start: int
    end: int
    power: int
    cost: float


class _Job(NamedTuple):
    """A device's share in an interval.

    `before` and `after`: it runs up to the interval's start, or has a share in the next one.
    """

    owner: int
    device: Device
    energy: int
    before: bool
    after: bool


def pack(
    intervals: Sequence[Interval], devices: Sequence[Device], shares: Shares, limit: int
) -> tuple[list[list[Piece]], list[tuple[int, int]]]:
    """Turn shares into pieces of time for each device, in order.

    Also returns (interval, device) of the shares that need less power than the device runs at.
    """
    pieces: list[list[Piece]] = [[] for _ in devices]
    failed = []
    for place, (interval, share) in enumerate(zip(intervals, shares, strict=True)):
        later = intervals[place + 1 : place + 2]
        following = shares[place + 1] if later and later[0].start == interval.end else {}
        jobs = [
            _Job(
                index,
                devices[index],
                energy,
                bool(pieces[index]) and pieces[index][-1].end == interval.start,
                index in following,
            )
            for index, energy in share.items()
        ]
        for index, found in _packed(jobs, interval, limit):
            pieces[index] += found
            if any(piece.power < devices[index].least for piece in found):
                failed.append((place, index))
    return pieces, failed


def _packed(
    jobs: Sequence[_Job], interval: Interval, limit: int
) -> Iterable[tuple[int, list[Piece]]]:
    """Share an interval out.

    Who needs all of it runs throughout. The others run at full power, or at what the limit
    leaves them, next to their running before or after the interval, else as early as can
    be. Where that does not work out, they run throughout at the power that makes it.
    """
    crowded = sum(job.device.power for job in jobs) > limit
    placed: list[Piece] = []
    plan: dict[int, list[Piece]] = {}
    for job in sorted(jobs, key=lambda job: _urgency(job, interval)):
        beside = placed if crowded else []
        found = _in_one(job, interval, beside, limit)
        if found is None:
            found = _in_parts(job, interval, beside, limit)
        if found is None:
            return [(job.owner, _throughout(job, interval)) for job in jobs]
        placed += found
        plan[job.owner] = found
    return plan.items()


def _urgency(job: _Job, interval: Interval) -> tuple[bool, bool, bool, int]:
    """Order those who have less choice first."""
    whole = job.energy == job.device.power * (interval.end - interval.start)
    return not whole, not job.before, not job.after, job.owner


def _throughout(job: _Job, interval: Interval) -> list[Piece]:
    """Run at the lowest power."""
    power = job.energy // (interval.end - interval.start)
    return [Piece(interval.start, interval.end, power, interval.cost)] if power > NOISE else []


def _in_one(
    job: _Job, interval: Interval, beside: Sequence[Piece], limit: int
) -> list[Piece] | None:
    """Run at full power without a break."""
    power = job.device.power
    length = job.energy // power
    if not length:
        return []
    if job.before:
        starts = [interval.start]
    elif job.after:
        starts = [interval.end - length]
    else:
        starts = [interval.start, *sorted(piece.end for piece in beside)]
    for start in starts:
        end = start + length
        peaks = [start, *(piece.start for piece in beside if start < piece.start < end)]
        if end <= interval.end and all(_load(beside, at) + power <= limit for at in peaks):
            return [Piece(start, end, power, interval.cost)]
    return None


def _in_parts(
    job: _Job, interval: Interval, beside: Sequence[Piece], limit: int
) -> list[Piece] | None:
    """Run at the power that the others leave, where that is enough to run."""
    edges = {interval.start, interval.end}
    edges.update(edge for piece in beside for edge in (piece.start, piece.end))
    stretches = list(pairwise(sorted(edges)))
    backwards = job.after and not job.before
    energy, found = job.energy, []
    for start, end in reversed(stretches) if backwards else stretches:
        power = min(job.device.power, limit - _load(beside, start))
        if power <= NOISE or power < job.device.least:
            continue
        length = min(end - start, energy // power)
        if not length:
            break
        begin = end - length if backwards else start
        found.append(Piece(begin, begin + length, power, interval.cost))
        energy -= power * length
    if energy >= job.device.power:
        return None
    return sorted(found)


def _load(pieces: Iterable[Piece], moment: int) -> int:
    """Add up the power at a moment."""
    return sum(piece.power for piece in pieces if piece.start <= moment < piece.end)
