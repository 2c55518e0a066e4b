"""A small dataset that lives in a git repository: anything can happen to it, in a seeded random order."""

import random
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import orjson

from scraper.database.build import build
from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import load, save
from scraper.errors import ShallowClone
from scraper.model.accounts import Account, Dataset
from scraper.model.fields import Record
from scraper.model.records import pending
from scraper.threshold import DEFAULT, Threshold
from tests.helpers.examples import make_account, repository, whereabouts
from tests.helpers.git import git

LICENCES = ("MIT", "Apache-2.0", None)


def date(number: int) -> str:
    return f"{2020 + number // 336}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}T12:00:00Z"


def created(number: int, day: int) -> str:
    """Today, or years ago, because not everything that appears is new."""
    return date(day) if number % 2 else f"{2010 + number % 9}-{number % 12 + 1:02}-{number % 28 + 1:02}T10:00:00Z"


class Life:
    """A world of organisations and the repository in `folder` that observes it."""

    def __init__(self, folder: Path, seed: int = 0, organisations: int = 5, *, shallow: bool = False) -> None:
        self.shallow, self.carried = shallow, 0
        self.folder, self.chance, self.day, self.next_id = folder, random.Random(seed), 0, 1
        self.logins = [f"organisation-{n}" for n in range(organisations)]
        self.world: dict[str, dict[int, dict[str, object]]] = {login: {} for login in self.logins}
        self.vanished: list[dict[str, object]] = []
        self.lost_by: dict[object, str] = {}
        self.excluded: set[int] = set()
        self.oracle = random.Random(seed)
        folder.mkdir(exist_ok=True)
        git(folder, "init", "--quiet", "--initial-branch", "main")
        for login in self.logins:
            for _ in range(self.chance.randint(1, 6)):
                self.appear(login)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    # What happens in the world.

    def appear(self, login: str) -> None:
        fork = self.chance.random() < 0.2
        self.world[login][self.next_id] = repository(
            self.next_id,
            fork=fork,
            license=self.chance.choice(LICENCES),
            archived=False,
            created_at=created(self.next_id, self.day),
            pushed_at=f"2023-{self.next_id % 12 + 1:02}-01T10:00:00Z",
        )
        self.next_id += 1

    def turn(self, turns: int = 4) -> None:
        """Some things happen to some repositories."""
        for _ in range(turns):
            login = self.chance.choice(self.logins)
            owned = self.world[login]
            kind = self.chance.choice(
                (
                    "appear",
                    "appear",
                    "vanish",
                    "reappear",
                    "rename",
                    "transfer",
                    "archive",
                    "relicense",
                    "star",
                    "tag",
                )
            )
            if kind == "appear":
                self.appear(login)
            elif kind == "reappear" and self.vanished:
                again = self.vanished.pop(self.chance.randrange(len(self.vanished)))
                owned[again["id"]] = again
            elif owned:
                id_ = self.chance.choice(sorted(owned))
                record = owned[id_] = dict(owned[id_])
                if kind == "vanish":
                    self.vanished.append(owned.pop(id_))
                    self.lost_by[id_] = login.casefold()
                elif kind == "rename":
                    record["name"] = f"{record['name']}-{self.chance.randint(0, 99)}"
                    record["full_name"] = f"somebody/{record['name']}"
                elif kind == "transfer":
                    self.world[self.chance.choice(self.logins)][id_] = owned.pop(id_)
                elif kind == "archive":
                    record["archived"] = not record["archived"]
                elif kind == "relicense":
                    record["license"] = self.chance.choice(LICENCES)
                elif kind == "star":
                    record["stargazers_count"] = self.chance.randint(0, 1000)
                elif kind == "tag":
                    record["topics"] = [f"topic-{self.chance.randint(0, 9)}"]

    # What the repository observes.

    def observe(self, *failing: str, only: list[str] | None = None, backwards: int = 0) -> Dataset:
        """A run on the next day: organisations that fail keep their data; with `only`, others are not asked for."""
        self.day += 1
        before, after = load(self.data), {}
        for login in self.logins:
            last = before.get(login.casefold(), Account(login, pending(login, login)))
            if only is not None and login not in only:
                after[login.casefold()] = last
            elif login in failing:
                status = "kept" if last.record["observed_at"] else "pending"
                after[login.casefold()] = replace(
                    last, record=last.record | {"status": status, "reason": "the network"}
                )
            else:
                raw = [self.world[login][id_] for id_ in sorted(self.world[login])]
                account = make_account(login, *raw, id=100 + int(login[-1]), observed_at=date(self.day - backwards))
                after[login.casefold()] = replace(account, records={**account.records, **self._whereabouts(last)})
        save(self.data, after)
        return after

    def _whereabouts(self, last: Account) -> dict[str, list[Record]]:
        """What became of an organisation's lost repositories: at first unknown, later perhaps changed, and some
        excluded in the end."""
        before, found = last.by_id("whereabouts"), []
        for record in sorted(self.vanished, key=lambda record: int(str(record["id"]))):
            id_ = int(str(record["id"]))
            if id_ in before and self.oracle.random() < 0.1:
                self.excluded.add(id_)
            if id_ not in self.excluded and self.lost_by[id_] == last.listed_login.casefold():
                fate = self.oracle.choice((None, "not_public", "moved", "blocked", "unlisted"))
                again = id_ in before and self.oracle.random() < 0.8
                found.append(before[id_] if again else whereabouts(id_, fate, checked_at=fate and date(self.day)))
        return {"whereabouts": found} if found else {}

    def build(self, threshold: Threshold = DEFAULT) -> None:
        """Build in a clone with all commits, or in the shallowest one that is enough."""
        if not self.shallow or not self._carry(threshold):
            build(self.data, self.data / DATABASE_FILE, threshold=threshold)

    def _carry(self, threshold: Threshold) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            git(self.folder, "clone", "--quiet", "--depth", "2", self.folder.as_uri(), folder)
            data = Path(folder) / "data"
            shutil.rmtree(data, ignore_errors=True)
            shutil.copytree(self.data, data)
            try:
                build(data, data / DATABASE_FILE, threshold=threshold)
            except ShallowClone:
                return False
            shutil.copy(data / DATABASE_FILE, self.data / DATABASE_FILE)
        self.carried += 1
        return True

    def commit(self, message: str = "data") -> str:
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--allow-empty", "--message", message)
        return git(self.folder, "rev-parse", "HEAD")

    def run(self, *failing: str, **options) -> Dataset:
        """What the Action does: observe, build, commit."""
        after = self.observe(*failing, **options)
        self.build()
        self.commit()
        return after

    # What people do to a repository.

    def edit(self, login: str) -> None:
        """Remove the last record by hand, although nobody observed that."""
        path = self.data / "repositories" / f"{login}.json"
        path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes())[:-1]))

    def damage(self, login: str) -> None:
        """Cut a file in half."""
        path = self.data / "metrics" / f"{login}.jsonl"
        path.write_bytes(path.read_bytes()[:-7])

    def happen(self) -> str:
        """Take one random step, and return its name."""
        step = self.chance.choices(
            ("run", "partly", "outage", "one", "backwards", "edit", "damage", "revert", "merge", "spelling", "list"),
            (12, 8, 2, 2, 1, 1, 1, 2, 2, 1, 1),
        )[0]
        self.turn()
        getattr(self, f"_{step}")()
        return step

    def _run(self) -> None:
        self.run()

    def _partly(self) -> None:
        self.run(*self.chance.sample(self.logins, 2))

    def _outage(self) -> None:
        self.run(*self.logins)

    def _one(self) -> None:
        self.run(only=[self.chance.choice(self.logins)])

    def _backwards(self) -> None:
        self.run(backwards=3)

    def _edit(self) -> None:
        observed = sorted((self.data / "repositories").glob("*.json"))
        good = load(self.data)
        self.edit(self.chance.choice(observed).stem)
        self.commit("by hand")
        save(self.data, good)
        self.commit("restored")

    def _damage(self) -> None:
        observed = [path for path in sorted((self.data / "metrics").glob("*.jsonl")) if path.stat().st_size > 9]
        good = self.observe()
        self.damage(self.chance.choice(observed).stem)
        self.commit("damaged")
        save(self.data, good)
        if self.chance.random() < 0.5:
            self.commit("mended")

    def _revert(self) -> None:
        """Revert the last commit, unless that would bring damage back or change nothing."""
        subjects = git(self.folder, "log", "-2", "--first-parent", "--format=%s").split()
        changed = git(self.folder, "diff", "--name-only", "HEAD^", "HEAD") if len(subjects) > 1 else ""
        if changed and "damaged" not in subjects and not git(self.folder, "status", "--porcelain"):
            merge = len(git(self.folder, "rev-list", "--parents", "-1", "HEAD").split()) > 2
            git(self.folder, "revert", "--no-edit", *(["--mainline", "1"] if merge else []), "HEAD")

    def _merge(self) -> None:
        """Merge two branches that observed the same world, with the files of one side or some of each."""
        git(self.folder, "checkout", "--quiet", "-b", "side")
        self.run(*self.chance.sample(self.logins, 1))
        git(self.folder, "checkout", "--quiet", "main")
        self.turn(2)
        self.run(*self.chance.sample(self.logins, 1))
        taken = self.chance.choice(("ours", "theirs", "both"))
        git(self.folder, "merge", "--quiet", "--no-commit", "--strategy", "ours", "side")
        if taken != "ours":
            git(self.folder, "checkout", "side", "--", "data")
        if taken == "both":
            git(self.folder, "checkout", "HEAD", "--", f"data/{DATABASE_FILE}")
            self.observe(self.logins[0])
            self.build()
        self.commit("merge")
        git(self.folder, "branch", "--quiet", "-D", "side")

    def _spelling(self) -> None:
        place = self.chance.randrange(len(self.logins))
        login = self.logins[place]
        self.logins[place] = login.upper() if login.islower() else login.lower()
        self.world[self.logins[place]] = self.world.pop(login)
        self.run()

    def _list(self) -> None:
        login = self.logins.pop(0)
        self.run()
        self.logins.append(login)
        self.run()
