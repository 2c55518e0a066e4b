"""A CSV that others published in git becomes a row for each version and organisation, with exactly their numbers."""

import subprocess
from datetime import datetime
from itertools import groupby
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.cli import main
from scraper.dataset import earlier
from tests.helpers.git import CLEAN, git


class Publisher:
    """A git repository in which somebody publishes a CSV, with a version in each commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch", "main")

    def publish(self, text: str | None, at: str, path: str = "stats.csv") -> str:
        file = self.folder / path
        if text is None:
            file.unlink()
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        git(self.folder, "add", "--all")
        command = ["git", "commit", "--quiet", "--allow-empty", "-m", at]
        dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        subprocess.run(command, cwd=self.folder, env=CLEAN | dates, check=True)
        return git(self.folder, "rev-parse", "HEAD")


@pytest.fixture
def publisher(tmp_path):
    return Publisher(tmp_path / "theirs")


@pytest.fixture
def take_over(tmp_path, publisher):
    """Run the command; return its exit code, its output, and the counts in the file that it wrote."""

    def take_over(*options: str, path: str = "stats.csv"):
        output = tmp_path / "earlier" / "theirs.csv"
        command = [
            "import-counts",
            str(publisher.folder / path),
            "--output",
            str(output),
            "--source",
            "Them",
            *options,
        ]
        done = CliRunner().invoke(main, command)
        return done.exit_code, done.output, [placed.said for placed in earlier.load(output.parent)]

    return take_over


CUMULATIVE = ("--organisation", "Organisation", "--count", "Open Repositories", "--date", "Date")


def test_the_last_of_cumulative_counts_is_what_a_version_said(publisher, take_over):
    link = "<a href='https://github.com/{}'>The {} &amp; others</a>"
    head = "Organisation,Date,Open Repositories,Stars\n"
    one = publisher.publish(
        head
        + f"{link.format('Alder', 'alder')},2018-06-26,2,8.0\n{link.format('Alder', 'alder')},2019-01-01,14,9.0\n"
        f"{link.format('birch', 'birch')},2019-01-01T10:00:00Z,3.0,1.0\n"
        "<a href='https://gitlab.com/cedar'>Cedar</a>,2017-01-01,1,1\n",
        "2021-06-28T00:30:00+0100",
    )
    other = publisher.publish(head + "alder,2019-01-01,9,9\nALDER,2018-01-01,2,2\n", "2021-06-29T23:59:59+0000")
    publisher.publish(None, "2021-06-30T12:00:00+0000")

    code, said, counts = take_over(*CUMULATIVE)

    assert [(each.observed_on, each.organisation, each.open_repositories, each.source_commit) for each in counts] == [
        ("2021-06-27", "Alder", 14, one),  # half past eleven, UTC
        ("2021-06-27", "birch", 3, one),
        ("2021-06-27", "gitlab.com/cedar", 1, one),
        ("2021-06-29", "alder", 9, other),
    ]
    assert {each.source for each in counts} == {"Them"}
    assert code == 0
    assert said.endswith("theirs.csv: 2 versions from 2021-06-27 to 2021-06-29, 4 counts of 3 organisations.\n")


def test_plain_counts_of_a_file_that_was_moved_and_merged(publisher, take_over):
    publisher.publish("org;x,n\n", "2021-01-01T12:00:00+0000", "elsewhere.csv")
    publisher.publish("who,n\nalder,1\n", "2021-01-02T12:00:00+0000")
    git(publisher.folder, "switch", "--quiet", "--create", "side")
    publisher.publish("who,n\nalder,2\n", "2021-01-03T12:00:00+0000")
    git(publisher.folder, "switch", "--quiet", "main")
    publisher.publish("x", "2021-01-04T12:00:00+0000", "elsewhere.csv")
    git(publisher.folder, "merge", "--quiet", "side")
    publisher.publish("\ufeffn,who\n0,github.com/Alder\n", "2021-01-05T12:00:00+0000")

    _, _, counts = take_over("--organisation", "who", "--count", "n")

    assert [(each.observed_on, each.open_repositories) for each in counts] == [
        ("2021-01-02", 1),
        ("2021-01-03", 2),
        ("2021-01-05", 0),
    ]


HEAD = "who,when,n\n"
ODD = {
    "another column": ("org,n\na,1\n", "no column is called 'who'; the columns are org, n"),
    "two columns with the same name": ("who,when,n,n\na,2020-01-01,1,1\n", "more than one column is called 'n'"),
    "totals that fall": (HEAD + "a,2020-01-01,9\na,2020-01-02,8\n", "of a fall from 9 to 8 (lines 2 and 3), which"),
    "two counts for one day": (HEAD + "a,2020-01-01,8\nA,2020-01-01,9\n", "lines 2 and 3 have two counts of a for"),
    "a formula": (HEAD + '"=HYPERLINK(""x"")",2020-01-01,9\n', "line 2: '=HYPERLINK(\"x\")' is not an organisation"),
    "a script": (HEAD + "<script>a</script>,2020-01-01,9\n<b>,,\n", "line 3: '' is not an organisation"),
    "half a row": (HEAD + "a,2020-01-01\n", "line 2 has fewer cells than the header"),
    "no number": (HEAD + "a,2020-01-01,many\n", "line 2: 'many' is not a number of repositories"),
    "no day": (HEAD + "a,01/02/2020,9\n", "line 2: '01/02/2020' is not a date"),
    "nothing": ("", "it is empty"),
    "no rows": (HEAD, "it has no rows"),
}  # fmt: skip


@pytest.mark.parametrize("text, why", ODD.values(), ids=ODD.keys())
def test_a_version_that_cannot_be_understood_is_named_and_says_nothing(publisher, take_over, text, why):
    publisher.publish(HEAD + "b,2020-01-01,1\n", "2021-01-01T12:00:00+0000")
    commit = publisher.publish(text, "2021-01-02T12:00:00+0000")
    publisher.publish(HEAD + "b,2020-01-01,2\n", "2021-01-03T12:00:00+0000")

    code, said, counts = take_over("--organisation", "who", "--count", "n", "--date", "when")

    assert [line for line in said.splitlines() if line.startswith("Skipped: ")] == [said.splitlines()[0]]
    assert f"stats.csv as of {commit[:10]}: " in said
    assert why in said
    assert (code, [each.open_repositories for each in counts]) == (0, [1, 2])


def test_a_csv_that_cannot_be_imported_is_refused_in_one_sentence(publisher, take_over, tmp_path):
    assert take_over(*CUMULATIVE)[:2] == (2, f"Error: Git cannot list the commits of {publisher.folder}: "
        "fatal: bad revision 'HEAD'.\n")  # fmt: skip
    publisher.publish("who,n\na,1\na,2\n", "2021-01-01T12:00:00+0000")
    code, said, _ = take_over(*CUMULATIVE, path="other.csv")
    assert (code, "other.csv is not in any commit of" in said) == (2, True)
    code, said, _ = take_over("--organisation", "who", "--count", "n")
    assert code == 1
    assert "lines 2 and 3 both count a: name the date column if counts are cumulative." in said
    assert "--source: " in take_over("--organisation", "who", "--count", "n", "--source", "\t")[1]
    git(tmp_path, "clone", "--quiet", "--bare", "theirs", "bare")
    publisher.publish("who,n\na,2\n", "2021-01-02T12:00:00+0000")
    git(tmp_path, "clone", "--quiet", "--depth=1", publisher.folder.as_uri(), "shallow")
    code, said, counts = take_over("--organisation", "who", "--count", "n", path="../shallow/stats.csv")
    assert (code, counts) == (2, [])
    assert "is a shallow clone and lacks older versions: run `git fetch --unshallow` in it." in said
    code, said, _ = take_over("--organisation", "who", "--count", "n", path="../bare/stats.csv")
    assert (code, "is not in a git work tree: clone the repository" in said) == (2, True)


def test_every_version_of_a_series_is_imported_exactly(publisher, take_over, published):
    versions = [
        (day, list(rows))
        for (day, _), rows in groupby(published.rows, lambda row: (row["observed_on"], row["source_commit"]))
    ]
    stream = b""
    for number, (day, rows) in enumerate(versions):
        # Cells contained links, counts were cumulative, and something differed in every version, such as the number
        # of stars.
        content = "".join(_published(row, day, number) for row in rows)
        content = f"Organisation,Date,Open Repositories,Stargazers\n{content}"
        seconds = int(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()) + number
        stream += (
            f"commit refs/heads/main\ncommitter a <a@b.example> {seconds} +0000\ndata 0\n\n"
            f"M 644 inline stats.csv\ndata {len(content)}\n{content}\n"
        ).encode()
    subprocess.run(["git", "fast-import", "--quiet"], cwd=publisher.folder, input=stream, check=True)

    code, said, counts = take_over(*CUMULATIVE)

    assert code == 0
    assert (
        f"{len(versions)} versions from {versions[0][0]} to {versions[-1][0]}, {len(published.rows):,} counts of"
        in said
    )
    assert [(each.observed_on, each.organisation, each.open_repositories) for each in counts] == [
        (row["observed_on"], row["organisation"].removeprefix("github.com/"), int(row["open_repositories"]))
        for row in published.rows
    ]
    assert [len(list(group)) for _, group in groupby(counts, lambda each: each.source_commit)] == [
        len(rows) for _, rows in versions
    ]


def _published(row: dict[str, str], day: str, stars: int) -> str:
    name, number = row["organisation"], int(row["open_repositories"])
    cell = f"<a href='https://{name}'>The NHS's {name}</a>" if "/" in name else name
    return f"{cell},2019-05-01,{max(number - 1, 0)},{stars}\n{cell},{day},{number},{stars}\n"
