"""What a benchmark has found, as tables; and pytest, which builds the homes it looks at.

Whatever needs Home Assistant is in `homes/`: pytest wants to import it first.
"""

from collections.abc import Iterable, Sequence
from cProfile import Profile
from pathlib import Path
from pstats import Stats

import pytest

HOMES = Path(__file__).parent / "homes"
LINES = 25

type Row = dict[str, str]


class Report:
    """A plugin of pytest: a fixture that takes the figures."""

    def __init__(self, *, profile: bool = False) -> None:
        """Begin with nothing; `profile`: look closer at the busiest day."""
        self.profiling = profile
        self._tables: dict[str, list[Row]] = {}
        self._busiest: tuple[float, str, Profile] | None = None

    @pytest.fixture
    def report(self) -> Report:
        """Give itself to a benchmark."""
        return self

    def add(self, table: str, row: Row) -> None:
        """Take a row of a table."""
        self._tables.setdefault(table, []).append(row)

    def profiled(self, cpu: float, title: str, profile: Profile) -> None:
        """Take the profile of a day; that of the busiest one is kept."""
        if self._busiest is None or cpu > self._busiest[0]:
            self._busiest = cpu, title, profile

    def show(self) -> None:
        """Print it all."""
        for title, rows in self._tables.items():
            print(f"\n{title}\n")
            lines = [rows[0].keys(), ["---"] * len(rows[0]), *(row.values() for row in rows)]
            print("\n".join(f"| {' | '.join(line)} |" for line in lines))
        if self._busiest:
            cpu, title, profile = self._busiest
            print(f"\nThe busiest day: {title}, {cpu:.2f} s with the profiler\n")
            Stats(profile).sort_stats("tottime").print_stats(LINES)


def run(name: str, report: Report, arguments: Sequence[str] = ()) -> int:
    """Let pytest run a benchmark, print what it has found, and return pytest's exit code."""
    options = ["-q", "--no-header", "-p", "no:cacheprovider", "--show-capture=no"]
    code = pytest.main([str(HOMES / name), *options, *arguments], plugins=[report])
    report.show()
    return int(code)


def span(values: Iterable[float], form: str = ".0f") -> str:
    """Write the least and the most of some values, or one value if they are the same."""
    texts = [format(value, form) for value in sorted(values)]
    return texts[0] if texts[0] == texts[-1] else f"{texts[0]} to {texts[-1]}"
