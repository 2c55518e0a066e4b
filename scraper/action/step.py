"""What a run brought: the dataset before and after it, and the difference."""

from dataclasses import dataclass, field

from scraper.action.commit_message import commit_message
from scraper.model.accounts import Dataset
from scraper.model.closures import Closure
from scraper.model.comparison import Comparison
from scraper.model.events import Event


@dataclass
class Step:
    """From one state of the dataset to the next, which is committed and reported. A lost race changes both."""

    before: Dataset
    after: Dataset
    events: list[Event] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    subject_prefix: str = ""

    def message(self) -> str:
        said = (
            "database rebuilt, data unchanged\n"
            if self.before == self.after
            else commit_message(Comparison(self.before, self.after, self.events), self.closures)
        )
        return f"{self.subject_prefix} {said}" if self.subject_prefix else said
