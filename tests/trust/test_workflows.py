"""What jobs may do: a job that may write runs little, and a job that runs much may not write."""

import re
from fnmatch import fnmatch

import pytest
import yaml

from scraper.model.collections import ALL
from tests.helpers.machine import ROOT

WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yml")), *sorted((ROOT / "examples").glob("*.yml"))]
SPLIT = [ROOT / ".github/workflows/publish.yml", ROOT / "examples/two-jobs.yml"]


def jobs(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


def name(path):
    return path.name


def writes(job):
    return {what for what, granted in job["permissions"].items() if granted == "write"}


@pytest.mark.parametrize("path", SPLIT, ids=name)
def test_what_scrapes_may_not_write_and_what_may_write_takes_only_a_dataset(path):
    by_name = jobs(path)
    assert by_name["scrape"]["permissions"] == {"contents": "read"}
    assert writes(by_name["commit"]) == {"contents"}
    steps = by_name["commit"]["steps"]
    assert [step for step in steps if "run" in step] == []
    ours = [step for step in steps if "open-source-health" in step["uses"]]
    assert len(ours) == 1
    assert ours[0]["with"]["scraped-directory"]
    assert "site-directory" not in ours[0]["with"]


@pytest.mark.parametrize("path", SPLIT, ids=name)
def test_all_of_the_dataset_is_handed_over_and_the_database_is_not(path):
    """The job that commits builds it from JSON, because a file that SQLite reads can be made to say anything."""
    uploads = [step for step in jobs(path)["scrape"]["steps"] if "upload-artifact@" in step.get("uses", "")]
    paths = [line for step in uploads for line in step["with"]["path"].splitlines()]
    patterns = [re.sub(r"^(data|\$\{\{ inputs\.data-directory \}\})/\*\*/", "", line) for line in paths]
    assert patterns == ["*.json", "*.jsonl"]
    for collection in ALL:
        assert any(fnmatch(f"login{collection.suffix}", pattern) for pattern in patterns), collection.name
    assert not any(fnmatch("open-source-health.db", pattern) for pattern in patterns)


def test_no_job_that_may_write_to_the_repository_runs_its_code():
    for path in WORKFLOWS:
        for job in jobs(path).values():
            commands = " ".join(step.get("run", "") for step in job.get("steps", []))
            if writes(job) & {"contents", "pages", "id-token", "attestations"}:
                assert not re.search(r"\b(make|npm|python|pip|bash)\b", commands), path


def test_nothing_that_npm_brings_runs_a_script_at_installation():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r"npm (?:ci|install)\b.*", makefile) != []
    assert [line for line in re.findall(r"npm (?:ci|install)\b.*", makefile) if "--ignore-scripts" not in line] == []


def test_a_release_is_attested_before_it_is_published_and_v1_moves_last():
    release = jobs(ROOT / ".github/workflows/release.yml")
    assert release["publish"]["needs"] == ["build", "attest"]
    create, move = (step["run"] for step in release["publish"]["steps"] if "run" in step)
    assert create.index("--draft --verify-tag") < create.index("--draft=false")
    assert "git/refs" in move
