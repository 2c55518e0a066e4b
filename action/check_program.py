"""Check that the installed program is the one in this folder: all of its files, and no others."""

import sys
from importlib.metadata import files
from pathlib import Path

here = Path(sys.argv[1])
ours = {path.relative_to(here).as_posix(): path for path in (here / "scraper").rglob("*") if path.is_file()}
ours["scraper/metadata.json"] = here / "metadata.json"
installed = {file.as_posix(): Path(file.locate()) for file in files("open-source-health-statistics") or []}

expected = {(name, path.read_bytes()) for name, path in ours.items() if path.suffix != ".pyc"}
found = {(name, path.read_bytes()) for name, path in installed.items() if name.startswith("scraper/")}
sys.exit(", ".join(sorted({name for name, _ in expected ^ found if not name.endswith(".pyc")})) or None)
