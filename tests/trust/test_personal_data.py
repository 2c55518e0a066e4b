"""Personal data in what strangers type: it is neither stored nor published, whatever old commits still hold."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox import Estate, Sandbox
from scraper import departures
from scraper.cli import main
from scraper.config import ListedAccount
from scraper.database import tables
from scraper.database.build import build
from scraper.database.closures import read_closures
from scraper.dataset import forgotten, store
from scraper.dataset.layout import DATABASE_FILE, FORGOTTEN_FILE
from scraper.errors import ConfigurationError, DatasetError
from scraper.github.client import GitHubApi
from scraper.github.whereabouts import Found
from scraper.model import records
from scraper.model.fields import REPOSITORY
from scraper.model.forgotten import Forgotten
from scraper.model.kinds import VALIDATORS
from scraper.model.personal_data import EMAIL, TELEPHONE, mask
from scraper.model.records import read
from scraper.scrape import scrape
from tests.helpers.estate import PERSON
from tests.helpers.examples import make_account, repository, whereabouts
from tests.helpers.life import Life

ADDRESS, NUMBER = "jane.doe@example.org", "+44 20 7946 0000"
TYPED = f"Jane Doe, {ADDRESS}, {NUMBER}"


@pytest.mark.parametrize(
    "address",
    [
        "jane.doe@example.org",
        "JANE+tag@mail.example.co.uk",
        "o'hara@example.org",
        "müller@büro.example",
        "jane@xn--bro-hoa.example",
        "jane\uff20example.org",
        "jane%40example.org",
        "jane (at) example.org",
        "jane[at]example[dot]org",
        "info@example.org",
    ],
)
def test_an_email_address_is_masked(address):
    assert mask(address) == EMAIL
    assert mask(f"Contact: <{address}>, please") == f"Contact: <{EMAIL}>, please"
    assert mask(f"mailto:{address}?subject=x") == f"mailto:{EMAIL}?subject=x"


@pytest.mark.parametrize(
    "number",
    [
        "+442079460000",
        "+44 20 7946 0000",
        "+44 (0)20 7946 0000",
        "+1 (212) 555-0100",
        "+33\u00a06\u00a012\u00a034\u00a056\u00a078",
        "020 7946 0000",
        "(020) 7946 0000",
        "01632\u2011960001",
        "07700 900123",
        "07700900123",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "030 12345678",
        "(212) 555-0100",
        "212-555-0100",
    ],
)
def test_a_telephone_number_is_masked(number):
    assert mask(number) == TELEPHONE
    assert mask(f"Ask Jane ({number}).") == f"Ask Jane ({TELEPHONE})."
    assert mask(f"電話{number}まで") == f"電話{TELEPHONE}まで"


@pytest.mark.parametrize("word", ["Tel", "tel.", "Telephone:", "phone ", "FAX: ", "call", "tél. ", "☎\ufe0f ", "📞"])
def test_after_a_word_for_a_telephone_any_number_is_one(word):
    assert mask(f"{word} 946 0000 x") == f"{word} {TELEPHONE} x"


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com:owner/x.git and ssh://git@github.com/owner/x",
        "vue@3.4.1, lodash@4.17.x, foo@1.2.rc1, actions/checkout@v4, @scope/package, root@localhost",
        "https://unpkg.com/react@18.2.0/umd/react.production.min.js",
        "https://example.org/@jane and https://www.google.com/maps/@51.5074,-0.1278,12z",
        "2014-2026, 2021-03-04, 04-03-2021, 05-06-2014 12:00, 2021-03-04T05:06:07+01:00",
        "20210304 20210304050607 UTC+01:00 1617181920",
        "1.2.3 0.10.2.3 2021.03.04 v01.02 10.0.19041.1234",
        "ISO 8601:2004, ISO/IEC 27001, RFC 5322, CVE-2021-44228, COVID-19",
        "0000-0002-1825-0097 https://orcid.org/0000-0002-1825-0097",
        "943 476 5919 and 9434765919",
        "ISBN 0-306-40615-2, 0306406152, 978-0-306-40615-7; ISSN 0028-0836",
        "10.5281/zenodo.1234567 arXiv:2101.00001",
        "192.168.100.200 255.255.255.0 00:1B:44:11:3A:B7",
        "C++11, +100 stars, over 1,000,000 rows, +1 000 000 rows, 3.14159265358979",
        "Phone 2014-2026, call 2024-01-15, Windows Phone 8.1, call 999",
        "https://example.org/items/01632960001/x?id=07700900123",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709 123e4567-e89b-12d3-a456-426614174000",
    ],
)
def test_other_text_is_left_alone(text):
    assert mask(text) == text


@given(st.text(alphabet=st.sampled_from("a9014+-.@ ()[]%tel\uff20é電\n"), max_size=60) | st.text())
@example("020 7946 0958@x.org")
@example("a@b.cc@d.ee")
def test_masking_twice_is_masking_once(text):
    assert mask(mask(text)) == mask(text)


@given(
    st.text(), st.from_regex(r"[a-z]{1,9}(\.[a-z]{1,9})?@([a-z]{1,9}\.){1,3}[a-z]{2,6}", fullmatch=True), st.text()
)
def test_no_text_around_an_address_keeps_it(before, address, after):
    if not address.startswith("git@"):
        assert address not in mask(f"{before} {address} {after}")


@given(st.text(alphabet="0123456789.-:/ ", max_size=40).filter(lambda text: " 0" not in f" {text}"))
def test_digits_alone_are_not_a_telephone_number(text):
    assert TELEPHONE not in mask(text) or "-" in text  # America's form is known by its hyphens


@pytest.mark.parametrize("bad", ["a", "a@", "1 ", "+1", "a.", "(0", "a (at) ", "tel ", "01 23 ", "@b.", "0123 "])
def test_no_text_takes_long(bad):
    assert isinstance(mask(bad * 10_000), str)  # if it were quadratic, this would take minutes


def test_every_field_that_owners_type_is_masked_and_no_other_changes():
    typed = ("description", "homepage", "mirror_url", "default_branch")
    raw = repository(1, **dict.fromkeys(typed, TYPED), topics=[ADDRESS, "nhs"])
    record = read(REPOSITORY, raw)
    assert {record[name] for name in typed} == {f"Jane Doe, {EMAIL}, {TELEPHONE}"}
    assert record["topics"] == [EMAIL, "nhs"]
    assert {field.name for field in REPOSITORY if field.free_text} == set(typed)
    assert record["html_url"] == raw["html_url"]


def test_names_of_languages_are_masked_wherever_they_are():
    read_languages, read_bytes = VALIDATORS["names"], VALIDATORS["bytes"]
    assert read_languages([ADDRESS, "Go"]) == ["Go", EMAIL]
    assert read_bytes({ADDRESS: 1, "Go": 2, "other@example.org": 3}) == {"Go": 2, EMAIL: 4}


def test_what_owners_of_a_dataset_write_beside_it_is_masked_where_it_is_published(tmp_path):
    """Their files stay as they wrote them; anyone may have suggested a line in a pull request."""
    store.save(tmp_path / "data", {"alder": make_account("alder", repository(1, full_name="alder/one"))})
    (tmp_path / "exceptions.yml").write_text(
        f"exceptions:\n  - {{repository: alder/one, check: ci, reason: 'Ask {TYPED}', until: 2099-01-01}}\n"
    )
    (tmp_path / "earlier").mkdir()
    (tmp_path / "earlier/others.csv").write_text(
        f"observed_on,organisation,open_repositories,source,source_commit\n2021-06-28,alder,35,Jane <{ADDRESS}>,\n"
    )
    build(tmp_path / "data", tmp_path / "x.db")
    assert b"jane.doe" not in (tmp_path / "x.db").read_bytes()
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        [[reason]] = connection.execute("SELECT reason FROM check_exceptions").fetchall()
        [[source]] = connection.execute("SELECT source FROM earlier_counts").fetchall()
    assert (reason, source) == (f"Ask Jane Doe, {EMAIL}, {TELEPHONE}", f"Jane <{EMAIL}>")


def observe(url, data):
    api = GitHubApi(url, "a-token")
    return scrape(api, [ListedAccount(PERSON, "Somebody")], data, whole_list=True, workers=1, progress=print)


def test_what_an_older_version_stored_is_masked_by_the_next_run_though_nothing_else_changed(tmp_path):
    data = tmp_path / "data"
    with Sandbox(Estate("nhs")) as github:
        observe(github.url, data)
        assert observe(github.url, data).files == []
        path = next((data / "repositories").glob("*.json"))
        masked = path.read_bytes()
        typed = masked.replace(b'"default_branch": "', b'"default_branch": "' + ADDRESS.encode(), 1)
        path.write_bytes(typed)
        assert path.read_bytes() != masked
        report = observe(github.url, data)
    assert f"repositories/{path.name}" in report.files
    assert ADDRESS.encode() not in path.read_bytes()


def test_neither_events_nor_the_database_have_what_old_commits_contain(tmp_path, monkeypatch):
    """An older version recorded it and carried it forward; then it was removed; then this version built."""
    life = Life(tmp_path / "repository")
    login = life.logins[0]
    [id_, *_] = life.world[login]
    with monkeypatch.context() as older:
        older.setattr(records, "mask", str)
        older.setattr(tables, "VERSION", tables.VERSION - 1)
        life.world[login][id_]["description"] = "nothing yet"
        life.run()
        life.world[login][id_]["description"] = TYPED
        life.run()
    assert ADDRESS.encode() in (life.data / DATABASE_FILE).read_bytes()

    life.run()
    life.world[login][id_]["description"] = "A library"
    life.run()

    content = (life.data / DATABASE_FILE).read_bytes()
    assert b"jane.doe" not in content
    assert b"7946" not in content
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
        events = connection.execute("SELECT old, new FROM events WHERE field = 'description' ORDER BY id").fetchall()
    masked = f"Jane Doe, {EMAIL}, {TELEPHONE}"
    assert events == [("nothing yet", masked), (masked, "A library")]


def test_a_change_of_the_address_alone_is_no_event(tmp_path):
    life = Life(tmp_path / "repository")
    login = life.logins[0]
    [id_, *_] = life.world[login]
    life.run()
    for address in ("a@example.org", "b@example.org"):
        life.world[login][id_]["description"] = f"Ask {address}"
        life.run()
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
        assert connection.execute("SELECT old FROM events WHERE field = 'description'").fetchall() == [(None,)]


def test_a_dataset_with_addresses_makes_a_database_without_them(tmp_path):
    store.save(tmp_path / "data", {"alder": make_account("alder", repository(1, description="HERE"))})
    path = tmp_path / "data/repositories/alder.json"
    path.write_text(path.read_text().replace("HERE", TYPED))
    build(tmp_path / "data", tmp_path / "x.db")
    assert b"jane.doe" not in (tmp_path / "x.db").read_bytes()


def test_a_forgotten_repository_leaves_the_dataset_and_the_history_and_stays_out(tmp_path):
    life = Life(tmp_path / "repository")
    login = life.logins[0]
    [id_, *_] = life.world[login]
    life.world[login][id_]["description"] = "of Jane"
    life.run()
    life.world[login][id_] = life.world[login][id_] | {"name": "jane-doe", "full_name": "somebody/jane-doe"}
    life.run()
    count = len(life.world[login])

    assert f"repository {id_} is forgotten" in forgotten.forget(life.data, "Somebody/Jane-Doe")
    life.build()
    life.commit()

    held = store.load(life.data)[login]
    assert id_ not in {record["id"] for record in held.repositories + held.metrics}
    assert held.record["repositories"] == len(held.repositories) == count - 1
    content = (life.data / DATABASE_FILE).read_bytes()
    assert b"jane-doe" not in content
    assert b"of Jane" not in content
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
        for table, column in (
            ("events", "repository_id"),
            ("known_repositories", "id"),
            ("metric_history", "repository_id"),
        ):
            sql = f"SELECT count(*) FROM {table} WHERE {column} = ?"
            assert connection.execute(sql, (id_,)).fetchone() == (0,), table
    assert b"jane" not in (life.data / FORGOTTEN_FILE).read_bytes()
    # Forgetting it again by its number, although it is gone, changes nothing.
    before = (life.data / FORGOTTEN_FILE).read_bytes()
    forgotten.forget(life.data, str(id_))
    assert (life.data / FORGOTTEN_FILE).read_bytes() == before


def test_a_forgotten_account_leaves_nothing_in_the_database(tmp_path):
    life = Life(tmp_path / "repository")
    life.run()
    life.turn(20)
    life.run()
    login = life.logins[0]
    assert "The account 100 with" in forgotten.forget(life.data, login)
    life.build()
    assert login not in store.load(life.data)
    assert login.encode() not in (life.data / DATABASE_FILE).read_bytes()


@pytest.fixture
def named(tmp_path):
    """The folder of a dataset that has an account and its repository, which the files beside it name too."""
    jane = make_account("jane-doe", repository(17, full_name="jane-doe/hers"), id=9000)
    store.save(tmp_path / "data", {"jane-doe": jane, "alder": make_account("alder", repository(1), repository(2))})
    (tmp_path / "earlier").mkdir()
    for path, lines in {
        "organisations.yml": ["organisations:", "  - alder", "  - jane-doe", "  - jane-doe-2"],
        "exceptions.yml": [
            "exceptions:",
            *("  - repository: JANE-DOE/hers", "    check: ci", "    reason: None needed.", "    until: 2099-01-01"),
            "  - {repository: somebody/repository-1, check: ci, reason: Ask @jane-doe., until: 2099-01-01}",
        ],
        "earlier/others.csv": [
            "observed_on,organisation,open_repositories,source,source_commit",
            *("2021-06-27,Jane-Doe,1,A,", "2021-06-28,alder,35,A,", "2021-06-29,jane-doe,1,A,"),
        ],
    }.items():
        (tmp_path / path).write_text("".join(f"{line}\n" for line in lines))
    return tmp_path / "data"


@pytest.mark.parametrize(
    "name, said",
    [
        (
            "Jane-Doe",
            "organisations.yml (line 3), exceptions.yml (line 2 and 1 more) and earlier/others.csv (line 2 and 1"
            " more) still name it: remove it there too, because what is written there is published.",
        ),
        ("9000", "(line 3), exceptions.yml (line 2 and 1 more) and earlier/others.csv (line 2 and 1 more) still"),
        ("jane-doe/hers", "is forgotten. exceptions.yml (line 2) still names it: remove it there too, because"),
        ("1", "The repository 1 is forgotten. exceptions.yml (line 6) still names it:"),
        ("2", "The repository 2 is forgotten."),
    ],
)
def test_forget_says_where_the_files_beside_the_dataset_still_name_it(named, name, said):
    before = {path: path.read_bytes() for path in named.parent.rglob("*.[yc]*")}
    found = forgotten.forget(named, name)
    assert said in found
    assert "still" in found or found == said
    assert {path: path.read_bytes() for path in before} == before


def test_nothing_names_a_forgotten_account_once_the_lines_that_forget_listed_are_gone(named):
    """forgotten.json has no names, so that no build could leave out what others counted under one."""
    forgotten.forget(named, "jane-doe")
    counts = named.parent / "earlier/others.csv"
    lines = counts.read_text().splitlines(keepends=True)
    counts.write_text("".join(line for line in lines if "jane-doe" not in line.lower()))
    exceptions = named.parent / "exceptions.yml"
    exceptions.write_text(exceptions.read_text().replace("Ask @jane-doe.", "None needed."))  # its own entry stays
    build(named, named / DATABASE_FILE)
    assert b"jane-doe" not in (named / DATABASE_FILE).read_bytes().lower()
    with closing(sqlite3.connect(named / DATABASE_FILE)) as connection:
        assert connection.execute("SELECT organisation FROM earlier_counts").fetchall() == [("alder",)]
        assert connection.execute("SELECT repository_id FROM check_exceptions").fetchall() == [(1,)]


@pytest.mark.parametrize("name", ["Jane-Doe", "9000", "jane-doe/hers", "recorded without an id"])
def test_an_owner_to_whom_repositories_moved_is_forgotten(tmp_path, name):
    life = Life(tmp_path / "repository", shallow=True)
    organisation = make_account("alder", *map(repository, range(1, 9)), id=77)
    moved = whereabouts(1, "moved", moved_to="jane-doe/hers")
    if name == "recorded without an id":
        name = "jane-doe"
        del moved["owner_id"]
    left = make_account("alder", *map(repository, range(8, 9)), id=77, observed_at="2024-02-01T12:00:00Z")
    left = replace(left, records=left.records | {"whereabouts": [moved, *map(whereabouts, range(2, 8))]})
    for state in (organisation, left):
        store.save(life.data, {"alder": state})
        life.build()
        life.commit()
    assert b"jane-doe" in (life.data / DATABASE_FILE).read_bytes()

    forgotten.forget(life.data, name)
    life.build()
    life.commit()

    for path in life.data.rglob("*.*"):
        assert b"jane-doe" not in path.read_bytes(), path
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
        known = connection.execute("SELECT whereabouts, moved_to FROM no_longer_public WHERE repository_id = 1")
        expected = [("moved", None)] if name in ("Jane-Doe", "9000") else []
        assert known.fetchall() == expected
        [closure] = read_closures(connection)
    assert closure.moved_to == {}
    assert "moved to" not in closure.sentence


def test_a_look_up_does_not_name_who_was_forgotten():
    before = make_account("alder", repository(1), repository(2), id=77)
    lost = departures.loss(before, make_account("alder", id=77), set(), set())
    answers = {n: Found("public", f"{login}/r", n) for n, login in ((1, "jane-doe"), (2, "elsewhere"))}
    account = departures.settled(lost, answers, set(), {1}, "2024-02-01T12:00:00Z")
    assert [(each["whereabouts"], each["moved_to"]) for each in account.whereabouts.values()] == [
        ("moved", None),
        ("moved", "elsewhere/r"),
    ]


def test_a_scrape_leaves_out_what_was_forgotten(tmp_path):
    data = tmp_path / "data"
    with Sandbox(Estate("nhs")) as github:
        observe(github.url, data)
        [account] = store.load(data).values()
        gone, *rest = [record["id"] for record in account.repositories]
        # Others with the same numbers: an account with the repository's, and a repository with the account's.
        others = Forgotten(frozenset({gone}), frozenset({account.record["id"]}))
        forgotten.save(data, others)
        assert len(observe(github.url, data).outcomes[0].account.repositories) == len(rest) + 1
        forgotten.forget(data, str(gone))
        report = observe(github.url, data)
        assert (report.outcomes[0].observed, report.comparison.tally(PERSON.casefold()).appeared) == (True, 0)
        [account] = store.load(data).values()
        assert [record["id"] for record in account.repositories] == rest

        forgotten.forget(data, PERSON)
        assert store.load(data) == {}
        [outcome] = observe(github.url, data).outcomes
        assert not outcome.observed
        assert "remove it from the list" in str(outcome.account.record["reason"])
        [account] = store.load(data).values()
    assert account.repositories == []


@pytest.mark.parametrize(
    "content",
    [
        *("{}", '["jane"]', "[1", "[true]", "[1.5]", "17", "[[1]]", "[" * 9999),
        *('{"accounts": [1]}', '{"accounts": [1], "repositories": ["jane"]}', '{"accounts": 1, "repositories": []}'),
        '{"accounts": [], "repositories": [], "people": []}',
    ],
)
def test_a_damaged_list_of_the_forgotten_brings_nobody_back(tmp_path, content):
    (tmp_path / FORGOTTEN_FILE).write_text(content)
    with pytest.raises(DatasetError, match=r"forgotten\.json.*git checkout"):
        forgotten.load(tmp_path)


def test_an_unknown_name_is_reported_but_an_unknown_id_is_kept_out(tmp_path):
    with pytest.raises(ConfigurationError, match="'nobody': give its login, OWNER/NAME, or its numeric id"):
        forgotten.forget(tmp_path, "nobody")
    with pytest.raises(ConfigurationError, match="17 could be the id of an account or a repository: say which with"):
        forgotten.forget(tmp_path / "data", "17")
    assert "The account 17, which is not in the dataset" in forgotten.forget(tmp_path / "data", "17", "account")
    assert forgotten.forget(tmp_path / "data", "17") == "The id 17, recorded before as account, is forgotten."
    assert forgotten.load(tmp_path / "data") == Forgotten(accounts=frozenset({17}))


def test_an_id_of_two_things_forgets_only_the_one_that_was_meant(tmp_path):
    """GitHub numbers accounts and repositories separately: organisation 7 has nothing to do with repository 7."""
    life = Life(tmp_path / "repository")
    dataset = {
        "alder": make_account("alder", repository(1), repository(2), id=7),
        "birch": make_account("birch", repository(7), repository(8), id=9),
    }
    for day in ("2024-01-01T12:00:00Z", "2024-02-01T12:00:00Z"):
        store.save(life.data, {key: account.with_record(observed_at=day) for key, account in dataset.items()})
        life.commit()
    before = store.load(life.data)
    held = {"alder": [1, 2], "birch": [7, 8]}

    def forget(*options):
        result = CliRunner().invoke(main, ["forget", "7", "--data", str(life.data), *options])
        life.build()
        with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
            rows = connection.execute("SELECT organisation, id FROM repositories ORDER BY id").fetchall()
            known = connection.execute("SELECT id FROM known_repositories ORDER BY id").fetchall()
        assert [id_ for _, id_ in rows] == [id_ for (id_,) in known]
        return result, {login: [id_ for name, id_ in rows if name == login] for login, _ in rows}

    result, left = forget()
    assert (result.exit_code, left) == (2, held)
    assert "7 could be the id of an account or a repository: say which" in result.stderr
    assert forget("--kind", "repository")[1] == {"alder": [1, 2], "birch": [8]}
    store.save(life.data, before)
    (life.data / FORGOTTEN_FILE).unlink()
    assert forget("--kind", "account")[1] == {"birch": [7, 8]}
    assert json.loads((life.data / FORGOTTEN_FILE).read_bytes()) == {"accounts": [7], "repositories": []}


def test_a_list_from_an_earlier_version_keeps_out_everything_with_its_ids(tmp_path):
    """It does not say what each id stands for, and nobody who was forgotten may come back."""
    life = Life(tmp_path / "repository")
    dataset = {
        "alder": make_account("alder", repository(1), id=7),
        "birch": make_account("birch", repository(7), repository(8), id=9),
    }
    store.save(life.data, dataset)
    life.commit()
    (life.data / FORGOTTEN_FILE).write_text("[\n  7\n]\n")
    both = forgotten.load(life.data)
    assert both == Forgotten(frozenset({7}), frozenset({7}))
    store.save(life.data, forgotten.leave_out(dataset, both))
    life.build()
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
        assert connection.execute("SELECT id FROM known_repositories").fetchall() == [(8,)]
    assert forgotten.forget(life.data, "7") == "The id 7, recorded before as account and repository, is forgotten."
    forgotten.forget(life.data, "birch")
    assert json.loads((life.data / FORGOTTEN_FILE).read_bytes()) == {"accounts": [7, 9], "repositories": [7]}
