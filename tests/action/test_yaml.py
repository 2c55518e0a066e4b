"""The YAML that GitHub reads: it declares what it uses, strangers' text reaches no shell, and the docs agree."""

import re
import shutil
import subprocess

import pytest
import yaml

from scraper.action.report import NOTHING_DONE
from tests.helpers.machine import ROOT, missing

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yml")), *sorted((ROOT / "examples").glob("*.yml"))]
ALL = [ROOT / "action.yml", *WORKFLOWS]


def names(path):
    return path.relative_to(ROOT).as_posix()


def steps_of(path):
    """The lists of steps in a file: of the action, or of each job."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "runs" in document:
        return [(document, document["runs"]["steps"])]
    return [(job, job.get("steps", [])) for job in document["jobs"].values()]


def called(path):
    """How other workflows can call this one; in YAML 1.1, `on` is true."""
    triggers = yaml.safe_load(path.read_text(encoding="utf-8"))[True]
    return triggers.get("workflow_call", {}) if isinstance(triggers, dict) else {}


def test_the_publishing_workflow_has_the_actions_inputs():
    publishing = called(ROOT / ".github/workflows/publish.yml")["inputs"]
    scrape, commit, _ = (steps for _, steps in steps_of(ROOT / ".github/workflows/publish.yml"))
    scraping, committing = (
        next(step["with"] for step in steps if step.get("id") == "dataset") for steps in (scrape, commit)
    )
    token = {"token": "${{ secrets.token || github.token }}"}
    passed = {name: f"${{{{ inputs.{name} }}}}" for name in publishing}
    assert committing == passed | token | {"scraped-directory": ".open-source-health-dataset"}
    for name in ("commit-database", "commit-by", "fail-on"):
        del passed[name]
    assert scraping == passed | token | {"site-directory": ".open-source-health-site", "commit": "false"}
    for name, declared in publishing.items():
        default = declared["default"]
        assert ACTION["inputs"][name]["default"] == (str(default).lower() if type(default) is bool else default)


@pytest.mark.parametrize("path", ALL, ids=names)
def test_every_step_and_input_that_is_used_is_declared(path):
    text = path.read_text(encoding="utf-8")
    declared = set(ACTION["inputs"]) if path.name == "action.yml" else set(called(path).get("inputs", {}))
    assert set(re.findall(r"\binputs\.([\w-]+)", text)) <= declared
    for holder, steps in steps_of(path):
        earlier = set()
        for step in steps:
            used = re.findall(r"\bsteps\.([\w-]+)\.(?:outputs|outcome|conclusion)", str(step))
            assert set(used) <= earlier, f"{path}: {step.get('name')}"
            earlier |= {step["id"]} if "id" in step else set()
        rest = {key: value for key, value in holder.items() if key not in ("steps", "runs")}
        assert set(re.findall(r"\bsteps\.([\w-]+)", str(rest))) <= earlier


def outputs_of(step):
    """The outputs that our own steps set, from what sets them."""
    script = re.search(r"action/(\w+)\.sh", step["run"])
    if script:
        return set(re.findall(r'echo "(\w+)=', (ROOT / "action" / f"{script[1]}.sh").read_text(encoding="utf-8")))
    return set(NOTHING_DONE)


def test_every_output_that_is_used_is_set():
    by_step = {step["id"]: outputs_of(step) for step in ACTION["runs"]["steps"] if "id" in step}
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    used = re.findall(r"\bsteps\.([\w-]+)\.outputs\.([\w-]+)", text)
    assert all(output in by_step[step] for step, output in used)
    assert by_step["run"] == set(ACTION["outputs"])
    assert all(
        output["value"] == f"${{{{ steps.run.outputs.{name} }}}}" for name, output in ACTION["outputs"].items()
    )


def test_every_input_is_passed_on_and_read():
    passed = ACTION["runs"]["steps"][-1]["env"]
    expected = {f"INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
    assert {name: value for name, value in passed.items() if name.startswith("INPUT_")} == expected
    source = (ROOT / "scraper/action/inputs.py").read_text(encoding="utf-8")
    assert set(re.findall(r'(?:text|flag|choice)\("([\w-]+)"', source)) == set(ACTION["inputs"])


@pytest.mark.parametrize("path", ALL, ids=names)
def test_no_expression_reaches_a_shell_and_every_action_is_pinned(path):
    for _, steps in steps_of(path):
        for step in steps:
            assert "${{" not in step.get("run", "")
            uses = step.get("uses", "./")
            ours = uses.startswith(("./", "OWNER/"))
            assert ours or re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40}", uses)
            if uses.startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
    assert "github.action_path" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WORKFLOWS, ids=names)
def test_permissions_are_granted_to_jobs_and_schedules_avoid_the_full_hour(path):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert document["permissions"] == {}
    assert all("permissions" in job for job in document["jobs"].values())
    # A job that calls another workflow cannot have its own time limit.
    assert all("timeout-minutes" in job or "uses" in job for job in document["jobs"].values())
    assert document["concurrency"]["group"]
    for schedule in (document[True] or {}).get("schedule", []):  # in YAML 1.1, `on` is true
        assert schedule["cron"].split()[0] not in ("0", "*")


def table(page, heading):
    """The rows of the table under a heading."""
    text = (ROOT / page).read_text(encoding="utf-8").partition(f"{heading} |")[2]
    lines = text.partition("\n\n")[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def test_the_readme_has_every_input_and_output():
    def default(text):
        return f"`{text}`" if text else ""

    assert table("README.md", "| input | meaning | default") == [
        (f"`{name}`", declared["description"], default(declared["default"]))
        for name, declared in ACTION["inputs"].items()
    ]
    assert table("README.md", "| output | meaning") == [
        (f"`{name}`", declared["description"]) for name, declared in ACTION["outputs"].items()
    ]


@pytest.mark.parametrize(
    "page, name",
    [
        ("docs/action.md", "dataset.yml"),
        ("docs/action.md", "two-jobs.yml"),
        ("docs/action.md", "verify.yml"),
        ("docs/publishing.md", "publish.yml"),
    ],
)
def test_the_pages_show_the_examples(page, name):
    example = (ROOT / "examples" / name).read_text(encoding="utf-8")
    assert example.partition("\n\n")[2] in (ROOT / page).read_text(encoding="utf-8")


FAULTS = {
    "an unknown input": (
        "uses: OWNER/open-source-health-statistics@v1\n        with: { organisation: nhsx }",
        "8:17: Invalid action input 'organisation'",
    ),
    "the same from the checkout": ("uses: ./\n        with: { tokn: a }", "8:17: Invalid action input 'tokn'"),
    "an unknown step": ('run: true "${{ steps.that.outputs.x }}"', "7:20: Context access might be invalid: that"),
    "an unknown function": ('run: "true"\n        if: succes()', "8:13: Unrecognized function: 'succes'"),
    "none": ("uses: ./\n        with: { organisations: nhsx }", ""),
}


@pytest.mark.slow
def test_the_language_service_finds_faults_in_a_workflow_and_none_in_the_readme_s(tmp_path):
    if not (ROOT / "tests/contracts/node_modules/@actions/languageservice").exists() or not shutil.which("node"):
        missing("GitHub's language service for Actions is not installed: `make test` installs it with npm")
    [short] = re.findall("```yaml\n(name: .*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "readme.yml").write_text(short)
    for name, (step, _) in FAULTS.items():
        text = f"on: push\npermissions: {{}}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - {step}\n"
        (tmp_path / f"{name}.yml").write_text(text)

    def judged(*names):
        command = ["node", ROOT / "tests/contracts/workflows.mjs", *(f"{name}.yml" for name in names)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines(), done.stderr

    assert judged("none", "readme") == (0, [], "")
    expected = [f"{name}.yml:{said}" for name, (_, said) in FAULTS.items() if said]
    assert judged(*FAULTS, "readme") == (1, expected, "")
