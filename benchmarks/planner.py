"""How long the planner takes, beside HiGHS on the same question.

Run with `python -m benchmarks.planner`. To add a row, add a `Case` to `cases`.

Times are in milliseconds, the median of runs that take turns. HiGHS is asked in two stages,
as the question is: the most energy, then the lowest cost of so much. Its time includes
making the sparse matrix; "solving" is without that, "one stage" the quickest formulation
there is, in which energy is worth more than it can cost. Energy and cost are what the
planner has more than HiGHS.

A second table is about machines with constraints: a mixed-integer programme, on as coarse a
grid as the question allows. There the cost is what the planner pays more than HiGHS; to add
a row, add a line to `machines`.
"""

from collections.abc import Callable, Iterator, Sequence
import csv
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import gcd
from pathlib import Path
import random
from statistics import median
from time import perf_counter

from custom_components.flatpeak.model import (
    MINUTE,
    Constraints,
    Demand,
    Direction,
    Segment,
    Slot,
    Span,
    energy_of,
)
from custom_components.flatpeak.planner import Allocation, Selection, allocate, select
from tests.planner.highs import Optimum, at_one_go, optimum, programme
from tests.planner.highs_runs import optimum as best_runs
from tests.planner.machines import Question, Rules

PRICES = Path(__file__).parents[1] / "tests" / "fixtures" / "prices" / "week_2025.csv"
START = datetime(2025, 10, 4, 22, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)

SECONDS = 1.0  # for each row
RUNS = 7  # at least


@dataclass(frozen=True, slots=True)
class Load:
    """A device: kW, kWh a day, and how long after the start and before the end it is there."""

    power: float
    energy: float
    late: float = 0
    early: float = 0


