"""How the Action installs the program: which Python it uses, what it accepts, and what it says if it fails."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.action.loopback_index import BUILT_WITH, authority, listed, serving, wheel
from tests.helpers.machine import ROOT

OURS = ("Makefile", "README.md", "LICENSE", "metadata.json", "pyproject.toml", "action", "scraper")


@pytest.fixture
def choose(tmp_path):
    """Run install.sh where only these programs have the names of Pythons, and none of them works."""

    def choose(**pythons):
        programs = tmp_path / "programs"
        programs.mkdir()
        for name in ("bash", "cat", "dirname", "mkdir", "tr"):
            (programs / name).symlink_to(shutil.which(name))
        for name, script in pythons.items():
            (programs / name).write_text(f"#!/usr/bin/env bash\n{script}\n")
            (programs / name).chmod(0o755)
        variables = {"PATH": str(programs), "RUNNER_TEMP": str(tmp_path / "temp"), "RUNNER_OS": "Linux"}
        command = [programs / "bash", ROOT / "action" / "install.sh"]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)

    return choose


def python(version, *, will_do):
    """A Python that gives these answers about itself, and prints its name when asked to make an environment."""
    return f"""case "$*" in
        *python_version*) printf '{version}\\r\\n';;
        *sys.executable*) printf '%s\\r\\n' "$0";;
        *implementation*) echo {will_do};;
        *) echo "chosen: ${{0##*/}} $*"; exit 1;;
    esac"""


STUB = "exit 9009"
OLD, NEW, NEWER = (python(*given, will_do=will) for *given, will in (("3.10.13", 0), ("3.14.1", True), ("3.15.0", 0)))
NONE_WILL_DO = {
    "none": ({}, "none"),
    "a stub": ({"python3": STUB}, "none"),
    "an old one": ({"python3": OLD}, "3.10.13"),
    "one that is too new": ({"python3": NEWER, "python": OLD}, "3.15.0"),
}


@pytest.mark.parametrize("pythons, version", NONE_WILL_DO.values(), ids=NONE_WILL_DO)
def test_no_suitable_python_is_one_sentence(choose, pythons, version):
    done = choose(**pythons)
    assert done.returncode == 1
    assert done.stdout == (
        "::error title=Open-Source Health Statistics::Python 3.11, 3.12, 3.13 or 3.14 is needed, but this runner has"
        f" {version}: run actions/setup-python with python-version 3.14 before this step.\n"
    )


@pytest.mark.parametrize("name", ["python", "python3.14", "python3.11"])
@pytest.mark.parametrize("other", [STUB, OLD, NEWER])
def test_the_first_suitable_python_is_used(choose, name, other):
    done = choose(**{"python3": other, name: NEW})
    assert done.stdout.startswith(f"chosen: {name} -I -m venv --clear environment\n")
    assert "This Python cannot make virtual environments: install python3-venv" in done.stdout


def test_the_accepted_pythons_are_those_that_pyproject_names():
    described = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
    named = [name for name in (line.rpartition(" :: ")[2] for line in described) if name.startswith("3.")]
    script = (ROOT / "action" / "install.sh").read_text(encoding="utf-8")
    first, last = re.search(r"\(3, (\d+)\) <= sys.version_info\[:2\] <= \(3, (\d+)\)", script).groups()
    assert named == [f"3.{minor}" for minor in range(int(first), int(last) + 1)]
    assert re.search(r"Python ([\d., or]+) is needed", script)[1] == f"{', '.join(named[:-1])} or {named[-1]}"
    assert f"python-version {named[-1]} before" in script
    assert f"(3, {first}) <= sys.version_info[:2] <= (3, {last})" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"Python 3.{first} to 3.{last}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def index(tmp_path_factory):
    """A folder with wheels for an index, the lists that pin them, and the program as `uses:` brings it."""
    folder = tmp_path_factory.mktemp("index")
    lines = {name: wheel(folder, name)[1] for name in (*BUILT_WITH, "click", "editables")}
    package = folder / "package"
    package.mkdir()
    for name in OURS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, package / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, package / name)
    (package / "requirements-action.txt").write_text("".join(lines[name] for name in BUILT_WITH))
    (package / "requirements.txt").write_text(lines["click"])
    (package / "requirements-dev.txt").write_text("".join(lines.values()))
    root, certificate, key = authority(folder)
    return SimpleNamespace(folder=folder, package=package, root=root, certificate=certificate, key=key)


@pytest.fixture(scope="session")
def quick(tmp_path_factory):
    """A folder with a Python that copies an environment instead of making one, which takes a tenth of the time."""
    folder = tmp_path_factory.mktemp("quick")
    real = shutil.which("python3")
    subprocess.run([real, "-I", "-m", "venv", folder / "made"], check=True)
    (folder / "python3").write_text(f"""#!/usr/bin/env bash
case "$*" in
    *"print(sys.executable)"*) echo "$0";;
    *"-m venv "*) cp -a {folder}/made "${{@: -1}}";;
    *) exec {real} "$@";;
