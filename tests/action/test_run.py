"""One run, from inputs to a pushed commit, with its collaborators passed in: act would take too long for this."""

import datetime
import json
import os
import re
import shutil
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest

from scraper.action import run as step
from scraper.action.checkout import Checkout
from scraper.action.inputs import read_settings
from scraper.action.report import NOTHING_DONE
from scraper.action.workflow_commands import Workflow, logged_to_step
from scraper.database.build import build
from scraper.dataset import earlier, forgotten, store
from scraper.dataset.earlier import EarlierCount
from scraper.errors import ConfigurationError, DatasetError, GitError
from scraper.github.client import GitHubApi
from tests.helpers.estate import FULL_PAGE, NONE, PERSON, TOKEN
from tests.helpers.git import git
from tests.helpers.hosting import JOB_TOKEN
from tests.helpers.machine import as_another_user

TODAY = datetime.date(2026, 10, 1)
DATABASE = "data/open-source-health.db"


@pytest.fixture
def run(github, clone, capsys, tmp_path):
    """Run once on a day in a checkout, fresh unless given; return the exit code, outputs, log and summary."""
    github.date = TODAY

    def run(days=0, checkout=None, organisations=f"{PERSON} {FULL_PAGE}", home=None, **inputs):
        github.date = TODAY + datetime.timedelta(days=days)
        path = checkout or clone()
        files = {name: tmp_path / f"{name}-file" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.unlink(missing_ok=True)
        environment = {"GITHUB_WORKSPACE": str(path), "GITHUB_API_URL": github.url, "INPUT_TOKEN": TOKEN}
        environment["INPUT_HEALTH_BUDGET"] = "0"  # makes no difference to these tests
        environment |= {"GITHUB_SERVER_URL": "https://github.example", "GITHUB_REPOSITORY": "somebody/dataset"}
        if home:  # the repository is on a different server from the observed organisations
            environment |= {"GITHUB_API_URL": home.url, "INPUT_GITHUB_API_URL": github.url, "JOB_TOKEN": JOB_TOKEN}
        environment |= {name: str(file) for name, file in files.items()}
        given = {"organisations": organisations, **inputs}
        environment |= {f"INPUT_{name.upper()}": value for name, value in given.items() if value}
        settings = read_settings(environment)
        open_one = step.open_repository(settings) if settings.commit else None
        api = GitHubApi(settings.api_url, settings.token, backoff=0.01)
        github.requests.clear()
        with logged_to_step("Title", details=False):
            status = step.action(settings, api, open_one, Workflow(environment), lambda seconds: None)
        return SimpleNamespace(
            status=status,
            path=path,
            log=capsys.readouterr().out,
            summary=files["GITHUB_STEP_SUMMARY"].read_text() if files["GITHUB_STEP_SUMMARY"].exists() else "",
            requests=len(github.requests),
            **{name.replace("-", "_"): value for name, value in read_outputs(files["GITHUB_OUTPUT"]).items()},
        )

    return run


@pytest.fixture
def meanwhile(monkeypatch, github):
    """Let something happen just before the next push."""

    def meanwhile(happens):
        commit = Checkout.commit

        def late(checkout, change, parent):
            monkeypatch.setattr(Checkout, "commit", commit)
            made = commit(checkout, change, parent)
            day = github.date
            happens()
            github.date = max(day, github.date)  # and with it this machine's clock
            return made

        monkeypatch.setattr(Checkout, "commit", late)

    return meanwhile


def subject(origin):
    return git(origin, "log", "-1", "--format=%s", "main")


def committed(origin, tmp_path):
    """The dataset as the origin has it, with a database that knows all of its history."""
    git(tmp_path, "clone", "--quiet", origin, "result")
    data = tmp_path / "result" / "data"
    build(data, tmp_path / "replayed.db", from_git=True)
    assert (tmp_path / "result" / DATABASE).read_bytes() == (tmp_path / "replayed.db").read_bytes()
    return store.load(data)


def test_after_a_lost_race_each_organisation_has_its_latest_observation(
    run, clone, origin, tmp_path, meanwhile, github
):
    run()
    late, other, asked = clone(), clone(), []

    def faster():
        asked.append(run(days=60, organisations=PERSON, checkout=other).requests)

    meanwhile(faster)
    result = run(days=31, checkout=late)
    assert "The branch moved" in result.log
    assert len(github.requests) == asked[0], "nothing was scraped a second time"
    held = committed(origin, tmp_path)
    assert held[PERSON.casefold()].record["observed_at"][:10] == "2026-11-30"
    # The other list had only one organisation; our run brings the second back.
    assert held[FULL_PAGE.casefold()].record["observed_at"][:10] == "2026-11-01"
    assert subject(origin) == "first observation of 1 organisation with 100 repositories"


def test_a_subject_begins_as_requested_and_another_organisations_yml_does_not_matter(run, origin, clone):
    checkout = clone()
    (checkout / "organisations.yml").write_text("people: [somebody, else]\n")
    assert run(checkout=checkout, commit_subject_prefix="data:").status == 0
    assert subject(origin) == "data: first observation of 2 organisations with 197 repositories"


def test_after_a_lost_race_history_is_what_git_says(run, clone, tmp_path, meanwhile):
    run()
    late = clone()
    meanwhile(lambda: run(days=31))
    assert "The branch moved" in run(days=62, checkout=late).log
    replayed = tmp_path / "replayed.db"
    whole = clone()
    build(whole / "data", replayed, from_git=True)
    for path in (whole / DATABASE, replayed):
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("SELECT count(*) FROM observations").fetchone() == (3,)
    assert (whole / DATABASE).read_bytes() == replayed.read_bytes()


def test_a_lost_race_is_not_scraped_again_and_their_list_counts(run, clone, origin, tmp_path, meanwhile):
    seed = clone()
    (seed / "organisations.yml").write_text(f"organisations: [{{login: {PERSON}}}, {{login: {FULL_PAGE}}}]\n")
    git(seed, "add", ".")
    git(seed, "commit", "--quiet", "--message", "List two")
    git(seed, "push", "--quiet", "origin", "HEAD")
    alone = run(organisations="")
    late, other = clone(), clone()

    def edit():
        (other / "organisations.yml").write_text(f"organisations: [{{login: {FULL_PAGE}}}, {{login: {NONE}}}]\n")
        git(other, "commit", "--quiet", "--all", "--message", "List another")
        git(other, "push", "--quiet", "origin", "HEAD")

    meanwhile(edit)
    result = run(days=31, organisations="", checkout=late)
    assert result.requests == alone.requests
    assert "1 organisation no longer listed" in subject(origin)
    assert set(committed(origin, tmp_path)) == {FULL_PAGE.casefold()}
    assert git(late, "status", "--porcelain") == ""
    assert NONE in (late / "organisations.yml").read_text()


def forget_one(checkout, origin):
    """Somebody asks to be forgotten, and is; return the id."""
    record = next(each for each in store.load(checkout / "data")[FULL_PAGE.casefold()].repositories)
    forgotten.forget(checkout / "data", str(record["id"]))
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "Forget")
    git(checkout, "push", "--quiet", "origin", "HEAD:main")
    return record["id"]


