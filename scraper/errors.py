"""The failures that end a command: each one sentence for its reader, with the exit code a script can act on."""


class OssHealthError(Exception):
    """Nothing could be done. The message is one sentence that names the input and the fix."""

    exit_code = 1


class ConfigurationError(OssHealthError):
    """An option, the list of organisations or the token is wrong."""

    exit_code = 2


class DeclarationError(ConfigurationError):
    """A field, a collection or a table of this program is declared wrongly; the message names the file to edit."""


class DatasetError(OssHealthError):
    """A file of the dataset cannot be read or written; the message names the file and, where it can, the line."""


class ShallowClone(DatasetError):  # noqa: N818
    """The history of the dataset is needed, and the clone does not have it."""


class Unverifiable(OssHealthError):  # noqa: N818
    """Whether the database agrees with git cannot be determined, which is neither yes nor no."""

    exit_code = 2


class BadToken(ConfigurationError):  # noqa: N818
    """GitHub does not know this token."""


class GitError(OssHealthError):
    """Nothing could be committed or pushed; the message says what helps."""


class RecordError(ValueError):
    """A record does not have the shape that the field table gives it."""


class RequestError(Exception):
    """GitHub did not do what was asked; the message says why, and stays the same from run to run.

    `said` is what GitHub itself said, which is a stranger's text.
    """

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said


class NotFound(RequestError):  # noqa: N818
    """GitHub has no such account."""


class LoginReassigned(RequestError):  # noqa: N818
    """The login belongs to another account now."""


class AccessDenied(RequestError):  # noqa: N818
    """GitHub does not let this token see the account."""


class Blocked(AccessDenied):
    """GitHub took it off the public web; `kind` says why, such as dmca, or is None."""

    def __init__(self, message: str, kind: str | None) -> None:
        super().__init__(message)
        self.kind = kind


class Ended(NotFound):
    """GitHub knows the account neither by its login, which may be claimed by another, nor by its id."""

    def __init__(self, message: str, *, claimed: bool) -> None:
        super().__init__(message)
        self.claimed = claimed


class RateLimited(RequestError):  # noqa: N818
    """GitHub's limits are used up for longer than the run may wait."""


class Unprocessable(RequestError):  # noqa: N818
    """GitHub understood what it was to change, and does not do it."""


class Unavailable(RequestError):  # noqa: N818
    """No valid answer, however often GitHub was asked."""


class Miscounted(Unavailable):
    """GitHub lists fewer repositories than it counts."""

    def __init__(self, message: str, mismatch: dict[str, object]) -> None:
        super().__init__(message)
        self.mismatch = mismatch


class Unconfirmed(Miscounted):
    """GitHub's list and count agree that repositories are gone, and none of them could be looked up by its id."""
