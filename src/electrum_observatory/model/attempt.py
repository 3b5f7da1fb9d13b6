"""The outcome of putting one probe to one endpoint: looked and found, looked and failed, or did not look."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Self, TypeVar

from electrum_observatory.model.failure import Failure, FailureKind, Stage

ResultT = TypeVar("ResultT")


class AttemptStatus(StrEnum):
    """Nothing found, could not look and did not look are different facts."""

    COMPLETED = "completed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    NOT_SCHEDULED = "not_scheduled"


_COMPLETED, _FAILED = AttemptStatus.COMPLETED, AttemptStatus.FAILED  # Python 3.11 takes a while to find a member


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Generic[ResultT]):
    """The outcome of one probe at one endpoint.

    Attributes:
        status: Which of the four outcomes it is.
        result: What was found; set exactly when completed. A JSON-RPC error reply is a result.
        failure: What broke; set exactly when failed.
        reason: Why it was not applicable or not scheduled, in a few words; "" otherwise.
    """

    status: AttemptStatus
    result: ResultT | None = None
    failure: Failure | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        """Refuse an outcome that contradicts its status."""
        if (self.result is not None) != (self.status is _COMPLETED):
            raise ValueError(f"a {self.status} attempt with result {self.result!r}")
        if (self.failure is not None) != (self.status is _FAILED):
            raise ValueError(f"a {self.status} attempt with failure {self.failure!r}")

    @classmethod
    def completed(cls, result: ResultT) -> Self:
        """The probe was put and answered."""
        return cls(status=_COMPLETED, result=result)

    @classmethod
    def failed(cls, stage: Stage, kind: FailureKind, detail: str = "") -> Self:
        """The probe was put and something broke."""
        return cls(status=_FAILED, failure=Failure(stage=stage, kind=kind, detail=detail))

    @classmethod
    def not_applicable(cls, reason: str) -> Self:
        """The probe has no meaning here (a certificate on plain TCP)."""
        return cls(status=AttemptStatus.NOT_APPLICABLE, reason=reason)

    @classmethod
    def not_scheduled(cls, reason: str) -> Self:
        """The probe was not put, by choice or because something before it failed."""
        return cls(status=AttemptStatus.NOT_SCHEDULED, reason=reason)
