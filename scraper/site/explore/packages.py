"""Datasette and what it needs, for the Python in the browser, taken from the packages installed here.

Their hashes were checked on installation, and all are pure Python, apart from compiled parts of MarkupSafe and
PyYAML, which work without them. So the browser has the same versions as `oss-health serve`, and nothing is fetched.
"""

import importlib.metadata
import io
import shutil
import tempfile
import zipfile
from importlib.metadata import PackagePath
from pathlib import Path

import scraper
from scraper import serving, spacing
from scraper.errors import OssHealthError
from scraper.site import npm

PACKAGES = (
    *("aiofiles", "anyio", "asgi-csrf", "asgiref", "bleach", "certifi", "click", "click-default-group", "datasette"),
    *("datasette-dashboards", "datasette-leaflet", "datasette-render-markdown", "flexcache", "flexparser", "h11"),
    *(
        "httpcore",
        "httpx",
        "idna",
        "itsdangerous",
        "janus",
        "Jinja2",
        "Markdown",
        "MarkupSafe",
        "mergedeep",
        "platformdirs",
    ),
    *("pluggy", "python-multipart", "PyYAML", "typing_extensions", "webencodings"),
)

COMPILER = Path(__file__).parent / "compile.mjs"
THIS = "open-source-health-statistics"
OF_THIS_MACHINE = {"RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json"}
COMPILED = {".so", ".pyd", ".dylib", ".pyc", ".map"}
EPOCH = (1980, 1, 1, 0, 0, 0)


def archive() -> bytes:
    """The packages as a zip, the same bytes whenever their versions are the same."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for package in PACKAGES:
            for file in sorted(filter(_is_portable, _files(package))):
                packed.writestr(_entry(file.as_posix()), Path(file.locate()).read_bytes())
        for name, text in _own_plugins().items():
            packed.writestr(_entry(name), text)
    return content.getvalue()


def compiled(pyodide: Path) -> bytes:
    """The archive as bytecode for the browser's Python, whose files are in `pyodide`; it imports in half the time.

    It is made each time, because stored bytecode could not be distinguished from planted bytecode.
    """
    with tempfile.TemporaryDirectory() as name:
        source, result = Path(name) / "archive.zip", Path(name) / "compiled.zip"
        source.write_bytes(archive())
        _compile(pyodide, source, result)
        return result.read_bytes()


def _compile(pyodide: Path, archive: Path, result: Path) -> None:
    node = shutil.which("node")
    if node is None:
        raise OssHealthError("node was not found, but it is needed to compile Python for Explore: install Node.js.")
    command = [node, str(COMPILER), str(pyodide), str(archive), str(result)]
    answer = npm.run(command)
    if answer.returncode:
        said = [line.strip()[:200] for line in answer.stderr.splitlines() if line.strip()]
        raise OssHealthError(
            f"Node.js could not compile Python for Explore ({said[-1] if said else 'it gave no reason'}):"
            " install Node.js 20 or newer."
        )


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return info


def _own_plugins() -> dict[str, str]:
    """The modules of this program that extend Datasette, and the entry points that Datasette finds them by."""
    ours = importlib.metadata.distribution(THIS)
    plugins = sorted(ours.entry_points.select(group="datasette"))
    files = [
        Path(str(module.__file__)) for module in (scraper, serving, spacing, *(plugin.load() for plugin in plugins))
    ]
    information = f"{THIS.replace('-', '_')}-{ours.version}.dist-info"
    return {
        **{file.relative_to(files[0].parents[1]).as_posix(): file.read_text(encoding="utf-8") for file in files},
        f"{information}/METADATA": f"Metadata-Version: 2.4\nName: {THIS}\nVersion: {ours.version}\n",
        f"{information}/entry_points.txt": "[datasette]\n"
        + "".join(f"{each.name} = {each.value}\n" for each in plugins),
    }


def _files(package: str) -> list[PackagePath]:
    try:
        files = importlib.metadata.files(package)
    except importlib.metadata.PackageNotFoundError:
        files = None
    if not files:
        raise OssHealthError(f"{package} is not installed, or not by pip or uv: install requirements.txt again.")
    return files


def _is_portable(file: PackagePath) -> bool:
    inside = ".." not in file.parts  # command-line scripts are outside
    return inside and file.suffix not in COMPILED and file.name not in OF_THIS_MACHINE
