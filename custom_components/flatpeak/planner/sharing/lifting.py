"""Devices that cannot run at a low power."""

from collections.abc import Sequence
from typing import NamedTuple

from ...model.tolerances import PLEDGE_SHARE
from .flow import Device, Interval, Shares, Spot, cheapest, smoothed
from .objective import Objective, better, objective_of_flow
from .packing import Plan, pack


def lifted(
    intervals: Sequence[Interval],
    devices: Sequence[Device],
    limit: int,
    shares: Shares,
    failed: list[Spot],
) -> Plan:
    """Plan anew until no device has to run at less than it can.

    Where a share is too small, the device is either pledged its least power for the
    interval or kept off it, for good; so this comes to an end. Pledged are as many at a
    time as can be for nothing. Where even one has a price, keeping it off is tried too. That
    is a rule of thumb, which need not find the best plan.
    """
    situation = _Situation(intervals, devices, limit, [{} for _ in intervals], shares)
    plan: Plan = []
    while failed:
        situation = situation.settle(failed)
        plan, failed = pack(situation.intervals, devices, situation.shares, limit)
    return plan


class _Situation(NamedTuple):
    """What is decided about devices that cannot run at a low power, and the flow it leaves."""

    intervals: Sequence[Interval]
    devices: Sequence[Device]
    limit: int
    pledges: Shares
    shares: Shares

    @property
    def objective(self) -> Objective:
        """What the flow is worth."""
        return objective_of_flow(self.intervals, self.shares)

    def settle(self, failed: Sequence[Spot]) -> _Situation:
        """Decide about some of the spots where a share is too small."""
        spots = self._liftable(failed)
        while len(spots) > 1:
            pledged = self._pledged(spots)
            if not better(self.objective, pledged.objective):
                return pledged
            spots = spots[: len(spots) // 2]
        if not spots:
            return self._kept_off(*failed[0])
        pledged = self._pledged(spots)
        if not better(self.objective, pledged.objective, PLEDGE_SHARE):
            return pledged
        without = self._kept_off(*spots[0])
        return pledged if better(pledged.objective, without.objective) else without

    def _liftable(self, failed: Sequence[Spot]) -> list[Spot]:
        """Return whom to pledge their least power, one for each interval.

        The big ones first, who find a place less easily; then who needs the smallest lift.
        """
        needs = [device.need for device in self.devices]
        for pledged in self.pledges:
            for index, amount in pledged.items():
                needs[index] -= amount

        def size(spot: Spot) -> tuple[int, float]:
            place, index = spot
            return self.devices[index].minimum, self.shares[place][index] / self._minimum(
                place, index
            )

        found: dict[int, Spot] = {}
        for place, index in sorted(failed, key=size, reverse=True):
            interval, amount = self.intervals[place], self._minimum(place, index)
            room = self.limit * (interval.end - interval.start) - sum(self.pledges[place].values())
            if place not in found and amount <= min(room, needs[index]):
                found[place] = (place, index)
                needs[index] -= amount
        return list(found.values())

    def _minimum(self, place: int, index: int) -> int:
        """Return the energy of the least power all through an interval."""
        interval = self.intervals[place]
        return self.devices[index].minimum * (interval.end - interval.start)

    def _pledged(self, spots: Sequence[Spot]) -> _Situation:
        """Pledge devices their least power."""
        pledges = list(self.pledges)
        for place, index in spots:
            pledges[place] = pledges[place] | {index: self._minimum(place, index)}
        return self._replace(pledges=pledges).solved()

    def _kept_off(self, place: int, index: int) -> _Situation:
        """Keep a device off an interval."""
        intervals = list(self.intervals)
        users = intervals[place].devices & ~(1 << index)
        intervals[place] = intervals[place]._replace(devices=users)
        return self._replace(intervals=intervals).solved()

    def solved(self) -> _Situation:
        """Find the flow."""
        solution = cheapest(self.intervals, self.devices, self.limit, self.pledges)
        shares = smoothed(self.intervals, self.devices, solution.shares, self.pledges)
        return self._replace(shares=shares)
