"""The failures that end a command: each is one sentence, with an exit code that scripts can act on."""


class OssHealthError(Exception):
    """Nothing could be done. The message is one sentence that names the input and the fix."""

    exit_code = 1


class ConfigurationError(OssHealthError):
    """An option, the list of organisations or the token is wrong."""

    exit_code = 2


class DeclarationError(ConfigurationError):
    """A field, collection or table is declared wrongly; the message names the file to edit."""


class DatasetError(OssHealthError):
    """A file of the dataset cannot be read or written; the message names the file and, where it can, the line."""


class ShallowClone(DatasetError):  # noqa: N818
    """The history of the dataset is needed, but the clone does not have it."""


class Unverifiable(OssHealthError):  # noqa: N818
    """It cannot be determined whether the database agrees with git."""

    exit_code = 2


class BadToken(ConfigurationError):  # noqa: N818
    """GitHub does not know this token."""


class GitError(OssHealthError):
    """Nothing could be committed or pushed; the message says what to do."""


class RecordError(ValueError):
    """A record does not match the field table."""


class RequestError(Exception):
    """GitHub did not do what was asked. The message says why, and is the same in every run.

    `said` is GitHub's own message, which is a stranger's text.
    """

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said


class NotFound(RequestError):  # noqa: N818
    """GitHub has no such account."""


class LoginReassigned(RequestError):  # noqa: N818
    """The login now belongs to another account."""


class AccessDenied(RequestError):  # noqa: N818
    """GitHub does not let this token see the account."""


class Blocked(AccessDenied):
    """GitHub blocks access to it; `kind` says why, such as dmca, or is None."""

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
    """GitHub understood the change, but refused to make it."""


class Unavailable(RequestError):  # noqa: N818
    """GitHub gave no valid answer, however often it was asked."""


class Miscounted(Unavailable):
    """GitHub lists fewer repositories than it counts."""

    def __init__(self, message: str, mismatch: dict[str, object]) -> None:
        super().__init__(message)
        self.mismatch = mismatch


class Unconfirmed(Miscounted):
    """GitHub's list and count agree that repositories are gone, but none of them could be looked up by id."""
