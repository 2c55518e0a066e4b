"""The Action's other task: verify a committed database, for a pull request that touches the dataset."""

from scraper.action.inputs import Settings
from scraper.action.report import TITLE, escaped
from scraper.action.workflow_commands import Workflow

MEND = "Leave the database out of the pull request, or rebuild it with `oss-health build --from-git` and commit that."


def verify(settings: Settings, workflow: Workflow) -> int:
    """Compare the database with git; the exit code. Raises Unverifiable if that cannot be determined."""
    from scraper.database import verify as verifier  # loads the modules that build a database, which takes a second

    with workflow.group("Rebuilding the database from git"):
        threshold = settings.closure_threshold()
        differences = verifier.verify(settings.data, settings.database, lambda done, total: None, threshold)
    if not differences:
        said = f"{settings.database.name} agrees with git{verifier.remark(threshold)}."
        workflow.say(said)
        workflow.summarise(f"## {TITLE}\n\n{escaped(said, 1000)}\n")
        return 0
    for line in differences:
        workflow.say(line)
    workflow.error(f"{settings.database.name} does not agree with git: the log shows what differs. {MEND}", TITLE)
    lines = "".join(f"- {escaped(line, 1000)}\n" for line in differences)
    workflow.summarise(f"## {TITLE}\n\nThe database does not agree with git:\n\n{lines}\n{MEND}\n")
    return 1
