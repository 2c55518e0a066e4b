"""Write an invented repository as GitHub lists it."""

from base64 import b64encode, urlsafe_b64encode
from functools import lru_cache
from typing import Any

from sandbox.urls import account_addresses, repository_addresses
from sandbox.vocabulary import LICENCE_NAMES, LICENCES
from sandbox.world import API, Account, Record


def node_id(kind: str, id: int) -> str:
    """GitHub's newer form: a letter, and the packed list [0, id]."""
    return f"{kind}_" + urlsafe_b64encode(b"\x92\x00\xce" + id.to_bytes(4, "big")).decode().rstrip("=")


def _licence(spdx: str | None) -> dict[str, Any] | None:
    if spdx is None:
        return None
    key, name, n = LICENCE_NAMES[spdx]
    url = None if spdx == "NOASSERTION" else f"{API}/licenses/{key}"
    node = b64encode(f"{7 + len(str(n)):02}:License{n}".encode()).decode()
    return {"key": key, "name": name, "spdx_id": spdx, "url": url, "node_id": node}


_LICENCES = {spdx: _licence(spdx) for spdx in LICENCES}


@lru_cache(maxsize=512)
def _owner(account: Account) -> Record:
    return {
        "login": account.login,
        "id": account.id,
        "node_id": account.node_id,
        "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
        "gravatar_id": "",
        **account_addresses(account.login),
        "type": account.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def written(repository: Record, account: Account) -> Record:
    """All the fields of GitHub's record: the invented facts, the addresses, the aliases."""
    return {
        **repository,
        "node_id": node_id("R", repository["id"]),
        "owner": _owner(account),
        **repository_addresses(repository["full_name"]),
        "watchers_count": repository["stargazers_count"],
        "mirror_url": None,
        "license": _LICENCES[repository["license"]],
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "has_pull_requests": True,
        "pull_request_creation_policy": "all",
        "visibility": "public",
        "forks": repository["forks_count"],
        "open_issues": repository["open_issues_count"],
        "watchers": repository["stargazers_count"],
        "permissions": {"admin": False, "maintain": False, "push": False, "triage": False, "pull": True},
    }
