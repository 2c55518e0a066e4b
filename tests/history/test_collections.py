"""One declaration adds a collection, and removing it removes the collection: no events, and no past is lost."""

import copy
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import scraper
from scraper.dataset.layout import DATABASE_FILE
from tests.helpers.git import git
from tests.helpers.life import Life, date

pytestmark = pytest.mark.slow

FIELDS = """

class Policies(TypedDict):
    id: Annotated[Integer, Field("GitHub's numeric id of the repository")]
    name: Annotated[Text, Field("Name of the repository")]
    toy_policy: Annotated[Text | Unknown | None, Field("Where its security policy stands", null="nowhere")]


class Usage(TypedDict):
    id: Annotated[Integer, Field("GitHub's numeric id of the repository")]
    name: Annotated[Text, Field("Name of the repository")]
    toy_count: Annotated[Integer | Unknown, Field("Number of repositories that use it")]


class Moods(TypedDict):
    id: Annotated[Integer, Field("GitHub's numeric id of the repository")]
    name: Annotated[Text, Field("Name of the repository")]
    toy_mood: Annotated[Text | Unknown, Field("How it feels")]
"""

COLLECTIONS = """
    Collection("policies", ".json", "Policies.", fields_of(fields.Policies), History.EVENTS, optional=True),
    Collection("usage", ".jsonl", "Counts.", fields_of(fields.Usage), History.COUNTERS, optional=True),
    Collection("moods", ".jsonl", "Without a past.", fields_of(fields.Moods), History.NONE, optional=True),
)
"""

OBSERVE = """
import sys
from dataclasses import replace
from pathlib import Path
from scraper.database.build import build
from scraper.dataset import store
from scraper.dataset.layout import DATABASE_FILE
folder, date, policy, dependents, of = Path(sys.argv[1]), *sys.argv[2:]
dataset = store.load(folder)
for key, account in dataset.items():
    asked = [record for record in account.repositories if record["id"] % 2 == 0 or of == "all"]
    named = [{"id": record["id"], "name": record["name"]} for record in asked]
    made = {
        "policies": [{**each, "toy_policy": policy or None} for each in named],
        "usage": [{**each, "toy_count": int(dependents)} for each in named],
        "moods": [{**each, "toy_mood": policy} for each in named],
    }
    record = account.record | {"observed_at": date}
    dataset[key] = replace(account, record=record, records=account.records | {k: v for k, v in made.items() if v})
store.save(folder, dataset)
build(folder, folder / DATABASE_FILE)
"""
"""An observation by a program that knows policies and usage, of repositories with even ids or of all."""


class Program:
    """This program, with additional collections."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(
            Path(scraper.__file__).parent, folder / "scraper", ignore=shutil.ignore_patterns("__pycache__")
        )
        model = folder / "scraper" / "model"
        with (model / "fields.py").open("a") as file:
            file.write(FIELDS)
        text = (model / "collections.py").read_text()
        declared = re.sub(r"(?ms)(^COLLECTIONS = \(.*?)^\)\n", lambda found: found[1] + COLLECTIONS[1:], text)
        assert declared != text
        imports = "from scraper.model import fields\nfrom scraper.model.fields import fields_of\n"
        (model / "collections.py").write_text(declared.replace("from dataclasses", imports + "from dataclasses", 1))
        self._folder = folder

    def run(self, *arguments: object, expected: int = 0) -> str:
        environment = os.environ | {"PYTHONPATH": str(self._folder)}
        command = [sys.executable, *map(str, arguments)]
        done = subprocess.run(  # the working directory comes before PYTHONPATH
            command, cwd=self._folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == expected, done.stderr
        return done.stdout + done.stderr

    def build(self, data: Path, *options: str) -> str:
        return self.run("-m", "scraper", "build", "--data", data, *options)

    def observe(self, life: Life, policy: str, dependents: int, of: str = "some") -> None:
        life.day += 1
        self.run("-c", OBSERVE, life.data, date(life.day), policy, dependents, of)
        life.commit("observed with more collections")


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Program:
    return Program(tmp_path_factory.mktemp("program"))


@pytest.fixture(scope="module")
def observed(program, tmp_path_factory) -> Life:
    """Two observations by this program, then four by one with more collections."""
    life = Life(tmp_path_factory.mktemp("observed") / "repository")
    life.run()
    life.run()
    program.observe(life, "SECURITY.md", 5)
    program.observe(life, "SECURITY.md", 5, "all")
    program.observe(life, "", 6, "all")
    program.observe(life, "docs/SECURITY.md", 6, "all")
    return life


@pytest.fixture
def grown(observed, tmp_path) -> Life:
    life = copy.copy(observed)
    life.folder = tmp_path / "repository"
    shutil.copytree(observed.folder, life.folder)
    return life


def test_what_a_new_collection_says_is_unknown_of_the_past(grown, ask):
    count = sum(map(len, grown.world.values()))
    assert ask(grown, "SELECT count(*) FROM observations") == [(6,)]
    assert ask(
        grown, "SELECT observed_at, kind, field, old, new, count(*) FROM events GROUP BY 1, 2, 3 ORDER BY 1"
    ) == [
        (date(5), "changed", "toy_policy", "SECURITY.md", None, count),
        (date(6), "changed", "toy_policy", None, "docs/SECURITY.md", count),
    ]
    assert ask(grown, "SELECT DISTINCT observed_at, toy_count FROM metric_history WHERE toy_count > 0") == [
        (date(3), 5),
        (date(4), 5),
        (date(5), 6),
    ]
    assert ask(grown, "SELECT DISTINCT toy_policy, toy_count, toy_mood FROM repositories") == [
        ("docs/SECURITY.md", 6, "docs/SECURITY.md")
    ]
    for field in ("toy_policy", "toy_count", "toy_mood"):
        assert f"| `{field}` |" in (grown.data / "README.md").read_text()


def test_a_clone_that_lacks_the_past_carries_it_forward_to_the_same_bytes(grown, program, tmp_path):
    git(tmp_path, "clone", "--quiet", "--depth=2", grown.folder.as_uri(), "shallow")
    carried = tmp_path / "shallow" / "data"
    said = program.build(carried)
    assert "Replayed" not in said

    program.build(grown.data, "--from-git")

    assert (carried / DATABASE_FILE).read_bytes() == (grown.data / DATABASE_FILE).read_bytes()


def test_a_collection_that_is_no_longer_declared_leaves_the_rest_of_the_past(grown, ask):
    before = ask(grown, "SELECT observed_at, id, first_observed_at FROM observations, known_repositories")
    for folder in ("policies", "usage", "moods"):
        shutil.rmtree(grown.data / folder)

    grown.build()

    assert ask(grown, "SELECT observed_at, id, first_observed_at FROM observations, known_repositories") == before
    assert ask(grown, "SELECT * FROM events") == []
    with closing(sqlite3.connect(grown.data / DATABASE_FILE)) as connection:
        columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(repositories)")}
    assert not columns & {"toy_policy", "toy_count", "toy_mood"}


def test_a_record_of_another_repository_is_damage(grown, program):
    path = grown.data / "usage" / "organisation-1.jsonl"
    path.write_text('{"id":4242,"name":"foreign","toy_count":1}\n')

    said = program.run("-m", "scraper", "build", "--data", grown.data, expected=1)

    assert "organisation-1.jsonl does not contain the same repositories as" in said
    assert "for example 4242" in said
