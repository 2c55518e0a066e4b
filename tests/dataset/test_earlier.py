"""earlier/*.csv: what others counted is used as it is, or refused in one sentence with the file, line and fix."""

import pytest

from scraper.dataset import earlier
from scraper.dataset.earlier import EarlierCount
from scraper.dataset.layout import beside
from scraper.errors import DatasetError

HEAD = "observed_on,organisation,open_repositories,source,source_commit\n"
COMMIT, OTHER = "a" * 40, "b" * 40


@pytest.fixture
def write(tmp_path):
    def write(text: str | bytes, name: str = "others.csv"):
        folder = beside(tmp_path / "data", earlier.FOLDER)
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    return write


def counts(folder):
    return [placed.said for placed in earlier.load(folder)]


def test_nothing_beside_the_dataset_is_nothing(tmp_path):
    assert earlier.load(beside(tmp_path / "data", earlier.FOLDER)) == []


def test_counts_are_read_back_as_written_even_if_they_fall(write):
    folder = write(
        HEAD
        + f"2021-06-28,NHSX,35,Some body,{COMMIT}\n"
        + f"2021-06-28,NHSX,36,Some body,{OTHER}\n"
        + "2021-06-29,https://github.com/orgs/nhsx/,7,Some body,\n"
        + "2021-06-29,gitlab.com/nhsbsa,13,Another,\r\n"
    )
    assert counts(folder) == [
        EarlierCount("2021-06-28", "NHSX", 35, "Some body", COMMIT),
        EarlierCount("2021-06-28", "NHSX", 36, "Some body", OTHER),
        EarlierCount("2021-06-29", "nhsx", 7, "Some body", None),
        EarlierCount("2021-06-29", "gitlab.com/nhsbsa", 13, "Another", None),
    ]
    written = folder / "again.csv"
    earlier.save(written, counts(folder))
    (folder / "others.csv").unlink()
    assert [count.open_repositories for count in counts(folder)] == [35, 36, 7, 13]


def test_several_files_are_one_series_by_day(write):
    write(HEAD + "2022-01-01,nhsx,2,B,\n", "b.csv")
    folder = write(HEAD + "2021-01-01,nhsx,1,A,\n2023-01-01,nhsx,3,A,\n", "a.csv")
    write("not a count at all", "README.md")
    assert [count.open_repositories for count in counts(folder)] == [1, 2, 3]


ROW = "2021-06-28,nhsx,35,Some body,\n"
WRONG = {
    "two counts for one day": (
        HEAD + ROW + ROW.replace("35", "36"),
        "line 3: a second count of nhsx for 2021-06-28; the",
    ),
    "two that differ only in capitals": (HEAD + ROW + ROW.replace("nhsx", "NHSX"), "line 3: a second count of NHSX"),
    "dates out of order": (
        HEAD + ROW + "2021-06-27,nhsx,35,A,\n",
        "line 3: '2021-06-27' is before the day of the",
    ),
    "no such day": (
        HEAD + ROW.replace("06-28", "02-30"),
        "line 2: '2021-02-30' is not a date from 1970 to 2199: write it as",
    ),
    "another way to write days": (
        HEAD + ROW.replace("2021-06-28", "28/06/2021"),
        "line 2: '28/06/2021' is not a date",
    ),
    "a formula": (
        HEAD + "2021-06-28,=cmd|' /C calc'!A0,35,A,\n",
        "line 2: \"=cmd|' /C calc'!A0\" is not an organisation",
    ),
    "HTML": (
        HEAD + "2021-06-28,<script>alert(1)</script>,35,A,\n",
        "line 2: '<script>alert(1)</script>' is not an org",
    ),
    "a path": (HEAD + "2021-06-28,../../etc/passwd,35,A,\n", "line 2: '../../etc/passwd' is not an organisation"),
    "a negative count": (
        HEAD + ROW.replace("35", "-35"),
        "line 2: '-35' is not a number of repositories: write it in",
    ),
    "other digits": (
        HEAD + ROW.replace("35", "\uff13\uff15"),
        "line 2: '\uff13\uff15' is not a number of repositories",
    ),
    "no count": (HEAD + ROW.replace("35", ""), "line 2: '' is not a number of repositories"),
    "a huge count": (HEAD + ROW.replace("35", "9" * 400), "is not a number of repositories"),
    "no source": (HEAD + ROW.replace("Some body", " "), "line 2: '' is not a source: say in 1 to 100 characters who"),
    "a source that controls a terminal": (
        HEAD + ROW.replace("Some", "\x1b[31m"),
        "line 2: '(31m body' is not a source",
    ),
    "half a commit": (HEAD + ROW.replace("body,", "body,c11f5d0"), "line 2: 'c11f5d0' is not a commit: write its 40"),
    "one cell too many": (HEAD + ROW.replace("\n", ",\n"), "line 2: 6 cells instead of 5."),
    "an empty line": (HEAD + ROW + "\n", "line 3: 0 cells instead of 5."),
    "a quote that never ends": (HEAD + '"2021-06-28,nhsx,35,A,\n', "not valid CSV"),
    "other columns": ("date,org,count\n", "line 1: the columns must be observed_on,organisation,"),
    "an empty file": ("", "line 1: the columns must be observed_on"),
    "bytes that are not text": (b"\xff\xfe\x00", "is not UTF-8 text: save it as UTF-8."),
}


