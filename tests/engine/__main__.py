"""Runs years by hand: `python -m tests.engine --years 10000`."""

import argparse
from collections import Counter
from statistics import quantiles
import sys
import time

from .trace import story
from .watch import Violation
from .world import World


def main() -> int:
    """Live through years, and tell what was broken in them."""
    parser = argparse.ArgumentParser(prog="tests.engine", description=__doc__)
    parser.add_argument("--years", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--days", type=int, default=365, help="how long a year is")
    parser.add_argument("--thorough", action="store_true", help="let every event come twice")
    parser.add_argument("--traces", type=int, default=3, help="how many broken years to tell of")
    parser.add_argument("--sparse", action="store_true", help="let less happen")
    arguments = parser.parse_args()
    begun, events, told = time.monotonic(), 0, 0
    broken: Counter[str] = Counter()
    dearer: list[float] = []
    busiest = 0
    for seed in range(arguments.first, arguments.first + arguments.years):
        world = World(seed, arguments.days, thorough=arguments.thorough, sparse=arguments.sparse)
        try:
            world.run()
        except Violation as err:
            broken[err.promise] += 1
            if told < arguments.traces:
                told += 1
                print(story(seed, err, *world.recorder.trace(err)), end="\n\n")
            else:
                print(f"seed {seed} breaks {str(err)[:300]}")
        events += world.recorder.events
        busiest = max([busiest, *world.watch.asks.values()])
        dearer += [(one.cost - one.best) / one.hours for one in world.judge.prices if one.hours > 0]
    took = time.monotonic() - begun
    print(
        f"{arguments.years} years of {arguments.days} days, {events} events,"
        f" {sum(broken.values())} broken years, {took:.1f} s"
        f" ({arguments.years / took:.2f} years a second)"
    )
    for promise, times in broken.most_common():
        print(f"  {times} times: {promise}")
    print(f"at most {busiest} questions of a group in a day")
    if len(dearer) > 1:
        cuts = quantiles(dearer, n=100)
        figures = ", ".join(f"{cuts[at - 1]:.4f}" for at in (50, 90, 99))
        print(f"money a kWh above the best: median, 90th, 99th {figures} of {len(dearer)} periods")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
