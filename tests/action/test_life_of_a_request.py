"""Random lives of a pull request: whatever people do with it and its base, it can be merged, and is true."""

import os
from random import Random

import pytest

from scraper.database.build import build
from scraper.dataset import store
from tests.action.test_pull_request import BRANCH, hosted, merge, proposed  # noqa: F401 - two are fixtures
from tests.action.test_run import DATABASE, run  # noqa: F401 - a fixture
from tests.helpers.estate import FULL_PAGE, PERSON
from tests.helpers.git import git

LIVES = int(os.environ.get("LIVES", "1"))
"""How many lives, each with ten turns and about five seconds long."""
MERGES = {"merged": "--no-ff", "merged fast": "--ff-only", "squashed": "--squash"}
TURNS = [*["run"] * 6, *MERGES, "closed", "deleted", "pushed", "changed elsewhere"]


class Life:
    """A repository with a pull request, and its present day."""

    def __init__(self, random, hosted, origin, clone, proposed, github, folder):  # noqa: F811
        self.random, self.hosted, self.origin, self.clone, self.proposed = random, hosted, origin, clone, proposed
        self.github, self.folder, self.day = github, folder, 0
        self.way = random.choice(["push", "api"])
        self.events, self.conflicts = [], False

    def turn(self, what):
        self.events.append((self.day, what))
        if what == "run":
            self.observe()
        elif what in MERGES and self.open():
            try:
                [request] = self.open()
                merge(self.origin, self.clone, MERGES[what])
                request["state"] = "closed"
            except AssertionError:  # GitHub does not allow this
                assert self.conflicts or what == "merged fast", self.events
        elif what == "closed" and self.open():
            self.open()[0]["state"] = "closed"
        elif what == "deleted" and self.hosted.head(BRANCH):
            git(self.origin, "update-ref", "-d", f"refs/heads/{BRANCH}")
        elif what == "pushed":
            self.conflicts = True
            assert self.scrape(pull_request="").status == 0
        elif what == "changed elsewhere":
            path = self.clone()
            (path / f"{len(self.events)}.txt").write_text("theirs\n")
            git(path, "add", ".")
            git(path, "commit", "--quiet", "--message", "Theirs")
            git(path, "push", "--quiet", "origin", "HEAD")

    def open(self):
        self.hosted.close_what_is_merged_or_gone()
        return [each for each in self.hosted.requests if each["state"] == "open"]

    def scrape(self, **inputs):
        self.day += self.random.choice([1, 3, 12, 31])
        organisations = self.random.choice([PERSON, f"{PERSON} {FULL_PAGE}"])
        self.github.faults = self.random.choice([[], [], [], [f"not-found:login={FULL_PAGE}"]])
        try:
            return self.proposed(days=self.day, organisations=organisations, commit_by=self.way, **inputs)
        finally:
            self.github.faults = []

    def observe(self):
        main, shallow = self.hosted.head("main"), self.random.random() < 0.4
        path = self.clone("--depth=1", of=self.origin.as_uri()) if shallow else self.clone()
        result = self.scrape(checkout=path)
        assert (result.status, self.hosted.head("main"), len(self.open()) < 2) == (0, main, True), self.events
        if result.changed == "false":
            return
        self.conflicts = False
        [request] = self.open()
        assert result.pull_request_url.endswith(f"/{request['number']}")
        assert result.commit_sha == self.hosted.head(BRANCH)
        merged = self.clone()
        git(merged, "merge", "--no-commit", "--no-ff", f"origin/{BRANCH}")
        assert store.load(merged / "data") == store.load(path / "data"), self.events
        replayed = self.folder / f"{len(self.events)}.db"
        build(self.clone(f"--branch={BRANCH}") / "data", replayed, from_git=True)
        assert (path / DATABASE).read_bytes() == replayed.read_bytes(), self.events


@pytest.mark.parametrize("seed", range(LIVES))
def test_whatever_happens_to_it(seed, hosted, origin, clone, proposed, github, tmp_path):  # noqa: F811
    random = Random(seed)
    life = Life(random, hosted, origin, clone, proposed, github, tmp_path)
    for _ in range(10):
        life.turn(random.choice(TURNS))
    assert set(git(origin, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split()) <= {"main", BRANCH}
