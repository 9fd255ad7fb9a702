"""How all schedules by amount of a home are asked for in one question."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ..const import LOGGER, REFERENCE
from ..engine import EnergyAnswer, EnergyQuestion
from ..model import (
    AmountRequest,
    AmountSchedule,
    Demand,
    Device,
    DeviceSchedule,
    Direction,
    SiteRules,
)
from ..model.errors import (
    FlatpeakError,
    FlatpeakNoTariffError,
    FlatpeakNotYetError,
    FlatpeakRefusedError,
)
from ..planner import requests


class Asked(Protocol):
    """Whoever answers."""

    async def ask_amount(self, request: AmountRequest) -> AmountSchedule:
        """Ask for a schedule by amount."""

    async def find_or_create_device(self, reference: str) -> str:
        """Return the id of the device with a reference of ours."""

    async def devices(self) -> tuple[Device, ...]:
        """Return all devices that Flatpeak knows."""

    def note_devices(self, devices: Mapping[str, str | None]) -> None:
        """Tell which devices stand for schedules."""


class EnergyAsker:
    """Asks for schedules by amount, and sees to it that each has a device in Flatpeak."""

    def __init__(self, home: Asked) -> None:
        """Ask this home."""
        self._home = home
        # the directions without a tariff, as of the last answer
        self.without_tariff: frozenset[Direction] = frozenset()

    async def ask(self, question: EnergyQuestion) -> EnergyAnswer:
        """Return the answers there are. Raises FlatpeakError."""
        demands = {key: one.demand for key, one in question.parts.items() if one.demand}
        devices = {key: question.devices.get(key) for key in demands}
        try:
            answers = await self._ask_for(demands, devices, question.rules)
        except FlatpeakRefusedError:
            if not await self._forget_deleted(devices):
                raise
            answers = await self._ask_for(demands, devices, question.rules)
        return EnergyAnswer(answers, self.without_tariff)

    async def _ask_for(
        self, demands: Mapping[str, Demand], devices: dict[str, str | None], rules: SiteRules
    ) -> dict[str, DeviceSchedule]:
        by_device: dict[str, str] = {}
        for key, known in devices.items():
            if (device_id := known) is None:
                device_id = await self._home.find_or_create_device(f"{REFERENCE}{key}")
                devices[key] = device_id
                self._home.note_devices({key: device_id})
            by_device[device_id] = key
        asked = [replace(demands[key], device_id=one) for one, key in by_device.items()]
        # what lacks a tariff does not spoil the question of the others a second time
        lacking = [one for one in asked if one.direction in self.without_tariff]
        others = [one for one in asked if one not in lacking]
        answers = await self._answer_parts(requests(others, rules) + requests(lacking, rules))
        return {by_device[one]: answer for one, answer in answers.items() if one in by_device}

    async def _answer(self, request: AmountRequest) -> dict[str, DeviceSchedule]:
        """Ask; where one part of a question has no price yet, ask without it."""
        try:
            answer = await self._home.ask_amount(request)
        except FlatpeakNotYetError as err:
            parts = _parts(request, err)
            if not parts:
                if isinstance(err, FlatpeakNoTariffError):
                    self.without_tariff |= _directions(request)
                raise
            LOGGER.debug("Asking for schedules by amount in parts (%s)", err)
            return await self._answer_parts(parts)
        self.without_tariff -= _directions(request)
        return {device.device_id: device for device in answer.devices}

    async def _answer_parts(self, parts: Sequence[AmountRequest]) -> dict[str, DeviceSchedule]:
        """Ask for parts; an error counts only if none of them is answered."""
        answers: dict[str, DeviceSchedule] = {}
        error: FlatpeakError | None = None
        for part in parts:
            try:
                answers |= await self._answer(part)
            except FlatpeakNotYetError as err:
                error = err
        if error and not answers:
            raise error
        return answers

    async def _forget_deleted(self, devices: dict[str, str | None]) -> bool:
        """Forget the devices that are gone from Flatpeak; new ones take their place."""
        known = {device.id for device in await self._home.devices()}
        gone = [key for key, one in devices.items() if one and one not in known]
        for key in gone:
            devices[key] = None
        if gone:
            self._home.note_devices(dict.fromkeys(gone))
        return bool(gone)


def _directions(request: AmountRequest) -> frozenset[Direction]:
    return frozenset({demand.direction for demand in request.demands})


def _parts(request: AmountRequest, error: FlatpeakNotYetError) -> list[AmountRequest]:
    """Return the parts of a question that may be answered when the whole is not.

    Without a tariff in one direction the other one may have its own; without prices for
    the latest period the earlier ones may have theirs. No parts: nothing else to try.
    """
    if isinstance(error, FlatpeakNoTariffError):
        sides = [
            [demand for demand in request.demands if demand.direction is way] for way in Direction
        ]
        parts = [side for side in sides if side]
        return [replace(request, demands=tuple(side)) for side in parts] if len(parts) > 1 else []
    latest = max(demand.span.start for demand in request.demands)
    earlier = tuple(demand for demand in request.demands if demand.span.start < latest)
    return [replace(request, demands=earlier)] if earlier else []