def test_after_a_lost_race_the_forgotten_stay_forgotten(run, clone, origin, tmp_path, meanwhile):
    run()
    late, other, ids = clone(), clone(), []
    meanwhile(lambda: ids.append(forget_one(other, origin)))
    result = run(days=31, checkout=late)
    assert "The branch moved" in result.log
    assert ids[0] not in {each["id"] for each in committed(origin, tmp_path)[FULL_PAGE.casefold()].repositories}
    assert forgotten.load(late / "data").repositories == set(ids)
    assert git(late, "status", "--porcelain") == ""
    with closing(sqlite3.connect(late / DATABASE)) as database:
        assert database.execute("SELECT * FROM known_repositories WHERE id = ?", ids).fetchall() == []


def publish_counts(checkout, *numbers, source="Them"):
    counts = [EarlierCount(f"2021-06-{28 + n}", FULL_PAGE, number, source, None) for n, number in enumerate(numbers)]
    earlier.save(checkout / "earlier" / "them.csv", counts)
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "Add what others counted")
    git(checkout, "push", "--quiet", "origin", "HEAD")


def test_what_others_counted_is_in_the_database_and_stays_as_it_is(run, clone, origin, tmp_path):
    publish_counts(clone(), 9, 3)
    assert run().status == 0
    committed(origin, tmp_path)
    with closing(sqlite3.connect(tmp_path / "result" / DATABASE)) as database:
        assert database.execute("SELECT open_repositories FROM earlier_counts").fetchall() == [(9,), (3,)]
    assert git(origin, "ls-tree", "--name-only", "main", "earlier/") == "earlier/them.csv"
    publish_counts(clone(), 9, 3, 4)
    assert run().changed == "true"
    assert subject(origin) == "database rebuilt, data unchanged"


