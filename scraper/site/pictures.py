"""Pictures for READMEs and previews: charts of the dashboards as SVG, two badges, and one large card as PNG.

The charts are drawn from the specifications that stand in metadata.json for the dashboards, with today's rows. An SVG
is the same bytes on every machine; the PNG is drawn with the machine's own Liberation Sans, if it has one.
"""

import sqlite3
from html import escape
from typing import Any

from datasette_dashboards import replace_opts_in_query

from scraper.errors import ConfigurationError
from scraper.feeds import UNWRITABLE
from scraper.site.badges import FONT, badge, card

Row = dict[str, Any]

CHARTS = ("growth", "languages", "licences")
WIDTH, FIT = 760, {"type": "fit-x", "contains": "padding"}
VEGA_LITE = "6.4"  # with which datasette-dashboards draws them
PAPER = {
    # Opaque, because nobody knows on what ground the picture will stand, and a dark one would swallow the words.
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
    growth = b""
    drawn = {}
    for name, chart in _charts(metadata).items():
        rows = _rows(connection, chart["query"])
        drawn[f"charts/{name}.svg"] = _chart(chart, rows, figures["date"])
        if name == "growth":
            growth = _svg(_without_words(chart["display"], rows))
    count, share = f"{figures['open_repositories']:,}", _percent(figures["license_share"])
    named = [
        (count, "open repositories"),
        (f"{figures['organisations']:,}", "organisations"),
        (share, "with a licence"),
    ]
    social = card(_clean(metadata.get("title") or "Open source"), named, figures["date"], growth.decode())
    drawn["charts/social.png"] = _converter().svg_to_png(social, scale=1, ppi=72)
    drawn["badges/repositories.svg"] = badge("open repositories", count)
    drawn["badges/licences.svg"] = badge("with a licence", share)
    return drawn


def _charts(metadata: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Those of the first dashboard; none, if somebody else's metadata have no dashboard."""
    dashboards: dict[str, Any] = metadata.get("plugins", {}).get("datasette-dashboards", {})
    charts = next(iter(dashboards.values()))["charts"] if dashboards else {}
    return {name: charts[name] for name in CHARTS if name in charts}


def _figures(connection: sqlite3.Connection) -> Row:
    [figures] = _rows(
        connection,
        "SELECT count(*) AS open_repositories, count(license) * 1.0 / count(*) AS license_share,"
        " (SELECT count(*) FROM organisations WHERE observed_at IS NOT NULL) AS organisations,"
        " (SELECT substr(max(observed_at), 1, 10) FROM organisations) AS date FROM repositories WHERE fork = 0",
    )
    return figures


def _rows(connection: sqlite3.Connection, query: str) -> list[Row]:
    cursor = connection.execute(replace_opts_in_query(query, {}))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, map(_clean, row), strict=True)) for row in cursor]


def _chart(chart: dict[str, Any], rows: list[Row], date: str | None) -> bytes:
    """One chart as it stands on the dashboard, with a title, the date of the data and words for who cannot see it."""
    display = chart["display"]
    title = {"text": chart["title"], "subtitle": f"Data of {date}" if date else "", "subtitleColor": "#5c6875"}
    if not any(row["open_repositories"] for row in rows):
        nothing = {"text": "No repositories yet", "type": "text", "fontSize": 15, "color": "#5c6875"}
        display = {
            "$schema": display["$schema"],
            "height": 120,
            "mark": nothing,
            "description": "No repositories yet.",
        }
    words = f"{display.get('description', '')} Data of {date}." if date else display.get("description", "")
    svg = _svg({"width": WIDTH, "autosize": FIT, **display, "title": title, "data": {"values": rows or [{}]}})
    told = f' role="img"><title>{escape(chart["title"])}</title><desc>{escape(words.strip())}</desc>'
    return svg.replace(b">", told.encode(), 1)


def _without_words(display: dict[str, Any], rows: list[Row]) -> dict[str, Any]:
    """The bands alone, for the card: no axes, no legend."""
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


def _svg(specification: dict[str, Any]) -> bytes:
    svg: str = _converter().vegalite_to_svg(specification, vl_version=VEGA_LITE, config=PAPER, allowed_base_urls=[])
    return svg.encode()


def _converter() -> Any:
    """vl-convert, which only those need who build a site."""
    try:
        import vl_convert
    except ImportError:
        raise ConfigurationError(
            "Pictures need the package vl-convert-python: pip install 'open-source-health-statistics[site]'."
        ) from None
    return vl_convert


def _clean(value: Any) -> Any:
    """Without the characters that no SVG may hold."""
    return UNWRITABLE.sub("", value) if isinstance(value, str) else value


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
