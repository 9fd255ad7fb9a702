"""How all schedules by amount of a home are asked for in one question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from .amount import AmountCoordinator
from .api import FlatpeakError, FlatpeakNoTariffError, FlatpeakNotYetError, FlatpeakRefusedError
from .const import LOGGER, REFERENCE
from .location import LocationCoordinator
from .model import AmountRequest, Demand, DeviceSchedule, Direction, SiteRules
from .planner import Question, requests


class SiteAsker:
    """Asks for the schedules of a site, and sees to it that each has a device in Flatpeak."""

    def __init__(self, location: LocationCoordinator, rules: SiteRules) -> None:
        """Ask for this location, under these rules."""
        self._location = location
        self._rules = rules
        # the directions without a tariff, as of the last answer
        self.without_tariff: set[Direction] = set()

    async def answers(
        self, schedules: Mapping[str, AmountCoordinator], questions: Mapping[str, Question]
    ) -> dict[str, DeviceSchedule]:
        """Return the answers there are, by schedule. Raises FlatpeakError."""
        demands = {key: one.demand for key, one in questions.items() if one.demand}
        asking = {key: schedules[key] for key in demands}
        try:
            return await self._ask_for(asking, demands)
        except FlatpeakRefusedError:
            if not await self._forget_deleted_devices(asking.values()):
                raise
        return await self._ask_for(asking, demands)

    async def _ask_for(
        self, schedules: Mapping[str, AmountCoordinator], demands: Mapping[str, Demand]
    ) -> dict[str, DeviceSchedule]:
        by_device: dict[str, str] = {}
        for key, schedule in schedules.items():
            if schedule.device_id is None:
                reference = f"{REFERENCE}{key}"
                schedule.device_id = await self._location.find_or_create_device(reference)
            by_device[schedule.device_id] = key
        known = [replace(demands[key], device_id=one) for one, key in by_device.items()]
        # what lacks a tariff does not spoil the question of the others a second time
        lacking = [one for one in known if one.direction in self.without_tariff]
        others = [one for one in known if one not in lacking]
        questions = requests(others, self._rules) + requests(lacking, self._rules)
        answers = await self._answer_parts(questions)
        return {by_device[one]: answer for one, answer in answers.items() if one in by_device}

    async def _answer(self, request: AmountRequest) -> dict[str, DeviceSchedule]:
        """Ask; where one part of a question has no price yet, ask without it."""
        try:
            answer = await self._location.ask_amount(request)
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

    async def _forget_deleted_devices(self, schedules: Iterable[AmountCoordinator]) -> bool:
        """Forget the devices that are gone from Flatpeak; new ones take their place."""
        known = {device.id for device in await self._location.devices()}
        gone = [one for one in schedules if one.device_id and one.device_id not in known]
        for schedule in gone:
            LOGGER.warning(
                "The device of %s was deleted in Flatpeak, a new one takes its place",
                schedule.name,
            )
            schedule.device_id = None
        return bool(gone)


def _directions(request: AmountRequest) -> set[Direction]:
    return {demand.direction for demand in request.demands}


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
