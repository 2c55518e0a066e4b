"""Render the templates: everything is escaped, and numbers, dates and addresses have the form of the pages."""

import re
from datetime import date
from pathlib import Path
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scraper.model.news import field_name
from scraper.site.feeds import fate
from scraper.text import percent

LONGEST_TEXT = 300


def environment(server: str) -> Environment:
    """The templates, with the filters they use; `server` is the GitHub that links lead to."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters.update(
        number=lambda value: f"{value:,}",
        percent=lambda share: "none" if share is None else percent(share),
        iso=lambda moment: moment[:10] if moment else None,
        long_day=_long_day,
        long_month=lambda month: f"{date.fromisoformat(f'{month}-01'):%B %Y}",
        web_address=_is_web_address,
        shortened=_shortened,
        slug=lambda text: re.sub(r"[^a-zA-Z0-9]+", "-", text).strip("-"),
        name_of=lambda full_name: full_name.rpartition("/")[2],
        fate=lambda event: fate(event.new, earlier=True).removeprefix("is "),
        file_name=lambda path: Path(path).name,
        recommended_file=field_name,
        on_github=lambda full_name: f"{server}/" + quote(full_name.encode(errors="replace")),
    )
    return made


def _long_day(moment: str) -> str:
    day = date.fromisoformat(moment[:10])
    return f"{day.day} {day:%B %Y}"


def _is_web_address(text: str | None) -> bool:
    try:
        return bool(text and urlsplit(text).scheme in ("http", "https") and urlsplit(text).hostname)
    except ValueError:
        return False


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TEXT else line[:LONGEST_TEXT].rstrip() + "…"
