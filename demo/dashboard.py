"""The dashboard: Home Assistant's own cards, and a chart of prices."""

import json
from typing import Any

from .devices import ALLOWED, BOUGHT, CHARGER_POWER, DEVICES, SOLD, Entities, Entry
from .wishes import CAR, CHARGE, DISHWASHER, LIMIT, PUMP, SECOND_HOME, SELL, WATER

type Card = dict[str, Any]

WELCOME = f"""\
# Car and battery share {LIMIT:g} kW, when power is cheap
**Car** gets its energy by the morning, **Battery charging** buys when it is cheap, **Battery \
selling** sells when it is dear. The **{SECOND_HOME.lower()}** needs no account: its prices are \
those of a sensor. Automations let the devices follow. {{prices}}"""
RECORDED = "Prices: the Belgian market, a week of October 2025, moved to today."
TOY_MINUTES = 60  # that a chart of toy prices shows
TOY = "Prices: a toy tariff, cheap and dear in turn."
# Windows that touch and have the same power are one row. Flatpeak tells what a device's whole
# plan costs, so its rows show the average.
WINDOWS = """\
{%- set all = namespace(rows=[]) %}
{%- for name, entity in SCHEDULES %}
{%- set row = namespace(start=None, end=None, power=None, hours=0, cost=0) %}
{%- for window in (state_attr(entity, 'windows') or []) + [{}] %}
{%- set start = window.get('start', '') | as_datetime(None) %}
{%- if row.start and (start != row.end or window.get('power') != row.power) %}
{%- set done = dict(name=name, start=row.start, end=row.end, power=row.power, \
rate=row.cost / row.hours) %}
{%- set all.rows = all.rows + [done] %}
{%- set row.start = None %}
{%- endif %}
{%- if start %}
{%- if not row.start %}
{%- set row.start = start %}
{%- set row.power = window.get('power') %}
{%- set row.hours = 0 %}
{%- set row.cost = 0 %}
{%- endif %}
{%- set row.end = window.end | as_datetime %}
{%- set hours = (row.end - start).total_seconds() / 3600 %}
{%- set row.hours = row.hours + hours %}
{%- set row.cost = row.cost + hours * window.rate %}
{%- endif %}
{%- endfor %}
{%- endfor %}
{%- set ahead = all.rows | rejectattr('end', 'le', now()) | sort(attribute='start') | list %}
| When | What | Power | &Oslash; ct/kWh |
|:--|:--|--:|--:|
{%- for row in ahead[:10] %}
{%- set start, end = row.start | as_local, row.end | as_local %}
{%- set mark = '**' if start <= now() else '' %}
{%- set day = '' if start.date() == now().date() else start.strftime('%a ') %}
| {{ mark }}{{ day }}{{ start.strftime('CLOCK') }}&nbsp;&ndash;&NoBreak;&nbsp;\
{{ end.strftime('CLOCK') }}{{ mark }} | {{ mark }}{{ row.name }}{{ mark }} | \
{{ '%.1f&nbsp;kW' | format(row.power) if row.power else '' }} | \
{{ '%.1f' | format(row.rate * 100) }} |
{%- endfor %}
{% if not ahead %}Nothing is planned at the moment.{% endif %}"""


def dashboard(first: Entry, second: Entry, *, toy: bool) -> Card:
    """Return the dashboard's configuration."""
    schedules = first.schedules
    return {
        "views": [
            {
                "title": "Flatpeak demo",
                "path": "home",
                "icon": "mdi:ev-station",
                "type": "sections",
                "max_columns": 2,
                "header": {
                    "layout": "start",
                    "card": {
                        "type": "markdown",
                        "text_only": True,
                        "content": WELCOME.format(prices=TOY if toy else RECORDED),
                    },
                },
                "sections": [
                    _section(
                        _heading("Home, with a Flatpeak account", "mdi:home-lightning-bolt"),
                        _chart(first, CAR, toy=toy),
                        *_devices(schedules, toy=toy),
                    ),
                    _section(
                        _heading(f"{SECOND_HOME}, on the prices of a sensor", "mdi:home-roof"),
                        *_prices(second.home, "price", "next_price"),
                        _chart(second, DISHWASHER, toy=toy),
                        *_devices({DISHWASHER: second.schedules[DISHWASHER]}, toy=toy),
                        _chart(second, PUMP, toy=toy),
                        *_devices({PUMP: second.schedules[PUMP]}, toy=toy),
                        *_prices(second.home, "lowest_price", "highest_price"),
                    ),
                    _section(
                        *_home(first.home),
                        _heading("Power against the limit", "mdi:chart-line"),
                        _power(hours=0.25 if toy else 0.5),
                    ),
                    _section(*_plan(schedules, toy=toy), *_wish(schedules[CAR])),
                ],
            }
        ]
    }


