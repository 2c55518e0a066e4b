#!/usr/bin/env bash
# For the self-test: a repository with a package of our name and a bare origin, and the sandbox as its GitHub.
set -euo pipefail
unset PYTHONPATH ${!PIP_*} ${!UV_*}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
git init --quiet --bare --initial-branch=main foreign-origin
git clone --quiet foreign-origin foreign
mkdir -p foreign/scraper scraper
echo 'raise SystemExit("the wrong scraper")' | tee foreign/scraper/__init__.py >scraper/__init__.py
git -C foreign checkout --quiet -B main
git -C foreign add .
git -C foreign -c user.name=Somebody -c user.email=somebody@example.org commit --quiet --message Begin
git -C foreign push --quiet origin main

python=${PYTHON_OF_SANDBOX:-} # one that has its packages already
if [ -z "$python" ]; then
    python -m venv "$RUNNER_TEMP/sandbox"
    [ -d "$RUNNER_TEMP/sandbox/Scripts" ] && bin=Scripts || bin=bin
    python="$RUNNER_TEMP/sandbox/$bin/python"
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement "$here/requirements-dev.txt"
fi
cd "$here"
nohup "$python" -m sandbox --port 0 >"$RUNNER_TEMP/sandbox.log" 2>&1 &
echo "pid=$!" >>"$GITHUB_OUTPUT"
for _ in $(seq 120); do
    grep -q http "$RUNNER_TEMP/sandbox.log" && break
    sleep 1
done
echo "url=$(head -1 "$RUNNER_TEMP/sandbox.log" | tr -d '\r')" >>"$GITHUB_OUTPUT"
