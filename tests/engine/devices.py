"""Devices with a true level, and sensors that tell it more or less well."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from custom_components.flatpeak.engine import HomeState, Reading
from custom_components.flatpeak.model import Direction, PowerSlot, energy_of, within


@dataclass(slots=True)
class Device:
    """What one schedule by amount switches: its truth, and what its sensor says of it.

    `level` is what is in it, `moved` what has ever flowed, in kWh. `gives` is the share of the
    power asked for that it really takes. `ticking`: its sensor is about to speak.
    """

    rng: Random
    key: str
    capacity: float | None
    efficiency: float
    step: float
    gives: float
    level: float = 0.0
    moved: float = 0.0
    ticking: bool = False
    lies_until: datetime | None = None
    told: Reading | None = None
    epoch: int = 0

    def pass_time(self, home: HomeState, now: datetime) -> None:
        """Take what is shown, as far as there is room for it."""
        state = home.schedules.get(self.key)
        if state is None or now <= home.now:
            return
        ran = within(state.plan.windows, home.now, now)
        energy = energy_of(one for one in ran if isinstance(one, PowerSlot)) * self.gives
        if not energy:
            return
        if self.capacity is None:
            self.moved += energy
            return
        sold = state.target.direction is Direction.EXPORT
        into = -energy / self.efficiency if sold else energy * self.efficiency
        into = min(max(into, -self.level), self.capacity - self.level)
        self.level += into
        self.moved += abs(into / self.efficiency)

    def drive(self) -> None:
        """Use some of what is in it."""
        if self.capacity is not None:
            self.level = max(0.0, self.level - self.rng.uniform(0.05, 0.6) * self.capacity)

    def told_now(self, now: datetime) -> Reading | None:
        """Return what the sensor says: in steps, and not always the truth."""
        rng, chance = self.rng, self.rng.random()
        if self.lies_until and now < self.lies_until:
            value: float | None = rng.choice((0.0, 100.0, 37.5)) if self.capacity else 5.0
        elif chance < 0.004:
            self.lies_until = now + rng.uniform(0.1, 3) * timedelta(hours=1)
            return self.told
        elif chance < 0.01:
            self.told = None
            return None
        elif chance < 0.02:
            value = None
        else:
            share = 100 * self.level / self.capacity if self.capacity else self.moved
            value = round(share / self.step) * self.step
        told = self.told
        same = told is not None and told.value == value
        self.told = Reading(value, now, told.changed_at if same and told else now)
        return self.told


def drawn_device(rng: Random, key: str, capacity: float | None, efficiency: float) -> Device:
    """Draw a device and its sensor."""
    steps = (1.0, 1.0, 0.1, 5.0) if capacity else (0.001, 0.01, 0.1, 1.0)
    return Device(
        rng,
        key,
        capacity,
        efficiency,
        rng.choice(steps),
        rng.choice((1.0, 1.0, 1.0, 0.9, 0.7)),
        level=(capacity or 0.0) * rng.random(),
    )
