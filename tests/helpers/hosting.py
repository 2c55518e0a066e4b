"""A GitHub that hosts one repository: its API makes real commits in a bare repository, and has pull requests."""

import base64
import binascii
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from scraper import clock
from tests.helpers.git import git
from tests.helpers.running import answering

SDL = """
scalar Base64String
scalar GitObjectID
type Query { nothing: Boolean }
type Mutation { createCommitOnBranch(input: CreateCommitOnBranchInput!): CreateCommitOnBranchPayload }
input CreateCommitOnBranchInput {
  branch: CommittableBranch!
  clientMutationId: String
  expectedHeadOid: GitObjectID!
  fileChanges: FileChanges
  message: CommitMessage!
}
input CommittableBranch { branchName: String, id: ID, repositoryNameWithOwner: String }
input CommitMessage { body: String, headline: String! }
input FileChanges { additions: [FileAddition!] = [], deletions: [FileDeletion!] = [] }
input FileAddition { contents: Base64String!, path: String! }
input FileDeletion { path: String! }
type CreateCommitOnBranchPayload { clientMutationId: String, commit: Commit }
type Commit { oid: GitObjectID! }
"""
JOB_TOKEN = "a-token-of-the-job"
SIGNATURE = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n nobody's\n -----END PGP SIGNATURE-----\n"
BOT = "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>"


class Asked(NamedTuple):
    """A request; the document of a GraphQL request is its variables."""

    method: str
    path: str
    query: dict[str, str]
    document: Any


