"""The cheapest way to send energy through intervals of time into devices.

Whole numbers, so that nothing is lost to rounding and full is full: time in microseconds,
power in nanowatts, energy in their product.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
import math
from typing import NamedTuple

HOUR = 3_600_000_000
KILOWATT = 10**12

# A power, and for an hour an energy, that is only rounding: nobody is given so little, and
# nobody is kept from running at full power for the lack of it.
NOISE = 1000


class Interval(NamedTuple):
    """A stretch of time at one price, and the devices that may use it, a bit for each.

    `cost` is the price, or the price lost where energy is sold.
    """

    start: int
    end: int
    cost: float
    devices: int


class Device(NamedTuple):
    """What a device draws at most, at least while it runs, and needs in all.

    `time` is how long that takes at full power.
    """

    power: int
    minimum: int
    need: int
    time: int


# For each interval: how much each device, by its place in the list, gets of it.
type Shares = list[dict[int, int]]

# A device in an interval: the places of both, that of the interval first.
type Spot = tuple[int, int]


class Solution(NamedTuple):
    """What the devices get, and who of them has a choice.

    They could use another interval at the highest price they pay.
    """

    shares: Shares
    choosy: list[int]


def cheapest(
    intervals: Sequence[Interval], devices: Sequence[Device], limit: int, pledges: Shares
) -> Solution:
    """Send as much energy as there is way for, at the lowest cost.

    The intervals are filled from the cheapest to the dearest, each as far as it goes
    without taking from the earlier ones. That is the optimum: the amounts that the
    sources of a network can send at the same time are a polymatroid (Megiddo 1974), over
    which greed is right (Edmonds 1970). And no amount has ever to be taken back: a flow
    grows along a path that begins at the new interval, and passes another one only by
    handing it from one device to the next, which leaves its sum alone.

    Where not all can be served, the first devices of the list come first. Before all that,
    everyone gets what is pledged.
    """
    order = sorted(range(len(intervals)), key=lambda place: intervals[place].cost)
    ordered = [intervals[place] for place in order]
    pledged = [pledges[place] for place in order]
    flow = _Flow(ordered, devices, pledged)
    flow.fill_all(limit)
    if flow.needy:
        flow = _Flow(ordered, devices, pledged)
        flow.needy.sort()
        flow.fill_all(limit)
    shares: Shares = [{} for _ in intervals]
    for place, share in zip(order, flow.shares, strict=True):
        shares[place] = share
    return Solution(shares, flow.choosy([interval.cost for interval in ordered]))


def smoothed(
    intervals: Sequence[Interval], devices: Sequence[Device], shares: Shares, pledges: Shares
) -> Shares:
    """Send the same amounts through the intervals to the same devices, with fewer starts.

    Who uses an interval makes no difference to the cost: in order of time, who runs goes on.
    """
    needs = [0] * len(devices)
    for share in shares:
        for index, amount in share.items():
            needs[index] += amount
    receivers = [device._replace(need=need) for device, need in zip(devices, needs, strict=True)]
    flow = _Flow(intervals, receivers, pledges)
    running: Iterable[int] = ()
    until = 0
    for place, (interval, share) in enumerate(zip(intervals, shares, strict=True)):
        if share:
            before = running if interval.start == until else ()
            first = [index for index in flow.needy if index in before]
            rest = [index for index in flow.needy if index not in before]
            flow.fill(place, sum(share.values()), first + rest)
            running, until = flow.given[place], interval.end
    return flow.shares


class _Flow:
    """A flow that grows interval by interval, on top of what is pledged."""

    def __init__(
        self, intervals: Sequence[Interval], devices: Sequence[Device], pledges: Shares
    ) -> None:
        """Begin with nothing but the pledges."""
        self.given: Shares = [{} for _ in intervals]
        self._pledges = pledges
        self._lengths = [interval.end - interval.start for interval in intervals]
        self._powers = [device.power for device in devices]
        self._needs = [device.need for device in devices]
        # A bit for each interval: where a device is given something, and where it could be
        # given more.
        self._uses = [0] * len(devices)
        self._room = [0] * len(devices)
        places: dict[int, int] = defaultdict(int)
        for place, interval in enumerate(intervals):
            places[interval.devices] |= 1 << place
        for users, bits in places.items():
            for index in range(len(devices)):
                if users >> index & 1:
                    self._room[index] |= bits
        for place, pledged in enumerate(pledges):
            for index, amount in pledged.items():
                self._needs[index] -= amount
                if not self._left(index, place):
                    self._room[index] &= ~(1 << place)
        # Those that cannot run at any power first, then the small ones: that takes the fewest
        # exchanges, and the fewest starts.
        self.needy = sorted(
            (index for index, need in enumerate(self._needs) if need > NOISE * HOUR),
            key=lambda index: (-devices[index].minimum, devices[index].power),
        )
        # Those who need no more, but may hand an interval on to someone who does.
        self._sated = [index for index in range(len(devices)) if index not in self.needy]

    @property
    def shares(self) -> Shares:
        """What the devices get in all."""
        return [
            {index: given.get(index, 0) + pledged.get(index, 0) for index in given | pledged}
            if pledged
            else given
            for given, pledged in zip(self.given, self._pledges, strict=True)
        ]

    def choosy(self, costs: Sequence[float]) -> list[int]:
        """Tell who has a choice; `costs` of the intervals, which are in their order."""
        found = []
        for index, (uses, room) in enumerate(zip(self._uses, self._room, strict=True)):
            dearest = costs[uses.bit_length() - 1] if uses else math.inf
            first, last = bisect_left(costs, dearest), bisect_right(costs, dearest)
            if last - first > 1 and room >> first & ((1 << last - first) - 1):
                found.append(index)
        return found

    def fill_all(self, limit: int) -> None:
        """Fill the intervals, the first one first."""
        for place, length in enumerate(self._lengths):
            if self.needy:
                self.fill(place, limit * length, self.needy)

    def fill(self, place: int, capacity: int, order: Iterable[int]) -> None:
        """Send through an interval all that it can take, to those in need in this order."""
        given, pledged = self.given[place], self._pledges[place]
        length, bit, sated = self._lengths[place], 1 << place, False
        noise = NOISE * length
        free = capacity - sum(pledged.values()) if pledged else capacity
        for index in order:
            if free <= noise:
                break
            if self._room[index] & bit:
                maximum = self._powers[index] * length - pledged.get(index, 0)
                given[index] = amount = min(self._needs[index], maximum, free)
                self._uses[index] |= bit
                if amount == maximum:
                    self._room[index] ^= bit
                self._needs[index] -= amount
                sated = sated or self._needs[index] <= NOISE * HOUR
                free -= amount
        if sated:
            self._part()
        while free > noise and self.needy and (chain := self._chain(place)):
            free -= self._hand_on(chain, free)

    def _part(self) -> None:
        """Tell those who need no more from those who do."""
        done = [index for index in self.needy if self._needs[index] <= NOISE * HOUR]
        self.needy = [index for index in self.needy if index not in done]
        self._sated += done

    def _left(self, index: int, place: int) -> int:
        """Return how much more a device could be given of an interval."""
        maximum = self._powers[index] * self._lengths[place]
        return maximum - self.given[place].get(index, 0) - self._pledges[place].get(index, 0)

    def _chain(self, place: int) -> list[tuple[int, int]]:
        """Find who takes more of an interval, hands on another one, and so to one in need.

        Returns the devices, the one in need first, and what each takes from the next; the
        shortest such chain, or nothing. Those who cannot reach anyone in need are left out
        from then on: what they have, and who could take it, does not change any more.
        """
        room, bit = self._room, 1 << place
        reached = {index: (-1, place) for index in self._sated if room[index] & bit}
        queue = list(reached)
        takers = [index for index in self.needy + self._sated if index not in reached]
        for giver in queue:
            uses = self._uses[giver]
            for taker in takers:
                common = uses & room[taker]
                if common and taker not in reached:
                    reached[taker] = (giver, common.bit_length() - 1)
                    if taker in self.needy:
                        return _traced(reached, taker)
                    queue.append(taker)
        self._sated = [index for index in self._sated if index not in reached]
        return []

    def _hand_on(self, chain: Sequence[tuple[int, int]], free: int) -> int:
        """Let energy flow along a chain, and return how much."""
        needy, _ = chain[0]
        lefts = [self._left(*link) for link in chain]
        handovers = [(giver, place) for (_, place), (giver, _) in pairwise(chain)]
        amount = min(free, self._needs[needy], *lefts)
        for giver, place in handovers:
            amount = min(amount, self.given[place][giver])
        for (taker, place), left in zip(chain, lefts, strict=True):
            given, bit = self.given[place], 1 << place
            given[taker] = given.get(taker, 0) + amount
            self._uses[taker] |= bit
            if amount == left:
                self._room[taker] ^= bit
        for giver, place in handovers:
            given, bit = self.given[place], 1 << place
            given[giver] -= amount
            self._room[giver] |= bit
            if not given[giver]:
                del given[giver]
                self._uses[giver] ^= bit
        self._needs[needy] -= amount
        if self._needs[needy] <= NOISE * HOUR:
            self._part()
        return amount


def _traced(reached: dict[int, tuple[int, int]], index: int) -> list[tuple[int, int]]:
    """Follow a chain back to where it began."""
    chain = []
    while index >= 0:
        giver, place = reached[index]
        chain.append((index, place))
        index = giver
    return chain