def test_wrong_earlier_counts_stop_a_run_before_anything_is_asked(run, clone, github):
    late = clone()
    publish_counts(late, 9)
    (late / "earlier" / "them.csv").write_text("who,n\n")
    with pytest.raises(
        DatasetError, match=r"earlier/them.csv, line 1: the columns must be observed_on,organisation,"
    ):
        run(checkout=late)
    assert github.requests == []


def test_after_a_lost_race_earlier_counts_are_those_of_the_faster_push(run, clone, origin, tmp_path, meanwhile):
    publish_counts(clone(), 9)
    run()
    late = clone()
    meanwhile(lambda: publish_counts(clone(), 9, 3))
    assert "The branch moved" in run(days=31, checkout=late).log
    committed(origin, tmp_path)


def test_a_race_against_a_run_that_saw_more_ends_without_a_second_commit(run, clone, origin, meanwhile):
    late = clone()
    meanwhile(lambda: run(days=1))
    result = run(checkout=late)
    assert (result.changed, result.commit_sha) == ("false", "")
    assert git(origin, "rev-list", "--count", "main") == "2"
    assert git(late, "status", "--porcelain") == ""


def test_a_race_for_new_dates_alone_needs_one_commit(run, clone, origin, meanwhile):
    run(organisations=NONE)
    late = clone()
    meanwhile(lambda: run(days=30, organisations=NONE))
    assert run(days=31, organisations=NONE, checkout=late).changed == "false"
    assert git(origin, "rev-list", "--count", "main") == "3"


def test_without_commit_nothing_of_git_is_needed(run, tmp_path):
    (tmp_path / "plain").mkdir()
    result = run(checkout=tmp_path / "plain", commit="false")
    assert (result.status, result.changed, result.commit_sha) == (0, "true", "")
    assert (tmp_path / "plain" / DATABASE).stat().st_size > 0
    assert run(checkout=tmp_path / "plain", commit="false").changed == "false"


def tracked(origin):
    return git(origin, "ls-tree", "-r", "--name-only", "main", "data").split("\n")


def test_a_database_that_is_too_large_is_not_committed(run, origin, monkeypatch):
    monkeypatch.setattr(Checkout, "largest_database", 1024)
    result = run()
    assert "::warning" in result.log
    assert "Set commit-database: false, and publish it as an artifact or a release asset" in result.log
    assert DATABASE not in tracked(origin)
    assert (result.path / DATABASE).exists()


def test_a_database_that_nobody_wants_is_not_committed(run, origin):
    run(commit_database="false")
    assert DATABASE not in tracked(origin)
    run()
    assert DATABASE in tracked(origin)
    assert subject(origin) == "database rebuilt, data unchanged"


def is_shallow(path):
    return git(path, "rev-parse", "--is-shallow-repository") == "true"


def test_a_shallow_checkout_goes_on_from_the_database_and_replays_once_a_month(run, clone, origin):
    for days in (0, 31, 32):
        run(days=days)
    path = clone("--depth=1", of=origin.as_uri())
    assert "Fetching every commit" not in run(days=40, checkout=path).log
    assert is_shallow(path)
    month = clone("--depth=1", of=origin.as_uri())
    assert "Fetching every commit" in run(days=61, checkout=month).log
    assert not is_shallow(month)


def test_a_repository_that_was_begun_with_a_dataset_goes_on_from_a_shallow_checkout(run, clone, origin):
    """A repository made from a template: finding the commit that wrote the database takes all commits."""
    path = run().path
    begun = git(path, "commit-tree", "HEAD^{tree}", "-m", "From a template")
    git(path, "push", "--quiet", "--force", "origin", f"{begun}:main")
    result = run(days=20, checkout=clone("--depth=1", of=origin.as_uri()))
    assert (result.status, result.changed) == (0, "true")
    with closing(sqlite3.connect(result.database)) as database:
        assert database.execute("SELECT count(*) FROM observations").fetchone() == (2,)


