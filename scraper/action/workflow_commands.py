"""Tell GitHub Actions about a step: annotations, groups, outputs, summary. Only this module knows the commands."""

import logging
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from scraper.errors import ConfigurationError
from scraper.logs import logged
from scraper.text import printable

LARGEST_SUMMARY = 1024 * 1024


class Workflow:
    """The step that this process runs in, according to its environment; outside one, everything is only printed."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._outputs = environment.get("GITHUB_OUTPUT")
        self._summary = environment.get("GITHUB_STEP_SUMMARY")

    def say(self, text: str) -> None:
        """Write a line to the log; whatever it contains, it is not a command."""
        _print(_harmless(text))

    def warning(self, text: str, title: str = "") -> None:
        _print(_command("warning", text, title))

    def error(self, text: str, title: str = "") -> None:
        _print(_command("error", text, title))

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Group what is logged inside this block, under a title."""
        _print(f"::group::{_escaped(title)}")
        try:
            yield
        finally:
            _print("::endgroup::")

    def set_outputs(self, values: Mapping[str, str]) -> None:
        """Set the outputs of the step; if one is set twice, the later value counts."""
        # Nobody can guess where a value ends, so no text in it can end it early.
        end = f"end-{secrets.token_hex(16)}"
        lines = (f"{name}<<{end}\n{value}\n{end}\n" for name, value in values.items())
        self._append(self._outputs, "".join(lines))

    def summarise(self, markdown: str) -> None:
        """Add to the summary of the job; cut it at the end of a line if GitHub would otherwise refuse all of it."""
        encoded = markdown.encode()
        if len(encoded) > LARGEST_SUMMARY:
            kept = encoded[: LARGEST_SUMMARY - 200].rpartition(b"\n")[0].decode()
            markdown = f"{kept}\n\n... shortened: GitHub shows one mebibyte.\n"
        self._append(self._summary, markdown)

    def _append(self, path: str | None, text: str) -> None:
        if not path:
            return
        try:
            with Path(path).open("a", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError as error:
            raise ConfigurationError(f"Cannot write {path}, which the runner named: {error.strerror}.") from error


def logged_to_step(title: str, *, details: bool) -> AbstractContextManager[None]:
    """Write what modules log inside this block to the log of the step, under this title."""
    return logged(_print, Formatter(title), details=details)


class Formatter(logging.Formatter):
    """Format log records as workflow commands: annotations for warnings and errors, plain lines, and details."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.levelno >= logging.WARNING:
            return _command("error" if record.levelno >= logging.ERROR else "warning", text, self._title)
        return _harmless(text) if record.levelno >= logging.INFO else _command("debug", printable(text), "")


def _harmless(text: str) -> str:
    return printable(text).replace("::", ":\u200b:").replace("##[", "##\u200b[")


def _command(kind: str, text: str, title: str) -> str:
    where = f" title={_escaped(title).replace(':', '%3A').replace(',', '%2C')}" if title else ""
    return f"::{kind}{where}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _print(line: str) -> None:
    # The code page of a Windows runner's log has fewer characters than descriptions have.
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "replace").decode(encoding), flush=True)
