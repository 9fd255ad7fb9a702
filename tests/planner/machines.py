"""Questions about machines with constraints, and their rules once more, minute by minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
import math
import random

from custom_components.flatpeak.model import Constraints, Preference, Segment, Slot, Span
from custom_components.flatpeak.planner import Selection, arrange

from .drawing import MIDNIGHT, MINUTE

type Runs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What `arrange` is asked; all in whole minutes."""

    prices: tuple[Slot, ...]
    wanted: int
    segment: Segment
    constraints: Constraints
    start: datetime
    end: datetime
    past: tuple[Span, ...] = ()

    def answer(self) -> Selection:
        """Ask."""
        return arrange(
            self.prices,
            self.wanted * MINUTE,
            self.segment,
            self.constraints,
            start=self.start,
            end=self.end,
            past=self.past,
        )

    def runs(self) -> Runs:
        """Return the answer in minutes from the start."""
        return tuple(
            ((window.start - self.start) // MINUTE, (window.end - self.start) // MINUTE)
            for window in self.answer().windows
        )


@dataclass(frozen=True, slots=True)
class Objective:
    """What the goals say of a plan, from the first to the last; less is better."""

    missing: int
    left_out: int
    filler: int
    cost: float
    runs: int
    moments: int


class Rules:
    """The rules of a question: what may be done in each minute, and what has been done."""

    def __init__(self, question: Question) -> None:
        self.question = question
        bounds = question.constraints
        sign = 1 if question.segment is Segment.LOW else -1
        self.count = (question.end - question.start) // MINUTE
        self.costs: list[float | None] = [None] * self.count
        for slot in question.prices:
            if slot.rate is None:
                continue
            if bounds.never_beyond is not None and sign * (slot.rate - bounds.never_beyond) > 0:
                continue
            first = (slot.start - question.start) // MINUTE
            last = (slot.end - question.start) // MINUTE
            for minute in range(max(first, 0), min(last, self.count)):
                self.costs[minute] = sign * slot.rate
        always = -math.inf if bounds.always_within is None else sign * bounds.always_within
        self.cheap = [cost is not None and cost <= always for cost in self.costs]
        self.exceeds = bounds.always_within is not None
        self.wanted = question.wanted
        self.pause = bounds.shortest_pause // MINUTE
        self.shortest = bounds.shortest_run // MINUTE
        self._remember(question.past)

    def _remember(self, past: Sequence[Span]) -> None:
        """Say what the past means: starts left, what must go on, from when on a run may begin."""
        question = self.question
        ordered = sorted(past, key=lambda span: span.start)
        firsts = [span for span in ordered if all(other.end != span.start for other in ordered)]
        maximum = question.constraints.starts
        self.starts = None if maximum is None else max(maximum - len(firsts), 0)
        self.must: int | None = None
        self.free = 0
        if ordered:
            begun, ended = firsts[-1].start, ordered[-1].end
            self.free = max((ended + self.pause * MINUTE - question.start) // MINUTE, 0)
            if ended == question.start and self.count and self.costs[0] is not None:
                usable = next(
                    (at for at, cost in enumerate(self.costs) if cost is None), self.count
                )
                left = self.shortest - (ended - begun) // MINUTE
                self.must = min(max(left, 0), usable, self.wanted)
                self.free = self.must + self.pause
        longest = best = 0
        for minute, cost in enumerate(self.costs):
            longest = longest + 1 if cost is not None and minute >= self.free else 0
            best = max(best, longest)
        if best:
            self.shortest = min(self.shortest, best)

    def objective(self, runs: Runs) -> Objective:
        """Say what a plan is worth."""
        minutes = [minute for begin, end in runs for minute in range(begin, end)]
        cheap = sum(self.cheap[minute] for minute in minutes)
        late = self.question.constraints.preference is Preference.LATE
        moments = sum(2 * minute + 1 for minute in minutes)
        begun = sum(not (self.must is not None and begin == 0) for begin, _ in runs)
        return Objective(
            max(self.wanted - len(minutes), 0),
            sum(self.cheap) - cheap if self.exceeds else 0,
            max(len(minutes) - max(self.wanted, cheap if self.exceeds else 0), 0),
            sum(self.costs[minute] for minute in minutes),
            begun,
            -moments if late else moments,
        )

    def short(self) -> list[Runs]:
        """Return the plans with one new run that is as long as what is missing for a short one."""
        held: Runs = ((0, self.must),) if self.must else ()
        length = self.wanted - (self.must or 0)
        if not 0 < length < self.shortest or self.starts == 0:
            return []
        return [
            tuple(joined((*held, (begin, begin + length))))
            for begin in range(self.free, self.count - length + 1)
            if None not in self.costs[begin : begin + length]
        ]

    def allow(self, runs: Runs) -> bool:
        """Tell whether a plan keeps the rules, with no run that is too short."""
        goes_on = self.must is not None and runs and runs[0][0] == 0
        if self.must and not (goes_on and runs[0][1] >= self.must):
            return False
        new = runs[1:] if goes_on else runs
        free = 0 if goes_on else self.free if self.must is None else self.pause
        ends = [runs[0][1] + self.pause] if goes_on else [free]
        ends += [end + self.pause for _, end in new]
        return (
            all(None not in self.costs[begin:end] for begin, end in runs)
            and all(end - begin >= self.shortest for begin, end in new)
            and all(begin >= end for (begin, _), end in zip(new, ends, strict=False))
            and (self.starts is None or len(new) <= self.starts)
        )


def joined(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join runs that touch."""
    found: list[tuple[int, int]] = []
    for begin, end in runs:
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def best_of_all(rules: Rules) -> Objective:
    """Try every plan there is."""
    plans = [runs for runs in every_plan(rules.count) if rules.allow(runs)]
    known = [(runs, rules.objective(runs)) for runs in plans]
    exact = [objective for runs, objective in known if length(runs) <= rules.wanted]
    more = [objective for runs, objective in known if length(runs) > rules.wanted and rules.exceeds]
    minimum = min((objective.missing for objective in exact), default=rules.wanted)
    short = [rules.objective(runs) for runs in rules.short()] if minimum else []
    if short:
        return min(short + more, key=in_order)
    return min(
        [objective for objective in exact if objective.missing == minimum] + more, key=in_order
    )


def in_order(objective: Objective) -> tuple[float, ...]:
    """Return the goals after the first, which is not to be bought with more than is wanted."""
    return (objective.left_out, objective.filler, objective.cost, objective.runs, objective.moments)


def length(runs: Runs) -> int:
    """Add up the minutes."""
    return sum(end - begin for begin, end in runs)


@cache
def every_plan(count: int) -> list[Runs]:
    """Return all ways of being on and off for some minutes."""
    found = []
    for number in range(2**count):
        runs, minute = [], 0
        for on, some in groupby(number >> minute & 1 for minute in range(count)):
            begin, minute = minute, minute + len(list(some))
            if on:
                runs.append((begin, minute))
        found.append(tuple(runs))
    return found


def odd_question(chance: random.Random, longest: int = 48) -> Question:
    """Make up a question: any constraints, any past, any prices."""
    step = chance.choice((1, 2, 3, 4, 5, 6, 0))
    kinds = chance.choice(((1, 2), (1, 2, 3, None), tuple(range(-4, 12)), tuple(range(-9, 0))))
    slots: list[Slot] = []
    at = MIDNIGHT - chance.choice((0, 0, chance.randint(0, 5))) * MINUTE
    count = chance.choice((chance.randint(1, longest), chance.randint(longest // 2, longest)))
    end = MIDNIGHT + count * MINUTE
    while at < end:
        until = at + (step or chance.randint(1, 8)) * MINUTE
        if chance.random() > 0.04:
            slots.append(Slot(at, until, chance.choice(kinds)))
        at = until
    rates = sorted({slot.rate for slot in slots if slot.rate is not None}) or [0]
    segment = chance.choice(list(Segment))
    better = rates if segment is Segment.LOW else rates[::-1]

    def some() -> int:
        """Return a length; one on the grid of the prices leaves it a coarse one."""
        return chance.choice((step, step, 2 * step, chance.randint(1, 9)))

    def maybe[T](value: T, nothing: T, share: float) -> T:
        return value if chance.random() < share else nothing

    constraints = Constraints(
        one_piece=chance.random() < 0.1,
        shortest_run=some() * MINUTE,
        shortest_pause=some() * MINUTE,
        max_starts=maybe(chance.randint(1, 5), None, 0.6),
        never_beyond=maybe(chance.choice(better[len(better) // 3 :]), None, 0.3),
        always_within=maybe(chance.choice(better[: len(better) // 2 + 1]), None, 0.4),
        preference=chance.choice(list(Preference)),
        run_through=chance.random() < 0.05,
    )
    return Question(
        tuple(chance.sample(slots, len(slots))),
        chance.choice((chance.randint(0, 6), chance.randint(1, count + 3), count // 2)),
        segment,
        constraints,
        MIDNIGHT,
        end,
        made_up_past(chance) if chance.random() < 0.6 else (),
    )


def made_up_past(chance: random.Random) -> tuple[Span, ...]:
    """Make up some runs before the start."""
    runs, at = [], MIDNIGHT - chance.choice((0, 0, chance.randint(1, 9))) * MINUTE
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        begin = at - chance.randint(1, 9) * MINUTE
        runs.append(Span(begin, at))
        at = begin - chance.choice((0, chance.randint(1, 20))) * MINUTE
    return tuple(chance.sample(runs, len(runs)))
