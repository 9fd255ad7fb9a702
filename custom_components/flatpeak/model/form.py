"""What the form of a schedule says, read."""

from dataclasses import dataclass
from enum import StrEnum

from .amount import AmountTarget, Battery
from .duration import DurationTarget
from .price_limit import PriceLimitTarget


class KindName(StrEnum):
    """The kinds of schedules; the values are the types of subentries."""

    DURATION = "duration"
    PRICE_LIMIT = "limit"
    AMOUNT = "amount"


type Target = DurationTarget | PriceLimitTarget | AmountTarget


@dataclass(frozen=True, slots=True)
class Form[T: Target = Target]:
    """What the form of a schedule stored, but for the name.

    `device_id` is the device in Flatpeak that its owner has chosen; without one, one is made
    where it is needed. The sensors are entity ids: of a battery's state of charge in per cent,
    and of an energy meter.
    """

    target: T
    device_id: str | None = None
    battery: Battery | None = None
    soc_entity: str | None = None
    energy_entity: str | None = None

    @property
    def sensor(self) -> str | None:
        """The sensor that tells what is still missing."""
        return self.soc_entity or self.energy_entity
