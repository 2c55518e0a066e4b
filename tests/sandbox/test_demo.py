"""The demo does what the Action does, however its user has configured git."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing

SHORT = "from sandbox import demo; demo.MONTHS = 2; demo.HEALTHY_MONTHS = 1; demo.main()"


def test_a_short_demo_has_a_commit_and_an_observation_a_month(tmp_path):
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "pre-commit"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    (tmp_path / "gitconfig").write_text(f"[core]\n hooksPath = {hooks}\n[commit]\n gpgSign = true\n")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "SERVE": "0", "PORT": "8001"}
    environment |= {"GIT_DIR": "/nowhere", "INPUT_COMMIT": "false"}

    done = subprocess.run(
        [sys.executable, "-c", SHORT], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "::group::" not in done.stdout
    assert "serve --data .demo/checkout/data --metadata .demo/metadata.json --port 8001" in done.stdout
    log = ["git", "log", "--format=%ad %s", "--date=short", "main"]
    said = subprocess.run(log, cwd=tmp_path / ".demo/origin.git", capture_output=True, text=True, check=True).stdout
    subjects = said.splitlines()
    assert "first observation of 26 organisations" in subjects[-2]
    assert re.search(r"\b[0-9]+ (repositories )?appeared\b", subjects[0])
    assert "tidewater-prescribing: " in subjects[1]
    assert "repositories gone; " in subjects[1]
    assert "on the site's overview: tidewater-prescribing: " in done.stdout
    with closing(sqlite3.connect(tmp_path / ".demo/checkout/data/open-source-health.db")) as connection:
        [[closed]] = connection.execute("SELECT organisation FROM closures WHERE gone > 0.8 * repositories_before")
        assert closed == "tidewater-prescribing"
        [[source, counted_until]] = connection.execute("SELECT source, max(observed_on) FROM earlier_counts")
        assert source == "an invented predecessor"
        dates = [date for (date,) in connection.execute("SELECT date(observed_at) FROM observations")]
    assert dates == sorted({line[:10] for line in subjects})
    assert len(dates) == 3
    assert counted_until < dates[0]
