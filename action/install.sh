#!/usr/bin/env bash
# Installs the program into an environment of its own, from pinned packages whose hashes are checked on download.
# The environment is made anew each time; what is cached are the packages, and uv, which puts them there in a second.
set -euo pipefail
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX ${!UV_*} ${!PIP_*}

give_up() {
    echo "::error title=Open-Source Health Statistics::$1"
    exit 1
}
offline="The pinned packages could not be installed, and the log says why: the runner must reach PyPI, or a mirror that pip's and uv's files on this machine name."

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
packages="$FOLDER/packages"
export UV_CACHE_DIR="$packages/cache" UV_PYTHON_DOWNLOADS=never
[ "$RUNNER_OS" = Windows ] && bin=Scripts exe=.exe || bin=bin exe=
uv="$packages/uv$exe"
cd "$FOLDER" # not the caller's checkout, whose uv.toml or pyproject.toml would be obeyed

if ! "$uv" --version >/dev/null 2>&1; then
    "$PYTHON" -I -m venv --clear "$FOLDER/first" ||
        give_up "This Python cannot make virtual environments: install python3-venv, or run actions/setup-python before this step."
    sed -n '/^uv==/,/[^\\]$/p' "$here/requirements-action.txt" >"$FOLDER/uv.txt"
    "$FOLDER/first/$bin/python" -I -m pip install --quiet --disable-pip-version-check --no-input \
        --only-binary :all: --require-hashes --requirement "$FOLDER/uv.txt" || give_up "$offline"
    cp "$FOLDER/first/$bin/uv$exe" "$uv"
fi

requirements="$here/requirements${SITE:+-site}.txt"
"$uv" venv --quiet --clear --python "$PYTHON" "$FOLDER/environment"
python="$FOLDER/environment/$bin/python$exe"
sync() {
    "$uv" pip sync --quiet --python "$python" --only-binary :all: --require-hashes "$@" \
        "$requirements" "$here/requirements-action.txt"
}
# With everything in the cache nothing is asked of the network. Some networks are known to the machine's certificates
# only, and some containers have none.
sync --offline 2>/dev/null || sync 2>"$FOLDER/said.txt" || sync --system-certs || { cat "$FOLDER/said.txt" && give_up "$offline"; }
# Without the cache, which would take a newer version of the program in the same folder for the old one.
"$uv" pip install --quiet --python "$python" --no-cache --no-index --no-deps --no-build-isolation "$here"
# What a site takes from npm is fetched now, to be in the cache; if it cannot be had, making the site says why.
if [ -n "${SITE:-}" ]; then
    OSS_HEALTH_CACHE="$packages/site" "$python" -I -c 'from scraper.site import parts; parts.charts_script()' 2>/dev/null || true
fi
echo "program=$FOLDER/environment/$bin/oss-health$exe" >>"$GITHUB_OUTPUT"
