"""data/ is not trusted: no link, journal or odd name in it redirects a write or passes for part of the dataset."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
import requests
from click.testing import CliRunner

from scraper.action.inputs import read_settings
from scraper.cli import main
from scraper.dataset import atomic, forgotten, store
from scraper.dataset.layout import JOURNAL, check_contents
from scraper.errors import ConfigurationError, DatasetError
from scraper.list_file import read_organisations
from scraper.serving import static_files
from scraper.site import swap
from scraper.site.build import MARKER, check_output
from tests.helpers.estate import files
from tests.helpers.examples import invented


@pytest.fixture
def data(tmp_path) -> Path:
    """A saved dataset in a git repository, beside an unrelated folder."""
    subprocess.run(["git", "init", "--quiet", tmp_path / "repository"], check=True)
    store.save(tmp_path / "repository/data", invented())
    (tmp_path / "outside/repositories").mkdir(parents=True)
    (tmp_path / "outside/precious.json").write_text("precious")
    (tmp_path / "outside/repositories/precious.json").write_text("precious")
    return tmp_path / "repository/data"


def link_a_part(data: Path) -> None:
    (data / "repositories").rename(data.parent / "moved")
    (data / "repositories").symlink_to(data.parents[1] / "outside/repositories", target_is_directory=True)


def link_a_file(data: Path) -> None:
    (data / "repositories/Alder.json").unlink()
    (data / "repositories/Alder.json").symlink_to(data.parents[1] / "outside/precious.json")


def link_the_list(data: Path) -> None:
    (data / "organisations.json").unlink()
    (data / "organisations.json").symlink_to(data.parents[1] / "outside/precious.json")


def make_a_fifo(data: Path) -> None:
    (data / "repositories/Alder.json").unlink()
    os.mkfifo(data / "repositories/Alder.json")


def make_a_directory(data: Path) -> None:
    (data / "repositories/x.json").mkdir()


def foreign(name: str):
    def put(data: Path) -> None:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("x")

    return put


NAMES = (
    *("HEAD", "config", "objects/x", "refs/heads/main", ".git", "hooks/pre-push", "notes.md", "sitecustomize.py"),
    *("repositories/notes.md", "repositories/deep/x.json", "metrics/run.sh"),
    *("open-source-health.db-journal", "open-source-health.db-wal", ".open-source-health.db.tmp-journal"),
)
STRANGE = {
    "a part is a link": link_a_part,
    "a file is a link": link_a_file,
    "the list is a link": link_the_list,
    "a fifo": make_a_fifo,
    "a directory": make_a_directory,
    **{name: foreign(name) for name in NAMES},
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_files_outside_the_dataset_are_refused_in_a_sentence_and_not_touched(data, strange):
    strange(data)
    outside = files(data.parents[1] / "outside")
    with pytest.raises(DatasetError, match="remove it") as refused:
        store.load(data)
    assert str(data) in str(refused.value)
    assert files(data.parents[1] / "outside") == outside


def test_what_git_and_desktops_leave_behind_is_tolerated(data):
    for name in (".gitattributes", ".gitkeep", ".DS_Store", "repositories/.DS_Store", "forgotten.json", "other.db"):
        (data / name).write_text("[]")
    assert store.load(data) == invented()


def test_a_dataset_behind_a_link_of_the_checkout_is_refused(data, tmp_path):
    (data.parent / "linked").symlink_to(data, target_is_directory=True)
    (data.parent / "deep").symlink_to(data.parent, target_is_directory=True)
    for path in (data.parent / "linked", data.parent / "deep/data"):
        with pytest.raises(DatasetError, match="is a link"):
            store.load(path)
        inputs = {
            "GITHUB_WORKSPACE": str(data.parent),
            "INPUT_ORGANISATIONS": "nhsx",
            "INPUT_DATA_DIRECTORY": str(path.relative_to(data.parent)),
        }
        with pytest.raises(ConfigurationError, match="Input data-directory: .* is a link"):
            read_settings(inputs)


def test_a_link_above_the_checkout_is_allowed(data, tmp_path):
    (tmp_path / "home").symlink_to(data.parent, target_is_directory=True)
    (tmp_path / "elsewhere").mkdir()
    check_contents(tmp_path / "elsewhere")
    assert store.load(tmp_path / "home/../repository/data") == invented()


def test_a_site_directory_that_is_a_link_is_refused(data, tmp_path):
    (tmp_path / "outside" / MARKER).write_text("")
    (data.parent / "public").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(ConfigurationError, match="is a link"):
        check_output(data.parent / "public")
    with pytest.raises(ConfigurationError, match="Input site-directory: .* is a link"):
        read_settings(
            {
                "GITHUB_WORKSPACE": str(data.parent),
                "INPUT_ORGANISATIONS": "nhsx",
                "INPUT_SITE_DIRECTORY": "public",
            }
        )


JOURNALS = {
    "other names": {"replaced": ["../outside/precious.json"], "removed": []},
    "absolute": {"replaced": [], "removed": ["/etc/passwd"]},
    "not owned": {"replaced": [], "removed": ["open-source-health.db"]},
    "deep": {"replaced": ["repositories/../../outside/precious.json"], "removed": []},
    "a script": {"replaced": ["sitecustomize.py"], "removed": []},
    "no names": {"replaced": [1], "removed": [None]},
}


@pytest.mark.parametrize("journal", JOURNALS.values(), ids=JOURNALS)
def test_a_journal_that_save_did_not_write_does_nothing(data, journal):
    before = files(data.parents[1])
    (data / JOURNAL).write_bytes(orjson.dumps(journal))
    with pytest.raises(DatasetError, match="is not a journal"):
        store.load(data)
    (data / JOURNAL).unlink()
    assert files(data.parents[1]) == before


def test_a_journal_that_git_tracks_does_nothing_though_it_names_files_of_the_dataset(tmp_path):
    data = tmp_path / "data"
    store.save(data, invented())
    (data / ".README.md.tmp").write_text("forged")
    (data / JOURNAL).write_bytes(orjson.dumps({"replaced": ["README.md"], "removed": ["repositories/Alder.json"]}))
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "add", "--all"], check=True)
    before = files(data)
    with pytest.raises(DatasetError, match=r"replacing\.tmp is committed.*`git rm`"):
        store.load(data)
    assert files(data) == before

    subprocess.run(["git", "-C", tmp_path, "rm", "--quiet", "--cached", data / JOURNAL], check=True)
    with pytest.raises(DatasetError, match="Alder"):  # a killed run's leftovers are checked again
        store.load(data)
    assert (data / "README.md").read_text() == "forged"


def test_a_staging_file_with_a_hard_link_elsewhere_leaves_that_file_alone(data, tmp_path):
    precious = tmp_path / "outside/precious.json"
    (data / ".forgotten.json.tmp").hardlink_to(precious)
    forgotten.forget(data, "Alder")
    assert precious.read_text() == "precious"


def test_a_name_in_the_directory_controls_no_terminal(data):
    (data / "\x1b]0;owned\x07\n::error::x").write_text("x")
    said = CliRunner().invoke(main, ["build", "--data", str(data)])
    assert "does not belong to the dataset" in said.output
    assert not {"\x1b", "\x07"} & set(said.output)
    assert "\n::" not in said.output


def test_a_link_above_the_data_directory_is_refused_though_it_leads_to_another_repository(data, tmp_path):
    (tmp_path / "outside/repository/.git").mkdir(parents=True)
    (data.parent / "statistics").symlink_to(tmp_path / "outside", target_is_directory=True)
    inputs = {
        "GITHUB_WORKSPACE": str(data.parent),
        "INPUT_ORGANISATIONS": "nhsx",
        "INPUT_DATA_DIRECTORY": "statistics/repository/data",
    }
    with pytest.raises(ConfigurationError, match="Input data-directory: .*statistics is a link"):
        read_settings(inputs)


def refusing(number: int):
    """An fsync that fails so for folders."""
    real = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        real(descriptor)

    return fsync


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_cannot_flush_directories_can_hold_a_dataset(tmp_path, monkeypatch, number):
    monkeypatch.setattr(os, "fsync", refusing(number))
    store.save(tmp_path / "data", invented())
    assert store.load(tmp_path / "data") == invented()


def test_a_directory_that_a_broken_disk_did_not_flush_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", refusing(errno.EIO))
    with pytest.raises(DatasetError, match="Cannot write"):
        store.save(tmp_path / "data", invented())


def test_new_directories_are_on_the_disk_before_the_journal_counts(tmp_path, monkeypatch):
    flushed, flush = [], atomic._flush

    def watched(folders):
        found = set(folders)
        flushed.append((found, (tmp_path / JOURNAL).exists()))
        flush(found)

    monkeypatch.setattr(atomic, "_flush", watched)
    atomic.replace_all(tmp_path, {"repositories/Alder.json": b"[]"})
    assert flushed[0] == ({tmp_path, tmp_path / "repositories"}, False)


def test_names_are_on_the_disk_before_the_journal_counts_and_before_it_goes(tmp_path, monkeypatch):
    happened = []
    flush, replace, unlink = atomic._flush, Path.replace, Path.unlink

    def flushed(folders):
        happened.append("flush")
        flush(folders)

    def replaced(self, target):
        happened.append("journal" if Path(target).name == JOURNAL else "file")
        return replace(self, target)

    def unlinked(self, missing_ok=False):
        if self.name == JOURNAL or not self.name.endswith(".tmp"):
            happened.append("end" if self.name == JOURNAL else "removed")
        unlink(self, missing_ok)

    (tmp_path / "organisations.json").write_bytes(b"[]")
    monkeypatch.setattr(atomic, "_flush", flushed)
    monkeypatch.setattr(Path, "replace", replaced)
    monkeypatch.setattr(Path, "unlink", unlinked)
    atomic.replace_all(tmp_path, {"README.md": b"x"}, ["organisations.json"])
    assert happened == ["flush", "journal", "flush", "file", "removed", "flush", "end"]


KILL = """
import os, signal, sys
from pathlib import Path
from scraper.site import swap
if sys.argv[2] == "two renames":
    swap.exchange = lambda one, other: False
