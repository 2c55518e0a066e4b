"""A stranger's text can do nothing, and stays readable."""

import re

import pytest

from scraper.text import count, safe, safe_name
from tests.action.test_commit_message import ALDER, later, message, of
from tests.examples import repository

HOSTILE = (
    "a\nb",
    "::set-output name=x::y",
    "@everyone",
    "[skip ci]",
    "[CI SKIP]",
    "[skip\u200b ci]",
    "[no ci]",
    "[actions skip]",
    "fixes #12",
    "closes GH-7",
    "resolves https://github.com/a/b/issues/1",
    "`rm -rf`",
    "$(id)",
    "\x1b[31m",
    "\u202eevil",
    "x" * 1000,
    "Co-authored-by: a <a@b.c>",
    "\n\nskip-checks: true",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_github_can_do_nothing(text):
    name = repository(1, name=text, full_name=f"alder/{text}", language=text, default_branch=text)
    words = message(of(ALDER), of(later(ALDER, name, repository(2), reason=text, status="ok")))
    subject, _, body = words.partition("\n\n")
    assert subject == "1 repository renamed, 2 changed in 1 organisation"
    assert len(body.splitlines()) == 3
    assert not re.search(r"@\w|#\d|GH-\d|[\[\]]|://|[\x00-\x09\x0b-\x1f\u202e\u200b]", words, re.IGNORECASE)
    assert not re.search("^(skip-checks|co-authored-by):", words, re.IGNORECASE | re.MULTILINE)
    assert max(map(len, body.splitlines())) < 400


def test_languages_keep_their_names():
    assert [safe(name) for name in ("C++", "C#", "F*", "Objective-C", "Jupyter Notebook")] == [
        "C++",
        "C#",
        "F*",
        "Objective-C",
        "Jupyter Notebook",
    ]
    assert safe_name("nhsx/covid_app-1.0") == "nhsx/covid_app-1.0"
    assert [count(1, "repository"), count(2000, "repository"), count(2, "change")] == [
        "1 repository",
        "2,000 repositories",
        "2 changes",
    ]
