"""The errors that cross module borders. Faces turn them into pages, problem+json or exit codes."""


class DomainError(Exception):
    """The request is understood and refused; the message says what to do instead."""

    code = "refused"


class NotAllowed(DomainError):
    """The user may not do this."""

    code = "not-allowed"


class Conflict(DomainError):
    """The thing is not in a state in which this can be done."""

    code = "conflict"


class Invalid(DomainError):
    """The input is wrong; `where` names the field or the line."""

    code = "invalid"

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(message)
        self.where = where


class TransientError(Exception):
    """Likely to succeed when tried again later."""


class PermanentError(Exception):
    """Trying again will not help; somebody has to change something."""
