"""A toy tariff: cheap and dear periods in turn."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Brussels")
DAYS = 2
CHEAP, DEAR = 80.0, 300.0  # EUR per MWh
# Each cheap period costs a little more and each dear one brings a little less, so that the
# first ones are taken first.
STEP = 0.01
TURNS = 720  # periods in turn, far more than anybody watches; the rest of the time is dear
HOUR = timedelta(hours=1)  # the longest that the simulator takes


def write_toy_tariff(path: Path, start: datetime, period: timedelta) -> None:
    """Write prices of some days as the simulator reads them."""
    lines = ["start_utc,eur_per_mwh"]
    for number in range(TURNS):
        price = DEAR - number * STEP if number % 2 else CHEAP + number * STEP
        lines.append(_line(start + number * period, price))
    moment, end = start + TURNS * period, start + timedelta(days=DAYS)
    while moment < end:
        lines.append(_line(moment, DEAR - TURNS * STEP))
        moment += HOUR
    path.write_text("\n".join(lines) + "\n")


def _line(moment: datetime, price: float) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ},{price:.2f}"
