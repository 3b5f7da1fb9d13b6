"""The root of the error families that reach a person."""

from electrum_observatory.model.failure import Failure, FailureKind, Stage


class ObservatoryError(Exception):
    """Anything that went wrong in a way we can name."""


class VisitError(ObservatoryError):
    """A visit to a server broke off. The engine turns it into an Attempt; nobody else catches it.

    Attributes:
        failure: Stage, kind and detail.
    """

    def __init__(self, stage: Stage, kind: FailureKind, detail: str = "") -> None:
        """Take the parts of the failure."""
        self.failure = Failure(stage=stage, kind=kind, detail=detail)
        super().__init__(f"{stage}/{kind}{': ' if detail else ''}{detail}")


class UsageError(ObservatoryError):
    """The command or its configuration asks for something impossible (exit code 2)."""


class InputError(ObservatoryError):
    """A file we were given cannot be read (exit code 3). The message names the file and, where it can, the line."""


class StoreError(ObservatoryError):
    """The data folder is locked, unwritable or full (exit code 5)."""
