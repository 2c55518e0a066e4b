"""The database of a dataset."""

from pathlib import Path

from scraper.database import build
from scraper.dataset.exceptions import FILE
from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import save
from scraper.model.accounts import Dataset
from tests.helpers.git import git


def built(folder: Path, *states: Dataset, exceptions: str | None = None) -> Path:
    """The database in `folder` of a dataset that was observed in these states, in this order."""
    data = folder / "data"
    data.mkdir(parents=True)
    if exceptions is not None:
        (folder / FILE).write_text(exceptions, encoding="utf-8")
    if len(states) > 1:
        git(folder, "init", "--quiet")
    for number, state in enumerate(states, start=1):
        save(data, state)
        build.build(data, data / DATABASE_FILE)
        if number < len(states):
            git(folder, "add", "--all")
            git(folder, "commit", "--quiet", "--message", str(number))
    return data / DATABASE_FILE
