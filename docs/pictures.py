"""`make pictures`: take the README's pictures of the demo with Chromium."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

DEMO = Path(".demo")
QUESTION = "open-source-health/without_license_by_organisation"
WIDTH = 1200


def main() -> None:
    """Overwrite docs/*.png with pictures of .demo/ in the site and in Datasette."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is missing: on Debian and Ubuntu, apt install chromium.")
    if not (DEMO / "site").is_dir():
        sys.exit("There is no .demo/site: run `make demo SERVE=0` first, with npm installed.")
    program = Path(sys.executable).with_name("oss-health")
    source = ["--data", DEMO / "checkout" / "data", "--metadata", DEMO / "metadata.json", "--site", DEMO / "site"]
    server = subprocess.Popen([program, "serve", *source, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        site, datasette = (server.stdout.readline() for _ in range(2))
        pages = {
            "site.png": (site.split()[-1], 1500),
            "datasette.png": (f"{datasette.split()[3].rstrip('.')}/{QUESTION}", 1250),
            "explore.png": (f"{site.split()[-1]}explore/#/{dashboard()}", 1250),
        }
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium)
            for name, (address, height) in pages.items():
                page = browser.new_page(viewport={"width": WIDTH, "height": height})
                page.goto(address)
                drawn = page.frame_locator("iframe") if name == "explore.png" else page
                # The last thing to be there: a chart, or the rows.
                drawn.locator("svg.main-svg, table.rows-and-columns, svg.marks").first.wait_for(timeout=120_000)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=Path("docs") / name)
            browser.close()
    finally:
        server.terminate()
        server.wait()


def dashboard() -> str:
    """The address of the first dashboard in Datasette."""
    metadata = json.loads((DEMO / "metadata.json").read_text(encoding="utf-8"))
    return f"-/dashboards/{next(iter(metadata['plugins']['datasette-dashboards']))}"


if __name__ == "__main__":
    main()
