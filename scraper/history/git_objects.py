"""Read any number of git objects by id, in one process."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from scraper.errors import DatasetError
from scraper.git_process import Repository, started

# git answers requests while they are being written. With more at once, both sides would wait for a full pipe.
# The smallest pipe on Linux holds 4,096 bytes, and a request takes at most 65.
BATCH = 60


@contextmanager
def objects(repository: Repository) -> "Iterator[Objects]":
    """A process that reads objects until the context ends."""
    with started(repository, "cat-file", "--batch", stdin=subprocess.PIPE) as process:
        yield Objects(cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout))


class Objects:
    """Objects of git by id."""

    def __init__(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._requests, self._answers = requests, answers

    def read(self, ids: list[str]) -> Iterator[bytes | None]:
        """The content of each object; None if it is missing. All of them must be read."""
        for start in range(0, len(ids), BATCH):
            asked = ids[start : start + BATCH]
            self._requests.write("".join(f"{id_}\n" for id_ in asked).encode())
            self._requests.flush()
            for id_ in asked:
                yield self._answer(id_)

    def tree(self, id_: str) -> dict[str, str]:
        """The files of a folder and their ids; empty if it is missing."""
        content, files, start = b"".join(filter(None, list(self.read([id_])))), {}, 0
        while start < len(content):
            end = content.index(b"\0", start)
            mode, name = content[start:end].split(b" ", 1)
            start = end + 1 + len(id_) // 2
            if mode.startswith(b"100"):
                files[os.fsdecode(name)] = content[end + 1 : start].hex()
        return files

    def _answer(self, id_: str) -> bytes | None:
        header = self._answers.readline().split()
        if header[1:] == [b"missing"]:
            return None
        if len(header) != 3:
            raise DatasetError(f"Git cannot read its object {id_}: run `git fsck` for details.")
        content = self._answers.read(int(header[2]))
        self._answers.read(1)
        return content
