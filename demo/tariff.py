"""A toy tariff: cheap and dear periods in turn."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

DAYS = 2
CHEAP, DEAR = 80.0, 300.0  # EUR per MWh
RISE = 0.05  # each cheap period costs a little more, so that the first ones are taken first


def write_toy_tariff(path: Path, start: datetime, period: timedelta) -> None:
    """Write prices of some days as the simulator reads them."""
    lines = ["start_utc,eur_per_mwh"]
    for number in range(timedelta(days=DAYS) // period):
        moment = (start + number * period).astimezone(UTC)
        price = DEAR if number % 2 else CHEAP + number * RISE
        lines.append(f"{moment:%Y-%m-%dT%H:%M:%SZ},{price:.2f}")
    path.write_text("\n".join(lines) + "\n")
