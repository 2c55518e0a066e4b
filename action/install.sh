#!/usr/bin/env bash
# Finds a Python, and installs the program with it into an environment of its own, of packages that are pinned by hash.
# Nothing is taken from a cache: uv and pip check hashes of what they download, and never again.
set -euo pipefail
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX ${!UV_*} ${!PIP_*}

give_up() {
    echo "::error title=Open-Source Health Statistics::$1"
    exit 1
}

# What an expression is to a Python. On Windows its lines end in a carriage return, which bash would keep.
ask() { "$1" -I -c "import platform, sys, sysconfig; print($2)" 2>/dev/null | tr -d '\r'; }

# The packages are pinned as wheels for these; a newer Python, or one without the global lock, has no wheels of some.
pinned='sys.implementation.name == "cpython" and (3, 11) <= sys.version_info[:2] <= (3, 14)
    and not sysconfig.get_config_var("Py_GIL_DISABLED")'
found=""
for name in python3 python python3.14 python3.13 python3.12 python3.11; do
    # On Windows a stub of the shop may answer to the name, so only what runs counts.
    version=$(ask "$name" 'platform.python_version()') || continue
    found="${found:-$version}"
    if [ "$(ask "$name" "${pinned//$'\n'/}")" = True ]; then
        base=$(ask "$name" sys.executable)
        break
    fi
done
[ -n "${base:-}" ] ||
    give_up "Python 3.11, 3.12, 3.13 or 3.14 is needed, and this runner has ${found:-none}: run actions/setup-python with python-version 3.14 before this step."

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder="${RUNNER_TEMP//\\//}/oss-health"
mkdir -p "$folder"
cd "$folder" # not the caller's checkout, whose uv.toml or pyproject.toml would be obeyed
[ "$RUNNER_OS" = Windows ] && bin=environment/Scripts exe=.exe || bin=environment/bin exe=
python="$folder/$bin/python$exe"
uv="$folder/$bin/uv$exe"

# Why it failed, by what pip or uv said. pip follows a broken connection by "no matching distribution".
explain() {
    cat said.txt >&2
    case $(tr '[:upper:]' '[:lower:]' <said.txt) in
        *certificate* | *unknownissuer*) give_up "The package index shows a certificate that this runner does not know: add its authority to the system's store, or name a file with it in SSL_CERT_FILE." ;;
        *"hash mismatch"* | *"do not match"*) give_up "A package is not the one whose hash is pinned, and was not installed: the package index, or a mirror in between, serves something else. The log names it." ;;
        *"connection broken"* | *"failed to fetch"*) give_up "The package index could not be reached, and the log says why: the runner must reach PyPI, or a mirror that pip's and uv's files on this machine name." ;;
        *) give_up "The package index does not have the pinned packages for Python $version on this runner ($(ask "$python" 'sysconfig.get_platform()')). docs/platforms.md lists where they exist, and the log names what is missing." ;;
    esac
}

"$base" -I -m venv --clear environment ||
    give_up "This Python cannot make virtual environments: install python3-venv, or run actions/setup-python before this step."
# uv alone first, from the same hashed list, because it installs the rest in a few seconds. Where pip does not use the
# system's certificates by itself, it is told to.
sed -n '/^uv==/,/[^\\]$/p' "$here/requirements-action.txt" >uv.txt
pip() {
    "$python" -I -m pip install --quiet --disable-pip-version-check --no-input --no-cache-dir --no-deps \
        --only-binary :all: --require-hashes --requirement uv.txt "$@"
}
authorities=()
[ -z "${SSL_CERT_FILE:-}" ] || authorities=(--cert "$SSL_CERT_FILE")
pip ${authorities[@]+"${authorities[@]}"} 2>said.txt || pip --use-feature=truststore 2>>said.txt || explain

sync() {
    "$uv" pip sync --quiet --python "$python" --no-cache --only-binary :all: --require-hashes "$@" \
        "$here/requirements${SITE:+-site}.txt" "$here/requirements-action.txt"
}
# The system's certificates first, which are those that the network is known to; some containers have none.
export UV_PYTHON_DOWNLOADS=never
sync --system-certs 2>said.txt || sync 2>>said.txt || explain

"$uv" pip install --quiet --python "$python" --no-cache --no-index --no-deps --no-build-isolation "$here"
"$python" -I "$here/action/check_program.py" "$here" ||
    give_up "What was installed is not the program of this Action: report it, please."
echo "program=$folder/$bin/oss-health$exe" >>"$GITHUB_OUTPUT"
