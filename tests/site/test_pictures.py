"""The pictures: well-formed, described in text, the same every time, and sensible with nothing to show."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scraper.database.build import build
from scraper.dataset.store import save
from scraper.errors import ConfigurationError
from scraper.model.accounts import Dataset
from scraper.site.badges import badge
from scraper.site.pictures import pictures
from tests.helpers.examples import HOSTILE, make_account, repository

METADATA_FILE = Path(__file__).parents[2] / "metadata.json"
METADATA = json.loads(METADATA_FILE.read_text(encoding="utf-8"))
SVG = "{http://www.w3.org/2000/svg}"
PATHS = {
    *("charts/growth.svg", "charts/languages.svg", "charts/licences.svg", "charts/social.png"),
    *("badges/repositories.svg", "badges/licences.svg"),
}


def database(folder: Path, dataset: Dataset) -> Path:
    save(folder / "data", dataset)
    build(folder / "data", folder / "x.db")
    return folder / "x.db"


def drawn(path: Path) -> dict[str, bytes]:
    with closing(sqlite3.connect(path)) as connection:
        return pictures(connection, METADATA)


def words(svg: bytes) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def of_hostile_data(tmp_path_factory, invented) -> dict[str, bytes]:
    odd = make_account("fir", repository(90, language=HOSTILE, license="MIT"), id=13, name=HOSTILE)
    return drawn(database(tmp_path_factory.mktemp("hostile"), invented | {"fir": odd}))


def test_every_picture_exists_and_has_a_description(of_hostile_data):
    assert of_hostile_data.keys() == PATHS
    for path in PATHS - {"charts/social.png"}:
        root = ElementTree.fromstring(of_hostile_data[path])
        assert root.get("role") == "img"
        assert root.findtext(f"{SVG}title")
        assert path.startswith("badges") or "Data as of 2024-01-31." in root.findtext(f"{SVG}desc")


def test_a_strangers_text_stays_text(of_hostile_data):
    languages = of_hostile_data["charts/languages.svg"]
    assert any(text.startswith("<script>alert") for text in words(languages))
    for path in PATHS - {"charts/social.png"}:
        assert not list(ElementTree.fromstring(of_hostile_data[path]).iter(f"{SVG}script"))
    assert [root.text for root in ElementTree.fromstring(badge("<&>", '"')).iter(f"{SVG}text")] == ["<&>", '"']


def test_numbers_are_those_of_the_data(of_hostile_data):
    assert words(of_hostile_data["badges/repositories.svg"]) == ["open repositories", "7"]
    assert words(of_hostile_data["badges/licences.svg"]) == ["with a licence", "43%"]
    assert {"MIT", "none found"} <= set(words(of_hostile_data["charts/licences.svg"]))


def test_the_card_is_as_large_as_previews_want_it(of_hostile_data):
    png = of_hostile_data["charts/social.png"]
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (1200, 630)


@pytest.mark.parametrize("accounts", [{"dogwood"}, {"cedar"}], ids=["not observed", "empty"])
def test_without_repositories_the_pictures_say_so(tmp_path, invented, accounts):
    found = drawn(database(tmp_path, {name: invented[name] for name in accounts}))
    assert found.keys() == PATHS
    for name in ("growth", "languages", "licences"):
        assert "No repositories yet" in words(found[f"charts/{name}.svg"])
    assert words(found["badges/repositories.svg"])[1] == "0"
    assert words(found["badges/licences.svg"])[1] == "-"


def test_many_organisations_are_folded_into_ten_bands(tmp_path):
    accounts = [
        make_account(f"org-{number}", repository(number + 1, created_at="2020-01-01T00:00:00Z"), id=number)
        for number in range(186)
    ]
    growth = drawn(database(tmp_path, {account.listed_login: account for account in accounts}))["charts/growth.svg"]
    labels = [text for text in words(growth) if text.startswith(("org-", "all others"))]
    assert len(labels) == 10
    assert labels[-1] == "all others"


def test_the_same_data_give_the_same_bytes_in_another_time_zone_and_language(tmp_path, invented):
    path = database(tmp_path, invented)
    again = (
        "import hashlib, json, sqlite3, sys\n"
        "from scraper.site.pictures import pictures\n"
        "found = pictures(sqlite3.connect(sys.argv[1]), json.load(open(sys.argv[2], encoding='utf-8')))\n"
        "print(hashlib.sha256(b''.join(found.values())).hexdigest())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", again, path, METADATA_FILE],
            env={"PYTHONPATH": str(METADATA_FILE.parent), "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone, language in (("1", "Asia/Tokyo", "C"), ("2", "America/Lima", "de_DE.UTF-8"))
    }
    assert len(answers) == 1


def test_metadata_without_a_dashboard_leaves_out_its_charts(tmp_path, invented):
    with closing(sqlite3.connect(database(tmp_path, invented))) as connection:
        assert pictures(connection, {}).keys() == {
            path for path in PATHS if not path.endswith(".svg") or "badge" in path
        }


def test_a_missing_package_is_one_sentence(tmp_path, invented, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ConfigurationError, match=r"vl-convert-python: pip install"):
        drawn(database(tmp_path, invented))