def test_rebuild_replays_and_heals(run, clone, origin, tmp_path):
    for days in (0, 31):
        run(days=days)
    path = clone()
    with closing(sqlite3.connect(path / DATABASE)) as database:
        database.execute("UPDATE metric_history SET stargazers_count = 1000000")
        database.commit()
    git(path, "commit", "--quiet", "--all", "--message", "A pull request")
    git(path, "push", "--quiet", "origin", "HEAD")
    result = run(days=31, checkout=clone("--depth=1", of=origin.as_uri()), rebuild="true")
    assert "Fetching every commit" in result.log
    assert subject(origin) == "database rebuilt, data unchanged"
    committed(origin, tmp_path)


def test_a_shallow_checkout_without_a_database_fetches_the_history(run, clone, origin):
    whole = run(commit_database="false").path
    path = clone("--depth=1", of=origin.as_uri())
    result = run(days=31, checkout=path, commit_database="false")
    assert result.status == 0
    assert "Fetching every commit" in result.log
    with closing(sqlite3.connect(path / DATABASE)) as database:
        assert database.execute("SELECT count(*) FROM observations").fetchone() == (2,)
    assert "Fetching every commit" not in run(days=62, checkout=whole, commit_database="false").log


def test_what_is_no_longer_listed_leaves_the_repository(run, origin):
    run()
    run(organisations=PERSON)
    assert [path for path in tracked(origin) if FULL_PAGE in path] == []
    assert subject(origin) == "1 organisation no longer listed"


def test_gitignore_is_respected(run, clone, origin):
    path = clone()
    (path / ".git/info").mkdir()
    (path / ".git/info/exclude").write_text("*.db\n")
    assert "is ignored by .gitignore" in run(checkout=path).log
    assert DATABASE not in tracked(origin)
    other = clone()
    (other / ".git/info").mkdir()
    (other / ".git/info/exclude").write_text("elsewhere/\n")
    with pytest.raises(GitError, match=r"elsewhere/organisations.json is ignored by .gitignore"):
        run(checkout=other, data_directory="elsewhere")


def test_a_different_version_of_sqlite_alone_is_no_change(run, clone, origin):
    path = run().path
    content = bytearray((path / DATABASE).read_bytes())
    content[96:100] = b"\0\0\0\1"
    (path / DATABASE).write_bytes(content)
    git(path, "commit", "--quiet", "--all", "--message", "By another SQLite")
    git(path, "push", "--quiet", "origin", "HEAD")
    assert run().changed == "false"
    assert subject(origin) == "By another SQLite"


def test_a_part_of_a_checkout_is_refused(run, clone):
    run()
    path = clone()
    shutil.rmtree(path / "data")
    with pytest.raises(ConfigurationError, match="is committed but not checked out"):
        run(checkout=path)


def test_after_30_quiet_days_the_dates_alone_are_committed(run, origin):
    run(organisations=NONE)
    assert run(days=29, organisations=NONE).changed == "false"
    assert run(days=30, organisations=NONE).changed == "true"
    assert subject(origin) == "no change since 2026-10-01"


def test_the_words_are_those_of_the_database(run, origin, world):
    """The last state alone does not say that a repository existed before."""
    turns = world.events(TODAY - datetime.timedelta(days=365), TODAY + datetime.timedelta(days=365))
    vanished = {turn.repository: turn for turn in turns if turn.kind == "vanished"}
    back = next(
        turn
        for turn in world.events(TODAY, TODAY + datetime.timedelta(days=365))
        if turn.kind == "reappeared" and turn.repository in vanished
    )
    gone = vanished[back.repository]
    one = datetime.timedelta(days=1)
    for day in (gone.date - one, gone.date, back.date - one, back.date):
        result = run(days=(day - TODAY).days, organisations=back.organisation)
    assert re.search(r"\b1 (repository )?reappeared\b", subject(origin))
    assert ": reappeared" in git(origin, "log", "-1", "--format=%b", "main")
    assert "reappeared" in result.summary


