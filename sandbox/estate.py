"""An invented estate: accounts with fictional names and long-tailed sizes, and repositories that change."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property, lru_cache
from random import Random

from sandbox import accounts, care, vocabulary
from sandbox.accounts import RENAMED_ON, Size
from sandbox.care import Care
from sandbox.conversations import contributors, conversations
from sandbox.generator import Home, lives
from sandbox.health import Contributor, Conversations, Health
from sandbox.lifecycle import Event, Lifecycle, events, facts, is_template, state
from sandbox.serializer import written
from sandbox.world import Account, Record

DEFAULT_DATE = date(2026, 11, 1)

SIZES = {
    "nhs": Size(date(2024, 11, 3), sources=2_179, forks=218, head=2, steepness=1.0),
    "uk": Size(DEFAULT_DATE, sources=22_273, forks=2_227, head=5, steepness=1.25),
}


class Estate:
    """A `World` that is a pure function of its name and seed, drawn account by account when first asked."""

    def __init__(self, name: str, seed: int = 1) -> None:
        self.name = name
        self.seed = seed
        self.size = SIZES[name]
        self._lives: dict[int, list[Lifecycle]] = {}
        self._found: dict[int, dict[int, Lifecycle]] = {}
        self._cared: dict[int, Care] = {}
        self._listed = lru_cache(maxsize=256)(self._list)
        self._healthy = lru_cache(maxsize=1024)(self._health)

    @cached_property
    def homes(self) -> list[Home]:
        """One home for each account; the last two are settled, with no repositories and with exactly one page."""
        rng = Random(f"{self.name}:{self.seed}")
        names = accounts.names(self.name)
        shares = accounts.shares(self.size, len(names) - 2)
        order = sorted(range(len(shares)), key=lambda _: rng.random())
        anchor = self.size.anchor.toordinal()
        opened = [date(2014, 1, 6).toordinal() + int(3_000 * rng.random() ** 2) for _ in names]
        homes = []
        for place, (login, _) in enumerate(names):
            settled = place >= len(shares)
            sources, forks = ((0, 0), (91, 9))[place - len(shares)] if settled else shares[order[place]]
            heir = (place + 1) % len(shares)
            homes.append(Home(place, login, opened[place], anchor, sources, forks, settled, heir, opened[heir]))
        return homes

    @cached_property
    def _accounts(self) -> list[Account]:
        names = accounts.names(self.name)
        return [accounts.account(home, name) for home, (_, name) in zip(self.homes, names, strict=True)]

    def accounts(self, on: date) -> Sequence[Account]:
        day = on.toordinal()
        return [
            accounts.renamed(account) if day < RENAMED_ON else account
            for home, account in zip(self.homes, self._accounts, strict=True)
            if home.opened <= day
        ]

    def former_logins(self, on: date) -> dict[str, int]:
        if on.toordinal() < RENAMED_ON:
            return {}
        return {
            vocabulary.RENAMED[account.login].lower(): account.id
            for account in self._accounts
            if account.login in vocabulary.RENAMED
        }

    def repositories(self, account: Account, on: date) -> Sequence[Record]:
        return self._listed(account, on.toordinal())

    def _list(self, account: Account, day: int) -> list[Record]:
        here = account.id & 0xFF
        result = []
        for life in self._passing(here):
            if life.born <= day:
                now = state(life, day)
                if now.present and now.home == here:
                    result.append(facts(life, now, day, account.login))
        return result

    def find(self, repository: int, on: date) -> tuple[Account, Record] | None:
        life, day = self._life(repository), on.toordinal()
        if life is None or day < life.born:
            return None
        now = state(life, day)
        if not now.present:
            return None
        account = self._accounts[now.home]
        account = accounts.renamed(account) if day < RENAMED_ON else account
        return account, facts(life, now, day, account.login)

    def health(self, repository: int, on: date) -> Health | None:
        return self._healthy(repository, on)

    def _health(self, repository: int, on: date) -> Health | None:
        life = self._life(repository)
        if life is None or on.toordinal() < life.born:
            return None
        cared = self._care(life)
        return care.health(life, cared, on, self._template(life, cared))

    def write(self, repository: Record, account: Account) -> Record:
        return written(repository, account)

    def former_name(self, owner: str, name: str, on: date) -> int | None:
        day = on.toordinal()
        for home in self.homes:
            if owner.lower() not in (home.login.lower(), vocabulary.RENAMED.get(home.login, "").lower()):
                continue
            for life in self._passing(home.number):
                seen = [life.born, *(change.day for change in life.changes)]
                states = [state(life, moment) for moment in seen if moment <= day]
                names = [past.name.lower() for past in states if past.home == home.number]
                if name.lower() in names and states[-1].present:
                    return life.id
        return None

    def listed(self, on: date) -> Sequence[Account]:
        return self.accounts(on)

    def block(self, repository: int, on: date) -> str | None:
        return None

    def events(self, since: date, until: date) -> Iterator[Event]:
        """The true life-cycle events after `since`, up to and including `until`, in order of date and repository."""
        span = (since.toordinal(), until.toordinal())
        found = [
            event
            for home in self.homes
            for life in self._home(home.number)
            for event in events(life, *span, self._login)
        ]
        yield from sorted(found, key=lambda event: (event.date, event.repository))

    def health_events(self, since: date, until: date) -> Iterator[Event]:
        """Files truly gained and lost, and releases, after `since`, up to and including `until`, in order of date."""
        span = (since.toordinal(), until.toordinal())
        found = [
            event
            for home in self.homes
            for life in self._home(home.number)
            for event in care.events(life, self._care(life), *span, self._login)
        ]
        yield from sorted(found, key=lambda event: (event.date, event.repository))

    def conversations(self, repository: int, on: date, last: int) -> Conversations | None:
        life = self._life(repository)
        if life is None or on.toordinal() < life.born:
            return None
        return conversations(life, self._care(life), self._key(life), on, last)

    def contributors(self, repository: int, on: date) -> tuple[Contributor, ...] | None:
        health = self.health(repository, on)
        return contributors(health.commits, f"{self.name}:{self.seed}:{repository}") if health else None

    def _life(self, repository: int) -> Lifecycle | None:
        home = repository & 0xFF
        if home >= len(self.homes):
            return None
        if home not in self._found:
            self._found[home] = {life.id: life for life in self._home(home)}
        return self._found[home].get(repository)

    def _care(self, life: Lifecycle) -> Care:
        if life.id not in self._cared:
            self._cared[life.id] = care.draw(life, self._key(life))
        return self._cared[life.id]

    def _key(self, life: Lifecycle) -> str:
        return f"{self.name}:{self.seed}:{life.id}"

    def _template(self, life: Lifecycle, cared: Care) -> int | None:
        """One of its owner's earlier repositories that stay public."""
        if cared.template < 0 or life.fork:
            return None
        older = [
            each.id
            for each in self._home(life.home)
            if each.born < life.born and is_template(each) and all(turn.kind != "vanished" for turn in each.changes)
        ]
        return older[int(cared.template * len(older))] if older else None

    def _login(self, home: int, day: int) -> str:
        login = self.homes[home].login
        return vocabulary.RENAMED.get(login, login) if day < RENAMED_ON else login

    def _home(self, home: int) -> list[Lifecycle]:
        if home not in self._lives:
            self._lives[home] = lives(self.homes[home], f"{self.name}:{self.seed}:{self.homes[home].login}")
        return self._lives[home]

    def _passing(self, here: int) -> Iterator[Lifecycle]:
        """Every repository that is ever in a home: its own, and those that others move to it."""
        yield from self._home(here)
        for other in self.homes:
            if other.heir == here and not other.settled:
                for life in self._home(other.number):
                    if any(change.kind == "transferred" for change in life.changes):
                        yield life
