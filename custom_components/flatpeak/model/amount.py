"""A schedule by amount of energy: several devices under one site limit.

Energy is in kWh, power in kW, money in major currency units; rates are per kWh.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
import math

from .frame import Frame
from .location import Direction
from .plan import Plan, Source
from .spans import Slot, Span
from .tolerances import MONEY_ROUNDING

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PowerSlot(Slot):
    """A slot in which a device moves energy at a steady power.

    `saved` is what a kWh saves against the baseline of `planner.allocate`, None: not known.
    """

    power: float = 0.0
    saved: float | None = None

    @property
    def energy(self) -> float:
        """The energy it moves."""
        return self.power * (self.length / HOUR)


def energy_of(slots: Iterable[PowerSlot]) -> float:
    """Add up the energy."""
    return math.fsum(slot.energy for slot in slots)


@dataclass(frozen=True, slots=True)
class PriceCap:
    """Up to what price energy is bought, or down to what price it is sold.

    `absolute` is a rate and wins over `relative`: of the prices of the period asked about
    the highest counts 1 and the lowest 0.01 (sold: the lowest 1 and the highest 0.01).
    Source: schedule by amount, `shaving_threshold`.
    """

    relative: float | None = None
    absolute: float | None = None


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What holds for all devices of a site together, in each direction where it is set."""

    limits: Mapping[Direction, float]
    caps: Mapping[Direction, PriceCap]


@dataclass(frozen=True, slots=True)
class Demand:
    """One device's part of a request: so much energy in a span, at this power at most.

    Below `min_power` the device cannot run. Energy that is kept for prices to come is to be
    moved from `fallback` on, at the latest time without it.
    """

    device_id: str
    direction: Direction
    span: Span
    energy: float
    max_power: float
    min_power: float = 0.0
    fallback: datetime | None = None


@dataclass(frozen=True, slots=True)
class AmountRequest:
    """A question for a schedule by amount: the demands of one site.

    `max_power` is what all devices together may draw or give in each direction.
    """

    demands: tuple[Demand, ...]
    max_power: float
    cap: PriceCap | None = None


@dataclass(frozen=True, slots=True)
class Savings:
    """What a schedule saves against a baseline; no percentage of one that is not positive."""

    value: float
    percentage: float | None = None


def savings_percentage(
    cost: float | None, savings: float | None, *, sold: bool = False
) -> float | None:
    """Return what share of the baseline is saved (or earned more); of nothing there is none."""
    if cost is None or savings is None:
        return None
    baseline = cost - savings if sold else cost + savings
    return 100 * savings / baseline if baseline > MONEY_ROUNDING else None


@dataclass(frozen=True, slots=True)
class DeviceSchedule:
    """When a device runs, and at what power; `cost` is the income where energy is sold.

    `source` is who worked it out.
    """

    device_id: str
    direction: Direction | None
    slots: tuple[PowerSlot, ...]
    cost: float | None = None
    savings: Savings | None = None
    confidence: float = 1.0
    source: Source = Source.FLATPEAK


@dataclass(frozen=True, slots=True)
class AmountSchedule:
    """Flatpeak's answer to a schedule by amount."""

    devices: tuple[DeviceSchedule, ...]
    cost: float | None = None
    savings: Savings | None = None
    currency: str | None = None
    time_zone: str | None = None
    live: bool | None = None


@dataclass(frozen=True, slots=True)
class AmountTarget:
    """What a person wants: so much energy in each period, or a battery at a level.

    Either `energy` or `target_soc` (per cent) is given. `fallback` is when to begin, by the
    location's clock, where prices do not come.
    """

    direction: Direction
    frame: Frame
    max_power: float
    min_power: float = 0.0
    energy: float | None = None
    target_soc: float | None = None
    enabled: bool = True
    fallback: time | None = None


@dataclass(frozen=True, slots=True)
class AmountPlan(Plan[PowerSlot]):
    """What a schedule by amount does in one period."""

    @property
    def energy(self) -> float:
        """The energy the plan holds, delivered energy included."""
        return energy_of(self.windows)

    @property
    def cost(self) -> float | None:
        """What that energy costs, or earns where it is sold; None where a rate is not known."""
        rates = [(slot.rate, slot.energy) for slot in self.windows]
        known = [rate * energy for rate, energy in rates if rate is not None]
        return math.fsum(known) if len(known) == len(rates) else None

    @property
    def savings(self) -> float | None:
        """What that saves against the baseline, None where it is not known."""
        saved = [slot.saved * slot.energy for slot in self.windows if slot.saved is not None]
        return math.fsum(saved) if len(saved) == len(self.windows) else None


@dataclass(frozen=True, slots=True)
class Battery:
    """A battery as its owner describes it: capacity in kWh, efficiency from 0 to 1."""

    capacity: float
    efficiency: float


@dataclass(frozen=True, slots=True)
class Metering:
    """What a sensor has told: its last value that counts, when, and the energy of this period.

    The value is in kWh of a meter, or in per cent of a battery; `delivered` in kWh. `owed`
    is what the next value will tell of the period before.
    """

    value: float | None = None
    at: datetime | None = None
    delivered: float = 0.0
    owed: float = 0.0
