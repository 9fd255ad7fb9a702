"""What is asked: each question carries what it was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from ..model import (
    DeviceSchedule,
    Direction,
    DurationRequest,
    DurationSchedule,
    DurationTarget,
    Plan,
    PriceLimitRequest,
    PriceLimitTarget,
    SiteRules,
    Slot,
    Target,
)
from ..planner import Question as Part


class Answerer(Enum):
    """Who is to answer: Flatpeak; this home, in its place or for want of its answer."""

    FLATPEAK = "flatpeak"
    LOCAL = "local"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for one schedule: a plan, for a target.

    `calm`: a plan that is as good stays; `keep_running`: so does what runs.
    """

    target: Target
    plan: Plan[Slot]
    calm: bool = True
    keep_running: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a group of schedules, by their keys.

    `group` is who asks, `number` which of its questions this is.
    """

    group: str
    number: int
    at: datetime
    asked: Mapping[str, Asked]
    answerer: Answerer


@dataclass(frozen=True, slots=True)
class DurationQuestion(Question):
    """A question for so many minutes. `never_beyond` is the worst rate that may be used."""

    target: DurationTarget
    request: DurationRequest


@dataclass(frozen=True, slots=True)
class PriceLimitQuestion(Question):
    """A question for all time at a price; `known` are the prices known of it."""

    target: PriceLimitTarget
    plan: Plan[Slot]
    request: PriceLimitRequest
    known: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class EnergyQuestion(Question):
    """A question for energy, of all schedules by amount together.

    `devices` are those that stand for the schedules in Flatpeak, None: there is none yet.
    """

    parts: Mapping[str, Part]
    rules: SiteRules
    devices: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class EnergyAnswer:
    """The answers there are, by schedule; `without_tariff` are the directions that lack one."""

    schedules: Mapping[str, DeviceSchedule] = field(default_factory=dict)
    without_tariff: frozenset[Direction] = frozenset()


type Answer = DurationSchedule | EnergyAnswer
