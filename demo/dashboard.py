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
| Day | Time | Price per kWh |
|:--|:--|--:|
{%- set shown = namespace(count=0) %}
{%- for window in state_attr('ACTIVE', 'windows') or [] %}
{%- set start, end = window.start | as_datetime | as_local, window.end | as_datetime | as_local %}
{%- if end > now() and shown.count < 8 %}
{%- set shown.count = shown.count + 1 %}
{%- set day = 'Today' if start.date() == now().date() else start.strftime('%A') %}
| {{ '**Now**' if start <= now() else day }} | \
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
                "max_columns": 2,
                "header": {
                    "layout": "start",
                    "card": {
                        "type": "markdown",
                        "text_only": True,
                        "content": WELCOME.format(prices=TOY if seconds else RECORDED),
                    },
                },
                "sections": [
                    _plan(entities, charger, seconds=seconds),
                    _wish(entities, charger, hours=0.25 if seconds else 0.5),
                ],
            }
        ]
    }


def _plan(entities: dict[str, str], charger: str, *, seconds: bool) -> Card:
    clock, style = ("%H:%M:%S", "relative") if seconds else ("%H:%M", "time")
    windows = WINDOWS.replace("ACTIVE", entities["active"]).replace("CLOCK", clock)
    return _section(
        _heading("Now", "mdi:ev-station"),
        _tile(charger, "Charger", color="green"),
        _tile(entities["active"], "Plan", color="green"),
        _tile(entities["next_start"], "Next start", time_format=style),
        _tile(entities["next_end"], "Next end", time_format=style),
        _tile(entities["average_rate"], "Average price"),
        _tile(entities["planned_duration"], "Planned"),
        _heading("Planned times", "mdi:calendar-clock"),
        {"type": "markdown", "content": windows},
    )


def _wish(entities: dict[str, str], charger: str, *, hours: float) -> Card:
    return _section(
        _heading("What the car needs", "mdi:tune"),
        {
            "type": "entities",
            "entities": [
                {"entity": entities["enabled"], "name": "Plan for the car"},
                {"entity": entities["duration"], "name": "Charging time"},
                {"entity": entities["start"], "name": "Not before"},
                {"entity": entities["end"], "name": "Done by"},
            ],
        },
        _heading("Since the demo began", "mdi:history"),
        {
            "type": "history-graph",
            "hours_to_show": hours,
            "entities": [
                {"entity": entities["active"], "name": "Plan"},
                {"entity": charger, "name": "Charger"},
            ],
        },
    )


def _section(*cards: Card) -> Card:
    return {"type": "grid", "cards": list(cards)}


def _heading(text: str, icon: str) -> Card:
    return {"type": "heading", "heading": text, "heading_style": "title", "icon": icon}


def _tile(entity: str, name: str, **more: Any) -> Card:
    size = {"columns": 6}
    return {"type": "tile", "entity": entity, "name": name, "grid_options": size, **more}