@pytest.mark.parametrize("text, complaint", WRONG.values(), ids=WRONG.keys())
def test_mistakes_are_named_with_file_line_and_fix(write, text, complaint):
    folder = write(text)
    with pytest.raises(DatasetError) as error:
        earlier.load(folder)
    assert str(error.value).startswith(str(folder / "others.csv"))
    assert complaint in str(error.value)
    assert len(str(error.value)) < 400 + len(str(folder)) * 2
    assert str(error.value).isprintable()


def test_the_same_count_in_two_files_names_both(write):
    write(HEAD + ROW, "a.csv")
    folder = write(HEAD + ROW, "b.csv")
    with pytest.raises(
        DatasetError, match=r"b.csv, line 2: a second count .* the first is at .*a.csv, line 2. Remove"
    ):
        earlier.load(folder)


def test_links_and_what_is_no_file_are_refused(write, tmp_path):
    folder = write(HEAD + ROW)
    (folder / "link.csv").symlink_to("/etc/passwd")
    with pytest.raises(DatasetError, match="link.csv is not a regular file"):
        earlier.load(folder)
    (folder / "link.csv").unlink()
    (folder / "folder.csv").mkdir()
    with pytest.raises(DatasetError, match="folder.csv is not a regular file"):
        earlier.load(folder)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match="is a link"):
        earlier.load(folder)
    folder.unlink()
    folder.touch()
    with pytest.raises(DatasetError, match="earlier is a file"):
        earlier.load(folder)


def test_an_organisation_that_no_list_has_is_named_once(write):
    folder = write(HEAD + ROW + "2021-06-29,nhxs,1,A,\n2021-06-30,nhxs,1,A,\n2021-06-30,gitlab.com/a,1,A,\n")
    found = earlier.load(folder)
    assert earlier.unlisted(found, ["NHSX", "nhxs"]) is None
    assert earlier.unlisted(found, ["NHSX"]) == (
        f"{folder / 'others.csv'}, line 3: nhxs is not in the list of organisations. Such counts are kept under their"
        " names; correct the name if it is misspelt."
    )
    assert "nhsx is not in the list of organisations (2 names in these files are not). Such" in earlier.unlisted(
        found, []
    )


def test_a_file_of_something_else_is_not_replaced(tmp_path):
    path = tmp_path / "earlier" / "mine.csv"
    earlier.save(path, [])
    earlier.save(path, [EarlierCount("2021-06-28", "nhsx", 1, "A", None)])
    path.write_text("mine")
    with pytest.raises(
        DatasetError, match="is not a file of earlier counts, and would be replaced: choose another name."
    ):
        earlier.save(path, [])
    assert path.read_text() == "mine"
