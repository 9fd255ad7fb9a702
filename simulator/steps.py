"""A plan as the API writes it: whole seconds and thousandths of a watt, within every limit."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from custom_components.flatpeak.model import Slot
from custom_components.flatpeak.planner import Allocation

from .quantities import MILLI_OF_KILO

_SECOND = timedelta(seconds=1)
# What the planner's own arithmetic may add to an edge, and to a power.
_DUST = timedelta(milliseconds=1)
_SPECK = 1e-3


@dataclass(frozen=True, slots=True)
class Step(Slot):
    """A stretch of time in which a device runs at a steady power."""

    milliwatts: int = 0


@dataclass(slots=True)
class _Piece:
    """A step in the making: the power it has, that it wants to move its energy, that it may."""

    start: datetime
    end: datetime
    power: int
    wanted: int
    limit: int


def steps(allocations: Sequence[Allocation], site: int) -> list[tuple[Step, ...]]:
    """Return the steps of each device; `site` is the limit of each direction in milliwatts.

    Every edge moves up to the next whole second, so what touched still touches. In each
    second then run the devices that ran at its beginning: at the powers planned no limit
    is broken. A step that became longer runs at less, so that the energy stays the same;
    one that became shorter at more, as far as there is room.
    """
    pieces = [list(_pieces(allocation)) for allocation in allocations]
    for allocation, own in zip(allocations, pieces, strict=True):
        together = [
            piece
            for other, theirs in zip(allocations, pieces, strict=True)
            if other.demand.direction is allocation.demand.direction
            for piece in theirs
        ]
        for piece in own:
            if piece.wanted > piece.power:
                room = site - _busiest(piece, together)
                piece.power = max(piece.power, min(piece.wanted, piece.limit, room))
    return [_steps(own) for own in pieces]


def _steps(pieces: Sequence[_Piece]) -> tuple[Step, ...]:
    running = [
        Step(piece.start, piece.end, None, milliwatts=piece.power)
        for piece in pieces
        if piece.power > 0
    ]
    return tuple(_joined(running, lambda step: step.milliwatts))


def _pieces(allocation: Allocation) -> Iterator[_Piece]:
    demand = allocation.demand
    first, last = _up(demand.span.start), demand.span.end.replace(microsecond=0)
    limit = _milliwatts(demand.max_power)
    for run in _joined(allocation.slots, lambda slot: _milliwatts(slot.power)):
        start, end = (min(max(_up(edge - _DUST), first), last) for edge in (run.start, run.end))
        if start < end:
            wanted = _milliwatts(run.power * (run.length / (end - start)))
            yield _Piece(start, end, min(_milliwatts(run.power), wanted, limit), wanted, limit)


def _joined[S: Slot](slots: Iterable[S], power: Callable[[S], int]) -> list[S]:
    """Join slots that touch and have the same power, whatever their prices."""
    runs: list[S] = []
    for slot in slots:
        if runs and runs[-1].end == slot.start and power(runs[-1]) == power(slot):
            runs[-1] = replace(runs[-1], end=slot.end)
        else:
            runs.append(slot)
    return runs


def _up(moment: datetime) -> datetime:
    """Round up to a whole second."""
    return (moment + _SECOND - datetime.resolution).replace(microsecond=0)


def _milliwatts(kilowatts: float) -> int:
    """Round down."""
    return int(kilowatts * MILLI_OF_KILO + _SPECK)


def _busiest(piece: _Piece, pieces: Sequence[_Piece]) -> int:
    """Return the most that the others draw together while a piece runs."""
    others = [
        other
        for other in pieces
        if other is not piece and other.start < piece.end and piece.start < other.end
    ]
    moments = {piece.start, *(other.start for other in others if other.start > piece.start)}
    return max(
        sum(other.power for other in others if other.start <= moment < other.end)
        for moment in moments
    )