class Refused(Exception):  # noqa: N818
    """A refusal by GitHub: a status or the type of a GraphQL error, and its message."""

    def __init__(self, kind: int | str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Hosting(ThreadingHTTPServer):
    """Repository OWNER/NAME with its git, its rules and its pull requests.

    `protected` branches accept changes only through pull requests. The token may not commit unless `writable`, cannot
    see pull requests unless `shows_requests`, and cannot open them unless `opens_requests`. After `loses` writes, the
    answer is lost although the write succeeded; if `fails` is set, that is the status of every answer, with the
    message `says`. A list of pull requests has all of them unless it `heeds_filters`.
    """

    def __init__(self, name: str, path: Path, sdl: str = SDL) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.name, self.git_path, self.sdl = name, path, sdl
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[Asked] = []
        self.said: list[Any] = []
        self.requests: list[dict[str, Any]] = []
        self.protected: set[str] = set()
        self.writable = self.shows_requests = self.opens_requests = True
        self.loses, self.fails, self.says = 0, 0, "Something is wrong"
        self.heeds_filters = True

    def head(self, branch: str) -> str | None:
        return git(self.git_path, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}") or None

    def commit(self, asked: dict[str, Any]) -> str:
        """Do what `createCommitOnBranch` was asked to do, completely or not at all; return the new commit."""
        branch, expected = asked["branch"]["branchName"], asked["expectedHeadOid"]
        name = asked["branch"]["repositoryNameWithOwner"]
        if name.lower() != self.name.lower():
            raise Refused("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
        if not self.writable:
            raise Refused("FORBIDDEN", "Resource not accessible by integration")
        head = self.head(branch)
        if head is None:
            raise Refused("NOT_FOUND", f"Could not resolve to a branch with the name '{branch}'.")
        if head != expected:
            raise Refused(
                "STALE_DATA", f'Expected branch to point to "{expected}" but it did not. Pull and try again.'
            )
        if branch in self.protected:
            raise Refused("BRANCH_PROTECTION_RULE_VIOLATION", "Changes must be made through a pull request.")
        tree = self._tree(head, asked.get("fileChanges") or {})
        message = "\n\n".join(filter(None, (asked["message"]["headline"], asked["message"].get("body"))))
        now = f"{int(clock.now().timestamp())} +0000"
        text = f"tree {tree}\nparent {head}\nauthor {BOT} {now}\ncommitter GitHub <noreply@github.com> {now}\n"
        with tempfile.NamedTemporaryFile() as file:
            file.write(f"{text}{SIGNATURE}\n{message}\n".encode())
            file.flush()
            made = git(self.git_path, "hash-object", "-t", "commit", "-w", file.name)
        git(self.git_path, "update-ref", f"refs/heads/{branch}", made, expected)
        return made

    def _tree(self, head: str, changes: dict[str, Any]) -> str:
        with tempfile.TemporaryDirectory() as folder:
            index = {
                "GIT_DIR": str(self.git_path),
                "GIT_WORK_TREE": folder,
                "GIT_INDEX_FILE": f"{folder}/index",
            }
            git(self.git_path, "read-tree", head, **index)
            there = git(self.git_path, "ls-files", "-z", **index).split("\0")
            for each in changes.get("deletions") or ():
                if each["path"] not in there:
                    raise Refused("UNPROCESSABLE", f"{each['path']} does not exist as of commit {head}")
                git(self.git_path, "update-index", "--force-remove", "--", each["path"], **index)
            for each in changes.get("additions") or ():
                try:
                    (Path(folder) / "content").write_bytes(base64.b64decode(each["contents"], validate=True))
                except binascii.Error:
                    raise Refused("UNPROCESSABLE", "A file's contents are not valid Base64.") from None
                blob = git(self.git_path, "hash-object", "-w", f"{folder}/content")
                git(self.git_path, "update-index", "--add", "--cacheinfo", f"100644,{blob},{each['path']}", **index)
            return git(self.git_path, "write-tree", **index)

    def open_request(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A new pull request. Raises Refused as GitHub does."""
        if not self.opens_requests:
            raise Refused(403, "GitHub Actions is not permitted to create or approve pull requests.")
        head, base = asked["head"], asked["base"]
        if not self.head(head) or not self.head(base):
            raise Refused(422, "The head or the base is invalid.")
        if git(self.git_path, "rev-list", "--count", f"{base}..{head}") == "0":
            raise Refused(422, f"No commits between {base} and {head}")
        label = f"{self.name.partition('/')[0]}:{head}"
        if any(each["state"] == "open" and each["head"]["label"] == label for each in self.requests):
            raise Refused(422, f"A pull request already exists for {label}.")
        self.requests.append(self.request(len(self.requests) + 1, asked))
        return self.requests[-1]

    def request(self, number: int, asked: dict[str, Any], owner: str = "") -> dict[str, Any]:
        """What GitHub says about a pull request, as far as needed; `owner` has the fork with its branch."""
        ours, _, name = self.name.partition("/")
        return {
            "number": number,
            "state": "open",
            "title": asked["title"],
            "body": asked.get("body"),
            "html_url": f"https://github.com/{self.name}/pull/{number}",
            "head": {
                "ref": asked["head"],
                "label": f"{owner or ours}:{asked['head']}",
                "repo": {"full_name": f"{owner or ours}/{name}"},
            },
            "base": {"ref": asked["base"], "label": f"{ours}:{asked['base']}", "repo": {"full_name": self.name}},
        }

    def close_what_is_merged_or_gone(self) -> None:
        """Close pull requests as GitHub does, when a branch has nothing more to merge, or does not exist."""
        for each in self.requests:
            head, base = self.head(each["head"]["ref"]), self.head(each["base"]["ref"])
            ours = each["head"]["repo"]["full_name"] == self.name
            if ours and (not head or git(self.git_path, "rev-list", "--count", f"{base}..{head}") == "0"):
                each["state"] = "closed"

    def answer(self, asked: Asked) -> tuple[int, Any]:
        self.close_what_is_merged_or_gone()
        if asked.path == "/graphql":
            return 200, self._graphql(asked.document)
        _, _, owner, name, *rest = [*asked.path.split("/"), ""]
        if f"{owner}/{name}".lower() != self.name.lower():
            return 404, {"message": "Not Found"}
        match asked.method, rest[:-1]:
            case "GET", ["compare", both]:
                base, _, head = both.partition("...")
                return 200, {"merge_base_commit": {"sha": git(self.git_path, "merge-base", base, head)}}
            case _, ["pulls", *_] if not self.shows_requests:
                return 403, {"message": "Resource not accessible by integration"}
            case "GET", ["pulls"]:
                return 200, [
                    each
                    for each in self.requests
                    if asked.query.get("state", "open") in ("all", each["state"])
                    and (not self.heeds_filters or asked.query.get("head") == each["head"]["label"])
                ]
            case "POST", ["pulls"]:
                return 201, self.open_request(asked.document)
            case "PATCH", ["pulls", number]:
                request = self.requests[int(number) - 1]
                request |= {key: value for key, value in asked.document.items() if key in ("title", "body", "state")}
                return 200, request
        return 404, {"message": "Not Found"}

    def _graphql(self, document: Any) -> dict[str, Any]:
        def create(info: Any, input: dict[str, Any]) -> dict[str, Any]:
            try:
                return {"commit": {"oid": self.commit(input)}}
            except Refused as refused:
                raise GraphQLError(str(refused), extensions={"type": refused.kind}) from None

        root = {"createCommitOnBranch": create}
        result = graphql_sync(_schema(self.sdl), document["query"], root, variable_values=document["variables"])
        errors = [{"message": each.message, **(each.extensions or {})} for each in result.errors or ()]
        return {"data": result.data} | ({"errors": errors} if errors else {})


@lru_cache(maxsize=2)
def _schema(sdl: str) -> GraphQLSchema:
    return build_schema(sdl, assume_valid=True, assume_valid_sdl=True)


class _Handler(BaseHTTPRequestHandler):
    server: Hosting

    def _serve(self) -> None:
        place = urlsplit(self.path)
        payload = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = re.sub("^/api(/v3)?", "", place.path)  # as on GitHub Enterprise Server
        asked = Asked(self.command, path, dict(parse_qsl(place.query)), json.loads(payload or "null"))
        self.server.asked.append(asked)
        writes = asked.method != "GET"
        if self.headers.get("Authorization", "").partition(" ")[2] != JOB_TOKEN:
            return self._send(401, {"message": "Bad credentials"})
        if writes and self.server.fails:
            return self._send(self.server.fails, {"message": self.server.says})
        try:
            status, body = self.server.answer(asked)
        except Refused as refused:
            status, body = int(refused.kind), {"message": "Validation Failed", "errors": [{"message": str(refused)}]}
            if status == 403:
                body = {"message": str(refused)}
        if writes and self.server.loses:
            self.server.loses -= 1
            self.close_connection = True
            return None
        return self._send(status, body)

    def _send(self, status: int, body: Any) -> None:
        self.server.said.append(body)
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = _serve  # noqa: N815

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(clock.now().timestamp(), usegmt=True)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def hosting(name: str, path: Path, sdl: str = SDL) -> Iterator[Hosting]:
    """A running server of this kind."""
    server = Hosting(name, path, sdl)
    with answering(server):
        yield server
