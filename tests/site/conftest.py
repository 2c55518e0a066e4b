"""What the tests of the site share: what npm brought if it is there, sites, and a web server as hosts have."""

import functools
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from scraper.database import build as database
from scraper.database.metadata import default_metadata
from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import save
from scraper.errors import OssHealthError
from scraper.model.accounts import Dataset
from scraper.site.build import build
from scraper.site.configuration import read_configuration
from scraper.site.npm import cache, charts_script, pyodide
from tests import examples
from tests.examples import HOSTILE, make_account, repository


def missing(tool: str) -> None:
    """Skip for want of a tool, and say which; in CI that is a failure."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{tool} is missing")


@pytest.fixture
def npm() -> None:
    if shutil.which("npm") is None:
        missing("npm")


@pytest.fixture(scope="session")
def parts_folder() -> Path:
    """The cache with what `make` fetched from npm."""
    try:
        charts_script()
        pyodide()
        return cache()
    except OssHealthError as error:
        return missing(f"what the site takes from npm ({error})")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: a browser may hang up when it likes."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server on loopback that has the files of `folder`."""
    server = _Server(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that judges a page."""
    return _of_npm("axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def html_validate() -> Callable[[Path], str]:
    """What html-validate says of the pages in a folder, nothing if it has no complaint."""
    _of_npm("html-validate/package.json")
    script = Path(__file__).parents[1] / "contracts" / "validate.mjs"

    def judge(folder: Path) -> str:
        done = subprocess.run(["node", script, folder], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return judge


def _of_npm(name: str) -> Path:
    path = Path(__file__).parents[1] / "contracts" / "node_modules" / name
    if not path.is_file():
        missing(f"{name.partition('/')[0]} (npm)")
    return path


def lively() -> tuple[Dataset, Dataset]:
    """Two states: everything odd happens once, and between them something of each kind."""
    before, after = examples.invented(), examples.invented()
    late = "2024-02-28T12:00:00Z"
    raw = [
        repository(20 + n, name=f"work-{n}", full_name=f"fir-tree/work-{n}", license=("MIT", None, "GPL-3.0")[n % 3],
                   language=("Python", "HTML", "Jupyter Notebook", "R")[n % 4],
                   created_at=f"20{10 + n % 14}-0{1 + n % 9}-11T10:00:00Z", description=HOSTILE if n == 5 else "Work")
        for n in range(70)
    ]  # fmt: skip
    before["fir-tree"] = make_account("Fir-Tree", *raw[:65], id=16)
    after["fir-tree"] = make_account(
        "Fir-Tree", *(each | {"license": "MIT"} for each in raw[1:]), id=16, observed_at=late, name=HOSTILE[:60]
    )
    after["alder"].record["observed_at"] = late
    after["alder"].repositories[0]["archived"] = True
    after["alder"].repositories[1] |= {"name": "renamed", "full_name": "somebody/renamed"}
    return before, after


def stored(folder: Path, *states: Dataset) -> Path:
    """The database of these states, one observed after the other."""
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false"]
    data = folder / "data"
    data.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    for number, state in enumerate(states):
        save(data, state)
        database.build(data, data / DATABASE_FILE)
        if number < len(states) - 1:
            subprocess.run(["git", "-C", folder, "add", "--all"], check=True)
            subprocess.run(["git", "-C", folder, *identity, "commit", "--quiet", "-m", f"{number}"], check=True)
    return data / DATABASE_FILE


@pytest.fixture(scope="session")
def make_site(parts_folder, tmp_path_factory) -> Iterator[Callable[..., tuple[Path, str]]]:
    """Folder and address of the site of these states of a dataset, without Explore."""
    with ExitStack() as stack:

        def make(*states: Dataset, file: Path | None = None) -> tuple[Path, str]:
            folder = tmp_path_factory.mktemp("site")
            file = file or stored(folder / "repository", *states)
            address = stack.enter_context(serving(folder))
            configuration, metadata = read_configuration(None, default_metadata(), f"{address}public/")
            build(file, configuration, metadata, folder / "public", with_explore=False)
            return folder / "public", f"{address}public/"

        yield make


@pytest.fixture(scope="session")
def lively_site(make_site) -> tuple[Path, str]:
    return make_site(*lively())
