"""What stops a start, in words for the person at the terminal."""


class Trouble(Exception):
    """The stack cannot start or go on; the message says why and what to do. `code` is the exit code."""

    def __init__(self, message: str, *, code: int = 1) -> None:
        super().__init__(message)
        self.code = code
