"""The list of organisations and the token: valid ones are read, others are refused in one sentence with the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.config import Budget, ListedAccount, parse_budget, read_token
from scraper.errors import ConfigurationError
from scraper.list_file import read_organisations, read_threshold
from scraper.threshold import Threshold
from tests.helpers.machine import ROOT


def test_the_default_list_has_the_26_organisations_of_the_nhs():
    listed = read_organisations(ROOT / "organisations.yml")
    assert len(listed) == 26
    assert ListedAccount("CQCDigital", "Care Quality Commission") in listed


def test_a_name_is_optional_and_a_login_stays_text(tmp_path):
    path = tmp_path / "list.yml"
    path.write_text("organisations:\n  - login: 123\n  - login: on\n  - {login: a-b, name: 'A  B'}\n")
    assert read_organisations(path) == [
        ListedAccount("123", "123"),
        ListedAccount("on", "on"),
        ListedAccount("a-b", "A B"),
    ]


def test_pasted_lists_and_old_logins_are_accepted(tmp_path):
    path = tmp_path / "list.yml"
    entries = ["nhsx", "'@alpha'", "https://github.com/beta", "http://ghe.example.org/orgs/gamma/", "gov-", "gil--"]
    path.write_text("organisations:\n" + "".join(f"  - {entry}\n" for entry in [*entries, "name_shortcode", "-old"]))
    expected = ["nhsx", "alpha", "beta", "gamma", "gov-", "gil--", "name_shortcode", "-old"]
    assert read_organisations(path) == [ListedAccount(login, login) for login in expected]


def test_exclusions_hold_for_one_organisation_or_for_all(tmp_path):
    path = tmp_path / "list.yml"
    path.write_text(
        "organisations:\n  - login: nhsx\n    exclude: [.github, 'Demo-*']\n  - alpha\nexclude:\n  - '*.github.io'\n"
    )
    nhsx, alpha = read_organisations(path)
    assert [nhsx.excludes(name) for name in (".GitHub", "demo-", "a-demo", "x.github.io")] == [
        True,
        True,
        False,
        True,
    ]
    assert [alpha.excludes(name) for name in (".github", "x.github.io", "xgithub-io")] == [False, True, False]


def test_single_repositories_of_an_owner_are_one_entry(tmp_path):
    path = tmp_path / "list.yml"
    path.write_text(
        "organisations:\n  - nhsx/app\n  - repository: nhsx/other.py\n    name: NHSX\n"
        "  - https://github.com/NHSX/pasted.git\n  - https://github.com/alpha/Beta/\n"
    )
    assert read_organisations(path) == [
        ListedAccount("nhsx", "NHSX", only=("app", "other.py", "pasted")),
        ListedAccount("alpha", "alpha", only=("Beta",)),
    ]


@pytest.mark.parametrize(
    "name", ["ශ්\u200dරී ලංකා", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "Families 👨\u200d👩\u200d👧"]
)
def test_names_with_joiners_are_names(tmp_path, name):
    path = tmp_path / "list.yml"
    path.write_text(f"organisations:\n  - login: nhsx\n    name: {name}\n", encoding="utf-8")
    assert read_organisations(path) == [ListedAccount("nhsx", name)]


WRONG = {
    "nothing": ("", "line 1", "organisations"),
    "empty list": ("organisations: []\n", "line 1", "at least one"),
    "not a list": ("organisations: nhsx\n", "line 1", "at least one"),
    "unknown key at the top": ("organizations:\n  - login: nhsx\n", "line 1", "'organizations' is unknown"),
    "unknown key": ("organisations:\n  - login: nhsx\n    title: NHSX\n", "line 3", "'title' is unknown"),
    "key twice": ("organisations:\n  - login: nhsx\n    login: nhsy\n", "line 3", "twice"),
    "login missing": ("organisations:\n  - name: NHSX\n", "line 2", "needs `login: ...`"),
    "login null": ("organisations:\n  - login:\n", "line 2", "needs `login: ...`"),
    "login a list": ("organisations:\n  - login: [nhsx]\n", "line 2", "needs `login: ...`"),
    "name a tilde": ("organisations:\n  - {login: nhsx, name: ~}\n", "line 2", "'~' means nothing: put it in quotes"),
    "name null": ("organisations:\n  - {login: nhsx, name: null}\n", "line 2", "'null' means nothing"),
    "listed null": ("organisations: [nhsx, null]\n", "line 1", "needs `login: ...`"),
    "a key that is a list": ("? [a]\n: b\n", "line 1", "each key must be a word, not a list or a mapping"),
    "a list in a list": ("organisations:\n  - [nhsx]\n", "line 2", "`login:` was expected"),
    "duplicate": ("organisations:\n  - login: nhsx\n  - login: NHSX\n", "line 3", "NHSX is listed twice"),
    "impossible login": ("organisations:\n  - login: nhs/x\n", "line 2", "'nhs/x' cannot be a login"),
    "a path in a repository": ("organisations:\n  - nhsx/app/tree/main\n", "line 2", "cannot be a repository"),
    "a repository that is a path": ("organisations:\n  - nhsx/..\n", "line 2", "cannot be a repository"),
    "no repository": ("organisations:\n  - repository: nhsx\n", "line 2", "write `repository: OWNER/NAME`"),
    "a repository and a login": (
        "organisations:\n  - repository: nhsx/app\n    login: nhsx\n",
        "line 2",
        "write `repository: OWNER/NAME` alone",
    ),
    "a repository twice": ("organisations:\n  - nhsx/app\n  - NHSX/App\n", "line 3", "NHSX/App is listed twice"),
    "a repository and all": (
        "organisations:\n  - nhsx/app\n  - nhsx\n",
        "line 3",
        "nhsx/app is listed, and so is all",
    ),
    "all and a repository": (
        "organisations:\n  - nhsx\n  - nhsx/app\n",
        "line 3",
        "nhsx/app is listed, and so is all",
    ),
    "exclude of a repository": (
        "organisations:\n  - repository: nhsx/app\n    exclude: [x]\n",
        "line 2",
        "`exclude` belongs to an organisation",
    ),
    "exclude all": ("organisations:\n  - login: nhsx\n    exclude: ['**']\n", "line 3", "remove it from the list"),
    "exclude a path": ("organisations: [nhsx]\nexclude:\n  - nhsx/app\n", "line 3", "'nhsx/app' cannot be the name"),
    "exclude by a class": ("organisations: [nhsx]\nexclude: ['[ab]*']\n", "line 2", "cannot be the name"),
    "exclude no list": ("organisations: [nhsx]\nexclude: demo\n", "line 2", "`exclude:` must be a list"),
    "exclude nothing": ("organisations: [nhsx]\nexclude: ['']\n", "line 2", "exclude needs `name: ...`"),
    "a threshold of one number": ("organisations: [nhsx]\nclosure-threshold: 5\n", "line 2", "such as 5, 20%"),
    "a threshold as a list": ("organisations: [nhsx]\nclosure-threshold: [5, 20%]\n", "line 2", "such as 5, 20%"),
    "a threshold of an organisation": (
        "organisations:\n  - login: nhsx\n    closure-threshold: 5, 20%\n",
        "line 3",
        "'closure-threshold' is unknown",
    ),
    "a mention": ("organisations:\n  - @nhsx\n", "line 2", "leave out the @"),
    "path": ("organisations:\n  - login: ../etc\n", "line 2", "cannot be a login"),
    "too long": (f"organisations:\n  - login: {'x' * 101}\n", "line 2", "cannot be a login"),
    "not YAML": ("organisations:\n  - login: 'nhsx\n", "line 3", "not valid YAML"),
    "reversed": ('organisations:\n  - login: nhsx\n    name: "\\u202egnp"\n', "line 3", "unprintable"),
    "escape codes": ('organisations:\n  - login: nhsx\n    name: "\\e[31m"\n', "line 3", "unprintable"),
}


@pytest.mark.parametrize("text, line, words", WRONG.values(), ids=WRONG)
def test_mistakes_are_one_sentence_with_the_line(tmp_path, text, line, words):
    path = tmp_path / "list.yml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as failure:
        read_organisations(path)
    message = str(failure.value)
    assert line in message
    assert words in message
    assert "\n" not in message
    assert failure.value.exit_code == 2


def test_the_threshold_for_closures_can_be_in_a_list_or_alone(tmp_path):
    path = tmp_path / "list.yml"
    path.write_text("organisations: [nhsx]\n")
    assert read_threshold(path) is None
    path.write_text("closure-threshold: 10, 50%\n")
    assert read_threshold(path) == Threshold(10, 0.5)
    path.write_text("closure-treshold: 10, 50%\n")
    with pytest.raises(ConfigurationError, match="line 1: the key 'closure-treshold' is unknown"):
        read_threshold(path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[\n" * 10_000, b"\x00"])
def test_a_file_that_is_not_text_is_refused(tmp_path, content):
    path = tmp_path / "list.yml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="UTF-8|YAML"):
        read_organisations(path)


def test_a_missing_list_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"absent\.yml: No such file"):
        read_organisations(tmp_path / "absent.yml")


@given(st.text())
def test_no_text_at_all_escapes_the_parser(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("list") / "list.yml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(ConfigurationError):
        read_organisations(path)


def test_the_token_comes_from_either_variable():
    assert read_token({}) is None
    assert read_token({"GITHUB_TOKEN": " "}) is None
    assert read_token({"GH_TOKEN": "second"}) == "second"
    assert read_token({"GITHUB_TOKEN": "first\n", "GH_TOKEN": "second"}) == "first"


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "ünicode"])
def test_an_invalid_token_is_refused_but_not_repeated(token):
    with pytest.raises(ConfigurationError, match="GITHUB_TOKEN") as failure:
        read_token({"GITHUB_TOKEN": token})
    assert token not in str(failure.value)


@pytest.mark.parametrize(
    "text, budget",
    [
        ("0", Budget(0, 600)),
        ("300", Budget(300, 600)),
        (" 120/90 ", Budget(120, 90)),
        ("10000/21600", Budget(10_000, 21_600)),
    ],
)
def test_a_budget_is_points_and_seconds(text, budget):
    assert parse_budget(text, "--health-budget") == budget


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "300/", "300/0", "/600", "300/600/1", "3e2", "10001", "300/21601", "300;600", "9" * 99]
)
def test_an_invalid_budget_is_refused_with_the_valid_range(text):
    with pytest.raises(
        ConfigurationError, match=r"^--health-budget: .* is not POINTS/SECONDS, such as 300/600,"
    ) as error:
        parse_budget(text, "--health-budget")
    assert len(str(error.value)) < 250
