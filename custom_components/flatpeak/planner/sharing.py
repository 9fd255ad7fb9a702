"""Several devices under one limit: who runs when."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby
from operator import attrgetter
from typing import NamedTuple

from ..model import Segment, Slot
from .duration import select
from .flow import Device, Interval, Shares, cheapest_flow
from .packing import Piece, pack

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

type Plan = list[list[Piece]]


def number(moment: datetime) -> int:
    """Return a moment in microseconds."""
    return (moment - EPOCH) // MICROSECOND


def moment(number: int) -> datetime:
    """Return the moment that a number stands for."""
    return EPOCH + number * MICROSECOND


def share_out(intervals: Sequence[Interval], devices: Sequence[Device], limit: int) -> Plan:
    """Return for each device when it runs, and at what power.

    What is wanted of a plan is said at `planner.allocate`.
    """
    shares = cheapest_flow(intervals, devices, limit)
    plan, failed = pack(intervals, devices, shares, limit)
    if not failed and not _has_choice(intervals, devices, shares):
        return plan
    turns = _in_turn(intervals, devices, limit)
    if not _better(plan, turns):
        return turns
    possible = list(intervals)
    while failed:
        for place, index in failed:
            interval = possible[place]
            possible[place] = interval._replace(devices=interval.devices & ~(1 << index))
        shares = cheapest_flow(possible, devices, limit)
        plan, failed = pack(possible, devices, shares, limit)
    if not _better(plan, turns):
        return turns
    return _improved(plan, intervals, devices, limit)


def _better(plan: Plan, other: Plan) -> bool:
    """Tell whether a plan gives more energy than another one, or the same for less money."""
    one, two = _worth(chain.from_iterable(plan)), _worth(chain.from_iterable(other))
    if abs(one.energy - two.energy) > one.energy_slack + two.energy_slack:
        return one.energy > two.energy
    return one.cost < two.cost - one.cost_slack - two.cost_slack


class _Worth(NamedTuple):
    """What pieces give and cost, and what a microsecond more of each would add."""

    energy: int
    energy_slack: int
    cost: float
    cost_slack: float


def _worth(pieces: Iterable[Piece]) -> _Worth:
    """Add up pieces."""
    energy, energy_slack, cost, cost_slack = 0, 0, 0.0, 0.0
    for piece in pieces:
        amount = piece.power * (piece.end - piece.start)
        energy += amount
        energy_slack += piece.power
        cost += piece.cost * amount
        cost_slack += abs(piece.cost) * piece.power
    return _Worth(energy, energy_slack, cost, cost_slack)


def _has_choice(intervals: Sequence[Interval], devices: Sequence[Device], shares: Shares) -> bool:
    """Tell whether a device could use one interval instead of another of the same price."""
    levels: dict[float, list[int]] = {}
    for place, interval in enumerate(intervals):
        levels.setdefault(interval.cost, []).append(place)
    for level in levels.values():
        if len(level) == 1:
            continue
        for index, device in enumerate(devices):
            mine = [place for place in level if intervals[place].devices >> index & 1]
            used = sum(shares[place].get(index, 0) for place in mine)
            length = sum(intervals[place].end - intervals[place].start for place in mine)
            if 0 < used < device.power * length:
                return True
    return False


def _in_turn(intervals: Sequence[Interval], devices: Sequence[Device], limit: int) -> Plan:
    """Let each device choose what suits it best, at full power, beside those before it."""
    plan: Plan = []
    for index, device in enumerate(devices):
        taken = list(chain.from_iterable(plan))
        plan.append(_alone(intervals, index, device, _busy(taken, limit - device.power)))
    return plan


def _improved(
    plan: Plan, intervals: Sequence[Interval], devices: Sequence[Device], limit: int
) -> Plan:
    """Let each device have what suits it better, where that costs nothing and harms nobody."""
    plan = list(plan)
    for index, device in enumerate(devices):
        others = list(chain.from_iterable(plan[:index] + plan[index + 1 :]))
        own = _alone(intervals, index, device, _busy(others, limit - device.power))
        if not _better([plan[index]], [own]) and _restlessness(own) < _restlessness(plan[index]):
            plan[index] = own
    return plan


def _restlessness(pieces: Sequence[Piece]) -> tuple[int, int, list[int]]:
    """Return how often a device starts, how long it runs, and when: less is better."""
    starts = [
        piece.start
        for before, piece in zip([None, *pieces], pieces, strict=False)
        if before is None or before.end < piece.start
    ]
    return len(starts), sum(piece.end - piece.start for piece in pieces), starts


def _busy(taken: Iterable[Piece], room: int) -> list[tuple[int, int]]:
    """Return when more power than this is taken."""
    changes = [(piece.start, piece.power) for piece in taken]
    changes += [(piece.end, -piece.power) for piece in taken]
    load, busy, since = 0, [], None
    for at, change in sorted(changes):
        load += change
        if load > room and since is None:
            since = at
        elif load <= room and since is not None:
            busy.append((since, at))
            since = None
    return [(start, end) for start, end in busy if start < end]


def _alone(
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
    for interval in intervals:
        if not interval.devices >> index & 1:
            continue
        start = interval.start
        for since, until in busy:
            if since < interval.end and until > start:
                if since > start:
                    yield Piece(start, since, device.power, interval.cost)
                start = until
        if start < interval.end:
            yield Piece(start, interval.end, device.power, interval.cost)


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
