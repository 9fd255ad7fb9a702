"""The prices themselves: the question, and what is answered to it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from multidict import MultiMapping

from custom_components.flatpeak.model import Direction, Slot, within

from .fields import Fields, read_query
from .question import read_direction
from .schedules import check_tariff, head, next_update, no_price, number, tail
from .spoil import spoil_body, spoil_windows
from .state import Json, Location, World
from .times import UTC_STYLE, TimeStyle

CONTEXT = "api.price_get"
LONGEST = timedelta(days=90)
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesQuestion:
    """A request for prices; in zero they are left out unless they are asked for."""

    start: datetime
    end: datetime
    style: TimeStyle
    direction: Direction
    device_id: str | None
    priced: bool
    echo: dict[str, Json]


def read_rates_query(fields: Fields, query: MultiMapping[str]) -> Fields:
    """Return the fields of zero's query, where a flag is text."""
    flags = ("include_tariff", "include_carbon")
    names = ("start_time", "end_time", "direction", *flags)
    fields = read_query(fields.world, fields.context, query, names)
    values = dict(fields.values)
    for name in flags:
        said = values.get(name, "false")
        if said not in _FLAGS:
            raise fields.invalid(name, "must be true or false")
        values[name] = _FLAGS[said]
    return replace(fields, values=values)


def read_series_question(fields: Fields, now: datetime) -> SeriesQuestion:
    """Check the fields of a request for prices, or refuse. They begin now, unless told."""
    fields = replace(fields, values={"start_time": UTC_STYLE.write(now), **fields.values})
    start, end, style = fields.window(LONGEST)
    name = fields.world.version.shape.prices_direction
    direction = read_direction(fields, Direction, name)
    names = ("start_time", "end_time", "include_tariff", "include_carbon")
    return SeriesQuestion(
        start=start,
        end=end,
        style=style,
        direction=direction,
        device_id=fields.optional("device_id"),
        priced=fields.values.get("include_tariff", True) is True,
        echo={
            name: direction.upper(),
            **{known: fields.value(known) for known in names if known in fields.values},
        },
    )


def series(
    world: World, home: Location, question: SeriesQuestion, now: datetime
) -> dict[str, Json]:
    """Answer a request for prices, or refuse; they are not joined."""
    shape = world.version.shape
    check_tariff(world, question.direction)
    known = world.known_prices(question.direction, home, now)
    slots = within(known, question.start, question.end)
    if not slots:
        raise no_price(world)
    body = head(world, home, shape.prices.prefix, shape.prices.kind)
    body[shape.prices_direction] = question.direction.upper()
    if question.device_id is not None:
        body["device_id"] = question.device_id
    body["last_updated"] = question.style.write(world.last_update(home, now))
    body |= next_update(world, home, now, shape.prices, question.style)
    if shape.echo:
        body["request"] = question.echo
    body["data"] = [_entry(world, slot, question) for slot in spoil_windows(slots, world)]
    return spoil_body(body | tail(world, now), world)


def _entry(world: World, slot: Slot, question: SeriesQuestion) -> dict[str, Json]:
    """Write an entry; a price that is not known is 0 with confidence 0."""
    body: dict[str, Json] = {
        "valid_from": question.style.write(slot.start),
        "valid_to": question.style.write(slot.end),
    }
    if question.priced:
        outer, inner = world.version.shape.rate
        rate, confidence = (0.0, 0.0) if slot.rate is None else (slot.rate, slot.confidence)
        body[outer] = {inner: number(rate), "confidence": number(confidence)}
    return body
