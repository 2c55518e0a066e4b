"""Draw charts with vl-convert in a separate process, so that running out of memory ends only that process.

It reads a JSON list of jobs from standard input, and writes a JSON list of drawings to standard output.
"""

import base64
import importlib.util
import json
import re
import subprocess
import sys
from typing import Any

from scraper.environment import without_tokens
from scraper.errors import ConfigurationError, OssHealthError

VEGA_LITE = "6.4"  # the version that datasette-dashboards uses
SECONDS = 120
LOADS = re.compile(r"<(?:\w+:)?(?:image|feImage|use|style)\b|url\((?!\s*[\"']?#)|<!", re.IGNORECASE)
"""Parts of an SVG that make a program fetch something when it draws it."""
ADDRESSES = ("url", "href", "src", "baseURL")


def svg(specification: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """A job that draws a Vega-Lite chart as SVG. Raises ConfigurationError if it would load something."""
    _check(specification)
    return {"chart": specification, "config": config}


def png(drawing: str) -> dict[str, Any]:
    """A job that draws an SVG as PNG. Raises ConfigurationError if it would load something."""
    if LOADS.search(drawing):
        raise ConfigurationError("A picture names an image to load, but all its parts must come from the database.")
    return {"svg": drawing}


def draw(jobs: list[dict[str, Any]]) -> list[bytes]:
    """The drawings. Raises OssHealthError if something is missing, or if it took too long or too much memory."""
    if importlib.util.find_spec("vl_convert") is None:
        raise ConfigurationError(
            "Pictures need the package vl-convert-python: pip install 'open-source-health-statistics[site]'."
        )
    command = [sys.executable, "-I", "-m", __name__]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=json.dumps(jobs).encode(),
            capture_output=True,
            env=without_tokens(),
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OssHealthError(
            f"Drawing the charts took more than {SECONDS} seconds: try again on a less busy machine."
        ) from None
    if done.returncode < 0:
        raise OssHealthError(
            f"The charts could not be drawn: the system ended vl-convert (signal {-done.returncode}), which needs"
            " about 1 GB of memory."
        )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it gave no reason"]
        raise OssHealthError(f"The charts could not be drawn: {said[-1][:300]}")
    return [base64.b64decode(each) for each in json.loads(done.stdout)]


def _check(part: object) -> None:
    """Raise ConfigurationError if a chart would load something: its rows come from the database."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ADDRESSES or (key in ("mark", "type") and value == "image"):
                raise ConfigurationError(
                    f"A chart in metadata.json names something to load ({key}), but its rows must be the database's."
                )
            _check(value)
    elif isinstance(part, list):
        for value in part:
            _check(value)


def _main() -> None:
    import vl_convert

    drawn = []
    for job in json.load(sys.stdin):
        if "chart" in job:
            text = vl_convert.vegalite_to_svg(
                job["chart"], vl_version=VEGA_LITE, config=job["config"], allowed_base_urls=[]
            )
            drawn.append(text.encode())
        else:
            drawn.append(vl_convert.svg_to_png(job["svg"], scale=1, ppi=72))
    json.dump([base64.b64encode(each).decode() for each in drawn], sys.stdout)


if __name__ == "__main__":
    _main()
