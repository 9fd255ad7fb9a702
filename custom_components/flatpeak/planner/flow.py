"""The cheapest way to send energy through intervals of time into devices.

Whole numbers, so that nothing is lost to rounding and full is full: time in microseconds,
power in nanowatts, energy in their product.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

HOUR = 3_600_000_000
KILOWATT = 10**12

# Less than this is left over from floating-point numbers.
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
    least: int
    need: int
    time: int


# For each interval: how much each device, by its place in the list, gets of it.
type Shares = list[dict[int, int]]


def cheapest_flow(intervals: Sequence[Interval], devices: Sequence[Device], limit: int) -> Shares:
    """Send as much energy as there is way for, at the lowest cost.

    The intervals are filled from the cheapest to the dearest, each as far as it goes
    without taking from the earlier ones. That is the optimum: the amounts that the
    sources of a network can send at the same time are a polymatroid (Megiddo 1974), over
    which greed is right (Edmonds 1970). And no amount has ever to be taken back: a flow
    grows along a path that begins at the new interval, and passes another one only by
    handing it from one device to the next, which leaves its sum alone.

    Where there is a choice, the first devices of the list and the earliest intervals
    come first.
    """
    flow = _Flow(intervals, devices, limit)
    for place in sorted(range(len(intervals)), key=lambda place: intervals[place].cost):
        if not flow.needy:
            break
        flow.fill(place)
    return flow.shares


class _Flow:
    """A flow that grows interval by interval."""

    def __init__(
        self, intervals: Sequence[Interval], devices: Sequence[Device], limit: int
    ) -> None:
        """Begin with nothing."""
        self.shares: Shares = [{} for _ in intervals]
        self.needy = [index for index, device in enumerate(devices) if device.need]
        # Those who need no more, but may hand an interval on to someone who does.
        self._sated: list[int] = []
        self._intervals = intervals
        self._limit = limit
        self._powers = [device.power for device in devices]
        self._needs = [device.need for device in devices]
        # A bit for each interval: where a device has a share, and where it could have more.
        self._uses = [0] * len(devices)
        self._room = [0] * len(devices)
        for place, interval in enumerate(intervals):
            for device in range(len(devices)):
                if interval.devices >> device & 1:
                    self._room[device] |= 1 << place

    def fill(self, place: int) -> None:
        """Send through an interval all that it can take."""
        interval = self._intervals[place]
        length = interval.end - interval.start
        free, noise = self._limit * length, NOISE * length
        for device in self.needy:
            if interval.devices >> device & 1 and free > noise:
                amount = min(self._needs[device], self._powers[device] * length, free)
                self._give(device, place, amount)
                self._needs[device] -= amount
                free -= amount
        self._part()
        while free > noise and self.needy and (chain := self._chain(place)):
            free -= self._hand_on(chain, free)

    def _part(self) -> None:
        """Tell those who need no more from those who do."""
        needy = [device for device in self.needy if self._needs[device] > NOISE * HOUR]
        if len(needy) < len(self.needy):
            self._sated += [device for device in self.needy if device not in needy]
            self.needy = needy

    def _most(self, device: int, place: int) -> int:
        """Return what a device can take of an interval at most."""
        interval = self._intervals[place]
        return self._powers[device] * (interval.end - interval.start)

    def _give(self, device: int, place: int, amount: int) -> None:
        """Change a device's share in an interval."""
        shares, bit = self.shares[place], 1 << place
        shares[device] = share = shares.get(device, 0) + amount
        if share:
            self._uses[device] |= bit
        else:
            del shares[device]
            self._uses[device] &= ~bit
        if share < self._most(device, place):
            self._room[device] |= bit
        else:
            self._room[device] &= ~bit

    def _chain(self, place: int) -> list[tuple[int, int]]:
        """Find who takes more of an interval, hands on another one, and so to one in need.

        Returns the devices, the one in need first, and what each takes from the next; the
        shortest such chain, or nothing. Those who cannot reach anyone in need are left out
        from then on: what they have, and who could take it, does not change any more.
        """
        reached = {device: (-1, place) for device in self._sated if self._room[device] >> place & 1}
        queue = list(reached)
        for giver in queue:
            for taker in (*self.needy, *self._sated):
                if taker in reached or not (common := self._uses[giver] & self._room[taker]):
                    continue
                earliest = (common & -common).bit_length() - 1
                reached[taker] = (giver, earliest)
                if taker in self.needy:
                    return _traced(reached, taker)
                queue.append(taker)
        self._sated = [device for device in self._sated if device not in reached]
        return []

    def _hand_on(self, chain: list[tuple[int, int]], free: int) -> int:
        """Let energy flow along a chain, and return how much."""
        needy, _ = chain[0]
        handovers = [(giver, place) for (_, place), (giver, _) in pairwise(chain)]
        amount = min(
            free,
            self._needs[needy],
            *(self._most(*link) - self.shares[link[1]].get(link[0], 0) for link in chain),
            *(self.shares[place][giver] for giver, place in handovers),
        )
        for device, place in chain:
            self._give(device, place, amount)
        for giver, place in handovers:
            self._give(giver, place, -amount)
        self._needs[needy] -= amount
        self._part()
        return amount


def _traced(reached: dict[int, tuple[int, int]], device: int) -> list[tuple[int, int]]:
    """Follow a chain back to where it began."""
    chain = []
    while device >= 0:
        giver, place = reached[device]
        chain.append((device, place))
        device = giver
    return chain
