"""`make pictures`: the README's pictures, taken of the demo with Chromium."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PAGES = {"datasette.png": "/open-source-health/without_licence_by_organisation"}
SIZE = "1200,1000"


def main() -> None:
    """Overwrite docs/*.png with what Datasette shows of .demo/checkout/data."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is missing: on Debian and Ubuntu, apt install chromium.")
    program = Path(sys.executable).with_name("oss-health")
    server = subprocess.Popen(
        [program, "serve", "--data", ".demo/checkout/data", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout
        address = next(word for word in server.stdout.readline().split() if word.startswith("http")).rstrip(".")
        for name, page in PAGES.items():
            with tempfile.TemporaryDirectory() as profile:
                subprocess.run(
                    [
                        *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                        *("--disable-background-networking", "--no-first-run", f"--user-data-dir={profile}"),
                        *(f"--window-size={SIZE}", f"--screenshot={Path('docs') / name}", address + page),
                    ],
                    check=True,
                    capture_output=True,
                )
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
