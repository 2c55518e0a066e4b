"""The people who write in a repository and make its commits stay private: no names or addresses are kept.

The sandbox's people are `somebody-…`, `helper-N[bot]` and `…@example.org`. The only people who may be seen own
something public: an account that was put on the list, or one that a repository moved to (docs/forget.md).
"""

import os
import random
import re
from datetime import date, timedelta

import pytest

from scraper.config import Budget, ListedAccount
from scraper.database.build import build
from scraper.database.metadata import default_metadata
from scraper.dataset.layout import DATABASE_FILE
from scraper.errors import OssHealthError
from scraper.github.client import GitHubApi
from scraper.scrape import scrape
from scraper.site import build as site
from scraper.site.configuration import read_configuration
from scraper.site.npm import charts_script
from tests.helpers.estate import PERSON, TOKEN, files
from tests.helpers.git import git
from tests.helpers.machine import missing

DAY = date(2023, 3, 1)
LOGINS = ("openquill", "tidewater-prescribing", PERSON)
PEOPLE = re.compile(rb"somebody-[0-9]|helper-[0-9]+(?:\[|%5B)bot|[0-9a-z._+-]@example\.org", re.IGNORECASE)
ADDRESS = re.compile(rb"\w[\w.+-]*@[\w-]+\.\w")


@pytest.fixture(params=range(int(os.environ.get("HEALTH_LIVES", "1"))))
def observed(request, github, tmp_path):
    """Data, database and site after runs that asked for everything, at some point in a life."""
    begin = DAY + timedelta(days=random.Random(request.param).randrange(1_000) if request.param else 0)
    try:
        charts_script()
    except OssHealthError as error:
        missing(f"the npm packages of the site are missing ({error})")
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    data = tmp_path / "data"
    for step in range(2):
        github.date = begin + timedelta(days=29 * step)
        api = GitHubApi(github.url, TOKEN, workers=4, max_wait=30, timeout=5, backoff=0.01)
        listed = [ListedAccount(login, login) for login in LOGINS]
        plenty = Budget(1_000, 60, details=True)
        report = scrape(api, listed, data, whole_list=True, workers=4, progress=lambda outcome: None, budget=plenty)
        assert report.examination.answered
        build(data, data / DATABASE_FILE)
        git(tmp_path, "add", "--all")
        git(tmp_path, "commit", "--quiet", "--message", f"{step}")
    configuration, metadata = read_configuration(None, default_metadata(), "https://example.com/")
    site.build(data / DATABASE_FILE, configuration, metadata, tmp_path / "site", with_explore=False)
    return tmp_path


def test_nobody_who_wrote_or_committed_is_in_data_database_or_site(observed, github, world):
    asked = {request.path.rpartition("/")[2] for request in github.requests}
    assert {"graphql", "contributors"} <= asked, "otherwise nothing about people could be kept"
    shown = files(observed / "data") | {f"site/{name}": text for name, text in files(observed / "site").items()}
    assert {"data", "site"} == {path.name for path in observed.iterdir() if not path.name.startswith(".")}
    assert not {name for name, content in shown.items() if PEOPLE.search(content)}
    scripts = (".js", ".css", ".woff2", ".png", ".ico")
    texts = {name: content for name, content in shown.items() if not name.endswith(scripts)}
    found = {address for content in texts.values() for address in ADDRESS.findall(content)}
    assert not found


def test_the_sandbox_does_name_these_people(world):
    """The sandbox's answers about a repository name them; otherwise the test above would prove nothing."""
    account = next(each for each in world.accounts(DAY) if each.login == LOGINS[0])
    ids = [each["id"] for each in world.repositories(account, DAY) if not each["fork"]]
    logins = [each.login for id_ in ids for each in world.contributors(id_, DAY) or ()]
    assert any(login and PEOPLE.search(login.encode()) for login in logins)
    assert None in logins
