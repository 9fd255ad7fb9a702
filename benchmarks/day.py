"""What a schedule costs a day: processor, states, files.

Run with `python -m benchmarks.day`. Options that are not known here go to pytest: `-k local`.

A real Home Assistant lives through some days, which go from noon to noon: in steps of ten
minutes, and at every edge of a window or a price. Another one that has nothing but the same
sensor of prices lives through the same moments. What it takes is taken off, and what is left is
given in seconds, and as a multiple of it. Flatpeak's answers are not counted: they are made
elsewhere. The turned clock is dearer to read than a real one, and so is all reckoning with time.

The sensor of the talkative home is written every ten seconds, with the prices that it had.
Ranges are the least and the most of the days.
"""

from argparse import ArgumentParser
import sys

from .report import Report, run


def main() -> int:
    """Print the table."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--profile",
        action="store_true",
        help="say where the busiest day of those that are run went; all takes longer then",
    )
    options, others = parser.parse_known_args()
    return run("day.py", Report(profile=options.profile), others)


if __name__ == "__main__":
    sys.exit(main())
