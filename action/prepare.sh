#!/usr/bin/env bash
# Finds a Python, and says where the environment goes and under which key its packages are cached.
set -euo pipefail
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV

# What an expression is to a Python. On Windows its lines end in a carriage return, which bash would keep.
ask() { "$1" -I -c "import platform, sys, sysconfig; print($2)" 2>/dev/null | tr -d '\r'; }

found=""
for name in python3 python; do
    # On Windows a stub of the shop may answer to either name, so only what runs counts.
    version=$(ask "$name" 'platform.python_version()') || continue
    found="${found:-$version}"
    if [ "$(ask "$name" 'sys.version_info >= (3, 11)')" = True ]; then
        python=$(ask "$name" sys.executable)
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "::error title=Open-Source Health Statistics::Python 3.11 or newer is needed, and this runner has ${found:-none}: run actions/setup-python before this step."
    exit 1
fi

digest() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c1-32; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
lists=("$here/requirements.txt")
[ -z "${SITE:-}" ] || lists=("$here/requirements-site.txt" "$here/scraper/site/package-lock.json")
pins=$(cat "${lists[@]}" "$here/requirements-action.txt" | digest)
# The C library is part of it: a package for Debian does not run on Alpine.
abi=$(ask "$name" 'sysconfig.get_config_var("SOABI")')

folder="${RUNNER_TEMP//\\//}/oss-health"
mkdir -p "$folder/packages"
{
    echo "python=$python"
    echo "folder=$folder"
    echo "packages=$folder/packages"
    echo "key=oss-health-$RUNNER_OS-${RUNNER_ARCH:-any}-$version-$abi-$pins"
} >>"$GITHUB_OUTPUT"
