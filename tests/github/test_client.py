"""Answers that no fault of the sandbox gives: whatever is in a header or a body, it is checked."""

import gc
import http.server
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import Estate, Sandbox
from scraper.errors import ConfigurationError, RequestError, Unavailable
from scraper.github import connection, responses
from scraper.github.client import GitHubApi
from scraper.github.responses import InvalidResponse, RateLimitHit
from tests.helpers.running import answering

ODD = st.sampled_from(
    [
        *("", "0", "1", "-5", "nan", "inf", "1e999", "9" * 400, "soon", "2026-01-01", "xxxxx"),
        *("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359"),
    ]
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "date", "link", "x-github-otp"]),
    ODD,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["message", "errors", "type", "data"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from([200, 201, 204, 304, 400, 401, 403, 404, 410, 422, 429, 451, 500, 503]),
    HEADERS,
    JSON.map(json.dumps) | st.text(max_size=20),
    st.sampled_from([list, dict]),
    st.booleans(),
)
def test_every_answer_is_accepted_or_refused_for_a_reason(status, headers, text, expected, with_token):
    try:
        body = responses.parse(status, headers, text, expected, with_token=with_token)
    except RateLimitHit as limit:
        assert limit.seconds >= 1
        assert not math.isnan(limit.seconds)
    except (InvalidResponse, RequestError, ConfigurationError) as error:
        assert str(error)
        assert "\n" not in str(error)
    else:
        assert isinstance(body, expected)
        assert status == 200


@pytest.mark.parametrize(
    ("headers", "seconds", "primary"),
    [
        ({}, 60, False),
        ({"retry-after": "7"}, 7, False),
        ({"retry-after": "7", "x-ratelimit-remaining": "0"}, 7, True),
        (
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "100", "date": "Thu, 01 Jan 1970 00:01:00 GMT"},
            41,
            True,
        ),
        ({"x-ratelimit-remaining": "0"}, 60, False),
        ({"retry-after": "-3"}, 1, False),
    ],
)
def test_how_long_a_limit_lasts(headers, seconds, primary):
    limit = responses.read_rate_limit(headers)
    assert (limit.seconds, limit.primary) == (seconds, primary)


class _Odd(http.server.BaseHTTPRequestHandler):
    """Answers correctly except for one header."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("x-ratelimit-limit", "60")
        self.send_header("x-ratelimit-remaining", "many")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_):
        pass


def test_headers_that_pygithub_stumbles_over_are_an_invalid_answer():
    with answering(http.server.HTTPServer(("127.0.0.1", 0), _Odd)) as address:
        api = GitHubApi(address, None, backoff=0.001)
        with pytest.raises(Unavailable, match="its headers made no sense"):
            api.get("/orgs/x/repos", {}, list)


@pytest.mark.slow
def test_connections_do_not_add_up():
    """PyGithub keeps the latest connection; earlier ones are gone, with their sockets."""

    def alive() -> int:
        api = GitHubApi(github.url, "a-token")
        assert api.get("/rate_limit", {}, dict).body
        del api
        gc.collect()
        return sum(isinstance(each, connection._Adapter) for each in gc.get_objects())

    with Sandbox(Estate("nhs")) as github:
        assert max(alive() for _ in range(3)) <= 1
