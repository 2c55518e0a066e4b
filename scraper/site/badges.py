"""SVG made here: badges with a label and a value, and the card shown in link previews of the site."""

from html import escape

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""vl-convert includes the first, so it measures text the same on every machine; the others are as wide."""

MARGIN = 7
KNOWN, UNKNOWN = "#1f6f8b", "#6b7681"
NARROW, WIDE = " ,.-fijlrt", "%mwMW"


def badge(label: str, value: str, *, is_known: bool = True) -> bytes:
    """A badge for READMEs, 20 pixels high: `label` on grey, `value` on blue, or on grey if it is not known."""
    widths = [_width(text) + 2 * MARGIN for text in (label, value)]
    drawn = "".join(
        f'<text x="{start + width / 2:g}" y="14" textLength="{width - 2 * MARGIN}">{escape(text)}</text>'
        for start, width, text in zip((0, widths[0]), widths, (label, value), strict=True)
    )
    title = escape(f"{label}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sum(widths)}" height="20" role="img">'
        f"<title>{title}</title>"
        f'<clipPath id="round"><rect width="{sum(widths)}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#round)"><rect width="{widths[0]}" height="20" fill="#4a5561"/>'
        f'<rect x="{widths[0]}" width="{widths[1]}" height="20" fill="{KNOWN if is_known else UNKNOWN}"/></g>'
        f'<g fill="#fff" font-family="{FONT}" font-size="11.5" text-anchor="middle"'
        f' lengthAdjust="spacingAndGlyphs">{drawn}</g>'
        "</svg>\n"
    ).encode()


def _width(text: str) -> int:
    """Roughly the width of the text in pixels; the text is then stretched to it, whatever the font."""
    return round(sum(3.6 if each in NARROW else 10 if each in WIDE else 6.4 for each in text))


def card(title: str, figures: list[tuple[str, str]], date: str | None, chart: str) -> str:
    """1200 by 630 pixels: the title, figures with their labels, the date of the data, and a chart at the bottom."""
    size = min(64, int(1080 / max(len(title), 1) * 1.85))
    columns = "".join(
        f'<text x="{60 + 380 * place}" y="235" font-size="76" font-weight="bold" fill="#1f6f8b">'
        f"{escape(figure)}</text>"
        f'<text x="{62 + 380 * place}" y="280" font-size="29" fill="#3d4a57">{escape(name)}</text>'
        for place, (figure, name) in enumerate(figures)
    )
    dated = f'<text x="62" y="326" font-size="22" fill="#5c6875">Data as of {date}</text>' if date else ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" viewBox="0 0 1200 630">'
        '<rect width="1200" height="630" fill="#fff"/><rect width="1200" height="14" fill="#1f6f8b"/>'
        f'<g font-family="{FONT}">'
        f'<text x="60" y="115" font-size="{size}" font-weight="bold" fill="#16202c">{escape(title)}</text>'
        f"{columns}{dated}</g>"
        f'<g transform="translate(0 330)">{chart}</g>'
        "</svg>"
    )
