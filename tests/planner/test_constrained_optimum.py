"""No plan of a machine is better: against HiGHS with whole numbers, and against all plans."""

import random

import pytest

from custom_components.flatpeak.model import MINUTE, total

from .highs_runs import optimum
from .machines import Question, Rules, best_of_all, odd_question


def asked(seed: int, longest: int) -> Question:
    """Make up a question that is the same every time."""
    return odd_question(random.Random(seed), longest)


@pytest.mark.parametrize("hundred", range(10))
def test_highs_finds_nothing_better(hundred) -> None:
    """As much placed, as much of the time that is always used, as little other time and money."""
    for seed in range(100 * hundred, 100 * hundred + 100):
        question = asked(seed, 48)
        rules = Rules(question)
        ours, best = rules.objective(question.runs()), optimum(rules)
        assert (ours.missing, ours.left_out, ours.filler) == (
            best.missing,
            best.left_out,
            best.filler,
        ), (seed, question)
        assert ours.cost == pytest.approx(best.cost, abs=1e-6), (seed, question)


@pytest.mark.parametrize("hundred", range(10))
def test_no_plan_there_is_is_better(hundred) -> None:
    """In all goals, down to the number of runs and how early or late they are."""
    for seed in range(100 * hundred, 100 * hundred + 100):
        question = asked(seed, 10)
        rules = Rules(question)
        assert rules.objective(question.runs()) == best_of_all(rules), (seed, question)


def test_the_rules_are_kept() -> None:
    """In questions too long for other ways, with a grid that is coarse and durations that are not.

    Where a run is shorter than the shortest, it is the only way to place what is wanted.
    """
    for seed in range(300):
        question = asked(seed, 300)
        rules = Rules(question)
        answer, runs = question.answer(), question.runs()
        assert rules.allow(runs) or runs in rules.short(), (seed, question)
        placed = total(answer.windows) // MINUTE
        assert placed <= rules.wanted or rules.exceeds, (seed, question)
        missing = max(rules.wanted - placed, 0)
        assert answer.shortfall == missing * MINUTE, (seed, question)
