"""What many schedules cost.

Run with `python -m benchmarks.scale`. Options go to pytest: `-k edges`.

A hundred schedules are set up by the real clock, beside a home with one schedule whose set-up
has loaded what is loaded once; and again to see how much memory they take. A step is what the
event loop does without a break, and everything else in Home Assistant waits for it. Then they
live through a day, from noon to noon, in one home and in ten.

Two hundred schedules begin in the same second and end in the same second, by the real clock. How
late is each when automations hear of it?

What other programs do at the same time is in all lengths of time, though not in the CPU.
"""

import sys

from .report import Report, run

if __name__ == "__main__":
    sys.exit(run("scale.py", Report(), sys.argv[1:]))
