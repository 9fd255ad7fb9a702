"""The prices of one direction, in numbers."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
import math

from ..model import Direction, PriceCap, Slot, Span
from ..model.tolerances import FLOAT_NOISE
from .sharing import HOUR, Interval, number


def at_share(share: float, rates: Sequence[float]) -> float:
    """Return the rate that stands at a share among some: the lowest counts 0.01, the highest 1.

    Source: schedule by amount, `shaving_threshold`; schedule by limit, `relative`.
    """
    low, high = min(rates), max(rates)
    return low + (share - 0.01) / 0.99 * (high - low)


class Tariff:
    """Known prices in order of time; times in microseconds.

    Where energy is sold, all is turned round: a price is a cost below zero.
    Raises ValueError when slots overlap.
    """

    def __init__(self, slots: Iterable[Slot], direction: Direction) -> None:
        """Sort them."""
        ordered = sorted(slots, key=lambda slot: slot.start)
        if any(slot.end > later.start for slot, later in pairwise(ordered)):
            raise ValueError("two price slots overlap")
        known = [(slot, slot.rate) for slot in ordered if slot.rate is not None]
        self.sign = -1 if direction is Direction.EXPORT else 1
        self._starts = [number(slot.start) for slot, _ in known]
        self._ends = [number(slot.end) for slot, _ in known]
        self._costs = [self.sign * rate for _, rate in known]
        self._confidences = [slot.confidence for slot, _ in known]
        self._certain = all(confidence == 1 for confidence in self._confidences)

    def _places(self, start: int, end: int) -> slice:
        """Return which slots have a part between two moments."""
        return slice(bisect_right(self._ends, start), bisect_left(self._starts, end))

    def confidence(self, start: int, end: int) -> float:
        """Return the lowest confidence between two moments."""
        return 1.0 if self._certain else min(self._confidences[self._places(start, end)])

    def ceiling(self, span: Span, cap: PriceCap) -> float:
        """Return the highest cost that a cap allows in a span.

        The relative cap counts from 0.01, the best price of the span, to 1, the worst.
        """
        if cap.absolute is not None:
            return self.sign * cap.absolute + FLOAT_NOISE
        costs = self._costs[self._places(number(span.start), number(span.end))]
        if cap.relative is None or not costs:
            return math.inf
        return at_share(cap.relative, costs) + FLOAT_NOISE

    def at_once(self, start: int, power: float, energy: float) -> float:
        """Return what energy costs that flows from a moment on, whenever a price is known."""
        costs = []
        for place in range(bisect_right(self._ends, start), len(self._ends)):
            hours = (self._ends[place] - max(self._starts[place], start)) / HOUR
            amount = min(power * hours, energy)
            costs.append(self._costs[place] * amount)
            energy -= amount
            if energy <= 0:
                break
        return math.fsum(costs)

    def intervals(self, spans: Sequence[Span], ceilings: Sequence[float]) -> list[Interval]:
        """Cut time where a price or a span begins or ends, and join what makes no difference."""
        limits = [(number(span.start), number(span.end)) for span in spans]
        capped = min(ceilings, default=math.inf) < math.inf
        found: list[Interval] = []
        for cut, until in pairwise(sorted({edge for limit in limits for edge in limit})):
            inside = [place for place, (a, b) in enumerate(limits) if a <= cut and until <= b]
            users = sum(1 << index for index in inside)
            places = self._places(cut, until) if inside else slice(0, 0)
            for begin, stop, cost in zip(
                self._starts[places], self._ends[places], self._costs[places], strict=True
            ):
                if capped:
                    users = sum(1 << index for index in inside if cost <= ceilings[index])
                start, end = max(begin, cut), min(stop, until)
                if found and found[-1].cost == cost and found[-1][1:] == (start, cost, users):
                    found[-1] = Interval(found[-1].start, end, cost, users)
                elif users:
                    found.append(Interval(start, end, cost, users))
        return found
