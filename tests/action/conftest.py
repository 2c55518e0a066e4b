"""A repository that keeps a dataset: a bare origin, a checkout of it, and what a runner puts around a step."""

import base64
import os
import subprocess
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sandbox import Estate, Sandbox
from sandbox.clock import now
from scraper import clock
from tests.scrape.known import TOKEN

ROOT = Path(__file__).parents[2]


def git(folder, *arguments, **variables):
    """The output of a git command in a folder, as somebody who has an identity and nothing else configured."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **{f"GIT_{role}_NAME": "Somebody" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": "somebody@example.org" for role in ("AUTHOR", "COMMITTER")},
        **variables,
    }
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, (arguments, done.stderr.decode())
    return done.stdout.decode().strip()


def hook(origin, script):
    path = origin / "hooks" / "pre-receive"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


class Backend(BaseHTTPRequestHandler):
    """Git over HTTP, for whoever shows the token, once."""

    def do_GET(self):
        wanted = "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
        if self.headers.get_all("authorization") != [wanted]:
            self.send_response(401)
            self.send_header("www-authenticate", 'Basic realm="git"')
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "x",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
        }
        done = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        self.send_response(200)
        for line in head.decode().split("\r\n"):
            self.send_header(*line.split(": ", 1))
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def world():
    return Estate("nhs")


@pytest.fixture
def github(world, monkeypatch):
    with Sandbox(world, tokens=[TOKEN]) as running:
        monkeypatch.setattr(clock, "now", lambda: datetime.fromtimestamp(now(running.date), UTC))
        yield running


@pytest.fixture
def origin(tmp_path):
    """A bare repository with one commit on main."""
    path = tmp_path / "origin.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", path)
    git(tmp_path, "clone", "--quiet", path, "first")
    git(tmp_path / "first", "checkout", "--quiet", "-B", "main")
    (tmp_path / "first" / "README.md").write_text("Somebody's repository\n")
    # They may have a package of our name, and settings for the tools that we use.
    (tmp_path / "first" / "scraper").mkdir()
    (tmp_path / "first" / "scraper" / "__init__.py").write_text("raise SystemExit('the wrong scraper')\n")
    (tmp_path / "first" / "uv.toml").write_text('index-url = "http://127.0.0.1:9"\n')
    git(tmp_path / "first", "add", ".")
    git(tmp_path / "first", "commit", "--quiet", "--message", "Begin")
    git(tmp_path / "first", "push", "--quiet", "origin", "main")
    return path


@pytest.fixture
def clone(tmp_path, origin):
    """Make a fresh checkout of the origin."""
    made = iter(range(100))

    def clone(*options, of=origin):
        path = tmp_path / f"checkout-{next(made)}"
        git(tmp_path, "clone", "--quiet", *options, of, path)
        return path

    return clone


@pytest.fixture
def backend(origin):
    git(origin, "config", "http.receivepack", "true")
    with ThreadingHTTPServer(("127.0.0.1", 0), Backend) as running:
        running.root = origin.parent
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()
