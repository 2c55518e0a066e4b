"""What GitHub says about an account itself."""

from urllib.parse import quote
from zlib import crc32

from sandbox.health import Contributor
from sandbox.serializer import node_id
from sandbox.urls import account_addresses, organization_addresses
from sandbox.world import Account, Record


def organization_profile(account: Account, repositories: int) -> Record:
    return {
        "login": account.login,
        "id": account.id,
        "node_id": account.node_id,
        **organization_addresses(account.login),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
        "description": None,
        "name": account.name,
        "is_verified": False,
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": repositories,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "type": "Organization",
        "created_at": account.created_at,
        "updated_at": account.created_at,
        "archived_at": None,
    }


def user_profile(account: Account, repositories: int) -> Record:
    unknown = ("company", "blog", "location", "email", "hireable", "bio", "twitter_username")
    return {
        "login": account.login,
        "id": account.id,
        "node_id": account.node_id,
        **account_addresses(account.login),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
        "gravatar_id": "",
        "type": account.type,
        "user_view_type": "public",
        "site_admin": False,
        "name": account.name,
        **dict.fromkeys(unknown),
        "public_repos": repositories,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": account.created_at,
        "updated_at": account.created_at,
    }


def contributor_profile(each: Contributor) -> Record:
    """One entry in the list of a repository's contributors."""
    if each.login is None:
        person = f"somebody-{each.contributions}"
        return {
            "email": f"{person}@example.org",
            "name": person,
            "type": each.type,
            "contributions": each.contributions,
        }
    id = crc32(each.login.encode())
    return {
        "login": each.login,
        "id": id,
        "node_id": node_id(each.type[0], id),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{id}?v=4",
        "gravatar_id": "",
        **account_addresses(quote(each.login)),
        "type": each.type,
        "user_view_type": "public",
        "site_admin": False,
        "contributions": each.contributions,
    }
