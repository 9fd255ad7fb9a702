"""Whoever answers: Flatpeak by the planner on what is published, a source, or nobody."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from custom_components.flatpeak.engine import (
    Answered,
    DurationQuestion,
    EnergyAnswer,
    EnergyQuestion,
    Event,
    Failed,
    PriceLimitQuestion,
    PricesFailed,
    PricesRead,
    Question,
    ReadPrices,
)
from custom_components.flatpeak.model import (
    NOTHING,
    DeviceSchedule,
    Direction,
    DurationSchedule,
    Plan,
    PriceSeries,
    Segment,
    Slot,
    Source,
    before,
    total,
    within,
)
from custom_components.flatpeak.model.errors import (
    FlatpeakAuthError,
    FlatpeakConnectionError,
    FlatpeakError,
    FlatpeakNoTariffError,
    FlatpeakNotYetError,
    FlatpeakRateLimitError,
    FlatpeakRefusedError,
    FlatpeakResponseError,
    SourceError,
)
from custom_components.flatpeak.planner import (
    Situation,
    amounts_planned_locally,
    limit_planned_locally,
    requests,
    select,
)

from .market import HOUR, Market

# Nobody waits longer for an answer.
TIMEOUT = timedelta(seconds=60)
_FAULTS = (
    "connection",
    "timeout",
    "auth",
    "busy",
    "busy until",
    "not yet",
    "refused",
    "response",
    "slow",
    "empty",
    "unknown",
    "contradicts",
)
# What keeps asking from being any use.
OUTAGES = frozenset(_FAULTS) - {"slow"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong for a while."""

    name: str
    start: datetime
    end: datetime


def drawn_faults(rng: Random, start: datetime, end: datetime, days: float) -> list[Fault]:
    """Draw what will go wrong in a year, about every so many days."""
    found: list[Fault] = []
    at = start + rng.expovariate(1 / days) * 24 * HOUR
    while at < end:
        longest = rng.choice((0.1, 1, 6, 30))
        until = at + rng.uniform(0.02, longest) * HOUR
        found.append(Fault(rng.choice(_FAULTS), at, until))
        at = until + rng.expovariate(1 / days) * 24 * HOUR
    return found