def test_nothing_scraped_fails_and_says_so_in_the_dataset(run, origin, github):
    run()
    github.faults = ["not-found"]
    result = run(days=1)
    assert result.status == 1
    assert json.loads(result.failed_organisations) == [PERSON, FULL_PAGE]
    assert result.log.count("::warning") == 2
    assert "No organisation was observed" in result.log
    assert subject(origin) == "2 organisations not observed"
    assert "GitHub has no account of this name" in git(origin, "log", "-1", "--format=%b", "main")
    assert result.repositories == "197"


def test_some_that_fail_do_not_fail_the_step(run, github):
    github.faults = [f"not-found:login={FULL_PAGE}"]
    result = run()
    assert (result.status, result.organisations, result.failed_organisations) == (0, "1", f'["{FULL_PAGE}"]')
    assert "::error" not in result.log


def test_a_site_that_cannot_be_made_fails_the_step_but_not_the_commit(run, origin, tmp_path, monkeypatch):
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "git").symlink_to(shutil.which("git"))
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))  # without npm
    monkeypatch.setenv("OSS_HEALTH_CACHE", str(tmp_path / "parts"))
    result = run(site_directory="public")
    assert (result.status, result.site) == (1, "")
    assert result.commit_sha == git(origin, "rev-parse", "main")
    assert (
        f"Committed as {result.commit_sha[:12]}.\n**The site could not be made.** npm was not found" in result.summary
    )
    assert "::error title=Open-Source Health Statistics::npm was not found" in result.log
    assert not (result.path / "public").exists()


def hand_over(origin_run, folder):
    """What a job without a write token hands over: the dataset's files, but not the database."""
    shutil.copytree(origin_run.path / "data", folder, ignore=shutil.ignore_patterns("*.db", "README.md"))


def test_one_job_scrapes_and_another_commits(run, origin, clone):
    scraped = run(commit="false")
    assert git(origin, "log", "--format=%s", "main") == "Begin"
    checkout = clone()
    hand_over(scraped, checkout / "scraped")
    result = run(checkout=checkout, scraped_directory="scraped")
    assert (result.status, result.requests, result.organisations, result.repositories) == (0, 0, "2", "197")
    assert subject(origin) == "first observation of 2 organisations with 197 repositories"
    assert result.commit_sha == git(origin, "rev-parse", "main")
    assert git(origin, "ls-tree", "-r", "--name-only", "main", "--", "scraped") == ""


def test_what_was_handed_over_is_one_observation_more(run, origin, clone):
    run()
    scraped = run(days=31, commit="false")
    checkout = clone()
    hand_over(scraped, checkout / "scraped")
    result = run(days=31, checkout=checkout, scraped_directory="scraped")
    assert (result.status, result.changed) == (0, "true")
    with closing(sqlite3.connect(result.database)) as connection:
        assert connection.execute("SELECT count(*) FROM observations").fetchone() == (2,)


def test_the_forgotten_are_left_out_of_data_that_were_handed_over(run, origin, clone):
    run()
    scraped = run(days=31, commit="false")
    gone = forget_one(clone(), origin)
    checkout = clone()
    hand_over(scraped, checkout / "scraped")
    run(days=31, checkout=checkout, scraped_directory="scraped")
    held = store.load(checkout / "data")[FULL_PAGE.casefold()]
    assert held.record["observed_at"].startswith("2026-11-01")
    assert gone not in {each["id"] for each in held.repositories}


def test_what_was_handed_over_must_be_a_dataset(run, clone):
    checkout = clone()
    with pytest.raises(ConfigurationError, match="Input scraped-directory: .* is not a second dataset"):
        run(checkout=checkout, scraped_directory="nowhere")
    scraped = run(commit="false")
    hand_over(scraped, checkout / "scraped")
    (checkout / "scraped" / "organisations.json").write_text('{"organisations": "all"}')
    with pytest.raises(DatasetError):
        run(checkout=checkout, scraped_directory="scraped")


def test_annotations_are_few(run, world, github):
    logins = [account.login for account in world.accounts(TODAY)]
    github.faults = ["not-found"]
    result = run(organisations=",".join(logins))
    assert result.log.count("::warning") == 10
    assert f"{len(logins) - 9} more organisations not observed: see the summary." in result.log
    assert result.summary.count("there are no data yet") == len(logins)


