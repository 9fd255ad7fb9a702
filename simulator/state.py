"""What the simulator knows: one account, its locations, the prices, and what was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
import secrets
from zoneinfo import ZoneInfo

from custom_components.flatpeak.model import DAY, Direction, Slot, within

from .dialects import Dialect
from .faults import Fault

type Json = Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None

ACCOUNT = "acc_661677911f2197045e6cf1b1"
KEY = "sk_test_simulator"
LOCATION = "loc_65e42ce4d3b813479b252160"
TIME_ZONE = "Europe/Brussels"

ONE_O_CLOCK = time(13)
FORECAST = 0.6  # the confidence of a forecast from market data


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A home of the account."""

    id: str = LOCATION
    reference_id: str = "Home"
    customer_id: str = "cus_65e421d1daa4a24082b4f590"
    time_zone: str = TIME_ZONE
    currency: str = "EUR"
    address_line1: str = "1"
    address_line2: str = "Grand-Place"
    city: str = "Brussels"
    state: str = "Brussels"
    post_code: str = "1000"
    country_code: str = "BE"
    latitude: float = 50.84673
    longitude: float = 4.35247
    created: datetime = datetime(2025, 1, 1, tzinfo=UTC)

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of the account: a name to ask schedules by, nothing is installed on it.

    Type and locations are busbar's; the location may be given in anode as well.
    """

    id: str
    reference_id: str
    created: datetime = datetime(2025, 1, 1, tzinfo=UTC)
    last_seen: datetime | None = None
    type: str = "OTHER"
    locations: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Call:
    """A request that came in; the status is None until it is answered."""

    moment: datetime
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Json = None
    status: int | None = None


class Unpublished(StrEnum):
    """What is said of prices that are not published yet.

    Nothing, that they are not known (0 with confidence 0), or forecasts a tenth too high.
    """

    ABSENT = "absent"
    UNKNOWN = "unknown"
    FORECAST = "forecast"


@dataclass(frozen=True, slots=True)
class _Token:
    """Who a token was given to, and until when it counts."""

    account: str
    key: str
    expires: datetime


@dataclass(kw_only=True)
class World:
    """Everything that the answers depend on; tests turn it while the simulator runs.

    Prices of a local day become known at `publication` o'clock of the day before
    (None: all are known always), until then they are `unpublished`, and count for every
    location. `export_prices` of None
    means the import prices, `local_prices` of None the export prices. A key that
    starts with `sk_test_` is a key of the test mode.
    """

    account: str = ACCOUNT
    key: str = KEY
    locations: Sequence[Location] = (Location(),)
    devices: list[Device] = field(default_factory=list)
    import_prices: Sequence[Slot] = ()
    export_prices: Sequence[Slot] | None = None
    local_prices: Sequence[Slot] | None = None
    version: Dialect = Dialect.ANODE
    publication: time | None = ONE_O_CLOCK
    unpublished: Unpublished = Unpublished.ABSENT
    token_lifetime: timedelta = timedelta(hours=1)

    no_tariff: set[Direction] = field(default_factory=set)
    pending: bool = False
    account_disabled: bool = False

    faults: set[Fault] = field(default_factory=set)
    slowness: float = 5.0  # seconds, of Fault.SLOW
    retry_after: int = 120  # seconds, of Fault.RETRY_AFTER
    missing_field: str = "end_time"  # wherever an answer has it, of Fault.MISSING_FIELD

    calls: list[Call] = field(default_factory=list)
    _tokens: dict[str, _Token] = field(default_factory=dict, repr=False)
    _answers: int = 0

    @property
    def live_mode(self) -> bool:
        """Whether the key is one of the live mode."""
        return not self.key.startswith("sk_test_")

    def location(self, location_id: str) -> Location | None:
        """Return one of the locations."""
        return next((known for known in self.locations if known.id == location_id), None)

    def device(self, device_id: str) -> Device | None:
        """Return one of the devices."""
        return next((known for known in self.devices if known.id == device_id), None)

    def new_token(self, now: datetime) -> str:
        """Give out a token."""
        token = secrets.token_urlsafe(24)
        self._tokens[token] = _Token(self.account, self.key, now + self.token_lifetime)
        return token

    def accepts(self, token: str, now: datetime) -> bool:
        """Tell whether a token counts: not expired, and its key still the account's."""
        known = self._tokens.get(token)
        if known is None or now >= known.expires:
            return False
        return (known.account, known.key) == (self.account, self.key)

    def expire_tokens(self) -> None:
        """End all tokens that are out, before their time."""
        self._tokens.clear()

    def new_id(self, prefix: str) -> str:
        """Return an id that no answer has had; counted, so that snapshots stay the same."""
        self._answers += 1
        return f"{prefix}_{self._answers:024x}"

    def prices(self, direction: Direction) -> Sequence[Slot]:
        """Return the prices of a direction, published or not."""
        exported = self.import_prices if self.export_prices is None else self.export_prices
        match direction:
            case Direction.IMPORT:
                return self.import_prices
            case Direction.EXPORT:
                return exported
            case Direction.LOCAL:
                return exported if self.local_prices is None else self.local_prices

    def known_prices(
        self, direction: Direction, location: Location, now: datetime
    ) -> Sequence[Slot]:
        """Return the prices of a direction: those published, and what is said of the others."""
        prices = self.prices(direction)
        if self.publication is None or not prices:
            return prices
        today = now.astimezone(location.zone).date()
        published = datetime.combine(today, self.publication, location.zone).astimezone(UTC) <= now
        first_unknown = today + (2 * DAY if published else DAY)
        horizon = datetime.combine(first_unknown, time(), location.zone).astimezone(UTC)
        first, last = min(slot.start for slot in prices), max(slot.end for slot in prices)
        later = () if self.unpublished is Unpublished.ABSENT else within(prices, horizon, last)
        return (*within(prices, first, horizon), *map(self._unpublished, later))

    def _unpublished(self, slot: Slot) -> Slot:
        """Return what is said of a price before it is published."""
        if slot.rate is None or self.unpublished is Unpublished.UNKNOWN:
            return replace(slot, rate=None, confidence=0.0)
        forecast = slot.rate + abs(slot.rate) / 10
        return replace(slot, rate=forecast, confidence=min(slot.confidence, FORECAST))

    def next_update(self, location: Location, now: datetime) -> datetime:
        """Return when prices are published next (as if at 13:00 when all are known)."""
        return min(moment for moment in self._publications(location, now) if moment > now)

    def last_update(self, location: Location, now: datetime) -> datetime:
        """Return when prices were published last."""
        return max(moment for moment in self._publications(location, now) if moment <= now)

    def _publications(self, location: Location, now: datetime) -> Sequence[datetime]:
        """Return when prices are published, in the days around a moment."""
        hour = self.publication or ONE_O_CLOCK
        today = now.astimezone(location.zone).date()
        days = (today + number * DAY for number in range(-2, 3))
        return [datetime.combine(day, hour, location.zone).astimezone(UTC) for day in days]
