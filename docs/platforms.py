"""Ask the package index on which platforms and Pythons all pinned packages have wheels, and write platforms.md."""

import hashlib
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = Path(__file__).with_suffix(".md")
LISTS = {
    "the program": ("requirements.txt", "requirements-action.txt"),
    "the site": ("requirements-site.txt", "requirements-action.txt"),
}
PLATFORMS = {
    "Linux, x86-64": "x86_64-unknown-linux-gnu",
    "Linux, ARM": "aarch64-unknown-linux-gnu",
    "Alpine Linux, x86-64": "x86_64-unknown-linux-musl",
    "Alpine Linux, ARM": "aarch64-unknown-linux-musl",
    "macOS, Apple silicon": "aarch64-apple-darwin",
    "macOS, Intel": "x86_64-apple-darwin",
    "Windows, x86-64": "x86_64-pc-windows-msvc",
    "Windows, ARM": "aarch64-pc-windows-msvc",
}
PROGRAM, SITE = LISTS
EXCEPTIONS = {
    **{("Alpine Linux, x86-64", python): {SITE} for python in ("3.11", "3.12", "3.13", "3.14")},
    **{("Alpine Linux, ARM", python): {SITE} for python in ("3.11", "3.12", "3.13", "3.14")},
    **{("Windows, ARM", python): {SITE} for python in ("3.12", "3.13", "3.14")},
    ("Windows, ARM", "3.11"): {PROGRAM, SITE},
}
"""What is not supported there: vl-convert, which draws the site's pictures, and PyYAML have no wheels."""


def pythons() -> list[str]:
    """The versions that pyproject.toml names, as do the Action and the Makefile."""
    described = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
    return [name for name in (line.rpartition(" :: ")[2] for line in described) if name.startswith("3.")]


def digest() -> str:
    """A digest of the lists that were checked."""
    names = sorted({name for names in LISTS.values() for name in names})
    return hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in names)).hexdigest()


def hindrance(lists: tuple[str, ...], platform: str, python: str, *options: str) -> str:
    """Why these lists cannot be installed there from wheels alone, in uv's words; empty if they can."""
    command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--no-deps", *lists]
    command += ["--only-binary", ":all:", "--python-platform", platform, "--python-version", python, *options]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stderr.strip() if answer.returncode else ""


def page() -> str:
    """The page: a row for each platform, a column for each Python."""
    labels = {0: "yes", 1: f"without {SITE}", 2: "no"}
    rows = [
        [name, *(labels[len(EXCEPTIONS.get((name, version), ()))] for version in pythons())] for name in PLATFORMS
    ]
    lines = [
        "# Supported platforms",
        "",
        "Every package is pinned as a wheel, its hash is checked, and nothing is compiled. `make lock` writes",
        "this page after it has asked the package index whether all the wheels exist. A newer Python is",
        "refused until they do.",
        "",
        *(f"| {' | '.join(row)} |" for row in [["", *pythons()], ["---"] * (len(pythons()) + 1), *rows]),
        "",
        f"Checked for the lists of packages with the SHA-256 `{digest()}`.",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Ask, and write the page if everything that it promises is true."""
    for lists in LISTS.values():  # ask the index once; its answer counts for all
        hindrance(lists, "x86_64-unknown-linux-gnu", pythons()[-1], "--refresh")
    broken = [
        f"{name}, Python {python}, {what}: {why}"
        for name, platform in PLATFORMS.items()
        for python in pythons()
        for what, lists in LISTS.items()
        if what not in EXCEPTIONS.get((name, python), ())
        if (why := hindrance(lists, platform, python, "--offline"))
    ]
    if broken:
        print("\n".join(broken), file=sys.stderr)
        return 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
