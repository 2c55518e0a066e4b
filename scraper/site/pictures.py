"""Pictures for READMEs and previews: charts of the dashboards as SVG, two badges, and one large card as PNG.

The charts are drawn from the dashboards' specifications in metadata.json, with today's rows. SVGs are the same bytes
on every machine; the PNG is drawn with the machine's own Liberation Sans, if it has that.
"""

import sqlite3
from html import escape
from typing import Any

from datasette_dashboards import replace_opts_in_query

from scraper.database.sqlite_file import reading_only
from scraper.site import draw, queries
from scraper.site.atom import UNWRITABLE
from scraper.site.badges import FONT, badge, card

Row = dict[str, Any]

CHARTS = ("growth", "languages", "licences")
NOTHING = "No repositories yet."
SECONDS = 10
WIDTH, FIT = 760, {"type": "fit-x", "contains": "padding"}
PAPER = {
    # Opaque, because the text would be unreadable on a page with a dark background.
    "background": "#ffffff",
    "padding": 16,
    "font": FONT,
    "view": {"stroke": None},
    "title": {"anchor": "start", "offset": 14, "fontSize": 15, "color": "#16202c"},
    "axis": {"labelFontSize": 11, "titleFontWeight": "normal", "labelColor": "#3d4a57", "titleColor": "#3d4a57"},
    "legend": {"labelFontSize": 11, "labelColor": "#3d4a57"},
    "aria": False,  # the picture as a whole has a title and a description
}


def pictures(connection: sqlite3.Connection, metadata: dict[str, Any]) -> dict[str, bytes]:
    """Every picture by its path in the site. Raises ConfigurationError without the packages that draw them."""
    figures = _figures(connection)
    charts = _charts(metadata)
    with reading_only(connection, SECONDS):
        rows = {name: _rows(connection, chart["query"]) for name, chart in charts.items()}
    jobs = [draw.svg(_specification(chart, rows[name], figures["date"]), PAPER) for name, chart in charts.items()]
    if "growth" in charts:
        jobs.append(draw.svg(_without_words(charts["growth"]["display"], rows["growth"]), PAPER))
    svgs = draw.draw(jobs) if jobs else []
    growth = svgs.pop().decode() if "growth" in charts else ""
    drawn = {
        f"charts/{name}.svg": _described(svg, chart, rows[name], figures["date"])
        for (name, chart), svg in zip(charts.items(), svgs, strict=True)
    }
    count, share = f"{figures['open_repositories']:,}", _percent(figures["license_share"])
    named = [
        (count, "open repositories"),
        (f"{figures['organisations']:,}", "organisations"),
        (share, "with a licence"),
    ]
    social = card(_clean(metadata.get("title") or "Open source"), named, figures["date"], growth)
    [drawn["charts/social.png"]] = draw.draw([draw.png(social)])
    drawn["badges/repositories.svg"] = badge("open repositories", count)
    drawn["badges/licences.svg"] = badge("with a licence", share)
    return drawn


def _charts(metadata: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The charts of the first dashboard; none if somebody else's metadata has no dashboard."""
    dashboards: dict[str, Any] = metadata.get("plugins", {}).get("datasette-dashboards", {})
    charts = next(iter(dashboards.values()))["charts"] if dashboards else {}
    return {name: charts[name] for name in CHARTS if name in charts}


def _figures(connection: sqlite3.Connection) -> Row:
    total = queries.headline(queries.organisations(connection))
    date = total["newest"]
    return total | {"organisations": total["observed"], "date": date[:10] if date else None}


def _rows(connection: sqlite3.Connection, query: str) -> list[Row]:
    cursor = connection.execute(replace_opts_in_query(query, {}))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, map(_clean, row), strict=True)) for row in cursor]


def _specification(chart: dict[str, Any], rows: list[Row], date: str | None) -> dict[str, Any]:
    """One chart as on the dashboard, with a title and the date of the data."""
    display = chart["display"]
    title = {"text": chart["title"], "subtitle": f"Data as of {date}" if date else "", "subtitleColor": "#5c6875"}
    if _is_empty(rows):
        nothing = {"text": "No repositories yet", "type": "text", "fontSize": 15, "color": "#5c6875"}
        display = {"$schema": display["$schema"], "height": 120, "mark": nothing, "description": NOTHING}
    return {"width": WIDTH, "autosize": FIT, **display, "title": title, "data": {"values": rows or [{}]}}


def _is_empty(rows: list[Row]) -> bool:
    return not any(row["open_repositories"] for row in rows)


def _described(svg: bytes, chart: dict[str, Any], rows: list[Row], date: str | None) -> bytes:
    """A drawing with a description for those who cannot see it."""
    description = NOTHING if _is_empty(rows) else chart["display"].get("description", "")
    description = f"{description} Data as of {date}." if date else description
    named = f' role="img"><title>{escape(chart["title"])}</title><desc>{escape(description.strip())}</desc>'
    return svg.replace(b">", named.encode(), 1)


def _without_words(display: dict[str, Any], rows: list[Row]) -> dict[str, Any]:
    """Only the bands, for the card: no axes and no legend."""
    bare = {
        name: {**channel, "axis": None, "legend": None} if name in ("x", "y", "color") else channel
        for name, channel in display["encoding"].items()
    }
    return {
        "$schema": display["$schema"],
        "width": 1200,
        "height": 300,
        "padding": 0,
        "background": None,
        "mark": display["mark"],
        "encoding": bare,
        "data": {"values": rows},
    }


def _clean(value: Any) -> Any:
    """A value without the characters that an SVG cannot contain."""
    return UNWRITABLE.sub("", value) if isinstance(value, str) else value


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
