"""The inputs of the Action: errors name the input and the fix, before any work starts."""

import pytest

from scraper.action.inputs import read_settings
from scraper.errors import ConfigurationError

SECRET = "ghs_SecretOfNobody0123456789"


@pytest.fixture
def settings(tmp_path):
    """The settings of a step with these inputs, in an empty workspace."""

    def settings(**inputs):
        given = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
        return read_settings({"GITHUB_WORKSPACE": str(tmp_path), **given})

    return settings


def test_what_nobody_said(settings, tmp_path):
    found = settings()
    assert (found.data, found.database) == (tmp_path / "data", tmp_path / "data/open-source-health.db")
    assert found.organisations_file is None
    assert found.site is None
    assert (found.rebuild, found.verify) == (False, False)
    assert (found.organisations, found.token, found.commit, found.commit_database) == ((), None, True, True)
    assert (found.api_url, found.max_wait, found.fail_on) == ("https://api.github.com", 900, "nothing-scraped")


def test_everything_is_reported(settings, tmp_path):
    found = settings(
        organisations="nhsx, NHSDigital\n  nhsengland NHSX,",
        token=SECRET,
        data_directory="some/where",
        commit=" False ",
        commit_database="FALSE",
        github_api_url="https://github.example/api/v3",
        max_wait="0",
        fail_on="any-organisation",
        site_directory="public",
        rebuild="true",
        verify="true",
    )
    assert found.site == tmp_path / "public"
    assert (found.rebuild, found.verify) == (True, True)
    assert [(entry.login, entry.name) for entry in found.listed()] == [
        ("nhsx", "nhsx"),
        ("NHSDigital", "NHSDigital"),
        ("nhsengland", "nhsengland"),
    ]
    assert found.data == tmp_path / "some/where"
    assert (found.commit, found.commit_database, found.max_wait) == (False, False, 0)
    assert found.token == SECRET
    assert SECRET not in repr(found)


def test_an_author_and_a_prefix(settings):
    found = settings(
        commit_author="Ana María 数 (Data) <data+bot@example.org>", commit_subject_prefix=" chore(data): "
    )
    assert found.author == ("Ana María 数 (Data)", "data+bot@example.org")
    assert found.subject_prefix == "chore(data):"
    assert (settings().author, settings().subject_prefix) == (None, "")


def test_single_repositories_among_organisations(settings):
    found = settings(organisations="nhsx, alphagov/govuk-frontend https://github.com/AlphaGov/notify nhsx")
    assert [(entry.login, entry.only) for entry in found.listed()] == [
        ("nhsx", ()),
        ("alphagov", ("govuk-frontend", "notify")),
    ]


def test_a_list_in_a_file(settings, tmp_path):
    (tmp_path / "list.yml").write_text("organisations:\n  - {login: nhsx, name: The X}\n")
    assert [entry.name for entry in settings(organisations_file="list.yml").listed()] == ["The X"]


def test_a_list_that_is_named_is_the_only_one_that_is_read(settings, tmp_path):
    (tmp_path / "list.yml").write_text("organisations: [nhsx]\nclosure-threshold: 7, 70%\n")
    (tmp_path / "stats").mkdir()
    (tmp_path / "stats/organisations.yml").write_text("organisations: [alphagov]\n")
    (tmp_path / "organisations.yml").write_text("people: [somebody, else]\n")
    assert settings(organisations="nhsx").closure_threshold() is None
    assert str(settings(organisations_file="list.yml").closure_threshold()) == "7, 70%"
    assert [entry.login for entry in settings(data_directory="stats/data").listed()] == ["alphagov"]
    with pytest.raises(ConfigurationError, match=r"organisations\.yml, line 1: the key 'people' is unknown"):
        settings().closure_threshold()
    with pytest.raises(ConfigurationError, match=r"^Input organisations-file: lost\.yml was not found"):
        settings(organisations_file="lost.yml")


def test_no_list_at_all(settings):
    with pytest.raises(
        ConfigurationError, match=r"organisations\.yml was not found in the checkout\. Give logins as the input"
    ):
        settings().listed()


def test_the_runner_knows_its_github(tmp_path):
    environment = {"GITHUB_WORKSPACE": str(tmp_path), "GITHUB_API_URL": "https://ghe.example/api/v3"}
    environment["GITHUB_SERVER_URL"] = "https://ghe.example/"
    found = read_settings(environment)
    assert (found.api_url, found.server_url) == ("https://ghe.example/api/v3", "https://ghe.example")


ELSEWHERE = {
    "an Enterprise Server asks github.com": ("https://ghe.example/api/v3", "https://api.github.com"),
    "github.com asks an Enterprise Server": ("https://api.github.com", "https://ghe.example/api/v3"),
    "a name that only begins alike": ("https://api.github.com", "https://api.github.com.example"),
    "another port": ("https://ghe.example/api/v3", "https://ghe.example:8443/api/v3"),
}


@pytest.fixture
def servers(settings, tmp_path):
    """The settings of a step that runs on one server and asks another, with this token."""

    def servers(home, there, token):
        given = {"GITHUB_API_URL": home, "INPUT_GITHUB_API_URL": there, "INPUT_TOKEN": token, "JOB_TOKEN": SECRET}
        return read_settings({"GITHUB_WORKSPACE": str(tmp_path), **given})

    return servers