real, left = Path.replace, [int(sys.argv[3])]
def replace(self, target):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    return real(self, target)
Path.replace = replace
with swap.replaced(Path(sys.argv[1]), "marker") as folder:
    (folder / "index.html").write_text("new")
    if left[0] == -1:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("way", ["exchange", "two renames"])
@pytest.mark.parametrize("step", [-1, 0, 1])
@pytest.mark.parametrize("name", ["public", "public[1]"])
def test_a_site_that_was_killed_while_it_was_swapped_is_there_again_and_leaves_nothing(tmp_path, way, step, name):
    output = tmp_path / name
    output.mkdir()
    (output / "index.html").write_text("old")
    done = subprocess.run([sys.executable, "-c", KILL, output, way, str(step)], check=False)
    assert done.returncode in (0, -signal.SIGKILL)
    if way == "exchange":
        assert (output / "index.html").read_text() in ("old", "new")

    with swap.replaced(output, "marker"):
        assert (output / "index.html").read_text() in ("old", "new")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_directory_that_only_looks_like_a_leftover_stays(tmp_path):
    (tmp_path / ".public-mine").mkdir()
    (tmp_path / ".public-mine/precious").write_text("precious")
    with swap.replaced(tmp_path / "public", "marker") as folder:
        (folder / "index.html").write_text("new")
    assert (tmp_path / ".public-mine/precious").read_text() == "precious"