def _devices(schedules: dict[str, Entities], *, toy: bool) -> list[Card]:
    cards: list[Card] = []
    for device in DEVICES:
        if (entities := schedules.get(device.schedule)) is None:
            continue
        cards += [
            _tile(device.switch, device.schedule, color="green"),
            *_edges(entities, seconds=toy),
        ]
        if "power" in entities:
            money = "Income" if "income" in entities["cost"] else "Cost"
            names = {"power": "Power now", "planned_energy": "Planned", "cost": money}
            cards.append(_figures(entities, names | {"savings": "Savings"}))
    return cards


def _chart(home: Entry, schedule: str, *, toy: bool) -> Card:
    """Show prices, those of the future too, and the windows of a schedule."""
    card = {
        "type": "custom:demo-price-graph",
        "config_entry_id": home.entry_id,
        "price": home.home["price"],
        "schedule": home.schedules[schedule]["active"],
        "name": schedule,
    }
    return card | {"minutes": TOY_MINUTES} if toy else card


def _prices(home: Entities, *keys: str) -> list[Card]:
    names = {
        "price": "Price now",
        "next_price": "Next price",
        "lowest_price": "Lowest today",
        "highest_price": "Highest today",
    }
    return [_tile(home[key], names[key]) for key in keys]


def _edges(entities: Entities, *, seconds: bool) -> list[Card]:
    """Show when it begins, or while it runs, when it ends."""
    style = "relative" if seconds else "time"
    return [
        _tile(
            entities[key],
            name,
            time_format=style,
            visibility=[{"condition": "state", "entity": entities["active"], "state": state}],
        )
        for key, name, state in (("next_start", "Next start", "off"), ("next_end", "Ends", "on"))
    ]


def _figures(entities: Entities, names: dict[str, str]) -> Card:
    return {
        "type": "glance",
        "columns": len(names),
        "show_icon": False,
        "state_color": False,
        "entities": [{"entity": entities[key], "name": name} for key, name in names.items()],
    }


def _home(home: Entities) -> list[Card]:
    names = {
        "planned_cost": "Planned cost",
        "planned_savings": "Planned savings",
        "savings_total": "Saved so far",
    }
    return [
        _heading("The whole home", "mdi:home"),
        _figures(home, names),
        *_prices(home, "price", "next_price"),
    ]


def _power(*, hours: float) -> Card:
    return {
        "type": "history-graph",
        "hours_to_show": hours,
        "min_y_axis": 0,
        "entities": [
            {"entity": ALLOWED, "name": "Limit"},
            {"entity": BOUGHT, "name": "Bought"},
            {"entity": CHARGER_POWER, "name": "Car"},
            {"entity": SOLD, "name": "Sold"},
        ],
    }


def _plan(schedules: dict[str, Entities], *, toy: bool) -> list[Card]:
    planned = [(name, schedules[name]["active"]) for name in (CAR, CHARGE, SELL, WATER)]
    windows = WINDOWS.replace("SCHEDULES", json.dumps(planned))
    windows = windows.replace("CLOCK", "%H:%M:%S" if toy else "%H:%M")
    return [
        _heading("What is planned", "mdi:calendar-clock"),
        {"type": "markdown", "content": windows},
    ]


def _wish(entities: Entities) -> list[Card]:
    names = {
        "enabled": "Plan for the car",
        "energy": "Energy",
        "max_power": "Power",
        "start": "Not before",
        "end": "Done by",
    }
    rows = [{"entity": entities[key], "name": name} for key, name in names.items()]
    return [
        _heading("What the car needs", "mdi:tune"),
        {"type": "entities", "entities": rows},
    ]


def _section(*cards: Card) -> Card:
    return {"type": "grid", "cards": list(cards)}


def _heading(text: str, icon: str) -> Card:
    return {"type": "heading", "heading": text, "heading_style": "title", "icon": icon}


def _tile(entity: str, name: str, **more: Any) -> Card:
    return {
        "type": "tile",
        "entity": entity,
        "name": name,
        "grid_options": {"columns": 6},
        **more,
    }
