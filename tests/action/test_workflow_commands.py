"""Workflow commands: text from elsewhere can neither be a command nor end an output."""

import logging
import re

import pytest

from scraper.action.workflow_commands import LARGEST_SUMMARY, Workflow, logged_to_step

HOSTILE = "a\n::set-output name=x::y\n##[error]x\r::stop-commands::z"


@pytest.fixture
def workflow(tmp_path):
    return Workflow({"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")})


def test_a_line_of_the_log_is_no_command(workflow, capsys):
    workflow.say(HOSTILE)
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "::" not in said
    assert "##[" not in said


def test_what_modules_log_is_annotations_lines_and_details(capsys):
    module = logging.getLogger("scraper.history.replay")
    with logged_to_step("Title: x", details=True):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
            module.log(level, HOSTILE)
        logging.getLogger("urllib3").error("nothing of ours")
    module.error("too late")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert [line.partition("a")[0] for line in lines] == [
        "::debug::", "", "::w", "::error title=Title%3A x::",
    ]  # fmt: skip
    assert lines[2].startswith("::warning title=Title%3A x::a%0A::set-output")
    assert not re.search("::|##\\[", lines[1])


def test_annotations_are_escaped(workflow, capsys):
    workflow.warning(HOSTILE + " 100%", "a, b: c\n::error::")
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert said.startswith("::warning title=a%2C b%3A c%0A%3A%3Aerror%3A%3A::a%0A::set-output")
    assert said.endswith(" 100%25\n")
    workflow.error("no title")
    assert capsys.readouterr().out == "::error::no title\n"


def test_a_fold_is_closed_whatever_happens(workflow, capsys):
    with pytest.raises(ZeroDivisionError), workflow.group("Inside"):
        workflow.say(str(1 // 0))
    assert capsys.readouterr().out == "::group::Inside\n::endgroup::\n"


def test_an_output_ends_where_nobody_can_guess(workflow, tmp_path):
    workflow.set_outputs({"name": HOSTILE})
    workflow.set_outputs({"name": HOSTILE})
    ends = re.findall("^name<<(end-[0-9a-f]{32})$", (tmp_path / "output").read_text(), re.MULTILINE)
    assert len(set(ends)) == 2


def test_a_summary_fits(workflow, tmp_path):
    workflow.summarise("é" * 40 + "\n")
    workflow.summarise(("é" * 40 + "\n") * 100_000)
    written = (tmp_path / "summary").read_bytes()
    assert len(written) <= LARGEST_SUMMARY
    assert "shortened" in written.decode()


def test_outside_actions_it_only_prints(capsys):
    nowhere = Workflow({})
    nowhere.set_outputs({"a": "b"})
    nowhere.summarise("c")
    assert capsys.readouterr().out == ""
