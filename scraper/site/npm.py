"""What the site takes from npm: archives in a cache, used only if package-lock.json has their hash."""

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import platformdirs

from scraper.environment import without_tokens
from scraper.errors import OssHealthError

LOCK = Path(__file__).parent / "package-lock.json"
CHARTS = ("plotly.js-basic-dist-min", ("plotly-basic.min.js",))
PYODIDE = (
    "pyodide",
    ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"),
)


def charts_script() -> bytes:
    """plotly-basic.min.js, which draws the charts."""
    (content,) = _read(*CHARTS).values()
    return content


def pyodide() -> dict[str, bytes]:
    """The files of Pyodide, which is Python with SQLite for the browser, by name."""
    return _read(*PYODIDE)


def cache() -> Path:
    """Where the archives are kept between builds: OSS_HEALTH_CACHE, or the user's cache."""
    named = os.environ.get("OSS_HEALTH_CACHE")
    return Path(named) if named else platformdirs.user_cache_path("oss-health", appauthor=False)


def run(command: list[str], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run somebody else's program, which must not see the tokens of this run."""
    environment = without_tokens()
    # Node.js has its own certificates; some networks need those of the system, or of the file that is named.
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")
    if authorities := environment.get("SSL_CERT_FILE"):
        environment.setdefault("NODE_EXTRA_CA_CERTS", authorities)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def _read(package: str, names: tuple[str, ...]) -> dict[str, bytes]:
    """Files of a package, from its verified archive."""
    pinned = json.loads(LOCK.read_bytes())["packages"][f"node_modules/{package}"]
    content = _archive(f"{package}@{pinned['version']}", pinned["integrity"])
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {name: archive.extractfile(f"package/{name}").read() for name in names}  # type: ignore[union-attr]


def _archive(package: str, integrity: str) -> bytes:
    """A package as npm publishes it. A file in the cache is not trusted until its hash has been checked."""
    kept = cache() / f"{package}.tgz"
    try:
        if not kept.is_file() or _integrity(content := kept.read_bytes()) != integrity:
            kept.parent.mkdir(parents=True, exist_ok=True)
            content = _download(package, integrity, kept)
    except OSError as error:
        raise OssHealthError(
            f"Cannot store the site's npm packages in {kept.parent} ({error.strerror}):"
            " name another folder in OSS_HEALTH_CACHE."
        ) from error
    return content


def _download(package: str, integrity: str, kept: Path) -> bytes:
    """Download an archive from npm, replacing whatever is in the cache."""
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".fetching-", ignore_cleanup_errors=True) as name:
        fetched = _pack(package, Path(name))
        content = fetched.read_bytes()
        if _integrity(content) != integrity:
            raise OssHealthError(
                f"npm sent a {package} that does not match the hash in package-lock.json, so it was not used:"
                " check which registry npm is configured to use."
            )
        if kept.is_dir() and not kept.is_symlink():
            shutil.rmtree(kept)
        fetched.replace(kept)
    return content


def _integrity(content: bytes) -> str:
    """The hash of an archive, as npm's lock files write it."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


def _pack(package: str, folder: Path) -> Path:
    """Have npm download an archive into `folder`, without running scripts or reading its own cache."""
    npm = shutil.which("npm")
    if npm is None:
        raise OssHealthError("npm was not found, but it is needed for charts and Explore: install Node.js.")
    command = [npm, "pack", package, "--ignore-scripts", f"--cache={folder / 'npm'}", "--loglevel=error"]
    answer = run(command, folder)
    archives = list(folder.glob("*.tgz"))
    if answer.returncode or not archives:
        said = [
            line.removeprefix("npm error ") for line in answer.stderr.splitlines() if line.startswith("npm error ")
        ]
        reason = next(
            (line for line in said if not line.startswith(("code ", "errno ", "syscall "))), "it gave no reason"
        )
        raise OssHealthError(
            f"npm could not fetch {package}, which the site needs ({reason.strip().rstrip('.')}): the first time"
            " needs a network, or a folder that has it, named in OSS_HEALTH_CACHE."
        )
    return archives[0]


if __name__ == "__main__":  # a set-up step of the Makefile
    try:
        charts_script()
        pyodide()
    except OssHealthError as error:
        sys.exit(str(error))
