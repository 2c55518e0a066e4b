"""What the site takes from npm, in the pinned versions: fetched once, checked by npm against its hashes, and kept."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from scraper.errors import OssHealthError

PLACE = Path(__file__).parent
PINNED = ("package.json", "package-lock.json", ".npmrc")
CHARTS = "plotly.js-basic-dist-min/plotly-basic.min.js"
PYODIDE = tuple(
    f"pyodide/{name}"
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
)

TOKENS = ("GITHUB_TOKEN", "GH_TOKEN", "INPUT_TOKEN", "JOB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ID_TOKEN_REQUEST_TOKEN")
"""How the names of variables end that hold GitHub's tokens. npm may need its own."""


def charts_script() -> Path:
    """plotly-basic.min.js, which draws the charts."""
    return _folder() / Path(CHARTS).name


def pyodide() -> list[Path]:
    """The files of Pyodide, which is Python and SQLite for the browser."""
    folder = _folder()
    return [folder / Path(name).name for name in PYODIDE]


def cache() -> Path:
    """Where the parts are kept from build to build: OSS_HEALTH_CACHE, or the user's cache."""
    named = os.environ.get("OSS_HEALTH_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "oss-health"


def cannot_keep(folder: Path, error: OSError) -> OssHealthError:
    """What to say when the cache is none."""
    return OssHealthError(
        f"Cannot keep the site's parts in {folder} ({error.strerror}): name another folder in OSS_HEALTH_CACHE."
    )


def run(command: list[str], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command of somebody else's, which has no business with the tokens of this run."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith(TOKENS)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def _folder() -> Path:
    """The parts of these versions, all of them: another lock file is another folder."""
    digest = hashlib.sha256(b"".join((PLACE / name).read_bytes() for name in PINNED))
    folder = cache() / digest.hexdigest()[:16]
    if not all((folder / Path(name).name).is_file() for name in (CHARTS, *PYODIDE)):
        try:
            _fetch(folder)
        except OSError as error:
            raise cannot_keep(folder.parent, error) from error
    return folder


def _fetch(folder: Path) -> None:
    """Put them there whole: another build may be doing the same, and this one may be stopped at any time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching-", ignore_cleanup_errors=True) as name:
        whole = Path(name) / "whole"
        whole.mkdir()
        _install(Path(name))
        for part in (CHARTS, *PYODIDE):
            shutil.copyfile(Path(name) / "node_modules" / part, whole / Path(part).name)
        try:
            whole.replace(folder)
        except OSError:  # there is one: a build beside this one was first, or its files were lost
            for file in whole.iterdir():
                file.replace(folder / file.name)


def _install(folder: Path) -> None:
    """npm's tree of the packages in `folder`, none of whose scripts are run."""
    npm = shutil.which("npm")
    if npm is None:
        raise OssHealthError("npm is missing, which fetches the site's charts and Explore: install Node.js.")
    for name in PINNED:
        shutil.copyfile(PLACE / name, folder / name)
    command = [npm, "ci", "--ignore-scripts", "--omit=dev", "--prefer-offline", "--no-audit", "--no-fund"]
    answer = run([*command, "--loglevel=error"], folder)
    if answer.returncode:
        said = [
            line.removeprefix("npm error ") for line in answer.stderr.splitlines() if line.startswith("npm error ")
        ]
        reason = next(
            (line for line in said if not line.startswith(("code ", "errno ", "syscall "))), "it says nothing"
        )
        raise OssHealthError(
            f"npm cannot fetch what the site is made with ({reason.strip().rstrip('.')}): the first time needs the"
            " network; after that, or with OSS_HEALTH_CACHE naming a folder that has it, none."
        )
