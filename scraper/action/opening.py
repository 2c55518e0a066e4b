"""Find the checkout that contains the dataset, or say why nothing can be pushed from there."""

from pathlib import Path

from scraper.action.checkout import BRANCHES, SUBMODULE, Checkout
from scraper.errors import GitError
from scraper.git_process import Repository, find_repository, run


def open_checkout(
    folder: Path, server_url: str, token: str | None, author: tuple[str, str] | None = None
) -> Checkout:
    """The checkout that contains a folder, which need not exist yet. Raises GitError if it cannot push."""
    instead = "or set commit: false."
    repository = find_repository(folder)

    def ask(*arguments: str) -> str:
        result = run(repository, *arguments) if repository else None
        return result.text if result and result.status == 0 else ""

    if repository is None or not ask("rev-parse", "--git-dir"):
        raise GitError(
            f"The data-directory {folder} is not in a git checkout, so nothing can be committed: run actions/checkout"
            f" first, name a folder in the checkout, {instead}"
        )
    if _is_submodule(repository, folder):
        raise GitError(
            f"The data-directory {folder} is in a submodule: check that repository out by itself, {instead}"
        )
    ref = ask("symbolic-ref", "--quiet", "HEAD")
    if not ref.startswith(BRANCHES):
        raise GitError(
            "The checkout is not on a branch (detached HEAD), so there is nowhere to push to: give actions/checkout a"
            f" branch as its `ref`, {instead}"
        )
    if not ask("remote", "get-url", "origin"):
        raise GitError(f"The checkout has no remote `origin` to push to: make it with actions/checkout, {instead}")
    return Checkout(
        repository, ref, ask("rev-parse", "--verify", "--quiet", "HEAD") or None, server_url, token, author
    )


def _is_submodule(repository: Repository, folder: Path) -> bool:
    """Whether a folder is in a submodule; an uninitialised one has no `.git` that git could find."""
    outer = find_repository(repository.top.parent)
    places = [(repository, folder.resolve()), *([(outer, repository.top)] if outer else [])]
    for holder, place in places:
        inside = [each for each in (place, *place.parents) if holder.top in each.parents]
        paths = [each.relative_to(holder.top).as_posix() for each in inside]
        if not paths:
            continue
        entries = run(holder, "--literal-pathspecs", "ls-files", "--stage", "-z", "--", *paths).text.split("\0")
        if any(entry.startswith(SUBMODULE) and entry.partition("\t")[2] in paths for entry in entries):
            return True
    return False