class Server:
    """Answers on what the market has published, unless something is wrong."""

    def __init__(
        self,
        rng: Random,
        market: Market,
        faults: list[Fault],
        *,
        exports: bool,
        locally: bool,
        refresh: timedelta,
    ) -> None:
        """Begin without a tariff for selling where it is none that exports."""
        self._refresh = refresh
        self._rng, self._market, self.faults = rng, market, faults
        self._exports, self._locally = exports, locally
        self._held: datetime | None = None

    def fault(self, now: datetime) -> str | None:
        """Return what is wrong now."""
        return next((one.name for one in self.faults if one.start <= now < one.end), None)

    def _error(self, now: datetime) -> FlatpeakError | None:
        """Return what an error says; after one with a time nobody asks before that is over."""
        if self._held and now < self._held:
            held = FlatpeakRateLimitError("held")
            held.retry_after = (self._held - now).total_seconds()
            return held
        match self.fault(now):
            case "connection" | "timeout":
                return FlatpeakConnectionError("away")
            case "auth":
                return FlatpeakAuthError("who are you")
            case "busy":
                return FlatpeakRateLimitError("busy")
            case "busy until":
                error = FlatpeakRateLimitError("busy until")
                error.retry_after = self._rng.choice((0.0, 30.0, 600.0, 3600.0))
                self._held = now + timedelta(seconds=error.retry_after)
                return error
            case "not yet":
                return FlatpeakNotYetError("not yet")
            case "refused":
                return FlatpeakRefusedError("no")
            case "response":
                return FlatpeakResponseError("mumble")
        return None

    def delay(self, now: datetime) -> timedelta:
        """Return how long an answer takes."""
        fault = self.fault(now)
        if fault == "timeout":
            return TIMEOUT
        if fault == "slow":
            return self._rng.uniform(1, 55) * timedelta(seconds=1)
        return self._rng.choice((0.2, 0.2, 1.5)) * timedelta(seconds=1)

    # Questions

    def answer(self, question: Question, now: datetime) -> Event:
        """Answer a question, or say what is wrong."""
        if error := self._error(now):
            return Failed(question, error)
        try:
            match question:
                case DurationQuestion():
                    return Answered(question, self._duration(question, now))
                case PriceLimitQuestion():
                    return Answered(question, self._limit(question, now))
                case EnergyQuestion():
                    return Answered(question, self._energy(question, now))
        except FlatpeakError as err:
            return Failed(question, err)
        raise NotImplementedError(type(question))

    def _prices(self, now: datetime, direction: Direction) -> tuple[Slot, ...]:
        if direction is Direction.EXPORT and not self._exports:
            raise FlatpeakNoTariffError("no tariff")
        prices, fault = self._market.known(now, direction), self.fault(now)
        if fault == "unknown":
            cut = now + self._rng.uniform(0, 12) * HOUR
            return tuple(
                replace(one, rate=None, confidence=0.0) if one.start > cut else one
                for one in prices
            )
        if fault == "contradicts":
            return tuple(
                replace(one, rate=one.rate and one.rate + self._rng.gauss(0, 0.2)) for one in prices
            )
        return prices

    def _duration(self, question: DurationQuestion, now: datetime) -> DurationSchedule:
        request, never = question.request, question.target.constraints.never_beyond
        span = request.span
        known = within(self._prices(now, request.direction), span.start, span.end)
        if not any(slot.rate is not None for slot in known):
            raise FlatpeakNotYetError("not yet")
        if never is not None:
            sign = 1 if request.segment is Segment.LOW else -1
            known = tuple(one for one in known if sign * ((one.rate or 0) - never) <= 0)
        chosen = select(
            known, request.duration, request.segment, start=span.start, end=span.end
        ).windows
        if self.fault(now) == "unknown":
            chosen = (*chosen, *(one for one in known if one.rate is None))
        return self._schedule(chosen, now)

    def _limit(self, question: PriceLimitQuestion, now: datetime) -> DurationSchedule:
        request, target = question.request, question.target
        span = request.span
        known = within(self._prices(now, request.direction), span.start, span.end)
        if not any(slot.rate is not None for slot in known):
            raise FlatpeakNotYetError("not yet")
        used = total(before(question.plan.windows, span.start))
        target = replace(
            target,
            limit=request.limit,
            minimum=max(target.minimum - used, NOTHING),
            maximum=None if target.maximum is None else max(target.maximum - used, NOTHING),
        )
        plan = limit_planned_locally(Plan(span), target, known, Situation(span.start, calm=False))
        return self._schedule(plan.windows, now)

    def _schedule(self, slots: tuple[Slot, ...], now: datetime) -> DurationSchedule:
        if self.fault(now) == "empty":
            slots = ()
        return DurationSchedule(slots, next_update=self._market.next_publication(now))

    def _energy(self, question: EnergyQuestion, now: datetime) -> EnergyAnswer:
        answers: dict[str, DeviceSchedule] = {}
        without: frozenset[Direction] = frozenset()
        demands = [
            replace(part.demand, fallback=None) for part in question.parts.values() if part.demand
        ]
        lacking: FlatpeakError = FlatpeakNotYetError("not yet")
        for way in {one.direction for one in demands}:
            try:
                prices = self._prices(now, way)
            except FlatpeakNoTariffError as err:
                without, lacking = without | {way}, err
                continue
            known = tuple(one for one in prices if one.rate is not None)
            able = [
                one
                for one in demands
                if one.direction is way and within(known, one.span.start, one.span.end)
            ]
            for request in requests(able, question.rules):
                for one in amounts_planned_locally(request, {way: known}, unknown=False):
                    told = replace(one, source=Source.FLATPEAK)
                    if self.fault(now) == "empty":
                        told = replace(told, slots=())
                    answers[one.device_id] = told
        if not answers:
            raise lacking
        return EnergyAnswer(answers, without)

    # Prices

    def read(self, effect: ReadPrices, now: datetime) -> Event:
        """Tell the prices of a span, or what is wrong."""
        request = effect.request
        way, span = request.direction, request.span
        fault = self.fault(now)
        if self._locally:
            slots = within(self._market.known(now, way), span.start, span.end)
            # a source knows its prices or it does not: faults of a server are none of its own
            broken = fault in {"connection", "timeout", "response", "empty"}
            if broken or all(slot.end <= now for slot in slots):
                return PricesFailed(way, SourceError("source_not_ready"))
            return PricesRead(way, PriceSeries(slots, way), self._refresh)
        if error := self._error(now):
            return PricesFailed(way, error)
        try:
            slots = within(self._prices(now, way), span.start, span.end)
        except FlatpeakError as err:
            return PricesFailed(way, err)
        if not slots:
            return PricesFailed(way, FlatpeakNotYetError("not yet"))
        return PricesRead(
            way, PriceSeries(slots, way, next_update=self._market.next_publication(now))
        )
