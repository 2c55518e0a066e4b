"""Colours, including the configurable accent, with the contrast that WCAG 2.2 requires (AA, 4.5 to 1)."""

import colorsys
import re

ENOUGH, COMFORTABLE = 4.5, 6.5
PAGE_LIGHT, PAGE_DARK = "#f6f7f9", "#12171d"
"""The darkest surface with text in light mode, and the page in dark mode; the style sheet gets them from here."""
SURFACE_DARK = "#1a2129"

HEX = re.compile("#[0-9a-f]{6}")


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, as WCAG defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def for_dark_mode(colour: str) -> str:
    """The same hue, just light enough for the dark surface."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _parts(colour)))
    for percent in range(round(lightness * 100), 101):
        parts = colorsys.hls_to_rgb(hue, percent / 100, min(saturation, 0.55))
        lighter = "#" + "".join(f"{round(part * 255):02x}" for part in parts)
        if contrast(lighter, SURFACE_DARK) >= COMFORTABLE:
            break
    return lighter


def _luminance(colour: str) -> float:
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in _parts(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