def test_a_folder_of_the_site_is_not_listed(tmp_path):
    (tmp_path / "index.html").write_text("the page")
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads/secret-name.csv").write_text("x")
    with static_files.served(tmp_path, "127.0.0.1", 0) as address:
        assert requests.get(address, timeout=10).text == "the page"
        answer = requests.get(f"{address}downloads/", timeout=10)
    assert answer.status_code == 404
    assert "secret-name" not in answer.text


def test_a_name_of_five_megabytes_in_the_list_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "organisations.yml"
    path.write_text(f"organisations:\n  - login: nhsx\n    name: {'x' * 5_000_000}\n")
    with pytest.raises(ConfigurationError, match="is larger than 1 MiB"):
        read_organisations(path)
    path.write_text(f"organisations:\n  - login: nhsx\n    name: {'x' * 3000}\n")
    with pytest.raises(
        ConfigurationError, match=r"line 3: the name has 3,000 characters, more than 2,000: shorten it"
    ):
        read_organisations(path)


@pytest.mark.parametrize("device", ["/dev/zero", "fifo"])
def test_a_list_that_never_ends_is_refused_at_once(tmp_path, device):
    path = tmp_path / "organisations.yml"
    if device == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(device)
    read = f"from scraper import list_file; list_file.read_organisations(list_file.Path({str(path)!r}))"
    limited = ["bash", "-c", 'ulimit -v 2000000; exec "$@"', "-", sys.executable, "-c", read]
    done = subprocess.run(limited, capture_output=True, text=True, check=False, timeout=30)
    assert f"{path} is not a file" in done.stderr.splitlines()[-1]
