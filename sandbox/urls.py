"""The addresses inside GitHub's answers."""

from sandbox.world import API

_ACCOUNT = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_REPOSITORY = {
    "url": "",
    "forks_url": "/forks",
    "keys_url": "/keys{/key_id}",
    "collaborators_url": "/collaborators{/collaborator}",
    "teams_url": "/teams",
    "hooks_url": "/hooks",
    "issue_events_url": "/issues/events{/number}",
    "events_url": "/events",
    "assignees_url": "/assignees{/user}",
    "branches_url": "/branches{/branch}",
    "tags_url": "/tags",
    "blobs_url": "/git/blobs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "trees_url": "/git/trees{/sha}",
    "statuses_url": "/statuses/{sha}",
    "languages_url": "/languages",
    "stargazers_url": "/stargazers",
    "contributors_url": "/contributors",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "commits_url": "/commits{/sha}",
    "git_commits_url": "/git/commits{/sha}",
    "comments_url": "/comments{/number}",
    "issue_comment_url": "/issues/comments{/number}",
    "contents_url": "/contents/{+path}",
    "compare_url": "/compare/{base}...{head}",
    "merges_url": "/merges",
    "archive_url": "/{archive_format}{/ref}",
    "downloads_url": "/downloads",
    "issues_url": "/issues{/number}",
    "pulls_url": "/pulls{/number}",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "labels_url": "/labels{/name}",
    "releases_url": "/releases{/id}",
    "deployments_url": "/deployments",
}
_ORGANIZATION = {
    "repos_url": "/repos",
    "events_url": "/events",
    "hooks_url": "/hooks",
    "issues_url": "/issues",
    "members_url": "/members{/member}",
    "public_members_url": "/public_members{/member}",
}


def account_addresses(login: str) -> dict[str, str]:
    url = f"{API}/users/{login}"
    return {"url": url, "html_url": f"https://github.com/{login}"} | {key: url + end for key, end in _ACCOUNT.items()}


def organization_addresses(login: str) -> dict[str, str]:
    url = f"{API}/orgs/{login}"
    return {"url": url, "html_url": f"https://github.com/{login}"} | {
        key: url + end for key, end in _ORGANIZATION.items()
    }


def repository_addresses(full_name: str) -> dict[str, str]:
    url = f"{API}/repos/{full_name}"
    addresses = {key: url + end for key, end in _REPOSITORY.items()}
    addresses["html_url"] = addresses["svn_url"] = f"https://github.com/{full_name}"
    addresses["git_url"] = f"git://github.com/{full_name}.git"
    addresses["ssh_url"] = f"git@github.com:{full_name}.git"
    addresses["clone_url"] = f"https://github.com/{full_name}.git"
    return addresses