LOADS = (
    Load(11, 30),
    Load(7.4, 20, late=1.5, early=9),
    Load(3.7, 8, early=4.2),
    Load(2, 5, late=6),
    Load(5, 10),
    Load(11, 24, late=3, early=2.1),
    Load(3, 9, early=8),
    Load(1.5, 6, late=2),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A question, how we answer it, and what the answer is worth."""

    name: str
    prices: Sequence[Slot]
    demands: Sequence[Demand]
    limit: float | None
    ask: Callable[[], object]
    objective: Callable[[], Optimum]

    def figures(self) -> list[float]:
        """Return how long it takes us, HiGHS, HiGHS without the matrix and in one stage."""
        task = programme(self.prices, self.demands, self.limit)
        return milliseconds(
            self.ask,
            lambda: optimum(programme(self.prices, self.demands, self.limit)),
            lambda: optimum(task),
            lambda: at_one_go(programme(self.prices, self.demands, self.limit)),
        )

    def row(self) -> str:
        """Return a row of the table."""
        figures = self.figures()
        judge, ours = optimum(programme(self.prices, self.demands, self.limit)), self.objective()
        times = " | ".join(f"{figure:.2f}" for figure in figures)
        more = f"{ours.energy - judge.energy:+.0e} | {ours.cost - judge.cost:+.0e}"
        return f"| {self.name} | {times} | 1/{figures[1] / figures[0]:.1f} | {more} |"


def cases() -> Iterator[Case]:
    """Name what is measured."""
    for days in (1, 3):
        for kind, prices in series(96 * days).items():
            for count in (1, 3, 8):
                demands = [demand(load, days) for load in LOADS[:count]]
                for limit in (None, 7.0 if count == 1 else 11.0):
                    yield amount(f"{count} | {days} | {kind}", prices, demands, limit)
            yield duration(f"`select` | {days} | {kind}", prices, 5.2 * days)


def series(count: int) -> dict[str, list[Slot]]:
    """Return quarter-hours at prices of three kinds."""
    with PRICES.open() as file:
        real = [float(row["eur_per_mwh"]) / 1000 for row in csv.DictReader(file)]
    chance = random.Random(0)  # noqa: S311
    rates = {
        "flat": [0.3] * count,
        "real": real[:count],
        "random": [round(chance.gauss(0.1, 0.05), 5) for _ in range(count)],
    }
    return {
        kind: [
            Slot(START + place * QUARTER, START + (place + 1) * QUARTER, rate)
            for place, rate in enumerate(some)
        ]
        for kind, some in rates.items()
    }


def demand(load: Load, days: int) -> Demand:
    """Return what a device needs in some days."""
    span = Span(START + load.late * HOUR, START + (24 * days - load.early) * HOUR)
    return Demand("", Direction.IMPORT, span, load.energy * days, load.power)


def amount(
    name: str, prices: Sequence[Slot], demands: Sequence[Demand], limit: float | None
) -> Case:
    """Ask `allocate`."""
    limits = {} if limit is None else {Direction.IMPORT: limit}

    def ask() -> tuple[Allocation, ...]:
        return allocate({Direction.IMPORT: prices}, demands, limits=limits)

    def objective() -> Optimum:
        found = ask()
        return Optimum(sum(energy_of(one.slots) for one in found), sum(one.cost for one in found))

    bound = f"{limit:g} kW" if limit else "none"
    return Case(f"{name} | {bound}", prices, demands, limit, ask, objective)


def duration(name: str, prices: Sequence[Slot], hours: float) -> Case:
    """Ask `select`; a kW makes hours into energy."""
    span = Span(START, prices[-1].end)

    def ask() -> Selection:
        return select(prices, hours * HOUR, Segment.LOW, start=span.start, end=span.end)

    def objective() -> Optimum:
        windows = [(window.length / HOUR, window.rate or 0.0) for window in ask().windows]
        return Optimum(
            sum(length for length, _ in windows), sum(length * rate for length, rate in windows)
        )

    one = Demand("", Direction.IMPORT, span, hours, 1)
    return Case(f"{name} | none", prices, [one], None, ask, objective)


def machines() -> Iterator[tuple[str, Question]]:
    """Name what is measured of machines, in two days of quarter-hours."""
    half = Constraints(shortest_run=30 * MINUTE, shortest_pause=30 * MINUTE, max_starts=4)
    odd = replace(half, shortest_run=20 * MINUTE, shortest_pause=10 * MINUTE)
    for kind, prices in series(192).items():
        for name, constraints, minutes, begun in (
            ("3 h, 30 and 30 min", half, 180, 0),
            ("3 h, in one piece", Constraints(one_piece=True), 180, 0),
            ("3 h, always at the lowest tenth", replace(half, always_within=tenth(prices)), 180, 0),
            ("24 h, 30 and 30 min", half, 1440, 0),
            ("100 min, 30 and 30 min", half, 100, 0),
            ("67 min, 30 and 30 min", half, 67, 0),
            ("3 h, 20 and 10 min", odd, 180, 0),
            ("3 h from 0:05 on, 20 and 10 min", odd, 180, 5),
        ):
            start = START + begun * MINUTE
            yield (
                f"{name} | {kind}",
                Question(tuple(prices), minutes, Segment.LOW, constraints, start, prices[-1].end),
            )


def tenth(prices: Sequence[Slot]) -> float:
    """Return the price below which a tenth of the time is."""
    return sorted(slot.rate or 0.0 for slot in prices)[len(prices) // 10]


def coarse(question: Question) -> tuple[Question, int]:
    """Say a question in larger units than minutes, and how many minutes one has.

    HiGHS decides on each unit, so it gets as few as the question allows.
    """
    bounds = question.constraints
    lengths = [
        bounds.shortest_run,
        bounds.shortest_pause,
        *(edge - question.start for slot in question.prices for edge in (slot.start, slot.end)),
    ]
    unit = gcd(question.wanted, *(length // MINUTE for length in lengths))

    def said(moment: datetime) -> datetime:
        return question.start + (moment - question.start) / unit

    return (
        replace(
            question,
            prices=tuple(
                Slot(said(slot.start), said(slot.end), slot.rate) for slot in question.prices
            ),
            wanted=question.wanted // unit,
            constraints=replace(
                bounds,
                shortest_run=bounds.shortest_run / unit,
                shortest_pause=bounds.shortest_pause / unit,
            ),
            end=said(question.end),
        ),
        unit,
    )


def machine(name: str, question: Question) -> str:
    """Return a row of the table of machines."""
    units, unit = coarse(question)
    ours, highs = milliseconds(question.answer, lambda: best_runs(Rules(units)), minimum=1)
    best, answer = best_runs(Rules(units)), Rules(question).objective(question.runs())
    cost = (answer.cost - best.cost * unit) / 60
    minutes = best.missing * unit - answer.missing
    return (
        f"| {name} | {ours:.1f} | {highs:.0f} | 1/{highs / ours:.1f} | {minutes:+d} | {cost:+.0e} |"
    )


def milliseconds(*runs: Callable[[], object], minimum: int = RUNS) -> list[float]:
    """Return how long some things take, each the median of some runs."""
    times: list[list[float]] = [[] for _ in runs]
    begun = perf_counter()
    while len(times[0]) < minimum or perf_counter() - begun < SECONDS:
        for run, some in zip(runs, times, strict=True):
            begin = perf_counter()
            run()
            some.append(perf_counter() - begin)
    return [1000 * median(some) for some in times]


def main() -> None:
    """Print the tables."""
    heads = "devices | days | prices | limit | ours | HiGHS | solving | one stage | ratio"
    print(f"| {heads} | energy | cost |")
    print("|---" * 11 + "|")
    for case in cases():
        print(case.row(), flush=True)
    print("\n| machine | prices | ours | HiGHS | ratio | minutes | cost |")
    print("|---" * 7 + "|")
    for name, question in machines():
        print(machine(name, question), flush=True)


if __name__ == "__main__":
    main()