def test_the_summary_is_one_to_read(run):
    run()
    text = run(days=31).summary
    assert "2 of 2 organisations observed; 199 repositories in the dataset; " in text
    assert "Since the data as of 2026-10-01:\n\n- fenland&#45;notebooks/imaging&#95;service&#58; archived\n" in text
    assert "- 2 repositories appeared in fenland" in text
    assert "| fenland&#45;notebooks | ok | 99 | 2 |  | 2 | 2026-11-01 |" in text
    assert text.rstrip().startswith("## Open-Source Health Statistics")
    assert "Committed as " in text


@pytest.fixture
def verify(tmp_path, capsys, monkeypatch):
    """Run once to verify only; return the exit code, log and summary."""

    def verify(path):
        summary = tmp_path / "verified"
        summary.write_text("")
        environment = {"GITHUB_WORKSPACE": str(path), "GITHUB_STEP_SUMMARY": str(summary), "INPUT_VERIFY": "true"}
        status = step.main(environment)
        return status, capsys.readouterr().out, summary.read_text()

    return verify


def test_a_pull_request_is_verified_and_nothing_else_is_done(run, clone, github, verify, origin):
    for days in (0, 31):
        run(days=days)
    github.requests.clear()
    path = clone()
    git(path, "checkout", "--quiet", "--detach")
    assert verify(path)[0] == 0
    with closing(sqlite3.connect(path / DATABASE)) as database:
        database.execute("UPDATE metric_history SET stargazers_count = 1000000")
        database.commit()
    git(path, "commit", "--quiet", "--all", "--message", "A pull request")
    status, log, summary = verify(path)
    assert (status, github.requests) == (1, [])
    assert "::error title=Open-Source Health Statistics::open-source-health.db does not agree with git" in log
    assert "metric_history: " in log
    assert "1000000" in log
    assert "1000000" in summary
    assert git(path, "status", "--porcelain") == ""
    status, log, _ = verify(clone("--depth=1", of=origin.as_uri()))
    assert status == 2
    assert "`fetch-depth: 0`" in log


FAILURES = {
    "build": ("scraper.database.build.build", "The database could not be built."),
    "commit": ("scraper.action.run.publish_step", "The commit failed."),
    "site": ("scraper.action.site.make", "The site could not be made."),
}


@pytest.mark.parametrize("error", [DatasetError("the disk is full"), ValueError("nobody\nthought of this")])
@pytest.mark.parametrize("place, sentence", FAILURES.values(), ids=FAILURES)
def test_whatever_fails_after_the_scrape_the_summary_and_the_outputs_say_what_was_done(
    run, monkeypatch, place, sentence, error
):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(place, fail)
    result = run(site_directory="public" if "site" in place else "")
    assert result.status == 1
    assert result.repositories == "197"
    assert result.failed_organisations == "[]"
    assert result.site == ""
    assert bool(result.commit_sha) == ("site" in place)
    assert result.changed == ("true" if "site" in place else "false")
    assert "6 files of the dataset written." in result.summary
    assert f"**{sentence}**" in result.summary
    assert "Nothing was done" not in result.summary
    assert "Traceback" not in result.log + result.summary
    assert result.log.count("::error") == 1
    said = (
        "the disk is full" if isinstance(error, DatasetError) else "Unexpected error, please report it: ValueError("
    )
    assert said in result.log


TELLING = {
    "the log": "scraper.action.run.annotate_failures",
    "the issue": "scraper.action.run.notify",
    "the outputs": "scraper.action.run.outputs",
    "the summary": "scraper.action.run.summarise",
}


@pytest.mark.parametrize("place", TELLING.values(), ids=TELLING)
def test_a_push_that_could_not_be_reported_still_counts(run, origin, monkeypatch, place):
    def fail(*_, **__):
        raise ValueError("nobody thought of this")

    monkeypatch.setattr(place, fail)
    result = run(notify="issue")
    pushed = git(origin, "rev-parse", "main")
    assert (result.status, subject(origin)) == (1, "first observation of 2 organisations with 197 repositories")
    said = (
        f"6 files of the dataset written. Committed as {pushed[:12]}. That could not be reported in full: Unexpected"
    )
    assert said in result.log
    assert result.log.count("::error") == 1
    assert "Nothing was done" not in result.log + result.summary
    if place != TELLING["the outputs"]:
        assert (result.changed, result.commit_sha) == ("true", pushed)
    if place != TELLING["the summary"]:
        assert f"Committed as {pushed[:12]}" in result.summary


