"""How long a scrape takes, compared with the least that its pages need and with a plain loop over PyGithub.

    python -m benchmarks.scrape

The sandbox simulates the UK public sector's estate, with 150 ms for each answer; each way runs as a whole process.
The bound is pages x latency / workers: the time for the answers alone if no worker is ever idle. Only listings are
asked for here; `benchmarks.health` measures what a nightly health check adds.
"""

import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from sandbox import Estate, Sandbox
from sandbox.cli import write_organisations

LATENCY, WORKERS = 0.150, 8

PLAIN_LOOP = """
import sys
import github
client = github.Github(base_url=sys.argv[1], auth=github.Auth.Token("sandbox"), per_page=100)
for login in sys.argv[2:]:
    for repository in client.get_user(login).get_repos(type="owner"):
        repository.full_name
"""


def main() -> None:
    """Print one table: requests, wall and CPU time and peak memory of each way, and wall time by the bound."""
    with tempfile.TemporaryDirectory() as name, Sandbox(Estate("uk"), latency=LATENCY) as github:
        folder = Path(name)
        accounts = github.world.accounts(github.date)
        sizes = [len(github.world.repositories(account, github.date)) for account in accounts]
        pages = sum(max(1, math.ceil(size / 100)) for size in sizes)
        bound = pages * LATENCY / WORKERS
        write_organisations(github.world, github.date, folder / "organisations.yml")
        program = str(Path(sys.executable).with_name("oss-health"))
        ours = [program, "scrape", "--organisations-file", str(folder / "organisations.yml"), "--data"]
        ours += [str(folder / "data"), "--api-url", github.url, "--workers", str(WORKERS), "--health-budget", "0"]
        plain = [sys.executable, "-c", PLAIN_LOOP, github.url, *(account.login for account in accounts)]
        print(
            f"Scrape of {len(accounts)} accounts with {sum(sizes):,} repositories,"
            f" {pages} pages at {LATENCY * 1e3:.0f} ms; the server is on the same machine"
        )
        print(f"{'way':<34}{'requests':>9}{'wall s':>8}{'/ bound':>9}{'CPU s':>7}{'peak MB':>9}")
        print(f"{f'bound: pages x latency / {WORKERS}':<34}{pages:>9}{bound:>8.1f}{1:>9.2f}")
        for way, command in {
            f"oss-health scrape, {WORKERS} workers": ours,
            "the same again, nothing new": ours,
            "plain get_repos() loop, 100 a page": plain,
        }.items():
            github.requests.clear()
            wall, cpu, peak = measured(command)
            print(f"{way:<34}{len(github.requests):>9}{wall:>8.1f}{wall / bound:>9.2f}{cpu:>7.1f}{peak:>9.0f}")


def measured(command: list[str], environment: Mapping[str, str] = os.environ) -> tuple[float, float, float]:
    """Wall and CPU seconds and peak memory in MB of a whole process."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, env={**environment, "GITHUB_TOKEN": "sandbox"}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed: {said.decode()}")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
