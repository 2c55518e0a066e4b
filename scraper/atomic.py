"""Files replaced whole: whoever reads one sees the old content or the new, whenever the machine stops."""

import os
from pathlib import Path


def replace(path: Path, content: bytes) -> None:
    """Make `content` the file at `path`."""
    replace_all({path: content})


def replace_all(files: dict[Path, bytes]) -> None:
    """Make these contents the files at these paths, in this order.

    Everything is on the disk under a temporary name before the first file is replaced, so that a full disk or a
    missing permission replaces none, and what a crash can come between is a few renames.
    """
    staged = [(_staged(path, content), path) for path, content in files.items()]
    for temporary, path in staged:
        temporary.replace(path)


def staging_path(path: Path) -> Path:
    """Where a new version of `path` is prepared: beside it, for a rename cannot cross file systems."""
    return path.with_name(f".{path.name}.tmp")


def _staged(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = staging_path(path)
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return temporary
