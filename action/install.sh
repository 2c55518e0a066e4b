#!/usr/bin/env bash
# Finds a Python, and uses it to install the program into a separate environment, with packages pinned by hash. Nothing
# is taken from a cache, because uv and pip check the hashes only of what they download.
set -euo pipefail
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX ${!UV_*} ${!PIP_*}

give_up() {
    echo "::error title=Open-Source Health Statistics::$1"
    exit 1
}

# Evaluate an expression in a Python. On Windows, its lines end in a carriage return, which bash would keep.
ask() { "$1" -I -c "import platform, sys, sysconfig; print($2)" 2>/dev/null | tr -d '\r'; }

# The packages are pinned as wheels for these. For a newer Python, or one without the global lock, some do not exist.
pinned='sys.implementation.name == "cpython" and (3, 11) <= sys.version_info[:2] <= (3, 14)
    and not sysconfig.get_config_var("Py_GIL_DISABLED")'
found=""
for name in python3 python python3.14 python3.13 python3.12 python3.11; do
    # On Windows the name may belong to a stub of the Store, so only a Python that runs counts.
    version=$(ask "$name" 'platform.python_version()') || continue
    found="${found:-$version}"
    if [ "$(ask "$name" "${pinned//$'\n'/}")" = True ]; then
        base=$(ask "$name" sys.executable)
        break
    fi
done
[ -n "${base:-}" ] ||
    give_up "Python 3.11, 3.12, 3.13 or 3.14 is needed, but this runner has ${found:-none}: run actions/setup-python with python-version 3.14 before this step."

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder="${RUNNER_TEMP//\\//}/oss-health"
mkdir -p "$folder"
cd "$folder" # not the caller's checkout, whose uv.toml or pyproject.toml would be obeyed
[ "$RUNNER_OS" = Windows ] && bin=environment/Scripts exe=.exe || bin=environment/bin exe=
python="$folder/$bin/python$exe"
uv="$folder/$bin/uv$exe"

# Explain a failure by what pip or uv said. After a broken connection, pip also says "no matching distribution".
explain() {
    cat said.txt >&2
    case $(tr '[:upper:]' '[:lower:]' <said.txt) in
        *certificate* | *unknownissuer*) give_up "The package index has a certificate that this runner does not trust: add its authority to the system's store, or name a file with it in SSL_CERT_FILE." ;;
        *"hash mismatch"* | *"do not match"*) give_up "A package does not match its pinned hash and was not installed: the package index, or a mirror in between, serves something else. The log names the package." ;;
        *"connection broken"* | *"failed to fetch"*) give_up "The package index could not be reached, and the log says why: the runner needs access to PyPI, or to a mirror configured in pip's and uv's files on this machine." ;;
        *) give_up "The package index does not have the pinned packages for Python $version on this runner ($(ask "$python" 'sysconfig.get_platform()')). docs/platforms.md lists the platforms that have them, and the log names what is missing." ;;
    esac
}

"$base" -I -m venv --clear environment ||
    give_up "This Python cannot make virtual environments: install python3-venv, or run actions/setup-python before this step."
# Install uv alone first, from the same hashed list, because it installs the rest in a few seconds. If pip does not use
# the system's certificates by itself, try again with an option for that.
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
# Try the system's certificates first, because some networks need them; some containers have none.
export UV_PYTHON_DOWNLOADS=never
sync --system-certs 2>said.txt || sync 2>>said.txt || explain

"$uv" pip install --quiet --python "$python" --no-cache --no-index --no-deps --no-build-isolation "$here"
"$python" -I "$here/action/check_program.py" "$here" ||
    give_up "What was installed is not this Action's program. Please report this."
echo "program=$folder/$bin/oss-health$exe" >>"$GITHUB_OUTPUT"
