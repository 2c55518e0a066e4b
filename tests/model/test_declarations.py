"""Wrongly declared fields and collections: one sentence that names the field, the file and the fix."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated, TypedDict

import pytest

import scraper
from scraper.errors import DeclarationError
from scraper.model.collections import ALL, METRICS, Collection, History, distinct
from scraper.model.fields import Field, fields_of
from scraper.model.kinds import Integer, Text, Unknown
from tests.helpers.machine import ROOT

Colour = Annotated[str, "colour"]
KINDS = "write Text, Integer or another of them instead of Python's own type"


@pytest.mark.parametrize(
    ("type_", "fix"),
    [
        (int, r"has no Field\(\.\.\.\): write it as Annotated"),
        (Integer, r"has no Field\(\.\.\.\): write it as Annotated"),
        (Annotated[Integer, "Odd"], r"has no Field\(\.\.\.\): write it as Annotated"),
        (Annotated[int, Field("Odd")], KINDS),
        (Annotated[str | Unknown | None, Field("Odd", null="none")], KINDS),
        (
            Annotated[Colour | Unknown, Field("Odd")],
            "'colour', which VALIDATORS in scraper/model/kinds.py does not know",
        ),
        (
            Annotated[Text, Field("Odd")],
            "cannot be unknown, although older datasets lack it: add `| Unknown` to its type",
        ),
        (Annotated[Text | None, Field("Odd")], 'can be None, but nothing says what null means: add null="..."'),
        (Annotated[Text | Unknown, Field("Odd", null="none")], "cannot be None: add `| None` to its type, or remove"),
    ],
)
def test_a_field_that_lacks_something_is_named_with_the_fix(type_, fix):
    class Toys(TypedDict):
        id: Annotated[Integer, Field("GitHub's numeric id")]
        odd: type_

    with pytest.raises(DeclarationError, match=f"^tests/model/test_declarations.py: the field odd of Toys .*{fix}"):
        fields_of(Toys)


def test_a_kind_may_stand_anywhere_among_the_types():
    fields = fields_of(TypedDict("Toys", {"odd": Annotated[Unknown | Integer, Field("Odd")]}))
    assert [(each.kind, each.required) for each in fields] == [("integer", False)]


@pytest.mark.parametrize(
    ("changed", "fix"),
    [
        ({"suffix": ".txt"}, "toys has the suffix .txt: use one of .json and .jsonl"),
        ({"fields": METRICS[2:]}, "toys does not begin with the fields id and name: declare these two first"),
        ({"optional": False}, "toys is not optional, although older datasets lack it: add optional=True"),
        ({"name": "activity", "fields": METRICS[:2]}, "activity is declared twice: give one of the two another name"),
        ({"fields": METRICS}, "toys and metrics both have a field stargazers_count: rename one of the two"),
    ],
)
def test_an_impossible_collection_is_named_with_the_fix(changed, fix):
    with pytest.raises(DeclarationError, match=f"^scraper/model/collections.py: the collection {fix}"):
        distinct((*ALL, Collection(**toys() | changed)))


def test_another_collection_is_accepted():
    assert len(distinct((*ALL, Collection(**toys())))) == len(ALL) + 1


def toys() -> dict[str, object]:
    return {
        **{"name": "toys", "suffix": ".jsonl", "meaning": "Toys.", "fields": METRICS[:2]},
        **{"history": History.NONE, "optional": True},
    }


FIELD = 'class Toys(TypedDict):\n    odd: Annotated[int, Field("Odd")]\nfields_of(Toys)\n'
FIELD_SAID = "scraper/model/fields.py: the field odd of Toys has none of the kinds in scraper/model/kinds.py"
CHECK = 'CHECKS += (Check("toy", "Toy", "Toy?", "None", "https://example.org", "Play.", _has("fork"), "shop"),)\n'
CHECK_SAID = "scraper/database/checks.py: the check toy has the source 'shop', but _SOURCES does not say when"


@pytest.mark.parametrize(
    ("command", "module", "text", "said"),
    [
        (["docs/generated.py"], "fields", FIELD, FIELD_SAID),
        (["-m", "scraper", "build"], "checks", CHECK, CHECK_SAID),
    ],
    ids=["docs", "build"],
)
def test_loading_a_wrong_declaration_prints_only_that_sentence(tmp_path, command, module, text, said):
    shutil.copytree(Path(scraper.__file__).parent, tmp_path / "scraper", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("*.png"))
    with (tmp_path / f"scraper/model/{module}.py").open("a") as file:
        file.write(text)
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    [line] = done.stderr.splitlines()
    assert said in line