@pytest.mark.parametrize("home, there", ELSEWHERE.values(), ids=ELSEWHERE)
def test_no_server_sees_the_token_of_another(servers, home, there):
    with pytest.raises(
        ConfigurationError, match="Input token: .*was not sent to .*give a token for that server"
    ) as no:
        servers(home, there, SECRET)
    assert SECRET not in str(no.value)
    other = servers(home, there, "ghp_OfTheOther")
    assert (other.token, other.push_token) == ("ghp_OfTheOther", SECRET)
    assert SECRET not in repr(other)
    without = servers(home, there, "")
    assert (without.token, without.push_token) == (None, SECRET)


def test_on_one_server_one_token_is_enough(servers):
    for url in ("https://api.github.com", "https://API.github.com/", ""):
        found = servers("https://api.github.com", url, SECRET)
        assert (found.token, found.push_token) == (SECRET, SECRET)
        assert servers("https://api.github.com", url, "ghp_Another").push_token == "ghp_Another"


WRONG = {
    "not a boolean": ({"commit": "yes"}, "Input commit: 'yes' is neither true nor false"),
    "another": ({"commit_database": "1"}, "Input commit-database: '1' is neither true nor false"),
    "no login": ({"organisations": "nhsx, a b!c"}, "Input organisations: 'b!c' cannot be a login"),
    "two lists": (
        {"organisations": "nhsx", "organisations_file": "x.yml"},
        "both name a list: give only one of them",
    ),
    "no number": ({"max_wait": "15m"}, "Input max-wait: '15m' is not a number of seconds"),
    "too long": ({"max_wait": "9" * 5000}, "is not a number of seconds from 0 to 21,600"),
    "another alphabet": ({"max_wait": "٣"}, "is not a number of seconds"),
    "unknown": ({"fail_on": "never"}, "Input fail-on: 'never' is neither nothing-scraped nor any-organisation"),
    "no way to commit": ({"commit_by": "mail"}, "Input commit-by: 'mail' is neither push nor api"),
    "a commit without a token": (
        {"commit_by": "api"},
        "Input commit-by: api needs a token: leave the input token out",
    ),
    "a pull request without a token": ({"pull_request": "true"}, "Input pull-request: true needs a token: leave the"),
    "a request for nothing": (
        {"pull_request": "true", "commit": "false", "token": SECRET},
        "Input pull-request: there is nothing to propose with commit: false",
    ),
    "an author of GitHub's commits": (
        {"commit_by": "api", "token": SECRET, "commit_author": "A <a@example.org>"},
        "Input commit-author: with commit-by: api, GitHub makes the commits",
    ),
    "no token": ({"token": "two words"}, "Input token: contains spaces or characters that no token has"),
    "no address": ({"github_api_url": "github"}, "Input github-api-url: 'github' is not an address"),
    "unencrypted": ({"github_api_url": "http://198.51.100.1", "token": SECRET}, "would send the token unencrypted"),
    "the whole checkout": ({"data_directory": "."}, "name a folder of its own"),
    "a site over everything": ({"site_directory": "."}, "Input site-directory: "),
    "a site over the data": ({"site_directory": "data"}, "contains other files: choose an empty folder"),
    "a site in the data": ({"site_directory": "data/site"}, "contains other files: choose an empty folder"),
    "an author without an address": (
        {"commit_author": "Somebody"},
        "Input commit-author: 'Somebody' is not an author",
    ),
    "an author without a name": ({"commit_author": "<a@example.org>"}, "write a name and an address on one line"),
    "an author of two lines": ({"commit_author": "A\nB <a@example.org>"}, "'A B <a@example.org>' is not an author"),
    "two authors": ({"commit_author": "A <a@b.org>, B <b@b.org>"}, "is not an author"),
    "a reversed author": ({"commit_author": "\u202eA <a@b.org>"}, "is not an author"),
    "a long author": ({"commit_author": f"{'A' * 200} <a@b.org>"}, "is not an author"),
    "a prefix of two lines": ({"commit_subject_prefix": "a\nb"}, "Input commit-subject-prefix: 'a b' cannot begin"),
    "a long prefix": ({"commit_subject_prefix": "a" * 61}, "at most 60 characters on one line"),
    "above it": ({"data_directory": ".."}, "name a folder of its own"),
}


@pytest.mark.parametrize("inputs, sentence", WRONG.values(), ids=WRONG)
def test_wrong_inputs_are_one_sentence(settings, inputs, sentence):
    with pytest.raises(ConfigurationError) as caught:
        settings(**inputs)
    assert sentence in str(caught.value)
    assert SECRET not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_a_folder_of_others_is_not_overwritten(settings, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/README.md").write_text("theirs")
    with pytest.raises(ConfigurationError, match=r"would overwrite README\.md"):
        settings(data_directory="docs")
    (tmp_path / "docs/organisations.json").write_text("[]")
    assert settings(data_directory="docs").data == tmp_path / "docs"
