"""Several devices under one limit: who runs when."""

from collections.abc import Sequence
from itertools import chain

from .choosing import moment, number, settled
from .flow import HOUR, KILOWATT, Device, Interval, Shares, cheapest, smoothed
from .lifting import lifted
from .objective import better, objective
from .packing import Piece, Plan, pack

__all__ = [
    "HOUR",
    "KILOWATT",
    "Device",
    "Interval",
    "Piece",
    "Plan",
    "moment",
    "number",
    "share_out",
]


def share_out(intervals: Sequence[Interval], devices: Sequence[Device], limit: int) -> Plan:
    """Return for each device when it runs, and at what power.

    What is wanted of a plan is said at `planner.allocate`. The intervals are in order of
    time; of the devices, the first comes first where not all can be served.
    """
    nothing: Shares = [{} for _ in intervals]
    shares, choosy = cheapest(intervals, devices, limit, nothing)
    shares = smoothed(intervals, devices, shares, nothing)
    plan, failed = pack(intervals, devices, shares, limit)
    if failed:
        plan = lifted(intervals, devices, limit, shares, failed)
        choosy = list(range(len(devices)))
    if not choosy:
        return plan
    turns = settled([[] for _ in devices], range(len(devices)), intervals, devices, limit)
    if not better(objective(chain.from_iterable(plan)), objective(chain.from_iterable(turns))):
        return turns
    return settled(plan, choosy, intervals, devices, limit)
