"""Who makes a commit, and how the pusher authenticates."""

import base64

from scraper import clock

BOT = "github-actions[bot]"
BOT_ID = 41898282
"""The bot's id on github.com; on another server nobody has that address."""
HEADER = "OSS_HEALTH_GIT_HEADER"


def identity(server_url: str, author: tuple[str, str] | None) -> dict[str, str]:
    """The variables that give git the author and the committer: the bot, unless somebody else is the author."""
    host = server_url.partition("://")[2].partition("/")[0]
    name = f"{BOT_ID}+{BOT}" if host == "github.com" else BOT
    date = f"{int(clock.now().timestamp())} +0000"
    bot = (BOT, f"{name}@users.noreply.{host}")
    return {
        f"GIT_{role}_{part}": value
        for role, who in (("AUTHOR", author or bot), ("COMMITTER", bot))
        for part, value in zip(("NAME", "EMAIL", "DATE"), (*who, date), strict=True)
    }


def login(server_url: str, token: str | None) -> tuple[tuple[str, ...], dict[str, str]]:
    """Options and variables that give git the token, for this server only, instead of one from actions/checkout."""
    if not token:
        return (), {}
    key = f"http.{server_url}/"
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    options = ("-c", f"{key}.followRedirects=false", "-c", f"{key}.extraheader=")
    return (*options, f"--config-env={key}.extraheader={HEADER}"), {HEADER: f"Authorization: Basic {basic}"}