def read_outputs(file):
    lines = file.read_text().splitlines() if file.exists() else []
    return {lines[i].partition("<<")[0]: lines[i + 1] for i in range(0, len(lines), 3)}


EARLY = {
    "an input": ({"INPUT_COMMIT": "perhaps"}, 2, "Input commit: 'perhaps' is neither true nor false"),
    "the list": ({}, 2, "Nothing to scrape: organisations.yml was not found"),
    "a broken list": ({"INPUT_ORGANISATIONS_FILE": "broken.yml"}, 2, "broken.yml"),
    "no git": ({"INPUT_ORGANISATIONS": "nhsx", "PATH": ""}, 1, "git is not installed"),
    "no checkout": ({"INPUT_ORGANISATIONS": "nhsx"}, 1, "is not in a git checkout"),
    "an unexpected error": ({"broken": "read_settings"}, 1, "Unexpected error, please report it: ValueError("),
}


@pytest.mark.parametrize("given, status, sentence", EARLY.values(), ids=EARLY)
def test_what_fails_early_sets_the_outputs_and_says_that_nothing_was_done(
    monkeypatch, tmp_path, clone, capsys, given, status, sentence
):
    def fail(*_):
        raise ValueError("nobody thought of this")

    workspace = tmp_path / "plain" if "checkout" in sentence else clone()
    workspace.mkdir(exist_ok=True)
    (workspace / "broken.yml").write_text("organisations: {nhsx")
    if name := given.get("broken"):
        monkeypatch.setattr(step, name, fail)
    if "PATH" in given:
        monkeypatch.setenv("PATH", "")
    files = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "GITHUB_OUTPUT": str(tmp_path / "outputs")}
    assert step.main({"GITHUB_WORKSPACE": str(workspace), **files, **given}) == status
    said = capsys.readouterr()
    assert said.out.count("::error") == 1
    assert sentence in said.out
    assert "Traceback" not in said.out + said.err
    assert "Nothing was done. " in (tmp_path / "summary").read_text()
    outputs = read_outputs(tmp_path / "outputs")
    assert outputs == NOTHING_DONE
    assert (outputs["changed"], outputs["commit-sha"], outputs["repositories"]) == ("false", "", "")
    assert json.loads(outputs["closures"]) == json.loads(outputs["failed-organisations"]) == []


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_files_of_the_runner_that_cannot_be_written_are_one_sentence(tmp_path, capsys, name):
    assert step.main({"GITHUB_WORKSPACE": str(tmp_path), "INPUT_COMMIT": "perhaps", name: str(tmp_path)}) == 2
    assert capsys.readouterr().out.count("::error") == 1


@as_another_user
def test_another_users_checkout_needs_no_trust_if_nothing_is_committed(run, clone, monkeypatch):
    """As in a job's container, where the workspace belongs to the runner's user."""
    run()
    path = clone()
    for each in (path, path / ".git"):
        os.chown(each, 12345, 12345)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(path))
    result = run(days=31, checkout=path, commit="false")
    assert (result.status, result.changed, result.commit_sha) == (0, "true", "")
    with closing(sqlite3.connect(result.database)) as connection:
        assert connection.execute("SELECT count(*) FROM observations").fetchone() == (2,)


def test_leftovers_of_a_killed_run_are_refused_once_they_are_committed(run, clone, origin):
    path = clone()
    run(checkout=path)
    (path / "data/.replacing.tmp").write_text('{"replaced": [], "removed": ["organisations.json"]}')
    git(path, "add", "--force", "data/.replacing.tmp")
    git(path, "commit", "--quiet", "--message", "A pull request")
    with pytest.raises(ConfigurationError, match=r"data/\.replacing\.tmp is committed.*`git rm` it"):
        run(days=1, checkout=path)
    assert (path / "data/organisations.json").exists()
