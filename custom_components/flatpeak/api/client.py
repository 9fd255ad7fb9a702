"""The client of Flatpeak's API: one method per call, one door to the network."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
import math
from urllib.parse import quote

from aiohttp import (
    ClientConnectionError,
    ClientError,
    ClientSession,
    ClientTimeout,
    encode_basic_auth,
)

from ..const import DEFAULT_API_URL, MAX_REQUEST
from ..model import (
    NOTHING,
    AmountRequest,
    AmountSchedule,
    Device,
    Direction,
    DurationRequest,
    DurationSchedule,
    Location,
    PriceLimitRequest,
    PriceRequest,
    PriceSeries,
)
from ..model.errors import (
    FlatpeakAccountDisabledError,
    FlatpeakAuthError,
    FlatpeakConnectionError,
    FlatpeakError,
    FlatpeakNoTariffError,
    FlatpeakNotFoundError,
    FlatpeakNotYetError,
    FlatpeakRateLimitError,
    FlatpeakRefusedError,
    FlatpeakVersionError,
)
from . import wire
from .dialect import (
    MIN_POWER,
    AmountDialect,
    Body,
    Call,
    Dialects,
    DurationDialect,
    PriceDialect,
    PriceLimitDialect,
)
from .learning import check_direction, understood
from .token import TokenKeeper
from .values import Json

_TIMEOUT = ClientTimeout(total=30, connect=10)
_PAGE = 100
_MAX_PAGES = 50
# Of prices 90 days are documented in one place and a month in another.
_LONGEST_SERIES = timedelta(days=31)
_LOWEST_PRICE = 0.01  # what the lowest price of a span counts for a relative limit
_LONGEST_WAIT = 86400.0  # seconds; a server that says more is not taken at its word
_BY_CODE: dict[str, type[FlatpeakError]] = {
    "account_disabled": FlatpeakAccountDisabledError,
    "no_tariff_connected": FlatpeakNoTariffError,
    "pending_connect": FlatpeakNotYetError,
    "no_price_data": FlatpeakNotYetError,
}
_BY_MESSAGE: dict[str, type[FlatpeakError]] = {
    "Connect is processing": FlatpeakNotYetError,
    "No price data": FlatpeakNotYetError,
    "No tariff connected": FlatpeakNoTariffError,
}
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class FlatpeakClient:
    """Asks Flatpeak on behalf of one account.

    `dialects` are what the account was found to speak; hand stored ones in to save the
    learning. Every method raises FlatpeakError, and nothing else, when the answer cannot
    be had.
    """

    def __init__(
        self,
        session: ClientSession,
        *,
        account_id: str,
        api_key: str,
        api_url: str = DEFAULT_API_URL,
        dialects: Dialects | None = None,
    ) -> None:
        """Prepare; nothing is asked yet."""
        self._session = session
        self._account_id = account_id
        self._api_key = api_key
        self._api_url = api_url.rstrip("/")
        self._tokens = TokenKeeper(self._login)
        self.dialects = dialects or Dialects()

    async def locations(self) -> tuple[Location, ...]:
        """Return all locations of the account, newest first."""
        return tuple([location async for location in self._pages("/locations", wire.location)])

    async def devices(self) -> tuple[Device, ...]:
        """Return all devices of the account, newest first."""
        return tuple([device async for device in self._pages("/devices", wire.device)])

    async def _pages[T: (Location, Device)](
        self, path: str, read: Callable[[object, str], T], **query: str
    ) -> AsyncIterator[T]:
        """Walk the pages; a server that repeats itself does not keep us for ever."""
        seen: set[str] = set()
        query["limit"] = str(_PAGE)
        for _ in range(_MAX_PAGES):
            try:
                body = await self._call(Call("GET", path, query=query))
            except FlatpeakNotFoundError:
                return  # how some versions say "none"
            page, more = wire.page(body, read)
            new = [item for item in page if item.id not in seen]
            for item in new:
                yield item
            seen |= {item.id for item in new}
            if not more or not new:
                return
            query["starting_after"] = page[-1].id

    async def location(self, location_id: str) -> Location:
        """Return one location. Raises FlatpeakNotFoundError when the account has none such."""
        return wire.location(await self._call(Call("GET", f"/locations/{quote(location_id, '')}")))

    async def schedule_by_duration(
        self, location_id: str, request: DurationRequest
    ) -> DurationSchedule:
        """Ask for the cheapest (dearest) slots that add up to a duration.

        Raises ValueError for a question that Flatpeak cannot answer: no time at all, or
        a span of more than three days.
        """
        if request.span.length > MAX_REQUEST or request.duration <= NOTHING:
            raise ValueError("a request spans up to three days and asks for some of that time")

        async def ask(dialect: DurationDialect) -> DurationSchedule:
            call = dialect.call(location_id, request)
            return await self._answer(call, wire.duration_schedule, request.direction)

        def learn(dialect: DurationDialect) -> None:
            self.dialects = replace(self.dialects, duration=dialect)

        return await understood(self.dialects.duration, {request.direction}, ask, learn)

    async def schedule_by_limit(
        self, location_id: str, request: PriceLimitRequest
    ) -> DurationSchedule:
        """Ask for all time at or below (above) a price.

        Raises ValueError for a question that Flatpeak cannot answer: no limit, a relative
        one outside of 0.01 to 1, or a span of more than three days.
        """
        limit = request.limit
        share = limit.relative if limit.absolute is None else 1
        if share is None or not _LOWEST_PRICE <= share <= 1:
            raise ValueError("a request needs a limit, a relative one from 0.01 to 1")
        if request.span.length > MAX_REQUEST:
            raise ValueError("a request spans up to three days")

        async def ask(dialect: PriceLimitDialect) -> DurationSchedule:
            call = dialect.call(location_id, request)
            return await self._answer(call, wire.duration_schedule, request.direction)

        def learn(dialect: PriceLimitDialect) -> None:
            self.dialects = replace(self.dialects, limit=dialect)

        return await understood(self.dialects.limit, {request.direction}, ask, learn)

    async def prices(self, location_id: str, request: PriceRequest) -> PriceSeries:
        """Ask for the prices of a span.

        Not every account has them: FlatpeakNotFoundError then, after a few requests each
        time, so whoever is told so should not ask again soon. Raises ValueError for a span
        of more than 31 days.
        """
        if request.span.length > _LONGEST_SERIES:
            raise ValueError("a request for prices spans up to 31 days")

        async def ask(dialect: PriceDialect) -> PriceSeries:
            call = dialect.call(location_id, request)
            return await self._answer(call, wire.price_series, request.direction)

        def learn(dialect: PriceDialect) -> None:
            self.dialects = replace(self.dialects, prices=dialect)

        return await understood(self.dialects.prices, {request.direction}, ask, learn)

    async def _answer[A: (DurationSchedule, PriceSeries)](
        self, call: Call, read: Callable[[Json], A], direction: Direction
    ) -> A:
        """Send, and read the answer for this direction."""
        answer = read(await self._call(call))
        check_direction(answer.direction, direction)
        return answer

    async def schedule_by_amount(self, location_id: str, request: AmountRequest) -> AmountSchedule:
        """Ask when devices should move so much energy, under one site limit.

        Raises ValueError for a question that Flatpeak cannot answer: a span of more than
        three days, no energy, or no power.
        """
        powers = (request.max_power, *(demand.max_power for demand in request.demands))
        if min(powers) < MIN_POWER:
            raise ValueError("a request needs a power of a watt at least")
        for demand in request.demands:
            if demand.span.length > MAX_REQUEST or demand.energy <= 0:
                raise ValueError("a demand spans up to three days, with some energy")
        directions = {demand.device_id: demand.direction for demand in request.demands}

        async def ask(dialect: AmountDialect) -> AmountSchedule:
            answer = wire.amount_schedule(await self._call(dialect.call(location_id, request)))
            for device in answer.devices:
                if device.device_id in directions:
                    check_direction(device.direction, directions[device.device_id])
            return answer

        def learn(dialect: AmountDialect) -> None:
            self.dialects = replace(self.dialects, amount=dialect)

        return await understood(self.dialects.amount, set(directions.values()), ask, learn)

    async def find_or_create_device(self, reference: str, location_id: str) -> Device:
        """Return the device with this reference of ours; a new one if there is none."""
        if found := await self._device(reference):
            return found
        new: dict[str, Body] = {"reference_id": reference}
        try:
            return wire.device(await self._call(Call("POST", "/devices", body=new)))
        except FlatpeakRefusedError as err:
            if found := await self._device(reference):  # made in the meantime
                return found
            if isinstance(err, FlatpeakNotFoundError):
                raise
        # newer versions want to know what it is, and where
        new |= {"type": "OTHER", "locations": [location_id]}
        return wire.device(await self._call(Call("POST", "/devices", body=new)))

    async def _device(self, reference: str) -> Device | None:
        """Return the device with a reference; a server may not know how to filter."""
        async for device in self._pages("/devices", wire.device, reference_id=reference):
            if device.reference == reference:
                return device
        return None

    async def _call(self, call: Call) -> Json:
        """Send with a good token; once more with a new one when it is refused."""
        token = await self._tokens.get()
        try:
            return await self._send(call, f"Bearer {token.value}")
        except FlatpeakAuthError:
            token = await self._tokens.get(refused=token)
            return await self._send(call, f"Bearer {token.value}")

    async def _login(self) -> wire.Token:
        try:
            basic = encode_basic_auth(self._account_id, self._api_key)
        except ValueError as err:
            raise FlatpeakAuthError("the account id or key cannot be sent") from err
        return wire.token(await self._send(Call("GET", "/login"), basic))

    async def _send(self, call: Call, authorization: str) -> Json:
        """Send one request. aiohttp drops the authorization on a redirect to another host."""
        headers = {"Authorization": authorization, "Accept": "application/json"}
        if call.version is not None:
            headers["Flatpeak-Version"] = call.version
        try:
            async with self._session.request(
                call.method,
                self._api_url + call.path,
                params=call.query,
                json=call.body,
                headers=headers,
                timeout=_TIMEOUT,
                max_redirects=3,
            ) as response:
                body = await response.read()
        except TimeoutError:
            trouble = "no answer in time"
        except ClientConnectionError as err:
            trouble = str(err) or type(err).__name__
        except (ClientError, OSError, ValueError, RuntimeError) as err:
            trouble = type(err).__name__
        else:
            if response.ok:
                return wire.document(body)
            secrets = (self._api_key, authorization.partition(" ")[2])
            problem = wire.problem(body).without(*secrets)
            raise _error(response.status, problem, call, response.headers)
        # Raised down here since the errors above may quote the request with its headers,
        # and would be in the trace of this one.
        raise FlatpeakConnectionError(trouble)


def _error(
    status: int, problem: wire.Problem, call: Call, headers: Mapping[str, str]
) -> FlatpeakError:
    """Turn a refusal into its error, by code where there is one, else by status."""
    text = problem.message or problem.code or f"HTTP status {status}"
    error: FlatpeakError
    if problem.code == "api_version_not_supported":
        said = headers.get("flatpeak-version")
        version = problem.newer_version(call.version)
        error = FlatpeakVersionError(text, version or (said if said != call.version else None))
    else:
        kind = _BY_CODE.get(problem.code or "") or _by_status(status, problem.message)
        error = kind(text)
    error.retry_after = _retry_after(headers.get("Retry-After"))
    return error


def _by_status(status: int, message: str) -> type[FlatpeakError]:
    """Return what a status means, with what zero says instead of a code."""
    if status in _REFUSED:
        return FlatpeakAuthError
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return FlatpeakRateLimitError
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        return FlatpeakNotFoundError
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FlatpeakConnectionError
    said = (kind for start, kind in _BY_MESSAGE.items() if message.startswith(start))
    return next(said, FlatpeakRefusedError)


def _retry_after(value: str | None) -> float | None:
    """Read how many seconds to wait, given as a number or as a date."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return min(seconds, _LONGEST_WAIT) if 0 <= seconds < math.inf else None
