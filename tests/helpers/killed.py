"""Kill programs in the middle of a repeated task; their imports happen only once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FORK = """
import os, sys
for line in sys.stdin:
    child = os.fork()
    if not child:
        folder = line.rstrip()
        break
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
while True:
"""


@contextmanager
def looping(imports: str, body: str) -> Iterator[Callable[[Path, float], None]]:
    """Have a process repeat `body` in `folder`, and kill it after so many seconds."""
    code = imports + FORK + "".join(f"    {line}\n" for line in body.splitlines())
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin
        assert parent.stdout

        def kill(folder: Path, seconds: float) -> None:
            print(folder, file=parent.stdin, flush=True)
            child = int(parent.stdout.readline())
            try:
                time.sleep(seconds)
            finally:
                os.kill(child, signal.SIGKILL)
            assert int(parent.stdout.readline()) == -signal.SIGKILL, "it ended by itself"

        yield kill
        parent.stdin.close()