esac
""")
    (folder / "python3").chmod(0o755)
    return folder


@pytest.fixture
def install(index, tmp_path):
    """Run install.sh against the index, on a machine whose configuration files name it."""

    def install(change=lambda index: None, *, address=None, command=("bash", "action/install.sh"), **variables):
        folder = tmp_path / "index"
        shutil.copytree(index.folder, folder)
        copied = SimpleNamespace(folder=folder, package=folder / "package")
        change(copied)
        listed(folder)
        (tmp_path / ".config" / "uv").mkdir(parents=True)
        (tmp_path / ".config" / "pip").mkdir()
        with serving(folder, index.certificate, index.key) as served:
            (tmp_path / ".config" / "uv" / "uv.toml").write_text(f'index-url = "{address or served}"\n')
            (tmp_path / ".config" / "pip" / "pip.conf").write_text(
                f"[global]\nindex-url = {address or served}\nretries = 1\n"
            )
            environment = {
                "HOME": str(tmp_path),
                "PATH": os.environ["PATH"],
                "RUNNER_TEMP": str(tmp_path / "temp"),
                "RUNNER_OS": "Linux",
                "GITHUB_OUTPUT": str(tmp_path / "output"),
                "UV_INDEX_URL": "http://127.0.0.1:9",  # settings that a caller may have, and that must not matter
                "SSL_CERT_FILE": str(index.root),
                **variables,
            }
            return subprocess.run(
                command, cwd=copied.package, env=environment, capture_output=True, text=True, check=False, timeout=120
            )

    return install


def test_an_index_with_its_own_authority_is_used(install, tmp_path):
    done = install()
    assert done.returncode == 0, done.stdout + done.stderr
    program = tmp_path / "temp" / "oss-health" / "environment" / "bin" / "oss-health"
    assert (tmp_path / "output").read_text() == f"program={program}\n"
    assert program.exists()


MAKE = ("env", "--unset=UV_INDEX_URL", "make", ".venv/.synced")  # which respects it, unlike the Action


def test_make_trusts_the_same_authorities(install, quick, tmp_path):
    done = install(command=MAKE, PATH=f"{quick}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "index" / "package" / ".venv" / "bin" / "oss-health").exists()


def test_make_says_what_to_do_about_an_untrusted_authority(install, quick):
    done = install(command=MAKE, SSL_CERT_FILE="", PATH=f"{quick}:{os.environ['PATH']}")
    assert done.returncode == 2
    assert "add its authority to the system, or name its file in SSL_CERT_FILE." in done.stderr


@pytest.mark.parametrize(
    ("target", "source", "begins", "ends"),
    [
        (
            *("tests/contracts/node_modules/.synced", "tests/contracts/package.json"),
            "Installing the checks for workflows and the sandbox in tests/contracts/node_modules.",
            "The packages could not be installed, and npm says why. If a certificate is not trusted, ",
        ),
        (
            *(".venv/.parts", "scraper/site/package.json"),
            "Fetching npm packages for the site.",
            "npm could not fetch plotly.js-basic-dist-min@",
        ),
    ],
)
def test_make_says_what_it_fetches_from_npm_and_why_it_failed(tmp_path, target, source, begins, ends):
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error no network here' >&2\nexit 1\n")
    npm.chmod(0o755)
    programs = Path(sys.executable).parent
    command = ["make", "--assume-old=.venv/.synced", f"--what-if={source}", target, f"BIN={programs}"]
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "OSS_HEALTH_CACHE": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == f"{begins}\n"
    said = [line for line in done.stderr.splitlines() if not line.startswith("make: ")]
    assert "no network here" in done.stderr
    assert said[-1].startswith(ends)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("python", ["no-such-python", ""])
def test_make_says_which_python_it_needs(python):
    command = ["make", "--always-make", ".venv/.synced", f"PYTHON={python}", "BIN=/nowhere"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("Python 3.11, 3.12, 3.13 or 3.14 is needed: install one, or name it")


def spoil(name):
    def change(index):
        (path,) = index.folder.glob(f"{name}-*.whl")
        path.write_bytes(path.read_bytes() + b"\0")

    return change


def for_another_machine(name):
    def change(index):
        (path,) = index.folder.glob(f"{name}-*.whl")
        path.rename(index.folder / f"{path.name.partition('-py3')[0]}-cp39-cp39-win32.whl")

    return change


def other_than_pinned(index):
    """As if the installer had installed something else instead of the program."""
    check = index.package / "action" / "check_program.py"
    check.write_text(check.read_text().replace("here = ", "(Path(sys.argv[1]) / 'scraper/new.py').touch()\nhere = "))


NO_WHEEL = r"does not have the pinned packages for Python 3\.\d+\.\d+ on this runner \(linux-\w+\)"
ANOTHER = "A package does not match its pinned hash and was not installed"
REFUSED = {
    "an unknown certificate authority": (
        {"SSL_CERT_FILE": ""},
        "a certificate that this runner does not trust: add its",
    ),
    "a package that was changed": ({"change": spoil("click")}, ANOTHER),
    "an installer that was changed": ({"change": spoil("uv")}, ANOTHER),
    "no package for this machine": ({"change": for_another_machine("click")}, NO_WHEEL),
    "no installer for this machine": ({"change": for_another_machine("uv")}, NO_WHEEL),
    "nobody": ({"address": "https://localhost:9/simple"}, "could not be reached, and the log says why: the runner"),
    "another program": ({"change": other_than_pinned}, "What was installed is not this Action's program"),
}


@pytest.mark.parametrize("given, said", REFUSED.values(), ids=REFUSED)
def test_a_failed_installation_reports_the_true_cause(install, quick, given, said, tmp_path):
    done = install(**given, PATH=f"{quick}:{os.environ['PATH']}")
    assert done.returncode == 1, done.stdout + done.stderr
    (sentence,) = (line for line in done.stdout.splitlines() if line.startswith("::error"))
    assert re.search(said, sentence), done.stdout + done.stderr
    assert not (tmp_path / "output").exists()
