"""The dashboard, of Home Assistant's own cards."""

from typing import Any

type Card = dict[str, Any]

WELCOME = """\
# The car charges when power is cheap
The schedule **Car charger** picks the cheapest times, an automation switches the charger. \
{prices}"""
RECORDED = "Prices: the Belgian market, a week of October 2025, moved to today."
TOY = "Prices: a toy tariff, cheap and dear in turn, so that there is something to watch."
WINDOWS = """\
| | | per kWh |
|:--|:--|--:|
{%- set shown = namespace(count=0) %}
{%- for window in state_attr('ACTIVE', 'windows') or [] %}
{%- set start, end = window.start | as_datetime | as_local, window.end | as_datetime | as_local %}
{%- if end > now() and shown.count < 8 %}
{%- set shown.count = shown.count + 1 %}
{%- set day = 'Today' if start.date() == now().date() else start.strftime('%A') %}
| {{ '**now**' if start <= now() else day }} | \
{{ start.strftime('CLOCK') }} &ndash; {{ end.strftime('CLOCK') }} | \
{{ '%.1f' | format(window.rate * 100) }} ct |
{%- endif %}
{%- endfor %}
{% if not shown.count %}Nothing is planned at the moment.{% endif %}"""


def dashboard(entities: dict[str, str], charger: str, *, seconds: bool) -> Card:
    """Return the dashboard's configuration."""
    return {
        "views": [
            {
                "title": "Flatpeak demo",
                "path": "home",
                "icon": "mdi:ev-station",
                "type": "sections",
                "max_columns": 3,
                "header": {
                    "layout": "start",
                    "card": {
                        "type": "markdown",
                        "text_only": True,
                        "content": WELCOME.format(prices=TOY if seconds else RECORDED),
                    },
                },
                "sections": [
                    _now(entities, charger),
                    _plan(entities, charger, seconds=seconds),
                    _settings(entities),
                ],
            }
        ]
    }


def _section(title: str, icon: str, *cards: Card) -> Card:
    heading = {"type": "heading", "heading": title, "heading_style": "title", "icon": icon}
    return {"type": "grid", "cards": [heading, *cards]}


def _tile(entity: str, name: str, **more: Any) -> Card:
    return {
        "type": "tile",
        "entity": entity,
        "name": name,
        "vertical": False,
        "grid_options": {"columns": 6},
        **more,
    }


def _now(entities: dict[str, str], charger: str) -> Card:
    return _section(
        "Now",
        "mdi:ev-station",
        _tile(charger, "Charger", color="green", features=[{"type": "toggle"}]),
        _tile(entities["active"], "Plan", color="green"),
        _tile(entities["next_start"], "Next start"),
        _tile(entities["next_end"], "Next end"),
        _tile(entities["average_rate"], "Average price"),
        _tile(entities["planned_duration"], "Planned"),
    )


def _plan(entities: dict[str, str], charger: str, *, seconds: bool) -> Card:
    return _section(
        "Planned times",
        "mdi:calendar-clock",
        {"type": "markdown", "content": _windows(entities["active"], seconds=seconds)},
        {
            "type": "history-graph",
            "title": "What happened",
            "hours_to_show": 0.5 if seconds else 24,
            "entities": [
                {"entity": entities["active"], "name": "Plan"},
                {"entity": charger, "name": "Charger"},
            ],
        },
    )


def _windows(active: str, *, seconds: bool) -> str:
    """Return a template that lists the next windows."""
    clock = "%H:%M:%S" if seconds else "%H:%M"
    return WINDOWS.replace("ACTIVE", active).replace("CLOCK", clock)


def _settings(entities: dict[str, str]) -> Card:
    return _section(
        "What the car needs",
        "mdi:tune",
        {
            "type": "entities",
            "entities": [
                {"entity": entities["enabled"], "name": "Plan for the car"},
                {"entity": entities["duration"], "name": "Charging time"},
                {"entity": entities["start"], "name": "Not before"},
                {"entity": entities["end"], "name": "Done by"},
            ],
        },
        {
            "type": "markdown",
            "content": "Change a setting, and the plan follows at once.",
        },
    )
